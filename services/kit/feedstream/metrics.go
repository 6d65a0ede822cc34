package feedstream

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct{ relayed, failures prometheus.Counter }

func newMetrics(registry prometheus.Registerer) (*metrics, error) {
	m := &metrics{
		relayed:  prometheus.NewCounter(prometheus.CounterOpts{Name: "throughtrain_feed_relayed_total", Help: "Events that this process brought to the stream."}),
		failures: prometheus.NewCounter(prometheus.CounterOpts{Name: "throughtrain_feed_relay_failures_total", Help: "Steps of the relay that failed and were tried again."}),
	}
	if registry == nil {
		return m, nil
	}
	return m, errors.Join(registry.Register(m.relayed), registry.Register(m.failures))
}
