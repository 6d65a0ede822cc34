package desk

import (
	"context"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// AskDialogue asks to speak with a leader.
func (d *Desk) AskDialogue(ctx context.Context, caller authn.Caller, call Call, ref Ref, topic string) (View, error) {
	return d.worded(ctx, caller, call, ref, "topic", topic, KindDialogue, ticket.AuthorFiler, (*ticket.Ticket).AskDialogue)
}

// Appointment is when and how a dialogue is to be held, and by whom.
type Appointment struct {
	Official string // id; the caller when empty
	Time     time.Time
	Mode     string
}

// TakeDialogue names who will speak, when and how.
func (d *Desk) TakeDialogue(ctx context.Context, caller authn.Caller, call Call, ref Ref, in Appointment) (View, error) {
	return d.plain(ctx, caller, call, ref, func(a *act) ([]ticket.Event, error) {
		return a.from.Ticket.TakeDialogue(a.context, in.Official, in.Time, in.Mode)
	})
}

// DeclineDialogue declines it.
func (d *Desk) DeclineDialogue(ctx context.Context, caller authn.Caller, call Call, ref Ref, reason string) (View, error) {
	return d.worded(ctx, caller, call, ref, "reason", reason, KindDialogue, ticket.AuthorOffice, (*ticket.Ticket).DeclineDialogue)
}

// HandOnDialogue gives it to somebody else to take.
func (d *Desk) HandOnDialogue(ctx context.Context, caller authn.Caller, call Call, ref Ref, official, reason string) (View, error) {
	return d.worded(ctx, caller, call, ref, "reason", reason, KindDialogue, ticket.AuthorOffice,
		func(t *ticket.Ticket, c ticket.Context, id string) ([]ticket.Event, error) {
			return t.HandOnDialogue(c, official, id)
		})
}

// HoldDialogue records that it was held.
func (d *Desk) HoldDialogue(ctx context.Context, caller authn.Caller, call Call, ref Ref, record, mode string) (View, error) {
	return d.worded(ctx, caller, call, ref, "record", record, KindDialogue, ticket.AuthorOffice,
		func(t *ticket.Ticket, c ticket.Context, id string) ([]ticket.Event, error) {
			return t.HoldDialogue(c, id, mode)
		})
}
