package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
)

const (
	memory = ":memory:"
	// statementLimit bounds the kept statements: a list query built from a filter has many texts, not endless ones.
	statementLimit = 512
)

// lite is a SQLite file with one writer and several readers. In WAL mode they do not wait for one another.
type lite struct {
	path    string
	dir     string // the private folder of the memory form, removed on close
	readers *sql.DB
	writer  *Writer
	cache   sync.Map // SQL text → *sql.Stmt
	cached  atomic.Int64
}

// dsn builds the address of one connection. What has to hold on every connection, and is forgotten by SQLite when the
// connection ends, stands here.
func (l *lite) dsn(pragmas ...string) string {
	q := url.Values{}
	for _, p := range append([]string{"busy_timeout(5000)", "foreign_keys(1)", "temp_store(MEMORY)"}, pragmas...) {
		q.Add("_pragma", p)
	}
	q.Set("_txlock", "immediate")
	path := (&url.URL{Path: l.path}).EscapedPath()
	return "file:" + strings.ReplaceAll(path, "?", "%3F") + "?" + q.Encode()
}

func (l *lite) writerDSN() string {
	// FULL: the log is synced by every commit, so a nil from Commit survives a power cut.
	sync := "synchronous(FULL)"
	if l.dir != "" {
		sync = "synchronous(OFF)"
	}
	return l.dsn("journal_mode(WAL)", sync, "cache_size(-32768)")
}

func openLite(ctx context.Context, path string, readers int) (_ *lite, err error) {
	l := &lite{path: path}
	switch path {
	case "":
		return nil, errors.New("no path")
	case memory:
		// A temporary file without syncing behaves like the real thing in every respect (locks, snapshots, errors), which
		// SQLite's own shared memory databases do not; the page cache makes it as fast.
		if l.dir, err = os.MkdirTemp("", "throughtrain-memory-"); err != nil {
			return nil, err
		}
		l.path = filepath.Join(l.dir, "db")
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.close())
		}
	}()
	if err := createPrivate(l.path); err != nil {
		return nil, err
	}
	// The writer comes first: it sets the file's mode of journaling.
	if l.writer, err = openWriter(l.writerDSN()); err != nil {
		return nil, err
	}
	if l.readers, err = sql.Open("sqlite", l.dsn("query_only(1)", "cache_size(-8192)")); err != nil {
		return nil, err
	}
	if readers <= 0 {
		readers = max(4, 2*runtime.GOMAXPROCS(0))
	}
	l.readers.SetMaxOpenConns(readers)
	l.readers.SetMaxIdleConns(readers)
	return l, translateSQLite(l.readers.PingContext(ctx), nil)
}

// createPrivate makes the file, if there is none, readable by its owner only: SQLite would ask the umask. Its name is synced
// too, or a power cut could leave a database that was written to without a name. SQLite must not have opened the file yet,
// because closing any descriptor of it drops the process's locks.
func createPrivate(path string) (err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func (l *lite) Query(ctx context.Context, text string, args ...any) (Rows, error) {
	s, err := l.statement(ctx, text) //nolint:sqlclosecheck // kept for the next read of this text
	if err != nil {
		return nil, translateSQLite(err, nil)
	}
	if s != nil {
		return wrapRows(s.QueryContext(ctx, args...))
	}
	return wrapRows(l.readers.QueryContext(ctx, text, args...))
}

func wrapRows(rows *sql.Rows, err error) (Rows, error) {
	if err != nil {
		return nil, translateSQLite(err, nil)
	}
	return liteRows{rows}, nil
}

func (l *lite) QueryRow(ctx context.Context, text string, args ...any) Row {
	rows, err := l.Query(ctx, text, args...)
	if err != nil {
		return failedRow{err}
	}
	return firstRow{rows}
}

// statement returns the kept statement of a text; nil when the store of statements is full.
func (l *lite) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	if s, ok := l.cache.Load(text); ok {
		return s.(*sql.Stmt), nil
	}
	if l.cached.Load() >= statementLimit {
		return nil, nil
	}
	s, err := l.readers.PrepareContext(ctx, unnamed(text))
	if err != nil {
		return nil, err
	}
	if other, loaded := l.cache.LoadOrStore(text, s); loaded {
		return other.(*sql.Stmt), s.Close() //nolint:sqlclosecheck // another was faster; this one goes at once
	}
	l.cached.Add(1)
	return s, nil
}

func (l *lite) snapshot(ctx context.Context, read func(Reader) error) (err error) {
	// A read-only transaction is a deferred one: it takes its snapshot at the first read and no lock.
	tx, err := l.readers.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return translateSQLite(err, nil)
	}
	defer func() { err = errors.Join(err, translateSQLite(tx.Rollback(), nil)) }()
	return read(liteTx{tx})
}

func (l *lite) close() error {
	var errs []error
	l.cache.Range(func(_, s any) bool {
		errs = append(errs, s.(*sql.Stmt).Close())
		return true
	})
	if l.readers != nil {
		errs = append(errs, l.readers.Close())
	}
	if l.writer != nil {
		errs = append(errs, l.writer.Close())
	}
	if l.dir != "" {
		errs = append(errs, os.RemoveAll(l.dir))
	}
	return errors.Join(errs...)
}

type liteTx struct{ tx *sql.Tx }

func (t liteTx) Query(ctx context.Context, text string, args ...any) (Rows, error) {
	return wrapRows(t.tx.QueryContext(ctx, text, args...))
}

func (t liteTx) QueryRow(ctx context.Context, text string, args ...any) Row {
	rows, err := t.Query(ctx, text, args...)
	if err != nil {
		return failedRow{err}
	}
	return firstRow{rows}
}

type liteRows struct{ *sql.Rows }

func (r liteRows) Scan(dest ...any) error { return translateSQLite(r.Rows.Scan(dest...), nil) }
func (r liteRows) Err() error             { return translateSQLite(r.Rows.Err(), nil) }
func (r liteRows) Close()                 { _ = r.Rows.Close() } // an error of the result is Err's to report

type firstRow struct{ rows Rows }

func (r firstRow) Scan(dest ...any) error {
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return ErrNoRows
	}
	return r.rows.Scan(dest...)
}
