package route_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/attendant/internal/binding"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
)

// drawn is a situation in which anything may be.
func drawn(t *rapid.T) (*route.Situation, route.Filing) {
	c := roster.Config{Code: rostertest.Code, Units: []roster.Unit{{Code: "top"}, {Code: "a", Parent: "top"}, {Code: "b", Parent: "a"}},
		Categories: []roster.Category{{Code: "1", Unit: "b"}, {Code: "2", Unit: "a"}, {Code: "3"}}}
	n := rapid.IntRange(0, 9).Draw(t, "officials")
	person := rapid.Custom(func(t *rapid.T) string { return rostertest.Person(rapid.IntRange(0, 9).Draw(t, "person")) })
	maybePerson := rapid.OneOf(rapid.Just(""), person)
	s := &route.Situation{Now: rostertest.Start, Presence: map[string]binding.Presence{}, Loads: map[string]int{}, Given: map[string]int64{}}
	for i := range n {
		c.Officials = append(c.Officials, roster.Official{Person: rostertest.Person(i), Unit: rapid.SampledFrom([]string{"top", "a", "b"}).Draw(t, "unit"),
			Roles: roster.Role(rapid.IntRange(0, 7).Draw(t, "roles")), LoadCap: rapid.IntRange(0, 3).Draw(t, "cap"), Deputy: maybePerson.Draw(t, "stands in"),
			Qualifications: rapid.SampledFrom([][]string{nil, nil, {"1"}, {"2", "3"}}).Draw(t, "qualified for")})
		if rapid.Bool().Draw(t, "said something") {
			p := binding.Presence{Official: rostertest.Person(i), Away: rapid.Bool().Draw(t, "away"), Deputy: maybePerson.Draw(t, "deputy")}
			if p.Away {
				p.Until = rapid.SampledFrom([]time.Time{{}, rostertest.Start.Add(-time.Hour), rostertest.Start, rostertest.Start.Add(time.Hour)}).Draw(t, "until")
				p.From = rapid.SampledFrom([]time.Time{{}, rostertest.Start.Add(-2 * time.Hour), rostertest.Start.Add(time.Minute)}).Draw(t, "from")
			}
			s.Presence[p.Official] = p
		}
		s.Loads[rostertest.Person(i)] = rapid.IntRange(0, 4).Draw(t, "load")
		s.Given[rostertest.Person(i)] = rapid.Int64Range(0, 3).Draw(t, "given")
	}
	s.City = roster.New(c).Without(rapid.SliceOfN(person, 0, 3).Draw(t, "dismissed")...)
	for _, project := range []string{"", rostertest.Project(1)} {
		if rapid.Bool().Draw(t, "bound") {
			b := binding.Binding{Post: binding.Post{City: rostertest.Code, Enterprise: rostertest.Enterprise(1), Project: project, Role: binding.Attendant},
				Official: person.Draw(t, "attendant"), Deputy: maybePerson.Draw(t, "binding's deputy"), Start: rostertest.Start.Add(-time.Hour), Active: true}
			b.End = rapid.SampledFrom([]time.Time{{}, rostertest.Start, rostertest.Start.Add(time.Hour)}).Draw(t, "end")
			s.Bindings = append(s.Bindings, b)
		}
	}
	return s, route.Filing{Enterprise: rapid.SampledFrom([]string{"", rostertest.Enterprise(1), rostertest.Enterprise(2)}).Draw(t, "enterprise"),
		Project: rapid.SampledFrom([]string{"", rostertest.Project(1)}).Draw(t, "project"), Category: rapid.SampledFrom([]string{"1", "2", "3", "x"}).Draw(t, "category"),
		Conflict: route.Conflict{Officials: rapid.SliceOfN(person, 0, 2).Draw(t, "about"), Units: rapid.SampledFrom([][]string{nil, nil, {"b"}, {"a"}, {"top"}}).Draw(t, "about units")}}
}

// keptOut is the rule said once more: who a ticket is about, and everybody of their units and the units below.
func keptOut(s *route.Situation, f route.Filing, o roster.Official) bool {
	for _, unit := range s.City.Line(o.Unit) {
		if slices.Contains(f.Units, unit) {
			return true
		}
	}
	return slices.Contains(f.Officials, o.Person)
}

// Whoever takes over serves, can hold a ticket and is not whom it is about; nobody takes over from themselves; and nothing ever stays with
// somebody who is gone.
func TestWhoeverTakesOverMayHaveIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, filing := drawn(t)
		from := rostertest.Person(rapid.IntRange(0, 9).Draw(t, "from"))
		o, serves := s.City.Official(from)
		g := route.Succession{From: from, Unit: o.Unit, Way: route.Way(rapid.IntRange(0, 4).Draw(t, "way")), To: rostertest.Person(rapid.IntRange(0, 9).Draw(t, "to"))}
		choice, goes := s.Successor(g, filing, rapid.IntRange(0, 2).Draw(t, "turned"))
		switch {
		case !goes && g.Way == route.Anew:
			t.Fatalf("it stays with %s, who is gone", from)
		case !goes:
			return
		case choice.Official == "":
			if g.Way != route.ToDesk && g.Way != route.Anew {
				t.Fatalf("%+v gives it to the desk", g)
			}
			return
		case choice.Official == from && g.Way != route.ToOfficial:
			t.Fatalf("%+v gives it to themselves, who serves: %v", g, serves)
		}
		heir, ok := s.City.Holder(choice.Official)
		if !ok || keptOut(s, filing, heir) || choice.Unit != heir.Unit {
			t.Fatalf("%+v gives %+v to %+v", g, filing, choice)
		}
		if g.Way != route.ToOfficial && !s.Presence[heir.Person].PresentAt(s.Now) {
			t.Fatalf("%+v gives it to %s, who is away", g, heir.Person)
		}
	})
}

// Whoever is chosen serves, is there and can hold a ticket; by load it is nobody over their cap, and nobody who could have had
// it instead in the same unit and role carries less. Nobody is proposed only when there is nobody.
func TestWhoeverIsChosenCanTakeIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, filing := drawn(t)
		choice := s.Choose(filing)
		free := func(o roster.Official) bool {
			return s.Presence[o.Person].PresentAt(s.Now) && (o.LoadCap == 0 || s.Loads[o.Person] < o.LoadCap) &&
				(len(o.Qualifications) == 0 || slices.Contains(o.Qualifications, filing.Category)) && !keptOut(s, filing, o)
		}
		if choice.Reason == route.Nobody {
			for _, o := range route.Pool(s.City, filing.Category) {
				if free(o) {
					t.Fatalf("nobody is proposed although %s is free", o.Person)
				}
			}
			return
		}
		o, ok := s.City.Holder(choice.Official)
		if !ok || !s.Presence[o.Person].PresentAt(s.Now) || o.Unit != choice.Unit {
			t.Fatalf("%+v is proposed, who does not serve, cannot hold a ticket, is away, or is in another unit", choice)
		}
		if keptOut(s, filing, o) {
			t.Fatalf("%+v is proposed for a ticket about them: %+v", choice, filing)
		}
		if choice.Reason != route.LeastLoaded {
			if choice.Cap != 0 || filing.Enterprise != rostertest.Enterprise(1) {
				t.Fatalf("%+v for %+v", choice, filing)
			}
			return
		}
		if choice.Cap != o.LoadCap || !free(o) {
			t.Fatalf("%+v is proposed over their cap", choice)
		}
		role := roster.Attendant
		if !o.Has(role) {
			role = roster.Clerk
		}
		for _, other := range s.City.Staff(o.Unit, role) {
			if free(other) && s.Loads[other.Person] < s.Loads[o.Person] {
				t.Fatalf("%s carries %d and is proposed, %s carries %d", o.Person, s.Loads[o.Person], other.Person, s.Loads[other.Person])
			}
		}
		for _, unit := range s.City.Handlers(filing.Category)[:slices.Index(s.City.Handlers(filing.Category), o.Unit)] {
			for _, nearer := range append(s.City.Staff(unit, roster.Attendant), s.City.Staff(unit, roster.Clerk)...) {
				if free(nearer) {
					t.Fatalf("%s of %s is proposed although %s of %s is free", o.Person, o.Unit, nearer.Person, unit)
				}
			}
		}
	})
}

// The order in which the database lists bindings or officials never matters.
func TestChoiceIsDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, filing := drawn(t)
		first := s.Choose(filing)
		slices.Reverse(s.Bindings)
		if again := s.Choose(filing); again != first {
			t.Fatalf("%+v, then %+v", first, again)
		}
	})
}

// Tickets filed one after the other spread evenly over equals: loads never differ by more than one.
func TestEqualsShareEvenly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "officials")
		c := roster.Config{Code: rostertest.Code, Units: []roster.Unit{{Code: "a"}}, Categories: []roster.Category{{Code: "1", Unit: "a"}}}
		for i := range n {
			c.Officials = append(c.Officials, roster.Official{Person: rostertest.Person(i), Unit: "a", Roles: roster.Attendant})
		}
		s := &route.Situation{Now: rostertest.Start, City: roster.New(c), Loads: map[string]int{}, Given: map[string]int64{}}
		for i := range rapid.IntRange(1, 40).Draw(t, "filed") {
			chosen := s.ByLoad(route.Filing{Category: "1"}).Official
			s.Loads[chosen]++
			s.Given[chosen] = int64(i + 1)
			least, most := 1<<30, 0
			for i := range n {
				least, most = min(least, s.Loads[rostertest.Person(i)]), max(most, s.Loads[rostertest.Person(i)])
			}
			if most-least > 1 {
				t.Fatalf("loads differ by %d: %v", most-least, s.Loads)
			}
		}
	})
}
