package hotline_test

import (
	"testing"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// id is the last part of a name.
func id(name string) string { return name[len(name)-36:] }

func TestFromFilingToVerifiedClose(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		filer, holder := w.as(t, desktest.Filer), w.as(t, policytest.Attendant)
		filed := w.file(t)
		if filed.GetState() != hotlinev1.Ticket_FILED || filed.GetHolder() != city+"/units/"+policytest.Desk || len(filed.GetNumber()) != 13 {
			t.Fatalf("filed: %v", filed)
		}
		if filed.GetCounty() != "" || filed.GetContact().GetPhone() != desktest.Phone || !filed.GetMembershipConfirmed() {
			t.Errorf("county %q, contact %v, member %t", filed.GetCounty(), filed.GetContact(), filed.GetMembershipConfirmed())
		}
		w.Attendant.propose(t, id(filed.GetName()), 1, policytest.Attendant, "enterprise-attendant")
		w.idle(t)
		got, err := w.GetTicket(filer, &hotlinev1.GetTicketRequest{Name: filed.GetName()})
		if err != nil || got.GetState() != hotlinev1.Ticket_DISPATCHED || got.GetHolder() != city+"/persons/"+policytest.Attendant {
			t.Fatalf("routed: %v, %v", got, err)
		}
		steps := []func() (*hotlinev1.Ticket, error){
			func() (*hotlinev1.Ticket, error) {
				return w.SignTicket(holder, &hotlinev1.SignTicketRequest{Name: filed.GetName(), Etag: got.GetEtag()})
			},
			func() (*hotlinev1.Ticket, error) {
				return w.AnswerTicket(holder, &hotlinev1.AnswerTicketRequest{Name: filed.GetName(), Outcome: hotlinev1.Answer_SOLVED,
					Text: "施工许可证已于今日核发，请到政务服务中心三楼领取。"})
			},
			func() (*hotlinev1.Ticket, error) {
				yes := true
				return w.VerifyTicket(filer, &hotlinev1.VerifyTicketRequest{Name: filed.GetName(), Contacted: &yes, Solved: &yes,
					Satisfied: hotlinev1.Verification_SATISFIED})
			},
		}
		for i, step := range steps {
			w.Clock.Advance(60e9)
			if got, err = step(); err != nil {
				t.Fatalf("step %d: %v", i, err)
			}
		}
		if got.GetState() != hotlinev1.Ticket_CLOSED || got.GetCloseReason() != hotlinev1.Ticket_VERIFIED {
			t.Errorf("closed: %v", got)
		}
		events, err := w.ListTicketEvents(filer, &hotlinev1.ListTicketEventsRequest{Parent: filed.GetName()})
		if err != nil || !events.GetChainVerified() || len(events.GetEvents()) != 6 {
			t.Errorf("history: %v, %v", events, err)
		}
		explained, err := w.ExplainTicket(filer, &hotlinev1.ExplainTicketRequest{Name: filed.GetName()})
		if err != nil || len(explained.GetClocks()) != 5 || len(explained.GetHolders()) != 2 {
			t.Errorf("explained: %v, %v", explained, err)
		}
	})
}
