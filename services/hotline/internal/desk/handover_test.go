package desk_test

import (
	"testing"

	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// route commits what is decided upon proposals.
func route(t *testing.T, w *desktest.World, proposals ...desk.Proposed) {
	t.Helper()
	c, err := w.Route(t.Context(), proposals)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Store.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// proposed gives a ticket to the attendant, first of all.
func proposed(ref desk.Ref) desk.Proposed {
	return desk.Proposal{Ref: ref, Proposal: ticket.Proposal{Position: 1, Version: 1, Official: policytest.Attendant, Reason: "least-loaded"}}
}

// handedOver takes a ticket from the attendant.
func handedOver(ref desk.Ref, position int64, to, reason string) desk.Proposed {
	return desk.Handover{Ref: ref, Handover: ticket.Handover{Position: position, From: policytest.Attendant, Official: to, Reason: reason}}
}

// One stretch of the attendant's feed holds both kinds of proposals: they are decided in its order.
func TestHandOvers(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := desktest.New(t, dsn)
		passed, signed, queued, foreign := w.File(t), held(t, w), held(t, w), desktest.Ref("01910000-0000-7000-8000-00000000ffff")
		route(t, w,
			proposed(passed),
			handedOver(signed, 2, policytest.Attendant2, "leave"),
			handedOver(passed, 3, policytest.Attendant2, "handover"),
			handedOver(queued, 4, "", "dismissed"),
			handedOver(foreign, 5, policytest.Attendant2, "leave"),
			handedOver(signed, 6, policytest.Clerk, "leave"), // who does not have it any more
		)
		for _, c := range []struct {
			name     string
			ref      desk.Ref
			state    ticket.State
			official string
			reason   string
			last     string
		}{
			{"routed and passed on", passed, ticket.StateDispatched, policytest.Attendant2, "handover", "handed_over"},
			{"signed and passed on", signed, ticket.StateDispatched, policytest.Attendant2, "leave", "route_refused"},
			{"back in the queue", queued, ticket.StateFiled, "", "", "recalled"},
		} {
			view, entries, verified, err := w.History(t.Context(), desktest.Caller(policytest.Dispatcher), c.ref)
			if err != nil || !verified {
				t.Fatalf("%s: verified %t, %v", c.name, verified, err)
			}
			var reason string
			if r := view.Ticket.Routing; r != nil {
				reason = r.Reason
			}
			if got := view.Ticket; got.State != c.state || got.Official != c.official || reason != c.reason || entries[len(entries)-1].Event.Body.Type() != c.last {
				t.Errorf("%s: %s with %q for %q, last %s", c.name, got.State, got.Official, reason, entries[len(entries)-1].Event.Body.Type())
			}
		}
		if _, err := w.Sign(t.Context(), desktest.Caller(policytest.Attendant), noCall, signed); !fault.Has(err, "NOT_HOLDER") && !fault.Has(err, "TICKET_NOT_FOUND") {
			t.Errorf("who handed it over signs: %v", err)
		}
		route(t, w, proposed(passed), handedOver(signed, 2, policytest.Attendant2, "leave")) // once more
		if view, err := w.Get(t.Context(), desktest.Caller(policytest.Dispatcher), passed); err != nil || view.Ticket.Version != 3 {
			t.Errorf("taken again: version %d, %v", view.Ticket.Version, err)
		}
	})
}

// Who may see one of two merged tickets does not hear of the other when that is about them.
func TestMergedTicketsAreNotBetrayed(t *testing.T) {
	w := desktest.New(t, "sqlite::memory:")
	dispatcher, filer, leader := desktest.Caller(policytest.Dispatcher), desktest.Caller(desktest.Filer), desktest.Caller(policytest.HousingLeader)
	earlier := w.File(t)
	w.Pass(1e9)
	later := held(t, w)
	if _, err := w.NameConflict(t.Context(), filer, noCall, earlier, nil, []string{policytest.Housing}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Merge(t.Context(), dispatcher, noCall, later, earlier, "同一件事"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		caller func() (desk.View, error)
		linked bool
	}{
		{"the filer", func() (desk.View, error) { return w.Get(t.Context(), filer, later) }, true},
		{"the desk", func() (desk.View, error) { return w.Get(t.Context(), dispatcher, later) }, true},
		{"whom the earlier one is about", func() (desk.View, error) { return w.Get(t.Context(), leader, later) }, false},
	} {
		view, err := c.caller()
		if err != nil || view.Linked(earlier.ID) != c.linked {
			t.Errorf("%s: linked %t, %v", c.name, view.Linked(earlier.ID), err)
		}
	}
	list, err := w.List(t.Context(), leader, desk.ListQuery{City: policytest.Code})
	if err != nil || len(list.Views) != 1 || list.Views[0].Linked(earlier.ID) {
		t.Errorf("the list betrays it: %d tickets, %v", len(list.Views), err)
	}
	_, entries, verified, err := w.History(t.Context(), leader, later)
	if err != nil || !verified {
		t.Fatalf("verified %t, %v", verified, err)
	}
	for _, e := range entries {
		if b, closed := e.Event.Body.(ticket.Closed); closed && (b.Into != "" || e.Sealed.Bytes != nil) {
			t.Errorf("the history betrays it: %+v", b)
		}
	}
}
