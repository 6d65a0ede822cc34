package rpcserver

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/codes"

	"github.com/throughtrain/throughtrain/services/kit/observe"
)

// buckets run from a fifth of a millisecond, where a cached read lies, to the default timeout.
var buckets = []float64{.0002, .0005, .001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10}

const codeCount = int(codes.Unauthenticated) + 1

// metrics are rate, errors and duration by method and code, and the calls in progress. The series of a method are looked up
// once and then kept, so that counting costs no allocation and no map.
type metrics struct {
	duration *prometheus.HistogramVec
	inFlight prometheus.Gauge
	methods  map[string]*methodMetrics
}

type methodMetrics struct {
	service, name string
	byCode        [codeCount]atomic.Pointer[prometheus.Observer]
}

func newMetrics(registry prometheus.Registerer, methods []string) (*metrics, error) {
	m := &metrics{methods: make(map[string]*methodMetrics, len(methods))}
	var err error
	m.duration, err = shared(registry, prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "throughtrain_rpc_server_duration_seconds", Help: "Time to answer a call.", Buckets: buckets,
	}, []string{"service", "method", "code"}))
	if err != nil {
		return nil, err
	}
	m.inFlight, err = shared[prometheus.Gauge](registry, prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "throughtrain_rpc_server_in_flight", Help: "Calls in progress.",
	}))
	if err != nil {
		return nil, err
	}
	for _, full := range methods {
		service, name, _ := strings.Cut(strings.TrimPrefix(full, "/"), "/")
		m.methods[full] = &methodMetrics{service: service, name: name}
	}
	return m, nil
}

// shared registers a collector, or finds the one that another server of the same process registered.
func shared[C prometheus.Collector](registry prometheus.Registerer, c C) (C, error) {
	err := registry.Register(c)
	var already prometheus.AlreadyRegisteredError
	if errors.As(err, &already) {
		if existing, ok := already.ExistingCollector.(C); ok {
			return existing, nil
		}
	}
	return c, err
}

// begin counts a call in; what it returns counts it out.
func (m *metrics) begin(ctx context.Context, method string) func(codes.Code) {
	start := time.Now()
	m.inFlight.Inc()
	return func(code codes.Code) {
		m.inFlight.Dec()
		if series := m.methods[method]; series != nil {
			observe.Exemplify(ctx, series.observer(m.duration, code), time.Since(start).Seconds())
		}
	}
}

func (s *methodMetrics) observer(vec *prometheus.HistogramVec, code codes.Code) prometheus.Observer {
	if int(code) >= codeCount {
		code = codes.Unknown
	}
	if kept := s.byCode[code].Load(); kept != nil {
		return *kept
	}
	observer := vec.WithLabelValues(s.service, s.name, code.String())
	s.byCode[code].Store(&observer)
	return observer
}
