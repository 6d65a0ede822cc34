// Package fact is what is counted of a ticket: the columns by which lists find it and, from the same values, the cells of the
// board to which it adds. Both come from Of, so that a number of the board and the list behind it cannot disagree.
//
// It depends on internal/{issue,ticket} only.
package fact

import (
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
)

// Ticket is the facts of one ticket. Zero times are absent.
type Ticket struct {
	State       ticket.State
	CloseReason ticket.CloseReason
	Urgency     ticket.Urgency
	Filer       string
	Enterprise  string
	Project     string
	Category    string
	AppealType  string
	Channel     string
	County      string
	Unit        string // of the holder
	Official    string // the holder; empty in the desk's queue
	Open        bool
	Desk        bool // lies on its holder's open desk
	Restricted  bool
	Provisional bool
	Rung        int
	Cycle       int
	Issue       string // the common issue it is part of

	CreateTime time.Time
	UpdateTime time.Time
	DueTime    time.Time // earliest due time of what is owed
	AnswerTime time.Time // of the last answer
	CloseTime  time.Time
	// WorkingMinutes is the working time from filing to the last answer, waiting left out, rounded down; -1 without an answer.
	WorkingMinutes int64

	// RateTime is when the ticket came to count for the three rates: at its last verification, or when it closed in silence. What an official filed
	// for a caller and answered never counts.
	RateTime  time.Time
	Verified  bool // the filer has spoken
	Contacted bool
	Solved    bool
	Satisfied ticket.Satisfaction

	Clocks []Clock // by kind; only the kinds that the ticket has had

	Aside
	Orders   []Order  // by number
	Requests []Return // by number
	KeptOut  []string // subjects
}

// Clock is the facts of all clocks of one kind.
type Clock struct {
	Kind    ticket.Kind
	OpenDue time.Time   // of what is owed and not paused
	Owner   ticket.Seat // of the newest
	// Breach is when the first breach happened and whose it was. A contact that the filer denied was breached when it was
	// claimed.
	Breach   time.Time
	BreachBy ticket.Seat
	// Met is when the last fulfilment in time happened and whose it was.
	Met   time.Time
	MetBy ticket.Seat
}

// Of derives the facts of a ticket.
func Of(t *ticket.Ticket) Ticket {
	f := Ticket{
		State: t.State, CloseReason: t.CloseReason, Urgency: t.Urgency, Filer: t.Filer, Enterprise: t.Enterprise, Project: t.Project,
		Category: t.Category, AppealType: t.AppealType, Channel: t.Channel, County: t.County, Unit: t.Unit, Official: t.Official,
		Open: t.State.Open(), Desk: t.OnDesk(), Restricted: t.Restricted, Provisional: t.Provisional(), Rung: t.Rung, Cycle: t.Cycle,
		CreateTime: t.CreateTime, UpdateTime: t.UpdateTime, DueTime: t.DueTime(), CloseTime: t.CloseTime, WorkingMinutes: -1,
	}
	if a := t.LastAnswer; a != nil {
		f.AnswerTime, f.WorkingMinutes = a.Time, a.WorkingSeconds/60
	}
	f.Aside, f.Orders, f.Requests, f.KeptOut = asideOf(t), orders(t), returns(t), subjects(t)
	if v := t.LastVerification; v != nil {
		f.RateTime, f.Verified, f.Contacted, f.Solved, f.Satisfied = v.Time, true, v.Contacted, v.Solved, v.Satisfied
	} else if t.CloseReason == ticket.ClosedUnverified {
		f.RateTime = t.CloseTime
	}
	if own(t) {
		f.RateTime = time.Time{}
	}
	f.Clocks, f.Issue = clocks(t), t.Issue
	return f
}

// own tells whether who filed the ticket for a caller answered it: it never counts in the rates.
func own(t *ticket.Ticket) bool {
	return t.FiledBy != "" && t.LastAnswer != nil && t.LastAnswer.Official == t.FiledBy
}

func clocks(t *ticket.Ticket) []Clock {
	var all []Clock
	for _, kind := range ticket.Kinds() {
		k, found := Clock{Kind: kind}, false
		for i := range t.Clocks {
			if c := &t.Clocks[i]; c.Kind == kind {
				k.add(c)
				found = true
			}
		}
		if found {
			all = append(all, k)
		}
	}
	return all
}

func (k *Clock) add(c *ticket.Clock) {
	k.Owner = c.Owner
	if c.Owed() && c.State != ticket.Paused {
		k.OpenDue = c.Due
	}
	switch c.State {
	case ticket.Breached:
		k.breached(c.Due, c.Owner)
	case ticket.Disputed:
		k.breached(c.Stop, c.Owner)
	case ticket.Met:
		k.Met, k.MetBy = c.Stop, c.Owner
	default: // not decided yet, or never
	}
}

func (k *Clock) breached(at time.Time, by ticket.Seat) {
	if k.Breach.IsZero() || at.Before(k.Breach) {
		k.Breach, k.BreachBy = at, by
	}
}
