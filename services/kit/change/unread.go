package change

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Settled returns a position of the feed behind which nothing lies that was committed before the call. On PostgreSQL, where events
// get their places after their commit, it gives them theirs; on SQLite it is the head.
func (s *Store) Settled(ctx context.Context) (int64, error) {
	if p, ok := s.engine.(*postgres); ok {
		for {
			moved, err := p.advance(ctx)
			if err != nil {
				return 0, err
			}
			if moved < advanceBatch {
				break
			}
		}
	}
	return s.FeedHead(ctx)
}

// Unread returns the aggregates of a city with events that a consumer has not read, as one state of the database shows them: those
// behind its cursor, and on PostgreSQL those that have no place in the feed yet.
func (s *Store) Unread(ctx context.Context, db sqldb.Reader, city, consumer string) (map[string]bool, error) {
	text := `SELECT aggregate FROM feed WHERE city = $1 AND position > coalesce((SELECT position FROM feed_cursor WHERE consumer = $2), 0)`
	if s.db.Engine() == sqldb.Postgres {
		text += ` UNION SELECT aggregate FROM outbox WHERE city = $1`
	}
	rows, err := db.Query(ctx, text, city, consumer)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]bool{}
	for rows.Next() {
		var aggregate string
		if err := rows.Scan(&aggregate); err != nil {
			return nil, err
		}
		out[aggregate] = true
	}
	return out, rows.Err()
}

// OldestUnread returns when the first event behind a consumer's cursor happened, as one state of the database shows it; zero when it has
// read everything.
func (s *Store) OldestUnread(ctx context.Context, db sqldb.Reader, consumer string) (time.Time, error) {
	const text = `SELECT j.version, j.month, j.envelope, j.hash, j.previous FROM feed f
		JOIN journal j ON j.city = f.city AND j.month = f.month AND j.aggregate = f.aggregate AND j.version = f.version
		WHERE f.position > coalesce((SELECT position FROM feed_cursor WHERE consumer = $1), 0) ORDER BY f.position LIMIT 1`
	return happened(db.QueryRow(ctx, text, consumer))
}

func happened(row sqldb.Row) (time.Time, error) {
	var version int64
	e, err := scanEvent(row, &version)
	if errors.Is(err, sqldb.ErrNoRows) {
		return time.Time{}, nil
	}
	return e.Time, err
}

// OldestUnplaced returns when the first event happened that is committed and has no place in the feed yet; zero when there is none, as
// always on SQLite.
func (s *Store) OldestUnplaced(ctx context.Context) (time.Time, error) {
	if s.db.Engine() != sqldb.Postgres {
		return time.Time{}, nil
	}
	const text = `SELECT j.version, j.month, j.envelope, j.hash, j.previous FROM (SELECT * FROM outbox ORDER BY id LIMIT 1) o
		JOIN journal j ON j.city = o.city AND j.month = o.month AND j.aggregate = o.aggregate AND j.version = o.version`
	return happened(s.db.QueryRow(ctx, text))
}

// lookTime bounds what a scrape asks the database.
const lookTime = 2 * time.Second

// outboxAge is asked when somebody looks: a sequencer that has stopped reports nothing. It is not a number when the database does not say.
func (s *Store) outboxAge() float64 {
	ctx, cancel := context.WithTimeout(context.Background(), lookTime)
	defer cancel()
	oldest, err := s.OldestUnplaced(ctx)
	switch {
	case err != nil:
		return math.NaN()
	case oldest.IsZero():
		return 0
	}
	return max(0, s.wall.Now().Sub(oldest).Seconds())
}

// Ring says that the feed has a position that another replica brought about: it is looked for at once, unless it is known. On SQLite there is no other
// replica.
func (s *Store) Ring(position int64) {
	if p, ok := s.engine.(*postgres); ok && s.head.Get() < position {
		p.wake()
	}
}

// Rung says whether somebody rings for whatever other replicas write. While that is so the poll, which is for what a replica wrote just
// before its end, is slower.
func (s *Store) Rung(rung bool) { s.rung.Store(rung) }
