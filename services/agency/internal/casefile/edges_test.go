package casefile

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
)

// byItself is what happens to the item because its time has come, or because of something else: from which of the stages, how, and where it leads.
var byItself = []struct {
	verb   Verb
	stages []string
	how    func(p *play)
	to     ItemState
}{
	{VerbDeem, []string{"received", "received on a promise", "corrected before acceptance"}, byApril, WindowAccepted},
	{VerbLapse, []string{"correcting before acceptance"}, byJune, Retracted},
	{VerbLapse, []string{"correcting after acceptance"}, byJune, Withdrawn},
	{VerbEndProcedure, []string{"in a procedure"}, byApril, ProcedureEnded},
	{VerbConfirmWithdrawal, []string{"withdrawing"}, byApril, Withdrawn},
	{VerbPlan, []string{"planned", "retracted", "not accepted", "not needed", "acceptance refused", "refused", "withdrawn", "revoked"},
		func(p *play) { p.drop() }, Dropped},
	{VerbPlan, []string{"dropped"}, func(p *play) { p.take(p.c.UpdateAnswers(p.context(theMember), ct.Plant())) }, Planned},
}

func byApril(p *play) { p.at("2026-04-01 09:00").settle() }

func byJune(p *play) { p.at("2026-06-01 09:00").settle() }

// onCommitment is what becomes of the item with a commitment.
var onCommitment = []struct {
	verb   Verb
	stages []string
	to     map[string]ItemState // by consequence
}{
	{VerbBreak, []string{"accepted", "taken on", "correcting after acceptance", "corrected after acceptance", "in a procedure", "after a procedure", "withdrawing"},
		map[string]ItemState{catalogue.ConsequenceWithdrawn: Withdrawn, catalogue.ConsequenceRefused: Refused}},
	{VerbBreak, []string{"approved tolerantly"}, map[string]ItemState{catalogue.ConsequenceWithdrawn: Revoked, catalogue.ConsequenceRefused: Revoked}},
}

func stageNamed(name string) stage {
	return stages[slices.IndexFunc(stages, func(s stage) bool { return s.name == name })]
}

// TestGridOfItems: every cell is as it says, each edge can be gone along and was, and nothing went along any other.
func TestGridOfItems(t *testing.T) {
	gone := cells(t)
	for _, e := range byItself {
		for _, name := range e.stages {
			p := staged(t, stageNamed(name), false, opening())
			before, story := p.c.Item(theItem).State, len(p.events)
			e.how(p)
			if !p.went(story, before, e.to) {
				t.Errorf("%s from %s does not lead to %s:\n%s", e.verb, name, e.to, p.story(story))
			}
			gone.add(e.verb, before, e.to)
		}
	}
	breaks(t, gone)
	confirmations(t, gone)
	declined(t, gone)
	possible := driven{}
	for _, e := range itemEdges {
		if _, ofCommitment := commitmentVerbs[e.Verb]; ofCommitment {
			continue // they leave the item alone, and have a grid of their own
		}
		for _, from := range e.From {
			if len(e.To) == 0 {
				possible.add(e.Verb, from, from)
			}
			for _, to := range e.To {
				possible.add(e.Verb, from, to)
			}
		}
	}
	compare(t, possible, gone)
}

var commitmentVerbs = map[Verb]bool{VerbReport: true, VerbCheck: true, VerbAskExtension: true, VerbDecideExtension: true, VerbRepair: true}

// went reports whether the item came to a state from another one since an event.
func (p *play) went(since int, from, to ItemState) bool {
	past, err := Fold(p.c.City, p.c.ID, p.events[:since])
	if err != nil {
		p.Fatal(err)
	}
	for _, e := range p.events[since:] {
		before := past.Item(theItem).State
		if err := past.Apply(e); err != nil {
			p.Fatal(err)
		}
		if before == from && past.Item(theItem).State == to {
			return true
		}
	}
	return false
}

// breaks goes along the edges of broken commitments, before the unit's limits are over and whatever the consequence is.
func breaks(t *testing.T, gone driven) {
	t.Helper()
	for _, e := range onCommitment {
		for consequence, to := range e.to {
			for _, name := range e.stages {
				p := newPlay(t, workshop(t, func(c *directoryv1.CityConfig) {
					ct.Item(c, theItem).Tolerance.Consequence = consequence
					c.GetCatalogue().GetRules().WithdrawalLimit = "20 workdays"
				}), "2026-03-02 09:00").open().supply(ct.Form, ct.Drawings)
				stageNamed(name).come(p, true)
				before, story := p.c.Item(theItem).State, len(p.events)
				p.at("2026-03-10 09:00").settle()
				if !p.went(story, before, to) || p.c.Item(theItem).Procedure != nil || p.c.Item(theItem).Before != 0 {
					t.Errorf("%s, %s, does not lead to %s:\n%s", name, consequence, to, p.story(story))
				}
				gone.add(e.verb, before, to)
			}
		}
	}
	p := site(t, "2026-03-02 09:00", false)
	promised(p)
	p.at("2026-04-10 09:00").settle().wantState(theItem, Revoked)
	gone.add(VerbBreak, Approved, Revoked)
}

// confirmations: a tolerant approval becomes final, while and after it was accepted.
func confirmations(t *testing.T, gone driven) {
	t.Helper()
	p := staged(t, stageNamed("approved tolerantly"), true, opening())
	p.supply(ct.Survey).wantState(theItem, ApprovedTolerantly).supply(ct.Contract).wantState(theItem, Approved)
	gone.add(VerbConfirm, ApprovedTolerantly, Approved)

	p = newPlay(t, workshop(t, func(c *directoryv1.CityConfig) { ct.Item(c, theItem).Tolerance.CertificateAtOnce = true }), "2026-03-02 09:00")
	p.open().supply(ct.Form, ct.Drawings).submit(theItem).tolerate(theItem).accept(theItem).approve(theItem)
	document := p.document(planning, PurposeCertificate)
	p.take(p.c.IssueCertificate(p.context(planning), Issue{Item: theItem, Number: "1", Document: document})).wantState(theItem, ApprovedTolerantly)
	gone.add(VerbIssue, ApprovedTolerantly, ApprovedTolerantly)

	// What was there when all else was corrected, and is over by now, can still be committed to.
	p = newPlay(t, workshop(t), "2026-03-02 09:00").open().supply(ct.Form, ct.Drawings, ct.Contract)
	p.take(p.c.Arrive(p.context(theMember), Arrival{Document: "survey", Purpose: PurposeMaterial, Material: ct.Survey, Until: "2026-03-02"}))
	p.submit(theItem).correction(theItem, ct.Drawings).supply(ct.Drawings).correct(theItem).at("2026-03-03 09:00").tolerate(theItem)
	gone.add(VerbCommit, Corrected, p.accept(theItem).priorState())
}

// priorState is the state of the item before the last event.
func (p *play) priorState() ItemState {
	p.Helper()
	past, err := Fold(p.c.City, p.c.ID, p.events[:len(p.events)-1])
	if err != nil {
		p.Fatal(err)
	}
	return past.Item(theItem).State
}

// declined: an item that its unit keeps goes on where it was; what a wish to withdraw ended stays ended.
func declined(t *testing.T, gone driven) {
	t.Helper()
	for name, to := range map[string]ItemState{
		"accepted": WindowAccepted, "taken on": DepartmentAccepted, "correcting after acceptance": CorrectionOpen, "corrected after acceptance": Corrected,
		"in a procedure": ProcedureEnded, "after a procedure": ProcedureEnded,
	} {
		p := staged(t, stageNamed(name), false, opening()).withdraw(theItem)
		p.take(p.c.DeclineWithdrawal(p.context(planning), theItem, "reason")).wantState(theItem, to)
		gone.add(VerbDeclineWithdrawal, WithdrawalPending, to)
	}
	// Its last day to correct passes meanwhile.
	p := staged(t, stageNamed("correcting after acceptance"), false, opening()).at("2026-04-14 17:00").withdraw(theItem)
	p.at("2026-04-14 18:00").settle().wantState(theItem, WithdrawalPending).wait(tick).settle().wantState(theItem, Withdrawn)
	gone.add(VerbLapse, WithdrawalPending, Withdrawn)
}

func compare(t *testing.T, possible, gone driven) {
	t.Helper()
	for _, edge := range slices.Sorted(maps.Keys(possible)) {
		if !gone[edge] {
			t.Errorf("nothing goes along %s", edge)
		}
	}
	for _, edge := range slices.Sorted(maps.Keys(gone)) {
		if !possible[edge] {
			t.Errorf("%s is no edge", edge)
		}
	}
}

// TestGridOfCases does the same for cases.
func TestGridOfCases(t *testing.T) {
	gone := caseCells(t)
	gone.add(VerbOpen, agencyNone, newPlay(t, ct.City(t), "2026-03-02 09:00").open().opened())
	p := inState(t, Open, opening(), nil)
	p.finish()
	gone.add(VerbComplete, Open, p.c.State)
	gone.add(VerbReopen, Completed, p.revoke().c.State)
	for _, s := range []State{Open, Completed} { // the agreement expires
		p := inState(t, s, opening(), nil).at("2026-03-02 10:00").wait(tick).settle()
		if p.c.Agreement().State != agencyv1.Agreement_TERMINATED || p.c.AgentOf(ct.Approvals) != "" {
			t.Errorf("%s: %+v", s, p.c.Agreement())
		}
		gone.add(VerbExpire, s, p.c.State)
	}
	possible := driven{}
	for _, e := range caseEdges {
		for _, from := range e.From {
			if len(e.To) == 0 {
				possible.add(e.Verb, from, from)
			}
			for _, to := range e.To {
				possible.add(e.Verb, from, to)
			}
		}
	}
	compare(t, possible, gone)
}

// opened is the state that an opening led to.
func (p *play) opened() fmt.Stringer {
	p.Helper()
	first, err := Fold(p.c.City, p.c.ID, p.events[:1])
	if err != nil {
		p.Fatal(err)
	}
	return first.State
}
