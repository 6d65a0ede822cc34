package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughtrain/throughtrain/services/hotline/internal/issue"
	"github.com/throughtrain/throughtrain/services/hotline/internal/issuepb"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

func (f *fixture) officeContext() issue.Context {
	return issue.Context{Now: f.clock.Now(), City: f.city,
		Actor: issue.Actor{Person: policytest.MayorOffice, Grants: []issue.Grant{{Role: policy.RoleMayorOffice}}}}
}

// sealedIssue makes journal entries of an issue's events.
func sealedIssue(t *testing.T, k store.Key, previous journal.Hash, events []issue.Event) ([]change.Event, journal.Hash) {
	t.Helper()
	var out []change.Event
	for _, e := range events {
		envelope, err := issuepb.Envelope(k.City, k.IssueAggregate(), e)
		if err != nil {
			t.Fatal(err)
		}
		s := journal.Seal(previous, envelope)
		previous = s.Hash
		out = append(out, change.Event{Sealed: s, Month: k.Month})
	}
	return out, previous
}

// opened writes a new common issue.
func (f *fixture) opened(t *testing.T, lead, date string, assisting ...string) store.StoredIssue {
	t.Helper()
	key, err := store.KeyOf(policytest.Code, f.ids.New())
	if err != nil {
		t.Fatal(err)
	}
	plan := store.NewContent(store.Content{ID: f.ids.New(), Kind: "PLAN", CreateTime: f.clock.Now(), Title: "title of " + key.ID, Body: "plan of " + key.ID})
	events, err := issue.Open(f.officeContext(), issue.Opening{City: key.City, ID: key.ID, Month: "2026-03", Lead: lead, Assisting: assisting, Date: date, Plan: plan.ID})
	if err != nil {
		t.Fatal(err)
	}
	after, err := issue.Fold(key.City, key.ID, events)
	if err != nil {
		t.Fatal(err)
	}
	sealed, hash := sealedIssue(t, key, journal.Hash{}, events)
	rows, err := store.OpenIssue(key, after, hash)
	if err != nil {
		t.Fatal(err)
	}
	f.commit(t, &change.Change{Statements: append(rows, store.AddContent(key, &plan)), Events: sealed})
	return store.StoredIssue{Key: key, Issue: after, Hash: hash}
}

func (f *fixture) issueComesBack(t *testing.T) {
	want := f.opened(t, policytest.Housing, "2027-01-29", policytest.Market)
	got, err := f.store.Issue(t.Context(), want.Key)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	missing := want.Key
	missing.ID = f.ids.New()
	if _, err := f.store.Issue(t.Context(), missing); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("one that is not there: %v", err)
	}
	closing := func() *change.Change {
		events, err := got.Issue.Close(f.officeContext(), issue.StateClosed, "result")
		if err != nil {
			t.Fatal(err)
		}
		after, err := got.Issue.After(events...)
		if err != nil {
			t.Fatal(err)
		}
		sealed, hash := sealedIssue(t, got.Key, got.Hash, events)
		row, err := store.UpdateIssue(got, after, hash)
		if err != nil {
			t.Fatal(err)
		}
		return &change.Change{Statements: []change.Statement{row}, Events: sealed}
	}
	f.commit(t, &change.Change{Statements: []change.Statement{store.IssueUnchanged(got)}})
	first, second := closing(), closing()
	f.commit(t, first)
	for name, c := range map[string]*change.Change{"a stale update": second, "what is not as it was": {Statements: []change.Statement{store.IssueUnchanged(got)}}} {
		if err := f.store.Commit(t.Context(), c); !errors.Is(err, change.ErrConflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
	now, err := f.store.Issue(t.Context(), want.Key)
	if err != nil || now.Issue.State != issue.StateClosed || now.Issue.Version != 2 {
		t.Errorf("%+v, %v", now, err)
	}
}

func (f *fixture) issues(t *testing.T, q store.IssueQuery) []string {
	t.Helper()
	q.City = policytest.Code
	order, err := store.IssueOrders.Parse("")
	if err != nil {
		t.Fatal(err)
	}
	if len(q.Order.Columns()) == 0 {
		q.Order = order
	}
	if q.Limit == 0 {
		q.Limit = 1000
	}
	rows, err := f.store.Issues(t.Context(), q)
	if err != nil {
		t.Fatalf("%s: %v", q.Filter, err)
	}
	n, _, err := f.store.CountIssues(t.Context(), q)
	if err != nil || n != len(rows) {
		t.Errorf("%s: %d rows, counted %d, %v", q.Filter, len(rows), n, err)
	}
	var out []string
	for _, r := range rows {
		if r.Title != "title of "+r.ID || r.Plan != "plan of "+r.ID {
			t.Errorf("texts %q, %q", r.Title, r.Plan)
		}
		out = append(out, r.ID)
	}
	return out
}

func (f *fixture) issueLists(t *testing.T) {
	units := []string{policytest.Housing, policytest.Water, policytest.Market}
	for i := range 20 {
		f.opened(t, units[i%3], fmt.Sprintf("2027-03-%02d", 9+i%3), units[(i+1)%3])
		f.clock.Advance(time.Duration(i%2) * time.Second)
	}
	all := f.issues(t, store.IssueQuery{Scope: store.IssueScope{All: true}})
	at := `"2027-03-10T00:00:00+08:00"`
	for _, ask := range []string{`state = "OPEN"`, `state != "CLOSED"`, `month = "2026-03"`, `month >= "2026-04"`, `lead_unit = "cities/410900/units/housing"`,
		`unit = "water"`, `unit != "water"`, `open`, `missed > 0`, `create_time > ` + at, `update_time <= ` + at, `due_time < ` + at, `first_due_time >= ` + at,
		`close_time:*`, `close_time > ` + at} {
		yes := f.issues(t, store.IssueQuery{Scope: store.IssueScope{All: true}, Filter: ask})
		no := f.issues(t, store.IssueQuery{Scope: store.IssueScope{All: true}, Filter: "NOT (" + ask + ")"})
		if len(yes)+len(no) != len(all) {
			t.Errorf("%s: %d have it and %d do not, of %d", ask, len(yes), len(no), len(all))
		}
	}
	if none := f.issues(t, store.IssueQuery{}); len(none) != 0 {
		t.Errorf("nobody's: %d", len(none))
	}
	mine := f.issues(t, store.IssueQuery{Scope: store.IssueScope{Units: []string{policytest.Water, policytest.Market}}, Filter: `lead_unit = "water"`})
	asked := f.issues(t, store.IssueQuery{Scope: store.IssueScope{All: true}, Filter: `lead_unit = "water"`})
	if !slices.Equal(mine, asked) || len(mine) == 0 {
		t.Errorf("of the unit %d, of the city %d", len(mine), len(asked))
	}
	for _, by := range []string{"", "create_time", "due_time desc", "month, due_time", "update_time"} {
		order, err := store.IssueOrders.Parse(by)
		if err != nil {
			t.Fatal(err)
		}
		var seen []string
		q := store.IssueQuery{City: policytest.Code, Scope: store.IssueScope{All: true}, Order: order, Limit: 7}
		for {
			rows, err := f.store.Issues(t.Context(), q)
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
	n := 0
	err := f.store.DB().Snapshot(t.Context(), func(db sqldb.Reader) error {
		return store.EachIssue(t.Context(), db, policytest.Code, func(store.StoredIssue) error { n++; return nil })
	})
	if err != nil || n != len(all) {
		t.Errorf("each of %d: %d, %v", len(all), n, err)
	}
}

func (f *fixture) linked(t *testing.T) {
	s, other := f.filed(t, nil), f.filed(t, nil)
	events, err := s.Ticket.LinkIssue(f.context(person("p")), "an-issue")
	s = f.done(t, s, events, err)
	list := f.list(t, `issue = "cities/410900/commonIssues/an-issue"`)
	if !slices.Equal(list, []string{s.ID}) {
		t.Errorf("behind the issue: %v", list)
	}
	if without := f.list(t, `issue = ""`); !slices.Contains(without, other.ID) || slices.Contains(without, s.ID) {
		t.Errorf("without one: %v", without)
	}
	events, err = s.Ticket.UnlinkIssue(f.context(person("p")), "an-issue")
	f.done(t, s, events, err)
	if list := f.list(t, `issue:*`); len(list) != 0 {
		t.Errorf("still behind an issue: %v", list)
	}
}

func (f *fixture) openTexts(t *testing.T) {
	const enterprise = "01920000-0000-7000-8000-0000000000bb"
	of := func(in *ticket.Filing) { in.Enterprise = enterprise }
	f.clock.Advance(time.Second)
	older := f.filed(t, of)
	f.clock.Advance(time.Second)
	newer := f.filed(t, of)
	gone := f.filed(t, of)
	f.filed(t, nil)
	events, err := gone.Ticket.Withdraw(f.context(person(filer)), "reason")
	f.done(t, gone, events, err)
	hidden := f.filed(t, of)
	f.commit(t, &change.Change{Statements: []change.Statement{change.Guard(`UPDATE tickets SET restricted = 1 WHERE city = $1 AND month = $2 AND id = $3`,
		hidden.City, hidden.Month, hidden.ID)}})
	got, err := f.store.OpenTexts(t.Context(), policytest.Code, enterprise, 3, 10)
	if err != nil || len(got) != 2 || got[0].ID != newer.ID || got[1].ID != older.ID || got[0].Filing.Body != "bod" || got[0].Filing.Title == "" {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := f.store.OpenTexts(t.Context(), policytest.Code, enterprise, 3, 1); err != nil || len(got) != 1 {
		t.Errorf("%d, %v", len(got), err)
	}
	if got, err := f.store.OpenTexts(t.Context(), policytest.Code, "", 3, 10); err != nil || len(got) != 0 {
		t.Errorf("of no enterprise: %d, %v", len(got), err)
	}
}
