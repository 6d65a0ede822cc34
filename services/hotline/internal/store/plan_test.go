package store

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/filter"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

func opened(t *testing.T) *sqldb.DB {
	t.Helper()
	ctx := context.Background()
	db, err := sqldb.Open(ctx, sqldb.Config{DSN: "sqlite:" + filepath.Join(t.TempDir(), "plan.db")})
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(ctx, db, change.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// No list that somebody opens every day may walk through all tickets of a city, closed ones of years included.
func TestEverydayListsUseTheirIndex(t *testing.T) {
	db := opened(t)
	keptOut := Scope{All: true, Person: "p", KeptOut: []string{"p:p", "u:a"}}
	at := `"2026-03-02T18:00:00+08:00"`
	for _, tt := range []struct {
		name          string
		scope         Scope
		filter, order string
		want          []string // in the plan
	}{
		{"my own", Scope{Person: "p"}, "", "", []string{"tickets_filer (city=? AND filer=?)", "tickets_official (city=? AND official=?)"}},
		{"my enterprise's", Scope{Enterprises: []string{"e"}}, "", "", []string{"tickets_enterprise (city=? AND enterprise=?)"}},
		{"my units'", Scope{Units: []string{"a", "b"}}, "", "", []string{"tickets_unit (city=? AND unit=?)"}},
		{"my desk", Scope{Person: "p"}, `official = "p" AND desk`, "due_time", []string{"tickets_official_desk (city=? AND official=?)"}},
		{"the hotline's queue", Scope{All: true}, `state = "FILED" AND open`, "create_time", []string{"tickets_open (city=?)"}},
		{"all that is open", Scope{All: true}, `open`, "due_time", []string{"tickets_open (city=?)"}},
		{"a unit's open tickets", Scope{All: true}, `unit = "housing" AND open`, "due_time", []string{"tickets_unit_open (city=? AND unit=?)"}},
		{"everything, newest first", Scope{All: true}, "", "", []string{"tickets_created (city=?)"}},
		{"overdue answers", Scope{All: true}, `answer.due <= ` + at + ` AND answer.unit = "housing"`, "",
			[]string{"ticket_clocks_owed (city=? AND kind=? AND open_due<?)", "t USING INDEX sqlite_autoindex_tickets_1 (city=? AND month=? AND id=?)"}},
		{"breached in a month", Scope{All: true}, `answer.breach_time >= ` + at + ` AND answer.breach_time < ` + at, "",
			[]string{"ticket_clocks_breached (city=? AND kind=? AND breach_time>?)", "PRIMARY KEY (city=? AND month=? AND ticket=? AND kind=?)"}},
		{"met in a month", Scope{All: true}, `sign.met_time >= ` + at + ` AND sign.met_time < ` + at, "",
			[]string{"ticket_clocks_met (city=? AND kind=? AND met_time>?)"}},
		{"closed in a month", Scope{All: true}, `close_time >= ` + at + ` AND close_time < ` + at, "",
			[]string{"tickets_closed (city=? AND close_time>? AND close_time<?)"}},
		{"everything but what is about me", keptOut, "", "", []string{"t USING INDEX tickets_created (city=?)", "k USING COVERING INDEX ticket_conflicts_subject (city=? AND subject=? AND month=? AND ticket=?)"}},
		{"all that is open but what is about me", keptOut, "open", "due_time", []string{"tickets_open (city=?)"}},
		{"my own confidential ones", Scope{Person: "p"}, "", "", []string{"own USING COVERING INDEX confidential_filings_person (city=? AND person=?)"}},
		{"those I speak about", Scope{Person: "p"}, "", "", []string{"tickets_dialogue_official (city=? AND dialogue_official=?)"}},
		{"those my unit has a part in", Scope{Units: []string{"a", "b"}, KeptOut: []string{"p:p", "u:a"}}, "", "",
			[]string{"work_orders_unit_shown (city=? AND unit=?)"}},
		{"under supervision", Scope{All: true}, "supervised AND open", "due_time", []string{"tickets_supervised (city=?)"}},
		{"at risk", Scope{All: true}, "investment_at_risk > 0 AND open", "due_time", []string{"tickets_at_risk (city=?)"}},
		{"to be called back", Scope{All: true}, `callback = "due"`, "", []string{"tickets_callback (city=? AND callback=?)"}},
		{"dialogues asked for", Scope{All: true}, `dialogue = "REQUESTED" AND dialogue_time >= ` + at, "", []string{"tickets_dialogue (city=? AND dialogue=? AND dialogue_time>?)"}},
		{"returned in a month", Scope{All: true}, `returned.unit = "a" AND returned.reason = "other" AND returned.time >= ` + at + ` AND returned.time < ` + at, "",
			[]string{"ticket_returns_created (city=? AND create_time>? AND create_time<?)"}},
		{"returns to be decided", Scope{All: true}, `returned.decision = "pending"`, "", []string{"ticket_returns_pending (city=?)"}},
		{"behind a common issue", Scope{All: true}, `issue = "x"`, "", []string{"tickets_issue (city=? AND issue=?)"}},
		{"behind a common issue, in my units", Scope{Units: []string{"a"}}, `issue = "x"`, "", []string{"tickets_issue (city=? AND issue=?)"}},
	} {
		plan := planOf(t, db, Query{City: "410900", Scope: tt.scope, Filter: tt.filter, Limit: 51}, tt.order)
		for _, want := range tt.want {
			if !strings.Contains(plan, want) {
				t.Errorf("%s: no %s in\n%s", tt.name, want, plan)
			}
		}
		if !tt.scope.All && strings.Contains(plan, "tickets_created") {
			t.Errorf("%s walks through everybody's:\n%s", tt.name, plan)
		}
	}
}

// Nor may a list of work orders.
func TestListsOfWorkOrdersUseTheirIndex(t *testing.T) {
	db := opened(t)
	at := `"2026-03-02T18:00:00+08:00"`
	for _, tt := range []struct {
		name          string
		scope         Scope
		filter, order string
		want          string
	}{
		{"my unit's", Scope{Units: []string{"a"}}, "open", "due_time", "o USING INDEX work_orders_unit_due (city=? AND unit=?)"},
		{"my unit's, newest first", Scope{Units: []string{"a", "b"}}, "", "create_time desc", "o USING INDEX work_orders_unit (city=? AND unit=?)"},
		{"those of what I hold", Scope{Person: "p"}, "open", "due_time", "tickets_official (city=? AND official=?)"},
		{"the city's", Scope{All: true}, "open", "due_time", "o USING INDEX work_orders_due (city=?)"},
		{"the city's overdue", Scope{All: true, Person: "p", KeptOut: []string{"p:p"}}, `open AND due_time <= ` + at, "due_time", "o USING INDEX work_orders_due (city=? AND due_time<?)"},
		{"breached in a month", Scope{All: true}, `handle.breach_time >= ` + at + ` AND handle.breach_time < ` + at, "create_time",
			"o USING INDEX work_orders_handle_breached (city=? AND handle_breach_time>? AND handle_breach_time<?)"},
	} {
		order, err := OrderOrders.Parse(tt.order)
		if err != nil {
			t.Fatal(err)
		}
		q := OrderQuery{City: "410900", Scope: tt.scope, Filter: tt.filter, Order: order, Limit: 51}
		text, w, err := q.text()
		if err != nil {
			t.Fatal(err)
		}
		if plan := explained(t, db, text, w); !strings.Contains(plan, tt.want) {
			t.Errorf("%s: no %s in\n%s", tt.name, tt.want, plan)
		}
	}
}

// A search begins with what the index finds, and comes to each ticket by its place.
func TestASearchUsesItsIndex(t *testing.T) {
	db := opened(t)
	words := Wanted("供气压力")
	for name, scope := range map[string]Scope{"the city": {All: true, Person: "p", KeptOut: []string{"p:p"}}, "my own": {Person: "p", Enterprises: []string{"e"}}, "my units'": {Units: []string{"a"}}} {
		plan := planOf(t, db, Query{City: "410900", Scope: scope, Words: words, Limit: 51}, "")
		for _, want := range []string{"SCAN w VIRTUAL TABLE INDEX", "s USING INTEGER PRIMARY KEY (rowid=?)", "e USING INDEX tickets_enterprise (city=? AND enterprise=?)"} {
			if !strings.Contains(plan, want) {
				t.Errorf("%s: no %s in\n%s", name, want, plan)
			}
		}
		if strings.Contains(plan, "tickets_created") || strings.Contains(plan, "SCAN t") || strings.Contains(plan, "SCAN s\n") {
			t.Errorf("%s: walks through everything:\n%s", name, plan)
		}
	}
}

func planOf(t *testing.T, db *sqldb.DB, q Query, orderBy string) string {
	t.Helper()
	var err error
	if q.Order, err = Orders.Parse(orderBy); err != nil {
		t.Fatal(err)
	}
	text, w, err := q.text()
	if err != nil {
		t.Fatal(err)
	}
	return explained(t, db, text, w)
}

func explained(t *testing.T, db *sqldb.DB, text string, w *filter.Builder) string {
	t.Helper()
	scan := func(row sqldb.Row) (detail string, err error) {
		var id, parent, unused int
		err = row.Scan(&id, &parent, &unused, &detail)
		return detail, err
	}
	plan, err := sqldb.Collect(scan)(db.Query(t.Context(), "EXPLAIN QUERY PLAN "+text, w.Args...))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(plan, "\n")
}
