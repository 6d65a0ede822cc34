package storetest

import (
	"slices"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
)

// list returns the ids that a filter finds among everything.
func (f *fixture) list(t *testing.T, filter string) []string {
	t.Helper()
	order, err := store.Orders.Parse("create_time")
	if err != nil {
		t.Fatal(err)
	}
	q := store.Query{City: policytest.Code, Scope: store.Scope{All: true}, Filter: filter, Order: order, Limit: 10_000}
	rows, err := f.store.List(t.Context(), q)
	if err != nil {
		t.Fatalf("%s: %v", filter, err)
	}
	var found []string
	for _, r := range rows {
		found = append(found, r.ID)
	}
	n, _, err := f.store.Count(t.Context(), q)
	if err != nil || n != len(found) {
		t.Errorf("%s: counted %d, listed %d, %v", filter, n, len(found), err)
	}
	return found
}

func (f *fixture) fields(t *testing.T) {
	f.gone(t, f.filed(t, nil))
	at := `"2026-03-02T10:00:00+08:00"`
	asked := []string{`state = "FILED"`, `state != "CLOSED"`, `close_reason = "VERIFIED"`, `urgency = "NORMAL"`, `satisfied = "BASICALLY"`,
		`open`, `NOT desk`, `verified = true`, `contacted = false`, `solved`, `provisional`, `restricted = false`, `rung >= 0`, `cycle = 1`, `due_time:*`,
		`NOT due_time:*`, `due_time != ` + at, `due_time <= ` + at, `answer_time:*`, `close_time >= ` + at, `rate_time < ` + at, `create_time > ` + at,
		`update_time != ` + at, `number:*`, `category = "0702"`, `unit = "cities/410900/units/desk"`, `official:*`, `issue:*`, `issue != "x"`,
		`enterprise = "cities/410900/enterprises/01920000-0000-7000-8000-000000000001"`, `project:*`, `filer = "` + filer + `"`, `county = "410902"`,
		`channel = "app"`, `appeal_type = "help"`, `close_reason = "MERGED"`, `supervised`, `thin`, `retained`, `returns > 0`, `extended = 1`, `investment_at_risk > 0`,
		`jobs_at_risk != 0`, `source:*`, `source = "visits/1"`, `merged_into != "x"`, `extension_time > ` + at, `extension_decision != "granted"`,
		`extension_decide_time:*`, `callback = "due"`, `callback != "due"`, `callback_reason = "thin"`, `callback_time < ` + at, `dialogue = "HELD"`,
		`dialogue_time:*`, `dialogue_end_time >= ` + at, `dialogue_official = "x"`, `returned.unit = "x"`, `returned.unit != "x"`, `returned.official:*`,
		`returned.reason = "other"`, `returned.target = "x"`, `returned.time >= ` + at, `returned.decide_time:*`, `returned.decide_time != ` + at,
		`returned.decision = "pending"`, `returned.order = 0`}
	for _, kind := range store.Kinds {
		for _, field := range []string{"due", "breach_time", "met_time"} {
			for _, op := range []string{"=", "!=", "<", "<=", ">", ">="} {
				asked = append(asked, kind+"."+field+" "+op+" "+at)
			}
			asked = append(asked, kind+"."+field+":*")
		}
		for _, field := range []string{"unit", "official", "breach_unit", "breach_official", "met_unit", "met_official"} {
			asked = append(asked, kind+"."+field+` = "market"`, kind+"."+field+` != "market"`, kind+"."+field+":*")
		}
	}
	for _, filter := range asked {
		all, no := f.list(t, filter), f.list(t, "NOT ("+filter+")")
		if len(all)+len(no) != len(f.list(t, "")) {
			t.Errorf("%s: %d have it and %d do not, of %d", filter, len(all), len(no), len(f.list(t, "")))
		}
	}
}

func (f *fixture) pages(t *testing.T) {
	for range 30 {
		f.filed(t, nil)
		f.clock.Advance(time.Duration(f.next%3) * time.Second) // some share an instant
	}
	all := f.list(t, "")
	for _, by := range []string{"", "create_time", "create_time desc", "due_time", "due_time desc", "update_time", "update_time desc, due_time", "id desc"} {
		order, err := store.Orders.Parse(by)
		if err != nil {
			t.Fatal(err)
		}
		var seen []string
		q := store.Query{City: policytest.Code, Scope: store.Scope{All: true}, Order: order, Limit: 7}
		for {
			rows, err := f.store.List(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range rows {
				seen = append(seen, r.ID)
				q.After = r.Keys
			}
			if len(rows) < q.Limit {
				break
			}
		}
		slices.Sort(seen)
		if want := slices.Sorted(slices.Values(all)); !slices.Equal(seen, want) {
			t.Errorf("in order %q %d rows, want %d", by, len(seen), len(want))
		}
	}
}

// lists compares what SQL finds with what the tickets themselves say.
func (f *fixture) lists(t *testing.T) {
	ours := map[string]bool{}
	const enterprise = "01920000-0000-7000-8000-0000000000aa"
	open := f.filed(t, func(in *ticket.Filing) { in.Enterprise = enterprise })
	closed := f.gone(t, f.filed(t, func(in *ticket.Filing) { in.Enterprise = enterprise }))
	ours[open.ID], ours[closed.ID] = true, true
	instant := func(at time.Time) string { return `"` + at.Format(time.RFC3339Nano) + `"` }
	answer := open.Ticket.Clock(ticket.KindAnswer)
	for filter, want := range map[string][]string{
		`open`:                                         {open.ID},
		`NOT open`:                                     {closed.ID},
		`state = "CLOSED"`:                             {closed.ID},
		`answer.met_time:*`:                            {closed.ID},
		`answer.due:*`:                                 {open.ID},
		`answer.unit = "permits"`:                      {closed.ID},
		`answer.unit = "desk"`:                         {open.ID},
		`contact.breach_time:*`:                        {closed.ID}, // the filer said that nobody had been in touch
		`sign.met_official:*`:                          {closed.ID},
		`due_time:*`:                                   {open.ID},
		`NOT due_time:*`:                               {closed.ID},
		`satisfied = "BASICALLY"`:                      {closed.ID},
		`rate_time:* AND verified`:                     {closed.ID},
		`answer.due <= ` + instant(answer.Due):         {open.ID},
		`answer.due < ` + instant(answer.Due):          nil,
		`due_time = ` + instant(open.Ticket.DueTime()): {open.ID},
		`close_time = ` + instant(closed.Ticket.CloseTime):                                  {closed.ID},
		`official = "cities/410900/persons/` + policytest.Attendant + `" OR dispatch.due:*`: {open.ID, closed.ID},
	} {
		got := slices.DeleteFunc(f.list(t, filter), func(id string) bool { return !ours[id] })
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", filter, got, want)
		}
	}
	scoped := f.scoped(t, store.Scope{Enterprises: []string{enterprise}})
	if len(scoped) != 2 || !ours[scoped[0]] || !ours[scoped[1]] {
		t.Errorf("the enterprise's: %v", scoped)
	}
	if none := f.scoped(t, store.Scope{}); len(none) != 0 {
		t.Errorf("a scope of nothing shows %v", none)
	}
	if units := f.scoped(t, store.Scope{Units: []string{policytest.Permits, policytest.Market}}); !slices.Contains(units, closed.ID) || slices.Contains(units, open.ID) {
		t.Errorf("the unit's: %v", units)
	}
}

func (f *fixture) scoped(t *testing.T, scope store.Scope) (found []string) {
	t.Helper()
	order, err := store.Orders.Parse("")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.store.List(t.Context(), store.Query{City: policytest.Code, Scope: scope, Order: order, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		found = append(found, r.ID)
		if r.Filing.Title == "" || r.Filing.Body != "" {
			t.Errorf("a row shows title %q and body %q", r.Filing.Title, r.Filing.Body)
		}
	}
	return found
}
