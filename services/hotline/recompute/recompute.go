// Package recompute decides every due time, outcome and rung of a ticket a second time, from nothing but its exported history
// and the text of the policy that binds it. It is the check on everything that decides for real, so it shares no code with any
// of it: it has a calendar of its own, written down again from the notices, and counts naively, day by day. Whoever doubts a
// deadline can read this package in ten minutes.
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
	Clock    string // DISPATCH, SIGN, CONTACT, ANSWER or VERIFY
	Limit    string
	FromSign bool // counts from the signing or from the sign deadline, whichever is earlier
	Ladder   bool
}

// Clock is one obligation as it must stand.
type Clock struct {
	Kind        string
	Cycle       int
	Start, Due  time.Time
	State       string // RUNNING, PAUSED, MET, BREACHED, DISPUTED or ENDED
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
		Filed, Dispatched, Signed, Contacted, Asked, Resumed, Answered *struct{}

		Verified *struct {
			Contacted, Solved bool
			Satisfied         string
		}
		Reopened *struct{ Cycle int }
		Closed   *struct{ Reason string }
	}
}

// Recompute reads the answer of GET …/events and tells how the ticket must stand at an instant.
func Recompute(history []byte, p Policy, asOf time.Time) (Ticket, error) {
	var list struct{ Events []event }
	if err := json.Unmarshal(history, &list); err != nil {
		return Ticket{}, fmt.Errorf("history: %w", err)
	}
	r := &recount{policy: p, asOf: asOf, events: list.Events}
	var t Ticket
	for i, e := range r.events {
		switch {
		case e.Event.Filed != nil:
			r.open(i, e.Time, 1, "DISPATCH", "CONTACT", "ANSWER")
		case e.Event.Dispatched != nil:
			r.open(i, e.Time, 1, "SIGN")
		case e.Event.Answered != nil:
			r.open(i, e.Time, r.cycle, "VERIFY")
		case e.Event.Reopened != nil:
			r.signed = true
			r.open(i, e.Time, e.Event.Reopened.Cycle, "CONTACT", "ANSWER")
		}
	}
	t.Clocks = r.clocks
	t.Rung = r.highest()
	return t, r.err
}

type recount struct {
	policy Policy
	asOf   time.Time
	events []event
	cycle  int
	signed bool // nothing is left to sign: a rule from signing counts from now
	clocks []Clock
	err    error
}

// open judges the clocks of some kinds that an event starts.
func (r *recount) open(from int, start time.Time, cycle int, kinds ...string) {
	r.cycle = cycle
	for _, kind := range kinds {
		for _, rule := range r.policy.Rules {
			begin, begun := start, true
			if rule.FromSign && !r.signed {
				begin, begun = r.signing()
			}
			if rule.Clock == kind && begun {
				r.judge(from, Clock{Kind: kind, Cycle: cycle, Start: begin, State: "RUNNING"}, rule)
			}
		}
	}
}

// signing is when a rule from signing begins: at the signature or at its deadline, whichever is earlier, if either came.
func (r *recount) signing() (time.Time, bool) {
	var due time.Time
	for _, e := range r.events {
		switch {
		case e.Event.Dispatched != nil:
			for _, rule := range r.policy.Rules {
				if rule.Clock == "SIGN" {
					due, _ = r.add(e.Time, rule.Limit)
				}
			}
		case e.Event.Signed != nil && (due.IsZero() || !e.Time.After(due)):
			return e.Time, true
		case e.Event.Signed != nil, e.Event.Closed != nil && !due.IsZero() && due.Before(e.Time):
			return due, true
		case e.Event.Closed != nil:
			return due, false
		}
	}
	return due, !due.IsZero() && due.Before(r.asOf)
}

// judge walks through what happened from the event on that a clock came with: met at due is met, and a breach climbs the ladder
// until it is made good.
func (r *recount) judge(from int, c Clock, rule Rule) {
	c.Due, c.Provisional = r.add(c.Start, rule.Limit)
	var paused, stop time.Time
	for _, e := range r.events[from+1:] {
		at := e.Time
		fulfils := map[string]bool{"DISPATCH": e.Event.Dispatched != nil, "SIGN": e.Event.Signed != nil, "ANSWER": e.Event.Answered != nil,
			"CONTACT": e.Event.Contacted != nil || e.Event.Asked != nil || e.Event.Answered != nil, "VERIFY": e.Event.Verified != nil}[c.Kind]
		if v := e.Event.Verified; v != nil && !v.Contacted && c.Kind == "CONTACT" && c.State == "MET" {
			c.State = "DISPUTED"
		}
		if e.Event.Reopened != nil {
			break // another cycle; what was owed in this one has been decided
		}
		switch {
		case !stop.IsZero():
		case c.Kind == "ANSWER" && e.Event.Asked != nil:
			paused = at
		case !paused.IsZero() && e.Event.Resumed != nil:
			c.resume(paused, at, rule.Limit)
			paused = time.Time{}
		case fulfils, e.Event.Closed != nil && (c.Kind != "VERIFY" || e.Event.Closed.Reason != "UNVERIFIED"):
			stop = at
			if c.State = "ENDED"; fulfils {
				c.State = "MET"
			}
		}
	}
	end := stop
	if stop.IsZero() {
		end = r.asOf
	}
	switch {
	case !paused.IsZero() && stop.IsZero():
		c.State = "PAUSED"
	case paused.IsZero() && c.Due.Before(end):
		c.State = "BREACHED"
		for _, n := range r.policy.Rungs {
			at := c.Due
			if n > 0 {
				at, _ = r.add(c.Due, fmt.Sprint(n, " workdays"))
			}
			if rule.Ladder && !at.After(end) {
				c.Rungs = append(c.Rungs, at)
			}
		}
	}
	r.clocks = append(r.clocks, c)
}

// resume moves the due time by a wait: what was left of it at the question is added again from the end of the wait.
func (c *Clock) resume(from, to time.Time, limit string) {
	due, provisional := to.Add(c.Due.Sub(from)), false
	if strings.Contains(limit, "work") {
		due, provisional = addWork(to, between(from, c.Due))
	} else if strings.HasSuffix(limit, "roll") {
		due, provisional = roll(due)
	}
	c.Due, c.Provisional = due, c.Provisional || provisional
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
