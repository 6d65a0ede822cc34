package casefile

import (
	"testing"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// TestReportsAreCounted: by system and attempt, each once, whatever event they make.
func TestReportsAreCounted(t *testing.T) {
	p := site(t, "2026-03-02 09:00", false).submit(theItem)
	reported := func(attempt int) int64 { return p.c.Item(theItem).Reported(planningLine.Name, attempt) }
	p.take(p.c.Accept(p.context(planningLine), theItem, ""))
	if got := reported(1); got != 1 || p.events[len(p.events)-1].Line.GetSequence() != 1 {
		t.Errorf("after an acceptance: %d", got)
	}
	p.take(p.c.Obtain(p.context(planningLine), ct.Licence, "91410900", ""))
	if got := reported(1); got != 2 {
		t.Errorf("after a document, whose event is about no item: %d", got)
	}
	p.take(p.c.TakeOn(p.context(planning), theItem))
	if got := reported(1); got != 2 {
		t.Errorf("after a clerk's own act: %d", got)
	}
	p.take(p.c.Refuse(p.context(planningLine), theItem, "reason", "remedy"))
	before := snapshot(t, p.c)
	p.take(p.c.Submit(p.context(theMember), theItem, false))
	if snapshot(t, p.c) == before || reported(1) != 3 || reported(2) != 0 {
		t.Errorf("the next attempt begins at %d, the last stands at %d", reported(2), reported(1))
	}
	if got := p.c.Item(theItem).Reported("another", 1); got != 0 {
		t.Errorf("of another system: %d", got)
	}
}

// TestOneReportMayMakeSeveralEvents: an approval on the spot accepts and approves.
func TestOneReportMayMakeSeveralEvents(t *testing.T) {
	p := staged(t, stageNamed("received on a promise"), false, opening())
	from := len(p.events)
	p.take(p.c.Approve(p.context(planningLine), theItem, ""))
	of := 0
	for _, e := range p.events[from:] {
		if e.Line.GetSequence() == 1 {
			of++
		}
	}
	if of < 2 || p.c.Item(theItem).Reported(planningLine.Name, 1) != 1 {
		t.Errorf("%d events, and the count is %d", of, p.c.Item(theItem).Reported(planningLine.Name, 1))
	}
}

// TestACaseRefusesReportsOutOfTurn: no history holds a report without those before it.
func TestACaseRefusesReportsOutOfTurn(t *testing.T) {
	p := staged(t, stageNamed("accepted"), false, opening())
	p.take(p.c.NoteReport(p.context(planningLine), theItem, VerbAccept))
	for name, r := range map[string]*agencyv1.LineReport{
		"a gap":          {System: planningLine.Name, Item: theItem, Sequence: 3},
		"of the past":    {System: planningLine.Name, Item: theItem, Sequence: 0},
		"of nobody":      {Item: theItem, Sequence: 1},
		"on no item":     {System: planningLine.Name, Sequence: 2},
		"another's gap":  {System: "another", Item: theItem, Sequence: 2},
		"another's zero": {System: "another", Item: theItem, Sequence: 0},
	} {
		e := Event{Version: p.c.Version + 1, Time: p.now, Actor: planningLine.ID(), Body: &agencyv1.ReportNoted{Item: theItem}, Line: r}
		if err := p.c.clone().Apply(e); err == nil {
			t.Errorf("%s happened", name)
		}
	}
	without := Event{Version: p.c.Version + 1, Time: p.now, Actor: planningLine.ID(), Body: &agencyv1.ReportNoted{Item: theItem}}
	if err := p.c.clone().Apply(without); err == nil {
		t.Error("noted without a report")
	}
}

// TestLateReportsAreNoted: what a clerk or the time had done is counted, changes nothing and touches nothing; a decision of its own is never.
func TestLateReportsAreNoted(t *testing.T) {
	for name, c := range map[string]struct {
		stage string
		of    Verb
		noted bool
	}{
		"accepted by silence":               {"accepted", VerbAccept, true},
		"taken on by a clerk":               {"taken on", VerbTakeOn, true},
		"taken on is still to come":         {"accepted", VerbTakeOn, false},
		"taken on can wait for a wish":      {"withdrawing", VerbTakeOn, false},
		"taken on, and further":             {"in a procedure", VerbTakeOn, true},
		"a procedure ended by its bound":    {"after a procedure", VerbEndProcedure, true},
		"a procedure is still open":         {"in a procedure", VerbEndProcedure, false},
		"a procedure that never was":        {"taken on", VerbEndProcedure, false},
		"withdrawn by silence":              {"withdrawn", VerbConfirmWithdrawal, true},
		"a wish is still open":              {"withdrawing", VerbConfirmWithdrawal, false},
		"approved by a clerk":               {"approved", VerbApprove, false},
		"refused by a clerk":                {"refused", VerbRefuse, false},
		"accepted before, corrected now":    {"corrected after acceptance", VerbAccept, true},
		"corrected, but never accepted yet": {"corrected before acceptance", VerbAccept, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := staged(t, stageNamed(c.stage), false, opening())
			before := *p.c.Item(theItem)
			events, err := p.wait(tick).c.NoteReport(p.context(planningLine), theItem, c.of)
			if !c.noted {
				if !fault.Has(err, "ITEM_STATE_FORBIDS") {
					t.Errorf("%v, %v", events, err)
				}
				return
			}
			p.take(events, err)
			after := *p.c.Item(theItem)
			if after.Reported(planningLine.Name, 1) != 1 || after.State != before.State || !after.Touched.Equal(before.Touched) {
				t.Errorf("%+v became %+v", before, after)
			}
		})
	}
}
