// Package rpc is the attendant's contract as a gRPC server: it reads requests, calls the desk, and renders what comes back. It
// decides nothing. It depends on internal/{binding,desk,route,store,visit} and kit's authn and page.
package rpc

import (
	"context"
	"crypto/sha256"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/desk"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// Server serves bindings, presences, hand-overs, visits and coverage.
type Server struct {
	attendantv1.UnimplementedBindingServiceServer
	attendantv1.UnimplementedVisitServiceServer
	attendantv1.UnimplementedCoverageServiceServer
	desk *desk.Desk
}

// NewServer makes a server.
func NewServer(d *desk.Desk) *Server { return &Server{desk: d} }

// mutation is a request that may be repeated.
type mutation interface {
	proto.Message
	GetRequestId() string
}

func call(ctx context.Context, city string, m mutation) desk.Call {
	method, _ := grpc.Method(ctx)
	return callOf(ctx, method, city, m)
}

// callOf is what a request brings along. Its body is what was asked for, in the contract's own form so that it does not matter
// how a client spells it, without request id and etag.
func callOf(ctx context.Context, method, city string, m mutation) desk.Call {
	c := desk.Call{Caller: authn.FromContext(ctx), City: city, Method: part(method, 2), RequestID: m.GetRequestId()}
	if c.RequestID == "" {
		return c
	}
	body := proto.Clone(m).ProtoReflect()
	for _, name := range []protoreflect.Name{"request_id", "etag"} {
		if f := body.Descriptor().Fields().ByName(name); f != nil {
			body.Clear(f)
		}
	}
	content, err := proto.MarshalOptions{Deterministic: true}.Marshal(body.Interface())
	if err != nil {
		// Only text that is not UTF-8 does that, and such a request does not get here.
		panic("rpc: " + err.Error())
	}
	sum := sha256.Sum256(content)
	c.Body = sum[:]
	return c
}

// Replay implements rpcserver.Replay: it answers a call that was made before although the request would no longer pass.
func (s *Server) Replay(ctx context.Context, method string, request proto.Message) (proto.Message, bool, error) {
	switch m := request.(type) {
	case *attendantv1.CreateBindingRequest:
		return s.replay(ctx, method, cityOf(m.GetParent()), m, s.bindingMessage)
	case *attendantv1.EndBindingRequest:
		return s.replay(ctx, method, cityOf(m.GetName()), m, s.bindingMessage)
	case *attendantv1.SetPresenceRequest:
		return s.replay(ctx, method, cityOf(m.GetName()), m, s.presenceMessage)
	case *attendantv1.HandOverRequest:
		return s.replay(ctx, method, cityOf(m.GetName()), m, s.handoverMessage)
	case *attendantv1.PlanVisitRequest:
		return s.replay(ctx, method, cityOf(m.GetParent()), m, s.visitMessage)
	case *attendantv1.RecordVisitRequest:
		return s.replay(ctx, method, cityOf(m.GetName()), m, s.visitMessage)
	case *attendantv1.CancelVisitRequest:
		return s.replay(ctx, method, cityOf(m.GetName()), m, s.visitMessage)
	case *attendantv1.SetQuietRequest:
		return s.replay(ctx, method, cityOf(m.GetName()), m, s.quietMessage)
	}
	return nil, false, nil
}

func (s *Server) replay(ctx context.Context, method, city string, m mutation,
	render func(ctx context.Context, city, id string) (proto.Message, error),
) (proto.Message, bool, error) {
	resource, seen, err := s.desk.Seen(ctx, callOf(ctx, method, city, m))
	if err != nil || !seen {
		return nil, false, err
	}
	answer, err := render(ctx, city, resource)
	return answer, err == nil, err
}

func (s *Server) bindingMessage(ctx context.Context, city, id string) (proto.Message, error) {
	return orNil(s.binding(ctx, city, id))
}

func (s *Server) presenceMessage(ctx context.Context, city, id string) (proto.Message, error) {
	return orNil(s.presence(ctx, city, id))
}

// orNil keeps a nil pointer from becoming a message that is not nil.
func orNil[M proto.Message](m M, err error) (proto.Message, error) {
	if err != nil {
		return nil, err
	}
	return m, nil
}

// NotFound is the fault for what belongs to another city: the same as for what does not exist.
func NotFound(name string) *fault.Error {
	switch {
	case strings.Contains(name, "/bindings/"):
		return desk.ErrBinding
	case strings.Contains(name, "/visits/"):
		return desk.ErrVisit
	case strings.Contains(name, "/enterprises/"):
		return desk.ErrEnterprise
	case strings.Contains(name, "/officials/"):
		return desk.ErrNoOfficial
	default:
		return desk.ErrCity
	}
}

// part is the n-th part of a name, from 0. The contract's patterns have been checked before a request gets to a handler.
func part(name string, n int) string {
	for range n {
		_, name, _ = strings.Cut(name, "/")
	}
	name, _, _ = strings.Cut(name, "/")
	return name
}

func cityOf(name string) string { return part(name, 1) } // cities/{1}
func idOf(name string) string   { return part(name, 3) } // cities/1/bindings/{3}

func nameOf(city, kind, id string) string {
	if id == "" {
		return ""
	}
	return "cities/" + city + "/" + kind + "/" + id
}

// instant reads a time as it is stored: to the microsecond.
func instant(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime().Truncate(time.Microsecond)
}

func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
