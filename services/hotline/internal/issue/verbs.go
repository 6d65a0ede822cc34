package issue

import (
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// Opening is an issue as it is put before a unit.
type Opening struct {
	City, ID   string
	Month      string
	Lead       string
	Assisting  []string
	Date       string
	Plan       string // id of the text with title and plan
	ContentMAC []byte
}

// Open puts an issue before its lead unit.
func Open(c Context, in Opening) ([]Event, error) {
	if err := allowed(VerbOpen, StateNone, c.Actor.officeParty()); err != nil {
		return nil, err
	}
	if err := needText("plan", in.Plan); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, unit := range append([]string{in.Lead}, in.Assisting...) {
		if _, known := c.City.Unit(unit); !known || seen[unit] {
			return nil, ErrUnitUnknown.With("unit", unit)
		}
		seen[unit] = true
	}
	d := &decision{i: &Issue{City: in.City, ID: in.ID}, context: c}
	d.now = instant(c.Now)
	promise, err := d.promise(in.Date)
	if err != nil {
		return nil, err
	}
	return d.emit(Opened{Month: in.Month, Lead: in.Lead, Assisting: slices.Clone(in.Assisting), Promise: promise, Plan: in.Plan, ContentMAC: in.ContentMAC}), nil
}

// Replan changes the plan (the id of its text) or the date; empty leaves one as it is. From the office it happens; from whoever belongs to
// the lead unit, whatever else they are, it is a request.
func (i *Issue) Replan(c Context, plan, date, reason string) ([]Event, error) {
	d, err := i.enter(VerbReplan, c)
	if err != nil {
		return nil, err
	}
	if err := needText("reason", reason); err != nil {
		return nil, err
	}
	if date == i.Promise.Date {
		date = ""
	}
	switch {
	case plan == "" && date == "":
		return nil, ErrReplanEmpty
	case i.Request != nil:
		return nil, ErrReplanPending
	}
	promise, err := d.newPromise(date)
	if err != nil {
		return nil, err
	}
	if d.party&Lead != 0 {
		return d.emit(ReplanRequested{Plan: plan, Date: date, Reason: reason}), nil
	}
	if d.party&Assist != 0 {
		return nil, ErrOwn
	}
	return d.emit(Replanned{Plan: plan, Promise: promise, Reason: reason}), nil
}

// Decide grants or refuses what the lead unit asked for.
func (i *Issue) Decide(c Context, granted bool, reason string) ([]Event, error) {
	d, err := i.enter(VerbDecide, c)
	if err != nil {
		return nil, err
	}
	if err := needText("reason", reason); err != nil {
		return nil, err
	}
	if err := d.may(VerbDecide); err != nil {
		return nil, err
	}
	if !granted {
		return d.emit(ReplanRefused{reason}), nil
	}
	promise, err := d.newPromise(i.Request.Date)
	if err != nil {
		return nil, err
	}
	return d.emit(Replanned{Plan: i.Request.Plan, Promise: promise, Reason: reason, RequestedBy: i.Request.By}), nil
}

// Report records progress, or that the issue is solved.
func (i *Issue) Report(c Context, message string, solved bool) ([]Event, error) {
	d, err := i.enter(VerbReport, c)
	if err != nil {
		return nil, err
	}
	if err := needText("text", message); err != nil {
		return nil, err
	}
	if solved && d.party&Leader == 0 {
		return nil, ErrNotLead
	}
	return d.emit(Reported{Message: message, Unit: d.reportingUnit(), Solved: solved}), nil
}

// Close ends the issue: solved, once the lead unit's leader has said so, or closed for another reason.
func (i *Issue) Close(c Context, state State, result string) ([]Event, error) {
	d, err := i.enter(VerbClose, c)
	if err != nil {
		return nil, err
	}
	if err := needText("result", result); err != nil {
		return nil, err
	}
	if err := d.may(VerbClose); err != nil {
		return nil, err
	}
	if state == StateSolved && i.Solved == nil {
		return nil, ErrNotReported
	}
	if state != StateSolved && state != StateClosed {
		return nil, stateForbids(VerbClose, state)
	}
	return d.emit(Closed{State: state, Message: result}), nil
}

// Reopen opens an ended issue again, with a new date.
func (i *Issue) Reopen(c Context, date, reason string) ([]Event, error) {
	d, err := i.enter(VerbReopen, c)
	if err != nil {
		return nil, err
	}
	if err := needText("reason", reason); err != nil {
		return nil, err
	}
	promise, err := d.promise(date)
	if err != nil {
		return nil, err
	}
	return d.emit(Reopened{Message: reason, Promise: promise}), nil
}

// MayLink returns why the actor may not make tickets part of the issue, nil when they may.
func (i *Issue) MayLink(c Context) error {
	_, err := i.enter(VerbLink, c)
	return err
}

// MayUnlink returns why the actor may not take tickets out of the issue, nil when they may.
func (i *Issue) MayUnlink(c Context) error {
	_, err := i.enter(VerbUnlink, c)
	return err
}

// offered are the verbs a person sees as buttons.
var offered = []Verb{VerbReport, VerbReplan, VerbDecide, VerbClose, VerbReopen, VerbLink, VerbUnlink}

// Actions returns the verbs the actor may use on the issue now. A verb is listed when nothing but its own words could still make it fail.
func (i *Issue) Actions(c Context) []string {
	var out []string
	for _, v := range offered {
		if d, err := i.enter(v, c); err == nil && d.may(v) == nil {
			out = append(out, string(v))
		}
	}
	return out
}

// may is what a verb asks of an issue beyond the table.
func (d *decision) may(v Verb) error {
	own := d.party&(Lead|Assist) != 0
	switch v {
	case VerbDecide:
		switch r := d.i.Request; {
		case r == nil:
			return ErrReplanAbsent
		case own || r.By == d.context.Actor.Person:
			return ErrOwn
		}
	case VerbClose:
		if own || d.i.Solved != nil && d.i.Solved.By == d.context.Actor.Person {
			return ErrOwn
		}
	case VerbReplan:
		switch {
		case d.i.Request != nil:
			return ErrReplanPending
		case d.party&(Lead|Assist) == Assist:
			return ErrOwn
		}
	default:
	}
	return nil
}

// decision is one act on an issue.
type decision struct {
	i       *Issue
	context Context
	party   Party
	now     time.Time
}

// enter begins a verb: it is refused unless the table lists it.
func (i *Issue) enter(v Verb, c Context) (*decision, error) {
	d := &decision{i: i, context: c, party: i.PartyOf(c), now: instant(c.Now)}
	if d.now.Before(i.UpdateTime) {
		d.now = i.UpdateTime
	}
	return d, allowed(v, i.State, d.party)
}

// emit is the actor's event, now.
func (d *decision) emit(body Body) []Event {
	return []Event{{Version: d.i.Version + 1, Time: d.now, Actor: d.context.Actor.Person, Body: body}}
}

// newPromise is nil for no date.
func (d *decision) newPromise(date string) (*Promise, error) {
	if date == "" {
		return nil, nil
	}
	p, err := d.promise(date)
	return &p, err
}

const (
	mostYears    = 2   // how far ahead a date may lie
	mostDaysIdle = 366 // no calendar is without work for longer
)

// promise reads a day and finds when its work ends.
func (d *decision) promise(date string) (Promise, error) {
	day, err := worktime.ParseDate(date)
	if err != nil || day.Start().Before(worktime.DateOf(d.now).Start()) || day.Start().After(d.now.AddDate(mostYears, 0, 0)) {
		return Promise{}, ErrDateInvalid
	}
	p := Promise{Date: day.String(), ConfigVersion: d.context.City.Version()}
	calendar := d.context.City.Calendar()
	for range mostDaysIdle {
		p.Provisional = p.Provisional || calendar.IsProjected(day)
		if slots := calendar.Slots(day); len(slots) > 0 {
			p.Due = day.Start().Add(time.Duration(slots[len(slots)-1].End) * time.Minute).UTC()
			return p, nil
		}
		day = worktime.DateOf(day.Start().AddDate(0, 0, 1))
	}
	return Promise{}, ErrDateInvalid
}

// reportingUnit is for which of the issue's units the actor reports: the lead unit where they belong to it.
func (d *decision) reportingUnit() string {
	if d.party&Lead != 0 {
		return d.i.Lead
	}
	for _, g := range d.context.Actor.Grants {
		if g.Role != policy.RoleLeader && g.Role != policy.RoleClerk {
			continue
		}
		for _, unit := range d.i.Assisting {
			if d.context.City.IsBelow(g.Unit, unit) {
				return unit
			}
		}
	}
	return d.i.Lead
}

// instant is a time as the journal keeps it.
func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
