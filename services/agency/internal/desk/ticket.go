package desk

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
)

// hotline is the actor of what follows from tickets.
var hotline = casefile.Actor{Kind: casefile.SystemActor, Name: "hotline"}

// Filed is a ticket that names a case as its source.
type Filed struct {
	Ticket, Number    string
	Item              string // code; may be empty
	Filer, Enterprise string // ids; may be empty
	Time              time.Time
}

// LinkTicket links a ticket to the case that it names as its source, once. Whoever files a ticket writes its source themselves: one that neither the
// enterprise nor somebody who acts in the case filed is not linked.
func (d *Desk) LinkTicket(ctx context.Context, ref Ref, t Filed) error {
	return d.follow(ctx, ref, func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		if t.Enterprise != c.Enterprise && t.Filer != c.Opener && !actedFor(c, t.Filer) {
			return nil, nil
		}
		reason := casefile.TroubleOther
		if i := c.Item(t.Item); i != nil {
			city := ctx.City.At(t.Time)
			reason = c.Trouble(i, city.Calendar(), city.Rules(), t.Time)
		}
		return c.LinkTicket(ctx, casefile.Ticket{ID: t.Ticket, Number: t.Number, Item: t.Item, Reason: reason})
	})
}

func actedFor(c *casefile.Case, person string) bool {
	return person != "" && slices.ContainsFunc(c.Agents, func(a casefile.Assignment) bool { return a.Official == person })
}

// MoveTicket follows what became of a ticket, where a case is linked to it.
func (d *Desk) MoveTicket(ctx context.Context, city, ticket string, open bool) error {
	id, err := d.Store.ByTicket(ctx, city, ticket)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return d.follow(ctx, Ref{City: city, ID: id}, func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		return c.MoveTicket(ctx, ticket, open)
	})
}

// follow lets a case follow the hotline; one that is not there does not.
func (d *Desk) follow(ctx context.Context, ref Ref, decide func(*casefile.Case, casefile.Context) ([]casefile.Event, error)) error {
	err := d.system(ctx, ref, hotline, false, decide)
	if errors.Is(err, casefile.ErrNotFound) || errors.Is(err, ErrCityNotFound) {
		return nil
	}
	return err
}
