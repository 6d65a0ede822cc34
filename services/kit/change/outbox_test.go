package change_test

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/change/changetest"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// TestASequencerThatDoesNotRunIsSeen: the age of what waits for its place is asked of the database, and none waits where the writer gives it.
func TestASequencerThatDoesNotRunIsSeen(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		db, err := sqldb.Open(t.Context(), sqldb.Config{DSN: dsn})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		if err := sqldb.Migrate(t.Context(), db, change.Schema(), changetest.Schema()); err != nil {
			t.Fatal(err)
		}
		registry, wall := prometheus.NewRegistry(), movable.New(time.Now())
		s, err := change.New(t.Context(), db, change.Options{Metrics: registry, Wall: wall}) // and no Run
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		age := func() float64 {
			families, err := registry.Gather()
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range families {
				if f.GetName() == "throughtrain_change_outbox_age_seconds" {
					return f.GetMetric()[0].GetGauge().GetValue()
				}
			}
			return -1
		}
		if got := age(); got != 0 {
			t.Errorf("with nothing written it is %v s old", got)
		}
		c := (&changetest.Thing{ID: "waits"}).Change("a note")
		if err := s.Commit(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		wall.Set(c.Events[0].Time.Add(time.Hour))
		want := 0.0
		if db.Engine() == sqldb.Postgres {
			want = 3600
		}
		if got := age(); got != want {
			t.Errorf("it is %v s old, want %v", got, want)
		}
		if _, err := s.Settled(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := age(); got != 0 {
			t.Errorf("with its place in the feed it is %v s old", got)
		}
	})
}
