// Package feedrpc carries a service's feed to the others: the server of the feed contract over a store, and the source that
// reads another service's feed through it. What happened travels as bytes; nobody here looks into them.
//
// It depends on change, feed, journal and the feed contract.
package feedrpc

import (
	"context"
	"fmt"
	"math"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/journal"
)

const (
	defaultLimit = 500
	// maxBytes keeps an answer well under the size of a message; the reader asks again from where it ended.
	maxBytes = 2 << 20
	// reserve is what is left of a call's deadline for answering after the wait.
	reserve = 500 * time.Millisecond
)

// Server serves the feed of a store.
type Server struct {
	feedv1.UnimplementedFeedServiceServer
	store  *change.Store
	source feed.Source
}

// NewServer makes the server of a store's feed.
func NewServer(store *change.Store) *Server { return &Server{store: store, source: feed.Local(store)} }

// ListEvents implements the contract. A wait never outlives the call.
func (s *Server) ListEvents(ctx context.Context, in *feedv1.ListEventsRequest) (*feedv1.ListEventsResponse, error) {
	limit := int(in.GetLimit())
	if limit == 0 {
		limit = defaultLimit
	}
	wait := in.GetWait().AsDuration()
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(deadline)-reserve)
	}
	events, err := s.source.Read(ctx, in.GetAfter(), limit, wait)
	if err != nil {
		return nil, err
	}
	head, err := s.store.Settled(ctx)
	if err != nil {
		return nil, err
	}
	out := &feedv1.ListEventsResponse{Events: make([]*feedv1.Event, 0, len(events)), Head: head}
	size := 0
	for i := range events {
		e := &events[i]
		if size += len(e.Bytes); size > maxBytes && i > 0 {
			break
		}
		out.Events = append(out.Events, &feedv1.Event{
			Position: e.Position, City: e.City, Aggregate: e.Aggregate, Version: e.Version, Type: e.Type,
			Time: timestamppb.New(e.Time), Actor: e.Actor, Payload: e.Payload, Hash: e.Hash[:],
		})
	}
	return out, nil
}

// Remote is the feed of another service.
func Remote(conn grpc.ClientConnInterface) feed.Source {
	return remote{feedv1.NewFeedServiceClient(conn)}
}

type remote struct{ client feedv1.FeedServiceClient }

// Read implements feed.Source. The events have no sealed bytes: those stay with their owner, and so does verifying them.
func (r remote) Read(ctx context.Context, after int64, limit int, wait time.Duration) ([]change.FeedEvent, error) {
	const maxLimit, maxWait, slack = 2000, 30 * time.Second, 10 * time.Second
	wait = max(0, min(wait, maxWait))
	ctx, cancel := context.WithTimeout(ctx, wait+slack)
	defer cancel()
	request := &feedv1.ListEventsRequest{After: after, Limit: int32(min(limit, maxLimit)), Wait: durationpb.New(wait)}
	answer, err := r.client.ListEvents(ctx, request)
	if err != nil {
		return nil, err
	}
	events := make([]change.FeedEvent, 0, len(answer.GetEvents()))
	for _, e := range answer.GetEvents() {
		out := change.FeedEvent{Position: e.GetPosition()}
		out.Envelope = journal.Envelope{City: e.GetCity(), Aggregate: e.GetAggregate(), Version: e.GetVersion(), Type: e.GetType(),
			Time: e.GetTime().AsTime(), Actor: e.GetActor(), Payload: e.GetPayload()}
		if copy(out.Hash[:], e.GetHash()) != len(out.Hash) {
			return nil, fmt.Errorf("event %d of the feed has a hash of %d bytes", e.GetPosition(), len(e.GetHash()))
		}
		events = append(events, out)
	}
	return events, nil
}

// Head is the newest position of another service's feed, for knowing whether a follower has read everything.
func Head(ctx context.Context, conn grpc.ClientConnInterface) (int64, error) {
	answer, err := feedv1.NewFeedServiceClient(conn).ListEvents(ctx, &feedv1.ListEventsRequest{After: math.MaxInt64, Limit: 1})
	return answer.GetHead(), err
}
