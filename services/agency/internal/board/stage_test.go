package board_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/board"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/agency/internal/eventpb"
	"github.com/throughtrain/throughtrain/services/agency/internal/fact"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/ids"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
	"github.com/throughtrain/throughtrain/services/kit/tally"
)

// stage is a store of cases with a board that follows it.
type stage struct {
	life
	store *store.Store
	board *board.Board
	clock *movable.Clock
	ids   *ids.Source
	city  atomic.Pointer[catalogue.City] // the newest version that is known
	keys  []store.Key
	did   int // what the states allowed
}

// slower lets a version call less of what waits stuck.
func slower(c *directoryv1.CityConfig) { c.GetCatalogue().GetRules().StuckAfter = "8 workdays" }

func newStage(t *testing.T, dsn string, seed uint64) *stage {
	t.Helper()
	ctx := context.Background() // closing outlives the test's own context
	db, err := sqldb.Open(ctx, sqldb.Config{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{life: life{rand.New(rand.NewPCG(seed, 1))}, clock: movable.New(ct.At("2026-03-02 09:00"))}
	s.ids = ids.New(s.clock)
	s.city.Store(ct.City(t))
	if s.store, err = store.New(ctx, db, change.Options{}); err != nil {
		t.Fatal(err)
	}
	known := func(string) (*catalogue.City, error) { return s.city.Load(), nil }
	if s.board, err = board.New(ctx, s.store, known, feed.Config{Wait: time.Second, Batch: 7}); err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 2)
	go func() { ended <- s.store.Run(running) }()
	go func() { ended <- s.board.Run(running) }()
	t.Cleanup(func() {
		stop()
		for range cap(ended) {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		s.store.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *stage) context(by casefile.Actor) casefile.Context {
	return casefile.Context{Now: s.clock.Now(), Actor: by, City: s.city.Load()}
}

// open writes a new case.
func (s *stage) open(t *testing.T, in casefile.Opening, by casefile.Actor) store.Key {
	t.Helper()
	in.ID, in.Number = s.ids.New(), fmt.Sprintf("%013d", len(s.keys)+1)
	events, err := casefile.New(s.context(by), in)
	if err != nil {
		t.Fatal(err)
	}
	c, err := casefile.Fold(in.City, in.ID, events)
	if err != nil {
		t.Fatal(err)
	}
	key, err := store.KeyOf(in.City, in.ID)
	if err != nil {
		t.Fatal(err)
	}
	sealed, hash := seal(t, key, journal.Hash{}, events)
	rows, err := store.Open(key, c, fact.Of(c, s.city.Load()), hash)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.store.Commit(t.Context(), &change.Change{Statements: rows, Events: sealed}); err != nil {
		t.Fatal(err)
	}
	s.keys = append(s.keys, key)
	return key
}

// does lets somebody do something to a case, and tells whether anything came of it.
func (s *stage) does(t *testing.T, key store.Key, by casefile.Actor, do verb) bool {
	t.Helper()
	from := s.read(t, key)
	events, err := do(from.Case, s.context(by))
	if refused(t, err) || len(events) == 0 {
		return false
	}
	after, err := from.Case.After(events...)
	if err != nil {
		t.Fatal(err)
	}
	sealed, hash := seal(t, key, from.Hash, events)
	city := s.city.Load()
	rows, err := store.Update(from, fact.By(from.Case, city.Revision(from.CountedBy)), fact.Of(after, city), after, hash)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.store.Commit(t.Context(), &change.Change{Statements: rows, Events: sealed}); err != nil {
		t.Fatal(err)
	}
	return true
}

// must is does for what the state is known to allow.
func (s *stage) must(t *testing.T, key store.Key, by casefile.Actor, do verb) {
	t.Helper()
	if !s.does(t, key, by, do) {
		_, err := do(s.read(t, key).Case, s.context(by))
		t.Fatalf("nothing came of it: %v", err)
	}
}

func (s *stage) read(t *testing.T, key store.Key) store.Stored {
	t.Helper()
	from, err := s.store.Case(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return from
}

func seal(t *testing.T, k store.Key, previous journal.Hash, events []casefile.Event) (out []change.Event, last journal.Hash) {
	t.Helper()
	for _, e := range events {
		envelope, err := eventpb.Envelope(k.City, k.Aggregate(), e)
		if err != nil {
			t.Fatal(err)
		}
		sealed := journal.Seal(previous, envelope)
		previous = sealed.Hash
		out = append(out, change.Event{Sealed: sealed, Month: k.Month})
	}
	return out, previous
}

// act does something at random, mostly to one of the last cases, so that they get somewhere.
func (s *stage) act(t *testing.T) {
	t.Helper()
	if len(s.keys) == 0 || s.one(70) {
		in, by := s.opening()
		key := s.open(t, in, by)
		for _, m := range materials {
			if !s.one(4) {
				s.does(t, key, owner, arrives("first "+m, casefile.PurposeMaterial, m))
			}
		}
		return
	}
	n := len(s.keys)
	key := s.keys[s.rnd.IntN(n)]
	if recent := 4; n > recent && !s.one(5) {
		key = s.keys[n-1-s.rnd.IntN(recent)]
	}
	by, do := s.next(t, s.read(t, key).Case, s.context(casefile.Clockwork))
	if s.does(t, key, by, do) {
		s.did++
		s.clock.Advance(time.Duration(s.rnd.IntN(4*60)) * time.Minute)
	}
}

// folded waits until the board has everything.
func (s *stage) folded(t *testing.T) {
	t.Helper()
	if err := s.board.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (s *stage) equal(t *testing.T) {
	t.Helper()
	got, err := s.board.Check(t.Context(), ct.Code)
	if err != nil || len(got.Differences) > 0 || got.Cells == 0 {
		t.Fatalf("%d cells, %v, differences %q", got.Cells, err, got.Differences)
	}
}

// viewer is somebody who looks at the board, and how their lists find what they may see.
type viewer struct {
	board.Viewer
	scope store.Scope
}

func ofUnits(person string, units ...string) viewer {
	return viewer{board.Viewer{Units: units}, store.Scope{Person: person, Units: units}}
}

const office = "the mayor's office"

var viewers = map[string]viewer{
	office:                {board.Viewer{All: true}, store.Scope{All: true}},
	"a clerk of planning": ofUnits(ct.PlanningClerk, ct.Planning),
	"a leader of housing": ofUnits(ct.HousingLeader, ct.Housing, ct.Permits),
	"a county's leader":   ofUnits(ct.HualongLeader, ct.Hualong),
	// Who is of the enterprise too lists its cases, but the numbers of a unit are the unit's.
	"a clerk with an enterprise": {board.Viewer{Units: []string{ct.Ecology, ct.Water}}, store.Scope{Person: member, Enterprises: []string{enterprise}, Units: []string{ct.Ecology, ct.Water}}},
	"a leader of nothing":        {board.Viewer{}, store.Scope{Person: member, Enterprises: []string{enterprise}}},
}

// view is the board of the last year as somebody sees it now.
func (s *stage) view(t *testing.T, v viewer) board.View {
	t.Helper()
	now := s.clock.Now()
	out, err := s.board.Read(t.Context(), s.city.Load(), v.Viewer, tally.Period{From: tally.DayOf(now.AddDate(-1, 0, 0)), To: tally.DayOf(now)}, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// listed counts the list behind a number, as somebody lists it.
func (s *stage) listed(t *testing.T, v viewer, c board.Count) int64 {
	t.Helper()
	q := store.Query{City: ct.Code, Scope: v.scope, Filter: c.Filter}
	var n int
	var capped bool
	var err error
	switch c.List {
	case board.Cases:
		q.Order, _ = store.Orders.Parse("")
		n, capped, err = s.store.Count(t.Context(), q)
	case board.Items:
		q.Order, _ = store.ItemOrders.Parse("")
		n, capped, err = s.store.CountItems(t.Context(), q)
	default:
		q.Order, _ = store.CommitmentOrders.Parse("")
		n, capped, err = s.store.CountCommitments(t.Context(), q)
	}
	if err != nil || capped {
		t.Fatalf("%s: %v, capped %t", c.Filter, err, capped)
	}
	return int64(n)
}

// lists holds every number that somebody sees against its list, and returns the names of those that are not zero.
func (s *stage) lists(t *testing.T, who string) map[string]bool {
	t.Helper()
	v := viewers[who]
	view := s.view(t, v)
	seen := map[string]bool{}
	for section, groups := range view.Sections() {
		for _, g := range groups {
			for _, n := range g.Numbers() {
				if n.N == 0 && section != "total" && !s.one(8) { // nothing is asked for often enough
					continue
				}
				if listed := s.listed(t, v, n.Count); listed != n.N {
					t.Errorf("%s, %s %q, %s: the board says %d, the list has %d: %s", who, section, g.Key, n.Name, n.N, listed, n.Filter)
				}
				if n.N != 0 {
					seen[n.Name] = true
				}
			}
		}
	}
	return seen
}

// storm is how many acts a storm has.
func storm(acts int) int {
	if kittest.Race {
		return acts / 3
	}
	return acts
}
