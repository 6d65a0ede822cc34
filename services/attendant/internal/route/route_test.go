package route_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughtrain/throughtrain/services/attendant/internal/binding"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster"
	. "github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
)

// bound is an official bound to the first enterprise, or to its first project.
func bound(official int, project bool, change ...func(*binding.Binding)) binding.Binding {
	b := binding.Binding{Post: binding.Post{City: Code, Enterprise: Enterprise(1), Role: binding.Attendant}, Official: Person(official),
		Start: Start.Add(-time.Hour), Active: true}
	if project {
		b.Project = Project(1)
	}
	for _, c := range change {
		c(&b)
	}
	return b
}

func deputy(n int) func(*binding.Binding) {
	return func(b *binding.Binding) { b.Deputy = Person(n) }
}

func away(n int, deputy ...int) binding.Presence {
	p := binding.Presence{City: Code, Official: Person(n), Away: true}
	for _, d := range deputy {
		p.Deputy = Person(d)
	}
	return p
}

func choice(n int, unit, reason string, most int) route.Choice {
	return route.Choice{Official: Person(n), Unit: unit, Reason: reason, Cap: most}
}

var (
	ofEnterprise = route.Filing{Enterprise: Enterprise(1), Category: Power}
	ofProject    = route.Filing{Enterprise: Enterprise(1), Project: Project(1), Category: Power}
	ofNobody     = route.Filing{Category: Water}
	leastOfPower = choice(Feng, "power", route.LeastLoaded, 1)
)

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
		{name: "bound to the enterprise", filing: ofEnterprise, bindings: []binding.Binding{bound(Qian, false)},
			want: choice(Qian, "bureau", route.EnterpriseAttendant, 0)},
		{name: "bound to the project", filing: ofProject, bindings: []binding.Binding{bound(Qian, false), bound(Wang, true)},
			want: choice(Wang, "water", route.ProjectAttendant, 0)},
		{name: "a project's attendant answers for that project only", filing: ofEnterprise, bindings: []binding.Binding{bound(Wang, true)},
			want: leastOfPower},
		{name: "the enterprise's attendant answers for a project without one", filing: ofProject, bindings: []binding.Binding{bound(Qian, false)},
			want: choice(Qian, "bureau", route.EnterpriseAttendant, 0)},
		{name: "the enterprise's attendant comes before the project's deputy", filing: ofProject,
			bindings: []binding.Binding{bound(Qian, false), bound(Wang, true, deputy(Li))}, away: []binding.Presence{away(Wang)},
			want: choice(Qian, "bureau", route.EnterpriseAttendant, 0)},
		{name: "both away: the project's deputy", filing: ofProject,
			bindings: []binding.Binding{bound(Qian, false, deputy(Zhao)), bound(Wang, true, deputy(Sun))}, away: []binding.Presence{away(Wang), away(Qian)},
			want: choice(Sun, "power", route.Deputy, 0)},
		{name: "the binding's deputy comes first", filing: ofEnterprise, bindings: []binding.Binding{bound(Wang, false, deputy(Sun))},
			away: []binding.Presence{away(Wang, Zhao)}, want: choice(Sun, "power", route.Deputy, 0)},
		{name: "then whom the official named", filing: ofEnterprise, bindings: []binding.Binding{bound(Wang, false)},
			away: []binding.Presence{away(Wang, Zhao)}, want: choice(Zhao, "water", route.Deputy, 0)},
		{name: "then whom the staff data names", filing: ofEnterprise, bindings: []binding.Binding{bound(Wang, false)},
			away: []binding.Presence{away(Wang)}, want: choice(Li, "water", route.Deputy, 0)},
		{name: "a deputy who is away is passed over", filing: ofEnterprise, bindings: []binding.Binding{bound(Wang, false, deputy(Sun))},
			away: []binding.Presence{away(Wang, Zhao), away(Sun)}, want: choice(Zhao, "water", route.Deputy, 0)},
		{name: "a deputy who cannot hold tickets is passed over", filing: ofEnterprise, bindings: []binding.Binding{bound(Sun, false)},
			away: []binding.Presence{away(Sun)}, want: leastOfPower},
		{name: "no deputy: the least loaded of the category's unit", filing: ofEnterprise, bindings: []binding.Binding{bound(Qian, false)},
			away: []binding.Presence{away(Qian)}, want: leastOfPower},
		{name: "a cap does not bound who is bound by name", filing: ofEnterprise, bindings: []binding.Binding{bound(Wang, false)},
			loads: officials{Wang: 99}, want: choice(Wang, "water", route.EnterpriseAttendant, 0)},
		{name: "an agent is not the attendant", filing: ofEnterprise,
			bindings: []binding.Binding{bound(Zhou, false, func(b *binding.Binding) { b.Role = binding.Agent })}, want: leastOfPower},
		{name: "a binding that ran out binds nobody", filing: ofEnterprise,
			bindings: []binding.Binding{bound(Qian, false, func(b *binding.Binding) { b.End = Start })}, want: leastOfPower},
		{name: "a dismissed official vanishes", filing: ofEnterprise, bindings: []binding.Binding{bound(Qian, false)}, dismissed: []int{Qian},
			want: leastOfPower},
		{name: "an absence that ended", filing: ofEnterprise, bindings: []binding.Binding{bound(Qian, false)},
			away: []binding.Presence{{Official: Person(Qian), Away: true, Until: Start}}, want: choice(Qian, "bureau", route.EnterpriseAttendant, 0)},

		{name: "the fewest", filing: ofNobody, loads: officials{Wang: 1}, want: choice(Li, "water", route.LeastLoaded, 2)},
		{name: "equals take turns", filing: ofNobody, loads: officials{Wang: 1, Li: 1}, given: officials{Wang: 8, Li: 7},
			want: choice(Li, "water", route.LeastLoaded, 2)},
		{name: "equals in everything: the lesser id", filing: ofNobody, want: choice(Wang, "water", route.LeastLoaded, 2)},
		{name: "attendants come before clerks", filing: ofNobody, loads: officials{Wang: 1, Li: 1}, want: choice(Wang, "water", route.LeastLoaded, 2)},
		{name: "a full attendant is passed over", filing: ofNobody, loads: officials{Wang: 2}, want: choice(Li, "water", route.LeastLoaded, 2)},
		{name: "clerks when attendants are full", filing: ofNobody, loads: officials{Wang: 2, Li: 3}, want: choice(Zhao, "water", route.LeastLoaded, 0)},
		{name: "the unit above when the unit is away", filing: ofNobody, away: []binding.Presence{away(Wang), away(Li), away(Zhao)},
			want: choice(Qian, "bureau", route.LeastLoaded, 0)},
		{name: "a category below its handler's", filing: route.Filing{Category: Supply}, want: choice(Wang, "water", route.LeastLoaded, 2)},
		{name: "agents are not chosen by load", filing: route.Filing{Category: Power}, away: []binding.Presence{away(Feng), away(Sun)},
			want: route.Choice{Reason: route.Nobody}},
		{name: "a category that nobody handles", filing: route.Filing{Category: Unhandled}, want: route.Choice{Reason: route.Nobody}},
		{name: "an unknown category", filing: route.Filing{Category: "x"}, want: route.Choice{Reason: route.Nobody}},
		{name: "everybody full or away", filing: route.Filing{Category: Power}, loads: officials{Feng: 1}, away: []binding.Presence{away(Sun)},
			want: route.Choice{Reason: route.Nobody}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := situation(c.dismissed...)
			s.Bindings = c.bindings
			for _, p := range c.away {
				s.Presence[p.Official] = p
			}
			for n, load := range c.loads {
				s.Loads[Person(n)] = load
			}
			for n, at := range c.given {
				s.Given[Person(n)] = int64(at)
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
		out = append(out, Person(n))
	}
	return &route.Situation{Now: Start, City: roster.FromProto(Config(1)).Without(out...), Presence: map[string]binding.Presence{},
		Loads: map[string]int{}, Given: map[string]int64{}}
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
		{"refused", claimed, claimed.Refused("a"), route.Ticket{}, "a"},
		{"refused after it was given to another", claimed.Dispatched("b"), claimed.Dispatched("b").Refused("a"), route.Ticket{Official: "b", Stage: route.Held}, ""},
		{"refused after a dispatcher gave it to the same", claimed.Dispatched("a"), claimed.Dispatched("a").Refused("a"),
			route.Ticket{Official: "a", Stage: route.Held}, ""},
		{"withdrawn while claimed", claimed, claimed.Answered(), route.Ticket{Stage: route.Done}, "a"},
		{"answered", claimed.Dispatched("a"), claimed.Dispatched("a").Answered(), route.Ticket{Official: "a", Stage: route.Done}, ""},
		{"open again", claimed.Dispatched("a").Answered(), claimed.Dispatched("a").Answered().Reopened(), route.Ticket{Official: "a", Stage: route.Held}, ""},
		{"open again without a holder", route.Ticket{Stage: route.Done}, route.Ticket{Stage: route.Done}.Reopened(), route.Ticket{}, ""},
	} {
		if c.to != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, c.to, c.want)
		}
		if got := route.Returns(c.from, c.to); got != c.returns {
			t.Errorf("%s: gives back the claim of %q, want %q", c.name, got, c.returns)
		}
	}
}
