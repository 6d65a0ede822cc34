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

// Ahead returns how a clock that is owed goes on from now.
func (c Clock) Ahead(cal *worktime.Calendar, now time.Time) worktime.Ahead {
	if c.State == Paused {
		return cal.AheadPaused(c.Limit, c.Start, c.Due, now, c.Pauses, c.Remaining)
	}
	return cal.Ahead(c.Limit, c.Start, c.Due, now, c.Pauses)
}

// reckoning is what a clock's time comes to: when it is due, and when who owes is warned.
type reckoning struct {
	worktime.Deadline
	warn time.Time // zero for never
}

// begin reckons a clock from its start.
func (c *Clock) begin(cal *worktime.Calendar) reckoning {
	r := reckoning{Deadline: cal.Add(c.Start, c.Limit)}
	if c.WarnPercent > 0 {
		r.warn = cal.Share(c.Start, r.Due, c.WarnPercent)
	}
	return r
}

// after is the reckoning after a stop, at whose beginning so much was left: that is added again from its end on.
func (r reckoning) after(cal *worktime.Calendar, l worktime.Limit, p worktime.Pause, left time.Duration) reckoning {
	if p.From.After(r.Due) {
		return r // the time was over
	}
	if !r.warn.IsZero() && p.From.Before(r.warn) {
		r.warn = cal.Resume(unrolled(l), p.To, cal.Remaining(l, p.From, r.warn)).Due
	}
	d := goesOn(cal, l, p.To, left, r.Due)
	r.Due, r.Provisional = d.Due, r.Provisional || d.Provisional
	return r
}

// with is the reckoning with more time, of whose end who owes is warned anew.
func (r reckoning) with(cal *worktime.Calendar, m More, percent int) reckoning {
	d := cal.Add(r.Due, m.Limit)
	r.Due, r.Provisional = d.Due, r.Provisional || d.Provisional
	if percent > 0 {
		r.warn = cal.Share(m.At, r.Due, percent)
	}
	return r
}

// compute reckons the whole of a clock's time by one calendar: at the end of each stop and at each addition, in their order, what that made of it.
func (c *Clock) compute(cal *worktime.Calendar) {
	r := c.begin(cal)
	for _, s := range c.strides() {
		if s.more != nil {
			r = r.with(cal, *s.more, c.WarnPercent)
		} else {
			r = r.after(cal, c.Limit, s.pause, cal.Remaining(c.Limit, s.pause.From, r.Due))
		}
	}
	c.set(cal, r)
}

// set takes a reckoning over. A warning that was given stays.
func (c *Clock) set(cal *worktime.Calendar, r reckoning) {
	c.Due, c.Provisional, c.Calendar = instant(r.Due), r.Provisional, cal.Version()
	if !c.Warned && !r.warn.IsZero() {
		c.Warn = earliest(instant(r.warn), c.Due)
	}
}

// reckoned is what the clock's time has come to so far.
func (c *Clock) reckoned() reckoning {
	return reckoning{worktime.Deadline{Due: c.Due, Provisional: c.Provisional}, c.Warn}
}

// stride is a stop or an addition on a clock's way.
type stride struct {
	pause worktime.Pause
	more  *More
}

// strides are the stops that ended and the additions in the order in which they came to count: a stop at its end, so that what was added meanwhile is part
// of what is left. At one instant a stop ends before time is added.
func (c *Clock) strides() []stride {
	all := make([]stride, 0, len(c.Pauses)+len(c.More))
	for i, p := range c.Pauses {
		for j := len(all) - i; j < len(c.More) && c.More[j].At.Before(p.To); j++ {
			all = append(all, stride{more: &c.More[j]})
		}
		all = append(all, stride{pause: p})
	}
	for j := len(all) - len(c.Pauses); j < len(c.More); j++ {
		all = append(all, stride{more: &c.More[j]})
	}
	return all
}

// goesOn returns when a clock is due that had something left when it paused and goes on from an instant: never earlier than before, whatever a newer calendar says.
func goesOn(cal *worktime.Calendar, l worktime.Limit, at time.Time, left time.Duration, due time.Time) worktime.Deadline {
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

// resumed is a paused clock that goes on: what was left is added again from there. What has been counted by then is not counted anew, whatever a newer
// calendar says of it.
func (c Clock) resumed(cal *worktime.Calendar, at time.Time) Clock {
	p := worktime.Pause{From: c.Paused, To: at}
	c.set(cal, c.reckoned().after(cal, c.Limit, p, c.Remaining))
	c.Pauses = append(slices.Clip(c.Pauses), p)
	c.State, c.Paused, c.Remaining = Running, time.Time{}, 0
	return c
}

// extended is a running clock with more time.
func (c Clock) extended(cal *worktime.Calendar, at time.Time, more worktime.Limit) Clock {
	m := More{Limit: more, At: at}
	c.Warned = false
	c.set(cal, c.reckoned().with(cal, m, c.WarnPercent))
	c.More = append(slices.Clip(c.More), m)
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
