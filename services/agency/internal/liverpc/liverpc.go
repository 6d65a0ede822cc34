// Package liverpc serves CaseWatchService: requests to what somebody may look at. It decides nothing; what is said is the hub's.
//
// It depends on internal/desk, on the contracts and on kit's authn, fault and live.
package liverpc

import (
	"context"
	"slices"
	"strings"

	"google.golang.org/grpc"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/live"
)

// Server implements the contract's CaseWatchService.
type Server struct {
	agencyv1.UnimplementedCaseWatchServiceServer
	hub  *live.Hub
	desk *desk.Desk
}

// New makes a server.
func New(hub *live.Hub, d *desk.Desk) *Server { return &Server{hub: hub, desk: d} }

var errNothing = fault.New(fault.Invalid, agencyv1.ErrorReason_CASE_WATCH_NOTHING.String(),
	"请指明要关注的内容：主题或一个代办件。",
	"Name what to watch: a topic or a case.")

// WatchCases invites the caller to read, until they go, their sign-in ends or the service stops.
func (s *Server) WatchCases(in *agencyv1.WatchCasesRequest, stream grpc.ServerStreamingServer[feedv1.Invitation]) error {
	asked, err := s.asked(stream.Context(), in)
	if err != nil {
		return err
	}
	return s.hub.Serve(asked, stream)
}

// asked reads a request.
func (s *Server) asked(ctx context.Context, in *agencyv1.WatchCasesRequest) (live.Asked, error) {
	has := func(topic agencyv1.WatchCasesRequest_Topic) bool { return slices.Contains(in.GetTopics(), topic) }
	look := desk.Look{City: last(in.GetParent()), Mine: has(agencyv1.WatchCasesRequest_MINE), Desk: has(agencyv1.WatchCasesRequest_DESK),
		All: has(agencyv1.WatchCasesRequest_ALL), Case: last(in.GetCase())}
	if len(in.GetTopics()) == 0 && look.Case == "" {
		return live.Asked{}, errNothing
	}
	ways, err := s.desk.Ways(ctx, authn.FromContext(ctx), look)
	if err != nil {
		return live.Asked{}, err
	}
	return live.Asked{City: look.City, Ways: ways, After: in.After}, nil
}

// last is the id at a name's end.
func last(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }
