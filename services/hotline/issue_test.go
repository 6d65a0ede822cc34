package hotline_test

import (
	"context"
	"strings"
	"testing"

	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	errdetails "google.golang.org/genproto/googleapis/rpc/errdetails"

	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

func newIssue() *hotlinev1.CreateCommonIssueRequest {
	return &hotlinev1.CreateCommonIssueRequest{Parent: city, Title: "施工许可办理慢", Plan: "压减材料，并联审批", Month: "2026-03", LeadUnit: city + "/units/housing",
		AssistingUnits: []string{city + "/units/market"}, DueDate: "2026-03-31", RequestId: "issue"}
}

// refusal is the code and reason of an error as it went over the wire.
func refusal(err error) string {
	s := status.Convert(err)
	for _, d := range s.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok {
			return s.Code().String() + "/" + info.GetReason()
		}
	}
	return s.Code().String()
}

func TestCommonIssuesOverTheWire(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		issues := hotlinev1.NewCommonIssueServiceClient(w.bare)
		office, leader := w.as(t, policytest.MayorOffice), w.as(t, policytest.HousingLeader)
		made, err := issues.CreateCommonIssue(office, newIssue())
		if err != nil || made.GetState() != hotlinev1.CommonIssue_OPEN || made.GetDueTime().AsTime() != policytest.At("2026-03-31 18:00") ||
			made.GetLeadUnitDisplayName() != "住房和城乡建设局" || made.GetPlan() == "" || len(made.GetAssistingUnits()) != 1 {
			t.Fatalf("%v, %v", made, err)
		}
		if again, err := issues.CreateCommonIssue(office, newIssue()); err != nil || again.GetName() != made.GetName() {
			t.Errorf("a repeat: %v, %v", again, err)
		}
		ticket := w.file(t)
		linked, err := issues.LinkTickets(w.as(t, policytest.Dispatcher), &hotlinev1.LinkTicketsRequest{Name: made.GetName(), Tickets: []string{ticket.GetName()}})
		if err != nil || linked.GetTicketCount() != 1 || linked.GetEtag() != "1" {
			t.Fatalf("%v, %v", linked, err)
		}
		filer := w.as(t, desktest.Filer)
		seen, err := w.GetTicket(filer, &hotlinev1.GetTicketRequest{Name: ticket.GetName()})
		if err != nil || seen.GetIssue() != made.GetName() {
			t.Errorf("the ticket names %q, %v", seen.GetIssue(), err)
		}
		outlines, err := issues.GetCommonIssue(filer, &hotlinev1.GetCommonIssueRequest{Name: made.GetName()})
		if err != nil || outlines.GetTitle() == "" || outlines.GetDueDate() != "2026-03-31" || outlines.GetPlan() != "" || len(outlines.GetAssistingUnits()) > 0 ||
			len(outlines.GetActions()) > 0 || outlines.GetTicketCount() != 1 {
			t.Errorf("the filer sees %v, %v", outlines, err)
		}
		behind, err := w.ListTickets(office, &hotlinev1.ListTicketsRequest{Parent: city, Filter: `issue = "` + made.GetName() + `"`})
		if err != nil || len(behind.GetTickets()) != 1 || behind.GetTickets()[0].GetName() != ticket.GetName() {
			t.Errorf("behind the count: %v, %v", behind, err)
		}
		history, err := w.ListTicketEvents(filer, &hotlinev1.ListTicketEventsRequest{Parent: ticket.GetName()})
		if last := history.GetEvents()[len(history.GetEvents())-1]; err != nil || last.GetType() != "issue_linked" || last.GetText() == "" || !history.GetChainVerified() {
			t.Errorf("%v, %v", last, err)
		}
		if _, err := issues.ReportCommonIssue(leader, &hotlinev1.ReportCommonIssueRequest{Name: made.GetName(), Text: "流程已再造", Solved: true, Etag: "1"}); err != nil {
			t.Error(err)
		}
		w.Clock.Set(policytest.At("2026-04-01 09:00"))
		late, err := issues.ListCommonIssues(office, &hotlinev1.ListCommonIssuesRequest{Parent: city, Filter: `open AND due_time < "2026-04-01T09:00:00+08:00"`})
		if err != nil || late.GetTotalSize() != 1 || !late.GetCommonIssues()[0].GetOverdue() || late.GetCommonIssues()[0].GetMissed() != 1 {
			t.Errorf("overdue: %v, %v", late, err)
		}
		closed, err := issues.CloseCommonIssue(office, &hotlinev1.CloseCommonIssueRequest{Name: made.GetName(), State: hotlinev1.CommonIssue_SOLVED, Result: "时限压至 5 日"})
		if err != nil || closed.GetState() != hotlinev1.CommonIssue_SOLVED || closed.GetResult() == "" || closed.GetOverdue() || len(closed.GetReports()) != 1 {
			t.Errorf("%v, %v", closed, err)
		}
		events, err := issues.ListCommonIssueEvents(metadata.AppendToOutgoingContext(leader, "accept-language", "en"),
			&hotlinev1.ListCommonIssueEventsRequest{Parent: made.GetName()})
		if err != nil || len(events.GetEvents()) != 3 || !events.GetChainVerified() || !strings.HasPrefix(events.GetEvents()[1].GetText(), "The lead unit's leader") {
			t.Errorf("%v, %v", events, err)
		}
		w.idle(t) // the board and everybody else who reads the feed get past what is no ticket
		feed, err := w.Feed.ListEvents(context.Background(), &feedv1.ListEventsRequest{})
		n := 0
		for _, e := range feed.GetEvents() {
			if strings.HasPrefix(e.GetAggregate(), "issues/") {
				n++
			}
		}
		if err != nil || n != 3 {
			t.Errorf("%d events of issues in the feed, %v", n, err)
		}
		checkBoard(t, w)
	})
}

func checkBoard(t *testing.T, w *world) {
	t.Helper()
	checked, err := w.Service.CheckBoard(t.Context(), policytest.Code)
	if err != nil || len(checked.GetDifferences()) > 0 {
		t.Errorf("the board: %v, %v", checked, err)
	}
}

func TestRefusalsOfCommonIssues(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	issues := hotlinev1.NewCommonIssueServiceClient(w.bare)
	office := w.as(t, policytest.MayorOffice)
	made, err := issues.CreateCommonIssue(office, newIssue())
	if err != nil {
		t.Fatal(err)
	}
	absent := city + "/commonIssues/01900000-0000-7000-8000-00000000ffff"
	create := func(edit func(*hotlinev1.CreateCommonIssueRequest)) error {
		in := newIssue()
		in.RequestId = ""
		edit(in)
		_, err := issues.CreateCommonIssue(office, in)
		return err
	}
	replan := func(ctx context.Context, date string) error {
		_, err := issues.ReplanCommonIssue(ctx, &hotlinev1.ReplanCommonIssueRequest{Name: made.GetName(), DueDate: date, Reason: "x"})
		return err
	}
	get := func(ctx context.Context, name string) error {
		_, err := issues.GetCommonIssue(ctx, &hotlinev1.GetCommonIssueRequest{Name: name})
		return err
	}
	closeIt := func(ctx context.Context) error {
		_, err := issues.CloseCommonIssue(ctx, &hotlinev1.CloseCommonIssueRequest{Name: made.GetName(), State: hotlinev1.CommonIssue_SOLVED, Result: "x"})
		return err
	}
	for _, c := range []struct {
		name, want string
		got        error
	}{
		{"absent", "NotFound/ISSUE_NOT_FOUND", get(office, absent)},
		{"not seen", "NotFound/ISSUE_NOT_FOUND", get(w.as(t, desktest.Filer), made.GetName())},
		{"another city", "NotFound/ISSUE_NOT_FOUND", get(office, strings.Replace(made.GetName(), policytest.Code, "410700", 1))},
		{"a blank title", "InvalidArgument/TEXT_EMPTY", create(func(in *hotlinev1.CreateCommonIssueRequest) { in.Title = " " })},
		{"no such unit", "InvalidArgument/ISSUE_UNIT_INVALID", create(func(in *hotlinev1.CreateCommonIssueRequest) { in.LeadUnit = city + "/units/nowhere" })},
		{"a unit of another city", "NotFound/CITY_NOT_FOUND", create(func(in *hotlinev1.CreateCommonIssueRequest) { in.LeadUnit = "cities/410700/units/housing" })},
		{"a day gone by", "InvalidArgument/ISSUE_DATE_INVALID", create(func(in *hotlinev1.CreateCommonIssueRequest) { in.DueDate = "2026-03-01" })},
		{"no month", "InvalidArgument/REQUEST_INVALID", create(func(in *hotlinev1.CreateCommonIssueRequest) { in.Month = "2026-13" })},
		{"the same date", "InvalidArgument/REPLAN_EMPTY", replan(office, "2026-03-31")},
		{"not reported", "FailedPrecondition/ISSUE_NOT_REPORTED", closeIt(office)},
		{"closed by the lead unit", "PermissionDenied/ROLE_REQUIRED", closeIt(w.as(t, policytest.HousingLeader))},
		{"another's request", "NotFound/ISSUE_NOT_FOUND", replan(w.as(t, policytest.Clerk), "2026-04-10")},
		{"an assisting unit's request", "PermissionDenied/NOT_LEAD_UNIT", replan(w.as(t, policytest.MarketLeader), "2026-04-10")},
	} {
		if got := refusal(c.got); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	reused := newIssue()
	reused.Plan = "another"
	if _, err := issues.CreateCommonIssue(office, reused); refusal(err) != "AlreadyExists/REQUEST_ID_REUSED" {
		t.Errorf("reused: %v", err)
	}
	// Accepted before, it is answered though it would not pass any more.
	replayed, found, err := w.Service.Replay(withCaller(t, policytest.MayorOffice), "/throughtrain.hotline.v1.CommonIssueService/CreateCommonIssue", newIssue())
	if issue, ok := replayed.(*hotlinev1.CommonIssue); err != nil || !found || !ok || issue.GetName() != made.GetName() {
		t.Errorf("replayed %v, %t, %v", replayed, found, err)
	}
}

func TestSimilarTicketsOverTheWire(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	finder := hotlinev1.NewSimilarServiceClient(w.bare)
	first, second := w.file(t), w.file(t)
	ask := &hotlinev1.SuggestSimilarTicketsRequest{Parent: city, Enterprise: city + "/enterprises/" + desktest.Enterprise, Body: "材料交了两个月，施工许可还没批下来"}
	found, err := finder.SuggestSimilarTickets(w.as(t, desktest.Filer), ask)
	if err != nil || len(found.GetTickets()) != 2 || found.GetTickets()[0].GetTicket().GetTitle() == "" || found.GetTickets()[0].GetTicket().GetBody() != "" ||
		found.GetTickets()[0].GetScore() <= 0 || len(found.GetTickets()[0].GetWords()) == 0 {
		t.Errorf("%v, %v", found, err)
	}
	nobodys := &hotlinev1.SuggestSimilarTicketsRequest{Parent: city, Enterprise: city + "/enterprises/01920000-0000-7000-8000-00000000ffff", Body: ask.GetBody()}
	foreign, err := finder.SuggestSimilarTickets(w.as(t, desktest.Stranger), ask)
	none, err2 := finder.SuggestSimilarTickets(w.as(t, desktest.Stranger), nobodys)
	if err != nil || err2 != nil || len(foreign.GetTickets())+len(none.GetTickets()) != 0 {
		t.Errorf("a rival: %v, %v; of nobody's: %v, %v", foreign, err, none, err2)
	}
	others, err := finder.ListSimilarTickets(w.as(t, policytest.Dispatcher), &hotlinev1.ListSimilarTicketsRequest{Name: first.GetName()})
	if err != nil || len(others.GetTickets()) != 1 || others.GetTickets()[0].GetTicket().GetName() != second.GetName() {
		t.Errorf("%v, %v", others, err)
	}
	if _, err := finder.ListSimilarTickets(w.as(t, desktest.Filer), &hotlinev1.ListSimilarTicketsRequest{Name: first.GetName()}); status.Code(err).String() != "PermissionDenied" {
		t.Errorf("the filer merges: %v", err)
	}
}

func withCaller(t *testing.T, person string) context.Context {
	return authn.WithCaller(t.Context(), desktest.Caller(person))
}
