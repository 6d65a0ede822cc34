package storetest

import (
	"errors"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughtrain/throughtrain/services/attendant/internal/binding"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

const actor = "persons/x"

// bindingID is the n-th binding's.
func bindingID(n int) string { return rostertest.ID(9, n) }

func newBinding(n, official, enterprise int) binding.Binding {
	return binding.Binding{Post: binding.Post{City: rostertest.Code, Enterprise: rostertest.Enterprise(enterprise), Role: binding.Attendant}, ID: bindingID(n),
		Official: rostertest.Person(official), DisplayName: "王", Unit: "water", Deputy: rostertest.Person(rostertest.Li), Start: rostertest.Start, Active: true}
}

func (s *suite) add(b binding.Binding) store.Binding {
	s.Helper()
	c := &change.Change{}
	s.must(store.AddBinding(c, b, actor))
	s.must(s.commit(c))
	stored, err := s.Binding(s.ctx, b.City, b.ID)
	s.must(err)
	return stored
}

func (s *suite) end(before store.Binding, at time.Time) error {
	c := &change.Change{}
	s.must(store.EndBinding(c, before, before.Ended(at), actor))
	return s.commit(c)
}

func (s *suite) bindingsComeBack() {
	b := newBinding(1, rostertest.Wang, 1)
	b.End, b.Project = rostertest.Start.Add(time.Hour+time.Microsecond), rostertest.Project(1)
	stored := s.add(b)
	s.same(b, stored.Binding)
	held, err := s.Holder(s.ctx, b.Post)
	s.must(err)
	s.same(stored, held)
	active, err := s.BindingsOf(s.ctx, rostertest.Code, []string{rostertest.Enterprise(1), rostertest.Enterprise(2)})
	s.must(err)
	s.same([]binding.Binding{b}, active)
	bound, err := s.BoundTo(s.ctx, rostertest.Code, rostertest.Person(rostertest.Wang))
	s.must(err)
	s.same([]store.Binding{stored}, bound)
	due, ok, err := s.NextDue(s.ctx)
	if s.must(err); !ok || !due.Equal(b.End) {
		s.Errorf("next deadline %v, %v", due, ok)
	}
	for name, read := range map[string]func() error{
		"another binding": func() error { _, err := s.Binding(s.ctx, rostertest.Code, bindingID(2)); return err },
		"another city":    func() error { _, err := s.Binding(s.ctx, "410500", b.ID); return err },
		"another post":    func() error { _, err := s.Holder(s.ctx, newBinding(1, rostertest.Wang, 1).Post); return err },
	} {
		if err := read(); !errors.Is(err, store.ErrNotFound) {
			s.Errorf("%s: %v", name, err)
		}
	}
	if none, err := s.BindingsOf(s.ctx, rostertest.Code, nil); err != nil || none != nil {
		s.Errorf("bindings of no enterprise: %v, %v", none, err)
	}
}

func (s *suite) bindingsEndOnce() {
	b := newBinding(1, rostertest.Wang, 1)
	b.End = rostertest.Start.Add(time.Hour)
	stored := s.add(b)
	s.must(s.end(stored, rostertest.Start.Add(time.Minute)))
	after, err := s.Binding(s.ctx, rostertest.Code, b.ID)
	s.must(err)
	s.same(b.Ended(rostertest.Start.Add(time.Minute)), after.Binding)
	if _, ok, err := s.NextDue(s.ctx); err != nil || ok {
		s.Errorf("an ended binding has a deadline: %v, %v", ok, err)
	}
	if err := s.end(stored, rostertest.Start.Add(time.Minute)); !errors.Is(err, change.ErrConflict) {
		s.Errorf("ended at a version that is gone: %v", err)
	}
	history, err := s.Journal(s.ctx, rostertest.Code, store.BindingAggregate(b.ID), 202410)
	s.must(err)
	if len(history) != 2 {
		s.Fatalf("%d events", len(history))
	}
	s.chained(history, after.History)
	if !history[1].Time.Equal(rostertest.Start.Add(time.Minute)) {
		s.Errorf("the end is written at %v", history[1].Time)
	}
}

func (s *suite) onePrimary() {
	first := s.add(newBinding(1, rostertest.Wang, 1))
	try := func(b binding.Binding) error {
		c := &change.Change{}
		s.must(store.AddBinding(c, b, actor))
		return s.commit(c)
	}
	var unique *change.UniqueError
	if err := try(newBinding(2, rostertest.Li, 1)); !errors.As(err, &unique) || unique.Name != store.Primary {
		s.Errorf("a second primary: %v", err)
	}
	agent, project, other := newBinding(3, rostertest.Zhou, 1), newBinding(4, rostertest.Li, 1), newBinding(5, rostertest.Wang, 2)
	agent.Role, project.Project = binding.Agent, rostertest.Project(1)
	for _, b := range []binding.Binding{agent, project, other} {
		s.must(try(b))
	}
	s.must(s.end(first, rostertest.Start))
	s.must(try(newBinding(6, rostertest.Li, 1)))
}

func (s *suite) bindingsList() {
	s.must(s.end(s.add(newBinding(1, rostertest.Wang, 1)), rostertest.Start.Add(time.Hour)))
	s.add(newBinding(2, rostertest.Li, 1))
	s.add(newBinding(3, rostertest.Wang, 2))
	agent := newBinding(4, rostertest.Zhou, 3)
	agent.Role, agent.Project = binding.Agent, rostertest.Project(3)
	s.add(agent)
	all := store.Scope{All: true}
	for _, c := range []struct {
		name string
		list store.List
		want []int
	}{
		{"all, newest first", store.List{Scope: all}, []int{4, 3, 2, 1}},
		{"a page", store.List{Scope: all, Limit: 2}, []int{4, 3}},
		{"the next page", store.List{Scope: all, Before: bindingID(3), Limit: 2}, []int{2, 1}},
		{"another city's", store.List{City: "410500", Scope: all}, nil},
		{"an official's own", store.List{Scope: store.Scope{Official: rostertest.Person(rostertest.Wang)}}, []int{3, 1}},
		{"a member's enterprises", store.List{Scope: store.Scope{Official: rostertest.Person(90), Enterprises: []string{rostertest.Enterprise(1), rostertest.Enterprise(3)}}}, []int{4, 2, 1}},
		{"nobody's", store.List{Scope: store.Scope{Official: rostertest.Person(90)}}, nil},
		{"active", store.List{Scope: all, Filter: `active`}, []int{4, 3, 2}},
		{"ended", store.List{Scope: all, Filter: `active = false`}, []int{1}},
		{"by id", store.List{Scope: all, Filter: `enterprise = "` + rostertest.Enterprise(1) + `"`}, []int{2, 1}},
		{"by name", store.List{Scope: all, Filter: `enterprise = "cities/410900/enterprises/` + rostertest.Enterprise(1) + `" AND active`}, []int{2}},
		{"official", store.List{Scope: all, Filter: `official != "cities/410900/persons/` + rostertest.Person(rostertest.Wang) + `"`}, []int{4, 2}},
		{"role", store.List{Scope: all, Filter: `role = AGENT`}, []int{4}},
		{"project", store.List{Scope: all, Filter: `project:*`}, []int{4}},
		{"a filter does not widen the scope", store.List{Scope: store.Scope{Official: rostertest.Person(rostertest.Li)}, Filter: `active OR active = false`}, []int{2}},
	} {
		if c.list.City == "" {
			c.list.City = rostertest.Code
		}
		if c.list.Limit == 0 {
			c.list.Limit = 10
		}
		found, err := s.Bindings(s.ctx, c.list)
		s.must(err)
		var got []string
		for _, b := range found {
			got = append(got, b.ID)
		}
		var want []string
		for _, n := range c.want {
			want = append(want, bindingID(n))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			s.Errorf("%s:\n%s", c.name, diff)
		}
	}
}
