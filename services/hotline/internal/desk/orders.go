package desk

import (
	"context"
	"strconv"
	"strings"

	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// OrderRef names a work order of a ticket.
type OrderRef struct {
	Ref
	Number int
}

// orderIn is the number of the work order that a call led to; 0 for none.
func orderIn(resource string) int {
	_, number, found := strings.Cut(resource, ordersPart)
	if n, err := strconv.Atoi(number); found && err == nil {
		return n
	}
	return 0
}

// Order is a part to be given to a unit.
type Order struct {
	Unit string // code
	Lead bool
	Text string
}

// CreateOrder gives a unit a part and returns its number.
func (d *Desk) CreateOrder(ctx context.Context, caller authn.Caller, call Call, ref Ref, in Order) (View, int, error) {
	view, resource, err := d.do(ctx, caller, call, ref, func(a *act) ([]ticket.Event, error) {
		a.order = len(a.from.Ticket.Orders) + 1
		id, err := a.say("text", KindWorkOrder, a.as(ticket.Holder, ticket.AuthorHolder, ticket.AuthorDesk), in.Text)
		if err != nil {
			return nil, err
		}
		return a.from.Ticket.CreateOrder(a.context, ticket.OrderInput{Unit: in.Unit, Lead: in.Lead, Message: id})
	})
	return view, orderIn(resource), err
}

// GetOrder returns the ticket of a work order that is there.
func (d *Desk) GetOrder(ctx context.Context, caller authn.Caller, ref OrderRef) (View, error) {
	view, err := d.Get(ctx, caller, ref.Ref)
	switch {
	case err != nil:
		return View{}, err
	case view.Ticket.Order(ref.Number) == nil:
		return View{}, ticket.ErrNotFound
	}
	return view, nil
}

// SignOrder is a unit's signature.
func (d *Desk) SignOrder(ctx context.Context, caller authn.Caller, call Call, ref OrderRef) (View, error) {
	return d.onOrder(ctx, caller, call, ref, func(a *act) ([]ticket.Event, error) {
		return a.from.Ticket.SignOrder(a.context, ref.Number)
	})
}

// FinishOrder is a unit's report.
func (d *Desk) FinishOrder(ctx context.Context, caller authn.Caller, call Call, ref OrderRef, report string) (View, error) {
	return d.onOrder(ctx, caller, call, ref, func(a *act) ([]ticket.Event, error) {
		id, err := a.say("text", KindWorkOrder, ticket.AuthorUnit, report)
		if err != nil {
			return nil, err
		}
		return a.from.Ticket.FinishOrder(a.context, ref.Number, id)
	})
}

// WaiveOrder lets the ticket be answered without a part.
func (d *Desk) WaiveOrder(ctx context.Context, caller authn.Caller, call Call, ref OrderRef, reason string) (View, error) {
	return d.onOrder(ctx, caller, call, ref, func(a *act) ([]ticket.Event, error) {
		id, err := a.say("reason", KindWorkOrder, a.as(ticket.Holder, ticket.AuthorHolder, ticket.AuthorOffice), reason)
		if err != nil {
			return nil, err
		}
		return a.from.Ticket.WaiveOrder(a.context, ref.Number, id)
	})
}

// onOrder is plain for a verb upon a work order.
func (d *Desk) onOrder(ctx context.Context, caller authn.Caller, call Call, ref OrderRef, decide verb) (View, error) {
	return d.plain(ctx, caller, call, ref.Ref, func(a *act) ([]ticket.Event, error) {
		a.order = ref.Number
		return decide(a)
	})
}

// as is whose word it is: the one author's for who is the party, the other's for everybody else who may.
func (a *act) as(party ticket.Party, author, other ticket.Author) ticket.Author {
	if a.from.Ticket.PartyOf(a.context.Actor)&party != 0 {
		return author
	}
	return other
}
