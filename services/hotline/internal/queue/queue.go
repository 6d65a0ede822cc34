// Package queue is the order in which work hurts: why a piece of work stands where it stands, and which of two comes first. It is pure.
//
// It depends on internal/{policy,ticket} and kit's worktime.
package queue

import (
	"cmp"
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// Kind is what there is to do. The numbers are the contract's.
type Kind int

// The kinds of work.
const (
	Held Kind = iota + 1
	Order
	Dispatch
	Return
	Callback
	Extension
	Dialogue
)

// Reason is why work stands where it stands, the most urgent first. The numbers are the contract's.
type Reason int

// The reasons.
const (
	Overdue Reason = iota + 1
	Raised
	DueToday
	Near
	NotContacted
	New
	Running
	Waiting
)

// Entry is a piece of work about a ticket.
type Entry struct {
	Kind   Kind
	Ticket *ticket.Ticket
	Order  int // number of the work order, of an Order or of a Return of one
	Number int // of the return, extension or dialogue

	Reason Reason
	Clock  *ticket.Clock  // the most urgent of what has to be done; nil when none is owed
	Ahead  worktime.Ahead // of that clock
	over   float64        // by which share of its limit it is over
}

// kinds are the clocks of each kind of work.
var kinds = map[Kind][]ticket.Kind{
	Held:      {ticket.KindSign, ticket.KindContact, ticket.KindAnswer},
	Order:     {ticket.KindOrderSign, ticket.KindHandle},
	Dispatch:  {ticket.KindDispatch, ticket.KindContact, ticket.KindAnswer},
	Return:    {ticket.KindReturn},
	Extension: {ticket.KindExtension},
	Dialogue:  {ticket.KindDialogue},
}

// Judge sets why the entry stands where it stands at an instant, and its most urgent clock.
func (e *Entry) Judge(city *policy.City, now time.Time) {
	e.Clock = nil
	for i := range e.Ticket.Clocks {
		c := &e.Ticket.Clocks[i]
		if !c.Owed() || c.Order != e.Order || !slices.Contains(kinds[e.Kind], c.Kind) {
			continue
		}
		ahead := e.Ticket.Ahead(city, *c, now)
		over := overBy(c, ahead, now)
		if e.Clock == nil || sooner(c, over, e.Clock, e.over) {
			e.Clock, e.Ahead, e.over = c, ahead, over
		}
	}
	e.Reason = e.reason(now)
}

// overBy is by which share of its limit a clock is over; 0 for one that is not.
func overBy(c *ticket.Clock, a worktime.Ahead, now time.Time) float64 {
	if c.State == ticket.Paused || !now.After(c.Due) {
		return 0
	}
	// What is over by no working time yet is over all the same.
	return max(-a.Left.Seconds(), 1) / max(a.Total.Seconds(), 1)
}

// sooner tells whether a clock hurts before another: over by more, else not paused, else due earlier.
func sooner(c *ticket.Clock, over float64, than *ticket.Clock, thanOver float64) bool {
	return cmp.Or(cmp.Compare(thanOver, over), compareBool(c.State == ticket.Paused, than.State == ticket.Paused), c.Due.Compare(than.Due)) < 0
}

func (e *Entry) reason(now time.Time) Reason {
	t, runs := e.Ticket, e.Clock != nil && e.Clock.State != ticket.Paused
	switch {
	case e.Clock != nil && e.over > 0:
		return Overdue
	case t.Supervised() || t.Rung > 0:
		return Raised
	case runs && sameDay(e.Clock.Due, now):
		return DueToday
	case runs && !e.Clock.Warn.IsZero() && !now.Before(e.Clock.Warn):
		return Near
	}
	switch e.Kind {
	case Held:
		return heldReason(t)
	case Order:
		if o := t.Order(e.Order); o != nil && o.State == ticket.SignedOrder {
			return Running
		}
	case Dialogue:
		if d := t.Dialogue(); d != nil && d.State == ticket.DialogueAppointed {
			return Running
		}
	default: // to be decided, dispatched or called
	}
	return New
}

func heldReason(t *ticket.Ticket) Reason {
	switch contact := t.Clock(ticket.KindContact); {
	case t.State == ticket.StateWaiting:
		return Waiting
	case t.State == ticket.StateDispatched:
		return New
	case contact != nil && contact.Owed():
		return NotContacted
	default:
		return Running
	}
}

func sameDay(a, b time.Time) bool {
	const layout = "2006-01-02"
	return a.In(worktime.Zone).Format(layout) == b.In(worktime.Zone).Format(layout)
}

// Compare is the order of the queue: negative when a comes before b. It is total.
func Compare(a, b *Entry) int {
	order := cmp.Compare(a.Reason, b.Reason)
	if order == 0 && a.Reason == Overdue {
		order = cmp.Compare(b.over, a.over)
	}
	return cmp.Or(order, cmp.Compare(b.Ticket.InvestmentAtRisk, a.Ticket.InvestmentAtRisk), cmp.Compare(b.Ticket.JobsAtRisk, a.Ticket.JobsAtRisk),
		a.Ticket.CreateTime.Compare(b.Ticket.CreateTime), cmp.Compare(a.Ticket.ID, b.Ticket.ID), cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Order, b.Order), cmp.Compare(a.Number, b.Number))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}
