// Package recount counts open deadlines anew when a city's configuration changed. It works beside the feed that brought the change, which must not wait for a
// hundred thousand of them to hear that an official was dismissed; what is still to be done stands in the service's database, so a restart goes on with it.
//
// What was decided by the version before can still be committed for change.MaxAge after the next one came into force. A version is
// done with only when a pass that began later than that has ended. Each replica makes such a pass of its own for every version that comes into
// force in it, since it may be the last to hear of one.
//
// It depends on kit's change.
package recount

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Version is a version of a city's configuration.
type Version struct {
	City   string
	Number int64
}

// Config is what a worker works with.
type Config struct {
	// Todo returns the newest version of every city under which deadlines were not counted anew yet.
	Todo func(ctx context.Context) ([]Version, error)
	// Begin returns the version of a city that is in force here, 0 for none, and what counts its deadlines anew by that version: it may be called again.
	Begin func(city string) (version int64, pass func(ctx context.Context) error)
	// Done keeps that deadlines were counted anew under a version, and with that under all before it.
	Done func(ctx context.Context, v Version) error
	Log  *zap.Logger
}

// Worker counts anew. It is safe for concurrent use.
type Worker struct {
	Config
	wake  chan struct{}
	mu    sync.Mutex // one pass at a time
	since map[string]inForce

	news sync.Mutex
	own  map[string]int64 // by city, the version that came into force here and under which nothing was counted anew from here
}

// inForce is the version of a city that passes count by, and when the first of them began.
type inForce struct {
	version int64
	first   time.Time // with its monotonic reading
}

// New makes a worker.
func New(c Config) *Worker {
	return &Worker{Config: c, wake: make(chan struct{}, 1), since: map[string]inForce{}, own: map[string]int64{}}
}

// Wake says that a version is in force here from now on.
func (w *Worker) Wake(v Version) {
	w.news.Lock()
	w.own[v.City] = max(w.own[v.City], v.Number)
	w.news.Unlock()
	select {
	case w.wake <- struct{}{}:
	default: // it is called already
	}
}

// Run works until the context ends.
func (w *Worker) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		again, err := w.settle(ctx)
		if err != nil && ctx.Err() == nil {
			w.Log.Error("cannot count deadlines anew; trying again", zap.Error(err))
		}
		w.rest(ctx, again || err != nil)
	}
	return nil
}

// rest returns when there may be something to do.
func (w *Worker) rest(ctx context.Context, again bool) {
	var later <-chan time.Time
	if again {
		timer := time.NewTimer(change.MaxAge)
		defer timer.Stop()
		later = timer.C
	}
	select {
	case <-w.wake:
	case <-later:
	case <-ctx.Done():
	}
}

// Settle does all there is to do now.
func (w *Worker) Settle(ctx context.Context) error {
	_, err := w.settle(ctx)
	return err
}

// settle makes a pass, and tells whether there must be another one.
func (w *Worker) settle(ctx context.Context) (again bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	todo, err := w.Todo(ctx)
	if err != nil {
		return false, err
	}
	for _, t := range w.withOwn(todo) {
		version, pass := w.Begin(t.City)
		if version < t.Number {
			continue // written but not in force here yet: whoever puts it in force calls again
		}
		early := w.early(t.City, version)
		if err := pass(ctx); err != nil {
			return false, fmt.Errorf("city %s: %w", t.City, err)
		}
		if early {
			again = true
			continue
		}
		if slices.Contains(todo, t) {
			if err := w.Done(ctx, t); err != nil {
				return false, err
			}
		}
		w.finished(t)
	}
	return again, nil
}

// withOwn adds what another replica is done with and this one is not.
func (w *Worker) withOwn(todo []Version) []Version {
	w.news.Lock()
	defer w.news.Unlock()
	all := slices.Clone(todo)
	for city, number := range w.own {
		if !slices.ContainsFunc(todo, func(t Version) bool { return t.City == city }) {
			all = append(all, Version{city, number})
		}
	}
	return all
}

// finished forgets a version, unless a newer one came meanwhile.
func (w *Worker) finished(v Version) {
	w.news.Lock()
	defer w.news.Unlock()
	if w.own[v.City] <= v.Number {
		delete(w.own, v.City)
	}
}

// early tells whether a pass that begins now can miss what was decided by the version before.
func (w *Worker) early(city string, version int64) bool {
	now := change.Begin() // change.MaxAge runs on it
	if w.since[city].version != version {
		w.since[city] = inForce{version: version, first: now}
	}
	return now.Sub(w.since[city].first) <= change.MaxAge
}
