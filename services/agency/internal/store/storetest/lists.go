package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/filter"
	"github.com/throughtrain/throughtrain/services/kit/page"
)

// listed is a kind of list as the tests see it: what a row is called, and how to go on behind it.
type listed struct {
	orders *filter.Orders
	page   func(q store.Query) (names []string, last []page.Key, err error)
	count  func(q store.Query) (int, bool, error)
}

func (f *fixture) kinds(t *testing.T) map[string]listed {
	ctx := t.Context()
	return map[string]listed{
		"cases": {store.Orders, func(q store.Query) (names []string, last []page.Key, err error) {
			rows, err := f.store.List(ctx, q)
			for _, r := range rows {
				names, last = append(names, r.ID), r.Keys
				if r.Opening.Title != "title of "+r.Case.Number || r.Opening.Body != "duty" || r.Opening.Name != "name" || r.Opening.Phone != "13800138000" {
					t.Errorf("a row shows %+v", r.Opening)
				}
			}
			return names, last, err
		}, func(q store.Query) (int, bool, error) { return f.store.Count(ctx, q) }},
		"items": {store.ItemOrders, func(q store.Query) (names []string, last []page.Key, err error) {
			rows, err := f.store.ListItems(ctx, q)
			for _, r := range rows {
				names, last = append(names, r.ID+"/"+r.Item), r.Keys
				if r.Case.Item(r.Item) == nil || r.Title != "title of "+r.Case.Number {
					t.Errorf("a row shows item %q of %q", r.Item, r.Title)
				}
			}
			return names, last, err
		}, func(q store.Query) (int, bool, error) { return f.store.CountItems(ctx, q) }},
		"commitments": {store.CommitmentOrders, func(q store.Query) (names []string, last []page.Key, err error) {
			rows, err := f.store.ListCommitments(ctx, q)
			for _, r := range rows {
				names, last = append(names, fmt.Sprintf("%s/%04d", r.ID, r.Number)), r.Keys
				if r.Case.Commitment(r.Number) == nil || r.Title != "title of "+r.Case.Number {
					t.Errorf("a row shows commitment %d of %q", r.Number, r.Title)
				}
			}
			return names, last, err
		}, func(q store.Query) (int, bool, error) { return f.store.CountCommitments(ctx, q) }},
	}
}

// find returns the names of what a list shows, sorted. It is the same rows that are counted.
func (f *fixture) find(t *testing.T, kind string, scope store.Scope, filter string) []string {
	t.Helper()
	l := f.kinds(t)[kind]
	order, err := l.orders.Parse("")
	if err != nil {
		t.Fatal(err)
	}
	q := store.Query{City: cataloguetest.Code, Scope: scope, Filter: filter, Order: order, Limit: 1000}
	names, _, err := l.page(q)
	if err != nil {
		t.Fatalf("%s: %v", filter, err)
	}
	if n, capped, err := l.count(q); err != nil || capped || n != len(names) {
		t.Errorf("%s %s: %d rows, counted %d, %v", kind, filter, len(names), n, err)
	}
	slices.Sort(names)
	return names
}

var all = store.Scope{All: true}

// fields: every field in every way that it can be asked for, and NOT of it, divide the rows in two.
func (f *fixture) fields(t *testing.T) {
	f.tolerated(t, f.filed(t, f.entrusted(t, f.opened(t, nil))))
	at := `"` + f.clock.Now().Format(time.RFC3339Nano) + `"`
	times := func(name string, presence bool) (asked []string) {
		for _, op := range []string{"=", "!=", "<", "<=", ">", ">="} {
			asked = append(asked, name+" "+op+" "+at)
		}
		if presence {
			asked = append(asked, name+":*")
		}
		return asked
	}
	codes := func(names ...string) (asked []string) {
		for _, name := range names {
			asked = append(asked, name+` = "x"`, name+` != "x"`, name+":*")
		}
		return asked
	}
	numbers := func(names ...string) (asked []string) {
		for _, name := range names {
			asked = append(asked, name+" = 1", name+" != 1", name+" < 1", name+" >= 1")
		}
		return asked
	}
	parties := []string{`agent = "x"`, `agent != "x"`, `agent = "` + cataloguetest.ApprovalsAgent + `"`}
	breached := slices.Concat(codes("breached.unit"), times("breached.time", false),
		[]string{`breached.kind = "PROMISED"`, `breached.kind != "PROMISED"`, `breached.kind = "ACCEPT" AND breached.unit = "x" AND breached.time < ` + at})
	rowsOfCases := slices.Concat(codes("case", "enterprise", "case_number", "county", "project"), parties, []string{`case_state = "OPEN"`, `case_state != "OPEN"`, "case_open"})
	for kind, asked := range map[string][]string{
		"cases": slices.Concat(codes("enterprise", "project", "county", "opener", "opener_unit", "number", "stage", "breached.item"), parties, breached,
			[]string{`unit = "x"`, `unit != "planning"`, `state = "OPEN"`, `state != "APPLIED"`, `eligibility = "MUNICIPAL_APPROVAL"`, "open", "entrusted", "provisional"},
			numbers("catalogue_version", "meetings", "saved_workdays"), times("create_time", false), times("update_time", false), times("plan_finish_time", false),
			times("due_time", true), times("admit_time", true), times("end_time", true)),
		"items": slices.Concat(rowsOfCases, breached, codes("item", "unit", "stage"), numbers("attempt", "promised_workdays", "workdays"),
			[]string{`state = "PLANNED"`, `state != "PLANNED"`, `kind = "filing"`, `kind != "utility"`, "open", "tolerant", "on_promise", "critical", "late"},
			times("state_time", false), times("submit_time", true), times("promised_due_time", true), times("statutory_due_time", true), times("due_time", true),
			times("stuck_time", true), times("accept_time", true), times("decide_time", true)),
		"commitments": slices.Concat(rowsOfCases, codes("item", "unit"), []string{`state = "RUNNING"`, `state != "KEPT"`, `kind = "TOLERANCE"`, "broken", "bars"},
			times("sign_time", false), times("due_time", true), times("end_time", true), times("repair_time", true)),
	} {
		everything := len(f.find(t, kind, all, ""))
		for _, filter := range asked {
			yes, no := f.find(t, kind, all, filter), f.find(t, kind, all, "NOT ("+filter+")")
			if len(yes)+len(no) != everything {
				t.Errorf("%s: %s: %d have it and %d do not, of %d", kind, filter, len(yes), len(no), everything)
			}
		}
	}
}

// pages: in any order and any scope, pages of any size together hold every row once, in that order.
func (f *fixture) pages(t *testing.T) {
	for range 12 {
		s := f.opened(t, nil)
		if f.next%3 == 0 {
			f.tolerated(t, f.filed(t, f.entrusted(t, s)))
		}
		f.clock.Advance(time.Duration(f.next%3) * time.Second) // some share an instant
	}
	for kind, l := range f.kinds(t) {
		for _, scope := range []store.Scope{all, {Person: cataloguetest.ApprovalsAgent}, {Person: member}, {Enterprises: []string{enterprise, "none"}},
			{Units: []string{cataloguetest.Planning, cataloguetest.Hualong}, Person: member}} {
			everything := f.find(t, kind, scope, "")
			if len(everything) < 4 {
				t.Errorf("%s: %+v shows %d", kind, scope, len(everything))
			}
			names := map[string][]string{
				"cases":       {"", "create_time", "create_time desc", "due_time", "due_time desc", "update_time", "update_time desc, due_time", "id desc"},
				"items":       {"", "promised_due_time desc", "submit_time", "submit_time desc", "state_time", "state_time desc, submit_time", "id"},
				"commitments": {"", "due_time desc", "sign_time", "end_time desc", "end_time, sign_time desc", "id"},
			}
			for _, by := range names[kind] {
				order, err := l.orders.Parse(by)
				if err != nil {
					t.Fatal(err)
				}
				var seen []string
				q := store.Query{City: cataloguetest.Code, Scope: scope, Order: order, Limit: 7}
				for {
					found, last, err := l.page(q)
					if err != nil {
						t.Fatal(err)
					}
					seen, q.After = append(seen, found...), last
					if len(found) < q.Limit {
						break
					}
				}
				if slices.Sort(seen); !slices.Equal(seen, everything) {
					t.Errorf("%s in order %q: %d rows, want %d", kind, by, len(seen), len(everything))
				}
			}
		}
	}
}

// scopes: a list shows what its viewer has a part in, and nothing else.
func (f *fixture) scopes(t *testing.T) {
	const theirs, other = "01920000-0000-7000-8000-0000000000bb", "01920000-0000-7000-8000-0000000000cc"
	own := f.opened(t, func(in *casefile.Opening) { in.Enterprise = theirs })
	led := f.entrusted(t, f.opened(t, func(in *casefile.Opening) { in.Enterprise = other }))
	county := f.opened(t, func(in *casefile.Opening) {
		in.Enterprise, in.OpenerUnit, in.Counties = other, cataloguetest.Qingfeng, []string{cataloguetest.QingfengCode}
	})
	plant := f.opened(t, func(in *casefile.Opening) { in.Enterprise, in.Answers = other, cataloguetest.Plant() })
	names := map[string]string{own.ID: "own", led.ID: "led", county.ID: "county", plant.ID: "plant"}
	cases := func(scope store.Scope) (found []string) {
		for _, id := range f.find(t, "cases", scope, `enterprise = "`+theirs+`" OR enterprise = "`+other+`"`) {
			found = append(found, names[id])
		}
		slices.Sort(found)
		return found
	}
	for name, tt := range map[string]struct {
		scope store.Scope
		want  []string
	}{
		"everything":               {all, []string{"county", "led", "own", "plant"}},
		"nothing":                  {store.Scope{}, nil},
		"an enterprise's":          {store.Scope{Enterprises: []string{theirs}}, []string{"own"}},
		"two enterprises'":         {store.Scope{Enterprises: []string{theirs, other}}, []string{"county", "led", "own", "plant"}},
		"an agent's":               {store.Scope{Person: cataloguetest.InvestmentAgent}, []string{"led"}},
		"who opened it":            {store.Scope{Person: member}, []string{"led", "own", "plant"}},
		"who opened it officially": {store.Scope{Person: cataloguetest.QingfengClerk}, nil},
		"a unit's that opened it":  {store.Scope{Units: []string{cataloguetest.Qingfeng}}, []string{"county"}},
		"a unit's":                 {store.Scope{Units: []string{cataloguetest.Ecology}}, []string{"plant"}},
		"several units'":           {store.Scope{Units: []string{cataloguetest.Ecology, cataloguetest.Qingfeng, cataloguetest.Water}}, []string{"county", "plant"}},
		"a stranger's":             {store.Scope{Person: "nobody", Units: []string{"none"}, Enterprises: []string{"none"}}, nil},
	} {
		if got := cases(tt.scope); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	items := func(scope store.Scope, id string) int {
		return len(f.find(t, "items", scope, `case = "cities/410900/cases/`+id+`"`))
	}
	for name, tt := range map[string]struct{ got, want int }{
		"of a unit that decides one": {items(store.Scope{Units: []string{cataloguetest.Ecology}}, plant.ID), 1},
		"of a unit that opened it":   {items(store.Scope{Units: []string{cataloguetest.Qingfeng}}, county.ID), len(county.Case.Items)},
		"of an agent":                {items(store.Scope{Person: cataloguetest.ApprovalsAgent}, led.ID), len(led.Case.Items)},
		"of who opened it":           {items(store.Scope{Person: member}, own.ID), len(own.Case.Items)},
		"of another agent":           {items(store.Scope{Person: cataloguetest.ApprovalsAgent2}, led.ID), 0},
		"of an enterprise":           {items(store.Scope{Enterprises: []string{theirs}}, own.ID), len(own.Case.Items)},
	} {
		if tt.got != tt.want {
			t.Errorf("items %s: %d, want %d", name, tt.got, tt.want)
		}
	}
	// Whoever is no agent any more has no part in it, and whoever became one has.
	f.done(t, led, clerk(cataloguetest.Approvals), func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		return c.AssignAgent(ctx, cataloguetest.Approvals, cataloguetest.ApprovalsAgent2)
	})
	if before, now := cases(store.Scope{Person: cataloguetest.ApprovalsAgent}), cases(store.Scope{Person: cataloguetest.ApprovalsAgent2}); len(before) != 0 || len(now) != 1 {
		t.Errorf("after a change of agents: %v and %v", before, now)
	}
}

// asked compares what SQL finds with what the cases themselves say.
func (f *fixture) asked(t *testing.T) {
	const theirs = "01920000-0000-7000-8000-0000000000dd"
	ours := `enterprise = "` + theirs + `" AND `
	s := f.tolerated(t, f.filed(t, f.opened(t, func(in *casefile.Opening) { in.Enterprise = theirs })))
	instant := func(at time.Time) string { return `"` + at.Format(time.RFC3339Nano) + `"` }
	permit := s.Case.Item(cataloguetest.SitePermit)
	promised, owed := s.Case.Clock(permit, casefile.KindPromised).Due, s.Case.Clock(permit, casefile.KindCommitment).Due
	count := func(kind, filter string, want int) {
		t.Helper()
		if got := len(f.find(t, kind, all, ours+filter)); got != want {
			t.Errorf("%s: %s: %d, want %d", kind, filter, got, want)
		}
	}
	count("cases", `open AND stage = "`+cataloguetest.Design+`" AND state = "OPEN"`, 1)
	count("cases", `due_time = `+instant(s.Case.DueTime()), 1)
	count("cases", `unit = "cities/410900/units/`+cataloguetest.Planning+`"`, 1)
	count("items", `state = "APPROVED" AND decide_time:*`, 1)
	count("items", `open`, 1)
	count("items", `tolerant AND state = "WINDOW_ACCEPTED" AND item = "`+cataloguetest.SitePermit+`"`, 1)
	count("items", `promised_due_time <= `+instant(promised), 1)
	count("items", `promised_due_time < `+instant(promised), 0)
	count("items", `stuck_time:*`, 1)
	count("items", `accept_time:*`, 2)
	count("commitments", `state = "RUNNING" AND unit = "`+cataloguetest.Planning+`" AND NOT bars`, 1)
	count("commitments", `due_time = `+instant(owed), 1)
	for at, want := range map[time.Time]bool{owed: false, owed.Add(time.Microsecond): true} {
		if barred, err := f.store.Barred(t.Context(), s.City, theirs, at); err != nil || barred != want {
			t.Errorf("barred at %s: %t, %v", at, barred, err)
		}
	}
	s = f.settled(t, s, owed.Add(time.Second).Sub(f.clock.Now()))
	count("items", `state = "WITHDRAWN" AND NOT open AND NOT promised_due_time:*`, 1)
	count("items", `breached.kind = "COMMITMENT" AND breached.time = `+instant(owed), 1)
	count("items", `breached.kind = "PROMISED"`, 0)
	count("cases", `breached.kind = "COMMITMENT" AND breached.item = "`+cataloguetest.SitePermit+`"`, 1)
	count("cases", `breached.kind = "COMMITMENT" AND breached.unit:*`, 0) // the enterprise owed
	count("commitments", `state = "BROKEN" AND broken AND bars AND NOT due_time:* AND end_time:*`, 1)
	barred := func(want bool) {
		t.Helper()
		if got, err := f.store.Barred(t.Context(), s.City, theirs, f.clock.Now()); err != nil || got != want {
			t.Errorf("barred: %t, %v", got, err)
		}
	}
	barred(true)
	if other, err := f.store.Barred(t.Context(), s.City, "another", f.clock.Now()); err != nil || other {
		t.Errorf("another enterprise is barred: %t, %v", other, err)
	}
	s = f.done(t, s, casefile.Actor{Kind: casefile.PersonActor, Person: cataloguetest.MayorOffice, Office: true},
		func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
			return c.RepairCredit(ctx, 1, "reason")
		})
	barred(false)
	count("commitments", `broken AND NOT bars AND repair_time = `+instant(f.clock.Now()), 1)
	if s.Case.Commitments[0].State != agencyv1.Commitment_BROKEN {
		t.Errorf("the commitment is %s", s.Case.Commitments[0].State)
	}
}
