package observe

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/pprof"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// NewRegistry makes a metrics registry with what is worth knowing of every Go process.
func NewRegistry() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), newWallClock())
	return registry
}

// Readiness knows whether a process can do its work. A process that is not ready is left alone until it is; one that does not
// answer at all is restarted. The zero value is ready.
type Readiness struct {
	mu     sync.Mutex
	checks []readyCheck
}

type readyCheck struct {
	name  string
	check func(context.Context) error
}

// Add adds something that must be well, such as a database that answers.
func (r *Readiness) Add(name string, check func(context.Context) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checks = append(r.checks, readyCheck{name, check})
}

// Check asks everything at once and returns what is not well, by name.
func (r *Readiness) Check(ctx context.Context) map[string]error {
	r.mu.Lock()
	checks := r.checks
	r.mu.Unlock()
	var (
		mu  sync.Mutex
		bad = map[string]error{}
		all sync.WaitGroup
	)
	for _, c := range checks {
		all.Go(func() {
			if err := c.check(ctx); err != nil {
				mu.Lock()
				bad[c.name] = err
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return bad
}

const readyTimeout = 2 * time.Second

// AdminHandler serves what operators may see and the public may not: /metrics (with exemplars for who asks for OpenMetrics), /healthz (the process answers), /readyz (it can
// work) and /debug/pprof. It has no authentication, so it belongs on a listener of its own that only operators reach.
func AdminHandler(registry prometheus.Gatherer, ready *Readiness) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, nil) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
		defer cancel()
		if bad := ready.Check(ctx); len(bad) > 0 {
			answer(w, http.StatusServiceUnavailable, bad)
			return
		}
		answer(w, http.StatusOK, nil)
	})
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("POST /debug/pprof/symbol", pprof.Symbol)
	// Cmdline is left out: it would show the process's flags.
	mux.HandleFunc("GET /debug/pprof/cmdline", http.NotFound)
	return mux
}

func answer(w http.ResponseWriter, code int, bad map[string]error) {
	body := map[string]any{"status": "ok"}
	if len(bad) > 0 {
		failing := make(map[string]string, len(bad))
		for name, err := range bad {
			failing[name] = err.Error()
		}
		body = map[string]any{"status": "not ready", "failing": failing}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body) // whoever asked has left
}

const (
	headerTimeout = 5 * time.Second
	stopTimeout   = 5 * time.Second
)

// ServeAdmin serves the handler on a listener until the context ends. It is a component for run.
func ServeAdmin(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout, BaseContext: func(net.Listener) context.Context { return ctx }}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	// A profile being taken is not waited for: its context has ended with ours, and what does not notice is cut off.
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	err := server.Shutdown(limited)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}
