package store

import (
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/filter"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

func opened(t *testing.T) *sqldb.DB {
	t.Helper()
	ctx := context.Background() // closing outlives the test's own context
	db, err := sqldb.Open(ctx, sqldb.Config{DSN: "sqlite:" + filepath.Join(t.TempDir(), "plan.db")})
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(ctx, db, change.Options{})
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

const at = `"2026-03-02T18:00:00+08:00"`

func inMonth(field string) string { return field + " >= " + at + " AND " + field + " < " + at }

// What every verb that may rest on a commitment asks first.
func TestBarredUsesTheEnterprise(t *testing.T) {
	const want = "commitments_enterprise (city=? AND enterprise=?)"
	if plan := explained(t, opened(t), selectBarred, []any{"410900", "e", 1}); !strings.Contains(plan, want) {
		t.Errorf("no %s in\n%s", want, plan)
	}
}

// planned is a list that somebody opens, and what its plan must say.
type planned struct {
	name          string
	scope         Scope
	filter, order string
	want          []string
}

// No list that somebody opens every day may walk through all cases of a city, closed ones of years included.
func TestListsOfCasesUseTheirIndex(t *testing.T) {
	all := Scope{All: true}
	plans(t, caseList, Orders, []planned{
		{"everything, newest first", all, "", "", []string{"cases_created (city=?)"}},
		{"everything, as it changed", all, "", "update_time desc", []string{"cases_updated (city=?)"}},
		{"all that is open", all, "open", "", []string{"cases_open (city=?)"}},
		{"what is due first", all, "open", "due_time", []string{"cases_open_due (city=?)"}},
		{"what is overdue", all, "due_time < " + at, "due_time", []string{"cases_due (city=? AND due_time<?)"}},
		{"to be admitted", all, `state = "APPLIED"`, "", []string{"cases_state (city=? AND state=?)"}},
		{"in a stage", all, `stage = "land" AND open`, "", []string{"cases_stage (city=? AND stage=?)"}},
		{"a county's", all, `county = "410902"`, "", []string{"cases_county (city=? AND county=?)"}},
		{"an enterprise's", all, `enterprise = "e"`, "", []string{"cases_enterprise (city=? AND enterprise=?)"}},
		{"a project's", all, `project = "p"`, "", []string{"cases_project (city=? AND project=?)"}},
		{"ended in a month", all, inMonth("end_time"), "", []string{"cases_ended (city=? AND end_time>? AND end_time<?)"}},
		{"admitted in a month", all, inMonth("admit_time"), "", []string{"cases_admitted (city=? AND admit_time>? AND admit_time<?)"}},
		{"breached in a month", all, `breached.kind = "ACCEPT" AND ` + inMonth("breached.time"), "", []string{"case_breaches_time (city=? AND kind=? AND breach_time>? AND breach_time<?)"}},
		{"an agent's, for others", all, `agent = "a"`, "", []string{"case_parties_due (city=? AND party=?)"}},
		{"my own", Scope{Person: "p"}, "", "", []string{"cases_opener (city=? AND opener=?)", "case_parties_created (city=? AND party=?)"}},
		{"my own, by what is due", Scope{Person: "p"}, "", "due_time", []string{"case_parties_due (city=? AND party=?)"}},
		{"my enterprise's", Scope{Enterprises: []string{"e"}}, "", "", []string{"cases_enterprise (city=? AND enterprise=?)"}},
		{"my units'", Scope{Units: []string{"a", "b"}}, "open", "", []string{"case_parties_created (city=? AND party=?)"}},
		{"my units', as they changed", Scope{Units: []string{"a", "b"}}, "", "update_time desc", []string{"case_parties_updated (city=? AND party=?)"}},
	})
}

// Nor may a list of items.
func TestListsOfItemsUseTheirIndex(t *testing.T) {
	all, unit := Scope{All: true}, Scope{Units: []string{"a", "b"}}
	plans(t, itemList, ItemOrders, []planned{
		{"everything", all, "", "", []string{"case_items_promised (city=?)"}},
		{"all that is open", all, "open", "", []string{"case_items_open (city=?)"}},
		{"all in a state", all, `state = "RECEIVED"`, "", []string{"case_items_state (city=? AND state=?)"}},
		{"what is overdue", all, "due_time < " + at, "", []string{"case_items_due (city=? AND due_time<?)"}},
		{"what is overdue, longest first", all, "due_time < " + at, "due_time", []string{"case_items_due (city=? AND due_time<?)"}},
		{"what a unit has overdue, longest first", all, `unit = "a" AND due_time < ` + at, "due_time", []string{"case_items_unit_due (city=? AND unit=? AND due_time<?)"}},
		{"what is stuck", all, "stuck_time < " + at, "", []string{"case_items_stuck (city=? AND stuck_time<?)"}},
		{"of a county's open cases", all, `county = "410902" AND case_open`, "", []string{"case_items_promised (city=?)", "sqlite_autoindex_cases_1 (city=? AND month=? AND id=?)"}},
		{"late", all, "late", "", []string{"case_items_late (city=?)"}},
		{"critical", all, "critical AND open", "", []string{"case_items_critical (city=?)"}},
		{"tolerated", all, "tolerant", "", []string{"case_items_tolerant (city=?)"}},
		{"of a kind of approval", all, `item = "site-permit"`, "", []string{"case_items_code (city=? AND item=?)"}},
		{"handed in in a month", all, inMonth("submit_time"), "submit_time", []string{"case_items_submitted (city=? AND submit_time>? AND submit_time<?)"}},
		{"accepted in a month", all, inMonth("accept_time"), "", []string{"case_items_accepted (city=? AND accept_time>? AND accept_time<?)"}},
		{"decided in a month", all, inMonth("decide_time"), "", []string{"case_items_decided (city=? AND decide_time>? AND decide_time<?)"}},
		{"moved last", all, "", "state_time desc", []string{"case_items_moved (city=?)"}},
		{"a unit's, for others", all, `unit = "a" AND open`, "", []string{"case_items_unit_open (city=? AND unit=?)"}},
		{"what a unit has overdue", all, `unit = "a" AND due_time < ` + at, "", []string{"case_items_unit_due (city=? AND unit=? AND due_time<?)"}},
		{"breached by a unit in a month", all, `breached.unit = "a" AND breached.kind = "PROMISED" AND ` + inMonth("breached.time"), "", []string{"case_breaches_"}},
		{"my units'", unit, "", "", []string{"case_items_unit (city=? AND unit=?)", "case_items_opener_unit (city=? AND opener_unit=?)"}},
		{"my units' desk", unit, "open", "", []string{"case_items_unit_open (city=? AND unit=?)"}},
		{"my units' in a state", unit, `state = "CORRECTED"`, "", []string{"case_items_unit_state (city=? AND unit=? AND state=?)"}},
		{"my units', as they came", unit, "", "submit_time desc", []string{"case_items_unit_submitted (city=? AND unit=?)"}},
		{"my units', as they moved", unit, "", "state_time desc", []string{"case_items_unit_moved (city=? AND unit=?)"}},
		{"my enterprise's", Scope{Enterprises: []string{"e"}}, "", "", []string{"case_items_enterprise (city=? AND enterprise=?)"}},
		{"those I am an agent for", Scope{Person: "p"}, "open", "", []string{"(city=? AND party=?)", "PRIMARY KEY (city=? AND month=? AND case_id=?)"}},
	})
}

// Nor may a list of commitments.
func TestListsOfCommitmentsUseTheirIndex(t *testing.T) {
	all := Scope{All: true}
	plans(t, commitmentList, CommitmentOrders, []planned{
		{"the calendar", all, "due_time:*", "", []string{"commitments_due (city=? AND due_time<?)"}},
		{"what runs", all, `state = "RUNNING"`, "", []string{"commitments_state (city=? AND state=?)"}},
		{"who is barred", all, "bars", "end_time desc", []string{"commitments_bars (city=?)"}},
		{"as they were signed", all, "", "sign_time desc", []string{"commitments_signed (city=?)"}},
		{"as they ended", all, "end_time:*", "end_time desc", []string{"commitments_ended (city=?"}},
		{"my enterprise's", Scope{Enterprises: []string{"e"}}, "", "", []string{"commitments_enterprise (city=? AND enterprise=?)"}},
		{"my units'", Scope{Units: []string{"a"}}, "", "", []string{"commitments_unit (city=? AND unit=?)", "commitments_opener_unit (city=? AND opener_unit=?)"}},
		{"those I am an agent for", Scope{Person: "p"}, "", "", []string{"(city=? AND party=?)", "PRIMARY KEY (city=? AND month=? AND case_id=?)"}},
	})
}

// ofTheList is where a plan goes through the few rows that it has found.
var ofTheList = regexp.MustCompile(`SCAN (found|scoped|way[0-9]+)`)

func plans(t *testing.T, l *listing, orders *filter.Orders, lists []planned) {
	t.Helper()
	db := opened(t)
	for _, tt := range lists {
		order, err := orders.Parse(tt.order)
		if err != nil {
			t.Fatal(err)
		}
		text, w, err := l.text(&Query{City: "410900", Scope: tt.scope, Filter: tt.filter, Order: order, Limit: 51})
		if err != nil {
			t.Fatal(err)
		}
		plan := explained(t, db, text, w.Args)
		for _, want := range tt.want {
			if !strings.Contains(plan, want) {
				t.Errorf("%s: no %s in\n%s", tt.name, want, plan)
			}
		}
		if strings.Contains(plan, "BLOOM") {
			t.Errorf("%s looks at every row of a table first:\n%s", tt.name, plan)
		}
		if scans := strings.Count(ofTheList.ReplaceAllString(plan, ""), "SCAN"); scans != strings.Count(plan, "MATERIALIZE few") {
			t.Errorf("%s walks through everything:\n%s", tt.name, plan)
		}
	}
}

func explained(t *testing.T, db *sqldb.DB, text string, args []any) string {
	t.Helper()
	scan := func(row sqldb.Row) (detail string, err error) {
		var id, parent, unused int
		err = row.Scan(&id, &parent, &unused, &detail)
		return detail, err
	}
	plan, err := sqldb.Collect(scan)(db.Query(t.Context(), "EXPLAIN QUERY PLAN "+text, args...))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(plan, "\n")
}
