package desk

import (
	"context"
	"errors"
	"slices"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// Coverage counts who has a chief attendant, by county.
func (d *Desk) Coverage(ctx context.Context, city string) ([]store.Coverage, error) {
	if _, err := d.Roster(ctx, city); err != nil {
		return nil, err
	}
	return d.Store.Coverage(ctx, city, d.City.Now())
}

// Uncovered returns a page of the enterprises without a chief attendant.
func (d *Desk) Uncovered(ctx context.Context, u store.Uncovered) ([]store.Enterprise, error) {
	if _, err := d.Roster(ctx, u.City); err != nil {
		return nil, err
	}
	return d.Store.Uncovered(ctx, u, d.City.Now())
}

// Load is what an official carries.
type Load struct {
	roster.Official
	Load        int
	Enterprises int
	Present     bool
}

// Loads is one page of what officials carry.
type Loads struct {
	City  string
	Unit  string // and those below it; empty for all in scope
	After string // unit and id of the last one shown, joined by a blank; empty for the first page
	Limit int
}

// Key is an official's place in the order of the list.
func (l Load) Key() string { return l.Unit + " " + l.Person }

// Loads returns what the officials in a caller's scope carry, by unit.
func (d *Desk) Loads(ctx context.Context, caller authn.Caller, l Loads) ([]Load, error) {
	city, err := d.Roster(ctx, l.City)
	if err != nil {
		return nil, err
	}
	var mine []string // nil for the whole city
	if !slices.ContainsFunc(cityRoles, caller.HasRole) {
		mine = append([]string{}, city.Below(caller.UnitsOf(optionsv1.Role_ROLE_LEADER))...)
	}
	var listed []Load
	for _, o := range city.Officials() {
		load := Load{Official: o}
		if mine != nil && !slices.Contains(mine, o.Unit) || l.Unit != "" && !city.Within(o.Unit, l.Unit) || load.Key() <= l.After || len(listed) == l.Limit {
			continue
		}
		listed = append(listed, load)
	}
	return listed, d.fill(ctx, l.City, listed)
}

// fill reads what the officials of a list carry.
func (d *Desk) fill(ctx context.Context, city string, listed []Load) error {
	persons := make([]string, len(listed))
	for i, o := range listed {
		persons[i] = o.Person
	}
	loads, err := d.Store.Loads(ctx, city, persons)
	bound, boundErr := d.Store.EnterprisesOf(ctx, city, persons)
	presences, presenceErr := d.Store.Presences(ctx, city)
	if err := errors.Join(err, boundErr, presenceErr); err != nil {
		return err
	}
	now := d.City.Now()
	for i := range listed {
		o := &listed[i]
		o.Load, o.Enterprises, o.Present = loads[o.Person], bound[o.Person], presences[o.Person].PresentAt(now)
	}
	return nil
}
