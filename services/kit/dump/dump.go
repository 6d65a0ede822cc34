// Package dump holds databases as they are at one moment, SQLite or PostgreSQL, copies them into files while others go on writing, and loads such
// files into databases that are empty. Holding is cheap, so that several databases can be held at nearly the same moment and copied after that.
//
// It depends on the drivers, and for PostgreSQL on the host's own pg_dump and pg_restore, which know more of a database than we do.
package dump

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// Engine names what a database is in.
type Engine string

// The two engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Ending is what the names of an engine's files end with.
func (e Engine) Ending() string {
	if e == Postgres {
		return ".dump"
	}
	return ".db"
}

// EngineOf tells the engine of a DSN, as package sqldb reads it.
func EngineOf(dsn string) (Engine, error) {
	switch {
	case strings.HasPrefix(dsn, "sqlite:") && !strings.HasPrefix(dsn, "sqlite::"):
		return SQLite, nil
	case strings.HasPrefix(dsn, "postgres://"), strings.HasPrefix(dsn, "postgresql://"):
		return Postgres, nil
	}
	return "", errors.New("a database is named as sqlite:PATH or postgres://…")
}

// Held is a database as it was when it was held, whatever is written since.
type Held struct {
	engine   Engine
	place    string // path, or URL
	snapshot string // PostgreSQL's name for the moment
	db       *sql.DB
	conn     *sql.Conn
}

// Hold holds a database that is there.
func Hold(ctx context.Context, dsn string) (_ *Held, err error) {
	h := &Held{}
	if h.engine, err = EngineOf(dsn); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.Release())
		}
	}()
	if h.engine == Postgres {
		return h, h.holdPostgres(ctx, dsn)
	}
	return h, h.holdSQLite(ctx, dsn)
}

// begin opens the one connection and begins what sees one moment only.
func (h *Held) begin(ctx context.Context, driver, address, begin, first string) (err error) {
	if h.db, err = sql.Open(driver, address); err != nil {
		return err
	}
	if h.conn, err = h.db.Conn(ctx); err != nil {
		return err
	}
	if _, err := h.conn.ExecContext(ctx, begin); err != nil {
		return err
	}
	return h.conn.QueryRowContext(ctx, first).Scan(&h.snapshot) // the moment is that of the first read
}

// Each reads rows and hands each to each, which scans it.
func (h *Held) Each(ctx context.Context, text string, each func(scan func(...any) error) error) (err error) {
	rows, err := h.conn.QueryContext(ctx, text)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Copy writes the database into a new file that only its owner can read.
func (h *Held) Copy(ctx context.Context, path string) error {
	write := h.copySQLite
	if h.engine == Postgres {
		write = h.copyPostgres
	}
	if err := private(path); err != nil {
		return err
	}
	if err := write(ctx, path); err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	return nil
}

// Release lets the database go.
func (h *Held) Release() error {
	var errs []error
	if h.conn != nil {
		errs = append(errs, h.conn.Close())
	}
	if h.db != nil {
		errs = append(errs, h.db.Close())
	}
	return errors.Join(errs...)
}
