// Package clock makes time an injected value. Two clocks run through the suite: the city clock decides obligations, event
// times and ids; the wall clock decides tokens, codes, limits and leases. Both are this interface, so that a test or a replay
// can move the first and leave the second alone. It depends on the standard library only.
package clock

import (
	"context"
	"time"
)

// Clock tells the time and waits for it.
type Clock interface {
	// Now is the present in UTC, cut to whole microseconds: what is stored is read back equal.
	Now() time.Time
	// WaitUntil returns nil as soon as Now is not before t, or the context's error when that ends first.
	WaitUntil(ctx context.Context, t time.Time) error
}

// System is the clock of the host.
func System() Clock { return system{} }

type system struct{}

func (system) Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// recheck bounds one sleep. Timers run on the monotonic clock, which knows nothing of a host whose time was stepped or
// that slept itself; looking again each minute bounds how late such a wait can end.
const recheck = time.Minute

func (c system) WaitUntil(ctx context.Context, t time.Time) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		left := t.Sub(c.Now())
		if left <= 0 {
			return nil
		}
		timer := time.NewTimer(min(left, recheck))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}
