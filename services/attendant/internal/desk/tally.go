package desk

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/attendant/internal/roster"
	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Happening is what happened to a ticket or to a case, at its place in the feed of the hotline or the agency.
type Happening struct {
	Position int64
	City     string
	ID       string // of the ticket or the case
	Version  int64  // of it
	Time     time.Time
	What     any
}

// folding is one city's part of a stretch of a feed while it is decided.
type folding interface {
	// prepare reads all that deciding needs, and tells when it had what it waited for.
	prepare(ctx context.Context, happened []Happening) (time.Time, error)
	take(h Happening) error
	finish() error
}

// fold decides what a stretch of a feed means, city by city, and returns the one Change that writes it.
func fold(ctx context.Context, happened []Happening, begin func(c *change.Change, city string) folding) (*change.Change, error) {
	byCity := map[string][]Happening{}
	for _, h := range happened {
		byCity[h.City] = append(byCity[h.City], h)
	}
	c := &change.Change{}
	decided := change.Begin()
	for _, city := range slices.Sorted(maps.Keys(byCity)) {
		f := begin(c, city)
		var err error
		if decided, err = f.prepare(ctx, byCity[city]); err != nil {
			return nil, err
		}
		for _, h := range byCity[city] {
			if err := f.take(h); err != nil {
				return nil, fmt.Errorf("position %d: %w", h.Position, err)
			}
		}
		if err := f.finish(); err != nil {
			return nil, err
		}
	}
	c.Decided = decided
	return c, nil
}

// tally keeps count, while a stretch is decided, of who carries what and whose turn it was, and remembers who is to be looked after.
type tally struct {
	desk      *Desk
	c         *change.Change
	city      string
	situation route.Situation
	moves     []change.Statement
	given     map[string]int64
	gone      map[string]bool      // of those who come to carry something: who no longer serves
	stuck     map[string]time.Time // when to look for the work of those who are gone
}

func (d *Desk) tally(c *change.Change, city string) tally {
	return tally{desk: d, c: c, city: city, given: map[string]int64{}, stuck: map[string]time.Time{}}
}

// carry moves a ticket or a case between loads: from those who had it to those who have it now, up to a limit if that is not 0. The rows move in the
// order of what happened, so that a cap is guarded in the database at the very count at which it was decided.
func (t *tally) carry(what string, had, has []string, limit int) {
	t.moves = append(t.moves, store.Shift(t.city, what, had, has, limit)...)
	for _, official := range had {
		if !slices.Contains(has, official) {
			t.weigh(official, -1)
		}
	}
	for _, official := range has {
		if !slices.Contains(had, official) {
			t.weigh(official, 1)
		}
	}
}

func (t *tally) weigh(official string, by int) {
	if t.situation.Loads != nil {
		t.situation.Loads[official] += by
	}
}

// give notes whose turn it was, here and in what the situation says of the same feed.
func (t *tally) give(turns map[string]int64, official string, position int64) {
	if official == "" {
		return
	}
	t.given[official] = max(t.given[official], position)
	if turns != nil {
		turns[official] = t.given[official]
	}
}

// watch sees to it that work does not stay with somebody who is gone: it may have come to them after all the other left, because it was done and is open
// again, because nobody had told the other service yet, or because its hand-over was refused.
func (t *tally) watch(official string, turned int) {
	if !t.gone[official] {
		return
	}
	at := t.situation.Now.Add(settling)
	if turned > 1 {
		at = t.situation.Now.Add(patienceWithDesk)
	}
	if set, ok := t.stuck[official]; !ok || at.Before(set) {
		t.stuck[official] = at
	}
}

// write puts down what was counted: whose turn it was first, because that is what makes those who claim for one official take turns, in one
// order everywhere so that nobody waits for each other; then the loads.
func (t *tally) write(give func(city, official string, position int64) change.Statement) {
	for _, official := range slices.Sorted(maps.Keys(t.given)) {
		t.c.Statements = append(t.c.Statements, give(t.city, official, t.given[official]))
	}
	t.c.Statements = append(t.c.Statements, t.moves...)
	for _, official := range slices.Sorted(maps.Keys(t.stuck)) {
		t.c.Due = append(t.c.Due, change.Due{City: t.city, Aggregate: store.OfficialAggregate(official), At: t.stuck[official]})
	}
}

// wanted is what somebody is to be chosen for.
type wanted struct {
	filings   []route.Filing
	vacancies []route.Vacancy
}

// survey reads what choosing depends on, for all that is chosen together.
func (d *Desk) survey(ctx context.Context, s *route.Situation, w wanted) error {
	city := s.City.Code()
	enterprises := map[string]bool{}
	for _, f := range w.filings {
		enterprises[f.Enterprise] = true
	}
	for _, v := range w.vacancies {
		enterprises[v.Enterprise] = true
	}
	delete(enterprises, "")
	var err error
	if s.Bindings, err = d.Store.BindingsOf(ctx, city, slices.Sorted(maps.Keys(enterprises))); err != nil {
		return err
	}
	if s.Presence, err = d.Store.Presences(ctx, city); err != nil {
		return err
	}
	// Loads are counted only where they decide.
	var pool []roster.Official
	for _, f := range w.filings {
		if _, named := s.ByName(f); !named {
			pool = append(pool, route.Pool(s.City, f.Category)...)
		}
	}
	for _, v := range w.vacancies {
		pool = append(pool, route.Agents(s.City, v.Centre)...)
	}
	return d.weigh(ctx, s, pool)
}

// weigh reads how much those carry among whom load decides, and when it was their turn. Some may be named more than once.
func (d *Desk) weigh(ctx context.Context, s *route.Situation, pool []roster.Official) (err error) {
	persons := map[string]bool{}
	for _, o := range pool {
		persons[o.Person] = true
	}
	officials := slices.Sorted(maps.Keys(persons))
	if s.Loads, err = d.Store.Loads(ctx, s.City.Code(), officials); err != nil {
		return err
	}
	s.Given, s.GivenCases, err = d.Store.Given(ctx, s.City.Code(), officials)
	return err
}
