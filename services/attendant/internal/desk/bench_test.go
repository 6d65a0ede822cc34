package desk_test

import (
	"testing"

	"github.com/throughtrain/throughtrain/services/attendant/internal/desk"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// BenchmarkTake is the life of a ticket in this service, in stretches as the follower reads them: filed, dispatched, answered.
func BenchmarkTake(b *testing.B) {
	for name, filing := range map[string]route.Filing{"named": {Enterprise: rostertest.Enterprise(1), Category: rostertest.Water}, "by load": {Category: rostertest.Water}} {
		b.Run(name, func(b *testing.B) {
			s := store.New(kittest.OpenStore(b, "sqlite:"+b.TempDir()+"/bench.db", change.Options{}, store.Schema()))
			o := openOffice(b, s, rostertest.Code)
			o.mustBind(rostertest.Qian, 1, rostertest.Start.AddDate(1, 0, 0), false)
			const stretch = 256
			b.ResetTimer()
			for i := 0; i < b.N; i += stretch {
				var filed, given, done []desk.Happening
				for j := range min(stretch, b.N-i) {
					filed = append(filed, o.happens(i+j, desk.Filed{Filing: filing, ConfigVersion: 1}))
				}
				o.take(filed...)
				for j := range min(stretch, b.N-i) {
					given = append(given, o.happens(i+j, dispatched(rostertest.Qian)))
					done = append(done, o.happens(i+j, desk.Answered{}))
				}
				o.take(given...)
				o.take(done...)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N), "µs/ticket")
		})
	}
}
