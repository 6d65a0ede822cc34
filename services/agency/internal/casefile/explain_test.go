package casefile

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
)

// told writes the way of the newest clock of a kind down, a line each.
func (p *play) told(item string, k Kind) string {
	p.Helper()
	x, err := p.c.Explain(p.context(Clockwork), item)
	if err != nil {
		p.Fatal(err)
	}
	var b strings.Builder
	for _, c := range x.Clocks {
		if c.Clock.ID != p.clock(item, k).ID {
			continue
		}
		for _, s := range c.Steps {
			fmt.Fprintf(&b, "%s – %s %s %s", local(s.From)[5:16], local(s.To)[5:16], s.Kind, s.Reason)
			if s.Counted() {
				fmt.Fprintf(&b, " %s", s.Working)
			}
			if s.By != "" {
				fmt.Fprintf(&b, " by %s", s.By)
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

func TestExplainWorkdays(t *testing.T) {
	p := site(t, "2026-02-12 09:00", false).submit(theItem) // a Thursday; Saturday is made up, then nine days off
	want := strings.TrimLeft(`
02-12 09:00 – 02-13 00:00 off start-day
02-13 00:00 – 02-14 00:00 counts work 7h0m0s
02-14 00:00 – 02-15 00:00 counts make-up 7h0m0s
02-15 00:00 – 02-24 00:00 off holiday
02-24 00:00 – 02-26 18:00 counts work 21h0m0s
`, "\n")
	if diff := cmp.Diff(want, p.told(theItem, KindAccept)); diff != "" {
		t.Error(diff)
	}
}

func TestExplainStops(t *testing.T) {
	p := site(t, "2026-02-12 09:00", false).submit(theItem).accept(theItem).at("2026-02-14 10:00").correction(theItem, ct.Drawings)
	corrected := strings.TrimLeft(`
02-12 09:00 – 02-13 00:00 off start-day
02-13 00:00 – 02-14 00:00 counts work 7h0m0s
02-14 00:00 – 02-14 10:00 counts make-up 1h30m0s
02-14 10:00 – 02-25 15:30 stands-still correction by `+ct.PlanningClerk+`
`, "\n")
	p.at("2026-02-25 15:30")
	if diff := cmp.Diff(corrected, p.told(theItem, KindPromised)); diff != "" {
		t.Error(diff)
	}
	p.supply(ct.Drawings).correct(theItem).at("2026-02-25 17:00")
	p.take(p.c.StartProcedure(p.context(planningLine), theItem, catalogue.ProcedurePublicity, "notice", 6)).at("2026-03-04 12:00").endProcedure(theItem)
	want := corrected + strings.TrimLeft(`
02-25 15:30 – 02-25 17:00 counts work 1h30m0s
02-25 17:00 – 03-04 12:00 stands-still publicity by line/planning-system
03-04 12:00 – 03-04 14:30 off lunch
03-04 14:30 – 03-04 18:00 counts work 3h30m0s
`, "\n")
	if got := p.told(theItem, KindPromised); !strings.HasPrefix(got, want) {
		t.Error(cmp.Diff(want, got))
	}
	sum := p.city.Calendar().Between(ct.At("2026-02-13 00:00"), ct.At("2026-03-05 18:00"))
	for _, s := range p.explained(theItem, KindPromised).Steps {
		sum -= s.Working
	}
	if sum < 0 { // its ten workdays end where they did, without the stops
		t.Errorf("%s more than its limit", -sum)
	}
}

func (p *play) explained(item string, k Kind) ClockExplanation {
	p.Helper()
	x, err := p.c.Explain(p.context(Clockwork), item)
	if err != nil {
		p.Fatal(err)
	}
	for _, c := range x.Clocks {
		if c.Clock.ID == p.clock(item, k).ID {
			return c
		}
	}
	p.Fatalf("no %s", k)
	return ClockExplanation{}
}

func TestExplainMoreTime(t *testing.T) {
	p := site(t, "2026-03-02 09:00", false).submit(theItem).accept(theItem).at("2026-03-30 18:00")
	p.take(p.c.Extend(p.context(planningHead), theItem, 5, "reason"))
	want := strings.TrimLeft(`
03-02 09:00 – 03-03 00:00 off start-day
03-03 00:00 – 03-07 00:00 counts work 28h0m0s
03-07 00:00 – 03-09 00:00 off weekend
03-09 00:00 – 03-14 00:00 counts work 35h0m0s
03-14 00:00 – 03-16 00:00 off weekend
03-16 00:00 – 03-21 00:00 counts work 35h0m0s
03-21 00:00 – 03-23 00:00 off weekend
03-23 00:00 – 03-28 00:00 counts work 35h0m0s
03-28 00:00 – 03-30 00:00 off weekend
03-30 00:00 – 03-30 18:00 counts work 7h0m0s
03-30 18:00 – 03-31 00:00 off start-day
03-31 00:00 – 04-04 00:00 added work 28h0m0s
04-04 00:00 – 04-07 00:00 off holiday
04-07 00:00 – 04-07 18:00 added work 7h0m0s
`, "\n")
	if diff := cmp.Diff(want, p.told(theItem, KindStatutory)); diff != "" {
		t.Error(diff)
	}

	p = tolerantly(t).at("2026-03-06 17:00").askTime(1).at("2026-03-10 08:30").giveTime(true)
	want = strings.TrimLeft(`
03-02 09:00 – 03-03 00:00 off start-day
03-03 00:00 – 03-06 17:00 counts work 27h0m0s
03-06 17:00 – 03-10 08:30 stands-still more-time by `+memberID+`
03-10 08:30 – 03-10 12:00 counts work 3h30m0s
03-10 12:00 – 03-10 14:30 off lunch
03-10 14:30 – 03-10 18:00 counts work 3h30m0s
03-10 18:00 – 03-11 08:30 off night
03-11 08:30 – 03-11 09:30 counts work 1h0m0s
03-11 09:30 – 03-12 00:00 off start-day
03-12 00:00 – 03-12 18:00 added work 7h0m0s
`, "\n")
	if diff := cmp.Diff(want, p.told(theItem, KindCommitment)); diff != "" {
		t.Error(diff)
	}
}

func TestExplainAnEntrustment(t *testing.T) {
	p := site(t, "2026-03-02 09:00", false).entrust(ct.At("2026-03-07 12:00"))
	if got, want := p.told("", KindEntrustment), "03-02 09:00 – 03-07 12:00 counts natural 34h30m0s\n"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestExplainWhatWasWithdrawn: a clock that fell away while it stood still is told up to then.
func TestExplainWhatWasWithdrawn(t *testing.T) {
	p := site(t, "2026-03-02 09:00", false).submit(theItem).accept(theItem).at("2026-03-03 00:00").correction(theItem, ct.Drawings)
	p.at("2026-03-04 12:00").withdraw(theItem).at("2026-03-05 12:00").take(p.c.ConfirmWithdrawal(p.context(planning), theItem)).at("2026-06-01 09:00")
	want := "03-02 09:00 – 03-03 00:00 off start-day\n03-03 00:00 – 03-05 12:00 stands-still correction by " + ct.PlanningClerk + "\n"
	if diff := cmp.Diff(want, p.told(theItem, KindPromised)); diff != "" {
		t.Error(diff)
	}
	p.submit(theItem).correction(theItem, ct.Drawings) // another attempt has stops of its own
	if n := len(p.c.Stops); n != 2 || local(p.c.Stops[0].To) != "2026-03-05 12:00:00" || !p.c.Stops[1].To.IsZero() {
		t.Errorf("%+v", p.c.Stops)
	}
}

func TestExplainOneItem(t *testing.T) {
	p := site(t, "2026-03-02 09:00", false).submit(theItem)
	all, err := p.c.Explain(p.context(Clockwork), "")
	if err != nil || len(all.Clocks) != len(p.c.Clocks) || !all.AsOf.Equal(p.now) {
		t.Errorf("%d clocks, %v", len(all.Clocks), err)
	}
	one, err := p.c.Explain(p.context(Clockwork), theItem)
	if err != nil || len(one.Clocks) != 1 || one.Clocks[0].Clock.Item != theItem {
		t.Errorf("%+v, %v", one, err)
	}
	if _, err := p.c.Explain(p.context(Clockwork), "none"); !errors.Is(err, ErrItemNotFound) {
		t.Error(err)
	}
}

// TestExplainUnderANewerCalendar: what was counted by an older one is told up to the due time that it came to.
func TestExplainUnderANewerCalendar(t *testing.T) {
	first := workshop(t)
	p := newPlay(t, first, "2026-03-02 09:00").open().supply(ct.Form, ct.Drawings, ct.Survey, ct.Contract).submit(theItem).accept(theItem)
	p.at("2026-03-04 08:30").correction(theItem, ct.Drawings)
	p.city = ct.Next(t, first, everything, ct.AppliedAt(ct.At("2026-03-04 12:00")), func(c *directoryv1.CityConfig) {
		c.CalendarYears[1].DaysOff = append(c.GetCalendarYears()[1].GetDaysOff(), "03-03")
	})
	p.at("2026-03-05 08:30").supply(ct.Drawings).correct(theItem)
	steps := p.explained(theItem, KindPromised).Steps
	if last := steps[len(steps)-1].To; local(last) != "2026-03-17 18:00:00" || !last.Equal(p.clock(theItem, KindPromised).Due) {
		t.Errorf("told up to %s", local(last))
	}
}
