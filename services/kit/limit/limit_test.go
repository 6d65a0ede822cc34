package limit_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/limit"
	"github.com/throughtrain/throughtrain/services/kit/redisdb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, server *kittest.RedisServer) *redisdb.Client {
	t.Helper()
	c, err := redisdb.Open(redisdb.Config{URL: server.URL()}, redisdb.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// each runs a test with two replicas' limiters that count together: one and the same in a process alone.
func each(t *testing.T, test func(t *testing.T, one, two limit.Limiter)) {
	t.Run("local", func(t *testing.T) {
		l := limit.New(nil, "test", clock.System())
		test(t, l, l)
	})
	t.Run("redis", func(t *testing.T) {
		server := kittest.Redis(t)
		test(t, limit.New(open(t, server), "test", clock.System()), limit.New(open(t, server), "test", clock.System()))
	})
}

func TestSoManyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, one, two limit.Limiter) {
		rate := limit.Rate{Most: 5, Per: time.Hour}
		for i := range 5 {
			l := []limit.Limiter{one, two}[i%2]
			if wait, ok := l.Take(t.Context(), "key", rate); !ok || wait != 0 {
				t.Errorf("take %d: %v, %t", i, wait, ok)
			}
		}
		for _, l := range []limit.Limiter{one, two} {
			if wait, ok := l.Take(t.Context(), "key", rate); ok || wait > 12*time.Minute || wait < 11*time.Minute {
				t.Errorf("one more: %v, %t", wait, ok)
			}
			if _, ok := l.Take(t.Context(), "other", rate); !ok {
				t.Error("another key is refused")
			}
		}
	})
}

func TestSomeAgain(t *testing.T) {
	each(t, func(t *testing.T, one, two limit.Limiter) {
		rate := limit.Rate{Most: 2, Per: 400 * time.Millisecond}
		for range 2 {
			one.Take(t.Context(), "key", rate)
		}
		wait, ok := two.Take(t.Context(), "key", rate)
		if ok || wait <= 0 || wait > 200*time.Millisecond {
			t.Fatalf("%v, %t", wait, ok)
		}
		time.Sleep(wait + time.Millisecond) // Redis has a clock of its own, which nobody moves
		if wait, ok := two.Take(t.Context(), "key", rate); !ok {
			t.Errorf("refused for %v", wait)
		}
		if _, ok := one.Take(t.Context(), "key", rate); ok {
			t.Error("one came back, two were taken")
		}
	})
}

// However many ask at once and wherever, no more are taken than there are.
func TestACrowd(t *testing.T) {
	each(t, func(t *testing.T, one, two limit.Limiter) {
		rate := limit.Rate{Most: 50, Per: time.Hour}
		var taken atomic.Int64
		var crowd sync.WaitGroup
		for i := range 16 {
			crowd.Go(func() {
				for range 20 {
					if _, ok := []limit.Limiter{one, two}[i%2].Take(t.Context(), "key", rate); ok {
						taken.Add(1)
					}
				}
			})
		}
		crowd.Wait()
		if taken.Load() != 50 {
			t.Errorf("%d were taken", taken.Load())
		}
	})
}

// Without Redis each replica keeps the limit for itself; it never goes without.
func TestRedisAway(t *testing.T) {
	server := kittest.Redis(t)
	one, two := limit.New(open(t, server), "test", clock.System()), limit.New(open(t, server), "test", clock.System())
	rate := limit.Rate{Most: 3, Per: time.Hour}
	for range 3 {
		one.Take(t.Context(), "key", rate)
	}
	server.Stop()
	if _, ok := one.Take(t.Context(), "key", rate); ok {
		t.Error("what was taken before Redis went is given again")
	}
	taken := 0
	for range 10 {
		if _, ok := two.Take(t.Context(), "key", rate); ok {
			taken++
		}
	}
	if taken != 3 {
		t.Errorf("%d were taken without Redis", taken)
	}
	server.Start() // empty
	if _, ok := one.Take(t.Context(), "key", rate); ok {
		t.Error("an empty Redis gives again what this replica has counted")
	}
}

func TestMemoryIsBounded(t *testing.T) {
	wall := movable.New(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC))
	l := limit.NewLocal(wall)
	for i := range 20_000 {
		wall.Advance(time.Millisecond)
		if _, ok := l.Take(context.Background(), fmt.Sprint(i), limit.Rate{Most: 2, Per: 200 * time.Millisecond}); !ok {
			t.Fatal("a new key is refused")
		}
	}
	if n := l.Len(); n > 2048 {
		t.Errorf("%d keys are kept", n)
	}
}
