package board

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/eventpb"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
	"github.com/throughtrain/throughtrain/services/kit/tally"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

const selectPeriod = `SELECT month, revision, publish_time, publisher, correction, cells, digest, hash FROM board_periods WHERE city = $1`

func scanPeriod(row sqldb.Row) (Published, error) {
	var p Published
	var month int
	var at int64
	var hash []byte
	if err := row.Scan(&month, &p.Revision, &at, &p.Publisher, &p.Correction, &p.Cells, &p.Digest, &hash); err != nil {
		return p, err
	}
	p.Month, p.Time = Month(month), time.UnixMicro(at).UTC()
	if copy(p.hash[:], hash) != len(p.hash) {
		return p, fmt.Errorf("board: the hash of published %s has %d bytes", p.Month, len(hash))
	}
	return p, nil
}

// published is one revision of a month; the newest for 0.
func published(ctx context.Context, db sqldb.Reader, city string, m Month, revision int) (Published, error) {
	p, err := scanPeriod(db.QueryRow(ctx, selectPeriod+` AND month = $2 AND (revision = $3 OR $3 = 0) ORDER BY revision DESC LIMIT 1`, city, int(m), revision))
	if errors.Is(err, sqldb.ErrNoRows) {
		return Published{}, ErrPeriodNotFound
	}
	return p, err
}

// Request returns what a publication led to when it was made before, or REQUEST_ID_REUSED when that request was another.
func (b *Board) Request(ctx context.Context, asked *change.Request) (resource string, found bool, err error) {
	r, found, err := b.store.Request(ctx, asked.City, asked.Person, asked.Method, asked.ID)
	if err != nil || !found {
		return "", false, err
	}
	if !bytes.Equal(r.BodyHash, asked.BodyHash) {
		return "", false, errRequestReused
	}
	return r.Resource, true, nil
}

// PeriodKey is a place in the list of what was published.
type PeriodKey struct {
	Month    Month
	Revision int
}

// Periods lists what was published, newest month first and within it newest revision first, from behind a place on; nil for the beginning.
func (b *Board) Periods(ctx context.Context, city string, after *PeriodKey, limit int) ([]Published, error) {
	text, args := selectPeriod, []any{city}
	if after != nil {
		text += ` AND (month, revision) < ($2, $3)`
		args = append(args, int(after.Month), after.Revision)
	}
	text += fmt.Sprintf(` ORDER BY month DESC, revision DESC LIMIT %d`, limit)
	return sqldb.Collect(scanPeriod)(b.store.DB().Query(ctx, text, args...))
}

// PeriodView is a month as it was published, as a viewer sees it, and what has changed since.
type PeriodView struct {
	Published
	Board View
	Later []Later
}

// Later is a number that is no longer what was published.
type Later struct {
	Section, Key, Number string
	Published            int64
	Count                       // now, and the list of that
	Changed              string // lists what of it changed since the publication
}

// Period returns a published month; the newest revision for 0. It sums the cells that were frozen as Read sums those of today, so everybody sees
// their own part of it.
func (b *Board) Period(ctx context.Context, city *policy.City, viewer Viewer, m Month, revision int, now time.Time) (PeriodView, error) {
	var out PeriodView
	then, today := newReading(city, viewer, m.Period(), now), newReading(city, viewer, m.Period(), now)
	err := b.store.DB().Snapshot(ctx, func(db sqldb.Reader) error {
		var err error
		if out.Published, err = published(ctx, db, city.Code(), m, revision); err != nil {
			return err
		}
		about, err := then.concerned(ctx, db)
		if err != nil {
			return err
		}
		if about {
			then.viewer.Restricted, today.viewer.Restricted = false, false
		}
		if err = frozenCells(ctx, db, city.Code(), out.Published, then.add); err != nil {
			return err
		}
		generation, err := tally.Generation(ctx, db, city.Code())
		if err != nil {
			return err
		}
		if err := b.leaveOut(ctx, db, today, generation); err != nil {
			return err
		}
		return today.loadHappened(ctx, db, generation)
	})
	if err != nil {
		return out, err
	}
	out.Board = then.view()
	out.Board.AsOf, out.Board.OverdueAsOf = out.Time, time.Time{}
	out.Later = then.later(out.Board, today.view(), out.Time)
	return out, nil
}

// frozenCells reads what a published month is made of.
func frozenCells(ctx context.Context, db sqldb.Reader, city string, p Published, each func(Cell, int64)) error {
	rows, err := db.Query(ctx, `SELECT restricted, measure, dimension, value, bucket, n FROM board_period_cells
		WHERE city = $1 AND month = $2 AND revision = $3`, city, int(p.Month), p.Revision)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var c Cell
		var restricted int
		var measure, dimension string
		var n int64
		if err := rows.Scan(&restricted, &measure, &dimension, &c.Value, &c.Bucket, &n); err != nil {
			return err
		}
		c.Restricted, c.Measure, c.Dimension = restricted != 0, Measure(measure), Dimension(dimension)
		each(c, n)
	}
	return rows.Err()
}

// concerned tells whether any ticket of the city is about the viewer. Of what was published nobody can tell any more what such a ticket added to it, so
// that they see all of it without what is restricted.
func (r *reading) concerned(ctx context.Context, db sqldb.Reader) (bool, error) {
	if !r.viewer.Restricted || len(r.viewer.KeptOut) == 0 {
		return false, nil
	}
	subjects, args := r.keptOut([]any{r.city.Code()})
	var one int
	err := db.QueryRow(ctx, `SELECT 1 FROM ticket_conflicts WHERE city = $1 AND subject IN (`+subjects+`) LIMIT 1`, args...).Scan(&one)
	if errors.Is(err, sqldb.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// later compares what was published with what counts today, number by number.
func (r *reading) later(then, now View, since time.Time) []Later {
	changed := ` AND update_time > "` + since.In(worktime.Zone).Format(time.RFC3339Nano) + `"`
	var out []Later
	before := then.Sections()
	for i, section := range now.Sections() {
		for _, pair := range paired(before[i].Groups, section.Groups) {
			old := pair.then.past()
			for j, n := range pair.now.past() {
				if old[j].N == n.N {
					continue
				}
				l := Later{Section: section.Name, Key: pair.now.Key, Number: n.Name, Published: old[j].N, Count: n.Count}
				if l.Filter != "" && l.List == Tickets {
					l.Changed = l.Filter + changed
				}
				out = append(out, l)
			}
		}
	}
	return out
}

type pair struct{ then, now Group }

// paired brings groups of two boards together. One that only one of them has is nothing in the other.
func paired(then, now []Group) []pair {
	known := make(map[string]Group, len(then))
	for _, g := range then {
		known[g.Key] = g
	}
	var out []pair
	for _, g := range now {
		old, ok := known[g.Key]
		if !ok {
			old = g.empty()
		}
		out = append(out, pair{old, g})
		delete(known, g.Key)
	}
	for _, g := range then {
		if _, gone := known[g.Key]; gone {
			out = append(out, pair{g, g.empty()})
		}
	}
	return out
}

// comparePeriods recomputes the digest of everything that was published, and holds it against its row and its history.
func (b *Board) comparePeriods(ctx context.Context, city string, out *tally.Checked) error {
	db := b.store.DB()
	all, err := sqldb.Collect(scanPeriod)(db.Query(ctx, selectPeriod+` ORDER BY month, revision`, city))
	if err != nil {
		return err
	}
	for _, p := range all { // nothing of it ever changes, so it need not be read in one state
		frozen := map[Cell]int64{}
		if err := frozenCells(ctx, db, city, p, func(c Cell, n int64) { frozen[c] = n }); err != nil {
			return err
		}
		out.Cells += int64(len(frozen))
		digest := p.digest(city, slices.SortedFunc(maps.Keys(frozen), tally.Compare), frozen)
		told, err := b.told(ctx, city, p)
		switch {
		case err != nil:
			return err
		case !bytes.Equal(digest, p.Digest):
			out.Differ("published %s, revision %d: its numbers make digest %x, its row says %x", p.Month, p.Revision, digest, p.Digest)
		case !bytes.Equal(told, p.Digest):
			out.Differ("published %s, revision %d: its row says digest %x, its history %x", p.Month, p.Revision, p.Digest, told)
		}
	}
	return nil
}

// told is the digest that the history of a month names; nothing when the history is not the one that the row names.
func (b *Board) told(ctx context.Context, city string, p Published) ([]byte, error) {
	history, err := b.store.Journal(ctx, city, eventpb.PeriodAggregate(p.Month.String()), int(p.Month))
	if err != nil || len(history) < p.Revision || history[p.Revision-1].Hash != p.hash {
		return nil, err
	}
	said, err := eventpb.OpenPeriod(history[p.Revision-1].Envelope)
	return said.Digest, err
}
