package store

import (
	"context"
	"errors"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

const countReveal = `INSERT INTO contact_reveals (city, person, day, count) VALUES ($1, $2, $3, 1)
	ON CONFLICT (city, person, day) DO UPDATE SET count = contact_reveals.count + 1 WHERE contact_reveals.count < $4`

// CountReveal counts one more phone that somebody looks at on a day. It fails its Change with change.ErrConflict when there have been as many as may
// be, however many look at once.
func CountReveal(city, person, day string, most int) change.Statement {
	return change.Guard(countReveal, city, person, day, most)
}

// Reveals is how many phones somebody has looked at on a day.
func (s *Store) Reveals(ctx context.Context, city, person, day string) (n int, err error) {
	err = s.db.QueryRow(ctx, `SELECT count FROM contact_reveals WHERE city = $1 AND person = $2 AND day = $3`, city, person, day).Scan(&n)
	if errors.Is(err, sqldb.ErrNoRows) {
		return 0, nil
	}
	return n, err
}
