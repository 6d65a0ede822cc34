package live

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/eventpb"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/journal"
)

// Step is what one event did to its ticket. The tickets belong to everybody and are not changed.
type Step struct {
	Position int64
	Time     time.Time
	City     string
	Ticket   string // id; empty when the event is none of a ticket, and then all below is
	Version  int64
	Before   store.Stored // without a ticket before the first event
	After    store.Stored
	Now      store.Stored // as its row was when the step was made
}

// Tickets makes steps of a database's events.
type Tickets struct{ Store *store.Store }

// chunk bounds the tickets asked for in one statement.
const chunk = 200

// Steps tells what some events did. What a ticket was before and after each is found by the hash of its event among those that were
// decided upon or read lately; where that fails its history is read.
func (t Tickets) Steps(ctx context.Context, events []change.FeedEvent) ([]Step, error) {
	steps := make([]Step, len(events))
	ids := map[string]map[string][]int{} // places in steps, by city and ticket
	for i, e := range events {
		steps[i] = Step{Position: e.Position, Time: e.Time, City: e.City}
		id, ok := store.TicketOf(e.Aggregate)
		if !ok {
			continue
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
func (t Tickets) fill(ctx context.Context, city string, ids []string, places map[string][]int, events []change.FeedEvent, steps []Step) error {
	rows, err := t.Store.Tickets(ctx, city, ids)
	if err != nil {
		return err
	}
	for _, row := range rows {
		past := past{store: t.Store, row: row}
		for _, i := range places[row.ID] {
			e, s := &events[i], &steps[i]
			s.Before, s.After, s.Now = row, row, row
			s.Before.Ticket = nil
			if s.After.Ticket, err = past.at(ctx, e.Version, e.Hash); err != nil {
				return err
			}
			if e.Version > 1 {
				if s.Before.Ticket, err = past.at(ctx, e.Version-1, e.Previous); err != nil {
					return err
				}
			}
			s.Ticket, s.Version = row.ID, e.Version
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
		return nil, fmt.Errorf("live: ticket %s has no version %d", p.row.ID, version)
	}
	return p.folded[version-1], nil
}

func (p *past) fold(ctx context.Context) error {
	history, err := p.store.Journal(ctx, p.row.City, p.row.Aggregate(), p.row.Month)
	if err != nil {
		return err
	}
	if len(history) == 0 {
		return errors.New("live: ticket " + p.row.ID + " has no history")
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
