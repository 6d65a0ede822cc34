package worktime

import "time"

// Reason says what a stretch of time is to a limit.
type Reason string

// The reasons of a span. Those before Break count for limits in working units.
const (
	Working      Reason = "working"       // a workday, or a slot of one
	MakeUp       Reason = "make_up_day"   // a Saturday or Sunday on duty, or a slot of one
	Natural      Reason = "natural"       // counted by the clock on the wall
	Break        Reason = "break"         // between two slots of a day
	OutsideHours Reason = "outside_hours" // before the first slot of a workday or after its last
	Weekend      Reason = "weekend"
	Holiday      Reason = "holiday"
	StartDay     Reason = "start_day" // workday limits do not count it
)

// Counted reports whether the reason is one for which time counts.
func (r Reason) Counted() bool { return r == Working || r == MakeUp || r == Natural }

// Span is a stretch of time with one reason.
type Span struct {
	From, To  time.Time
	Why       Reason
	Workdays  int  // how many workdays it counts, for limits in workdays
	Projected bool // rests on a projected year
}

// Explain returns the spans between the start of a limit and its due time, in order and without gaps. Neighbours of one kind
// are one span: five workdays in a row are.
func (c *Calendar) Explain(start time.Time, l Limit) []Span {
	due := c.Add(start, l).Due
	switch l.Unit {
	case WorkingMinutes:
		return c.ExplainWorking(start, due)
	case Workdays:
		return c.explainWorkdays(start, due, l.Amount)
	default: // natural, and what a roll adds
		counted := Span{From: start.In(Zone), To: start.In(Zone).Add(l.natural()), Why: Natural}
		return append([]Span{counted}, c.ExplainWorking(counted.To, due)...)
	}
}

// ExplainWorking returns what every instant from a to b is to working time. What a resumed clock counts is explained by it,
// whatever its limit's unit, unless that is natural.
func (c *Calendar) ExplainWorking(a, b time.Time) []Span {
	var t tiling
	for p := c.at(a); p.instant().Before(b); p = c.midnightAfter(p) {
		y := c.year(p.year)
		midnight := position{year: p.year, day: p.day}.instant()
		add := func(from, to time.Duration, why Reason) {
			t.add(Span{From: later(midnight.Add(from), a), To: earlier(midnight.Add(to), b), Why: why, Projected: y.projected})
		}
		why := reasonOf(y.days[p.day].kind)
		h := y.hoursOf(p.day)
		if h == nil {
			add(0, dayLength, why)
			continue
		}
		add(0, h.opening(), OutsideHours)
		for i, s := range h.spans {
			if i > 0 {
				add(h.spans[i-1].end, s.start, Break)
			}
			add(s.start, s.end, why)
		}
		add(h.closing(), dayLength, OutsideHours)
	}
	return t.spans
}

// explainWorkdays tiles by whole days; n is the limit's amount, whose zero counts the day it ends on as the same day.
func (c *Calendar) explainWorkdays(start, due time.Time, n int) []Span {
	var t tiling
	for p, first := c.at(start), true; p.instant().Before(due); p, first = c.midnightAfter(p), false {
		y := c.year(p.year)
		next := c.midnightAfter(p).instant()
		s := Span{From: p.instant(), To: earlier(next, due), Why: reasonOf(y.days[p.day].kind), Projected: y.projected}
		switch {
		case first && n > 0:
			s.Why = StartDay
		case first && s.Why.Counted() && due.After(next):
			s.Why = OutsideHours // the same day had closed
		case s.Why.Counted():
			s.Workdays = 1
		}
		t.add(s)
	}
	return t.spans
}

// tiling gathers spans, dropping empty ones and joining neighbours of one kind.
type tiling struct {
	spans []Span
}

func (t *tiling) add(s Span) {
	if !s.From.Before(s.To) {
		return
	}
	if n := len(t.spans); n > 0 {
		last := &t.spans[n-1]
		if last.Why == s.Why && last.Projected == s.Projected && last.To.Equal(s.From) {
			last.To = s.To
			last.Workdays += s.Workdays
			return
		}
	}
	t.spans = append(t.spans, s)
}

func reasonOf(k dayKind) Reason {
	switch k {
	case workday:
		return Working
	case makeUpDay:
		return MakeUp
	case weekend:
		return Weekend
	default:
		return Holiday
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b.In(Zone)
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b.In(Zone)
	}
	return a
}
