package store

import (
	"context"
	"strconv"
	"strings"

	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/filter"
	"github.com/throughtrain/throughtrain/services/kit/page"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// OrderQuery is one page of a list of work orders.
type OrderQuery struct {
	City   string
	Scope  Scope
	Filter string // AIP-160, over OrderFields
	Order  filter.Ordering
	After  []page.Key // of the last row shown; nil for the first page
	Limit  int
}

// ListedOrder is a row of a list of work orders: the ticket, which of its orders it is, and the ticket's title.
type ListedOrder struct {
	Stored
	Number int
	Title  string
	Keys   []page.Key // to go on after this row
}

// OrderOrders is what lists of work orders can be ordered by.
var OrderOrders = filter.NewOrders("due_time", filter.OrderField{Name: "id", Column: "o.id", Type: filter.String},
	filter.OrderField{Name: "due_time", Column: "o.due_time", Type: filter.Time},
	filter.OrderField{Name: "create_time", Column: "o.create_time", Type: filter.Time},
)

// OrderFields is what lists of work orders can be filtered by.
var OrderFields = filter.New(orderFields()...)

func orderFields() []filter.Field {
	code := func(name, column string) filter.Field {
		return filter.Field{Name: name, Column: column, Type: filter.String, Ops: filter.Presence, Arg: filter.LastPart}
	}
	flag := func(name string) filter.Field {
		return filter.Field{Name: name, Type: filter.Bool, Build: filter.Bit("o." + name)}
	}
	instant := func(name, column string) filter.Field {
		return filter.Field{Name: name, Column: "o." + column, Type: filter.Time, Nullable: true, Ops: filter.Presence}
	}
	var states []string
	for s := ticket.SentOrder; s <= ticket.EndedOrder; s++ {
		states = append(states, s.String())
	}
	due := filter.Field{Name: "due_time", Type: filter.Time, Ops: filter.Presence, Build: dueTimeOf("o")}
	return []filter.Field{
		{Name: "state", Column: "o.state", Type: filter.Enum, Values: filter.Words(states...)}, code("unit", "o.unit"), code("official", "o.official"),
		code("ticket", "o.ticket"), code("category", "t.category"), code("county", "t.county"), flag("lead"), flag("open"), flag("named"), flag("shown"),
		{Name: "restricted", Type: filter.Bool, Build: filter.Bit("t.restricted")}, {Name: "cycle", Column: "o.cycle", Type: filter.Int},
		{Name: "create_time", Column: "o.create_time", Type: filter.Time}, due, instant("sign_time", "sign_time"), instant("end_time", "end_time"),
		instant("sign.due", "sign_due"), instant("sign.breach_time", "sign_breach_time"), instant("sign.met_time", "sign_met_time"),
		instant("handle.due", "handle_due"), instant("handle.breach_time", "handle_breach_time"), instant("handle.met_time", "handle_met_time"),
	}
}

// ListOrders returns a page of work orders.
func (s *Store) ListOrders(ctx context.Context, q OrderQuery) ([]ListedOrder, error) {
	text, w, err := q.text()
	if err != nil {
		return nil, err
	}
	return sqldb.Collect(q.scan)(s.db.Query(ctx, text, w.Args...))
}

// CountOrders counts a list of work orders, as far as CountLimit.
func (s *Store) CountOrders(ctx context.Context, q OrderQuery) (n int, capped bool, err error) {
	q.After = nil
	w, err := q.where()
	if err != nil {
		return 0, false, err
	}
	limit := " LIMIT " + w.Bind(CountLimit+1)
	found := "SELECT DISTINCT id FROM (" + q.ids(w, limit) + ") scoped" + limit
	if err := s.db.QueryRow(ctx, "SELECT count(*) FROM ("+found+") counted", w.Args...).Scan(&n); err != nil {
		return 0, false, err
	}
	return min(n, CountLimit), n > CountLimit, nil
}

func (q *OrderQuery) text() (string, *filter.Builder, error) {
	w, err := q.where()
	if err != nil {
		return "", nil, err
	}
	order, limit := " ORDER BY "+q.Order.SQL(), " LIMIT "+w.Bind(q.Limit)
	return "SELECT " + columns + ", o.number, COALESCE(c.title, ''), " + strings.Join(q.Order.Columns(), ", ") +
		" FROM (SELECT DISTINCT month, ticket, number FROM (" + q.ids(w, order+limit) + ") scoped) found CROSS JOIN work_orders o CROSS JOIN tickets t" + identities + `
		LEFT JOIN contents c ON c.city = t.city AND c.month = t.month AND c.ticket = t.id AND c.id = 'filing'
		WHERE o.city = ` + cityParameter + ` AND o.month = found.month AND o.ticket = found.ticket AND o.number = found.number
		AND t.city = o.city AND t.month = o.month AND t.id = o.ticket` + order + limit, w, nil
}

func (q *OrderQuery) scan(row sqldb.Row) (ListedOrder, error) {
	var l ListedOrder
	var raw rawTicket
	keys := q.Order.Keys()
	if err := row.Scan(append(append(raw.into(), &l.Number, &l.Title), keys.Into()...)...); err != nil {
		return ListedOrder{}, err
	}
	l.Keys = keys.Values()
	var err error
	l.Stored, err = raw.open(q.City)
	return l, err
}

// where joins city, filter and place. The city is the first parameter.
func (q *OrderQuery) where() (*filter.Builder, error) {
	w := &filter.Builder{}
	w.Add("o.city = " + w.Bind(q.City))
	asked, err := OrderFields.Where(q.Filter, len(w.Args)+1)
	if err != nil {
		return nil, err
	}
	w.Clause(asked)
	w.Clause(q.Order.After(q.After, len(w.Args)+1))
	return w, nil
}

// ids finds the places of the first rows: all of the city, or for each way to an order its own first rows, as Scope.keys does for tickets. A unit
// lists its parts as long as it sees their tickets for their sake; who holds a ticket lists all of its parts.
func (q *OrderQuery) ids(w *filter.Builder, first string) string {
	const each = "o.month, o.ticket, o.number, o.id FROM work_orders o CROSS JOIN tickets t"
	const joined = " AND t.city = o.city AND t.month = o.month AND t.id = o.ticket"
	if q.Scope.All {
		return "SELECT " + each + " WHERE " + w.SQL() + joined + q.Scope.notKeptOut(w, q.Scope.own(w)) + first
	}
	const held = "o.month, o.ticket, o.number, o.id FROM tickets t CROSS JOIN work_orders o"
	if q.Scope.Person == "" && len(q.Scope.Units) == 0 {
		return "SELECT month, ticket, number, id FROM work_orders WHERE 1 = 0"
	}
	hidden := q.Scope.notKeptOut(w, "")
	var ways []string
	way := func(from, condition string) {
		ways = append(ways, "SELECT month, ticket, number, id FROM (SELECT "+from+" WHERE "+w.SQL()+joined+condition+hidden+first+") way"+strconv.Itoa(len(ways)))
	}
	if q.Scope.Person != "" {
		way(held, " AND t.city = "+cityParameter+" AND t.official = "+w.Bind(q.Scope.Person)+" AND t.official <> ''")
	}
	for _, u := range q.Scope.Units {
		way(each, " AND o.shown = 1 AND o.unit = "+w.Bind(u))
	}
	return strings.Join(ways, " UNION ALL ")
}
