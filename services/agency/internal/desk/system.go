package desk

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Settle lets everything happen to a case whose time has come. It is all that the sweeper does.
func (d *Desk) Settle(ctx context.Context, city, aggregate string) error {
	id, ok := store.CaseOf(aggregate)
	if !ok {
		return fmt.Errorf("a deadline of %s, which is no case", aggregate)
	}
	return d.system(ctx, Ref{City: city, ID: id}, casefile.Clockwork, true, (*casefile.Case).Settle)
}

// system is an act of the clockwork or of another service. When due, the case's deadline is written even if nothing happens: the sweeper has claimed it.
func (d *Desk) system(ctx context.Context, ref Ref, actor casefile.Actor, due bool, decide func(*casefile.Case, casefile.Context) ([]casefile.Event, error)) error {
	err := d.Store.Decide(ctx, func(ctx context.Context) (*change.Change, error) {
		city, err := d.Cities.City(ref.City)
		if err != nil {
			return nil, err
		}
		stored, err := d.read(ctx, ref)
		if err != nil {
			return nil, err
		}
		events, err := decide(stored.Case, casefile.Context{Now: d.City.Now(), Actor: actor, City: city})
		switch {
		case err != nil:
			return nil, err
		case len(events) > 0:
			c, _, err := write(city, stored, events)
			return c, err
		case due:
			return &change.Change{Statements: []change.Statement{store.Unchanged(stored)}, Due: []change.Due{dueOf(stored.Key, stored.Case)}}, nil
		}
		return nil, nil
	})
	if err != nil {
		return fmt.Errorf("case %s: %w", ref.ID, err)
	}
	return nil
}

const (
	recomputeBatch   = 500
	recomputeWorkers = 16
)

// Recompute counts the provisional deadlines of a city's cases anew, after a calendar became official. It may be called again: what is final already stays.
func (d *Desk) Recompute(ctx context.Context, city *catalogue.City) error {
	after := store.Key{City: city.Code()}
	for {
		batch, err := d.Store.Provisional(ctx, after, recomputeBatch)
		if err != nil || len(batch) == 0 {
			return err
		}
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(recomputeWorkers)
		for _, s := range batch {
			group.Go(func() error {
				return d.system(ctx, Ref{City: s.City, ID: s.ID}, casefile.Clockwork, false, (*casefile.Case).Recompute)
			})
		}
		if err := group.Wait(); err != nil {
			return err
		}
		after = batch[len(batch)-1].Key
	}
}

// TakeAgent takes an agent whom the attendant service proposes, or says why not. A case that is not there is nobody's to walk through.
func (d *Desk) TakeAgent(ctx context.Context, ref Ref, p casefile.Proposal) error {
	return d.system(ctx, ref, casefile.Actor{Kind: casefile.ServiceActor, Name: casefile.AssignerName}, false,
		func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) { return c.TakeAgent(ctx, p) })
}
