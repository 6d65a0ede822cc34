package ticket

import (
	"slices"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
)

// Conflict is who a ticket is about. Those officials, and everybody in those units and the units below them, are kept out of it: for
// them there is no such ticket. The mayor's office is not kept out for its unit's sake, or nobody could see that something is hidden;
// somebody of it who is named is.
type Conflict struct {
	Officials []string `json:"o,omitempty"` // ids
	Units     []string `json:"u,omitempty"` // codes, those of the officials included
}

// IsZero reports whether nobody is named.
func (c Conflict) IsZero() bool { return len(c.Officials) == 0 && len(c.Units) == 0 }

// without returns what of a conflict another one does not name yet.
func (c Conflict) without(known Conflict) Conflict {
	return Conflict{less(c.Officials, known.Officials), less(c.Units, known.Units)}
}

// and returns both conflicts.
func (c Conflict) and(other Conflict) Conflict {
	return Conflict{slices.Concat(c.Officials, other.Officials), slices.Concat(c.Units, other.Units)}
}

func less(list, known []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(known, s) && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// Conflicting makes a conflict of what somebody names: every official brings their unit along. An official of a unit above which there is
// none brings nobody: below it lies the whole city, and somebody has to act.
func Conflicting(city *policy.City, officials, units []string) (Conflict, error) {
	c := Conflict{Officials: less(officials, nil), Units: less(units, nil)}
	for _, code := range c.Units {
		if _, ok := city.Unit(code); !ok {
			return Conflict{}, ErrUnitUnknown.Field("conflictUnits", "unit.unknown", "没有这个单位", "no such unit")
		}
	}
	for _, person := range c.Officials {
		o, ok := city.Official(person)
		if !ok {
			return Conflict{}, ErrOfficialUnknown.Field("conflictOfficials", "official.unknown", "没有这位工作人员", "no such official")
		}
		if u, _ := city.Unit(o.Unit); u.Parent != "" && !slices.Contains(c.Units, o.Unit) {
			c.Units = append(c.Units, o.Unit)
		}
	}
	return c, c.leavesSomebody(city)
}

// leavesSomebody refuses a conflict so wide that nobody could hold the ticket: it would lie in the desk's queue for good.
func (c Conflict) leavesSomebody(city *policy.City) error {
	if c.IsZero() || slices.ContainsFunc(city.Officials(), func(o policy.Official) bool { return o.CanHold() && !c.keepsOut(city, Seat{o.Unit, o.Person}) }) {
		return nil
	}
	return ErrUnitUnknown.Field("conflictUnits", "conflict.everybody", "回避范围过大，将无人可以承办，请指明具体的部门或人员",
		"leaves nobody who could hold the ticket; name the department or the official")
}

// KeepsOut reports whether an actor may not know of the ticket.
func (t *Ticket) KeepsOut(a Actor) bool {
	switch {
	case a.Kind != PersonActor || t.Conflict.IsZero():
		return false
	case slices.Contains(t.Conflict.Officials, a.Person):
		return true
	case a.Has(policy.RoleMayorOffice):
		return false
	}
	return slices.ContainsFunc(a.Under, func(unit string) bool { return slices.Contains(t.Conflict.Units, unit) })
}

// keepsOut reports whether an official, or with none a unit as such, may have no part in the ticket.
func (c Conflict) keepsOut(city *policy.City, s Seat) bool {
	if c.IsZero() {
		return false
	}
	if s.Official != "" {
		if slices.Contains(c.Officials, s.Official) {
			return true
		}
		if o, ok := city.Official(s.Official); ok {
			if o.Has(policy.RoleMayorOffice) {
				return false
			}
			s.Unit = o.Unit
		}
	}
	return slices.ContainsFunc(city.Line(s.Unit), func(unit string) bool { return slices.Contains(c.Units, unit) })
}

func (d *decision) keepsOut(s Seat) bool { return d.t.Conflict.keepsOut(d.inForce(d.now), s) }

// keptOut lists the officials of a version of the city who may have no part in the ticket.
func (d *decision) keptOut(city *policy.City) []string {
	if d.t.Conflict.IsZero() {
		return nil
	}
	out := slices.Clone(d.t.Conflict.Officials)
	for _, o := range city.Officials() {
		if d.t.Conflict.keepsOut(city, Seat{o.Unit, o.Person}) {
			out = append(out, o.Person)
		}
	}
	return out
}

// NameConflict names who the ticket is about, by the filer or the mayor's office. What they held goes back into the desk's queue, and
// what was answered by one of them is answered anew. Naming who is named already changes nothing.
func (t *Ticket) NameConflict(c Context, officials, units []string) ([]Event, error) {
	d, err := t.enter(VerbNameConflict, c)
	if err != nil {
		return nil, err
	}
	if len(officials)+len(units) == 0 {
		return nil, ErrConflictEmpty
	}
	named, err := Conflicting(c.City, officials, units)
	if err != nil {
		return nil, err
	}
	if err := d.t.Conflict.and(named).leavesSomebody(c.City); err != nil {
		return nil, err
	}
	d.nameConflict(named)
	return d.finish()
}

func (d *decision) nameConflict(named Conflict) {
	fresh := named.without(d.t.Conflict)
	if fresh.IsZero() {
		return
	}
	d.emit(ConflictNamed{fresh}, d.disowned(fresh)...)
	if d.t.State.Open() && d.t.Official != "" && d.keepsOut(Seat{d.t.Unit, d.t.Official}) {
		if d.t.State == StateAnswered {
			d.reopen(CauseConflict, "") // and with that out of the hands of who holds it
		} else {
			d.recall(Recalled{Cause: CauseConflict})
		}
	}
	d.withdrawParts()
}

// disowned returns the decisions and dialogues that are owed by somebody who is named now, as those of the mayor's office.
func (d *decision) disowned(fresh Conflict) []Clock {
	city := d.inForce(d.now)
	except := append(d.keptOut(city), fresh.Officials...)
	for _, o := range city.Officials() {
		if fresh.keepsOut(city, Seat{o.Unit, o.Person}) {
			except = append(except, o.Person)
		}
	}
	office := Seat(city.Accountable(policy.MayorOffice, d.deskUnit(), except...))
	return d.t.changed(
		func(c Clock) bool {
			return (c.Kind == KindExtension || c.Kind == KindDialogue) && c.State == Running && fresh.keepsOut(city, c.Owner)
		},
		func(c Clock) Clock { c.Owner = office; return c })
}

// withdrawParts takes away what else those have who are kept out: work orders, what they are accountable for, a dialogue.
func (d *decision) withdrawParts() {
	for _, o := range slices.Clone(d.t.Orders) {
		if o.State.Open() && d.keepsOut(Seat{Unit: o.Unit}) {
			d.overtakeReturn(o.Number)
			d.emit(OrderWaived{Order: o.Number}, d.orderClocks(o.Number, func(c Clock) Clock { return c.superseded(d.now) })...)
		}
	}
	office := d.accountable(d.now, policy.MayorOffice, d.deskUnit())
	if d.t.Rung > 0 && d.keepsOut(d.t.Accountable) {
		d.emit(RungReached{Rung: d.t.Rung, Seat: office})
	}
	if s := d.t.Dialogue(); s != nil && d.keepsOut(s.Speaker) {
		d.emit(DialogueHandedOn{Dialogue: s.Number, Speaker: office}, d.ownedDialogue(office)...)
	}
}
