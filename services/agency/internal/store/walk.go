package store

import (
	"context"

	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Walk returns a city's cases in the order of their keys, from behind one on.
func (s *Store) Walk(ctx context.Context, after Key, limit int) ([]Stored, error) {
	const text = "SELECT " + columns + " FROM cases t WHERE t.city = $1 AND (t.month, t.id) > ($2, $3) ORDER BY t.month, t.id LIMIT $4"
	return s.cases(ctx, after.City, text, after.City, after.Month, after.ID, limit)
}

// EachCase calls each for every case of a city in one state of the database.
func EachCase(ctx context.Context, db sqldb.Reader, city string, each func(Stored) error) error {
	rows, err := db.Query(ctx, "SELECT "+columns+" FROM cases t WHERE t.city = $1", city)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var raw rawCase
		if err := rows.Scan(raw.into()...); err != nil {
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
