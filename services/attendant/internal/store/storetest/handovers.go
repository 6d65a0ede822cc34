package storetest

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/throughtrain/throughtrain/services/attendant/internal/binding"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

func handoverID(n int) string { return rostertest.ID(8, n) }

// hold stores tickets that somebody holds.
func (s *suite) hold(official int, tickets ...int) {
	s.Helper()
	c := &change.Change{}
	var held []*store.Ticket
	for _, n := range tickets {
		t := &store.Ticket{City: rostertest.Code, ID: rostertest.Ticket(n), Held: rostertest.Start, Filing: route.Filing{Enterprise: rostertest.Enterprise(1),
			Category: rostertest.Water, Conflict: route.Conflict{Officials: []string{rostertest.Person(3), rostertest.Person(4)}, Units: []string{"power"}}},
			Ticket: route.Ticket{Official: rostertest.Person(official), Stage: route.Held, Turned: 1}}
		held = append(held, t)
		c.Statements = append(c.Statements, store.Load(rostertest.Code, t.Official, t.ID))
	}
	s.must(store.SaveTickets(c, held))
	s.must(s.commit(c))
}

// handover is a decision to hand tickets over to one official, up to a load.
func (s *suite) handover(n, from, to, most int, tickets ...int) *change.Change {
	s.Helper()
	h := store.Handover{City: rostertest.Code, ID: handoverID(n), From: rostertest.Person(from), Official: rostertest.Person(to), Way: route.ToOfficial,
		Reason: route.ByHandover, Note: "调岗", Time: rostertest.Start, Ended: []string{bindingID(1)}, Bindings: []string{bindingID(2)}, Visits: []string{visitID(1)}}
	for _, ticket := range tickets {
		h.Proposals = append(h.Proposals, store.Proposal{Ticket: rostertest.Ticket(ticket), Choice: route.Choice{Official: rostertest.Person(to), Unit: "water", Cap: most}})
	}
	h.CaseProposals = []store.CaseProposal{{Case: rostertest.Case(n), Centre: rostertest.Approvals, Choice: route.Choice{Official: rostertest.Person(to)}}}
	c := &change.Change{Statements: []change.Statement{store.Turn(rostertest.Code, rostertest.Person(to))}}
	s.must(store.AddHandover(c, h, 5, actor))
	return c
}

func (s *suite) handoversComeBack() {
	s.hold(rostertest.Wang, 1, 2)
	s.must(s.commit(s.handover(1, rostertest.Wang, rostertest.Li, 0, 1, 2)))
	got, err := s.Handover(s.ctx, rostertest.Code, handoverID(1))
	s.must(err)
	proposal := func(n int) store.Proposal {
		return store.Proposal{Ticket: rostertest.Ticket(n), Choice: route.Choice{Official: rostertest.Person(rostertest.Li), Unit: "water"}}
	}
	s.same(store.Handover{City: rostertest.Code, ID: handoverID(1), From: rostertest.Person(rostertest.Wang), Official: rostertest.Person(rostertest.Li),
		Way: route.ToOfficial, Reason: route.ByHandover, Note: "调岗", Time: rostertest.Start, Ended: []string{bindingID(1)}, Bindings: []string{bindingID(2)},
		Visits: []string{visitID(1)}, Proposals: []store.Proposal{proposal(1), proposal(2)}, CaseProposals: []store.CaseProposal{
			{Case: rostertest.Case(1), Centre: rostertest.Approvals, Choice: route.Choice{Official: rostertest.Person(rostertest.Li)}}}}, got)
	s.same(map[string]int{rostertest.Person(rostertest.Wang): 2, rostertest.Person(rostertest.Li): 2}, s.loads(rostertest.Wang, rostertest.Li))
	if work, all, err := s.OpenWork(s.ctx, rostertest.Code, rostertest.Person(rostertest.Wang), store.About{}, 9); err != nil || len(work)+all > 0 {
		s.Errorf("what is being handed over is open work: %v of %d, %v", work, all, err)
	}
	carried, err := s.Tickets(s.ctx, rostertest.Code, []string{rostertest.Ticket(1), rostertest.Ticket(2)})
	s.must(err)
	if len(carried) != 2 {
		s.Fatalf("%d tickets are known", len(carried))
	}
	slices.SortFunc(carried, func(a, b *store.Ticket) int { return strings.Compare(a.ID, b.ID) })
	s.same(route.Ticket{Official: rostertest.Person(rostertest.Wang), Stage: route.Held, Turned: 1, Offer: &route.Offer{Official: rostertest.Person(rostertest.Li), After: 5}},
		carried[0].Ticket)
	s.same(route.Filing{Enterprise: rostertest.Enterprise(1), Category: rostertest.Water,
		Conflict: route.Conflict{Officials: []string{rostertest.Person(3), rostertest.Person(4)}, Units: []string{"power"}}}, carried[0].Filing)
	if !carried[0].Held.Equal(rostertest.Start) {
		s.Errorf("held since %v", carried[0].Held)
	}
	s.must(s.commit(&change.Change{Statements: []change.Statement{store.EndOffer(rostertest.Code, rostertest.Ticket(1), route.Offer{After: 4}),
		store.EndOffer(rostertest.Code, rostertest.Ticket(2), *carried[1].Offer)}}))
	again, err := s.Tickets(s.ctx, rostertest.Code, []string{rostertest.Ticket(1), rostertest.Ticket(2)})
	s.must(err)
	for _, t := range again {
		if (t.Offer == nil) != (t.ID == rostertest.Ticket(2)) {
			s.Errorf("%s has the offer %+v", t.ID, t.Offer)
		}
	}
	s.hold(rostertest.Wang, 5, 4)
	work, all, err := s.OpenWork(s.ctx, rostertest.Code, rostertest.Person(rostertest.Wang), store.About{}, 2)
	s.must(err)
	if len(work) != 2 || all != 3 || work[0].ID != rostertest.Ticket(2) || work[1].ID != rostertest.Ticket(4) {
		s.Errorf("open work: %v of %d", work, all)
	}
	for name, c := range map[string]struct {
		without store.About
		want    int
	}{
		"who is named":            {store.About{Person: rostertest.Person(3)}, 0},
		"who is in a unit named":  {store.About{Person: rostertest.Person(9), Units: []string{"bureau", "power"}}, 0},
		"who is not":              {store.About{Person: rostertest.Person(9), Units: []string{"bureau"}}, 3},
		"whose name is a pattern": {store.About{Person: "%", Units: []string{"po_er", "pow"}}, 3},
	} {
		if _, all, err := s.OpenWork(s.ctx, rostertest.Code, rostertest.Person(rostertest.Wang), c.without, 2); err != nil || all != c.want {
			s.Errorf("%s is told of %d, %v", name, all, err)
		}
	}
	if _, err := s.Handover(s.ctx, rostertest.Code, handoverID(2)); !errors.Is(err, store.ErrNotFound) {
		s.Errorf("a hand-over that is not there: %v", err)
	}
}

func (s *suite) handoversAreWholeOrNot() {
	s.hold(rostertest.Wang, 1, 2)
	s.hold(rostertest.Zhao, 3)
	for name, c := range map[string]*change.Change{
		"somebody else's ticket":   s.handover(1, rostertest.Wang, rostertest.Li, 0, 1, 3),
		"a ticket nobody knows":    s.handover(2, rostertest.Wang, rostertest.Li, 0, 1, 9),
		"more than the most taken": s.handover(3, rostertest.Wang, rostertest.Li, 1, 1, 2),
	} {
		if err := s.commit(c); !errors.Is(err, change.ErrConflict) {
			s.Errorf("%s: %v", name, err)
		}
	}
	s.same(map[string]int{rostertest.Person(rostertest.Wang): 2}, s.loads(rostertest.Wang, rostertest.Li))
	s.must(s.commit(s.handover(4, rostertest.Wang, rostertest.Li, 2, 1, 2)))
	if err := s.commit(s.handover(5, rostertest.Wang, rostertest.Zhao, 0, 1)); !errors.Is(err, change.ErrConflict) {
		s.Errorf("a ticket that is being handed over already: %v", err)
	}
}

// Two who hand over to the same official at once cannot both give them the last place, and a filing that wants it neither.
func (s *suite) lastPlaceIsHandedOverOnce() {
	const most = 3
	s.hold(rostertest.Li, 1, 2)
	for i := range 8 {
		s.hold(rostertest.Wang, 10+i)
	}
	won := s.race(12, func(i int) *change.Change {
		if i < 8 {
			return s.handover(i, rostertest.Wang, rostertest.Li, most, 10+i)
		}
		return &change.Change{Statements: []change.Statement{store.Give(rostertest.Code, rostertest.Person(rostertest.Li), int64(i)),
			store.Claim(rostertest.Code, rostertest.Person(rostertest.Li), rostertest.Ticket(20+i), most)}}
	})
	if won != 1 {
		s.Errorf("%d of 12 got the last place", won)
	}
	s.same(map[string]int{rostertest.Person(rostertest.Li): most}, s.loads(rostertest.Li))
}

// Who binds an official at the same moment as others cannot bring them over the most enterprises they answer for.
func (s *suite) lastBindingHasOneWinner() {
	const most = 2
	s.must(s.commit(&change.Change{Statements: store.SaveCity(store.City{City: rostertest.Code, Version: 1, Revision: 3, Config: []byte("one")})}))
	bind := func(n, enterprise int) *change.Change {
		b := newBinding(n, rostertest.Wang, enterprise)
		c := &change.Change{Statements: []change.Statement{store.Binds(rostertest.Code, 3), store.Room(rostertest.Code, b.Official, b.Enterprise, most)}}
		s.must(store.AddBinding(c, b, actor))
		return c
	}
	s.must(s.commit(bind(1, 1)))
	if won := s.race(8, func(i int) *change.Change { return bind(10+i, 10+i) }); won != 1 {
		s.Errorf("%d of 8 were bound to the last enterprise", won)
	}
	project := newBinding(30, rostertest.Wang, 1)
	project.Project = rostertest.Project(1)
	c := &change.Change{Statements: []change.Statement{store.Room(rostertest.Code, project.Official, project.Enterprise, most)}}
	s.must(store.AddBinding(c, project, actor))
	s.must(s.commit(c)) // of an enterprise that they answer for already
	agent := newBinding(31, rostertest.Wang, 40)
	agent.Role = binding.Agent
	s.add(agent)
	n, err := s.Enterprises(s.ctx, rostertest.Code, rostertest.Person(rostertest.Wang), "")
	s.must(err)
	less, err := s.Enterprises(s.ctx, rostertest.Code, rostertest.Person(rostertest.Wang), rostertest.Enterprise(1))
	s.must(err)
	if n != most || less != most-1 {
		s.Errorf("bound to %d enterprises, to %d without one", n, less)
	}
	counts, err := s.EnterprisesOf(s.ctx, rostertest.Code, []string{rostertest.Person(rostertest.Wang), rostertest.Person(rostertest.Li)})
	s.must(err)
	s.same(map[string]int{rostertest.Person(rostertest.Wang): most}, counts)
}

func (s *suite) coverageIsCounted() {
	c := &change.Change{}
	for i, county := range []string{"410902", "410902", "410922", ""} {
		c.Statements = append(c.Statements, store.AddEnterprise(rostertest.Code, rostertest.Enterprise(i), county, rostertest.Start),
			store.AddEnterprise(rostertest.Code, rostertest.Enterprise(i), county, rostertest.Start),
			store.AddProject(rostertest.Code, rostertest.Project(i), rostertest.Enterprise(i), county))
	}
	c.Statements = append(c.Statements, store.AddEnterprise("410500", rostertest.Enterprise(1), "410502", rostertest.Start))
	s.must(s.commit(c))
	s.add(newBinding(1, rostertest.Wang, 0))
	project := newBinding(2, rostertest.Wang, 1)
	project.Project = rostertest.Project(1)
	s.add(project)
	over := newBinding(3, rostertest.Wang, 2)
	over.End = rostertest.Start.Add(time.Hour)
	s.add(over)
	agent := newBinding(4, rostertest.Wang, 3)
	agent.Role = binding.Agent
	s.add(agent)
	at := rostertest.Start.Add(time.Hour)
	got, err := s.Coverage(s.ctx, rostertest.Code, at)
	s.must(err)
	s.same([]store.Coverage{{County: "", Enterprises: 1, Projects: 1}, {County: "410902", Enterprises: 2, Covered: 1, Projects: 2, ProjectsCovered: 2},
		{County: "410922", Enterprises: 1, Projects: 1}}, got)
	var listed []string
	for after := ""; ; {
		page, err := s.Uncovered(s.ctx, store.Uncovered{City: rostertest.Code, After: after, Limit: 1}, at)
		s.must(err)
		if len(page) == 0 {
			break
		}
		after = page[0].ID
		listed = append(listed, after)
	}
	s.same([]string{rostertest.Enterprise(1), rostertest.Enterprise(2), rostertest.Enterprise(3)}, listed)
	there, err := s.Uncovered(s.ctx, store.Uncovered{City: rostertest.Code, County: "410922", Limit: 9}, at)
	s.must(err)
	s.same([]store.Enterprise{{ID: rostertest.Enterprise(2), County: "410922", Registered: rostertest.Start}}, there)
	known, err := s.HasEnterprise(s.ctx, rostertest.Code, rostertest.Enterprise(1))
	s.must(err)
	unknown, err := s.HasEnterprise(s.ctx, rostertest.Code, rostertest.Enterprise(9))
	s.must(err)
	if !known || unknown {
		s.Errorf("known: %v, unknown: %v", known, unknown)
	}
}
