package ticket

import (
	"testing"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	pt "github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
)

// TestANoticeMovesProvisionalClocksOnly: an official calendar counts open clocks anew, once, and no other.
func TestANoticeMovesProvisionalClocksOnly(t *testing.T) {
	first := pt.City(t)
	second := pt.Next(t, first, pt.AppliedAt(pt.At("2026-12-29 12:00")), func(c *directoryv1.CityConfig) {
		c.CalendarYears[2].Origin, c.CalendarYears[2].Source = "official", "a notice"
		c.CalendarYears[2].DaysOff = []string{"01-01..01-05"}
	})
	final := newPlay(t, first, "2026-12-21 09:00").file().dispatch().sign()
	p := newPlay(t, first, "2026-12-28 09:00").file().dispatch().sign()
	if !p.t.Provisional() || final.t.Provisional() {
		t.Fatal("what reaches into 2027 is provisional, and nothing else")
	}
	p.wantClock(KindAnswer, Running, "2027-01-05 18:00:00") // 1–3 January are off, 4 and 5 worked
	for _, x := range []*play{p, final} {
		x.city = second
		x.at("2026-12-29 13:00").take(x.t.Recompute(x.context(Clockwork)))
		n := len(x.events)
		x.take(x.t.Recompute(x.context(Clockwork)))
		if len(x.events) != n {
			t.Error("counted anew twice")
		}
	}
	p.wantClock(KindAnswer, Running, "2027-01-07 18:00:00")
	if c := p.clock(KindAnswer); c.Provisional || local(c.FirstDue) != "2027-01-05 18:00:00" || c.Calendar != second.Calendar().Version() {
		t.Errorf("%+v", c)
	}
	if body := p.events[len(p.events)-1].Body; body != (DeadlinesRecomputed{2}) {
		t.Errorf("ends with %v", body)
	}
	final.wantClock(KindAnswer, Breached, "2026-12-28 18:00:00")
}

// TestAPausedProvisionalClock keeps its pause when it is counted anew.
func TestAPausedProvisionalClock(t *testing.T) {
	first := pt.City(t)
	second := pt.Next(t, first, pt.AppliedAt(pt.At("2026-12-30 12:00")), func(c *directoryv1.CityConfig) {
		c.CalendarYears[2].Origin, c.CalendarYears[2].DaysOff = "official", []string{"01-01..01-05"}
	})
	p := newPlay(t, first, "2026-12-28 09:00").file().dispatch().sign().at("2026-12-30 09:00").ask()
	p.city = second
	p.at("2026-12-30 13:00").take(p.t.Recompute(p.context(Clockwork)))
	p.at("2026-12-31 09:00").reply() // one workday of waiting
	p.wantClock(KindAnswer, Running, "2027-01-08 18:00:00")
}

// TestANoticeThatComesLate can put a due time into the past. The breach happens then, after the notice, and not before it.
func TestANoticeThatComesLate(t *testing.T) {
	first := pt.City(t, func(c *directoryv1.CityConfig) { c.CalendarYears[2].DaysOff = []string{"01-01..01-07"} })
	second := pt.Next(t, first, pt.AppliedAt(pt.At("2027-01-06 09:00")), func(c *directoryv1.CityConfig) { c.CalendarYears[2].Origin = "official" })
	p := newPlay(t, first, "2026-12-28 09:00").file().dispatch().sign().contact()
	p.wantClock(KindAnswer, Running, "2027-01-11 18:00:00")
	p.city = second
	p.at("2027-01-06 09:30").take(p.t.Recompute(p.context(Clockwork))).settle()
	p.wantClock(KindAnswer, Breached, "2027-01-05 18:00:00")
	if c := p.clock(KindAnswer); !p.events[len(p.events)-1].Time.Equal(p.now) || c.StepsReached != 1 || !c.Steps[0].At.Equal(c.Due) {
		t.Errorf("%s\n%+v", p.story(0), c)
	}
}

// TestAWarningThatWasGiven stays where it was given.
func TestAWarningThatWasGiven(t *testing.T) {
	first := pt.City(t)
	second := pt.Next(t, first, pt.AppliedAt(pt.At("2027-01-05 09:00")), func(c *directoryv1.CityConfig) {
		c.CalendarYears[2].Origin, c.CalendarYears[2].DaysOff = "official", []string{"01-01..01-04"}
	})
	p := newPlay(t, first, "2026-12-28 14:30").file().dispatch().sign().contact().at("2027-01-05 10:00").settle()
	before := p.clock(KindAnswer)
	p.city = second
	p.take(p.t.Recompute(p.context(Clockwork)))
	if c := p.clock(KindAnswer); !c.Warned || !c.Warn.Equal(before.Warn) || local(c.Due) != "2027-01-06 18:00:00" {
		t.Errorf("before %+v\nafter %+v", before, c)
	}
}
