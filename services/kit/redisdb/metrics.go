package redisdb

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	up                prometheus.Gauge
	failures, skipped prometheus.Counter
}

func newMetrics(registry prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		up:       prometheus.NewGauge(prometheus.GaugeOpts{Name: "throughtrain_redis_up", Help: "1 while Redis answers; everything goes on without it."}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{Name: "throughtrain_redis_failures_total", Help: "Calls that Redis did not answer."}),
		skipped:  prometheus.NewCounter(prometheus.CounterOpts{Name: "throughtrain_redis_skipped_total", Help: "Calls not made because Redis was away a moment ago."}),
	}
	m.up.Set(1)
	if registry == nil {
		return m, nil
	}
	return m, errors.Join(registry.Register(m.up), registry.Register(m.failures), registry.Register(m.skipped))
}
