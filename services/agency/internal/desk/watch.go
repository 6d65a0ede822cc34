package desk

import (
	"context"
	"slices"

	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/live"
)

// The ways on which cases are come by: all of a city, of the same enterprise, opened by or walked through by the same person, with an item in the same unit, or one
// alone.
const (
	WayCity live.WayKind = iota
	WayEnterprise
	WayOpener
	WayAgent
	WayUnit
	WayCase
)

// WaysTo are the ways that lead to a case: those of sightOf, for whoever looks for it. Whoever gets another way to see one gets it there and here.
func WaysTo(c *casefile.Case) []live.Way {
	ways := []live.Way{{Kind: WayCity}, {Kind: WayCase, ID: c.ID}}
	add := func(kind live.WayKind, id string) {
		if w := (live.Way{Kind: kind, ID: id}); id != "" && !slices.Contains(ways, w) {
			ways = append(ways, w)
		}
	}
	add(WayEnterprise, c.Enterprise)
	if c.OpenerUnit == "" {
		add(WayOpener, c.Opener)
	}
	add(WayUnit, c.OpenerUnit)
	for _, a := range c.Agents {
		if a.To.IsZero() {
			add(WayAgent, a.Official)
		}
	}
	for i := range c.Items {
		if c.Items[i].State != casefile.Dropped {
			add(WayUnit, c.Items[i].Unit)
		}
	}
	for _, stage := range c.Stages {
		if c.InStage(stage.Code) {
			add(WayUnit, stage.LeadUnit)
		}
	}
	for _, r := range c.Reviews {
		for _, o := range r.Opinions {
			add(WayUnit, o.Unit)
		}
	}
	return ways
}

// Sees tells whether the caller may list a case.
func Sees(caller authn.Caller, city *catalogue.City, c *casefile.Case) bool {
	return sightOf(caller, city, c).Case
}

// Look is what somebody wants to look at.
type Look struct {
	City            string
	Mine, Desk, All bool
	Case            string // id
}

// Ways finds the ways to what a caller wants to look at, and refuses what they may not.
func (d *Desk) Ways(ctx context.Context, caller authn.Caller, look Look) ([]live.Way, error) {
	city, err := d.Cities.City(look.City)
	if err != nil {
		return nil, err
	}
	scope := scopeOf(caller, city)
	if look.All && scope.All {
		return []live.Way{{Kind: WayCity}}, nil
	}
	var ways []live.Way
	add := func(kind live.WayKind, ids ...string) {
		for _, id := range ids {
			ways = append(ways, live.Way{Kind: kind, ID: id})
		}
	}
	if look.Mine || look.All {
		add(WayOpener, caller.Person)
		add(WayEnterprise, caller.Enterprises...)
	}
	if look.Desk || look.All {
		add(WayAgent, caller.Person)
	}
	if look.All {
		add(WayUnit, scope.Units...)
	}
	if look.Case != "" {
		if _, _, err := d.open(ctx, caller, Ref{look.City, look.Case}); err != nil {
			return nil, err
		}
		add(WayCase, look.Case)
	}
	return ways, nil
}
