package store

import (
	"context"

	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// OpenText is what was filed in an open ticket, as far as it is compared.
type OpenText struct {
	ID     string
	Filing Content
}

// looked is how many of an enterprise's newest tickets are looked through for open ones: whatever it filed over the years, this is what one
// question costs.
const looked = 1000

const selectOpenTexts = `SELECT n.id, c.title, substr(c.body, 1, $4), c.name, c.phone FROM (
		SELECT city, month, id, open, restricted, create_time FROM tickets WHERE city = $1 AND enterprise = $2 AND enterprise <> ''
		ORDER BY create_time DESC, id DESC LIMIT $3) n
	JOIN contents c ON c.city = n.city AND c.month = n.month AND c.ticket = n.id AND c.id = 'filing'
	WHERE n.open = 1 AND n.restricted = 0 ORDER BY n.create_time DESC, n.id DESC LIMIT $5`

// OpenTexts returns what was filed in an enterprise's newest open tickets, newest first, restricted ones left out; of each body the first
// characters only.
func (s *Store) OpenTexts(ctx context.Context, city, enterprise string, characters, limit int) ([]OpenText, error) {
	scan := func(row sqldb.Row) (OpenText, error) {
		t := OpenText{Filing: Content{ID: Filing}}
		err := row.Scan(&t.ID, &t.Filing.Title, &t.Filing.Body, &t.Filing.Name, &t.Filing.Phone)
		return t, err
	}
	return sqldb.Collect(scan)(s.db.Query(ctx, selectOpenTexts, city, enterprise, looked, characters, limit))
}
