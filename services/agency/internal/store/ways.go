package store

import (
	"github.com/throughtrain/throughtrain/services/kit/filter"
)

// Orders is what lists of cases can be ordered by.
var Orders = caseOrders("t", "id")

// partyOrders is Orders over the rows of case_parties, which repeat what cases are ordered by.
var partyOrders = caseOrders("p", "case_id")

func caseOrders(alias, id string) *filter.Orders {
	return filter.NewOrders("create_time desc", filter.OrderField{Name: "id", Column: alias + "." + id, Type: filter.String},
		filter.OrderField{Name: "create_time", Column: alias + ".create_time", Type: filter.Time},
		filter.OrderField{Name: "due_time", Column: alias + ".due_time", Type: filter.Time},
		filter.OrderField{Name: "update_time", Column: alias + ".update_time", Type: filter.Time},
	)
}

// ItemOrders is what lists of items can be ordered by.
var ItemOrders = filter.NewOrders("promised_due_time", filter.OrderField{Name: "id", Column: "i.id", Type: filter.String},
	filter.OrderField{Name: "promised_due_time", Column: "i.promised_due_time", Type: filter.Time},
	filter.OrderField{Name: "due_time", Column: "i.due_time", Type: filter.Time},
	filter.OrderField{Name: "submit_time", Column: "i.submit_time", Type: filter.Time},
	filter.OrderField{Name: "state_time", Column: "i.state_time", Type: filter.Time},
)

// CommitmentOrders is what lists of commitments can be ordered by.
var CommitmentOrders = filter.NewOrders("due_time", filter.OrderField{Name: "id", Column: "k.id", Type: filter.String},
	filter.OrderField{Name: "due_time", Column: "k.due_time", Type: filter.Time},
	filter.OrderField{Name: "sign_time", Column: "k.sign_time", Type: filter.Time},
	filter.OrderField{Name: "end_time", Column: "k.end_time", Type: filter.Time},
)

var (
	caseList = &listing{
		table: "cases", alias: "t", place: []string{"month", "id"}, fields: Fields, ways: waysToCases,
		shown: "COALESCE(c.title, ''), COALESCE(c.body, ''), COALESCE(c.name, ''), COALESCE(c.phone, '')",
	}
	itemList = &listing{
		table: "case_items", alias: "i", place: []string{"month", "case_id", "item"}, fields: ItemFields, ways: waysToItems,
		ofCase: "i.case_id", shown: "i.item, COALESCE(c.title, '')",
	}
	commitmentList = &listing{
		table: "commitments", alias: "k", place: []string{"month", "case_id", "number"}, fields: CommitmentFields, ways: waysToCommitments,
		ofCase: "k.case_id", shown: "k.number, COALESCE(c.title, '')",
	}
)

func waysToCases(q *Query, w *filter.Builder, add func(way)) {
	column := func(column, value, unless string) {
		add(way{from: "cases t", condition: " AND " + column + " = " + w.Bind(value) + unless})
	}
	order := q.Order.Over(partyOrders)
	party := func(party string) {
		condition := " AND p.city = " + cityParameter + " AND p.party = " + w.Bind(party) + " AND t.month = p.month AND t.id = p.case_id"
		after := order.After(q.After, len(w.Args)+1)
		w.Args = append(w.Args, after.Args...)
		add(way{from: "case_parties p CROSS JOIN cases t", condition: condition + " AND " + after.SQL, order: " ORDER BY " + order.SQL()})
	}
	if q.Scope.Person != "" {
		column("t.opener", q.Scope.Person, " AND t.opener_unit = ''")
		party(agentParty + q.Scope.Person)
	}
	for _, e := range q.Scope.Enterprises {
		column("t.enterprise", e, "")
	}
	for _, u := range q.Scope.Units {
		party(unitParty + u)
	}
}

func waysToItems(q *Query, w *filter.Builder, add func(way)) {
	column := func(column, value, unless string) {
		add(way{from: "case_items i", condition: " AND " + column + " = " + w.Bind(value) + unless})
	}
	if q.Scope.Person != "" {
		add(way{few: true, from: "cases t CROSS JOIN case_items i", condition: " AND t.city = " + cityParameter + " AND t.opener = " + w.Bind(q.Scope.Person) +
			" AND t.opener_unit = '' AND i.month = t.month AND i.case_id = t.id"})
		add(way{few: true, from: "case_parties p CROSS JOIN case_items i", condition: " AND p.city = " + cityParameter + " AND p.party = " + w.Bind(agentParty+q.Scope.Person) +
			" AND i.month = p.month AND i.case_id = p.case_id"})
	}
	for _, e := range q.Scope.Enterprises {
		column("i.enterprise", e, "")
	}
	for _, u := range q.Scope.Units {
		column("i.unit", u, " AND i.state <> 'DROPPED'")
		column("i.opener_unit", u, " AND i.opener_unit <> ''") // the condition of the partial index, without which it may not be used
	}
}

// notDropped leaves out what was promised for an item that the project does not need any more: its unit sees that item no longer.
const notDropped = " AND NOT EXISTS (SELECT 1 FROM case_items d WHERE d.city = " + cityParameter +
	" AND d.month = k.month AND d.case_id = k.case_id AND d.item = k.item AND d.state = 'DROPPED')"

func waysToCommitments(q *Query, w *filter.Builder, add func(way)) {
	column := func(column, value, unless string) {
		add(way{from: "commitments k", condition: " AND " + column + " = " + w.Bind(value) + unless})
	}
	if q.Scope.Person != "" {
		add(way{few: true, from: "cases t CROSS JOIN commitments k", condition: " AND t.city = " + cityParameter + " AND t.opener = " + w.Bind(q.Scope.Person) +
			" AND t.opener_unit = '' AND k.month = t.month AND k.case_id = t.id"})
		add(way{few: true, from: "case_parties p CROSS JOIN commitments k", condition: " AND p.city = " + cityParameter + " AND p.party = " + w.Bind(agentParty+q.Scope.Person) +
			" AND k.month = p.month AND k.case_id = p.case_id"})
	}
	for _, e := range q.Scope.Enterprises {
		column("k.enterprise", e, "")
	}
	for _, u := range q.Scope.Units {
		column("k.unit", u, notDropped)
		column("k.opener_unit", u, " AND k.opener_unit <> ''")
	}
}
