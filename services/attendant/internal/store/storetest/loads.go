package storetest

import (
	"errors"

	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/journal"
)

func (s *suite) ticketsComeBack() {
	const n = 200 // more than one statement holds
	c := &change.Change{}
	var tickets []*store.Ticket
	var wanted []string
	for i := range n {
		t := &store.Ticket{City: rostertest.Code, ID: rostertest.Ticket(i)}
		switch i % 3 {
		case 0:
			s.must(t.Propose(c, 1, route.Choice{Official: rostertest.Person(rostertest.Wang), Unit: "water", Reason: route.LeastLoaded}, rostertest.Start))
			t.Ticket = route.Ticket{Official: rostertest.Person(rostertest.Wang), Stage: route.Claimed}
		case 1:
			t.Ticket = route.Ticket{Official: rostertest.Person(rostertest.Li), Stage: route.Held}
		}
		tickets, wanted = append(tickets, t), append(wanted, t.ID)
	}
	s.must(store.SaveTickets(c, tickets))
	s.must(s.commit(c))
	stored, err := s.Tickets(s.ctx, rostertest.Code, append(wanted, rostertest.Ticket(n)))
	s.must(err)
	byID := map[string]*store.Ticket{}
	for _, t := range stored {
		byID[t.ID] = t
	}
	for _, t := range tickets {
		got := byID[t.ID]
		if got == nil || got.Ticket != t.Ticket || got.Version != t.Version || got.Hash != t.Hash {
			s.Fatalf("stored %+v, got %+v", t, got)
		}
	}
	if len(byID) != n {
		s.Errorf("%d tickets, want %d", len(byID), n)
	}
	again := byID[rostertest.Ticket(0)]
	c = &change.Change{}
	s.must(again.Return(c, rostertest.Person(rostertest.Wang), rostertest.Start))
	again.Ticket = route.Ticket{}
	s.must(store.SaveTickets(c, []*store.Ticket{again}))
	s.must(s.commit(c))
	history, err := s.TicketHistory(s.ctx, rostertest.Code, rostertest.Ticket(0))
	s.must(err)
	if len(history) != 2 {
		s.Fatalf("%d events", len(history))
	}
	s.chained(history, again.History)
}

// chained checks a history against where its row says that it ends.
func (s *suite) chained(history []journal.Sealed, end store.History) {
	s.Helper()
	each := func(yield func(journal.Sealed, error) bool) {
		for _, e := range history {
			if !yield(e, nil) {
				return
			}
		}
	}
	s.must(journal.Verify(each, journal.Head{Version: end.Version, Hash: end.Hash}))
}

func (s *suite) loads(officials ...int) map[string]int {
	s.Helper()
	var ids []string
	for _, n := range officials {
		ids = append(ids, rostertest.Person(n))
	}
	loads, err := s.Loads(s.ctx, rostertest.Code, ids)
	s.must(err)
	return loads
}

func (s *suite) loadsAreCounted() {
	s.must(s.commit(&change.Change{Statements: []change.Statement{
		store.Load(rostertest.Code, rostertest.Person(rostertest.Wang), rostertest.Ticket(1)), store.Load(rostertest.Code, rostertest.Person(rostertest.Wang), rostertest.Ticket(1)), store.Load(rostertest.Code, rostertest.Person(rostertest.Wang), rostertest.Ticket(2)),
		store.Load(rostertest.Code, rostertest.Person(rostertest.Li), rostertest.Ticket(3)), store.Load("410500", rostertest.Person(rostertest.Wang), rostertest.Ticket(4)), store.Unload(rostertest.Code, rostertest.Person(rostertest.Li), rostertest.Ticket(9)),
		store.Give(rostertest.Code, rostertest.Person(rostertest.Wang), 4), store.Give(rostertest.Code, rostertest.Person(rostertest.Wang), 7),
		store.GiveCase(rostertest.Code, rostertest.Person(rostertest.Wang), 3), store.Turn(rostertest.Code, rostertest.Person(rostertest.Wang)),
	}}))
	s.same(map[string]int{rostertest.Person(rostertest.Wang): 2, rostertest.Person(rostertest.Li): 1}, s.loads(rostertest.Wang, rostertest.Li, rostertest.Zhao))
	tickets, cases, err := s.Given(s.ctx, rostertest.Code, []string{rostertest.Person(rostertest.Wang), rostertest.Person(rostertest.Li)})
	s.must(err)
	s.same(map[string]int64{rostertest.Person(rostertest.Wang): 7}, tickets)
	s.same(map[string]int64{rostertest.Person(rostertest.Wang): 3}, cases)
	s.must(s.commit(&change.Change{Statements: []change.Statement{store.Unload(rostertest.Code, rostertest.Person(rostertest.Wang), rostertest.Ticket(1))}}))
	s.same(map[string]int{rostertest.Person(rostertest.Wang): 1}, s.loads(rostertest.Wang))
	s.same(map[string]int{}, s.loads())
}

func claim(ticket, most int) *change.Change {
	return &change.Change{Statements: []change.Statement{store.Give(rostertest.Code, rostertest.Person(rostertest.Wang), int64(ticket)), store.Claim(rostertest.Code, rostertest.Person(rostertest.Wang), rostertest.Ticket(ticket), most)}}
}

func (s *suite) claimStopsAtTheCap() {
	s.must(s.commit(claim(1, 2)))
	s.must(s.commit(claim(2, 2)))
	if err := s.commit(claim(3, 2)); !errors.Is(err, change.ErrConflict) {
		s.Errorf("a third claim of two: %v", err)
	}
	s.same(map[string]int{rostertest.Person(rostertest.Wang): 2}, s.loads(rostertest.Wang))
	s.must(s.commit(&change.Change{Statements: []change.Statement{store.Unload(rostertest.Code, rostertest.Person(rostertest.Wang), rostertest.Ticket(1)), store.Claim(rostertest.Code, rostertest.Person(rostertest.Wang), rostertest.Ticket(3), 2)}}))
	s.same(map[string]int{rostertest.Person(rostertest.Wang): 2}, s.loads(rostertest.Wang))
}

// Replicas that all saw the last place free cannot all take it.
func (s *suite) lastPlaceHasOneWinner() {
	const most = 3
	s.must(s.commit(claim(1, most)))
	s.must(s.commit(claim(2, most)))
	if won := s.race(12, func(i int) *change.Change { return claim(10+i, most) }); won != 1 {
		s.Errorf("%d of 12 got the last place", won)
	}
	s.same(map[string]int{rostertest.Person(rostertest.Wang): most}, s.loads(rostertest.Wang))
}
