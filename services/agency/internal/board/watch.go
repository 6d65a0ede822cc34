package board

import (
	"maps"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/tally"
)

// Watch shows an operator how decisions and commitments stand and how they end, by kind and with nothing of whose they are. It comes before Run.
func (b *Board) Watch(metrics prometheus.Registerer, city clock.Clock, cities func() map[string]*catalogue.City) error {
	return b.Tally.Watch(tally.Watched{Metrics: metrics, Clock: city, In: byCounty, Ended: ended, Kinds: []string{promised, tolerance, promise},
		Open:   map[tally.Measure]string{promisedDue: promised, statutoryDue: "statutory", toleranceMeasures.due: tolerance, promiseMeasures.due: promise},
		Cities: func() []string { return slices.Sorted(maps.Keys(cities())) }})
}

// The kinds that end in time or not. A decision's promised time is shorter than its statutory one, and is the one that is counted.
const (
	promised  = "promised"
	tolerance = "tolerance"
	promise   = "promise"
)

func ended(c tally.Cell) (kind string, met, ok bool) {
	switch c.Measure {
	case itemDecided:
		return promised, c.Bucket == tally.Bit(true), true
	case toleranceMeasures.kept:
		return tolerance, true, true
	case toleranceMeasures.broken:
		return tolerance, false, true
	case promiseMeasures.kept:
		return promise, true, true
	case promiseMeasures.broken:
		return promise, false, true
	}
	return "", false, false
}
