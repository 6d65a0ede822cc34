package directory

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"
	"google.golang.org/protobuf/proto"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/feed"
)

// watch takes up what the service's own feed says, whichever replica wrote it: tokens that are refused, configurations that
// are in force. What it keeps is in memory, so it needs no cursor: it starts at the head and reads the state until then.
type watch struct {
	source      feed.Source
	wall        clock.Clock
	log         *zap.Logger
	revocations *authn.Revocations
	reload      func(context.Context) error

	mu       sync.Mutex
	position int64
	moved    chan struct{} // closed when the position moves
}

const (
	watchBatch = 500
	watchWait  = 20 * time.Second
	watchRetry = time.Second
)

func newWatch(ctx context.Context, s *Service) (*watch, error) {
	w := &watch{source: feed.Local(s.store.Store), wall: s.deps.Wall, log: s.deps.Log, revocations: s.deps.Revocations,
		reload: s.cities.Load, moved: make(chan struct{})}
	if w.revocations == nil {
		w.revocations = authn.NewRevocations(s.deps.Wall)
	}
	var err error
	// The head first: what is committed between it and the reads is taken up twice, which harms nothing.
	if w.position, err = s.store.FeedHead(ctx); err != nil {
		return nil, err
	}
	if err := w.reload(ctx); err != nil {
		return nil, fmt.Errorf("read the configurations: %w", err)
	}
	revoked, err := s.store.Revocations(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the revocations: %w", err)
	}
	for _, r := range revoked {
		w.revoke(r)
	}
	return w, nil
}

// run follows the feed until the context ends.
func (w *watch) run(ctx context.Context) error {
	for ctx.Err() == nil {
		err := w.step(ctx)
		if err == nil || ctx.Err() != nil {
			continue
		}
		w.log.Warn("cannot take up the own feed; trying again", zap.Error(err))
		_ = w.wall.WaitUntil(ctx, w.wall.Now().Add(watchRetry)) // it fails only when the context ends
	}
	return nil
}

func (w *watch) step(ctx context.Context) error {
	events, err := w.source.Read(ctx, w.at(), watchBatch, watchWait)
	if err != nil || len(events) == 0 {
		return err
	}
	reload := false
	for _, e := range events {
		applied, err := w.take(e)
		if err != nil {
			return err
		}
		reload = reload || applied
	}
	if reload {
		if err := w.reload(ctx); err != nil {
			return err
		}
	}
	w.move(events[len(events)-1].Position)
	return nil
}

// take takes one event up and tells whether it says that a configuration is in force.
func (w *watch) take(e change.FeedEvent) (applied bool, err error) {
	var event directoryv1.DirectoryEvent
	if err := proto.Unmarshal(e.Payload, &event); err != nil {
		return false, fmt.Errorf("event at position %d: %w", e.Position, err)
	}
	if r := event.GetSessionsRevoked(); r != nil {
		w.revoke(store.Revocation{City: e.City, Person: r.GetPerson(), Session: r.GetSession(),
			IssuedUntil: time.UnixMicro(r.GetIssuedUntilMicros())})
	}
	return event.GetCityApplied() != nil, nil
}

func (w *watch) revoke(r store.Revocation) {
	until := r.IssuedUntil.Add(store.TokenLife)
	if r.Session != "" {
		w.revocations.RevokeSession(r.Session, until)
		return
	}
	w.revocations.RevokePerson(r.City, r.Person, r.IssuedUntil, until)
}

func (w *watch) at() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.position
}

func (w *watch) move(position int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.position = position
	close(w.moved)
	w.moved = make(chan struct{})
}

// await returns when everything up to a position has been taken up.
func (w *watch) await(ctx context.Context, position int64) error {
	for {
		w.mu.Lock()
		reached, moved := w.position >= position, w.moved
		w.mu.Unlock()
		if reached {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
