package store_test

import (
	"testing"

	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/directory/internal/store/storetest"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

func TestEngines(t *testing.T) {
	for name, dsn := range map[string]func(t *testing.T) string{
		"file":     func(t *testing.T) string { return "sqlite:" + t.TempDir() + "/directory.db" },
		"memory":   func(*testing.T) string { return "sqlite::memory:" },
		"postgres": func(t *testing.T) string { return kittest.Postgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T, wall *movable.Clock) *store.Store {
				return store.New(kittest.OpenStore(t, dsn(t), change.Options{Wall: wall}, store.Schema()), wall)
			})
		})
	}
}
