package tally

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock"
)

// Watched is what of the numbers an operator watches: how what is owed stands, and how it ended. Open ones are sums of cells when somebody looks, as on
// the board; those that ended are counted as the fold meets them, so that their rate can be told.
type Watched struct {
	Metrics prometheus.Registerer // nil registers nowhere
	Clock   clock.Clock
	Cities  func() []string
	// In is the dimension in which everything is counted once.
	In Dimension
	// Open are the measures of what is due, by quarters of an hour, with the kind that an operator knows them by.
	Open map[Measure]string
	// Ended says of a cell which kind of obligation ended there, and whether in time; false for a cell that counts something else.
	Ended func(Cell) (kind string, met, ok bool)
	// Kinds are all that end. They are counted from zero before the first one does: a rate is not told of what begins with one.
	Kinds []string
}

// Watch registers what is watched. It comes before Run.
func (t *Tally[F]) Watch(w Watched) error {
	if w.Metrics == nil {
		return nil
	}
	open := &openCollector{watched: w, store: t.store, stood: map[openKey]int64{},
		desc: prometheus.NewDesc("throughtrain_obligations_open", "What is owed and not paused, by city, kind and how it stands: overdue, today, tomorrow or later.",
			[]string{"city", "kind", "state"}, nil)}
	ended := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "throughtrain_obligations_ended_total",
		Help: "What was owed and ended, by city, kind and outcome: met or breached. Of one thing each kind counts once."}, []string{"city", "kind", "outcome"})
	open.city = func(city string) {
		for _, kind := range w.Kinds {
			ended.WithLabelValues(city, kind, met)
			ended.WithLabelValues(city, kind, breached)
		}
	}
	t.folded = func(city string, delta map[Cell]int64) { count(ended, w, city, delta) }
	return errors.Join(w.Metrics.Register(open), w.Metrics.Register(ended))
}

// How what was owed ended.
const (
	met      = "met"
	breached = "breached"
)

// count adds what a fold changed. That something ended differently after all takes nothing away from a counter.
func count(ended *prometheus.CounterVec, w Watched, city string, delta map[Cell]int64) {
	type outcome struct {
		kind   string
		inTime bool
	}
	sums := map[outcome]int64{}
	for c, n := range delta {
		if c.Dimension != w.In {
			continue
		}
		if kind, inTime, ok := w.Ended(c); ok {
			sums[outcome{kind, inTime}] += n
		}
	}
	for o, n := range sums {
		word := breached
		if o.inTime {
			word = met
		}
		ended.WithLabelValues(city, o.kind, word).Add(float64(max(0, n)))
	}
}

const (
	// openAge is how long sums are good for, so that nobody who scrapes much costs much.
	openAge = 5 * time.Second
	// openTime bounds what a scrape asks the database.
	openTime = 2 * time.Second
)

// How what is owed stands.
const (
	standsOverdue = iota
	standsToday
	standsTomorrow
	standsLater
)

var standing = [...]string{"overdue", "today", "tomorrow", "later"}

type openKey struct {
	city, kind string
	stands     int
}

// openCollector sums what is owed when somebody looks.
type openCollector struct {
	watched Watched
	store   *change.Store
	desc    *prometheus.Desc
	city    func(string) // is told of every city

	mu    sync.Mutex
	asked time.Time // by the real clock
	stood map[openKey]int64
}

// Describe implements prometheus.Collector.
func (o *openCollector) Describe(out chan<- *prometheus.Desc) { out <- o.desc }

// Collect implements prometheus.Collector. When the database does not say, the numbers are missing rather than old.
func (o *openCollector) Collect(out chan<- prometheus.Metric) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.asked.IsZero() || time.Since(o.asked) > openAge {
		ctx, cancel := context.WithTimeout(context.Background(), openTime)
		defer cancel()
		stood, err := o.sum(ctx)
		if err != nil {
			return
		}
		o.stood, o.asked = stood, time.Now()
	}
	for k, n := range o.stood {
		out <- prometheus.MustNewConstMetric(o.desc, prometheus.GaugeValue, float64(n), k.city, k.kind, standing[k.stands])
	}
}

func (o *openCollector) sum(ctx context.Context) (map[openKey]int64, error) {
	m := MomentOf(o.watched.Clock.Now())
	until, quarter := DayOf(m.Overdue), QuarterOf(m.Overdue)
	names := make([]string, 0, len(o.watched.Open))
	for _, measure := range slices.Sorted(maps.Keys(o.watched.Open)) {
		names = append(names, "'"+string(measure)+"'")
	}
	condition := "measure IN (" + strings.Join(names, ", ") + ") AND dimension = $7"
	stands := fmt.Sprintf("CASE WHEN day < $3 OR day = $3 AND bucket <= $4 THEN %d WHEN day <= $5 THEN %d WHEN day = $6 THEN %d ELSE %d END",
		standsOverdue, standsToday, standsTomorrow, standsLater)
	stood := map[openKey]int64{}
	for _, city := range o.watched.Cities() {
		o.city(city)
		for _, kind := range o.watched.Open {
			for state := range standing {
				stood[openKey{city, kind, state}] = 0
			}
		}
		generation, err := Generation(ctx, o.store.DB(), city)
		if err != nil {
			return nil, err
		}
		err = Parts(ctx, o.store.DB(), city, generation, stands, condition, []any{until, quarter, m.Today, m.Tomorrow, string(o.watched.In)},
			func(c Cell, n int64) { stood[openKey{city, o.watched.Open[c.Measure], c.Bucket}] += n })
		if err != nil {
			return nil, err
		}
	}
	return stood, nil
}
