package follow_test

import (
	"testing"

	"go.uber.org/zap/zaptest"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/follow"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// A version is written before it is in force here: a pass in between, called by the version before, must leave it to the next one.
// Otherwise no deadline is ever counted anew under it.
func TestAVersionThatIsNotInForceYetIsLeftToTheNextPass(t *testing.T) {
	w := desktest.New(t, "sqlite::memory:")
	w.At("2026-12-31 10:00")
	ref := w.File(t)
	provisional := func() bool {
		view, err := w.Get(t.Context(), desktest.Caller(desktest.Filer), ref)
		if err != nil {
			t.Fatal(err)
		}
		return view.Ticket.Clock(ticket.KindAnswer).Provisional
	}
	if !provisional() {
		t.Fatal("what reaches into 2027 is not provisional")
	}
	recompute := follow.NewRecompute(w.Store, w.Cities, w.Desk, w.Wall, zaptest.NewLogger(t))
	settle := func() {
		if err := recompute.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	written := change.Change{Statements: []change.Statement{store.AddConfig(store.Config{City: policytest.Code, Version: 2, Bytes: []byte{}})}}
	if err := w.Store.Commit(t.Context(), &written); err != nil {
		t.Fatal(err)
	}
	settle()
	first, err := w.Cities.City(policytest.Code)
	if err != nil {
		t.Fatal(err)
	}
	w.Cities.Put(policytest.Next(t, first, policytest.AppliedAt(policytest.At("2026-12-31 09:30")),
		func(c *directoryv1.CityConfig) { c.CalendarYears[2].Origin = "official" }))
	settle()
	if provisional() {
		t.Error("the notice moved nothing")
	}
	if todo, err := w.Store.Unrecomputed(t.Context()); err != nil || len(todo) > 0 {
		t.Errorf("still to do: %v %v", todo, err)
	}
}
