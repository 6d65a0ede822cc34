package hotline_test

import (
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// A month is published over the wire once, a repeat of the call is answered as the first, and what happens later is named beside it.
func TestAMonthIsPublished(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		board := hotlinev1.NewBoardServiceClient(w.bare)
		office, filer := w.as(t, policytest.MayorOffice), w.as(t, desktest.Filer)
		filed := w.file(t)
		w.at(t, "2026-04-01 09:00")
		w.idle(t)
		publish := &hotlinev1.PublishPeriodRequest{Parent: city, Month: "2026-03", RequestId: "publish-march"}
		if _, err := board.PublishPeriod(w.as(t, policytest.Dispatcher), publish); status.Code(err) != codes.PermissionDenied {
			t.Errorf("a dispatcher publishes: %v", err)
		}
		first := must[*hotlinev1.PublishedPeriod](t)(board.PublishPeriod(office, publish))
		again := must[*hotlinev1.PublishedPeriod](t)(board.PublishPeriod(office, publish))
		if first.GetName() != city+"/board/periods/2026-03" || first.GetRevision() != 1 || again.GetDigest() != first.GetDigest() || len(first.GetDigest()) != 64 {
			t.Errorf("published %v, again %v", first, again)
		}
		total := first.GetBoard().GetTotal()
		if total.GetFiled().GetValue() != 1 || total.GetOpen() != nil || len(total.GetRungs()) > 0 || total.GetRisk().GetAtRisk() != nil || len(total.GetAges()) > 0 {
			t.Errorf("the total of the month: %v", total)
		}
		if publisher := first.GetPublisher(); publisher != city+"/persons/"+policytest.MayorOffice || len(first.GetLaterChanges()) > 0 {
			t.Errorf("published by %s, changed %v", publisher, first.GetLaterChanges())
		}
		for _, refused := range []struct {
			in   *hotlinev1.PublishPeriodRequest
			code codes.Code
		}{
			{&hotlinev1.PublishPeriodRequest{Parent: city, Month: "2026-03"}, codes.AlreadyExists},
			{&hotlinev1.PublishPeriodRequest{Parent: city, Month: "2026-04"}, codes.FailedPrecondition},
			{&hotlinev1.PublishPeriodRequest{Parent: city, Month: "2026-13"}, codes.InvalidArgument},
			{&hotlinev1.PublishPeriodRequest{Parent: city, Month: "2026-02", Correction: "补正。"}, codes.NotFound},
			{&hotlinev1.PublishPeriodRequest{Parent: city, Month: "2026-02", RequestId: "publish-march"}, codes.AlreadyExists},
		} {
			if _, err := board.PublishPeriod(office, refused.in); status.Code(err) != refused.code {
				t.Errorf("%v: %v, want %s", refused.in, err, refused.code)
			}
		}

		if _, err := w.WithdrawTicket(filer, &hotlinev1.WithdrawTicketRequest{Name: filed.GetName(), Reason: "不需要了。"}); err != nil {
			t.Fatal(err)
		}
		w.idle(t)
		must[*hotlinev1.PublishedPeriod](t)(board.PublishPeriod(office, &hotlinev1.PublishPeriodRequest{Parent: city, Month: "2026-03", Correction: "口径更正。"}))
		list := must[*hotlinev1.ListPublishedPeriodsResponse](t)(board.ListPublishedPeriods(office, &hotlinev1.ListPublishedPeriodsRequest{Parent: city, PageSize: 1}))
		if len(list.GetPeriods()) != 1 || list.GetPeriods()[0].GetRevision() != 2 || list.GetPeriods()[0].GetCorrection() != "口径更正。" || list.GetPeriods()[0].GetBoard() != nil {
			t.Errorf("published: %v", list)
		}
		rest := must[*hotlinev1.ListPublishedPeriodsResponse](t)(board.ListPublishedPeriods(office,
			&hotlinev1.ListPublishedPeriodsRequest{Parent: city, PageSize: 1, PageToken: list.GetNextPageToken()}))
		if len(rest.GetPeriods()) != 1 || rest.GetPeriods()[0].GetRevision() != 1 || rest.GetNextPageToken() != "" {
			t.Errorf("published before: %v", rest)
		}
		for revision, code := range map[int32]codes.Code{0: codes.OK, 1: codes.OK, 2: codes.OK, 3: codes.NotFound} {
			if _, err := board.GetPublishedPeriod(office, &hotlinev1.GetPublishedPeriodRequest{Name: first.GetName(), Revision: revision}); status.Code(err) != code {
				t.Errorf("revision %d: %v", revision, err)
			}
		}
		checked := must[*hotlinev1.CheckBoardResponse](t)(board.CheckBoard(office, &hotlinev1.CheckBoardRequest{Parent: city}))
		if !checked.GetEqual() {
			t.Errorf("%q", checked.GetDifferences())
		}
	})
}

// The board counts common issues as their list does, overdue by the city's clock, and the tickets that are part of one.
func TestTheBoardCountsCommonIssues(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		office, board := w.as(t, policytest.MayorOffice), hotlinev1.NewBoardServiceClient(w.bare)
		issues := hotlinev1.NewCommonIssueServiceClient(w.bare)
		made := must[*hotlinev1.CommonIssue](t)(issues.CreateCommonIssue(office, newIssue()))
		numbers := func(want ...int64) {
			t.Helper()
			w.idle(t)
			got := must[*hotlinev1.Board](t)(board.GetBoard(office, &hotlinev1.GetBoardRequest{Parent: city, Sections: []string{"none"}}))
			if len(got.GetUnits()) > 0 {
				t.Error("units were not asked for")
			}
			for i, c := range []*hotlinev1.Count{got.GetCommonIssues().GetOpen(), got.GetCommonIssues().GetOverdue(), got.GetCommonIssues().GetClosed()} {
				listed := must[*hotlinev1.ListCommonIssuesResponse](t)(issues.ListCommonIssues(office, &hotlinev1.ListCommonIssuesRequest{Parent: city, Filter: c.GetFilter()}))
				if c.GetValue() != want[i] || int64(len(listed.GetCommonIssues())) != want[i] || c.GetList() != hotlinev1.Count_COMMON_ISSUES {
					t.Errorf("%v lists %d, want %d", c, len(listed.GetCommonIssues()), want[i])
				}
			}
		}
		numbers(1, 0, 0)
		ticket := w.file(t)
		must[*hotlinev1.CommonIssue](t)(issues.LinkTickets(w.as(t, policytest.Dispatcher), &hotlinev1.LinkTicketsRequest{Name: made.GetName(), Tickets: []string{ticket.GetName()}}))
		w.idle(t)
		linked := must[*hotlinev1.Board](t)(board.GetBoard(office, &hotlinev1.GetBoardRequest{Parent: city})).GetTotal().GetLinked()
		listed := must[*hotlinev1.ListTicketsResponse](t)(w.ListTickets(office, &hotlinev1.ListTicketsRequest{Parent: city, Filter: linked.GetFilter()}))
		if linked.GetValue() != 1 || len(listed.GetTickets()) != 1 {
			t.Errorf("%v lists %d", linked, len(listed.GetTickets()))
		}
		w.Clock.Set(made.GetDueTime().AsTime())
		w.Clock.Advance(60e9)
		numbers(1, 1, 0)
	})
}
