package follow

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Hotline links tickets that name a case as their source, and follows what becomes of them. A case links a ticket once and moves it only where it stands
// otherwise, so that an event that comes again does nothing.
type Hotline struct{ Desk *desk.Desk }

// Handle takes a stretch of the hotline's feed.
func (h *Hotline) Handle(ctx context.Context, events []change.FeedEvent) (*change.Change, error) {
	for i := range events {
		id, ofTicket := strings.CutPrefix(events[i].Aggregate, "tickets/")
		if !ofTicket {
			continue // the hotline's feed carries more than tickets
		}
		e := &hotlinev1.TicketEvent{}
		if err := proto.Unmarshal(events[i].Payload, e); err != nil {
			return nil, fmt.Errorf("position %d: %w", events[i].Position, err)
		}
		if err := h.one(ctx, &events[i], id, e); err != nil {
			return nil, fmt.Errorf("position %d: %w", events[i].Position, err)
		}
	}
	return nil, nil
}

func (h *Hotline) one(ctx context.Context, at *change.FeedEvent, id string, e *hotlinev1.TicketEvent) error {
	switch body := e.GetEvent().(type) {
	case *hotlinev1.TicketEvent_Filed:
		in := body.Filed
		source, item, ok := sourceOf(in.GetSource())
		// A ticket that not everybody may know of is not told of in a case that many read.
		if !ok || in.GetRestricted() {
			return nil
		}
		return h.Desk.LinkTicket(ctx, desk.Ref{City: at.City, ID: source}, desk.Filed{Ticket: id, Number: in.GetNumber(), Item: item, Filer: in.GetFiler(),
			Enterprise: in.GetEnterprise(), Time: at.Time})
	case *hotlinev1.TicketEvent_Closed:
		return h.Desk.MoveTicket(ctx, at.City, id, false)
	case *hotlinev1.TicketEvent_Reopened:
		return h.Desk.MoveTicket(ctx, at.City, id, true)
	}
	return nil
}

// sourceOf takes the source of a ticket apart: cases/{case} or cases/{case}/items/{item}.
func sourceOf(source string) (id, item string, ok bool) {
	rest, ok := strings.CutPrefix(source, "cases/")
	id, item, _ = strings.Cut(rest, "/items/")
	return id, item, ok
}
