package route

import (
	"github.com/throughtrain/throughtrain/services/attendant/internal/binding"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster"
)

// Bound is why a first agent was chosen who is bound to the project or the enterprise. Deputy, LeastLoaded and Nobody are the other reasons.
const Bound = "bound"

// Vacancy is what the choice of an agent depends on: whose case it is, and for which centre somebody is wanted.
type Vacancy struct {
	Enterprise string
	Project    string // may be empty
	Centre     string
}

// fits tells whether somebody can act as an agent for the centre: they have the role and serve there or below.
func (v Vacancy) fits(city *roster.City, o roster.Official) bool {
	return o.Has(roster.Agent) && city.Within(o.Unit, v.Centre)
}

// Agent chooses who is proposed for a vacancy: who is bound to the project or the enterprise, a deputy of theirs, the least loaded agent of the
// centre, nobody. Who is bound in another centre says nothing about this one, nor do their deputies. Categories and qualifications bound nothing here:
// a case has neither.
func (s *Situation) Agent(v Vacancy) Choice {
	if choice, ok := s.agentByName(v); ok {
		return choice
	}
	return s.LeastAgent(v, "")
}

func (s *Situation) agentByName(v Vacancy) (Choice, bool) {
	may := func(o roster.Official) bool { return v.fits(s.City, o) }
	var bound []binding.Binding
	for _, post := range posts(v.Enterprise, v.Project, binding.Agent) {
		b, ok := s.bound(post)
		if !ok {
			continue
		}
		if o, serves := s.City.Official(b.Official); !serves || !may(o) {
			continue
		}
		if choice, ok := s.take(b.Official, Bound, may); ok {
			return choice, true
		}
		bound = append(bound, b)
	}
	for _, b := range bound {
		if choice, ok := s.standIn(b.Official, b.Deputy, may); ok {
			return choice, true
		}
	}
	return Choice{}, false
}

// LeastAgent chooses the least loaded agent of a centre, leaving one official out.
func (s *Situation) LeastAgent(v Vacancy, without string) Choice {
	may := func(o roster.Official) bool { return o.Person != without && s.free(o) }
	if o, ok := s.least(Agents(s.City, v.Centre), s.GivenCases, may); ok {
		return Choice{Official: o.Person, Unit: o.Unit, Reason: LeastLoaded, Cap: o.LoadCap}
	}
	return Choice{Reason: Nobody}
}

// Agents is everybody who can act for a centre: those among whom load decides, whose loads must be known for LeastAgent.
func Agents(city *roster.City, centre string) []roster.Official {
	var agents []roster.Official
	for _, unit := range city.Below([]string{centre}) {
		agents = append(agents, city.Staff(unit, roster.Agent)...)
	}
	return agents
}

// NextAgent chooses who takes a case over from an agent; an empty choice leaves it to the centre. False when it stays: nobody there may take it.
// Turned counts the proposals of it that the agency refused: who is gone does not keep a case because of them.
func (s *Situation) NextAgent(g Succession, v Vacancy, turned int) (Choice, bool) {
	may := func(o roster.Official) bool { return v.fits(s.City, o) }
	switch g.Way {
	case ToOfficial:
		// A supervisor who names somebody is believed: whether they are there does not matter.
		o, ok := s.City.Official(g.To)
		if !ok || !may(o) {
			return Choice{}, false
		}
		return Choice{Official: o.Person, Unit: o.Unit}, true
	case ToDeputy:
		return s.standIn(g.From, "", may)
	case ToLeast:
		choice := s.LeastAgent(v, g.From)
		return choice, choice.Official != ""
	case ToDesk:
		return Choice{}, true
	default:
		if turned > 0 {
			return Choice{}, true
		}
		if choice, ok := s.agentByName(v); ok && choice.Official != g.From {
			return choice, true
		}
		return s.LeastAgent(v, g.From), true
	}
}

// posts are where the official of a role may be bound, nearest first.
func posts(enterprise, project string, role binding.Role) []binding.Post {
	whole := binding.Post{Enterprise: enterprise, Role: role}
	switch {
	case enterprise == "":
		return nil
	case project == "":
		return []binding.Post{whole}
	}
	return []binding.Post{{Enterprise: enterprise, Project: project, Role: role}, whole}
}
