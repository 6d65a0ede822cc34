package rpc

import (
	"context"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/language"
)

// Server serves TicketService, WorkOrderService, TicketOversightService and DialogueService.
type Server struct {
	hotlinev1.UnimplementedTicketServiceServer
	hotlinev1.UnimplementedWorkOrderServiceServer
	hotlinev1.UnimplementedTicketOversightServiceServer
	hotlinev1.UnimplementedDialogueServiceServer
	desk *desk.Desk
}

// NewServer makes the server of a desk.
func NewServer(d *desk.Desk) *Server { return &Server{desk: d} }

// answer renders what a use case returned.
func answer(ctx context.Context, view desk.View, err error) (*hotlinev1.Ticket, error) {
	if err != nil {
		return nil, err
	}
	s := shown{View: &view, Language: language.Of(ctx)}
	return s.ticket(), nil
}

// CreateTicket files a ticket.
func (s *Server) CreateTicket(ctx context.Context, in *hotlinev1.CreateTicketRequest) (*hotlinev1.Ticket, error) {
	call, err := callOf("CreateTicket", in)
	if err != nil {
		return nil, err
	}
	view, err := s.desk.File(ctx, callerOf(ctx), call, desk.Filing{
		City: cityOf(in.GetParent()), Title: in.GetTitle(), Body: in.GetBody(), Category: in.GetCategory(), AppealType: in.GetAppealType(),
		Enterprise: lastID(in.GetEnterprise()), Project: lastID(in.GetProject()), ProjectOf: enterpriseOf(in.GetProject()),
		Name: in.GetContact().GetName(), Phone: in.GetContact().GetPhone(), Urgency: ticket.Urgency(in.GetUrgency()), Channel: in.GetChannel(),
		County: in.GetCounty(), Confidential: in.GetConfidential(), ConflictOfficials: in.GetConflictOfficials(), ConflictUnits: in.GetConflictUnits(),
		Source: in.GetSource(), InvestmentAtRisk: in.GetInvestmentAtRiskFen(), JobsAtRisk: int(in.GetJobsAtRisk()),
	})
	return answer(ctx, view, err)
}

// GetTicket returns a ticket.
func (s *Server) GetTicket(ctx context.Context, in *hotlinev1.GetTicketRequest) (*hotlinev1.Ticket, error) {
	view, err := s.desk.Get(ctx, callerOf(ctx), refOf(in.GetName()))
	return answer(ctx, view, err)
}

// ListTickets pages through tickets.
func (s *Server) ListTickets(ctx context.Context, in *hotlinev1.ListTicketsRequest) (*hotlinev1.ListTicketsResponse, error) {
	list, err := s.desk.List(ctx, callerOf(ctx), desk.ListQuery{City: cityOf(in.GetParent()), PageSize: in.GetPageSize(),
		PageToken: in.GetPageToken(), Filter: in.GetFilter(), OrderBy: in.GetOrderBy(), Query: in.GetQuery()})
	if err != nil {
		return nil, err
	}
	out := &hotlinev1.ListTicketsResponse{NextPageToken: list.NextPageToken, TotalSize: int32(list.Total), TotalCapped: list.Capped}
	for i := range list.Views {
		row := shown{View: &list.Views[i], Language: language.Of(ctx), row: true}
		out.Tickets = append(out.Tickets, row.ticket())
	}
	return out, nil
}

// LookupTicket finds a ticket by its number.
func (s *Server) LookupTicket(ctx context.Context, in *hotlinev1.LookupTicketRequest) (*hotlinev1.Ticket, error) {
	view, err := s.desk.Lookup(ctx, callerOf(ctx), cityOf(in.GetParent()), in.GetNumber())
	return answer(ctx, view, err)
}

// ClaimTicket makes a ticket filed for a caller the caller's own.
func (s *Server) ClaimTicket(ctx context.Context, in *hotlinev1.ClaimTicketRequest) (*hotlinev1.Ticket, error) {
	call, err := callOf("ClaimTicket", in)
	if err != nil {
		return nil, err
	}
	view, err := s.desk.Claim(ctx, callerOf(ctx), call, cityOf(in.GetParent()), in.GetNumber())
	return answer(ctx, view, err)
}
