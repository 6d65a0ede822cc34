// Package liverpc serves WatchService: requests to what somebody may look at. It decides nothing but who may watch the board, which is
// who may read it; what is said is the hub's.
//
// It depends on internal/desk, on the contracts and on kit's authn, fault and live.
package liverpc

import (
	"context"
	"slices"
	"strings"

	"google.golang.org/grpc"

	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/live"
)

// Server implements the contract's WatchService.
type Server struct {
	hotlinev1.UnimplementedWatchServiceServer
	hub   *live.Hub
	desk  *desk.Desk
	rules *authn.Rules // of the board
}

// New makes a server.
func New(hub *live.Hub, d *desk.Desk) (*Server, error) {
	rules, err := authn.LoadRules(hotlinev1.BoardService_ServiceDesc.ServiceName)
	return &Server{hub: hub, desk: d, rules: rules}, err
}

var errNothing = fault.New(fault.Invalid, hotlinev1.ErrorReason_WATCH_NOTHING.String(),
	"请指明要关注的内容：主题、单位或一件诉求。",
	"Name what to watch: a topic, a unit or a ticket.")

// Watch invites the caller to read, until they go, their sign-in ends or the service stops.
func (s *Server) Watch(in *hotlinev1.WatchRequest, stream grpc.ServerStreamingServer[feedv1.Invitation]) error {
	asked, err := s.asked(stream.Context(), in)
	if err != nil {
		return err
	}
	return s.hub.Serve(asked, stream)
}

// asked reads a request.
func (s *Server) asked(ctx context.Context, in *hotlinev1.WatchRequest) (live.Asked, error) {
	has := func(topic hotlinev1.WatchRequest_Topic) bool { return slices.Contains(in.GetTopics(), topic) }
	caller := authn.FromContext(ctx)
	look := desk.Look{City: last(in.GetParent()), Mine: has(hotlinev1.WatchRequest_MINE), Desk: has(hotlinev1.WatchRequest_DESK),
		All: has(hotlinev1.WatchRequest_ALL), Unit: last(in.GetUnit()), Ticket: last(in.GetTicket())}
	board := has(hotlinev1.WatchRequest_BOARD)
	if len(in.GetTopics()) == 0 && look.Unit == "" && look.Ticket == "" {
		return live.Asked{}, errNothing
	}
	if board {
		if err := s.rules.Allow(hotlinev1.BoardService_GetBoard_FullMethodName, caller); err != nil {
			return live.Asked{}, err
		}
	}
	ways, err := s.desk.Ways(ctx, caller, look)
	if err != nil {
		return live.Asked{}, err
	}
	return live.Asked{City: look.City, Ways: ways, Board: board, After: in.After}, nil
}

// last is the code or id at a name's end.
func last(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }
