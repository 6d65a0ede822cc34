package rpc

import (
	"context"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/language"
)

// DeadlineServer serves DeadlineService.
type DeadlineServer struct {
	hotlinev1.UnimplementedDeadlineServiceServer
	desk *desk.Desk
}

// NewDeadlineServer makes the server of a desk.
func NewDeadlineServer(d *desk.Desk) *DeadlineServer { return &DeadlineServer{desk: d} }

// PreviewDeadlines says which clocks a ticket would have.
func (s *DeadlineServer) PreviewDeadlines(ctx context.Context, in *hotlinev1.PreviewDeadlinesRequest) (*hotlinev1.DeadlinePreview, error) {
	q := desk.DeadlineQuery{City: cityOf(in.GetParent()), Files: in.GetFiles(),
		Matter: ticket.Matter{Channel: in.GetChannel(), AppealType: in.GetAppealType(), Category: in.GetCategory(), Urgency: ticket.Normal}}
	if in.GetUrgency() == "urgent" {
		q.Matter.Urgency = ticket.Urgent
	}
	if in.GetFilingTime() != nil {
		q.At = in.GetFilingTime().AsTime()
	}
	found, err := s.desk.PreviewDeadlines(ctx, callerOf(ctx), q)
	if err != nil {
		return nil, err
	}
	return &hotlinev1.DeadlinePreview{Current: deadlines(ctx, found.Current), Draft: deadlines(ctx, found.Draft), OpenTickets: int32(found.Open),
		DifferingTickets: int32(found.Differ), TotalCapped: found.Capped}, nil
}

func deadlines(ctx context.Context, p *ticket.Preview) *hotlinev1.Deadlines {
	if p == nil {
		return nil
	}
	show := shown{View: &desk.View{Ticket: p.Ticket, City: p.City, Now: p.Ticket.CreateTime}, Language: language.Of(ctx)}
	out := &hotlinev1.Deadlines{ConfigVersion: p.City.Version(), Policy: p.Policy, Source: p.Source}
	for i := range p.Clocks {
		out.Clocks = append(out.Clocks, &hotlinev1.PreviewedClock{FromEvent: p.From[i], Explanation: show.explanation(&p.Clocks[i])})
	}
	return out
}
