package feed_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/change/changetest"
	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fill commits n things, each in two steps, and returns how many events that made.
func fill(t *testing.T, s *change.Store, name string, n int) int64 {
	t.Helper()
	for i := range n {
		th := &changetest.Thing{ID: fmt.Sprint(name, "-", i)}
		for range 2 {
			c := th.Change(fmt.Sprint(th.ID, " ", th.Head.Version))
			if err := s.Commit(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			th.Committed(c)
		}
	}
	return 2 * int64(n)
}

// record makes a row of every event. A second row for the same position is refused by the table.
func record(_ context.Context, events []change.FeedEvent) (*change.Change, error) {
	c := &change.Change{}
	for _, e := range events {
		c.Statements = append(c.Statements, change.Exec(`INSERT INTO effect (position, aggregate, version) VALUES ($1, $2, $3)`,
			e.Position, e.Aggregate, e.Version))
	}
	return c, nil
}

func run(t *testing.T, cfg feed.Config) *feed.Follower {
	t.Helper()
	f, err := feed.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stopped := make(chan error, 1)
	go func() { stopped <- f.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-stopped; err != nil {
			t.Error(err)
		}
	})
	return f
}

func await(t *testing.T, f *feed.Follower, position int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := f.Await(ctx, position); err != nil {
		t.Fatalf("the follower stands at %d and does not reach %d: %v", f.Position(), position, err)
	}
}

func expectEffects(t *testing.T, s *change.Store, want int64) {
	t.Helper()
	var n, greatest int64
	if err := s.DB().QueryRow(t.Context(), `SELECT count(*), coalesce(max(position), 0) FROM effect`).Scan(&n, &greatest); err != nil {
		t.Fatal(err)
	}
	if n != want || greatest != want {
		t.Errorf("%d effects up to position %d, want %d", n, greatest, want)
	}
}

func TestFollowsFromNothingAndOn(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		s := kittest.OpenStore(t, dsn, change.Options{}, changetest.Schema())
		total := fill(t, s, "before", 20)
		f := run(t, feed.Config{Name: "effects", Source: feed.Local(s), Store: s, Handle: record, Batch: 7})
		await(t, f, total)
		total += fill(t, s, "after", 20)
		await(t, f, total)
		expectEffects(t, s, total)
		if position, err := s.Cursor(t.Context(), "effects"); err != nil || position != total {
			t.Errorf("cursor %d, %v", position, err)
		}
	})
}

// Two replicas run the same consumer: each event has one effect, whoever is faster.
func TestTwoReplicasOneEffect(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		s := kittest.OpenStore(t, dsn, change.Options{}, changetest.Schema())
		cfg := feed.Config{Name: "effects", Source: feed.Local(s), Store: s, Handle: record, Batch: 3}
		one, two := run(t, cfg), run(t, cfg)
		total := fill(t, s, "thing", 40)
		await(t, one, total)
		await(t, two, total)
		expectEffects(t, s, total)
	})
}

// What a handler keeps in memory is whole in both replicas, whoever is faster and however far they were apart; effects are there once.
func TestTwoReplicasKnowEverything(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		s := kittest.OpenStore(t, dsn, change.Options{}, changetest.Schema())
		var followers []*feed.Follower
		var known [2]sync.Map
		for i := range known {
			followers = append(followers, run(t, feed.Config{Name: "effects", Source: feed.Local(s), Store: s, Batch: 3 + i, Everywhere: true,
				Handle: func(ctx context.Context, events []change.FeedEvent) (*change.Change, error) {
					for _, e := range events {
						known[i].Store(e.Position, true)
					}
					return record(ctx, events)
				}}))
		}
		total := fill(t, s, "thing", 40)
		for i, f := range followers {
			await(t, f, total)
			for position := range total {
				if _, ok := known[i].Load(position + 1); !ok {
					t.Errorf("replica %d does not know of position %d", i, position+1)
				}
			}
		}
		expectEffects(t, s, total)
	})
}

// script is a source that answers by a function.
type script struct {
	feed.Source
	mu   sync.Mutex
	read func(after int64, events []change.FeedEvent) ([]change.FeedEvent, error)
}

func (s *script) Read(ctx context.Context, after int64, limit int, wait time.Duration) ([]change.FeedEvent, error) {
	events, err := s.Source.Read(ctx, after, limit, wait)
	if err != nil || len(events) == 0 {
		return events, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.read(after, events)
}

func TestGapsAreReadAgainAndNeverSkipped(t *testing.T) {
	s := kittest.OpenStore(t, "sqlite::memory:", change.Options{}, changetest.Schema())
	total := fill(t, s, "thing", 20)
	reads := 0
	source := &script{Source: feed.Local(s), read: func(_ int64, events []change.FeedEvent) ([]change.FeedEvent, error) {
		reads++
		switch {
		case reads%4 == 1:
			return events[1:], nil // the first is missing
		case reads%4 == 2 && len(events) > 3:
			return append(events[:2:2], events[3:]...), nil // one in the middle is missing
		case reads%4 == 3:
			return nil, errors.New("the other service is away")
		}
		return events, nil
	}}
	registry := prometheus.NewRegistry()
	f := run(t, feed.Config{Name: "effects", Source: source, Store: s, Handle: record, Batch: 8, Metrics: registry})
	await(t, f, total)
	expectEffects(t, s, total)
	if n, err := testutil.GatherAndCount(registry); err != nil || n != 7 {
		t.Errorf("%d metrics, %v", n, err)
	}
}

func TestAFailingEventIsIsolatedAndTriedAgain(t *testing.T) {
	s := kittest.OpenStore(t, "sqlite::memory:", change.Options{}, changetest.Schema())
	total := fill(t, s, "thing", 20)
	const bad = 13
	var mu sync.Mutex
	alone, smallest := 0, 1000
	f := run(t, feed.Config{Name: "effects", Source: feed.Local(s), Store: s, Batch: 16,
		Handle: func(ctx context.Context, events []change.FeedEvent) (*change.Change, error) {
			mu.Lock()
			defer mu.Unlock()
			for _, e := range events {
				if e.Position != bad {
					continue
				}
				smallest = min(smallest, len(events))
				if len(events) == 1 {
					alone++
				}
				if alone < 3 {
					return nil, errors.New("cannot digest this")
				}
			}
			return record(ctx, events)
		}})
	await(t, f, total)
	expectEffects(t, s, total)
	if smallest != 1 || alone != 3 {
		t.Errorf("the bad event came in batches down to %d and %d times alone", smallest, alone)
	}
}

func TestALostRaceIsDecidedAgain(t *testing.T) {
	s := kittest.OpenStore(t, "sqlite::memory:", change.Options{}, changetest.Schema())
	total := fill(t, s, "thing", 2)
	calls := 0
	f := run(t, feed.Config{Name: "effects", Source: feed.Local(s), Store: s,
		Handle: func(ctx context.Context, events []change.FeedEvent) (*change.Change, error) {
			c, err := record(ctx, events)
			if calls++; calls < 3 {
				c.Statements = append(c.Statements, change.Guard(`UPDATE thing SET version = 0 WHERE id = $1`, "nobody"))
			}
			return c, err
		}})
	await(t, f, total)
	expectEffects(t, s, total)
	if calls != 3 {
		t.Errorf("decided %d times", calls)
	}
}

func TestWhatHasNoEffectIsNotCommitted(t *testing.T) {
	s := kittest.OpenStore(t, "sqlite::memory:", change.Options{}, changetest.Schema())
	cursor := func(want int64) {
		t.Helper()
		if position, err := s.Cursor(t.Context(), "some"); err != nil || position != want {
			t.Errorf("the cursor is at %d, want %d: %v", position, want, err)
		}
	}
	var effect atomic.Bool
	f := run(t, feed.Config{Name: "some", Source: feed.Local(s), Store: s, Reread: 9, Batch: 1,
		Handle: func(ctx context.Context, events []change.FeedEvent) (*change.Change, error) {
			if !effect.Load() {
				return nil, nil
			}
			return record(ctx, events)
		}})
	head := fill(t, s, "quiet", 4)
	await(t, f, head)
	cursor(0)
	head += fill(t, s, "long quiet", 1)
	await(t, f, head)
	cursor(9) // nothing more than this is read again
	effect.Store(true)
	head += fill(t, s, "loud", 1)
	await(t, f, head)
	cursor(head)
	if n := effects(t, s); n != 2 {
		t.Errorf("%d effects, want 2", n)
	}
}

// TestGather: events wait for more, but nobody waits for that.
func TestGather(t *testing.T) {
	s := kittest.OpenStore(t, "sqlite::memory:", change.Options{}, changetest.Schema())
	var batches atomic.Int64
	handle := func(ctx context.Context, events []change.FeedEvent) (*change.Change, error) {
		batches.Add(1)
		return record(ctx, events)
	}
	f := run(t, feed.Config{Name: "patient", Source: feed.Local(s), Store: s, Handle: handle, Gather: time.Hour})
	head := fill(t, s, "first", 5)
	await(t, f, head)
	await(t, f, head) // once more, which must not wake anybody
	head += fill(t, s, "second", 5)
	await(t, f, head)
	expectEffects(t, s, head)
	if n := batches.Load(); n != 2 {
		t.Errorf("handled in %d batches", n)
	}
	quick := run(t, feed.Config{Name: "quick", Source: feed.Local(s), Store: s, Gather: time.Millisecond,
		Handle: func(context.Context, []change.FeedEvent) (*change.Change, error) { return nil, nil }})
	for quick.Position() < head { // nobody awaits it
		runtime.Gosched()
	}
}

func effects(t *testing.T, s *change.Store) (n int64) {
	t.Helper()
	if err := s.DB().QueryRow(t.Context(), `SELECT count(*) FROM effect`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestNoEffectInOneReplica: one follower goes on in memory, another with the same cursor stays behind; neither loses or repeats an
// effect.
func TestNoEffectInOneReplica(t *testing.T) {
	s := kittest.OpenStore(t, "sqlite::memory:", change.Options{}, changetest.Schema())
	handle := func(ctx context.Context, events []change.FeedEvent) (*change.Change, error) {
		var loud []change.FeedEvent
		for _, e := range events {
			if e.Position%5 == 0 {
				loud = append(loud, e)
			}
		}
		if len(loud) == 0 {
			return nil, nil
		}
		return record(ctx, loud)
	}
	var replicas []*feed.Follower
	for batch := range 3 {
		replicas = append(replicas, run(t, feed.Config{Name: "shared", Source: feed.Local(s), Store: s, Batch: batch + 1, Handle: handle}))
	}
	head := fill(t, s, "thing", 50)
	for _, f := range replicas {
		await(t, f, head)
	}
	if n := effects(t, s); n != head/5 {
		t.Errorf("%d effects, want %d", n, head/5)
	}
}

func TestLocalSourceWaitsAndGivesUp(t *testing.T) {
	s := kittest.OpenStore(t, "sqlite::memory:", change.Options{}, changetest.Schema())
	source := feed.Local(s)
	if events, err := source.Read(t.Context(), 0, 10, time.Millisecond); err != nil || len(events) != 0 {
		t.Errorf("read %v, %v", events, err)
	}
	got := make(chan int, 1)
	go func() {
		events, err := source.Read(t.Context(), 0, 10, time.Minute)
		if err != nil {
			t.Error(err)
		}
		got <- len(events)
	}()
	fill(t, s, "thing", 1)
	if n := <-got; n == 0 {
		t.Error("the read gave up")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := source.Read(ended, 2, 10, time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestIncompleteConfigIsRefused(t *testing.T) {
	if _, err := feed.New(t.Context(), feed.Config{Name: "x"}); err == nil {
		t.Error("accepted")
	}
}
