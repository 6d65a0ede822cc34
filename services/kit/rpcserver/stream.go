package rpcserver

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

// stream is unary's twin. The caller is judged when the stream opens, every message as it arrives. A stream has no deadline
// of its own; it ends when the server begins to stop, so that waiting for something never holds up a restart.
func (p *pipeline) stream(impl any, inner grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	ctx, cancel := context.WithCancel(inner.Context())
	defer cancel()
	defer context.AfterFunc(p.stopping, cancel)()
	if plumbing(info.FullMethod) {
		return handler(impl, &judgedStream{ServerStream: inner, ctx: ctx})
	}
	c := &call{method: info.FullMethod, start: time.Now()}
	ctx = p.identify(ctx)
	done := p.metrics.begin(ctx, c.method)
	err := p.answerStream(ctx, c, impl, inner, handler)
	code, err := p.report(ctx, c, err)
	done(code)
	return err
}

func (p *pipeline) answerStream(ctx context.Context, c *call, impl any, inner grpc.ServerStream, handler grpc.StreamHandler) (err error) {
	defer p.recoverTo(ctx, c, &err)
	if ctx, err = p.admit(ctx, c); err != nil {
		return err
	}
	return handler(impl, &judgedStream{ServerStream: inner, ctx: ctx, judge: func(m proto.Message) error {
		if err := p.scope(c, m); err != nil {
			return err
		}
		return p.validator.check(m)
	}})
}

// judgedStream has the context of the call and judges every message that arrives.
type judgedStream struct {
	grpc.ServerStream
	ctx   context.Context
	judge func(proto.Message) error // nil for gRPC's own services
}

func (s *judgedStream) Context() context.Context { return s.ctx }

func (s *judgedStream) RecvMsg(m any) error {
	if err := s.ServerStream.RecvMsg(m); err != nil || s.judge == nil {
		return err
	}
	return s.judge(m.(proto.Message))
}
