package change

import (
	"errors"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// The engine's own statements that both databases take word for word.
const (
	insertRequest = `INSERT INTO request_seen (city, person, method, id, body_hash, resource, expires) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	upsertDue     = `INSERT INTO due (city, aggregate, at) VALUES ($1, $2, $3)
		ON CONFLICT (city, aggregate) DO UPDATE SET at = excluded.at, leased_until = 0, attempts = 0, set_aside = 0`
	deleteDue = `DELETE FROM due WHERE city = $1 AND aggregate = $2`
	// A consumer without a row stands at 0, so its first move may insert; a later one must find it where it was.
	firstMove = `INSERT INTO feed_cursor (consumer, position) VALUES ($1, $2)
		ON CONFLICT (consumer) DO UPDATE SET position = excluded.position WHERE feed_cursor.position = 0`
	laterMove = `UPDATE feed_cursor SET position = $2 WHERE consumer = $1 AND position = $3`
)

const (
	liteFirstEvent = `INSERT INTO journal (position, city, month, aggregate, version, envelope, hash, previous)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	liteNextEvent = `INSERT INTO journal (position, city, month, aggregate, version, envelope, hash, previous)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8
		WHERE EXISTS (SELECT 1 FROM journal WHERE city = $2 AND month = $3 AND aggregate = $4 AND version = $5 - 1 AND hash = $8)`
)

// writeChange writes a Change into the open transaction and returns the feed's head after it.
func writeChange(w liteWriter, m *member, head int64) (int64, error) {
	c := m.change
	if time.Since(c.Decided) > MaxAge {
		return 0, ErrStale
	}
	if r := c.Request; r != nil {
		_, err := w.Exec(insertRequest, r.City, r.Person, r.Method, r.ID, r.BodyHash, r.Resource, expiry(r))
		if isUnique(err) {
			return 0, ErrRequestSeen
		}
		if err != nil {
			return 0, err
		}
	}
	if err := writeCursors(w, c.Cursors); err != nil {
		return 0, err
	}
	for i := range c.Statements {
		s := &c.Statements[i]
		n, err := w.ExecBound(s.SQL, m.bound[i])
		if err != nil {
			return 0, err
		}
		if s.Guard && n == 0 {
			return 0, ErrConflict
		}
	}
	for i := range c.Events {
		head++
		if err := writeEvent(w, &c.Events[i], head); err != nil {
			return 0, err
		}
	}
	return head, writeDue(w, c.Due)
}

func writeEvent(w liteWriter, e *Event, position int64) error {
	text := liteNextEvent
	if e.Version == 1 {
		text = liteFirstEvent
	}
	n, err := w.Exec(text, position, e.City, e.Month, e.Aggregate, e.Version, e.Bytes, e.Hash[:], e.Previous[:])
	if isUnique(err) || err == nil && n == 0 {
		return ErrConflict
	}
	return err
}

func writeDue(w liteWriter, due []Due) error {
	for i := range due {
		d := &due[i]
		var err error
		if d.At.IsZero() {
			_, err = w.Exec(deleteDue, d.City, d.Aggregate)
		} else {
			_, err = w.Exec(upsertDue, d.City, d.Aggregate, d.At.UnixMicro())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func writeCursors(w liteWriter, moves []CursorMove) error {
	for _, m := range moves {
		text, args := moveCursor(m)
		n, err := w.Exec(text, args...)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrConflict
		}
	}
	return nil
}

func moveCursor(m CursorMove) (string, []any) {
	if m.From == 0 {
		return firstMove, []any{m.Consumer, m.To}
	}
	return laterMove, []any{m.Consumer, m.To, m.From}
}

func expiry(r *Request) any {
	if r.Expires.IsZero() {
		return nil
	}
	return r.Expires.UnixMicro()
}

func isUnique(err error) bool {
	var unique *sqldb.UniqueError
	return err != nil && errors.As(err, &unique)
}
