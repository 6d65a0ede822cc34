package desk_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/issue"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/similar"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/verify"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

var opening = desk.IssueOpening{City: policytest.Code, Month: "2026-03", Lead: policytest.Housing, Assisting: []string{policytest.Market}, Date: "2026-03-31",
	Title: "施工许可办理慢", Plan: "压减材料，并联审批"}

func openIssue(t *testing.T, w *desktest.World) desk.Ref {
	t.Helper()
	view, err := w.OpenIssue(t.Context(), desktest.Caller(policytest.MayorOffice), desk.Call{}, opening)
	if err != nil {
		t.Fatal(err)
	}
	return desktest.Ref(view.Issue.ID)
}

func TestACommonIssueFromPlanToSolved(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := desktest.New(t, dsn)
		office, leader, dispatcher := desktest.Caller(policytest.MayorOffice), desktest.Caller(policytest.HousingLeader), desktest.Caller(policytest.Dispatcher)
		ref := openIssue(t, w)
		tickets := []desk.Ref{w.File(t), w.File(t), w.File(t)}
		steps := []struct {
			name string
			do   func() (desk.IssueView, error)
			want issue.State
		}{
			{"link", func() (desk.IssueView, error) {
				return w.LinkTickets(t.Context(), dispatcher, desk.Call{}, ref, tickets)
			}, issue.StateOpen},
			{"link again", func() (desk.IssueView, error) {
				return w.LinkTickets(t.Context(), dispatcher, desk.Call{}, ref, tickets[:2])
			}, issue.StateOpen},
			{"unlink", func() (desk.IssueView, error) {
				return w.UnlinkTickets(t.Context(), office, desk.Call{}, ref, tickets[2:])
			}, issue.StateOpen},
			{"ask for a date", func() (desk.IssueView, error) {
				return w.ReplanIssue(t.Context(), leader, desk.Call{}, ref, "先行先试", "2026-04-10", "系统改造需要时间")
			}, issue.StateOpen},
			{"grant it", func() (desk.IssueView, error) {
				return w.DecideReplan(t.Context(), office, desk.Call{}, ref, true, "同意")
			}, issue.StateOpen},
			{"report", func() (desk.IssueView, error) {
				return w.ReportIssue(t.Context(), leader, desk.Call{}, ref, "流程已再造", true)
			}, issue.StateOpen},
			{"close", func() (desk.IssueView, error) {
				return w.CloseIssue(t.Context(), office, desk.Call{}, ref, issue.StateSolved, "时限由 20 日压至 5 日")
			}, issue.StateSolved},
		}
		for _, step := range steps {
			w.Pass(time.Minute)
			view, err := step.do()
			if err != nil || view.Issue.State != step.want {
				t.Fatalf("%s: %+v, %v", step.name, view.Issue, err)
			}
		}
		view, err := w.Issue(t.Context(), office, ref)
		if err != nil || view.Tickets != 2 || view.Title() != opening.Title || view.Text(view.Issue.Plan) != "先行先试" || len(view.Reports()) != 1 ||
			view.Reports()[0].Name != policytest.Housing {
			t.Errorf("%+v, %v", view, err)
		}
		_, entries, verified, err := w.IssueHistory(t.Context(), leader, ref)
		if err != nil || !verified || len(entries) != 5 {
			t.Errorf("%d entries, verified %t, %v", len(entries), verified, err)
		}
		// The filer reads in the ticket's own history that it is part of the issue.
		_, history, _, err := w.History(t.Context(), desktest.Caller(desktest.Filer), tickets[2])
		if types := typesOf(history); err != nil || !slices.Equal(types[len(types)-2:], []string{"issue_linked", "issue_unlinked"}) {
			t.Errorf("%v, %v", types, err)
		}
		found, err := change.Verify(t.Context(), w.Store.DB())
		if err := errors.Join(err, verify.Tickets(t.Context(), w.Store.DB(), &found), verify.Issues(t.Context(), w.Store.DB(), &found)); err != nil || len(found.Faults) > 0 {
			t.Errorf("%v, %v", found.Faults, err)
		}
	})
}

func typesOf(entries []desk.Entry) []string {
	var out []string
	for _, e := range entries {
		out = append(out, e.Event.Body.Type())
	}
	return out
}

// Who sees which part of an issue, and how many tickets each is told of: never more than they may list.
func TestWhoSeesAnIssue(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := desktest.New(t, dsn)
		ref := openIssue(t, w)
		mine := w.File(t)
		foreign := desktest.Filing()
		foreign.Enterprise = desktest.Enterprise2
		other, err := w.Desk.File(t.Context(), desktest.Caller(desktest.Stranger), desk.Call{Method: "CreateTicket"}, foreign)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Dispatch(t.Context(), desktest.Caller(policytest.Dispatcher), desk.Call{}, mine, policytest.Attendant); err != nil {
			t.Fatal(err)
		}
		if _, err := w.LinkTickets(t.Context(), desktest.Caller(policytest.Supervisor), desk.Call{}, ref, []desk.Ref{mine, desktest.Ref(other.Ticket.ID)}); err != nil {
			t.Fatal(err)
		}
		whole, bare, outlines := desk.IssueSight{Issue: true, Text: true, History: true}, desk.IssueSight{Issue: true, History: true}, desk.IssueSight{Issue: true}
		for person, want := range map[string]struct {
			sight   desk.IssueSight
			tickets int
			listed  int
		}{
			policytest.MayorOffice: {whole, 2, 1}, policytest.Supervisor: {whole, 2, 1}, policytest.Dispatcher: {whole, 2, 1}, policytest.Mayor: {whole, 2, 1},
			policytest.DeskLeader: {whole, 2, 1}, policytest.HousingLeader: {whole, 1, 1}, policytest.MarketLeader: {whole, 0, 1},
			policytest.Auditor: {bare, 2, 1}, policytest.Admin: {bare, 2, 1},
			policytest.Attendant: {outlines, 1, 0}, desktest.Filer: {outlines, 1, 0}, desktest.Colleague: {outlines, 1, 0}, desktest.Stranger: {outlines, 1, 0},
			policytest.Clerk: {}, policytest.Attendant2: {},
		} {
			caller := desktest.Caller(person)
			view, err := w.Issue(t.Context(), caller, ref)
			if want.sight == (desk.IssueSight{}) {
				if !fault.Has(err, "ISSUE_NOT_FOUND") {
					t.Errorf("%s: %+v, %v", person, view, err)
				}
			} else if err != nil || view.Sight != want.sight || view.Tickets != want.tickets {
				t.Errorf("%s: %+v with %d tickets, %v", person, view.Sight, view.Tickets, err)
			}
			if (view.Text(opening.Plan) != "" || len(view.Reports()) > 0) && !want.sight.Text {
				t.Errorf("%s reads the plan", person)
			}
			list, err := w.Issues(t.Context(), caller, desk.ListQuery{City: policytest.Code})
			if err != nil || len(list.Views) != want.listed || list.Total != want.listed {
				t.Errorf("%s lists %d, %v", person, len(list.Views), err)
			}
			for _, v := range list.Views {
				if v.Title() != opening.Title || v.Tickets != want.tickets || v.Sight.Text && v.Text(v.Issue.Plan) != opening.Plan {
					t.Errorf("%s lists %+v", person, v)
				}
			}
			if _, _, _, err := w.IssueHistory(t.Context(), caller, ref); (err == nil) != want.sight.History {
				t.Errorf("%s reads the history: %v", person, err)
			}
		}
		abroad := desktest.Caller(policytest.MayorOffice)
		abroad.City = "410700"
		if _, err := w.Issue(t.Context(), abroad, ref); !fault.Has(err, "ISSUE_NOT_FOUND") {
			t.Errorf("another city: %v", err)
		}
	})
}

func TestLinkingIsAllOrNothing(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := desktest.New(t, dsn)
		caller := desktest.Caller(policytest.Dispatcher)
		first, second := openIssue(t, w), openIssue(t, w)
		a, b := w.File(t), w.File(t)
		link := func(ref desk.Ref, tickets ...desk.Ref) error {
			_, err := w.LinkTickets(t.Context(), caller, desk.Call{}, ref, tickets)
			return err
		}
		if err := link(first, a); err != nil {
			t.Fatal(err)
		}
		err := link(second, b, a)
		if f := fault.From(err); !fault.Has(err, "TICKET_IN_ISSUE") || !strings.HasSuffix(f.Metadata["ticket"], a.ID) {
			t.Errorf("of two issues: %v", err)
		}
		elsewhere := desk.Ref{City: "410700", ID: b.ID}
		for _, absent := range []desk.Ref{desktest.Ref("01900000-0000-7000-8000-00000000ffff"), elsewhere} {
			if err := link(second, b, absent); !fault.Has(err, "TICKET_NOT_FOUND") {
				t.Errorf("with one that is not there: %v", err)
			}
		}
		if view, err := w.Get(t.Context(), caller, b); err != nil || view.Ticket.Issue != "" {
			t.Errorf("linked all the same: %+v, %v", view.Ticket, err)
		}
		if err := link(desktest.Ref("01900000-0000-7000-8000-00000000ffff"), b); !fault.Has(err, "ISSUE_NOT_FOUND") {
			t.Errorf("to no issue: %v", err)
		}
		for _, person := range []string{policytest.HousingLeader, desktest.Filer} {
			if _, err := w.LinkTickets(t.Context(), desktest.Caller(person), desk.Call{}, second, []desk.Ref{b}); err == nil {
				t.Errorf("%s links", person)
			}
		}
		if _, err := w.CloseIssue(t.Context(), desktest.Caller(policytest.MayorOffice), desk.Call{}, second, issue.StateClosed, "不再推进"); err != nil {
			t.Fatal(err)
		}
		if err := link(second, b); !fault.Has(err, "ISSUE_STATE_FORBIDS") {
			t.Errorf("to one that has ended: %v", err)
		}
	})
}

// Two hundred at once stay well within the age that a decision may have, and a repeat does nothing twice.
func TestTwoHundredAtOnceAndARepeat(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := desktest.New(t, dsn)
		caller := desktest.Caller(policytest.Supervisor)
		ref := openIssue(t, w)
		var tickets []desk.Ref
		n := 200
		if kittest.Race {
			n = 40 // under the race detector time is not what it is
		}
		for range n {
			tickets = append(tickets, w.File(t))
		}
		start := time.Now()
		for range 2 {
			view, err := w.LinkTickets(t.Context(), caller, desktest.Call("LinkTickets", "1"), ref, tickets)
			if err != nil || view.Tickets != n {
				t.Fatalf("%d, %v", view.Tickets, err)
			}
			t.Logf("%d tickets in %s", len(tickets), time.Since(start))
		}
		view, err := w.Get(t.Context(), caller, tickets[0])
		if err != nil || view.Ticket.Version != 2 {
			t.Errorf("version %d, %v", view.Ticket.Version, err)
		}
		opened := make([]string, 2)
		for i := range opened {
			view, err := w.OpenIssue(t.Context(), caller, desktest.Call("CreateCommonIssue", "1"), opening)
			if err != nil {
				t.Fatal(err)
			}
			opened[i] = view.Issue.ID
		}
		if opened[0] != opened[1] {
			t.Errorf("opened twice: %v", opened)
		}
		other := desktest.Call("CreateCommonIssue", "1")
		other.BodyHash = []byte("another")
		if _, err := w.OpenIssue(t.Context(), caller, other, opening); !fault.Has(err, "REQUEST_ID_REUSED") {
			t.Errorf("another body: %v", err)
		}
		if _, err := w.ReportIssue(t.Context(), desktest.Caller(policytest.HousingLeader), desk.Call{Etag: "7"}, ref, "x", false); !fault.Has(err, "ETAG_MISMATCH") {
			t.Errorf("another version: %v", err)
		}
	})
}

// Linking and closing at once: whichever came first, no ticket is linked to an issue after it ended.
func TestLinkingRacesClosing(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := desktest.New(t, dsn)
		for range 5 {
			ref := openIssue(t, w)
			tickets := []desk.Ref{w.File(t), w.File(t), w.File(t), w.File(t)}
			var wg sync.WaitGroup
			for _, ticket := range tickets {
				wg.Go(func() {
					_, err := w.LinkTickets(t.Context(), desktest.Caller(policytest.Dispatcher), desk.Call{}, ref, []desk.Ref{ticket})
					if err != nil && !fault.Has(err, "ISSUE_STATE_FORBIDS") && !fault.Has(err, "TOO_BUSY") {
						t.Error(err)
					}
				})
			}
			wg.Go(func() {
				if _, err := w.CloseIssue(t.Context(), desktest.Caller(policytest.MayorOffice), desk.Call{}, ref, issue.StateClosed, "不再推进"); err != nil {
					t.Error(err)
				}
			})
			wg.Wait()
		}
		position := map[string]int64{} // where each issue ended in the feed
		events, err := w.Store.Feed(t.Context(), 0, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if id, ok := store.IssueOf(e.Aggregate); ok && e.Type == "closed" {
				position[id] = e.Position
			}
		}
		for _, e := range events {
			for id, at := range position {
				if e.Type == "issue_linked" && strings.Contains(string(e.Payload), id) && e.Position > at {
					t.Errorf("linked at %d to an issue that ended at %d", e.Position, at)
				}
			}
		}
	})
}

func TestSimilarTickets(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := desktest.New(t, dsn)
		own := w.File(t)
		twin, gone, hidden := w.File(t), w.File(t), w.File(t)
		if _, err := w.Withdraw(t.Context(), desktest.Caller(desktest.Filer), desk.Call{}, gone, "已解决"); err != nil {
			t.Fatal(err)
		}
		if err := w.Store.Commit(t.Context(), &change.Change{Statements: []change.Statement{change.Guard(`UPDATE tickets SET restricted = 1 WHERE id = $1`, hidden.ID)}}); err != nil {
			t.Fatal(err)
		}
		other := desktest.Filing()
		other.Title, other.Body = "厂区门口积水", "厂区门口的道路一下雨就积水，货车进不来，已经持续半年。"
		if _, err := w.Desk.File(t.Context(), desktest.Caller(desktest.Filer), desk.Call{}, other); err != nil {
			t.Fatal(err)
		}
		foreign := desktest.Filing()
		foreign.Enterprise = desktest.Enterprise2
		if _, err := w.Desk.File(t.Context(), desktest.Caller(desktest.Stranger), desk.Call{}, foreign); err != nil {
			t.Fatal(err)
		}
		typed := similar.Text{Body: "施工许可还没批，材料交了两个月了，工期耽误"}
		for person, want := range map[string]int{
			desktest.Filer: 2, desktest.Colleague: 2, policytest.Dispatcher: 2, policytest.Supervisor: 2, policytest.MayorOffice: 2,
			desktest.Stranger: 0, policytest.Attendant: 0, policytest.HousingLeader: 0, policytest.Auditor: 0, policytest.Admin: 0,
		} {
			found, err := w.Suggest(t.Context(), desktest.Caller(person), policytest.Code, desktest.Enterprise, typed, 0)
			if err != nil || len(found) != want {
				t.Errorf("%s is offered %d, %v", person, len(found), err)
			}
			for _, f := range found {
				if f.View.Ticket.ID != own.ID && f.View.Ticket.ID != twin.ID || f.View.Filing().Title == "" || len(f.Words) == 0 {
					t.Errorf("%s is offered %+v", person, f)
				}
			}
		}
		for _, enterprise := range []string{"", "01920000-0000-7000-8000-00000000ffff"} {
			if found, err := w.Suggest(t.Context(), desktest.Caller(policytest.Dispatcher), policytest.Code, enterprise, typed, 0); err != nil || len(found) != 0 {
				t.Errorf("of %q: %d, %v", enterprise, len(found), err)
			}
		}
		found, err := w.SimilarTo(t.Context(), desktest.Caller(policytest.Dispatcher), own, 3)
		if err != nil || len(found) != 1 || found[0].View.Ticket.ID != twin.ID || found[0].Score < 0.9 {
			t.Errorf("to merge with: %+v, %v", found, err)
		}
		if _, err := w.SimilarTo(t.Context(), desktest.Caller(desktest.Stranger), own, 3); !fault.Has(err, "TICKET_NOT_FOUND") {
			t.Errorf("a stranger: %v", err)
		}
	})
}
