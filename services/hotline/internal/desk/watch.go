package desk

import (
	"context"
	"slices"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/fact"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/live"
)

// The ways on which tickets are come by: all of a city, with the same filer, of the same enterprise, with the same holder, in the same unit,
// or one alone.
const (
	WayCity live.WayKind = iota
	WayFiler
	WayEnterprise
	WayOfficial
	WayUnit
	WayTicket
)

// WaysTo are the ways that lead to a ticket: those of sightOf, for whoever looks for it. Whoever gets another way to see one gets it there and here.
func WaysTo(s store.Stored) []live.Way {
	t := s.Ticket
	ways := []live.Way{{Kind: WayCity}, {Kind: WayTicket, ID: t.ID}}
	add := func(kind live.WayKind, id string) {
		if w := (live.Way{Kind: kind, ID: id}); id != "" && !slices.Contains(ways, w) {
			ways = append(ways, w)
		}
	}
	add(WayFiler, t.Filer)
	add(WayFiler, s.Identity.Person)
	add(WayEnterprise, t.Enterprise)
	add(WayOfficial, t.Official)
	if n := len(t.Dialogues); n > 0 && fact.Speaks(&t.Dialogues[n-1]) {
		add(WayOfficial, t.Dialogues[n-1].Speaker.Official)
	}
	add(WayUnit, t.Unit)
	for i := range t.Orders {
		if o := &t.Orders[i]; fact.Shown(t, o) {
			add(WayUnit, o.Unit)
		}
	}
	return ways
}

// Sees tells whether the caller may list a ticket.
func Sees(caller authn.Caller, city *policy.City, s store.Stored) bool {
	return sightOf(caller, city, s).Ticket
}

// KeptOut tells whether a ticket is about the caller.
func KeptOut(caller authn.Caller, city *policy.City, s store.Stored) bool {
	return s.Ticket.KeepsOut(actorOf(caller, city, s))
}

// Look is what somebody wants to look at.
type Look struct {
	City            string
	Mine, Desk, All bool
	Unit            string // code
	Ticket          string // id
}

var errUnitUnknown = fault.New(fault.Invalid, hotlinev1.ErrorReason_WATCH_UNIT_UNKNOWN.String(),
	"本市没有这个单位，请核对单位代码。",
	"The city has no such unit. Check its code.").
	Field("unit", "unit.unknown", "不是本市的单位", "is not one of the city's")

// Ways finds the ways to what a caller wants to look at, and refuses what they may not.
func (d *Desk) Ways(ctx context.Context, caller authn.Caller, look Look) ([]live.Way, error) {
	city, err := d.Cities.City(look.City)
	if err != nil {
		return nil, err
	}
	scope := scopeOf(caller, city)
	var ways []live.Way
	add := func(kind live.WayKind, ids ...string) {
		for _, id := range ids {
			ways = append(ways, live.Way{Kind: kind, ID: id})
		}
	}
	if look.Mine || look.All {
		add(WayFiler, caller.Person)
		add(WayEnterprise, caller.Enterprises...)
	}
	if look.Desk || look.All {
		add(WayOfficial, caller.Person)
	}
	if look.All {
		add(WayUnit, scope.Units...)
	}
	if look.All && scope.All {
		ways = []live.Way{{Kind: WayCity}}
	}
	if look.Unit != "" {
		units, err := below(city, look.Unit, scope.All, scope.Units)
		if err != nil {
			return nil, err
		}
		add(WayUnit, units...)
	}
	if look.Ticket != "" {
		if _, _, err := d.open(ctx, caller, Ref{look.City, look.Ticket}); err != nil {
			return nil, err
		}
		add(WayTicket, look.Ticket)
	}
	return ways, nil
}

// below are a unit and those under it, for who sees all units or the unit itself.
func below(city *policy.City, unit string, all bool, seen []string) ([]string, error) {
	var units []string
	for _, u := range city.Units() {
		if city.IsBelow(u.Code, unit) {
			units = append(units, u.Code)
		}
	}
	if len(units) == 0 {
		return nil, errUnitUnknown
	}
	for _, u := range seen {
		all = all || u == unit
	}
	if !all {
		return nil, authn.ErrRoleRequired
	}
	return units, nil
}
