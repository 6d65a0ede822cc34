package casefile

import (
	"reflect"
	"slices"
	"testing"
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// The ways to cheat that this package is the defence against, of units first, then of enterprises and agents.

func refused(t *testing.T, reason string) func([]Event, error) {
	return func(events []Event, err error) {
		t.Helper()
		if !fault.Has(err, reason) || events != nil {
			t.Errorf("got %v, %v, want %s", events, err, reason)
		}
	}
}

// A unit says nothing of what was handed in: acceptance is deemed, and its limits have run since it came.
func TestCheatSilenceAfterSubmission(t *testing.T) {
	p := site(t, "2026-03-02 09:00", false).submit(theItem).at("2026-06-01 09:00").settle().wantState(theItem, WindowAccepted)
	p.wantClock(theItem, KindAccept, Breached, "2026-03-09 18:00:00").wantClock(theItem, KindPromised, Breached, "2026-03-16 18:00:00")
	p.wantClock(theItem, KindStatutory, Breached, "2026-03-30 18:00:00")
	refused(t, "ITEM_STATE_FORBIDS")(p.c.NotAccept(p.context(planning), theItem, "reason", false))
	refused(t, "ITEM_STATE_FORBIDS")(p.c.RefuseAcceptance(p.context(planning), theItem, "reason", "remedy"))
	if !p.c.Overdue(p.c.Item(theItem), p.now) || !p.c.Item(theItem).Deemed {
		t.Errorf("%+v", p.c.Item(theItem))
	}
	if reason, err := p.c.MayRaise(p.context(theMember), theItem); err != nil || reason != TroubleOverdue {
		t.Errorf("a ticket is for %s, %v", reason, err)
	}
}

// Silence also takes up what the enterprise committed to, and waits for nothing that it did not.
func TestCheatSilenceAboutACommitment(t *testing.T) {
	p := site(t, "2026-03-02 09:00", true).submit(theItem).tolerate(theItem).at("2026-03-10 09:00").settle().wantState(theItem, WindowAccepted)
	p.wantCommitment(1, agencyv1.Commitment_RUNNING).wantClock(theItem, KindCommitment, Running, "2026-03-16 18:00:00") // from when it was accepted
	p = site(t, "2026-03-02 09:00", true).submit(theItem).at("2026-03-10 09:00").settle().wantState(theItem, WindowAccepted)
	refused(t, "MATERIALS_MISSING")(p.c.Approve(p.context(planning), theItem, ""))
	p.supply(ct.Survey, ct.Contract).approve(theItem)
}

// A second notice of what is missing, before acceptance, after it, or once of each.
func TestCheatSecondCorrectionNotice(t *testing.T) {
	p := site(t, "2026-03-02 09:00", false).submit(theItem).correction(theItem, ct.Drawings).supply(ct.Drawings).correct(theItem)
	refused(t, "ITEM_STATE_FORBIDS")(p.c.RequestCorrection(p.context(planning), theItem, wrong(ct.Form), ""))
	p.accept(theItem)
	refused(t, "CORRECTION_GIVEN")(p.c.RequestCorrection(p.context(planning), theItem, wrong(ct.Form), ""))
	p.take(p.c.TakeOn(p.context(planning), theItem))
	refused(t, "CORRECTION_GIVEN")(p.c.RequestCorrection(p.context(planning), theItem, wrong(ct.Form), ""))
	if offered := p.c.ItemActions(p.context(planning), theItem); slices.Contains(offered, string(VerbRequestCorrection)) {
		t.Error("a second notice is offered")
	}
	// A new attempt is a new application.
	p.refuse().submit(theItem).correction(theItem, ct.Form)
}

// A notice that leaves something out, for another one later.
func TestCheatCorrectionThatOmitsSomething(t *testing.T) {
	p := site(t, "2026-03-02 09:00", true).submit(theItem)
	ask := func(materials ...string) ([]Event, error) {
		return p.c.RequestCorrection(p.context(planning), theItem, wrong(materials...), "")
	}
	refused(t, "CORRECTION_INCOMPLETE")(ask(ct.Survey))
	refused(t, "CORRECTION_INCOMPLETE")(ask(ct.Drawings))
	refused(t, "DEFICIENCIES_EMPTY")(ask())
	refused(t, "MATERIAL_UNKNOWN")(ask(ct.Survey, ct.Contract, ct.Survey))
	refused(t, "MATERIAL_UNKNOWN")(ask(ct.Survey, ct.Contract, ct.Report)) // which the item does not need
	refused(t, "CASE_TEXT_EMPTY")(p.c.RequestCorrection(p.context(planning), theItem, []Deficiency{{Material: ct.Survey}}, ""))
	p.take(ask(ct.Survey, ct.Contract)).supply(ct.Survey)
	refused(t, "MATERIALS_MISSING")(p.c.Correct(p.context(theMember), theItem))
	p.supply(ct.Contract).correct(theItem)
}

// Asking the enterprise for what the city can get itself, by a notice or by an agent's wish, or accepting only when it brings it.
func TestCheatAskingForSharedData(t *testing.T) {
	p := site(t, "2026-03-02 09:00", false).entrust(ct.At("2026-06-01 09:00")).submit(theItem)
	refused(t, "MATERIAL_SHARED")(p.c.RequestCorrection(p.context(planning), theItem, wrong(ct.Licence), ""))
	refused(t, "MATERIAL_SHARED")(p.c.RequestMaterial(p.context(theAgent), ct.Licence, "text", days(3)))
	refused(t, "CASE_TEXT_EMPTY")(p.c.Obtain(p.context(planning), ct.Licence, "", ""))
	p.accept(theItem).take(p.c.Obtain(p.context(planningLine), ct.Licence, "reference", "")).approve(theItem)
}

// A special procedure that never ends: each is bounded, several of a kind together are, and without one that the catalogue names there is none.
func TestCheatProcedureWithoutEnd(t *testing.T) {
	p := site(t, "2026-03-02 09:00", false).submit(theItem)
	begin := func(kind string, days int) ([]Event, error) {
		return p.c.StartProcedure(p.context(planning), theItem, kind, "notice", days)
	}
	refused(t, "ITEM_STATE_FORBIDS")(begin(catalogue.ProcedurePublicity, 5)) // no limit runs yet
	p.accept(theItem)
	refused(t, "PROCEDURE_UNKNOWN")(begin(catalogue.ProcedureHearing, 5))
	refused(t, "PROCEDURE_TOO_LONG")(begin(catalogue.ProcedurePublicity, 0))
	refused(t, "PROCEDURE_TOO_LONG")(begin(catalogue.ProcedurePublicity, 11))
	refused(t, "CASE_TEXT_EMPTY")(p.c.StartProcedure(p.context(planning), theItem, catalogue.ProcedurePublicity, "", 5))
	p.take(begin(catalogue.ProcedurePublicity, 6)) // until Tuesday week: six workdays and most of a seventh
	p.at("2026-04-01 09:00").settle().wantState(theItem, ProcedureEnded)
	refused(t, "PROCEDURE_TOO_LONG")(begin(catalogue.ProcedurePublicity, 4))
	p.take(begin(catalogue.ProcedurePublicity, 3)).endProcedure(theItem) // ended at once it costs nothing
	for range 3 {                                                        // nor does a day take nothing because it was left at closing time
		p.take(begin(catalogue.ProcedurePublicity, 1)).wait(8*time.Hour + 30*time.Minute).endProcedure(theItem).wait(15*time.Hour + 30*time.Minute)
	}
	refused(t, "PROCEDURE_TOO_LONG")(begin(catalogue.ProcedurePublicity, 1))
	if !slices.Contains(p.c.ItemActions(p.context(planning), theItem), string(VerbStartProcedure)) {
		t.Error("a test is not offered")
	}
	p.take(begin(catalogue.ProcedureTest, 30)).at("2026-06-01 09:00").settle()
	refused(t, "PROCEDURE_TOO_LONG")(begin(catalogue.ProcedureTest, 1))
	if slices.Contains(p.c.ItemActions(p.context(planning), theItem), string(VerbStartProcedure)) {
		t.Error("another procedure is offered")
	}
	stood := time.Duration(0)
	for _, pause := range p.clock(theItem, KindStatutory).Pauses {
		stood += p.city.Calendar().Between(pause.From, pause.To)
	}
	if most := (10 + 1 + 30 + 1) * 7 * time.Hour; stood > most { // the day on which one begins is not counted
		t.Errorf("stood still for %s", stood)
	}
}

// Refusing acceptance, or asking for what is missing, although the enterprise committed to it: acceptance is due.
func TestCheatRefusingAcceptanceDespiteACommitment(t *testing.T) {
	p := site(t, "2026-03-02 09:00", true).submit(theItem)
	refused(t, "CORRECTION_FIRST")(p.c.RefuseAcceptance(p.context(planning), theItem, "reason", "remedy"))
	p.tolerate(theItem)
	refused(t, "TOLERANCE_DUE")(p.c.RefuseAcceptance(p.context(planning), theItem, "reason", "remedy"))
	refused(t, "TOLERANCE_DUE")(p.c.RequestCorrection(p.context(planning), theItem, wrong(ct.Survey, ct.Contract), ""))
	refused(t, "TOLERANCE_DUE")(p.c.RequestCorrection(p.context(planning), theItem, wrong(ct.Survey), ""))
	if slices.Contains(p.c.ItemActions(p.context(planning), theItem), string(VerbRefuseAcceptance)) {
		t.Error("refusing is offered")
	}
	// What is wrong beside may be asked for, and what was committed to need not come with it.
	p.correction(theItem, ct.Drawings).supply(ct.Drawings).correct(theItem)
	refused(t, "TOLERANCE_DUE")(p.c.RefuseAcceptance(p.context(planning), theItem, "reason", "remedy"))
	p.accept(theItem).wantCommitment(1, agencyv1.Commitment_RUNNING)
}

// More time when time is over, by whoever does not lead, without a reason, or for an item that has none.
func TestCheatExtendingAfterDue(t *testing.T) {
	extend := func(p *play, a Actor) ([]Event, error) { return p.c.Extend(p.context(a), theItem, 10, "reason") }
	p := site(t, "2026-03-02 09:00", false).submit(theItem).accept(theItem).at("2026-03-30 18:00").wait(tick)
	refused(t, "LIMIT_OVER")(extend(p, planningHead))
	p.settle().wantClock(theItem, KindStatutory, Breached, "2026-03-30 18:00:00")
	refused(t, "LIMIT_OVER")(extend(p, planningHead))
	p = site(t, "2026-03-02 09:00", false).submit(theItem).accept(theItem)
	refused(t, "NOT_HEAD")(extend(p, planning))
	refused(t, "NOT_HEAD")(extend(p, housingHead))
	refused(t, "CASE_TEXT_EMPTY")(p.c.Extend(p.context(planningHead), theItem, 10, ""))
	p = newPlay(t, ct.City(t), "2026-03-02 09:00").open().supply(ct.Form).submit(ct.Filing).accept(ct.Filing)
	refused(t, "ITEM_EXTENSION_USED")(p.c.Extend(p.context(head(ct.HualongLeader, ct.Hualong)), ct.Filing, 1, "reason"))
}

// Deciding before what must be decided before: the one waits to be handed in, the other is reviewed and waits to be decided.
func TestCheatDecidingBeforePrerequisites(t *testing.T) {
	p := newPlay(t, ct.City(t), "2026-03-02 09:00").open().supply(ct.Form, ct.SitePlan, ct.Drawings, ct.Survey, ct.Contract)
	refused(t, "PREREQUISITE_OPEN")(p.c.Submit(p.context(theMember), ct.SiteOpinion, false))
	p.submit(ct.Filing)
	refused(t, "PREREQUISITE_OPEN")(p.c.Submit(p.context(theMember), ct.SiteOpinion, false))
	p.accept(ct.Filing).approve(ct.Filing).decide(ct.SiteOpinion, ct.LandPermit, ct.SitePermit, ct.CivilDefence)
	p.submit(ct.BuildPermit).accept(ct.BuildPermit) // which needs the fire review, beside it
	refused(t, "PREREQUISITE_OPEN")(p.c.Approve(p.context(p.clerkOf(ct.BuildPermit)), ct.BuildPermit, ""))
	p.decide(ct.FireReview).approve(ct.BuildPermit)
	p.take(p.c.Revoke(p.context(planningHead), ct.SitePermit, "reason"))
	refused(t, "PREREQUISITE_OPEN")(p.c.Submit(p.context(theMember), ct.WaterSupply, false))
}

// An approval while something is missing that nobody committed to, or whose time is over.
func TestCheatApprovingWithoutMaterials(t *testing.T) {
	p := newPlay(t, workshop(t), "2026-03-02 09:00").open().supply(ct.Form, ct.Survey, ct.Contract)
	p.take(p.c.Arrive(p.context(theMember), Arrival{Document: "drawings", Purpose: PurposeMaterial, Material: ct.Drawings, Until: "2026-03-03"}))
	p.submit(theItem).accept(theItem).at("2026-03-04 09:00")
	refused(t, "MATERIALS_MISSING")(p.c.Approve(p.context(planning), theItem, ""))
	p.supply(ct.Drawings).approve(theItem)
}

// A commitment that gives more time than the unit has to decide.
func TestCheatCommitmentLongerThanPromised(t *testing.T) {
	p := newPlay(t, workshop(t, func(c *directoryv1.CityConfig) { ct.Item(c, theItem).Tolerance.MaxWorkdays = 30 }), "2026-03-02 09:00").open().supply(ct.Form, ct.Drawings)
	if terms, err := p.c.TermsOf(p.context(theMember), tolerance, theItem, 0); err != nil || terms.Workdays != 10 {
		t.Errorf("%d workdays, %v", terms.Workdays, err)
	}
	want := Terms{Kind: tolerance, Item: theItem, Attempt: 1, Materials: []string{ct.Survey, ct.Contract}, Workdays: 11, Consequence: catalogue.ConsequenceWithdrawn}
	refused(t, "COMMITMENT_TOO_LONG")(p.c.SignCommitment(p.context(theMember), Commit{Kind: tolerance, Item: theItem, Workdays: 11, Want: want, Text: "text",
		Words: []byte("words"), Signature: Signature{SHA256: []byte("words"), Name: "name"}}))
}

// Supplying at the last instant is in time, whoever brings it; a microsecond later is not, and a host whose clock is behind makes nothing earlier.
func TestCheatSupplyingAtTheLastInstant(t *testing.T) {
	for name, tt := range map[string]struct {
		late time.Duration
		want CommitmentState
	}{
		"a microsecond before": {-tick, agencyv1.Commitment_KEPT}, "at it": {0, agencyv1.Commitment_KEPT}, "a microsecond after": {tick, agencyv1.Commitment_BROKEN},
	} {
		p := tolerantly(t).supply(ct.Survey).at("2026-03-09 18:00").wait(tt.late)
		p.take(p.c.Arrive(p.context(planning), Arrival{Document: "last", Purpose: PurposeMaterial, Material: ct.Contract}))
		if p.c.Commitment(1).State != tt.want {
			t.Errorf("%s: %s", name, p.c.Commitment(1).State)
		}
	}
	p := tolerantly(t).at("2026-03-09 18:00:01")
	p.take(p.c.WriteNote(p.context(theMember), "", "text"))
	p.at("2026-03-09 17:59").supply(ct.Survey, ct.Contract).wantCommitment(1, agencyv1.Commitment_BROKEN)
	if last := p.events[len(p.events)-1]; local(last.Time) != "2026-03-09 18:00:01" {
		t.Errorf("arrived at %s", local(last.Time))
	}
}

// The same old file is not what was committed to, nor what a notice asked for: something has to come after.
func TestCheatWhatWasThereBefore(t *testing.T) {
	p := site(t, "2026-03-02 09:00", false).submit(theItem).correction(theItem, ct.Drawings)
	refused(t, "MATERIALS_MISSING")(p.c.Correct(p.context(theMember), theItem))
	p.supply(ct.Drawings).correct(theItem) // at the same instant, but after
}

// Withdrawing to get out of a commitment: what is overdue is broken, and silence about the wish does not stop its clock.
func TestCheatWithdrawingToDodgeABrokenCommitment(t *testing.T) {
	p := tolerantly(t).at("2026-03-09 18:00").wait(tick)
	refused(t, "ITEM_STATE_FORBIDS")(p.c.Withdraw(p.context(theMember), theItem, "reason")) // it is withdrawn already, with the mark
	p.settle().wantCommitment(1, agencyv1.Commitment_BROKEN)
	p = tolerantly(t).at("2026-03-09 17:59").withdraw(theItem).at("2026-03-10 09:00").settle().wantCommitment(1, agencyv1.Commitment_BROKEN).wantState(theItem, Withdrawn)
	if p.c.Item(theItem).Cause != "commitment" || !p.c.Commitment(1).Bars() {
		t.Errorf("%+v", p.c.Item(theItem))
	}
	// With the unit's word and in time it falls away.
	p = tolerantly(t).at("2026-03-09 17:59").withdraw(theItem)
	p.take(p.c.ConfirmWithdrawal(p.context(planning), theItem)).wantCommitment(1, agencyv1.Commitment_RELEASED).wantClock(theItem, KindCommitment, Ended, "2026-03-09 18:00:00")
	// Nor can the case be closed on it.
	p = tolerantly(t).approve(theItem)
	refused(t, "COMMITMENTS_OPEN")(p.c.Close(p.context(theMember), ""))
	refused(t, "ITEMS_UNDER_WAY")(tolerantly(t).c.Close(p.context(theMember), ""))
}

// Wishing to withdraw to put off the last day to correct.
func TestCheatWithdrawingToPutOffACorrection(t *testing.T) {
	p := site(t, "2026-03-02 09:00", false).submit(theItem).accept(theItem).correction(theItem, ct.Drawings).at("2026-04-14 17:59").withdraw(theItem)
	p.wantClock(theItem, KindCorrect, Running, "2026-04-14 18:00:00").at("2026-04-15 09:00")
	refused(t, "ITEM_STATE_FORBIDS")(p.c.DeclineWithdrawal(p.context(planning), theItem, "reason"))
	if p.settle().wantState(theItem, Withdrawn).c.Item(theItem).Cause != "not-corrected" {
		t.Errorf("%+v", p.c.Item(theItem))
	}
}

// Handing in again to forget what was late: every attempt keeps its outcomes, and a commitment is signed anew.
func TestCheatResubmittingToResetClocks(t *testing.T) {
	p := site(t, "2026-03-02 09:00", false).submit(theItem).accept(theItem).at("2026-03-20 09:00").refuse().submit(theItem)
	var got []ClockState
	for _, k := range p.c.Clocks {
		if k.Item == theItem {
			got = append(got, k.State)
		}
	}
	if want := []ClockState{Met, Met, Breached, Running}; !slices.Equal(got, want) { // accept, statutory, promised; accept
		t.Errorf("%v", got)
	}
	if i := p.c.Item(theItem); i.Attempt != 2 || !i.AcceptTime.IsZero() || i.Extended || i.Correction != nil {
		t.Errorf("%+v", i)
	}
	refused(t, "ITEM_STATE_FORBIDS")(p.c.Submit(p.context(theMember), theItem, false))
	lean := tolerantly(t).refuse().submit(theItem)
	refused(t, "MATERIALS_MISSING")(lean.c.Accept(lean.context(planning), theItem, ""))
}

// A unit that confirms nothing: withdrawals are granted, opinions are given as silent, corrections go on by themselves.
func TestCheatConfirmingNothing(t *testing.T) {
	p := site(t, "2026-03-02 09:00", false).submit(theItem).accept(theItem).review(ct.Ecology, ct.Water)
	p.withdraw(theItem).at("2026-03-10 09:00").settle().wantState(theItem, Withdrawn)
	for _, o := range p.c.Reviews[0].Opinions {
		if o.Opinion != OpinionSilent {
			t.Errorf("%+v", o)
		}
	}
	p = site(t, "2026-03-02 09:00", false).submit(theItem).accept(theItem).correction(theItem, ct.Drawings).supply(ct.Drawings).correct(theItem)
	p.wantClock(theItem, KindPromised, Running, "2026-03-16 18:00:00")
}

// A check before its time: until the enterprise has reported, or its time is over, nothing can be held against it.
func TestCheatCheckingBeforeItsTime(t *testing.T) {
	p := fulfilling(t).at("2026-03-03 09:00")
	refused(t, "PROMISE_NOT_REPORTED")(p.c.CheckPromise(p.context(planning), 1, false, "text"))
	refused(t, "PROMISE_NOT_REPORTED")(p.c.CheckPromise(p.context(planning), 1, true, ""))
	p.report().check(false)
	refused(t, "PROMISE_NOT_REPORTED")(p.c.CheckPromise(p.context(planning), 1, false, "text"))
}

// An agent signs nothing for the enterprise, whatever is entrusted: an agreement, a commitment, its end or the case's.
func TestCheatAnAgentSigningForTheEnterprise(t *testing.T) { signsNothing(t, theAgent) }

// Nor does somebody who only says that they belong to it, even who opened the case.
func TestCheatAnUnconfirmedPersonSigning(t *testing.T) {
	signsNothing(t, theOpener)
	signsNothing(t, Actor{Kind: PersonActor, Person: strangerID, Claims: enterprise})
}

func signsNothing(t *testing.T, who Actor) {
	t.Helper()
	p := site(t, "2026-03-02 09:00", true).entrust(ct.At("2026-06-01 09:00"))
	ctx := p.context(who)
	refused(t, "NOT_SIGNER")(use(VerbCommit, tolerance, p, ctx, ""))
	refused(t, "NOT_SIGNER")(use(VerbCommit, promise, p, ctx, ""))
	refused(t, "NOT_SIGNER")(p.c.SignAgreement(ctx, Signature{SHA256: []byte("words"), Name: "name"}))
	refused(t, "NOT_SIGNER")(p.c.TerminateAgreement(ctx, "reason"))
	refused(t, "NOT_SIGNER")(p.c.Close(ctx, ""))
	p.tolerate(theItem).submit(theItem).accept(theItem)
	if who.Person != openerID {
		refused(t, "NOT_APPLICANT")(p.c.RequestExtension(ctx, 1, 5, "reason", nil))
		refused(t, "NOT_APPLICANT")(p.c.Withdraw(ctx, theItem, "reason"))
	}
}

// A clock that is set back makes nothing earlier, and what is decided again is decided late.
func TestCheatTimeNeverGoesBack(t *testing.T) {
	p := site(t, "2026-03-02 09:00", false).submit(theItem).accept(theItem).at("2026-03-16 18:30")
	p.take(p.c.WriteNote(p.context(theMember), theItem, "text")).at("2026-03-16 17:30")
	early, err := p.copied(t).c.Approve(p.context(planning), theItem, "")
	if err != nil || local(early[len(early)-1].Time) != "2026-03-16 18:30:00" {
		t.Errorf("%v, %v", early, err)
	}
	p.approve(theItem).wantClock(theItem, KindPromised, Breached, "2026-03-16 18:00:00")
}

// No input of any verb carries a time that decides anything: an agreement's end lies ahead and is signed by both sides, and a meeting's is only told.
func TestCheatNoInputCarriesATime(t *testing.T) {
	for _, in := range []any{Opening{}, Signature{}, Proposal{}, Arrival{}, Deficiency{}, Commit{}, Terms{}, Issue{}} {
		typ := reflect.TypeOf(in)
		for f := range typ.Fields() {
			if f.Type == reflect.TypeFor[time.Time]() || f.Type == reflect.TypeFor[time.Duration]() {
				t.Errorf("%s.%s is a time", typ, f.Name)
			}
		}
	}
	verbs := reflect.TypeFor[*Case]()
	for m := range verbs.Methods() {
		takesContext := m.Type.NumIn() > 1 && m.Type.In(1) == reflect.TypeFor[Context]()
		for i := 2; takesContext && i < m.Type.NumIn(); i++ {
			if m.Type.In(i) == reflect.TypeFor[time.Time]() && m.Name != "RecordMeeting" {
				t.Errorf("%s takes a time", m.Name)
			}
		}
	}
}

// A department's system that says when something happened: it is judged by when the city learnt of it.
func TestCheatASystemThatClaimsATime(t *testing.T) {
	p := site(t, "2026-03-02 09:00", false).submit(theItem).at("2026-03-20 09:00").settle()
	ctx := p.context(planningLine)
	ctx.Line = &agencyv1.LineReport{System: "planning-system", Report: "1", Item: theItem, Sequence: 1}
	p.take(p.c.Approve(ctx, theItem, "")).wantClock(theItem, KindPromised, Breached, "2026-03-16 18:00:00")
	if last := p.events[len(p.events)-1]; last.Line != ctx.Line || last.Actor != "line/planning-system" || p.c.Item(theItem).Reported("planning-system", 1) != 1 || !last.Time.Equal(p.now) {
		t.Errorf("%+v", last)
	}
}
