package change

import (
	"context"
	"errors"
	"regexp"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/kit/observe"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// SQLSTATEs raised by the functions of migrations/postgres.
const (
	stateGuard = "TT001"
	stateStale = "TT002"
)

const (
	pgFirstEvent = `INSERT INTO journal (city, month, aggregate, version, envelope, hash, previous) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	pgNextEvent  = `INSERT INTO journal (city, month, aggregate, version, envelope, hash, previous)
		SELECT $1::text, $2::integer, $3::text, $4::bigint, $5::bytea, $6::bytea, $7::bytea
		WHERE EXISTS (SELECT 1 FROM journal WHERE city = $1 AND month = $2 AND aggregate = $3 AND version = $4 - 1 AND hash = $7)`
	pgOutbox  = `INSERT INTO outbox (city, aggregate, version, month, cause) VALUES ($1, $2, $3, $4, NULLIF($5, ''))`
	pgFresh   = `SELECT change_fresh($1, $2)`
	pgAdvance = `SELECT moved, head FROM feed_advance($1)`
)

// journalKey is the name of the journal's key in one of its partitions.
var journalKey = regexp.MustCompile(`^journal_(\w+_)?pkey$`)

// advanceBatch bounds one step of the sequencer.
const advanceBatch = 1000

// postgres is the PostgreSQL engine: each Change is one batch, which the server runs as one implicit transaction.
type postgres struct {
	store   *Store
	pool    *pgxpool.Pool
	written chan struct{} // holds one token while there are events to sequence
}

func newPostgres(s *Store, pool *pgxpool.Pool) *postgres {
	return &postgres{store: s, pool: pool, written: make(chan struct{}, 1)}
}

// guarded makes a statement that touches nothing raise: a batch is sent whole, so only the server can stop it.
func guarded(sql string) string {
	return "WITH touched AS (" + sql + " RETURNING 1) SELECT change_guard((SELECT count(*) FROM touched))"
}

func (p *postgres) commit(ctx context.Context, c *Change) error {
	p.store.db.Count(c.statements(), 1)
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return sqldb.TranslatePostgres(err)
	}
	defer conn.Release()
	spent := time.Since(c.Decided) // waiting for a connection counts
	if spent > MaxAge {
		return ErrStale
	}
	err = conn.SendBatch(ctx, batch(ctx, c, spent)).Close()
	if err == nil {
		if len(c.Events) > 0 {
			p.wake()
		}
		return nil
	}
	return p.refusal(sqldb.TranslatePostgres(err))
}

// refusal turns what the server said into the reasons of this package. The engine's own constraints are told apart from the
// service's by their names.
func (p *postgres) refusal(err error) error {
	var unique *sqldb.UniqueError
	var state *sqldb.StateError
	switch {
	case errors.As(err, &unique) && unique.Name == "request_seen_pkey":
		return ErrRequestSeen
	case errors.As(err, &unique) && journalKey.MatchString(unique.Name):
		return ErrConflict
	case errors.As(err, &state) && state.State == stateGuard:
		return ErrConflict
	case errors.As(err, &state) && state.State == stateStale:
		return ErrStale
	case errors.Is(err, sqldb.ErrBusy):
		return errors.Join(ErrStale, err) // a lock did not come free in time, or a deadlock was broken
	}
	return err
}

func batch(ctx context.Context, c *Change, spent time.Duration) *pgx.Batch {
	b := &pgx.Batch{}
	if r := c.Request; r != nil {
		b.Queue(insertRequest, r.City, r.Person, r.Method, r.ID, r.BodyHash, r.Resource, expiry(r))
	}
	for _, m := range c.Cursors {
		text, args := moveCursor(m)
		b.Queue(guarded(text), args...)
	}
	for _, s := range c.Statements {
		if s.Guard {
			b.Queue(guarded(s.SQL), s.Args...)
		} else {
			b.Queue(s.SQL, s.Args...)
		}
	}
	cause := ""
	if traced := trace.SpanContextFromContext(ctx); traced.IsSampled() {
		cause = observe.TraceParent(traced)
	}
	for i := range c.Events {
		e := &c.Events[i]
		text := guarded(pgNextEvent)
		if e.Version == 1 {
			text = pgFirstEvent
		}
		b.Queue(text, e.City, e.Month, e.Aggregate, e.Version, e.Bytes, e.Hash[:], e.Previous[:])
		b.Queue(pgOutbox, e.City, e.Aggregate, e.Version, e.Month, cause)
	}
	for _, d := range c.Due {
		if d.At.IsZero() {
			b.Queue(deleteDue, d.City, d.Aggregate)
		} else {
			b.Queue(upsertDue, d.City, d.Aggregate, d.At.UnixMicro())
		}
	}
	b.Queue(pgFresh, spent.Seconds(), MaxAge.Seconds())
	return b
}

func (p *postgres) exec(ctx context.Context, sql string, args ...any) (int64, error) {
	tag, err := p.pool.Exec(ctx, sql, args...)
	return tag.RowsAffected(), sqldb.TranslatePostgres(err)
}

func (p *postgres) claim(ctx context.Context, sql string, args ...any) ([]Due, error) {
	rows, err := p.pool.Query(ctx, sql, args...)
	if err != nil {
		return nil, sqldb.TranslatePostgres(err)
	}
	claimed, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Due, error) { return scanDue(row) })
	return claimed, sqldb.TranslatePostgres(err)
}

func (p *postgres) wake() {
	select {
	case p.written <- struct{}{}:
	default: // the sequencer is already called
	}
}

// run is the sequencer. Any number of replicas run one; the lock inside feed_advance lets one work at a time. Own commits
// wake it at once; those of other replicas are met by the poll or by who rings, because a NOTIFY inside a commit would serialise commits.
func (p *postgres) run(ctx context.Context) error {
	var months sync.WaitGroup
	months.Go(func() { p.keepAhead(ctx) })
	defer months.Wait() // run ends with its context only
	tick := time.NewTicker(p.store.poll)
	defer tick.Stop()
	const seldom = 10
	for ticks := 0; ; {
		moved, err := p.advance(ctx)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			p.store.log.Warn("cannot sequence the feed; trying again", zap.Error(err))
		case moved == advanceBatch:
			continue
		}
		for waiting := true; waiting; {
			select {
			case <-p.written:
				waiting = false
			case <-tick.C:
				ticks++
				waiting = p.store.rung.Load() && ticks%seldom != 0
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

func (p *postgres) advance(ctx context.Context) (int64, error) {
	var moved, head int64
	if err := p.pool.QueryRow(ctx, pgAdvance, advanceBatch).Scan(&moved, &head); err != nil {
		return 0, sqldb.TranslatePostgres(err)
	}
	p.store.head.Raise(head)
	return moved, nil
}

// close has nothing to wait for: the pool, closed with the database, waits for its connections.
func (p *postgres) close() {}
