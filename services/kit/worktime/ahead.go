package worktime

import "time"

// Ahead is how the rest of a limit passes from an instant on, said so that somebody without a calendar can follow it.
type Ahead struct {
	AsOf        time.Time     // a whole second
	Natural     bool          // time passes by itself
	Total       time.Duration // from start to due, pauses left out
	Left        time.Duration // at AsOf; negative when over
	Spans       []int32       // begin and end of each stretch of working time, in seconds from AsOf; none for natural time, and while paused
	NextOpening time.Time     // when working time passes again; zero while it does, for natural time, and while paused
}

// aheadDays is how far Ahead looks: longer than anybody looks at a page, and few enough stretches for a list of many clocks.
const aheadDays = 14

// Ahead looks ahead from an instant at a clock that runs, or that is over and still owed: then at what will be over.
func (c *Calendar) Ahead(l Limit, start, due, now time.Time, pauses []Pause) Ahead {
	a := c.ahead(l, start, due, now, pauses)
	a.Left = c.Remaining(l, a.AsOf, due)
	if a.Natural {
		return a
	}
	end := a.AsOf.AddDate(0, 0, aheadDays)
	if a.AsOf.Before(due) {
		end = earlier(end, due)
	}
	a.Spans = c.openings(a.AsOf, end)
	if next := c.NextOpening(a.AsOf); next.After(a.AsOf) {
		a.NextOpening = next
	}
	return a
}

// AheadPaused looks at a clock that stands still with so much left.
func (c *Calendar) AheadPaused(l Limit, start, due, now time.Time, pauses []Pause, left time.Duration) Ahead {
	a := c.ahead(l, start, due, now, pauses)
	a.Left = left
	return a
}

func (c *Calendar) ahead(l Limit, start, due, now time.Time, pauses []Pause) Ahead {
	a := Ahead{AsOf: now.Truncate(time.Second), Natural: !l.Unit.Working(), Total: c.Remaining(l, start, due)}
	for _, p := range pauses {
		if p.From.Before(due) {
			a.Total -= c.Remaining(l, p.From, earlier(p.To, due))
		}
	}
	return a
}

// openings returns begin and end of each stretch of working time between two instants, in seconds from the first.
func (c *Calendar) openings(from, to time.Time) []int32 {
	var spans []int32
	for p := c.at(from); p.instant().Before(to); p = c.midnightAfter(p) {
		h := c.year(p.year).hoursOf(p.day)
		if h == nil {
			continue
		}
		midnight := position{year: p.year, day: p.day}.instant()
		for _, s := range h.spans {
			begin, end := later(midnight.Add(s.start), from), earlier(midnight.Add(s.end), to)
			if begin.Before(end) {
				spans = append(spans, int32(begin.Sub(from)/time.Second), int32(end.Sub(from)/time.Second))
			}
		}
	}
	return spans
}
