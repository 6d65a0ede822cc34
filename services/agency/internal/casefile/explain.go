package casefile

import (
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// Explanation is how each deadline of a case, or of one item, came about.
type Explanation struct {
	AsOf   time.Time
	Clocks []ClockExplanation
}

// ClockExplanation is one clock, step by step.
type ClockExplanation struct {
	Clock Clock
	Steps []Step // from start to due without a gap; of a clock that stands still, to now, or to when it fell away
}

// Step is a stretch of a clock's time and what it was to it.
type Step struct {
	From, To time.Time
	Kind     string        // one of the kinds below
	Reason   string        // one of the reasons below; of a stop its cause
	By       string        // of a stop: who caused it, as the journal names them
	Working  time.Duration // working time in it that counts
}

// Counted reports whether time passed for the clock.
func (s Step) Counted() bool { return s.Kind == StepCounts || s.Kind == StepAdded }

// The kinds of steps.
const (
	StepCounts = "counts"
	StepAdded  = "added" // counts, and was given later
	StepOff    = "off"   // no time that the limit counts
	StepStands = "stands-still"
)

// The reasons of a step beside the causes of a stop.
const (
	ReasonWork     = "work"
	ReasonStartDay = "start-day"
	ReasonLunch    = "lunch"
	ReasonNight    = "night"
	ReasonWeekend  = "weekend"
	ReasonHoliday  = "holiday"
	ReasonMakeUp   = "make-up"
	ReasonNatural  = "natural"
	ReasonRolled   = "rolled"
)

var reasonOf = map[worktime.Reason]string{
	worktime.Working: ReasonWork, worktime.MakeUp: ReasonMakeUp, worktime.Natural: ReasonNatural, worktime.Break: ReasonLunch,
	worktime.OutsideHours: ReasonNight, worktime.Weekend: ReasonWeekend, worktime.Holiday: ReasonHoliday, worktime.StartDay: ReasonStartDay,
}

// Explain tells how every deadline came about as of the context's instant, or those of one item.
func (c *Case) Explain(ctx Context, item string) (Explanation, error) {
	d := c.look(ctx)
	if d.err != nil {
		return Explanation{}, d.err
	}
	if item != "" && d.c.Item(item) == nil {
		return Explanation{}, ErrItemNotFound
	}
	out := Explanation{AsOf: d.now}
	for _, k := range d.c.Clocks {
		if item == "" || k.Item == item {
			out.Clocks = append(out.Clocks, ClockExplanation{Clock: k, Steps: d.c.steps(d.city.CalendarNamed(k.Calendar), k, d.now)})
		}
	}
	return out, nil
}

// steps tells the way of a clock: what its limit counts until the first stop, the stop, what was left from its end on, and so forth. More time goes on behind
// what was ahead.
func (c *Case) steps(cal *worktime.Calendar, k Clock, now time.Time) []Step {
	w := &way{cal: cal}
	due := cal.Add(k.Start, k.Limit).Due
	ahead := w.explained(cal.Explain(k.Start, k.Limit), StepCounts)
	for _, s := range k.strides() {
		switch {
		case s.more != nil:
			ahead = append(ahead, w.explained(cal.Explain(due, s.more.Limit), StepAdded)...)
			due = cal.Add(due, s.more.Limit).Due
		case !s.pause.From.After(due):
			left := cal.Remaining(k.Limit, s.pause.From, due)
			due = goesOn(cal, k.Limit, s.pause.To, left, due).Due
			w.walk(ahead, s.pause.From)
			w.stand(s.pause.From, s.pause.To, c, k)
			ahead = w.explained(aheadOf(cal, k.Limit, s.pause.To, left, due), StepCounts)
		}
	}
	if !k.Paused.IsZero() {
		end := k.Stop
		if k.Owed() {
			end = now
		}
		w.walk(ahead, k.Paused)
		w.stand(k.Paused, end, c, k)
		return w.steps
	}
	w.walk(ahead, k.Due)
	if at := w.end(k.Start); at.Before(k.Due) { // a due time that no calendar at hand comes to
		w.walk(w.explained(cal.ExplainWorking(at, k.Due), StepCounts), k.Due)
	}
	return w.steps
}

// aheadOf returns the way from the end of a stop to the due time.
func aheadOf(cal *worktime.Calendar, l worktime.Limit, from time.Time, left time.Duration, due time.Time) []worktime.Span {
	if l.Unit.Working() {
		return cal.ExplainWorking(from, due)
	}
	end := from.Add(left)
	return append([]worktime.Span{{From: from, To: end, Why: worktime.Natural}}, cal.ExplainWorking(end, due)...)
}

// way gathers steps.
type way struct {
	cal   *worktime.Calendar
	steps []Step
}

// explained makes steps of spans that were counted together. What follows natural time among them is time the due instant rolled over.
func (w *way) explained(spans []worktime.Span, counted string) []Step {
	natural := slices.ContainsFunc(spans, func(s worktime.Span) bool { return s.Why == worktime.Natural })
	out := make([]Step, 0, len(spans))
	for _, s := range spans {
		step := Step{From: instant(s.From), To: instant(s.To), Kind: StepOff, Reason: reasonOf[s.Why]}
		switch {
		case natural && s.Why != worktime.Natural:
			step.Reason = ReasonRolled
		case s.Why.Counted():
			step.Kind = counted
		}
		out = append(out, step)
	}
	return out
}

// walk goes along what lies ahead up to an instant.
func (w *way) walk(ahead []Step, to time.Time) {
	for _, s := range ahead {
		s.From, s.To = latest(s.From, w.end(s.From)), earliest(s.To, to)
		if s.Counted() {
			s.Working = w.cal.Between(s.From, s.To)
		}
		w.add(s)
	}
}

// end is how far the way has come; an instant when it has not begun.
func (w *way) end(start time.Time) time.Time {
	if n := len(w.steps); n > 0 {
		return w.steps[n-1].To
	}
	return start
}

// stand is a stop, with its cause as far as the case knows it.
func (w *way) stand(from, to time.Time, c *Case, k Clock) {
	s, _ := c.stopOf(k, from)
	w.add(Step{From: from, To: to, Kind: StepStands, Reason: s.Cause, By: s.By})
}

// add joins what follows for the same reason and leaves out what is empty.
func (w *way) add(s Step) {
	if !s.From.Before(s.To) {
		return
	}
	if n := len(w.steps); n > 0 && w.steps[n-1].Kind == s.Kind && w.steps[n-1].Reason == s.Reason && w.steps[n-1].By == s.By {
		w.steps[n-1].To = s.To
		w.steps[n-1].Working += s.Working
		return
	}
	w.steps = append(w.steps, s)
}
