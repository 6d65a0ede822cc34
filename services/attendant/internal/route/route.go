// Package route chooses who is proposed for a filed ticket and as agent for a case, and keeps count of who holds what. It is pure: it is handed the
// roster, the bindings, who is there and how much they carry, and looks nothing up.
//
// The order of the choice for a ticket: the project's chief attendant, the enterprise's, a deputy of theirs, the least loaded official of
// the unit that handles the category and then of the units above it, nobody. A load cap and qualifications bound only the choice
// by load: whoever is bound by name, or stands in for them, answers for their enterprises however many these are and whatever they
// ask, because that name is what the enterprises were told. Whom a ticket is about is never chosen, nor anybody of their units and
// those below.
//
// It depends on internal/{binding,roster}.
package route

import (
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/attendant/internal/binding"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster"
)

// Why somebody was chosen, as the contract spells it.
const (
	ProjectAttendant    = "project-attendant"
	EnterpriseAttendant = "enterprise-attendant"
	Deputy              = "deputy"
	LeastLoaded         = "least-loaded"
	Nobody              = "nobody"
)

// Filing is what the choice depends on in a ticket.
type Filing struct {
	Enterprise string // may be empty
	Project    string // may be empty
	Category   string
	Conflict
}

// Conflict is who a ticket is about: they are kept out of it.
type Conflict struct {
	Officials []string // ids
	Units     []string // codes, each with the units below it
}

// KeepsOut tells whether an official is kept out.
func (c Conflict) KeepsOut(city *roster.City, o roster.Official) bool {
	return slices.Contains(c.Officials, o.Person) || slices.ContainsFunc(c.Units, func(unit string) bool { return city.Within(o.Unit, unit) })
}

// Choice is who is proposed. Official and Unit are empty for nobody.
type Choice struct {
	Official string
	Unit     string
	Reason   string
	Cap      int // the load that must not be exceeded; 0 for none
}

// Situation is what a choice is made in.
type Situation struct {
	Now      time.Time
	City     *roster.City
	Bindings []binding.Binding           // those in force of the enterprises concerned
	Presence map[string]binding.Presence // by official; who is missing is present
	Loads    map[string]int              // open tickets and cases by official
	Given    map[string]int64            // when somebody was last given a ticket, as a growing number
	// GivenCases is the same for cases. The two are not compared: each grows by a feed of its own.
	GivenCases map[string]int64
}

// ByName chooses among those who are bound to the enterprise or project and their deputies; false when none of them can take
// the ticket.
func (s *Situation) ByName(f Filing) (Choice, bool) {
	may := s.holds(f.Conflict)
	var bound []binding.Binding
	for _, post := range posts(f.Enterprise, f.Project, binding.Attendant) {
		b, ok := s.bound(post)
		if !ok {
			continue
		}
		reason := EnterpriseAttendant
		if b.Project != "" {
			reason = ProjectAttendant
		}
		if choice, ok := s.take(b.Official, reason, may); ok {
			return choice, true
		}
		bound = append(bound, b)
	}
	for _, b := range bound {
		if choice, ok := s.StandIn(b.Official, b.Deputy, f.Conflict); ok {
			return choice, true
		}
	}
	return Choice{}, false
}

func (s *Situation) bound(post binding.Post) (binding.Binding, bool) {
	post.City = s.City.Code()
	for _, b := range s.Bindings {
		if b.Post == post && b.InForce(s.Now) {
			return b, true
		}
	}
	return binding.Binding{}, false
}

// holds is who can hold a ticket: who serves the city in a role for it, and whom it is not about.
func (s *Situation) holds(out Conflict) func(roster.Official) bool {
	return func(o roster.Official) bool { return o.Has(roster.Holders) && !out.KeepsOut(s.City, o) }
}

// take is a choice of somebody if they serve the city, are present, and may.
func (s *Situation) take(person, reason string, may func(roster.Official) bool) (Choice, bool) {
	o, ok := s.City.Official(person)
	if !ok || !s.present(person) || !may(o) {
		return Choice{}, false
	}
	return Choice{Official: o.Person, Unit: o.Unit, Reason: reason}, true
}

func (s *Situation) present(person string) bool { return s.Presence[person].PresentAt(s.Now) }

// chain is how far a deputy's own deputies are asked: the deputy, the deputy's, and theirs.
const chain = 3

// StandIn chooses who stands in for an official on a ticket.
func (s *Situation) StandIn(official, first string, out Conflict) (Choice, bool) {
	return s.standIn(official, first, s.holds(out))
}

// standIn chooses who stands in for an official, of those who may: whom a binding names (first, if given), whom the official named, whom the staff data
// names; when none of them can, their deputies in the same order, and so on along the chain. Nobody is asked twice, so that deputies
// who name each other end it.
func (s *Situation) standIn(official, first string, may func(roster.Official) bool) (Choice, bool) {
	asked := map[string]bool{official: true, "": true}
	ring := append([]string{first}, s.deputies(official)...)
	for range chain {
		var next []string
		for _, person := range ring {
			if asked[person] {
				continue
			}
			asked[person] = true
			if choice, ok := s.take(person, Deputy, may); ok {
				return choice, true
			}
			next = append(next, s.deputies(person)...)
		}
		ring = next
	}
	return Choice{}, false
}

// deputies are whom an official named and whom the staff data names.
func (s *Situation) deputies(official string) []string {
	o, _ := s.City.Official(official)
	return []string{s.Presence[official].Deputy, o.Deputy}
}

// order is how roles follow each other within a unit.
var order = []roster.Role{roster.Attendant, roster.Clerk}

// Pool is everybody whom load may decide for with a category, whose loads must be known for ByLoad.
func Pool(city *roster.City, category string) []roster.Official {
	var pool []roster.Official
	for _, unit := range city.Handlers(category) {
		for _, role := range order {
			pool = append(pool, city.Staff(unit, role)...)
		}
	}
	return pool
}

// ByLoad chooses the least loaded of the unit that handles the category. Among equals it is whose turn it is: who was given a
// ticket the longest time ago, and then the lesser id.
func (s *Situation) ByLoad(f Filing) Choice {
	return s.LeastOf(s.City.Handlers(f.Category), f, "")
}

// LeastOf chooses the least loaded of some units, the first that has anybody who can, leaving one official out.
func (s *Situation) LeastOf(units []string, f Filing, without string) Choice {
	may := func(o roster.Official) bool {
		return o.Person != without && s.free(o) && s.City.Qualified(o, f.Category) && !f.KeepsOut(s.City, o)
	}
	for _, unit := range units {
		for _, role := range order {
			if o, ok := s.least(s.City.Staff(unit, role), s.Given, may); ok {
				return Choice{Official: o.Person, Unit: o.Unit, Reason: LeastLoaded, Cap: o.LoadCap}
			}
		}
	}
	return Choice{Reason: Nobody}
}

// least is the least loaded of those who may. Equals take turns, by when they were last given what this is about.
func (s *Situation) least(staff []roster.Official, given map[string]int64, may func(roster.Official) bool) (best roster.Official, ok bool) {
	for _, o := range staff {
		if may(o) && (!ok || s.before(o, best, given)) {
			best, ok = o, true
		}
	}
	return best, ok
}

// free tells whether load may give somebody more.
func (s *Situation) free(o roster.Official) bool {
	return s.present(o.Person) && (o.LoadCap <= 0 || s.Loads[o.Person] < o.LoadCap)
}

// before tells whether it is a's turn rather than b's.
func (s *Situation) before(a, b roster.Official, given map[string]int64) bool {
	switch {
	case s.Loads[a.Person] != s.Loads[b.Person]:
		return s.Loads[a.Person] < s.Loads[b.Person]
	case given[a.Person] != given[b.Person]:
		return given[a.Person] < given[b.Person]
	default:
		return a.Person < b.Person
	}
}

// Choose is the whole choice.
func (s *Situation) Choose(f Filing) Choice {
	if choice, ok := s.ByName(f); ok {
		return choice
	}
	return s.ByLoad(f)
}
