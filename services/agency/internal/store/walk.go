package store

import (
	"context"

	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Walk returns the ids of a city's cases, oldest first, from behind one on; from the beginning for none.
func (s *Store) Walk(ctx context.Context, city, after string, limit int) ([]string, error) {
	var behind Key
	if after != "" {
		var err error
		if behind, err = KeyOf(city, after); err != nil {
			return nil, err
		}
	}
	const text = `SELECT id FROM cases WHERE city = $1 AND (month, id) > ($2, $3) ORDER BY month, id LIMIT $4`
	scan := func(row sqldb.Row) (id string, err error) {
		err = row.Scan(&id)
		return id, err
	}
	return sqldb.Collect(scan)(s.db.Query(ctx, text, city, behind.Month, behind.ID, limit))
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
