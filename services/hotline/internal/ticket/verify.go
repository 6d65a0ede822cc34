package ticket

import (
	"slices"
	"time"
)

// Verify is the filer's word. Solved and not dissatisfied closes the ticket; anything else sends it back to its holder, one
// rung up, with clocks of a new cycle. Closing takes two: who ever held the ticket does not verify it.
func (t *Ticket) Verify(c Context, v Verified) ([]Event, error) {
	v.Callback = false
	return t.verify(VerbVerify, c, v)
}

// RecordCallback is the filer's word on the phone, recorded by a dispatcher who neither held the ticket nor supervises it.
func (t *Ticket) RecordCallback(c Context, v Verified) ([]Event, error) {
	v.Callback = true
	return t.verify(VerbCallback, c, v)
}

func (t *Ticket) verify(verb Verb, c Context, v Verified) ([]Event, error) {
	d, err := t.enter(verb, c)
	if err != nil {
		return nil, err
	}
	if err := d.mayVerify(verb); err != nil {
		return nil, err
	}
	clocks := d.t.fulfilled(d.now, KindVerify)
	if !v.Contacted {
		clocks = append(clocks, d.t.changed(
			func(c Clock) bool { return c.Kind == KindContact && c.Cycle == d.t.Cycle && c.State == Met },
			func(c Clock) Clock { c.State = Disputed; return c })...)
	}
	d.emit(v, clocks...)
	if v.Solved && v.Satisfied != Dissatisfied {
		d.close(d.now, d.actor, Closed{Reason: ClosedVerified})
		return d.finish()
	}
	d.reopen(CauseVerification, "")
	d.oneRungUp()
	return d.finish()
}

func (d *decision) mayVerify(verb Verb) error {
	person := d.actor.Person
	if verb == VerbCallback && d.t.Confidential { // nobody at the desk knows whom to call
		return ErrContactByMessage
	}
	if verb == VerbCallback && person == d.t.FiledBy { // who could make up a caller does not speak for them
		return ErrCallbackOwn
	}
	if d.t.HeldBy(person) || verb == VerbCallback && (person == d.t.Accountable.Official || d.t.directedBy(person)) {
		return ErrCallbackOwn
	}
	return nil
}

// Reopen opens a closed ticket again, within the window and a bounded number of times.
func (t *Ticket) Reopen(c Context, reason string) ([]Event, error) {
	d, err := t.enter(VerbReopen, c)
	if err != nil {
		return nil, err
	}
	if err := d.mayReopen(); err != nil {
		return nil, err
	}
	if err := needText("reason", reason); err != nil {
		return nil, err
	}
	d.reopen(CauseFiler, reason)
	return d.finish()
}

// mayReopen: what was withdrawn or rejected is filed anew; the window is that of the configuration at the close.
func (d *decision) mayReopen() error {
	switch city := d.inForce(d.now); {
	case d.t.CloseReason != ClosedVerified && d.t.CloseReason != ClosedUnverified:
		return stateForbids(VerbReopen, d.t.State)
	case d.t.Reopens >= city.Rules().MaxReopens:
		return ErrReopensExhausted
	case d.now.After(d.reopenUntil()):
		return ErrReopenWindowOver
	}
	return nil
}

func (d *decision) reopenUntil() time.Time {
	city := d.inForce(d.t.CloseTime)
	window := city.Rules().ReopenWindow
	if window.Amount == 0 {
		return d.t.CloseTime
	}
	return instant(city.Calendar().Add(d.t.CloseTime, window).Due)
}

// directedBy reports whether a person supervises or instructed the ticket.
func (t *Ticket) directedBy(person string) bool {
	return slices.ContainsFunc(t.Directives, func(d Directive) bool { return d.By == person })
}

// reopen begins another cycle with the same holder. Its clocks count from now; nothing is left to sign. From a holder who is kept out, or
// serves no longer, it goes on into the desk's queue.
func (d *decision) reopen(cause, message string) {
	s := d.starting(d.inForce(d.now))
	cycle, holder := d.t.Cycle+1, Seat{d.t.Unit, d.t.Official}
	for _, k := range ticketKinds {
		s.start(k, cycle, holder, d.now)
	}
	// What a conflict undid is not verified any more; nobody let that pass.
	clocks := d.t.changed(
		func(c Clock) bool { return c.Kind == KindVerify && c.Owed() },
		func(c Clock) Clock { return c.ended(d.now) })
	d.emit(Reopened{cause, message, cycle}, append(clocks, s.clocks...)...)
	switch _, ok := canHold(d.inForce(d.now), holder.Official); {
	case d.keepsOut(holder):
		d.recall(Recalled{Cause: CauseConflict})
	case !ok:
		d.recall(Recalled{Cause: CauseHandover})
	}
}

// oneRungUp makes the next leader up the ladder accountable; at its top nobody is above.
func (d *decision) oneRungUp() {
	city := d.inForce(d.now)
	ladder := city.Ladder()
	if d.t.Rung >= len(ladder) {
		return
	}
	step := ladder[d.t.Rung]
	d.emit(RungReached{Rung: step.Rung, Seat: d.accountable(d.now, step.Accountable, d.t.Unit)})
}
