package attendant_test

import (
	"testing"

	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

func TestFilingIsAnsweredWithWhoIsBound(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newTown(t, dsn)
		w.bind(1, rostertest.Qian)
		w.hotline.tell("tickets/", rostertest.Ticket(1), filed(rostertest.Enterprise(1), "", rostertest.Water))
		w.hotline.tell("tickets/", rostertest.Ticket(2), filed(rostertest.Enterprise(2), "", rostertest.Water))
		w.hotline.tell("tickets/", rostertest.Ticket(3), filed("", "", rostertest.Unhandled))
		got := w.proposals()
		for n, want := range map[int]string{1: proposal(rostertest.Qian, "enterprise-attendant"), 2: proposal(rostertest.Wang, "least-loaded"), 3: ":nobody"} {
			if got[rostertest.Ticket(n)] != want {
				t.Errorf("ticket %d: proposed %q, want %q", n, got[rostertest.Ticket(n)], want)
			}
		}
	})
}
