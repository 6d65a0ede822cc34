package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/throughtrain/throughtrain/services/kit/filter"
	"github.com/throughtrain/throughtrain/services/kit/page"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Scope is which tickets somebody may list. It is written into the statement: nothing else decides what a list shows.
type Scope struct {
	All         bool     // every ticket of the city
	Person      string   // those the person filed, holds, or has a dialogue about
	Enterprises []string // those of these enterprises
	Units       []string // those held in these units, or of which they have a part
	// KeptOut are the subjects (fact.PersonSubject, fact.UnitSubject) that the person is: what is about one of them is not shown, unless the person,
	// or one of the enterprises, filed it.
	KeptOut []string
	// Worker is somebody who answers tickets and oversees none: call-backs are not for them to filter by.
	Worker bool
}

// Query is one page of a list.
type Query struct {
	City   string
	Scope  Scope
	Filter string   // AIP-160, over Fields
	Words  []string // tokens (Wanted) that all are in the ticket or the name of its enterprise; nil for any
	Order  filter.Ordering
	After  []page.Key // of the last row shown; nil for the first page
	Limit  int

	engine sqldb.Engine
	walk   int // how many rows of the list words are looked for in; 0 to look for them in the index
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
	return s.list(ctx, q, commonFrom, walkMost)
}

func (s *Store) list(ctx context.Context, q Query, from, most int) ([]Listed, error) {
	q.engine = s.db.Engine()
	common, err := s.common(ctx, &q, from)
	if err != nil {
		return nil, err
	}
	if common {
		q.walk = most
	}
	rows, err := s.page(ctx, q)
	if common && q.Scope.All && err == nil && len(rows) < q.Limit { // what is common is rare here
		q.walk = 0
		return s.page(ctx, q)
	}
	return rows, err
}

func (s *Store) page(ctx context.Context, q Query) ([]Listed, error) {
	text, w, err := q.text()
	if err != nil {
		return nil, err
	}
	return sqldb.Collect(q.scan)(s.db.Query(ctx, text, w.Args...))
}

func (q *Query) text() (string, *filter.Builder, error) {
	w, err := q.where()
	if err != nil {
		return "", nil, err
	}
	order, limit := " ORDER BY "+q.Order.SQL(), " LIMIT "+w.Bind(q.Limit)
	var from, found string
	switch {
	case q.Scope.All && len(q.Words) == 0 && q.engine == sqldb.Postgres:
		// It would join everything that the filter leaves, and only then take the first.
		from = "(SELECT t.month, t.id FROM tickets t WHERE " + w.SQL() + q.Scope.notKeptOut(w, q.Scope.own(w)) + order + limit + ") found CROSS JOIN tickets t"
	case q.Scope.All && len(q.Words) == 0:
		from = "tickets t"
		found = w.SQL() + q.Scope.notKeptOut(w, q.Scope.own(w))
	case q.Scope.All && q.walk > 0:
		again := order
		if q.engine == sqldb.SQLite {
			again = "" // rows come as they are walked through, which a test holds it to; told the order again, it would look through all before the first
		}
		columns := []string{"t.month", "t.enterprise", "t.id"}
		columns = append(columns, slices.DeleteFunc(q.Order.Columns(), func(c string) bool { return slices.Contains(columns, c) })...)
		from = "(SELECT t.month, t.id FROM (SELECT " + strings.Join(columns, ", ") + " FROM tickets t WHERE " + w.SQL() + q.Scope.notKeptOut(w, q.Scope.own(w)) + order +
			fmt.Sprint(" LIMIT ", q.walk) + ") t WHERE " + q.holds(w) + again + limit + ") found CROSS JOIN tickets t"
	case q.Scope.All:
		from = "(SELECT t.month, t.id FROM " + q.matching(w) + order + limit + ") found CROSS JOIN tickets t"
	default:
		// CROSS JOIN is how SQLite is told to begin with what the scope found.
		from = "(SELECT DISTINCT month, id FROM (" + q.Scope.keys(w, order+limit) + ") scoped) found CROSS JOIN tickets t"
	}
	if found == "" {
		found = "t.city = " + cityParameter + " AND t.month = found.month AND t.id = found.id"
	}
	return "SELECT " + columns + ", COALESCE(c.title, ''), COALESCE(c.name, ''), COALESCE(c.phone, ''), " +
		strings.Join(q.Order.Columns(), ", ") + " FROM " + from + identities + `
		LEFT JOIN contents c ON c.city = t.city AND c.month = t.month AND c.ticket = t.id AND c.id = 'filing' WHERE ` + found + order + limit, w, nil
}

func (q *Query) scan(row sqldb.Row) (Listed, error) {
	var l Listed
	var raw rawTicket
	l.Filing.ID = Filing
	into := append(raw.into(), &l.Filing.Title, &l.Filing.Name, &l.Filing.Phone)
	keys := q.Order.Keys()
	if err := row.Scan(append(into, keys.Into()...)...); err != nil {
		return Listed{}, err
	}
	l.Keys = keys.Values()
	var err error
	l.Stored, err = raw.open(q.City)
	return l, err
}

// Count counts a list, as far as CountLimit.
func (s *Store) Count(ctx context.Context, q Query) (n int, capped bool, err error) {
	q.After, q.engine = nil, s.db.Engine()
	if !q.Scope.All { // of all, counting stops early either way
		common, err := s.common(ctx, &q, commonFrom)
		if err != nil {
			return 0, false, err
		}
		if common {
			q.walk = walkMost
		}
	}
	w, err := q.where()
	if err != nil {
		return 0, false, err
	}
	limit := " LIMIT " + w.Bind(CountLimit+1)
	var found string
	switch {
	case q.Scope.All && len(q.Words) == 0:
		found = "SELECT 1 FROM tickets t WHERE " + w.SQL() + q.Scope.notKeptOut(w, q.Scope.own(w))
	case q.Scope.All:
		found = "SELECT 1 FROM " + q.matching(w)
	default:
		found = "SELECT DISTINCT month, id FROM (" + q.Scope.keys(w, limit) + ") scoped"
	}
	if err := s.db.QueryRow(ctx, "SELECT count(*) FROM ("+found+limit+") counted", w.Args...).Scan(&n); err != nil {
		return 0, false, err
	}
	return min(n, CountLimit), n > CountLimit, nil
}

// matching is where those of all the city's tickets are that match.
func (q *Query) matching(w *filter.Builder) string {
	return "(" + q.matches(w, true) + ") m CROSS JOIN tickets t WHERE t.month = m.month AND t.id = m.id AND " + w.SQL() + q.Scope.notKeptOut(w, q.Scope.own(w))
}

// where joins city, filter and place. The city is the first parameter.
func (q *Query) where() (*filter.Builder, error) {
	w := &filter.Builder{}
	w.Add("t.city = " + w.Bind(q.City))
	fields := Fields
	if q.Scope.Worker {
		fields = fieldsOfWorkers
	}
	asked, err := fields.Where(q.Filter, len(w.Args)+1)
	if err != nil {
		return nil, err
	}
	w.Clause(asked)
	switch {
	case len(q.Words) == 0 || q.Scope.All: // of all there are, those are begun with that match, or the list is
	case q.walk > 0: // each way of the scope ends with its first rows
		w.Add(q.holds(w))
	default:
		w.Add("(t.month, t.id) IN (" + q.matches(w, false) + ")")
	}
	w.Clause(q.Order.After(q.After, len(w.Args)+1))
	return w, nil
}

// keys finds the places of a scope's first rows: for each way to a ticket its own first rows, by the index that serves it, all of
// which together hold the first rows of the whole. One condition with OR would have the database walk through everybody's.
func (s Scope) keys(w *filter.Builder, first string) string {
	var ways []string
	way := func(from, condition string) {
		ways = append(ways, fmt.Sprintf("SELECT month, id FROM (SELECT t.month, t.id FROM %s WHERE %s AND %s%s) way%d",
			from, w.SQL(), condition, first, len(ways)))
	}
	column := func(column, value, unless string) {
		condition := column + " = " + w.Bind(value)
		if column != "t.unit" && column != "t.dialogue_official" {
			condition += " AND " + column + " <> ''" // the condition of the partial index, without which it may not be used
		}
		way("tickets t", condition+unless)
	}
	hidden := ""
	if s.Person != "" || len(s.Units) > 0 {
		hidden = s.notKeptOut(w, "")
	}
	if s.Person != "" {
		column("t.filer", s.Person, "")
		way("confidential_filings own CROSS JOIN tickets t", "own.city = "+cityParameter+" AND own.person = "+w.Bind(s.Person)+
			" AND t.month = own.month AND t.id = own.ticket")
		column("t.official", s.Person, hidden)
		column("t.dialogue_official", s.Person, hidden)
	}
	for _, e := range s.Enterprises {
		column("t.enterprise", e, "")
	}
	for _, u := range s.Units {
		column("t.unit", u, hidden)
	}
	if len(s.Units) > 0 {
		way("(SELECT DISTINCT o.month, o.ticket FROM work_orders o WHERE o.city = "+cityParameter+" AND o.shown = 1 AND o.unit IN ("+w.List(s.Units)+
			")) part CROSS JOIN tickets t", "t.month = part.month AND t.id = part.ticket"+hidden)
	}
	if len(ways) == 0 {
		return "SELECT month, id FROM tickets WHERE 1 = 0"
	}
	return strings.Join(ways, " UNION ALL ")
}

// notKeptOut leaves out tickets that are about whoever asks, but not those that the second condition holds for. Of tickets that are about nobody,
// which is nearly all, it looks at one column.
func (s Scope) notKeptOut(w *filter.Builder, unless string) string {
	if len(s.KeptOut) == 0 {
		return ""
	}
	return " AND (t.restricted = 0 OR " + unless + "NOT EXISTS (SELECT 1 FROM ticket_conflicts k WHERE k.city = " + cityParameter +
		" AND k.month = t.month AND k.ticket = t.id AND k.subject IN (" + w.List(s.KeptOut) + ")))"
}

// own is what somebody filed, to be joined by OR; nothing when nobody is kept out of anything.
func (s Scope) own(w *filter.Builder) string {
	if len(s.KeptOut) == 0 || s.Person == "" {
		return ""
	}
	// Asked for each ticket, PostgreSQL would read everybody's confidential filings to answer.
	own := "t.filer = " + w.Bind(s.Person) + " OR (t.month, t.id) IN (SELECT own.month, own.ticket FROM confidential_filings own WHERE own.city = " + cityParameter +
		" AND own.person = " + w.Bind(s.Person) + ") OR "
	if len(s.Enterprises) > 0 {
		own += "t.enterprise IN (" + w.List(s.Enterprises) + ") OR "
	}
	return own
}
