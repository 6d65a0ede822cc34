package follow

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock"
)

// Recompute counts open provisional deadlines anew when a city's configuration changed. It works beside the feed, which must not wait for a
// hundred thousand tickets to hear that an official was dismissed; what is still to be done stands in the database, so a
// restart goes on with it.
type Recompute struct {
	store  *store.Store
	cities *desk.Cities
	desk   *desk.Desk
	wall   clock.Clock
	log    *zap.Logger
	wake   chan struct{}
	mu     sync.Mutex // one pass at a time
}

// NewRecompute makes one.
func NewRecompute(s *store.Store, cities *desk.Cities, d *desk.Desk, wall clock.Clock, log *zap.Logger) *Recompute {
	return &Recompute{store: s, cities: cities, desk: d, wall: wall, log: log, wake: make(chan struct{}, 1)}
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
	const retry = time.Second
	for ctx.Err() == nil {
		if err := r.Settle(ctx); err != nil && ctx.Err() == nil {
			r.log.Error("cannot count deadlines anew; trying again", zap.Error(err))
			_ = r.wall.WaitUntil(ctx, r.wall.Now().Add(retry)) // ends early with the context only
			continue
		}
		select {
		case <-r.wake:
		case <-ctx.Done():
		}
	}
	return nil
}

// Settle does all there is to do.
func (r *Recompute) Settle(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	todo, err := r.store.Unrecomputed(ctx)
	if err != nil {
		return err
	}
	for _, t := range todo {
		city, err := r.cities.City(t.City)
		if err != nil || city.Version() < t.Version {
			continue // written but not in force here yet: whoever puts it in force calls again
		}
		if err := r.desk.Recompute(ctx, city); err != nil {
			return fmt.Errorf("city %s: %w", t.City, err)
		}
		done := change.Change{Statements: []change.Statement{store.Recomputed(t.City, t.Version)}}
		if err := r.store.Commit(ctx, &done); err != nil {
			return err
		}
	}
	return nil
}
