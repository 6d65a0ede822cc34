package casefile

import (
	"slices"
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

type (
	// Kind is what a clock is about.
	Kind = agencyv1.Clock_Kind
	// ClockState is where a clock stands.
	ClockState = agencyv1.Clock_State
)

// The kinds and states of clocks, by short names.
const (
	KindAdmit       = agencyv1.Clock_ADMIT
	KindAssign      = agencyv1.Clock_ASSIGN
	KindRequest     = agencyv1.Clock_REQUEST
	KindAccept      = agencyv1.Clock_ACCEPT
	KindCorrect     = agencyv1.Clock_CORRECT
	KindStatutory   = agencyv1.Clock_STATUTORY
	KindPromised    = agencyv1.Clock_PROMISED
	KindProcedure   = agencyv1.Clock_PROCEDURE
	KindOpinion     = agencyv1.Clock_OPINION
	KindCommitment  = agencyv1.Clock_COMMITMENT
	KindDeliver     = agencyv1.Clock_DELIVER
	KindWithdrawal  = agencyv1.Clock_WITHDRAWAL
	KindExtension   = agencyv1.Clock_EXTENSION
	KindFulfil      = agencyv1.Clock_FULFIL
	KindCheck       = agencyv1.Clock_CHECK
	KindEntrustment = agencyv1.Clock_ENTRUSTMENT

	Running  = agencyv1.Clock_RUNNING
	Paused   = agencyv1.Clock_PAUSED
	Met      = agencyv1.Clock_MET
	Breached = agencyv1.Clock_BREACHED
	Ended    = agencyv1.Clock_ENDED
)

// Clock is one obligation. ID, Kind, Item, Attempt, Number, Unit, Start and FirstDue never change once it runs.
type Clock struct {
	ID      int        `json:"id"` // within the case, from 1
	Kind    Kind       `json:"k"`
	State   ClockState `json:"s"`
	Item    string     `json:"i,omitempty"`
	Attempt int        `json:"a,omitempty"`
	Number  int        `json:"n,omitempty"` // of the agreement, request, commitment or review
	Unit    string     `json:"u,omitempty"` // that owes; empty for the enterprise

	Start    time.Time `json:"b"`
	FirstDue time.Time `json:"fd"`
	Due      time.Time `json:"d"`          // pauses so far added; while paused, as it was at the pause
	Warn     time.Time `json:"w,omitzero"` // zero for never
	Warned   bool      `json:"wd,omitempty"`
	Stop     time.Time `json:"e,omitzero"` // zero while owed

	Paused    time.Time     `json:"p,omitzero"` // since when
	Remaining time.Duration `json:"r,omitempty"`

	Limit         worktime.Limit `json:"l"`
	WarnPercent   int            `json:"wp,omitempty"`
	ConfigVersion int64          `json:"cfg"`
	Calendar      string         `json:"cal"` // version text
	Provisional   bool           `json:"pv,omitempty"`

	Reminders []time.Time      `json:"rem,omitempty"`
	Reminded  int              `json:"rmd,omitempty"`
	Pauses    []worktime.Pause `json:"ps,omitempty"` // that ended
	More      []More           `json:"x,omitempty"`  // time that was added
}

// More is time added to a limit, counted from the due time before it.
type More struct {
	Limit worktime.Limit `json:"l"`
	At    time.Time      `json:"t"`
}

// Owed reports whether the clock still waits for its fulfilment: running, paused, or breached and not made good yet.
func (c Clock) Owed() bool { return c.Stop.IsZero() }

// live reports whether the clock is not decided yet.
func (c Clock) live() bool { return c.Owed() && (c.State == Running || c.State == Paused) }

// Overdue reports whether the clock is owed and its time is over at an instant.
func (c Clock) Overdue(now time.Time) bool {
	return c.Owed() && (c.State == Breached || c.State == Running && now.After(c.Due))
}

// compute sets what follows from start, limit, calendar, pauses and additions: due, warning, provisional.
func (c *Clock) compute(cal *worktime.Calendar) {
	d := c.walk(cal, cal.Add(c.Start, c.Limit))
	c.Due, c.Provisional, c.Calendar = instant(d.Due), d.Provisional, cal.Version()
	if c.WarnPercent <= 0 || c.Warned {
		return
	}
	first := cal.Add(c.Start, c.Limit).Due
	warn := instant(cal.Share(c.Start, first, c.WarnPercent))
	for _, p := range c.Pauses {
		if p.From.Before(warn) {
			warn = instant(cal.Resume(unrolled(c.Limit), p.To, cal.Remaining(c.Limit, p.From, warn)).Due)
		}
	}
	if n := len(c.More); n > 0 { // the last addition is warned of anew
		warn = latest(warn, instant(cal.Share(c.More[n-1].At, c.Due, c.WarnPercent)))
	}
	c.Warn = earliest(warn, c.Due)
}

// walk goes along the clock's time: at the end of each pause and at each addition, in their order, what that made of the due time.
func (c *Clock) walk(cal *worktime.Calendar, d worktime.Deadline) worktime.Deadline {
	i, j := 0, 0
	for i < len(c.Pauses) || j < len(c.More) {
		if j == len(c.More) || i < len(c.Pauses) && !c.More[j].At.Before(c.Pauses[i].To) {
			p := c.Pauses[i]
			i++
			if p.From.After(d.Due) {
				continue // the time was over
			}
			next := goesOn(cal, c.Limit, p.To, cal.Remaining(c.Limit, p.From, d.Due), d.Due)
			d = worktime.Deadline{Due: next.Due, Provisional: d.Provisional || next.Provisional}
			continue
		}
		next := cal.Add(d.Due, c.More[j].Limit)
		d = worktime.Deadline{Due: next.Due, Provisional: d.Provisional || next.Provisional}
		j++
	}
	return d
}

// goesOn returns when a clock is due that had something left when it paused and goes on from an instant: never earlier than before.
func goesOn(cal *worktime.Calendar, l worktime.Limit, at time.Time, left time.Duration, due time.Time) worktime.Deadline {
	if !at.After(due) && cal.Remaining(l, at, due) == left {
		return worktime.Deadline{Due: due}
	}
	d := cal.Resume(l, at, left)
	d.Due = latest(due, d.Due)
	return d
}

func unrolled(l worktime.Limit) worktime.Limit {
	l.Roll = false
	return l
}

// stopped is the clock after its fulfilment, also while it stands still: met, unless it was breached before.
func (c Clock) stopped(at time.Time) Clock {
	if c.State == Running || c.State == Paused {
		c.State = Met
	}
	c.Stop = at
	return c
}

// dropped is a clock that fell away: a breach stays, everything else is neither met nor breached.
func (c Clock) dropped(at time.Time) Clock {
	if c.State != Breached {
		c.State = Ended
	}
	c.Stop = at
	return c
}

// paused is a running clock that comes to stand still.
func (c Clock) paused(cal *worktime.Calendar, at time.Time) Clock {
	c.State, c.Paused, c.Remaining = Paused, at, cal.Remaining(c.Limit, at, c.Due)
	return c
}

// resumed is a paused clock that goes on: what was left is added again from there.
func (c Clock) resumed(cal *worktime.Calendar, at time.Time) Clock {
	c.Pauses = append(slices.Clip(c.Pauses), worktime.Pause{From: c.Paused, To: at})
	c.State, c.Paused, c.Remaining = Running, time.Time{}, 0
	provisional := c.Provisional
	c.compute(cal)
	c.Provisional = c.Provisional || provisional
	return c
}

// extended is a clock, running or paused, with more time.
func (c Clock) extended(cal *worktime.Calendar, at time.Time, more worktime.Limit) Clock {
	c.More = append(slices.Clip(c.More), More{Limit: more, At: at})
	c.Warned = false
	provisional := c.Provisional
	c.compute(cal)
	c.Provisional = c.Provisional || provisional
	if c.State == Paused {
		c.Remaining = max(cal.Remaining(c.Limit, c.Paused, c.Due), 0)
	}
	return c
}

// stood is how many workdays a clock stood still until an instant.
func (c Clock) stood(cal *worktime.Calendar, now time.Time) int {
	n := 0
	for _, p := range c.Pauses {
		n += cal.BetweenWorkdays(p.From, p.To)
	}
	if c.State == Paused && c.Owed() {
		n += cal.BetweenWorkdays(c.Paused, latest(now, c.Paused))
	}
	return n
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
