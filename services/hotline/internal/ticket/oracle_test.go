package ticket

import (
	"slices"
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
		if c.Due.Before(old.Due) && !l.recomputed[c.ID] && len(c.Turns) == len(old.Turns) {
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
	if due := dueOf(l.notice.CalendarNamed(c.Calendar), c, l.history); !due.Equal(c.Due) {
		t.Fatalf("clock %d %s is due %s, counted anew %s: %+v", c.ID, c.Kind, local(c.Due), local(due), c)
	}
	if c.Provisional && l.recomputed[c.ID] && (c.State == Running || c.State == Paused) {
		t.Fatalf("clock %d is still provisional", c.ID)
	}
}

// startOf returns the place in the history of the event that a clock came with.
func startOf(c Clock, history []Event) int {
	return slices.IndexFunc(history, func(e Event) bool {
		return slices.ContainsFunc(e.Clocks, func(x Clock) bool { return x.ID == c.ID })
	})
}

// effect is what an event does to a clock, whatever the clock's own data say.
type effect int8

const (
	noEffect effect = iota
	fulfils
	ends
	supersedes
)

// effectOn tells what an event does to a clock that came with another event.
func effectOn(c Clock, history []Event, e Event) effect {
	began := history[startOf(c, history)].Body
	if _, closed := e.Body.(Closed); closed {
		return ends
	}
	if b, ok := e.Body.(ReturnDecided); ok && c.Kind != KindReturn && b.Decision == Granted && c.Order > 0 && orderOf(b.Return, history) == c.Order {
		return supersedes
	}
	if c.Order > 0 && c.Kind != KindReturn {
		return effectOnOrder(c, e)
	}
	switch b := e.Body.(type) {
	case Dispatched:
		return map[Kind]effect{KindDispatch: fulfils, KindSign: supersedes}[c.Kind]
	case Recalled, HandedOver:
		return map[Kind]effect{KindSign: supersedes}[c.Kind]
	case Signed:
		return map[Kind]effect{KindSign: fulfils}[c.Kind]
	case Contacted, Asked:
		return map[Kind]effect{KindContact: fulfils}[c.Kind]
	case Answered:
		return map[Kind]effect{KindContact: fulfils, KindAnswer: fulfils}[c.Kind]
	case Verified:
		return map[Kind]effect{KindVerify: fulfils}[c.Kind]
	case Reopened:
		return map[Kind]effect{KindVerify: ends}[c.Kind]
	case DialogueHeld, DialogueDeclined:
		return map[Kind]effect{KindDialogue: fulfils}[c.Kind]
	case ReturnDecided:
		asked, _ := began.(ReturnRequested)
		return decided(c.Kind == KindReturn && asked.Return == b.Return, b.Decision)
	case ExtensionDecided:
		asked, _ := began.(ExtensionRequested)
		return decided(c.Kind == KindExtension && asked.Extension == b.Extension, b.Decision)
	}
	return noEffect
}

func decided(this bool, decision string) effect {
	switch {
	case !this:
		return noEffect
	case decision == Overtaken:
		return ends
	default:
		return fulfils
	}
}

func effectOnOrder(c Clock, e Event) effect {
	switch b := e.Body.(type) {
	case OrderSigned:
		if c.Order == b.Order && c.Kind == KindOrderSign {
			return fulfils
		}
	case OrderFinished:
		if c.Order == b.Order && c.Kind == KindHandle {
			return fulfils
		}
	case OrderWaived:
		switch {
		case c.Order != b.Order:
		case b.Message == "":
			return supersedes
		default:
			return ends
		}
	}
	return noEffect
}

// judge returns what a clock must be, from its due time and the times of the events.
func judge(c Clock, history []Event, now time.Time) ClockState {
	start := startOf(c, history)
	cycle, state, waitFrom := 1, Running, time.Time{}
	paused := func() bool {
		return (c.Kind == KindAnswer || c.Kind == KindHandle) && !waitFrom.IsZero() && !c.Due.Before(latest(waitFrom, c.Start))
	}
	for i, e := range history {
		switch b := e.Body.(type) {
		case Reopened:
			cycle = b.Cycle
		case Asked:
			waitFrom = e.Time
		case Resumed:
			waitFrom = time.Time{}
		case Verified:
			if c.Kind == KindContact && cycle == c.Cycle && state == Met && !b.Contacted {
				state = Disputed
			}
		}
		did := effectOn(c, history, e)
		closed, isClose := e.Body.(Closed)
		switch {
		case state != Running || did == noEffect || i == start:
		case i < start:
			if c.Kind == KindContact && cycle == c.Cycle && did == fulfils { // done before it began to be owed
				state = Met
			}
		case e.Time.After(c.Due) && !paused(), isClose && closed.Reason == ClosedUnverified && (c.Kind == KindVerify || !e.Time.Before(c.Due)):
			state = Breached // silence closes when its instant is over
		default:
			state = map[effect]ClockState{fulfils: Met, ends: Ended, supersedes: Superseded}[did]
		}
		if isClose {
			waitFrom = time.Time{}
		}
	}
	switch {
	case state == Running && paused():
		return Paused
	case state == Running && now.After(c.Due):
		return Breached
	}
	return state
}

// orderOf returns the number of the order that a return was asked for.
func orderOf(number int, history []Event) int {
	for _, e := range history {
		if b, ok := e.Body.(ReturnRequested); ok && b.Return == number {
			return b.Order
		}
	}
	return 0
}

// dueOf counts a clock's due time anew: its limit, each wait by what was left when it began, more time, and what a merge left.
func dueOf(cal *worktime.Calendar, c Clock, history []Event) time.Time {
	due := cal.Add(c.Start, c.Limit).Due
	from, waiting, start := time.Time{}, false, startOf(c, history)
	turns := slices.Clone(c.Turns)
	for i, e := range history {
		if i > start && !c.Stop.IsZero() && !e.Time.Before(c.Stop) && effectOn(c, history, e) != noEffect {
			break
		}
		switch b := e.Body.(type) {
		case Asked:
			waiting, from = true, e.Time
		case Resumed:
			if p := latest(from, c.Start); waiting && (c.Kind == KindAnswer || c.Kind == KindHandle) && i > start && !p.After(due) && e.Time.After(c.Start) {
				if left := cal.Remaining(c.Limit, p, due); e.Time.After(due) || left != cal.Remaining(c.Limit, e.Time, due) { // it lost something
					due = latest(due, instant(cal.Resume(c.Limit, e.Time, left).Due))
				}
			}
			waiting = false
		case Closed:
			waiting = false
		case ExtensionDecided:
			if c.Kind == KindAnswer && i > start && b.Decision == Granted {
				due = instant(cal.Add(due, worktime.Limit{Amount: extensionDays(b.Extension, history), Unit: worktime.Workdays}).Due)
				turns = turns[1:]
			}
		case Absorbed: // how much it leaves is TestMergeLeavesNotMore's
			if i > start && len(turns) > 0 && turns[0].At.Equal(e.Time) && !turns[0].NotAfter.IsZero() {
				due = earliest(due, turns[0].NotAfter)
				turns = turns[1:]
			}
		}
	}
	return due
}

// pausedFor returns the working time of the waits in which a clock stood still, up to an instant.
func pausedFor(cal *worktime.Calendar, c Clock, history []Event, to time.Time) (sum time.Duration) {
	var from time.Time
	add := func(until time.Time) {
		if p := latest(from, c.Start); !from.IsZero() && p.Before(until) && c.pausedSince(p) && p.Before(to) {
			sum += cal.Between(p, earliest(until, to))
		}
		from = time.Time{}
	}
	for _, e := range history {
		switch e.Body.(type) {
		case Asked:
			from = e.Time
		case Resumed, Closed:
			add(e.Time)
		}
	}
	add(to)
	return sum
}

func extensionDays(number int, history []Event) int {
	for _, e := range history {
		if b, ok := e.Body.(ExtensionRequested); ok && b.Extension == number {
			return b.Workdays
		}
	}
	return 0
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
		at, sum := c.Clock.Start, time.Duration(0)
		cal := l.notice.CalendarNamed(c.Clock.Calendar)
		for _, i := range c.Intervals {
			if i.Counted && i.Working != cal.Between(i.From, i.To) {
				t.Fatalf("clock %d: %+v has %s", c.Clock.ID, i, cal.Between(i.From, i.To))
			}
			if i.Reason != ReasonPaused && c.Clock.Limit.Unit.Working() {
				sum += cal.Between(i.From, i.To)
			}
			if !i.From.Equal(at) || !i.From.Before(i.To) || i.Text().Zh == "" || i.Text().En == "" || !i.Counted && i.Working != 0 {
				t.Fatalf("clock %d: after %s comes %+v", c.Clock.ID, local(at), i)
			}
			at = i.To
		}
		if work := cal.Between(c.Clock.Start, at) - pausedFor(cal, c.Clock, l.history, at); c.Clock.Limit.Unit.Working() && sum != work {
			t.Fatalf("clock %d %s: its intervals count %s of %s", c.Clock.ID, c.Clock.Kind, sum, work)
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

// pausedSince reports whether a wait from an instant on stops a clock: it stands still and was neither done with nor overdue by then.
func (c Clock) pausedSince(from time.Time) bool {
	return (c.Kind == KindAnswer || c.Kind == KindHandle) && (c.Stop.IsZero() || from.Before(c.Stop)) && !from.After(c.Due)
}
