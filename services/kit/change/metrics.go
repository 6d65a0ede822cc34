package change

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics of one store. Nothing in a label comes from a user.
type metrics struct {
	seconds  prometheus.Histogram
	outcomes map[error]prometheus.Counter
	failed   prometheus.Counter
	group    prometheus.Histogram
}

func newMetrics(registry prometheus.Registerer, head func() int64) (*metrics, error) {
	total := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "change_commits_total", Help: "Changes handed to the store, by what became of them.",
	}, []string{"outcome"})
	m := &metrics{
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "change_commit_seconds", Help: "Time from handing over a change to its durable commit.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 2.5, 12),
		}),
		group: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "change_group_members", Help: "Changes that shared one commit of the SQLite file.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 9),
		}),
		outcomes: map[error]prometheus.Counter{
			nil:            total.WithLabelValues("written"),
			ErrConflict:    total.WithLabelValues("conflict"),
			ErrStale:       total.WithLabelValues("stale"),
			ErrRequestSeen: total.WithLabelValues("request_seen"),
		},
		failed: total.WithLabelValues("failed"),
	}
	if registry == nil {
		return m, nil
	}
	newest := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "change_feed_head", Help: "Newest position of the feed known here; whoever follows it is behind by the difference.",
	}, func() float64 { return float64(head()) })
	return m, errors.Join(registry.Register(total), registry.Register(m.seconds), registry.Register(m.group), registry.Register(newest))
}

func (m *metrics) committed(took time.Duration, err error) {
	m.seconds.Observe(took.Seconds())
	for outcome, counter := range m.outcomes {
		if errors.Is(err, outcome) {
			counter.Inc()
			return
		}
	}
	m.failed.Inc()
}
