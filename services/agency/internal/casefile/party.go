package casefile

import (
	"slices"
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
)

const agencyNone = agencyv1.Case_STATE_UNSPECIFIED

// Context is what a decision is made with, beside the case.
type Context struct {
	Now   time.Time       // read when deciding, again when deciding again
	Actor Actor           // who wants it
	City  *catalogue.City // the newest version known, with those before it
	// Line is the report of a department's system that the actor brings; nil for everybody else.
	Line *agencyv1.LineReport
	// Barred says that a commitment of the enterprise was broken, in this case or another, and not repaired.
	Barred bool
}

// ActorKind is what sort of actor it is.
type ActorKind int8

// The kinds of actor.
const (
	PersonActor ActorKind = iota + 1
	ServiceActor
	SystemActor
	LineActor // a department's own system
)

// Actor is who wants something of a case. Units are given with all those below them.
type Actor struct {
	Kind        ActorKind
	Person      string   // id, for a person
	Name        string   // of the service, process or system, otherwise
	Enterprises []string // ids of those whose confirmed member the person is
	Agent       bool     // has the role
	Clerk       []string // codes of the units in which the person is a clerk, or for which the system speaks
	Head        []string // codes of the units that the person leads
	Centre      bool     // a clerk of one of the agency's centres, or of a unit below one
	Office      bool     // of the mayor's office, or a supervisor
	// Claims is an enterprise in whose name an unconfirmed person acts; only opening asks for it.
	Claims string
}

// ID returns how the journal names the actor.
func (a Actor) ID() string {
	switch a.Kind {
	case PersonActor:
		return a.Person
	case ServiceActor:
		return "services/" + a.Name
	case LineActor:
		return "line/" + a.Name
	default:
		return "system/" + a.Name
	}
}

// Clockwork is the actor of everything that happens because its time has come.
var Clockwork = Actor{Kind: SystemActor, Name: "clockwork"}

// AssignerName is the service that proposes agents.
const AssignerName = "attendant"

// Party is what an actor is to a case or an item; several can hold at once.
type Party uint16

// The parties.
const (
	Applicant  Party = 1 << iota // a confirmed member of the enterprise, or who opened the case in its name
	Signer                       // a confirmed member of the enterprise: binds it
	Agent                        // an agent, within what is entrusted
	Unit                         // a clerk of the unit that decides
	Head                         // who leads the unit that decides
	Centre                       // a clerk of a centre
	Office                       // somebody of the mayor's office, or a supervisor
	Department                   // a clerk of the unit that opened it on the enterprise's behalf
	Line                         // the unit's own system
	Assigner                     // the service that proposes agents
	System                       // a process inside the agency
	Anybody                      // any person signed in
)

// PartyOf tells what an actor is to the case. Whoever is a clerk of a unit that decides an item, leads a stage, or was asked for an opinion, is Unit.
func (c *Case) PartyOf(a Actor) Party {
	p := c.common(a)
	if p&Anybody != 0 && a.Agent && c.ActsFor(a.Person) && c.Entrusted() != nil {
		p |= Agent
	}
	for i := range c.Items {
		p |= c.unitParty(a, c.Items[i].Unit)
	}
	for _, s := range c.Stages {
		p |= c.unitParty(a, s.LeadUnit) & Unit
	}
	for _, r := range c.Reviews {
		for _, o := range r.Opinions {
			p |= c.unitParty(a, o.Unit) & Unit
		}
	}
	return p
}

// PartyOfItem tells what an actor is to an item.
func (c *Case) PartyOfItem(a Actor, i *Item) Party {
	p := c.common(a) | c.unitParty(a, i.Unit)
	if g := c.Entrusted(); p&Anybody != 0 && a.Agent && g != nil && c.ActsFor(a.Person) && g.Covers(i.Def.Stage) {
		p |= Agent
	}
	return p
}

// common is what an actor is to all of a case.
func (c *Case) common(a Actor) Party {
	switch {
	case a.Kind == SystemActor:
		return System
	case a.Kind == ServiceActor && a.Name == AssignerName:
		return Assigner
	case a.Kind != PersonActor || a.Person == "":
		return 0
	}
	p := Anybody
	if c.Enterprise != "" && slices.Contains(a.Enterprises, c.Enterprise) {
		p |= Applicant | Signer
	}
	if c.OpenerUnit == "" && a.Person == c.Opener {
		p |= Applicant
	}
	if a.Centre {
		p |= Centre
	}
	if a.Office {
		p |= Office
	}
	if c.OpenerUnit != "" && slices.Contains(a.Clerk, c.OpenerUnit) {
		p |= Department
	}
	return p
}

func (c *Case) unitParty(a Actor, unit string) Party {
	var p Party
	switch {
	case a.Kind == LineActor && slices.Contains(a.Clerk, unit):
		return Line
	case a.Kind != PersonActor || a.Person == "":
		return 0
	}
	if slices.Contains(a.Clerk, unit) {
		p |= Unit
	}
	if slices.Contains(a.Head, unit) {
		p |= Head
	}
	return p
}
