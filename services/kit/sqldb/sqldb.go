// Package sqldb opens, migrates and reads a service's database, SQLite or PostgreSQL, behind one small type. One body of SQL
// serves both: placeholders are $1, $2, … in the order of first use, times are int64 microseconds, names and ids are text.
//
// It only reads. Whatever is written goes through package change, which takes the one SQLite writer, or the PostgreSQL pool,
// from here. Driver errors are translated here, once, so that nobody above knows a driver.
//
// It depends on the drivers (pgx, modernc SQLite), on goose for migrations and on OpenTelemetry for spans; of kit on fault only.
package sqldb

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Engine names the database behind a DB.
type Engine string

// The two engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Config says what to open.
type Config struct {
	// DSN is sqlite:PATH, sqlite::memory: or postgres://…, with pool_mode=transaction behind a pooler that gives each transaction another connection. The memory form is private to the DB that opened it: many
	// connections see the same rows, and Close forgets them.
	DSN string
	// Readers bounds concurrent SQLite readers; zero means a small multiple of the processors. PostgreSQL takes
	// pool_max_conns from the DSN.
	Readers int
	// Watch is told each single statement that is sent to PostgreSQL, with its arguments: tests explain what really runs. Batches are not told.
	Watch func(text string, args []any)
}

// Reader is what reads: a DB, or the snapshot that DB.Snapshot hands out.
type Reader interface {
	// Query runs a SELECT. The rows must be closed; Collect does.
	Query(ctx context.Context, sql string, args ...any) (Rows, error)
	// QueryRow runs a SELECT of which only the first row matters. Errors wait for Scan; ErrNoRows says that there is none.
	QueryRow(ctx context.Context, sql string, args ...any) Row
}

// Rows walks a result.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close()
}

// Row is the first row of a result.
type Row interface {
	Scan(dest ...any) error
}

// backend is one engine.
type backend interface {
	Reader
	snapshot(ctx context.Context, read func(Reader) error) error
	close() error
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	backend
	engine Engine
	lite   *lite
	pool   *pgxpool.Pool
	counts counts
}

type counts struct{ statements, trips atomic.Int64 }

// Counts is how much work a DB has done since it was opened: what a test compares before and after one request.
type Counts struct {
	Statements int64 // SQL statements run
	RoundTrips int64 // times the database was waited for
}

// Open opens the database that the DSN names and proves that it answers. It creates a missing SQLite file, never a
// PostgreSQL database.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	scheme, rest, ok := strings.Cut(cfg.DSN, ":")
	switch {
	case ok && scheme == "sqlite":
		l, err := openLite(ctx, rest, cfg.Readers)
		if err != nil {
			return nil, fmt.Errorf("open sqlite database: %w", err)
		}
		return &DB{backend: l, engine: SQLite, lite: l}, nil
	case ok && (scheme == "postgres" || scheme == "postgresql"):
		p, err := openPostgres(ctx, cfg.DSN, cfg.Watch)
		if err != nil {
			return nil, fmt.Errorf("open postgres database: %w", err)
		}
		return &DB{backend: p, engine: Postgres, pool: p.pool}, nil
	default:
		// The address is not repeated: whatever it is, it may hold a password.
		return nil, errors.New("unknown form of database address: want sqlite:PATH, sqlite::memory: or postgres://…")
	}
}

// Reachable returns what tells whether the database that a DSN names answers.
func Reachable(dsn string) func(context.Context) error {
	return func(ctx context.Context) error {
		db, err := Open(ctx, Config{DSN: dsn, Readers: 1})
		if err != nil {
			return err
		}
		return db.Close()
	}
}

// Engine tells which database this is, for the few statements that cannot be the same on both.
func (db *DB) Engine() Engine { return db.engine }

// Query implements Reader.
func (db *DB) Query(ctx context.Context, sql string, args ...any) (Rows, error) {
	db.Count(1, 1)
	if recorded(ctx) {
		return db.traced(db.backend).Query(ctx, sql, args...)
	}
	return db.backend.Query(ctx, sql, args...)
}

// QueryRow implements Reader.
func (db *DB) QueryRow(ctx context.Context, sql string, args ...any) Row {
	db.Count(1, 1)
	if recorded(ctx) {
		return db.traced(db.backend).QueryRow(ctx, sql, args...)
	}
	return db.backend.QueryRow(ctx, sql, args...)
}

// Snapshot runs several reads against one state of the database. It costs a transaction; single reads do not need it.
func (db *DB) Snapshot(ctx context.Context, read func(Reader) error) error {
	db.Count(2, 2) // begin and end; the reads inside are counted by nobody, they are few
	if !recorded(ctx) {
		return db.snapshot(ctx, read)
	}
	ctx, span := db.begin(ctx, "SNAPSHOT")
	err := db.snapshot(ctx, func(reader Reader) error { return read(db.traced(reader)) })
	end(span, err)
	return err
}

type patient struct{}

// Patient is a context under which a Snapshot may read for as long as it takes: all of a journal, say. Nobody who waits for a page may ask under one.
func Patient(ctx context.Context) context.Context { return context.WithValue(ctx, patient{}, true) }

// Counts reports the work done so far.
func (db *DB) Counts() Counts {
	return Counts{Statements: db.counts.statements.Load(), RoundTrips: db.counts.trips.Load()}
}

// Count adds work done on this database by its writer, package change.
func (db *DB) Count(statements, trips int) {
	db.counts.statements.Add(int64(statements))
	db.counts.trips.Add(int64(trips))
}

// SQLiteWriter is the one connection that may write a SQLite file, nil on PostgreSQL. It belongs to package change, which
// serialises its use.
func (db *DB) SQLiteWriter() *Writer {
	if db.lite == nil {
		return nil
	}
	return db.lite.writer
}

// PostgresPool is the pool of connections, nil on SQLite. It belongs to package change.
func (db *DB) PostgresPool() *pgxpool.Pool { return db.pool }

// Close gives everything back. Reads and writes must have ended.
func (db *DB) Close() error { return db.close() }

// Collect makes a T of every row of a result and closes it: Collect(scan)(db.Query(ctx, …)).
func Collect[T any](scan func(Row) (T, error)) func(Rows, error) ([]T, error) {
	return func(rows Rows, err error) ([]T, error) {
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		var all []T
		for rows.Next() {
			one, err := scan(rows)
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
		return all, rows.Err()
	}
}

// failedRow is a Row whose query already failed.
type failedRow struct{ err error }

func (r failedRow) Scan(...any) error { return r.err }
