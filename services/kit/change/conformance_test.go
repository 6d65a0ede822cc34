package change_test

import (
	"testing"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/change/changetest"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

func TestConformance(t *testing.T) {
	databases := map[string]func(t *testing.T) string{
		"file":     func(t *testing.T) string { return "sqlite:" + t.TempDir() + "/an odd % name?.db" },
		"memory":   func(*testing.T) string { return "sqlite::memory:" },
		"postgres": func(t *testing.T) string { return kittest.Postgres(t) },
		"pooler":   func(t *testing.T) string { return kittest.Pooler(t, kittest.Postgres(t)) },
	}
	for name, dsn := range databases {
		t.Run(name, func(t *testing.T) {
			changetest.Run(t, func(t *testing.T) *change.Store {
				return kittest.OpenStore(t, dsn(t), change.Options{}, changetest.Schema())
			})
		})
	}
}
