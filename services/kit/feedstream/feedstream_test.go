package feedstream

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/change/changetest"
	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/redisdb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a service's store, a consumer's store, and a Redis between them.
type rig struct {
	t        testing.TB
	server   *kittest.RedisServer
	redis    *redisdb.Client
	owner    *change.Store
	consumer *change.Store
	asked    *counted
}

func newRig(t testing.TB, ownerDSN string) *rig {
	t.Helper()
	r := &rig{t: t, server: kittest.Redis(t)}
	r.redis = r.client()
	r.owner = kittest.OpenStore(t, ownerDSN, change.Options{}, changetest.Schema())
	r.consumer = kittest.OpenStore(t, "sqlite::memory:", change.Options{}, changetest.Schema())
	r.asked = &counted{Source: feed.Local(r.owner)}
	return r
}

func (r *rig) client() *redisdb.Client {
	r.t.Helper()
	c, err := redisdb.Open(redisdb.Config{URL: r.server.URL(), Timeout: time.Second}, redisdb.Deps{})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		if err := c.Close(); err != nil {
			r.t.Error(err)
		}
	})
	return c
}

// counted counts the events that the owner had to give out.
type counted struct {
	feed.Source
	mu     sync.Mutex
	events int
}

func (c *counted) Read(ctx context.Context, after int64, limit int, wait time.Duration) ([]change.FeedEvent, error) {
	events, err := c.Source.Read(ctx, after, limit, wait)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events += len(events)
	return events, err
}

func (c *counted) given() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.events
}

// run runs something until the test ends, or until it is stopped.
func run(t testing.TB, do func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- do(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func (r *rig) relay(s *change.Store, c *redisdb.Client, length int64) (stop func()) {
	r.t.Helper()
	relay, err := NewRelay(RelayConfig{Service: "owner", Store: s, Redis: c, Length: length})
	if err != nil {
		r.t.Fatal(err)
	}
	return run(r.t, relay.Run)
}

var things int

// fill makes n events and returns the head.
func fill(t testing.TB, s *change.Store, n int) int64 {
	t.Helper()
	things++
	for i := range n {
		th := &changetest.Thing{ID: fmt.Sprint("thing-", things, "-", i)}
		if err := s.Commit(t.Context(), th.Change(th.ID)); err != nil {
			t.Fatal(err)
		}
	}
	head, err := s.Settled(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return head
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

func (r *rig) follow(source feed.Source, handle func(context.Context, []change.FeedEvent) (*change.Change, error)) (f *feed.Follower, stop func()) {
	r.t.Helper()
	f, err := feed.New(r.t.Context(), feed.Config{Name: "effects", Source: source, Store: r.consumer, Handle: handle})
	if err != nil {
		r.t.Fatal(err)
	}
	return f, run(r.t, f.Run)
}

func (r *rig) reaches(f *feed.Follower, position int64) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), time.Minute)
	defer cancel()
	if err := f.Await(ctx, position); err != nil {
		r.t.Fatalf("the follower stands at %d and does not reach %d: %v", f.Position(), position, err)
	}
}

func (r *rig) expectEffects(want int64) {
	r.t.Helper()
	var n, greatest int64
	if err := r.consumer.DB().QueryRow(r.t.Context(), `SELECT count(*), coalesce(max(position), 0) FROM effect`).Scan(&n, &greatest); err != nil {
		r.t.Fatal(err)
	}
	if n != want || greatest != want {
		r.t.Errorf("%d effects up to position %d, want %d", n, greatest, want)
	}
}

func (r *rig) key() string {
	r.t.Helper()
	key, err := keyOf(r.t.Context(), r.redis, "owner", feed.Local(r.owner))
	if err != nil || key == "" {
		r.t.Fatalf("key %q, %v", key, err)
	}
	return key
}

// inStream returns the positions in the stream.
func (r *rig) inStream() []int64 {
	r.t.Helper()
	var entries []redis.XMessage
	err := r.redis.Do(r.t.Context(), func(ctx context.Context, c redis.Cmdable) (err error) {
		entries, err = c.XRange(ctx, r.key(), "-", "+").Result()
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	var all []int64
	for _, e := range decode(entries) {
		all = append(all, e.Position)
	}
	if len(all) != len(entries) {
		r.t.Errorf("%d of %d entries can be read", len(all), len(entries))
	}
	return all
}

// until waits for what only looking can tell.
func until(t testing.TB, what string, there func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !there(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s does not come about", what)
		}
	}
}

func (r *rig) streamReaches(position int64) {
	r.t.Helper()
	until(r.t, fmt.Sprint("position ", position, " in the stream"), func() bool {
		last, _, err := newest(r.t.Context(), r.redis, r.key())
		return err == nil && last.Position == position
	})
}

func (r *rig) expectGapless(first, last int64) {
	r.t.Helper()
	got := r.inStream()
	if len(got) == 0 || got[0] > first || got[len(got)-1] != last || !slices.Equal(got, span(got[0], last)) {
		r.t.Errorf("the stream has %d positions, want %d to %d without a gap", len(got), first, last)
	}
}

func span(first, last int64) []int64 {
	all := make([]int64, 0, last-first+1)
	for p := first; p <= last; p++ {
		all = append(all, p)
	}
	return all
}

// each runs a test with either way of reading.
func each(t *testing.T, test func(t *testing.T, r *rig, source func() feed.Source)) {
	t.Run("source", func(t *testing.T) {
		r := newRig(t, "sqlite::memory:")
		test(t, r, func() feed.Source { return Source(r.redis, "owner", r.asked) })
	})
	t.Run("shared", func(t *testing.T) {
		r := newRig(t, "sqlite::memory:")
		test(t, r, func() feed.Source { return Shared(r.redis, "owner", "effects", r.asked) })
	})
}

// Who follows closely gets everything from the stream, and the owner is not asked for it.
func TestTheStreamCarries(t *testing.T) {
	each(t, func(t *testing.T, r *rig, source func() feed.Source) {
		head := fill(t, r.owner, 10)
		r.relay(r.owner, r.redis, 0)
		r.streamReaches(head)
		f, _ := r.follow(source(), record)
		r.reaches(f, head)
		given := r.asked.given()
		head = fill(t, r.owner, 500)
		r.reaches(f, head)
		r.expectEffects(head)
		if more := r.asked.given() - given; more > 0 {
			t.Errorf("the owner gave out %d events that the stream carries", more)
		}
	})
}

func TestFlushedInTheMiddle(t *testing.T) {
	each(t, func(t *testing.T, r *rig, source func() feed.Source) {
		head := fill(t, r.owner, 50)
		r.relay(r.owner, r.redis, 0)
		f, _ := r.follow(source(), record)
		r.reaches(f, head)
		for range 20 {
			fill(t, r.owner, 20)
			r.server.Must("FLUSHALL")
			head = fill(t, r.owner, 5)
		}
		r.reaches(f, head)
		r.expectEffects(head)
		r.streamReaches(head) // the relay has noticed
	})
}

func TestAwayThenBackAndEmpty(t *testing.T) {
	each(t, func(t *testing.T, r *rig, source func() feed.Source) {
		head := fill(t, r.owner, 20)
		r.relay(r.owner, r.redis, 0)
		f, _ := r.follow(source(), record)
		r.reaches(f, head)
		for range 2 {
			r.server.Stop()
			head = fill(t, r.owner, 300)
			r.reaches(f, head) // without Redis
			r.expectEffects(head)
			r.server.Start()
			r.streamReaches(head)
			head = fill(t, r.owner, 300)
			r.reaches(f, head)
			r.expectEffects(head)
		}
		until(t, "the stream carries again", func() bool {
			given := r.asked.given()
			head = fill(t, r.owner, 1)
			r.reaches(f, head)
			return r.asked.given() == given
		})
	})
}

// A Redis that was never there is as good as none.
func TestNeverThere(t *testing.T) {
	each(t, func(t *testing.T, r *rig, source func() feed.Source) {
		r.server.Stop()
		r.relay(r.owner, r.redis, 0)
		f, _ := r.follow(source(), record)
		head := fill(t, r.owner, 100)
		r.reaches(f, head)
		r.expectEffects(head)
	})
}

// Two replicas of the owner relay at once; the stream has each event once and in order.
func TestTwoRelays(t *testing.T) {
	r := newRig(t, "sqlite::memory:")
	head := fill(t, r.owner, 1)
	r.relay(r.owner, r.redis, 0)
	stop := r.relay(r.owner, r.client(), 0)
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := range 200 {
				th := &changetest.Thing{ID: fmt.Sprint("writer-", w, "-", i)}
				if err := r.owner.Commit(t.Context(), th.Change(th.ID)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	head += 800
	r.streamReaches(head)
	r.expectGapless(1, head)
	stop()
	head = fill(t, r.owner, 10)
	r.streamReaches(head)
	r.expectGapless(1, head)
}

// A relay that comes back after long skips what the stream would not keep, and whoever meets the gap reads it at the owner.
func TestARelayThatComesBack(t *testing.T) {
	each(t, func(t *testing.T, r *rig, source func() feed.Source) {
		head := fill(t, r.owner, 10)
		stop := r.relay(r.owner, r.redis, 100)
		r.streamReaches(head)
		f, unfollow := r.follow(source(), record)
		r.reaches(f, head)
		unfollow()
		stop()
		head = fill(t, r.owner, 1000)
		r.relay(r.owner, r.redis, 100)
		r.streamReaches(head)
		f, _ = r.follow(source(), record)
		r.reaches(f, head)
		r.expectEffects(head)
	})
}

// A hundred thousand events leave a stream of about the length that was asked for, and whoever comes late gets all of them.
func TestBoundedLength(t *testing.T) {
	events, length := 100_000, 2000
	if kittest.Race {
		events = 10_000
	}
	r := newRig(t, "sqlite::memory:")
	r.relay(r.owner, r.redis, int64(length))
	var writers sync.WaitGroup
	for w := range 64 {
		writers.Go(func() {
			for i := range events / 64 {
				th := &changetest.Thing{ID: fmt.Sprint("many-", w, "-", i)}
				if err := r.owner.Commit(t.Context(), th.Change(th.ID)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	writers.Wait()
	head := fill(t, r.owner, events-64*(events/64))
	if head != int64(events) {
		t.Fatalf("%d events", head)
	}
	r.streamReaches(head)
	if n := len(r.inStream()); n < length || n > length+200 {
		t.Errorf("the stream has %d entries, want about %d", n, length)
	}
	f, _ := r.follow(Source(r.redis, "owner", r.asked), record)
	r.reaches(f, head)
	r.expectEffects(head)
}

// A stream of a time that a restored backup has undone is not believed; neither is one in which somebody else has written.
func TestAnotherTimeIsForgotten(t *testing.T) {
	r := newRig(t, "sqlite::memory:")
	head := fill(t, r.owner, 20)
	stop := r.relay(r.owner, r.redis, 0)
	r.streamReaches(head)
	stop()
	undone, err := r.owner.Feed(t.Context(), head-1, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, spoil := range []func(c redis.Cmdable) error{
		func(c redis.Cmdable) error { // an event where the journal has none
			undone[0].Position = head + 5
			value, err := encode(&undone[0])
			if err != nil {
				return err
			}
			return c.XAdd(t.Context(), &redis.XAddArgs{Stream: r.key(), ID: entryID(head + 5), Values: []any{field, value}}).Err()
		},
		func(c redis.Cmdable) error { // no event at all
			return c.XAdd(t.Context(), &redis.XAddArgs{Stream: r.key(), Values: []any{"some", "thing"}}).Err()
		},
	} {
		if err := r.redis.Do(t.Context(), func(_ context.Context, c redis.Cmdable) error { return spoil(c) }); err != nil {
			t.Fatal(err)
		}
		stop := r.relay(r.owner, r.redis, 0)
		r.streamReaches(head)
		r.expectGapless(1, head)
		stop()
	}
}

// Another installation's service of the same name has another stream on the same Redis.
func TestInstallationsDoNotMeet(t *testing.T) {
	r := newRig(t, "sqlite::memory:")
	foreign := kittest.OpenStore(t, "sqlite::memory:", change.Options{}, changetest.Schema())
	fill(t, foreign, 30)
	head := fill(t, r.owner, 10)
	r.relay(foreign, r.redis, 0)
	r.relay(r.owner, r.redis, 0)
	r.streamReaches(head)
	r.expectGapless(1, head)
}

func TestIncompleteConfigIsRefused(t *testing.T) {
	if _, err := NewRelay(RelayConfig{}); err == nil {
		t.Error("accepted")
	}
	local := feed.Local(kittest.OpenStore(t, "sqlite::memory:", change.Options{}, changetest.Schema()))
	if Source(nil, "owner", local) != local || Shared(nil, "owner", "effects", local) != local {
		t.Error("without Redis the owner is not asked")
	}
}
