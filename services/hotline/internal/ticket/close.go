package ticket

import "time"

// close ends the ticket: what is owed past its due time stays breached, the rest has neither been met nor breached. At silence
// the verification itself is what was not done in time.
func (d *decision) close(at time.Time, by Actor, body Closed) {
	clocks := d.t.changed(Clock.Owed, func(c Clock) Clock {
		if body.Reason == ClosedUnverified && c.Kind == KindVerify {
			c.State = Breached
		}
		return c.ended(latest(at, d.t.UpdateTime))
	})
	d.emitAt(at, by, body, clocks...)
}

// Withdraw takes an open ticket back.
func (t *Ticket) Withdraw(c Context, reason string) ([]Event, error) {
	d, err := t.enter(VerbWithdraw, c)
	if err != nil {
		return nil, err
	}
	if err := needText("reason", reason); err != nil {
		return nil, err
	}
	d.dropRejection()
	d.overtake()
	d.close(d.now, d.actor, Closed{Reason: ClosedWithdrawn, Message: reason})
	return d.finish()
}

// Reject does not accept a ticket and names the lawful route. Before it is dispatched one dispatcher decides. After that the
// first proposes, and another who names the same route confirms; another route is a proposal of its own.
func (t *Ticket) Reject(c Context, route, reason string) ([]Event, error) {
	d, err := t.enter(VerbReject, c)
	if err != nil {
		return nil, err
	}
	if err := needText("reason", reason); err != nil {
		return nil, err
	}
	if err := d.mayReject(); err != nil {
		return nil, err
	}
	proposed := d.t.Rejection
	confirms := proposed != nil && proposed.Route == route
	if !confirms {
		d.emit(RejectionProposed{route, reason})
	}
	if confirms || d.t.State == StateFiled {
		d.overtake()
		d.close(d.now, d.actor, Closed{Reason: ClosedRejected, Message: reason})
	}
	return d.finish()
}

func (d *decision) mayReject() error {
	if p := d.t.Rejection; p != nil && p.By == d.actor.Person {
		return ErrSecondPerson
	}
	return d.noDialogue()
}
