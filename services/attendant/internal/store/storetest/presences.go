package storetest

import (
	"errors"
	"time"

	"github.com/throughtrain/throughtrain/services/attendant/internal/binding"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

func (s *suite) presencesComeBack() {
	if _, err := s.Presence(s.ctx, rostertest.Code, rostertest.Person(rostertest.Wang)); !errors.Is(err, store.ErrNotFound) {
		s.Errorf("nothing said: %v", err)
	}
	said := binding.Presence{City: rostertest.Code, Official: rostertest.Person(rostertest.Wang), Away: true, From: rostertest.Start.Add(time.Minute), Until: rostertest.Start.Add(time.Hour), HandOver: true, Deputy: rostertest.Person(rostertest.Li)}
	c := &change.Change{}
	s.must(store.SavePresence(c, store.Presence{}, said, rostertest.Start, actor))
	s.must(s.commit(c))
	first, err := s.Presence(s.ctx, rostertest.Code, rostertest.Person(rostertest.Wang))
	s.must(err)
	s.same(said, first.Presence)
	back := binding.Presence{City: rostertest.Code, Official: rostertest.Person(rostertest.Wang)}
	c = &change.Change{}
	s.must(store.SavePresence(c, first, back, rostertest.Start.Add(-time.Hour), actor))
	s.must(s.commit(c))
	second, err := s.Presence(s.ctx, rostertest.Code, rostertest.Person(rostertest.Wang))
	s.must(err)
	s.same(back, second.Presence)
	if second.Version != 2 || second.Time.Before(first.Time) {
		s.Errorf("time ran backwards: %v, then %v", first.History, second.History)
	}
	all, err := s.Presences(s.ctx, rostertest.Code)
	s.must(err)
	s.same(map[string]binding.Presence{rostertest.Person(rostertest.Wang): back}, all)
}

func (s *suite) presenceRaces() {
	said := binding.Presence{City: rostertest.Code, Official: rostertest.Person(rostertest.Wang), Away: true}
	won := s.race(8, func(int) *change.Change {
		c := &change.Change{}
		s.must(store.SavePresence(c, store.Presence{}, said, rostertest.Start, actor))
		return c
	})
	if won != 1 {
		s.Errorf("%d of 8 were the first to say something", won)
	}
}
