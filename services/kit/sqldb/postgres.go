package sqldb

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	// lockTimeout stays under the second in which a decision must be committed: who waits longer decides again.
	lockTimeout = "900ms"
	// defaultConns keeps a few connections busy per core without crowding a small server; pool_max_conns overrides it.
	defaultConns = 16
	// statementCache holds every statement of a service, so that each is planned once per connection.
	statementCache = 1024
)

type postgres struct{ pool *pgxpool.Pool }

func openPostgres(ctx context.Context, dsn string, watch func(text string, args []any)) (*postgres, error) {
	cfg, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, err // pgx redacts the password
	}
	if watch != nil {
		cfg.ConnConfig.Tracer = watcher(watch)
	}
	if !strings.Contains(dsn, "pool_max_conns") {
		cfg.MaxConns = defaultConns
	}
	cfg.ConnConfig.StatementCacheCapacity = statementCache
	params := cfg.ConnConfig.RuntimeParams
	for name, value := range map[string]string{
		"lock_timeout":     lockTimeout,
		"timezone":         "UTC",
		"application_name": "throughtrain",
		// What the engine promises rests on these two, whatever the server's own settings are: an answered commit is
		// durable, and each statement of the sequencer sees what was committed before it.
		"synchronous_commit":            "on",
		"default_transaction_isolation": "read committed",
		// What plans are chosen by is the same everywhere, as the tests of plans suppose: pages lie in memory or on a disk without arms, and one request
		// takes one processor.
		"random_page_cost":                "1.1",
		"jit":                             "off",
		"max_parallel_workers_per_gather": "0",
	} {
		if _, set := params[name]; !set {
			params[name] = value
		}
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, TranslatePostgres(err)
	}
	return &postgres{pool: pool}, nil
}

// watcher hands on what is asked of the server.
type watcher func(text string, args []any)

func (w watcher) TraceQueryStart(ctx context.Context, _ *pgx.Conn, asked pgx.TraceQueryStartData) context.Context {
	w(asked.SQL, asked.Args)
	return ctx
}

func (watcher) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// pgxQuerier is what a pool and a transaction have in common.
type pgxQuerier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func (p *postgres) Query(ctx context.Context, sql string, args ...any) (Rows, error) {
	return pgReader{p.pool}.Query(ctx, sql, args...)
}

func (p *postgres) QueryRow(ctx context.Context, sql string, args ...any) Row {
	return pgRow{p.pool.QueryRow(ctx, sql, args...)}
}

func (p *postgres) snapshot(ctx context.Context, read func(Reader) error) error {
	err := pgx.BeginTxFunc(ctx, p.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly},
		func(tx pgx.Tx) error { return read(pgReader{tx}) })
	return TranslatePostgres(err)
}

func (p *postgres) close() error {
	p.pool.Close()
	return nil
}

type pgReader struct{ q pgxQuerier }

func (r pgReader) Query(ctx context.Context, sql string, args ...any) (Rows, error) {
	rows, err := r.q.Query(ctx, sql, args...)
	if err != nil {
		return nil, TranslatePostgres(err)
	}
	return pgRows{rows}, nil
}

func (r pgReader) QueryRow(ctx context.Context, sql string, args ...any) Row {
	return pgRow{r.q.QueryRow(ctx, sql, args...)}
}

type pgRows struct{ pgx.Rows }

func (r pgRows) Scan(dest ...any) error { return TranslatePostgres(r.Rows.Scan(dest...)) }
func (r pgRows) Err() error             { return TranslatePostgres(r.Rows.Err()) }

type pgRow struct{ row pgx.Row }

func (r pgRow) Scan(dest ...any) error { return TranslatePostgres(r.row.Scan(dest...)) }
