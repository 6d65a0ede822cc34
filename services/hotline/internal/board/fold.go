package board

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/fact"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// Consumer is the name of the fold's cursor.
const Consumer = "board"

// Board folds and reads the numbers of one database.
type Board struct {
	store    *store.Store
	follower *feed.Follower
	walk     int // tickets in one step of a rebuild
}

// New makes a board; config names what the follower needs beside the board's own.
func New(ctx context.Context, s *store.Store, config feed.Config) (*Board, error) {
	b := &Board{store: s, walk: 500}
	config.Name, config.Source, config.Store, config.Handle = Consumer, feed.Local(s.Store), s.Store, b.handle
	config.Reread = 1                      // a check tells by the stored cursor what the fold has seen
	config.Gather = 100 * time.Millisecond // a ticket that is filed, dispatched and signed at once is folded once; readers do not wait for it
	var err error
	if b.follower, err = feed.New(ctx, config); err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	return b, nil
}

// Run folds until the context ends.
func (b *Board) Run(ctx context.Context) error { return b.follower.Run(ctx) }

// Await returns once everything up to a position of the feed is folded.
func (b *Board) Await(ctx context.Context, position int64) error {
	return b.follower.Await(ctx, position)
}

// Reached is Await for whoever is in no hurry: it lets the fold gather.
func (b *Board) Reached(ctx context.Context, position int64) error {
	return b.follower.Reached(ctx, position)
}

// Idle returns once everything that is committed now is folded.
func (b *Board) Idle(ctx context.Context) error {
	committed, err := b.store.Settled(ctx)
	if err != nil {
		return err
	}
	return b.Await(ctx, committed)
}

// Settle waits until what is committed now is folded, but not longer than a reader should have to.
func (b *Board) Settle(ctx context.Context, atMost time.Duration) error {
	waiting, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	err := b.Idle(waiting)
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// handle brings the cells of everything that changed in a stretch of the feed up to the present.
func (b *Board) handle(ctx context.Context, events []change.FeedEvent) (*change.Change, error) {
	decided := change.Begin()
	changed := map[string][]string{} // ids by city
	seen := map[string]bool{}
	for _, e := range events {
		if id, ok := store.TicketOf(e.Aggregate); ok && !seen[e.City+id] {
			seen[e.City+id] = true
			changed[e.City] = append(changed[e.City], id)
		}
	}
	c := &change.Change{Decided: decided}
	for _, city := range slices.Sorted(maps.Keys(changed)) {
		tickets, err := b.store.Tickets(ctx, city, changed[city])
		if err != nil {
			return nil, err
		}
		state, err := b.state(ctx, b.store.DB(), city)
		if err != nil {
			return nil, err
		}
		for _, generation := range state.generations() {
			statements, err := b.reconcile(ctx, city, generation, tickets)
			if err != nil {
				return nil, err
			}
			c.Statements = append(c.Statements, statements...)
		}
		if state.building != 0 {
			// A step of the rebuild committed meanwhile has added the same facts.
			c.Statements = append(c.Statements, change.Guard(sameState, city, state.step))
		}
	}
	return c, nil
}

// reconcile returns what makes a generation's cells tell the present of some tickets.
func (b *Board) reconcile(ctx context.Context, city string, generation int64, tickets []store.Stored) ([]change.Statement, error) {
	known, err := b.known(ctx, b.store.DB(), city, generation, tickets)
	if err != nil {
		return nil, err
	}
	var out []change.Statement
	delta := map[Cell]int64{}
	for _, t := range tickets {
		facts := FactsOf(fact.Of(t.Ticket), worktime.Zone)
		stored, err := json.Marshal(facts)
		if err != nil {
			return nil, err
		}
		if old, ok := known[t.ID]; ok {
			if string(old.stored) == string(stored) {
				continue
			}
			old.facts.Cells(func(c Cell, n int64) { delta[c] -= n })
		}
		facts.Cells(func(c Cell, n int64) { delta[c] += n })
		out = append(out, change.Exec(putFacts, city, generation, t.ID, stored))
	}
	changed := slices.SortedFunc(maps.Keys(delta), compareCells)
	changed = slices.DeleteFunc(changed, func(c Cell) bool { return delta[c] == 0 })
	for some := range slices.Chunk(changed, maxRows) {
		out = append(out, addCells(city, generation, some, delta))
	}
	emptied := slices.ContainsFunc(changed, func(c Cell) bool { return delta[c] < 0 })
	if emptied {
		out = append(out, change.Exec(dropEmpty, city, generation))
	}
	return out, nil
}

const (
	putFacts = `INSERT INTO board_tickets (city, generation, ticket, facts) VALUES ($1, $2, $3, $4)
		ON CONFLICT (city, generation, ticket) DO UPDATE SET facts = excluded.facts`
	sameState = `UPDATE board_state SET step = step WHERE city = $1 AND step = $2`
	dropEmpty = `DELETE FROM board_cells WHERE city = $1 AND generation = $2 AND n = 0`
)

// maxRows is how many cells one statement adds to. More would cost SQLite's driver more in looking parameters up than it saves.
const maxRows = 16

// addTexts are the statements that add to so many cells at once.
var addTexts = func() (texts [maxRows + 1]string) {
	const columns = 7
	for n := 1; n <= maxRows; n++ {
		rows := make([]string, n)
		for row := range rows {
			at := 3 + row*columns
			rows[row] = fmt.Sprintf("($1, $2, $%d, $%d, $%d, $%d, $%d, $%d, $%d)", at, at+1, at+2, at+3, at+4, at+5, at+6)
		}
		texts[n] = `INSERT INTO board_cells (city, generation, day, restricted, measure, dimension, value, bucket, n) VALUES ` + strings.Join(rows, ", ") + `
			ON CONFLICT (city, generation, measure, day, dimension, value, bucket, restricted) DO UPDATE SET n = board_cells.n + excluded.n`
	}
	return texts
}()

func addCells(city string, generation int64, cells []Cell, delta map[Cell]int64) change.Statement {
	args := make([]any, 0, 2+7*len(cells))
	args = append(args, city, generation)
	for _, c := range cells {
		args = append(args, c.Day, boolInt(c.Restricted), string(c.Measure), string(c.Dimension), c.Value, c.Bucket, delta[c])
	}
	return change.Exec(addTexts[len(cells)], args...)
}

// compareCells gives all writers one order in which to lock.
func compareCells(a, b Cell) int {
	return cmp.Or(strings.Compare(string(a.Measure), string(b.Measure)), cmp.Compare(a.Day, b.Day), strings.Compare(string(a.Dimension), string(b.Dimension)),
		strings.Compare(a.Value, b.Value), cmp.Compare(a.Bucket, b.Bucket), cmp.Compare(boolInt(a.Restricted), boolInt(b.Restricted)))
}

type knownFacts struct {
	stored []byte
	facts  Facts
}

// known reads the facts a generation holds of some tickets.
func (b *Board) known(ctx context.Context, db sqldb.Reader, city string, generation int64, tickets []store.Stored) (map[string]knownFacts, error) {
	out := make(map[string]knownFacts, len(tickets))
	for chunk := range slices.Chunk(tickets, 200) {
		args := []any{city, generation}
		places := make([]string, len(chunk))
		for i, t := range chunk {
			args = append(args, t.ID)
			places[i] = fmt.Sprintf("$%d", len(args))
		}
		err := storedFacts(ctx, db, `SELECT ticket, facts FROM board_tickets WHERE city = $1 AND generation = $2 AND ticket IN (`+strings.Join(places, ", ")+`)`,
			args, func(id string, k knownFacts) { out[id] = k })
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// storedFacts calls each for the facts that a query finds.
func storedFacts(ctx context.Context, db sqldb.Reader, query string, args []any, each func(ticket string, k knownFacts)) error {
	rows, err := db.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var k knownFacts
		if err := rows.Scan(&id, &k.stored); err != nil {
			return err
		}
		if err := json.Unmarshal(k.stored, &k.facts); err != nil {
			return fmt.Errorf("board: facts of ticket %s: %w", id, err)
		}
		each(id, k)
	}
	return rows.Err()
}

// state is which generation of a city's board is in use.
type state struct{ generation, building, step int64 }

func (s state) generations() []int64 {
	if s.building == 0 {
		return []int64{s.generation}
	}
	return []int64{s.generation, s.building}
}

// state of a city that was never rebuilt is the first generation.
func (b *Board) state(ctx context.Context, db sqldb.Reader, city string) (state, error) {
	s := state{generation: 1}
	err := db.QueryRow(ctx, `SELECT generation, building, step FROM board_state WHERE city = $1`, city).Scan(&s.generation, &s.building, &s.step)
	if errors.Is(err, sqldb.ErrNoRows) {
		err = nil
	}
	return s, err
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
