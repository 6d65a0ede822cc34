// Package follow brings in what other services decided: tickets filed, dispatched, handed over, answered and closed from the hotline's
// feed; agreements, agents and the ends of cases from the agency's; enterprises, projects, rosters, dismissals and revoked sessions from the
// directory's. Handlers are given to kit's feed followers, which write their effects and the cursor together.
//
// It depends on internal/{desk,route,store}, on the contracts of the three services, and on kit's authn, change, clock and feed.
package follow

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/desk"
	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Hotline answers what was filed, and keeps count of who carries what.
type Hotline struct{ Desk *desk.Desk }

// Handle takes a stretch of the hotline's feed.
func (h *Hotline) Handle(ctx context.Context, events []change.FeedEvent) (*change.Change, error) {
	var happened []desk.Happening
	for i := range events {
		e := &events[i]
		id, ofTicket := strings.CutPrefix(e.Aggregate, "tickets/")
		if !ofTicket {
			continue // the hotline's feed carries more than tickets
		}
		ticket := &hotlinev1.TicketEvent{}
		if err := proto.Unmarshal(e.Payload, ticket); err != nil {
			return nil, fmt.Errorf("position %d: %w", e.Position, err)
		}
		what := happening(ticket)
		if what == nil {
			continue
		}
		happened = append(happened, desk.Happening{Position: e.Position, City: e.City, Version: e.Version, Time: e.Time,
			ID: id, What: what})
	}
	if len(happened) == 0 {
		return nil, nil
	}
	return h.Desk.Take(ctx, happened)
}

// happening is what an event means here; nil when nothing.
func happening(e *hotlinev1.TicketEvent) any {
	switch body := e.GetEvent().(type) {
	case *hotlinev1.TicketEvent_Filed:
		in := body.Filed
		from, _ := strings.CutPrefix(in.GetSource(), "visits/")
		if from == in.GetSource() {
			from = "" // it comes from something else
		}
		return desk.Filed{ConfigVersion: in.GetConfigVersion(), Visit: from,
			Filing: route.Filing{Enterprise: in.GetEnterprise(), Project: in.GetProject(), Category: in.GetCategory(),
				Conflict: route.Conflict{Officials: in.GetConflictOfficials(), Units: in.GetConflictUnits()}}}
	case *hotlinev1.TicketEvent_Dispatched:
		return desk.Dispatched{Official: body.Dispatched.GetOfficial()}
	case *hotlinev1.TicketEvent_RouteRefused:
		return desk.Refused{Official: body.RouteRefused.GetOfficial(), Proposal: body.RouteRefused.GetProposal()}
	case *hotlinev1.TicketEvent_HandedOver:
		return desk.HandedOver{Official: body.HandedOver.GetOfficial()}
	case *hotlinev1.TicketEvent_Recalled:
		return desk.Recalled{}
	case *hotlinev1.TicketEvent_ConflictNamed:
		return desk.Conflicted{Conflict: route.Conflict{Officials: body.ConflictNamed.GetOfficials(), Units: body.ConflictNamed.GetUnits()}}
	case *hotlinev1.TicketEvent_Answered:
		return desk.Answered{}
	case *hotlinev1.TicketEvent_Closed:
		return desk.Closed{}
	case *hotlinev1.TicketEvent_Reopened:
		return desk.Reopened{}
	}
	return nil
}
