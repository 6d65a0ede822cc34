package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughtrain/throughtrain/services/hotline/internal/fact"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

type deciding = func(*ticket.Ticket, ticket.Context) ([]ticket.Event, error)

// step lets somebody do something a minute later.
func (f *fixture) step(t *testing.T, s store.Stored, who ticket.Actor, decide deciding) store.Stored {
	t.Helper()
	f.clock.Advance(time.Minute)
	events, err := decide(s.Ticket, f.context(who))
	return f.done(t, s, events, err)
}

var (
	holder     = person(policytest.Attendant, policy.RoleAttendant)
	dispatcher = person(policytest.Dispatcher, policy.RoleDispatcher)
	office     = person(policytest.MayorOffice, policy.RoleMayorOffice)
)

func clerkOf(unit string) ticket.Actor {
	a := person(policytest.Clerk, policy.RoleClerk)
	a.Units = []string{unit}
	return a
}

// signed is a ticket in its holder's hands.
func (f *fixture) signed(t *testing.T, edit func(*ticket.Filing)) store.Stored {
	t.Helper()
	s := f.step(t, f.filed(t, edit), dispatcher, func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) {
		return x.Dispatch(c, policytest.Attendant)
	})
	return f.step(t, s, holder, func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) { return x.Sign(c) })
}

func ordered(unit string) deciding {
	return func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) {
		return x.CreateOrder(c, ticket.OrderInput{Unit: unit, Message: "m"})
	}
}

func returned(order int, reason, target string) deciding {
	return func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) {
		return x.Return(c, ticket.ReturnInput{Order: order, Reason: reason, Message: "m", Target: target})
	}
}

func refused(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) {
	return x.DecideReturn(c, ticket.ReturnDecision{Number: len(x.Returns), Message: "m"})
}

// whose a confidential ticket is comes back with it, wherever it is read.
func (f *fixture) identities(t *testing.T) {
	who := store.Identity{Person: filer, Enterprise: "e", Project: "p", County: policytest.CountyCode}
	s := f.filed(t, func(in *ticket.Filing) { in.Confidential, in.Enterprise = true, "e" })
	plain := f.filed(t, nil)
	f.commit(t, &change.Change{Statements: []change.Statement{store.AddIdentity(s.Key, who)}})
	for _, key := range []store.Key{s.Key, plain.Key} {
		want := map[bool]store.Identity{true: who}[key == s.Key]
		one, err := f.store.Ticket(t.Context(), key)
		if err != nil || one.Identity != want {
			t.Errorf("alone: %+v, %v", one.Identity, err)
		}
		several, err := f.store.Tickets(t.Context(), key.City, []string{key.ID})
		if err != nil || len(several) != 1 || several[0].Identity != want {
			t.Errorf("among several: %+v, %v", several, err)
		}
	}
	for _, filter := range []string{`filer = "` + filer + `"`, `enterprise = "e"`, `project = "p"`, `county = "` + policytest.CountyCode + `"`, `enterprise:*`} {
		if slices.Contains(f.list(t, filter), s.ID) {
			t.Errorf("%s finds a confidential ticket", filter)
		}
	}
	if own := f.scoped(t, store.Scope{Person: filer}); !slices.Contains(own, s.ID) || !slices.Contains(own, plain.ID) {
		t.Errorf("the filer's own: %v", own)
	}
	if theirs := f.scoped(t, store.Scope{Enterprises: []string{"e"}, Person: "another"}); len(theirs) > 0 {
		t.Errorf("the enterprise's: %v", theirs)
	}
}

// who is kept out finds nothing on any way, but what they filed themselves.
func (f *fixture) conflicts(t *testing.T) {
	s := f.signed(t, func(in *ticket.Filing) { in.ConflictUnits, in.Enterprise = []string{policytest.Market}, "conflicting" })
	s = f.step(t, s, holder, ordered(policytest.Water))
	market, official := []string{fact.UnitSubject + policytest.Market}, []string{fact.PersonSubject + policytest.Mayor}
	sees := func(scope store.Scope) bool { return slices.Contains(f.scoped(t, scope), s.ID) }
	for name, c := range map[string]struct {
		scope store.Scope
		want  bool
	}{
		"everybody":            {store.Scope{All: true}, true},
		"of the unit":          {store.Scope{All: true, Person: "x", KeptOut: market}, false},
		"not of the unit":      {store.Scope{All: true, Person: "x", KeptOut: official}, true},
		"filer of the unit":    {store.Scope{All: true, Person: filer, KeptOut: market}, true},
		"member of the unit":   {store.Scope{All: true, Person: "x", Enterprises: []string{"conflicting"}, KeptOut: market}, true},
		"holder":               {store.Scope{Person: policytest.Attendant}, true},
		"holder of the unit":   {store.Scope{Person: policytest.Attendant, KeptOut: market}, false},
		"filer alone":          {store.Scope{Person: filer, KeptOut: market}, true},
		"the holder's unit":    {store.Scope{Units: []string{policytest.Permits}}, true},
		"a kept out unit":      {store.Scope{Units: []string{policytest.Permits}, KeptOut: market}, false},
		"a unit with a part":   {store.Scope{Units: []string{policytest.Water}}, true},
		"and kept out of it":   {store.Scope{Units: []string{policytest.Water}, KeptOut: market}, false},
		"a unit without":       {store.Scope{Units: []string{policytest.Market}, KeptOut: market}, false},
		"its enterprise alone": {store.Scope{Enterprises: []string{"conflicting"}, KeptOut: market}, true},
	} {
		if got := sees(c.scope); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
	s = f.step(t, s, office, func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) {
		return x.NameConflict(c, []string{policytest.Mayor}, nil)
	})
	if sees(store.Scope{All: true, Person: "x", KeptOut: official}) {
		t.Error("who is named later still lists it")
	}
	if got := f.orders(t, store.Scope{All: true, Person: "x", KeptOut: market}, `ticket = "`+s.ID+`"`); len(got) > 0 {
		t.Errorf("its work orders are listed: %v", got)
	}
}

func (f *fixture) orders(t *testing.T, scope store.Scope, filter string) (found []string) {
	t.Helper()
	order, err := store.OrderOrders.Parse("")
	if err != nil {
		t.Fatal(err)
	}
	q := store.OrderQuery{City: policytest.Code, Scope: scope, Filter: filter, Order: order, Limit: 2}
	n, _, err := f.store.CountOrders(t.Context(), q)
	if err != nil {
		t.Fatalf("%s: %v", filter, err)
	}
	for {
		rows, err := f.store.ListOrders(t.Context(), q)
		if err != nil {
			t.Fatalf("%s: %v", filter, err)
		}
		for _, r := range rows {
			found = append(found, fmt.Sprintf("%s/%d", r.ID, r.Number))
			if r.Title == "" || r.Ticket.Order(r.Number) == nil {
				t.Errorf("a row is %+v", r)
			}
			q.After = r.Keys
		}
		if len(rows) < q.Limit {
			break
		}
	}
	if n != len(found) {
		t.Errorf("%s: counted %d, listed %d", filter, n, len(found))
	}
	return found
}

func (f *fixture) workOrders(t *testing.T) {
	s := f.signed(t, nil)
	for _, unit := range []string{policytest.Water, policytest.Market, policytest.Housing} {
		s = f.step(t, s, holder, ordered(unit))
	}
	name := func(n int) string { return fmt.Sprintf("%s/%d", s.ID, n) }
	s = f.step(t, s, clerkOf(policytest.Market), func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) { return x.SignOrder(c, 2) })
	s = f.step(t, s, clerkOf(policytest.Market), func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) {
		return x.FinishOrder(c, 2, "m")
	})
	s = f.step(t, s, holder, func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) { return x.WaiveOrder(c, 3, "m") })
	here := ` AND ticket = "` + s.ID + `"`
	at := `"` + s.Ticket.OrderClock(1, ticket.KindHandle).Due.Format(time.RFC3339Nano) + `"`
	all := store.Scope{All: true}
	for filter, want := range map[string][]string{
		`open`:                                       {name(1)},
		`state = "DONE"`:                             {name(2)},
		`state != "WAIVED"`:                          {name(1), name(2)},
		`unit = "cities/410900/units/housing"`:       {name(3)},
		`official = "` + policytest.Clerk + `"`:      {name(2)},
		`handle.due <= ` + at:                        {name(1)},
		`handle.due < ` + at:                         nil,
		`handle.met_time:* AND sign.met_time:*`:      {name(2)},
		`handle.breach_time:* OR sign.breach_time:*`: nil,
		`due_time:*`:                                 {name(1)},
		`NOT due_time:*`:                             {name(2), name(3)},
		`end_time:* AND create_time < "2030-01-01T00:00:00Z"`:                             {name(2), name(3)},
		`category = "0702" AND county = "" AND NOT lead AND NOT restricted AND cycle = 1`: {name(1), name(2), name(3)},
	} {
		got := f.orders(t, all, "("+filter+")"+here)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", filter, diff)
		}
	}
	for unit, want := range map[string][]string{policytest.Water: {name(1)}, policytest.Market: {name(2)}, policytest.Housing: nil} {
		if got := f.orders(t, store.Scope{Units: []string{unit}}, `unit:*`+here); !slices.Equal(got, want) {
			t.Errorf("%s lists %v, want %v", unit, got, want)
		}
		if sees := slices.Contains(f.scoped(t, store.Scope{Units: []string{unit}}), s.ID); sees != (want != nil) {
			t.Errorf("%s lists the ticket: %t", unit, sees)
		}
	}
	if got := f.orders(t, store.Scope{Person: policytest.Attendant}, `unit:*`+here); len(got) != 3 {
		t.Errorf("the holder lists %v", got)
	}
}

// Conditions on a request to hand back are about one and the same.
func (f *fixture) handBacks(t *testing.T) {
	s := f.signed(t, nil)
	s = f.step(t, s, holder, returned(0, "not-our-duty", policytest.Market))
	s = f.step(t, s, dispatcher, refused)
	s = f.step(t, s, holder, ordered(policytest.Water))
	s = f.step(t, s, clerkOf(policytest.Water), returned(1, "duplicate", policytest.Housing))
	at := `"` + s.Ticket.Returns[0].Time.Format(time.RFC3339Nano) + `"`
	for filter, want := range map[string]bool{
		`returns = 2`:               true,
		`returned.unit = "permits"`: true,
		`returned.unit = "permits" AND returned.reason = "not-our-duty"`:                                                    true,
		`returned.unit = "permits" AND returned.reason = "duplicate"`:                                                       false,
		`(returned.unit = "permits" AND open) AND returned.reason = "duplicate"`:                                            false,
		`NOT (returned.unit = "permits" AND returned.reason = "duplicate")`:                                                 true,
		`returned.unit = "permits" AND NOT returned.reason = "not-our-duty"`:                                                false,
		`returned.unit = "water" AND returned.decision = "pending" AND returned.order = 1`:                                  true,
		`returned.unit = "permits" AND returned.decision = "refused" AND returned.decide_time:*`:                            true,
		`returned.unit = "water" AND returned.decide_time:*`:                                                                false,
		`returned.time <= ` + at + ` AND returned.target = "market" AND returned.official = "` + policytest.Attendant + `"`: true,
		`returned.time > ` + at + ` AND returned.target = "market"`:                                                         false,
	} {
		if got := slices.Contains(f.list(t, filter), s.ID); got != want {
			t.Errorf("%s: %t, want %t", filter, got, want)
		}
	}
}

// What happens beside the straight way is in the columns.
func (f *fixture) columns(t *testing.T) {
	s := f.signed(t, func(in *ticket.Filing) {
		in.Enterprise, in.Project, in.InvestmentAtRisk, in.JobsAtRisk = "e", "p", 5_000_000_00, 120
	})
	has := func(want bool, filters ...string) {
		t.Helper()
		for _, filter := range filters {
			if got := slices.Contains(f.list(t, filter), s.ID); got != want {
				t.Errorf("%s: %t, want %t", filter, got, want)
			}
		}
	}
	has(true, `investment_at_risk >= 500000000 AND jobs_at_risk = 120 AND open`)
	has(false, `source:*`, `supervised`, `extended > 0`, `extension_time:*`, `callback:*`, `dialogue:*`, `thin`, `retained`, `merged_into:*`, `callback = "due"`)
	s = f.step(t, s, office, func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) { return x.Supervise(c, "m") })
	s = f.step(t, s, person(filer), func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) { return x.AskDialogue(c, "m") })
	has(true, `supervised`, `dialogue = "REQUESTED" AND dialogue_time:* AND NOT dialogue_end_time:*`)
	s = f.step(t, s, holder, func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) { return x.Extend(c, 1, "m") })
	has(true, `extension_time:* AND NOT extension_decision:* AND extended = 0`)
	s = f.step(t, s, office, func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) {
		return x.DecideExtension(c, 1, true, "m")
	})
	has(true, `extension_decision = "granted" AND extension_decide_time:* AND extended = 1`)
	s = f.step(t, s, office, func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) {
		return x.TakeDialogue(c, policytest.MarketLeader, c.Now.Add(time.Hour), "phone")
	})
	has(true, `dialogue = "TAKEN" AND dialogue_official = "`+policytest.MarketLeader+`"`)
	if !slices.Contains(f.scoped(t, store.Scope{Person: policytest.MarketLeader}), s.ID) {
		t.Error("who has the dialogue does not list the ticket")
	}
	s = f.step(t, s, holder, func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) {
		return x.Answer(c, ticket.AnswerInput{Outcome: ticket.Solved, Message: "m", Thin: true})
	})
	has(true, `thin AND callback = "due" AND callback_reason = "major" AND callback_time:*`)
	s = f.step(t, s, person(filer), func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) {
		return x.Verify(c, ticket.Verified{Contacted: true, Solved: true, Satisfied: ticket.Satisfied})
	})
	has(true, `retained AND close_reason = "VERIFIED" AND callback = "overtaken" AND dialogue = "ENDED"`)
	later := f.filed(t, func(in *ticket.Filing) { in.Source, in.Channel = "cases/1", "" })
	first := f.filed(t, nil)
	if got := f.list(t, `source = "cases/1"`); !slices.Equal(got, []string{later.ID}) {
		t.Errorf("by source: %v", got)
	}
	own, theirs, err := first.Ticket.Merge(f.context(dispatcher), later.Ticket, "m", false)
	if err != nil {
		t.Fatal(err)
	}
	f.done(t, later, theirs, nil)
	f.done(t, first, own, nil)
	if got := f.list(t, `close_reason = "MERGED" AND merged_into = "`+later.ID+`"`); !slices.Equal(got, []string{first.ID}) {
		t.Errorf("merged: %v", got)
	}
}

// What an official filed for a caller and answered never counts in the rates.
func (f *fixture) ownFilings(t *testing.T) {
	for _, by := range []string{policytest.Attendant, policytest.Dispatcher} {
		actor := person(by, policy.RoleDispatcher, policy.RoleAttendant)
		s := f.filedBy(t, actor, func(in *ticket.Filing) { in.Channel = "visit" })
		s = f.step(t, s, dispatcher, func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) {
			return x.Dispatch(c, policytest.Attendant)
		})
		s = f.step(t, s, holder, func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) { return x.Sign(c) })
		s = f.step(t, s, holder, func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) {
			return x.Answer(c, ticket.AnswerInput{Outcome: ticket.Solved, Message: "m"})
		})
		s = f.step(t, s, person(policytest.Dispatcher2, policy.RoleDispatcher), func(x *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) {
			return x.RecordCallback(c, ticket.Verified{Contacted: true, Solved: true, Satisfied: ticket.Satisfied})
		})
		if got, want := slices.Contains(f.list(t, `rate_time:*`), s.ID), by != policytest.Attendant; got != want {
			t.Errorf("filed by %s: counts %t, want %t", by, got, want)
		}
	}
}
