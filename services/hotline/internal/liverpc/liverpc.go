// Package liverpc serves WatchService: requests to what somebody may look at, news to the contract's invitations. It decides nothing
// but who may watch the board, which is who may read it.
//
// It depends on internal/{desk,live}, on the contract and on kit's authn, clock and fault.
package liverpc

import (
	"context"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/live"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// Server implements the contract's WatchService.
type Server struct {
	hotlinev1.UnimplementedWatchServiceServer
	hub      *live.Hub
	desk     *desk.Desk
	rules    *authn.Rules // of the board
	signedIn func(ctx context.Context, token string) error
	wall     clock.Clock
}

// breath is the shortest time between two lots of news for one watcher. The first comes at once; of what follows at once, each ticket is
// named once. However much happens, a thousand who look at the whole city leave the processors to those who file.
const breath = 100 * time.Millisecond

// New makes a server. signedIn is the hub's: a sign-in is looked at before anything is said.
func New(hub *live.Hub, d *desk.Desk, signedIn func(context.Context, string) error, wall clock.Clock) (*Server, error) {
	rules, err := authn.LoadRules(hotlinev1.BoardService_ServiceDesc.ServiceName)
	return &Server{hub: hub, desk: d, rules: rules, signedIn: signedIn, wall: wall}, err
}

var errNothing = fault.New(fault.Invalid, hotlinev1.ErrorReason_WATCH_NOTHING.String(),
	"请指明要关注的内容：主题、单位或一件诉求。",
	"Name what to watch: a topic, a unit or a ticket.")

// Watch invites the caller to read, until they go, their sign-in ends or the service stops.
func (s *Server) Watch(in *hotlinev1.WatchRequest, stream grpc.ServerStreamingServer[hotlinev1.WatchResponse]) error {
	ctx := stream.Context()
	asked, err := s.asked(ctx, in)
	if err != nil {
		return err
	}
	w, err := s.hub.Watch(ctx, asked)
	if err != nil {
		return err
	}
	defer w.Close()
	for {
		select {
		case <-w.Woken():
		case <-w.Ended():
			return stream.Send(expired(w.Told(), w.Ending()))
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := s.signedIn(ctx, asked.Token); err != nil {
			if f := fault.From(err); f.Kind == fault.Unauthenticated {
				return stream.Send(expired(w.Told(), f))
			}
			return err
		}
		news := w.Take()
		for _, r := range render(in.GetParent(), &news) {
			if err := stream.Send(r); err != nil {
				return err
			}
		}
		if len(news.Notes) == 0 && !news.Board {
			continue // nobody who has only begun waits for the first
		}
		if err := s.wall.WaitUntil(ctx, s.wall.Now().Add(breath)); err != nil {
			return err
		}
	}
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
	token, _ := authn.Token(ctx)
	return live.Asked{Caller: caller, Token: token, City: look.City, Ways: ways, Board: board, After: in.After}, nil
}

// last is the code or id at a name's end.
func last(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// render says news in the contract's words; each position is one up to which everything is said.
func render(parent string, n *live.News) []*hotlinev1.WatchResponse {
	var out []*hotlinev1.WatchResponse
	switch {
	case n.Reset:
		return []*hotlinev1.WatchResponse{{Position: n.Position, Event: &hotlinev1.WatchResponse_Reset_{Reset_: &hotlinev1.WatchReset{}}}}
	case n.Empty():
		return []*hotlinev1.WatchResponse{{Position: n.Position, Event: &hotlinev1.WatchResponse_Progress{Progress: &hotlinev1.WatchProgress{}}}}
	case n.Ready:
		out = append(out, &hotlinev1.WatchResponse{Position: n.Start, Event: &hotlinev1.WatchResponse_Ready{Ready: &hotlinev1.WatchReady{}}})
	}
	for _, note := range n.Notes {
		r := &hotlinev1.WatchResponse{Position: note.Position}
		name := parent + "/tickets/" + note.Ticket
		if note.Version > 0 {
			r.Event = &hotlinev1.WatchResponse_Changed{Changed: &hotlinev1.TicketChanged{Name: name, Version: note.Version}}
		} else {
			r.Event = &hotlinev1.WatchResponse_Gone{Gone: &hotlinev1.TicketGone{Name: name}}
		}
		out = append(out, r)
	}
	if n.Board {
		out = append(out, &hotlinev1.WatchResponse{Position: n.Position, Event: &hotlinev1.WatchResponse_Board{Board: &hotlinev1.BoardChanged{}}})
	}
	return out
}

func expired(position int64, because error) *hotlinev1.WatchResponse {
	return &hotlinev1.WatchResponse{Position: position, Event: &hotlinev1.WatchResponse_Expired{
		Expired: &hotlinev1.WatchExpired{Reason: fault.From(because).Reason}}}
}
