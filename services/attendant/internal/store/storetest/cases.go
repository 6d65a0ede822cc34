package storetest

import (
	"errors"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

func newCase(n int) *store.Case {
	return &store.Case{City: rostertest.Code, ID: rostertest.Case(n), Enterprise: rostertest.Enterprise(1), Project: rostertest.Project(1), Agreement: 1, Taken: 4,
		Case: route.Case{Open: true}}
}

// act stores cases in which somebody acts for the approvals centre.
func (s *suite) act(official int, cases ...int) {
	s.Helper()
	c := &change.Change{}
	for _, n := range cases {
		k := newCase(n)
		k.Case = k.Assigned(rostertest.Approvals, rostertest.Person(official), rostertest.Start)
		c.Statements = append(c.Statements, store.Load(rostertest.Code, rostertest.Person(official), store.CaseAggregate(k.ID)))
		store.SaveCase(c, k)
	}
	s.must(s.commit(c))
}

func (s *suite) stored(n int) *store.Case {
	s.Helper()
	known, err := s.Cases(s.ctx, rostertest.Code, []string{rostertest.Case(n)})
	s.must(err)
	if len(known) != 1 {
		s.Fatalf("case %d: %d are known", n, len(known))
	}
	return known[0]
}

func (s *suite) casesComeBack() {
	const n = 40 // more than one statement looks for
	he := route.Choice{Official: rostertest.Person(rostertest.He), Unit: rostertest.Approvals, Reason: route.LeastLoaded}
	c := &change.Change{}
	var cases []*store.Case
	var wanted []string
	for i := range n {
		k := newCase(i)
		switch i % 3 {
		case 0:
			k.Open, k.Project = false, ""
		case 1:
			s.must(k.Propose(c, rostertest.Approvals, he, rostertest.Start, store.Router))
			s.must(k.Propose(c, rostertest.Investment, route.Choice{Reason: route.Nobody}, rostertest.Start, store.Router))
		case 2:
			k.Case = k.Assigned(rostertest.Approvals, he.Official, rostertest.Start)
			s.must(k.Propose(c, rostertest.Approvals, route.Choice{Reason: route.ByDismissal}, rostertest.Start, store.Router))
		}
		store.SaveCase(c, k)
		cases, wanted = append(cases, k), append(wanted, k.ID)
	}
	s.must(s.commit(c))
	stored, err := s.Cases(s.ctx, rostertest.Code, append(wanted, rostertest.Case(n)))
	s.must(err)
	if diff := cmp.Diff(cases, stored, cmpopts.IgnoreUnexported(store.Case{}), cmpopts.EquateEmpty()); diff != "" {
		s.Fatalf("(-want +got):\n%s", diff)
	}
	if elsewhere, err := s.Cases(s.ctx, "410500", wanted); err != nil || len(elsewhere) > 0 {
		s.Errorf("another city knows %d of them, %v", len(elsewhere), err)
	}
	k := stored[1]
	c = &change.Change{}
	s.must(k.Return(c, route.Claim{Centre: rostertest.Approvals, Official: he.Official}, rostertest.Start))
	k.Case, k.Agreement, k.Taken = k.Terminated(), 2, 7
	store.SaveCase(c, k)
	s.must(s.commit(c))
	again := s.stored(1)
	if again.Taken != 7 || again.Agreement != 2 || len(again.Carriers()) > 0 {
		s.Errorf("stored %+v", again)
	}
	history, err := s.CaseHistory(s.ctx, rostertest.Code, k.ID)
	s.must(err)
	if len(history) != 3 {
		s.Fatalf("%d events", len(history))
	}
	s.chained(history, again.History)
}

// Whoever read a case before another wrote it cannot write it, whether that said something of it or only took up the agency's news.
func (s *suite) casesHaveOneWriterAtATime() {
	say := func(k *store.Case) *change.Change {
		c := &change.Change{}
		s.must(k.Propose(c, rostertest.Approvals, route.Choice{Official: rostertest.Person(rostertest.He)}, rostertest.Start, store.Router))
		store.SaveCase(c, k)
		return c
	}
	take := func(k *store.Case) *change.Change {
		c := &change.Change{}
		k.Taken++
		store.SaveCase(c, k)
		return c
	}
	either := func(i int, k *store.Case) *change.Change {
		if i%2 == 0 {
			return say(k)
		}
		return take(k)
	}
	if won := s.race(8, func(i int) *change.Change { return either(i, newCase(1)) }); won != 1 {
		s.Errorf("%d of 8 were first", won)
	}
	if won := s.race(8, func(i int) *change.Change { return either(i, s.stored(1)) }); won != 1 {
		s.Errorf("%d of 8 wrote what all had read", won)
	}
	for name, write := range map[string]func(*store.Case) *change.Change{"said": say, "taken": take} {
		read := s.stored(1)
		s.must(s.commit(write(s.stored(1))))
		for attempt, c := range map[string]*change.Change{"saying": say(read), "taking": take(read)} {
			if err := s.commit(c); !errors.Is(err, change.ErrConflict) {
				s.Errorf("%s after another has %s: %v", attempt, name, err)
			}
		}
	}
}

func (s *suite) openCasesAreFound() {
	s.act(rostertest.He, 5, 3, 4, 1)
	s.act(rostertest.Lu, 2)
	c := &change.Change{}
	closed, offered, twice := s.stored(1), s.stored(3), s.stored(4)
	closed.Open = false
	s.must(offered.Propose(c, rostertest.Approvals, route.Choice{}, rostertest.Start, store.Router))
	twice.Case = twice.Assigned("window", rostertest.Person(rostertest.He), rostertest.Start)
	for _, k := range []*store.Case{closed, offered, twice} {
		store.SaveCase(c, k)
	}
	s.must(s.commit(c))
	for limit, want := range map[int][]string{9: {rostertest.Case(4), rostertest.Case(5)}, 2: {rostertest.Case(4), rostertest.Case(5)}, 1: {rostertest.Case(4)}} {
		found, all, err := s.OpenCases(s.ctx, rostertest.Code, rostertest.Person(rostertest.He), limit)
		s.must(err)
		var ids []string
		for _, k := range found {
			ids = append(ids, k.ID)
		}
		s.same(want, ids)
		if all != 2 || len(found[0].ActedBy(rostertest.Person(rostertest.He))) != 2 {
			s.Errorf("%d in all, the first %+v", all, found[0])
		}
	}
	if found, all, err := s.OpenCases(s.ctx, "410500", rostertest.Person(rostertest.He), 9); err != nil || len(found)+all > 0 {
		s.Errorf("in another city %d of %d, %v", len(found), all, err)
	}
}

// What the agency answers is found again by the position under which it came to know it.
func (s *suite) proposalsAreFoundByPosition() {
	c := &change.Change{}
	k, other := newCase(1), newCase(2)
	for range 3 {
		s.must(k.Propose(c, rostertest.Approvals, route.Choice{Official: rostertest.Person(rostertest.He)}, rostertest.Start, store.Router))
	}
	s.must(other.Propose(c, rostertest.Approvals, route.Choice{}, rostertest.Start, store.Router))
	store.SaveCase(c, k)
	store.SaveCase(c, other)
	s.must(s.commit(c))
	head, err := s.Settled(s.ctx)
	s.must(err)
	found := map[string][]int64{}
	for position := int64(-1); position <= head+1; position++ {
		for _, id := range []string{k.ID, other.ID} {
			version, err := s.ProposalAt(s.ctx, rostertest.Code, id, position)
			s.must(err)
			if version > 0 {
				found[id] = append(found[id], version)
			}
		}
		if version, err := s.ProposalAt(s.ctx, "410500", k.ID, position); err != nil || version > 0 {
			s.Errorf("another city's at %d: %d, %v", position, version, err)
		}
	}
	s.same(map[string][]int64{k.ID: {1, 2, 3}, other.ID: {1}}, found)
}

// Tickets and cases share an official's load: who claims the last place for one of either leaves nothing for the others.
func (s *suite) ticketsAndCasesShareTheLastPlace() {
	const most = 3
	cao := rostertest.Person(rostertest.Cao)
	s.must(s.commit(&change.Change{Statements: []change.Statement{store.Load(rostertest.Code, cao, rostertest.Ticket(1)),
		store.Load(rostertest.Code, cao, store.CaseAggregate(rostertest.Case(1)))}}))
	won := s.race(12, func(i int) *change.Change {
		if i%2 == 0 {
			return &change.Change{Statements: append([]change.Statement{store.Give(rostertest.Code, cao, int64(i))},
				store.Shift(rostertest.Code, rostertest.Ticket(10+i), nil, []string{cao}, most)...)}
		}
		return &change.Change{Statements: append([]change.Statement{store.GiveCase(rostertest.Code, cao, int64(i))},
			store.Shift(rostertest.Code, store.CaseAggregate(rostertest.Case(10+i)), nil, []string{cao}, most)...)}
	})
	if won != 1 {
		s.Errorf("%d of 12 got the last place", won)
	}
	s.same(map[string]int{cao: most}, s.loads(rostertest.Cao))
	// Whoever has it already claims nothing, and what goes from one to another leaves the first.
	shi := rostertest.Person(rostertest.Shi)
	s.must(s.commit(&change.Change{Statements: append(store.Shift(rostertest.Code, store.CaseAggregate(rostertest.Case(1)), []string{cao}, []string{cao}, 1),
		store.Shift(rostertest.Code, rostertest.Ticket(1), []string{cao}, []string{shi}, 0)...)}))
	s.same(map[string]int{cao: most - 1, shi: 1}, s.loads(rostertest.Cao, rostertest.Shi))
}
