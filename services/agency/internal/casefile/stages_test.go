package casefile

import (
	"testing"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
)

// stage is a place in the life of the item that has everything, and how it comes there. Lean, its secondary materials are missing, and it is accepted
// against a commitment.
type stage struct {
	name  string
	state ItemState
	come  func(p *play, lean bool)
}

// theItem is the one that has everything.
const theItem = ct.SitePermit

// stages are all of them, in the order of the columns of the grid.
var stages = []stage{
	{"planned", Planned, func(*play, bool) {}},
	{"received", Received, received},
	{"received on a promise", Received, onPromise},
	{"retracted", Retracted, func(p *play, lean bool) { received(p, lean); p.withdraw(theItem) }},
	{"accepted", WindowAccepted, accepted},
	{"not accepted", NotAccepted, func(p *play, lean bool) { received(p, lean); p.notAccept(false) }},
	{"not needed", NotAccepted, func(p *play, lean bool) { received(p, lean); p.notAccept(true) }},
	{"acceptance refused", AcceptanceRefused, acceptanceRefused},
	{"correcting before acceptance", CorrectionOpen, correctingEarly},
	{"corrected before acceptance", Corrected, func(p *play, lean bool) { correctingEarly(p, lean); corrected(p) }},
	{"taken on", DepartmentAccepted, takenOn},
	{"correcting after acceptance", CorrectionOpen, correctingLate},
	{"corrected after acceptance", Corrected, func(p *play, lean bool) { correctingLate(p, lean); corrected(p) }},
	{"in a procedure", ProcedureOpen, inProcedure},
	{"after a procedure", ProcedureEnded, func(p *play, lean bool) { inProcedure(p, lean); p.endProcedure(theItem) }},
	{"approved", Approved, approved},
	{"approved tolerantly", ApprovedTolerantly, func(p *play, _ bool) { accepted(p, true); p.approve(theItem) }},
	{"approved on a promise", Approved, approvedOnPromise},
	{"refused", Refused, func(p *play, lean bool) { accepted(p, lean); p.refuse() }},
	{"withdrawn", Withdrawn, func(p *play, lean bool) {
		withdrawing(p, lean)
		p.take(p.c.ConfirmWithdrawal(p.context(planning), theItem))
	}},
	{"revoked", Revoked, func(p *play, lean bool) { approved(p, lean); p.revoke() }},
	{"withdrawing", WithdrawalPending, withdrawing},
	{"dropped", Dropped, func(p *play, _ bool) { p.drop() }},
}

func received(p *play, _ bool) { p.submit(theItem) }

func onPromise(p *play, lean bool) {
	if lean {
		p.tolerate(theItem)
	}
	p.promise(theItem).take(p.c.Submit(p.context(theMember), theItem, true))
}

func approvedOnPromise(p *play, lean bool) {
	if lean {
		p.supply(ct.Survey, ct.Contract)
	}
	onPromise(p, false)
	p.approve(theItem)
}

func accepted(p *play, lean bool) {
	if p.submit(theItem); lean {
		p.tolerate(theItem)
	}
	p.accept(theItem)
}

func acceptanceRefused(p *play, lean bool) {
	if p.submit(theItem); lean { // what is missing is said first
		p.correction(theItem, ct.Survey, ct.Contract)
		corrected(p)
	}
	p.take(p.c.RefuseAcceptance(p.context(planning), theItem, "reason", "remedy"))
}

func correctingEarly(p *play, lean bool) {
	if p.submit(theItem); lean {
		p.correction(theItem, ct.Survey, ct.Contract)
		return
	}
	p.correction(theItem, ct.Drawings)
}

func corrected(p *play) { p.supply(p.c.Item(theItem).Correction.Materials...).correct(theItem) }

func takenOn(p *play, lean bool) {
	accepted(p, lean)
	p.take(p.c.TakeOn(p.context(planning), theItem))
}

func correctingLate(p *play, lean bool) { takenOn(p, lean); p.correction(theItem, ct.Drawings) }

func inProcedure(p *play, lean bool) {
	takenOn(p, lean)
	p.procedure(theItem, catalogue.ProcedurePublicity, 7)
}

func approved(p *play, lean bool) {
	if accepted(p, lean); lean {
		p.supply(ct.Survey, ct.Contract)
	}
	p.approve(theItem)
}

func withdrawing(p *play, lean bool) { accepted(p, lean); p.withdraw(theItem) }

func (p *play) notAccept(needless bool) *play {
	p.Helper()
	return p.take(p.c.NotAccept(p.context(planning), theItem, "reason", needless))
}

func (p *play) refuse() *play {
	p.Helper()
	return p.take(p.c.Refuse(p.context(planning), theItem, "reason", "remedy"))
}

func (p *play) revoke() *play {
	p.Helper()
	return p.take(p.c.Revoke(p.context(planningHead), theItem, "reason"))
}

// drop changes the project so that it needs the item no more.
func (p *play) drop() *play {
	p.Helper()
	return p.take(p.c.UpdateAnswers(p.context(theMember), ct.Shop()))
}

func TestStages(t *testing.T) {
	for _, s := range stages {
		for _, lean := range []bool{false, true} {
			if p := staged(t, s, lean, opening()); p.c.Item(theItem).State != s.state {
				t.Errorf("%s, lean %t: %s", s.name, lean, p.c.Item(theItem).State)
			}
		}
	}
}

// staged is a case whose item has come to a stage, with agents of all stages until an hour from then.
func staged(tb testing.TB, s stage, lean bool, o Opening) *play {
	tb.Helper()
	p := newPlay(tb, workshop(tb, neededBy), "2026-03-02 09:00")
	by := theOpener
	if o.OpenerUnit != "" {
		by = theDepartment
	}
	p.take(New(p.context(by), o)).entrust(ct.At("2026-03-02 10:00")).supply(ct.Form, ct.Drawings)
	if !lean && s.state != ApprovedTolerantly {
		p.supply(ct.Survey, ct.Contract)
	}
	s.come(p, lean)
	return p
}

// neededBy lets only industrial projects need the item.
func neededBy(c *directoryv1.CityConfig) {
	ct.Item(c, theItem).When = &directoryv1.ItemCondition{Types: []string{"industrial"}}
}
