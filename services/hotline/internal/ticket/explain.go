package ticket

import (
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// Explanation is how each deadline of a ticket came about, and who had the ticket how long.
type Explanation struct {
	AsOf    time.Time
	Clocks  []ClockExplanation
	Holders []HolderShare
	Working time.Duration // working time in officials' hands; the holders' shares add up to it
}

// ClockExplanation is one clock, step by step.
type ClockExplanation struct {
	Clock     Clock
	Source    string     // where the policy comes from
	Intervals []Interval // from start to due without a gap; of a paused clock, to now or the close
}

// Interval is a stretch of time and what it counted for.
type Interval struct {
	From, To time.Time
	Counted  bool
	Reason   string        // one of the constants below
	Working  time.Duration // of what counted
}

// The reasons of an interval.
const (
	ReasonWork     = "work"
	ReasonStartDay = "start-day"
	ReasonLunch    = "lunch"
	ReasonNight    = "night"
	ReasonWeekend  = "weekend"
	ReasonHoliday  = "holiday"
	ReasonMakeUp   = "make-up"
	ReasonPaused   = "paused"
	ReasonRolled   = "rolled"
	ReasonNatural  = "natural"
)

var reasonOf = map[worktime.Reason]string{
	worktime.Working: ReasonWork, worktime.MakeUp: ReasonMakeUp, worktime.Natural: ReasonNatural, worktime.Break: ReasonLunch,
	worktime.OutsideHours: ReasonNight, worktime.Weekend: ReasonWeekend, worktime.Holiday: ReasonHoliday, worktime.StartDay: ReasonStartDay,
}

// HolderShare is a holder's part of the ticket's time. Waiting for the filer's reply or word, and being closed, is nobody's.
type HolderShare struct {
	Holding
	Working time.Duration
}

// Explain tells how things stand and how they came about as of the context's instant.
func (t *Ticket) Explain(c Context) (Explanation, error) {
	d := t.decide(c)
	if d.err != nil {
		return Explanation{}, d.err
	}
	out := Explanation{AsOf: d.now}
	for _, clock := range d.t.Clocks {
		source := ""
		if p, ok := d.city.Revision(clock.ConfigVersion).Policy(clock.Policy); ok {
			source = p.Source
		}
		out.Clocks = append(out.Clocks, ClockExplanation{
			Clock: clock, Source: source, Intervals: d.t.intervals(d.city.CalendarNamed(clock.Calendar), clock, d.now),
		})
	}
	for _, h := range d.t.Holdings {
		share := HolderShare{Holding: h, Working: d.t.inHand(d.city.Calendar(), h.From, h.To, d.now)}
		out.Holders = append(out.Holders, share)
		out.Working += share.Working
	}
	return out, nil
}

// inHand returns the working time of a stretch without the absences in it; a stretch without an end lasts until now.
func (t *Ticket) inHand(cal *worktime.Calendar, from, to, now time.Time) time.Duration {
	if to.IsZero() {
		to = now
	}
	work := cal.Between(from, to)
	for _, a := range t.Away {
		begin, end := latest(a.From, from), to
		if !a.To.IsZero() {
			end = earliest(a.To, to)
		}
		if begin.Before(end) {
			work -= cal.Between(begin, end)
		}
	}
	return work
}

// Worked returns the working time of a clock from its start to its stop, or to now; pauses are left out.
func (t *Ticket) Worked(city *policy.City, c Clock, now time.Time) time.Duration {
	end := now
	switch {
	case !c.Paused.IsZero():
		end = c.Paused
	case !c.Stop.IsZero():
		end = c.Stop
	}
	cal := city.CalendarNamed(c.Calendar)
	work := cal.Between(c.Start, end)
	for _, p := range t.pausesOf(c) {
		work -= cal.Between(p.From, p.To)
	}
	return work
}

// Left returns the working time a clock has left, negative when it is over; nothing for one that has stopped.
func (c Clock) Left(city *policy.City, now time.Time) time.Duration {
	cal := city.CalendarNamed(c.Calendar)
	switch {
	case !c.Stop.IsZero():
		return 0
	case c.State == Paused:
		return cal.Between(c.Paused, c.Due)
	default:
		return cal.Between(now, c.Due)
	}
}

// Ahead returns how a clock that is owed goes on from now.
func (t *Ticket) Ahead(city *policy.City, c Clock, now time.Time) worktime.Ahead {
	cal, pauses := city.CalendarNamed(c.Calendar), t.pausesOf(c)
	if c.State == Paused {
		return cal.AheadPaused(c.Limit, c.Start, c.Due, now, pauses, c.Remaining)
	}
	return cal.Ahead(c.Limit, c.Start, c.Due, now, pauses)
}

// intervals tells the way of a clock from its start to its due time: what its limit counts until the first pause, the pause, what
// was left from the resume on, and so forth. More time goes on behind what was ahead; less cuts that off.
func (t *Ticket) intervals(cal *worktime.Calendar, c Clock, now time.Time) []Interval {
	way := &way{cal: cal}
	due := cal.Add(c.Start, c.Limit).Due
	ahead := way.explained(cal.Explain(c.Start, c.Limit))
	for _, s := range c.steps(t.pausesOf(c)) {
		if !s.happens(due) {
			continue
		}
		next := s.after(cal, c.Limit, due).Due
		switch {
		case s.turn != nil && next.Before(due):
			ahead = until(ahead, next)
		case s.turn != nil:
			ahead = append(ahead, way.explained(cal.ExplainWorking(due, next))...)
		default:
			left := cal.Remaining(c.Limit, s.pause.From, due)
			way.walk(ahead, s.pause.From)
			way.pause(s.pause.From, s.pause.To)
			ahead = way.explained(aheadOf(cal, c.Limit, s.pause.To, left, next))
		}
		due = next
	}
	if !c.Paused.IsZero() {
		end := c.Stop
		if c.Owed() {
			end = now
		}
		way.walk(ahead, c.Paused)
		way.pause(c.Paused, end)
		return way.intervals
	}
	way.walk(ahead, c.Due)
	if n := len(way.intervals); n > 0 && way.intervals[n-1].To.Before(c.Due) { // a due time no calendar at hand comes to
		way.walk(way.explained(cal.ExplainWorking(way.intervals[n-1].To, c.Due)), c.Due)
	}
	return way.intervals
}

// aheadOf returns the way from a resume to the due time.
func aheadOf(cal *worktime.Calendar, l worktime.Limit, from time.Time, left time.Duration, due time.Time) []worktime.Span {
	if l.Unit.Working() {
		return cal.ExplainWorking(from, due)
	}
	end := from.Add(left)
	return append([]worktime.Span{{From: from, To: end, Why: worktime.Natural}}, cal.ExplainWorking(end, due)...)
}

// way gathers intervals.
type way struct {
	cal       *worktime.Calendar
	intervals []Interval
}

// explained makes intervals of spans that were counted together. What follows natural time among them is time the due instant rolled over.
func (w *way) explained(spans []worktime.Span) []Interval {
	natural := slices.ContainsFunc(spans, func(s worktime.Span) bool { return s.Why == worktime.Natural })
	out := make([]Interval, 0, len(spans))
	for _, s := range spans {
		i := Interval{From: instant(s.From), To: instant(s.To), Counted: s.Why.Counted(), Reason: reasonOf[s.Why]}
		if natural && s.Why != worktime.Natural {
			i.Counted, i.Reason = false, ReasonRolled
		}
		out = append(out, i)
	}
	return out
}

// until cuts off what lies behind an instant.
func until(ahead []Interval, to time.Time) []Interval {
	for i := range ahead {
		ahead[i].To = earliest(ahead[i].To, to)
	}
	return ahead
}

// walk goes along what lies ahead up to an instant.
func (w *way) walk(ahead []Interval, to time.Time) {
	for _, i := range ahead {
		i.To = earliest(i.To, to)
		if i.Counted {
			i.Working = w.cal.Between(i.From, i.To)
		}
		w.add(i)
	}
}

func (w *way) pause(from, to time.Time) { w.add(Interval{From: from, To: to, Reason: ReasonPaused}) }

// add joins what follows for the same reason and leaves out what is empty.
func (w *way) add(i Interval) {
	if !i.From.Before(i.To) {
		return
	}
	if n := len(w.intervals); n > 0 && w.intervals[n-1].Reason == i.Reason {
		w.intervals[n-1].To = i.To
		w.intervals[n-1].Working += i.Working
		return
	}
	w.intervals = append(w.intervals, i)
}
