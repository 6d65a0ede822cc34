package follow

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Attendant takes proposed agents. A case remembers the last proposal that it decided upon, so that one that comes again does nothing.
type Attendant struct{ Desk *desk.Desk }

// Handle takes a stretch of the attendant's feed.
func (a *Attendant) Handle(ctx context.Context, events []change.FeedEvent) (*change.Change, error) {
	for i := range events {
		e := &attendantv1.AttendantEvent{}
		if err := proto.Unmarshal(events[i].Payload, e); err != nil {
			return nil, fmt.Errorf("position %d: %w", events[i].Position, err)
		}
		p := e.GetAgentProposed()
		if p == nil {
			continue
		}
		err := a.Desk.TakeAgent(ctx, desk.Ref{City: events[i].City, ID: p.GetCase()}, casefile.Proposal{Position: events[i].Position,
			Agreement: int(p.GetAgreement()), Centre: p.GetCentre(), Official: p.GetOfficial(), From: p.GetFrom(), Reason: p.GetReason()})
		if err != nil && !errors.Is(err, casefile.ErrNotFound) { // a case that is not there is nobody's to walk through
			return nil, fmt.Errorf("position %d: %w", events[i].Position, err)
		}
	}
	return nil, nil
}
