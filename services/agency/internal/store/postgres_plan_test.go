package store

import (
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/filter"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// No list of cases, items or commitments, nor its count, reads more than a page of it is worth, on PostgreSQL either.
func TestPlansOfPostgres(t *testing.T) {
	ctx := t.Context()
	p := kittest.OpenPlans(t, "city_configs")
	s, err := New(ctx, p.DB, change.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	fillPlanned(p)
	all, unit, agent, owner := Scope{All: true}, Scope{Units: []string{"unit7", "unit8"}}, Scope{Person: "agent7"}, Scope{Enterprises: []string{"enterprise7"}}
	const at = `"2026-03-02T16:00:00Z"`
	in := func(field string) string { return field + " >= " + at + ` AND ` + field + ` < "` + kittest.Now + `"` }
	type list struct {
		scope         Scope
		filter, order string
	}
	explain := func(kind string, orders *filter.Orders, lists []list, show, count func(Query) error) {
		for _, l := range lists {
			order, err := orders.Parse(l.order)
			if err != nil {
				t.Fatal(err)
			}
			q := Query{City: "410900", Scope: l.scope, Filter: l.filter, Order: order, Limit: 51}
			name := kind + " where " + l.filter + " by " + l.order
			p.Explain(name, func() error { return show(q) })
			p.Explain(name+", counted", func() error { return count(q) })
		}
	}
	explain("cases", Orders, []list{
		{all, "", ""}, {all, "", "update_time desc"}, {all, "open", ""}, {all, "open", "due_time"}, {all, "due_time < " + at, "due_time"}, {all, `state = "APPLIED"`, ""}, {all, `stage = "land" AND open`, ""},
		{all, `county = "41097"`, ""}, {all, `enterprise = "enterprise7"`, ""}, {all, `project = "project7"`, ""}, {all, in("end_time"), ""}, {all, in("admit_time"), ""},
		{all, `breached.kind = "ACCEPT" AND ` + in("breached.time"), ""}, {all, `agent = "agent7"`, ""}, {agent, "", ""}, {agent, "", "due_time"}, {owner, "", ""}, {unit, "open", ""}, {unit, "", "update_time desc"},
	}, func(q Query) error { _, err := s.List(ctx, q); return err }, func(q Query) error { _, _, err := s.Count(ctx, q); return err })
	explain("items", ItemOrders, []list{
		{all, "", ""}, {all, "open", ""}, {all, `state = "RECEIVED"`, ""}, {all, "due_time < " + at, "due_time"}, {all, `unit = "unit7" AND due_time < ` + at, "due_time"}, {all, "stuck_time < " + at, ""},
		{all, "late", ""}, {all, "critical AND open", ""}, {all, "tolerant", ""}, {all, `item = "item3"`, ""}, {all, in("submit_time"), "submit_time"}, {all, in("accept_time"), ""}, {all, in("decide_time"), ""},
		{all, "", "state_time desc"}, {unit, "", ""}, {unit, "open", ""}, {unit, `state = "CORRECTED"`, ""}, {unit, "", "submit_time desc"}, {unit, "", "state_time desc"}, {owner, "", ""}, {agent, "open", ""},
	}, func(q Query) error { _, err := s.ListItems(ctx, q); return err }, func(q Query) error { _, _, err := s.CountItems(ctx, q); return err })
	explain("commitments", CommitmentOrders, []list{
		{all, "due_time:*", ""}, {all, `state = "RUNNING"`, ""}, {all, "bars", "end_time desc"}, {all, "", "sign_time desc"}, {all, "end_time:*", "end_time desc"}, {owner, "", ""}, {unit, "", ""}, {agent, "", ""},
	}, func(q Query) error { _, err := s.ListCommitments(ctx, q); return err }, func(q Query) error { _, _, err := s.CountCommitments(ctx, q); return err })
	p.Explain("who is barred", func() error { _, err := s.Barred(ctx, "410900", "enterprise7", time.Now()); return err })
	p.Explain("a walk", func() error { _, err := s.Walk(ctx, "410900", "", 500); return err })
	p.Explain("to be recomputed", func() error { _, err := s.Provisional(ctx, Key{City: "410900"}, 100); return err })
	p.Explain("the sweep", func() error {
		_, err := s.ClaimDue(ctx, time.UnixMicro(1_715_000_000_000_000), change.DueKey{}, 500, time.Minute)
		return err
	})
}

// fillPlanned writes 50,000 cases of four items each over two years, of which 5 in 100 are open.
func fillPlanned(p *kittest.Plans) {
	const (
		n     = 50_000
		open  = "i > n * 95 / 100"
		never = "4611686018427387904"
		later = "us + 864000000000"
	)
	when := func(condition, yes, no string) string {
		return "CASE WHEN " + condition + " THEN " + yes + " ELSE " + no + " END"
	}
	row := func(values map[string]string) map[string]string {
		values["city"], values["month"] = "'410900'", "month"
		return values
	}
	p.Fill("cases", n, "", row(map[string]string{"id": "id", "number": "i", "state": when(open, "(ARRAY['APPLIED', 'ADMITTED'])[1 + i % 2]", "'COMPLETED'"), "version": "1",
		"snapshot": `convert_to('{"filled":"' || repeat('abcdefg' || i, 90) || '"}', 'UTF8')`, "open": when(open, "1", "0"), "enterprise": "'enterprise' || i / 3", "project": "'project' || i",
		"county": "'4109' || i % 9", "opener": "'person' || i % 5000", "stage": when(open, "(ARRAY['land', 'build'])[1 + i % 2]", "''"), "create_time": "us", "update_time": later,
		"due_time": when(open, later, never), "admit_time": "us + 86400000000", "end_time": when(open, "NULL", later), "provisional": when(open+" AND i % 10 = 0", "1", "0")}))
	for _, party := range []string{"'u:unit' || i % 60", "'u:unit' || (i + 7) % 60", "'p:agent' || i % 300"} {
		p.Fill("case_parties", n, "", row(map[string]string{"case_id": "id", "party": party, "create_time": "us", "update_time": later, "due_time": when(open, later, never)}))
	}
	for _, item := range []string{"1", "2", "3", "4"} {
		p.Fill("case_items", n, "", row(map[string]string{"case_id": "id", "item": "'item" + item + "'", "id": "id || '/item" + item + "'", "enterprise": "'enterprise' || i / 3", "unit": "'unit' || (i + " + item + ") % 60",
			"state": when(open, "(ARRAY['RECEIVED', 'CORRECTED', 'PLANNED'])[1 + i % 3]", "'APPROVED'"), "open": when(open, "1", "0"), "tolerant": when("i % 30 = 0", "1", "0"), "critical": when("i % 5 = 0", "1", "0"),
			"late": when("i % 25 = 0", "1", "0"), "state_time": later, "submit_time": "us", "promised_due_time": when(open, later, never), "statutory_due_time": never, "due_time": when(open, later, never),
			"stuck_time": when(open, later, never), "accept_time": "us", "decide_time": when(open, "NULL", later)}))
	}
	p.Fill("case_breaches", n, "i % 5 = 0", row(map[string]string{"case_id": "id", "clock": "1", "kind": "(ARRAY['ACCEPT', 'PROMISED'])[1 + i / 5 % 2]", "item": "'item1'", "unit": "'unit' || i / 5 % 60", "breach_time": later}))
	p.Fill("commitments", n, "i % 2 = 0", row(map[string]string{"case_id": "id", "number": "1", "id": "id || '/1'", "enterprise": "'enterprise' || i / 3", "unit": "'unit' || i / 2 % 60", "state": when(open, "'RUNNING'", "'MET'"),
		"bars": when("i % 100 = 0", "1", "0"), "sign_time": "us", "due_time": when(open, later, never), "end_time": when(open, never, later)}))
	p.Fill("contents", n, "", row(map[string]string{"case_id": "id", "id": "'opening'", "title": "'title ' || i"}))
	p.Fill("due", n, "", map[string]string{"city": "'410900'", "aggregate": "'cases/' || id", "at": later})
	p.Analyze()
}
