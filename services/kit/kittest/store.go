package kittest

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// EachDatabase runs a test on every engine: a SQLite file, SQLite in memory, and PostgreSQL. The DSN leads to a fresh, empty
// database.
func EachDatabase(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Helper()
	t.Run("file", func(t *testing.T) { test(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db")) })
	t.Run("memory", func(t *testing.T) { test(t, "sqlite::memory:") })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// OpenStore opens a database, migrates kit's schema and then the given sets, and runs a store on it until the test ends.
func OpenStore(t testing.TB, dsn string, opts change.Options, sets ...sqldb.MigrationSet) *change.Store {
	t.Helper()
	ctx := context.Background() // what a store needs to stop outlives the test's own context
	db, err := sqldb.Open(ctx, sqldb.Config{DSN: dsn})
	if err != nil {
		t.Fatalf("open the database: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close the database: %v", err)
		}
	})
	if err := sqldb.Migrate(ctx, db, append([]sqldb.MigrationSet{change.Schema()}, sets...)...); err != nil {
		t.Fatalf("migrate the database: %v", err)
	}
	s, err := change.New(ctx, db, opts)
	if err != nil {
		t.Fatalf("make the store: %v", err)
	}
	running, stop := context.WithCancel(ctx)
	stopped := make(chan error, 1)
	go func() { stopped <- s.Run(running) }()
	t.Cleanup(func() {
		stop()
		if err := <-stopped; err != nil {
			t.Errorf("run the store: %v", err)
		}
		s.Close()
	})
	return s
}
