package store

import (
	"context"
	"strings"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/fact"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/filter"
	"github.com/throughtrain/throughtrain/services/kit/page"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// ReturnQuery is one page of a list of requests to hand back.
type ReturnQuery struct {
	City   string
	Scope  Scope
	Filter string // AIP-160, over ReturnFields
	Order  filter.Ordering
	After  []page.Key // of the last row shown; nil for the first page
	Limit  int
}

// ListedReturn is a row of a list of requests to hand back.
type ListedReturn struct {
	fact.Return
	Ticket       string // id
	TicketNumber string
	Keys         []page.Key // to go on after this row
}

// ReturnOrders is what lists of requests to hand back can be ordered by.
var ReturnOrders = filter.NewOrders("create_time desc", filter.OrderField{Name: "id", Column: "(r.ticket || '/' || r.number)", Type: filter.String},
	filter.OrderField{Name: "create_time", Column: "r.create_time", Type: filter.Time},
)

// ReturnFields is what lists of requests to hand back can be filtered by.
var ReturnFields = func() *filter.Schema {
	code := func(name, column string) filter.Field {
		return filter.Field{Name: name, Column: column, Type: filter.String, Ops: filter.Presence, Arg: filter.LastPart}
	}
	decision := filter.Field{Name: "decision", Column: "r.decision", Type: filter.Enum, Values: filter.Words(ticket.Granted, ticket.Refused, ticket.Overtaken)}
	decision.Values["pending"] = ""
	return filter.New(code("unit", "r.unit"), code("official", "r.official"), code("reason", "r.reason"), code("target", "r.target"), decision,
		filter.Field{Name: "order", Column: "r.order_number", Type: filter.Int}, code("ticket", "r.ticket"), code("category", "t.category"),
		code("county", "t.county"), filter.Field{Name: "restricted", Type: filter.Bool, Build: filter.Bit("t.restricted")},
		filter.Field{Name: "create_time", Column: "r.create_time", Type: filter.Time},
		filter.Field{Name: "decide_time", Column: "r.decide_time", Type: filter.Time, Nullable: true, Ops: filter.Presence})
}()

// ListReturns returns a page of requests to hand back.
func (s *Store) ListReturns(ctx context.Context, q ReturnQuery) ([]ListedReturn, error) {
	from, w, err := q.from()
	if err != nil {
		return nil, err
	}
	text := "SELECT r.number, r.order_number, r.unit, r.official, r.reason, r.target, r.create_time, r.decision, r.decide_time, r.ticket, t.number, " +
		strings.Join(q.Order.Columns(), ", ") + from + " ORDER BY " + q.Order.SQL() + " LIMIT " + w.Bind(q.Limit)
	return sqldb.Collect(q.scan)(s.db.Query(ctx, text, w.Args...))
}

// CountReturns counts a list of requests to hand back, as far as CountLimit.
func (s *Store) CountReturns(ctx context.Context, q ReturnQuery) (n int, capped bool, err error) {
	q.After = nil
	from, w, err := q.from()
	if err != nil {
		return 0, false, err
	}
	text := "SELECT count(*) FROM (SELECT 1" + from + " LIMIT " + w.Bind(CountLimit+1) + ") counted"
	if err := s.db.QueryRow(ctx, text, w.Args...).Scan(&n); err != nil {
		return 0, false, err
	}
	return min(n, CountLimit), n > CountLimit, nil
}

func (q *ReturnQuery) scan(row sqldb.Row) (ListedReturn, error) {
	var l ListedReturn
	var created int64
	var decided *int64
	keys := q.Order.Keys()
	into := []any{&l.Number, &l.Order, &l.Unit, &l.Official, &l.Reason, &l.Target, &created, &l.Decision, &decided, &l.Ticket, &l.TicketNumber}
	if err := row.Scan(append(into, keys.Into()...)...); err != nil {
		return ListedReturn{}, err
	}
	l.Keys, l.CreateTime = keys.Values(), time.UnixMicro(created).UTC()
	if decided != nil {
		l.DecideTime = time.UnixMicro(*decided).UTC()
	}
	return l, nil
}

// from joins city, scope, filter and place. A unit's requests stay its own wherever the ticket goes, but nobody is told that there is something
// restricted they cannot open.
func (q *ReturnQuery) from() (string, *filter.Builder, error) {
	w := &filter.Builder{}
	w.Add("r.city = " + w.Bind(q.City))
	asked, err := ReturnFields.Where(q.Filter, len(w.Args)+1)
	if err != nil {
		return "", nil, err
	}
	w.Clause(asked)
	w.Clause(q.Order.After(q.After, len(w.Args)+1))
	from := " FROM ticket_returns r CROSS JOIN tickets t WHERE t.city = r.city AND t.month = r.month AND t.id = r.ticket AND " + w.SQL()
	if q.Scope.All {
		return from + q.Scope.notKeptOut(w, ""), w, nil
	}
	var own []string
	if q.Scope.Person != "" {
		own = append(own, "r.official = "+w.Bind(q.Scope.Person))
	}
	if len(q.Scope.Units) > 0 {
		own = append(own, "r.unit IN ("+w.List(q.Scope.Units)+")")
	}
	if len(own) == 0 {
		own = []string{"1 = 0"}
	}
	return from + " AND t.restricted = 0 AND (" + strings.Join(own, " OR ") + ")", w, nil
}
