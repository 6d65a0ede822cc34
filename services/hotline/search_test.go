package hotline_test

import (
	"fmt"
	"testing"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// Words, filter, order and pages go together, and a token of one search is none of another.
func TestSearchPages(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		for i := range 5 {
			must[*hotlinev1.Ticket](t)(w.CreateTicket(w.as(t, desktest.Filer), &hotlinev1.CreateTicketRequest{Parent: city, Body: fmt.Sprintf("厂区供气压力不足，第%d次", i)}))
		}
		must[*hotlinev1.Ticket](t)(w.CreateTicket(w.as(t, desktest.Filer), &hotlinev1.CreateTicketRequest{Parent: city, Body: "围挡占道"}))
		in := &hotlinev1.ListTicketsRequest{Parent: city, Query: "供气压力", Filter: `state = "FILED"`, PageSize: 2}
		seen := map[string]bool{}
		for page := 0; ; page++ {
			out := must[*hotlinev1.ListTicketsResponse](t)(w.ListTickets(w.as(t, policytest.Dispatcher), in))
			if page == 0 && out.GetTotalSize() != 5 {
				t.Errorf("%d in all", out.GetTotalSize())
			}
			for _, found := range out.GetTickets() {
				seen[found.GetName()] = true
			}
			if in.PageToken = out.GetNextPageToken(); in.PageToken == "" {
				break
			}
			other := &hotlinev1.ListTicketsRequest{Parent: city, Query: "供气", Filter: in.Filter, PageSize: 2, PageToken: in.PageToken}
			if _, err := w.ListTickets(w.as(t, policytest.Dispatcher), other); toldOf(err).reason != "PAGE_TOKEN_INVALID" {
				t.Errorf("another search's token: %v", err)
			}
		}
		if len(seen) != 5 {
			t.Errorf("%d were shown", len(seen))
		}
	})
}

// An enterprise's tickets are found by its name in the register.
func TestSearchByTheEnterprisesName(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	w.Directory.names = map[string]string{city + "/enterprises/" + desktest.Enterprise: "濮阳宏远化工有限公司"}
	w.Directory.say(t, &directoryv1.DirectoryEvent{Event: &directoryv1.DirectoryEvent_EnterpriseCreated{EnterpriseCreated: &directoryv1.EnterpriseCreated{
		Enterprise: desktest.Enterprise, County: policytest.CountyCode}}})
	w.idle(t)
	plain := w.file(t)
	must[*hotlinev1.Ticket](t)(w.CreateTicket(w.as(t, desktest.Filer), &hotlinev1.CreateTicketRequest{Parent: city, Body: "保密的一件", Confidential: true}))
	for who, want := range map[string]int{policytest.Dispatcher: 1, policytest.MayorOffice: 1, desktest.Filer: 1, desktest.Stranger: 0, policytest.Auditor: 0} {
		out := must[*hotlinev1.ListTicketsResponse](t)(w.ListTickets(w.as(t, who), &hotlinev1.ListTicketsRequest{Parent: city, Query: "宏远化工"}))
		if len(out.GetTickets()) != want || want > 0 && out.GetTickets()[0].GetName() != plain.GetName() {
			t.Errorf("%s finds %v", who, out.GetTickets())
		}
	}
}
