// Package step tells kit/live what each event of the hotline's feed did to its ticket, and who may know of the ticket as it was and as it is.
//
// It depends on internal/{desk,eventpb,store,ticket} and kit's authn, change, journal and live.
package step

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/eventpb"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/live"
)

// Tickets makes steps of a database's events.
type Tickets struct {
	Store  *store.Store
	Cities *desk.Cities
}

// State is a ticket as it was at one moment.
type State struct {
	store.Stored
	cities *desk.Cities
}

// Ways implements live.State.
func (s *State) Ways() []live.Way { return desk.WaysTo(s.Stored) }

// Sees implements live.State. A city that is not known has nobody who could be signed in to it.
func (s *State) Sees(caller authn.Caller) bool {
	city, err := s.cities.City(s.City)
	return err == nil && desk.Sees(caller, city, s.Stored)
}

// KeepsOut implements live.State.
func (s *State) KeepsOut(caller authn.Caller) bool {
	city, err := s.cities.City(s.City)
	return err == nil && desk.KeptOut(caller, city, s.Stored)
}

// noted is a ticket as those see it change who may read what officials noted beside it.
type noted struct{ *State }

// Sees implements live.State.
func (n noted) Sees(caller authn.Caller) bool {
	city, err := n.cities.City(n.City)
	return err == nil && desk.ReadsNotes(caller, city, n.Stored)
}

// chunk bounds the tickets asked for in one statement.
const chunk = 200

// Steps tells what some events did. What a ticket was before and after each is found by the hash of its event among those that were
// decided upon or read lately; where that fails its history is read.
func (t Tickets) Steps(ctx context.Context, events []change.FeedEvent) ([]live.Step, error) {
	steps := make([]live.Step, len(events))
	ids := map[string]map[string][]int{} // places in steps, by city and ticket
	for i, e := range events {
		steps[i] = live.Step{Position: e.Position, Time: e.Time, City: e.City}
		id, ok := store.TicketOf(e.Aggregate)
		if !ok {
			if id, ok = store.NotesOf(e.Aggregate); !ok {
				continue
			}
		}
		if ids[e.City] == nil {
			ids[e.City] = map[string][]int{}
		}
		ids[e.City][id] = append(ids[e.City][id], i)
	}
	for city, places := range ids {
		wanted := make([]string, 0, chunk)
		for id := range places {
			if wanted = append(wanted, id); len(wanted) < chunk {
				continue
			}
			if err := t.fill(ctx, city, wanted, places, events, steps); err != nil {
				return nil, err
			}
			wanted = wanted[:0]
		}
		if err := t.fill(ctx, city, wanted, places, events, steps); err != nil {
			return nil, err
		}
	}
	return steps, nil
}

// fill completes the steps of some tickets of a city. A ticket without a row has none.
func (t Tickets) fill(ctx context.Context, city string, ids []string, places map[string][]int, events []change.FeedEvent, steps []live.Step) error {
	rows, err := t.Store.Tickets(ctx, city, ids)
	if err != nil {
		return err
	}
	for _, row := range rows {
		now := &State{Stored: row, cities: t.Cities}
		past := past{store: t.Store, row: row}
		at := func(version int64, hash journal.Hash) (live.State, error) {
			then := *now
			var err error
			then.Ticket, err = past.at(ctx, version, hash)
			return &then, err
		}
		for _, i := range places[row.ID] {
			e, s := &events[i], &steps[i]
			if _, note := store.NotesOf(e.Aggregate); note {
				// The ticket stays as it is, and who may not read notes is told nothing: neither that it changed nor that it went.
				s.Name, s.Version, s.Before, s.After, s.Now = row.Aggregate(), row.Ticket.Version, noted{now}, noted{now}, now
				continue
			}
			if s.After, err = at(e.Version, e.Hash); err != nil {
				return err
			}
			if e.Version > 1 {
				if s.Before, err = at(e.Version-1, e.Previous); err != nil {
					return err
				}
			}
			s.Name, s.Version, s.Now = e.Aggregate, e.Version, now
		}
	}
	return nil
}

// past finds what a ticket was at its versions.
type past struct {
	store  *store.Store
	row    store.Stored
	folded []*ticket.Ticket // by version, from 1, once it was needed
}

func (p *past) at(ctx context.Context, version int64, hash journal.Hash) (*ticket.Ticket, error) {
	if hash == p.row.Hash {
		return p.row.Ticket, nil
	}
	if known := p.store.Known(hash); known != nil {
		return known, nil
	}
	if p.folded == nil {
		if err := p.fold(ctx); err != nil {
			return nil, err
		}
	}
	if version > int64(len(p.folded)) {
		return nil, fmt.Errorf("step: ticket %s has no version %d", p.row.ID, version)
	}
	return p.folded[version-1], nil
}

func (p *past) fold(ctx context.Context) error {
	history, err := p.store.Journal(ctx, p.row.City, p.row.Aggregate(), p.row.Month)
	if err != nil {
		return err
	}
	if len(history) == 0 {
		return errors.New("step: ticket " + p.row.ID + " has no history")
	}
	t := &ticket.Ticket{City: p.row.City, ID: p.row.ID}
	for _, sealed := range history {
		e, err := eventpb.Open(sealed.Envelope)
		if err != nil {
			return err
		}
		e.Actor = strings.TrimPrefix(e.Actor, "persons/")
		if t, err = t.After(e); err != nil {
			return err
		}
		p.folded = append(p.folded, t)
	}
	return nil
}
