package observe

import (
	"context"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
)

// Exemplify observes a value and, when what is going on is traced, leaves the trace's id with it: from a slow bucket of a
// histogram one then finds what was slow in it. Untraced it costs what Observe costs.
func Exemplify(ctx context.Context, to prometheus.Observer, value float64) {
	if span := trace.SpanContextFromContext(ctx); span.IsSampled() {
		if with, ok := to.(prometheus.ExemplarObserver); ok {
			with.ObserveWithExemplar(value, prometheus.Labels{"trace_id": span.TraceID().String()})
			return
		}
	}
	to.Observe(value)
}

// WatchDisk registers how much room there is where a folder of data lies. What cannot be asked is left out of a scrape.
func WatchDisk(registry prometheus.Registerer, folder string) error {
	return registry.Register(&disk{
		folder: folder,
		free:   prometheus.NewDesc("throughtrain_disk_free_bytes", "Room left on the disk that holds the data, for who is not root.", nil, nil),
		size:   prometheus.NewDesc("throughtrain_disk_size_bytes", "Size of the disk that holds the data.", nil, nil),
	})
}

type disk struct {
	folder     string
	free, size *prometheus.Desc
}

func (d *disk) Describe(out chan<- *prometheus.Desc) {
	out <- d.free
	out <- d.size
}

func (d *disk) Collect(out chan<- prometheus.Metric) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(d.folder, &s); err != nil {
		return
	}
	block := float64(s.Bsize)
	out <- prometheus.MustNewConstMetric(d.free, prometheus.GaugeValue, float64(s.Bavail)*block)
	out <- prometheus.MustNewConstMetric(d.size, prometheus.GaugeValue, float64(s.Blocks)*block)
}

// newWallClock shows a process's clock, so that clocks which run apart are seen: a decision older than a second is not written.
func newWallClock() prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "throughtrain_time_seconds", Help: "The process's clock when it was asked, since 1970."},
		func() float64 { return float64(time.Now().UnixMicro()) / 1e6 })
}
