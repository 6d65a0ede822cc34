// Package gateway is the way in over HTTP: REST as the contracts describe it, its documentation, the web app and the sign-ins of
// browsers, the keys that tokens are signed with, and health. It is given connections to the services and is a client of theirs
// like any other; it decides nothing and trusts no header that could say who somebody is.
package gateway

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/throughtrain/throughtrain/gateway/internal/check"
	"github.com/throughtrain/throughtrain/gateway/internal/docs"
	"github.com/throughtrain/throughtrain/gateway/internal/files"
	"github.com/throughtrain/throughtrain/gateway/internal/guard"
	"github.com/throughtrain/throughtrain/gateway/internal/live"
	"github.com/throughtrain/throughtrain/gateway/internal/problem"
	"github.com/throughtrain/throughtrain/gateway/internal/rest"
	"github.com/throughtrain/throughtrain/gateway/internal/session"
	"github.com/throughtrain/throughtrain/gateway/internal/webapp"
	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/fault/wire"
	"github.com/throughtrain/throughtrain/services/kit/limit"
	"github.com/throughtrain/throughtrain/services/kit/redisdb"
)

// Upstreams are connections to the services, over sockets or memory alike.
type Upstreams = struct {
	Directory, Hotline, Attendant, Agency grpc.ClientConnInterface
}

// Options are what an operator may choose; the zero value is ready.
type Options struct {
	Log     *zap.Logger
	Metrics prometheus.Registerer
	Tracing bool // begin a trace with every request
	Demo    bool // serve the demonstration's sign-in
	// City is the code of the city that the app signs people in to; the first that is served, empty while none is known.
	City    func() string
	Proxies []*net.IPNet // proxies whose X-Forwarded-For is believed
	// Redis counts the requests of an address for all replicas; nil for a process alone.
	Redis *redisdb.Client
	// PerAddress is how many requests one address may send, an IPv6 network counting as one; not counted when zero.
	PerAddress limit.Rate
	// Lanes are further connections to the hotline, for streams alone: one connection carries no more than a thousand streams and
	// calls together. Without any, fewer streams share the one of the calls.
	Lanes []grpc.ClientConnInterface
}

// New makes the handler of everything that is served.
func New(ctx context.Context, up Upstreams, o Options) (http.Handler, error) {
	hotline, err := streams("hotline", o.Lanes, up.Hotline, o)
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	agency, err := streams("agency", nil, up.Agency, o)
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	api, err := rest.New(ctx, rest.Upstreams(up), rest.Options{Demo: o.Demo, Proxies: o.Proxies, Streams: rest.Streams{Hotline: hotline, Agency: agency}})
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	if o.City == nil {
		o.City = func() string { return "" }
	}
	app, err := webapp.New(webapp.Dist(), o.Demo, o.City, api) // which answers with a route's absence in the one shape
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	browsers := session.New(up.Directory, session.Options{Demo: o.Demo, Proxies: o.Proxies})
	mux := http.NewServeMux()
	mux.Handle("/v1/", api)
	if err := files.Register(mux, o.Proxies, sources(up)...); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	mux.Handle("GET /healthz", ready(map[string]grpc.ClientConnInterface{
		"directory": up.Directory, "hotline": up.Hotline, "attendant": up.Attendant, "agency": up.Agency}))
	mux.Handle("GET /.well-known/jwks.json", &keys{client: directoryv1.NewSessionServiceClient(up.Directory)})
	docs.Register(mux)
	check.Register(mux, agencyv1.NewCertificateServiceClient(up.Agency))
	browsers.Register(mux)
	app.Register(mux)

	var requests *prometheus.HistogramVec
	if o.Metrics != nil {
		requests = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "throughtrain_http_request_duration_seconds",
			Help: "Time to answer an HTTP request, by the route's pattern, method and class of status. Streams are counted apart.", Buckets: prometheus.ExponentialBuckets(0.0005, 2, 15)}, []string{"route", "method", "status"})
		if err := o.Metrics.Register(requests); err != nil {
			return nil, fmt.Errorf("gateway: %w", err)
		}
	}
	all := browsers.Bearer(guard.Routed(mux))
	if o.Demo {
		all = local(all)
	}
	bounds := guard.Options{Log: o.Log, Requests: requests, Tracing: o.Tracing, Proxies: o.Proxies, Lasting: live.Asked, AtHand: webapp.Asked, PerAddress: o.PerAddress}
	if o.PerAddress.Most > 0 {
		bounds.Limiter = limit.New(o.Redis, "gateway", clock.System())
	}
	guarded := guard.New(all, bounds)
	return &handler{guarded, []*live.Streams{hotline, agency}}, nil
}

// streams are those of a service, over lanes of their own or else over the connection of its calls.
func streams(service string, lanes []grpc.ClientConnInterface, calls grpc.ClientConnInterface, o Options) (*live.Streams, error) {
	perLane := live.PerLane
	if len(lanes) == 0 {
		lanes, perLane = []grpc.ClientConnInterface{calls}, live.PerSharedLane
	}
	return live.New(live.Options{Service: service, Lanes: lanes, PerLane: perLane, Proxies: o.Proxies, Metrics: o.Metrics})
}

// sources are the services that have files.
func sources(up Upstreams) []files.Source {
	return []files.Source{
		{Conn: up.Hotline, Service: hotlinev1.File_throughtrain_hotline_v1_attachment_service_proto.Services().ByName("AttachmentService")},
		{Conn: up.Agency, Service: agencyv1.File_throughtrain_agency_v1_material_service_proto.Services().ByName("MaterialService")},
	}
}

// handler is everything that is served, with what of it does not end by itself.
type handler struct {
	http.Handler
	streams []*live.Streams
}

var errHost = fault.New(fault.Denied, "HOST_FORBIDDEN",
	"演示模式只接受以本机地址访问，例如 http://127.0.0.1:8080。", "A demonstration is reached under this machine's own address only, such as http://127.0.0.1:8080.")

// local keeps a page of another site, whose name was made to lead to this machine, from signing in to a demonstration.
func local(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = strings.Trim(r.Host, "[]")
		}
		if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			problem.Write(w, r, errHost)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// NewServer makes the HTTP server for the handler, with the limits that keep one client from holding what belongs to all. Its shutdown
// ends the streams of a handler that New made.
func NewServer(all http.Handler) *http.Server {
	server := &http.Server{
		Handler:           all,
		ReadHeaderTimeout: 5 * time.Second,
		WriteTimeout:      guard.BodyDeadline + rest.Timeout + 5*time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	if h, ok := all.(*handler); ok {
		for _, s := range h.streams {
			server.RegisterOnShutdown(s.End)
		}
	}
	return server
}

var errNotReady = fault.New(fault.Unavailable, "NOT_READY",
	"系统正在启动，请稍候。", "The system is starting. Try again in a moment.").RetryIn(time.Second)

// ready answers 200 once every service serves, and until then names the one that is waited for.
func ready(services map[string]grpc.ClientConnInterface) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), time.Second)
		defer cancel()
		for name, conn := range services {
			reply, err := healthv1.NewHealthClient(conn).Check(ctx, &healthv1.HealthCheckRequest{})
			if err != nil || reply.GetStatus() != healthv1.HealthCheckResponse_SERVING {
				problem.Write(w, r, errNotReady.With("waitingFor", name))
				return
			}
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write([]byte(`{"status":"ok"}` + "\n"))
	})
}

// keysAge is how long the key set is served without asking again; a new key is published at least this long before it signs.
const keysAge = time.Minute

// keys serves the directory's public keys.
type keys struct {
	client directoryv1.SessionServiceClient

	mu      sync.Mutex
	set     []byte
	fetched time.Time
}

func (k *keys) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	set, err := k.get(r.Context())
	if err != nil {
		problem.Write(w, r, wire.From(err))
		return
	}
	w.Header().Set("Content-Type", "application/jwk-set+json")
	w.Header().Set("Cache-Control", "public, max-age=60")
	_, _ = w.Write(set) //nolint:gosec // the directory's own keys, as JSON that nobody may sniff
}

func (k *keys) get(ctx context.Context) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.set != nil && time.Since(k.fetched) < keysAge {
		return k.set, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	reply, err := k.client.GetKeys(ctx, &directoryv1.GetKeysRequest{})
	if err != nil {
		return nil, err
	}
	k.set, k.fetched = reply.GetJwks(), time.Now()
	return k.set, nil
}
