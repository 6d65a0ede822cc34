package desk

import (
	"context"

	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// Supervise puts the ticket under supervision.
func (d *Desk) Supervise(ctx context.Context, caller authn.Caller, call Call, ref Ref, text string) (View, error) {
	return d.worded(ctx, caller, call, ref, "text", text, KindDirective, ticket.AuthorOffice, (*ticket.Ticket).Supervise)
}

// Instruct writes an instruction.
func (d *Desk) Instruct(ctx context.Context, caller authn.Caller, call Call, ref Ref, text string) (View, error) {
	return d.worded(ctx, caller, call, ref, "text", text, KindDirective, ticket.AuthorOffice, (*ticket.Ticket).Instruct)
}

// NameConflict names who the ticket is about, by ids of officials and codes of units.
func (d *Desk) NameConflict(ctx context.Context, caller authn.Caller, call Call, ref Ref, officials, units []string) (View, error) {
	return d.plain(ctx, caller, call, ref, func(a *act) ([]ticket.Event, error) {
		return a.from.Ticket.NameConflict(a.context, officials, units)
	})
}

// worded is a verb that takes one text and nothing else.
func (d *Desk) worded(ctx context.Context, caller authn.Caller, call Call, ref Ref, field, body, kind string, by ticket.Author,
	decide func(*ticket.Ticket, ticket.Context, string) ([]ticket.Event, error),
) (View, error) {
	return d.plain(ctx, caller, call, ref, func(a *act) ([]ticket.Event, error) {
		id, err := a.say(field, kind, by, body)
		if err != nil {
			return nil, err
		}
		return decide(a.from.Ticket, a.context, id)
	})
}
