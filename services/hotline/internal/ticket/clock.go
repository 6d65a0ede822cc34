package ticket

import (
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// Clock is one obligation: who owes what by when, under which policy and calendar. ID, Kind, Cycle, Start and FirstDue never
// change once it runs.
type Clock struct {
	ID    int        `json:"id"` // within the ticket, from 1
	Kind  Kind       `json:"k"`
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

// compute sets what follows from start, limit, calendar and pauses: due, warning, provisional.
func (c *Clock) compute(cal *worktime.Calendar, pauses []worktime.Pause) {
	d := cal.AddPaused(c.Start, c.Limit, pauses)
	c.Due, c.Provisional, c.Calendar = instant(d.Due), d.Provisional, cal.Version()
	if c.WarnPercent <= 0 {
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

// shift moves an instant within a clock's time by a pause.
func shift(cal *worktime.Calendar, l worktime.Limit, at time.Time, p worktime.Pause) time.Time {
	l.Roll = false
	return instant(cal.Resume(l, p.To, cal.Remaining(l, p.From, at)).Due)
}

// stopped is the clock after its fulfilment: met, unless it was breached before.
func (c Clock) stopped(at time.Time) Clock {
	if c.State == Running {
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
	d := cal.Resume(c.Limit, at, c.Remaining)
	if !c.Warned && !c.Warn.IsZero() {
		c.Warn = shift(cal, c.Limit, c.Warn, worktime.Pause{From: c.Paused, To: at})
	}
	c.Due = latest(c.Due, instant(d.Due))
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
