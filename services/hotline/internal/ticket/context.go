package ticket

import (
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
)

// Context is what a decision is made with, beside the ticket.
type Context struct {
	Now   time.Time    // read when deciding, again when deciding again
	Actor Actor        // who wants it
	City  *policy.City // the newest version known, with those before it
}

// ActorKind is what sort of actor it is.
type ActorKind int8

// The kinds of actor.
const (
	PersonActor ActorKind = iota + 1
	ServiceActor
	SystemActor
)

// Actor is who wants something of a ticket.
type Actor struct {
	Kind        ActorKind
	Person      string        // id, for a person
	Name        string        // of the service or process, otherwise
	Roles       []policy.Role // of a person
	Enterprises []string      // ids of those whose confirmed member the person is
	Units       []string      // codes of those in which the person is a clerk
	Under       []string      // codes of every unit the person works in or has a role in, and of all units above these
	// Filer says that the person is the filer of this ticket although the ticket does not tell: it is confidential.
	Filer bool
}

// ID returns how the journal names the actor.
func (a Actor) ID() string {
	switch a.Kind {
	case PersonActor:
		return a.Person
	case ServiceActor:
		return "services/" + a.Name
	default:
		return "system/" + a.Name
	}
}

// Has reports whether the actor is a person with the role.
func (a Actor) Has(role policy.Role) bool {
	return a.Kind == PersonActor && slices.Contains(a.Roles, role)
}

// Clockwork is the actor of everything that happens because its time has come.
var Clockwork = Actor{Kind: SystemActor, Name: "clockwork"}

// Router is the actor that proposes holders.
var Router = Actor{Kind: ServiceActor, Name: "attendant"}

// Party is what an actor is to a ticket; several can hold at once.
type Party uint16

// The parties.
const (
	Filer   Party = 1 << iota // the filer, or a confirmed member of the enterprise
	Holder                    // the official who holds it now
	Desk                      // a dispatcher
	Routes                    // the service that proposes holders
	System                    // a process inside the hotline
	Anybody                   // any person signed in
	Unit                      // a clerk of a unit that was given a part
	Super                     // a supervisor
	Office                    // somebody of the mayor's office
	Speaker                   // who has the dialogue that is asked for
)

// inside are the officials who work on a ticket, or oversee it.
const inside = Holder | Desk | Unit | Super | Office | Speaker

// PartyOf tells what an actor is to the ticket.
func (t *Ticket) PartyOf(a Actor) Party {
	switch a.Kind {
	case SystemActor:
		return System
	case ServiceActor:
		if a.Name == Router.Name {
			return Routes
		}
	case PersonActor:
		if a.Person != "" {
			return t.partyOfPerson(a)
		}
	}
	return 0
}

// partyOfPerson: who is kept out of a ticket is nothing to it.
func (t *Ticket) partyOfPerson(a Actor) Party {
	p := Anybody
	if a.Filer || a.Person == t.Filer || t.Enterprise != "" && slices.Contains(a.Enterprises, t.Enterprise) {
		p |= Filer
	}
	if t.KeepsOut(a) {
		return p
	}
	if a.Person == t.Official {
		p |= Holder
	}
	if slices.ContainsFunc(t.Orders, func(o Order) bool { return slices.Contains(a.Units, o.Unit) }) {
		p |= Unit
	}
	if d := t.Dialogue(); d != nil && d.Speaker.Official == a.Person {
		p |= Speaker
	}
	for role, party := range partyByRole {
		if a.Has(role) {
			p |= party
		}
	}
	return p
}

// partyByRole is what a role of the whole city makes its holder to every ticket.
var partyByRole = map[policy.Role]Party{policy.RoleDispatcher: Desk, policy.RoleSupervisor: Super, policy.RoleMayorOffice: Office}
