package rpc

import (
	"context"
	"time"

	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/feed"
)

// Feed serves the directory's own events to the other services.
type Feed struct {
	feedv1.UnimplementedFeedServiceServer
	Store *change.Store
	// Stopping ends when the service stops, so that nobody who waits for an event holds it up.
	Stopping context.Context
}

const (
	feedLimit = 500
	// reserve is left of a call's deadline for the answer, when the caller would wait up to the very end.
	reserve = 200 * time.Millisecond
)

// ListEvents implements the contract.
func (s *Feed) ListEvents(ctx context.Context, r *feedv1.ListEventsRequest) (*feedv1.ListEventsResponse, error) {
	limit := int(r.GetLimit())
	if limit == 0 {
		limit = feedLimit
	}
	wait := r.GetWait().AsDuration()
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(deadline)-reserve)
	}
	events, err := s.read(ctx, r.GetAfter(), limit, wait)
	if err != nil {
		return nil, err
	}
	head, err := s.Store.FeedHead(ctx)
	if err != nil {
		return nil, err
	}
	out := &feedv1.ListEventsResponse{Head: head, Events: make([]*feedv1.Event, len(events))}
	for i, e := range events {
		out.Events[i] = &feedv1.Event{Position: e.Position, City: e.City, Aggregate: e.Aggregate, Version: e.Version, Type: e.Type,
			Time: stamp(e.Time), Actor: e.Actor, Payload: e.Payload, Hash: e.Hash[:]}
	}
	return out, nil
}

func (s *Feed) read(ctx context.Context, after int64, limit int, wait time.Duration) ([]change.FeedEvent, error) {
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.Stopping, cancel)()
	events, err := feed.Local(s.Store).Read(waiting, after, limit, wait)
	if err != nil && s.Stopping.Err() != nil && ctx.Err() == nil {
		return nil, nil // nothing came, and nothing more will
	}
	return events, err
}
