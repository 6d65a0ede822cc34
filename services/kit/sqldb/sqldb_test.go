package sqldb_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"go.uber.org/goleak"

	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, dsn string) *sqldb.DB {
	t.Helper()
	db, err := sqldb.Open(t.Context(), sqldb.Config{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// release builds the migrations of a service at a level. From level 3 on it takes a column away.
func release(level int) sqldb.MigrationSet {
	steps := []string{
		`CREATE TABLE note (id TEXT PRIMARY KEY, old TEXT);`,
		`ALTER TABLE note ADD COLUMN new TEXT;`,
		`ALTER TABLE note DROP COLUMN old; UPDATE schema_level SET oldest = 2 WHERE name = 'note';`,
	}
	files := fstest.MapFS{}
	for i, sql := range steps[:level] {
		for _, engine := range []string{"sqlite", "postgres"} {
			files[fmt.Sprintf("%s/%04d_step.sql", engine, i+1)] = &fstest.MapFile{Data: []byte(sql)}
		}
	}
	return sqldb.MigrationSet{Name: "note", FS: files}
}

func TestSchemaSaysWhoMayWriteIt(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		migrate := func(level int) error { return sqldb.Migrate(t.Context(), db, release(level)) }
		for _, level := range []int{1, 2, 1, 2} { // expanding: the older release still starts
			if err := migrate(level); err != nil {
				t.Fatalf("level %d: %v", level, err)
			}
		}
		if err := migrate(3); err != nil {
			t.Fatal(err)
		}
		if err := migrate(2); err != nil { // the contracted schema still admits the one before
			t.Fatal(err)
		}
		var refused *sqldb.LevelError
		if err := migrate(1); !errors.As(err, &refused) {
			t.Fatalf("got %v", err)
		}
		if *refused != (sqldb.LevelError{Set: "note", Understands: 1, Oldest: 2}) || !strings.Contains(refused.Error(), "understands level 1") {
			t.Errorf("refused with %v", refused)
		}
	})
}

func TestManyMigrateAtOnce(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		if strings.HasPrefix(dsn, "sqlite") {
			t.Skip("a SQLite file has one owner")
		}
		var starting sync.WaitGroup
		for range 4 {
			db := open(t, dsn)
			starting.Go(func() {
				if err := sqldb.Migrate(t.Context(), db, release(3)); err != nil {
					t.Error(err)
				}
			})
		}
		starting.Wait()
	})
}

func TestOpenRefuses(t *testing.T) {
	for _, dsn := range []string{"", "sqlite:", "mysql://secret@host/db", "secret", "sqlite:/absent/folder/x.db",
		"postgres://nobody:secret@127.0.0.1:1/none?connect_timeout=2"} {
		db, err := sqldb.Open(t.Context(), sqldb.Config{DSN: dsn})
		if err == nil {
			t.Errorf("%q was opened", dsn)
			_ = db.Close() // the test has failed already
			continue
		}
		if strings.Contains(err.Error(), "secret") {
			t.Errorf("the error repeats a secret: %v", err)
		}
	}
}

func TestMigrateRefusesNames(t *testing.T) {
	set := release(1)
	set.Name = "no; DROP TABLE x"
	if err := sqldb.Migrate(t.Context(), open(t, "sqlite::memory:"), set); err == nil {
		t.Error("accepted")
	}
}

func TestMigrationsHaveNoMarks(t *testing.T) {
	for name, text := range map[string]string{"0001_step.sql": "-- +goose Up\nCREATE TABLE a (b TEXT);\n-- +goose Down\nDROP TABLE a;", "step.sql": "CREATE TABLE a (b TEXT);"} {
		set := sqldb.MigrationSet{Name: "note", FS: fstest.MapFS{"sqlite/" + name: {Data: []byte(text)}}}
		if err := sqldb.Migrate(t.Context(), open(t, "sqlite::memory:"), set); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMemoryIsPrivateAndForgotten(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	one, two := open(t, "sqlite::memory:"), open(t, "sqlite::memory:")
	if err := sqldb.Migrate(t.Context(), one, release(1)); err != nil {
		t.Fatal(err)
	}
	if _, err := two.Query(t.Context(), "SELECT * FROM note"); err == nil {
		t.Error("two memory databases share a table")
	}
	third, err := sqldb.Open(t.Context(), sqldb.Config{DSN: "sqlite::memory:"})
	if err != nil {
		t.Fatal(err)
	}
	if err := third.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) != 2 {
		t.Errorf("%d folders are left (%v), want those of the two open databases", len(left), err)
	}
}

func TestSQLiteIsDurable(t *testing.T) {
	db := open(t, "sqlite:"+filepath.Join(t.TempDir(), "a.db"))
	pragma := func(name string) (value string) {
		err := db.SQLiteWriter().Query("SELECT CAST("+name+" AS TEXT) FROM pragma_"+name, func(row sqldb.Row) error { return row.Scan(&value) })
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	if mode := pragma("journal_mode"); mode != "wal" {
		t.Errorf("journal mode %s", mode)
	}
	if level := pragma("synchronous"); level != "2" {
		t.Errorf("synchronous %s, want FULL", level)
	}
}

func TestSQLiteFilesArePrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	db := open(t, "sqlite:"+path)
	if err := sqldb.Migrate(t.Context(), db, release(1)); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", file, info.Mode())
		}
	}
}

func TestReadersCannotWrite(t *testing.T) {
	db := open(t, "sqlite::memory:")
	if err := sqldb.Migrate(t.Context(), db, release(1)); err != nil {
		t.Fatal(err)
	}
	rows, err := db.Query(t.Context(), "INSERT INTO note (id) VALUES ('x') RETURNING id")
	if err == nil {
		rows.Next()
		err = rows.Err()
		rows.Close()
	}
	if err == nil {
		t.Error("a reader wrote")
	}
}

func TestCollectAndContexts(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		db := open(t, dsn)
		const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT i FROM n`
		scan := func(row sqldb.Row) (int, error) {
			var n int
			err := row.Scan(&n)
			return n, err
		}
		got, err := sqldb.Collect(scan)(db.Query(t.Context(), numbers, 5))
		if err != nil || len(got) != 5 || got[4] != 5 {
			t.Errorf("collected %v, %v", got, err)
		}
		if _, err := sqldb.Collect(scan)(db.Query(t.Context(), "SELECT nonsense")); err == nil {
			t.Error("nonsense was read")
		}
		own := errors.New("own")
		if _, err := sqldb.Collect(func(sqldb.Row) (int, error) { return 0, own })(db.Query(t.Context(), numbers, 5)); !errors.Is(err, own) {
			t.Errorf("got %v", err)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := sqldb.Collect(scan)(db.Query(ended, numbers, 5)); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		ending, cancel := context.WithCancel(t.Context())
		_, err = sqldb.Collect(func(row sqldb.Row) (int, error) { cancel(); return scan(row) })(db.Query(ending, numbers, 100_000_000))
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a cancelled walk ended with %v", err)
		}
	})
}

// A list query built from filters has any number of texts; keeping them all would be a leak.
func TestManyTexts(t *testing.T) {
	db := open(t, "sqlite::memory:")
	for i := range 1200 {
		var n int
		if err := db.QueryRow(t.Context(), fmt.Sprintf("SELECT %d", i)).Scan(&n); err != nil || n != i {
			t.Fatalf("text %d: %d %v", i, n, err)
		}
		if _, err := db.SQLiteWriter().Exec(fmt.Sprintf("SELECT %d", i)); err != nil {
			t.Fatal(err)
		}
	}
}
