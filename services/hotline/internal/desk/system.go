package desk

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Settle lets everything happen to a ticket whose time has come. It is all that the sweeper does.
func (d *Desk) Settle(ctx context.Context, city, aggregate string) error {
	id, ok := store.TicketOf(aggregate)
	if !ok {
		return fmt.Errorf("a deadline of %s, which is no ticket", aggregate)
	}
	return d.system(ctx, Ref{City: city, ID: id}, true, (*ticket.Ticket).Settle)
}

// system is an act of the clockwork. When due, the ticket's deadline is written even if nothing happens: the sweeper has claimed it.
func (d *Desk) system(ctx context.Context, ref Ref, due bool, decide func(*ticket.Ticket, ticket.Context) ([]ticket.Event, error)) error {
	err := d.Store.Decide(ctx, func(ctx context.Context) (*change.Change, error) {
		city, err := d.Cities.City(ref.City)
		if err != nil {
			return nil, err
		}
		stored, err := d.read(ctx, ref)
		if err != nil {
			return nil, err
		}
		events, err := decide(stored.Ticket, ticket.Context{Now: d.City.Now(), Actor: ticket.Clockwork, City: city})
		switch {
		case err != nil:
			return nil, err
		case len(events) > 0:
			c, _, err := write(stored, events)
			return c, err
		case due:
			return &change.Change{Statements: []change.Statement{store.Unchanged(stored)}, Due: []change.Due{dueOf(stored.Key, stored.Ticket)}}, nil
		}
		return nil, nil
	})
	if err != nil {
		return fmt.Errorf("ticket %s: %w", ref.ID, err)
	}
	return nil
}

const (
	recomputeBatch   = 500
	recomputeWorkers = 16
)

// Recompute counts the provisional deadlines of a city's open tickets anew, after a calendar became official. It may be called again:
// what is final already stays.
func (d *Desk) Recompute(ctx context.Context, city *policy.City) error {
	after := store.Key{City: city.Code()}
	for {
		batch, err := d.Store.Provisional(ctx, after, recomputeBatch)
		if err != nil || len(batch) == 0 {
			return err
		}
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(recomputeWorkers)
		for _, s := range batch {
			group.Go(func() error { return d.system(ctx, Ref{City: s.City, ID: s.ID}, false, (*ticket.Ticket).Recompute) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
		after = batch[len(batch)-1].Key
	}
}

// Proposal is a proposed holder for a ticket.
type Proposal struct {
	Ref
	ticket.Proposal
}

// Route decides upon many proposals at once and returns the one Change that writes them all; who calls it adds the cursor. Several
// for one ticket are decided in their order.
func (d *Desk) Route(ctx context.Context, proposals []Proposal) (*change.Change, error) {
	working, err := d.routed(ctx, proposals)
	if err != nil {
		return nil, err
	}
	now := d.City.Now()
	out := &change.Change{Decided: change.Begin()}
	events := map[Ref][]ticket.Event{}
	var order []Ref
	for _, p := range proposals {
		s, known := working[p.Ref]
		city, err := d.Cities.City(p.City)
		if !known || err != nil {
			continue // not one of ours: nothing to give to anybody
		}
		t := s.Ticket
		if before := events[p.Ref]; len(before) > 0 {
			if t, err = t.After(before...); err != nil {
				return nil, err
			}
		}
		more, err := t.AcceptProposal(ticket.Context{Now: now, Actor: ticket.Router, City: city}, p.Proposal)
		if err != nil {
			return nil, fmt.Errorf("ticket %s: proposal %d: %w", p.ID, p.Position, err)
		}
		if len(more) > 0 && len(events[p.Ref]) == 0 {
			order = append(order, p.Ref)
		}
		events[p.Ref] = append(events[p.Ref], more...)
	}
	for _, ref := range order {
		c, after, err := write(working[ref], events[ref])
		if err != nil {
			return nil, err
		}
		d.Store.Keep(after, c.Events[len(c.Events)-1].Hash)
		out.Statements = append(out.Statements, c.Statements...)
		out.Events = append(out.Events, c.Events...)
		out.Due = append(out.Due, c.Due...)
	}
	return out, nil
}

// routed reads the tickets of proposals, city by city.
func (d *Desk) routed(ctx context.Context, proposals []Proposal) (map[Ref]store.Stored, error) {
	wanted := map[string]map[string]bool{}
	for _, p := range proposals {
		if wanted[p.City] == nil {
			wanted[p.City] = map[string]bool{}
		}
		wanted[p.City][p.ID] = true
	}
	found := make(map[Ref]store.Stored, len(proposals))
	for city, set := range wanted {
		tickets, err := d.Store.Tickets(ctx, city, slices.Collect(maps.Keys(set)))
		if err != nil {
			return nil, err
		}
		for _, s := range tickets {
			found[Ref{City: city, ID: s.ID}] = s
		}
	}
	return found, nil
}
