package feed

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	position, lag           prometheus.Gauge
	handled, failures, gaps prometheus.Counter
}

func newMetrics(registry prometheus.Registerer, consumer string) (*metrics, error) {
	labels := prometheus.Labels{"consumer": consumer}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: "feed_follower_" + name, Help: help, ConstLabels: labels})
	}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "feed_follower_" + name, Help: help, ConstLabels: labels})
	}
	m := &metrics{
		position: gauge("position", "Last feed position whose effects are committed."),
		lag:      gauge("lag_seconds", "Age of the newest event read, 0 when there is nothing to read."),
		handled:  counter("events_total", "Events handled."),
		failures: counter("failures_total", "Batches that failed and were tried again."),
		gaps:     counter("gaps_total", "Gaps met in the feed."),
	}
	if registry == nil {
		return m, nil
	}
	return m, errors.Join(registry.Register(m.position), registry.Register(m.lag), registry.Register(m.handled),
		registry.Register(m.failures), registry.Register(m.gaps))
}
