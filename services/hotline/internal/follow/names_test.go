package follow_test

import (
	"context"
	"errors"
	"testing"

	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/follow"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// register says what enterprises are called, or fails.
type register struct {
	names map[string]string
	fails error
	asked int
}

func (r *register) EnterpriseNames(_ context.Context, _ string, ids []string) (map[string]string, error) {
	r.asked += len(ids)
	out := map[string]string{}
	for _, id := range ids {
		if name, ok := r.names[id]; ok {
			out[id] = name
		}
	}
	return out, r.fails
}

// Enterprises that were learnt of before there was an index are named later; what failed once is done the next time, what is done is not asked again.
func TestEnterprisesFromBeforeAreNamed(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := desktest.New(t, dsn)
		ref := w.File(t)
		for _, id := range []string{desktest.Enterprise, desktest.Enterprise2} {
			if err := w.Store.Commit(t.Context(), &change.Change{Statements: []change.Statement{store.AddEnterprise(store.Enterprise{City: policytest.Code, ID: id})}}); err != nil {
				t.Fatal(err)
			}
		}
		names := &register{names: map[string]string{desktest.Enterprise: "濮阳宏远化工有限公司"}, fails: errors.New("the line is dead")}
		d := &follow.Directory{Store: w.Store, Cities: w.Cities, Names: names}
		if err := d.NameAll(t.Context(), policytest.Code); err == nil {
			t.Error("a failure went unsaid")
		}
		found := func() int {
			t.Helper()
			list, err := w.List(t.Context(), desktest.Caller(policytest.Dispatcher), desk.ListQuery{City: policytest.Code, Query: "宏远化工"})
			if err != nil || len(list.Views) > 0 && list.Views[0].Ticket.ID != ref.ID {
				t.Fatalf("%+v, %v", list, err)
			}
			return len(list.Views)
		}
		if n := found(); n != 0 {
			t.Errorf("%d found before", n)
		}
		names.fails, names.asked = nil, 0
		for range 2 {
			if err := d.NameAll(t.Context(), policytest.Code); err != nil {
				t.Fatal(err)
			}
		}
		if n := found(); n != 1 || names.asked != 3 { // both, then the one that has no name
			t.Errorf("%d found, %d asked for", n, names.asked)
		}
	})
}
