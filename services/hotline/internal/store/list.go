package store

import (
	"context"
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
	w, err := q.where()
	if err != nil {
		return nil, err
	}
	text := "SELECT t.month, t.id, t.hash, t.snapshot, COALESCE(c.title, ''), COALESCE(c.name, ''), COALESCE(c.phone, ''), " +
		strings.Join(q.Order.Columns(), ", ") + ` FROM tickets t
		LEFT JOIN contents c ON c.city = t.city AND c.month = t.month AND c.ticket = t.id AND c.id = 'filing' WHERE ` + w.sql() +
		" ORDER BY " + q.Order.SQL() + " LIMIT " + w.bind(q.Limit)
	return sqldb.Collect(q.scan)(s.db.Query(ctx, text, w.args...))
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
	text := "SELECT count(*) FROM (SELECT 1 FROM tickets t WHERE " + w.sql() + " LIMIT " + w.bind(CountLimit+1) + ") counted"
	if err := s.db.QueryRow(ctx, text, w.args...).Scan(&n); err != nil {
		return 0, false, err
	}
	return min(n, CountLimit), n > CountLimit, nil
}

// where joins city, scope, filter and place.
func (q *Query) where() (*where, error) {
	w := &where{}
	w.add("t.city = " + w.bind(q.City))
	if !q.Scope.All {
		w.add(q.Scope.sql(w))
	}
	asked, err := Fields.Where(q.Filter, len(w.args)+1)
	if err != nil {
		return nil, err
	}
	w.clause(asked)
	w.clause(q.Order.After(q.After, len(w.args)+1))
	return w, nil
}

// sql is the scope as a condition. Its parts repeat the conditions of the partial indexes that serve them.
func (s Scope) sql(w *where) string {
	var any []string
	if s.Person != "" {
		p := w.bind(s.Person)
		any = append(any, "(t.filer = "+p+" AND t.filer <> '')", "(t.official = "+p+" AND t.official <> '')")
	}
	for _, e := range s.Enterprises {
		any = append(any, "(t.enterprise = "+w.bind(e)+" AND t.enterprise <> '')")
	}
	if len(s.Units) > 0 {
		units := make([]string, len(s.Units))
		for i, u := range s.Units {
			units[i] = w.bind(u)
		}
		any = append(any, "t.unit IN ("+strings.Join(units, ", ")+")")
	}
	if len(any) == 0 {
		return "1 = 0"
	}
	return "(" + strings.Join(any, " OR ") + ")"
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
