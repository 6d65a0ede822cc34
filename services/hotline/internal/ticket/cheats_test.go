package ticket

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	pt "github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// The ways to cheat the clock that this package is the defence against, by the number of the threat list.

func refused(t *testing.T, reason string) func([]Event, error) {
	return func(events []Event, err error) {
		t.Helper()
		if !fault.Has(err, reason) || events != nil {
			t.Errorf("got %v, %v, want %s", events, err, reason)
		}
	}
}

// Cheat 1: sign late, so that no clock runs yet.
func TestCheat1SigningLateMovesNothing(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch()
	contact, answer := p.clock(KindContact), p.clock(KindAnswer)
	p.at("2026-03-03 09:01").sign()
	p.wantClock(KindSign, Breached, "2026-03-03 09:00:00")
	if !p.clock(KindContact).Due.Equal(contact.Due) || !p.clock(KindAnswer).Due.Equal(answer.Due) {
		t.Error("a due time moved with the signature")
	}
}

// Cheat 2: touch, comment or hand over to start again.
func TestCheat2TouchingRestartsNothing(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-03-02 09:00").file()
	before := p.clock(KindAnswer)
	p.at("2026-03-02 16:00").dispatch()
	p.take(p.t.Message(p.context(theHolder), "m")).take(p.t.Message(p.context(theFiler), "m")).take(p.t.Message(p.context(theDesk), "m"))
	p.at("2026-03-03 11:00").contact().contact().sign()
	p.take(p.t.Reject(p.context(theDesk), "police", "m"))
	after := p.clock(KindAnswer)
	if !after.Start.Equal(before.Start) || !after.Due.Equal(before.Due) || !after.FirstDue.Equal(before.FirstDue) {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
}

// Cheat 3: pause without a question, in series, or at the last minute.
func TestCheat3PausesAreBounded(t *testing.T) {
	start := func() *play { return newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch().sign() }
	t.Run("no question", func(t *testing.T) {
		p := start()
		refused(t, "TEXT_EMPTY")(p.t.Ask(p.context(theHolder), ""))
	})
	t.Run("in the last tenth", func(t *testing.T) {
		// The answer has 6.5 working hours of the day it was filed and 35 of the five days after. A tenth is left at 11:21.
		p := start().at("2026-03-09 11:21").ask()
		p.wantClock(KindAnswer, Paused, "2026-03-09 18:00:00")
		p = start().at("2026-03-09 11:21")
		p.now = p.now.Add(tick)
		refused(t, "QUESTION_TOO_LATE")(p.t.Ask(p.context(theHolder), "q"))
	})
	t.Run("after the breach", func(t *testing.T) {
		p := start().at("2026-03-10 09:00")
		refused(t, "QUESTION_TOO_LATE")(p.t.Ask(p.context(theHolder), "q"))
	})
	t.Run("the third", func(t *testing.T) {
		p := start().ask().reply().ask().reply()
		refused(t, "QUESTIONS_EXHAUSTED")(p.t.Ask(p.context(theHolder), "q"))
	})
}

func TestWaitingHasAWhole(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch().sign()
	p.ask().at("2026-03-06 08:30").settle() // 27.5 working hours of the 35 that 5 workdays have
	p.ask()
	if got := local(p.t.Waiting.Until); got != "2026-03-09 09:00:00" {
		t.Errorf("the second wait may last until %s", got)
	}
	p.at("2026-03-09 12:30").settle()            // at lunch, where no working time passes until the afternoon
	p.answer().verify(true, false, Dissatisfied) // a new cycle has new questions, but no more waiting
	refused(t, "WAITING_EXHAUSTED")(p.t.Ask(p.context(theHolder), "q"))
	if slices.Contains(p.t.Actions(p.context(theHolder)), "ask") {
		t.Error("asking is offered")
	}
}

// Cheat 5: a sham answer, so that the reopened ticket forgets the first breach.
func TestCheat5EveryCycleKeepsItsOutcome(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch().sign().contact().at("2026-03-10 10:00").answer()
	p.at("2026-03-11 10:00").verify(true, false, Dissatisfied)
	p.at("2026-03-12 10:00").answer()
	var got []ClockState
	for _, c := range p.t.Clocks {
		if c.Kind == KindAnswer {
			got = append(got, c.State)
		}
	}
	if !slices.Equal(got, []ClockState{Breached, Met}) {
		t.Errorf("answers are %v", got)
	}
	if p.t.Cycle != 2 || p.t.Rung != 2 || p.t.Official != pt.Attendant {
		t.Errorf("cycle %d, rung %d", p.t.Cycle, p.t.Rung)
	}
}

// Cheat 7: a clock that is set back.
func TestCheat7TimeNeverGoesBack(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch().sign()
	p.at("2026-03-09 18:30").take(p.t.Message(p.context(theFiler), "m")) // by now the answer is overdue
	p.at("2026-03-09 17:30").answer()                                    // on a host whose clock is an hour behind
	if last := p.events[len(p.events)-1]; local(last.Time) != "2026-03-09 18:30:00" {
		t.Errorf("answered at %s", local(last.Time))
	}
	p.wantClock(KindAnswer, Breached, "2026-03-09 18:00:00")
}

// Cheat 8: begin in time and end late. What counts is the instant of the decision that is stored.
func TestCheat8WhatIsDecidedAgainIsDecidedLate(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch().sign()
	p.at("2026-03-09 17:59:59")
	early, err := p.t.Answer(p.context(theHolder), AnswerInput{Outcome: Solved, Message: "m"})
	if err != nil || early[len(early)-1].Clocks[1].State != Met {
		t.Fatalf("%v, %v", early, err)
	}
	p.at("2026-03-09 18:00:01").answer() // the first decision was never stored
	p.wantClock(KindAnswer, Breached, "2026-03-09 18:00:00")
}

// Cheat 9: a client that brings its own time. No input of any verb can carry one, but for the appointment of a dialogue, which lies ahead and
// which no outcome follows from: its clock runs until the dialogue is held.
func TestCheat9NoInputCarriesATime(t *testing.T) {
	for _, in := range []any{
		Filing{}, Proposal{}, AnswerInput{}, Verified{}, OrderInput{}, ReturnInput{}, ReturnDecision{}, Handover{},
	} {
		if typ := reflect.TypeOf(in); typ.Kind() == reflect.Struct {
			for f := range typ.Fields() {
				if f.Type == reflect.TypeFor[time.Time]() || f.Type == reflect.TypeFor[time.Duration]() {
					t.Errorf("%s.%s is a time", typ, f.Name)
				}
			}
		}
	}
	verbs := reflect.TypeFor[*Ticket]()
	for m := range verbs.Methods() {
		takesContext := m.Type.NumIn() > 1 && m.Type.In(1) == reflect.TypeFor[Context]()
		for i := 2; takesContext && i < m.Type.NumIn(); i++ {
			if m.Type.In(i) == reflect.TypeFor[time.Time]() && m.Name != "TakeDialogue" {
				t.Errorf("%s takes a time", m.Name)
			}
		}
	}
}

// Cheat 12, of which closing is part: out of the way just before or after due.
func TestClosingFreezesOutcomes(t *testing.T) {
	for late, want := range map[time.Duration]ClockState{-time.Second: Ended, 0: Ended, time.Second: Breached} {
		for name, act := range map[string]func(*play){
			"withdraw": func(p *play) { p.take(p.t.Withdraw(p.context(theFiler), "m")) },
			"reject": func(p *play) {
				p.take(p.t.Reject(p.context(theDesk), "police", "m")).take(p.t.Reject(p.context(otherDesk), "police", "m"))
			},
		} {
			p := newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch().sign().at("2026-03-09 18:00")
			p.now = p.now.Add(late)
			act(p)
			if c := p.clock(KindAnswer); p.t.State != StateClosed || c.State != want || c.Owed() {
				t.Errorf("%s %s after due: %s, answer %s", name, late, p.t.State, c.State)
			}
		}
	}
}

// Closing takes two: nobody verifies what they held, and who supervises does not call back.
func TestNobodyVerifiesTheirOwn(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch().sign().at("2026-03-20 09:00").answer()
	v := Verified{Contacted: true, Solved: true, Satisfied: Satisfied}
	holder := Actor{Kind: PersonActor, Person: pt.Attendant, Roles: []policy.Role{policy.RoleDispatcher}, Enterprises: []string{enterprise}}
	refused(t, "CALLBACK_OWN")(p.t.Verify(p.context(holder), v))
	refused(t, "CALLBACK_OWN")(p.t.RecordCallback(p.context(holder), v))
	leader := person(p.t.Accountable.Official, policy.RoleDispatcher)
	refused(t, "CALLBACK_OWN")(p.t.RecordCallback(p.context(leader), v))
	p.take(p.t.RecordCallback(p.context(theDesk), v))
	if p.t.State != StateClosed || !p.t.LastVerification.Callback {
		t.Errorf("%s %+v", p.t.State, p.t.LastVerification)
	}
}

// Cheat 13: a calendar that makes yesterday a holiday. What is final stays, and so does what was decided.
func TestCheat13NoCalendarMovesWhatIsFinal(t *testing.T) {
	first := pt.City(t)
	p := newPlay(t, first, "2026-03-02 09:00").file().dispatch().sign().contact()
	before := slices.Clone(p.t.Clocks)
	p.city = pt.Next(t, first, pt.AppliedAt(pt.At("2026-03-04 09:00")), func(c *directoryv1.CityConfig) {
		c.CalendarYears[1].DaysOff = append(c.GetCalendarYears()[1].GetDaysOff(), "03-03")
	})
	p.at("2026-03-04 10:00").take(p.t.Recompute(p.context(Clockwork)))
	if diff := cmp.Diff(before, p.t.Clocks); diff != "" {
		t.Error(diff)
	}
	provisional := newPlay(t, first, "2026-12-31 17:00").file().dispatch().sign().contact()
	provisional.at("2027-01-04 09:00").answer()
	decided := slices.Clone(provisional.t.Clocks)
	provisional.city = pt.Next(t, first, pt.AppliedAt(pt.At("2027-01-04 10:00")), func(c *directoryv1.CityConfig) {
		c.CalendarYears[2].Origin, c.CalendarYears[2].DaysOff = "official", []string{"01-01..01-10"}
	})
	provisional.at("2027-01-04 11:00").take(provisional.t.Recompute(provisional.context(Clockwork)))
	for i, c := range decided {
		if now := provisional.t.Clocks[i]; c.Kind != KindVerify && !cmp.Equal(c, now) {
			t.Errorf("a decided clock moved: %s", cmp.Diff(c, now))
		}
	}
}
