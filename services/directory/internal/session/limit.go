package session

import (
	"slices"
	"time"
)

// Window allows so many in any stretch of this length.
type Window struct {
	Max int
	Per time.Duration
}

// Log is the instants, oldest first, at which something limited was done. It is exact: a window slides, it does not jump.
type Log []time.Time

// Admit says whether one more is allowed now under all windows. If so it returns the log with it, cut to what the windows can
// still see; if not, how long to wait until it would be.
func (l Log) Admit(now time.Time, windows ...Window) (Log, time.Duration, bool) {
	var wait, longest time.Duration
	for _, w := range windows {
		longest = max(longest, w.Per)
		if w.Max <= 0 {
			continue // not limited
		}
		if len(l) < w.Max {
			continue
		}
		// The one that must have left the window before another fits.
		if left := l[len(l)-w.Max].Add(w.Per).Sub(now); left > 0 {
			wait = max(wait, left)
		}
	}
	if wait > 0 {
		return l, wait, false
	}
	kept := l
	for len(kept) > 0 && now.Sub(kept[0]) >= longest {
		kept = kept[1:]
	}
	return append(slices.Clone(kept), now), 0, true
}

// Failures is how often in a row somebody got a password wrong, from one place, for one account.
type Failures struct {
	Count int
	Last  time.Time
}

// The price of a wrong password: the first few are free, then the wait doubles up to a bound. It is never for ever, and as
// it belongs to an account and a place together, a stranger cannot lock the owner out from elsewhere.
const (
	freeFailures = 3
	firstDelay   = 2 * time.Second
	lastDelay    = 15 * time.Minute
	forgetAfter  = 24 * time.Hour
)

// Wait is how long no further try is taken; zero or less is none.
func (f Failures) Wait(now time.Time) time.Duration {
	if f.Count <= freeFailures || now.Sub(f.Last) >= forgetAfter {
		return 0
	}
	delay := min(firstDelay<<min(f.Count-freeFailures-1, 20), lastDelay)
	return f.Last.Add(delay).Sub(now)
}

// Failed counts one more.
func (f Failures) Failed(now time.Time) Failures {
	if now.Sub(f.Last) >= forgetAfter {
		f.Count = 0
	}
	return Failures{Count: f.Count + 1, Last: now}
}
