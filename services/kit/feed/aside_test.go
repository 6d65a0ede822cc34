package feed_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/change/changetest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// picky handles everything but what it cannot digest, and notes in which order it did.
type picky struct {
	mu    sync.Mutex
	bad   map[int64]error
	calls int // with something bad
}

func (p *picky) handle(ctx context.Context, events []change.FeedEvent) (*change.Change, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range events {
		if err := p.bad[events[i].Position]; err != nil {
			p.calls++
			return nil, err
		}
	}
	return record(ctx, events)
}

func (p *picky) cure() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bad = nil
}

func positions(t *testing.T, s *change.Store) []int64 {
	t.Helper()
	rows, err := s.DB().Query(t.Context(), `SELECT position FROM effect ORDER BY position`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []int64
	for rows.Next() {
		var p int64
		if err := rows.Scan(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

func aside(t *testing.T, s *change.Store) []int64 {
	t.Helper()
	rows, err := feed.ListAside(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	var all []int64
	for _, r := range rows {
		all = append(all, r.Position)
	}
	return all
}

// until waits for what only looking can tell.
func until(t *testing.T, what string, there func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !there(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s does not come about", what)
		}
	}
}

// An event that nobody can handle is set aside, with what follows of its aggregate; all else goes on. When its cause is gone, all of it is handled in
// its order, each event once.
func TestAPoisonEventIsSetAside(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		s := kittest.OpenStore(t, dsn, change.Options{}, changetest.Schema())
		// Two aggregates, their events alternating: one has the odd positions, the other the even ones.
		one, other := &changetest.Thing{ID: "one"}, &changetest.Thing{ID: "other"}
		more := func(n int) {
			t.Helper()
			for i := range n {
				for _, th := range []*changetest.Thing{one, other} {
					c := th.Change(fmt.Sprint(th.ID, " ", th.Head.Version, " ", i))
					if err := s.Commit(t.Context(), c); err != nil {
						t.Fatal(err)
					}
					th.Committed(c)
				}
				if _, err := s.Settled(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		more(5)
		p := &picky{bad: map[int64]error{3: errors.New("cannot digest this")}}
		cfg := feed.Config{Name: "effects", Source: feed.Local(s), Store: s, Handle: p.handle, Batch: 4, Tries: 2, Metrics: prometheus.NewRegistry()}
		f := run(t, cfg)
		await(t, f, 10)
		if got, want := positions(t, s), []int64{1, 2, 4, 6, 8, 10}; !slices.Equal(got, want) {
			t.Errorf("handled %v, want %v", got, want)
		}
		if got, want := aside(t, s), []int64{3, 5, 7, 9}; !slices.Equal(got, want) {
			t.Errorf("set aside %v, want %v", got, want)
		}
		if err := feed.Retry(t.Context(), s, "somebody else", 0); !errors.Is(err, feed.ErrNotAside) {
			t.Errorf("got %v", err)
		}
		// Wanted too early, it fails again and stays.
		p.mu.Lock()
		before := p.calls
		p.mu.Unlock()
		if err := feed.Retry(t.Context(), s, "effects", 0); err != nil {
			t.Fatal(err)
		}
		until(t, "another failure", func() bool {
			rows, err := feed.ListAside(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			return len(rows) == 4 && !slices.ContainsFunc(rows, func(a feed.Aside) bool { return a.Wanted })
		})
		p.mu.Lock()
		if p.calls != before+1 {
			t.Errorf("tried %d times", p.calls-before)
		}
		p.mu.Unlock()
		// A replica that starts now knows of it, too.
		second := cfg
		second.Metrics = nil
		g := run(t, second)
		more(1)
		await(t, f, 12)
		await(t, g, 12)
		p.cure()
		if err := feed.Retry(t.Context(), s, "effects", 9); err != nil { // which leads to what it waits for
			t.Fatal(err)
		}
		until(t, "an empty list", func() bool { return len(aside(t, s)) == 0 })
		more(1)
		await(t, f, 14)
		await(t, g, 14)
		if got, want := positions(t, s), []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}; !slices.Equal(got, want) {
			t.Errorf("handled %v, want %v", got, want)
		}
	})
}

// What fails because something else is away is never set aside.
func TestAbsenceIsNoPoison(t *testing.T) {
	s := kittest.OpenStore(t, "sqlite::memory:", change.Options{}, changetest.Schema())
	total := fill(t, s, "thing", 2)
	away := fault.New(fault.Unavailable, "AWAY", "不在", "away")
	p := &picky{bad: map[int64]error{1: away}}
	f := run(t, feed.Config{Name: "effects", Source: feed.Local(s), Store: s, Handle: p.handle, Tries: 2})
	until(t, "a number of failures", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.calls > 6
	})
	p.cure()
	await(t, f, total)
	expectEffects(t, s, total)
}

// What is kept in memory could not be handled later in every replica.
func TestNothingIsSetAsideEverywhere(t *testing.T) {
	s := kittest.OpenStore(t, "sqlite::memory:", change.Options{}, changetest.Schema())
	if _, err := feed.New(t.Context(), feed.Config{Name: "x", Source: feed.Local(s), Store: s, Handle: record, Everywhere: true, Tries: 1}); err == nil {
		t.Error("a replica may set aside what another needs in memory")
	}
}
