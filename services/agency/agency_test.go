package agency_test

import (
	"testing"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
)

func TestOpenAndEntrust(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		opened := w.open(t)
		if opened.GetState() != agencyv1.Case_OPEN || len(opened.GetNumber()) != 13 || opened.GetTitle() != "年产十万吨新材料项目" || opened.GetContact().GetPhone() != phone ||
			len(opened.GetItems()) != 13 || opened.GetSavedWorkdays() <= 0 || opened.GetEtag() != "3" || opened.GetPlanFinishTime() == nil {
			t.Fatalf("opened: %v", opened)
		}
		w.entrust(t, opened.GetName())
		c := w.get(t, opened.GetName())
		if len(c.GetAgents()) != 2 || c.GetAgreements()[0].GetState() != agencyv1.Agreement_SIGNED || c.GetAgents()[0].GetDisplayName() == "" {
			t.Errorf("agents %v, agreements %v", c.GetAgents(), c.GetAgreements())
		}
		got := must[*agencyv1.Case](t)(w.LookupCase(w.as(t, cataloguetest.ApprovalsAgent), &agencyv1.LookupCaseRequest{Parent: city, Number: c.GetNumber()}))
		if got.GetName() != c.GetName() {
			t.Errorf("found %s", got.GetName())
		}
	})
}

func TestFromEntrustmentToCompletion(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		newWorld(t, dsn).tell(t)
	})
}
