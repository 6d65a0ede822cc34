package desk

import (
	"context"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// link finds out of which of the tickets merged with these the caller may know: who may see one of two is no reason to hear of the other.
func (d *Desk) link(ctx context.Context, caller authn.Caller, city *policy.City, views ...*View) error {
	var ids []string
	for _, v := range views {
		ids = append(ids, v.Ticket.Merged...)
		if v.Ticket.MergedInto != "" {
			ids = append(ids, v.Ticket.MergedInto)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	others, err := d.Store.Tickets(ctx, city.Code(), ids)
	if err != nil {
		return err
	}
	known := make(map[string]bool, len(others))
	for _, s := range others {
		known[s.ID] = sightOf(caller, city, s).Ticket
	}
	for _, v := range views {
		v.linked = known
	}
	return nil
}

func (d *Desk) linkAll(ctx context.Context, caller authn.Caller, city *policy.City, views []View) error {
	all := make([]*View, len(views))
	for i := range views {
		all[i] = &views[i]
	}
	return d.link(ctx, caller, city, all...)
}

// Linked tells whether the caller may know of a ticket that was merged into this one, or this one into it.
func (v *View) Linked(id string) bool { return v.linked[id] }
