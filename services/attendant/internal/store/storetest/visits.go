package storetest

import (
	"errors"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/attendant/internal/visit"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

func visitID(n int) string { return rostertest.ID(7, n) }

func newVisit(n, official, enterprise int, in time.Duration) visit.Visit {
	return visit.Visit{City: rostertest.Code, ID: visitID(n), Official: rostertest.Person(official), DisplayName: "王", Unit: "water",
		Enterprise: rostertest.Enterprise(enterprise), State: visit.Planned, Time: rostertest.Start.Add(in), Created: rostertest.Start}
}

func (s *suite) plan(v visit.Visit) *change.Change {
	s.Helper()
	read, err := s.Quiet(s.ctx, v.City, v.Enterprise)
	s.must(err)
	c := &change.Change{}
	s.must(store.PlanVisit(c, v, read, false, []store.Text{{Kind: store.Purpose, Body: "了解用水"}, {Kind: store.Override, Body: "急"}}, actor))
	return c
}

func (s *suite) visitsComeBack() {
	first, second := newVisit(1, rostertest.Wang, 1, time.Hour), newVisit(2, rostertest.Li, 2, 2*time.Hour)
	s.must(s.commit(s.plan(first)))
	s.must(s.commit(s.plan(second)))
	everything := store.Scope{All: true}
	stored, err := s.Visit(s.ctx, rostertest.Code, visitID(1), everything)
	s.must(err)
	s.same(first, stored.Visit)
	for name, scope := range map[string]store.Scope{"somebody": {Official: rostertest.Person(rostertest.Li)}, "another enterprise": {Enterprises: []string{rostertest.Enterprise(2)}},
		"another unit": {Units: []string{"power"}}} {
		if _, err := s.Visit(s.ctx, rostertest.Code, visitID(1), scope); !errors.Is(err, store.ErrNotFound) {
			s.Errorf("seen by %s: %v", name, err)
		}
	}
	for name, scope := range map[string]store.Scope{"who goes": {Official: rostertest.Person(rostertest.Wang)}, "the enterprise": {Enterprises: []string{rostertest.Enterprise(1)}},
		"the unit": {Units: []string{"power", "water"}}} {
		if _, err := s.Visit(s.ctx, rostertest.Code, visitID(1), scope); err != nil {
			s.Errorf("not seen by %s: %v", name, err)
		}
	}
	held, err := stored.Hold(rostertest.Start.Add(30*time.Minute), rostertest.Start.Add(2*time.Hour))
	s.must(err)
	end := func(before store.Visit, after visit.Visit, texts ...store.Text) error {
		c := &change.Change{}
		s.must(store.EndVisit(c, before, after, texts, rostertest.Start.Add(2*time.Hour), actor))
		return s.commit(c)
	}
	s.must(end(stored, held, store.Text{Kind: store.Notes, Body: "记录"}, store.Text{Kind: store.Problem, Body: "一"}, store.Text{Kind: store.Problem, Number: 1, Body: "二"}))
	if err := end(stored, held); !errors.Is(err, change.ErrConflict) {
		s.Errorf("recorded at an old version: %v", err)
	}
	link := func(ticket, enterprise int) change.Statement {
		return store.LinkVisit(rostertest.Code, visitID(1), rostertest.Ticket(ticket), rostertest.Enterprise(enterprise))
	}
	s.must(s.commit(&change.Change{Statements: []change.Statement{link(1, 1), link(1, 1), link(2, 2),
		store.LinkVisit(rostertest.Code, visitID(1), rostertest.Ticket(3), ""), store.LinkVisit(rostertest.Code, visitID(9), rostertest.Ticket(4), rostertest.Enterprise(1))}}))
	stored, err = s.Visit(s.ctx, rostertest.Code, visitID(1), everything)
	s.must(err)
	s.same(held, stored.Visit)
	texts, err := s.Texts(s.ctx, rostertest.Code, []string{visitID(1), visitID(2)})
	s.must(err)
	s.same([]store.Text{{Kind: store.Notes, Body: "记录"}, {Kind: store.Override, Body: "急"}, {Kind: store.Problem, Body: "一"}, {Kind: store.Problem, Number: 1, Body: "二"},
		{Kind: store.Purpose, Body: "了解用水"}}, texts[visitID(1)])
	tickets, err := s.VisitTickets(s.ctx, rostertest.Code, []string{visitID(1), visitID(2)})
	s.must(err)
	s.same(map[string][]string{visitID(1): {rostertest.Ticket(1)}}, tickets)
	c := &change.Change{}
	other, err := s.Visit(s.ctx, rostertest.Code, visitID(2), everything)
	s.must(err)
	s.must(store.ReassignVisit(c, other, rostertest.Person(rostertest.Zhao), "赵", "power", rostertest.Start, actor))
	s.must(s.commit(c))
	s.visitsAreListed()
}

func (s *suite) visitsAreListed() {
	for filter, want := range map[string][]string{
		"":             {visitID(2), visitID(1)},
		"state = HELD": {visitID(1)},
		`official = "` + rostertest.Person(rostertest.Zhao) + `"`:                   {visitID(2)},
		`enterprise = "cities/410900/enterprises/` + rostertest.Enterprise(1) + `"`: {visitID(1)},
	} {
		page, err := s.Visits(s.ctx, store.List{City: rostertest.Code, Scope: store.Scope{All: true}, Filter: filter, Limit: 9})
		s.must(err)
		var ids []string
		for _, v := range page {
			ids = append(ids, v.ID)
		}
		s.same(want, ids)
	}
	mine, err := s.PlannedVisits(s.ctx, rostertest.Code, rostertest.Person(rostertest.Zhao))
	s.must(err)
	if len(mine) != 1 || mine[0].Unit != "power" || mine[0].DisplayName != "赵" {
		s.Errorf("planned: %+v", mine)
	}
}

func (s *suite) nearestVisitsAreFound() {
	for i, in := range []time.Duration{time.Hour, 2 * time.Hour, 3 * time.Hour, 4 * time.Hour} {
		v := newVisit(i, rostertest.Wang, 1, in)
		s.must(s.commit(s.plan(v)))
		if i != 1 && i != 2 {
			continue
		}
		stored, err := s.Visit(s.ctx, v.City, v.ID, store.Scope{All: true})
		s.must(err)
		off, err := stored.Cancel()
		s.must(err)
		c := &change.Change{}
		s.must(store.EndVisit(c, stored, off, []store.Text{{Kind: store.Cancel, Body: "改期"}}, rostertest.Start, actor))
		s.must(s.commit(c))
	}
	s.must(s.commit(s.plan(newVisit(9, rostertest.Wang, 2, 150*time.Minute))))
	name := func(v *visit.Visit) string {
		if v == nil {
			return ""
		}
		return v.ID
	}
	for in, want := range map[time.Duration][2]string{0: {"", visitID(0)}, time.Hour: {visitID(0), visitID(3)}, 150 * time.Minute: {visitID(0), visitID(3)}, 5 * time.Hour: {visitID(3), ""}} {
		before, after, err := s.Near(s.ctx, rostertest.Code, rostertest.Enterprise(1), rostertest.Start.Add(in))
		s.must(err)
		if diff := cmp.Diff(want, [2]string{name(before), name(after)}); diff != "" {
			s.Errorf("around %v:\n%s", in, diff)
		}
	}
}

// Of those who all saw an enterprise free, one plans a visit; and nobody plans past a quiet that was set at the same moment.
func (s *suite) visitsOfOneEnterpriseTakeTurns() {
	if won := s.race(8, func(i int) *change.Change { return s.plan(newVisit(i, rostertest.Wang, 1, time.Hour)) }); won != 1 {
		s.Errorf("%d of 8 planned the first visit", won)
	}
	if won := s.race(8, func(i int) *change.Change {
		if i%2 == 0 {
			return s.plan(newVisit(20+i, rostertest.Wang, 1, time.Hour))
		}
		return s.quiet(visit.Quiet{City: rostertest.Code, Enterprise: rostertest.Enterprise(1), Quiet: true})
	}); won != 1 {
		s.Errorf("%d of 8 decided upon one state", won)
	}
}

func (s *suite) quiet(q visit.Quiet) *change.Change {
	s.Helper()
	before, err := s.Quiet(s.ctx, q.City, q.Enterprise)
	s.must(err)
	c := &change.Change{}
	s.must(store.SaveQuiet(c, before, q, "检修", rostertest.Start, actor))
	return c
}

func (s *suite) quietComesBack() {
	free := visit.Quiet{City: rostertest.Code, Enterprise: rostertest.Enterprise(1)}
	got, err := s.Quiet(s.ctx, rostertest.Code, rostertest.Enterprise(1))
	s.must(err)
	s.same(free, got.Quiet)
	s.must(s.commit(s.plan(newVisit(1, rostertest.Wang, 1, time.Hour)))) // its row is there before it ever said anything
	quiet := free
	quiet.Quiet, quiet.Until = true, rostertest.Start.Add(time.Hour)
	s.must(s.commit(s.quiet(quiet)))
	got, err = s.Quiet(s.ctx, rostertest.Code, rostertest.Enterprise(1))
	s.must(err)
	s.same(quiet, got.Quiet)
	if got.Reason != "检修" || got.Turn != 2 || got.Version != 1 {
		s.Errorf("%+v", got)
	}
	s.must(s.commit(s.quiet(free)))
	got, err = s.Quiet(s.ctx, rostertest.Code, rostertest.Enterprise(1))
	s.must(err)
	s.same(free, got.Quiet)
}
