package rpc

import (
	"context"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/similar"
	"github.com/throughtrain/throughtrain/services/kit/language"
)

// SimilarServer serves SimilarService.
type SimilarServer struct {
	hotlinev1.UnimplementedSimilarServiceServer
	desk *desk.Desk
}

// NewSimilarServer makes the server of a desk.
func NewSimilarServer(d *desk.Desk) *SimilarServer { return &SimilarServer{desk: d} }

// SuggestSimilarTickets returns open tickets that say what somebody types.
func (s *SimilarServer) SuggestSimilarTickets(ctx context.Context, in *hotlinev1.SuggestSimilarTicketsRequest) (*hotlinev1.SimilarTickets, error) {
	city := cityOf(in.GetParent())
	enterprise := lastID(in.GetEnterprise())
	if cityOf(in.GetEnterprise()) != city {
		enterprise = "" // one of another city is none here
	}
	found, err := s.desk.Suggest(ctx, callerOf(ctx), city, enterprise, similar.Text{Title: in.GetTitle(), Body: in.GetBody()}, int(in.GetLimit()))
	return similarTickets(ctx, found, err)
}

// ListSimilarTickets returns the other open tickets that say what a ticket says.
func (s *SimilarServer) ListSimilarTickets(ctx context.Context, in *hotlinev1.ListSimilarTicketsRequest) (*hotlinev1.SimilarTickets, error) {
	found, err := s.desk.SimilarTo(ctx, callerOf(ctx), refOf(in.GetName()), int(in.GetLimit()))
	return similarTickets(ctx, found, err)
}

func similarTickets(ctx context.Context, found []desk.Similar, err error) (*hotlinev1.SimilarTickets, error) {
	if err != nil {
		return nil, err
	}
	out := &hotlinev1.SimilarTickets{}
	for i := range found {
		row := shown{View: &found[i].View, Language: language.Of(ctx), row: true}
		out.Tickets = append(out.Tickets, &hotlinev1.SimilarTicket{Ticket: row.ticket(), Score: found[i].Score, Words: found[i].Words})
	}
	return out, nil
}
