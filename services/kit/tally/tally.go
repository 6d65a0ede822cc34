package tally

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Consumer is the name of the fold's cursor.
const Consumer = "board"

// Source is where what is counted lies.
type Source[F Facts] struct {
	// Table keeps the facts, by ids in Column.
	Table, Column string
	// ID takes the id out of an aggregate's name; false for an aggregate that is not counted.
	ID func(aggregate string) (string, bool)
	// Facts derives the present facts of some; those that are not there are left out.
	Facts func(ctx context.Context, city string, ids []string) ([]Counted[F], error)
	// Walk returns a city's ids in ascending order, from behind one on; from the beginning for none.
	Walk func(ctx context.Context, city, after string, limit int) ([]string, error)
	// Each calls each for all of a city in one state of the database.
	Each func(ctx context.Context, db sqldb.Reader, city string, each func(id string, facts func() (F, error)) error) error
}

// Counted is a thing and its facts.
type Counted[F Facts] struct {
	ID    string
	Facts F
}

// Tally folds and reads the numbers of one database.
type Tally[F Facts] struct {
	store    *change.Store
	source   Source[F]
	follower *feed.Follower
	walk     int // things in one step of a rebuild
	putFacts string

	// What the fold has decided and not committed, for who counts what changed; nil for nobody.
	folded  func(city string, delta map[Cell]int64)
	pending map[string]map[Cell]int64 // by city
}

// New makes a tally; config names what the follower needs beside the tally's own.
func New[F Facts](ctx context.Context, s *change.Store, source Source[F], config feed.Config) (*Tally[F], error) {
	t := &Tally[F]{store: s, source: source, walk: 500}
	t.putFacts = fmt.Sprintf(`INSERT INTO %[1]s (city, generation, %[2]s, facts) VALUES ($1, $2, $3, $4)
		ON CONFLICT (city, generation, %[2]s) DO UPDATE SET facts = excluded.facts`, source.Table, source.Column)
	config.Name, config.Source, config.Store, config.Handle, config.Handled = Consumer, feed.Local(s), s, t.handle, t.committed
	config.Reread = 1                      // a check tells by the stored cursor what the fold has seen
	config.Gather = 100 * time.Millisecond // what happens to one thing at once is folded once; readers do not wait for it
	var err error
	if t.follower, err = feed.New(ctx, config); err != nil {
		return nil, fmt.Errorf("board: %w", err)
	}
	return t, nil
}

// Run folds until the context ends.
func (t *Tally[F]) Run(ctx context.Context) error { return t.follower.Run(ctx) }

// Await returns once everything up to a position of the feed is folded.
func (t *Tally[F]) Await(ctx context.Context, position int64) error {
	return t.follower.Await(ctx, position)
}

// Reached is Await for whoever is in no hurry: it lets the fold gather.
func (t *Tally[F]) Reached(ctx context.Context, position int64) error {
	return t.follower.Reached(ctx, position)
}

// Idle returns once everything that is committed now is folded.
func (t *Tally[F]) Idle(ctx context.Context) error {
	committed, err := t.store.Settled(ctx)
	if err != nil {
		return err
	}
	return t.Await(ctx, committed)
}

// Settle waits until what is committed now is folded, but not longer than a reader should have to.
func (t *Tally[F]) Settle(ctx context.Context, atMost time.Duration) error {
	waiting, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	err := t.Idle(waiting)
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// Behind is the age of the oldest event behind the fold's place; nothing when there is none.
func (t *Tally[F]) Behind(ctx context.Context, db sqldb.Reader, now time.Time) (time.Duration, error) {
	at, err := t.store.OldestUnread(ctx, db, Consumer)
	if err != nil || at.IsZero() {
		return 0, err
	}
	return max(0, now.Sub(at)), nil
}

// Generation is which of a city's generations of numbers is in use.
func Generation(ctx context.Context, db sqldb.Reader, city string) (int64, error) {
	s, err := stateOf(ctx, db, city)
	return s.generation, err
}

// state is which generation of a city's numbers is in use, and which is being built; 0 for none.
type state struct{ generation, building, step int64 }

func (s state) generations() []int64 {
	if s.building == 0 {
		return []int64{s.generation}
	}
	return []int64{s.generation, s.building}
}

// stateOf a city that was never rebuilt is the first generation.
func stateOf(ctx context.Context, db sqldb.Reader, city string) (state, error) {
	s := state{generation: 1}
	err := db.QueryRow(ctx, `SELECT generation, building, step FROM board_state WHERE city = $1`, city).Scan(&s.generation, &s.building, &s.step)
	if errors.Is(err, sqldb.ErrNoRows) {
		err = nil
	}
	return s, err
}
