package change

import (
	"context"
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/throughtrain/throughtrain/services/kit/observe"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// metrics of one store. Nothing in a label comes from a user.
type metrics struct {
	seconds  prometheus.Histogram
	outcomes map[error]prometheus.Counter
	failed   prometheus.Counter
	group    prometheus.Histogram
	months   prometheus.Gauge // of PostgreSQL only
}

func newMetrics(registry prometheus.Registerer, engine sqldb.Engine, head func() int64, outbox func() float64) (*metrics, error) {
	total := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "throughtrain_change_commits_total", Help: "Changes handed to the store, by what became of them.",
	}, []string{"outcome"})
	m := &metrics{
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "throughtrain_change_commit_seconds", Help: "Time from handing over a change to its durable commit.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 2.5, 12),
		}),
		group: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "throughtrain_change_group_members", Help: "Changes that shared one commit of the SQLite file.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 9),
		}),
		months: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "throughtrain_change_journal_months_ahead", Help: "For how many months after the present one the partitions of the journal are known to be made.",
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
	if engine == sqldb.Postgres {
		if err := registry.Register(m.months); err != nil {
			return nil, err
		}
	}
	newest := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "throughtrain_change_feed_head", Help: "Newest position of the feed known here; whoever follows it is behind by the difference.",
	}, func() float64 { return float64(head()) })
	unplaced := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "throughtrain_change_outbox_age_seconds",
		Help: "Age of the oldest committed event that has no place in the feed yet. Always 0 on SQLite, whose writer gives it in the commit.",
	}, outbox)
	return m, errors.Join(registry.Register(total), registry.Register(m.seconds), registry.Register(m.group), registry.Register(newest),
		registry.Register(unplaced))
}

func (m *metrics) committed(ctx context.Context, took time.Duration, err error) {
	observe.Exemplify(ctx, m.seconds, took.Seconds())
	for outcome, counter := range m.outcomes {
		if errors.Is(err, outcome) {
			counter.Inc()
			return
		}
	}
	m.failed.Inc()
}
