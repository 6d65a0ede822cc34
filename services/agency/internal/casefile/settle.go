package casefile

import (
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
)

// rank orders what happens at one instant; see the package comment.
type rank int8

const (
	rankWarn rank = iota
	rankRemind
	rankBound // from here on a deadline: it passes when its instant is over
	rankDue
)

// mark is something that happens by itself at its time.
type mark struct {
	at    time.Time
	rank  rank
	clock int // number of the clock
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
	if m.rank < rankBound {
		return !m.at.After(now)
	}
	return m.at.Before(now)
}

// marks calls f with everything that stands to happen by itself, in no order.
func (c *Case) marks(f func(mark)) {
	for n := range c.Clocks {
		k := &c.Clocks[n]
		if !k.Owed() || k.State != Running {
			continue
		}
		if !k.Warned && !k.Warn.IsZero() {
			f(mark{k.Warn, rankWarn, k.ID})
		}
		if k.Reminded < len(k.Reminders) {
			f(mark{k.Reminders[k.Reminded], rankRemind, k.ID})
		}
		if k.Kind == KindProcedure {
			f(mark{k.Due, rankBound, k.ID})
		} else {
			f(mark{k.Due, rankDue, k.ID})
		}
	}
}

// NextDeadline returns the earliest instant at which something happens by itself, zero when nothing will.
func (c *Case) NextDeadline() time.Time {
	var next time.Time
	c.marks(func(m mark) {
		if next.IsZero() || m.at.Before(next) {
			next = m.at
		}
	})
	return next
}

// Settle returns everything whose time has come by now, in the order of its times. It is the sweeper's only act and the beginning of every other.
// Applied, it leaves nothing to settle at the same instant.
func (c *Case) Settle(ctx Context) ([]Event, error) { return c.look(ctx).finish() }

func (d *decision) settle() {
	now := d.now
	for d.err == nil {
		var next mark
		found := false
		d.c.marks(func(m mark) {
			if m.ripe(now) && (!found || m.before(next)) {
				next, found = m, true
			}
		})
		if !found {
			break
		}
		d.now = latest(next.at, d.c.UpdateTime) // what follows from it follows then
		d.happen(next)
	}
	d.now = latest(now, d.c.UpdateTime)
}

func (d *decision) happen(m mark) {
	k := d.c.Clocks[m.clock-1]
	switch m.rank {
	case rankWarn:
		k.Warned = true
		d.follow(&agencyv1.ClockWarned{Clock: int32(k.ID)}, k)
	case rankRemind:
		k.Reminded++
		d.follow(&agencyv1.ClockReminded{Clock: int32(k.ID), Reminder: int32(k.Reminded)}, k)
	case rankBound:
		d.endProcedure(d.c.Item(k.Item), Clockwork, "bound", "")
	case rankDue:
		d.pass(k)
	}
}

// pass lets a deadline pass: the breach is charged to who owed it, and where silence is an answer, it is given.
func (d *decision) pass(k Clock) {
	breached := k
	breached.State = Breached
	switch k.Kind {
	case KindAccept:
		breached.Stop = d.now // nothing is owed any more: acceptance is deemed
		d.follow(&agencyv1.ClockBreached{Clock: int32(k.ID)}, breached)
		d.deem(d.c.Item(k.Item))
	case KindCorrect:
		breached.Stop = d.now
		d.follow(&agencyv1.ClockBreached{Clock: int32(k.ID)}, breached)
		d.lapse(d.c.Item(k.Item))
	case KindWithdrawal:
		breached.Stop = d.now
		d.follow(&agencyv1.ClockBreached{Clock: int32(k.ID)}, breached)
		d.withdrawn(d.c.Item(k.Item), Clockwork, "silence")
	case KindOpinion:
		breached.Stop = d.now
		d.follow(&agencyv1.ClockBreached{Clock: int32(k.ID)}, breached)
		d.follow(&agencyv1.OpinionGiven{Number: int32(k.Number), Unit: k.Unit, Opinion: OpinionSilent})
	case KindCommitment, KindFulfil:
		breached.Stop = d.now
		d.follow(&agencyv1.ClockBreached{Clock: int32(k.ID)}, breached)
		d.broken(k.Number)
	case KindCheck: // a promise that nobody checks is not the enterprise's to wait for
		breached.Stop = d.now
		d.follow(&agencyv1.ClockBreached{Clock: int32(k.ID)}, breached)
		d.follow(&agencyv1.CommitmentKept{Number: int32(k.Number), Cause: "unchecked"}, d.kept(k.Number)...)
		d.complete()
	case KindEntrustment:
		d.terminate(Clockwork, "expired", "", d.c.changed(func(x Clock) bool { return x.ID == k.ID }, func(x Clock) Clock { return x.stopped(d.now) }))
	default:
		d.follow(&agencyv1.ClockBreached{Clock: int32(k.ID)}, breached)
	}
}

// Recompute counts the provisional clocks that are not decided yet anew under the newest calendar. One event says so if anything changed; a clock that
// is final never moves.
func (c *Case) Recompute(ctx Context) ([]Event, error) {
	d := c.decide(ctx)
	cal := d.city.Calendar()
	var moved []Clock
	for _, old := range d.c.Clocks {
		if !old.Provisional || !old.live() {
			continue
		}
		k := old
		k.compute(cal)
		if k.State == Paused {
			k.Remaining = max(cal.Remaining(k.Limit, k.Paused, k.Due), 0)
		}
		k.remind(cal, d.city.Rules())
		if !k.Due.Equal(old.Due) || k.Provisional != old.Provisional || !k.Warn.Equal(old.Warn) {
			moved = append(moved, k)
		}
	}
	if len(moved) > 0 {
		d.follow(&agencyv1.DeadlinesRecomputed{ConfigVersion: d.city.Version()}, moved...)
	}
	return d.finish()
}
