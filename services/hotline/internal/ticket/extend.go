package ticket

import (
	"time"

	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// Extend asks for more time to answer, before the answer is due. Requests are bounded in number, and each in length.
func (t *Ticket) Extend(c Context, workdays int, reason string) ([]Event, error) {
	d, err := t.enter(VerbExtend, c)
	if err != nil {
		return nil, err
	}
	if err := d.mayExtend(); err != nil {
		return nil, err
	}
	if most := d.inForce(d.now).Rules().MaxExtensionWorkdays; workdays < 1 || workdays > most {
		return nil, tooLong(most)
	}
	if err := needText("reason", reason); err != nil {
		return nil, err
	}
	owner := d.accountable(d.now, extensionsBy, d.t.Unit)
	s := d.starting(d.inForce(d.now))
	s.start(KindExtension, d.t.Cycle, owner, d.now)
	d.emit(ExtensionRequested{len(d.t.Extensions) + 1, workdays, reason}, s.clocks...)
	return d.finish()
}

// mayExtend: while the answer is owed in time, not while a request waits, and so many times.
func (d *decision) mayExtend() error {
	asked := 0
	for _, x := range d.t.Extensions {
		if x.Decision != Overtaken {
			asked++
		}
	}
	a := d.t.Clock(KindAnswer)
	switch {
	case d.t.pendingExtension() != nil:
		return ErrExtensionPending
	case asked >= d.inForce(d.now).Rules().MaxExtensions:
		return ErrExtensionsExhausted
	case a == nil || a.State != Running && a.State != Paused:
		return ErrExtensionTooLate
	}
	return nil
}

// DecideExtension grants or refuses more time: a supervisor or the mayor's office, before the answer is due. What was due first stays beside
// what is due now.
func (t *Ticket) DecideExtension(c Context, number int, granted bool, reason string) ([]Event, error) {
	d, err := t.enter(VerbDecideExtension, c)
	if err != nil {
		return nil, err
	}
	x := d.t.pendingExtension()
	if x == nil || x.Number != number {
		return nil, ErrExtensionNotPending
	}
	if err := d.mayReferee(Seat{Official: x.By}); err != nil {
		return nil, err
	}
	if err := needText("reason", reason); err != nil {
		return nil, err
	}
	clocks := d.t.fulfilled(d.now, KindExtension)
	body := ExtensionDecided{number, Refused, reason}
	if granted {
		body.Decision = Granted
		turn := d.turn(Turn{Extension: worktime.Limit{Amount: x.Workdays, Unit: worktime.Workdays}})
		cal := d.inForce(d.now).Calendar()
		clocks = append(clocks, d.t.changed(
			func(c Clock) bool { return c.Kind == KindAnswer && (c.State == Running || c.State == Paused) },
			func(c Clock) Clock { return c.turned(cal, turn) })...)
	}
	d.emit(body, clocks...)
	return d.finish()
}

// overtakeExtension ends the request for more time that waits: when the answer is due, or the holder gone, nothing is left to grant.
func (d *decision) overtakeExtension(at time.Time, by Actor) {
	x := d.t.pendingExtension()
	if x == nil {
		return
	}
	d.emitAt(at, by, ExtensionDecided{Extension: x.Number, Decision: Overtaken}, d.t.changed(
		func(c Clock) bool { return c.Kind == KindExtension && c.Owed() },
		func(c Clock) Clock { return c.ended(latest(at, d.t.UpdateTime)) })...)
}
