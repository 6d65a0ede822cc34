package desk

import (
	"slices"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// Sight is how much of a ticket a caller may see. The zero value is nothing: for them there is no such ticket.
type Sight struct {
	Ticket   bool // that it is there, its clocks and its history
	Text     bool // what people wrote in it
	Contact  bool // the filer's phone and name in full; masked for everybody else who may read the text
	Official bool // notes that officials write for each other
}

func (s Sight) or(other Sight) Sight {
	return Sight{s.Ticket || other.Ticket, s.Text || other.Text, s.Contact || other.Contact, s.Official || other.Official}
}

// What each way to a ticket shows.
var (
	sightOfFiler   = Sight{Ticket: true, Text: true, Contact: true}
	sightOfMember  = Sight{Ticket: true, Text: true} // colleagues need not know the filer's own phone
	sightOfHolder  = Sight{Ticket: true, Text: true, Contact: true, Official: true}
	sightOfDesk    = sightOfHolder
	sightOfOffice  = Sight{Ticket: true, Text: true, Official: true}
	sightOfAuditor = Sight{Ticket: true}
)

// sightByRole is what a role of the whole city shows of every ticket.
var sightByRole = map[optionsv1.Role]Sight{
	optionsv1.Role_ROLE_DISPATCHER:   sightOfDesk,
	optionsv1.Role_ROLE_SUPERVISOR:   sightOfOffice,
	optionsv1.Role_ROLE_MAYOR_OFFICE: sightOfOffice,
	optionsv1.Role_ROLE_AUDITOR:      sightOfAuditor,
	optionsv1.Role_ROLE_CITY_ADMIN:   sightOfAuditor,
}

// sightOf is all that the caller may see of a ticket, whatever way leads there.
func sightOf(caller authn.Caller, city *policy.City, t *ticket.Ticket) Sight {
	var s Sight
	if caller.Kind != authn.Person || caller.City != t.City {
		return s
	}
	if caller.Person == t.Filer {
		s = s.or(sightOfFiler)
	}
	if caller.MemberOf(t.Enterprise) {
		s = s.or(sightOfMember)
	}
	if caller.Person == t.Official {
		held := sightOfHolder
		held.Contact = t.State.Open() // who has handed it in needs no phone any more
		s = s.or(held)
	}
	for _, grant := range caller.Roles {
		s = s.or(sightByRole[grant.Role])
		if unit := unitOf(caller, grant); unit != "" && (leadsDesk(city, unit) || city.IsBelow(t.Unit, unit)) {
			s = s.or(sightOfOffice)
		}
	}
	return s
}

// unitOf is the unit in which a grant lets its holder see what the unit, and those below it, hold; empty for other grants.
func unitOf(caller authn.Caller, grant authn.Grant) string {
	if grant.Role != optionsv1.Role_ROLE_LEADER && grant.Role != optionsv1.Role_ROLE_CLERK {
		return ""
	}
	if grant.Unit == "" {
		return caller.Unit
	}
	return grant.Unit
}

// leadsDesk tells whether the desk belongs to a unit. Every ticket began in the desk's queue, and what the desk owed stays counted against
// it wherever the ticket went: who answers for those numbers may open what is behind them.
func leadsDesk(city *policy.City, unit string) bool { return city.IsBelow(city.DeskUnit(), unit) }

// scopeOf is sightOf's Ticket as a condition on rows: the same tickets, found rather than judged.
func scopeOf(caller authn.Caller, city *policy.City) store.Scope {
	scope := store.Scope{Person: caller.Person, Enterprises: caller.Enterprises}
	for _, grant := range caller.Roles {
		if sightByRole[grant.Role].Ticket {
			return store.Scope{All: true}
		}
		unit := unitOf(caller, grant)
		switch {
		case unit == "":
			continue
		case leadsDesk(city, unit):
			return store.Scope{All: true}
		}
		for _, u := range city.Units() {
			if city.IsBelow(u.Code, unit) && !slices.Contains(scope.Units, u.Code) {
				scope.Units = append(scope.Units, u.Code)
			}
		}
	}
	return scope
}

// actorOf is the caller as the domain knows an actor.
func actorOf(caller authn.Caller) ticket.Actor {
	switch caller.Kind {
	case authn.Person:
		a := ticket.Actor{Kind: ticket.PersonActor, Person: caller.Person, Enterprises: caller.Enterprises}
		for _, grant := range caller.Roles {
			if role := policy.RoleOf(grant.Role); !slices.Contains(a.Roles, role) {
				a.Roles = append(a.Roles, role)
			}
		}
		return a
	case authn.Service:
		return ticket.Actor{Kind: ticket.ServiceActor, Name: caller.Name}
	default:
		return ticket.Actor{Kind: ticket.SystemActor, Name: caller.Name}
	}
}
