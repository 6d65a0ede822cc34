package follow

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Attendant takes proposed holders and hand-overs, a stretch of the feed in one Change.
type Attendant struct{ Desk *desk.Desk }

// Handle takes a stretch of the attendant's feed.
func (a *Attendant) Handle(ctx context.Context, events []change.FeedEvent) (*change.Change, error) {
	var proposals []desk.Proposed
	for i := range events {
		e := &attendantv1.AttendantEvent{}
		if err := proto.Unmarshal(events[i].Payload, e); err != nil {
			return nil, fmt.Errorf("position %d: %w", events[i].Position, err)
		}
		if p := e.GetRouteProposed(); p != nil {
			proposals = append(proposals, desk.Proposal{
				Ref:      desk.Ref{City: events[i].City, ID: p.GetTicket()},
				Proposal: ticket.Proposal{Position: events[i].Position, Version: p.GetVersion(), Official: p.GetOfficial(), Reason: p.GetReason()},
			})
		}
		if p := e.GetHandoverProposed(); p != nil {
			proposals = append(proposals, desk.Handover{
				Ref:      desk.Ref{City: events[i].City, ID: p.GetTicket()},
				Handover: ticket.Handover{Position: events[i].Position, From: p.GetFrom(), Official: p.GetOfficial(), Reason: p.GetReason()},
			})
		}
	}
	if len(proposals) == 0 {
		return nil, nil
	}
	return a.Desk.Route(ctx, proposals)
}
