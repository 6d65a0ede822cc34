package attendant_test

import (
	"slices"
	"testing"
	"time"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
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

func TestProposalSaysWhatItAnswers(t *testing.T) {
	w := newTown(t, "sqlite::memory:")
	w.hotline.tell("tickets/", rostertest.Ticket(1), warned, filed("", "", rostertest.Power))
	said := w.said()
	if len(said) != 1 {
		t.Fatalf("said %v", said)
	}
	if p := said[0].GetRouteProposed(); p.GetTicket() != rostertest.Ticket(1) || p.GetVersion() != 2 || p.GetUnit() != "power" {
		t.Errorf("proposed %v", p)
	}
}

func TestClaimIsGivenBack(t *testing.T) {
	w := newTown(t, "sqlite::memory:")
	w.hotline.tell("tickets/", rostertest.Ticket(1), filed("", "", rostertest.Water))
	w.hotline.tell("tickets/", rostertest.Ticket(2), filed("", "", rostertest.Water))
	if a, b := w.load(rostertest.Wang), w.load(rostertest.Li); a != 1 || b != 1 {
		t.Fatalf("claimed: %d and %d", a, b)
	}
	// Both came too late: a dispatcher was faster, and one of them chose the same official.
	w.hotline.tell("tickets/", rostertest.Ticket(1), dispatched(rostertest.Zhao), refused(rostertest.Wang))
	w.hotline.tell("tickets/", rostertest.Ticket(2), dispatched(rostertest.Li), refused(rostertest.Li))
	for n, want := range map[int]int{rostertest.Wang: 0, rostertest.Zhao: 1, rostertest.Li: 1} {
		if got := w.load(n); got != want {
			t.Errorf("official %d carries %d, want %d", n, got, want)
		}
	}
	var returned []string
	for _, e := range w.said() {
		if r := e.GetClaimReturned(); r != nil {
			returned = append(returned, r.GetTicket()+r.GetOfficial())
		}
	}
	if !slices.Equal(returned, []string{rostertest.Ticket(1) + rostertest.Person(rostertest.Wang)}) {
		t.Errorf("given back: %v", returned)
	}
	w.hotline.tell("tickets/", rostertest.Ticket(1), answered)
	if got := w.load(rostertest.Zhao); got != 0 {
		t.Errorf("an answered ticket is carried: %d", got)
	}
	w.hotline.tell("tickets/", rostertest.Ticket(1), reopened)
	if got := w.load(rostertest.Zhao); got != 1 {
		t.Errorf("a ticket that is open again is not carried: %d", got)
	}
	w.hotline.tell("tickets/", rostertest.Ticket(1), closed)
	if got := w.load(rostertest.Zhao); got != 0 {
		t.Errorf("a closed ticket is carried: %d", got)
	}
}

// The service is away while tickets are filed and a dispatcher acts. When it is back, every filing is answered once, what the
// dispatcher gave stays given, and starting again changes nothing.
func TestAnHourAway(t *testing.T) {
	const tickets = 700 // several stretches of the feed
	w := newTown(t, "sqlite:"+t.TempDir()+"/attendant.db")
	w.bind(1, rostertest.Qian)
	w.halt()
	for i := range tickets {
		w.hotline.tell("tickets/", rostertest.Ticket(i), filed(rostertest.Enterprise(i%3), "", rostertest.Water))
	}
	w.clock.Advance(time.Hour)
	for i := 0; i < tickets; i += 7 {
		w.hotline.tell("tickets/", rostertest.Ticket(i), dispatched(rostertest.Sun))
	}
	w.start()
	answers := map[string]int{}
	said := w.said()
	for _, e := range said {
		if p := e.GetRouteProposed(); p != nil {
			answers[p.GetTicket()]++
		}
	}
	for i := range tickets {
		if n := answers[rostertest.Ticket(i)]; n != 1 {
			t.Fatalf("ticket %d was answered %d times", i, n)
		}
	}
	if got := w.load(rostertest.Sun); got != tickets/7 {
		t.Errorf("the dispatcher's choice carries %d, want %d", got, tickets/7)
	}
	total := 0
	loads := map[int]int{}
	for n := rostertest.Wang; n <= rostertest.Feng; n++ {
		loads[n] = w.load(n)
		total += loads[n]
	}
	if total != tickets {
		t.Errorf("%d tickets are carried, want %d: %v", total, tickets, loads)
	}
	w.halt()
	w.start()
	if again := w.said(); len(again) != len(said) {
		t.Errorf("starting again said %d things more", len(again)-len(said))
	}
	for n, load := range loads {
		if got := w.load(n); got != load {
			t.Errorf("starting again changed the load of official %d from %d to %d", n, load, got)
		}
	}
}

// Two replicas over one database answer every filing once, and what one learns of the roster the other knows.
func TestTwoReplicas(t *testing.T) {
	const tickets = 200
	w := newTown(t, kittest.Postgres(t))
	other := &town{t: t, clock: w.clock, directory: w.directory, hotline: w.hotline, dsn: w.dsn}
	other.start()
	defer func() { other.halt() }()
	w.bind(1, rostertest.Qian)
	for i := range tickets {
		w.hotline.tell("tickets/", rostertest.Ticket(i), filed(rostertest.Enterprise(i%2), "", rostertest.Water))
	}
	other.idle()
	answers := map[string]int{}
	for _, e := range w.said() {
		answers[e.GetRouteProposed().GetTicket()]++
	}
	for i := range tickets {
		if n := answers[rostertest.Ticket(i)]; n != 1 {
			t.Fatalf("ticket %d was answered %d times", i, n)
		}
	}
	if a, b := w.load(rostertest.Qian), other.load(rostertest.Qian); a != tickets/2 || b != a {
		t.Errorf("carried %d and %d", a, b)
	}
	w.directory.apply(rostertest.Config(2, rostertest.Qian))
	w.idle()
	for name, replica := range map[string]*town{"one": w, "other": other} {
		_, err := replica.bindings.GetPresence(w.admin(), &attendantv1.GetPresenceRequest{Name: officialName(rostertest.Qian)})
		if !fault.Has(err, "OFFICIAL_UNKNOWN") {
			t.Errorf("the %s does not know the new roster: %v", name, err)
		}
	}
}
