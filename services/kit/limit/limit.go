// Package limit bounds how often something is done in the name of a key: an address, a person. Replicas that share a Redis share the bound; a
// process alone, or one whose Redis is away, keeps its own. There is never none.
//
// What must hold exactly, with what it allows, is counted in the database, in the Change that it allows; this is for what comes before: keeping a flood
// from the databases.
//
// It depends on clock and redisdb.
package limit

import (
	"context"
	"sync"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/clock"
)

// Rate is so many at once, and so many again, evenly, in each stretch of that length.
type Rate struct {
	Most int
	Per  time.Duration
}

// each is how much time one costs.
func (r Rate) each() time.Duration { return max(1, r.Per/time.Duration(max(1, r.Most))) }

// Limiter counts.
type Limiter interface {
	// Take takes one for a key, or tells how long to wait for one. The same key is always taken at the same rate.
	Take(ctx context.Context, key string, rate Rate) (wait time.Duration, ok bool)
}

// Local counts in this process.
type Local struct {
	clock clock.Clock

	mu      sync.Mutex
	full    map[string]time.Time // when a key has all of its rate again
	sweepAt int
}

const sweepFloor = 1024

// NewLocal makes a limiter on the wall clock.
func NewLocal(wall clock.Clock) *Local {
	return &Local{clock: wall, full: map[string]time.Time{}, sweepAt: sweepFloor}
}

// Take implements Limiter.
func (l *Local) Take(_ context.Context, key string, rate Rate) (time.Duration, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Now()
	full := l.full[key]
	if full.Before(now) {
		full = now
	}
	full = full.Add(rate.each())
	if wait := full.Sub(now) - rate.each()*time.Duration(max(1, rate.Most)); wait > 0 {
		return wait, false
	}
	l.full[key] = full
	l.sweep(now)
	return 0, true
}

// sweep drops the keys that have all of their rate whenever their number has doubled, so that it stays in proportion to those in use at a constant
// cost for each.
func (l *Local) sweep(now time.Time) {
	if len(l.full) < l.sweepAt {
		return
	}
	for key, full := range l.full {
		if !full.After(now) {
			delete(l.full, key)
		}
	}
	l.sweepAt = max(sweepFloor, 2*len(l.full))
}

// Len is how many keys are kept.
func (l *Local) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.full)
}
