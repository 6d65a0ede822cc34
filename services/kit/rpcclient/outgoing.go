package rpcclient

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault/wire"
	"github.com/throughtrain/throughtrain/services/kit/observe"
)

const (
	authorizationKey = "authorization"
	requestIDKey     = "x-request-id"
)

type asServiceKey struct{}

// AsService makes the calls under this context in the service's own name, although a person's request caused them. Without
// it a call is made for the person whose token is in the context: what they may not do, nobody does for them.
func AsService(ctx context.Context) context.Context {
	return context.WithValue(ctx, asServiceKey{}, true)
}

// outgoing dresses calls and undresses their errors.
type outgoing struct {
	service string
	as      *authn.ServiceIssuer
	timeout time.Duration
	methods *methods
}

func (o *outgoing) unary(ctx context.Context, method string, request, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	if _, set := ctx.Deadline(); !set {
		bounded, cancel := context.WithTimeout(ctx, o.timeout)
		defer cancel()
		ctx = bounded
	}
	ctx, err := o.dress(ctx)
	if err != nil {
		return err
	}
	return undress(o.again(ctx, method, request, func(more ...grpc.CallOption) error {
		return invoke(ctx, method, request, reply, cc, append(slices.Clip(opts), more...)...)
	}))
}

func (o *outgoing) stream(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	ctx, err := o.dress(ctx)
	if err != nil {
		return nil, err
	}
	inner, err := open(ctx, desc, cc, method, opts...)
	if err != nil {
		return nil, undress(err)
	}
	return &stream{inner}, nil
}

// dress adds who calls and for which request. What the caller put into the metadata itself stays: the gateway passes on what
// it received.
func (o *outgoing) dress(ctx context.Context) (context.Context, error) {
	sent, _ := metadata.FromOutgoingContext(ctx)
	var add []string
	if id := observe.RequestID(ctx); id != "" && len(sent.Get(requestIDKey)) == 0 {
		add = append(add, requestIDKey, id)
	}
	if len(sent.Get(authorizationKey)) == 0 {
		token, err := o.token(ctx)
		if err != nil {
			return ctx, err
		}
		if token != "" {
			add = append(add, authorizationKey, "Bearer "+token)
		}
	}
	if len(add) == 0 {
		return ctx, nil
	}
	return metadata.AppendToOutgoingContext(ctx, add...), nil
}

// token is the person's, or the service's when it acts for itself or there is no person. A service's own token that came in
// is never passed on: it was made out for this service alone.
func (o *outgoing) token(ctx context.Context) (string, error) {
	own, _ := ctx.Value(asServiceKey{}).(bool)
	if token, ok := authn.Token(ctx); ok && !own && authn.FromContext(ctx).Kind == authn.Person {
		return token, nil
	}
	if o.as == nil {
		return "", nil
	}
	return o.as.Token(o.service)
}

// undress makes a fault of what came back.
func undress(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return wire.From(err)
}

// stream makes faults of what ends it.
type stream struct{ grpc.ClientStream }

func (s *stream) SendMsg(m any) error { return undress(s.ClientStream.SendMsg(m)) }

func (s *stream) RecvMsg(m any) error { return undress(s.ClientStream.RecvMsg(m)) }

func (s *stream) CloseSend() error { return undress(s.ClientStream.CloseSend()) }

func (s *stream) Header() (metadata.MD, error) {
	header, err := s.ClientStream.Header()
	return header, undress(err)
}
