package desk_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/attendant/internal/binding"
	"github.com/throughtrain/throughtrain/services/attendant/internal/desk"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock"
)

const he, lu, shi, cao = rostertest.He, rostertest.Lu, rostertest.Shi, rostertest.Cao

// walkers are the agents of both centres.
var walkers = []int{he, lu, shi, cao}

func TestSealingIsAnsweredForEachCentre(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		o.bindAgent(lu, 1)
		o.takeCases(o.caseHappens(1, sealed(approvals, investment)), o.caseHappens(2, sealed(approvals)), o.caseHappens(3, sealed(investment)))
		for n, want := range map[int][]string{
			1: {proposedFor(approvals, lu, route.Bound), proposedFor(investment, shi, route.LeastLoaded)},
			2: {proposedFor(approvals, lu, route.Bound)},
			3: {proposedFor(investment, cao, route.LeastLoaded)},
		} {
			if diff := cmp.Diff(want, o.saidOf(n)); diff != "" {
				t.Errorf("case %d (-want +got):\n%s", n, diff)
			}
		}
		if diff := cmp.Diff([]int{0, 2, 1, 1}, o.load(walkers...)); diff != "" {
			t.Error(diff)
		}
		proposals, _ := o.agentProposals(0)
		if p := proposals[0]; p.GetCase() != rostertest.Case(1) || p.GetAgreement() != 1 || p.GetUnit() != "window" || p.GetFrom() != "" {
			t.Errorf("proposed %v", p)
		}
	})
}

func TestAgentsTakeTurnsUpToTheirLoad(t *testing.T) {
	o := openOffice(t, openStore(t), rostertest.Code)
	var batch []desk.Happening
	for i := range 6 {
		batch = append(batch, o.caseHappens(i, sealed(approvals, investment)))
	}
	o.takeCases(batch[:3]...)
	o.takeCases(batch[3:]...)
	// He and Lu take two each and then nobody is left; Shi takes what is more than Cao's two.
	if diff := cmp.Diff([]int{2, 2, 4, 2}, o.load(walkers...)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{proposedFor(approvals, 0, route.Nobody), proposedFor(investment, shi, route.LeastLoaded)}, o.saidOf(5)); diff != "" {
		t.Error(diff)
	}
}

func TestAgentClaimsAndLoads(t *testing.T) {
	first := proposedFor(approvals, he, route.LeastLoaded)
	back := returnedFor(approvals, he)
	refused := func(o *office) any {
		proposals, _ := o.agentProposals(0)
		return desk.AgentRefused{Centre: approvals, Proposal: proposals[0].position}
	}
	taken, chosen := assigned(approvals, he), assigned(approvals, lu)
	again := sealed(approvals)
	again.Agreement = 2
	s, cities := openStore(t), 800_000
	for _, c := range []struct {
		name string
		then []any
		load []int // of He, who is proposed, and of Lu
		said []string
	}{
		{"proposed", nil, []int{1, 0}, nil},
		{"taken", []any{taken}, []int{1, 0}, nil},
		{"refused", []any{refused}, []int{0, 0}, []string{back}},
		{"the centre chose another, then refused", []any{chosen, refused}, []int{0, 1}, []string{back}},
		{"the centre chose the same, then refused", []any{taken, refused}, []int{1, 0}, nil},
		{"terminated before the answer", []any{desk.Terminated{}, refused}, []int{0, 0}, []string{back}},
		{"terminated", []any{taken, desk.Terminated{}, released(approvals, he)}, []int{0, 0}, nil},
		{"completed", []any{taken, desk.Completed{}}, []int{0, 0}, nil},
		{"open again", []any{taken, desk.Completed{}, desk.Reopened{}}, []int{1, 0}, nil},
		{"closed", []any{taken, desk.Terminated{}, released(approvals, he), desk.Closed{}}, []int{0, 0}, nil},
		{"another agent", []any{taken, released(approvals, he), chosen}, []int{0, 1}, nil},
		{"another agreement", []any{desk.Terminated{}, again}, []int{0, 1}, []string{back, proposedFor(approvals, lu, route.LeastLoaded)}},
		{"an old refusal under another agreement", []any{desk.Terminated{}, again, refused}, []int{0, 1},
			[]string{back, proposedFor(approvals, lu, route.LeastLoaded)}},
		{"a refusal of what was never said", []any{desk.AgentRefused{Centre: approvals, Proposal: 9999}}, []int{1, 0}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			cities++
			o := openOffice(t, s, fmt.Sprintf("%06d", cities))
			batch := []desk.Happening{o.caseHappens(1, sealed(approvals))}
			o.takeCases(batch...)
			for _, what := range c.then {
				if later, ok := what.(func(*office) any); ok {
					what = later(o)
				}
				batch = append(batch, o.caseHappens(1, what))
			}
			check := func(when string) {
				if diff := cmp.Diff(c.load, o.load(he, lu)); diff != "" {
					t.Errorf("%s, loads (-want +got):\n%s", when, diff)
				}
				if diff := cmp.Diff(append([]string{first}, c.said...), o.saidOf(1)); diff != "" {
					t.Errorf("%s, said (-want +got):\n%s", when, diff)
				}
			}
			for _, h := range batch[1:] {
				o.takeCases(h)
			}
			check("one by one")
			// What was taken up already changes nothing, however it comes again.
			o.takeCases(batch...)
			for _, h := range batch {
				o.takeCases(h)
			}
			check("taken up again")
		})
	}
}

// The answer to a proposal is told from that to another of the same stretch, which the agency saw in the same moment.
func TestTwoAgreementsInOneStretch(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		again := sealed(investment)
		again.Agreement = 2
		o.takeCases(o.caseHappens(1, sealed(investment)), o.caseHappens(1, desk.Terminated{}), o.caseHappens(1, again))
		proposals, _ := o.agentProposals(0)
		if len(proposals) != 2 {
			t.Fatalf("proposed %v", proposals)
		}
		o.takeCases(o.caseHappens(1, desk.AgentRefused{Centre: investment, Proposal: proposals[0].position}))
		if got := o.load(shi, cao); got[0]+got[1] != 1 {
			t.Errorf("the second claim went with the first: %v", got)
		}
		o.takeCases(o.caseHappens(1, desk.AgentRefused{Centre: investment, Proposal: proposals[1].position}))
		if got := o.load(shi, cao); got[0]+got[1] != 0 {
			t.Errorf("carried %v", got)
		}
	})
}

func TestSealingWaitsForItsConfiguration(t *testing.T) {
	o := openOffice(t, openStore(t), rostertest.Code)
	o.Desk = desk.New(desk.Deps{Store: o.store, City: o.clock, Wall: clock.System(), News: &news{func() { o.apply(2, 5, he) }}})
	early := sealed(approvals)
	early.ConfigVersion = 2
	o.takeCases(o.caseHappens(1, early))
	if diff := cmp.Diff([]string{proposedFor(approvals, lu, route.LeastLoaded)}, o.saidOf(1)); diff != "" {
		t.Error(diff)
	}
	late := sealed(approvals)
	late.ConfigVersion = 3
	if _, err := o.TakeCases(t.Context(), []desk.Happening{o.caseHappens(2, late)}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a configuration that does not arrive: %v", err)
	}
	strange := o.caseHappens(3, sealed(approvals))
	strange.City = "410500"
	if c, err := o.TakeCases(t.Context(), []desk.Happening{strange}); err == nil {
		t.Errorf("a city that is not known: %+v", c)
	}
}

func (o *office) handOverCases(from int, way route.Way, to int, cases ...int) (desk.Handover, error) {
	o.t.Helper()
	in := desk.HandOver{City: o.city, From: rostertest.Person(from), Way: way, Note: "调岗"}
	if to > 0 {
		in.To = rostertest.Person(to)
	}
	for _, n := range cases {
		in.Cases = append(in.Cases, rostertest.Case(n))
	}
	id, err := o.MakeHandover(context.Background(), admin(o.city), in)
	if err != nil {
		return desk.Handover{}, err
	}
	return o.Handover(context.Background(), admin(o.city).Caller, o.city, id)
}

func TestCasesAreHandedOver(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		a := newAgency(o)
		for _, n := range []int{1, 2, 3, 4} {
			a.seal(n)
			a.choose(n, approvals, rostertest.Person(he))
		}
		a.choose(4, investment, rostertest.Person(cao))
		a.settled()
		o.hold(he, 1)
		o.clock.Advance(time.Minute)
		planned, err := o.PlanHandover(t.Context(), admin(o.city).Caller, desk.HandOver{City: o.city, From: rostertest.Person(he), Way: route.ToLeast})
		if err != nil {
			t.Fatal(err)
		}
		open := func(n, to int) desk.OpenCase {
			c := desk.OpenCase{ID: rostertest.Case(n), Centre: approvals, Since: rostertest.Start, Stays: to == 0}
			if to > 0 {
				c.To = rostertest.Person(to)
			}
			return c
		}
		// Lu takes no more than two by load.
		want := []desk.OpenCase{open(1, lu), open(2, lu), open(3, 0), open(4, 0)}
		if diff := cmp.Diff(want, planned.Cases); diff != "" || len(planned.Tickets) != 1 {
			t.Errorf("planned %+v (-want +got):\n%s", planned, diff)
		}
		if got := o.load(he, lu); !slices.Equal(got, []int{5, 0}) || len(o.saidOf(1)) != 0 {
			t.Errorf("a plan did something: %v", got)
		}
		made, err := o.handOverCases(he, route.ToLeast, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]desk.OpenCase{open(1, lu)}, made.Cases); diff != "" || len(made.Tickets) != 0 || made.CasesLeft != 3 || made.Left != 1 {
			t.Errorf("made %+v (-want +got):\n%s", made, diff)
		}
		if got := o.load(he, lu); !slices.Equal(got, []int{5, 1}) {
			t.Errorf("until the agency answers, both carry it: %v", got)
		}
		if _, err := o.handOverCases(he, route.ToDesk, 0, 2, 1); !errors.Is(err, desk.ErrCaseNotHeld) {
			t.Errorf("a case on its way: %v", err)
		}
		a.settled()
		if diff := cmp.Diff([]string{instead(approvals, lu, route.ByHandover, he)}, o.saidOf(1)); diff != "" || a.cases[1].agents[approvals] != rostertest.Person(lu) {
			t.Errorf("%v (-want +got):\n%s", a.cases[1].agents, diff)
		}
		if _, err := o.handOverCases(he, route.ToOfficial, shi, 2); err != nil {
			t.Fatal(err)
		}
		if len(o.saidOf(2)) != 0 {
			t.Errorf("to an agent of another centre: %v", o.saidOf(2))
		}
		for n, way := range map[int]route.Way{2: route.ToDeputy, 3: route.ToDesk, 4: route.ToOfficial} {
			to := map[route.Way]int{route.ToOfficial: lu}[way]
			if _, err := o.handOverCases(he, way, to, n); err != nil {
				t.Fatal(err)
			}
		}
		a.settled()
		for n, want := range map[int]map[string]string{2: {approvals: rostertest.Person(lu)}, 3: {},
			4: {approvals: rostertest.Person(lu), investment: rostertest.Person(cao)}} {
			if diff := cmp.Diff(want, a.cases[n].agents); diff != "" {
				t.Errorf("case %d (-want +got):\n%s", n, diff)
			}
		}
		if got := o.load(he, lu, cao); !slices.Equal(got, []int{1, 3, 1}) {
			t.Errorf("carried %v", got)
		}
		if _, err := o.handOverCases(he, route.ToDesk, 0, 4); !errors.Is(err, desk.ErrCaseNotHeld) {
			t.Errorf("a case that went: %v", err)
		}
	})
}

// actingInMany lets somebody act in the first cases, several stretches of them.
func (o *office) actingInMany(official, cases int) {
	o.t.Helper()
	for n := 0; n < cases; {
		var happened []desk.Happening
		for range min(50, cases-n) {
			happened = append(happened, o.caseHappens(n, sealed()), o.caseHappens(n, assigned(approvals, official)))
			n++
		}
		o.takeCases(happened...)
	}
}

// More cases than one decision takes go with the next.
func TestManyCasesAreHandedOver(t *testing.T) {
	o := openOffice(t, openStore(t), rostertest.Code)
	const cases = 130
	o.actingInMany(he, cases)
	made, err := o.handOverCases(he, route.ToOfficial, lu)
	if err != nil {
		t.Fatal(err)
	}
	went := len(made.Cases)
	for rounds := 1; made.CasesLeft > 0 && rounds < 100; rounds++ {
		if len(made.Cases) > 100 || went+made.CasesLeft != cases {
			t.Fatalf("%d went, %d are left", len(made.Cases), made.CasesLeft)
		}
		if made, err = o.handOverCases(he, route.ToOfficial, lu); err != nil {
			t.Fatal(err)
		}
		went += len(made.Cases)
	}
	if went != cases || o.load(lu)[0] != cases {
		t.Errorf("%d went, %d are carried", went, o.load(lu)[0])
	}
}

func TestCasesOfWhoIsGoneFindAnother(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		a := newAgency(o)
		for n := range 5 {
			a.seal(n)
			a.choose(n, approvals, rostertest.Person(he))
		}
		a.move(4, false)
		a.settled()
		o.dismiss(he, 9)
		o.settle(he)
		// Lu takes two by load; for the others the centre chooses. What is completed stays.
		for n, want := range []string{instead(approvals, lu, route.ByDismissal, he), instead(approvals, lu, route.ByDismissal, he),
			instead(approvals, 0, route.ByDismissal, he), instead(approvals, 0, route.ByDismissal, he)} {
			if diff := cmp.Diff([]string{want}, o.saidOf(n)); diff != "" {
				t.Errorf("case %d (-want +got):\n%s", n, diff)
			}
		}
		o.settle(he)
		if len(o.saidOf(0))+len(o.saidOf(3)) != 2 || len(o.saidOf(4)) != 0 {
			t.Errorf("said again %v, %v, %v", o.saidOf(0), o.saidOf(3), o.saidOf(4))
		}
		a.settled()
		if got := o.load(he, lu); !slices.Equal(got, []int{0, 2}) {
			t.Errorf("carried %v", got)
		}
		// What comes to them afterwards leaves them too: what is open again, and what a centre gives that has not heard.
		if due := o.nextDue(); !due.IsZero() {
			t.Fatalf("due at %v", due)
		}
		a.move(4, true)
		a.choose(3, approvals, rostertest.Person(he))
		a.settled()
		if due := o.nextDue(); due.IsZero() || due.Before(o.clock.Now()) {
			t.Fatalf("due at %v", due)
		}
		o.settle(he)
		a.settled()
		if got := o.load(he, lu); !slices.Equal(got, []int{0, 2}) || a.cases[4].agents[approvals] != "" || a.cases[3].agents[approvals] != "" {
			t.Errorf("carried %v, acted %v and %v", got, a.cases[3].agents, a.cases[4].agents)
		}
	})
}

// However many cases somebody who is gone has, none is left with them.
func TestWhoIsGoneLeavesManyCases(t *testing.T) {
	o := openOffice(t, openStore(t), rostertest.Code)
	const cases = 230
	o.actingInMany(he, cases)
	o.dismiss(he, 9)
	for range 100 {
		if o.nextDue().IsZero() {
			break
		}
		o.settle(he)
	}
	proposals, _ := o.agentProposals(0)
	if due := o.nextDue(); len(proposals) != cases || !due.IsZero() {
		t.Errorf("%d of %d are proposed, due at %v", len(proposals), cases, due)
	}
}

// Whoever is proposed instead of who is gone is refused: then the centre chooses.
func TestWhoIsGoneDoesNotKeepACaseBecauseOfARefusal(t *testing.T) {
	o := openOffice(t, openStore(t), rostertest.Code)
	o.acting(approvals, he, 1)
	o.dismiss(he, 9)
	o.settle(he)
	refuse := func() {
		proposals, _ := o.agentProposals(0)
		o.takeCases(o.caseHappens(1, desk.AgentRefused{Centre: approvals, Proposal: proposals[len(proposals)-1].position}))
	}
	refuse()
	o.settle(he)
	want := []string{instead(approvals, lu, route.ByDismissal, he), returnedFor(approvals, lu), instead(approvals, 0, route.ByDismissal, he)}
	if diff := cmp.Diff(want, o.saidOf(1)); diff != "" {
		t.Fatalf("(-want +got):\n%s", diff)
	}
	refuse()
	if due := o.nextDue(); due.Before(o.clock.Now().Add(5 * time.Minute)) {
		t.Errorf("tried again already at %v", due)
	}
}

func TestLeaveHandsCasesOver(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		a := newAgency(o)
		for n, centre := range []string{approvals, approvals, investment} {
			a.seal(n)
			a.choose(n, centre, rostertest.Person(map[string]int{approvals: he, investment: shi}[centre]))
		}
		a.settled()
		begin := rostertest.Start.Add(time.Hour)
		o.setPresence(binding.Presence{Official: rostertest.Person(he), Away: true, From: begin, HandOver: true})
		// Shi has no deputy of the same centre: the case stays.
		o.setPresence(binding.Presence{Official: rostertest.Person(shi), Away: true, From: begin, HandOver: true, Deputy: rostertest.Person(lu)})
		o.settle(he) // too early
		if len(o.saidOf(0)) != 0 {
			t.Fatalf("before it begins: %v", o.saidOf(0))
		}
		o.clock.Set(begin)
		o.settle(he)
		o.settle(shi)
		if diff := cmp.Diff([]string{instead(approvals, lu, route.ByLeave, he)}, o.saidOf(0)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		a.settled()
		if got := o.load(he, lu, shi); !slices.Equal(got, []int{0, 2, 1}) || len(o.saidOf(2)) != 0 {
			t.Errorf("carried %v, said %v", got, o.saidOf(2))
		}
		if due := o.nextDue(); !due.IsZero() {
			t.Errorf("still due at %v", due)
		}
	})
}

// follow takes up one thing that happened, and again when others were faster, as a follower of the feed does.
func (o *office) follow(take func(context.Context, []desk.Happening) (*change.Change, error), h desk.Happening) error {
	for range 200 {
		c, err := take(context.Background(), []desk.Happening{h})
		if err == nil {
			err = o.store.Commit(context.Background(), c)
		}
		if !errors.Is(err, change.ErrConflict) && !errors.Is(err, change.ErrStale) {
			return err
		}
	}
	return errors.New("others are always faster")
}

// While agreements are sealed, tickets filed and cases handed over at once, nobody who is chosen by load gets more than they take, and no case is offered twice.
func TestManyAgentsAreWantedAtOnce(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		const each = 6
		o.apply(2, 2, shi) // so that load decides for Cao alone, who is clerk and agent
		var cases []int
		for n := range each {
			cases = append(cases, 100+n)
		}
		o.acting(investment, lu, cases...) // as no agency would have it, but it leaves the places free
		var sealings, filings [each]desk.Happening
		for i := range each {
			sealings[i], filings[i] = o.caseHappens(i, sealed(investment)), o.happens(i, filed(rostertest.Finance))
		}
		var running sync.WaitGroup
		follow := func(take func(context.Context, []desk.Happening) (*change.Change, error), happened []desk.Happening) {
			for _, h := range happened {
				if err := o.follow(take, h); err != nil {
					t.Error(err)
				}
			}
		}
		running.Go(func() { follow(o.TakeCases, sealings[:]) })
		running.Go(func() { follow(o.Take, filings[:]) })
		for _, n := range cases {
			running.Go(func() {
				in := desk.HandOver{City: o.city, From: rostertest.Person(lu), Way: route.ToLeast, Note: "调岗", Cases: []string{rostertest.Case(n)}}
				if _, err := o.MakeHandover(t.Context(), admin(o.city), in); err != nil && !errors.Is(err, desk.ErrTooBusy) {
					t.Error(err)
				}
			})
		}
		running.Wait()
		if got := o.load(cao)[0]; got != 2 {
			t.Errorf("carries %d, and takes 2", got)
		}
		proposals, _ := o.agentProposals(0)
		offered := map[string]int{}
		for _, p := range proposals {
			offered[p.GetCase()]++
			if offered[p.GetCase()] > 1 {
				t.Errorf("%s was offered twice", p.GetCase())
			}
		}
	})
}

// Whatever is sealed, terminated, chosen, completed, handed over, left and answered, in whatever order and however the feed is cut: what is carried is what a
// recount says; when everything is answered, exactly those carry a case who act in it, nobody waits, and taking up everything again changes nothing.
func TestLoadsStayRightThroughEntrustments(t *testing.T) {
	s := openStore(t)
	cities := 700_000
	rapid.Check(t, func(rt *rapid.T) {
		const cases = 4
		cities++
		o := openOffice(t, s, fmt.Sprintf("%06d", cities))
		a := newAgency(o)
		var all []desk.Happening
		deliver := func(most int) {
			all = append(all, a.told[:min(most, len(a.told))]...)
			a.deliver(most)
		}
		for range rapid.IntRange(1, 40).Draw(rt, "length") {
			n := rapid.IntRange(0, cases-1).Draw(rt, "case")
			official := rapid.SampledFrom(walkers).Draw(rt, "official")
			switch rapid.IntRange(0, 11).Draw(rt, "what") {
			case 0, 1:
				a.seal(n, approvals, investment)
			case 2:
				a.terminate(n)
			case 3:
				a.choose(n, rapid.SampledFrom([]string{approvals, investment}).Draw(rt, "centre"), rostertest.Person(official))
			case 4:
				a.move(n, false)
			case 5:
				a.move(n, true)
			case 6:
				a.end(n)
			case 7:
				way := route.Way(rapid.IntRange(1, 4).Draw(rt, "way"))
				to := 0
				if way == route.ToOfficial {
					to = rapid.SampledFrom(walkers).Draw(rt, "to")
				}
				if _, err := o.handOverCases(official, way, to); err != nil && errors.Is(err, desk.ErrTooBusy) {
					rt.Fatal(err)
				}
			case 8, 9:
				a.answer()
			default:
				deliver(rapid.IntRange(1, 6).Draw(rt, "stretch"))
			}
			if loads, recount := o.load(walkers...), o.carriedCases(cases, walkers...); !slices.Equal(loads, recount) {
				rt.Fatalf("carried %v, recounted %v", loads, recount)
			}
		}
		for before := int64(-1); len(a.told) > 0 || a.read > before; {
			deliver(len(a.told))
			before = a.read
			a.answer()
		}
		if loads, acted := o.load(walkers...), a.acted(walkers...); !slices.Equal(loads, acted) {
			rt.Fatalf("in the end carried %v, acted %v", loads, acted)
		}
		var said []string
		for n := range cases {
			said = append(said, o.saidOf(n)...)
			known, err := s.Cases(t.Context(), o.city, []string{rostertest.Case(n)})
			if err != nil || len(known) == 1 && slices.ContainsFunc(known[0].Seats, func(s route.Seat) bool { return s.Proposal != nil }) {
				rt.Fatalf("what was answered still waits: %+v, %v", known, err)
			}
		}
		if len(all) > 0 {
			o.takeCases(all...)
		}
		var again []string
		for n := range cases {
			again = append(again, o.saidOf(n)...)
		}
		if loads, acted := o.load(walkers...), a.acted(walkers...); !slices.Equal(loads, acted) || !slices.Equal(said, again) {
			rt.Fatalf("taken up again, carried %v, acted %v, said %v after %v", loads, acted, again, said)
		}
	})
}
