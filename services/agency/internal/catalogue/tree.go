package catalogue

import "slices"

// kindsOfCounty are the kinds of units that act for a county or a park.
var kindsOfCounty = []string{"county", "park"}

// IsBelow reports whether a unit is another one or lies below it.
func (c *City) IsBelow(unit, above string) bool {
	return above != "" && slices.Contains(c.Line(unit), above)
}

// Line returns a unit and those above it, nearest first.
func (c *City) Line(unit string) []string {
	var line []string
	for u, ok := c.units[unit]; ok && len(line) <= len(c.units); u, ok = c.units[u.Parent] {
		line = append(line, u.Code)
	}
	return line
}

// Seat is an official in a unit. Official is empty when the unit has nobody who fits.
type Seat struct {
	Unit     string
	Official string
}

// Leader returns who leads a unit, or the nearest unit above it that has a leader. Nobody in except is taken.
func (c *City) Leader(unit string, except ...string) Seat {
	line := c.Line(unit)
	if len(line) == 0 {
		return Seat{}
	}
	i := slices.IndexFunc(line, func(code string) bool {
		leader := c.units[code].Leader
		return leader != "" && !slices.Contains(except, leader)
	})
	if i < 0 {
		return Seat{Unit: line[0]}
	}
	return Seat{line[i], c.units[line[i]].Leader}
}

// UnitOf returns the unit that decides an item of a project in a county: the item's own, or the one that acts for the county. It is empty
// when no unit acts for the county.
func (c *City) UnitOf(item Item, county string) string {
	if item.Unit != "" {
		return item.Unit
	}
	for _, u := range c.config.Units { // parents before children: the county's own comes before what lies below it
		if county != "" && u.County == county && slices.Contains(kindsOfCounty, u.Kind) {
			return u.Code
		}
	}
	return ""
}

// IsCentre reports whether a unit runs the agency, or lies below one that does.
func (c *City) IsCentre(unit string) bool {
	return slices.ContainsFunc(c.config.Rules.Centres, func(centre string) bool { return c.IsBelow(unit, centre) })
}

// HasClerk reports whether somebody in a unit or below it could work on what the unit has to decide.
func (c *City) HasClerk(unit string) bool {
	return slices.ContainsFunc(c.config.Officials, func(o Official) bool { return o.Clerk && c.IsBelow(o.Unit, unit) })
}
