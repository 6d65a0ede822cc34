package sqldb

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"regexp"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// MigrationSet is the numbered migrations of one owner: kit's own, or a service's. Sets keep their versions apart, so each
// can grow on its own.
type MigrationSet struct {
	// Name is a short lower-case word; it becomes part of a table's name.
	Name string
	// FS holds postgres/NNNN_name.sql and sqlite/NNNN_name.sql, plain statements that are applied in one transaction. The greatest number is the level
	// that this binary understands.
	FS fs.FS
}

// LevelError says that the schema has moved on: a newer release contracted it, and this binary may not write it any more.
type LevelError struct {
	Set         string
	Understands int64 // the level of this binary
	Oldest      int64 // the oldest level that may write this schema
}

func (e *LevelError) Error() string {
	return fmt.Sprintf("schema %q may be written by level %d or newer, and this binary understands level %d: start a newer release",
		e.Set, e.Oldest, e.Understands)
}

// The table in which a schema says who may still write it. A migration that takes away what older binaries use ends with
//
//	UPDATE schema_level SET oldest = N WHERE name = 'SET';
//
// where N is the first level that does without. Expanding migrations leave it alone, so that old and new run side by side.
const levelTable = `CREATE TABLE IF NOT EXISTS schema_level (name TEXT PRIMARY KEY, oldest BIGINT NOT NULL)`

var setName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,20}$`)

// Migrate brings the sets, in the order given, to the level of this binary, or refuses with a *LevelError. Several processes
// may start at once; on PostgreSQL they take turns. A schema that is ahead but still admits this binary is left alone.
func Migrate(ctx context.Context, db *DB, sets ...MigrationSet) (err error) {
	conn, err := db.migrationConn()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if db.engine == Postgres {
		turn, err := takeTurn(ctx, conn)
		if err != nil {
			return TranslatePostgres(err)
		}
		defer func() { _ = turn.Rollback() }() // nothing was written in it
	}
	for _, set := range sets {
		if !setName.MatchString(set.Name) {
			return fmt.Errorf("migration set %q: want a short lower-case word", set.Name)
		}
		if err := migrateSet(ctx, db.engine, conn, set); err != nil {
			return fmt.Errorf("migrate %s: %w", set.Name, err)
		}
	}
	return nil
}

// migrationConn opens connections for goose, which wants database/sql. They are not the service's own: migrations wait for
// locks longer than a request may.
func (db *DB) migrationConn() (*sql.DB, error) {
	if db.engine == SQLite {
		conn, err := sql.Open("sqlite", db.lite.writerDSN())
		if err == nil {
			conn.SetMaxOpenConns(1)
		}
		return conn, err
	}
	cfg := db.pool.Config().ConnConfig.Copy()
	for _, limit := range []string{"lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout"} {
		delete(cfg.RuntimeParams, limit)
	}
	cfg.Tracer = nil
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec // no statement outlives the schema it was planned for
	return stdlib.OpenDB(*cfg), nil
}

// takeTurn waits until no other process migrates. The lock is goose's own, so that programs which lock the session exclude those that lock a transaction;
// it is a transaction's because a pooler may give a session's next statement to another connection. It holds until the transaction ends.
func takeTurn(ctx context.Context, conn *sql.DB) (*sql.Tx, error) {
	turn, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	for _, text := range []string{"SET LOCAL lock_timeout = 0", "SET LOCAL statement_timeout = 0", "SET LOCAL idle_in_transaction_session_timeout = 0",
		fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", lock.DefaultLockID)} {
		if _, err := turn.ExecContext(ctx, text); err != nil {
			return nil, errors.Join(err, turn.Rollback())
		}
	}
	return turn, nil
}

func migrateSet(ctx context.Context, engine Engine, conn *sql.DB, set MigrationSet) error {
	migrations, err := migrationsOf(set.FS, engine)
	if err != nil {
		return err
	}
	dialect := goose.DialectSQLite3
	options := []goose.ProviderOption{
		goose.WithTableName("schema_version_" + set.Name),
		goose.WithDisableGlobalRegistry(true),
		goose.WithGoMigrations(migrations...),
	}
	if engine == Postgres {
		dialect = goose.DialectPostgres
	}
	provider, err := goose.NewProvider(dialect, conn, nil, options...)
	if err != nil {
		return err
	}
	var level int64
	for _, source := range provider.ListSources() {
		level = max(level, source.Version)
	}
	if err := admit(ctx, conn, set.Name, level); err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return err
	}
	// Another process may have contracted the schema between the first look and the lock.
	return admit(ctx, conn, set.Name, level)
}

// migrationsOf reads the files of an engine. Each is sent as it is: both engines take many statements at once, and to find where one ends goose would take
// four megabytes for each line of them.
func migrationsOf(files fs.FS, engine Engine) (all []*goose.Migration, err error) {
	names, err := fs.Glob(files, string(engine)+"/*.sql")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		version, err := goose.NumericComponent(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		if bytes.Contains(text, []byte("-- +goose")) { // a part that undoes would be done at once
			return nil, fmt.Errorf("%s: want plain statements, without goose's marks", name)
		}
		all = append(all, goose.NewGoMigration(version, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			if _, err := tx.ExecContext(ctx, string(text)); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		}}, nil))
	}
	return all, nil
}

// admit refuses a binary that the schema does not admit any more.
func admit(ctx context.Context, conn *sql.DB, name string, level int64) error {
	if err := createLevelTable(ctx, conn); err != nil {
		return err
	}
	const insert = `INSERT INTO schema_level (name, oldest) VALUES ($1, 0) ON CONFLICT (name) DO NOTHING`
	if _, err := conn.ExecContext(ctx, insert, name); err != nil {
		return err
	}
	var oldest int64
	if err := conn.QueryRowContext(ctx, `SELECT oldest FROM schema_level WHERE name = $1`, name).Scan(&oldest); err != nil {
		return err
	}
	if oldest > level {
		return &LevelError{Set: name, Understands: level, Oldest: oldest}
	}
	return nil
}

// createLevelTable tolerates the race in which two PostgreSQL sessions create the same table, which IF NOT EXISTS does not
// rule out.
func createLevelTable(ctx context.Context, conn *sql.DB) error {
	_, err := conn.ExecContext(ctx, levelTable)
	if err != nil {
		_, err = conn.ExecContext(ctx, levelTable)
	}
	return err
}
