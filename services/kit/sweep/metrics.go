package sweep

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	lateness prometheus.Histogram
	failures prometheus.Counter
	aside    prometheus.Gauge
	overdue  prometheus.GaugeFunc
}

func newMetrics(registry prometheus.Registerer, overdue func() float64) (*metrics, error) {
	m := &metrics{
		lateness: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "throughtrain_sweep_lateness_seconds", Help: "How long after its deadline a deadline had been acted upon, on the city clock.",
			Buckets: []float64{1, 1.1, 1.25, 1.5, 2, 3, 5, 10, 30, 60, 300, 3600, 86400},
		}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "throughtrain_sweep_failures_total", Help: "Deadlines whose effect failed and was tried again or set aside.",
		}),
		aside: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "throughtrain_sweep_set_aside", Help: "Deadlines set aside after repeated failure: each needs somebody to look.",
		}),
		overdue: prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "throughtrain_sweep_overdue_seconds", Help: "How long ago the earliest deadline was due that is neither acted upon nor set aside; 0 when it is still to come.",
		}, overdue),
	}
	if registry == nil {
		return m, nil
	}
	return m, errors.Join(registry.Register(m.lateness), registry.Register(m.failures), registry.Register(m.aside),
		registry.Register(m.overdue))
}
