// Package roster is who serves a city, as far as this service needs to know: officials with their roles, units as a tree, and
// which unit handles which category. It is read-only once made, so it is shared without locks. FromProto makes it of the
// directory's configuration; everything else is plain.
package roster

import (
	"maps"
	"slices"
)

// Role is what an official may act as. Roles that hold no tickets are of no interest here.
type Role uint8

// The roles that can hold a ticket.
const (
	Attendant Role = 1 << iota
	Agent
	Clerk
)

// Holders is every role that can hold a ticket.
const Holders = Attendant | Agent | Clerk

// Official is a person who serves the city.
type Official struct {
	Person      string // id
	DisplayName string
	Unit        string
	Roles       Role   // a set
	LoadCap     int    // most open tickets and cases up to which load decides for them; 0 for no bound
	Deputy      string // id; stands in unless a binding or the official says otherwise
	// Qualifications are the categories on which load may decide for them, each with those below it; none for all.
	Qualifications []string
	BindingCap     int // most enterprises bound to them; 0 for no bound
}

// Has tells whether the official holds one of the roles.
func (o Official) Has(roles Role) bool { return o.Roles&roles != 0 }

// City is the roster of a city under one version of its configuration.
type City struct {
	code      string
	version   int64
	officials map[string]Official
	units     map[string][]string // ids of those who can hold a ticket, in order
	parents   map[string]string
	handlers  map[string]string // category → unit
	upper     map[string]string // category → the one above
}

// Config is what a roster is made of.
type Config struct {
	Code       string
	Version    int64
	Officials  []Official
	Units      []Unit
	Categories []Category
}

// Unit is a unit and the one above it.
type Unit struct{ Code, Parent string }

// Category is what a ticket is about, the one above it, and who handles it.
type Category struct{ Code, Parent, Unit string }

// New makes a roster.
func New(c Config) *City {
	city := &City{code: c.Code, version: c.Version, officials: make(map[string]Official, len(c.Officials)), units: map[string][]string{},
		parents: make(map[string]string, len(c.Units)), handlers: make(map[string]string, len(c.Categories)),
		upper: make(map[string]string, len(c.Categories))}
	for _, u := range c.Units {
		city.parents[u.Code] = u.Parent
	}
	for _, g := range c.Categories {
		city.handlers[g.Code], city.upper[g.Code] = g.Unit, g.Parent
	}
	for _, o := range c.Officials {
		city.officials[o.Person] = o
	}
	city.seat()
	return city
}

// seat fills the units.
func (c *City) seat() {
	c.units = map[string][]string{}
	for _, person := range slices.Sorted(maps.Keys(c.officials)) {
		if o := c.officials[person]; o.Has(Holders) {
			c.units[o.Unit] = append(c.units[o.Unit], person)
		}
	}
}

// Without is the roster less the officials who were dismissed since it came into force.
func (c *City) Without(dismissed ...string) *City {
	if len(dismissed) == 0 {
		return c
	}
	left := *c
	left.officials = maps.Clone(c.officials)
	for _, person := range dismissed {
		delete(left.officials, person)
	}
	left.seat()
	return &left
}

// Code is the city's code.
func (c *City) Code() string { return c.code }

// Version is the configuration's.
func (c *City) Version() int64 { return c.version }

// Official returns an official of the city.
func (c *City) Official(person string) (Official, bool) {
	o, ok := c.officials[person]
	return o, ok
}

// Holder returns an official who can hold tickets.
func (c *City) Holder(person string) (Official, bool) {
	o, ok := c.officials[person]
	return o, ok && o.Has(Holders)
}

// Staff returns who in a unit has a role, in the order of their ids.
func (c *City) Staff(unit string, role Role) []Official {
	var staff []Official
	for _, person := range c.units[unit] {
		if o := c.officials[person]; o.Has(role) {
			staff = append(staff, o)
		}
	}
	return staff
}

// Officials returns everybody who can hold tickets, by unit and then by id.
func (c *City) Officials() []Official {
	var all []Official
	for _, unit := range slices.Sorted(maps.Keys(c.units)) {
		for _, person := range c.units[unit] {
			all = append(all, c.officials[person])
		}
	}
	return all
}

// Within tells whether a unit is another or lies below it.
func (c *City) Within(unit, top string) bool {
	for range len(c.parents) + 1 {
		switch unit {
		case "":
			return false
		case top:
			return true
		}
		unit = c.parents[unit]
	}
	return false
}

// Below returns some units and all that lie below them.
func (c *City) Below(units []string) []string {
	var below []string
	for _, unit := range slices.Sorted(maps.Keys(c.parents)) {
		if slices.ContainsFunc(units, func(top string) bool { return c.Within(unit, top) }) {
			below = append(below, unit)
		}
	}
	return below
}

// Qualified tells whether load may decide for an official with a category: they name it, one above it, or none at all.
func (c *City) Qualified(o Official, category string) bool {
	if len(o.Qualifications) == 0 {
		return true
	}
	for range len(c.upper) + 1 {
		if category == "" {
			return false
		}
		if slices.Contains(o.Qualifications, category) {
			return true
		}
		category = c.upper[category]
	}
	return false
}

// Line returns a unit and those above it, nearest first.
func (c *City) Line(unit string) []string {
	var line []string
	for unit != "" && !slices.Contains(line, unit) {
		line = append(line, unit)
		unit = c.parents[unit]
	}
	return line
}

// Handlers returns the unit that handles a category, then the units above it, nearest first. A category without a unit is
// handled as the one above it.
func (c *City) Handlers(category string) []string {
	unit := c.handlers[category]
	for range len(c.upper) {
		if unit != "" {
			break
		}
		category = c.upper[category]
		unit = c.handlers[category]
	}
	return c.Line(unit)
}
