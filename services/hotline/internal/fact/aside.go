package fact

import (
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
)

// Aside is the facts of what is not on the straight way.
type Aside struct {
	Source           string
	InvestmentAtRisk int64 // in fen
	JobsAtRisk       int
	Retained         bool // closed on the filer's word that it is solved: what was at risk stays
	Supervised       bool
	Thin             bool      // its last answer
	ReopenTime       time.Time // of the last time it was opened again
	MergedInto       string

	Returns int // requests to hand it, or a part of it, back that were not overtaken

	Extended            int       // how often more time was granted
	ExtensionTime       time.Time // of the last request for more time
	ExtensionDecision   string    // upon it
	ExtensionDecideTime time.Time

	Callback       string // how the call-back of this cycle stands; empty without one
	CallbackReason string
	CallbackTime   time.Time // since when it is due

	Dialogue         ticket.DialogueState // of the last one asked for
	DialogueTime     time.Time
	DialogueEndTime  time.Time
	DialogueOfficial string // who sees the ticket for its sake: who has it, or held it
}

// Order is the facts of one work order.
type Order struct {
	Number   int
	Unit     string
	Official string // who signed for the unit
	Lead     bool
	Named    bool
	State    ticket.OrderState
	Open     bool
	Shown    bool // its unit sees the ticket for its sake
	Cycle    int

	CreateTime time.Time
	SignTime   time.Time
	EndTime    time.Time
	DueTime    time.Time // earliest due time of what the unit owes
	Sign       Span
	Handle     Span
}

// Span is the facts of one clock of a work order.
type Span struct {
	OpenDue time.Time // while owed and not paused
	Breach  time.Time
	Met     time.Time
}

// Return is the facts of one request to hand back.
type Return struct {
	Number     int
	Order      int // number of the work order; 0 for the ticket itself
	Unit       string
	Official   string
	Reason     string
	Target     string
	CreateTime time.Time
	Decision   string // empty while it waits
	DecideTime time.Time
}

func asideOf(t *ticket.Ticket) Aside {
	a := Aside{
		Source: t.Source, InvestmentAtRisk: t.InvestmentAtRisk, JobsAtRisk: t.JobsAtRisk, Supervised: t.Supervised(), MergedInto: t.MergedInto,
		Thin: t.LastAnswer != nil && t.LastAnswer.Thin,
	}
	a.Retained = t.CloseReason == ticket.ClosedVerified && t.LastVerification != nil && t.LastVerification.Solved
	a.ReopenTime = reopenTime(t)
	for i := range t.Returns {
		if t.Returns[i].Decision != ticket.Overtaken {
			a.Returns++
		}
	}
	for i := range t.Extensions {
		x := &t.Extensions[i]
		a.ExtensionTime, a.ExtensionDecision, a.ExtensionDecideTime = x.Time, x.Decision, x.DecideTime
		if x.Decision == ticket.Granted {
			a.Extended++
		}
	}
	if c := t.Callback; c != nil {
		a.Callback, a.CallbackReason, a.CallbackTime = c.State, c.Reason, c.Since
	}
	if n := len(t.Dialogues); n > 0 {
		d := &t.Dialogues[n-1]
		a.Dialogue, a.DialogueTime, a.DialogueEndTime = d.State, d.Time, d.To
		if Speaks(d) {
			a.DialogueOfficial = d.Speaker.Official
		}
	}
	return a
}

// reopenTime is when the last answer, or close, that was not the end of it came to its end.
func reopenTime(t *ticket.Ticket) time.Time {
	if t.Cycle < 2 {
		return time.Time{}
	}
	for i := len(t.Away) - 1; i >= 0; i-- {
		a := &t.Away[i]
		if a.State == ticket.StateWaiting || a.To.IsZero() {
			continue
		}
		closed := a.State == ticket.StateAnswered && i+1 < len(t.Away) && t.Away[i+1].State == ticket.StateClosed && t.Away[i+1].From.Equal(a.To)
		if !closed {
			return a.To
		}
	}
	return time.Time{}
}

// Speaks tells whether who is named in a dialogue sees the ticket for its sake: while it is to be held, and when it was.
func Speaks(d *ticket.Dialogue) bool { return d.State.Open() || d.State == ticket.DialogueDone }

// Shown tells whether a unit sees a ticket for the sake of its part: while it works on it, and in the ticket's present cycle after it reported.
func Shown(t *ticket.Ticket, o *ticket.Order) bool {
	return o.State.Open() || o.State == ticket.DoneOrder && o.Cycle == t.Cycle
}

func orders(t *ticket.Ticket) []Order {
	var all []Order
	for i := range t.Orders {
		o := &t.Orders[i]
		f := Order{
			Number: o.Number, Unit: o.Unit, Official: o.Official, Lead: o.Lead, Named: o.Named, State: o.State, Open: o.State.Open(), Shown: Shown(t, o),
			Cycle: o.Cycle, CreateTime: o.From, SignTime: o.SignTime, EndTime: o.To, Sign: span(t, o.Number, ticket.KindOrderSign),
			Handle: span(t, o.Number, ticket.KindHandle),
		}
		for _, due := range []time.Time{f.Sign.OpenDue, f.Handle.OpenDue} {
			if !due.IsZero() && (f.DueTime.IsZero() || due.Before(f.DueTime)) {
				f.DueTime = due
			}
		}
		all = append(all, f)
	}
	return all
}

func span(t *ticket.Ticket, order int, kind ticket.Kind) Span {
	k := Clock{Kind: kind}
	for i := range t.Clocks {
		if c := &t.Clocks[i]; c.Kind == kind && c.Order == order {
			k.add(c)
		}
	}
	return Span{OpenDue: k.OpenDue, Breach: k.Breach, Met: k.Met}
}

func returns(t *ticket.Ticket) []Return {
	var all []Return
	for i := range t.Returns {
		r := &t.Returns[i]
		all = append(all, Return{Number: r.Number, Order: r.Order, Unit: r.By.Unit, Official: r.By.Official, Reason: r.Reason, Target: r.Target,
			CreateTime: r.Time, Decision: r.Decision, DecideTime: r.DecideTime})
	}
	return all
}

// The subjects of a conflict.
const (
	PersonSubject = "p:"
	UnitSubject   = "u:"
)

// subjects are who is kept out of a ticket.
func subjects(t *ticket.Ticket) []string {
	var all []string
	for _, person := range t.Conflict.Officials {
		all = append(all, PersonSubject+person)
	}
	for _, unit := range t.Conflict.Units {
		all = append(all, UnitSubject+unit)
	}
	return all
}
