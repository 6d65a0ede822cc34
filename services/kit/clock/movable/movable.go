// Package movable holds a clock that stands still until somebody moves it. Only the replay program and tests may import it:
// no shipped server can be made to believe another time. It depends on clock's contract and the standard library.
package movable

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/clock"
)

// Clock is a clock.Clock that moves by hand. The zero value is not usable; use New.
type Clock struct {
	mu      sync.Mutex
	now     time.Time
	waiters []*waiter     // sorted by instant, earliest first
	changed chan struct{} // closed and replaced whenever the set of waiters changes
}

var _ clock.Clock = (*Clock)(nil)

type waiter struct {
	until time.Time
	woken chan struct{}
}

// New starts a clock at an instant.
func New(start time.Time) *Clock {
	return &Clock{now: exact(start), changed: make(chan struct{})}
}

// exact gives times the form that the system clock gives them.
func exact(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// Now is the instant last set.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set moves the clock, backwards too, as a stepped host would, and wakes everybody whose instant has come.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set(exact(t))
}

// Advance moves the clock by d and returns the new time.
func (c *Clock) Advance(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.set(exact(c.now.Add(d)))
	return c.now
}

func (c *Clock) set(t time.Time) {
	c.now = t
	due := 0
	for due < len(c.waiters) && !c.waiters[due].until.After(t) {
		close(c.waiters[due].woken)
		due++
	}
	if due > 0 {
		c.waiters = slices.Delete(c.waiters, 0, due)
		c.announce()
	}
}

// WaitUntil waits for the clock to be moved to t or beyond.
func (c *Clock) WaitUntil(ctx context.Context, t time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w := c.enlist(t)
	if w == nil {
		return nil
	}
	select {
	case <-w.woken:
		return nil
	case <-ctx.Done():
		c.leave(w)
		return ctx.Err()
	}
}

// enlist adds a waiter, or returns nil when its instant is already here.
func (c *Clock) enlist(t time.Time) *waiter {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !t.After(c.now) {
		return nil
	}
	w := &waiter{until: t, woken: make(chan struct{})}
	at, _ := slices.BinarySearchFunc(c.waiters, t, func(x *waiter, t time.Time) int { return x.until.Compare(t) })
	c.waiters = slices.Insert(c.waiters, at, w)
	c.announce()
	return w
}

func (c *Clock) leave(w *waiter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := slices.Index(c.waiters, w); at >= 0 {
		c.waiters = slices.Delete(c.waiters, at, at+1)
		c.announce()
	}
}

func (c *Clock) announce() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// Next is the earliest instant that somebody waits for; false when nobody waits.
func (c *Clock) Next() (time.Time, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiters) == 0 {
		return time.Time{}, false
	}
	return c.waiters[0].until, true
}

// Waiters is how many wait.
func (c *Clock) Waiters() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.waiters)
}

// AwaitWaiters returns once at least n wait: the way for a test to know that what it drives has come to rest.
func (c *Clock) AwaitWaiters(ctx context.Context, n int) error {
	for {
		c.mu.Lock()
		enough, changed := len(c.waiters) >= n, c.changed
		c.mu.Unlock()
		if enough {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
