package store_test

import (
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/agency/internal/store/storetest"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/filter"
)

var wall = clock.System()

// lists is what is measured: its cost must not depend on how many cases there are.
func lists(b *testing.B, orders *filter.Orders, asked []store.Query, order []string, list func(s *store.Store, q store.Query) (int, error)) {
	for _, cases := range []int{1_000, 100_000} {
		s := storetest.Fill(b, "sqlite:"+filepath.Join(b.TempDir(), "list.db"), cases)
		for i, q := range asked {
			var err error
			if q.Order, err = orders.Parse(order[i]); err != nil {
				b.Fatal(err)
			}
			q.City, q.Limit = cataloguetest.Code, 51
			name := "everything"
			switch {
			case len(q.Scope.Units) > 0:
				name = "a unit's"
			case len(q.Scope.Enterprises) > 0:
				name = "an enterprise's"
			case q.Scope.Person != "":
				name = "an agent's"
			}
			if order[i] != "" {
				name += " by " + order[i]
			}
			if q.Filter != "" {
				name += " where " + q.Filter
			}
			b.Run(strconv.Itoa(cases)+"/"+name, func(b *testing.B) {
				shown, best := 0, time.Hour
				for b.Loop() {
					began := wall.Now()
					if shown, err = list(s, q); err != nil || shown == 0 {
						b.Fatalf("%d rows, %v", shown, err)
					}
					best = min(best, wall.Now().Sub(began))
				}
				b.ReportMetric(float64(shown), "rows")
				b.ReportMetric(float64(best.Nanoseconds()), "best-ns") // what a busy machine leaves of it
			})
		}
	}
}

var (
	everything = store.Scope{All: true}
	unit       = store.Scope{Units: []string{storetest.UnitOf(0)}}
	agent      = store.Scope{Person: storetest.AgentOf(500)}
	owner      = store.Scope{Enterprises: []string{storetest.EnterpriseOf(500)}}
)

func BenchmarkListCases(b *testing.B) {
	lists(b, store.Orders, []store.Query{
		{Scope: everything}, {Scope: everything}, {Scope: everything, Filter: "open"}, {Scope: everything, Filter: "open"},
		{Scope: everything, Filter: `state = "COMPLETED"`}, {Scope: unit}, {Scope: unit, Filter: "open"}, {Scope: agent}, {Scope: owner},
	}, []string{"", "update_time desc", "", "due_time", "", "", "due_time", "", ""}, func(s *store.Store, q store.Query) (int, error) {
		rows, err := s.List(b.Context(), q)
		return len(rows), err
	})
}

func BenchmarkListItems(b *testing.B) {
	lists(b, store.ItemOrders, []store.Query{
		{Scope: everything}, {Scope: everything, Filter: "open"}, {Scope: everything, Filter: `due_time < "2026-03-20T00:00:00Z"`}, {Scope: unit},
		{Scope: unit, Filter: "open"}, {Scope: unit, Filter: `state = "PLANNED"`}, {Scope: unit}, {Scope: agent}, {Scope: owner},
	}, []string{"", "", "due_time", "", "", "", "state_time desc", "", ""}, func(s *store.Store, q store.Query) (int, error) {
		rows, err := s.ListItems(b.Context(), q)
		return len(rows), err
	})
}
