package ticket

import (
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// Clock is one obligation: who owes what by when, under which policy and calendar. ID, Kind, Order, Cycle, Start and FirstDue never
// change once it runs.
type Clock struct {
	ID    int        `json:"id"` // within the ticket, from 1
	Kind  Kind       `json:"k"`
	Order int        `json:"or,omitempty"` // number of the work order it belongs to; 0 for the ticket's own
	Cycle int        `json:"cy"`
	State ClockState `json:"s"`
	Owner Seat       `json:"o"` // for VERIFY the filer, without a unit

	Start    time.Time `json:"b"`
	FirstDue time.Time `json:"fd"`
	Due      time.Time `json:"d"`          // pauses so far added; while paused, as it was at the pause
	Warn     time.Time `json:"w,omitzero"` // zero for never
	Warned   bool      `json:"wd,omitempty"`
	Stop     time.Time `json:"e,omitzero"` // zero while owed

	Paused    time.Time     `json:"p,omitzero"` // since when; stays when the ticket closes during the pause
	Remaining time.Duration `json:"r,omitempty"`

	Limit         worktime.Limit `json:"l"`
	WarnPercent   int            `json:"wp,omitempty"`
	Ladder        bool           `json:"ld,omitempty"`
	Policy        string         `json:"pol"`
	ConfigVersion int64          `json:"cfg"`
	Calendar      string         `json:"cal"` // version text
	Provisional   bool           `json:"pv,omitempty"`

	Steps        []Step `json:"st,omitempty"` // of the ladder, frozen at the breach
	StepsReached int    `json:"sr,omitempty"`

	Turns []Turn `json:"tn,omitempty"` // what changed Due beside pauses, in order
}

// Turn is something that changed a due time beside a pause: more time, counted from the due time before it, or the due time of a ticket
// that was merged into this one, which is never exceeded.
type Turn struct {
	At        time.Time      `json:"t"`
	Extension worktime.Limit `json:"x,omitzero"`
	NotAfter  time.Time      `json:"c,omitzero"`
}

// Step is a rung with the instant at which it is reached if the clock is still owed.
type Step struct {
	Rung        int                `json:"r"`
	At          time.Time          `json:"t"`
	Accountable policy.Accountable `json:"a"`
}

// Owed reports whether the clock still waits for its fulfilment: running, paused, or breached and not made good yet.
func (c Clock) Owed() bool { return c.Stop.IsZero() }

// Counts reports whether the clock counts as breached: passed its due time, or denied by the filer.
func (c Clock) Counts() bool { return c.State == Breached || c.State == Disputed }

// movable reports whether a new calendar may move the clock: it is provisional and not decided yet.
func (c Clock) movable() bool { return c.Provisional && (c.State == Running || c.State == Paused) }

// compute sets what follows from start, limit, calendar, pauses and turns: due, warning, provisional.
func (c *Clock) compute(cal *worktime.Calendar, pauses []worktime.Pause) {
	d := c.deadline(cal, pauses)
	c.Due, c.Provisional, c.Calendar = instant(d.Due), d.Provisional, cal.Version()
	switch {
	case c.WarnPercent <= 0:
		return
	case len(c.Turns) > 0: // the warning was set at the turn
		c.Warn = earliest(c.Warn, c.Due)
		return
	}
	warn := instant(cal.Share(c.Start, cal.Add(c.Start, c.Limit).Due, c.WarnPercent))
	for _, p := range pauses {
		if p.From.Before(warn) {
			warn = shift(cal, c.Limit, warn, p)
		}
	}
	c.Warn = earliest(warn, c.Due)
}

// deadline goes along a clock's time: what its limit counts, and at each pause and turn, in their order, what that made of it.
func (c *Clock) deadline(cal *worktime.Calendar, pauses []worktime.Pause) worktime.Deadline {
	d := cal.Add(c.Start, c.Limit)
	for _, s := range c.steps(pauses) {
		if !s.happens(d.Due) {
			continue
		}
		next := s.after(cal, c.Limit, d.Due)
		d = worktime.Deadline{Due: next.Due, Provisional: d.Provisional || next.Provisional}
	}
	return d
}

// stride is a pause or a turn on a clock's way.
type stride struct {
	pause worktime.Pause
	turn  *Turn
}

// steps are the pauses and turns of a clock in the order of their times.
func (c *Clock) steps(pauses []worktime.Pause) []stride {
	all := make([]stride, 0, len(pauses)+len(c.Turns))
	for i := range c.Turns { // at the instant at which a pause ends, a turn came before its end: see decision.turn
		all = append(all, stride{turn: &c.Turns[i]})
	}
	for _, p := range pauses {
		all = append(all, stride{pause: p})
	}
	slices.SortStableFunc(all, func(a, b stride) int { return a.at().Compare(b.at()) })
	return all
}

// at is when the stride came to count: a pause at its end, so that what was decided during it is part of what is left.
func (s stride) at() time.Time {
	if s.turn != nil {
		return s.turn.At
	}
	return s.pause.To
}

// happens: a pause that began after the due time then in force changes nothing.
func (s stride) happens(due time.Time) bool { return s.turn != nil || !s.pause.From.After(due) }

// after returns the due time that the stride makes of the one before it. A pause never makes it an earlier one.
func (s stride) after(cal *worktime.Calendar, l worktime.Limit, due time.Time) worktime.Deadline {
	switch {
	case s.turn == nil:
		return goesOn(cal, l, s.pause.To, cal.Remaining(l, s.pause.From, due), due)
	case s.turn.NotAfter.IsZero():
		return cal.Add(due, s.turn.Extension)
	default:
		return worktime.Deadline{Due: earliest(due, s.turn.NotAfter)}
	}
}

// goesOn returns when a clock is due that had something left when it paused and goes on from an instant: never earlier than before, and as
// before if it lost nothing, although a merge may have put that outside working time.
func goesOn(cal *worktime.Calendar, l worktime.Limit, at time.Time, left time.Duration, due time.Time) worktime.Deadline {
	if !at.After(due) && cal.Remaining(l, at, due) == left {
		return worktime.Deadline{Due: due}
	}
	d := cal.Resume(l, at, left)
	d.Due = latest(due, d.Due)
	return d
}

// turn dates a turn: now, but after a wait that has just ended, so that the order of the two can be told from their times.
func (d *decision) turn(t Turn) Turn {
	if n := len(d.t.Away); n > 0 && d.t.Away[n-1].State == StateWaiting && d.t.Away[n-1].To.Equal(d.now) {
		d.now = d.now.Add(time.Microsecond)
	}
	t.At = d.now
	return t
}

// turned is a clock, running or paused, after a turn. More time is warned of anew; what was merged in is warned of as before.
func (c Clock) turned(cal *worktime.Calendar, t Turn) Clock {
	before := c.Due
	d := stride{turn: &t}.after(cal, c.Limit, c.Due)
	c.Turns = append(slices.Clip(c.Turns), t)
	c.Due, c.Provisional, c.Calendar = instant(d.Due), c.Provisional || d.Provisional, cal.Version()
	if c.WarnPercent > 0 && c.Due.After(before) {
		c.Warn, c.Warned = instant(cal.Share(before, c.Due, c.WarnPercent)), false
	}
	c.Warn = earliest(c.Warn, c.Due)
	if c.State == Paused {
		c.Remaining = max(cal.Remaining(c.Limit, c.Paused, c.Due), 0)
	}
	return c
}

// shift moves an instant within a clock's time by a pause.
func shift(cal *worktime.Calendar, l worktime.Limit, at time.Time, p worktime.Pause) time.Time {
	l.Roll = false
	return instant(cal.Resume(l, p.To, cal.Remaining(l, p.From, at)).Due)
}

// stopped is the clock after its fulfilment, also while it stands still: met, unless it was breached before.
func (c Clock) stopped(at time.Time) Clock {
	if c.State == Running || c.State == Paused {
		c.State = Met
	}
	c.Stop = at
	return c
}

// ended is the clock after the ticket closed: a breach stays, everything else is neither met nor breached.
func (c Clock) ended(at time.Time) Clock { return c.dropped(at, Ended) }

// superseded is a holder's clock after the holder changed.
func (c Clock) superseded(at time.Time) Clock { return c.dropped(at, Superseded) }

func (c Clock) dropped(at time.Time, s ClockState) Clock {
	if c.State != Breached {
		c.State = s
	}
	c.Stop = at
	return c
}

// paused is the clock from a question on.
func (c Clock) paused(cal *worktime.Calendar, at time.Time) Clock {
	c.State, c.Paused, c.Remaining = Paused, at, cal.Remaining(c.Limit, at, c.Due)
	return c
}

// resumed is the clock from the end of a wait on: what was left is added again from there.
func (c Clock) resumed(cal *worktime.Calendar, at time.Time) Clock {
	d := worktime.Deadline{Due: c.Due}
	if !c.Due.Before(c.Paused) { // unless a new calendar made it overdue when it was paused
		d = goesOn(cal, c.Limit, at, c.Remaining, c.Due)
	}
	if !c.Warned && !c.Warn.IsZero() {
		c.Warn = shift(cal, c.Limit, c.Warn, worktime.Pause{From: c.Paused, To: at})
	}
	c.Due = instant(d.Due)
	c.Warn = earliest(c.Warn, c.Due)
	c.Provisional = c.Provisional || d.Provisional
	c.Calendar = cal.Version()
	c.State, c.Paused, c.Remaining = Running, time.Time{}, 0
	return c
}

// instant is how every time is kept: UTC, whole microseconds.
func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earliest(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
