package tally_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/throughtrain/throughtrain/services/kit/change/changetest"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/tally"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// TestWatchedNumbers takes the cell of a thing's version for something due on the day of that number, in the quarter of that number, and for something
// that ended as well: in time when it is green.
func TestWatchedNumbers(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		s := newStage(t, dsn)
		registry := prometheus.NewRegistry()
		err := s.tally.Watch(tally.Watched{Metrics: registry, In: "colour", Cities: func() []string { return []string{city} },
			Clock: movable.New(time.Date(2026, 3, 2, 0, 20, 0, 0, worktime.Zone)), Open: map[tally.Measure]string{"versions": "version"}, Kinds: []string{"version", "never"},
			Ended: func(c tally.Cell) (string, bool, bool) { return "version", c.Value == "green", c.Measure == "versions" }})
		if err != nil {
			t.Fatal(err)
		}
		s.follows(t)
		for version, colour := range map[int]string{1: "green", 2: "red", 3: "green", 4: "blue"} {
			th := &changetest.Thing{ID: fmt.Sprint("to", version)}
			for n := range version {
				c := th.Change(fmt.Sprintf("%s %d of %d", colour, n, version))
				if err := s.store.Commit(t.Context(), c); err != nil {
					t.Fatal(err)
				}
				th.Committed(c)
			}
		}
		s.folded(t)
		if _, err := registry.Gather(); err != nil { // the first who looks makes it known which cities there are
			t.Fatal(err)
		}
		got := map[string]float64{}
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, family := range families {
			for _, m := range family.GetMetric() {
				key := ""
				for _, label := range m.GetLabel() {
					key += label.GetValue() + " "
				}
				got[key] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
		// A thing adds its version: what is due on the 1st is over, on the 2nd in the second quarter to come.
		want := map[string]float64{"410900 version overdue ": 1, "410900 version today ": 2, "410900 version tomorrow ": 3, "410900 version later ": 4}
		want["410900 version met "], want["410900 version breached "] = 1+3, 2+4
		want["410900 never met "], want["410900 never breached "] = 0, 0
		if !maps.Equal(got, want) {
			t.Errorf("shown %v, want %v", got, want)
		}
	})
}
