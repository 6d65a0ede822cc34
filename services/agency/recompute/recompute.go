// Package recompute decides every due time and outcome of what is owed of a case's items and commitments a second time, from nothing but the history and
// the limits that the city wrote down. It is the check on everything that decides for real, so it shares no code with any of it: it has a calendar of its
// own, written down again from the notices, and counts naively, day by day. Whoever doubts a deadline can read this package in ten minutes.
//
// It goes through the history once. What each event starts, stops, lets stand still or prolongs follows from what happened alone; what the clocks were
// said to be is not read. Only two numbers are taken as they were written, because no rule gives them: until when a special procedure was announced, and how many
// workdays were asked for.
//
// It depends on the standard library only.
package recompute

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Limits are the city's, in workdays. What an item may take is in the history.
type Limits struct{ Accept, Correct, Withdrawal, Extension, Deliver int }

// Clock is one obligation as it must stand.
type Clock struct {
	Kind       string // ACCEPT, CORRECT, STATUTORY, PROMISED, PROCEDURE, WITHDRAWAL, REQUEST, COMMITMENT, FULFIL, CHECK, EXTENSION or DELIVER
	Item       string
	Attempt    int
	Number     int // of the commitment, or of what was asked for; 0 for none
	Start, Due time.Time
	State      string // RUNNING, PAUSED, MET, BREACHED or ENDED

	stopped bool
	since   time.Time // it stands still
	left    time.Duration
}

// Recompute reads a history, {"events": [{"time": …, "event": a CaseEvent}]}, and tells how what is owed must stand at an instant.
func Recompute(history []byte, limits Limits, asOf time.Time) ([]Clock, error) {
	var list struct{ Events []event }
	if err := json.Unmarshal(history, &list); err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	r := &recount{limits: limits, items: map[string]*item{}, promises: map[int]*promise{}, asked: map[string]*Clock{}}
	for _, e := range list.Events {
		r.now = e.Time
		r.pass()
		r.onCase(e)
		r.onMaterial(e)
		r.onItem(e)
		r.onDecision(e)
		r.onCommitment(e)
	}
	r.now = asOf
	r.pass()
	out := make([]Clock, 0, len(r.clocks))
	for _, c := range r.clocks {
		out = append(out, *c)
	}
	return out, nil
}

type recount struct {
	limits   Limits
	now      time.Time
	items    map[string]*item
	promises map[int]*promise
	asked    map[string]*Clock // of the enterprise, by material
	clocks   []*Clock
}

// item is what is known of one: what the catalogue says, and how far its attempt has come.
type item struct {
	plan     plannedItem
	kept     bool // under way or decided: no later plan changes what it began with
	attempt  int
	accepted bool
}

// promise is a commitment.
type promise struct {
	item    string
	attempt int
	days    int
	asked   int  // for so much more time
	fixing  bool // the facts differed once
	signed  bool // and nothing rests on it yet
	onSpot  bool // of the kind that an approval rests on
}

// pass lets what is due by now be late.
func (r *recount) pass() {
	for _, c := range r.clocks {
		if c.State == "RUNNING" && c.Due.Before(r.now) {
			c.State = "BREACHED"
		}
	}
}

// silence is when the time of one clock is over and something follows from that: of what is due at the same instant, all that began before it is late as well.
func (r *recount) silence(of *Clock) {
	for _, c := range r.clocks {
		if c.State == "RUNNING" && !c.Due.After(r.now) {
			c.State = "BREACHED"
		}
		if c == of {
			return
		}
	}
}

func (r *recount) start(kind, item string, number, days int, from time.Time) *Clock {
	c := &Clock{Kind: kind, Item: item, Attempt: r.items[item].attempt, Number: number, Start: from, Due: closeOf(from, days), State: "RUNNING"}
	r.clocks = append(r.clocks, c)
	return c
}

// owed returns what is owed of some kinds by an item, or by a commitment.
func (r *recount) owed(item string, number int, kinds ...string) (all []*Clock) {
	for _, c := range r.clocks {
		if !c.stopped && (c.Item == item || item == "") && (number == 0 || c.Number == number && c.Kind != "REQUEST") && (len(kinds) == 0 || slices.Contains(kinds, c.Kind)) {
			all = append(all, c)
		}
	}
	return all
}

// met stops clocks by what they waited for: in time, or not.
func met(clocks []*Clock) {
	for _, c := range clocks {
		if c.stopped = true; c.State != "BREACHED" {
			c.State = "MET"
		}
	}
}

// ended stops clocks by which nothing is waited for any more.
func ended(clocks []*Clock) {
	for _, c := range clocks {
		if c.stopped = true; c.State != "BREACHED" {
			c.State = "ENDED"
		}
	}
}

// late is the silence of a clock.
func (r *recount) late(clocks []*Clock) {
	for _, c := range clocks {
		r.silence(c)
		c.stopped = true
	}
}

// pause lets clocks stand still that are not late.
func (r *recount) pause(clocks []*Clock) {
	for _, c := range clocks {
		if c.State == "RUNNING" {
			c.State, c.since, c.left = "PAUSED", r.now, between(r.now, c.Due)
		}
	}
}

// resume lets them go on: what was left of working time is added again, and nothing is due earlier than before.
func (r *recount) resume(clocks []*Clock) {
	for _, c := range clocks {
		if c.State != "PAUSED" {
			continue
		}
		c.State = "RUNNING"
		if r.now.After(c.Due) || between(r.now, c.Due) != c.left {
			c.Due = later(c.Due, addWork(r.now, c.left))
		}
	}
}

// onCase takes the plans, and the end.
func (r *recount) onCase(e event) {
	if x := e.Event.CasePlanned; x != nil {
		for _, p := range x.Items {
			i := r.items[p.Code]
			if i == nil {
				i = &item{}
				r.items[p.Code] = i
			}
			if !i.kept {
				i.plan = p
			}
		}
	}
	if e.Event.CaseClosed != nil {
		ended(r.owed("", 0))
	}
}

// onMaterial takes what an agent asked for, and its coming. An event from before the limit was written says nothing that could be counted.
func (r *recount) onMaterial(e event) {
	if x := e.Event.MaterialRequested; x != nil && x.Workdays > 0 {
		c := &Clock{Kind: "REQUEST", Number: x.Number, Start: r.now, Due: closeOf(r.now, x.Workdays), State: "RUNNING"}
		r.clocks, r.asked[x.Material] = append(r.clocks, c), c
	}
	for _, x := range []*ofMaterial{e.Event.DocumentAdded, e.Event.MaterialObtained} {
		if x == nil {
			continue
		}
		if c := r.asked[x.Material]; c != nil && !c.stopped {
			met([]*Clock{c})
		}
	}
}

// onItem takes what happens up to the decision.
func (r *recount) onItem(e event) {
	x := e.Event
	switch {
	case x.ItemSubmitted != nil:
		i := r.items[x.ItemSubmitted.Item]
		i.kept, i.accepted, i.attempt = true, false, x.ItemSubmitted.Attempt
		r.start("ACCEPT", x.ItemSubmitted.Item, 0, r.limits.Accept, r.now)
	case x.ItemAccepted != nil:
		r.accepted(x.ItemAccepted)
	case x.ItemNotAccepted != nil:
		met(r.owed(x.ItemNotAccepted.Item, 0, "ACCEPT"))
		r.over(x.ItemNotAccepted.Item)
	case x.AcceptanceRefused != nil:
		met(r.owed(x.AcceptanceRefused.Item, 0, "ACCEPT"))
		r.over(x.AcceptanceRefused.Item)
	case x.CorrectionRequested != nil:
		code := x.CorrectionRequested.Item
		met(r.owed(code, 0, "ACCEPT"))
		r.pause(r.owed(code, 0, "STATUTORY", "PROMISED"))
		r.start("CORRECT", code, 0, r.limits.Correct, r.now)
	case x.CorrectionMade != nil:
		code := x.CorrectionMade.Item
		met(r.owed(code, 0, "CORRECT"))
		r.resume(r.owed(code, 0, "STATUTORY", "PROMISED"))
		if !r.items[code].accepted {
			r.start("ACCEPT", code, 0, r.limits.Accept, r.now)
		}
	case x.ProcedureStarted != nil:
		r.pause(r.owed(x.ProcedureStarted.Item, 0, "STATUTORY", "PROMISED"))
		r.start("PROCEDURE", x.ProcedureStarted.Item, 0, 0, r.now).Due = x.ProcedureStarted.UntilTime
	case x.ProcedureEnded != nil:
		met(r.owed(x.ProcedureEnded.Item, 0, "PROCEDURE"))
		r.resume(r.owed(x.ProcedureEnded.Item, 0, "STATUTORY", "PROMISED"))
	case x.LimitExtended != nil:
		for _, c := range r.owed(x.LimitExtended.Item, 0, "STATUTORY") {
			c.Due = closeOf(c.Due, x.LimitExtended.Workdays)
		}
	}
}

func (r *recount) accepted(x *itemAccepted) {
	i := r.items[x.Item]
	if x.Deemed {
		r.late(r.owed(x.Item, 0, "ACCEPT"))
	} else {
		met(r.owed(x.Item, 0, "ACCEPT"))
	}
	i.accepted = true
	r.start("STATUTORY", x.Item, 0, i.plan.StatutoryWorkdays, x.AcceptTime)
	r.start("PROMISED", x.Item, 0, i.plan.PromisedWorkdays, x.AcceptTime)
	if p := r.promises[x.Commitment]; p != nil {
		p.signed = false
		r.start("COMMITMENT", x.Item, x.Commitment, p.days, r.now)
	}
}

// over ends an attempt: nothing is owed of it.
func (r *recount) over(item string) {
	ended(r.owed(item, 0))
	r.items[item].kept, r.items[item].accepted = false, false
}

// onDecision takes decisions and withdrawals.
func (r *recount) onDecision(e event) {
	x := e.Event
	switch {
	case x.ItemApproved != nil:
		r.approved(x.ItemApproved)
	case x.ItemRefused != nil:
		if x.ItemRefused.Cause == "unit" {
			met(r.owed(x.ItemRefused.Item, 0, "STATUTORY", "PROMISED"))
		}
		r.over(x.ItemRefused.Item)
	case x.ItemRetracted != nil:
		if x.ItemRetracted.Cause == "not-corrected" {
			r.late(r.owed(x.ItemRetracted.Item, 0, "CORRECT"))
		}
		r.over(x.ItemRetracted.Item)
	case x.WithdrawalRequested != nil:
		r.start("WITHDRAWAL", x.WithdrawalRequested.Item, 0, r.limits.Withdrawal, r.now)
	case x.WithdrawalDeclined != nil:
		met(r.owed(x.WithdrawalDeclined.Item, 0, "WITHDRAWAL"))
	case x.ItemWithdrawn != nil:
		switch x.ItemWithdrawn.Cause {
		case "unit":
			met(r.owed(x.ItemWithdrawn.Item, 0, "WITHDRAWAL"))
		case "silence":
			r.late(r.owed(x.ItemWithdrawn.Item, 0, "WITHDRAWAL"))
		case "not-corrected":
			r.late(r.owed(x.ItemWithdrawn.Item, 0, "CORRECT"))
		}
		r.over(x.ItemWithdrawn.Item)
	case x.ItemRevoked != nil:
		r.over(x.ItemRevoked.Item)
	case x.ItemConfirmed != nil:
		r.deliver(x.ItemConfirmed.Item)
	case x.CertificateIssued != nil:
		met(r.owed(x.CertificateIssued.Item, 0, "DELIVER"))
	}
}

func (r *recount) approved(x *itemApproved) {
	i := r.items[x.Item]
	met(r.owed(x.Item, 0, "STATUTORY", "PROMISED"))
	if t := i.plan.Tolerance; !x.Tolerantly || t != nil && t.CertificateAtOnce {
		r.deliver(x.Item)
	}
	for number, p := range r.promises {
		if x.OnPromise && p.onSpot && p.signed && p.item == x.Item && p.attempt == i.attempt {
			p.signed = false
			r.start("FULFIL", x.Item, number, p.days, r.now)
		}
	}
}

// deliver begins the time for a certificate, once an attempt.
func (r *recount) deliver(code string) {
	i := r.items[code]
	begun := slices.ContainsFunc(r.clocks, func(c *Clock) bool { return c.Kind == "DELIVER" && c.Item == code && c.Attempt == i.attempt })
	if i.plan.Certificate != "" && !begun {
		r.start("DELIVER", code, 0, r.limits.Deliver, r.now)
	}
}

// onCommitment takes what becomes of commitments.
func (r *recount) onCommitment(e event) {
	x := e.Event
	switch {
	case x.CommitmentSigned != nil:
		s := x.CommitmentSigned
		r.promises[s.Number] = &promise{item: s.Item, attempt: s.Attempt, days: s.Workdays, signed: true, onSpot: s.Kind == "PROMISE"}
	case x.CommitmentKept != nil:
		if x.CommitmentKept.Cause == "unchecked" {
			r.late(r.owed("", x.CommitmentKept.Number, "CHECK"))
		}
		met(r.owed("", x.CommitmentKept.Number, "COMMITMENT", "FULFIL", "CHECK"))
		ended(r.owed("", x.CommitmentKept.Number))
	case x.CommitmentBroken != nil:
		r.late(r.owed("", x.CommitmentBroken.Number, "COMMITMENT", "FULFIL"))
		ended(r.owed("", x.CommitmentBroken.Number))
	case x.CommitmentReleased != nil:
		r.promises[x.CommitmentReleased.Number].signed = false
		ended(r.owed("", x.CommitmentReleased.Number))
	case x.CommitmentExtensionRequested != nil:
		p := r.promises[x.CommitmentExtensionRequested.Number]
		p.asked = x.CommitmentExtensionRequested.Workdays
		r.pause(r.owed("", x.CommitmentExtensionRequested.Number, "COMMITMENT", "FULFIL"))
		r.start("EXTENSION", p.item, x.CommitmentExtensionRequested.Number, r.limits.Extension, r.now)
	case x.CommitmentExtensionDecided != nil:
		number := x.CommitmentExtensionDecided.Number
		met(r.owed("", number, "EXTENSION"))
		r.resume(r.owed("", number, "COMMITMENT", "FULFIL"))
		for _, c := range r.owed("", number, "COMMITMENT", "FULFIL") {
			if x.CommitmentExtensionDecided.Granted {
				c.Due = closeOf(c.Due, r.promises[number].asked)
			}
		}
	case x.PromiseReported != nil:
		p := r.promises[x.PromiseReported.Number]
		met(r.owed("", x.PromiseReported.Number, "FULFIL"))
		ended(r.owed("", x.PromiseReported.Number, "EXTENSION"))
		r.start("CHECK", p.item, x.PromiseReported.Number, max(r.items[p.item].plan.Promise.CheckWorkdays, 1), r.now)
	case x.PromiseDiffers != nil:
		p := r.promises[x.PromiseDiffers.Number]
		met(r.owed("", x.PromiseDiffers.Number, "CHECK"))
		if fix := r.items[p.item].plan.Promise.FixWorkdays; fix > 0 && !p.fixing {
			r.start("FULFIL", p.item, x.PromiseDiffers.Number, fix, r.now)
		}
		p.fixing = true
	}
}
