package agency_test

import (
	"sync"
	"testing"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
)

// atOnce lets many do something at once and returns why each was refused; empty for who was not.
func atOnce(n int, do func(i int) error) []string {
	reasons := make([]string, n)
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-begin
			reasons[i] = reason(do(i))
		})
	}
	close(begin)
	all.Wait()
	return reasons
}

// Two agents hand the same item in at once, each several times over: it is handed in once, and everybody else is told how it stands.
func TestTwoAgentsAtOnce(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		c := w.entrusted(t)
		agents := []string{cataloguetest.ApprovalsAgent, cataloguetest.InvestmentAgent}
		name := itemName(c.GetName(), cataloguetest.Filing)
		reasons := atOnce(8, func(i int) error {
			_, err := w.SubmitItem(w.as(t, agents[i%2]), &agencyv1.SubmitItemRequest{Name: name})
			return err
		})
		if count(reasons, "") != 1 || count(reasons, "ITEM_STATE_FORBIDS") != 7 {
			t.Errorf("handed in: %q", reasons)
		}
		if types := w.events(t, c.GetName()); count(types, "item_submitted") != 1 {
			t.Errorf("%v", types)
		}
		etag := w.get(t, c.GetName()).GetEtag()
		reasons = atOnce(4, func(i int) error {
			_, err := w.WithdrawItem(w.as(t, owner), &agencyv1.WithdrawItemRequest{Name: name, Etag: etag})
			return err
		})
		if count(reasons, "") != 1 || count(reasons, "ETAG_MISMATCH") != 3 {
			t.Errorf("withdrawn: %q", reasons)
		}
	})
}

// The same request several times at once is one request; the same id of somebody else is another.
func TestOneRequestAtOnce(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		names := make([]string, 6)
		reasons := atOnce(len(names), func(i int) error {
			in := opening()
			in.RequestId = "the same"
			c, err := w.CreateCase(w.as(t, []string{owner, colleague}[i%2]), in)
			names[i] = c.GetName()
			return err
		})
		distinct := map[string]bool{}
		for _, name := range names {
			distinct[name] = true
		}
		if count(reasons, "") != len(names) || len(distinct) != 2 || names[0] != names[2] || names[1] != names[3] {
			t.Errorf("%q, %q", reasons, names)
		}
	})
}
