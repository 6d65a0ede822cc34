package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/filter"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// BarredAmong is Barred of many at once: those of some enterprises that may not commit to anything at an instant.
func (s *Store) BarredAmong(ctx context.Context, city string, enterprises []string, now time.Time) (map[string]bool, error) {
	wanted := slices.Compact(slices.Sorted(slices.Values(enterprises)))
	if len(wanted) == 0 {
		return nil, nil
	}
	// The last one is asked for until they are a power of two: the database keeps a statement for each number that there is.
	for len(wanted)&(len(wanted)-1) != 0 {
		wanted = append(wanted, wanted[len(wanted)-1])
	}
	w := &filter.Builder{}
	in, due := w.Bind(city), w.Bind(now.UnixMicro())
	places := make([]string, len(wanted))
	for i, e := range wanted {
		places[i] = w.Bind(e)
	}
	text := "SELECT DISTINCT enterprise FROM commitments WHERE city = " + in + " AND enterprise IN (" + strings.Join(places, ", ") + ") AND (bars = 1 OR due_time < " + due + ")"
	scan := func(row sqldb.Row) (e string, err error) {
		err = row.Scan(&e)
		return e, err
	}
	found, err := sqldb.Collect(scan)(s.db.Query(ctx, text, w.Args...))
	barred := make(map[string]bool, len(found))
	for _, e := range found {
		barred[e] = true
	}
	return barred, err
}
