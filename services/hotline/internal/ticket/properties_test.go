package ticket

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	pt "github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// life plays one ticket twice with the same people: once with a sweeper that is punctual to the microsecond, once with none at
// all. Whatever happens, the two histories must come out the same.
type life struct {
	now         time.Time
	city        *policy.City // in force from the beginning
	notice      *policy.City // the version after it, with the official 2027
	noticed     bool
	swept, lazy *Ticket
	history     []Event // of the swept one
	lazyHistory []Event
	position    int64
	seen        map[int]Clock // as last looked at
	recomputed  map[int]bool
}

var (
	cities = func() [2]*policy.City {
		first, err := policy.FromProto(pt.Config(), nil)
		if err != nil {
			panic(err)
		}
		next := pt.Config()
		next.Version = 2
		pt.AppliedAt(pt.At("2026-12-01 00:00"))(next)
		next.CalendarYears[2] = &directoryv1.CalendarYear{
			Year: 2027, Origin: "official", Source: "a notice of the test",
			DaysOff: []string{"01-01..01-04", "02-05..02-12", "10-01..10-07"}, MakeUp: []string{"01-09", "02-14"},
		}
		next.Rules.MaxQuestions = 3
		second, err := policy.FromProto(next, first)
		if err != nil {
			panic(err)
		}
		return [2]*policy.City{first, second}
	}()
	holders = []string{pt.Attendant, pt.Attendant2, pt.Clerk}
)

func newLife(t *rapid.T) *life {
	l := &life{city: cities[0], notice: cities[1], seen: map[int]Clock{}, recomputed: map[int]bool{}}
	day := rapid.IntRange(0, 400).Draw(t, "day")
	l.now = pt.At("2026-01-01 00:00").AddDate(0, 0, day).Add(time.Duration(rapid.Int64Range(0, 24*3600e6).Draw(t, "time of day")) * time.Microsecond)
	l.noticed = l.now.After(l.notice.Applied())
	f := filing()
	f.Category = rapid.SampledFrom([]string{"", "0702", "0801"}).Draw(t, "category")
	f.AppealType = rapid.SampledFrom([]string{"", "consultation", "complaint"}).Draw(t, "type")
	f.Urgency = rapid.SampledFrom([]Urgency{Normal, Urgent}).Draw(t, "urgency")
	actor := theFiler
	if rapid.Bool().Draw(t, "for a caller") {
		f.Channel, actor = "phone", theDesk
	}
	l.swept, l.lazy = &Ticket{City: pt.Code, ID: ticketID}, &Ticket{City: pt.Code, ID: ticketID}
	l.do(t, actor, func(_ *Ticket, c Context) ([]Event, error) { return File(c, f) })
	return l
}

func (l *life) context(a Actor) Context {
	if l.noticed {
		return Context{Now: l.now, Actor: a, City: l.notice}
	}
	return Context{Now: l.now, Actor: a, City: l.city}
}

// do does one thing to both tickets. It may be refused, to both for the same reason.
func (l *life) do(t *rapid.T, a Actor, act func(*Ticket, Context) ([]Event, error)) {
	events, err := act(l.swept, l.context(a))
	lazyEvents, lazyErr := act(l.lazy, l.context(a))
	if (err == nil) != (lazyErr == nil) || err != nil && err.Error() != lazyErr.Error() {
		t.Fatalf("with a sweeper %v, without %v", err, lazyErr)
	}
	var f *fault.Error
	if err != nil && !errors.As(err, &f) {
		t.Fatalf("a defect: %v", err)
	}
	l.history = apply(t, l.swept, l.history, events)
	l.lazyHistory = apply(t, l.lazy, l.lazyHistory, lazyEvents)
	l.now = latest(l.now, l.swept.UpdateTime) // a turn at the instant of a resume is a microsecond later
}

func apply(t *rapid.T, ticket *Ticket, history, events []Event) []Event {
	for _, e := range events {
		if err := ticket.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	return append(history, events...)
}

// pass lets time pass. The sweeper wakes at every deadline and a microsecond after it.
func (l *life) pass(t *rapid.T, to time.Time) {
	for {
		next := l.swept.NextDeadline()
		if next.IsZero() || !next.Before(to) {
			break
		}
		if next.Before(l.now) {
			next = l.now
		}
		for _, at := range []time.Time{next, next.Add(tick)} {
			c := l.context(Clockwork)
			c.Now = at
			events, err := l.swept.Settle(c)
			if err != nil {
				t.Fatal(err)
			}
			l.history = apply(t, l.swept, l.history, events)
		}
	}
	l.now = to
}

func (l *life) step(t *rapid.T) {
	to := l.now.Add(time.Duration(rapid.Int64Range(0, 3*3600e6).Draw(t, "microseconds")) * time.Microsecond)
	switch rapid.IntRange(0, 5).Draw(t, "kind of step") {
	case 0: // exactly to what happens next
		if next := l.swept.NextDeadline(); next.After(l.now) {
			to = next
		}
	case 1: // just past it
		if next := l.swept.NextDeadline(); next.After(l.now) {
			to = next.Add(tick)
		}
	case 2:
		to = l.now.Add(time.Duration(rapid.IntRange(1, 72).Draw(t, "hours")) * time.Hour)
	case 3:
		to = l.now.AddDate(0, 0, rapid.IntRange(1, 30).Draw(t, "days"))
	}
	if applied := l.notice.Applied(); !l.noticed && to.After(applied) {
		l.pass(t, applied)
		l.noticed = true
		for _, c := range l.swept.Clocks {
			l.recomputed[c.ID] = c.Provisional
		}
		l.do(t, Clockwork, func(ticket *Ticket, c Context) ([]Event, error) { return ticket.Recompute(c) })
	}
	l.pass(t, to)
}

func (l *life) actions() map[string]func(*rapid.T) {
	by := func(a Actor, act func(*Ticket, Context) ([]Event, error)) func(*rapid.T) {
		return func(t *rapid.T) { l.do(t, a, act) }
	}
	held := func(act func(*Ticket, Context) ([]Event, error)) func(*rapid.T) {
		return func(t *rapid.T) { l.do(t, official(l.city, l.swept.Official), act) }
	}
	word := func(t *rapid.T) Verified {
		return Verified{
			Contacted: rapid.Bool().Draw(t, "contacted"), Solved: rapid.Bool().Draw(t, "solved"),
			Satisfied: rapid.SampledFrom([]Satisfaction{Satisfied, Basically, Dissatisfied}).Draw(t, "satisfied"),
		}
	}
	dispatch := func(t *rapid.T) {
		official := rapid.SampledFrom(holders).Draw(t, "official")
		l.do(t, theDesk, func(x *Ticket, c Context) ([]Event, error) { return x.Dispatch(c, official) })
	}
	return map[string]func(*rapid.T){
		"step": l.step, "step2": l.step, "step3": l.step,
		"dispatch": dispatch,
		"propose": func(t *rapid.T) {
			l.position++
			p := Proposal{Position: l.position, Version: 1, Official: rapid.SampledFrom(append(holders, pt.Admin)).Draw(t, "official"), Reason: "deputy"}
			l.do(t, Router, func(x *Ticket, c Context) ([]Event, error) { return x.AcceptProposal(c, p) })
		},
		"sign":    held((*Ticket).Sign),
		"contact": held(func(x *Ticket, c Context) ([]Event, error) { return x.Contact(c, "phone", "") }),
		"ask":     held(func(x *Ticket, c Context) ([]Event, error) { return x.Ask(c, "q") }),
		"reply":   by(theMember, func(x *Ticket, c Context) ([]Event, error) { return x.Reply(c, "r") }),
		"answer": held(func(x *Ticket, c Context) ([]Event, error) {
			return x.Answer(c, AnswerInput{Outcome: Partly, Message: "a"})
		}),
		"verify": func(t *rapid.T) {
			v := word(t)
			l.do(t, theMember, func(x *Ticket, c Context) ([]Event, error) { return x.Verify(c, v) })
		},
		"call back": func(t *rapid.T) {
			v := word(t)
			l.do(t, otherDesk, func(x *Ticket, c Context) ([]Event, error) { return x.RecordCallback(c, v) })
		},
		"reopen":   by(theMember, func(x *Ticket, c Context) ([]Event, error) { return x.Reopen(c, "w") }),
		"withdraw": by(theFiler, func(x *Ticket, c Context) ([]Event, error) { return x.Withdraw(c, "w") }),
		"reject": func(t *rapid.T) {
			by := rapid.SampledFrom([]Actor{theDesk, otherDesk}).Draw(t, "by")
			l.do(t, by, func(x *Ticket, c Context) ([]Event, error) { return x.Reject(c, "police", "w") })
		},
		"aside": l.aside, "aside2": l.aside, "aside3": l.aside,
		"message": by(theDesk, func(x *Ticket, c Context) ([]Event, error) { return x.Message(c, "m") }),
		"claim":   by(theFiler, (*Ticket).Claim),
	}
}

// work makes lives long: most random verbs are refused, these mostly are not.
func (l *life) work(t *rapid.T) {
	actions := l.actions()
	next := map[State][]string{
		StateFiled: {"dispatch", "propose"}, StateDispatched: {"sign", "contact"}, StateInProgress: {"contact", "ask", "answer", "answer", "aside"},
		StateWaiting: {"reply", "aside"}, StateAnswered: {"verify", "call back"}, StateClosed: {"reopen"},
	}[l.swept.State]
	actions[rapid.SampledFrom(next).Draw(t, "work")](t)
}

func TestLives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newLife(t)
		actions := l.actions()
		actions["work"], actions["work2"], actions["work3"] = l.work, l.work, l.work
		actions[""] = func(t *rapid.T) { l.check(t) }
		t.Repeat(actions)
		l.do(t, Clockwork, (*Ticket).Settle)
		if diff := cmp.Diff(l.history, l.lazyHistory); diff != "" {
			t.Fatalf("the sweeper made a difference (- with, + without):\n%s", diff)
		}
	})
}

// check holds after every step.
func (l *life) check(t *rapid.T) {
	l.do(t, Clockwork, (*Ticket).Settle)
	if events, err := l.swept.Settle(l.context(Clockwork)); err != nil || len(events) > 0 {
		t.Fatalf("settled twice: %v, %v", events, err)
	}
	if next := l.swept.NextDeadline(); !next.IsZero() && next.Before(l.now) {
		t.Fatalf("at %s still to come: %s", local(l.now), local(next))
	}
	folded, err := Fold(pt.Code, ticketID, l.history)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(folded, l.swept); diff != "" {
		t.Fatalf("the fold differs from the ticket:\n%s", diff)
	}
	var read Ticket
	if b, err := json.Marshal(l.swept); err != nil || json.Unmarshal(b, &read) != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&read, l.swept); diff != "" {
		t.Fatalf("the snapshot differs from the ticket:\n%s", diff)
	}
	for i, e := range l.history {
		if e.Version != int64(i)+1 || i > 0 && e.Time.Before(l.history[i-1].Time) || e.Time.After(l.now) {
			t.Fatalf("event %d has version %d and time %s", i, e.Version, e.Time)
		}
	}
	for _, c := range l.swept.Clocks {
		l.checkClock(t, c)
	}
	l.checkWhole(t)
	l.checkExplanation(t)
	if waited := waited(l.noticedCity(), l.history, l.now); waited > 5*7*time.Hour {
		t.Fatalf("waited %s of working time", waited)
	}
	rung := 0
	for _, e := range l.history {
		if r, ok := e.Body.(RungReached); ok {
			rung = max(rung, r.Rung)
			if slices.Contains(holders, r.Seat.Official) {
				t.Fatalf("a holder is accountable: %v", r)
			}
		}
	}
	if l.swept.Rung != rung {
		t.Fatalf("rung %d, highest reached %d", l.swept.Rung, rung)
	}
}
