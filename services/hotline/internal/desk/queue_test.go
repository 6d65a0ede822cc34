package desk_test

import (
	"testing"
	"time"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/queue"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// TestQueue follows one ticket through the queues of those who have to act upon it, and finds it in nobody else's.
func TestQueue(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := desktest.New(t, dsn)
		ref := w.File(t)
		expect := func(step string, want map[string]string) {
			t.Helper()
			for person, next := range want {
				q, err := w.Queue(t.Context(), desktest.Caller(person), policytest.Code, 0, nil)
				switch {
				case err != nil:
					t.Errorf("%s: %v", step, err)
				case next == "-" && len(q.Entries) != 0, next != "-" && (len(q.Entries) != 1 || string(q.Entries[0].Next) != next || q.Total != 1):
					t.Errorf("%s: %s has %d entries, want next %q", step, person, len(q.Entries), next)
				}
			}
		}
		expect("filed", map[string]string{policytest.Dispatcher: "dispatch", policytest.Attendant: "-"})
		caller := func(p string) authn.Caller { return desktest.Caller(p) }
		if _, err := w.Dispatch(t.Context(), caller(policytest.Dispatcher), desk.Call{Method: "DispatchTicket"}, ref, policytest.Attendant); err != nil {
			t.Fatal(err)
		}
		expect("dispatched", map[string]string{policytest.Dispatcher: "-", policytest.Attendant: "sign"})
		if _, err := w.Sign(t.Context(), caller(policytest.Attendant), desk.Call{Method: "SignTicket"}, ref); err != nil {
			t.Fatal(err)
		}
		expect("signed", map[string]string{policytest.Dispatcher: "-", policytest.Attendant: "contact"})
		w.Pass(60 * 24 * time.Hour)
		q, err := w.Queue(t.Context(), caller(policytest.Attendant), policytest.Code, 0, []queue.Kind{queue.Held})
		if err != nil || len(q.Entries) != 1 || q.Entries[0].Reason != queue.Overdue || q.Entries[0].Clock == nil {
			t.Errorf("two months later: %+v, %v", q, err)
		}
		other := caller(policytest.Attendant)
		other.Person = desktest.Stranger
		if q, err = w.Queue(t.Context(), other, policytest.Code, 0, nil); err != nil || len(q.Entries) != 0 {
			t.Errorf("another attendant: %+v, %v", q, err)
		}
		filer := caller(desktest.Filer)
		filer.Roles = []authn.Grant{{Role: optionsv1.Role_ROLE_ATTENDANT, Unit: policytest.Market}}
		if q, err = w.Queue(t.Context(), filer, policytest.Code, 0, nil); err != nil || len(q.Entries) != 0 {
			t.Errorf("what somebody filed is no work of theirs: %+v, %v", q, err)
		}
	})
}
