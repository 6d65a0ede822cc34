package live

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	watchers                prometheus.GaugeFunc
	lag                     prometheus.Gauge
	notes, resets, failures prometheus.Counter
}

func newMetrics(registry prometheus.Registerer, watchers func() float64) (*metrics, error) {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "throughtrain_live_" + name, Help: help})
	}
	m := &metrics{
		watchers: prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "throughtrain_live_watchers", Help: "Streams of invitations open now."}, watchers),
		lag:      prometheus.NewGauge(prometheus.GaugeOpts{Name: "throughtrain_live_lag_seconds", Help: "Age of the newest event when watchers were told of it."}),
		notes:    counter("invitations_total", "Invitations to read something that were sent."),
		resets:   counter("resets_total", "Times a watcher was told to read everything anew."),
		failures: counter("failures_total", "Failures to find out what changed; it was tried again."),
	}
	if registry == nil {
		return m, nil
	}
	return m, errors.Join(registry.Register(m.watchers), registry.Register(m.lag), registry.Register(m.notes), registry.Register(m.resets),
		registry.Register(m.failures))
}
