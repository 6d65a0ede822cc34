package desk_test

import (
	"testing"

	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// What an act costs the database is guarded: a statement that slips into the filing path is paid for by every city, every day.
// A filing is request id, ticket, number, clocks, text, event and deadline. Every other act reads the ticket first and the texts
// for its answer; acts that write a text or touch clocks cost a statement more for each.
func TestWhatActsCost(t *testing.T) {
	w := desktest.New(t, "sqlite::memory:")
	filer, holder, dispatcher := desktest.Caller(desktest.Filer), desktest.Caller(policytest.Attendant), desktest.Caller(policytest.Dispatcher)
	var ref desk.Ref
	acts := []struct {
		name              string
		statements, trips int64
		do                func(call desk.Call) (desk.View, error)
	}{
		{"file", 8, 1, func(c desk.Call) (desk.View, error) {
			view, err := w.Desk.File(t.Context(), filer, c, desktest.Filing())
			if err == nil {
				ref = desktest.Ref(view.Ticket.ID)
			}
			return view, err
		}},
		{"dispatch", 7, 3, func(c desk.Call) (desk.View, error) {
			return w.Dispatch(t.Context(), dispatcher, c, ref, policytest.Attendant)
		}},
		{"sign", 7, 3, func(c desk.Call) (desk.View, error) { return w.Sign(t.Context(), holder, c, ref) }},
		{"contact", 8, 3, func(c desk.Call) (desk.View, error) {
			return w.Contact(t.Context(), holder, c, ref, "phone", "说明了情况")
		}},
		{"ask", 8, 3, func(c desk.Call) (desk.View, error) { return w.Ask(t.Context(), holder, c, ref, "受理号？") }},
		{"reply", 8, 3, func(c desk.Call) (desk.View, error) { return w.Reply(t.Context(), filer, c, ref, "20260001") }},
		{"answer", 10, 4, func(c desk.Call) (desk.View, error) {
			return w.Answer(t.Context(), holder, c, ref, ticket.Solved, "施工许可证已于今日核发，请到政务服务中心三楼领取。")
		}},
		{"verify", 8, 3, func(c desk.Call) (desk.View, error) {
			return w.Verify(t.Context(), filer, c, ref, desk.Verdict{Contacted: true, Solved: true, Satisfied: ticket.Satisfied})
		}},
		{"get", 2, 2, func(desk.Call) (desk.View, error) { return w.Get(t.Context(), filer, ref) }},
		{"list", 1, 1, func(desk.Call) (desk.View, error) {
			_, err := w.List(t.Context(), filer, desk.ListQuery{City: policytest.Code})
			return desk.View{}, err
		}},
	}
	for _, act := range acts {
		w.Pass(1e9)
		before := w.Store.DB().Counts()
		if _, err := act.do(desktest.Call(act.name, act.name)); err != nil {
			t.Fatalf("%s: %v", act.name, err)
		}
		after := w.Store.DB().Counts()
		got := sqldb.Counts{Statements: after.Statements - before.Statements, RoundTrips: after.RoundTrips - before.RoundTrips}
		if got.Statements != act.statements || got.RoundTrips != act.trips {
			t.Errorf("%s: %d statements in %d round trips, want %d in %d", act.name, got.Statements, got.RoundTrips, act.statements, act.trips)
		}
	}
}
