package casefile

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
)

// TestWorkdaysOfTheNotices: the limits of an item, which excludes the day it starts on, against the vectors that the notices of 2025 and 2026 were checked with.
func TestWorkdaysOfTheNotices(t *testing.T) {
	for _, v := range []struct {
		start, accept, promised string
	}{
		{"2025-01-24 09:00", "2025-02-07 18:00:00", "2025-02-13 18:00:00"}, // a Sunday and a Saturday on duty around Spring Festival
		{"2025-09-26 12:30", "2025-10-10 18:00:00", "2025-10-16 18:00:00"}, // at lunch
		{"2025-09-28 12:30", "2025-10-11 18:00:00", "2025-10-17 18:00:00"}, // on a make-up Sunday, until a make-up Saturday
		{"2026-02-13 09:00", "2026-02-27 18:00:00", "2026-03-05 18:00:00"},
		{"2026-02-13 23:59:59", "2026-02-27 18:00:00", "2026-03-05 18:00:00"}, // after closing
		{"2026-02-14 09:00", "2026-02-28 18:00:00", "2026-03-06 18:00:00"},    // on one make-up Saturday, until another
		{"2026-02-18 09:00", "2026-02-28 18:00:00", "2026-03-06 18:00:00"},    // in the middle of the holiday
		{"2026-09-30 17:59:59", "2026-10-13 18:00:00", "2026-10-20 18:00:00"},
		{"2026-10-02 00:00", "2026-10-13 18:00:00", "2026-10-20 18:00:00"},
	} {
		p := site(t, v.start, false).submit(theItem).wantClock(theItem, KindAccept, Running, v.accept)
		p.accept(theItem).wantClock(theItem, KindAccept, Met, v.accept).wantClock(theItem, KindPromised, Running, v.promised)
	}
}

// TestCorrectionAroundSpringFestival: after acceptance it stops both limits; what was left in working time is added again, over two make-up Saturdays.
func TestCorrectionAroundSpringFestival(t *testing.T) {
	p := site(t, "2026-02-10 09:00", false).submit(theItem).accept(theItem).wantClock(theItem, KindPromised, Running, "2026-03-02 18:00:00")
	p.at("2026-02-12 10:00").correction(theItem, ct.Drawings)
	p.wantClock(theItem, KindPromised, Paused, "2026-03-02 18:00:00").wantClock(theItem, KindStatutory, Paused, "2026-03-16 18:00:00")
	if left := p.clock(theItem, KindPromised).Remaining; left != 61*time.Hour+30*time.Minute {
		t.Errorf("left %s", left)
	}
	p.at("2026-02-25 11:00").supply(ct.Drawings).correct(theItem)
	p.wantClock(theItem, KindPromised, Running, "2026-03-09 09:30:00").wantClock(theItem, KindStatutory, Running, "2026-03-23 09:30:00")
	p.wantClock(theItem, KindCorrect, Met, "2026-04-01 18:00:00").wantState(theItem, Corrected)
	if n := p.c.Workdays(p.c.Item(theItem), p.city.Calendar(), ct.At("2026-03-09 09:30")); n != 11 { // ten, and the rest of the day on which it was accepted
		t.Errorf("%d workdays used", n)
	}
	p.at("2026-03-09 09:30").approve(theItem).wantClock(theItem, KindPromised, Met, "2026-03-09 09:30:00")
}

// TestProcedureAroundNationalDay: it ends by itself when its last workday closes, after a make-up Saturday, and at no working time stops nothing.
func TestProcedureAroundNationalDay(t *testing.T) {
	p := site(t, "2026-09-28 09:00", false).submit(theItem).accept(theItem).wantClock(theItem, KindPromised, Running, "2026-10-16 18:00:00")
	p.at("2026-09-29 17:00").procedure(theItem, catalogue.ProcedurePublicity, 7).wantClock(theItem, KindProcedure, Running, "2026-10-14 18:00:00")
	if until := p.c.Item(theItem).Procedure.Until; local(until) != "2026-10-14 18:00:00" {
		t.Errorf("until %s", local(until))
	}
	from := len(p.events)
	p.at("2026-10-14 18:00").settle().wantState(theItem, ProcedureOpen) // its last instant is part of it
	p.wait(tick).settle().wantState(theItem, ProcedureEnded).wantClock(theItem, KindProcedure, Met, "2026-10-14 18:00:00")
	want := strings.TrimLeft(`
2026-10-13 15:00:00 clock_warned PROCEDURE site-permit
2026-10-14 18:00:00 procedure_ended site-permit bound
`, "\n")
	if diff := cmp.Diff(want, p.story(from)); diff != "" {
		t.Error(diff)
	}
	p.wantClock(theItem, KindPromised, Running, "2026-10-28 09:30:00")

	p = site(t, "2026-09-28 09:00", false).submit(theItem).accept(theItem)
	p.at("2026-09-29 12:00").procedure(theItem, catalogue.ProcedurePublicity, 1).at("2026-09-29 14:30").endProcedure(theItem)
	p.wantClock(theItem, KindPromised, Running, "2026-10-16 18:00:00")
}

// TestCommitmentOnAMakeUpSaturday: supplied at the last instant it is kept, a microsecond later it is broken and its consequence happens.
func TestCommitmentOnAMakeUpSaturday(t *testing.T) {
	start := func() *play {
		return site(t, "2026-09-28 10:00", true).submit(theItem).tolerate(theItem).accept(theItem).wantClock(theItem, KindCommitment, Running, "2026-10-10 18:00:00")
	}
	p := start().supply(ct.Survey)
	from := len(p.events)
	p.at("2026-10-10 18:00").supply(ct.Contract).wantCommitment(1, agencyv1.Commitment_KEPT).wantClock(theItem, KindCommitment, Met, "2026-10-10 18:00:00").wantState(theItem, WindowAccepted)
	want := strings.TrimLeft(`
2026-10-09 08:30:00 clock_reminded COMMITMENT site-permit
2026-10-09 16:54:00 clock_warned COMMITMENT site-permit
2026-10-10 08:30:00 clock_reminded COMMITMENT site-permit
2026-10-10 18:00:00 document_added
2026-10-10 18:00:00 commitment_kept 1
`, "\n")
	if diff := cmp.Diff(want, p.story(from)); diff != "" {
		t.Error(diff)
	}

	p = start().at("2026-10-10 18:00").wait(tick)
	from = len(p.events)
	p.supply(ct.Survey, ct.Contract).wantState(theItem, Withdrawn)
	want = strings.TrimLeft(`
2026-10-09 08:30:00 clock_reminded COMMITMENT site-permit
2026-10-09 16:54:00 clock_warned COMMITMENT site-permit
2026-10-10 08:30:00 clock_reminded COMMITMENT site-permit
2026-10-10 18:00:00 clock_breached COMMITMENT site-permit
2026-10-10 18:00:00 commitment_broken 1 withdrawn
2026-10-10 18:00:00 item_withdrawn site-permit commitment
2026-10-10 18:00:00.000001 document_added
2026-10-10 18:00:00.000001 document_added
`, "\n")
	if diff := cmp.Diff(want, p.story(from)); diff != "" {
		t.Error(diff)
	}
	if !p.c.Commitment(1).Bars() || p.clock(theItem, KindPromised).State != Ended {
		t.Errorf("%+v", p.c.Commitment(1))
	}
}

// TestDeemedAcceptanceCountsFromReceipt: nothing was said in time, so the limits began when the item came (行政许可法 art. 32), or when it was corrected.
func TestDeemedAcceptanceCountsFromReceipt(t *testing.T) {
	p := site(t, "2026-02-06 17:59", false).submit(theItem).at("2026-02-13 18:00").settle().wantState(theItem, Received)
	from := len(p.events)
	p.wait(tick).settle().wantState(theItem, WindowAccepted).wantClock(theItem, KindAccept, Breached, "2026-02-13 18:00:00")
	p.wantClock(theItem, KindStatutory, Running, "2026-03-12 18:00:00").wantClock(theItem, KindPromised, Running, "2026-02-27 18:00:00")
	i, k := p.c.Item(theItem), p.clock(theItem, KindStatutory)
	if !i.Deemed || local(i.AcceptTime) != "2026-02-06 17:59:00" || !k.Start.Equal(i.AcceptTime) {
		t.Errorf("accepted %s, %+v", local(i.AcceptTime), k)
	}
	want := strings.TrimLeft(`
2026-02-13 18:00:00 clock_breached ACCEPT site-permit
2026-02-13 18:00:00 item_accepted site-permit
`, "\n")
	if diff := cmp.Diff(want, p.story(from)); diff != "" {
		t.Error(diff)
	}

	p = site(t, "2026-02-02 09:00", false).submit(theItem).correction(theItem, ct.Drawings).wantClock(theItem, KindAccept, Met, "2026-02-09 18:00:00")
	p.at("2026-02-04 11:00").supply(ct.Drawings).correct(theItem).wantClock(theItem, KindAccept, Running, "2026-02-11 18:00:00")
	p.at("2026-03-01 09:00").settle().wantState(theItem, WindowAccepted).wantClock(theItem, KindPromised, Breached, "2026-02-25 18:00:00")
	if i := p.c.Item(theItem); !i.Deemed || local(i.AcceptTime) != "2026-02-04 11:00:00" {
		t.Errorf("accepted %s", local(i.AcceptTime))
	}
}

// TestDeemedTooLateForItsPromise: a promise shorter than the limit to accept is broken by the time acceptance is deemed.
func TestDeemedTooLateForItsPromise(t *testing.T) {
	p := newPlay(t, ct.City(t), "2026-03-02 09:00").open().supply(ct.Form)
	from := len(p.events)
	p.submit(ct.Filing).at("2026-03-20 09:00").settle()
	want := strings.TrimLeft(`
2026-03-02 09:00:00 item_submitted filing
2026-03-06 18:00:00 clock_warned ACCEPT filing
2026-03-09 18:00:00 clock_breached ACCEPT filing
2026-03-09 18:00:00 item_accepted filing
2026-03-09 18:00:00 clock_warned PROMISED filing
2026-03-09 18:00:00 clock_breached PROMISED filing
2026-03-09 18:00:00 clock_warned STATUTORY filing
2026-03-09 18:00:00 clock_breached STATUTORY filing
`, "\n")
	// The warning of five workdays that began at 09:00 lies at 80 % of the 41.5 hours.
	want = strings.Replace(want, "2026-03-06 18:00:00 clock_warned", local(p.clock(ct.Filing, KindAccept).Warn)+" clock_warned", 1)
	if diff := cmp.Diff(want, p.story(from)); diff != "" {
		t.Error(diff)
	}
	if n := p.c.Workdays(p.c.Item(ct.Filing), p.city.Calendar(), p.now); n != 14 {
		t.Errorf("%d workdays used", n)
	}
	p.approve(ct.Filing).wantClock(ct.Filing, KindStatutory, Breached, "2026-03-09 18:00:00")
	if k := p.clock(ct.Filing, KindPromised); k.State != Breached || !k.Stop.Equal(p.now) || p.c.Item(ct.Filing).Workdays != 14 {
		t.Errorf("%+v", k)
	}
}

// TestWithdrawalBySilence: a wish to withdraw that nobody answers is granted; meanwhile the limits go on.
func TestWithdrawalBySilence(t *testing.T) {
	p := site(t, "2026-02-12 09:00", false).submit(theItem).accept(theItem)
	p.at("2026-02-13 18:01").withdraw(theItem).wantClock(theItem, KindWithdrawal, Running, "2026-02-24 18:00:00")
	p.wantClock(theItem, KindPromised, Running, "2026-03-04 18:00:00")
	p.at("2026-02-24 18:00").settle().wantState(theItem, WithdrawalPending)
	p.wait(tick).settle().wantState(theItem, Withdrawn).wantClock(theItem, KindWithdrawal, Breached, "2026-02-24 18:00:00")
	p.wantClock(theItem, KindPromised, Ended, "2026-03-04 18:00:00")
	if i := p.c.Item(theItem); i.Cause != "silence" {
		t.Errorf("cause %s", i.Cause)
	}
	// A breach by then stays the unit's.
	p = site(t, "2026-02-12 09:00", false).submit(theItem).accept(theItem).at("2026-03-05 09:00").withdraw(theItem).at("2026-03-20 09:00").settle()
	p.wantClock(theItem, KindPromised, Breached, "2026-03-04 18:00:00").wantState(theItem, Withdrawn)
}

// TestStopsAtNoWorkingTime: a stop during lunch, at night or over a holiday costs nobody a minute.
func TestStopsAtNoWorkingTime(t *testing.T) {
	for _, v := range [][2]string{
		{"2026-04-02 12:00", "2026-04-02 14:30"}, {"2026-04-02 12:01", "2026-04-02 13:00"}, {"2026-04-02 18:00", "2026-04-03 08:30"},
		{"2026-04-10 18:30", "2026-04-13 07:00"}, {"2026-04-03 18:00", "2026-04-07 08:30"},
	} {
		p := site(t, "2026-04-01 09:00", false).submit(theItem).accept(theItem)
		due := p.clock(theItem, KindStatutory).Due
		p.at(v[0]).correction(theItem, ct.Drawings).at(v[1]).supply(ct.Drawings).correct(theItem)
		if got := p.clock(theItem, KindStatutory); !got.Due.Equal(due) || got.State != Running {
			t.Errorf("%v: due %s, was %s", v, local(got.Due), local(due))
		}
	}
}

// TestExtensionOfTheLimit: the head extends what the law gives, once, before it is over; what was promised stays promised. The end is warned of anew.
func TestExtensionOfTheLimit(t *testing.T) {
	extend := func(p *play, days int) ([]Event, error) {
		return p.c.Extend(p.context(planningHead), theItem, days, "reason")
	}
	p := site(t, "2026-03-02 09:00", false).submit(theItem).accept(theItem).at("2026-03-30 18:00")
	p.take(extend(p, 10)).wantClock(theItem, KindStatutory, Running, "2026-04-14 18:00:00") // over 清明
	p.wantClock(theItem, KindPromised, Breached, "2026-03-16 18:00:00")
	if k := p.clock(theItem, KindStatutory); local(k.FirstDue) != "2026-03-30 18:00:00" || k.Warned || local(k.Warn) != "2026-04-10 18:00:00" {
		t.Errorf("%+v, warned at %s", k, local(k.Warn))
	}
	refused(t, "ITEM_EXTENSION_USED")(extend(p, 1))
	p = site(t, "2026-03-02 09:00", false).submit(theItem).accept(theItem).at("2026-03-30 18:00")
	refused(t, "ITEM_EXTENSION_TOO_LONG")(extend(p, 11))
	refused(t, "ITEM_EXTENSION_TOO_LONG")(extend(p, 0))
	// A stop after it, and the two in the other order at one instant, are added to it.
	p.take(extend(p, 10)).at("2026-03-31 08:30").procedure(theItem, catalogue.ProcedurePublicity, 5).at("2026-04-01 08:30").endProcedure(theItem)
	p.wantClock(theItem, KindStatutory, Running, "2026-04-15 18:00:00")
}

// TestAClosingDayThatBecameAHoliday: a newer calendar makes no day that was counted uncounted (cheat 13 of the hotline), also where the clock stood still between.
func TestAClosingDayThatBecameAHoliday(t *testing.T) {
	first := workshop(t)
	p := newPlay(t, first, "2026-03-02 09:00").open().supply(ct.Form, ct.Drawings, ct.Survey, ct.Contract).submit(theItem).accept(theItem)
	p.at("2026-03-04 08:30").correction(theItem, ct.Drawings)
	p.city = ct.Next(t, first, everything, ct.AppliedAt(ct.At("2026-03-04 12:00")), func(c *directoryv1.CityConfig) {
		c.CalendarYears[1].DaysOff = append(c.GetCalendarYears()[1].GetDaysOff(), "03-03")
	})
	before := slices.Clone(p.c.Clocks)
	p.at("2026-03-05 08:30").take(p.c.Recompute(p.context(Clockwork)))
	if diff := cmp.Diff(before, p.c.Clocks); diff != "" {
		t.Error(diff)
	}
	p.supply(ct.Drawings).correct(theItem).wantClock(theItem, KindPromised, Running, "2026-03-17 18:00:00") // one workday later than 03-16
	p.take(p.c.Extend(p.context(planningHead), theItem, 1, "reason")).wantClock(theItem, KindStatutory, Running, "2026-04-01 18:00:00")
}

// official2027 is the version after, in which 2027 is official: three days more are off than was projected.
func official2027(t *testing.T, first *catalogue.City) *catalogue.City {
	t.Helper()
	return ct.Next(t, first, everything, ct.AppliedAt(ct.At("2026-12-30 09:00")), func(c *directoryv1.CityConfig) {
		c.CalendarYears[2] = &directoryv1.CalendarYear{
			Year: 2027, Origin: "official", Source: "a notice of the test", DaysOff: []string{"01-01..01-06", "02-05..02-12", "10-01..10-07"}, MakeUp: []string{"01-09"},
		}
	})
}

// TestProvisionalDeadlines: what reaches into a projected year is counted again when the notice comes, running or standing still, with its reminders; what
// is final or decided is not.
func TestProvisionalDeadlines(t *testing.T) {
	p := newPlay(t, workshop(t), "2026-12-28 09:00").open().supply(ct.Form, ct.Drawings).submit(theItem).tolerate(theItem).accept(theItem)
	for kind, due := range map[Kind]string{KindPromised: "2027-01-12 18:00:00", KindStatutory: "2027-01-26 18:00:00", KindCommitment: "2027-01-05 18:00:00"} {
		if p.wantClock(theItem, kind, Running, due); !p.clock(theItem, kind).Provisional {
			t.Errorf("%s is final", kind)
		}
	}
	if !p.c.Provisional() {
		t.Error("the case is final")
	}
	accepted := p.clock(theItem, KindAccept)
	p.at("2026-12-29 08:30").correction(theItem, ct.Drawings).at("2026-12-30 09:00")
	p.city = official2027(t, p.city)
	from := len(p.events)
	p.take(p.c.Recompute(p.context(Clockwork)))
	p.wantClock(theItem, KindCommitment, Running, "2027-01-08 18:00:00").wantClock(theItem, KindPromised, Paused, "2027-01-14 18:00:00")
	p.wantClock(theItem, KindStatutory, Paused, "2027-01-28 18:00:00")
	if story := p.story(from); story != "2026-12-30 09:00:00 deadlines_recomputed\n" || p.c.Provisional() {
		t.Error(story)
	}
	if diff := cmp.Diff(accepted, p.clock(theItem, KindAccept)); diff != "" {
		t.Errorf("a decided clock moved:\n%s", diff)
	}
	reminders := p.clock(theItem, KindCommitment).Reminders
	if len(reminders) != 2 || local(reminders[0]) != "2027-01-07 08:30:00" || local(reminders[1]) != "2027-01-08 08:30:00" {
		t.Errorf("reminded at %v", reminders)
	}
	if again, err := p.c.Recompute(p.context(Clockwork)); err != nil || len(again) > 0 {
		t.Errorf("recomputed twice: %v, %v", again, err)
	}
	p.supply(ct.Drawings).correct(theItem).wantClock(theItem, KindPromised, Running, "2027-01-18 09:00:00") // seven and a half hours stood still
}

// TestADayThatIsWorkedAfterAll makes nothing due earlier than it was, although what was left when the clock came to stand still is worked off sooner.
func TestADayThatIsWorkedAfterAll(t *testing.T) {
	first := workshop(t)
	p := newPlay(t, first, "2026-03-02 09:00").open().supply(ct.Form, ct.Drawings, ct.Survey, ct.Contract).submit(theItem).accept(theItem)
	p.at("2026-03-03 10:00").correction(theItem, ct.Drawings)
	p.city = ct.Next(t, first, everything, ct.AppliedAt(ct.At("2026-03-03 10:30")), func(c *directoryv1.CityConfig) {
		c.CalendarYears[1].MakeUp = append(c.GetCalendarYears()[1].GetMakeUp(), "03-07")
	})
	p.at("2026-03-03 11:00").supply(ct.Drawings).correct(theItem).wantClock(theItem, KindPromised, Running, "2026-03-16 18:00:00")
}

// TestOverdueByTheNotice: a clock that by the official calendar was overdue before it came to stand still is not prolonged by that.
func TestOverdueByTheNotice(t *testing.T) {
	first := workshop(t)
	p := newPlay(t, first, "2026-12-28 09:00").open().supply(ct.Form, ct.Drawings, ct.Survey, ct.Contract).submit(theItem).accept(theItem)
	p.at("2027-01-12 10:00").procedure(theItem, catalogue.ProcedurePublicity, 5).wantClock(theItem, KindPromised, Paused, "2027-01-12 18:00:00")
	p.city = ct.Next(t, first, everything, ct.AppliedAt(ct.At("2027-01-12 12:00")), func(c *directoryv1.CityConfig) {
		c.CalendarYears[2] = &directoryv1.CalendarYear{Year: 2027, Origin: "official", Source: "a notice of the test", DaysOff: []string{"01-01"}, MakeUp: []string{"01-02", "01-03"}}
	})
	p.at("2027-01-12 12:00").take(p.c.Recompute(p.context(Clockwork))).wantClock(theItem, KindPromised, Paused, "2027-01-08 18:00:00")
	p.at("2027-01-13 10:00").endProcedure(theItem).settle().wantClock(theItem, KindPromised, Breached, "2027-01-08 18:00:00")
}
