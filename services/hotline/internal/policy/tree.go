package policy

import "slices"

// IsBelow reports whether a unit is another one or lies below it.
func (c *City) IsBelow(unit, above string) bool {
	return above != "" && slices.Contains(c.line(unit), above)
}

// Line returns a unit and those above it, nearest first.
func (c *City) Line(unit string) []string { return c.line(unit) }

func (c *City) line(unit string) []string {
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
	line := c.line(unit)
	if i := c.ledAt(line, except); i >= 0 {
		return Seat{line[i], c.units[line[i]].Leader}
	}
	if len(line) == 0 {
		return Seat{}
	}
	return Seat{Unit: line[0]}
}

// ledAt returns the place in a line of the first unit with a leader who is not excepted, -1 when there is none.
func (c *City) ledAt(line, except []string) int {
	return slices.IndexFunc(line, func(code string) bool {
		leader := c.units[code].Leader
		return leader != "" && !slices.Contains(except, leader)
	})
}

// Accountable returns who a step of the ladder makes accountable for what a unit owes, never anybody in except: who owes a
// thing is not who answers for it being late. A unit without a fitting official answers as a unit.
//
// The parent's leader is the next one above the unit's leader, or the unit's leader again at the top. A supervisor or somebody of the
// mayor's office is the nearest up the line from the unit, else the first the city lists.
func (c *City) Accountable(kind Accountable, unit string, except ...string) Seat {
	switch kind {
	case ParentLeader:
		line := c.line(unit)
		if i := c.ledAt(line, except); i >= 0 && c.ledAt(line[i+1:], except) >= 0 {
			return c.Leader(line[i+1], except...)
		}
		return c.Leader(unit, except...)
	case Supervisor:
		return c.holderOf(RoleSupervisor, c.line(unit), except)
	case MayorOffice:
		return c.holderOf(RoleMayorOffice, c.line(unit), except)
	default:
		return c.Leader(unit, except...)
	}
}

func (c *City) holderOf(role Role, line, except []string) Seat {
	best, bestAt := Seat{}, len(line)+1
	for _, o := range c.config.Officials {
		if !slices.Contains(o.Roles, role) || slices.Contains(except, o.Person) {
			continue
		}
		at := slices.Index(line, o.Unit)
		if at < 0 {
			at = len(line)
		}
		if at < bestAt {
			best, bestAt = Seat{o.Unit, o.Person}, at
		}
	}
	return best
}

// HasClerk reports whether somebody in a unit could work on what the unit is given.
func (c *City) HasClerk(unit string) bool {
	return slices.ContainsFunc(c.config.Officials, func(o Official) bool { return o.Unit == unit && o.Has(RoleClerk) })
}

// CanHold reports whether an official may hold tickets.
func (o Official) CanHold() bool {
	return o.Has(RoleAttendant) || o.Has(RoleAgent) || o.Has(RoleClerk)
}

// Has reports whether an official has a role.
func (o Official) Has(role Role) bool { return slices.Contains(o.Roles, role) }
