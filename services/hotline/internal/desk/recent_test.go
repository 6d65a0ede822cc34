package desk_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// What is remembered of a ticket that was just filed or routed is what its row says.
func TestWhatIsRememberedIsWhatIsStored(t *testing.T) {
	w := desktest.New(t, "sqlite::memory:")
	filed, routed, signed := w.File(t), w.File(t), w.File(t)
	var proposals []desk.Proposed
	for i, ref := range []desk.Ref{routed, signed} {
		proposals = append(proposals, desk.Proposal{Ref: ref, Proposal: ticket.Proposal{Position: int64(i + 1), Version: 1,
			Official: policytest.Attendant, Reason: "least-loaded"}})
	}
	c, err := w.Route(t.Context(), proposals)
	if err != nil {
		t.Fatal(err)
	}
	c.Cursors = []change.CursorMove{{Consumer: "attendant", From: 0, To: 2}}
	if err := w.Store.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Sign(t.Context(), desktest.Caller(policytest.Attendant), desktest.Call("sign", ""), signed); err != nil {
		t.Fatal(err)
	}
	states := map[ticket.State]bool{}
	err = store.EachTicket(t.Context(), w.Store.DB(), policytest.Code, func(row store.Stored) error {
		remembered, err := w.Store.Ticket(t.Context(), row.Key)
		if difference := cmp.Diff(row, remembered); difference != "" || err != nil {
			t.Errorf("the row (-) and what is remembered (+) differ: %v\n%s", err, difference)
		}
		states[row.Ticket.State] = true
		return nil
	})
	if err != nil || len(states) != 3 {
		t.Errorf("tickets %s, %s and %s are in %d states, %v", filed.ID, routed.ID, signed.ID, len(states), err)
	}
}
