package ticket

import (
	"time"

	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// checkClock judges a clock anew from what happened, without the code that keeps it.
func (l *life) checkClock(t *rapid.T, c Clock) {
	if old, ok := l.seen[c.ID]; ok {
		if !c.Start.Equal(old.Start) || !c.FirstDue.Equal(old.FirstDue) || c.Kind != old.Kind || c.Cycle != old.Cycle {
			t.Fatalf("clock %d changed what never changes: %+v, was %+v", c.ID, c, old)
		}
		if c.Due.Before(old.Due) && !l.recomputed[c.ID] {
			t.Fatalf("clock %d is due earlier: %s, was %s", c.ID, c.Due, old.Due)
		}
		if decided := old.State != Running && old.State != Paused; decided && c.State != old.State && c.State != Disputed {
			t.Fatalf("clock %d went from %s to %s", c.ID, old.State, c.State)
		}
		if old.Counts() && c.Owner != old.Owner {
			t.Fatalf("clock %d was charged to %v, now to %v", c.ID, old.Owner, c.Owner)
		}
	}
	l.seen[c.ID] = c
	if want := judge(c, l.history, l.now); c.State != want {
		t.Fatalf("clock %d %s, due %s, is %s; what happened says %s", c.ID, c.Kind, local(c.Due), c.State, want)
	}
	if !l.recomputed[c.ID] && c.Paused.IsZero() {
		cal := l.notice.CalendarNamed(c.Calendar)
		if due := cal.AddPaused(c.Start, c.Limit, pauses(c, l.history)).Due; !due.Equal(c.Due) {
			t.Fatalf("clock %d %s is due %s, counted anew %s", c.ID, c.Kind, local(c.Due), local(due))
		}
	}
	if c.Provisional && l.recomputed[c.ID] && (c.State == Running || c.State == Paused) {
		t.Fatalf("clock %d is still provisional", c.ID)
	}
}

// judge returns what a clock must be, from its due time and the times of the events.
func judge(c Clock, history []Event, now time.Time) ClockState {
	fulfils := map[Kind]func(Body) bool{
		KindDispatch: func(b Body) bool { _, ok := b.(Dispatched); return ok },
		KindSign:     func(b Body) bool { _, ok := b.(Signed); return ok },
		KindContact: func(b Body) bool {
			switch b.(type) {
			case Contacted, Asked, Answered:
				return true
			}
			return false
		},
		KindAnswer: func(b Body) bool { _, ok := b.(Answered); return ok },
		KindVerify: func(b Body) bool { _, ok := b.(Verified); return ok },
	}[c.Kind]
	cycle, waiting := 1, false
	state := Running
	for _, e := range history {
		switch b := e.Body.(type) {
		case Reopened:
			cycle = b.Cycle
		case Asked:
			waiting = true
		case Resumed:
			waiting = false
		case Verified:
			if c.Kind == KindContact && cycle == c.Cycle && state == Met && !b.Contacted {
				state = Disputed
			}
		}
		closed, isClose := e.Body.(Closed)
		over := e.Time.After(c.Due) && !(waiting && c.Kind == KindAnswer)
		switch {
		case cycle != c.Cycle || state != Running:
		case e.Time.Before(c.Start):
			if c.Kind == KindContact && fulfils(e.Body) { // done before it began to be owed
				state = Met
			}
		case over && (fulfils(e.Body) || isClose):
			state = Breached
		case isClose && c.Kind == KindVerify && closed.Reason == ClosedUnverified:
			state = Breached
		case fulfils(e.Body):
			state = Met
		case isClose:
			state = Ended
		}
		if isClose {
			waiting = false
		}
	}
	switch {
	case state == Running && c.Kind == KindAnswer && waiting && c.Cycle == cycle:
		return Paused
	case state == Running && now.After(c.Due):
		return Breached
	}
	return state
}

// pauses returns the waits that have ended while an answer clock ran.
func pauses(c Clock, history []Event) []worktime.Pause {
	if c.Kind != KindAnswer {
		return nil
	}
	var out []worktime.Pause
	cycle := 1
	var from time.Time
	for _, e := range history {
		switch b := e.Body.(type) {
		case Reopened:
			cycle = b.Cycle
		case Asked:
			from = e.Time
		case Resumed:
			if cycle == c.Cycle {
				out = append(out, worktime.Pause{From: from, To: e.Time})
			}
		}
	}
	return out
}

// waited returns the working time of all waiting together.
func waited(city *policy.City, history []Event, now time.Time) time.Duration {
	var sum time.Duration
	var from time.Time
	for _, e := range history {
		_, asked := e.Body.(Asked)
		_, resumed := e.Body.(Resumed)
		_, closed := e.Body.(Closed)
		switch {
		case asked:
			from = e.Time
		case (resumed || closed) && !from.IsZero():
			sum += city.Calendar().Between(from, e.Time)
			from = time.Time{}
		}
	}
	if !from.IsZero() {
		sum += city.Calendar().Between(from, now)
	}
	return sum
}

// checkExplanation: intervals tile, and the holders' shares add up.
func (l *life) checkExplanation(t *rapid.T) {
	x, err := l.swept.Explain(l.context(Clockwork))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range x.Clocks {
		end := c.Clock.Due
		if paused := !c.Clock.Paused.IsZero(); paused && c.Clock.Owed() {
			end = l.now
		} else if paused {
			end = c.Clock.Stop
		}
		at := c.Clock.Start
		for _, i := range c.Intervals {
			if !i.From.Equal(at) || !i.From.Before(i.To) || i.Text().Zh == "" || i.Text().En == "" || !i.Counted && i.Working != 0 {
				t.Fatalf("clock %d: after %s comes %+v", c.Clock.ID, local(at), i)
			}
			at = i.To
		}
		if !at.Equal(end) {
			t.Fatalf("clock %d %s %s: explained up to %s, due %s", c.Clock.ID, c.Clock.Kind, c.Clock.State, local(at), local(end))
		}
	}
	var sum time.Duration
	for _, h := range x.Holders {
		if h.Working < 0 {
			t.Fatalf("holder %v had it for %s", h.Seat, h.Working)
		}
		sum += h.Working
	}
	if whole := inHand(l.noticedCity(), l.history, l.now); sum != whole || x.Working != whole {
		t.Fatalf("the shares add up to %s of %s", sum, whole)
	}
}

func (l *life) noticedCity() *policy.City { return l.context(Clockwork).City }

// inHand returns the working time in which an official had to act.
func inHand(city *policy.City, history []Event, now time.Time) time.Duration {
	var sum time.Duration
	acting := true
	from := history[0].Time
	for _, e := range history[1:] {
		if acting {
			sum += city.Calendar().Between(from, e.Time)
		}
		from = e.Time
		switch e.Body.(type) {
		case Asked, Answered, Closed:
			acting = false
		case Resumed, Reopened:
			acting = true
		}
	}
	if acting {
		sum += city.Calendar().Between(from, now)
	}
	return sum
}
