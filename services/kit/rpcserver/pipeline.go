package rpcserver

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/fault/wire"
	"github.com/throughtrain/throughtrain/services/kit/mutual"
	"github.com/throughtrain/throughtrain/services/kit/observe"
)

// Metadata keys, shared with rpcclient.
const (
	authorizationKey = "authorization"
	requestIDKey     = "x-request-id"
)

// pipeline is the way of a call through the server.
type pipeline struct {
	log       *zap.Logger
	timeout   time.Duration
	verifier  *authn.Verifier
	rules     *authn.Rules
	validator *validator
	metrics   *metrics
	replay    Replay
	notFound  func(string) *fault.Error

	stopping context.Context // ends when the server begins to stop; streams end with it
	stop     context.CancelFunc
}

func newPipeline(config Config, deps Deps, services []string) (*pipeline, error) {
	rules, err := authn.LoadRules(services...)
	if err != nil {
		return nil, err
	}
	validator, err := newValidator(deps.RuleTexts, services)
	if err != nil {
		return nil, err
	}
	metrics, err := newMetrics(deps.Metrics, rules.Methods())
	if err != nil {
		return nil, err
	}
	p := &pipeline{log: deps.Log, timeout: config.Timeout, verifier: deps.Verifier, rules: rules, validator: validator,
		metrics: metrics, replay: deps.Replay, notFound: deps.NotFound}
	if p.notFound == nil {
		p.notFound = func(string) *fault.Error { return errNotFound }
	}
	p.stopping, p.stop = context.WithCancel(context.Background())
	return p, nil
}

var errNotFound = fault.New(fault.NotFound, "NOT_FOUND",
	"未找到您要的内容，请核对后重试。", "Not found. Check the name and try again.")

// call is what is known of a call for its log line.
type call struct {
	method string
	start  time.Time
	caller authn.Caller
}

// plumbing tells gRPC's own services, which carry nothing of ours and have no rules, from the contract's.
func plumbing(method string) bool { return strings.HasPrefix(method, "/grpc.") }

// unary is the only unary interceptor: it surrounds answer with what must happen to every call, a panicking one included.
func (p *pipeline) unary(ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if plumbing(info.FullMethod) {
		return handler(ctx, request)
	}
	c := &call{method: info.FullMethod, start: time.Now()}
	ctx = p.identify(ctx)
	done := p.metrics.begin(ctx, c.method)
	response, err := p.answer(ctx, c, request, handler)
	code, err := p.report(ctx, c, err)
	done(code)
	if err != nil {
		return nil, err
	}
	return response, nil
}

// answer is the order in which a call is judged: deadline, who calls, whether they may, whether they may know of what they
// name, whether the request is sound, and only then what it asks for.
func (p *pipeline) answer(ctx context.Context, c *call, request any, handler grpc.UnaryHandler) (response any, err error) {
	defer p.recoverTo(ctx, c, &err)
	if _, set := ctx.Deadline(); !set {
		bounded, cancel := context.WithTimeout(ctx, p.timeout)
		defer cancel()
		ctx = bounded
	}
	if ctx, err = p.admit(ctx, c); err != nil {
		return nil, err
	}
	message := request.(proto.Message)
	if err := p.scope(c, message); err != nil {
		return nil, err
	}
	if err := p.validator.check(message); err != nil {
		if response, found, replayErr := p.replayed(ctx, c, message); found || replayErr != nil {
			return response, replayErr
		}
		return nil, err
	}
	return handler(ctx, request)
}

// identify takes over or makes the id under which this request is found in every log. A made one is told to the caller.
func (p *pipeline) identify(ctx context.Context) context.Context {
	sent := ""
	if values := metadata.ValueFromIncomingContext(ctx, requestIDKey); len(values) == 1 {
		sent = values[0]
	}
	id, accepted := observe.AcceptRequestID(sent)
	if !accepted {
		_ = grpc.SetHeader(ctx, metadata.Pairs(requestIDKey, id)) // fails only after headers are sent, which is later
	}
	return observe.WithRequestID(ctx, id)
}

// admit finds out who calls and whether the method is open to them. On a public method a token that is no longer good is
// as if there were none: the way to a new token must not ask for a good one.
func (p *pipeline) admit(ctx context.Context, c *call) (context.Context, error) {
	token, err := bearer(ctx)
	if err == nil && token != "" {
		var caller *authn.Caller
		if caller, err = p.verifier.Verify(ctx, token); err == nil && caller.Kind == authn.Service {
			if vouchErr := mutual.Vouches(ctx, caller.Name); vouchErr != nil {
				err = authn.ErrTokenInvalid.Wrap(vouchErr)
			}
		}
		if err == nil {
			c.caller = *caller
			ctx = authn.WithToken(authn.WithCaller(ctx, *caller), token)
		}
	}
	if err != nil && !p.rules.Public(c.method) {
		return ctx, err
	}
	return ctx, p.rules.Allow(c.method, c.caller)
}

// bearer is the token of the call, empty when there is none.
func bearer(ctx context.Context) (string, error) {
	values := metadata.ValueFromIncomingContext(ctx, authorizationKey)
	switch {
	case len(values) == 0:
		return "", nil
	case len(values) > 1:
		return "", authn.ErrTokenInvalid.Wrap(fmt.Errorf("%d authorization headers", len(values)))
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	if !strings.EqualFold(scheme, "bearer") || token == "" {
		return "", authn.ErrTokenInvalid.Wrap(fmt.Errorf("authorization is not a bearer token"))
	}
	return token, nil
}

// scope hides what belongs to another city.
func (p *pipeline) scope(c *call, request proto.Message) error {
	if c.caller.City == "" {
		return nil
	}
	if name, foreign := authn.ForeignName(request, c.caller.City); foreign {
		return p.notFound(name)
	}
	return nil
}

// replayed asks the service whether it has answered this request before.
func (p *pipeline) replayed(ctx context.Context, c *call, request proto.Message) (proto.Message, bool, error) {
	with, ok := request.(interface{ GetRequestId() string })
	if p.replay == nil || !ok || with.GetRequestId() == "" || strings.IndexByte(with.GetRequestId(), 0) >= 0 {
		return nil, false, nil
	}
	return p.replay(ctx, c.method, request)
}

// recoverTo makes an internal error of a panic. The stack goes to the log only.
func (p *pipeline) recoverTo(ctx context.Context, c *call, err *error) {
	if cause := recover(); cause != nil {
		p.log.Error("panic in a call", append(observe.Fields(ctx), zap.String("method", c.method), zap.Any("panic", cause),
			zap.ByteString("stack", debug.Stack()))...)
		*err = fault.From(fmt.Errorf("panic: %v", cause))
	}
}

// report writes the one log line of a call and turns its error into what goes over the wire.
func (p *pipeline) report(ctx context.Context, c *call, err error) (codes.Code, error) {
	if err == nil {
		p.line(ctx, c, zapcore.DebugLevel, codes.OK, nil)
		return codes.OK, nil
	}
	failure := wire.From(err)
	s := wire.Status(failure)
	level := zapcore.WarnLevel
	switch {
	case failure.Kind.Ours():
		level = zapcore.ErrorLevel
	case failure.Kind == fault.Canceled:
		level = zapcore.DebugLevel
	}
	p.line(ctx, c, level, s.Code(), failure)
	if traced, err := s.WithDetails(&errdetails.RequestInfo{RequestId: observe.RequestID(ctx)}); err == nil {
		s = traced
	}
	return s.Code(), s.Err()
}

func (p *pipeline) line(ctx context.Context, c *call, level zapcore.Level, code codes.Code, failure *fault.Error) {
	entry := p.log.Check(level, "call")
	if entry == nil {
		return
	}
	fields := append(observe.Fields(ctx), zap.String("method", c.method), zap.Stringer("code", code),
		zap.Duration("took", time.Since(c.start)), zap.Stringer("caller", c.caller.Kind))
	if c.caller.Kind != authn.Anonymous {
		fields = append(fields, zap.String("caller_id", c.caller.ID()), zap.String("city", c.caller.City))
	}
	if failure != nil {
		fields = append(fields, zap.String("reason", failure.Reason), zap.NamedError("error", failure))
	}
	entry.Write(fields...)
}
