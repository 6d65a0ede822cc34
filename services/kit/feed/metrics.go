package feed

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	position, aside         prometheus.Gauge
	lag, behind             prometheus.GaugeFunc
	handled, failures, gaps prometheus.Counter
}

func newMetrics(registry prometheus.Registerer, consumer string, lag, behind func() float64) (*metrics, error) {
	labels := prometheus.Labels{"consumer": consumer}
	gauge := func(name, help string) prometheus.Gauge {
		return prometheus.NewGauge(prometheus.GaugeOpts{Name: "throughtrain_feed_follower_" + name, Help: help, ConstLabels: labels})
	}
	asked := func(name, help string, ask func() float64) prometheus.GaugeFunc {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "throughtrain_feed_follower_" + name, Help: help, ConstLabels: labels}, ask)
	}
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: "throughtrain_feed_follower_" + name, Help: help, ConstLabels: labels})
	}
	m := &metrics{
		position: gauge("position", "Last feed position whose effects are committed."),
		lag:      asked("lag_seconds", "Age of the oldest event that is read and not handled; while the feed cannot be read, the time since it could. 0 when nothing waits.", lag),
		behind:   asked("lag_events", "Events of the feed, as far as it is known here, whose effects are not committed.", behind),
		aside:    gauge("set_aside", "Events set aside after repeated failure, with those that wait for them: each needs somebody to look."),
		handled:  counter("events_total", "Events handled."),
		failures: counter("failures_total", "Batches that failed and were tried again."),
		gaps:     counter("gaps_total", "Gaps met in the feed."),
	}
	if registry == nil {
		return m, nil
	}
	return m, errors.Join(registry.Register(m.position), registry.Register(m.lag), registry.Register(m.behind), registry.Register(m.aside), registry.Register(m.handled),
		registry.Register(m.failures), registry.Register(m.gaps))
}
