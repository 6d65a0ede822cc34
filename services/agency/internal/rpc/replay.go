package rpc

import (
	"context"
	"strings"

	"google.golang.org/protobuf/proto"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// Replay is rpcserver's hook: it answers a request that was accepted before and would not pass validation any more.
func (s *Server) Replay(ctx context.Context, method string, request proto.Message) (proto.Message, bool, error) {
	in, ok := request.(changing)
	name := placeOf(request)
	if !ok || name == "" {
		return nil, false, nil
	}
	call, err := callOf(method, in)
	if err != nil {
		return nil, false, err
	}
	if _, raising := request.(*agencyv1.RaiseTicketRequest); raising {
		by := desk.Act{Caller: callerOf(ctx), Call: call, Ref: refOf(name)}
		raised, found, err := s.desk.Raised(ctx, by)
		if err != nil || !found {
			return nil, false, err
		}
		return raisedAnswer(by, raised), true, nil
	}
	view, place, found, err := s.desk.Replay(ctx, callerOf(ctx), call, cityOf(name))
	if err != nil || !found {
		return nil, false, err
	}
	answer, err := s.at(ctx, &view, place)
	return answer, err == nil, err
}

// at is what stands at a place in a case: the case itself where none is named.
func (s *Server) at(ctx context.Context, view *desk.View, place string) (proto.Message, error) {
	switch {
	case itemOf(place) != "":
		return show(ctx, view).item(view.Case.Item(itemOf(place))), nil
	case numberOf(place) > 0:
		return show(ctx, view).commitment(view.Case.Commitment(numberOf(place))), nil
	case after(place, notesPart) != "":
		n, err := s.note(ctx, desk.Ref{City: view.Case.City, ID: view.Case.ID}, after(place, notesPart))
		if err != nil {
			return nil, err
		}
		return n, nil
	case documentOf(place) != "":
		f, err := s.desk.Document(ctx, callerOf(ctx), desk.Ref{City: view.Case.City, ID: view.Case.ID}, documentOf(place))
		return s.documentAnswer(ctx, f, err)
	default:
		return show(ctx, view).whole(), nil
	}
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
	if strings.Contains(name, "/cases/") {
		return casefile.ErrNotFound
	}
	return desk.ErrCityNotFound
}
