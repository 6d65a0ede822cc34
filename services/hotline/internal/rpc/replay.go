package rpc

import (
	"context"
	"strings"

	"google.golang.org/protobuf/proto"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/issue"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/language"
)

// Replay is rpcserver's hook: it answers a request that was accepted before and would not pass validation any more.
func (s *Server) Replay(ctx context.Context, method string, request proto.Message) (proto.Message, bool, error) {
	in, ok := request.(changing)
	name := placeOf(request)
	if !ok || name == "" {
		return nil, false, nil
	}
	call, err := callOf(method[strings.LastIndexByte(method, '/')+1:], in)
	if err != nil {
		return nil, false, err
	}
	if strings.Contains(method, hotlinev1.CommonIssueService_ServiceDesc.ServiceName) {
		return NewIssueServer(s.desk).replay(ctx, call, cityOf(name))
	}
	caller := callerOf(ctx)
	if call.Method == createAttachment {
		f, found, err := s.desk.ReplayAnnounce(ctx, caller, call, cityOf(name))
		if err != nil || !found {
			return nil, false, err
		}
		return attachment(ctx, s.desk, &f), true, nil
	}
	view, place, found, err := s.desk.Replay(ctx, caller, call, cityOf(name))
	if err != nil || !found {
		return nil, false, err
	}
	show := shown{View: &view, Language: language.Of(ctx)}
	switch {
	case place.Order > 0:
		return show.order(view.Ticket.Order(place.Order)), true, nil
	case call.Method == revealContact && !view.MayReveal():
		return nil, false, ticket.ErrContactNotHeld
	case call.Method == revealContact:
		return revealed(ctx, &view), true, nil
	case call.Method != createMessage && call.Method != createNote:
		return show.ticket(), true, nil
	case place.Text == nil || !view.Reads(place.Text):
		return nil, false, ticket.ErrNotFound // erased since, or not the caller's to read any more
	}
	return show.message(place.Text), true, nil
}

// placeOf is the name a request is about.
func placeOf(request proto.Message) string {
	switch in := request.(type) {
	case interface{ GetName() string }:
		return in.GetName()
	case interface{ GetParent() string }:
		return in.GetParent()
	}
	return ""
}

// NotFound is the fault for what belongs to another city: the same as for what does not exist.
func NotFound(name string) *fault.Error {
	if strings.Contains(name, "/tickets/") {
		return ticket.ErrNotFound
	}
	if strings.Contains(name, "/commonIssues/") {
		return issue.ErrNotFound
	}
	return desk.ErrCityNotFound
}
