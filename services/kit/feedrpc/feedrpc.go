// Package feedrpc carries a service's feed to the others: the server of the feed contract over a store, and the source that
// reads another service's feed through it. What happened travels as bytes; nobody here looks into them.
//
// It depends on change, feed, journal, observe and the feed contract.
package feedrpc

import (
	"context"
	"fmt"
	"math"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/observe"
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
	store   *change.Store
	source  feed.Source
	drained context.Context
	drain   context.CancelFunc
}

// NewServer makes the server of a store's feed.
func NewServer(store *change.Store) *Server {
	s := &Server{store: store, source: feed.Local(store)}
	s.drained, s.drain = context.WithCancel(context.Background())
	return s
}

// Drain tells those who wait for an event that there is none, now and from now on, so that they do not hold up a server that is to stop.
func (s *Server) Drain() { s.drain() }

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
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.drained, cancel)()
	events, err := s.source.Read(waiting, in.GetAfter(), limit, wait)
	if err != nil && s.drained.Err() != nil && ctx.Err() == nil {
		return &feedv1.ListEventsResponse{Head: in.GetAfter()}, nil
	}
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
		out.Events = append(out.Events, ToProto(e))
	}
	return out, nil
}

// Remote is the feed of another service.
func Remote(conn grpc.ClientConnInterface) feed.Source {
	return &remote{client: feedv1.NewFeedServiceClient(conn)}
}

type remote struct {
	client feedv1.FeedServiceClient
	head   atomic.Int64
}

// Head is the newest position that the other service told.
func (r *remote) Head() int64 { return r.head.Load() }

// Read implements feed.Source. The events have no sealed bytes: those stay with their owner, and so does verifying them.
func (r *remote) Read(ctx context.Context, after int64, limit int, wait time.Duration) ([]change.FeedEvent, error) {
	const maxLimit, maxWait, slack = 2000, 30 * time.Second, 10 * time.Second
	wait = max(0, min(wait, maxWait))
	ctx, cancel := context.WithTimeout(ctx, wait+slack)
	defer cancel()
	request := &feedv1.ListEventsRequest{After: after, Limit: int32(min(limit, maxLimit)), Wait: durationpb.New(wait)}
	answer, err := r.client.ListEvents(ctx, request)
	if err != nil {
		return nil, err
	}
	r.head.Store(answer.GetHead())
	events := make([]change.FeedEvent, 0, len(answer.GetEvents()))
	for _, e := range answer.GetEvents() {
		out, err := FromProto(e)
		if err != nil {
			return nil, err
		}
		events = append(events, out)
	}
	return events, nil
}

// ToProto is an event as it travels. The sealed bytes stay behind.
func ToProto(e *change.FeedEvent) *feedv1.Event {
	return &feedv1.Event{
		Position: e.Position, City: e.City, Aggregate: e.Aggregate, Version: e.Version, Type: e.Type,
		Time: timestamppb.New(e.Time), Actor: e.Actor, Payload: e.Payload, Hash: e.Hash[:], TraceParent: observe.TraceParent(e.Cause),
	}
}

// FromProto is an event that has travelled.
func FromProto(e *feedv1.Event) (change.FeedEvent, error) {
	out := change.FeedEvent{Position: e.GetPosition(), Cause: observe.ReadTraceParent(e.GetTraceParent())}
	out.Envelope = journal.Envelope{City: e.GetCity(), Aggregate: e.GetAggregate(), Version: e.GetVersion(), Type: e.GetType(),
		Time: e.GetTime().AsTime(), Actor: e.GetActor(), Payload: e.GetPayload()}
	if copy(out.Hash[:], e.GetHash()) != len(out.Hash) {
		return out, fmt.Errorf("event %d of the feed has a hash of %d bytes", e.GetPosition(), len(e.GetHash()))
	}
	return out, nil
}

// Head is the newest position of another service's feed, for knowing whether a follower has read everything.
func Head(ctx context.Context, conn grpc.ClientConnInterface) (int64, error) {
	answer, err := feedv1.NewFeedServiceClient(conn).ListEvents(ctx, &feedv1.ListEventsRequest{After: math.MaxInt64, Limit: 1})
	return answer.GetHead(), err
}
