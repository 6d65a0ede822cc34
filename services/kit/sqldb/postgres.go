package sqldb

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pressly/goose/v3/lock"
)

const (
	// DefaultPool keeps a few connections busy per core without crowding a small server; pool_max_conns overrides it.
	DefaultPool = 16
	// statementCache holds every statement of a service, so that each is planned once per connection.
	statementCache = 1024
)

// settings hold on every connection that serves. They are sent when it is made; behind a pooler, which makes connections itself, they are the account's own in
// this database (settle). What the DSN says goes before them.
var settings = map[string]string{
	// It stays under the second in which a decision must be committed: who waits longer decides again.
	"lock_timeout": "900ms",
	// No page, and no commit, takes that long on a healthy server; one that does must not hold its connection for ever after its caller has left.
	"statement_timeout": "30s",
	// A transaction whose process has stopped in the middle keeps the server from cleaning up.
	"idle_in_transaction_session_timeout": "60s",
	"timezone":                            "UTC",
	// What the engine promises rests on these two, whatever the server's own settings are: an answered commit is
	// durable, and each statement of the sequencer sees what was committed before it.
	"synchronous_commit":            "on",
	"default_transaction_isolation": "read committed",
	// What plans are chosen by is the same everywhere, as the tests of plans suppose: pages lie in memory or on a disk without arms, and one request
	// takes one processor.
	"random_page_cost":                "1.1",
	"jit":                             "off",
	"max_parallel_workers_per_gather": "0",
}

// Share gives a process that opens the database so many connections, unless its DSN says how many. SQLite is left alone.
func Share(dsn string, pool int) string {
	if !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "postgresql://") || strings.Contains(dsn, "pool_max_conns") {
		return dsn
	}
	separator := "?"
	if strings.Contains(dsn, "?") {
		separator = "&"
	}
	return dsn + separator + "pool_max_conns=" + strconv.Itoa(pool)
}

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
		cfg.MaxConns = DefaultPool
	}
	cfg.ConnConfig.StatementCacheCapacity = statementCache
	params := cfg.ConnConfig.RuntimeParams
	pooled, err := behindPooler(params)
	if err != nil {
		return nil, err
	}
	if _, set := params["application_name"]; !set {
		params["application_name"] = "throughtrain"
	}
	if pooled {
		// A statement that is prepared in one transaction may not be there in the next.
		cfg.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
		cfg.ConnConfig.StatementCacheCapacity, cfg.ConnConfig.DescriptionCacheCapacity = 0, statementCache
		if err := settle(ctx, cfg.ConnConfig); err != nil {
			return nil, TranslatePostgres(err)
		}
	} else {
		for name, value := range settings {
			if _, set := params[name]; !set {
				params[name] = value
			}
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

// poolMode is the parameter of a DSN that says what lies between here and the server.
const poolMode = "pool_mode"

func behindPooler(params map[string]string) (bool, error) {
	mode, said := params[poolMode]
	delete(params, poolMode)
	switch {
	case !said || mode == "session":
		return false, nil
	case mode == "transaction":
		return true, nil
	}
	return false, errors.New("pool_mode is session or transaction")
}

// settle gives the account the settings in this database, unless it has others. A connection that the pooler had made before keeps what it began with, so
// this one ends itself: the pooler makes another.
func settle(ctx context.Context, cfg *pgx.ConnConfig) (err error) {
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }() // it has ended already, or is the pooler's
	changed := false
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock("+strconv.FormatInt(lock.DefaultLockID, 10)+")"); err != nil {
			return err
		}
		var database string
		var has []string
		err := tx.QueryRow(ctx, `SELECT current_database(), coalesce((SELECT setconfig FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
			WHERE d.datname = current_database() AND s.setrole = current_user::regrole), '{}')`).Scan(&database, &has)
		if err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(settings)) {
			if slices.ContainsFunc(has, func(one string) bool { return strings.HasPrefix(strings.ToLower(one), name+"=") }) {
				continue
			}
			changed = true
			text := "ALTER ROLE CURRENT_USER IN DATABASE " + pgx.Identifier{database}.Sanitize() + " SET " + name + " = '" + settings[name] + "'"
			if _, err := tx.Exec(ctx, text); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && changed {
		_, _ = conn.Exec(ctx, "SELECT pg_terminate_backend(pg_backend_pid())") // the answer is that the connection is lost
	}
	return err
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
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	if ctx.Value(patient{}) != nil {
		options.BeginQuery = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
	}
	err := pgx.BeginTxFunc(ctx, p.pool, options,
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
