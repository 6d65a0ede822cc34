package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"

	_ "modernc.org/sqlite" // registers the driver
)

// writerStatements bounds the statements kept prepared; a service has a few dozen.
const writerStatements = 256

// Writer is the one connection that writes a SQLite file. It stands below database/sql, whose locks and goroutines per call
// cost more than a small INSERT, and is not safe for concurrent use: its owner serialises.
type Writer struct {
	conn       driver.Conn
	statements map[string]driver.Stmt
	args       Bound // room that Exec reuses
	owned      atomic.Bool
}

func openWriter(dsn string) (*Writer, error) {
	pool, err := sql.Open("sqlite", dsn) // opens nothing yet; it only leads to the registered driver
	if err != nil {
		return nil, err
	}
	defer func() { _ = pool.Close() }()
	conn, err := pool.Driver().Open(dsn)
	if err != nil {
		return nil, translateSQLite(err, nil)
	}
	return &Writer{conn: conn, statements: make(map[string]driver.Stmt)}, nil
}

// Own takes the writer for one owner; false when it has one.
func (w *Writer) Own() bool { return w.owned.CompareAndSwap(false, true) }

// Disown gives the writer back.
func (w *Writer) Disown() { w.owned.Store(false) }

// Bound is a statement's arguments in the driver's own form.
type Bound []driver.NamedValue

// Bind converts arguments. Common types take the short way; pointers, named types and Valuers are the standard library's.
func Bind(args []any) (Bound, error) { return appendBound(make(Bound, 0, len(args)), args) }

func appendBound(bound Bound, args []any) (Bound, error) {
	for i, arg := range args {
		var value driver.Value
		switch v := arg.(type) {
		case nil, string, int64, []byte, bool, float64:
			value = v
		case int:
			value = int64(v)
		default:
			var err error
			if value, err = driver.DefaultParameterConverter.ConvertValue(arg); err != nil {
				return nil, fmt.Errorf("argument %d: %w", i+1, err)
			}
		}
		bound = append(bound, driver.NamedValue{Ordinal: i + 1, Value: value})
	}
	return bound, nil
}

// Exec runs one statement and returns how many rows it touched.
func (w *Writer) Exec(text string, args ...any) (int64, error) {
	bound, err := appendBound(w.args[:0], args)
	if err != nil {
		return 0, err
	}
	w.args = bound
	return w.ExecBound(text, bound)
}

// ExecBound is Exec with arguments that were converted before.
func (w *Writer) ExecBound(text string, args Bound) (int64, error) {
	s, err := w.prepare(text)
	if err != nil {
		return 0, err
	}
	result, err := s.(driver.StmtExecContext).ExecContext(context.Background(), args)
	if err != nil {
		return 0, translateSQLite(err, w.constraintName)
	}
	return result.RowsAffected()
}

// Query runs one statement, which may write and return rows, and hands each row to each.
func (w *Writer) Query(text string, each func(Row) error, args ...any) (err error) {
	bound, err := Bind(args)
	if err != nil {
		return err
	}
	s, err := w.prepare(text)
	if err != nil {
		return err
	}
	rows, err := s.(driver.StmtQueryContext).QueryContext(context.Background(), bound)
	if err != nil {
		return translateSQLite(err, w.constraintName)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	row := rawRow(make([]driver.Value, len(rows.Columns())))
	for {
		switch err := rows.Next(row); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return translateSQLite(err, w.constraintName)
		}
		if err := each(row); err != nil {
			return err
		}
	}
}

func (w *Writer) prepare(text string) (driver.Stmt, error) {
	if s, ok := w.statements[text]; ok {
		return s, nil
	}
	if len(w.statements) >= writerStatements {
		// More texts than a service has: somebody builds SQL. Starting over is slow, never wrong.
		if err := w.forget(); err != nil {
			return nil, err
		}
	}
	s, err := w.conn.Prepare(unnamed(text))
	if err != nil {
		return nil, translateSQLite(err, nil)
	}
	w.statements[text] = s
	return s, nil
}

var placeholder = regexp.MustCompile(`\$[0-9]+`)

// unnamed writes $1, $2, … as ?, ?, … where each is used once and in this order. To SQLite, $1 is a name, and it walks through all
// names of a statement for each one that is bound.
func unnamed(text string) string {
	n := 0
	for _, p := range placeholder.FindAllString(text, -1) {
		if n++; p != "$"+strconv.Itoa(n) {
			return text
		}
	}
	if strings.ContainsAny(text, "'\"`[?:@#") || strings.Contains(text, "--") {
		return text // a quoted dollar is no placeholder, and nothing that is written here needs one
	}
	return placeholder.ReplaceAllLiteralString(text, "?")
}

func (w *Writer) forget() error {
	var errs []error
	for text, s := range w.statements {
		errs = append(errs, s.Close())
		delete(w.statements, text)
	}
	return errors.Join(errs...)
}

// Close ends the connection; SQLite folds the log into the file when it is the last one.
func (w *Writer) Close() error { return errors.Join(w.forget(), w.conn.Close()) }

// rawRow scans driver values into the few types that the engine's own queries use.
type rawRow []driver.Value

func (r rawRow) Scan(dest ...any) error {
	if len(dest) != len(r) {
		return fmt.Errorf("scan %d columns into %d places", len(r), len(dest))
	}
	for i, d := range dest {
		ok := false
		switch d := d.(type) {
		case *int64:
			*d, ok = r[i].(int64)
		case *int:
			var v int64
			v, ok = r[i].(int64)
			*d = int(v)
		case *string:
			*d, ok = r[i].(string)
		case *[]byte:
			*d, ok = r[i].([]byte)
		case *sql.NullInt64:
			ok = d.Scan(r[i]) == nil
		}
		if !ok {
			return fmt.Errorf("scan column %d: %T into %T", i+1, r[i], d)
		}
	}
	return nil
}
