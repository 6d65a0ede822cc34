package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"modernc.org/sqlite"
	code "modernc.org/sqlite/lib"
)

// translateSQLite turns an error of the driver into one of this package. names finds the name of a violated unique
// constraint from the columns that SQLite reports; reads never need it.
func translateSQLite(err error, names func(columns string) string) error {
	var lite *sqlite.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return ErrNoRows
	case !errors.As(err, &lite):
		return err
	}
	switch lite.Code() {
	case code.SQLITE_CONSTRAINT_UNIQUE, code.SQLITE_CONSTRAINT_PRIMARYKEY, code.SQLITE_CONSTRAINT_ROWID:
		if names == nil {
			return &UniqueError{}
		}
		return &UniqueError{Name: names(afterLast(lite.Error(), "failed: "))}
	case code.SQLITE_IOERR_FSYNC, code.SQLITE_IOERR_DIR_FSYNC:
		return fmt.Errorf("%w: %w", ErrSync, err)
	}
	switch lite.Code() & 0xff {
	case code.SQLITE_CONSTRAINT:
		return &ConstraintError{Detail: lite.Error()}
	case code.SQLITE_BUSY, code.SQLITE_LOCKED:
		return fmt.Errorf("%w: %w", ErrBusy, err)
	case code.SQLITE_INTERRUPT:
		return fmt.Errorf("%w: %w", context.Canceled, err)
	}
	return err
}

// afterLast cuts "constraint failed: UNIQUE constraint failed: t.a, t.b (2067)" down to "t.a, t.b".
func afterLast(text, mark string) string {
	if at := strings.LastIndex(text, mark); at >= 0 {
		text = text[at+len(mark):]
	}
	if at := strings.LastIndex(text, " ("); at >= 0 {
		text = text[:at]
	}
	return text
}

// constraintName finds the name of the unique constraint over columns, given as "t.a, t.b" or, for an index over
// expressions, as "index 'name'". An index that SQLite made up for a constraint gets the name that PostgreSQL would make up.
func (w *Writer) constraintName(columns string) string {
	if name, ok := strings.CutPrefix(columns, "index '"); ok {
		return strings.TrimSuffix(name, "'")
	}
	var table string
	var names []string
	for part := range strings.SplitSeq(columns, ", ") {
		t, column, ok := strings.Cut(part, ".")
		if !ok {
			return columns
		}
		table, names = t, append(names, column)
	}
	want := strings.Join(names, ",")
	var created, origin string
	err := w.Query(`SELECT l.name, l.origin FROM pragma_index_list($1) AS l WHERE l."unique" = 1 AND $2 =
		(SELECT group_concat(name, ',') FROM (SELECT name FROM pragma_index_info(l.name) ORDER BY seqno)) ORDER BY l.origin, l.name LIMIT 1`,
		func(row Row) error { return row.Scan(&created, &origin) }, table, want)
	switch {
	case err == nil && origin == "c":
		return created
	case err == nil && origin == "u":
		return table + "_" + strings.Join(names, "_") + "_key"
	}
	// The primary key, which may have no index of its own when it is the row id.
	return table + "_pkey"
}
