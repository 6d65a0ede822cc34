package hotline_test

import (
	"errors"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/fault/wire"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

func (w *world) get(t testing.TB, name string) *hotlinev1.Ticket {
	t.Helper()
	got, err := w.GetTicket(w.as(t, policytest.Dispatcher), &hotlinev1.GetTicketRequest{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func clockOf(t *hotlinev1.Ticket, kind hotlinev1.Clock_Kind) *hotlinev1.Clock {
	for _, c := range t.GetClocks() {
		if c.GetKind() == kind {
			return c
		}
	}
	return nil
}

// events are the types of a ticket's history, and when each happened.
func (w *world) events(t testing.TB, name string) (types []string, times []time.Time) {
	t.Helper()
	history, err := w.ListTicketEvents(w.as(t, policytest.Auditor), &hotlinev1.ListTicketEventsRequest{Parent: name})
	if err != nil || !history.GetChainVerified() {
		t.Fatalf("history: verified %t, %v", history.GetChainVerified(), err)
	}
	for _, e := range history.GetEvents() {
		types, times = append(types, e.GetType()), append(times, e.GetTime().AsTime())
	}
	return types, times
}

func reason(err error) string {
	if err == nil {
		return ""
	}
	return wire.From(err).Reason
}

// Nobody was there for a month: everything stands at its own time, once.
func TestAMonthOfDowntime(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		w.at(t, "2026-03-02 10:00")
		filed := w.file(t)
		w.at(t, "2026-04-02 10:00")
		got := w.get(t, filed.GetName())
		answer := clockOf(got, hotlinev1.Clock_ANSWER)
		if answer.GetState() != hotlinev1.Clock_BREACHED || !answer.GetDueTime().AsTime().Equal(policytest.At("2026-03-09 18:00")) || got.GetRung() != 4 {
			t.Errorf("answer %v, rung %d", answer, got.GetRung())
		}
		types, times := w.events(t, filed.GetName())
		rungs := map[string]int{}
		for i, typ := range types {
			rungs[typ]++
			if i > 0 && times[i].Before(times[i-1]) {
				t.Errorf("event %d %s lies before the one ahead of it", i+1, typ)
			}
		}
		if rungs["clock_breached"] != 3 || rungs["rung_reached"] != 8 || !times[len(times)-1].Equal(policytest.At("2026-03-16 18:00")) {
			t.Errorf("%v, the last at %s", rungs, times[len(times)-1])
		}
		w.idle(t)
		if again, _ := w.events(t, filed.GetName()); len(again) != len(types) {
			t.Errorf("%d events became %d", len(types), len(again))
		}
	})
}

// The attendant service was away for an hour. What a dispatcher did meanwhile stands; a late proposal gives its claim back, and one for a
// ticket that only got marks meanwhile is taken.
func TestProposalsAfterAnHour(t *testing.T) {
	w := newWorld(t, file(t))
	dispatched, waiting, withdrawn := w.file(t), w.file(t), w.file(t)
	if _, err := w.DispatchTicket(w.as(t, policytest.Dispatcher), &hotlinev1.DispatchTicketRequest{Name: dispatched.GetName(),
		Official: city + "/persons/" + policytest.Attendant2}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.WithdrawTicket(w.as(t, desktest.Filer), &hotlinev1.WithdrawTicketRequest{Name: withdrawn.GetName(), Reason: "已解决"}); err != nil {
		t.Fatal(err)
	}
	w.at(t, "2026-03-03 09:30") // the dispatch clock was warned and has run out
	for _, ticket := range []*hotlinev1.Ticket{dispatched, waiting, withdrawn} {
		w.Attendant.propose(t, id(ticket.GetName()), 1, policytest.Attendant, "enterprise-attendant")
	}
	w.Attendant.propose(t, id(waiting.GetName()), 1, policytest.Attendant2, "least-loaded")
	w.Attendant.propose(t, id(waiting.GetName()), 1, "", "nobody")
	w.Attendant.propose(t, "01900000-0000-7000-8000-00000000ffff", 1, policytest.Attendant, "deputy") // no ticket of ours
	w.Attendant.say(t, &attendantv1.AttendantEvent{Event: &attendantv1.AttendantEvent_ClaimReturned{ClaimReturned: &attendantv1.ClaimReturned{}}})
	w.idle(t)
	if got := w.get(t, dispatched.GetName()); got.GetHolder() != city+"/persons/"+policytest.Attendant2 {
		t.Errorf("the dispatcher's choice was overturned: %s", got.GetHolder())
	}
	got := w.get(t, waiting.GetName())
	if got.GetHolder() != city+"/persons/"+policytest.Attendant || got.GetRouting().GetReason() != "enterprise-attendant" || got.GetRouting().GetText() == "" {
		t.Errorf("held by %s because of %v", got.GetHolder(), got.GetRouting())
	}
	for name, want := range map[string]int{dispatched.GetName(): 1, waiting.GetName(): 1, withdrawn.GetName(): 1} {
		types, _ := w.events(t, name)
		refused := 0
		for _, typ := range types {
			if typ == "route_refused" {
				refused++
			}
		}
		if refused != want {
			t.Errorf("%s: %d claims given back, want %d", name, refused, want)
		}
	}
}

// The notice for a projected year moves open provisional deadlines, with an event each, and nothing else.
func TestANoticeMovesOpenDeadlines(t *testing.T) {
	w := newWorld(t, file(t))
	early := w.file(t)
	w.at(t, "2026-12-31 10:00")
	open, closed := w.file(t), w.file(t)
	if _, err := w.WithdrawTicket(w.as(t, desktest.Filer), &hotlinev1.WithdrawTicketRequest{Name: closed.GetName(), Reason: "已解决"}); err != nil {
		t.Fatal(err)
	}
	before := clockOf(w.get(t, open.GetName()), hotlinev1.Clock_ANSWER)
	if !before.GetProvisional() {
		t.Fatalf("not provisional: %v", before)
	}
	next := policytest.Config()
	next.Version = 2
	policytest.AppliedAt(policytest.At("2026-12-31 11:00"))(next)
	next.CalendarYears[2] = &directoryv1.CalendarYear{Year: 2027, Origin: "official", Source: "a notice",
		DaysOff: []string{"01-01..01-05", "02-05..02-12", "10-01..10-07"}}
	w.Clock.Set(policytest.At("2026-12-31 11:00"))
	w.Directory.apply(t, next)
	w.idle(t)
	after := clockOf(w.get(t, open.GetName()), hotlinev1.Clock_ANSWER)
	if after.GetProvisional() || !after.GetDueTime().AsTime().After(before.GetDueTime().AsTime()) || !after.GetStartTime().AsTime().Equal(before.GetStartTime().AsTime()) {
		t.Errorf("%v became %v", before, after)
	}
	for name, want := range map[string]bool{open.GetName(): true, closed.GetName(): false, early.GetName(): false} {
		types, _ := w.events(t, name)
		if got := types[len(types)-1] == "deadlines_recomputed"; got != want {
			t.Errorf("%s: %v", name, types)
		}
	}
	if v := w.file(t).GetConfigVersion(); v != 2 {
		t.Errorf("filed under version %d", v)
	}
}

func TestWhatTheDirectorySays(t *testing.T) {
	w := newWorld(t, file(t))
	say := func(e *directoryv1.DirectoryEvent) {
		w.Directory.say(t, e)
		w.idle(t)
	}
	say(&directoryv1.DirectoryEvent{Event: &directoryv1.DirectoryEvent_EnterpriseCreated{EnterpriseCreated: &directoryv1.EnterpriseCreated{
		Enterprise: desktest.Enterprise, County: policytest.CountyCode}}})
	if got := w.file(t); got.GetCounty() != policytest.CountyCode {
		t.Errorf("county %q", got.GetCounty())
	}
	session, person := w.as(t, desktest.Filer), w.as(t, policytest.Dispatcher)
	list := &hotlinev1.ListTicketsRequest{Parent: city}
	say(&directoryv1.DirectoryEvent{Event: &directoryv1.DirectoryEvent_SessionsRevoked{SessionsRevoked: &directoryv1.SessionsRevoked{
		Person: desktest.Filer, Session: desktest.Caller(desktest.Filer).Session}}})
	if _, err := w.ListTickets(session, list); reason(err) != "SESSION_REVOKED" {
		t.Errorf("a revoked session: %v", err)
	}
	if _, err := w.ListTickets(person, list); err != nil {
		t.Errorf("another's session: %v", err)
	}
	say(&directoryv1.DirectoryEvent{Event: &directoryv1.DirectoryEvent_OfficialDismissed{OfficialDismissed: &directoryv1.OfficialDismissed{
		Person: policytest.Dispatcher}}})
	if _, err := w.ListTickets(person, list); reason(err) != "SESSION_REVOKED" {
		t.Errorf("a dismissed official: %v", err)
	}
}

// The feed is for services; it is gapless and tells a ticket's events in order.
func TestTheFeed(t *testing.T) {
	w := newWorld(t, file(t))
	first := w.file(t)
	w.file(t)
	got, err := w.Feed.ListEvents(t.Context(), &feedv1.ListEventsRequest{})
	if err != nil || len(got.GetEvents()) != 2 || got.GetHead() != 2 {
		t.Fatalf("%v, %v", got, err)
	}
	e := got.GetEvents()[0]
	if e.GetPosition() != 1 || e.GetAggregate() != "tickets/"+id(first.GetName()) || e.GetActor() != "persons/"+desktest.Filer || e.GetType() != "filed" || e.GetCity() != policytest.Code {
		t.Errorf("%v", e)
	}
	woken := make(chan error, 1)
	go func() {
		more, err := w.Feed.ListEvents(t.Context(), &feedv1.ListEventsRequest{After: 2, Wait: durationpb.New(20 * time.Second)})
		if err == nil && len(more.GetEvents()) != 1 {
			err = errors.New("woken without news")
		}
		woken <- err
	}()
	w.file(t)
	if err := <-woken; err != nil {
		t.Error(err)
	}
	if _, err := w.Feed.ListEvents(w.as(t, policytest.Auditor), &feedv1.ListEventsRequest{}, grpc.WaitForReady(true)); fault.KindOf(wire.From(err)) != fault.Denied {
		t.Errorf("a person reads the feed: %v", err)
	}
}
