package store

import (
	"context"
	"errors"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Walk returns a city's tickets in the order of their keys, from behind one on.
func (s *Store) Walk(ctx context.Context, after Key, limit int) ([]Stored, error) {
	const text = `SELECT month, id, hash, snapshot FROM tickets WHERE city = $1 AND (month, id) > ($2, $3) ORDER BY month, id LIMIT $4`
	return s.tickets(ctx, after.City, text, after.City, after.Month, after.ID, limit)
}

// EachTicket calls each for every ticket of a city in one state of the database.
func EachTicket(ctx context.Context, db sqldb.Reader, city string, each func(Stored) error) error {
	rows, err := db.Query(ctx, `SELECT month, id, hash, snapshot FROM tickets WHERE city = $1`, city)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var raw rawTicket
		if err := rows.Scan(&raw.month, &raw.id, &raw.hash, &raw.snapshot); err != nil {
			return err
		}
		stored, err := raw.open(city)
		if err != nil {
			return err
		}
		if err := each(stored); err != nil {
			return err
		}
	}
	return rows.Err()
}

// OldestUnread returns when the first event behind a consumer's cursor happened; zero when it has read everything.
func (s *Store) OldestUnread(ctx context.Context, db sqldb.Reader, consumer string) (time.Time, error) {
	const text = `SELECT j.envelope, j.hash, j.previous FROM feed f
		JOIN journal j ON j.city = f.city AND j.month = f.month AND j.aggregate = f.aggregate AND j.version = f.version
		WHERE f.position > coalesce((SELECT position FROM feed_cursor WHERE consumer = $1), 0) ORDER BY f.position LIMIT 1`
	var envelope, hash, previous []byte
	if err := db.QueryRow(ctx, text, consumer).Scan(&envelope, &hash, &previous); errors.Is(err, sqldb.ErrNoRows) {
		return time.Time{}, nil
	} else if err != nil {
		return time.Time{}, err
	}
	var h, p journal.Hash
	copy(h[:], hash)
	copy(p[:], previous)
	sealed, err := journal.Open(envelope, h, p)
	return sealed.Time, err
}
