package step_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/step"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/live"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// What a ticket was is the same whether somebody still remembers it or its history is read.
func TestStepsOfADatabase(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := desktest.New(t, dsn)
		ref := w.File(t)
		dispatcher, attendant := desktest.Caller(policytest.Dispatcher), desktest.Caller(policytest.Attendant)
		if _, err := w.Dispatch(t.Context(), dispatcher, desk.Call{Method: "DispatchTicket"}, ref, policytest.Attendant); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Sign(t.Context(), attendant, desk.Call{Method: "SignTicket"}, ref); err != nil {
			t.Fatal(err)
		}
		head, err := w.Store.Settled(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		events, err := w.Store.Feed(t.Context(), 0, 100)
		if err != nil || int64(len(events)) != head || head != 3 {
			t.Fatalf("%d events up to %d, %v", len(events), head, err)
		}
		forgetful := w.Store
		if dsn != "sqlite::memory:" {
			forgetful = reopened(t, dsn)
		}
		for name, s := range map[string]*store.Store{"remembered": w.Store, "read": forgetful} {
			steps, err := step.Tickets{Store: s, Cities: w.Cities}.Steps(t.Context(), events)
			if err != nil || len(steps) != 3 {
				t.Fatalf("%s: %v, %v", name, steps, err)
			}
			for i, s := range steps {
				got := [3]string{state(s.Before), state(s.After), state(s.Now)}
				want := [][3]string{{"", "FILED", "IN_PROGRESS"}, {"FILED", "DISPATCHED", "IN_PROGRESS"}, {"DISPATCHED", "IN_PROGRESS", "IN_PROGRESS"}}[i]
				if got != want || s.Version != int64(i)+1 || s.Position != int64(i)+1 || s.Name != "tickets/"+ref.ID || s.City != ref.City {
					t.Errorf("%s: step %d: %+v leads from %v", name, i, s, got)
				}
			}
		}
		stray := events[0]
		stray.Aggregate = "tickets/01910000-0000-7000-8000-0000000000ff"
		other := events[0]
		other.Aggregate = "elsewhere/1"
		none, err := step.Tickets{Store: w.Store, Cities: w.Cities}.Steps(t.Context(), []change.FeedEvent{stray, other})
		if err != nil || none[0].Name != "" || none[1].Name != "" {
			t.Errorf("of nothing: %+v, %v", none, err)
		}
	})
}

// state is a ticket's state at a moment, empty before there was a ticket.
func state(at live.State) string {
	if at == nil {
		return ""
	}
	return at.(*step.State).Ticket.State.String()
}

// reopened is a store that remembers nothing.
func reopened(t *testing.T, dsn string) *store.Store {
	t.Helper()
	db, err := sqldb.Open(t.Context(), sqldb.Config{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), db, change.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
