package desk

import (
	"context"

	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// Extend asks for more time to answer.
func (d *Desk) Extend(ctx context.Context, caller authn.Caller, call Call, ref Ref, workdays int, reason string) (View, error) {
	return d.plain(ctx, caller, call, ref, func(a *act) ([]ticket.Event, error) {
		id, err := a.say("reason", KindExtension, ticket.AuthorHolder, reason)
		if err != nil {
			return nil, err
		}
		return a.from.Ticket.Extend(a.context, workdays, id)
	})
}

// DecideExtension grants or refuses more time.
func (d *Desk) DecideExtension(ctx context.Context, caller authn.Caller, call Call, ref Ref, number int, granted bool, reason string) (View, error) {
	return d.plain(ctx, caller, call, ref, func(a *act) ([]ticket.Event, error) {
		id, err := a.say("reason", KindExtension, ticket.AuthorOffice, reason)
		if err != nil {
			return nil, err
		}
		return a.from.Ticket.DecideExtension(a.context, number, granted, id)
	})
}
