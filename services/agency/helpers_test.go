package agency_test

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/timestamppb"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/kit/fault/wire"
	"github.com/throughtrain/throughtrain/services/kit/ids"
)

const idLength = 36

// idOf is the id of the case in a name.
func idOf(name string) string {
	_, rest, _ := strings.Cut(name, "/cases/")
	return rest[:idLength]
}

func answers(a catalogue.Answers) *agencyv1.Answers { return casefile.AnswersProto(a) }

// opening is a request that needs nothing else: a plant that the city's own units decide about.
func opening() *agencyv1.CreateCaseRequest {
	return &agencyv1.CreateCaseRequest{Parent: city, Title: "年产十万吨新材料项目", Enterprise: enterpriseName(enterprise), Counties: []string{cataloguetest.HualongCode},
		Eligibility: agencyv1.Case_MUNICIPAL_APPROVAL, Answers: answers(cataloguetest.Plant()), ContactName: "赵企业", ContactDuty: "项目经理"}
}

// open opens a case for its owner.
func (w *world) open(t testing.TB) *agencyv1.Case {
	t.Helper()
	return must[*agencyv1.Case](t)(w.CreateCase(w.as(t, owner), opening()))
}

// entrusted is a case whose agreement is sealed and whose agents act.
func (w *world) entrusted(t testing.TB) *agencyv1.Case {
	t.Helper()
	c := w.open(t)
	w.entrust(t, c.GetName())
	return w.get(t, c.GetName())
}

// entrust agrees upon all stages, and lets the attendant service propose an agent for each centre.
func (w *world) entrust(t testing.TB, name string, stages ...string) {
	t.Helper()
	caseOf := must[*agencyv1.Case](t)
	offered := caseOf(w.OfferAgreement(w.as(t, cataloguetest.ApprovalsClerk), &agencyv1.OfferAgreementRequest{Name: name, Stages: stages,
		ExpireTime: timestamppb.New(w.Clock.Now().AddDate(1, 0, 0))}))
	last := offered.GetAgreements()[len(offered.GetAgreements())-1]
	caseOf(w.SignAgreement(w.as(t, owner), &agencyv1.SignAgreementRequest{Name: name, SignerName: "赵企业", TextSha256: last.GetTextSha256()}))
	caseOf(w.SealAgreement(w.as(t, cataloguetest.ApprovalsClerk), &agencyv1.SealAgreementRequest{Name: name}))
	for centre, agent := range map[string]string{cataloguetest.Approvals: cataloguetest.ApprovalsAgent, cataloguetest.Investment: cataloguetest.InvestmentAgent} {
		w.Attendant.propose(t, &attendantv1.AgentProposed{Case: idOf(name), Agreement: last.GetNumber(), Centre: centre, Official: agent, Reason: "least-loaded"})
	}
	w.idle(t)
}

// get reads a case as its owner.
func (w *world) get(t testing.TB, name string) *agencyv1.Case {
	t.Helper()
	return must[*agencyv1.Case](t)(w.GetCase(w.as(t, owner), &agencyv1.GetCaseRequest{Name: name}))
}

// item reads an item as the case's owner.
func (w *world) item(t testing.TB, name, code string) *agencyv1.Item {
	t.Helper()
	return must[*agencyv1.Item](t)(w.GetItem(w.as(t, owner), &agencyv1.GetItemRequest{Name: itemName(name, code)}))
}

func itemName(name, code string) string { return name + "/items/" + code }

// clerkOf is a clerk of the unit that decides an item of a plant in Hualong.
func clerkOf(code string) string {
	switch code {
	case cataloguetest.Filing, cataloguetest.Drainage:
		return cataloguetest.HualongClerk
	case cataloguetest.SiteOpinion, cataloguetest.LandPermit, cataloguetest.SitePermit, cataloguetest.Registration:
		return cataloguetest.PlanningClerk
	case cataloguetest.EcologyRule:
		return cataloguetest.EcologyClerk
	case cataloguetest.SoilPlan, cataloguetest.Verification:
		return cataloguetest.ApprovalsClerk
	case cataloguetest.BuildPermit:
		return cataloguetest.PermitsClerk
	case cataloguetest.WaterSupply:
		return cataloguetest.WaterClerk
	default:
		return cataloguetest.HousingClerk
	}
}

// supply sends a file whole, as its sender, and returns its name.
func (w *world) supply(t testing.TB, name, sender, purpose, material string) string {
	t.Helper()
	return w.deliver(t, name, sender, purpose, material, []byte("测绘报告 "+ids.New(w.Clock).New())).GetName()
}

// principal supplies what an item cannot be accepted without.
func (w *world) principal(t testing.TB, name, code string) {
	t.Helper()
	for _, m := range w.item(t, name, code).GetMaterials() {
		if m.GetPrincipal() && m.GetState() == agencyv1.ItemMaterial_MISSING {
			w.supply(t, name, owner, casefile.PurposeMaterial, m.GetMaterial())
		}
	}
}

// complete supplies everything that an item asks for.
func (w *world) complete(t testing.TB, name, code string) {
	t.Helper()
	w.principal(t, name, code)
	for _, m := range w.item(t, name, code).GetMaterials() {
		if slices.Contains([]agencyv1.ItemMaterial_State{agencyv1.ItemMaterial_MISSING, agencyv1.ItemMaterial_COMMITTED}, m.GetState()) {
			w.supply(t, name, owner, casefile.PurposeMaterial, m.GetMaterial())
		}
	}
}

// submit hands an item in for the enterprise.
func (w *world) submit(t testing.TB, name, code string) *agencyv1.Item {
	t.Helper()
	return must[*agencyv1.Item](t)(w.SubmitItem(w.as(t, owner), &agencyv1.SubmitItemRequest{Name: itemName(name, code)}))
}

func (w *world) accept(t testing.TB, name, code string) *agencyv1.Item {
	t.Helper()
	return must[*agencyv1.Item](t)(w.AcceptItem(w.as(t, clerkOf(code)), &agencyv1.AcceptItemRequest{Name: itemName(name, code)}))
}

func (w *world) approve(t testing.TB, name, code string) *agencyv1.Item {
	t.Helper()
	return must[*agencyv1.Item](t)(w.ApproveItem(w.as(t, clerkOf(code)), &agencyv1.ApproveItemRequest{Name: itemName(name, code)}))
}

// through takes an item from handing in to its approval, with everything there.
func (w *world) through(t testing.TB, name string, codes ...string) {
	t.Helper()
	for _, code := range codes {
		w.complete(t, name, code)
		w.submit(t, name, code)
		w.accept(t, name, code)
		w.approve(t, name, code)
	}
}

// sign signs a commitment for the enterprise, as the terms say now.
func (w *world) sign(t testing.TB, name, code string, kind agencyv1.Commitment_Kind) *agencyv1.Commitment {
	t.Helper()
	ctx := w.as(t, owner)
	terms := must[*agencyv1.CommitmentTerms](t)(w.GetCommitmentTerms(ctx, &agencyv1.GetCommitmentTermsRequest{Name: itemName(name, code), Kind: kind}))
	return must[*agencyv1.Commitment](t)(w.SignCommitment(ctx, &agencyv1.SignCommitmentRequest{Name: itemName(name, code), Kind: kind,
		TextSha256: terms.GetTextSha256(), SignerName: "赵企业"}))
}

// issue issues the certificate of an item under a number.
func (w *world) issue(t testing.TB, name, code, number string) {
	t.Helper()
	document := w.supply(t, name, clerkOf(code), casefile.PurposeCertificate, "")
	must[*agencyv1.Item](t)(w.IssueCertificate(w.as(t, clerkOf(code)), &agencyv1.IssueCertificateRequest{Name: itemName(name, code), Number: number, Document: document}))
}

// events are the types of a case's history.
func (w *world) events(t testing.TB, name string) (types []string) {
	t.Helper()
	history := must[*agencyv1.ListCaseEventsResponse](t)(w.ListCaseEvents(w.as(t, cataloguetest.Auditor), &agencyv1.ListCaseEventsRequest{Parent: name}))
	if !history.GetChainVerified() {
		t.Fatal("the chain does not hold")
	}
	for _, e := range history.GetEvents() {
		types = append(types, e.GetType())
	}
	return types
}

func count(list []string, what string) (n int) {
	for _, l := range list {
		if l == what {
			n++
		}
	}
	return n
}

// reason is the machine's word for why a call failed; empty when it did not.
func reason(err error) string {
	if err == nil {
		return ""
	}
	return wire.From(err).Reason
}

// refused is a call that fails for a reason.
func refused[T any](t testing.TB, want string) func(T, error) {
	return func(_ T, err error) {
		t.Helper()
		if got := reason(err); got != want {
			t.Errorf("refused with %q, %v; want %s", got, err, want)
		}
	}
}
