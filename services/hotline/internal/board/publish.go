package board

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/eventpb"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
	"github.com/throughtrain/throughtrain/services/kit/tally"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// What a publication refuses.
var (
	ErrMonthInvalid = fault.New(fault.Invalid, hotlinev1.ErrorReason_MONTH_INVALID.String(),
		"月份不正确，须为 YYYY-MM。", "This is not a month. Write it as YYYY-MM.").
		Field("month", "MONTH_INVALID", "不是有效月份。", "Not a month.")
	ErrPeriodNotOver = fault.New(fault.Precondition, hotlinev1.ErrorReason_PERIOD_NOT_OVER.String(),
		"该月尚未结束，结束后才能发布。", "The month is not over. It can be published afterwards.")
	ErrPeriodNotSettled = fault.New(fault.Precondition, hotlinev1.ErrorReason_PERIOD_NOT_SETTLED.String(),
		"该月还有到期事项或最新变化未计入，请稍后再发布。", "A deadline of the month still waits to be acted upon, or its newest events to be counted. Try again in a moment.")
	ErrPeriodPublished = fault.New(fault.Exists, hotlinev1.ErrorReason_PERIOD_PUBLISHED.String(),
		"该月已发布，已发布的数字不再改变；如有错误，请写明原因作更正发布。",
		"The month was published, and its numbers stay. If something was wrong, publish a correction and say why.")
	ErrPeriodNotFound = fault.New(fault.NotFound, hotlinev1.ErrorReason_PERIOD_NOT_FOUND.String(),
		"该月尚未发布，或没有这一版。", "The month was not published, or not in this revision.")
)

var errRequestReused = fault.New(fault.Exists, hotlinev1.ErrorReason_REQUEST_ID_REUSED.String(),
	"该请求编号已用于另一项内容不同的请求，请换一个编号。",
	"This request id was used for another request. Use a new one.")

const (
	firstYear = 2000 // nothing was counted before
	// afterwards is how long after a month's end what was decided within it may still be on its way to the disk.
	afterwards = time.Minute
	// settling is how long a publication waits for the fold to have counted everything.
	settling = 10 * time.Second
)

// Month is a civil month as YYYYMM.
type Month int

// MonthOf reads YYYY-MM.
func MonthOf(text string) (Month, error) {
	t, err := time.ParseInLocation("2006-01", text, worktime.Zone)
	if err != nil || t.Year() < firstYear {
		return 0, ErrMonthInvalid
	}
	return Month(t.Year()*100 + int(t.Month())), nil
}

// String writes YYYY-MM.
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", int(m)/100, int(m)%100) }

// Period is the days of the month.
func (m Month) Period() Period {
	first := m.start()
	return Period{From: tally.DayOf(first), To: tally.DayOf(first.AddDate(0, 1, -1))}
}

func (m Month) start() time.Time { return tally.StartOf(int(m)*100 + 1) }

// End is the first instant after the month.
func (m Month) End() time.Time { return m.start().AddDate(0, 1, 0) }

// Published says what was published, when, by whom and why anew.
type Published struct {
	Month      Month
	Revision   int
	Time       time.Time
	Publisher  string // id
	Correction string
	Cells      int64
	Digest     []byte
	hash       journal.Hash
}

// Publication is what is to be published.
type Publication struct {
	City       string
	Month      Month
	Correction string // why; empty for the first time
	Publisher  string // id
	Request    *change.Request
}

// Publish freezes the numbers of a month that is over: its cells, added up over its days, are copied beside the board, where nothing that happens
// later, and no rebuild, reaches them. The history of the month names their digest.
func (b *Board) Publish(ctx context.Context, p Publication, now func() time.Time) (Published, error) {
	if now().Before(p.Month.End().Add(afterwards)) {
		return Published{}, ErrPeriodNotOver
	}
	if err := b.settled(ctx, p.Month); err != nil {
		return Published{}, err
	}
	var out Published
	err := b.store.Decide(ctx, func(ctx context.Context) (*change.Change, error) {
		decided := change.Begin()
		var frozen map[Cell]int64
		err := b.store.DB().Snapshot(ctx, func(db sqldb.Reader) error {
			var err error
			if out, err = next(ctx, db, p); err != nil {
				return err
			}
			generation, err := tally.Generation(ctx, db, p.City)
			if err != nil {
				return err
			}
			frozen, err = freeze(ctx, db, p.City, generation, p.Month)
			return err
		})
		if err != nil {
			return nil, err
		}
		out.Time = later(now(), out.Time)
		c, err := out.write(p, frozen)
		if c != nil {
			c.Decided = decided
		}
		return c, err
	})
	return out, err
}

// settled makes sure that what belongs to a month is in the cells: first what its deadlines bring about, then what the feed tells of it.
func (b *Board) settled(ctx context.Context, m Month) error {
	due, err := b.store.DueStats(ctx)
	if err != nil {
		return err
	}
	if !due.Oldest.IsZero() && due.Oldest.Before(m.End()) {
		return ErrPeriodNotSettled
	}
	waiting, cancel := context.WithTimeout(ctx, settling)
	defer cancel()
	err = b.Idle(waiting)
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return ErrPeriodNotSettled
	}
	return err
}

// next is the revision that a publication would be. Its time and hash are those of the one before.
func next(ctx context.Context, db sqldb.Reader, p Publication) (Published, error) {
	last, err := published(ctx, db, p.City, p.Month, 0)
	switch {
	case errors.Is(err, ErrPeriodNotFound) && p.Correction == "":
		err = nil
	case err == nil && p.Correction == "":
		err = ErrPeriodPublished
	}
	last.Month, last.Revision, last.Publisher, last.Correction = p.Month, last.Revision+1, p.Publisher, p.Correction
	return last, err
}

// freeze adds a month's days up.
func freeze(ctx context.Context, db sqldb.Reader, city string, generation int64, m Month) (map[Cell]int64, error) {
	out := map[Cell]int64{}
	period := m.Period()
	err := tally.Cells(ctx, db, city, generation, happened, []any{period.From, period.To}, func(c Cell, n int64) {
		c.Day = 0
		if out[c] += n; out[c] == 0 {
			delete(out, c)
		}
	})
	return out, err
}

func later(a, b time.Time) time.Time {
	a = a.UTC().Truncate(time.Microsecond)
	if b.After(a) {
		return b
	}
	return a
}

// write makes the Change that publishes.
func (p *Published) write(in Publication, frozen map[Cell]int64) (*change.Change, error) {
	sorted := slices.SortedFunc(maps.Keys(frozen), tally.Compare)
	p.Cells, p.Digest = int64(len(sorted)), p.digest(in.City, sorted, frozen)
	envelope, err := eventpb.PeriodEnvelope(in.City, "persons/"+p.Publisher, p.Time,
		eventpb.Period{Month: p.Month.String(), Revision: p.Revision, Digest: p.Digest, Cells: p.Cells})
	if err != nil {
		return nil, err
	}
	sealed := journal.Seal(p.hash, envelope)
	p.hash = sealed.Hash
	c := &change.Change{Request: in.Request, Events: []change.Event{{Sealed: sealed, Month: int(p.Month)}}}
	c.Statements = append(c.Statements, change.Guard(putPeriod, in.City, int(p.Month), p.Revision, p.Time.UnixMicro(), p.Publisher, p.Correction, p.Cells,
		p.Digest, p.hash[:]))
	for some := range slices.Chunk(sorted, maxRows) {
		args := []any{in.City, int(p.Month), p.Revision}
		for _, c := range some {
			args = append(args, tally.Bit(c.Restricted), string(c.Measure), string(c.Dimension), c.Value, c.Bucket, frozen[c])
		}
		c.Statements = append(c.Statements, change.Exec(freezeTexts[len(some)], args...))
	}
	return c, nil
}

const putPeriod = `INSERT INTO board_periods (city, month, revision, publish_time, publisher, correction, cells, digest, hash)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (city, month, revision) DO NOTHING`

// maxRows is how many cells one statement copies.
const maxRows = 16

// freezeTexts are the statements that copy so many cells at once.
var freezeTexts = func() (texts [maxRows + 1]string) {
	const fixed, columns = 3, 6
	for n := 1; n <= maxRows; n++ {
		rows := make([]string, n)
		for row := range rows {
			at := fixed + 1 + row*columns
			rows[row] = fmt.Sprintf("($1, $2, $3, $%d, $%d, $%d, $%d, $%d, $%d)", at, at+1, at+2, at+3, at+4, at+5)
		}
		texts[n] = `INSERT INTO board_period_cells (city, month, revision, restricted, measure, dimension, value, bucket, n) VALUES ` + strings.Join(rows, ", ")
	}
	return texts
}()

// digest is over everything that was published. Each part is preceded by its length, so that no two publications read alike.
func (p *Published) digest(city string, sorted []Cell, frozen map[Cell]int64) []byte {
	h := sha256.New()
	var buffer []byte
	text := func(s string) { buffer = append(binary.AppendUvarint(buffer, uint64(len(s))), s...) }
	number := func(n int64) { buffer = binary.BigEndian.AppendUint64(buffer, uint64(n)) }
	text("tt.period.v1")
	text(city)
	text(p.Month.String())
	number(int64(p.Revision))
	text(p.Correction)
	for _, c := range sorted {
		text(string(c.Measure))
		text(string(c.Dimension))
		text(c.Value)
		number(int64(c.Bucket))
		number(int64(tally.Bit(c.Restricted)))
		number(frozen[c])
		h.Write(buffer)
		buffer = buffer[:0]
	}
	h.Write(buffer)
	return h.Sum(nil)
}
