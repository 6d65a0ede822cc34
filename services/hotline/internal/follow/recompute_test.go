package follow_test

import (
	"context"
	"testing"
	"time"

	"go.uber.org/zap/zaptest"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/follow"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/recount"
)

// notice is a world at the end of 2026, in which 2027 becomes official when written and put in force.
type notice struct {
	*desktest.World
	recompute *recount.Worker
}

func newNotice(t *testing.T) *notice {
	t.Helper()
	n := &notice{World: desktest.New(t, "sqlite::memory:")}
	n.At("2026-12-31 10:00")
	n.recompute = follow.NewRecompute(n.Store, n.Cities, n.Desk, zaptest.NewLogger(t))
	return n
}

// written is the first half of what a new version brings.
func (n *notice) written(t *testing.T) {
	t.Helper()
	c := change.Change{Statements: []change.Statement{store.AddConfig(store.Config{City: policytest.Code, Version: 2, Bytes: []byte{}})}}
	if err := n.Store.Commit(t.Context(), &c); err != nil {
		t.Fatal(err)
	}
}

// inForce is the second.
func (n *notice) inForce(t *testing.T) {
	t.Helper()
	first, err := n.Cities.City(policytest.Code)
	if err != nil {
		t.Fatal(err)
	}
	n.Cities.Put(policytest.Next(t, first, policytest.AppliedAt(policytest.At("2026-12-31 10:00")),
		func(c *directoryv1.CityConfig) { c.CalendarYears[2].Origin = "official" }))
}

func (n *notice) settle(t *testing.T) {
	t.Helper()
	if err := n.recompute.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (n *notice) provisional(t *testing.T, ref desk.Ref) bool {
	t.Helper()
	view, err := n.Get(t.Context(), desktest.Caller(desktest.Filer), ref)
	if err != nil {
		t.Fatal(err)
	}
	return view.Ticket.Clock(ticket.KindAnswer).Provisional
}

// A version is written before it is in force here: a pass in between counts by the version before and must leave the new one to the
// next. Otherwise no deadline is ever counted anew under it.
func TestAVersionThatIsNotInForceYetIsLeftToTheNextPass(t *testing.T) {
	n := newNotice(t)
	ref := n.File(t)
	if !n.provisional(t, ref) {
		t.Fatal("what reaches into 2027 is not provisional")
	}
	n.written(t)
	n.settle(t)
	n.inForce(t)
	n.settle(t)
	if n.provisional(t, ref) {
		t.Error("the notice moved nothing")
	}
}

// meanwhile is a clock that lets something happen between a decision's reading and its commit.
type meanwhile struct {
	clock.Clock
	happen func()
}

func (m *meanwhile) Now() time.Time {
	if happen := m.happen; happen != nil {
		m.happen = nil
		happen()
	}
	return m.Clock.Now()
}

// What was decided by the version before and is committed after the first pass is found by another.
func TestADecisionUnderWayIsCountedAnewToo(t *testing.T) {
	n := newNotice(t)
	slow := &meanwhile{Clock: n.Clock, happen: func() {
		n.written(t)
		n.inForce(t)
		n.settle(t)
	}}
	late := desk.New(desk.Deps{Store: n.Store, Cities: n.Cities, City: slow, Wall: n.Wall})
	view, err := late.File(t.Context(), desktest.Caller(desktest.Filer), desk.Call{Method: "CreateTicket"}, desktest.Filing())
	if err != nil {
		t.Fatal(err)
	}
	ref := desktest.Ref(view.Ticket.ID)
	if view.Ticket.ConfigVersion != 1 || !n.provisional(t, ref) {
		t.Fatal("it was not decided by the version before")
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- n.recompute.Run(ctx) }()
	todo := []store.Config{{}}
	for deadline := time.Now().Add(20 * time.Second); len(todo) > 0 && time.Now().Before(deadline); { // nothing announces that a version is done with
		if todo, err = n.Store.Unrecomputed(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if len(todo) > 0 || n.provisional(t, ref) {
		t.Errorf("still to do: %v", todo)
	}
}
