package suite

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"time"
)

// front is what stands before the gateways: requests go round, and one that could not be handed to a gateway goes to the next. Whoever is about to end a
// gateway asks for it first, so that none of them meets a request that has just been sent.
type front struct {
	gateways []string // host:port
	inner    http.RoundTripper

	mu      sync.Mutex
	next    int
	resting map[string]bool          // gets nothing new
	busy    map[string]int           // requests that have no answer yet
	idle    map[string]chan struct{} // closed when busy comes to nothing, for whoever waits
}

func newFront(gateways []string) *front {
	return &front{gateways: gateways, resting: map[string]bool{}, busy: map[string]int{}, idle: map[string]chan struct{}{}, inner: &http.Transport{
		DialContext: (&net.Dialer{Timeout: 2 * time.Second}).DialContext, MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute,
		DisableCompression: true,
	}}
}

// handler is what people meet.
func (f *front) handler() http.Handler {
	return &httputil.ReverseProxy{
		Transport: f, FlushInterval: -1, // live updates pass as they come
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: f.gateways[0]})
			r.SetXForwarded()
			r.Out.Host = r.In.Host
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, _ error) {
			if r.Context().Err() != nil {
				return // who asked has left
			}
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusBadGateway)
			_, _ = io.WriteString(w, `{"code": 14, "message": "暂时无法连接，请稍后重试。 / Nobody answers for the moment. Try again."}`+"\n")
		},
	}
}

// RoundTrip implements http.RoundTripper.
func (f *front) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		defer func() { _ = r.Body.Close() }()
	}
	var errs []error
	for tried := []string{}; len(tried) < len(f.gateways); {
		gateway := f.take(tried)
		tried = append(tried, gateway)
		try := r.Clone(r.Context())
		try.URL.Host = gateway
		if r.Body != nil && r.Body != http.NoBody {
			try.Body = io.NopCloser(r.Body) // a try that fails must not close it for the next
		}
		response, err := f.inner.RoundTrip(try)
		f.give(gateway)
		if err == nil {
			return response, nil
		}
		errs = append(errs, err)
		if !neverSent(err) && r.Method != http.MethodGet && r.Method != http.MethodHead {
			break
		}
	}
	return nil, errors.Join(errs...)
}

// take chooses the next gateway of those that were not tried: one that is not about to end, if there is any.
func (f *front) take(tried []string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	chosen := ""
	for i := range f.gateways {
		gateway := f.gateways[(f.next+i)%len(f.gateways)]
		if slices.Contains(tried, gateway) || chosen != "" && f.resting[gateway] {
			continue
		}
		if chosen = gateway; !f.resting[gateway] {
			break
		}
	}
	f.next++
	f.busy[chosen]++
	return chosen
}

// give tells that a gateway has begun to answer, or has failed to.
func (f *front) give(gateway string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.busy[gateway]--; f.busy[gateway] == 0 && f.idle[gateway] != nil {
		close(f.idle[gateway])
		f.idle[gateway] = nil
	}
}

// rest hands a gateway nothing more, and returns when it has begun to answer all that it was handed, or when the context ends. What it has begun, it finishes
// as it ends.
func (f *front) rest(ctx context.Context, gateway string) {
	f.mu.Lock()
	f.resting[gateway] = true
	if f.busy[gateway] == 0 {
		f.mu.Unlock()
		return
	}
	if f.idle[gateway] == nil {
		f.idle[gateway] = make(chan struct{})
	}
	idle := f.idle[gateway]
	f.mu.Unlock()
	select {
	case <-idle:
	case <-ctx.Done():
	}
}

// rise ends a rest.
func (f *front) rise(gateway string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.resting, gateway)
}

// neverSent tells whether a request cannot have reached anybody.
func neverSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}
