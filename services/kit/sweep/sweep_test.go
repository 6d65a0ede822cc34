package sweep_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/change/changetest"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/sweep"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const cityCode = "410900"

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// fixture is a store, a city clock and what was fired.
type fixture struct {
	store *change.Store
	city  *movable.Clock

	mu    sync.Mutex
	fired map[string]int
}

func newFixture(t *testing.T, dsn string) *fixture {
	return &fixture{store: kittest.OpenStore(t, dsn, change.Options{}, changetest.Schema()), city: movable.New(start), fired: make(map[string]int)}
}

func (f *fixture) due(t *testing.T, at time.Time, aggregates ...string) {
	t.Helper()
	c := &change.Change{}
	for _, a := range aggregates {
		c.Due = append(c.Due, change.Due{City: cityCode, Aggregate: a, At: at})
	}
	if err := f.store.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// fire removes the deadline; the row it inserts proves that the effect happened once.
func (f *fixture) fire(ctx context.Context, city, aggregate string) error {
	f.mu.Lock()
	f.fired[aggregate]++
	f.mu.Unlock()
	return f.store.Commit(ctx, &change.Change{
		Statements: []change.Statement{change.Exec(`INSERT INTO thing (city, id, version, note) VALUES ($1, $2, $3, $4)`, city, aggregate, 1, aggregate)},
		Due:        []change.Due{{City: city, Aggregate: aggregate}},
	})
}

func (f *fixture) count(aggregate string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fired[aggregate]
}

func (f *fixture) run(t *testing.T, cfg sweep.Config) *sweep.Sweeper {
	t.Helper()
	cfg.Store, cfg.City = f.store, f.city
	if cfg.Fire == nil {
		cfg.Fire = f.fire
	}
	if cfg.RetryIn == 0 {
		cfg.RetryIn = time.Millisecond
	}
	if cfg.Poll == 0 {
		cfg.Poll = 20 * time.Millisecond
	}
	s, err := sweep.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() { stopped <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-stopped; err != nil {
			t.Error(err)
		}
	})
	return s
}

func idle(t *testing.T, s *sweep.Sweeper) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	if err := s.Idle(ctx); err != nil {
		t.Fatalf("the sweeper does not come to rest: %v", err)
	}
}

func TestFiresASecondAfterTheDeadline(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		f := newFixture(t, dsn)
		s := f.run(t, sweep.Config{Poll: time.Hour}) // nothing but events wakes it
		f.due(t, start.Add(time.Hour), "later")
		f.due(t, start.Add(time.Minute), "sooner") // earlier than what it waits for
		idle(t, s)
		f.city.Set(start.Add(time.Minute + 999*time.Millisecond))
		idle(t, s)
		if n := f.count("sooner"); n != 0 {
			t.Error("fired before its second was over")
		}
		f.city.Set(start.Add(time.Minute + time.Second))
		idle(t, s)
		if f.count("sooner") != 1 || f.count("later") != 0 {
			t.Errorf("fired %v", f.fired)
		}
		f.city.Set(start.Add(2 * time.Hour))
		idle(t, s)
		f.due(t, start, "late already")
		idle(t, s)
		if f.count("later") != 1 || f.count("late already") != 1 {
			t.Errorf("fired %v", f.fired)
		}
	})
}

func TestTwoSweepersFireOnce(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		f := newFixture(t, dsn)
		var names []string
		for i := range 400 {
			names = append(names, fmt.Sprint("thing-", i))
		}
		f.due(t, start, names...)
		one, two := f.run(t, sweep.Config{Batch: 16, Workers: 4}), f.run(t, sweep.Config{Batch: 16, Workers: 4})
		f.city.Advance(time.Minute)
		idle(t, one)
		idle(t, two)
		for _, name := range names {
			if n := f.count(name); n != 1 {
				t.Errorf("%s fired %d times", name, n)
			}
		}
	})
}

func TestFailuresAreSetAsideAndHoldNobodyUp(t *testing.T) {
	f := newFixture(t, "sqlite::memory:")
	f.due(t, start, "error", "panic", "nothing")
	f.due(t, start.Add(time.Second), "good")
	registry := prometheus.NewRegistry()
	s := f.run(t, sweep.Config{Metrics: registry, Lease: 50 * time.Millisecond, Fire: func(ctx context.Context, city, aggregate string) error {
		if aggregate == "good" {
			return f.fire(ctx, city, aggregate)
		}
		f.mu.Lock()
		f.fired[aggregate]++
		f.mu.Unlock()
		switch aggregate {
		case "error":
			return errors.New("cannot")
		case "panic":
			panic("cannot at all")
		}
		return nil // claims to be done and leaves the deadline where it is
	}})
	f.city.Advance(time.Minute)
	idle(t, s)
	for name, want := range map[string]int{"error": change.MaxClaims, "panic": change.MaxClaims, "nothing": change.MaxClaims, "good": 1} {
		if n := f.count(name); n != want {
			t.Errorf("%s fired %d times, want %d", name, n, want)
		}
	}
	if stats, err := f.store.DueStats(t.Context()); err != nil || stats.SetAside != 3 {
		t.Errorf("stats %+v, %v", stats, err)
	}
	families, err := testutil.GatherAndCount(registry, "throughtrain_sweep_set_aside", "throughtrain_sweep_failures_total", "throughtrain_sweep_lateness_seconds")
	if err != nil || families != 3 {
		t.Errorf("%d metrics, %v", families, err)
	}
}

// TestAStoppedSweeperIsSeen: how late the earliest deadline is does not depend on a sweeper that runs.
func TestAStoppedSweeperIsSeen(t *testing.T) {
	f := newFixture(t, "sqlite::memory:")
	registry := prometheus.NewRegistry()
	if _, err := sweep.New(sweep.Config{Store: f.store, City: f.city, Fire: f.fire, Metrics: registry}); err != nil {
		t.Fatal(err)
	}
	overdue := func() float64 {
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, family := range families {
			if family.GetName() == "throughtrain_sweep_overdue_seconds" {
				return family.GetMetric()[0].GetGauge().GetValue()
			}
		}
		return -1
	}
	want := func(seconds float64, when string) {
		t.Helper()
		if got := overdue(); got != seconds {
			t.Errorf("%s it is late by %v s, want %v", when, got, seconds)
		}
	}
	want(0, "with nothing to do")
	f.due(t, start.Add(time.Hour), "thing")
	want(0, "before its time")
	f.city.Set(start.Add(time.Hour + time.Minute))
	want(60, "a minute later")
}

// Whoever keeps changing an aggregate must not get its deadline set aside.
func TestLostRacesAreNotCounted(t *testing.T) {
	f := newFixture(t, "sqlite::memory:")
	f.due(t, start, "contended")
	s := f.run(t, sweep.Config{Fire: func(ctx context.Context, city, aggregate string) error {
		f.mu.Lock()
		f.fired[aggregate]++
		n := f.fired[aggregate]
		f.mu.Unlock()
		if n <= 2*change.MaxClaims {
			return change.ErrConflict
		}
		return f.store.Commit(ctx, &change.Change{Due: []change.Due{{City: city, Aggregate: aggregate}}})
	}})
	f.city.Advance(time.Minute)
	idle(t, s)
	if n := f.count("contended"); n != 2*change.MaxClaims+1 {
		t.Errorf("fired %d times", n)
	}
}

// A month of downtime: everything is fired, the oldest first, as fast as the disk allows.
func TestAMonthOfDowntime(t *testing.T) {
	n := 100_000
	if testing.Short() {
		t.Skip("drains 100,000 deadlines")
	}
	if kittest.Race {
		n = 10_000
	}
	f := newFixture(t, "sqlite:"+t.TempDir()+"/month.db")
	for first := 0; first < n; first += 1000 {
		c := &change.Change{}
		for i := first; i < first+1000; i++ {
			at := start.Add(time.Duration(i) * 30 * 24 * time.Hour / time.Duration(n))
			c.Due = append(c.Due, change.Due{City: cityCode, Aggregate: fmt.Sprintf("thing-%06d", (i*7919)%n), At: at})
		}
		if err := f.store.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	f.city.Advance(31 * 24 * time.Hour)
	began := time.Now()
	idle(t, f.run(t, sweep.Config{}))
	took := time.Since(began)
	t.Logf("fired %d deadlines in %v, %.0f a second", n, took, float64(n)/took.Seconds())
	if stats, err := f.store.DueStats(t.Context()); err != nil || stats != (change.DueStats{}) {
		t.Errorf("left: %+v, %v", stats, err)
	}
	for aggregate, times := range f.fired {
		if times != 1 {
			t.Errorf("%s fired %d times", aggregate, times)
		}
	}
	if len(f.fired) != n {
		t.Errorf("fired %d", len(f.fired))
	}
	if took > time.Minute {
		t.Errorf("draining took %v", took)
	}
}

func TestIncompleteConfigIsRefused(t *testing.T) {
	if _, err := sweep.New(sweep.Config{}); err == nil {
		t.Error("accepted")
	}
}
