package board

import (
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/fact"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/tally"
)

// The measures of what is not on the straight way. Those that end with fen, jobs or minutes are sums, the others count.
const (
	Supervised Measure = "supervised" // gauge: open and under supervision
	Cycled     Measure = "cycled"     // gauge: open in a later cycle than the first
	Reopened   Measure = "reopened"   // by day of the last reopening
	Thin       Measure = "thin"       // by day of the last answer
	Merged     Measure = "merged"     // by day of the close
	Rejected   Measure = "rejected"   // by day of the close

	ReturnRequested Measure = "return.requested" // by day of the request; requests, not tickets, as are the next three
	ReturnGranted   Measure = "return.granted"   // by day of the decision
	ReturnRefused   Measure = "return.refused"   // by day of the decision
	ReturnPending   Measure = "return.pending"   // gauge

	ExtensionAsked   Measure = "extension.asked"   // by day of the last request
	ExtensionGranted Measure = "extension.granted" // by day of the decision upon it
	ExtensionRefused Measure = "extension.refused" // by day of the decision upon it
	ExtensionPending Measure = "extension.pending" // gauge

	Callback    Measure = "callback"     // by day on which the last call-back fell due; the bucket is how it stands
	CallbackDue Measure = "callback.due" // gauge

	DialogueAsked    Measure = "dialogue.asked"        // by day of asking for the last one
	DialogueHeld     Measure = "dialogue.held"         // by its day
	DialogueDeclined Measure = "dialogue.declined"     // by its day
	DialogueWaiting  Measure = "dialogue.waiting"      // gauge
	DialogueMinutes  Measure = "dialogue.wait.minutes" // natural minutes from asking to holding, by the day of holding

	AtRisk       Measure = "risk"          // gauge: open, with investment or jobs at risk
	AtRiskFen    Measure = "risk.fen"      // gauge
	AtRiskJobs   Measure = "risk.jobs"     // gauge
	Unstated     Measure = "risk.unstated" // gauge: open, of a project, and neither
	Retained     Measure = "retained"      // by day of the close
	RetainedFen  Measure = "retained.fen"  // by day of the close
	RetainedJobs Measure = "retained.jobs" // by day of the close
	OrderOpen    Measure = "order.open"    // gauge: work orders
	Linked       Measure = "linked"        // gauge: part of a common issue
)

// callbackStates are the buckets of call-backs, from 1. The order never changes.
var callbackStates = []string{ticket.CallbackDue, ticket.CallbackMissedOnce, ticket.CallbackUnreachable, ticket.CallbackDone, ticket.CallbackOvertaken}

func callbackBucket(state string) int {
	for i, s := range callbackStates {
		if s == state {
			return i + 1
		}
	}
	return 0
}

// aside adds what is not on the straight way. A plain ticket has nothing of it.
func (f *Facts) aside(t fact.Ticket) {
	happened := func(m Measure, at time.Time, holds bool) {
		if holds && !at.IsZero() {
			f.add(m, tally.DayOf(at), 0)
		}
	}
	now := func(m Measure, holds bool) {
		if holds {
			f.add(m, 0, 0)
		}
	}
	now(Supervised, t.Open && t.Supervised)
	now(Linked, t.Issue != "")
	now(Cycled, t.Open && t.Cycle > 1)
	happened(Reopened, t.ReopenTime, true)
	happened(Thin, t.AnswerTime, t.Thin)
	happened(Merged, t.CloseTime, t.CloseReason == ticket.ClosedMerged)
	happened(Rejected, t.CloseTime, t.CloseReason == ticket.ClosedRejected)

	happened(ExtensionAsked, t.ExtensionTime, true)
	happened(ExtensionGranted, t.ExtensionDecideTime, t.ExtensionDecision == ticket.Granted)
	happened(ExtensionRefused, t.ExtensionDecideTime, t.ExtensionDecision == ticket.Refused)
	now(ExtensionPending, !t.ExtensionTime.IsZero() && t.ExtensionDecision == "")

	if t.Callback != "" {
		f.add(Callback, tally.DayOf(t.CallbackTime), callbackBucket(t.Callback))
		now(CallbackDue, t.Callback == ticket.CallbackDue || t.Callback == ticket.CallbackMissedOnce)
	}
	happened(DialogueAsked, t.DialogueTime, true)
	happened(DialogueDeclined, t.DialogueEndTime, t.Dialogue == ticket.DialogueRefused)
	happened(DialogueHeld, t.DialogueEndTime, t.Dialogue == ticket.DialogueDone)
	if t.Dialogue == ticket.DialogueDone {
		f.sum(DialogueMinutes, tally.DayOf(t.DialogueEndTime), int64(t.DialogueEndTime.Sub(t.DialogueTime)/time.Minute))
	}
	now(DialogueWaiting, t.Dialogue.Open())
	f.risk(t)
	for i := range t.Requests {
		f.returned(&t.Requests[i])
	}
	for i := range t.Orders {
		f.order(&t.Orders[i])
	}
}

// sum adds an amount for the holder, if it is one.
func (f *Facts) sum(m Measure, day int, amount int64) {
	if amount > 0 {
		f.Entries = append(f.Entries, Entry{Measure: m, Day: day, Amount: amount, Unit: f.Unit, Official: f.Official})
	}
}

func (f *Facts) risk(t fact.Ticket) {
	stated := t.InvestmentAtRisk > 0 || t.JobsAtRisk > 0
	switch {
	case t.Open && stated:
		f.add(AtRisk, 0, 0)
		f.sum(AtRiskFen, 0, t.InvestmentAtRisk)
		f.sum(AtRiskJobs, 0, int64(t.JobsAtRisk))
	case t.Open && t.Project != "":
		f.add(Unstated, 0, 0)
	case t.Retained && stated:
		day := tally.DayOf(t.CloseTime)
		f.add(Retained, day, 0)
		f.sum(RetainedFen, day, t.InvestmentAtRisk)
		f.sum(RetainedJobs, day, int64(t.JobsAtRisk))
	}
}

// returned adds a request to hand back, for the unit that asks. It is the unit's own wherever the ticket goes.
func (f *Facts) returned(r *fact.Return) {
	add := func(m Measure, day int) {
		f.Entries = append(f.Entries, Entry{Measure: m, Day: day, Unit: r.Unit, Official: r.Official, Reason: r.Reason, Seen: ByItself})
	}
	add(ReturnRequested, tally.DayOf(r.CreateTime))
	switch r.Decision {
	case "":
		add(ReturnPending, 0)
	case ticket.Granted:
		add(ReturnGranted, tally.DayOf(r.DecideTime))
	case ticket.Refused:
		add(ReturnRefused, tally.DayOf(r.DecideTime))
	}
}

// order adds a unit's part, for the unit, as long as the unit sees it.
func (f *Facts) order(o *fact.Order) {
	seen := ByNobody
	if o.Shown {
		seen = ByItself
	}
	add := func(m Measure, day, bucket int) {
		f.Entries = append(f.Entries, Entry{Measure: m, Day: day, Bucket: bucket, Unit: o.Unit, Seen: seen})
	}
	if o.Open {
		add(OrderOpen, 0, 0)
	}
	for _, c := range []struct {
		kind ticket.Kind
		span fact.Span
	}{{ticket.KindOrderSign, o.Sign}, {ticket.KindHandle, o.Handle}} {
		if at := c.span.OpenDue; !at.IsZero() {
			add(Due(c.kind), tally.DayOf(at), tally.QuarterOf(at))
		}
		if at := c.span.Breach; !at.IsZero() {
			add(Breached(c.kind), tally.DayOf(at), 0)
		}
		if at := c.span.Met; !at.IsZero() {
			add(Met(c.kind), tally.DayOf(at), 0)
		}
	}
}
