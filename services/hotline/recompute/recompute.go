// Package recompute decides every due time, outcome and rung of a ticket a second time, from nothing but its exported history
// and the text of the policy that binds it. It is the check on everything that decides for real, so it shares no code with any
// of it: it has a calendar of its own, written down again from the notices, and counts naively, day by day. Whoever doubts a
// deadline can read this package in ten minutes. By how much a merge shortened what a ticket owed is not in the history of that ticket
// alone: All takes the histories of all of them together.
//
// It depends on the standard library only.
package recompute

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Policy is what a city wrote down: its limits, and how many workdays after a breach each rung is reached, 0 being the breach.
type Policy struct {
	Rules []Rule
	Rungs []int
}

// Rule is one limit, as it is written: "5 workdays", "24 hours, roll".
type Rule struct {
	Clock    string // DISPATCH, SIGN, CONTACT, ANSWER, VERIFY, ORDER_SIGN, HANDLE, RETURN, EXTENSION or DIALOGUE
	Limit    string
	FromSign bool // counts from the signing (of the ticket, or of the order) or from the sign deadline, whichever is earlier
	Ladder   bool
}

// Clock is one obligation as it must stand.
type Clock struct {
	Kind        string
	Order       int // number of the work order it belongs to; 0 for the ticket's own
	Cycle       int
	Start, Due  time.Time
	State       string // RUNNING, PAUSED, MET, BREACHED, DISPUTED, SUPERSEDED or ENDED
	Rungs       []time.Time
	Provisional bool
}

// Ticket is what a history comes to.
type Ticket struct {
	Clocks []Clock
	Rung   int // the highest reached, by a breach or by a verification that was not satisfied
}

// event is what is read of an exported event: what the clocks were said to be is not.
type event struct {
	Time  time.Time
	Event struct {
		Filed, Dispatched, Signed, Contacted, Asked, Resumed, Answered, Recalled, HandedOver *struct{}

		DialogueRequested, DialogueHeld, DialogueDeclined *struct{}

		OrderCreated, OrderSigned, OrderFinished *struct{ Order int }
		OrderWaived                              *struct {
			Order   int
			Message string
		}
		ReturnRequested *struct{ Request, Order int }
		ReturnDecided   *struct {
			Request  int
			Decision string
		}
		ExtensionRequested *struct{ Request, Workdays int }
		ExtensionDecided   *struct {
			Request  int
			Decision string
		}

		Verified *struct {
			Contacted, Solved bool
			Satisfied         string
		}
		Reopened *struct{ Cycle int }
		Closed   *struct{ Reason string }
		Absorbed *struct{ Ticket string }
	}
}

// Recompute reads the answer of GET …/events and tells how the ticket must stand at an instant.
func Recompute(history []byte, p Policy, asOf time.Time) (Ticket, error) {
	var list struct{ Events []event }
	if err := json.Unmarshal(history, &list); err != nil {
		return Ticket{}, fmt.Errorf("history: %w", err)
	}
	r := &recount{policy: p, asOf: asOf, events: list.Events, cycle: 1}
	return r.ticket(), r.err
}

// ticket judges every clock.
func (r *recount) ticket() Ticket {
	for i, e := range r.events {
		r.begin(i, e)
	}
	return Ticket{Clocks: r.clocks, Rung: r.highest()}
}

// begin judges the clocks that an event starts.
func (r *recount) begin(i int, e event) {
	switch x := e.Event; {
	case x.Filed != nil:
		r.open(i, 0, "DISPATCH", "CONTACT", "ANSWER")
	case x.Recalled != nil:
		r.open(i, 0, "DISPATCH")
	case x.Dispatched != nil:
		r.open(i, 0, "SIGN")
	case x.HandedOver != nil && !r.away(i):
		r.open(i, 0, "SIGN")
	case x.Answered != nil:
		r.open(i, 0, "VERIFY")
	case x.Reopened != nil:
		r.signed, r.cycle = true, x.Reopened.Cycle
		r.open(i, 0, "CONTACT", "ANSWER")
	case x.OrderCreated != nil:
		r.open(i, x.OrderCreated.Order, "ORDER_SIGN", "HANDLE")
	case x.ReturnRequested != nil:
		r.open(i, x.ReturnRequested.Order, "RETURN")
	case x.ExtensionRequested != nil:
		r.open(i, 0, "EXTENSION")
	case x.DialogueRequested != nil:
		r.open(i, 0, "DIALOGUE")
	}
}

// away tells whether the filer was to act before an event.
func (r *recount) away(i int) (away bool) {
	for _, e := range r.events[:i] {
		switch x := e.Event; {
		case x.Asked != nil, x.Answered != nil:
			away = true
		case x.Resumed != nil, x.Reopened != nil:
			away = false
		}
	}
	return away
}

type recount struct {
	policy Policy
	asOf   time.Time
	events []event
	cycle  int
	signed bool // nothing is left to sign: a rule from signing counts from now
	clocks []Clock
	ended  []standing // beside clocks: how each stood when it ended
	merged func(ticket string) *recount
	err    error
}

// open judges the clocks of some kinds that an event starts.
func (r *recount) open(from, order int, kinds ...string) {
	for _, kind := range kinds {
		for _, rule := range r.policy.Rules {
			if rule.Clock != kind {
				continue
			}
			begin, begun := r.events[from].Time, true
			switch {
			case rule.FromSign && order > 0:
				begin, begun = r.orderSigning(from, order)
			case rule.FromSign && !r.signed:
				begin, begun = r.signing()
			}
			if begun {
				r.judge(from, Clock{Kind: kind, Order: order, Cycle: r.cycle, Start: begin, State: "RUNNING"}, rule)
			}
		}
	}
}

// signing is when a rule from signing begins: at the signature or at its deadline, or when the ticket goes to somebody else or into another
// ticket before either, whichever is earliest.
func (r *recount) signing() (time.Time, bool) {
	var due time.Time
	for _, e := range r.events {
		x := e.Event
		gone := x.Signed != nil || x.Recalled != nil || x.HandedOver != nil || x.Closed != nil && x.Closed.Reason == "MERGED"
		switch {
		case x.Dispatched != nil && due.IsZero():
			due = r.dueOf("SIGN", e.Time)
		case (gone || x.Dispatched != nil) && (due.IsZero() || !e.Time.After(due)):
			return e.Time, true
		case gone, x.Dispatched != nil, x.Closed != nil && !due.IsZero() && due.Before(e.Time):
			return due, true
		case x.Closed != nil:
			return due, false
		}
	}
	return due, !due.IsZero() && due.Before(r.asOf)
}

// orderSigning is the same for a work order, which ends with whom it was given to.
func (r *recount) orderSigning(from, order int) (time.Time, bool) {
	due := r.dueOf("ORDER_SIGN", r.events[from].Time)
	for i, e := range r.events[from+1:] {
		x := e.Event
		signs := x.OrderSigned != nil && x.OrderSigned.Order == order
		switch {
		case signs && (due.IsZero() || !e.Time.After(due)):
			return e.Time, true
		case signs, r.ends(from, from+1+i, Clock{Kind: "HANDLE", Order: order}) != "":
			return due, !due.IsZero() && due.Before(e.Time)
		}
	}
	return due, !due.IsZero() && due.Before(r.asOf)
}

// dueOf counts the limit of a clock from a start; zero when the policy has none.
func (r *recount) dueOf(clock string, start time.Time) (due time.Time) {
	for _, rule := range r.policy.Rules {
		if rule.Clock == clock {
			due, _ = r.add(start, rule.Limit)
		}
	}
	return due
}

// ends tells as what an event ends a clock that came with another event, if it does and the clock was not overdue.
func (r *recount) ends(from, at int, c Clock) string {
	x, began := r.events[at].Event, r.events[from].Event
	fulfils := map[string]bool{"DISPATCH": x.Dispatched != nil, "SIGN": x.Signed != nil, "ANSWER": x.Answered != nil,
		"CONTACT": x.Contacted != nil || x.Asked != nil || x.Answered != nil, "VERIFY": x.Verified != nil,
		"ORDER_SIGN": x.OrderSigned != nil && x.OrderSigned.Order == c.Order, "HANDLE": x.OrderFinished != nil && x.OrderFinished.Order == c.Order,
		"DIALOGUE": x.DialogueHeld != nil || x.DialogueDeclined != nil}[c.Kind]
	switch {
	case x.Closed != nil && c.Kind == "VERIFY" && x.Closed.Reason == "UNVERIFIED":
		return ""
	case x.Closed != nil, x.Reopened != nil && c.Kind == "VERIFY":
		return "ENDED"
	case fulfils:
		return "MET"
	case c.Kind == "SIGN" && (x.Dispatched != nil || x.Recalled != nil || x.HandedOver != nil):
		return "SUPERSEDED"
	case c.Kind == "RETURN" && x.ReturnDecided != nil && x.ReturnDecided.Request == began.ReturnRequested.Request:
		return decided(x.ReturnDecided.Decision)
	case c.Kind == "EXTENSION" && x.ExtensionDecided != nil && x.ExtensionDecided.Request == began.ExtensionRequested.Request:
		return decided(x.ExtensionDecided.Decision)
	case c.Kind == "ORDER_SIGN", c.Kind == "HANDLE":
		return r.endsOrder(x.OrderWaived, x.ReturnDecided, c.Order)
	}
	return ""
}

func decided(decision string) string {
	if decision == "overtaken" {
		return "ENDED"
	}
	return "MET"
}

// endsOrder: waived with a reason, taken away without one, or handed back.
func (r *recount) endsOrder(waived *struct {
	Order   int
	Message string
}, decided *struct {
	Request  int
	Decision string
}, order int) string {
	if waived != nil && waived.Order == order {
		if waived.Message == "" {
			return "SUPERSEDED"
		}
		return "ENDED"
	}
	if decided != nil && decided.Decision == "granted" {
		for _, e := range r.events {
			if q := e.Event.ReturnRequested; q != nil && q.Request == decided.Request && q.Order == order {
				return "SUPERSEDED"
			}
		}
	}
	return ""
}

// judge walks through what happened from the event on that a clock came with: met at due is met, and a breach climbs the ladder
// until it is made good. While the filer is asked, what the holder and the units owe stands still unless it is overdue.
func (r *recount) judge(from int, c Clock, rule Rule) {
	c.Due, c.Provisional = r.add(c.Start, rule.Limit)
	var wait, stop, asked time.Time // asked is since when it stood still as it ended
	pauses := func() bool {
		return !wait.IsZero() && (c.Kind == "ANSWER" || c.Kind == "HANDLE") && !c.Due.Before(later(wait, c.Start))
	}
	stands, silent := false, false // when it ended; silence closes when its instant is over, and whatever is due at that instant with it
	for i, e := range r.events {
		x := e.Event
		if i > from && x.Verified != nil && !x.Verified.Contacted && c.Kind == "CONTACT" && c.State == "MET" {
			c.State = "DISPUTED"
		}
		if how := r.ends(from, i, c); i > from && stop.IsZero() && how != "" {
			c.State, stop, stands, asked = how, e.Time, pauses(), wait
			silent = x.Closed != nil && x.Closed.Reason == "UNVERIFIED"
		}
		if i > from && x.Reopened != nil && c.Kind != "DIALOGUE" {
			break // another cycle; what was owed in this one has been decided
		}
		switch {
		case x.Asked != nil:
			wait = e.Time
		case x.Resumed != nil:
			if i > from && stop.IsZero() && pauses() && e.Time.After(c.Start) {
				c.resume(later(wait, c.Start), e.Time, rule.Limit)
			}
			wait = time.Time{}
		case x.ExtensionDecided != nil && i > from && stop.IsZero() && c.Kind == "ANSWER" && x.ExtensionDecided.Decision == "granted":
			r.extend(&c, x.ExtensionDecided.Request)
		case x.Absorbed != nil && i > from && stop.IsZero() && (!rule.FromSign || e.Time.After(c.Start)):
			if standing := (standing{limit: rule.Limit, wait: wait}); pauses() || !c.Due.Before(e.Time) {
				standing.paused = pauses()
				r.absorb(&c, standing, x.Absorbed.Ticket, e.Time)
			}
		}
	}
	end := stop
	if stop.IsZero() {
		end = r.asOf
	}
	switch {
	case stop.IsZero() && pauses():
		c.State = "PAUSED"
	case !stands && c.Due.Before(end), silent && c.Due.Equal(end):
		c.State = "BREACHED"
		c.Rungs = r.rungs(c, rule, end)
	}
	r.clocks = append(r.clocks, c)
	r.ended = append(r.ended, standing{at: stop, paused: stands, wait: later(asked, c.Start), limit: rule.Limit})
}

// rungs are when a breach reached the steps of the ladder.
func (r *recount) rungs(c Clock, rule Rule, end time.Time) (reached []time.Time) {
	for _, n := range r.policy.Rungs {
		at := c.Due
		if n > 0 {
			at, _ = r.add(c.Due, fmt.Sprint(n, " workdays"))
		}
		if rule.Ladder && !at.After(end) {
			reached = append(reached, at)
		}
	}
	return reached
}

// extend adds the workdays that were asked for to the due time, whatever the limit counts.
func (r *recount) extend(c *Clock, request int) {
	for _, e := range r.events {
		if q := e.Event.ExtensionRequested; q != nil && q.Request == request {
			due, provisional := closeOf(c.Due, q.Workdays)
			c.Due, c.Provisional = due, c.Provisional || provisional
		}
	}
}

// resume moves the due time by a wait: what was left of it at the question is added again from the end of the wait.
func (c *Clock) resume(from, to time.Time, limit string) {
	due, provisional := to.Add(c.Due.Sub(from)), false
	if work := strings.Contains(limit, "work"); work && !to.After(c.Due) && between(from, to) == 0 {
		return // a merge can have made it due out of hours, and so it stays while no hour was lost
	} else if work {
		due, provisional = addWork(to, between(from, c.Due))
	} else if strings.HasSuffix(limit, "roll") {
		due, provisional = roll(due)
	}
	c.Due, c.Provisional = later(c.Due, due), c.Provisional || provisional
}

// highest is the highest rung reached: each verification that was not satisfied goes one up from where the ticket stood.
func (r *recount) highest() (rung int) {
	upTo := func(t time.Time) {
		for _, c := range r.clocks {
			for i, at := range c.Rungs {
				if !at.After(t) {
					rung = max(rung, i+1)
				}
			}
		}
	}
	for _, e := range r.events {
		if v := e.Event.Verified; v != nil && (!v.Solved || v.Satisfied == "DISSATISFIED") {
			upTo(e.Time)
			rung = min(rung+1, len(r.policy.Rungs))
		}
	}
	upTo(r.asOf)
	return rung
}

// add counts a limit from a start.
func (r *recount) add(start time.Time, limit string) (time.Time, bool) {
	var n int
	var unit string
	if _, err := fmt.Sscanf(strings.TrimSuffix(limit, ", roll"), "%d %s", &n, &unit); err != nil {
		r.err = fmt.Errorf("limit %q: %w", limit, err)
	}
	due := start
	switch strings.TrimSuffix(unit, "s") {
	case "workday":
		return closeOf(start, n)
	case "hour":
		due = start.Add(time.Duration(n) * time.Hour)
	case "day":
		due = start.Add(time.Duration(n) * 24 * time.Hour)
	default:
		r.err = fmt.Errorf("limit %q: no such unit", limit)
	}
	if strings.HasSuffix(limit, ", roll") {
		return roll(due)
	}
	return due, false
}
