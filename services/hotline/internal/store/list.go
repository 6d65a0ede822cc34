package store

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/throughtrain/throughtrain/services/kit/filter"
	"github.com/throughtrain/throughtrain/services/kit/page"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Scope is which tickets somebody may list. It is written into the statement: nothing else decides what a list shows.
type Scope struct {
	All         bool     // every ticket of the city
	Person      string   // those the person filed or holds
	Enterprises []string // those of these enterprises
	Units       []string // those held in these units
}

// Query is one page of a list.
type Query struct {
	City   string
	Scope  Scope
	Filter string // AIP-160, over Fields
	Order  filter.Ordering
	After  []page.Key // of the last row shown; nil for the first page
	Limit  int
}

// CountLimit is how far a list is counted.
const CountLimit = 1000

// Listed is a row of a list: the ticket and what was filed, without its body.
type Listed struct {
	Stored
	Filing Content
	Keys   []page.Key // to go on after this row
}

// List returns a page.
func (s *Store) List(ctx context.Context, q Query) ([]Listed, error) {
	text, w, err := q.text()
	if err != nil {
		return nil, err
	}
	return sqldb.Collect(q.scan)(s.db.Query(ctx, text, w.args...))
}

func (q *Query) text() (string, *where, error) {
	w, err := q.where()
	if err != nil {
		return "", nil, err
	}
	order, limit := " ORDER BY "+q.Order.SQL(), " LIMIT "+w.bind(q.Limit)
	from, found := "tickets t", w.sql()
	if !q.Scope.All {
		// CROSS JOIN is how SQLite is told to begin with what the scope found.
		from = "(SELECT DISTINCT month, id FROM (" + q.Scope.keys(w, order+limit) + ") scoped) found CROSS JOIN tickets t"
		found = "t.city = " + cityParameter + " AND t.month = found.month AND t.id = found.id"
	}
	return "SELECT t.month, t.id, t.hash, t.snapshot, COALESCE(c.title, ''), COALESCE(c.name, ''), COALESCE(c.phone, ''), " +
		strings.Join(q.Order.Columns(), ", ") + " FROM " + from + `
		LEFT JOIN contents c ON c.city = t.city AND c.month = t.month AND c.ticket = t.id AND c.id = 'filing' WHERE ` + found + order + limit, w, nil
}

func (q *Query) scan(row sqldb.Row) (Listed, error) {
	var l Listed
	var raw rawTicket
	l.Filing.ID = Filing
	into := []any{&raw.month, &raw.id, &raw.hash, &raw.snapshot, &l.Filing.Title, &l.Filing.Name, &l.Filing.Phone}
	keys := newKeys(q.Order.Like())
	if err := row.Scan(append(into, keys.into()...)...); err != nil {
		return Listed{}, err
	}
	l.Keys = keys.values()
	var err error
	l.Stored, err = raw.open(q.City)
	return l, err
}

// Count counts a list, as far as CountLimit.
func (s *Store) Count(ctx context.Context, q Query) (n int, capped bool, err error) {
	q.After = nil
	w, err := q.where()
	if err != nil {
		return 0, false, err
	}
	limit := " LIMIT " + w.bind(CountLimit+1)
	found := "SELECT 1 FROM tickets t WHERE " + w.sql()
	if !q.Scope.All {
		found = "SELECT DISTINCT month, id FROM (" + q.Scope.keys(w, limit) + ") scoped"
	}
	if err := s.db.QueryRow(ctx, "SELECT count(*) FROM ("+found+limit+") counted", w.args...).Scan(&n); err != nil {
		return 0, false, err
	}
	return min(n, CountLimit), n > CountLimit, nil
}

// where joins city, filter and place. The city is the first parameter.
func (q *Query) where() (*where, error) {
	w := &where{}
	w.add("t.city = " + w.bind(q.City))
	asked, err := Fields.Where(q.Filter, len(w.args)+1)
	if err != nil {
		return nil, err
	}
	w.clause(asked)
	w.clause(q.Order.After(q.After, len(w.args)+1))
	return w, nil
}

// keys finds the places of a scope's first rows: for each way to a ticket its own first rows, by the index that serves it, all of
// which together hold the first rows of the whole. One condition with OR would have the database walk through everybody's.
func (s Scope) keys(w *where, first string) string {
	var ways []string
	way := func(column, value string) {
		condition := column + " = " + w.bind(value)
		if column != "t.unit" {
			condition += " AND " + column + " <> ''" // the condition of the partial index, without which it may not be used
		}
		ways = append(ways, fmt.Sprintf("SELECT month, id FROM (SELECT t.month, t.id FROM tickets t WHERE %s AND %s%s) way%d",
			w.sql(), condition, first, len(ways)))
	}
	if s.Person != "" {
		way("t.filer", s.Person)
		way("t.official", s.Person)
	}
	for _, e := range s.Enterprises {
		way("t.enterprise", e)
	}
	for _, u := range s.Units {
		way("t.unit", u)
	}
	if len(ways) == 0 {
		return "SELECT month, id FROM tickets WHERE 1 = 0"
	}
	return strings.Join(ways, " UNION ALL ")
}

// where collects conditions and their parameters.
type where struct {
	conditions []string
	args       []any
}

func (w *where) bind(v any) string {
	w.args = append(w.args, v)
	return "$" + strconv.Itoa(len(w.args))
}

func (w *where) add(condition string) { w.conditions = append(w.conditions, condition) }

func (w *where) clause(c filter.Clause) {
	w.args = append(w.args, c.Args...)
	w.add(c.SQL)
}

func (w *where) sql() string { return strings.Join(w.conditions, " AND ") }
