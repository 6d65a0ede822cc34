package desk

import (
	"slices"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// Sight is how much of a case a caller may see. The zero value is nothing: for them there is no such case.
type Sight struct {
	Case    bool // that it is there, and how its items stand
	All     bool // every item, material and file; otherwise those of Units and Stages, and Items
	Text    bool // what people wrote
	Contact bool // whom to speak to, in full; masked for everybody else who may read the text
	Units   []string
	Stages  []string
	Items   []string
}

func (s Sight) or(o Sight) Sight {
	return Sight{s.Case || o.Case, s.All || o.All, s.Text || o.Text, s.Contact || o.Contact, append(s.Units, o.Units...), append(s.Stages, o.Stages...),
		append(s.Items, o.Items...)}
}

// ShowsItem tells whether an item is shown with what belongs to it; that it is there and how it stands is shown to all who see the case.
func (s Sight) ShowsItem(i *casefile.Item) bool {
	return s.All || slices.Contains(s.Units, i.Unit) || slices.Contains(s.Stages, i.Def.Stage) || slices.Contains(s.Items, i.Def.Code)
}

// ShowsMaterial tells whether a material is shown: some item that asks for it is.
func (s Sight) ShowsMaterial(c *casefile.Case, code string) bool {
	if s.All {
		return true
	}
	for n := range c.Items {
		i := &c.Items[n]
		if s.ShowsItem(i) && slices.ContainsFunc(i.Def.Materials, func(m catalogue.ItemMaterial) bool { return m.Material == code }) {
			return true
		}
	}
	return false
}

var (
	// sightOfSide is that of enterprise, agents, centres and who opened it on the enterprise's behalf.
	sightOfSide    = Sight{Case: true, All: true, Text: true, Contact: true}
	sightOfOffice  = Sight{Case: true, All: true, Text: true, Contact: true}
	sightOfAuditor = Sight{Case: true, All: true}
)

// sightOf is all that the caller may see of a case, whatever way leads there.
func sightOf(caller authn.Caller, city *catalogue.City, c *casefile.Case) Sight {
	if caller.Kind != authn.Person || caller.City != c.City {
		return Sight{}
	}
	var s Sight
	switch {
	case caller.MemberOf(c.Enterprise), c.OpenerUnit == "" && caller.Person == c.Opener, c.ActsFor(caller.Person):
		s = sightOfSide
	}
	for _, grant := range caller.Roles {
		s = s.or(sightByGrant(caller, grant, city, c))
	}
	return s
}

func sightByGrant(caller authn.Caller, grant authn.Grant, city *catalogue.City, c *casefile.Case) Sight {
	switch grant.Role {
	case optionsv1.Role_ROLE_MAYOR_OFFICE, optionsv1.Role_ROLE_SUPERVISOR:
		return sightOfOffice
	case optionsv1.Role_ROLE_AUDITOR, optionsv1.Role_ROLE_CITY_ADMIN:
		return sightOfAuditor
	default:
	}
	unit := unitOf(caller, grant)
	switch {
	case unit == "":
		return Sight{}
	case sees(city, unit):
		return sightOfSide
	case c.OpenerUnit != "" && city.IsBelow(c.OpenerUnit, unit):
		return sightOfSide
	}
	var s Sight
	for n := range c.Items {
		if i := &c.Items[n]; i.State != casefile.Dropped && city.IsBelow(i.Unit, unit) {
			s = s.or(Sight{Case: true, Text: true, Contact: i.UnderWay(), Units: []string{i.Unit}})
		}
	}
	for _, stage := range c.Stages { // who leads a stage calls units together about what lies in it
		if city.IsBelow(stage.LeadUnit, unit) && c.InStage(stage.Code) {
			s = s.or(Sight{Case: true, Text: true, Stages: []string{stage.Code}})
		}
	}
	for _, r := range c.Reviews {
		if slices.ContainsFunc(r.Opinions, func(o casefile.Opinion) bool { return city.IsBelow(o.Unit, unit) }) {
			s = s.or(Sight{Case: true, Text: true, Items: r.Items})
		}
	}
	return s
}

// sees tells whether a unit sees every case: a centre of the agency, or one to which a centre belongs.
func sees(city *catalogue.City, unit string) bool {
	return city.IsCentre(unit) || slices.ContainsFunc(city.Rules().Centres, func(centre string) bool { return city.IsBelow(centre, unit) })
}

// unitOf is the unit in which a grant lets its holder see what the unit, and those below it, have; empty for other grants.
func unitOf(caller authn.Caller, grant authn.Grant) string {
	if grant.Role != optionsv1.Role_ROLE_LEADER && grant.Role != optionsv1.Role_ROLE_CLERK {
		return ""
	}
	if grant.Unit == "" {
		return caller.Unit
	}
	return grant.Unit
}

// scopeOf is sightOf's Case as a condition on rows: the same cases, found rather than judged.
func scopeOf(caller authn.Caller, city *catalogue.City) store.Scope {
	scope := store.Scope{Person: caller.Person, Enterprises: caller.Enterprises}
	for _, grant := range caller.Roles {
		switch grant.Role {
		case optionsv1.Role_ROLE_MAYOR_OFFICE, optionsv1.Role_ROLE_SUPERVISOR, optionsv1.Role_ROLE_AUDITOR, optionsv1.Role_ROLE_CITY_ADMIN:
			return store.Scope{All: true}
		default:
		}
		unit := unitOf(caller, grant)
		if unit == "" {
			continue
		}
		if sees(city, unit) {
			return store.Scope{All: true}
		}
		scope.Units = append(scope.Units, below(city, unit, scope.Units)...)
	}
	return scope
}

// below are a unit and those below it that are not there yet.
func below(city *catalogue.City, unit string, except []string) []string {
	var out []string
	for _, u := range city.Units() {
		if city.IsBelow(u.Code, unit) && !slices.Contains(except, u.Code) {
			out = append(out, u.Code)
		}
	}
	return out
}

// actorOf is the caller as the domain knows an actor of a case.
func actorOf(caller authn.Caller, city *catalogue.City) casefile.Actor {
	switch caller.Kind {
	case authn.Person:
		return personOf(caller, city)
	case authn.Service:
		return casefile.Actor{Kind: casefile.ServiceActor, Name: caller.Name}
	default:
		return casefile.Actor{Kind: casefile.SystemActor, Name: caller.Name}
	}
}

func personOf(caller authn.Caller, city *catalogue.City) casefile.Actor {
	a := casefile.Actor{Kind: casefile.PersonActor, Person: caller.Person, Enterprises: caller.Enterprises}
	for _, grant := range caller.Roles {
		switch grant.Role {
		case optionsv1.Role_ROLE_AGENT:
			a.Agent = true
		case optionsv1.Role_ROLE_SUPERVISOR, optionsv1.Role_ROLE_MAYOR_OFFICE:
			a.Office = true
		case optionsv1.Role_ROLE_CLERK:
			unit := unitOf(caller, grant)
			a.Clerk = append(a.Clerk, below(city, unit, a.Clerk)...)
			a.Centre = a.Centre || city.IsCentre(unit)
		case optionsv1.Role_ROLE_LEADER:
			a.Head = append(a.Head, below(city, unitOf(caller, grant), a.Head)...)
		default:
		}
	}
	return a
}
