package feedstream

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/redisdb"
)

const (
	// claimAfter is how long a batch may be handled before another replica takes it: its holder may have crashed. One that is only slow
	// loses nothing, since the cursor moves once.
	claimAfter = 2 * time.Second
	// sharedBlock is how long a replica waits for its turn before it looks whether somebody has left a batch.
	sharedBlock = time.Second
	// turnEvery is how often a replica that holds what comes later looks whether what comes before is done.
	turnEvery = 5 * time.Millisecond
	// forgetAfter is how long ago a replica was heard of that is not coming back.
	forgetAfter = time.Hour
)

// Shared is Source for a consumer whose replicas share the work: each event is given to one of them, by a consumer group of the stream, and given
// to another when the first does not handle it in time. The group saves the others the work of deciding what they could not commit. That every event has
// its effect once, and in order, is the cursor's doing: a batch waits at the replica that holds it until the cursor has reached it.
func Shared(r *redisdb.Client, service, consumer string, owner feed.Source) feed.Source {
	if r == nil {
		return owner
	}
	return newShared(r, service, consumer, owner, claimAfter)
}

func newShared(r *redisdb.Client, service, consumer string, owner feed.Source, claim time.Duration) *shared {
	return &shared{source: newSource(r, service, owner), group: consumer, replica: rand.Text(), claimAfter: claim, forgetAfter: forgetAfter}
}

// shared is used by one goroutine.
type shared struct {
	*source
	group, replica string
	claimAfter     time.Duration
	forgetAfter    time.Duration
	held           []change.FeedEvent // given to this replica, in order
	stood          int64              // where there was nothing to be done the last time
	asked          time.Time          // when the owner was asked
	swept          bool
}

// Read implements feed.Source. Nothing without an error says that the work is somebody else's, or that there is none.
func (s *shared) Read(ctx context.Context, after int64, limit int, wait time.Duration) ([]change.FeedEvent, error) {
	if !s.named(ctx) {
		return s.owner.Read(ctx, after, limit, min(wait, awayMost))
	}
	events, err := s.turn(ctx, after, limit, wait)
	if err == nil || ctx.Err() != nil {
		return events, err
	}
	s.held = nil // what they are given comes back to somebody, handled or not
	return s.owner.Read(ctx, after, limit, min(wait, awayMost))
}

func (s *shared) turn(ctx context.Context, after int64, limit int, wait time.Duration) ([]change.FeedEvent, error) {
	if err := s.settle(ctx, after); err != nil {
		return nil, err
	}
	if len(s.held) == 0 {
		if err := s.claim(ctx); err != nil {
			return nil, err
		}
	}
	if len(s.held) == 0 || wait <= 0 && len(s.held) < limit {
		if len(s.held) > 0 {
			wait = 0
		}
		if err := s.deliver(ctx, after, limit, min(wait, sharedBlock)); err != nil {
			return nil, err
		}
	}
	if err := s.settle(ctx, after); err != nil { // what was given may be handled already, by whoever read it at the owner
		return nil, err
	}
	switch {
	case len(s.held) == 0:
		return s.nothing(ctx, after, limit)
	case s.held[0].Position == after+1:
		events := consecutive(s.held)
		return events[:min(len(events), limit)], nil
	}
	return s.before(ctx, after, limit, wait)
}

// nothing was given. When that is so for a while at one place, and nobody else has anything either, there may be something that nobody brought.
func (s *shared) nothing(ctx context.Context, after int64, limit int) ([]change.FeedEvent, error) {
	if s.stood != after || time.Since(s.asked) < blockMost {
		s.stood = after
		return nil, nil
	}
	s.asked = time.Now()
	pending, err := s.pending(ctx, after, 0)
	if err != nil || pending {
		return nil, err
	}
	return s.owner.Read(ctx, after, limit, 0)
}

// before waits for the turn of what this replica holds, and reads what comes before it when nobody else has that.
func (s *shared) before(ctx context.Context, after int64, limit int, wait time.Duration) ([]change.FeedEvent, error) {
	first := s.held[0].Position
	if s.stood != after { // the cursor may have moved since
		s.stood = after
		return nil, nil
	}
	pending, err := s.pending(ctx, after, first)
	switch {
	case err != nil:
		return nil, err
	case pending:
		if err := s.claim(ctx); err != nil {
			return nil, err
		}
		if wait > 0 {
			pause(ctx, turnEvery)
		}
		return nil, ctx.Err()
	}
	return s.source.Read(ctx, after, min(limit, int(first-after-1)), 0)
}

// settle says of what is handled that it is.
func (s *shared) settle(ctx context.Context, after int64) error {
	n := 0
	for n < len(s.held) && s.held[n].Position <= after {
		n++
	}
	if n == 0 {
		return nil
	}
	ids := make([]string, n)
	for i := range ids {
		ids[i] = entryID(s.held[i].Position)
	}
	s.held = s.held[n:]
	return s.redis.Do(ctx, func(ctx context.Context, c redis.Cmdable) error { return c.XAck(ctx, s.key, s.group, ids...).Err() })
}

// deliver takes new events, waiting for the first.
func (s *shared) deliver(ctx context.Context, after int64, limit int, wait time.Duration) error {
	var streams []redis.XStream
	args := &redis.XReadGroupArgs{Group: s.group, Consumer: s.replica, Streams: []string{s.key, ">"}, Count: int64(min(limit, readMost)), Block: wait}
	if wait <= 0 {
		args.Block = -1
	}
	err := s.redis.Wait(ctx, max(0, wait), func(ctx context.Context, c redis.Cmdable) (err error) {
		streams, err = c.XReadGroup(ctx, args).Result()
		return err
	})
	switch {
	case errors.Is(err, redis.Nil) || err == nil && len(streams) == 0:
		return nil
	case absent(err):
		if err := s.join(ctx, after); err != nil {
			return err
		}
		return s.deliver(ctx, after, limit, wait)
	case err != nil:
		return err
	}
	s.hold(streams[0].Messages)
	return nil
}

// absent tells that there is no such group: the stream is new.
func absent(err error) bool { return err != nil && strings.Contains(err.Error(), "NOGROUP") }

// join makes the group, for what comes behind a position.
func (s *shared) join(ctx context.Context, after int64) error {
	return s.redis.Do(ctx, func(ctx context.Context, c redis.Cmdable) error {
		err := c.XGroupCreateMkStream(ctx, s.key, s.group, entryID(after)).Err()
		if err != nil && strings.HasPrefix(err.Error(), "BUSYGROUP") {
			return nil // another replica was faster
		}
		return err
	})
}

// claim takes what another replica was given too long ago.
func (s *shared) claim(ctx context.Context) error {
	s.sweep(ctx)
	var entries []redis.XMessage
	err := s.redis.Do(ctx, func(ctx context.Context, c redis.Cmdable) (err error) {
		entries, _, err = c.XAutoClaim(ctx, &redis.XAutoClaimArgs{Stream: s.key, Group: s.group, Consumer: s.replica, MinIdle: s.claimAfter,
			Start: "0", Count: readMost}).Result()
		return err
	})
	if absent(err) {
		return nil // delivering makes it
	}
	s.hold(entries)
	return err
}

// hold keeps events beside those that are held.
func (s *shared) hold(entries []redis.XMessage) {
	s.held = append(s.held, decode(entries)...)
	slices.SortFunc(s.held, func(a, b change.FeedEvent) int { return cmp.Compare(a.Position, b.Position) })
	s.held = slices.CompactFunc(s.held, func(a, b change.FeedEvent) bool { return a.Position == b.Position })
}

// pending tells whether some replica holds an event between two positions; without the second, behind the first.
func (s *shared) pending(ctx context.Context, after, before int64) (bool, error) {
	end := "+"
	if before > 0 {
		end = entryID(before - 1)
	}
	var some []redis.XPendingExt
	err := s.redis.Do(ctx, func(ctx context.Context, c redis.Cmdable) (err error) {
		some, err = c.XPendingExt(ctx, &redis.XPendingExtArgs{Stream: s.key, Group: s.group, Start: entryID(after + 1), End: end, Count: 1}).Result()
		return err
	})
	if absent(err) {
		err = nil
	}
	return len(some) > 0, err
}

// sweep forgets, once, the replicas that have been gone for long and hold nothing.
func (s *shared) sweep(ctx context.Context) {
	if s.swept {
		return
	}
	s.swept = true
	// If it fails, the next start tries again: a name costs some bytes.
	_ = s.redis.Do(ctx, func(ctx context.Context, c redis.Cmdable) error {
		all, err := c.XInfoConsumers(ctx, s.key, s.group).Result()
		for _, one := range all {
			if one.Pending == 0 && one.Idle > s.forgetAfter {
				err = errors.Join(err, c.XGroupDelConsumer(ctx, s.key, s.group, one.Name).Err())
			}
		}
		return err
	})
}
