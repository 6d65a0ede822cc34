package rpc

import (
	"testing"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

func TestEverythingIsSaidInBothLanguages(t *testing.T) {
	said := func(what string, texts fault.Text) {
		t.Helper()
		if texts.Zh == "" || texts.En == "" {
			t.Errorf("%s: %+v", what, texts)
		}
	}
	for _, typ := range casefile.Types() {
		said("event "+typ, eventTexts[typ])
	}
	if len(eventTexts) != len(casefile.Types()) {
		t.Errorf("%d types of event, texts for %d", len(casefile.Types()), len(eventTexts))
	}
	for number, name := range agencyv1.Clock_Kind_name {
		if number != 0 {
			said("clock "+name, clockTexts[casefile.Kind(number)])
			said("origin "+name, originTexts[casefile.Kind(number)])
		}
	}
	for _, p := range casefile.Procedures() {
		said("procedure "+p, procedureTexts[p])
	}
	for _, table := range []struct {
		what  string
		texts map[string]fault.Text
		codes []string
	}{
		{"cause", causeTexts, []string{"enterprise", "not-corrected", "dropped", "silence", "commitment", "promise", "unchecked", "unit"}},
		{"plan", planTexts, []string{"opened", "answers", "moved"}},
		{"end", endTexts, []string{"enterprise", "centre", "expired", "closed", "completed"}},
		{"agent", agentTexts, []string{"bound", "deputy", "least-loaded", "chosen", "handover", "leave", "dismissed", "terminated"}},
		{"purpose", purposeTexts, []string{casefile.PurposeMaterial, casefile.PurposeAgreement, casefile.PurposeCertificate, casefile.PurposeEvidence, casefile.PurposeNotice}},
		{"consequence", consequenceTexts, []string{catalogue.ConsequenceWithdrawn, catalogue.ConsequenceRefused, catalogue.ConsequenceRevoked}},
		{"opinion", opinionTexts, []string{casefile.OpinionAgree, casefile.OpinionObject, casefile.OpinionSilent}},
		{"step", stepTexts, []string{casefile.ReasonWork, casefile.ReasonStartDay, casefile.ReasonLunch, casefile.ReasonNight, casefile.ReasonWeekend, casefile.ReasonHoliday,
			casefile.ReasonMakeUp, casefile.ReasonNatural, casefile.ReasonRolled, casefile.StopCorrection, casefile.StopMoreTime}},
		{"trouble", troubleTexts, []string{casefile.TroubleStuck, casefile.TroubleRefused, casefile.TroubleOverdue, casefile.TroubleOther}},
	} {
		for _, code := range table.codes {
			said(table.what+" "+code, table.texts[code])
		}
	}
	for number, name := range agencyv1.Commitment_Kind_name {
		if number != 0 {
			said("commitment "+name, kindTexts[agencyv1.Commitment_Kind(number)])
		}
	}
}

// Two requests that ask for the same have one hash, whatever their request id and etag; the request itself stays as it was.
func TestBodyHash(t *testing.T) {
	const method = "/throughtrain.agency.v1.ItemService/SubmitItem"
	in := &agencyv1.SubmitItemRequest{Name: "cities/410900/cases/x/items/y", Etag: "3", RequestId: "a"}
	first, err := callOf(method, in)
	if err != nil || first.Method != "SubmitItem" || first.Etag != "3" || in.GetRequestId() != "a" || in.GetEtag() != "3" {
		t.Fatalf("%+v, %v; the request is now %v", first, err, in)
	}
	same, _ := callOf(method, &agencyv1.SubmitItemRequest{Name: in.GetName(), RequestId: "b"})
	other, _ := callOf(method, &agencyv1.SubmitItemRequest{Name: in.GetName(), OnPromise: true, RequestId: "a"})
	if string(first.BodyHash) != string(same.BodyHash) || string(first.BodyHash) == string(other.BodyHash) || len(first.BodyHash) != 32 {
		t.Errorf("%x %x %x", first.BodyHash, same.BodyHash, other.BodyHash)
	}
	if none, _ := callOf(method, &agencyv1.SubmitItemRequest{}); none.BodyHash != nil {
		t.Error("a call without an id needs no hash")
	}
}
