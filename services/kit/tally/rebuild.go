package tally

import (
	"context"
	"errors"
	"fmt"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

var errRebuilding = fault.New(fault.Conflict, "TOO_BUSY",
	"看板正在由他人重建，请稍后再试。", "Somebody else is rebuilding the board. Try again later.")

// Rebuilt says what a rebuild did: how many things it folded, into how many cells.
type Rebuilt struct{ Things, Cells int64 }

// Rebuild folds a city's numbers anew from everything, beside those in use, and puts them in their place. Folding goes on
// meanwhile, into both. A rebuild that was cut off is started over by the next.
func (t *Tally[F]) Rebuild(ctx context.Context, city string) (Rebuilt, error) {
	s, err := t.begin(ctx, city)
	if err != nil {
		return Rebuilt{}, err
	}
	var done Rebuilt
	for after := ""; ; {
		ids, err := t.source.Walk(ctx, city, after, t.walk)
		if err != nil {
			return Rebuilt{}, err
		}
		if len(ids) == 0 {
			break
		}
		if s, err = t.build(ctx, city, s, ids); err != nil {
			return Rebuilt{}, err
		}
		after = ids[len(ids)-1]
		done.Things += int64(len(ids))
	}
	if err := t.step(ctx, city, s, state{generation: s.building}); err != nil {
		return Rebuilt{}, err
	}
	if err := t.forget(ctx, city, s.building, s.building); err != nil {
		return Rebuilt{}, err
	}
	err = t.store.DB().QueryRow(ctx, `SELECT count(*) FROM board_cells WHERE city = $1 AND generation = $2`, city, s.building).Scan(&done.Cells)
	return done, err
}

// begin takes the rebuild over and clears what interrupted ones left.
func (t *Tally[F]) begin(ctx context.Context, city string) (state, error) {
	s, err := stateOf(ctx, t.store.DB(), city)
	if err != nil {
		return s, err
	}
	next := state{generation: s.generation, building: max(s.generation, s.building) + 1}
	if err := t.step(ctx, city, s, next); err != nil {
		return s, err
	}
	next.step = s.step + 1
	return next, t.forget(ctx, city, next.building, s.generation)
}

const moveState = `INSERT INTO board_state (city, generation, building, step) VALUES ($1, $2, $3, $4) ON CONFLICT (city) DO UPDATE
	SET generation = excluded.generation, building = excluded.building, step = excluded.step WHERE board_state.step = excluded.step - 1`

// step moves the state on, unless another builder did. A lock that did not come free in time is asked for again.
func (t *Tally[F]) step(ctx context.Context, city string, from, to state) error {
	return t.store.Decide(ctx, func(ctx context.Context) (*change.Change, error) {
		now, err := stateOf(ctx, t.store.DB(), city)
		switch {
		case err != nil:
			return nil, err
		case now != from:
			return nil, errRebuilding
		}
		return &change.Change{Statements: []change.Statement{change.Guard(moveState, city, to.generation, to.building, from.step+1)}}, nil
	})
}

// build adds some things to the generation being built. It and the fold exclude each other: a step names the fold's place in the
// feed without moving it, and the fold names the step, so whoever decided before the other committed decides again. Otherwise both
// would add the same facts.
func (t *Tally[F]) build(ctx context.Context, city string, s state, ids []string) (state, error) {
	for ctx.Err() == nil {
		at, err := t.store.Cursor(ctx, Consumer)
		if err != nil {
			return s, err
		}
		now, err := t.source.Facts(ctx, city, ids)
		if err != nil {
			return s, err
		}
		statements, _, err := t.reconcile(ctx, city, s.building, now)
		if err != nil {
			return s, err
		}
		statements = append(statements, change.Guard(moveState, city, s.generation, s.building, s.step+1))
		// No event's time hangs on when this was decided. A fold that has read nothing yet stands at 0, and is kept from beginning unseen like any other.
		c := &change.Change{Statements: statements, Cursors: []change.CursorMove{{Consumer: Consumer, From: at, To: at}}}
		err = t.store.Commit(ctx, c)
		switch {
		case err == nil:
			s.step++
			return s, nil
		case !errors.Is(err, change.ErrConflict) && !errors.Is(err, change.ErrStale):
			return s, err
		}
		if now, err := stateOf(ctx, t.store.DB(), city); err != nil || now != s {
			return s, errors.Join(err, errRebuilding)
		}
	}
	return s, ctx.Err()
}

// forget removes the generations before one, but for the one in use: also what was left by whoever was cut off. The fold may hold cells of theirs, so it
// is tried again.
func (t *Tally[F]) forget(ctx context.Context, city string, before, inUse int64) error {
	return t.store.Decide(ctx, func(context.Context) (*change.Change, error) {
		return &change.Change{Statements: []change.Statement{
			change.Exec(`DELETE FROM board_cells WHERE city = $1 AND generation < $2 AND generation <> $3`, city, before, inUse),
			change.Exec(fmt.Sprintf(`DELETE FROM %s WHERE city = $1 AND generation < $2 AND generation <> $3`, t.source.Table), city, before, inUse),
		}}, nil
	})
}
