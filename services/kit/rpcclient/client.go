// Package rpcclient makes connections to the suite's services. A call carries the person it is made for, or else the service
// that makes it, the request's id and a deadline; what comes back as a status is a fault again, equal to the one the other
// side returned.
//
// It depends on kit's authn, fault and observe and on gRPC.
package rpcclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/health" // asks replicas whether they serve
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"

	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/internal/rpctrace"
)

const (
	// DefaultTimeout ends a call for which nobody set a deadline. It is shorter than a server's, so that the caller of a
	// chain gives up first and is the one to say so.
	DefaultTimeout = 9 * time.Second
	maxMessage     = 4 << 20
)

// Config says where a service is and how it is called.
type Config struct {
	// Service is the name of the service called, for which service tokens are made out.
	Service string
	// Address is its host:port, or those of its replicas with commas between them, or dns:///HOST:PORT for a name that stands for all of
	// them. Calls go round those that serve. Either this or Dialer.
	Address string
	// Dialer connects some other way: rpcserver.Memory's Dial.
	Dialer func(context.Context) (net.Conn, error)
	// As signs for the service that calls; nil where every call is made for a person.
	As *authn.ServiceIssuer
	// Timeout of a call without a deadline; DefaultTimeout when zero.
	Timeout time.Duration
	// Credentials secure a connection that leaves the machine; nil for memory and loopback.
	Credentials credentials.TransportCredentials
	// Tracing adds spans and carries the trace on.
	Tracing bool
}

// Connect makes a connection. It is lazy: an address at which nobody listens yet is no error, and calls work once it does.
func Connect(c Config) (*grpc.ClientConn, error) {
	if c.Service == "" || (c.Address == "") == (c.Dialer == nil) {
		return nil, errors.New("rpcclient: a service's name and either an address or a dialer are required")
	}
	if c.Timeout <= 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Credentials == nil {
		c.Credentials = insecure.NewCredentials()
	}
	out := &outgoing{service: c.Service, as: c.As, timeout: c.Timeout, methods: &methods{}}
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(c.Credentials),
		grpc.WithUnaryInterceptor(out.unary),
		grpc.WithStreamInterceptor(out.stream),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage), grpc.MaxCallSendMsgSize(maxMessage)),
		// A service that restarts is back in well under a second; the default would leave it alone for many.
		grpc.WithConnectParams(grpc.ConnectParams{MinConnectTimeout: 5 * time.Second,
			Backoff: backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 2 * time.Second}}),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 10 * time.Second}),
	}
	target, where := c.target()
	options = append(options, where...)
	if c.Tracing {
		options = append(options, grpc.WithStatsHandler(rpctrace.Client()))
	}
	connection, err := grpc.NewClient(target, options...)
	if err != nil {
		return nil, fmt.Errorf("rpcclient: %s: %w", c.Service, err)
	}
	return connection, nil
}

// spread goes round the replicas that say of themselves that they serve.
const spread = `{"loadBalancingConfig": [{"round_robin": {}}], "healthCheckConfig": {"serviceName": ""}}`

// target is where the service is, in gRPC's form, and how it is found there.
func (c *Config) target() (string, []grpc.DialOption) {
	if c.Dialer != nil {
		return "passthrough:///" + c.Service, []grpc.DialOption{
			grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return c.Dialer(ctx) })}
	}
	options := []grpc.DialOption{grpc.WithDefaultServiceConfig(spread)}
	replicas := strings.Split(c.Address, ",")
	switch {
	case strings.Contains(c.Address, "://"):
		return c.Address, options
	case len(replicas) == 1:
		return "dns:///" + c.Address, options
	}
	listed := manual.NewBuilderWithScheme("replicas")
	state := resolver.State{}
	for _, address := range replicas {
		state.Addresses = append(state.Addresses, resolver.Address{Addr: strings.TrimSpace(address)})
	}
	listed.InitialState(state)
	return "replicas:///" + c.Service, append(options, grpc.WithResolvers(listed))
}
