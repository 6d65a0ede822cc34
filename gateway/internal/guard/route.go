package guard

import (
	"context"
	"net/http"
	"regexp"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

const tracerName = "github.com/throughtrain/throughtrain/gateway"

type routeKey struct{}

// Route names the route that answers a request, for metrics and traces: its pattern, in which nothing is what somebody sent. The
// most telling name comes first, later ones are not taken.
func Route(ctx context.Context, pattern string) {
	if name, ok := ctx.Value(routeKey{}).(*string); ok && *name == "" {
		*name = pattern
	}
}

// Routed names requests by the mux's patterns, unless a handler knows better.
func Routed(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			_, path, cut := strings.Cut(r.Pattern, " ")
			if !cut {
				path = r.Pattern
			}
			Route(r.Context(), path)
		}()
		mux.ServeHTTP(w, r)
	})
}

// unrouted is the route of what was refused before there was one.
const unrouted = "none"

// named lets the route of a request be named.
func named(ctx context.Context) (context.Context, func() string) {
	name := new(string)
	return context.WithValue(ctx, routeKey{}, name), func() string {
		if *name == "" {
			return unrouted
		}
		return *name
	}
}

// known are the segments that our own paths are made of: words of the contracts with their verbs, city codes and ids.
var known = regexp.MustCompile(`^(|v1|[A-Za-z][A-Za-z_.-]{0,39}(:[A-Za-z]{1,40})?|[0-9]{6}(:[A-Za-z]{1,40})?|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(:[A-Za-z]{1,40})?)$`)

// plain is a path as it may stand in a log. Anybody can write anything into a path; what is not one of our own segments is left out.
func plain(path string) string {
	segments := strings.SplitN(path, "/", maxSegments+1)
	for i, segment := range segments {
		if i == maxSegments || !known.MatchString(segment) {
			segments[i] = "…"
		}
	}
	return strings.Join(segments, "/")
}

// maxSegments is more than any path of ours has.
const maxSegments = 16

// trace begins the trace of a request. Whoever sends a request does not decide whether it is traced, and under which id, unless it comes through
// a proxy that was named; a trace of theirs is linked.
func (g *guard) trace(ctx context.Context, r *http.Request) (context.Context, trace.Span) {
	options := []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(attribute.String("http.request.method", method(r)))}
	theirs := propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(r.Header))
	switch remote := trace.SpanContextFromContext(theirs); {
	case !remote.IsValid():
	case trusted(g.o.Proxies, peer(r)):
		ctx = theirs
	default:
		options = append(options, trace.WithLinks(trace.Link{SpanContext: remote}))
	}
	return otel.Tracer(tracerName).Start(ctx, method(r), options...)
}

// traced ends the trace of a request with what became of it.
func traced(span trace.Span, r *http.Request, route string, status int) {
	span.SetName(method(r) + " " + route)
	span.SetAttributes(attribute.String("http.route", route), attribute.Int("http.response.status_code", status))
	if status >= http.StatusInternalServerError {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}
