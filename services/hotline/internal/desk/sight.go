package desk

import (
	"slices"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/fact"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// Sight is how much of a ticket a caller may see. The zero value is nothing: for them there is no such ticket.
type Sight struct {
	Ticket   bool // that it is there, its clocks and its history
	Text     bool // what people wrote in it
	Contact  bool // the filer's name in full; masked for everybody else who may read the text
	Phone    bool // the filer's phone in full, too; officials ask for it and say why (Reveal)
	Official bool // notes that officials write for each other
	Identity bool // whose it is although it is confidential, and whom it is about
}

func (s Sight) or(other Sight) Sight {
	return Sight{s.Ticket || other.Ticket, s.Text || other.Text, s.Contact || other.Contact, s.Phone || other.Phone, s.Official || other.Official,
		s.Identity || other.Identity}
}

// What each way to a ticket shows.
var (
	sightOfFiler   = Sight{Ticket: true, Text: true, Contact: true, Phone: true, Identity: true}
	sightOfMember  = Sight{Ticket: true, Text: true} // colleagues need not know the filer's own phone
	sightOfHolder  = Sight{Ticket: true, Text: true, Contact: true, Official: true}
	sightOfDesk    = sightOfHolder
	sightOfPart    = Sight{Ticket: true, Text: true, Official: true} // of a unit with a work order
	sightOfOffice  = Sight{Ticket: true, Text: true, Official: true}
	sightOfMayors  = Sight{Ticket: true, Text: true, Official: true, Identity: true}
	sightOfAuditor = Sight{Ticket: true}
)

// sightByRole is what a role of the whole city shows of every ticket.
var sightByRole = map[optionsv1.Role]Sight{
	optionsv1.Role_ROLE_DISPATCHER:   sightOfDesk,
	optionsv1.Role_ROLE_SUPERVISOR:   sightOfOffice,
	optionsv1.Role_ROLE_MAYOR_OFFICE: sightOfMayors,
	optionsv1.Role_ROLE_AUDITOR:      sightOfAuditor,
	optionsv1.Role_ROLE_CITY_ADMIN:   sightOfAuditor,
}

// sightOf is all that the caller may see of a ticket, whatever way leads there. Who is kept out of it sees what they filed, and otherwise nothing.
func sightOf(caller authn.Caller, city *policy.City, s store.Stored) Sight {
	if caller.Kind != authn.Person || caller.City != s.City {
		return Sight{}
	}
	actor := actorOf(caller, city, s)
	own := sightOfOwn(caller, actor, s.Ticket)
	sight := own
	if !s.Ticket.KeepsOut(actor) {
		sight = sight.or(sightOfPerson(caller, s.Ticket))
		for _, grant := range caller.Roles {
			sight = sight.or(sightByGrant(caller, grant, city, s.Ticket))
		}
	}
	sight.Official = sight.Official && !own.Ticket // whose it is, is that first of all
	if s.Ticket.Confidential {
		sight.Contact = sight.Identity // how to reach the filer says who it is
	}
	return sight
}

// sightOfOwn is what somebody sees of what they, or an enterprise of theirs, filed.
func sightOfOwn(caller authn.Caller, actor ticket.Actor, t *ticket.Ticket) Sight {
	var s Sight
	if actor.Filer || caller.Person == t.Filer {
		s = sightOfFiler
	}
	if caller.MemberOf(t.Enterprise) {
		s = s.or(sightOfMember)
	}
	return s
}

// sightOfPerson is what somebody sees who holds the ticket, or is named in its last dialogue.
func sightOfPerson(caller authn.Caller, t *ticket.Ticket) Sight {
	var s Sight
	if caller.Person == t.Official {
		s = sightOfHolder
		s.Contact = t.State.Open() // who has handed it in need not know whom to call any more
	}
	if n := len(t.Dialogues); n > 0 {
		if d := &t.Dialogues[n-1]; d.Speaker.Official == caller.Person && fact.Speaks(d) {
			speaks := sightOfHolder
			speaks.Contact = d.State.Open()
			s = s.or(speaks)
		}
	}
	return s
}

// sightByGrant is what a role shows: of every ticket, or of those a unit, and those below it, hold or have a part in.
func sightByGrant(caller authn.Caller, grant authn.Grant, city *policy.City, t *ticket.Ticket) Sight {
	s := sightByRole[grant.Role]
	unit := unitOf(caller, grant)
	switch {
	case unit == "":
		return s
	case leadsDesk(city, unit) || city.IsBelow(t.Unit, unit):
		return s.or(sightOfOffice)
	}
	for i := range t.Orders {
		if o := &t.Orders[i]; fact.Shown(t, o) && city.IsBelow(o.Unit, unit) {
			return s.or(sightOfPart)
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
	return scopeBy(caller, city, caller.Roles)
}

// textScopeOf is sightOf's Text as a condition on rows: whoever may not read a text is not to find out by searching what is in it.
func textScopeOf(caller authn.Caller, city *policy.City) store.Scope {
	return scopeBy(caller, city, slices.DeleteFunc(slices.Clone(caller.Roles), func(g authn.Grant) bool { return sightByRole[g.Role].Ticket && !sightByRole[g.Role].Text }))
}

func scopeBy(caller authn.Caller, city *policy.City, roles []authn.Grant) store.Scope {
	scope := store.Scope{Person: caller.Person, Enterprises: caller.Enterprises, KeptOut: keptOutOf(caller, city), Worker: onlyWorks(caller)}
	for _, grant := range roles {
		unit := unitOf(caller, grant)
		switch {
		case sightByRole[grant.Role].Ticket, unit != "" && leadsDesk(city, unit):
			scope.All, scope.Units = true, nil
			return scope
		case unit == "":
			continue
		}
		for _, u := range city.Units() {
			if city.IsBelow(u.Code, unit) && !slices.Contains(scope.Units, u.Code) {
				scope.Units = append(scope.Units, u.Code)
			}
		}
	}
	return scope
}

// onlyWorks tells whether somebody has no role but those who answer tickets have: they are not to know whose filer is called back.
func onlyWorks(caller authn.Caller) bool {
	return len(caller.Roles) > 0 && !slices.ContainsFunc(caller.Roles, func(g authn.Grant) bool {
		return g.Role != optionsv1.Role_ROLE_ATTENDANT && g.Role != optionsv1.Role_ROLE_AGENT && g.Role != optionsv1.Role_ROLE_CLERK
	})
}

// keptOutOf are the subjects that somebody is, as ticket.KeepsOut judges: whoever is about any of them, is not for the caller. The public is none.
func keptOutOf(caller authn.Caller, city *policy.City) []string {
	if caller.Unit == "" && len(caller.Roles) == 0 {
		return nil
	}
	subjects := []string{fact.PersonSubject + caller.Person}
	if caller.HasRole(optionsv1.Role_ROLE_MAYOR_OFFICE) {
		return subjects
	}
	for _, unit := range under(caller, city) {
		subjects = append(subjects, fact.UnitSubject+unit)
	}
	return subjects
}

// under are the units that the caller works in or has a role in, with all above these.
func under(caller authn.Caller, city *policy.City) []string {
	var all []string
	add := func(unit string) {
		for _, u := range city.Line(unit) {
			if !slices.Contains(all, u) {
				all = append(all, u)
			}
		}
	}
	add(caller.Unit)
	for _, grant := range caller.Roles {
		add(grant.Unit)
	}
	return all
}

// actorOf is the caller as the domain knows an actor of a ticket.
func actorOf(caller authn.Caller, city *policy.City, of store.Stored) ticket.Actor {
	switch caller.Kind {
	case authn.Person:
		return personOf(caller, city, of)
	case authn.Service:
		return ticket.Actor{Kind: ticket.ServiceActor, Name: caller.Name}
	default:
		return ticket.Actor{Kind: ticket.SystemActor, Name: caller.Name}
	}
}

func personOf(caller authn.Caller, city *policy.City, of store.Stored) ticket.Actor {
	a := ticket.Actor{Kind: ticket.PersonActor, Person: caller.Person, Enterprises: caller.Enterprises, Under: under(caller, city),
		Filer: caller.Person != "" && caller.Person == of.Identity.Person}
	for _, grant := range caller.Roles {
		if role := policy.RoleOf(grant.Role); !slices.Contains(a.Roles, role) {
			a.Roles = append(a.Roles, role)
		}
		if grant.Role != optionsv1.Role_ROLE_CLERK {
			continue
		}
		if unit := unitOf(caller, grant); unit != "" && !slices.Contains(a.Units, unit) {
			a.Units = append(a.Units, unit)
		}
	}
	return a
}
