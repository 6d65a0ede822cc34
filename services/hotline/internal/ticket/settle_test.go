package ticket

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	pt "github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
)

const tick = time.Microsecond

func TestClocksOfAFiling(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-03-02 09:00").file()
	p.wantClock(KindDispatch, Running, "2026-03-03 09:00:00")
	p.wantClock(KindContact, Running, "2026-03-03 18:00:00")
	p.wantClock(KindAnswer, Running, "2026-03-09 18:00:00")
	if p.t.Clock(KindSign) != nil || p.t.Clock(KindVerify) != nil || len(p.events) != 1 {
		t.Error("a clock too many, or more than one event")
	}
	if c := p.clock(KindAnswer); c.Owner != (Seat{Unit: pt.Desk}) || c.Policy != "general" || c.ConfigVersion != 1 || !c.FirstDue.Equal(c.Due) {
		t.Errorf("answer clock %+v", c)
	}
	if got := local(p.t.DueTime()); got != "2026-03-03 09:00:00" {
		t.Errorf("due %s", got)
	}
	p.at("2026-03-02 10:00").dispatch()
	p.wantClock(KindDispatch, Met, "2026-03-03 09:00:00").wantClock(KindSign, Running, "2026-03-03 10:00:00")
	holder := Seat{pt.Permits, pt.Attendant}
	for _, k := range []Kind{KindSign, KindContact, KindAnswer} {
		if c := p.clock(k); c.Owner != holder {
			t.Errorf("%s is owed by %v", k, c.Owner)
		}
	}
	if c := p.clock(KindDispatch); c.Owner != (Seat{Unit: pt.Desk}) {
		t.Errorf("dispatch was owed by %v", c.Owner)
	}
}

// TestMetAtDueIsMet: outcomes are decided to the microsecond by the event's own time.
func TestMetAtDueIsMet(t *testing.T) {
	due := map[Kind]string{KindDispatch: "2026-03-03 09:00", KindSign: "2026-03-03 09:00", KindContact: "2026-03-03 18:00", KindAnswer: "2026-03-09 18:00"}
	acts := map[Kind]func(*play){
		KindDispatch: func(p *play) { p.dispatch() },
		KindSign:     func(p *play) { p.sign() },
		KindContact:  func(p *play) { p.contact() },
		KindAnswer:   func(p *play) { p.answer() },
	}
	for kind, act := range acts {
		for late, want := range map[time.Duration]ClockState{-tick: Met, 0: Met, tick: Breached, time.Second: Breached} {
			p := newPlay(t, pt.City(t), "2026-03-02 09:00").file()
			if kind != KindDispatch {
				p.dispatch()
			}
			if kind == KindAnswer {
				p.sign()
			}
			p.at(due[kind]).now = p.now.Add(late)
			act(p)
			if c := p.clock(kind); c.State != want || !c.Stop.Equal(p.now) {
				t.Errorf("%s %s after due: %s, stopped %s", kind, late, c.State, local(c.Stop))
			}
		}
	}
}

// TestAMonthOfDowntime: whatever should have happened happened at its own time, in order, and once.
func TestAMonthOfDowntime(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch()
	p.at("2026-04-10 12:00").settle()
	want := strings.TrimLeft(`
2026-03-02 17:06:00 clock_warned sign
2026-03-03 09:00:00 clock_breached sign
2026-03-03 15:18:00 clock_warned contact
2026-03-03 18:00:00 clock_breached contact
2026-03-03 18:00:00 rung_reached 1 contact
2026-03-04 18:00:00 rung_reached 2 contact
2026-03-06 16:42:00 clock_warned answer
2026-03-06 18:00:00 rung_reached 3 contact
2026-03-09 18:00:00 clock_breached answer
2026-03-09 18:00:00 rung_reached 1 answer
2026-03-10 18:00:00 rung_reached 4 contact
2026-03-10 18:00:00 rung_reached 2 answer
2026-03-12 18:00:00 rung_reached 3 answer
2026-03-16 18:00:00 rung_reached 4 answer
`, "\n")
	if diff := cmp.Diff(want, p.story(2)); diff != "" {
		t.Error(diff)
	}
	if p.t.Rung != 4 || p.t.Accountable != (Seat{pt.Office, pt.MayorOffice}) {
		t.Errorf("rung %d, accountable %v", p.t.Rung, p.t.Accountable)
	}
	if got := p.t.NextDeadline(); !got.IsZero() {
		t.Errorf("next deadline %s", local(got))
	}
	for _, e := range p.events[2:] {
		if e.Actor != "system/clockwork" {
			t.Errorf("%s by %s", e.Body.Type(), e.Actor)
		}
	}
}

// TestTheLadderNamesLeaders: rung by rung the accountable is somebody above, never the holder.
func TestTheLadderNamesLeaders(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch()
	p.at("2026-03-20 12:00").settle()
	want := map[int]Seat{
		1: {pt.Housing, pt.HousingLeader}, 2: {pt.Government, pt.Mayor}, 3: {pt.Office, pt.Supervisor}, 4: {pt.Office, pt.MayorOffice},
	}
	for _, e := range p.events {
		if r, ok := e.Body.(RungReached); ok && r.Seat != want[r.Rung] {
			t.Errorf("rung %d: %v, want %v", r.Rung, r.Seat, want[r.Rung])
		}
	}
}

// TestALeaderWhoHoldsIsNotTheirOwnSupervisor: the accountable is above the holder even when the holder leads the unit.
func TestALeaderWhoHoldsIsNotTheirOwnSupervisor(t *testing.T) {
	city := pt.City(t, func(c *directoryv1.CityConfig) { c.Units[4].Leader = pt.Name + "/persons/" + pt.Attendant })
	p := newPlay(t, city, "2026-03-02 09:00").file().dispatch().sign().at("2026-03-04 09:00").settle()
	if p.t.Rung != 1 || p.t.Accountable != (Seat{pt.Housing, pt.HousingLeader}) {
		t.Errorf("rung %d, accountable %v", p.t.Rung, p.t.Accountable)
	}
}

// TestRungsStopWithTheAnswer: a rung whose time has not come is never reached once the thing is done; one whose time is the answer's
// very instant is.
func TestRungsStopWithTheAnswer(t *testing.T) {
	for late, want := range map[time.Duration]int{-tick: 1, 0: 2, tick: 2} {
		p := newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch().sign().contact()
		p.at("2026-03-10 18:00").now = p.now.Add(late)
		p.answer()
		if got := p.clock(KindAnswer).StepsReached; got != want || p.t.Rung != want {
			t.Errorf("answered %s after the second rung: %d reached, rung %d", late, got, p.t.Rung)
		}
		p.at("2026-03-11 12:00").settle()
		if p.t.Rung != want {
			t.Errorf("a rung after the answer")
		}
	}
}

func TestClocksCountedFromSigning(t *testing.T) {
	urgent := func(at string) *play {
		p := newPlay(t, pt.City(t), at)
		f := filing()
		f.Category, f.Urgency = "0801", Urgent
		p.take(File(p.context(theFiler), f))
		return p.dispatch()
	}
	t.Run("signed in time", func(t *testing.T) {
		p := urgent("2026-03-02 09:00").at("2026-03-02 09:30").sign()
		p.wantClock(KindContact, Running, "2026-03-02 11:30:00").wantClock(KindAnswer, Running, "2026-03-03 09:30:00")
		if c := p.clock(KindAnswer); c.Owner != (Seat{pt.Permits, pt.Attendant}) {
			t.Errorf("owned by %v", c.Owner)
		}
	})
	t.Run("signed at the deadline", func(t *testing.T) {
		p := urgent("2026-03-02 09:00").at("2026-03-02 10:00").sign()
		p.wantClock(KindSign, Met, "2026-03-02 10:00:00").wantClock(KindContact, Running, "2026-03-02 12:00:00")
	})
	t.Run("signed late or never", func(t *testing.T) {
		p := urgent("2026-03-02 09:00").at("2026-03-02 15:00").sign()
		p.wantClock(KindSign, Breached, "2026-03-02 10:00:00").wantClock(KindAnswer, Running, "2026-03-03 10:00:00")
		want := strings.TrimLeft(`
2026-03-02 10:00:00 clocks_began
2026-03-02 10:00:00 clock_breached sign
2026-03-02 10:00:00 rung_reached 1 sign
2026-03-02 12:00:00 clock_breached contact
2026-03-02 12:00:00 rung_reached 1 contact
2026-03-02 15:00:00 signed
`, "\n")
		if diff := cmp.Diff(want, p.story(2)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestWaitingPausesTheAnswer(t *testing.T) {
	start := func() *play {
		return newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch().sign().at("2026-03-04 10:00").ask()
	}
	t.Run("reply", func(t *testing.T) {
		p := start()
		p.wantClock(KindAnswer, Paused, "2026-03-09 18:00:00").wantClock(KindContact, Breached, "2026-03-03 18:00:00")
		if got := local(p.t.Waiting.Until); got != "2026-03-09 18:00:00" {
			t.Errorf("waits until %s", got)
		}
		p.at("2026-03-06 09:00").reply() // 26.5 hours were left
		p.wantClock(KindAnswer, Running, "2026-03-11 17:00:00")
		if got := local(p.clock(KindAnswer).Warn); got != "2026-03-10 15:42:00" { // as long before due as it was: 8.3 hours
			t.Errorf("warned at %s", got)
		}
	})
	t.Run("the bound ends it at its own time", func(t *testing.T) {
		p := start().at("2026-03-12 12:00").settle()
		p.wantClock(KindAnswer, Running, "2026-03-13 16:30:00") // 26.5 hours were left: three days and 5.5 hours
		if p.t.State != StateInProgress || !strings.Contains(p.story(0), "2026-03-09 18:00:00 resumed bound") {
			t.Error(p.story(0))
		}
	})
	t.Run("a reply at the bound is in time", func(t *testing.T) {
		p := start().at("2026-03-09 18:00").reply()
		if !strings.Contains(p.story(0), "resumed reply") {
			t.Error(p.story(0))
		}
	})
	t.Run("the question is the contact", func(t *testing.T) {
		p := newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch().sign().ask()
		p.wantClock(KindContact, Met, "2026-03-03 18:00:00")
	})
}

func TestSilenceClosesUnverified(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch().sign().at("2026-03-03 10:00").answer()
	p.wantClock(KindVerify, Running, "2026-03-10 18:00:00")
	p.at("2026-03-10 18:00").settle()
	if p.t.State != StateAnswered {
		t.Error("closed while there was time to verify")
	}
	p.now = p.now.Add(tick)
	p.settle()
	want := strings.TrimLeft(`
2026-03-05 18:00:00 verify_reminded
2026-03-09 18:00:00 verify_reminded
2026-03-10 18:00:00 closed UNVERIFIED
`, "\n")
	if diff := cmp.Diff(want, p.story(4)); diff != "" {
		t.Error(diff)
	}
	p.wantClock(KindVerify, Breached, "2026-03-10 18:00:00")
	if p.t.State != StateClosed || local(p.t.CloseTime) != "2026-03-10 18:00:00" {
		t.Errorf("%s at %s", p.t.State, local(p.t.CloseTime))
	}
}

// TestALimitThePolicyLacks is a clock the ticket lacks.
func TestALimitThePolicyLacks(t *testing.T) {
	city := pt.City(t, func(c *directoryv1.CityConfig) {
		for _, p := range c.GetPolicies() {
			p.Limits = []*directoryv1.PolicyLimit{{Clock: "answer", Limit: "5 workdays", Ladder: true}}
		}
		c.Ladder = nil
	})
	p := newPlay(t, city, "2026-03-02 09:00").file().dispatch().sign().at("2026-05-02 09:00").answer()
	if len(p.t.Clocks) != 1 || p.t.Rung != 0 || !p.t.NextDeadline().IsZero() || len(p.t.Reminders) != 0 {
		t.Errorf("clocks %v, reminders %v", p.t.Clocks, p.t.Reminders)
	}
	if p.verify(true, false, Dissatisfied).t.Rung != 0 {
		t.Error("a rung of a ladder that is not there")
	}
}

// TestJudgedByTheConfigurationOfItsTime: a late sweeper comes to the result of a punctual one although the rules have changed since.
func TestJudgedByTheConfigurationOfItsTime(t *testing.T) {
	first := pt.City(t)
	second := pt.Next(t, first, pt.AppliedAt(pt.At("2026-03-15 00:00")), func(c *directoryv1.CityConfig) {
		c.Ladder = c.GetLadder()[:1]
		c.Units[3].Leader = pt.Name + "/persons/" + pt.MarketLeader
	})
	punctual := newPlay(t, first, "2026-03-02 09:00").file().dispatch()
	late := newPlay(t, first, "2026-03-02 09:00").file().dispatch()
	for at := punctual.now; at.Before(pt.At("2026-03-14 00:00")); at = at.Add(time.Hour) {
		punctual.now = at
		punctual.settle()
	}
	punctual.city, late.city = second, second
	punctual.at("2026-04-01 09:00").settle()
	late.at("2026-04-01 09:00").settle()
	if diff := cmp.Diff(punctual.events, late.events); diff != "" {
		t.Error(diff)
	}
}
