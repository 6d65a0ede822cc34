package suite

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"time"
)

// front is what stands before the gateways: requests go round, and one that could not be handed to a gateway goes to the next.
type front struct {
	gateways []string // host:port
	next     atomic.Uint64
	inner    http.RoundTripper
}

// newFront makes the handler.
func newFront(gateways []string) http.Handler {
	f := &front{gateways: gateways, inner: &http.Transport{
		DialContext: (&net.Dialer{Timeout: 2 * time.Second}).DialContext, MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute,
		DisableCompression: true,
	}}
	return &httputil.ReverseProxy{
		Transport: f, FlushInterval: -1, // live updates pass as they come
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: gateways[0]})
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
	first := f.next.Add(1)
	var errs []error
	for i := range f.gateways {
		try := r.Clone(r.Context())
		try.URL.Host = f.gateways[(first+uint64(i))%uint64(len(f.gateways))]
		if r.Body != nil && r.Body != http.NoBody {
			try.Body = io.NopCloser(r.Body) // a try that fails must not close it for the next
		}
		response, err := f.inner.RoundTrip(try)
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

// neverSent tells whether a request cannot have reached anybody.
func neverSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}
