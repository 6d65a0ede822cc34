package casefile

import (
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

func stageIs(code string) func(catalogue.Stage) bool {
	return func(s catalogue.Stage) bool { return s.Code == code }
}

func materialIs(code string) func(catalogue.ItemMaterial) bool {
	return func(m catalogue.ItemMaterial) bool { return m.Material == code }
}

// WriteNote is a word between enterprise, agents, centres and units.
func (c *Case) WriteNote(ctx Context, item, text string) ([]Event, error) {
	d, err := c.enter(VerbNote, ctx)
	if err != nil {
		return nil, err
	}
	if err := needText("text", text); err != nil {
		return nil, err
	}
	if item != "" && d.c.Item(item) == nil {
		return nil, ErrItemNotFound
	}
	author := d.supplier()
	if d.c.PartyOf(d.actor)&Department != 0 && author == "office" {
		author = "department"
	}
	d.emit(&agencyv1.NoteWritten{Text: text, Item: item, Author: author})
	return d.finish()
}

// RecordMeeting records a meeting: everything can be done without one, so why it was needed is said.
func (c *Case) RecordMeeting(ctx Context, item string, at time.Time, text string) ([]Event, error) {
	d, err := c.enter(VerbMeet, ctx)
	if err != nil {
		return nil, err
	}
	if err := needText("text", text); err != nil {
		return nil, err
	}
	if item != "" && d.c.Item(item) == nil {
		return nil, ErrItemNotFound
	}
	if at.After(d.now) || at.Before(d.c.CreateTime) {
		return nil, ErrMeetingTime.Field("meetingTime", "meeting.range", "须在立案之后、现在之前", "lies after the case was opened and before now")
	}
	d.emit(&agencyv1.MeetingRecorded{Item: item, MeetingTime: timestamppb.New(instant(at)), Text: text})
	return d.finish()
}

// Reasons for a ticket.
const (
	TroubleStuck   = "stuck"
	TroubleRefused = "refused"
	TroubleOverdue = "overdue"
	TroubleOther   = "other"
)

// Trouble tells what is wrong with an item at an instant: what a ticket about it is for.
func (c *Case) Trouble(i *Item, cal *worktime.Calendar, rules catalogue.Rules, now time.Time) string {
	switch {
	case c.Overdue(i, now):
		return TroubleOverdue
	case i.State == Refused || i.State == AcceptanceRefused || i.State == NotAccepted && !i.NotNeeded || i.State == Revoked:
		return TroubleRefused
	case c.Stuck(i, cal, rules, now):
		return TroubleStuck
	default:
		return TroubleOther
	}
}

// Overdue reports whether something that the unit owes of an item is late at an instant.
func (c *Case) Overdue(i *Item, now time.Time) bool {
	return slices.ContainsFunc(c.Clocks, func(k Clock) bool { return k.Unit != "" && ofItem(i)(k) && k.Overdue(now) })
}

// Stuck reports whether nothing has happened to an item for longer than the city allows, while its unit has it.
func (c *Case) Stuck(i *Item, cal *worktime.Calendar, rules catalogue.Rules, now time.Time) bool {
	at := c.StuckFrom(i, cal, rules)
	return !at.IsZero() && now.After(at)
}

// StuckFrom is the instant from which an item counts as stuck if nothing happens; zero when its unit does not have it.
func (c *Case) StuckFrom(i *Item, cal *worktime.Calendar, rules catalogue.Rules) time.Time {
	if !i.UnderWay() || i.State == CorrectionOpen || i.State == ProcedureOpen || rules.StuckAfter == (worktime.Limit{}) {
		return time.Time{}
	}
	return instant(cal.Add(i.Touched, rules.StuckAfter).Due)
}

// MayRaise refuses a ticket before it is filed, as LinkTicket would after.
func (c *Case) MayRaise(ctx Context, item string) (reason string, err error) {
	d, err := c.enter(VerbLinkTicket, ctx)
	if err != nil {
		return "", err
	}
	if item == "" {
		return TroubleOther, nil
	}
	i := d.c.Item(item)
	if i == nil {
		return "", ErrItemNotFound
	}
	if err := allowedItem(VerbLinkTicket, i.State, d.c.PartyOfItem(d.actor, i)); err != nil {
		return "", err
	}
	city := d.inForce(d.now)
	return d.c.Trouble(i, city.Calendar(), city.Rules(), d.now), nil
}

// LinkTicket links a ticket that names the case as its source; once.
func (c *Case) LinkTicket(ctx Context, t Ticket) ([]Event, error) {
	d, err := c.enter(VerbLinkTicket, ctx)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(d.c.Tickets, func(o Ticket) bool { return o.ID == t.ID }) {
		return d.finish()
	}
	if t.Item != "" && d.c.Item(t.Item) == nil {
		t.Item = "" // whoever filed it wrote the source themselves
	}
	d.emit(&agencyv1.TicketLinked{Ticket: t.ID, Number: t.Number, Item: t.Item, Reason: t.Reason})
	return d.finish()
}

// MoveTicket follows what became of a linked ticket.
func (c *Case) MoveTicket(ctx Context, ticket string, open bool) ([]Event, error) {
	d, err := c.enter(VerbLinkTicket, ctx)
	if err != nil {
		return nil, err
	}
	n := slices.IndexFunc(d.c.Tickets, func(o Ticket) bool { return o.ID == ticket })
	if n >= 0 && d.c.Tickets[n].Closed == open {
		d.emit(&agencyv1.TicketMoved{Ticket: ticket, Open: open})
	}
	return d.finish()
}
