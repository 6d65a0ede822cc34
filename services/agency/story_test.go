package agency_test

import (
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
)

// canary is a word of its own in one text of a story.
type canary struct {
	word  string
	items []string // to any of which the text belongs; it is about the case as a whole when there are none
	open  bool     // about the case as a whole, and for all who read what is written in it
}

// story is a case in which everything happens that comes with words, each with a word of its own.
type story struct {
	*world
	t        *testing.T
	name     string
	number   string
	ticket   string // id of one that came of it
	canaries []canary
}

func (s *story) say(what string, items ...string) string {
	word := "Canary-" + what + "."
	if slices.ContainsFunc(s.canaries, func(c canary) bool { return c.word == word }) {
		s.t.Fatalf("%s is said twice", word)
	}
	s.canaries = append(s.canaries, canary{word: word, items: items})
	return word
}

// aloud is said to all who read the case.
func (s *story) aloud(what string) string {
	word := s.say(what)
	s.canaries[len(s.canaries)-1].open = true
	return word
}

// did is a verb on the case that succeeded.
func (s *story) did(c *agencyv1.Case, err error) *agencyv1.Case {
	s.t.Helper()
	s.Clock.Advance(time.Minute)
	return must[*agencyv1.Case](s.t)(c, err)
}

// item is a verb on an item that succeeded and led to a state.
func (s *story) item(want agencyv1.Item_State) func(*agencyv1.Item, error) {
	return func(i *agencyv1.Item, err error) {
		s.t.Helper()
		s.Clock.Advance(time.Minute)
		if got := must[*agencyv1.Item](s.t)(i, err); got.GetState() != want {
			s.t.Fatalf("%s is %s, want %s", got.GetName(), got.GetState(), want)
		}
	}
}

// commitment is a verb on a commitment that succeeded and led to a state.
func (s *story) commitment(want agencyv1.Commitment_State) func(*agencyv1.Commitment, error) {
	return func(k *agencyv1.Commitment, err error) {
		s.t.Helper()
		s.Clock.Advance(time.Minute)
		if got := must[*agencyv1.Commitment](s.t)(k, err); got.GetState() != want {
			s.t.Fatalf("%s is %s, want %s", got.GetName(), got.GetState(), want)
		}
	}
}

func (s *story) its(code string) string { return itemName(s.name, code) }

func (s *story) promise(number string) string { return s.name + "/commitments/" + number }

// tell lets a project go from its application to its last approval, with every verb on the way.
func (w *world) tell(t *testing.T) *story {
	t.Helper()
	s := &story{world: w, t: t}
	s.begins()
	s.isEntrusted()
	s.isPlannedAnew()
	s.isFiled()
	s.isCorrected()
	s.isWithdrawn()
	s.isRefused()
	s.isPromised()
	s.isTolerated()
	s.isCompleted()
	s.comesUndone()
	return s
}

func (s *story) begins() {
	in := opening()
	in.Eligibility, in.ArrangedText = agencyv1.Case_ARRANGED_BY_CITY, s.say("arranged")
	in.Title, in.ContactName, in.ContactDuty = s.aloud("title"), "Canary-contact.", "Canary-duty."
	c := s.did(s.CreateCase(s.as(s.t, owner), in))
	if c.GetState() != agencyv1.Case_APPLIED {
		s.t.Fatalf("what the city arranged is %s at once", c.GetState())
	}
	s.name, s.number = c.GetName(), c.GetNumber()
	if c = s.did(s.AdmitCase(s.as(s.t, cataloguetest.MayorOffice), &agencyv1.AdmitCaseRequest{Name: s.name})); c.GetState() != agencyv1.Case_OPEN {
		s.t.Fatalf("admitted: %s", c.GetState())
	}
	must[*agencyv1.Note](s.t)(s.CreateNote(s.as(s.t, owner), &agencyv1.CreateNoteRequest{Parent: s.name, Text: s.aloud("note")}))
	must[*agencyv1.Note](s.t)(s.CreateNote(s.as(s.t, cataloguetest.PlanningClerk), &agencyv1.CreateNoteRequest{Parent: s.name, Item: cataloguetest.SitePermit,
		Text: s.say("item-note", cataloguetest.SitePermit)}))
}

func (s *story) isEntrusted() {
	clerk := s.as(s.t, cataloguetest.ApprovalsClerk)
	c := s.did(s.OfferAgreement(clerk, &agencyv1.OfferAgreementRequest{Name: s.name, Text: s.say("agreement"), Paper: true,
		ExpireTime: timestamppb.New(s.Clock.Now().AddDate(1, 0, 0))}))
	sign := &agencyv1.SignAgreementRequest{Name: s.name, SignerName: "赵企业", TextSha256: c.GetAgreements()[0].GetTextSha256()}
	if c = s.did(s.SignAgreement(s.as(s.t, owner), sign)); c.GetAgreements()[0].GetState() != agencyv1.Agreement_SIGNING {
		s.t.Fatalf("signed without its paper: %s", c.GetAgreements()[0].GetState())
	}
	sign.Document = s.supply(s.t, s.name, owner, casefile.PurposeAgreement, "")
	s.did(s.SignAgreement(s.as(s.t, owner), sign))
	c = s.did(s.SealAgreement(clerk, &agencyv1.SealAgreementRequest{Name: s.name}))
	if a := c.GetAgreements()[0]; a.GetState() != agencyv1.Agreement_SIGNED || a.GetDocument() != sign.GetDocument() {
		s.t.Fatalf("sealed: %v", a)
	}
	for _, p := range []*attendantv1.AgentProposed{
		{Centre: cataloguetest.Approvals, Official: cataloguetest.HousingClerk, Reason: "bound"}, // who is no agent
		{Centre: cataloguetest.Approvals, Official: cataloguetest.ApprovalsAgent, Reason: "bound"},
		{Centre: cataloguetest.Investment, Official: cataloguetest.InvestmentAgent, Reason: "least-loaded"},
	} {
		p.Case, p.Agreement = idOf(s.name), 1
		s.Attendant.propose(s.t, p)
	}
	s.idle(s.t)
	c = s.did(s.AssignAgent(clerk, &agencyv1.AssignAgentRequest{Name: s.name, Centre: unitName(cataloguetest.Investment), Official: personName(cataloguetest.InvestmentAgent2)}))
	if agents := c.GetAgents(); len(agents) != 3 || agents[2].GetEndTime() == nil || agents[0].GetEndTime() != nil || agents[1].GetReason() != "chosen" {
		s.t.Fatalf("agents: %v", agents)
	}
	agent := s.as(s.t, cataloguetest.ApprovalsAgent)
	s.did(s.RequestMaterial(agent, &agencyv1.RequestMaterialRequest{Name: s.name, Material: cataloguetest.Contract, Workdays: 20, Text: s.say("request", cataloguetest.SitePermit, cataloguetest.BuildPermit)}))
	s.did(s.RecordMeeting(agent, &agencyv1.RecordMeetingRequest{Name: s.name, MeetingTime: timestamppb.New(s.Clock.Now()), Text: s.say("meeting")}))
}

func (s *story) isPlannedAnew() {
	s.applyNext(s.t, 2, func(c *directoryv1.CityConfig) { cataloguetest.Item(c, cataloguetest.SitePermit).PromisedWorkdays = 9 })
	c := s.did(s.MoveCase(s.as(s.t, cataloguetest.ApprovalsClerk), &agencyv1.MoveCaseRequest{Name: s.name, Reason: s.say("moved")}))
	if c.GetCatalogueVersion() != 2 {
		s.t.Fatalf("moved to version %d", c.GetCatalogueVersion())
	}
	plant := cataloguetest.Plant()
	plant.FloorArea++
	if c = s.did(s.UpdateAnswers(s.as(s.t, owner), &agencyv1.UpdateAnswersRequest{Name: s.name, Answers: answers(plant)})); c.GetAnswers().GetFloorArea() != int32(plant.FloorArea) {
		s.t.Fatalf("the answers are %v", c.GetAnswers())
	}
}

// isFiled goes straight, by the hands of an agent.
func (s *story) isFiled() {
	code, clerk := cataloguetest.Filing, s.as(s.t, cataloguetest.HualongClerk)
	s.did(s.ObtainMaterial(clerk, &agencyv1.ObtainMaterialRequest{Name: s.name, Material: cataloguetest.Licence, Reference: "91410900MA0000000X"}))
	s.supply(s.t, s.name, cataloguetest.ApprovalsAgent, casefile.PurposeMaterial, cataloguetest.Form)
	s.item(casefile.Received)(s.SubmitItem(s.as(s.t, cataloguetest.ApprovalsAgent), &agencyv1.SubmitItemRequest{Name: s.its(code)}))
	s.item(casefile.WindowAccepted)(s.AcceptItem(clerk, &agencyv1.AcceptItemRequest{Name: s.its(code)}))
	s.item(casefile.DepartmentAccepted)(s.TakeOnItem(clerk, &agencyv1.TakeOnItemRequest{Name: s.its(code)}))
	s.item(casefile.Approved)(s.ApproveItem(clerk, &agencyv1.ApproveItemRequest{Name: s.its(code), Conditions: s.say("conditions", code)}))
	s.issue(s.t, s.name, code, "备案〔2026〕1号")
}

func (s *story) isCorrected() {
	code, clerk := cataloguetest.SiteOpinion, s.as(s.t, cataloguetest.PlanningClerk)
	s.submit(s.t, s.name, code)
	s.item(casefile.CorrectionOpen)(s.RequestCorrection(clerk, &agencyv1.RequestCorrectionRequest{Name: s.its(code), Text: s.say("correction-note", code),
		Deficiencies: []*agencyv1.Deficiency{{Material: cataloguetest.SitePlan, Text: s.say("deficiency", code)}}}))
	s.supply(s.t, s.name, owner, casefile.PurposeMaterial, cataloguetest.SitePlan)
	s.item(casefile.Corrected)(s.CorrectItem(s.as(s.t, cataloguetest.ApprovalsAgent), &agencyv1.CorrectItemRequest{Name: s.its(code)}))
	s.item(casefile.WindowAccepted)(s.AcceptItem(clerk, &agencyv1.AcceptItemRequest{Name: s.its(code)}))
	s.item(casefile.ProcedureOpen)(s.StartProcedure(clerk, &agencyv1.StartProcedureRequest{Name: s.its(code), Procedure: catalogue.ProcedureReview, Workdays: 5,
		Notice: s.say("procedure-notice", code)}))
	if got := s.world.item(s.t, s.name, code); got.GetPromisedDueTime() != nil || got.GetProcedure().GetUntilTime() == nil {
		s.t.Fatalf("under review: %v", got)
	}
	s.item(casefile.ProcedureEnded)(s.EndProcedure(clerk, &agencyv1.EndProcedureRequest{Name: s.its(code), Text: s.say("procedure-result", code)}))
	s.item(casefile.ProcedureEnded)(s.ExtendItem(s.as(s.t, cataloguetest.PlanningLeader), &agencyv1.ExtendItemRequest{Name: s.its(code), Workdays: 5,
		Reason: s.say("extended", code)}))
	s.item(casefile.Approved)(s.ApproveItem(clerk, &agencyv1.ApproveItemRequest{Name: s.its(code)}))
}

func (s *story) isWithdrawn() {
	code, clerk, mine := cataloguetest.LandPermit, s.as(s.t, cataloguetest.PlanningClerk), s.as(s.t, owner)
	s.submit(s.t, s.name, code)
	s.accept(s.t, s.name, code)
	s.item(casefile.WithdrawalPending)(s.WithdrawItem(mine, &agencyv1.WithdrawItemRequest{Name: s.its(code), Reason: s.say("withdrawal", code)}))
	s.item(casefile.WindowAccepted)(s.DeclineWithdrawal(clerk, &agencyv1.DeclineWithdrawalRequest{Name: s.its(code), Reason: s.say("withdrawal-declined", code)}))
	s.item(casefile.WithdrawalPending)(s.WithdrawItem(mine, &agencyv1.WithdrawItemRequest{Name: s.its(code)}))
	s.item(casefile.Withdrawn)(s.ConfirmWithdrawal(clerk, &agencyv1.ConfirmWithdrawalRequest{Name: s.its(code)}))
	s.through(s.t, s.name, code)
}

func (s *story) isRefused() {
	code, clerk, mine := cataloguetest.EcologyRule, s.as(s.t, cataloguetest.EcologyClerk), s.as(s.t, owner)
	s.principal(s.t, s.name, code)
	s.submit(s.t, s.name, code)
	s.item(casefile.Retracted)(s.WithdrawItem(mine, &agencyv1.WithdrawItemRequest{Name: s.its(code), Reason: s.say("retracted", code)}))
	s.submit(s.t, s.name, code)
	s.item(casefile.NotAccepted)(s.NotAcceptItem(clerk, &agencyv1.NotAcceptItemRequest{Name: s.its(code), Reason: s.say("not-accepted", code)}))
	s.submit(s.t, s.name, code)
	s.item(casefile.AcceptanceRefused)(s.RefuseAcceptance(clerk, &agencyv1.RefuseAcceptanceRequest{Name: s.its(code), Reason: s.say("acceptance-refused", code),
		Remedy: s.say("acceptance-remedy", code)}))
	s.submit(s.t, s.name, code)
	s.accept(s.t, s.name, code)
	s.item(casefile.Refused)(s.RefuseItem(clerk, &agencyv1.RefuseItemRequest{Name: s.its(code), Reason: s.say("refused", code), Remedy: s.say("remedy", code)}))
	s.through(s.t, s.name, code)
}

func (s *story) isPromised() {
	soil, centre, mine := cataloguetest.SoilPlan, s.as(s.t, cataloguetest.ApprovalsClerk), s.as(s.t, owner)
	s.sign(s.t, s.name, soil, agencyv1.Commitment_PROMISE)
	s.item(casefile.Received)(s.SubmitItem(mine, &agencyv1.SubmitItemRequest{Name: s.its(soil), OnPromise: true}))
	s.item(casefile.Approved)(s.ApproveItem(centre, &agencyv1.ApproveItemRequest{Name: s.its(soil)}))
	s.commitment(agencyv1.Commitment_RUNNING)(s.ReportPromise(mine, &agencyv1.ReportPromiseRequest{Name: s.promise("1"), Text: s.say("fulfilled", soil)}))
	s.commitment(agencyv1.Commitment_KEPT)(s.CheckPromise(centre, &agencyv1.CheckPromiseRequest{Name: s.promise("1"), Holds: true}))
}

func (s *story) isTolerated() {
	code, clerk, mine := cataloguetest.SitePermit, s.as(s.t, cataloguetest.PlanningClerk), s.as(s.t, owner)
	s.principal(s.t, s.name, code)
	k := s.sign(s.t, s.name, code, agencyv1.Commitment_TOLERANCE)
	if !slices.Equal(k.GetMaterials(), []string{cataloguetest.Survey, cataloguetest.Contract}) || k.GetState() != agencyv1.Commitment_SIGNED || k.GetDueTime() != nil {
		s.t.Fatalf("signed: %v", k)
	}
	s.submit(s.t, s.name, code)
	if i := s.accept(s.t, s.name, code); !i.GetTolerant() {
		s.t.Fatalf("accepted: %v", i)
	}
	c := s.did(s.OpenJointReview(clerk, &agencyv1.OpenJointReviewRequest{Name: s.name, Items: []string{code}, Text: s.say("review", code),
		Units: []string{unitName(cataloguetest.Ecology), unitName(cataloguetest.Housing)}}))
	if r := c.GetJointReviews()[0]; r.GetLeadUnit() != unitName(cataloguetest.Planning) || r.GetDueTime() == nil || len(r.GetOpinions()) != 2 {
		s.t.Fatalf("reviewed: %v", r)
	}
	s.did(s.GiveOpinion(s.as(s.t, cataloguetest.EcologyClerk), &agencyv1.GiveOpinionRequest{Name: s.name, Number: 1, Unit: unitName(cataloguetest.Ecology), Opinion: "agree"}))
	s.did(s.GiveOpinion(s.as(s.t, cataloguetest.HousingClerk), &agencyv1.GiveOpinionRequest{Name: s.name, Number: 1, Unit: unitName(cataloguetest.Housing), Opinion: "object",
		Text: s.say("objection", code)}))
	s.did(s.ConcludeJointReview(clerk, &agencyv1.ConcludeJointReviewRequest{Name: s.name, Number: 1, Text: s.say("conclusion", code)}))
	evidence := s.supply(s.t, s.name, owner, casefile.PurposeEvidence, "")
	s.commitment(agencyv1.Commitment_RUNNING)(s.RequestCommitmentExtension(mine, &agencyv1.RequestCommitmentExtensionRequest{Name: s.promise("2"), Workdays: 3,
		Reason: s.say("force-majeure", code), Documents: []string{evidence}}))
	s.commitment(agencyv1.Commitment_RUNNING)(s.DecideCommitmentExtension(clerk, &agencyv1.DecideCommitmentExtensionRequest{Name: s.promise("2"), Granted: proto.Bool(true),
		Reason: s.say("more-time", code)}))
	s.item(casefile.ApprovedTolerantly)(s.ApproveItem(clerk, &agencyv1.ApproveItemRequest{Name: s.its(code)}))
	s.complete(s.t, s.name, code)
	if i, k := s.world.item(s.t, s.name, code), s.promised("2"); i.GetState() != casefile.Approved || k.GetState() != agencyv1.Commitment_KEPT || k.GetFirstDueTime() == nil {
		s.t.Fatalf("kept: %v, %v", i, k)
	}
}

func (s *story) promised(number string) *agencyv1.Commitment {
	s.t.Helper()
	return must[*agencyv1.Commitment](s.t)(s.GetCommitment(s.as(s.t, owner), &agencyv1.GetCommitmentRequest{Name: s.promise(number)}))
}

func (s *story) isCompleted() {
	s.through(s.t, s.name, cataloguetest.CivilDefence, cataloguetest.FireReview, cataloguetest.BuildPermit)
	s.issue(s.t, s.name, cataloguetest.BuildPermit, "施字410900202603001")
	drainage, clerk, mine := cataloguetest.Drainage, s.as(s.t, cataloguetest.HualongClerk), s.as(s.t, owner)
	s.sign(s.t, s.name, drainage, agencyv1.Commitment_PROMISE)
	s.item(casefile.Received)(s.SubmitItem(mine, &agencyv1.SubmitItemRequest{Name: s.its(drainage), OnPromise: true}))
	s.approve(s.t, s.name, drainage)
	s.commitment(agencyv1.Commitment_RUNNING)(s.ReportPromise(mine, &agencyv1.ReportPromiseRequest{Name: s.promise("3")}))
	s.commitment(agencyv1.Commitment_TO_FIX)(s.CheckPromise(clerk, &agencyv1.CheckPromiseRequest{Name: s.promise("3"), Text: s.say("differs", drainage)}))
	s.commitment(agencyv1.Commitment_TO_FIX)(s.ReportPromise(mine, &agencyv1.ReportPromiseRequest{Name: s.promise("3")}))
	s.commitment(agencyv1.Commitment_KEPT)(s.CheckPromise(clerk, &agencyv1.CheckPromiseRequest{Name: s.promise("3"), Holds: true}))
	s.through(s.t, s.name, cataloguetest.WaterSupply, cataloguetest.Acceptance, cataloguetest.Registration)
	if c := s.get(s.t, s.name); c.GetState() != agencyv1.Case_COMPLETED || c.GetEndTime() == nil || c.GetSavedWorkdays() <= 0 {
		s.t.Fatalf("completed: %v", c)
	}
}

// comesUndone is an approval that falls away after all were there, and a ticket about it.
func (s *story) comesUndone() {
	code := cataloguetest.Registration
	s.item(casefile.Revoked)(s.RevokeItem(s.as(s.t, cataloguetest.PlanningLeader), &agencyv1.RevokeItemRequest{Name: s.its(code), Reason: s.say("revoked", code)}))
	if c := s.get(s.t, s.name); c.GetState() != agencyv1.Case_OPEN {
		s.t.Fatalf("revoked: %s", c.GetState())
	}
	s.ticket = "01930000-0000-7000-8000-000000000001"
	filed := &hotlinev1.TicketFiled{Number: "2603020000015", Enterprise: enterprise, Source: "cases/" + idOf(s.name) + "/items/" + code}
	s.Hotline.ticket(s.t, s.ticket, &hotlinev1.TicketEvent{Event: &hotlinev1.TicketEvent_Filed{Filed: filed}})
	s.Hotline.ticket(s.t, s.ticket, &hotlinev1.TicketEvent{Event: &hotlinev1.TicketEvent_Closed{Closed: &hotlinev1.TicketClosed{}}})
	s.Hotline.ticket(s.t, s.ticket, &hotlinev1.TicketEvent{Event: &hotlinev1.TicketEvent_Reopened{Reopened: &hotlinev1.TicketReopened{}}})
	s.idle(s.t)
	if all := s.get(s.t, s.name).GetTickets(); len(all) != 1 || !all[0].GetOpen() || all[0].GetItem() != code || all[0].GetReason() != casefile.TroubleRefused {
		s.t.Fatalf("tickets: %v", all)
	}
}

// applyNext lets the directory apply the next version of the city.
func (w *world) applyNext(t *testing.T, version int64, edit func(*directoryv1.CityConfig)) {
	t.Helper()
	next := cataloguetest.Config()
	next.Version, next.ApplyTime = version, timestamppb.New(w.Clock.Now())
	edit(next)
	w.Directory.apply(t, next)
	w.idle(t)
}
