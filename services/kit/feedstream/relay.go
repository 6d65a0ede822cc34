package feedstream

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/redisdb"
)

// RelayConfig is what a relay works with.
type RelayConfig struct {
	Service string // whose feed it is
	Store   *change.Store
	Redis   *redisdb.Client
	// Length is about how many events the stream keeps; 10,000 when zero.
	Length int64
	Log    *zap.Logger // silent when nil
	// Metrics registers nowhere when nil.
	Metrics prometheus.Registerer
}

const (
	defaultLength = 10_000
	relayBatch    = 500
	// refill is how much of what was there a stream gets that is empty again: those who follow closely find what they miss.
	refill = 1000
	// lookEvery is how often an idle relay looks whether the stream still has what it brought.
	lookEvery = time.Second
	// ringWait is how long one call waits for what other replicas bring.
	ringWait = 5 * time.Second
)

// Relay brings a store's feed to its stream, and rings at the store for what other replicas brought. Each replica of a service runs one.
type Relay struct {
	config  RelayConfig
	metrics *metrics
	key     string
	at      int64 // the stream has everything up to here, as far as this relay knows; unknown when negative
}

// NewRelay makes a relay.
func NewRelay(c RelayConfig) (*Relay, error) {
	if c.Service == "" || c.Store == nil || c.Redis == nil {
		return nil, errors.New("a relay needs a service's name, a store and a Redis")
	}
	if c.Length <= 0 {
		c.Length = defaultLength
	}
	if c.Log == nil {
		c.Log = zap.NewNop()
	}
	m, err := newMetrics(c.Metrics)
	return &Relay{config: c, metrics: m, at: -1}, err
}

// Run relays until the context ends, and then returns nil. Whatever happens to Redis, it goes on.
func (r *Relay) Run(ctx context.Context) error {
	defer r.config.Store.Rung(false)
	if err := r.await(ctx); err != nil {
		return nil // the context has ended
	}
	var group errgroup.Group
	group.Go(func() error { return r.again(ctx, r.step, func() { r.at = -1 }) })
	group.Go(func() error { return r.again(ctx, r.ring, func() { r.config.Store.Rung(false) }) }) // it polls as often as without Redis
	return group.Wait()
}

// await waits for the feed's first event, which names the stream.
func (r *Relay) await(ctx context.Context) error {
	for ctx.Err() == nil {
		key, err := keyOf(ctx, r.config.Redis, r.config.Service, feed.Local(r.config.Store))
		if err == nil && key != "" {
			r.key = key
			return nil
		}
		if err != nil {
			r.config.Log.Warn("cannot read the own feed; trying again", zap.Error(err))
			pause(ctx, lookEvery)
			continue
		}
		_ = r.config.Store.AwaitFeed(ctx, 0) // it fails only when the context ends
	}
	return ctx.Err()
}

// again repeats one of the relay's loops until the context ends.
func (r *Relay) again(ctx context.Context, step func(context.Context) error, failed func()) error {
	for ctx.Err() == nil {
		err := step(ctx)
		if err == nil || ctx.Err() != nil {
			continue
		}
		failed()
		if !errors.Is(err, redisdb.ErrAway) { // which says so itself
			r.config.Log.Warn("cannot relay the feed; trying again", zap.Error(err))
		}
		r.metrics.failures.Inc()
		// Nothing tells when Redis is back, so this is a matter of time.
		pause(ctx, retryEvery)
	}
	return nil
}

const retryEvery = 250 * time.Millisecond

func pause(ctx context.Context, d time.Duration) {
	wait := time.NewTimer(d)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-ctx.Done():
	}
}

// step brings the next events, and waits for some when there are none.
func (r *Relay) step(ctx context.Context) error {
	if r.at < 0 {
		if err := r.begin(ctx); err != nil {
			return err
		}
	}
	waiting, cancel := context.WithTimeout(ctx, lookEvery)
	err := r.config.Store.AwaitFeed(waiting, r.at)
	cancel()
	if err != nil && (ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded)) {
		return err
	}
	// Another relay may have been faster, and a stream may have lost what it had.
	last, _, err := newest(ctx, r.config.Redis, r.key)
	if err != nil {
		return err
	}
	if last.Position < r.at {
		r.at = -1
		return nil
	}
	r.at = last.Position
	events, err := r.config.Store.Feed(ctx, r.at, relayBatch)
	if err != nil || len(events) == 0 {
		return err
	}
	return r.bring(ctx, events)
}

// begin finds out where the stream stands. One that ends with something else than the journal has at that place is of a time that a restored
// backup has undone: it goes.
func (r *Relay) begin(ctx context.Context) error {
	last, there, err := newest(ctx, r.config.Redis, r.key)
	if err != nil {
		return err
	}
	head, err := r.config.Store.FeedHead(ctx) // after the stream, which is therefore never before it
	if err != nil {
		return err
	}
	if there {
		own, err := r.config.Store.Feed(ctx, last.Position-1, 1)
		if err != nil {
			return err
		}
		if len(own) == 0 || own[0].Position != last.Position || own[0].Hash != last.Hash {
			r.config.Log.Error("the stream has events that the journal does not have; it is made anew", zap.Int64("position", last.Position))
			last.Position, there = 0, false
			if err := r.forget(ctx); err != nil {
				return err
			}
		}
	}
	if !there || head-last.Position > r.config.Length {
		last.Position = max(0, head-min(refill, r.config.Length))
		if err := r.prime(ctx, last.Position); err != nil {
			return err
		}
	}
	r.at = last.Position
	return nil
}

func (r *Relay) forget(ctx context.Context) error {
	return r.config.Redis.Do(ctx, func(ctx context.Context, c redis.Cmdable) error { return c.Del(ctx, r.key).Err() })
}

// prime puts events into a stream that has none from there on.
func (r *Relay) prime(ctx context.Context, after int64) error {
	events, err := r.config.Store.Feed(ctx, after, relayBatch)
	if err != nil || len(events) == 0 {
		return err
	}
	return r.bring(ctx, events)
}

// bring adds consecutive events, the older ones of the stream going.
func (r *Relay) bring(ctx context.Context, events []change.FeedEvent) error {
	values := make([][]byte, len(events))
	for i := range events {
		var err error
		if values[i], err = encode(&events[i]); err != nil {
			return err
		}
	}
	var answers []redis.Cmder
	err := r.config.Redis.Do(ctx, func(ctx context.Context, c redis.Cmdable) error {
		var err error
		answers, err = c.Pipelined(ctx, func(p redis.Pipeliner) error {
			for i := range events {
				p.XAdd(ctx, &redis.XAddArgs{Stream: r.key, MaxLen: r.config.Length, Approx: true, ID: entryID(events[i].Position),
					Values: []any{field, values[i]}})
			}
			return nil
		})
		if there(err) {
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	added := 0
	for _, a := range answers {
		switch err := a.Err(); {
		case err == nil:
			added++
		case !there(err):
			return fmt.Errorf("add to the stream: %w", err)
		}
	}
	r.metrics.relayed.Add(float64(added))
	r.at = events[len(events)-1].Position
	return nil
}

// there tells that an entry was refused because the stream has it.
func there(err error) bool { return err != nil && strings.Contains(err.Error(), "equal or smaller") }

// ring waits for what anybody brings to the stream and lets the store look for it.
func (r *Relay) ring(ctx context.Context) error {
	for {
		last, _, err := newest(ctx, r.config.Redis, r.key)
		if err != nil {
			return err
		}
		r.config.Store.Rung(true)
		r.config.Store.Ring(last.Position)
		if _, err := await(ctx, r.config.Redis, r.key, last.Position, 1, ringWait); err != nil {
			return err
		}
	}
}

// await reads events behind a position, waiting for the first. Without a wait there may be none.
func await(ctx context.Context, r *redisdb.Client, key string, after int64, limit int, wait time.Duration) ([]change.FeedEvent, error) {
	var streams []redis.XStream
	args := &redis.XReadArgs{Streams: []string{key, entryID(after)}, Count: int64(limit), Block: wait}
	if wait <= 0 {
		args.Block = -1
	}
	err := r.Wait(ctx, max(0, wait), func(ctx context.Context, c redis.Cmdable) (err error) {
		streams, err = c.XRead(ctx, args).Result()
		return err
	})
	switch {
	case errors.Is(err, redis.Nil) || err == nil && len(streams) == 0:
		return nil, nil
	case err != nil:
		return nil, err
	}
	return decode(streams[0].Messages), nil
}
