package board

import (
	"context"
	"errors"
	"fmt"

	"github.com/throughtrain/throughtrain/services/hotline/internal/fact"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

var errRebuilding = fault.New(fault.Conflict, "TOO_BUSY",
	"看板正在由他人重建，请稍后再试。", "Somebody else is rebuilding the board. Try again later.")

// Rebuilt says what a rebuild did.
type Rebuilt struct{ Tickets, Cells int64 }

// Rebuild folds a city's board anew from every ticket, beside the one in use, and puts it in its place. Folding goes on
// meanwhile, into both. A rebuild that was cut off is started over by the next.
func (b *Board) Rebuild(ctx context.Context, city string) (Rebuilt, error) {
	s, err := b.begin(ctx, city)
	if err != nil {
		return Rebuilt{}, err
	}
	var done Rebuilt
	after := store.Key{City: city}
	for {
		tickets, err := b.store.Walk(ctx, after, b.walk)
		if err != nil {
			return Rebuilt{}, err
		}
		if len(tickets) == 0 {
			break
		}
		if s, err = b.build(ctx, city, s, tickets); err != nil {
			return Rebuilt{}, err
		}
		after = tickets[len(tickets)-1].Key
		done.Tickets += int64(len(tickets))
	}
	old := s.generation
	if err := b.step(ctx, city, s, state{generation: s.building}); err != nil {
		return Rebuilt{}, err
	}
	if err := b.forget(ctx, city, old); err != nil {
		return Rebuilt{}, err
	}
	err = b.store.DB().QueryRow(ctx, `SELECT count(*) FROM board_cells WHERE city = $1 AND generation = $2`, city, s.building).Scan(&done.Cells)
	return done, err
}

// begin takes the rebuild over and clears what an interrupted one left.
func (b *Board) begin(ctx context.Context, city string) (state, error) {
	s, err := b.state(ctx, b.store.DB(), city)
	if err != nil {
		return s, err
	}
	next := state{generation: s.generation, building: max(s.generation, s.building) + 1}
	if err := b.step(ctx, city, s, next); err != nil {
		return s, err
	}
	next.step = s.step + 1
	if s.building != 0 {
		err = b.forget(ctx, city, s.building)
	}
	return next, err
}

const moveState = `INSERT INTO board_state (city, generation, building, step) VALUES ($1, $2, $3, $4) ON CONFLICT (city) DO UPDATE
	SET generation = excluded.generation, building = excluded.building, step = excluded.step WHERE board_state.step = excluded.step - 1`

// step moves the state on, unless another builder did.
func (b *Board) step(ctx context.Context, city string, from, to state) error {
	err := b.store.Commit(ctx, &change.Change{Decided: change.Begin(),
		Statements: []change.Statement{change.Guard(moveState, city, to.generation, to.building, from.step+1)}})
	if errors.Is(err, change.ErrConflict) {
		return errRebuilding
	}
	return err
}

// build adds some tickets to the generation being built. It and the fold exclude each other: a step names the fold's place in the
// feed without moving it, and the fold names the step, so whoever decided before the other committed decides again. Otherwise both
// would add the same facts.
func (b *Board) build(ctx context.Context, city string, s state, tickets []store.Stored) (state, error) {
	ids := make([]string, len(tickets))
	for i, t := range tickets {
		ids[i] = t.ID
	}
	for ctx.Err() == nil {
		at, err := b.store.Cursor(ctx, Consumer)
		if err != nil {
			return s, err
		}
		if tickets, err = b.store.Tickets(ctx, city, ids); err != nil {
			return s, err
		}
		statements, err := b.reconcile(ctx, city, s.building, tickets)
		if err != nil {
			return s, err
		}
		statements = append(statements, change.Guard(moveState, city, s.generation, s.building, s.step+1))
		// No event's time hangs on when this was decided. A fold that has read nothing yet stands at 0, and is kept from beginning unseen like any other.
		c := &change.Change{Statements: statements, Cursors: []change.CursorMove{{Consumer: Consumer, From: at, To: at}}}
		err = b.store.Commit(ctx, c)
		switch {
		case err == nil:
			s.step++
			return s, nil
		case !errors.Is(err, change.ErrConflict) && !errors.Is(err, change.ErrStale):
			return s, err
		}
		if now, err := b.state(ctx, b.store.DB(), city); err != nil || now != s {
			return s, errors.Join(err, errRebuilding)
		}
	}
	return s, ctx.Err()
}

// forget removes a generation that nobody reads any more.
func (b *Board) forget(ctx context.Context, city string, generation int64) error {
	return b.store.Commit(ctx, &change.Change{Statements: []change.Statement{
		change.Exec(`DELETE FROM board_cells WHERE city = $1 AND generation = $2`, city, generation),
		change.Exec(`DELETE FROM board_tickets WHERE city = $1 AND generation = $2`, city, generation),
	}})
}

// Checked is the outcome of a recount.
type Checked struct {
	Cells       int64
	Differences []string // the first of them
}

const maxDifferences = 20

func (c *Checked) differ(format string, args ...any) {
	if len(c.Differences) < maxDifferences {
		c.Differences = append(c.Differences, fmt.Sprintf(format, args...))
	}
}

// Check counts every ticket of a city anew, in one state of the database, and compares with the board. Of a ticket whose newest
// events are not folded yet it counts what the board counts, so that being a moment behind is no difference.
func (b *Board) Check(ctx context.Context, city string) (Checked, error) {
	var out Checked
	err := b.store.DB().Snapshot(ctx, func(db sqldb.Reader) error {
		s, err := b.state(ctx, db, city)
		if err != nil {
			return err
		}
		want, err := b.recount(ctx, db, city, s.generation)
		if err != nil {
			return err
		}
		return b.compare(ctx, db, city, s.generation, want, &out)
	})
	if err == nil {
		err = b.comparePeriods(ctx, city, &out)
	}
	return out, err
}

func (b *Board) recount(ctx context.Context, db sqldb.Reader, city string, generation int64) (map[Cell]int64, error) {
	behind, err := b.store.Unread(ctx, db, city, Consumer)
	if err != nil {
		return nil, err
	}
	want := map[Cell]int64{}
	count := func(f Facts) { f.Cells(func(c Cell, n int64) { want[c] += n }) }
	var late []store.Stored
	err = store.EachTicket(ctx, db, city, func(t store.Stored) error {
		if behind[t.Aggregate()] {
			late = append(late, t)
		} else {
			count(FactsOf(fact.Of(t.Ticket), worktime.Zone))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	known, err := b.known(ctx, db, city, generation, late)
	for _, k := range known {
		count(k.facts)
	}
	return want, err
}

// compare strikes what the board has off what it should have.
func (b *Board) compare(ctx context.Context, db sqldb.Reader, city string, generation int64, want map[Cell]int64, out *Checked) error {
	differ := func(c Cell, has, should int64) {
		out.differ("%s: the board has %d, the tickets make %d", c, has, should)
	}
	err := cells(ctx, db, city, generation, "1 = 1", nil, func(c Cell, n int64) {
		out.Cells++
		if want[c] != n {
			differ(c, n, want[c])
		}
		delete(want, c)
	})
	for c, n := range want {
		differ(c, 0, n)
	}
	return err
}

// cells reads the cells of a generation that a condition chooses; its parameters begin at $3.
func cells(ctx context.Context, db sqldb.Reader, city string, generation int64, condition string, args []any, each func(Cell, int64)) error {
	rows, err := db.Query(ctx, `SELECT day, restricted, measure, dimension, value, bucket, n FROM board_cells WHERE city = $1 AND generation = $2 AND `+condition,
		append([]any{city, generation}, args...)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var c Cell
		var restricted int
		var measure, dimension string
		var n int64
		if err := rows.Scan(&c.Day, &restricted, &measure, &dimension, &c.Value, &c.Bucket, &n); err != nil {
			return err
		}
		c.Restricted, c.Measure, c.Dimension = restricted != 0, Measure(measure), Dimension(dimension)
		each(c, n)
	}
	return rows.Err()
}
