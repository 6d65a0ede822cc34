package issue

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	pt "github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

func TestADayIsDueWhenItsWorkEnds(t *testing.T) {
	p := begin(t)
	for date, due := range map[string]string{
		"2026-03-02": "2026-03-02 18:00", // today
		"2026-03-31": "2026-03-31 18:00",
		"2026-03-28": "2026-03-30 18:00", // a Saturday: the next workday
		"2026-05-09": "2026-05-09 18:00", // a Saturday people work on
		"2026-10-01": "2026-10-08 18:00", // a week off
	} {
		events, err := p.i.Replan(p.as(office), "", date, "reason")
		if date == p.i.Promise.Date {
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", date, err)
		}
		if got := events[0].Body.(Replanned).Promise; !got.Due.Equal(pt.At(due)) || got.Provisional || got.Date != date {
			t.Errorf("%s is due %+v, want %s", date, got, due)
		}
	}
	events, err := p.i.Replan(p.as(office), "", "2027-03-01", "reason")
	if err != nil || !events[0].Body.(Replanned).Promise.Provisional {
		t.Errorf("a day of a projected year: %v, %v", events, err)
	}
	for _, date := range []string{"2026-03-01", "2026-02-30", "2028-03-04", "9999-12-31", "soon"} {
		if _, err := p.i.Replan(p.as(office), "", date, "reason"); !fault.Has(err, "ISSUE_DATE_INVALID") {
			t.Errorf("%s: %v", date, err)
		}
	}
}

// A date that has passed counts for ever, whatever date replaces it: the clock cannot be gamed.
func TestAMissedDateStaysMissed(t *testing.T) {
	p := begin(t)
	due := p.i.Promise.Due
	if p.i.Overdue(due) || !p.i.Overdue(due.Add(time.Microsecond)) {
		t.Error("met at due is not met, or late is not late")
	}
	p.at("2026-04-01 09:00").take(p.i.Replan(p.as(theLeader), "", "2026-04-10", "rain"))
	if p.i.MissedBy(p.now) != 1 || p.i.Promise.Date != "2026-03-31" {
		t.Errorf("asking moved the date: %+v", p.i)
	}
	p.take(p.i.Decide(p.as(office), true, "so be it"))
	if p.i.Missed != 1 || p.i.Overdue(p.now) || p.i.Promise.Date != "2026-04-10" || p.i.First.Date != "2026-03-31" {
		t.Errorf("granted: %+v", p.i)
	}
	p.at("2026-04-10 18:00").take(p.i.Report(p.as(theLeader), "done", true))
	p.take(p.i.Close(p.as(office), StateSolved, "solved"))
	if p.i.Missed != 1 || p.i.MissedBy(p.now.AddDate(1, 0, 0)) != 1 {
		t.Errorf("closed at due: missed %d", p.i.Missed)
	}
	p.at("2026-05-06 09:00").take(p.i.Reopen(p.as(office), "2026-05-08", "again"))
	if p.i.Missed != 1 || p.i.Solved != nil || p.i.Result != "" {
		t.Errorf("reopened: %+v", p.i)
	}
	p.at("2026-05-11 09:00").take(p.i.Close(p.as(office), StateClosed, "given up"))
	if p.i.Missed != 2 {
		t.Errorf("closed late: missed %d", p.i.Missed)
	}
}

func TestWhoAsksDoesNotGrant(t *testing.T) {
	p := begin(t)
	both := actor("d", append(office.Grants, theLeader.Grants...)...)
	p.take(p.i.Replan(p.as(both), "plan2", "2026-04-10", "reason"))
	if p.i.Request == nil || p.i.Plan != "plan" {
		t.Fatalf("%+v", p.i)
	}
	if _, err := p.i.Replan(p.as(office), "plan3", "", "reason"); !fault.Has(err, "REPLAN_PENDING") {
		t.Errorf("around a request: %v", err)
	}
	moved := both
	moved.Grants = office.Grants // left the unit since
	if _, err := p.i.Decide(p.as(moved), true, "reason"); !fault.Has(err, "ISSUE_OWN") {
		t.Errorf("granted by who asked: %v", err)
	}
	p.take(p.i.Decide(p.as(office), false, "no"))
	if p.i.Request != nil || p.i.Plan != "plan" || p.i.Promise.Date != "2026-03-31" {
		t.Errorf("refused: %+v", p.i)
	}
	if _, err := p.i.Decide(p.as(office), true, "reason"); !fault.Has(err, "REPLAN_ABSENT") {
		t.Errorf("nothing to grant: %v", err)
	}
	p.take(p.i.Replan(p.as(theLeader), "plan2", "2026-04-10", "reason"))
	if _, err := p.at("2026-04-11 09:00").i.Decide(p.as(office), true, "reason"); !fault.Has(err, "ISSUE_DATE_INVALID") {
		t.Errorf("granted a day that has passed: %v", err)
	}
	p.at("2026-03-20 09:00").take(p.i.Decide(p.as(office), true, "yes"))
	if p.i.Plan != "plan2" || p.i.Promise.Date != "2026-04-10" || p.i.Title != "plan" {
		t.Errorf("granted: %+v", p.i)
	}
}

func TestSolvedTakesTheLeadersWordAndAnothersVerdict(t *testing.T) {
	p := begin(t)
	if _, err := p.i.Close(p.as(office), StateSolved, "result"); !fault.Has(err, "ISSUE_NOT_REPORTED") {
		t.Errorf("solved without a word: %v", err)
	}
	if _, err := p.i.Report(p.as(cast["clerk"]), "done", true); !fault.Has(err, "NOT_LEAD_UNIT") {
		t.Errorf("a clerk's word: %v", err)
	}
	if _, err := p.i.Report(p.as(cast["office in assisting"]), "done", true); !fault.Has(err, "NOT_LEAD_UNIT") {
		t.Errorf("another unit's word: %v", err)
	}
	events, err := p.i.Report(p.as(cast["assisting"]), "ours is done", false)
	if err != nil || events[0].Body.(Reported).Unit != pt.Market {
		t.Errorf("%v, %v", events, err)
	}
	p.take(p.i.Report(p.as(theLeader), "done", true))
	reporter := theLeader
	reporter.Grants = office.Grants // moved to the office since
	if _, err := p.i.Close(p.as(reporter), StateSolved, "result"); !fault.Has(err, "ISSUE_OWN") {
		t.Errorf("closed by who reported: %v", err)
	}
	for what, f := range map[string]func() ([]Event, error){
		"result": func() ([]Event, error) { return p.i.Close(p.as(office), StateClosed, "") },
		"reason": func() ([]Event, error) { return p.i.Replan(p.as(office), "x", "", "") },
		"report": func() ([]Event, error) { return p.i.Report(p.as(theLeader), "", false) },
	} {
		if _, err := f(); !fault.Has(err, "TEXT_EMPTY") {
			t.Errorf("without %s: %v", what, err)
		}
	}
	if _, err := p.i.Replan(p.as(office), "", p.i.Promise.Date, "reason"); !fault.Has(err, "REPLAN_EMPTY") {
		t.Errorf("to what it is: %v", err)
	}
}

func TestUnitsAreTheCitysAndEachOnce(t *testing.T) {
	p := begin(t)
	for _, units := range [][]string{{"nowhere"}, {pt.Housing, pt.Housing}, {pt.Housing, pt.Market, pt.Market}, {""}} {
		_, err := Open(p.as(office), Opening{City: pt.Code, ID: "id", Lead: units[0], Assisting: units[1:], Date: "2026-03-31", Plan: "plan"})
		if !fault.Has(err, "ISSUE_UNIT_INVALID") {
			t.Errorf("%v: %v", units, err)
		}
	}
}

// TestStatesAreTheContracts holds the numbers together, and the reasons.
func TestStatesAreTheContracts(t *testing.T) {
	for _, s := range States() {
		if hotlinev1.CommonIssue_State(s).String() != s.String() {
			t.Errorf("%d is %s here and %s in the contract", s, s, hotlinev1.CommonIssue_State(s))
		}
	}
	for _, f := range []*fault.Error{ErrNotFound, ErrStateForbids, ErrNotOffice, ErrNotDesk, ErrNotLead, ErrOwn, ErrDateInvalid, ErrUnitUnknown,
		ErrNotReported, ErrReplanAbsent, ErrReplanPending, ErrReplanEmpty, ErrTextEmpty} {
		if _, known := hotlinev1.ErrorReason_value[f.Reason]; !known {
			t.Errorf("%s is no reason of the contract", f.Reason)
		}
	}
}

// Whatever anybody does, in whatever order and however the clock is set: the history folds to the same issue, time does not go back,
// the first promise stays, missed never sinks, and nobody closes what they work on.
func TestHistoriesHold(t *testing.T) {
	city := pt.City(t)
	names := []string{"office", "supervisor", "desk", "leader", "clerk", "assisting", "office in lead", "office in assisting", "filer"}
	verbs := []Verb{VerbReplan, VerbDecide, VerbReport, VerbClose, VerbReopen}
	rapid.Check(t, func(t *rapid.T) {
		now := pt.At("2026-03-02 09:00")
		c := Context{Now: now, Actor: office, City: city}
		history, err := Open(c, Opening{City: pt.Code, ID: "id", Month: "2026-03", Lead: pt.Housing, Assisting: []string{pt.Market}, Date: "2026-03-05", Plan: "plan"})
		if err != nil {
			t.Fatal(err)
		}
		i, err := Fold(pt.Code, "id", history)
		if err != nil {
			t.Fatal(err)
		}
		first, missed := i.First, 0
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(-2, 200).Draw(t, "hours")) * time.Hour)
			who := rapid.SampledFrom(names).Draw(t, "who")
			verb := rapid.SampledFrom(verbs).Draw(t, "verb")
			c := Context{Now: now, Actor: cast[who], City: city}
			date := now.In(pt.Zone).AddDate(0, 0, rapid.IntRange(-1, 10).Draw(t, "days")).Format(time.DateOnly)
			var events []Event
			switch verb {
			case VerbReplan:
				events, err = i.Replan(c, "", date, "reason")
			case VerbReopen:
				events, err = i.Reopen(c, date, "reason")
			case VerbClose:
				events, err = i.Close(c, rapid.SampledFrom(States()[1:]).Draw(t, "end"), "result")
			case VerbReport:
				events, err = i.Report(c, "report", rapid.Bool().Draw(t, "solved"))
			default:
				events, err = i.Decide(c, rapid.Bool().Draw(t, "granted"), "reason")
			}
			if err != nil {
				continue
			}
			if _, closes := events[0].Body.(Closed); closes && i.PartyOf(c)&(Lead|Assist) != 0 {
				t.Fatalf("%s closed what they work on", who)
			}
			late := i.Overdue(events[0].Time)
			next, err := i.After(events...)
			if err != nil {
				t.Fatal(err)
			}
			replaced := !next.Promise.Due.Equal(i.Promise.Due) || next.Promise.Date != i.Promise.Date || !next.State.Open()
			if late && replaced && next.Missed != i.Missed+1 {
				t.Fatalf("a missed date went uncounted: %+v to %+v", i, next)
			}
			i, history = next, append(history, events...)
			if i.First != first || i.Missed < missed || i.State == StateSolved && i.Solved == nil {
				t.Fatalf("%+v", i)
			}
			missed = i.Missed
		}
		again, err := Fold(pt.Code, "id", history)
		if err != nil || snapshot(t, again) != snapshot(t, i) {
			t.Fatalf("folds to %+v, %v", again, err)
		}
	})
}

func TestWhatNoHistoryHoldsIsRefused(t *testing.T) {
	p := begin(t)
	later := p.now.Add(time.Hour)
	for name, e := range map[string]Event{
		"a gap":            {Version: 3, Time: later, Body: Reported{}},
		"a step back":      {Version: 2, Time: p.now.Add(-time.Hour), Body: Reported{}},
		"a second opening": {Version: 2, Time: later, Body: Opened{}},
		"open to open":     {Version: 2, Time: later, Body: Closed{State: StateNone}},
	} {
		if _, err := p.i.After(e); err == nil {
			t.Errorf("%s was applied", name)
		}
	}
}
