package issue

import (
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
)

// Context is what a decision is made with, beside the issue.
type Context struct {
	Now   time.Time // read when deciding, again when deciding again
	Actor Actor
	City  *policy.City
}

// Actor is a person who wants something of an issue.
type Actor struct {
	Person string // id
	Grants []Grant
}

// Grant is a role, in a unit where it is a unit's.
type Grant struct {
	Role policy.Role
	Unit string
}

// Has reports whether the actor has one of the roles, wherever.
func (a Actor) Has(roles ...policy.Role) bool {
	return a.Person != "" && slices.ContainsFunc(a.Grants, func(g Grant) bool { return slices.Contains(roles, g.Role) })
}

// Party is what an actor is to an issue; several can hold at once.
type Party uint8

// The parties.
const (
	Office Party = 1 << iota // the mayor's office, or a supervisor
	Desk                     // a dispatcher
	Lead                     // a leader or clerk of the lead unit, or of a unit below it
	Assist                   // the same of an assisting unit
	Leader                   // who leads the lead unit, or where it has no leader of its own answers for it
)

// officeParty is what the actor is to every issue.
func (a Actor) officeParty() Party {
	var p Party
	if a.Has(policy.RoleMayorOffice, policy.RoleSupervisor) {
		p |= Office
	}
	if a.Has(policy.RoleDispatcher) {
		p |= Desk
	}
	return p
}

// PartyOf tells what an actor is to the issue.
func (i *Issue) PartyOf(c Context) Party {
	p := c.Actor.officeParty()
	if c.Actor.Person == "" {
		return 0
	}
	for _, g := range c.Actor.Grants {
		if g.Role != policy.RoleLeader && g.Role != policy.RoleClerk {
			continue
		}
		if c.City.IsBelow(g.Unit, i.Lead) {
			p |= Lead
		}
		if slices.ContainsFunc(i.Assisting, func(unit string) bool { return c.City.IsBelow(g.Unit, unit) }) {
			p |= Assist
		}
		if g.Role == policy.RoleLeader && (g.Unit == i.Lead || c.City.Leader(i.Lead).Official == c.Actor.Person) {
			p |= Lead | Leader
		}
	}
	return p
}

// Units are the units that work on the issue, the lead unit first.
func (i *Issue) Units() []string { return append([]string{i.Lead}, i.Assisting...) }
