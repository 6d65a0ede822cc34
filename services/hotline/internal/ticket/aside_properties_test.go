package ticket

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	pt "github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
)

// official returns an official as an actor.
func official(city *policy.City, id string) Actor {
	o, _ := city.Official(id)
	a := Actor{Kind: PersonActor, Person: id, Roles: o.Roles, Under: city.Line(o.Unit)}
	if o.Has(policy.RoleClerk) {
		a.Units = []string{o.Unit}
	}
	return a
}

// The people beside the straight way, and the units that are given parts.
var (
	clerkOf  = map[string]string{pt.Housing: pt.HousingClerk, pt.Market: pt.MarketClerk, pt.Permits: pt.PermitsClerk, pt.Water: pt.Clerk}
	parts    = []string{pt.Housing, pt.Market, pt.Permits, pt.Water}
	referees = []string{pt.Dispatcher, pt.Dispatcher2, pt.Supervisor, pt.MayorOffice}
	overseen = []string{pt.Supervisor, pt.MayorOffice}
	speakers = []string{pt.Mayor, pt.HousingLeader, pt.MarketLeader, pt.MayorOffice}
	named    = []string{pt.Attendant, pt.Attendant2, pt.Clerk, pt.HousingLeader, pt.MarketClerk, pt.Supervisor, pt.MayorOffice, pt.Mayor, pt.Dispatcher}
)

// aside does one thing beside the straight way, by somebody who may often do it.
func (l *life) aside(t *rapid.T) {
	acts := l.asides()
	name := rapid.SampledFrom(asideNames(acts)).Draw(t, "aside")
	acts[name](t)
}

func asideNames(acts map[string]func(*rapid.T)) []string {
	var names []string
	for name := range acts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (l *life) asides() map[string]func(*rapid.T) {
	acts := map[string]func(*rapid.T){
		"extend": func(t *rapid.T) {
			days := rapid.IntRange(0, 6).Draw(t, "workdays")
			l.do(t, official(l.city, l.swept.Official), func(x *Ticket, c Context) ([]Event, error) { return x.Extend(c, days, "m") })
		},
		"decide extension": func(t *rapid.T) {
			by, granted := rapid.SampledFrom(overseen).Draw(t, "by"), rapid.IntRange(0, 3).Draw(t, "granted") > 0
			l.do(t, official(l.city, by), func(x *Ticket, c Context) ([]Event, error) {
				return x.DecideExtension(c, len(x.Extensions), granted, "m")
			})
		},
		"supervise": func(t *rapid.T) {
			l.do(t, official(l.city, pt.Supervisor), func(x *Ticket, c Context) ([]Event, error) { return x.Supervise(c, "m") })
		},
		"name conflict": func(t *rapid.T) {
			if rapid.IntRange(0, 3).Draw(t, "rarely") > 0 {
				return
			}
			officials := rapid.SliceOfN(rapid.SampledFrom(named), 0, 1).Draw(t, "officials")
			units := rapid.SliceOfN(rapid.SampledFrom(parts), 0, 1).Draw(t, "units")
			l.do(t, theMember, func(x *Ticket, c Context) ([]Event, error) { return x.NameConflict(c, officials, units) })
		},
		"hand over": func(t *rapid.T) {
			l.position++
			h := Handover{Position: l.position, From: l.swept.Official, Official: rapid.SampledFrom(append([]string{""}, holders...)).Draw(t, "to"), Reason: "leave"}
			l.do(t, Router, func(x *Ticket, c Context) ([]Event, error) { return x.AcceptHandover(c, h) })
		},
		"missed call": func(t *rapid.T) { l.do(t, otherDesk, (*Ticket).RecordMissedCall) },
		"absorb":      l.absorb,
		"merge":       l.merge,
	}
	l.orderActs(acts)
	l.dialogueActs(acts)
	return acts
}

func (l *life) orderActs(acts map[string]func(*rapid.T)) {
	by := func(act func(t *rapid.T, number int) func(*Ticket, Context) ([]Event, error)) func(*rapid.T) {
		return func(t *rapid.T) {
			number := rapid.IntRange(1, max(1, len(l.swept.Orders))).Draw(t, "order")
			actor := official(l.city, pt.HousingClerk)
			if o := l.swept.Order(number); o != nil {
				actor = official(l.city, clerkOf[o.Unit])
			}
			l.do(t, actor, act(t, number))
		}
	}
	create := func(t *rapid.T) {
		in := OrderInput{Unit: rapid.SampledFrom(parts).Draw(t, "unit"), Lead: rapid.Bool().Draw(t, "lead"), Message: "m"}
		l.do(t, theDesk, func(x *Ticket, c Context) ([]Event, error) { return x.CreateOrder(c, in) })
	}
	sign := by(func(_ *rapid.T, n int) func(*Ticket, Context) ([]Event, error) {
		return func(x *Ticket, c Context) ([]Event, error) { return x.SignOrder(c, n) }
	})
	finish := by(func(_ *rapid.T, n int) func(*Ticket, Context) ([]Event, error) {
		return func(x *Ticket, c Context) ([]Event, error) { return x.FinishOrder(c, n, "m") }
	})
	acts["create order"], acts["create order2"], acts["sign order"], acts["finish order"] = create, create, sign, finish
	acts["sign order2"], acts["finish order2"] = sign, finish
	acts["return order"] = by(func(t *rapid.T, n int) func(*Ticket, Context) ([]Event, error) {
		in := ReturnInput{Order: n, Reason: "other", Message: "m", Target: rapid.SampledFrom(parts).Draw(t, "target")}
		return func(x *Ticket, c Context) ([]Event, error) { return x.Return(c, in) }
	})
	acts["return"] = func(t *rapid.T) {
		in := ReturnInput{Reason: "other", Message: "m", Target: rapid.SampledFrom(parts).Draw(t, "target")}
		l.do(t, official(l.city, l.swept.Official), func(x *Ticket, c Context) ([]Event, error) { return x.Return(c, in) })
	}
	acts["waive order"] = func(t *rapid.T) {
		number := rapid.IntRange(1, max(1, len(l.swept.Orders))).Draw(t, "order")
		l.do(t, official(l.city, pt.Supervisor), func(x *Ticket, c Context) ([]Event, error) { return x.WaiveOrder(c, number, "m") })
	}
	decide := func(t *rapid.T) {
		in := ReturnDecision{
			Number: rapid.IntRange(1, max(1, len(l.swept.Returns))).Draw(t, "return"), Granted: rapid.Bool().Draw(t, "granted"), Message: "m",
			Official: rapid.SampledFrom(append([]string{""}, holders...)).Draw(t, "official"), Unit: rapid.SampledFrom(append([]string{""}, parts...)).Draw(t, "unit"),
		}
		l.do(t, official(l.city, rapid.SampledFrom(referees).Draw(t, "by")), func(x *Ticket, c Context) ([]Event, error) { return x.DecideReturn(c, in) })
	}
	acts["decide return"], acts["decide return2"] = decide, decide
}

func (l *life) dialogueActs(acts map[string]func(*rapid.T)) {
	acts["ask dialogue"] = func(t *rapid.T) {
		l.do(t, theMember, func(x *Ticket, c Context) ([]Event, error) { return x.AskDialogue(c, "m") })
	}
	acts["dialogue"] = func(t *rapid.T) {
		by := pt.MayorOffice
		if d := l.swept.Dialogue(); d != nil && d.Speaker.Official != "" && rapid.Bool().Draw(t, "by the speaker") {
			by = d.Speaker.Official
		}
		speaker := rapid.SampledFrom(speakers).Draw(t, "speaker")
		verb := rapid.IntRange(0, 3).Draw(t, "verb")
		l.do(t, official(l.city, by), func(x *Ticket, c Context) ([]Event, error) {
			switch verb {
			case 0:
				return x.TakeDialogue(c, speaker, c.Now.Add(24*time.Hour), "phone")
			case 1:
				return x.HandOnDialogue(c, speaker, "m")
			case 2:
				return x.DeclineDialogue(c, "m")
			default:
				return x.HoldDialogue(c, "m", "in-person")
			}
		})
	}
}

// another returns a ticket of the same enterprise that was filed at an instant and has come some way since.
func (l *life) another(t *rapid.T, id string, at time.Time) *Ticket {
	f := filing()
	f.ID, f.AppealType = id, rapid.SampledFrom([]string{"", "consultation", "complaint"}).Draw(t, "its type")
	f.Category = "0801"
	f.Urgency = rapid.SampledFrom([]Urgency{Normal, Urgent}).Draw(t, "its urgency")
	x := &Ticket{City: pt.Code, ID: id}
	c := l.context(theFiler)
	c.Now = at
	events, err := File(c, f)
	if err != nil {
		t.Fatal(err)
	}
	apply(t, x, nil, events)
	return x
}

func (l *life) absorb(t *rapid.T) {
	later := l.another(t, "01900000-0000-7000-8000-0000000000ff", l.now)
	l.do(t, theDesk, func(x *Ticket, c Context) ([]Event, error) {
		own, theirs, err := later.Merge(c, x, "m", false)
		if err == nil && own[len(own)-1].Body != (Closed{ClosedMerged, "m", x.ID}) {
			t.Fatalf("ends with %v", own)
		}
		return theirs, err
	})
}

func (l *life) merge(t *rapid.T) {
	if rapid.IntRange(0, 5).Draw(t, "rarely") > 0 {
		return
	}
	earlier := l.another(t, "01900000-0000-7000-8000-000000000001", l.swept.CreateTime)
	l.do(t, theDesk, func(x *Ticket, c Context) ([]Event, error) {
		own, _, err := x.Merge(c, earlier, "m", false)
		return own, err
	})
}

// checkWhole: what is open and what is owed are one.
func (l *life) checkWhole(t *rapid.T) {
	x := l.swept
	owed := func(k Kind, order int) (n int) {
		for _, c := range x.Clocks {
			if c.Owed() && c.Kind == k && c.Order == order {
				n++
			}
		}
		return n
	}
	must := func(what string, got int, owes bool) {
		if want := map[bool]int{true: 1}[owes]; got != want {
			t.Fatalf("%s is owed %d times, not %d: %+v", what, got, want, x)
		}
	}
	must("dispatch", owed(KindDispatch, 0), x.State == StateFiled)
	must("sign", owed(KindSign, 0), x.State == StateDispatched)
	must("verify", owed(KindVerify, 0), x.State == StateAnswered)
	must("a return", owed(KindReturn, 0), x.pendingReturn(0) != nil)
	must("an extension", owed(KindExtension, 0), x.pendingExtension() != nil)
	must("a dialogue", owed(KindDialogue, 0), x.Dialogue() != nil)
	if x.State == StateInProgress || x.State == StateWaiting {
		must("an answer", owed(KindAnswer, 0), true)
	}
	for _, o := range x.Orders {
		must("an order's signature", owed(KindOrderSign, o.Number), o.State == SentOrder)
		must("an order's return", owed(KindReturn, o.Number), x.pendingReturn(o.Number) != nil)
		if n := owed(KindHandle, o.Number); o.State == SignedOrder || !o.State.Open() {
			must("an order", n, o.State == SignedOrder)
		}
		if o.State.Open() != o.To.IsZero() {
			t.Fatalf("order %+v", o)
		}
	}
	if !x.State.Open() && (x.openOrders() > 0 || x.Dialogue() != nil || x.Callback.Waits() || x.pendingExtension() != nil || !x.DueTime().IsZero()) {
		t.Fatalf("closed, and something is open: %+v", x)
	}
	if x.Callback.Waits() && x.State != StateAnswered {
		t.Fatalf("a call-back waits in %s", x.State)
	}
	l.checkHolders(t)
	l.checkKeptOut(t)
}

// checkHolders: one holder at a time, and never a moment without one while the ticket is open.
func (l *life) checkHolders(t *rapid.T) {
	x := l.swept
	for i, h := range x.Holdings {
		last := i == len(x.Holdings)-1
		if h.To.IsZero() != (last && x.State.Open()) || !last && x.Holdings[i+1].From.Before(h.To) {
			t.Fatalf("holdings %+v", x.Holdings)
		}
		if last && (h.Seat != Seat{x.Unit, x.Official}) || (h.Official == "") != (h.Unit == pt.Desk) {
			t.Fatalf("held by %v: %+v", Seat{x.Unit, x.Official}, x.Holdings)
		}
	}
	if (x.State == StateFiled) != (x.Official == "") && x.State.Open() {
		t.Fatalf("%s with %q", x.State, x.Official)
	}
	for _, a := range x.Away[:max(0, len(x.Away)-1)] {
		if a.To.IsZero() {
			t.Fatalf("away %+v", x.Away)
		}
	}
}

// checkKeptOut: who is named has no part in what is open.
func (l *life) checkKeptOut(t *rapid.T) {
	x, city := l.swept, l.noticedCity()
	out := func(s Seat) bool { return x.Conflict.keepsOut(city, s) }
	if x.State.Open() && x.Official != "" && out(Seat{x.Unit, x.Official}) {
		t.Fatalf("%s holds a ticket about %v", x.Official, x.Conflict)
	}
	if x.Rung > 0 && out(x.Accountable) {
		t.Fatalf("%v is accountable for a ticket about %v", x.Accountable, x.Conflict)
	}
	for _, o := range x.Orders {
		if o.State.Open() && out(Seat{Unit: o.Unit}) {
			t.Fatalf("%s has an order of a ticket about %v", o.Unit, x.Conflict)
		}
	}
	if d := x.Dialogue(); d != nil && out(d.Speaker) {
		t.Fatalf("%v speaks about %v", d.Speaker, x.Conflict)
	}
	for _, c := range x.Clocks {
		if c.State == Running && (c.Kind == KindExtension || c.Kind == KindDialogue) && out(c.Owner) {
			t.Fatalf("%v decides about %v: %+v", c.Owner, x.Conflict, c)
		}
	}
	for _, id := range append(slices.Clone(named), holders...) {
		if a := official(city, id); x.KeepsOut(a) {
			if got := x.PartyOf(a); got != Anybody {
				t.Fatalf("%s is %b to a ticket about %v", id, got, x.Conflict)
			}
		}
	}
}
