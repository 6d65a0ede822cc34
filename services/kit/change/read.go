package change

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/observe"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

func migrationFS() fs.FS {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}

// limitMost bounds what one statement reads or claims.
const limitMost = 1000

// limited writes a limit into a statement. As a parameter it would be unknown to PostgreSQL's planner, which then expects a
// tenth of the table and reads all of it.
func limited(text string, limit int) string {
	return fmt.Sprintf(text, min(max(limit, 1), limitMost))
}

// FeedEvent is an event and its place in the feed.
type FeedEvent struct {
	Position int64
	Event
	// Cause is the traced work that wrote the event; on SQLite, as long as the process remembers.
	Cause trace.SpanContext
}

// Feed returns the events after a position, in order and without a gap, at most limit of them and at most 1000. An empty result means that
// after is the head.
func (s *Store) Feed(ctx context.Context, after int64, limit int) ([]FeedEvent, error) {
	if s.db.Engine() == sqldb.Postgres {
		text := `SELECT f.position, j.month, j.envelope, j.hash, j.previous, COALESCE(f.cause, '')
			FROM (SELECT * FROM feed WHERE position > $1 ORDER BY position LIMIT %d) f
			JOIN journal j ON j.city = f.city AND j.month = f.month AND j.aggregate = f.aggregate AND j.version = f.version
			ORDER BY f.position`
		return sqldb.Collect(func(row sqldb.Row) (e FeedEvent, err error) {
			var cause string
			e.Event, err = scanEvent(row, &e.Position, &cause)
			e.Cause = observe.ReadTraceParent(cause)
			return e, err
		})(s.db.Query(ctx, limited(text, limit), after))
	}
	const text = `SELECT position, month, envelope, hash, previous FROM journal WHERE position > $1 ORDER BY position LIMIT %d`
	return sqldb.Collect(func(row sqldb.Row) (e FeedEvent, err error) {
		e.Event, err = scanEvent(row, &e.Position)
		e.Cause = s.causes.of(e.Hash)
		return e, err
	})(s.db.Query(ctx, limited(text, limit), after))
}

// Journal returns an aggregate's whole history, first event first.
func (s *Store) Journal(ctx context.Context, city, aggregate string, month int) ([]journal.Sealed, error) {
	const text = `SELECT version, month, envelope, hash, previous FROM journal
		WHERE city = $1 AND month = $2 AND aggregate = $3 ORDER BY version`
	return sqldb.Collect(func(row sqldb.Row) (journal.Sealed, error) {
		var version int64
		e, err := scanEvent(row, &version)
		return e.Sealed, err
	})(s.db.Query(ctx, text, city, month, aggregate))
}

// JournalHead returns what an aggregate's next event has to follow; the zero Head when it has no history.
func (s *Store) JournalHead(ctx context.Context, city, aggregate string, month int) (journal.Head, error) {
	const text = `SELECT version, hash FROM journal WHERE city = $1 AND month = $2 AND aggregate = $3
		ORDER BY version DESC LIMIT 1`
	var head journal.Head
	var hash []byte
	switch err := s.db.QueryRow(ctx, text, city, month, aggregate).Scan(&head.Version, &hash); {
	case errors.Is(err, sqldb.ErrNoRows):
		return journal.Head{}, nil
	case err != nil:
		return journal.Head{}, err
	}
	return head, copyHash(&head.Hash, hash)
}

func scanEvent(row sqldb.Row, number *int64, more ...any) (Event, error) {
	var month int
	var envelope, hash, previous []byte
	if err := row.Scan(append([]any{number, &month, &envelope, &hash, &previous}, more...)...); err != nil {
		return Event{}, err
	}
	var h, p journal.Hash
	if err := errors.Join(copyHash(&h, hash), copyHash(&p, previous)); err != nil {
		return Event{}, err
	}
	sealed, err := journal.Open(envelope, h, p)
	return Event{Sealed: sealed, Month: month}, err
}

func copyHash(to *journal.Hash, from []byte) error {
	if len(from) != len(to) {
		return fmt.Errorf("a stored hash has %d bytes", len(from))
	}
	copy(to[:], from)
	return nil
}

// FeedHead is the greatest position that can be read.
func (s *Store) FeedHead(ctx context.Context) (int64, error) {
	head, err := s.readHead(ctx)
	if err == nil {
		s.head.Raise(head)
	}
	return head, err
}

func (s *Store) readHead(ctx context.Context) (int64, error) {
	var head int64
	err := s.db.QueryRow(ctx, `SELECT coalesce(max(position), 0) FROM feed`).Scan(&head)
	return head, err
}

// Head is the newest position known to this process, without asking the database.
func (s *Store) Head() int64 { return s.head.Get() }

// AwaitFeed returns as soon as the feed reaches beyond a position. On PostgreSQL it needs Run.
func (s *Store) AwaitFeed(ctx context.Context, after int64) error { return s.head.Await(ctx, after) }

// Cursor is a consumer's bookmark: the last position whose effects are written, 0 if it was never seen.
func (s *Store) Cursor(ctx context.Context, consumer string) (int64, error) {
	var position int64
	err := s.db.QueryRow(ctx, `SELECT position FROM feed_cursor WHERE consumer = $1`, consumer).Scan(&position)
	if errors.Is(err, sqldb.ErrNoRows) {
		return 0, nil
	}
	return position, err
}

// Request looks a request id up.
func (s *Store) Request(ctx context.Context, city, person, method, id string) (Request, bool, error) {
	const text = `SELECT body_hash, resource, expires FROM request_seen WHERE city = $1 AND person = $2 AND method = $3 AND id = $4`
	r := Request{City: city, Person: person, Method: method, ID: id}
	var expires sql.NullInt64
	switch err := s.db.QueryRow(ctx, text, city, person, method, id).Scan(&r.BodyHash, &r.Resource, &expires); {
	case errors.Is(err, sqldb.ErrNoRows):
		return Request{}, false, nil
	case err != nil:
		return Request{}, false, err
	}
	if expires.Valid {
		r.Expires = time.UnixMicro(expires.Int64).UTC()
	}
	return r, true, nil
}

const (
	expireEvery = time.Minute
	expireBatch = 1000
)

// expire forgets request ids whose time is over, a batch at a time so that commits get between.
func (s *Store) expire(ctx context.Context) error {
	const text = `DELETE FROM request_seen WHERE (city, person, method, id) IN
		(SELECT city, person, method, id FROM request_seen WHERE expires < $1 ORDER BY expires LIMIT $2)`
	tick := time.NewTicker(expireEvery)
	defer tick.Stop()
	for {
		n, err := s.engine.exec(ctx, text, s.wall.Now().UnixMicro(), expireBatch)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			// Keeping ids too long harms nobody; the next tick tries again.
			s.log.Warn("cannot forget expired request ids", zap.Error(err))
		case n == expireBatch:
			continue
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
