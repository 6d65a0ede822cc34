package ticket

import (
	"fmt"
	"time"
)

// Fold makes a ticket of its whole history.
func Fold(city, id string, events []Event) (*Ticket, error) {
	t := &Ticket{City: city, ID: id}
	for _, e := range events {
		if err := t.Apply(e); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// Apply lets an event happen. It is the only thing that changes a ticket, and refuses what no ticket's history can hold: a gap
// in the versions, a step back in time, a change of state that is not an edge, a clock that changes what never changes. After
// an error the ticket is of no use.
func (t *Ticket) Apply(e Event) error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("ticket %s: event %d %s: %s", t.ID, e.Version, e.Body.Type(), fmt.Sprintf(format, args...))
	}
	if e.Version != t.Version+1 {
		return fail("follows version %d", t.Version)
	}
	if _, filing := e.Body.(Filed); filing != (e.Version == 1) {
		return fail("only a filing begins a ticket, and once")
	}
	if e.Time.Before(t.UpdateTime) {
		return fail("lies %s before the last event", t.UpdateTime.Sub(e.Time))
	}
	before := t.State
	t.Version, t.UpdateTime = e.Version, e.Time
	if !t.follows(e.Body) {
		return fail("does not follow from how the ticket is")
	}
	if !t.applyBody(e) {
		return fail("is of a type no ticket knows")
	}
	if !legal(before, t.State) {
		return fail("no edge leads from %s to %s", before, t.State)
	}
	for _, c := range e.Clocks {
		if err := t.put(c); err != nil {
			return fail("%s", err)
		}
	}
	return nil
}

func (t *Ticket) put(c Clock) error {
	switch {
	case c.ID == len(t.Clocks)+1:
		t.Clocks = append(t.Clocks, c)
		return nil
	case c.ID < 1 || c.ID > len(t.Clocks):
		return fmt.Errorf("clock %d follows clock %d", c.ID, len(t.Clocks))
	}
	old := t.Clocks[c.ID-1]
	if c.Kind != old.Kind || c.Order != old.Order || c.Cycle != old.Cycle || !c.Start.Equal(old.Start) || !c.FirstDue.Equal(old.FirstDue) {
		return fmt.Errorf("clock %d changed what never changes", c.ID)
	}
	t.Clocks[c.ID-1] = c
	return nil
}

// applyBody reports whether the body is of a known type.
func (t *Ticket) applyBody(e Event) bool {
	switch b := e.Body.(type) {
	case Filed:
		t.applyFiled(e.Time, b)
	case Dispatched:
		t.applyDispatched(e, b)
	case RouteRefused:
		t.Proposal = max(t.Proposal, b.Proposal)
	case Signed:
		t.State, t.SignTime = StateInProgress, e.Time
	case Contacted:
		t.ContactTime = e.Time
	case Asked:
		t.move(StateWaiting, e.Time)
		t.Waiting = &Waiting{Message: b.Message, Since: e.Time, Until: b.Until}
		t.Questions++
	case Resumed:
		t.move(StateInProgress, e.Time)
		t.Waiting = nil
	case Answered:
		t.move(StateAnswered, e.Time)
		t.LastAnswer = &Answer{
			Seat: Seat{t.Unit, t.Official}, Outcome: b.Outcome, Message: b.Message, Thin: b.Thin, Time: e.Time, WorkingSeconds: b.WorkingSeconds,
		}
		t.Reminders, t.Reminded = b.Reminders, 0
		t.Callback = nil
		if b.Callback != "" {
			t.Callback = &Callback{Reason: b.Callback, State: CallbackDue, Since: e.Time}
		}
	case Verified:
		t.LastVerification = &Verification{b.Contacted, b.Solved, b.Satisfied, b.Message, b.Callback, e.Time}
		t.endCallback(b.Callback)
	case Reopened:
		t.applyReopened(e.Time, b)
	case Closed:
		t.move(StateClosed, e.Time)
		t.CloseReason, t.CloseTime, t.Waiting, t.MergedInto = b.Reason, e.Time, nil, b.Into
		t.Holdings[len(t.Holdings)-1].To = e.Time
		t.endAside(e.Time)
	case RungReached:
		if b.Rung >= t.Rung {
			t.Rung, t.Accountable = b.Rung, b.Seat
		}
	default:
		return t.applyMark(e) || t.applyAttachment(e.Body) || t.applyAside(e)
	}
	return true
}

// applyMark applies what leaves state and holder as they are; it reports whether the body is of such a type.
func (t *Ticket) applyMark(e Event) bool {
	switch b := e.Body.(type) {
	case VerifyReminded:
		t.Reminded = b.Reminder
	case RejectionProposed:
		t.Rejection = &Rejection{Route: b.Route, Message: b.Message, By: e.Actor, Time: e.Time}
	case RejectionDropped:
		t.Rejection = nil
	case Claimed:
		t.Filer = b.Filer
	case ContentErased:
		t.Erased = true
	case IssueLinked:
		t.Issue = b.Issue
	case IssueUnlinked:
		t.Issue = ""
	case MessageWritten, ClockWarned, ClockBreached, DeadlinesRecomputed, ClocksBegan, ContactRevealed: // all they do is in the clocks, if anywhere
	default:
		return false
	}
	return true
}

func (t *Ticket) applyFiled(at time.Time, b Filed) {
	t.State = StateFiled
	t.Number, t.ConfigVersion, t.Cycle, t.RouteVersion, t.CreateTime = b.Number, b.ConfigVersion, 1, t.Version, at
	t.Filer, t.FiledBy, t.Enterprise, t.Project, t.MembershipConfirmed = b.Filer, b.FiledBy, b.Enterprise, b.Project, b.MembershipConfirmed
	t.Category, t.AppealType, t.Urgency, t.Channel, t.County = b.Category, b.AppealType, b.Urgency, b.Channel, b.County
	t.ContentMAC, t.Restricted, t.Confidential, t.Conflict = b.ContentMAC, b.Restricted, b.Confidential, b.Conflict
	t.Source, t.InvestmentAtRisk, t.JobsAtRisk = b.Source, b.InvestmentAtRisk, b.JobsAtRisk
	t.Unit = b.DeskUnit
	t.Holdings = []Holding{{Seat: Seat{Unit: b.DeskUnit}, From: at}}
}

func (t *Ticket) applyDispatched(e Event, b Dispatched) {
	t.State = StateDispatched
	t.Unit, t.Official = b.Unit, b.Official
	t.DispatchTime, t.SignTime = e.Time, time.Time{}
	t.RouteVersion, t.Proposal = t.Version, max(t.Proposal, b.Proposal)
	t.Routing = &Routing{Reason: b.Reason, By: ByRouting, Time: e.Time}
	switch {
	case b.Named:
		t.Routing.By = ByReferee
	case b.Proposal == 0:
		t.Routing.By = ByDispatcher
	}
	t.hold(Seat{b.Unit, b.Official}, e.Time)
	t.Holdings[len(t.Holdings)-1].Named = b.Named
}

// hold begins a stretch with another holder.
func (t *Ticket) hold(s Seat, at time.Time) {
	t.Holdings[len(t.Holdings)-1].To = at
	t.Holdings = append(t.Holdings, Holding{Seat: s, From: at})
}

func (t *Ticket) applyReopened(at time.Time, b Reopened) {
	if t.State == StateClosed {
		named := t.Holdings[len(t.Holdings)-1].Named
		t.Holdings = append(t.Holdings, Holding{Seat: Seat{t.Unit, t.Official}, From: at, Named: named})
	}
	t.move(StateInProgress, at)
	t.endCallback(false)
	t.Cycle, t.Questions, t.ContactTime = b.Cycle, 0, time.Time{}
	t.CloseReason, t.CloseTime = NotClosed, time.Time{}
	if b.Cause == CauseFiler {
		t.Reopens++
	}
}

// move changes the state and keeps the stretches in which the holder had nothing to do.
func (t *Ticket) move(to State, at time.Time) {
	if n := len(t.Away); n > 0 && t.Away[n-1].To.IsZero() {
		t.Away[n-1].To = at
	}
	if to == StateWaiting || to == StateAnswered || to == StateClosed {
		t.Away = append(t.Away, Absence{State: to, From: at})
	}
	t.State = to
}
