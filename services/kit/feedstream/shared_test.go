package feedstream

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/feed"
)

// Replicas that share handle each event about once between them, each with its effect once and in order.
func TestReplicasShareTheWork(t *testing.T) {
	r := newRig(t, "sqlite::memory:")
	head := fill(t, r.owner, 1)
	r.relay(r.owner, r.redis, 0)
	r.streamReaches(head)
	var handled [3]atomic.Int64
	var replicas []*feed.Follower
	for i := range handled {
		f, _ := r.follow(Shared(r.redis, "owner", "effects", r.asked), func(ctx context.Context, events []change.FeedEvent) (*change.Change, error) {
			handled[i].Add(int64(len(events)))
			return record(ctx, events)
		})
		replicas = append(replicas, f)
	}
	for range 40 {
		head = fill(t, r.owner, 25)
	}
	for _, f := range replicas {
		r.reaches(f, head)
	}
	r.expectEffects(head)
	total, busy := int64(0), 0
	for i := range handled {
		n := handled[i].Load()
		if total += n; n > 0 {
			busy++
		}
	}
	if total > head+head/5 {
		t.Errorf("%d events were handled for %d", total, head)
	}
	if busy < 2 {
		t.Errorf("%d of the replicas did anything", busy)
	}
	t.Logf("%d events handled for %d by %d replicas", total, head, busy)
}

func (r *rig) pendingAt(replica string) int {
	r.t.Helper()
	var all []redis.XPendingExt
	err := r.redis.Do(r.t.Context(), func(ctx context.Context, c redis.Cmdable) (err error) {
		all, err = c.XPendingExt(ctx, &redis.XPendingExtArgs{Stream: r.key(), Group: "effects", Start: "-", End: "+", Count: 10_000, Consumer: replica}).Result()
		return err
	})
	if err != nil && !absent(err) {
		r.t.Fatal(err)
	}
	return len(all)
}

// A replica that dies while it holds a batch leaves it to another, which was given what comes later and waits for its turn.
func TestAHeldBatchIsClaimed(t *testing.T) {
	r := newRig(t, "sqlite::memory:")
	head := fill(t, r.owner, 1)
	r.relay(r.owner, r.redis, 0)
	r.streamReaches(head)
	dying := newShared(r.redis, "owner", "effects", r.asked, 300*time.Millisecond)
	holds := make(chan struct{})
	var once sync.Once
	f, kill := r.follow(dying, func(ctx context.Context, events []change.FeedEvent) (*change.Change, error) {
		if events[0].Position == 1 {
			return record(ctx, events)
		}
		once.Do(func() { close(holds) })
		<-ctx.Done() // it never comes to an end
		return nil, ctx.Err()
	})
	r.reaches(f, head)
	head = fill(t, r.owner, 10)
	<-holds
	if r.pendingAt(dying.replica) == 0 {
		t.Fatal("the first replica holds nothing")
	}
	living := newShared(r.redis, "owner", "effects", r.asked, 300*time.Millisecond)
	if !living.named(t.Context()) { // which asks the owner once
		t.Fatal("the stream has no name")
	}
	g, _ := r.follow(living, record)
	head = fill(t, r.owner, 10)
	kill()
	given := r.asked.given()
	r.reaches(g, head)
	r.expectEffects(head)
	until(t, "an empty list of what is pending", func() bool { return r.pendingAt("") == 0 })
	if more := r.asked.given() - given; more > 0 {
		t.Errorf("the owner gave out %d events that were to be claimed", more)
	}
}

// A replica that is only slow loses its batch to another, and nothing happens twice.
func TestASlowReplicaHarmsNothing(t *testing.T) {
	r := newRig(t, "sqlite::memory:")
	head := fill(t, r.owner, 1)
	r.relay(r.owner, r.redis, 0)
	r.streamReaches(head)
	release := make(chan struct{})
	slow := newShared(r.redis, "owner", "effects", r.asked, 100*time.Millisecond)
	var waits atomic.Bool
	f, _ := r.follow(slow, func(ctx context.Context, events []change.FeedEvent) (*change.Change, error) {
		if waits.CompareAndSwap(false, true) {
			<-release
		}
		return record(ctx, events)
	})
	until(t, "a slow replica", waits.Load)
	g, _ := r.follow(newShared(r.redis, "owner", "effects", r.asked, 100*time.Millisecond), record)
	head = fill(t, r.owner, 20)
	r.reaches(g, head)
	close(release)
	r.reaches(f, head)
	head = fill(t, r.owner, 20)
	r.reaches(f, head)
	r.reaches(g, head)
	r.expectEffects(head)
}

// What nobody brought to the stream is found at the owner, though later than else.
func TestARelayThatDies(t *testing.T) {
	each(t, func(t *testing.T, r *rig, source func() feed.Source) {
		head := fill(t, r.owner, 5)
		stop := r.relay(r.owner, r.redis, 0)
		r.streamReaches(head)
		f, _ := r.follow(source(), record)
		r.reaches(f, head)
		stop()
		head = fill(t, r.owner, 5)
		start := time.Now()
		r.reaches(f, head)
		r.expectEffects(head)
		t.Logf("found after %v", time.Since(start).Round(time.Millisecond))
	})
}

// Replicas that are gone for long leave no name behind.
func TestNamesAreForgotten(t *testing.T) {
	r := newRig(t, "sqlite::memory:")
	head := fill(t, r.owner, 3)
	r.relay(r.owner, r.redis, 0)
	r.streamReaches(head)
	s := newShared(r.redis, "owner", "effects", r.asked, time.Second)
	f, stop := r.follow(s, record)
	r.reaches(f, head)
	consumers := func() (all []redis.XInfoConsumer) {
		err := r.redis.Do(t.Context(), func(ctx context.Context, c redis.Cmdable) (err error) {
			all, err = c.XInfoConsumers(ctx, r.key(), "effects").Result()
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	names := func() int { return len(consumers()) }
	unsaid := func(one redis.XInfoConsumer) bool { return one.Pending > 0 }
	deadline := time.Now().Add(30 * time.Second)
	for slices.ContainsFunc(consumers(), unsaid) { // what is handled is said to be so a moment later, and whose name holds something stays
		if time.Now().After(deadline) {
			t.Fatal("what is handled is never said to be so")
		}
		time.Sleep(time.Millisecond)
	}
	stop()
	before := names()
	s.swept = false
	s.sweep(t.Context())
	if now := names(); before == 0 || now != before {
		t.Errorf("%d names, %d after a sweep that is too early", before, now)
	}
	s.swept, s.forgetAfter = false, time.Nanosecond
	time.Sleep(2 * time.Millisecond) // Redis counts in milliseconds
	s.sweep(t.Context())
	if now := names(); now != 0 {
		t.Errorf("%d names are left", now)
	}
}
