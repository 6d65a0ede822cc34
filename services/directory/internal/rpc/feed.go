package rpc

import (
	"context"

	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/feedrpc"
)

// Feed serves the directory's own events to the other services.
type Feed struct {
	*feedrpc.Server
	stopping context.Context
}

// NewFeed makes the server of a store's feed. stopping ends when the service is to stop: who waits for an event is then told
// that there is none, so that nobody holds the end up.
func NewFeed(stopping context.Context, s *change.Store) *Feed {
	return &Feed{Server: feedrpc.NewServer(s), stopping: stopping}
}

// ListEvents implements the contract.
func (f *Feed) ListEvents(ctx context.Context, r *feedv1.ListEventsRequest) (*feedv1.ListEventsResponse, error) {
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(f.stopping, cancel)()
	response, err := f.Server.ListEvents(waiting, r)
	if err != nil && f.stopping.Err() != nil && ctx.Err() == nil {
		return &feedv1.ListEventsResponse{Head: r.GetAfter()}, nil
	}
	return response, err
}
