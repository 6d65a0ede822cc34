package desk

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Proposed is what the attendant service proposes for a ticket: a Proposal or a Handover.
type Proposed interface {
	about() (Ref, int64)
	decide(*ticket.Ticket, ticket.Context) ([]ticket.Event, error)
}

// Proposal is a proposed holder for a ticket that has none.
type Proposal struct {
	Ref
	ticket.Proposal
}

// Handover is another holder for a ticket whose holder leaves their work.
type Handover struct {
	Ref
	ticket.Handover
}

func (p Proposal) about() (Ref, int64) { return p.Ref, p.Position }

func (p Proposal) decide(t *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) {
	return t.AcceptProposal(c, p.Proposal)
}

func (h Handover) about() (Ref, int64) { return h.Ref, h.Position }

func (h Handover) decide(t *ticket.Ticket, c ticket.Context) ([]ticket.Event, error) {
	return t.AcceptHandover(c, h.Handover)
}

// Route decides upon many proposals at once and returns the one Change that writes them all; who calls it adds the cursor. Several
// for one ticket are decided in their order.
func (d *Desk) Route(ctx context.Context, proposals []Proposed) (*change.Change, error) {
	working, err := d.routed(ctx, proposals)
	if err != nil {
		return nil, err
	}
	out := &change.Change{Decided: change.Begin()}
	r := routing{events: map[Ref][]ticket.Event{}, context: ticket.Context{Now: d.City.Now(), Actor: ticket.Router}}
	for _, p := range proposals {
		ref, _ := p.about()
		s, known := working[ref]
		city, err := d.Cities.City(ref.City)
		if !known || err != nil {
			continue // not one of ours: nothing to give to anybody
		}
		if err := r.decide(p, s.Ticket, city); err != nil {
			return nil, err
		}
	}
	for _, ref := range r.order {
		c, after, err := write(working[ref], r.events[ref])
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

// routing is many proposals being decided.
type routing struct {
	context ticket.Context
	events  map[Ref][]ticket.Event
	order   []Ref // of tickets to which something happens, as it first does
}

// decide decides upon one proposal for a ticket that stood so before the first.
func (r *routing) decide(p Proposed, t *ticket.Ticket, city *policy.City) (err error) {
	ref, position := p.about()
	if before := r.events[ref]; len(before) > 0 {
		if t, err = t.After(before...); err != nil {
			return err
		}
	}
	r.context.City = city
	more, err := p.decide(t, r.context)
	if err != nil {
		return fmt.Errorf("ticket %s: proposal %d: %w", ref.ID, position, err)
	}
	if len(more) > 0 && len(r.events[ref]) == 0 {
		r.order = append(r.order, ref)
	}
	r.events[ref] = append(r.events[ref], more...)
	return nil
}

// routed reads the tickets of proposals, city by city.
func (d *Desk) routed(ctx context.Context, proposals []Proposed) (map[Ref]store.Stored, error) {
	wanted := map[string]map[string]bool{}
	for _, p := range proposals {
		ref, _ := p.about()
		if wanted[ref.City] == nil {
			wanted[ref.City] = map[string]bool{}
		}
		wanted[ref.City][ref.ID] = true
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
