package desk

import (
	"context"
	"fmt"

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
