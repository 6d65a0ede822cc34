package authn

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/clock"
)

// Revocations is what was withdrawn before it expired. Tokens live for minutes, so an entry is kept only as long as a token
// it concerns could still be good; a service that starts reads the last such stretch of the directory's feed into it. It is
// asked on every request, cached token or not.
type Revocations struct {
	clock clock.Clock
	count atomic.Int64 // spares the lock while nothing is revoked, which is nearly always

	mu       sync.RWMutex
	sessions map[string]time.Time // until
	persons  map[personKey]revoked
	sweepAt  int
}

type personKey struct{ city, person string }

type revoked struct{ at, until time.Time }

const sweepFloor = 1024

// NewRevocations makes an empty set on the wall clock.
func NewRevocations(wall clock.Clock) *Revocations {
	return &Revocations{clock: wall, sessions: map[string]time.Time{}, persons: map[personKey]revoked{}, sweepAt: sweepFloor}
}

// RevokeSession ends one sign-in; until is when its last token has expired.
func (r *Revocations) RevokeSession(session string, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if until.After(r.sessions[session]) {
		r.sessions[session] = until
	}
	r.sweep()
}

// RevokePerson ends every sign-in of a person up to an instant: tokens issued by then are refused, later ones, which carry
// the person's new roles, are good. Tokens tell their time in whole seconds, so all of that second is refused.
func (r *Revocations) RevokePerson(city, person string, at, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := personKey{city, person}
	now := r.persons[key]
	if at.After(now.at) {
		now.at = at
	}
	if until.After(now.until) {
		now.until = until
	}
	r.persons[key] = now
	r.sweep()
}

// sweep drops what has run out whenever the set has doubled since the last time, so that it stays in proportion to what is
// alive at a constant cost per entry.
func (r *Revocations) sweep() {
	if len(r.sessions)+len(r.persons) >= r.sweepAt {
		now := r.clock.Now()
		for session, until := range r.sessions {
			if until.Before(now) {
				delete(r.sessions, session)
			}
		}
		for key, entry := range r.persons {
			if entry.until.Before(now) {
				delete(r.persons, key)
			}
		}
		r.sweepAt = max(sweepFloor, 2*(len(r.sessions)+len(r.persons)))
	}
	r.count.Store(int64(len(r.sessions) + len(r.persons)))
}

// Revoked tells whether a token of this caller, issued then, was withdrawn. A nil set has nothing in it.
func (r *Revocations) Revoked(c *Caller, issued time.Time) bool {
	if r == nil || r.count.Load() == 0 {
		return false
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	if _, ended := r.sessions[c.Session]; ended {
		return true
	}
	entry, ok := r.persons[personKey{c.City, c.Person}]
	return ok && !issued.After(entry.at)
}

// Len is how many entries are kept.
func (r *Revocations) Len() int { return int(r.count.Load()) }
