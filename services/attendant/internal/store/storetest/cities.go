package storetest

import (
	"errors"
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

func (s *suite) citiesComeBack() {
	if _, err := s.State(s.ctx, rostertest.Code); !errors.Is(err, store.ErrNotFound) {
		s.Errorf("a city that is not known: %v", err)
	}
	if _, err := s.ReadCity(s.ctx, rostertest.Code); !errors.Is(err, store.ErrNotFound) {
		s.Errorf("a city that is not known: %v", err)
	}
	first := store.City{City: rostertest.Code, Version: 1, Revision: 3, Config: []byte("one")}
	s.must(s.commit(&change.Change{Statements: store.SaveCity(first)}))
	s.must(s.commit(&change.Change{Statements: store.Dismiss(rostertest.Code, rostertest.Person(rostertest.Wang), store.State{Revision: 3}, 5)}))
	first.Revision, first.Dismissed = 5, []string{rostertest.Person(rostertest.Wang)}
	got, err := s.ReadCity(s.ctx, rostertest.Code)
	s.must(err)
	s.same(first, got)
	second := store.City{City: rostertest.Code, Version: 2, Revision: 8, Config: []byte("two")}
	s.must(s.commit(&change.Change{Statements: store.SaveCity(second)}))
	got, err = s.ReadCity(s.ctx, rostertest.Code)
	s.must(err)
	s.same(second, got)
	state, err := s.State(s.ctx, rostertest.Code)
	s.must(err)
	s.same(store.State{Revision: 8}, state)
}

func (s *suite) dismissalsMissNoBinding() {
	s.must(s.commit(&change.Change{Statements: store.SaveCity(store.City{City: rostertest.Code, Version: 1, Revision: 3, Config: []byte("one")})}))
	read, err := s.State(s.ctx, rostertest.Code)
	s.must(err)
	s.must(s.commit(&change.Change{Statements: []change.Statement{store.Binds(rostertest.Code, read.Revision)}}))
	dismiss := func(read store.State) error {
		return s.commit(&change.Change{Statements: store.Dismiss(rostertest.Code, rostertest.Person(rostertest.Wang), read, 5)})
	}
	if err := dismiss(read); !errors.Is(err, change.ErrConflict) {
		s.Errorf("dismissed although somebody was bound meanwhile: %v", err)
	}
	read, err = s.State(s.ctx, rostertest.Code)
	s.must(err)
	s.must(dismiss(read))
	if err := s.commit(&change.Change{Statements: []change.Statement{store.Binds(rostertest.Code, read.Revision)}}); !errors.Is(err, change.ErrConflict) {
		s.Errorf("bound although the roster changed meanwhile: %v", err)
	}
}

func (s *suite) revocationsAreForgotten() {
	session := store.Revocation{City: rostertest.Code, Person: rostertest.Person(1), Session: "s", At: rostertest.Start, Expires: rostertest.Start.Add(time.Hour)}
	person := store.Revocation{City: rostertest.Code, Person: rostertest.Person(1), At: rostertest.Start, Expires: rostertest.Start.Add(2 * time.Hour)}
	for _, r := range []store.Revocation{session, person} {
		s.must(s.commit(&change.Change{Statements: store.AddRevocation(r, rostertest.Start)}))
	}
	all, err := s.Revocations(s.ctx)
	s.must(err)
	slices.SortFunc(all, func(a, b store.Revocation) int { return len(b.Session) - len(a.Session) })
	s.same([]store.Revocation{session, person}, all)
	person.Expires = rostertest.Start.Add(3 * time.Hour)
	s.must(s.commit(&change.Change{Statements: store.AddRevocation(person, rostertest.Start.Add(90*time.Minute))}))
	all, err = s.Revocations(s.ctx)
	s.must(err)
	s.same([]store.Revocation{person}, all)
}

func (s *suite) projectsHaveOneEnterprise() {
	for _, e := range []int{1, 2} {
		s.must(s.commit(&change.Change{Statements: []change.Statement{store.AddProject(rostertest.Code, rostertest.Project(1), rostertest.Enterprise(e), "410902")}}))
	}
	owner, err := s.ProjectOf(s.ctx, rostertest.Code, rostertest.Project(1))
	s.must(err)
	s.same(rostertest.Enterprise(1), owner)
	if _, err := s.ProjectOf(s.ctx, rostertest.Code, rostertest.Project(2)); !errors.Is(err, store.ErrNotFound) {
		s.Errorf("a project that is not known: %v", err)
	}
}
