// Package rpcserver builds the gRPC server of a service. Every call passes the same steps in the same order (answer in
// pipeline.go is the whole list), failures leave as faults with a reason and both languages, and a contract method without a
// role rule keeps the server from being built. A service contributes descriptors and implementations, nothing else.
//
// It depends on kit's authn, fault and observe, on gRPC and on protovalidate.
package rpcserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"reflect"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"
	"google.golang.org/protobuf/proto"

	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/internal/rpctrace"
)

// Limits that hold for every server unless its Config says otherwise.
const (
	DefaultTimeout     = 10 * time.Second
	DefaultStopTimeout = 10 * time.Second
	MaxMessage         = 4 << 20
	maxHeader          = 16 << 10
	maxStreams         = 1000
)

// Config is what an operator may choose.
type Config struct {
	Timeout     time.Duration // of a call whose caller set no deadline
	StopTimeout time.Duration // for calls in progress when the server is told to stop
	Reflection  bool          // lets anybody who can connect list the methods; off unless asked for
	// ConnectionAge is after how long a client is asked to connect anew; never when zero. It looks for replicas then, and finds those that have been added
	// meanwhile, of which nothing else tells it while all that it knows are well. Calls and streams in progress stay where they are.
	ConnectionAge time.Duration
	// Hold says NOT_SERVING until SetServing, for a service that has to wait for something before it can work. Calls are answered all
	// the same, since those that it waits for may be waiting for it.
	Hold bool
}

// Replay answers a call that was made before under the same request id, when the service still knows it. It is asked when a
// request with a request id fails validation: rules may have become stricter since the first call was accepted, and a retry
// must be told the same as the first. It is called after authentication and the role rule, so the caller is in the context;
// it must look only at what that caller sent.
type Replay func(ctx context.Context, method string, request proto.Message) (response proto.Message, found bool, err error)

// Deps is what a server works with.
type Deps struct {
	Log      *zap.Logger
	Metrics  prometheus.Registerer
	Verifier *authn.Verifier
	// Replay may be nil.
	Replay Replay
	// NotFound makes the fault for a resource of another city, which must look exactly like that of a missing one; nil for
	// the plain one.
	NotFound func(name string) *fault.Error
	// RuleTexts says the contract's own validation rules, by rule id, in both languages. The standard rules are known.
	RuleTexts map[string]fault.Text
	// Tracing adds spans. Off, it costs nothing.
	Tracing bool
	// Credentials secure a listener that leaves the machine; nil for memory and loopback.
	Credentials credentials.TransportCredentials
}

type service struct {
	desc *grpc.ServiceDesc
	impl any
}

// Builder collects the services of a server.
type Builder struct {
	config   Config
	deps     Deps
	services []service
}

// New begins a server.
func New(config Config, deps Deps) *Builder {
	if config.Timeout <= 0 {
		config.Timeout = DefaultTimeout
	}
	if config.StopTimeout <= 0 {
		config.StopTimeout = DefaultStopTimeout
	}
	return &Builder{config: config, deps: deps}
}

// Add puts a generated service on the server. What is wrong with it is said by Build.
func (b *Builder) Add(desc *grpc.ServiceDesc, impl any) *Builder {
	b.services = append(b.services, service{desc, impl})
	return b
}

// Build checks everything that can be checked before the first call: that each implementation fits, that each method has a
// rule, that each validation rule compiles.
func (b *Builder) Build() (*Server, error) {
	if b.deps.Log == nil || b.deps.Metrics == nil || b.deps.Verifier == nil {
		return nil, errors.New("rpcserver: a logger, a metrics registry and a token verifier are required")
	}
	names, err := b.names()
	if err != nil {
		return nil, err
	}
	p, err := newPipeline(b.config, b.deps, names)
	if err != nil {
		return nil, fmt.Errorf("rpcserver: %w", err)
	}
	s := &Server{config: b.config, pipeline: p, grpc: grpc.NewServer(b.options(p)...), health: health.NewServer()}
	for _, added := range b.services {
		s.grpc.RegisterService(added.desc, added.impl)
		s.health.SetServingStatus(added.desc.ServiceName, healthv1.HealthCheckResponse_NOT_SERVING)
	}
	s.health.SetServingStatus("", healthv1.HealthCheckResponse_NOT_SERVING)
	healthv1.RegisterHealthServer(s.grpc, s.health)
	if b.config.Reflection {
		reflection.Register(s.grpc)
	}
	return s, nil
}

// names lists the services after checking what gRPC would end the process for.
func (b *Builder) names() ([]string, error) {
	var names []string
	seen := map[string]bool{}
	for _, added := range b.services {
		name := added.desc.ServiceName
		want := reflect.TypeOf(added.desc.HandlerType).Elem()
		switch got := reflect.TypeOf(added.impl); {
		case seen[name]:
			return nil, fmt.Errorf("rpcserver: %s is added twice", name)
		case got == nil || !got.Implements(want):
			return nil, fmt.Errorf("rpcserver: %v does not implement %s", got, name)
		}
		seen[name] = true
		names = append(names, name)
	}
	return names, nil
}

func (b *Builder) options(p *pipeline) []grpc.ServerOption {
	options := []grpc.ServerOption{
		grpc.UnaryInterceptor(p.unary),
		grpc.StreamInterceptor(p.stream),
		grpc.MaxRecvMsgSize(MaxMessage),
		grpc.MaxSendMsgSize(MaxMessage),
		grpc.MaxHeaderListSize(maxHeader),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: time.Minute, Timeout: 20 * time.Second, MaxConnectionAge: b.config.ConnectionAge}),
	}
	if b.deps.Tracing {
		options = append(options, grpc.StatsHandler(rpctrace.Server()))
	}
	if b.deps.Credentials != nil {
		options = append(options, grpc.Creds(b.deps.Credentials))
	}
	return options
}

// Server is a built server. It serves once.
type Server struct {
	config   Config
	pipeline *pipeline
	grpc     *grpc.Server
	health   *health.Server
}

// Serve serves on the listener until the context ends, then stops as gently as StopTimeout allows: new calls are refused,
// streams are told to end, calls in progress are finished. It closes the listener.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	served := make(chan error, 1)
	if !s.config.Hold {
		s.health.Resume()
	}
	go func() { served <- s.grpc.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	s.health.Shutdown()
	s.pipeline.stop()
	stopped := make(chan struct{})
	go func() { s.grpc.GracefulStop(); close(stopped) }()
	limit := time.NewTimer(s.config.StopTimeout)
	defer limit.Stop()
	select {
	case <-stopped:
	case <-limit.C:
		s.grpc.Stop()
		<-stopped
	}
	return <-served
}

// Callers are the services that some method's rule names: those that have any business here.
func (s *Server) Callers() []string { return s.pipeline.rules.Services() }

// SetServing changes what the health service says, for a service that cannot work for a while though it runs.
func (s *Server) SetServing(serving bool) {
	if serving {
		s.health.Resume()
		return
	}
	s.health.Shutdown()
}
