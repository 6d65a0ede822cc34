// Package redisdb is the way to Redis, which is never needed: it carries copies and counts, and whoever uses it has another way. One
// server, sentinels or a cluster is a matter of configuration. A Redis that is away costs next to nothing: no call waits longer than its bound,
// and after one that failed the others do not even try, until one of them finds Redis back.
//
// It depends on go-redis.
package redisdb

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"
)

// ErrAway is returned when Redis cannot be reached, or was not a moment ago. Nothing is known to have been done.
var ErrAway = errors.New("redis is away")

// Deps is what a client works with.
type Deps struct {
	Log     *zap.Logger           // silent when nil
	Metrics prometheus.Registerer // nil registers nowhere
}

// Client is a Redis. It is safe for concurrent use.
type Client struct {
	config  Config
	redis   redis.UniversalClient
	log     *zap.Logger
	metrics *metrics
	waits   sync.WaitGroup

	mu       sync.Mutex
	failures int       // in a row
	retry    time.Time // while away: when the next call may try
	here     context.Context
	leave    context.CancelFunc // ends here, and with it who waits at a server that has gone
}

const (
	firstRetry = 100 * time.Millisecond
	lastRetry  = 2 * time.Second
)

var quiet sync.Once

// silent keeps the library from writing to standard error: what fails is returned.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// Open makes a client. Redis need not be there.
func Open(config Config, deps Deps) (*Client, error) {
	config = config.withDefaults()
	options, err := config.options()
	if err != nil {
		return nil, err
	}
	quiet.Do(func() { redis.SetLogger(silent{}) })
	c := &Client{config: config, log: deps.Log}
	if c.log == nil {
		c.log = zap.NewNop()
	}
	if c.metrics, err = newMetrics(deps.Metrics); err != nil {
		return nil, err
	}
	c.here, c.leave = context.WithCancel(context.Background())
	c.redis = redis.NewUniversalClient(options)
	return c, nil
}

// Close ends the connections.
func (c *Client) Close() error {
	c.mu.Lock()
	c.leave()
	c.mu.Unlock()
	err := c.redis.Close() // which ends what is waited for
	c.waits.Wait()
	return err
}

// Key is the name of a key. All of one group lie in one slot of a cluster, so that one call can use them together.
func (c *Client) Key(group, name string) string { return c.config.Prefix + ":{" + group + "}:" + name }

// Do makes a call that the server answers at once.
func (c *Client) Do(ctx context.Context, call func(context.Context, redis.Cmdable) error) error {
	return c.Wait(ctx, 0, call)
}

// Wait makes a call that the server may take so long to answer. It ends early, with ErrAway, when another call finds Redis away. What the call was to
// set must not be looked at after an error.
func (c *Client) Wait(ctx context.Context, wait time.Duration, call func(context.Context, redis.Cmdable) error) error {
	here, ok := c.enter()
	if !ok {
		c.metrics.skipped.Inc()
		return ErrAway
	}
	err := c.bounded(ctx, here, wait, call)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case here.Err() != nil:
		return ErrAway // somebody else has noticed already
	case !unreachable(err):
		c.back()
		return err
	}
	c.metrics.failures.Inc()
	c.gone(err)
	return errors.Join(ErrAway, err)
}

// bounded makes a call. The library does not notice that a context ends while a server is waited for, so such a call is left behind, to end in its
// time or with the client.
func (c *Client) bounded(ctx, here context.Context, wait time.Duration, call func(context.Context, redis.Cmdable) error) error {
	limited, cancel := context.WithTimeout(ctx, wait+c.config.Timeout)
	if wait <= 0 {
		defer cancel()
		return call(limited, c.redis)
	}
	done := make(chan error, 1)
	c.waits.Go(func() {
		defer cancel()
		done <- call(limited, c.redis)
	})
	select {
	case err := <-done:
		return err
	case <-here.Done():
		return ErrAway
	case <-ctx.Done():
		return ctx.Err()
	}
}

// enter lets a call through while Redis is here, and one at a time while it is away and the time for another try has come.
func (c *Client) enter() (context.Context, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failures == 0 {
		return c.here, true
	}
	now := time.Now()
	if now.Before(c.retry) {
		return nil, false
	}
	c.retry = now.Add(c.pause())
	return c.here, true
}

func (c *Client) pause() time.Duration {
	return min(firstRetry<<min(max(c.failures-1, 0), 10), lastRetry)
}

func (c *Client) gone(because error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failures++
	c.retry = time.Now().Add(c.pause())
	if c.failures > 1 {
		return
	}
	c.leave()
	c.here, c.leave = context.WithCancel(context.Background())
	c.metrics.up.Set(0)
	c.log.Warn("redis is away; going on without it", zap.Error(because))
}

func (c *Client) back() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failures == 0 {
		return
	}
	c.failures = 0
	c.metrics.up.Set(1)
	c.log.Info("redis is back")
}

// Ping tells whether Redis answers. It is worth showing to an operator; nobody is unready without Redis.
func (c *Client) Ping(ctx context.Context) error {
	return c.Do(ctx, func(ctx context.Context, r redis.Cmdable) error { return r.Ping(ctx).Err() })
}

// unreachable tells that nobody answered, or a server that cannot serve for the present: one that loads its data, lost its primary or was
// demoted. What a server says of the call itself is the caller's.
func unreachable(err error) bool {
	if err == nil || errors.Is(err, redis.Nil) {
		return false
	}
	var said redis.Error
	if !errors.As(err, &said) {
		return !errors.Is(err, redis.ErrPoolTimeout) // all connections are in use here, which says nothing of Redis
	}
	for _, word := range []string{"LOADING", "MASTERDOWN", "CLUSTERDOWN", "READONLY", "TRYAGAIN", "NOREPLICAS"} {
		if strings.HasPrefix(said.Error(), word) {
			return true
		}
	}
	return false
}
