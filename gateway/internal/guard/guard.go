// Package guard stands before every route: it names the request, bounds what a client may cost, refuses bodies that two parsers
// could read differently, and sets the headers that keep a browser safe. It depends on kit's observe, fault and limit, and on problem.
package guard

import (
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/gateway/internal/problem"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/limit"
	"github.com/throughtrain/throughtrain/services/kit/observe"
)

// Limits of one request. The server's own (header size, idle time) are set where the server is made.
const (
	MaxBody      = 1 << 20
	BodyDeadline = 15 * time.Second
	// MaxInFlight requests are served at once; more wait for nobody and are told to come back. A request is served from when it
	// has arrived: those that still arrive only take seats.
	MaxInFlight = 2048
)

var (
	errOverloaded = fault.New(fault.Unavailable, "OVERLOADED",
		"系统正忙，请稍候几秒重试；重试时请使用同一请求编号，不会重复提交。",
		"The system is busy. Try again in a few seconds with the same request id; nothing is done twice.").RetryIn(2 * time.Second)
	errTooOften = fault.New(fault.Exhausted, "TOO_OFTEN",
		"您所在网络的请求过于频繁，请稍候再试。", "Too many requests come from your network. Try again in a moment.")
	errCrossOrigin = fault.New(fault.Denied, "CROSS_ORIGIN",
		"不接受来自其他网站的请求，请从本系统页面操作。",
		"Requests from other sites are not accepted. Use this system's own pages.")
)

// Options are what a guard works with.
type Options struct {
	Log      *zap.Logger
	Requests *prometheus.HistogramVec // labels route, method and status; nil counts nothing
	Tracing  bool                     // begins a trace with every request
	Proxies  []*net.IPNet             // whose X-Forwarded-For is believed; nobody's by default
	Patience time.Duration            // with a body on its way; BodyDeadline when zero
	// Limiter counts the requests of each address, at most PerAddress; nobody counts when there is none.
	Limiter    limit.Limiter
	PerAddress limit.Rate
	// Lasting tells requests whose answer does not end; whoever gives it counts them. None when nil.
	Lasting func(*http.Request) bool
	// AtHand tells requests that are answered from memory. They take none of the slots: who reads the app slowly keeps nobody from
	// the API, and one address not even others from the app. None when nil.
	AtHand func(*http.Request) bool
}

// New puts the guard before a handler.
func New(next http.Handler, o Options) http.Handler {
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	if o.Patience == 0 {
		o.Patience = BodyDeadline
	}
	if o.Lasting == nil {
		o.Lasting = func(*http.Request) bool { return false }
	}
	if o.AtHand == nil {
		o.AtHand = func(*http.Request) bool { return false }
	}
	crossOrigin := http.NewCrossOriginProtection()
	crossOrigin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { problem.Write(w, r, errCrossOrigin) }))
	g := &guard{next: crossOrigin.Handler(next), o: o, slots: make(chan struct{}, MaxInFlight),
		seats: newSeats(maxSeats, maxSeatsFrom), readers: newSeats(MaxInFlight, MaxInFlight/4)}
	return g
}

type guard struct {
	next    http.Handler
	o       Options
	slots   chan struct{} // of requests that ask a service
	readers *seats        // of those that are answered from memory
	seats   *seats
}

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	id, _ := observe.AcceptRequestID(r.Header.Get("X-Request-Id"))
	ctx, route := named(observe.WithRequestID(r.Context(), id))
	answer := &recorder{ResponseWriter: w}
	if g.o.Tracing && !g.o.Lasting(r) {
		var span trace.Span
		ctx, span = g.trace(ctx, r)
		defer func() { traced(span, r, route(), answer.code()) }()
	}
	r = r.WithContext(ctx)
	g.secure(answer.Header(), r, id)
	defer func() { g.note(r, answer, route(), began) }()

	refused := g.count(r)
	if refused == nil {
		r, refused = g.receive(answer, r)
	}
	if refused != nil {
		problem.Write(answer, r, refused)
		return
	}
	if g.o.Lasting(r) {
		g.next.ServeHTTP(answer, r)
		return
	}
	leave, ok := g.enter(r)
	if !ok {
		problem.Write(answer, r, errOverloaded)
		return
	}
	defer leave()
	g.next.ServeHTTP(answer, r)
}

// count refuses requests of an address that sends too many. What is answered from memory costs too little to be counted.
func (g *guard) count(r *http.Request) *fault.Error {
	if g.o.Limiter == nil || g.o.AtHand(r) {
		return nil
	}
	if wait, ok := g.o.Limiter.Take(r.Context(), Household(ClientAddress(r, g.o.Proxies)), g.o.PerAddress); !ok {
		return errTooOften.RetryIn(wait)
	}
	return nil
}

// enter lets a request in while there is room for it.
func (g *guard) enter(r *http.Request) (leave func(), ok bool) {
	if g.o.AtHand(r) {
		from := ClientAddress(r, g.o.Proxies)
		return func() { g.readers.leave(from, 1) }, g.readers.take(from, 1)
	}
	select {
	case g.slots <- struct{}{}:
		return func() { <-g.slots }, true
	default:
		return nil, false
	}
}

// receive reads what was sent, for as long as there is a seat for it.
func (g *guard) receive(w http.ResponseWriter, r *http.Request) (*http.Request, *fault.Error) {
	needs := seatsFor(r.ContentLength)
	from := ClientAddress(r, g.o.Proxies)
	if !g.seats.take(from, needs) {
		w.Header().Set("Connection", "close")
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(time.Second)) // for what the server reads before it closes
		return r, errOverloaded
	}
	defer g.seats.leave(from, needs)
	return readBody(w, r, g.o.Patience)
}

// note counts the request and writes its line. The query, which may carry words of people, is left out.
func (g *guard) note(r *http.Request, answer *recorder, route string, began time.Time) {
	took := time.Since(began)
	status := answer.code()
	if g.o.Requests != nil && !g.o.Lasting(r) {
		observe.Exemplify(r.Context(), g.o.Requests.WithLabelValues(route, method(r), class(status)), took.Seconds())
	}
	level := zap.DebugLevel
	if status >= http.StatusInternalServerError {
		level = zap.WarnLevel
	}
	if line := g.o.Log.Check(level, "request"); line != nil {
		line.Write(append(observe.Fields(r.Context()), zap.String("method", method(r)), zap.String("route", route), zap.String("path", plain(r.URL.Path)),
			zap.Int("status", status), zap.Duration("took", took))...)
	}
}

// secure sets the headers every answer has. Pages of our own loosen the policy for themselves.
func (g *guard) secure(h http.Header, r *http.Request, id string) {
	h.Set("X-Request-Id", id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	h.Set("Vary", "Accept-Language")
	if OverTLS(r, g.o.Proxies) {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}

// method bounds what a client can put into a metric's label.
func method(r *http.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return r.Method
	}
	return "other"
}

func class(status int) string {
	return string(rune('0'+status/100)) + "xx"
}

// recorder remembers the status for the log.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// code is the status that the client sees.
func (r *recorder) code() int {
	if r.status == 0 {
		return http.StatusOK
	}
	return r.status
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
