package desk

import (
	"context"

	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// RecordMissedCall says that a call-back reached nobody.
func (d *Desk) RecordMissedCall(ctx context.Context, caller authn.Caller, call Call, ref Ref) (View, error) {
	return d.plain(ctx, caller, call, ref, func(a *act) ([]ticket.Event, error) { return a.from.Ticket.RecordMissedCall(a.context) })
}
