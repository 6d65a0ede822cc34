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
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/agency/internal/follow"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// nowhere is a case that is not there.
const nowhere = "01900000-0000-7000-8000-00000000ffff"

// again lets a handler take everything that a neighbour has said once more.
func again(t *testing.T, n *neighbour, handle func(events []change.FeedEvent) (*change.Change, error)) {
	t.Helper()
	events := must[[]change.FeedEvent](t)(n.store.Feed(t.Context(), 0, 1000))
	if c, err := handle(events); err != nil || c != nil {
		t.Errorf("taken again: %v, %v", c, err)
	}
}

// An agent is taken while the agreement that they were proposed for is in force; what is proposed too late, or twice, or for what is not there, changes nothing.
func TestProposedAgents(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		c := w.entrusted(t)
		propose := func(p *attendantv1.AgentProposed) {
			if p.GetCase() == "" {
				p.Case = idOf(c.GetName())
			}
			w.Attendant.propose(t, p)
		}
		propose(&attendantv1.AgentProposed{Agreement: 1, Centre: cataloguetest.Approvals, Official: cataloguetest.ApprovalsAgent2, Reason: "least-loaded"}) // somebody acts
		propose(&attendantv1.AgentProposed{Case: nowhere, Agreement: 1, Centre: cataloguetest.Approvals, Official: cataloguetest.ApprovalsAgent2, Reason: "bound"})
		propose(&attendantv1.AgentProposed{Agreement: 1, Centre: cataloguetest.Approvals, Official: cataloguetest.ApprovalsAgent2, From: cataloguetest.ApprovalsAgent, Reason: "handover"})
		propose(&attendantv1.AgentProposed{Agreement: 1, Centre: cataloguetest.Investment, From: cataloguetest.InvestmentAgent, Reason: "dismissed"}) // nobody is left
		w.Attendant.say(t, "officials/x", &attendantv1.AttendantEvent{Event: &attendantv1.AttendantEvent_ClaimReturned{ClaimReturned: &attendantv1.ClaimReturned{}}})
		w.idle(t)
		got := w.get(t, c.GetName())
		if len(got.GetAgents()) != 3 || got.GetAgents()[0].GetOfficial() != personName(cataloguetest.ApprovalsAgent2) || got.GetAgents()[0].GetReason() != "handover" ||
			got.GetAgents()[1].GetEndTime() == nil || got.GetAgents()[2].GetEndTime() == nil {
			t.Fatalf("agents: %v", got.GetAgents())
		}
		owed := slices.ContainsFunc(got.GetClocks(), func(k *agencyv1.Clock) bool {
			return k.GetKind() == agencyv1.Clock_ASSIGN && k.GetUnit() == cataloguetest.Investment
		})
		if !owed {
			t.Error("the centre owes nobody")
		}
		before := w.events(t, c.GetName())
		handler := &follow.Attendant{Desk: w.Service.Desk()}
		again(t, w.Attendant, func(events []change.FeedEvent) (*change.Change, error) { return handler.Handle(t.Context(), events) })
		if after := w.events(t, c.GetName()); !slices.Equal(before, after) {
			t.Errorf("%v became %v", before, after)
		}
		if _, err := w.SubmitItem(w.as(t, cataloguetest.ApprovalsAgent), &agencyv1.SubmitItemRequest{Name: itemName(c.GetName(), cataloguetest.Filing)}); reason(err) != "CASE_NOT_FOUND" {
			t.Errorf("an agent who handed over: %v", err)
		}
	})
}

// A ticket that names a case is linked to it when somebody of the case filed it, and everybody may know of it; its end and its beginning anew are followed.
func TestTicketsOfACase(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		c := w.entrusted(t)
		id, n := idOf(c.GetName()), 0
		file := func(in *hotlinev1.TicketFiled) string {
			n++
			ticket := "01930000-0000-7000-8000-00000000000" + string(rune('0'+n))
			in.Number = "260302000000" + string(rune('0'+n))
			w.Hotline.ticket(t, ticket, &hotlinev1.TicketEvent{Event: &hotlinev1.TicketEvent_Filed{Filed: in}})
			return ticket
		}
		ours := file(&hotlinev1.TicketFiled{Enterprise: enterprise, Source: "cases/" + id + "/items/" + cataloguetest.Filing})
		byAgent := file(&hotlinev1.TicketFiled{Filer: cataloguetest.ApprovalsAgent, Source: "cases/" + id})
		unknownItem := file(&hotlinev1.TicketFiled{Enterprise: enterprise, Source: "cases/" + id + "/items/castle"})
		foreign := file(&hotlinev1.TicketFiled{Enterprise: enterprise2, Filer: stranger, Source: "cases/" + id})
		file(&hotlinev1.TicketFiled{Enterprise: enterprise, Source: "cases/" + id, Restricted: true})
		for _, source := range []string{"", "visits/1", "cases/", "cases/" + nowhere, "cases/../" + id} {
			file(&hotlinev1.TicketFiled{Enterprise: enterprise, Source: source})
			n--
		}
		for _, ticket := range []string{ours, foreign} {
			w.Hotline.ticket(t, ticket, &hotlinev1.TicketEvent{Event: &hotlinev1.TicketEvent_Closed{Closed: &hotlinev1.TicketClosed{}}})
		}
		w.Hotline.say(t, "commonIssues/"+nowhere, &hotlinev1.CommonIssueEvent{})
		w.idle(t)
		got := w.get(t, c.GetName()).GetTickets()
		want := []*agencyv1.LinkedTicket{
			{Ticket: city + "/tickets/" + ours, Number: "2603020000001", Item: cataloguetest.Filing, Reason: "other"},
			{Ticket: city + "/tickets/" + byAgent, Number: "2603020000002", Reason: "other", Open: true},
			{Ticket: city + "/tickets/" + unknownItem, Number: "2603020000003", Reason: "other", Open: true},
		}
		for i, ticket := range got {
			ticket.CreateTime = nil
			if i >= len(want) || !proto.Equal(ticket, want[i]) {
				t.Errorf("linked: %v", ticket)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%d tickets are linked", len(got))
		}
		before := w.events(t, c.GetName())
		handler := &follow.Hotline{Desk: w.Service.Desk()}
		again(t, w.Hotline, func(events []change.FeedEvent) (*change.Change, error) { return handler.Handle(t.Context(), events) })
		if count(w.events(t, c.GetName()), "ticket_linked") != count(before, "ticket_linked") {
			t.Errorf("%v became %v", before, w.events(t, c.GetName()))
		}
		w.Hotline.ticket(t, ours, &hotlinev1.TicketEvent{Event: &hotlinev1.TicketEvent_Reopened{Reopened: &hotlinev1.TicketReopened{}}})
		w.idle(t)
		if got := w.get(t, c.GetName()).GetTickets(); !got[0].GetOpen() {
			t.Errorf("opened again: %v", got[0])
		}
	})
}

// A notice that makes a year official counts open deadlines anew, once, and nothing that was final.
func TestANoticeComes(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	w.at(t, "2026-12-30 10:00")
	name := w.open(t).GetName()
	w.complete(t, name, cataloguetest.Filing)
	w.submit(t, name, cataloguetest.Filing)
	due := func() *agencyv1.Clock {
		for _, k := range w.get(t, name).GetClocks() {
			if k.GetKind() == agencyv1.Clock_ACCEPT {
				return k
			}
		}
		t.Fatal("nothing is owed")
		return nil
	}
	before := due()
	if !before.GetProvisional() {
		t.Fatalf("what reaches into 2027 is final: %v", before)
	}
	w.applyNext(t, 2, func(c *directoryv1.CityConfig) {
		c.CalendarYears[2].Origin, c.CalendarYears[2].DaysOff = "official", append(c.CalendarYears[2].DaysOff, "01-04")
	})
	after := due()
	if after.GetProvisional() || !after.GetDueTime().AsTime().After(before.GetDueTime().AsTime()) || !after.GetFirstDueTime().AsTime().Equal(before.GetDueTime().AsTime()) {
		t.Errorf("%v became %v", before, after)
	}
	w.idle(t)
	if types := w.events(t, name); count(types, "deadlines_recomputed") != 1 {
		t.Errorf("%v", types)
	}
}

// Who is dismissed is out at once, and stays out.
func TestADismissedOfficial(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	w.open(t)
	clerk := w.as(t, cataloguetest.PlanningClerk)
	must[*agencyv1.ListItemsResponse](t)(w.ListItems(clerk, &agencyv1.ListItemsRequest{Parent: city}))
	w.Directory.say(t, "city", &directoryv1.DirectoryEvent{Event: &directoryv1.DirectoryEvent_OfficialDismissed{OfficialDismissed: &directoryv1.OfficialDismissed{
		Person: cataloguetest.PlanningClerk}}})
	w.Directory.say(t, "city", &directoryv1.DirectoryEvent{Event: &directoryv1.DirectoryEvent_SessionsRevoked{SessionsRevoked: &directoryv1.SessionsRevoked{
		Person: colleague, IssuedUntilMicros: time.Now().Add(time.Minute).UnixMicro()}}})
	w.idle(t)
	refused[*agencyv1.ListItemsResponse](t, "SESSION_REVOKED")(w.ListItems(clerk, &agencyv1.ListItemsRequest{Parent: city}))
	refused[*agencyv1.ListCasesResponse](t, "SESSION_REVOKED")(w.ListCases(w.as(t, colleague), &agencyv1.ListCasesRequest{Parent: city}))
	must[*agencyv1.ListCasesResponse](t)(w.ListCases(w.as(t, owner), &agencyv1.ListCasesRequest{Parent: city}))
}

// Nobody was there for a month: everything stands at its own time, once.
func TestAMonthOfDowntime(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		c := w.entrusted(t)
		name := c.GetName()
		w.complete(t, name, cataloguetest.Filing)
		w.submit(t, name, cataloguetest.Filing)
		must[*agencyv1.Case](t)(w.RequestMaterial(w.as(t, cataloguetest.ApprovalsAgent), &agencyv1.RequestMaterialRequest{Name: name, Material: cataloguetest.Drawings,
			Workdays: 3, Text: "请提供设计图纸"}))
		w.at(t, "2026-04-02 10:00")
		i := w.item(t, name, cataloguetest.Filing)
		if i.GetState() != casefile.WindowAccepted || !i.GetDeemedAccepted() || !i.GetAcceptTime().AsTime().Equal(i.GetSubmitTime().AsTime()) || !i.GetOverdue() || !i.GetStuck() ||
			!i.GetStateTime().AsTime().Equal(cataloguetest.At("2026-03-09 18:00")) || i.GetActualWorkdays() != 23 {
			t.Errorf("the item: %v", i)
		}
		history := must[*agencyv1.ListCaseEventsResponse](t)(w.ListCaseEvents(w.as(t, owner), &agencyv1.ListCaseEventsRequest{Parent: name}))
		types := map[string]int{}
		for n, e := range history.GetEvents() {
			types[e.GetType()]++
			if n > 0 && e.GetEventTime().AsTime().Before(history.GetEvents()[n-1].GetEventTime().AsTime()) {
				t.Errorf("event %d %s lies before the one ahead of it", e.GetVersion(), e.GetType())
			}
		}
		if !history.GetChainVerified() || types["clock_breached"] != 4 || types["item_accepted"] != 1 { // acceptance, the document, the promise, the law
			t.Errorf("chain %t, %v", history.GetChainVerified(), types)
		}
		w.idle(t)
		if again := w.events(t, name); len(again) != len(history.GetEvents()) {
			t.Errorf("%d events became %d", len(history.GetEvents()), len(again))
		}
	})
}

// An entrustment runs out at its date; what an agent could do then, the enterprise still can.
func TestAnEntrustmentRunsOut(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	name := w.open(t).GetName()
	clerk := w.as(t, cataloguetest.ApprovalsClerk)
	far := &agencyv1.OfferAgreementRequest{Name: name, ExpireTime: timestamppb.New(w.Clock.Now().AddDate(5, 0, 0))}
	refused[*agencyv1.Case](t, "EXPIRY_INVALID")(w.OfferAgreement(clerk, far))
	w.entrust(t, name, cataloguetest.Land)
	agent := w.as(t, cataloguetest.ApprovalsAgent)
	if i := w.item(t, name, cataloguetest.SitePermit); !i.GetSelfHandled() {
		t.Errorf("outside what is entrusted: %v", i)
	}
	refused[*agencyv1.Item](t, "NOT_AGENT")(w.SubmitItem(agent, &agencyv1.SubmitItemRequest{Name: itemName(name, cataloguetest.SitePermit)}))
	w.at(t, "2027-03-03 10:00")
	c := w.get(t, name)
	if a := c.GetAgreements()[0]; a.GetState() != agencyv1.Agreement_TERMINATED || a.GetTerminateCause() != "expired" || c.GetAgents()[0].GetEndTime() == nil {
		t.Errorf("run out: %v", c.GetAgreements())
	}
	refused[*agencyv1.Item](t, "CASE_NOT_FOUND")(w.SubmitItem(agent, &agencyv1.SubmitItemRequest{Name: itemName(name, cataloguetest.Filing)}))
	w.submit(t, name, cataloguetest.Filing)
}
