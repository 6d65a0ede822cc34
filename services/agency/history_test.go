package agency_test

import (
	"strings"
	"testing"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
)

// asides are cases that end otherwise, or in which nobody says anything in time.
func (w *world) asides(t *testing.T) []string {
	t.Helper()
	caseOf, centre, mine := must[*agencyv1.Case](t), w.as(t, cataloguetest.ApprovalsClerk), w.as(t, owner)
	broken := w.breaks(t)
	must[*agencyv1.Commitment](t)(w.RepairCredit(w.as(t, cataloguetest.Supervisor), &agencyv1.RepairCreditRequest{Name: broken + "/commitments/1", Reason: "已补救"}))
	w.principal(t, broken, cataloguetest.CivilDefence)
	w.sign(t, broken, cataloguetest.CivilDefence, agencyv1.Commitment_TOLERANCE)
	w.submit(t, broken, cataloguetest.CivilDefence)
	w.complete(t, broken, cataloguetest.CivilDefence)
	w.accept(t, broken, cataloguetest.CivilDefence) // what was committed to is there: it falls away
	w.complete(t, broken, cataloguetest.EcologyRule)
	w.submit(t, broken, cataloguetest.EcologyRule) // nobody accepts it
	w.at(t, "2026-03-17 09:00")
	must[*agencyv1.Item](t)(w.StartProcedure(w.as(t, cataloguetest.EcologyClerk), &agencyv1.StartProcedureRequest{Name: itemName(broken, cataloguetest.EcologyRule),
		Procedure: catalogue.ProcedurePublicity, Workdays: 1, Notice: "公示"}))
	w.at(t, "2026-03-19 09:00")

	in := opening()
	in.Eligibility, in.ArrangedText = agencyv1.Case_ARRANGED_BY_CITY, "市长批示"
	declined := caseOf(w.CreateCase(mine, in))
	caseOf(w.DeclineCase(centre, &agencyv1.DeclineCaseRequest{Name: declined.GetName(), Reason: "不在代办范围"}))

	closed := w.entrusted(t)
	caseOf(w.TerminateAgreement(mine, &agencyv1.TerminateAgreementRequest{Name: closed.GetName(), Reason: "自行办理"}))
	caseOf(w.CloseCase(mine, &agencyv1.CloseCaseRequest{Name: closed.GetName(), Reason: "项目终止"}))

	w.at(t, "2026-12-30 10:00")
	recounted := w.open(t)
	w.complete(t, recounted.GetName(), cataloguetest.Filing)
	w.submit(t, recounted.GetName(), cataloguetest.Filing) // due in a year that no notice has made official
	w.applyNext(t, 2, func(c *directoryv1.CityConfig) {
		c.CalendarYears[2].Origin = "official"
		c.CalendarYears[2].DaysOff = append(c.CalendarYears[2].DaysOff, "01-04")
	})
	return []string{broken, declined.GetName(), closed.GetName(), recounted.GetName()}
}

// Every event is told in plain words in both languages, at its place in a chain that holds.
func TestEveryEventIsTold(t *testing.T) {
	told := map[string]bool{"case_content_erased": true, "report_noted": true} // which nothing does yet, and what only departments' systems do
	listen := func(w *world, name string) {
		t.Helper()
		histories := map[string]*agencyv1.ListCaseEventsResponse{}
		for _, language := range []string{"zh-CN", "en"} {
			histories[language] = must[*agencyv1.ListCaseEventsResponse](t)(w.ListCaseEvents(in(w.as(t, owner), language), &agencyv1.ListCaseEventsRequest{Parent: name}))
			if !histories[language].GetChainVerified() {
				t.Error("the chain does not hold")
			}
		}
		previous := ""
		for i, zh := range histories["zh-CN"].GetEvents() {
			en := histories["en"].GetEvents()[i]
			told[zh.GetType()] = true
			if testing.Verbose() {
				t.Logf("%s %s %q %q | %q", zh.GetType(), zh.GetActor(), zh.GetActorDisplayName(), zh.GetText(), en.GetText())
			}
			if zh.GetText() == "" || en.GetText() == "" || zh.GetText() == en.GetText() || strings.Contains(zh.GetText()+en.GetText(), "%!") || zh.GetActor() == "" ||
				zh.GetPreviousHash() != previous && previous != "" || strings.Contains(en.GetText(), "  ") {
				t.Errorf("event %d %s by %q is told as %q and %q", zh.GetVersion(), zh.GetType(), zh.GetActor(), zh.GetText(), en.GetText())
			}
			previous = zh.GetHash()
		}
	}
	w := newWorld(t, "sqlite::memory:")
	listen(w, w.tell(t).name)
	w = newWorld(t, "sqlite::memory:")
	for _, name := range w.asides(t) {
		listen(w, name)
	}
	for _, typ := range casefile.Types() {
		if !told[typ] {
			t.Errorf("nothing led to %s", typ)
		}
	}
}

// An official is named with what they were to the case; who acts for the enterprise is not named.
func TestWhoDidIt(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	s := w.tell(t)
	history := must[*agencyv1.ListCaseEventsResponse](t)(w.ListCaseEvents(w.as(t, owner), &agencyv1.ListCaseEventsRequest{Parent: s.name}))
	got := map[string]string{}
	for _, e := range history.GetEvents() {
		if e.GetType() == "item_approved" {
			got[e.GetType()+" "+e.GetItem()] = e.GetActor() + " " + e.GetActorDisplayName()
		}
		if got[e.GetType()] == "" {
			got[e.GetType()] = e.GetActor() + " " + e.GetActorDisplayName()
		}
	}
	for what, want := range map[string]string{
		"case_opened": "enterprise ", "case_admitted": "office 严正", "agreement_offered": "centre 常青", "agreement_signed": "enterprise ", "agent_refused": "system ",
		"material_requested": "agent 宋佳", "item_submitted": "agent 宋佳", "item_accepted": "unit 华章", "limit_extended": "unit 罗成", "item_approved " + cataloguetest.SoilPlan: "unit 常青",
		"opinion_given": "unit 林海", "joint_review_opened": "unit 方正", "commitment_kept": "unit 常青", "ticket_linked": "system ", "case_completed": "system ",
	} {
		if got[what] != want {
			t.Errorf("%s by %q, want %q", what, got[what], want)
		}
	}
}

// A department of a county opens a case on an enterprise's behalf, and acts as that.
func TestADepartmentOpens(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	in := opening()
	in.Unit, in.Eligibility, in.Counties = unitName(cataloguetest.Qingfeng), agencyv1.Case_SPANS_COUNTIES, []string{cataloguetest.HualongCode, cataloguetest.QingfengCode}
	ctx := w.as(t, cataloguetest.QingfengClerk)
	c := must[*agencyv1.Case](t)(w.CreateCase(ctx, in))
	if c.GetOpenerUnit() != in.GetUnit() || c.GetContact().GetPhone() != "" {
		t.Errorf("opened: %v", c)
	}
	note := must[*agencyv1.Note](t)(w.CreateNote(ctx, &agencyv1.CreateNoteRequest{Parent: c.GetName(), Text: "请尽快签署"}))
	if note.GetAuthor() != "department" || note.GetOfficialDisplayName() != "清源" {
		t.Errorf("written: %v", note)
	}
	if got := must[*agencyv1.Case](t)(w.GetCase(w.as(t, owner), &agencyv1.GetCaseRequest{Name: c.GetName()})); got.GetTitle() != in.GetTitle() {
		t.Errorf("the enterprise reads %v", got)
	}
	if c = w.get(t, c.GetName()); c.GetState() == agencyv1.Case_APPLIED {
		c = must[*agencyv1.Case](t)(w.AdmitCase(w.as(t, cataloguetest.InvestmentClerk), &agencyv1.AdmitCaseRequest{Name: c.GetName()}))
	}
	if d := w.deliver(t, c.GetName(), cataloguetest.QingfengClerk, casefile.PurposeMaterial, cataloguetest.Survey, drawing(t)); d.GetSupplier() != "department" {
		t.Errorf("supplied as %q", d.GetSupplier())
	}
	in.Unit = unitName(cataloguetest.Hualong)
	refused[*agencyv1.Case](t, "NOT_DEPARTMENT")(w.CreateCase(ctx, in))
}
