package follow

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Recompute counts open provisional deadlines anew when a city's configuration changed. It works beside the feed, which must not wait for a
// hundred thousand cases to hear that an official was dismissed; what is still to be done stands in the database, so a
// restart goes on with it.
//
// What was decided by the version before can still be committed for change.MaxAge after the next one came into force. A version is
// done with only when a pass that began later than that has ended.
type Recompute struct {
	store  *store.Store
	cities *desk.Cities
	desk   *desk.Desk
	log    *zap.Logger
	wake   chan struct{}
	mu     sync.Mutex // one pass at a time
	since  map[string]inForce
}

// inForce is the version of a city that passes count by, and when the first of them began.
type inForce struct {
	version int64
	first   time.Time // with its monotonic reading
}

// NewRecompute makes one.
func NewRecompute(s *store.Store, cities *desk.Cities, d *desk.Desk, log *zap.Logger) *Recompute {
	return &Recompute{store: s, cities: cities, desk: d, log: log, wake: make(chan struct{}, 1),
		since: map[string]inForce{}}
}

// Wake says that there may be something to do.
func (r *Recompute) Wake() {
	select {
	case r.wake <- struct{}{}:
	default: // it is called already
	}
}

// Run works until the context ends.
func (r *Recompute) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		again, err := r.settle(ctx)
		if err != nil && ctx.Err() == nil {
			r.log.Error("cannot count deadlines anew; trying again", zap.Error(err))
		}
		r.rest(ctx, again || err != nil)
	}
	return nil
}

// rest returns when there may be something to do.
func (r *Recompute) rest(ctx context.Context, again bool) {
	var later <-chan time.Time
	if again {
		timer := time.NewTimer(change.MaxAge)
		defer timer.Stop()
		later = timer.C
	}
	select {
	case <-r.wake:
	case <-later:
	case <-ctx.Done():
	}
}

// Settle does all there is to do now.
func (r *Recompute) Settle(ctx context.Context) error {
	_, err := r.settle(ctx)
	return err
}

// settle makes a pass, and tells whether there must be another one.
func (r *Recompute) settle(ctx context.Context) (again bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	todo, err := r.store.Unrecomputed(ctx)
	if err != nil {
		return false, err
	}
	for _, t := range todo {
		city, err := r.cities.City(t.City)
		if err != nil || city.Version() < t.Version {
			continue // written but not in force here yet: whoever puts it in force calls again
		}
		early := r.early(city.Code(), city.Version())
		if err := r.desk.Recompute(ctx, city); err != nil {
			return false, fmt.Errorf("city %s: %w", t.City, err)
		}
		if early {
			again = true
			continue
		}
		done := change.Change{Statements: []change.Statement{store.Recomputed(t.City, t.Version)}}
		if err := r.store.Commit(ctx, &done); err != nil {
			return false, err
		}
	}
	return again, nil
}

// early tells whether a pass that begins now can miss what was decided by the version before.
func (r *Recompute) early(city string, version int64) bool {
	now := change.Begin() // change.MaxAge runs on it
	if r.since[city].version != version {
		r.since[city] = inForce{version: version, first: now}
	}
	return now.Sub(r.since[city].first) <= change.MaxAge
}
