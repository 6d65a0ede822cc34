package follow

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/desk"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Agency answers where agents are wanted, and keeps count of who acts in what.
type Agency struct{ Desk *desk.Desk }

// Handle takes a stretch of the agency's feed.
func (a *Agency) Handle(ctx context.Context, events []change.FeedEvent) (*change.Change, error) {
	var happened []desk.Happening
	for i := range events {
		e := &events[i]
		id, ofCase := strings.CutPrefix(e.Aggregate, "cases/")
		if !ofCase {
			continue // the agency's feed may carry more than cases
		}
		in := &agencyv1.CaseEvent{}
		if err := proto.Unmarshal(e.Payload, in); err != nil {
			return nil, fmt.Errorf("position %d: %w", e.Position, err)
		}
		if what := occurrence(in); what != nil {
			happened = append(happened, desk.Happening{Position: e.Position, City: e.City, ID: id, Version: e.Version, Time: e.Time, What: what})
		}
	}
	if len(happened) == 0 {
		return nil, nil
	}
	return a.Desk.TakeCases(ctx, happened)
}

// occurrence is what an event of a case means here; nil when nothing.
func occurrence(e *agencyv1.CaseEvent) any {
	switch body := e.GetEvent().(type) {
	case *agencyv1.CaseEvent_AgreementSealed:
		in := body.AgreementSealed
		return desk.Sealed{Agreement: int(in.GetNumber()), Centres: in.GetCentres(), Enterprise: in.GetEnterprise(), Project: in.GetProject(),
			ConfigVersion: in.GetConfigVersion()}
	case *agencyv1.CaseEvent_AgentAssigned:
		return desk.Assigned{Centre: body.AgentAssigned.GetCentre(), Official: body.AgentAssigned.GetOfficial()}
	case *agencyv1.CaseEvent_AgentReleased:
		return desk.Released{Centre: body.AgentReleased.GetCentre(), Official: body.AgentReleased.GetOfficial()}
	case *agencyv1.CaseEvent_AgentRefused:
		return desk.AgentRefused{Centre: body.AgentRefused.GetCentre(), Proposal: body.AgentRefused.GetProposal()}
	case *agencyv1.CaseEvent_AgreementTerminated:
		return desk.Terminated{}
	case *agencyv1.CaseEvent_CaseCompleted:
		return desk.Completed{}
	case *agencyv1.CaseEvent_CaseReopened:
		return desk.Reopened{}
	case *agencyv1.CaseEvent_CaseClosed:
		return desk.Closed{}
	}
	return nil
}
