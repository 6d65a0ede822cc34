package agency_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
)

// Anybody may read which approvals there are; departments' systems and their keys are nobody's to read.
func TestTheCatalogueIsPublic(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	got := must[*agencyv1.ApprovalCatalogue](t)(w.GetApprovalCatalogue(t.Context(), &agencyv1.GetApprovalCatalogueRequest{Parent: city}))
	want := cataloguetest.Config().GetCatalogue()
	want.LineSystems = nil
	slices.SortFunc(want.GetRules().GetProcedures(), func(a, b *directoryv1.ProcedureLimit) int { return strings.Compare(a.GetProcedure(), b.GetProcedure()) })
	if got.GetVersion() != 1 || !proto.Equal(got.GetCatalogue(), want) {
		t.Errorf("version %d: %v\nwant %v", got.GetVersion(), got.GetCatalogue(), want)
	}
	refused[*agencyv1.ApprovalCatalogue](t, "CITY_NOT_FOUND")(w.GetApprovalCatalogue(t.Context(), &agencyv1.GetApprovalCatalogueRequest{Parent: "cities/410700"}))
}

// The plan of a project that nobody has opened yet is that of the case it would become.
func TestPreviewIsThePlan(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	preview := must[*agencyv1.PlanPreview](t)(w.PreviewPlan(in(t.Context(), "en"), &agencyv1.PreviewPlanRequest{Parent: city, County: cataloguetest.HualongCode,
		Answers: answers(cataloguetest.Plant())}))
	c := w.open(t)
	plan := must[*agencyv1.Plan](t)(w.GetCasePlan(in(w.as(t, owner), "en"), &agencyv1.GetCasePlanRequest{Name: c.GetName()}))
	if !proto.Equal(preview.GetPlan(), plan) || len(preview.GetItems()) != 13 || preview.GetVersion() != 1 {
		t.Errorf("preview %v\nplan %v", preview.GetPlan(), plan)
	}
	if plan.GetSavedWorkdays() != plan.GetStatutoryWorkdays()-plan.GetWorkdays() || plan.GetSavedWorkdays() != c.GetSavedWorkdays() || plan.GetWorkdays() <= 0 ||
		!plan.GetFinishTime().AsTime().Equal(c.GetPlanFinishTime().AsTime()) || !plan.GetFinishTime().AsTime().Before(plan.GetStatutoryFinishTime().AsTime()) {
		t.Errorf("the plan saves %d of %d workdays", plan.GetSavedWorkdays(), plan.GetStatutoryWorkdays())
	}
	first := plan.GetBars()[0]
	if first.GetItem() != cataloguetest.Filing || first.GetDisplayName() != "Filing of the project" || first.GetFinish() != 1 || !first.GetCritical() ||
		!first.GetFinishTime().AsTime().Equal(cataloguetest.At("2026-03-03 18:00")) || first.GetStarted() {
		t.Errorf("first comes %v", first)
	}
	for _, bad := range []struct {
		reason string
		edit   func(*agencyv1.PreviewPlanRequest)
	}{
		{"ANSWERS_INVALID", func(r *agencyv1.PreviewPlanRequest) { r.Answers.Type = "castle" }},
		{"CASE_COUNTY_UNKNOWN", func(r *agencyv1.PreviewPlanRequest) { r.County = "410999" }},
	} {
		r := &agencyv1.PreviewPlanRequest{Parent: city, Answers: answers(cataloguetest.Plant())}
		bad.edit(r)
		refused[*agencyv1.PlanPreview](t, bad.reason)(w.PreviewPlan(t.Context(), r))
	}
}

// The plan shows what has happened at its own instants, and when a limit stood still.
func TestThePlanFollows(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	name := w.open(t).GetName()
	w.through(t, name, cataloguetest.Filing)
	w.complete(t, name, cataloguetest.EcologyRule)
	w.submit(t, name, cataloguetest.EcologyRule)
	w.accept(t, name, cataloguetest.EcologyRule)
	must[*agencyv1.Item](t)(w.StartProcedure(w.as(t, cataloguetest.EcologyClerk), &agencyv1.StartProcedureRequest{Name: itemName(name, cataloguetest.EcologyRule),
		Procedure: "publicity", Workdays: 10, Notice: "公示"}))
	w.at(t, "2026-03-05 10:00")
	plan := func(person string) map[string]*agencyv1.PlanBar {
		bars := map[string]*agencyv1.PlanBar{}
		for _, b := range must[*agencyv1.Plan](t)(w.GetCasePlan(w.as(t, person), &agencyv1.GetCasePlanRequest{Name: name})).GetBars() {
			bars[b.GetItem()] = b
		}
		return bars
	}
	bars := plan(owner)
	if f := bars[cataloguetest.Filing]; !f.GetFinished() || !f.GetStarted() || f.GetFinish() != 0 || !f.GetFinishTime().AsTime().Before(cataloguetest.At("2026-03-02 10:00")) {
		t.Errorf("the filing: %v", f)
	}
	e := bars[cataloguetest.EcologyRule]
	if !e.GetStarted() || e.GetFinished() || len(e.GetPauses()) != 2 || !e.GetPauses()[1].AsTime().Equal(cataloguetest.At("2026-03-05 10:00")) || e.GetFinish() != 23 {
		t.Errorf("what stands still: %v", e)
	}
	if theirs := plan(cataloguetest.WaterClerk); len(theirs) != len(bars) || len(theirs[cataloguetest.EcologyRule].GetPauses()) != 0 {
		t.Errorf("others are told why: %v", theirs[cataloguetest.EcologyRule])
	}
}

// Who holds a certificate can check it, whoever they are; who does not hold it learns nothing.
func TestCheckingACertificate(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		name := w.open(t).GetName()
		w.through(t, name, cataloguetest.Filing, cataloguetest.SiteOpinion)
		document := w.supply(t, name, cataloguetest.PlanningClerk, casefile.PurposeCertificate, "")
		issue := &agencyv1.IssueCertificateRequest{Name: itemName(name, cataloguetest.SiteOpinion), Number: "选字第410900202600001号", Document: document,
			ValidFrom: "2026-03-03", ValidUntil: "2026-03-05"}
		must[*agencyv1.Item](t)(w.IssueCertificate(w.as(t, cataloguetest.PlanningClerk), issue))
		k := w.get(t, name).GetCertificates()[0]
		if len(k.GetCheckCode()) != 12 || k.GetCheckPath() == "" || k.GetDocument() != document {
			t.Fatalf("issued: %v", k)
		}
		ask := &agencyv1.CheckCertificateRequest{Parent: city, Number: k.GetNumber(), Code: k.GetCheckCode()}
		check := func(at string, want agencyv1.CertificateCheck_State) *agencyv1.CertificateCheck {
			t.Helper()
			w.at(t, at)
			got := must[*agencyv1.CertificateCheck](t)(w.CheckCertificate(in(t.Context(), "en"), ask))
			if got.GetState() != want {
				t.Errorf("at %s it is %s, want %s", at, got.GetState(), want)
			}
			return got
		}
		check("2026-03-02 23:59", agencyv1.CertificateCheck_NOT_YET_VALID)
		got := check("2026-03-03 00:00", agencyv1.CertificateCheck_VALID)
		read := must[*agencyv1.Document](t)(w.document(t, owner, document))
		want := &agencyv1.CertificateCheck{Number: k.GetNumber(), State: agencyv1.CertificateCheck_VALID, DisplayName: "Site opinion", ItemDisplayName: "Site opinion",
			UnitDisplayName: "Natural resources and planning", ProjectTitle: opening().GetTitle(), ValidFrom: "2026-03-03", ValidUntil: "2026-03-05", Sha256: read.GetContentSha256()}
		if !proto.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		check("2026-03-05 23:59", agencyv1.CertificateCheck_VALID)
		check("2026-03-06 00:00", agencyv1.CertificateCheck_EXPIRED)
		must[*agencyv1.Item](t)(w.RevokeItem(w.as(t, cataloguetest.PlanningLeader), &agencyv1.RevokeItemRequest{Name: issue.GetName(), Reason: "材料不实"}))
		check("2026-03-06 00:01", agencyv1.CertificateCheck_REVOKED)

		method := agencyv1.File_throughtrain_agency_v1_catalogue_service_proto.Services().ByName("CertificateService").Methods().ByName("CheckCertificate")
		wrongCode, _ := w.answered(t.Context(), method, &agencyv1.CheckCertificateRequest{Parent: city, Number: k.GetNumber(), Code: "ABCDEFGHIJKL"})
		wrongNumber, _ := w.answered(t.Context(), method, &agencyv1.CheckCertificateRequest{Parent: city, Number: "选字第1号", Code: k.GetCheckCode()})
		if !bytes.Equal(wrongCode, wrongNumber) || !bytes.Contains(wrongCode, []byte("CERTIFICATE_NOT_FOUND")) {
			t.Errorf("a wrong code is refused with %q, a wrong number with %q", wrongCode, wrongNumber)
		}
	})
}

// A number is another certificate's, in whatever case.
func TestACertificatesNumberIsUnique(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		for n, want := range []string{"", "CERTIFICATE_NUMBER_INVALID"} {
			name := w.open(t).GetName()
			w.through(t, name, cataloguetest.Filing)
			document := w.supply(t, name, cataloguetest.HualongClerk, casefile.PurposeCertificate, "")
			_, err := w.IssueCertificate(w.as(t, cataloguetest.HualongClerk), &agencyv1.IssueCertificateRequest{Name: itemName(name, cataloguetest.Filing),
				Number: "备案〔2026〕1号", Document: document})
			if reason(err) != want {
				t.Errorf("case %d: %v", n+1, err)
			}
		}
	})
}
