package rpc

import (
	"context"

	"google.golang.org/grpc"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
)

// RaiseTicket files a ticket about a case, or an item of it.
func (s *Server) RaiseTicket(ctx context.Context, in *agencyv1.RaiseTicketRequest) (*agencyv1.RaiseTicketResponse, error) {
	by, err := actOf(ctx, in)
	if err != nil {
		return nil, err
	}
	raised, err := s.desk.RaiseTicket(ctx, by, in.GetItem(), in.GetText())
	if err != nil {
		return nil, err
	}
	return raisedAnswer(by, raised), nil
}

func raisedAnswer(by desk.Act, t desk.RaisedTicket) *agencyv1.RaiseTicketResponse {
	return &agencyv1.RaiseTicketResponse{Ticket: named(by.Ref.City, "tickets", t.ID), Number: t.Number, Reason: t.Reason}
}

// Hotline is the hotline behind a connection. Calls carry the token of the person whose request caused them, as every call on such a connection does: what they
// may not file, nobody files for them.
func Hotline(conn grpc.ClientConnInterface) desk.Hotline {
	return hotlineClient{hotlinev1.NewTicketServiceClient(conn)}
}

type hotlineClient struct{ tickets hotlinev1.TicketServiceClient }

// File implements desk.Hotline.
func (h hotlineClient) File(ctx context.Context, in desk.TicketFiling) (id, number string, err error) {
	source := named(in.City, "cases", in.Case)
	if in.Item != "" {
		source += itemsPart + in.Item
	}
	request := &hotlinev1.CreateTicketRequest{Parent: "cities/" + in.City, RequestId: in.RequestID, Title: in.Title, Body: in.Body, Category: in.Category,
		Enterprise: named(in.City, "enterprises", in.Enterprise), Channel: in.Channel, County: in.County, Source: source}
	if in.Project != "" {
		request.Project = request.GetEnterprise() + "/projects/" + in.Project
	}
	if in.Name != "" || in.Phone != "" {
		request.Contact = &hotlinev1.ContactInput{Name: in.Name, Phone: in.Phone}
	}
	t, err := h.tickets.CreateTicket(ctx, request)
	if err != nil {
		return "", "", err
	}
	return part(t.GetName(), 3), t.GetNumber(), nil
}
