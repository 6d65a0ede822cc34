package route_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/attendant/internal/binding"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
)

// agent makes a binding one of an agent.
func agent(b *binding.Binding) { b.Role = binding.Agent }

// at is a vacancy of the first enterprise's first project.
func at(centre string) route.Vacancy {
	return route.Vacancy{Enterprise: rostertest.Enterprise(1), Project: rostertest.Project(1), Centre: centre}
}

// agents is the tests' city in which some carry something already, and some are away or dismissed.
func agents(loads, cases map[int]int, away []binding.Presence, dismissed ...int) *route.Situation {
	s := situation(dismissed...)
	s.GivenCases = map[string]int64{}
	for n, load := range loads {
		s.Loads[rostertest.Person(n)] = load
	}
	for n, position := range cases {
		s.GivenCases[rostertest.Person(n)] = int64(position)
	}
	for _, p := range away {
		s.Presence[p.Official] = p
	}
	return s
}

func TestAgent(t *testing.T) {
	const he, lu, shi, cao = rostertest.He, rostertest.Lu, rostertest.Shi, rostertest.Cao
	type officials = map[int]int
	least := choice(he, rostertest.Approvals, route.LeastLoaded, 2)
	for _, c := range []struct {
		name      string
		centre    string
		bindings  []binding.Binding
		away      []binding.Presence
		loads     officials
		given     officials
		dismissed []int
		want      route.Choice
	}{
		{name: "bound to the project", bindings: []binding.Binding{bound(he, false, agent), bound(lu, true, agent)}, want: choice(lu, "window", route.Bound, 0)},
		{name: "bound to the enterprise", bindings: []binding.Binding{bound(lu, false, agent)}, want: choice(lu, "window", route.Bound, 0)},
		{name: "an attendant is no agent", bindings: []binding.Binding{bound(lu, true)}, want: least},
		{name: "bound in the other centre", centre: rostertest.Investment, bindings: []binding.Binding{bound(lu, true, agent)},
			want: choice(shi, rostertest.Investment, route.LeastLoaded, 0)},
		{name: "a deputy of who is bound in the other centre", centre: rostertest.Investment, bindings: []binding.Binding{bound(lu, true, agent, deputy(cao))},
			away: []binding.Presence{away(lu)}, want: choice(shi, rostertest.Investment, route.LeastLoaded, 0)},
		{name: "each centre has its own", centre: rostertest.Investment, bindings: []binding.Binding{bound(lu, true, agent), bound(cao, false, agent)},
			want: choice(cao, rostertest.Investment, route.Bound, 0)},
		{name: "a cap does not bound who is bound", bindings: []binding.Binding{bound(lu, true, agent)}, loads: officials{lu: 9}, want: choice(lu, "window", route.Bound, 0)},
		{name: "the binding's deputy", centre: rostertest.Investment, bindings: []binding.Binding{bound(shi, true, agent, deputy(cao))},
			away: []binding.Presence{away(shi)}, want: choice(cao, rostertest.Investment, route.Deputy, 0)},
		{name: "whom the staff data names", bindings: []binding.Binding{bound(he, true, agent)}, away: []binding.Presence{away(he)},
			want: choice(lu, "window", route.Deputy, 0)},
		{name: "a deputy of another centre is passed over", bindings: []binding.Binding{bound(lu, true, agent, deputy(cao))}, away: []binding.Presence{away(lu)},
			want: least},
		{name: "a deputy who is no agent is passed over", bindings: []binding.Binding{bound(lu, true, agent, deputy(rostertest.Wang))}, away: []binding.Presence{away(lu)},
			want: least},
		{name: "who is bound was dismissed", bindings: []binding.Binding{bound(lu, true, agent)}, dismissed: []int{lu}, want: least},
		{name: "a binding that ran out", bindings: []binding.Binding{bound(lu, true, agent, func(b *binding.Binding) { b.End = rostertest.Start })}, want: least},
		{name: "the least loaded, in the units below too", loads: officials{he: 1}, want: choice(lu, "window", route.LeastLoaded, 2)},
		{name: "equals take turns", given: officials{he: 8, lu: 7}, want: choice(lu, "window", route.LeastLoaded, 2)},
		{name: "who is full is passed over", loads: officials{he: 2, lu: 1}, want: choice(lu, "window", route.LeastLoaded, 2)},
		{name: "who is away is passed over", away: []binding.Presence{away(he)}, want: choice(lu, "window", route.LeastLoaded, 2)},
		{name: "everybody full or away", loads: officials{he: 2}, away: []binding.Presence{away(lu)}, want: route.Choice{Reason: route.Nobody}},
		{name: "attendants and clerks are not chosen", centre: "water", want: route.Choice{Reason: route.Nobody}},
		{name: "a centre that is not there", centre: "x", want: route.Choice{Reason: route.Nobody}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := agents(c.loads, c.given, c.away, c.dismissed...)
			// When they were given tickets says nothing.
			s.Given = map[string]int64{rostertest.Person(he): 100}
			s.Bindings = c.bindings
			if c.centre == "" {
				c.centre = rostertest.Approvals
			}
			if diff := cmp.Diff(c.want, s.Agent(at(c.centre))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestNextAgent(t *testing.T) {
	type R = route.Succession
	he, lu, shi := rostertest.Person(rostertest.He), rostertest.Person(rostertest.Lu), rostertest.Person(rostertest.Shi)
	gone := rostertest.Person(90)
	for _, c := range []struct {
		name     string
		g        R
		turned   int
		away     []binding.Presence
		bindings []binding.Binding
		want     string
		stays    bool
	}{
		{"to a named agent", R{From: he, Way: route.ToOfficial, To: lu}, 0, nil, nil, lu, false},
		{"to a named agent who is away", R{From: he, Way: route.ToOfficial, To: lu}, 0, []binding.Presence{away(rostertest.Lu)}, nil, lu, false},
		{"to an agent of another centre", R{From: he, Way: route.ToOfficial, To: shi}, 0, nil, nil, "", true},
		{"to who is no agent", R{From: he, Way: route.ToOfficial, To: rostertest.Person(rostertest.Wang)}, 0, nil, nil, "", true},
		{"to nobody known", R{From: he, Way: route.ToOfficial, To: gone}, 0, nil, nil, "", true},
		{"to the deputy", R{From: he, Way: route.ToDeputy}, 0, nil, nil, lu, false},
		{"to a deputy of another centre", R{From: lu, Way: route.ToDeputy}, 0, []binding.Presence{away(rostertest.Lu, rostertest.Shi)}, nil, "", true},
		{"to the least loaded other", R{From: he, Way: route.ToLeast}, 0, nil, nil, lu, false},
		{"to nobody left", R{From: he, Way: route.ToLeast}, 0, []binding.Presence{away(rostertest.Lu)}, nil, "", true},
		{"to the centre", R{From: he, Way: route.ToDesk}, 0, nil, nil, "", false},
		{"anew", R{From: gone, Way: route.Anew}, 0, nil, nil, he, false},
		{"anew, to who is bound", R{From: gone, Way: route.Anew}, 0, nil, []binding.Binding{bound(rostertest.Lu, true, agent)}, lu, false},
		{"anew, but never to themselves", R{From: he, Way: route.Anew}, 0, nil, []binding.Binding{bound(rostertest.He, true, agent)}, lu, false},
		{"anew after a refusal", R{From: gone, Way: route.Anew}, 1, nil, nil, "", false},
		{"anew with nobody", R{From: gone, Way: route.Anew}, 0, []binding.Presence{away(rostertest.He), away(rostertest.Lu)}, nil, "", false},
	} {
		s := agents(nil, nil, c.away)
		s.Bindings = c.bindings
		choice, goes := s.NextAgent(c.g, at(rostertest.Approvals), c.turned)
		if choice.Official != c.want || goes == c.stays {
			t.Errorf("%s: %+v, goes: %v", c.name, choice, goes)
		}
	}
}

// Whoever is proposed, at first or instead of another, is an agent of that centre, is there unless they were named, and by load not over their cap; nobody is
// proposed instead of themselves; and nothing ever stays with somebody who is gone.
func TestWhoeverIsProposedAsAgentCanAct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, _ := drawn(t)
		v := route.Vacancy{Enterprise: rapid.SampledFrom([]string{rostertest.Enterprise(1), rostertest.Enterprise(2)}).Draw(t, "of"),
			Project: rapid.SampledFrom([]string{"", rostertest.Project(1)}).Draw(t, "project"), Centre: rapid.SampledFrom([]string{"top", "a", "b"}).Draw(t, "centre")}
		for i := range s.Bindings {
			s.Bindings[i].Role = binding.Agent
		}
		may := func(o roster.Official) bool {
			return o.Has(roster.Agent) && slices.Contains(s.City.Line(o.Unit), v.Centre)
		}
		check := func(choice route.Choice, named bool) {
			o, serves := s.City.Official(choice.Official)
			if !serves || !may(o) || o.Unit != choice.Unit || !named && !s.Presence[o.Person].PresentAt(s.Now) {
				t.Fatalf("%+v is proposed for %+v", choice, v)
			}
			if choice.Reason == route.LeastLoaded && (choice.Cap != o.LoadCap || o.LoadCap > 0 && s.Loads[o.Person] >= o.LoadCap) {
				t.Fatalf("%+v is proposed over their cap", choice)
			}
		}
		free := func(without string) (agents []string) {
			for _, o := range s.City.Officials() {
				if o.Person != without && may(o) && s.Presence[o.Person].PresentAt(s.Now) && (o.LoadCap == 0 || s.Loads[o.Person] < o.LoadCap) {
					agents = append(agents, o.Person)
				}
			}
			return agents
		}
		first := s.Agent(v)
		if first.Official != "" {
			check(first, false)
		} else if left := free(""); len(left) > 0 || first.Reason != route.Nobody {
			t.Fatalf("%+v is proposed although %v are free", first, left)
		}
		from := rostertest.Person(rapid.IntRange(0, 9).Draw(t, "from"))
		g := route.Succession{From: from, Way: route.Way(rapid.IntRange(0, 4).Draw(t, "way")), To: rostertest.Person(rapid.IntRange(0, 9).Draw(t, "to"))}
		turned := rapid.IntRange(0, 2).Draw(t, "turned")
		next, goes := s.NextAgent(g, v, turned)
		switch {
		case !goes && g.Way == route.Anew:
			t.Fatalf("it stays with %s, who is gone", from)
		case !goes:
		case next.Official == "":
			if g.Way != route.ToDesk && g.Way != route.Anew || g.Way == route.Anew && turned == 0 && len(free(from)) > 0 {
				t.Fatalf("%+v leaves it to the centre", g)
			}
		case next.Official == from && g.Way != route.ToOfficial:
			t.Fatalf("%+v gives it to themselves", g)
		default:
			check(next, g.Way == route.ToOfficial)
		}
	})
}

func TestCaseMoves(t *testing.T) {
	at := rostertest.Start
	open := route.Case{Open: true}
	proposed := open.Proposed("x", route.Proposal{Official: "a", Version: 1})
	acted := open.Assigned("x", "a", at)
	handed := acted.Proposed("x", route.Proposal{Official: "b", Version: 3})
	left := acted.Proposed("x", route.Proposal{Version: 3})
	seat := func(s route.Seat) route.Case {
		s.Centre = "x"
		return route.Case{Open: true, Seats: []route.Seat{s}}
	}
	claim := func(official string) []route.Claim { return []route.Claim{{Centre: "x", Official: official}} }
	for _, c := range []struct {
		name     string
		from, to route.Case
		want     route.Case
		carriers []string
		returns  []route.Claim
	}{
		{"proposed", open, proposed, seat(route.Seat{Proposal: &route.Proposal{Official: "a", Version: 1}}), []string{"a"}, nil},
		{"nobody proposed", open, open.Proposed("x", route.Proposal{Version: 1}), seat(route.Seat{}), nil, nil},
		{"taken", proposed, proposed.Assigned("x", "a", at), seat(route.Seat{Official: "a", Since: at}), []string{"a"}, nil},
		{"the centre chose another", proposed, proposed.Assigned("x", "c", at), seat(route.Seat{Official: "c", Since: at}), []string{"c"}, claim("a")},
		{"refused", proposed, proposed.Refused("x", 1), seat(route.Seat{Turned: 1}), nil, claim("a")},
		{"another proposal refused", proposed, proposed.Refused("x", 2), proposed, []string{"a"}, nil},
		{"what is not known refused", proposed, proposed.Refused("x", 0), proposed, []string{"a"}, nil},
		{"refused for another centre", proposed, proposed.Refused("y", 1), proposed, []string{"a"}, nil},
		{"ended before the answer", proposed, proposed.Terminated(), seat(route.Seat{}), nil, claim("a")},
		{"a second centre", acted, acted.Assigned("y", "a", at), route.Case{Open: true, Seats: []route.Seat{{Centre: "x", Official: "a", Since: at},
			{Centre: "y", Official: "a", Since: at}}}, []string{"a"}, nil},
		{"released", acted, acted.Released("x", "a"), seat(route.Seat{}), nil, nil},
		{"another released", acted, acted.Released("x", "b"), acted, []string{"a"}, nil},
		{"offered", acted, handed, seat(route.Seat{Official: "a", Since: at, Proposal: &route.Proposal{Official: "b", Version: 3}}), []string{"a", "b"}, nil},
		{"on its way", handed, handed.Released("x", "a"), seat(route.Seat{Proposal: &route.Proposal{Official: "b", Version: 3}}), []string{"b"}, nil},
		{"handed over", handed, handed.Released("x", "a").Assigned("x", "b", at), seat(route.Seat{Official: "b", Since: at}), []string{"b"}, nil},
		{"a hand-over refused", handed, handed.Refused("x", 3), seat(route.Seat{Official: "a", Since: at, Turned: 1}), []string{"a"}, claim("b")},
		{"left to the centre", left, left.Released("x", "a").Refused("x", 3), seat(route.Seat{Turned: 1}), nil, nil},
		{"while it is left to the centre", acted, left, seat(route.Seat{Official: "a", Since: at, Proposal: &route.Proposal{Version: 3}}), []string{"a"}, nil},
	} {
		if diff := cmp.Diff(c.want, c.to); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if diff := cmp.Diff(c.carriers, c.to.Carriers()); diff != "" {
			t.Errorf("%s is carried by (-want +got):\n%s", c.name, diff)
		}
		if diff := cmp.Diff(c.returns, route.Returned(c.from, c.to)); diff != "" {
			t.Errorf("%s gives back (-want +got):\n%s", c.name, diff)
		}
	}
	// What is not open is nobody's load, and nobody's work to hand over.
	handed.Open, acted.Open = false, false
	if got := handed.Carriers(); got != nil {
		t.Errorf("a completed case is carried by %v", got)
	}
	if got := acted.ActedBy("a"); got != nil {
		t.Errorf("a completed case is to be handed over for %v", got)
	}
	acted.Open, handed.Open = true, true
	if a, b, c := acted.ActedBy("a"), handed.ActedBy("a"), proposed.ActedBy(""); !slices.Equal(a, []string{"x"}) || b != nil || c != nil {
		t.Errorf("acted by a: %v, on its way: %v, by nobody: %v", a, b, c)
	}
}
