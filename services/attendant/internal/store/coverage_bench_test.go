package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// BenchmarkCoverage is what the numbers and the first page of a large city's uncovered enterprises cost: half of them have an attendant.
func BenchmarkCoverage(b *testing.B) {
	const enterprises = 50_000
	for name, dsn := range map[string]string{"sqlite": "sqlite:" + b.TempDir() + "/bench.db", "postgres": kittest.Postgres(b)} {
		s := store.New(kittest.OpenStore(b, dsn, change.Options{}, store.Schema()))
		fill(b, s, enterprises)
		b.Run("numbers/"+name, func(b *testing.B) {
			for range b.N {
				if _, err := s.Coverage(b.Context(), rostertest.Code, time.Now()); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("page/"+name, func(b *testing.B) {
			for range b.N {
				if _, err := s.Uncovered(b.Context(), store.Uncovered{City: rostertest.Code, Limit: 50}, time.Now()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func fill(b *testing.B, s *store.Store, enterprises int) {
	b.Helper()
	for from := 0; from < enterprises; from += 1000 {
		c := &change.Change{}
		for n := from; n < from+1000; n++ {
			c.Statements = append(c.Statements, store.AddEnterprise(rostertest.Code, rostertest.Enterprise(n), fmt.Sprintf("4109%02d", n%10), rostertest.Start))
			if n%2 == 0 {
				c.Statements = append(c.Statements, change.Exec(`INSERT INTO bindings
					(city, id, official, display_name, unit, role, enterprise, project, deputy, start_time, active, version, head, changed)
					VALUES ($1, $2, $3, '', '', 1, $4, '', '', 0, 1, 1, $5, 0)`, rostertest.Code, rostertest.ID(9, n), rostertest.Person(n%300), rostertest.Enterprise(n), make([]byte, 32)))
			}
		}
		if err := s.Commit(b.Context(), c); err != nil {
			b.Fatal(err)
		}
	}
}
