package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/throughtrain/throughtrain/services/kit/filter"
	"github.com/throughtrain/throughtrain/services/kit/page"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Scope is which cases somebody may list, and with them which items and commitments. It is written into the statement: nothing else decides what a list shows.
type Scope struct {
	All         bool     // every case of the city
	Person      string   // those the person opened for an enterprise they act for, or is an agent of
	Enterprises []string // those of these enterprises
	Units       []string // those that these units opened; of others what they decide, and the cases in which they decide something, lead a stage or are asked about it
}

// Query is one page of a list.
type Query struct {
	City   string
	Scope  Scope
	Filter string // AIP-160, over Fields, ItemFields or CommitmentFields
	Order  filter.Ordering
	After  []page.Key // of the last row shown; nil for the first page
	Limit  int
}

// CountLimit is how far a list is counted.
const CountLimit = 1000

// Listed is a row of a list of cases: the case and the words in which it was opened.
type Listed struct {
	Stored
	Opening Content
	Keys    []page.Key // to go on after this row
}

// ListedItem is a row of a list of items: the case, which of its items it is, and what the project is called.
type ListedItem struct {
	Stored
	Item  string
	Title string
	Keys  []page.Key // to go on after this row
}

// ListedCommitment is a row of a list of commitments: the case, which of its commitments it is, and what the project is called.
type ListedCommitment struct {
	Stored
	Number int
	Title  string
	Keys   []page.Key // to go on after this row
}

// List returns a page of cases.
func (s *Store) List(ctx context.Context, q Query) ([]Listed, error) {
	return rows(ctx, s, caseList, q, func() (*Listed, []any, *Stored, *[]page.Key) {
		l := &Listed{Opening: Content{ID: Opening}}
		return l, []any{&l.Opening.Title, &l.Opening.Body, &l.Opening.Name, &l.Opening.Phone}, &l.Stored, &l.Keys
	})
}

// ListItems returns a page of items.
func (s *Store) ListItems(ctx context.Context, q Query) ([]ListedItem, error) {
	return rows(ctx, s, itemList, q, func() (*ListedItem, []any, *Stored, *[]page.Key) {
		l := &ListedItem{}
		return l, []any{&l.Item, &l.Title}, &l.Stored, &l.Keys
	})
}

// ListCommitments returns a page of commitments.
func (s *Store) ListCommitments(ctx context.Context, q Query) ([]ListedCommitment, error) {
	return rows(ctx, s, commitmentList, q, func() (*ListedCommitment, []any, *Stored, *[]page.Key) {
		l := &ListedCommitment{}
		return l, []any{&l.Number, &l.Title}, &l.Stored, &l.Keys
	})
}

// Count counts a list of cases, as far as CountLimit.
func (s *Store) Count(ctx context.Context, q Query) (n int, capped bool, err error) {
	return s.count(ctx, caseList, q)
}

// CountItems counts a list of items, as far as CountLimit.
func (s *Store) CountItems(ctx context.Context, q Query) (n int, capped bool, err error) {
	return s.count(ctx, itemList, q)
}

// CountCommitments counts a list of commitments, as far as CountLimit.
func (s *Store) CountCommitments(ctx context.Context, q Query) (n int, capped bool, err error) {
	return s.count(ctx, commitmentList, q)
}

// listing is a kind of list: where its rows lie, and how somebody comes to see them.
type listing struct {
	table  string
	alias  string
	place  []string // the columns that name a row within the city
	ofCase string   // the column that names a row's case; empty for a case itself
	shown  string   // what is selected of a row beside its case
	fields *filter.Schema
	ways   func(q *Query, w *filter.Builder, way func(way))
}

// way is one way to see rows.
type way struct {
	from, condition string // the tables it goes along, the rows' own being among them, and what holds on it
	order           string // where that is not the query's
	// few says that no index has its rows in order. They are all taken first, since they are few: the database might rather walk through
	// everybody's in the order asked for, looking for them.
	few bool
}

// cityParameter is where every list binds its city, so that a condition on another table need not be asked anew for every row.
const cityParameter = "$1"

// rows returns a page. fresh makes an empty row and says where its parts are.
func rows[R any](ctx context.Context, s *Store, l *listing, q Query, fresh func() (row *R, shown []any, stored *Stored, keys *[]page.Key)) ([]R, error) {
	text, w, err := l.text(&q)
	if err != nil {
		return nil, err
	}
	scan := func(from sqldb.Row) (R, error) {
		r, shown, stored, after := fresh()
		var raw rawCase
		keys := q.Order.Keys()
		if err := from.Scan(append(append(raw.into(), shown...), keys.Into()...)...); err != nil {
			return *r, err
		}
		*after = keys.Values()
		var err error
		*stored, err = s.openRecent(&raw, q.City)
		return *r, err
	}
	return sqldb.Collect(scan)(s.db.Query(ctx, text, w.Args...))
}

func (s *Store) count(ctx context.Context, l *listing, q Query) (n int, capped bool, err error) {
	q.After = nil
	w, err := l.where(&q)
	if err != nil {
		return 0, false, err
	}
	limit := " LIMIT " + w.Bind(CountLimit+1)
	found := "SELECT DISTINCT " + strings.Join(l.place, ", ") + " FROM (" + l.found(&q, w, "", limit) + ") scoped" + limit
	if err := s.db.QueryRow(ctx, "SELECT count(*) FROM ("+found+") counted", w.Args...).Scan(&n); err != nil {
		return 0, false, err
	}
	return min(n, CountLimit), n > CountLimit, nil
}

func (l *listing) text(q *Query) (string, *filter.Builder, error) {
	w, err := l.where(q)
	if err != nil {
		return "", nil, err
	}
	order, limit := " ORDER BY "+q.Order.SQL(), " LIMIT "+w.Bind(q.Limit)
	place := []string{l.alias + ".city = " + cityParameter}
	for _, column := range l.place {
		place = append(place, l.alias+"."+column+" = found."+column)
	}
	from := l.table + " " + l.alias
	if l.ofCase != "" {
		from += " CROSS JOIN cases t"
		place = append(place, "t.city = "+cityParameter+" AND t.month = found.month AND t.id = "+l.ofCase)
	}
	// CROSS JOIN is how SQLite is told to begin with what the scope found.
	return "SELECT " + columns + ", " + l.shown + ", " + strings.Join(q.Order.Columns(), ", ") + " FROM (SELECT DISTINCT " + strings.Join(l.place, ", ") +
		" FROM (" + l.found(q, w, order, limit) + ") scoped) found CROSS JOIN " + from + `
		LEFT JOIN contents c ON c.city = t.city AND c.month = t.month AND c.case_id = t.id AND c.id = 'opening'
		WHERE ` + strings.Join(place, " AND ") + order + limit, w, nil
}

// where joins city, filter and place. The city is the first parameter.
func (l *listing) where(q *Query) (*filter.Builder, error) {
	w := &filter.Builder{}
	w.Add(l.alias + ".city = " + w.Bind(q.City))
	asked, err := l.fields.Where(q.Filter, len(w.Args)+1)
	if err != nil {
		return nil, err
	}
	w.Clause(asked)
	w.Clause(q.Order.After(q.After, len(w.Args)+1))
	return w, nil
}

// found finds the places of a scope's first rows: for each way to a row its own first rows, by the index that serves it, all of
// which together hold the first rows of the whole. One condition with OR would have the database walk through everybody's.
func (l *listing) found(q *Query, w *filter.Builder, order, limit string) string {
	conditions := w.SQL()
	var ways []string
	names := strings.Join(l.place, ", ")
	add := func(x way) {
		first := order
		if first != "" && x.order != "" {
			first = x.order
		}
		from := x.from + " WHERE " + conditions + x.condition
		with := ""
		if x.few {
			with, from = "WITH few AS MATERIALIZED (SELECT "+l.alias+".* FROM "+from+") ", "few "+l.alias
		}
		ways = append(ways, fmt.Sprintf("SELECT %s FROM (%sSELECT %s.%s FROM %s%s%s) way%d",
			names, with, l.alias, strings.Join(l.place, ", "+l.alias+"."), from, first, limit, len(ways)))
	}
	if q.Scope.All {
		add(way{from: l.table + " " + l.alias})
	} else {
		l.ways(q, w, add)
	}
	if len(ways) == 0 {
		add(way{from: l.table + " " + l.alias, condition: " AND 1 = 0"})
	}
	return strings.Join(ways, " UNION ALL ")
}
