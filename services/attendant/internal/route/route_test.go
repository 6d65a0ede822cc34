package route_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughtrain/throughtrain/services/attendant/internal/binding"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
)

// bound is an official bound to the first enterprise, or to its first project.
func bound(official int, project bool, change ...func(*binding.Binding)) binding.Binding {
	b := binding.Binding{Post: binding.Post{City: rostertest.Code, Enterprise: rostertest.Enterprise(1), Role: binding.Attendant}, Official: rostertest.Person(official),
		Start: rostertest.Start.Add(-time.Hour), Active: true}
	if project {
		b.Project = rostertest.Project(1)
	}
	for _, c := range change {
		c(&b)
	}
	return b
}

func deputy(n int) func(*binding.Binding) {
	return func(b *binding.Binding) { b.Deputy = rostertest.Person(n) }
}

func away(n int, deputy ...int) binding.Presence {
	p := binding.Presence{City: rostertest.Code, Official: rostertest.Person(n), Away: true}
	for _, d := range deputy {
		p.Deputy = rostertest.Person(d)
	}
	return p
}

func choice(n int, unit, reason string, most int) route.Choice {
	return route.Choice{Official: rostertest.Person(n), Unit: unit, Reason: reason, Cap: most}
}

var (
	ofEnterprise = route.Filing{Enterprise: rostertest.Enterprise(1), Category: rostertest.Power}
	ofProject    = route.Filing{Enterprise: rostertest.Enterprise(1), Project: rostertest.Project(1), Category: rostertest.Power}
	ofNobody     = route.Filing{Category: rostertest.Water}
	leastOfPower = choice(rostertest.Feng, "power", route.LeastLoaded, 1)
)

func about(f route.Filing, c route.Conflict) route.Filing {
	f.Conflict = c
	return f
}

func TestChoice(t *testing.T) {
	type officials = map[int]int
	for _, c := range []struct {
		name      string
		filing    route.Filing
		bindings  []binding.Binding
		away      []binding.Presence
		loads     officials
		given     officials
		dismissed []int
		want      route.Choice
	}{
		{name: "bound to the enterprise", filing: ofEnterprise, bindings: []binding.Binding{bound(rostertest.Qian, false)},
			want: choice(rostertest.Qian, "bureau", route.EnterpriseAttendant, 0)},
		{name: "bound to the project", filing: ofProject, bindings: []binding.Binding{bound(rostertest.Qian, false), bound(rostertest.Wang, true)},
			want: choice(rostertest.Wang, "water", route.ProjectAttendant, 0)},
		{name: "a project's attendant answers for that project only", filing: ofEnterprise, bindings: []binding.Binding{bound(rostertest.Wang, true)},
			want: leastOfPower},
		{name: "the enterprise's attendant answers for a project without one", filing: ofProject, bindings: []binding.Binding{bound(rostertest.Qian, false)},
			want: choice(rostertest.Qian, "bureau", route.EnterpriseAttendant, 0)},
		{name: "the enterprise's attendant comes before the project's deputy", filing: ofProject,
			bindings: []binding.Binding{bound(rostertest.Qian, false), bound(rostertest.Wang, true, deputy(rostertest.Li))}, away: []binding.Presence{away(rostertest.Wang)},
			want: choice(rostertest.Qian, "bureau", route.EnterpriseAttendant, 0)},
		{name: "both away: the project's deputy", filing: ofProject,
			bindings: []binding.Binding{bound(rostertest.Qian, false, deputy(rostertest.Zhao)), bound(rostertest.Wang, true, deputy(rostertest.Sun))}, away: []binding.Presence{away(rostertest.Wang), away(rostertest.Qian)},
			want: choice(rostertest.Sun, "power", route.Deputy, 0)},
		{name: "the binding's deputy comes first", filing: ofEnterprise, bindings: []binding.Binding{bound(rostertest.Wang, false, deputy(rostertest.Sun))},
			away: []binding.Presence{away(rostertest.Wang, rostertest.Zhao)}, want: choice(rostertest.Sun, "power", route.Deputy, 0)},
		{name: "then whom the official named", filing: ofEnterprise, bindings: []binding.Binding{bound(rostertest.Wang, false)},
			away: []binding.Presence{away(rostertest.Wang, rostertest.Zhao)}, want: choice(rostertest.Zhao, "water", route.Deputy, 0)},
		{name: "then whom the staff data names", filing: ofEnterprise, bindings: []binding.Binding{bound(rostertest.Wang, false)},
			away: []binding.Presence{away(rostertest.Wang)}, want: choice(rostertest.Li, "water", route.Deputy, 0)},
		{name: "a deputy who is away is passed over", filing: ofEnterprise, bindings: []binding.Binding{bound(rostertest.Wang, false, deputy(rostertest.Sun))},
			away: []binding.Presence{away(rostertest.Wang, rostertest.Zhao), away(rostertest.Sun)}, want: choice(rostertest.Zhao, "water", route.Deputy, 0)},
		{name: "a deputy who cannot hold tickets is passed over", filing: ofEnterprise, bindings: []binding.Binding{bound(rostertest.Sun, false)},
			away: []binding.Presence{away(rostertest.Sun)}, want: leastOfPower},
		{name: "a deputy who is away has one too", filing: ofEnterprise, bindings: []binding.Binding{bound(rostertest.Wang, false)},
			away: []binding.Presence{away(rostertest.Wang), away(rostertest.Li, rostertest.Zhao)}, want: choice(rostertest.Zhao, "water", route.Deputy, 0)},
		{name: "deputies who name each other end the chain", filing: ofEnterprise, bindings: []binding.Binding{bound(rostertest.Wang, false)},
			away: []binding.Presence{away(rostertest.Wang, rostertest.Qian), away(rostertest.Li, rostertest.Wang), away(rostertest.Qian, rostertest.Li)}, want: leastOfPower},
		{name: "the chain is not endless", filing: ofEnterprise, bindings: []binding.Binding{bound(rostertest.Qian, false, deputy(rostertest.Zhao))},
			away: []binding.Presence{away(rostertest.Qian), away(rostertest.Zhao, rostertest.Sun), away(rostertest.Sun, rostertest.Li), away(rostertest.Li, rostertest.Zhou)},
			want: leastOfPower},
		{name: "a planned absence has not begun", filing: ofEnterprise, bindings: []binding.Binding{bound(rostertest.Qian, false)},
			away: []binding.Presence{{City: rostertest.Code, Official: rostertest.Person(rostertest.Qian), Away: true, From: rostertest.Start.Add(time.Minute)}},
			want: choice(rostertest.Qian, "bureau", route.EnterpriseAttendant, 0)},
		{name: "about the attendant", filing: about(ofEnterprise, route.Conflict{Officials: []string{rostertest.Person(rostertest.Wang)}}),
			bindings: []binding.Binding{bound(rostertest.Wang, false)}, want: choice(rostertest.Li, "water", route.Deputy, 0)},
		{name: "about the attendant's unit", filing: about(ofEnterprise, route.Conflict{Units: []string{"water"}}),
			bindings: []binding.Binding{bound(rostertest.Wang, false)}, want: leastOfPower},
		{name: "about a unit above", filing: about(ofEnterprise, route.Conflict{Units: []string{"bureau"}}),
			bindings: []binding.Binding{bound(rostertest.Wang, false)}, want: leastOfPower},
		{name: "about everybody who could", filing: about(ofNobody, route.Conflict{Units: []string{"bureau"}}), want: route.Choice{Reason: route.Nobody}},
		{name: "about one of those among whom load decides", filing: about(ofNobody, route.Conflict{Officials: []string{rostertest.Person(rostertest.Wang)}}),
			want: choice(rostertest.Li, "water", route.LeastLoaded, 2)},
		{name: "no deputy: the least loaded of the category's unit", filing: ofEnterprise, bindings: []binding.Binding{bound(rostertest.Qian, false)},
			away: []binding.Presence{away(rostertest.Qian)}, want: leastOfPower},
		{name: "a cap does not bound who is bound by name", filing: ofEnterprise, bindings: []binding.Binding{bound(rostertest.Wang, false)},
			loads: officials{rostertest.Wang: 99}, want: choice(rostertest.Wang, "water", route.EnterpriseAttendant, 0)},
		{name: "an agent is not the attendant", filing: ofEnterprise,
			bindings: []binding.Binding{bound(rostertest.Zhou, false, func(b *binding.Binding) { b.Role = binding.Agent })}, want: leastOfPower},
		{name: "a binding that ran out binds nobody", filing: ofEnterprise,
			bindings: []binding.Binding{bound(rostertest.Qian, false, func(b *binding.Binding) { b.End = rostertest.Start })}, want: leastOfPower},
		{name: "a dismissed official vanishes", filing: ofEnterprise, bindings: []binding.Binding{bound(rostertest.Qian, false)}, dismissed: []int{rostertest.Qian},
			want: leastOfPower},
		{name: "an absence that ended", filing: ofEnterprise, bindings: []binding.Binding{bound(rostertest.Qian, false)},
			away: []binding.Presence{{Official: rostertest.Person(rostertest.Qian), Away: true, Until: rostertest.Start}}, want: choice(rostertest.Qian, "bureau", route.EnterpriseAttendant, 0)},

		{name: "the fewest", filing: ofNobody, loads: officials{rostertest.Wang: 1}, want: choice(rostertest.Li, "water", route.LeastLoaded, 2)},
		{name: "equals take turns", filing: ofNobody, loads: officials{rostertest.Wang: 1, rostertest.Li: 1}, given: officials{rostertest.Wang: 8, rostertest.Li: 7},
			want: choice(rostertest.Li, "water", route.LeastLoaded, 2)},
		{name: "equals in everything: the lesser id", filing: ofNobody, want: choice(rostertest.Wang, "water", route.LeastLoaded, 2)},
		{name: "attendants come before clerks", filing: ofNobody, loads: officials{rostertest.Wang: 1, rostertest.Li: 1}, want: choice(rostertest.Wang, "water", route.LeastLoaded, 2)},
		{name: "a full attendant is passed over", filing: ofNobody, loads: officials{rostertest.Wang: 2}, want: choice(rostertest.Li, "water", route.LeastLoaded, 2)},
		{name: "clerks when attendants are full", filing: ofNobody, loads: officials{rostertest.Wang: 2, rostertest.Li: 3}, want: choice(rostertest.Zhao, "water", route.LeastLoaded, 0)},
		{name: "the unit above when the unit is away", filing: ofNobody, away: []binding.Presence{away(rostertest.Wang), away(rostertest.Li), away(rostertest.Zhao)},
			want: choice(rostertest.Qian, "bureau", route.LeastLoaded, 0)},
		{name: "a category below its handler's", filing: route.Filing{Category: rostertest.Supply}, want: choice(rostertest.Wang, "water", route.LeastLoaded, 2)},
		{name: "agents are not chosen by load", filing: route.Filing{Category: rostertest.Power}, away: []binding.Presence{away(rostertest.Feng), away(rostertest.Sun)},
			want: route.Choice{Reason: route.Nobody}},
		{name: "a category that nobody handles", filing: route.Filing{Category: rostertest.Unhandled}, want: route.Choice{Reason: route.Nobody}},
		{name: "an unknown category", filing: route.Filing{Category: "x"}, want: route.Choice{Reason: route.Nobody}},
		{name: "everybody full or away", filing: route.Filing{Category: rostertest.Power}, loads: officials{rostertest.Feng: 1}, away: []binding.Presence{away(rostertest.Sun)},
			want: route.Choice{Reason: route.Nobody}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := situation(c.dismissed...)
			s.Bindings = c.bindings
			for _, p := range c.away {
				s.Presence[p.Official] = p
			}
			for n, load := range c.loads {
				s.Loads[rostertest.Person(n)] = load
			}
			for n, at := range c.given {
				s.Given[rostertest.Person(n)] = int64(at)
			}
			if diff := cmp.Diff(c.want, s.Choose(c.filing)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func situation(dismissed ...int) *route.Situation {
	var out []string
	for _, n := range dismissed {
		out = append(out, rostertest.Person(n))
	}
	return &route.Situation{Now: rostertest.Start, City: roster.FromProto(rostertest.Config(1)).Without(out...), Presence: map[string]binding.Presence{},
		Loads: map[string]int{}, Given: map[string]int64{}}
}

// offered is a ticket that one holds and that is offered to another, after position 7.
func offered(from, to string) route.Ticket {
	return route.Ticket{Official: from, Stage: route.Held, Offer: &route.Offer{Official: to, After: 7}}
}

func TestCarriers(t *testing.T) {
	for _, c := range []struct {
		ticket route.Ticket
		want   []string
	}{
		{route.Ticket{}, nil},
		{route.Ticket{Official: "a", Stage: route.Claimed}, []string{"a"}},
		{route.Ticket{Official: "a", Stage: route.Done}, nil},
		{offered("a", "b"), []string{"a", "b"}},
		{offered("a", "a"), []string{"a"}},
		{offered("a", ""), []string{"a"}},
	} {
		if diff := cmp.Diff(c.want, c.ticket.Carriers()); diff != "" {
			t.Errorf("%+v:\n%s", c.ticket, diff)
		}
	}
}

func TestTicketMovesBetweenLoads(t *testing.T) {
	claimed := route.Ticket{}.Proposed(route.Choice{Official: "a"})
	for _, c := range []struct {
		name     string
		from, to route.Ticket
		want     route.Ticket
		returns  string
	}{
		{"nobody proposed", route.Ticket{}, route.Ticket{}.Proposed(route.Choice{Reason: route.Nobody}), route.Ticket{}, ""},
		{"proposed", route.Ticket{}, claimed, route.Ticket{Official: "a", Stage: route.Claimed}, ""},
		{"taken", claimed, claimed.Dispatched("a"), route.Ticket{Official: "a", Stage: route.Held}, ""},
		{"given to another", claimed, claimed.Dispatched("b"), route.Ticket{Official: "b", Stage: route.Held}, "a"},
		{"refused", claimed, claimed.Refused("a", 3), route.Ticket{}, "a"},
		{"refused after it was given to another", claimed.Dispatched("b"), claimed.Dispatched("b").Refused("a", 3), route.Ticket{Official: "b", Stage: route.Held}, ""},
		{"refused after a dispatcher gave it to the same", claimed.Dispatched("a"), claimed.Dispatched("a").Refused("a", 3),
			route.Ticket{Official: "a", Stage: route.Held}, ""},
		{"withdrawn while claimed", claimed, claimed.Answered(), route.Ticket{Stage: route.Done}, "a"},
		{"answered", claimed.Dispatched("a"), claimed.Dispatched("a").Answered(), route.Ticket{Official: "a", Stage: route.Done}, ""},
		{"open again", claimed.Dispatched("a").Answered(), claimed.Dispatched("a").Answered().Reopened(), route.Ticket{Official: "a", Stage: route.Held}, ""},
		{"handed over", offered("a", "b"), offered("a", "b").HandedOver("b"), route.Ticket{Official: "b", Stage: route.Held}, ""},
		{"handed over after it was answered", offered("a", "b").Answered(), offered("a", "b").Answered().HandedOver("b"), route.Ticket{Official: "b", Stage: route.Done}, ""},
		{"taken back", offered("a", ""), offered("a", "").Recalled(), route.Ticket{}, ""},
		{"a hand-over refused", offered("a", "b"), offered("a", "b").Refused("b", 8), route.Ticket{Official: "a", Stage: route.Held, Turned: 1}, ""},
		{"an older proposal refused", offered("a", "b"), offered("a", "b").Refused("b", 7), offered("a", "b"), ""},
		{"given to another while it was offered", offered("a", "b"), offered("a", "b").Dispatched("c"), route.Ticket{Official: "c", Stage: route.Held}, ""},
		{"answered while it was offered", offered("a", "b"), offered("a", "b").Answered(), route.Ticket{Official: "a", Stage: route.Done}, ""},
		{"given to a unit", claimed.Dispatched("a"), claimed.Dispatched(""), route.Ticket{}, ""},
		{"open again without a holder", route.Ticket{Stage: route.Done}, route.Ticket{Stage: route.Done}.Reopened(), route.Ticket{}, ""},
	} {
		if !route.Same(c.to, c.want) {
			t.Errorf("%s: %+v, want %+v", c.name, c.to, c.want)
		}
		if got := route.Returns(c.from, c.to); got != c.returns {
			t.Errorf("%s: gives back the claim of %q, want %q", c.name, got, c.returns)
		}
	}
}

// Load decides only for who is qualified; who is bound answers whatever is asked.
func TestQualifications(t *testing.T) {
	c := roster.Config{Code: rostertest.Code, Units: []roster.Unit{{Code: "a"}},
		Categories: []roster.Category{{Code: "02", Unit: "a"}, {Code: "0201", Parent: "02"}, {Code: "03", Unit: "a"}},
		Officials: []roster.Official{
			{Person: rostertest.Person(1), Unit: "a", Roles: roster.Attendant, Qualifications: []string{"02"}},
			{Person: rostertest.Person(2), Unit: "a", Roles: roster.Attendant, Qualifications: []string{"0201", "03"}},
			{Person: rostertest.Person(3), Unit: "a", Roles: roster.Clerk},
		}}
	s := &route.Situation{Now: rostertest.Start, City: roster.New(c), Loads: map[string]int{rostertest.Person(1): 5}, Given: map[string]int64{}}
	for category, want := range map[string]int{"02": 1, "0201": 2, "03": 2} {
		if got := s.ByLoad(route.Filing{Category: category}); got.Official != rostertest.Person(want) {
			t.Errorf("category %s goes to %+v, want official %d", category, got, want)
		}
	}
	s.Presence = map[string]binding.Presence{rostertest.Person(2): away(2)}
	if got := s.ByLoad(route.Filing{Category: "03"}); got.Official != rostertest.Person(3) {
		t.Errorf("without a qualified attendant it goes to %+v", got)
	}
	s.Bindings = []binding.Binding{bound(1, false)}
	if got := s.Choose(route.Filing{Enterprise: rostertest.Enterprise(1), Category: "03"}); got.Official != rostertest.Person(1) {
		t.Errorf("who is bound is passed over: %+v", got)
	}
}

func TestSuccessor(t *testing.T) {
	type R = route.Succession
	wang, li, zhao, qian := rostertest.Person(rostertest.Wang), rostertest.Person(rostertest.Li), rostertest.Person(rostertest.Zhao), rostertest.Person(rostertest.Qian)
	aboutLi := about(ofNobody, route.Conflict{Officials: []string{li}})
	for _, c := range []struct {
		name   string
		g      R
		filing route.Filing
		turned int
		away   []binding.Presence
		want   string
		stays  bool
	}{
		{"to a named official", R{From: wang, Way: route.ToOfficial, To: qian}, ofNobody, 0, nil, qian, false},
		{"to a named official who is away", R{From: wang, Way: route.ToOfficial, To: qian}, ofNobody, 0, []binding.Presence{away(rostertest.Qian)}, qian, false},
		{"to whom it is about", R{From: wang, Way: route.ToOfficial, To: li}, aboutLi, 0, nil, "", true},
		{"to the deputy", R{From: wang, Way: route.ToDeputy}, ofNobody, 0, nil, li, false},
		{"to the deputy's deputy", R{From: wang, Way: route.ToDeputy}, ofNobody, 0, []binding.Presence{away(rostertest.Li, rostertest.Zhao)}, zhao, false},
		{"to a deputy whom it is about", R{From: wang, Way: route.ToDeputy}, aboutLi, 0, nil, "", true},
		{"to the least loaded of the unit", R{From: wang, Unit: "water", Way: route.ToLeast}, ofNobody, 0, nil, li, false},
		{"to nobody left in the unit", R{From: wang, Unit: "water", Way: route.ToLeast}, ofNobody, 0,
			[]binding.Presence{away(rostertest.Li), away(rostertest.Zhao)}, "", true},
		{"to the desk", R{From: wang, Way: route.ToDesk}, ofNobody, 0, nil, "", false},
		{"anew", R{From: rostertest.Person(90), Way: route.Anew}, ofNobody, 0, nil, wang, false},
		{"anew after a refusal", R{From: rostertest.Person(90), Way: route.Anew}, ofNobody, 1, nil, "", false},
		{"anew with nobody", R{From: rostertest.Person(90), Way: route.Anew}, route.Filing{Category: rostertest.Unhandled}, 0, nil, "", false},
	} {
		s := situation()
		for _, p := range c.away {
			s.Presence[p.Official] = p
		}
		choice, goes := s.Successor(c.g, c.filing, c.turned)
		if choice.Official != c.want || goes == c.stays {
			t.Errorf("%s: %+v, goes: %v", c.name, choice, goes)
		}
	}
}
