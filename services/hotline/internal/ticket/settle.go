package ticket

import (
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
)

// rank orders what happens at one instant; see the package comment.
type rank int8

const (
	rankWarn rank = iota
	rankRung
	rankRemind
	rankLapse // from here on a deadline: it passes when its instant is over
	rankBreach
	rankSilence
)

// mark is something that happens by itself at its time.
type mark struct {
	at    time.Time
	rank  rank
	clock int // number of the clock, 0 for none
}

func (m mark) before(o mark) bool {
	switch {
	case !m.at.Equal(o.at):
		return m.at.Before(o.at)
	case m.rank != o.rank:
		return m.rank < o.rank
	default:
		return m.clock < o.clock
	}
}

// ripe reports whether the time of the mark has come.
func (m mark) ripe(now time.Time) bool {
	if m.rank < rankLapse {
		return !m.at.After(now)
	}
	return m.at.Before(now)
}

// marks calls f with everything that stands to happen by itself, in no order.
func (t *Ticket) marks(f func(mark)) {
	if t.State == StateWaiting {
		f(mark{t.Waiting.Until, rankLapse, 0})
	}
	if t.State == StateAnswered && t.Reminded < len(t.Reminders) {
		f(mark{t.Reminders[t.Reminded], rankRemind, 0})
	}
	for i := range t.Clocks {
		c := &t.Clocks[i]
		switch {
		case !c.Owed():
		case c.State == Running && c.Kind == KindVerify:
			f(mark{c.Due, rankSilence, c.ID})
		case c.State == Running:
			f(mark{c.Due, rankBreach, c.ID})
		case c.State == Breached && c.StepsReached < len(c.Steps):
			f(mark{c.Steps[c.StepsReached].At, rankRung, c.ID})
		}
		if c.State == Running && !c.Warned && !c.Warn.IsZero() {
			f(mark{c.Warn, rankWarn, c.ID})
		}
	}
}

// NextDeadline returns the earliest instant at which something happens by itself, zero when nothing will.
func (t *Ticket) NextDeadline() time.Time {
	var next time.Time
	t.marks(func(m mark) {
		if next.IsZero() || m.at.Before(next) {
			next = m.at
		}
	})
	return next
}

// Settle returns everything whose time has come by now, in the order of its times. It is the sweeper's only act and the
// beginning of every other. Applied, it leaves nothing to settle at the same instant.
func (t *Ticket) Settle(c Context) ([]Event, error) { return t.decide(c).finish() }

func (d *decision) settle() {
	for d.err == nil {
		var next mark
		found := false
		d.t.marks(func(m mark) {
			if m.ripe(d.now) && (!found || m.before(next)) {
				next, found = m, true
			}
		})
		if !found {
			return
		}
		d.happen(next)
	}
}

func (d *decision) happen(m mark) {
	switch m.rank {
	case rankWarn:
		c := d.t.Clocks[m.clock-1]
		c.Warned = true
		d.emitAt(m.at, Clockwork, ClockWarned{c.ID}, c)
	case rankRung:
		d.climb(m)
	case rankRemind:
		d.emitAt(m.at, Clockwork, VerifyReminded{d.t.Reminded + 1})
	case rankLapse:
		d.emitAt(m.at, Clockwork, Resumed{Cause: CauseBound}, d.resumed(m.at)...)
	case rankBreach:
		d.breach(m)
	case rankSilence:
		d.close(m.at, Clockwork, Closed{Reason: ClosedUnverified})
	}
}

// breach charges a clock to its owner and freezes the ladder it climbs from here. At the sign deadline the clocks that count
// from signing begin first.
func (d *decision) breach(m mark) {
	if d.t.Clocks[m.clock-1].Kind == KindSign {
		if began := d.countFromSign(m.at); len(began) > 0 {
			d.emitAt(m.at, Clockwork, ClocksBegan{}, began...)
		}
	}
	if c := d.t.Clocks[m.clock-1]; c.Kind == KindOrderSign {
		if began := d.handleFromSign(c.Order, m.at); len(began) > 0 {
			d.emitAt(m.at, Clockwork, ClocksBegan{}, began...)
		}
	}
	if d.t.Clocks[m.clock-1].Kind == KindAnswer {
		d.overtakeExtension(m.at, Clockwork)
	}
	c := d.t.Clocks[m.clock-1]
	c.State = Breached
	if c.Ladder {
		city := d.inForce(m.at)
		for _, s := range city.Ladder() {
			at := c.Due
			if !s.AtBreach() {
				at = instant(city.Calendar().Add(c.Due, s.After).Due)
			}
			c.Steps = append(c.Steps, Step{Rung: s.Rung, At: at, Accountable: s.Accountable})
		}
	}
	d.emitAt(m.at, Clockwork, ClockBreached{c.ID}, c)
}

// climb reaches a step of the ladder. Neither who owes it nor who holds it is made accountable for their own delay, nor is anybody who is
// kept out.
func (d *decision) climb(m mark) {
	c := d.t.Clocks[m.clock-1]
	step := c.Steps[c.StepsReached]
	c.StepsReached++
	seat := d.accountable(m.at, step.Accountable, c.Owner.Unit, c.Owner.Official)
	d.emitAt(m.at, Clockwork, RungReached{Clock: c.ID, Rung: step.Rung, Seat: seat}, c)
}

// accountable returns who answers at an instant for what a unit owes: nobody in except, not who holds the ticket, and nobody who is kept out
// of it. When that leaves nobody, or a unit as such that is kept out itself, the mayor's office answers.
func (d *decision) accountable(at time.Time, kind policy.Accountable, unit string, except ...string) Seat {
	city := d.inForce(at)
	except = append(append(except, d.t.Official), d.keptOut(city)...)
	seat := Seat(city.Accountable(kind, unit, except...))
	if seat == (Seat{}) || d.t.Conflict.keepsOut(city, seat) {
		return Seat(city.Accountable(policy.MayorOffice, d.deskUnit(), except...))
	}
	return seat
}

// countFromSign returns the clocks that count from signing, started at an instant, unless they run already. They are those of
// the policy the ticket was filed under. A contact made before it was owed fulfils it.
func (d *decision) countFromSign(at time.Time) []Clock {
	s := d.starting(d.city.Revision(d.t.ConfigVersion))
	for _, k := range ticketKinds {
		if s.fromSign(k) && d.t.Clock(k) == nil {
			s.start(k, d.t.Cycle, Seat{d.t.Unit, d.t.Official}, at)
		}
	}
	for i, c := range s.clocks {
		if c.Kind == KindContact && !d.t.ContactTime.IsZero() {
			s.clocks[i] = c.stopped(at)
		}
	}
	return s.clocks
}

// resumed returns the paused clocks as they go on from an instant.
func (d *decision) resumed(at time.Time) []Clock {
	return d.t.changed(
		func(c Clock) bool { return c.State == Paused },
		func(c Clock) Clock { return c.resumed(d.inForce(at).Calendar(), at) })
}
