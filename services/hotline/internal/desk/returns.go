package desk

import (
	"context"

	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// Return is a request to hand back.
type Return struct {
	Reason string // code
	Basis  string
	Target string // code of the unit that should have it
}

// Return asks to hand the ticket back.
func (d *Desk) Return(ctx context.Context, caller authn.Caller, call Call, ref Ref, in Return) (View, error) {
	return d.plain(ctx, caller, call, ref, in.verb(0, ticket.AuthorHolder))
}

// ReturnOrder asks to hand a work order back.
func (d *Desk) ReturnOrder(ctx context.Context, caller authn.Caller, call Call, ref OrderRef, in Return) (View, error) {
	return d.onOrder(ctx, caller, call, ref, in.verb(ref.Number, ticket.AuthorUnit))
}

func (in Return) verb(order int, by ticket.Author) verb {
	return func(a *act) ([]ticket.Event, error) {
		id, err := a.say("basis", KindReturn, by, in.Basis)
		if err != nil {
			return nil, err
		}
		return a.from.Ticket.Return(a.context, ticket.ReturnInput{Order: order, Reason: in.Reason, Message: id, Target: in.Target})
	}
}

// ReturnDecision is a referee's word.
type ReturnDecision struct {
	Number   int
	Granted  bool
	Reason   string
	Official string // id of who has the ticket from now on; empty for the desk's queue
	Unit     string // code of the unit that has the work order from now on; empty for none
}

// DecideReturn is a referee's word on a request to hand back.
func (d *Desk) DecideReturn(ctx context.Context, caller authn.Caller, call Call, ref Ref, in ReturnDecision) (View, error) {
	return d.plain(ctx, caller, call, ref, func(a *act) ([]ticket.Event, error) {
		id, err := a.say("reason", KindReturn, a.as(ticket.Super|ticket.Office, ticket.AuthorOffice, ticket.AuthorDesk), in.Reason)
		if err != nil {
			return nil, err
		}
		return a.from.Ticket.DecideReturn(a.context,
			ticket.ReturnDecision{Number: in.Number, Granted: in.Granted, Message: id, Official: in.Official, Unit: in.Unit})
	})
}
