package agency_test

import (
	"slices"
	"testing"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
)

// breaks is a case of which a commitment is broken: what was promised of the site permit does not come.
func (w *world) breaks(t *testing.T) string {
	t.Helper()
	name := w.open(t).GetName()
	w.through(t, name, cataloguetest.Filing, cataloguetest.SiteOpinion, cataloguetest.LandPermit)
	w.principal(t, name, cataloguetest.SitePermit)
	w.sign(t, name, cataloguetest.SitePermit, agencyv1.Commitment_TOLERANCE)
	w.submit(t, name, cataloguetest.SitePermit)
	w.accept(t, name, cataloguetest.SitePermit)
	w.at(t, "2026-03-09 18:01") // five workdays later
	return name
}

// A broken commitment has its consequence at its own instant, and bars the enterprise everywhere until it is repaired.
func TestABrokenCommitment(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		other := w.open(t).GetName() // of the same enterprise
		w.through(t, other, cataloguetest.Filing, cataloguetest.SiteOpinion, cataloguetest.LandPermit)
		w.principal(t, other, cataloguetest.CivilDefence)
		name := w.breaks(t)
		mine := w.as(t, owner)
		k := must[*agencyv1.Commitment](t)(w.GetCommitment(mine, &agencyv1.GetCommitmentRequest{Name: name + "/commitments/1"}))
		due := cataloguetest.At("2026-03-09 18:00")
		if k.GetState() != agencyv1.Commitment_BROKEN || k.GetConsequence() != catalogue.ConsequenceWithdrawn || !k.GetBars() || !k.GetEndTime().AsTime().Equal(due) ||
			len(k.GetMissing()) != 2 {
			t.Fatalf("broken: %v", k)
		}
		if i := w.item(t, name, cataloguetest.SitePermit); i.GetState() != casefile.Withdrawn || i.GetDecisionText() == "" {
			t.Errorf("the item is %v", i)
		}
		types := w.events(t, name)
		for want, n := range map[string]int{"clock_reminded": 2, "commitment_broken": 1, "item_withdrawn": 1} {
			if count(types, want) != n {
				t.Errorf("%d times %s in %v", count(types, want), want, types)
			}
		}
		terms := &agencyv1.GetCommitmentTermsRequest{Name: itemName(other, cataloguetest.CivilDefence), Kind: agencyv1.Commitment_TOLERANCE}
		refused[*agencyv1.CommitmentTerms](t, "CREDIT_BARRED")(w.GetCommitmentTerms(mine, terms))
		if actions := w.item(t, other, cataloguetest.CivilDefence).GetActions(); slices.Contains(actions, "signCommitment") {
			t.Errorf("a barred enterprise is offered %v", actions)
		}
		record := must[*agencyv1.ListCommitmentsResponse](t)(w.ListCommitments(w.as(t, cataloguetest.Supervisor), &agencyv1.ListCommitmentsRequest{Parent: city, Filter: "bars"}))
		if len(record.GetCommitments()) != 1 || record.GetCommitments()[0].GetName() != k.GetName() || !slices.Contains(record.GetCommitments()[0].GetActions(), "repair") ||
			record.GetCommitments()[0].GetEnterprise() != enterpriseName(enterprise) || record.GetCommitments()[0].GetCaseNumber() == "" {
			t.Fatalf("the credit record: %v", record)
		}
		refused[*agencyv1.Commitment](t, "ROLE_REQUIRED")(w.RepairCredit(mine, &agencyv1.RepairCreditRequest{Name: k.GetName(), Reason: "已补救"}))
		repaired := must[*agencyv1.Commitment](t)(w.RepairCredit(w.as(t, cataloguetest.Supervisor), &agencyv1.RepairCreditRequest{Name: k.GetName(), Reason: "材料已补齐"}))
		if repaired.GetBars() || repaired.GetRepairTime() == nil || repaired.GetState() != agencyv1.Commitment_BROKEN {
			t.Errorf("repaired: %v", repaired)
		}
		if got := must[*agencyv1.CommitmentTerms](t)(w.GetCommitmentTerms(mine, terms)); got.GetText() == "" || got.GetDueTime() == nil {
			t.Errorf("after the repair: %v", got)
		}
	})
}

// Who signs says what they read: when the terms are others by then, nothing is signed.
func TestTheTermsThatWereRead(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	name := w.open(t).GetName()
	w.through(t, name, cataloguetest.Filing, cataloguetest.SiteOpinion, cataloguetest.LandPermit)
	w.principal(t, name, cataloguetest.SitePermit)
	mine := w.as(t, owner)
	read := must[*agencyv1.CommitmentTerms](t)(w.GetCommitmentTerms(mine, &agencyv1.GetCommitmentTermsRequest{Name: itemName(name, cataloguetest.SitePermit),
		Kind: agencyv1.Commitment_TOLERANCE}))
	w.supply(t, name, owner, casefile.PurposeMaterial, cataloguetest.Survey)
	in := &agencyv1.SignCommitmentRequest{Name: itemName(name, cataloguetest.SitePermit), Kind: agencyv1.Commitment_TOLERANCE, SignerName: "赵企业",
		TextSha256: read.GetTextSha256()}
	refused[*agencyv1.Commitment](t, "SIGNED_TEXT_CHANGED")(w.SignCommitment(mine, in))
	refused[*agencyv1.Commitment](t, "NOT_SIGNER")(w.SignCommitment(w.as(t, cataloguetest.ApprovalsClerk), in))
	now := must[*agencyv1.CommitmentTerms](t)(w.GetCommitmentTerms(mine, &agencyv1.GetCommitmentTermsRequest{Name: in.GetName(), Kind: in.GetKind()}))
	if in.TextSha256 = now.GetTextSha256(); now.GetTextSha256() == read.GetTextSha256() || !slices.Equal(now.GetMaterials(), []string{cataloguetest.Contract}) {
		t.Errorf("the terms are %v", now)
	}
	must[*agencyv1.Commitment](t)(w.SignCommitment(mine, in))
	refused[*agencyv1.CommitmentTerms](t, "NOT_PARTY_TO_CASE")(w.GetCommitmentTerms(w.as(t, cataloguetest.PlanningClerk),
		&agencyv1.GetCommitmentTermsRequest{Name: in.GetName(), Kind: in.GetKind()}))
}
