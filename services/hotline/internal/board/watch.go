package board

import (
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/tally"
)

// Watch shows an operator how clocks stand and how they end, by kind and with nothing of whose they are. It comes before Run.
func (b *Board) Watch(metrics prometheus.Registerer, city clock.Clock, cities func() map[string]*policy.City) error {
	open, kinds := map[Measure]string{}, []string{}
	for _, k := range slices.Concat(ticket.Kinds(), ticket.OrderKinds()) {
		open[Due(k)] = strings.ToLower(k.String())
		kinds = append(kinds, open[Due(k)])
	}
	return b.Tally.Watch(tally.Watched{Metrics: metrics, Clock: city, In: ByCity, Open: open, Ended: ended, Kinds: kinds,
		Cities: func() []string { return slices.Sorted(maps.Keys(cities())) }})
}

func ended(c Cell) (kind string, met, ok bool) {
	if k, yes := metKinds[c.Measure]; yes {
		return strings.ToLower(k.String()), true, true
	}
	k, yes := breachedKinds[c.Measure]
	return strings.ToLower(k.String()), false, yes
}
