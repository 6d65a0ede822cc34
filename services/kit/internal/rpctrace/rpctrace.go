// Package rpctrace adds spans to calls, on both ends alike. Health checks and the reading of feeds are left out, being nobody's request, and so are
// streams of invitations, which last. It depends on otelgrpc.
package rpctrace

import (
	"strings"

	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"google.golang.org/grpc/stats"
)

// Server is for a server's options, Client for a connection's.
func Server() stats.Handler { return otelgrpc.NewServerHandler(otelgrpc.WithFilter(requested)) }

// Client is Server's twin.
func Client() stats.Handler { return otelgrpc.NewClientHandler(otelgrpc.WithFilter(requested)) }

func requested(call *stats.RPCTagInfo) bool {
	method := call.FullMethodName
	return !strings.HasPrefix(method, "/grpc.") && !strings.HasPrefix(method, "/throughtrain.feed.v1.") && !strings.Contains(method, "/Watch")
}
