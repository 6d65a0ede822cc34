package rpc

import (
	"context"

	"google.golang.org/protobuf/proto"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/desk"
	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// HandOver implements the contract.
func (s *Server) HandOver(ctx context.Context, r *attendantv1.HandOverRequest) (*attendantv1.Handover, error) {
	city := cityOf(r.GetName())
	in := desk.HandOver{City: city, From: idOf(r.GetName()), Way: route.Way(r.GetTarget()), To: idOf(r.GetTo()), KeepBindings: r.GetKeepBindings(),
		Note: r.GetNote()}
	for _, name := range r.GetTickets() {
		in.Tickets = append(in.Tickets, idOf(name))
	}
	for _, name := range r.GetCases() {
		in.Cases = append(in.Cases, idOf(name))
	}
	if r.GetValidateOnly() {
		planned, err := s.desk.PlanHandover(ctx, authn.FromContext(ctx), in)
		if err != nil {
			return nil, err
		}
		return handover(planned), nil
	}
	id, err := s.desk.MakeHandover(ctx, call(ctx, city, r), in)
	if err != nil {
		return nil, err
	}
	return s.handover(ctx, city, id)
}

func (s *Server) handover(ctx context.Context, city, id string) (*attendantv1.Handover, error) {
	h, err := s.desk.Handover(ctx, authn.FromContext(ctx), city, id)
	if err != nil {
		return nil, err
	}
	return handover(h), nil
}

func (s *Server) handoverMessage(ctx context.Context, city, id string) (proto.Message, error) {
	return orNil(s.handover(ctx, city, id))
}

func handover(h desk.Handover) *attendantv1.Handover {
	out := &attendantv1.Handover{Name: nameOf(h.City, "handovers", h.ID), From: nameOf(h.City, "persons", h.From), Target: attendantv1.Handover_Target(h.Way),
		Official: nameOf(h.City, "persons", h.Official), TicketsLeft: int32(h.Left), CasesLeft: int32(h.CasesLeft)}
	if h.ID != "" {
		out.CreateTime = stamp(h.Time)
	}
	for _, t := range h.Tickets {
		out.Tickets = append(out.Tickets, &attendantv1.Handover_OpenTicket{Ticket: nameOf(h.City, "tickets", t.ID), HoldTime: stamp(t.Held),
			Official: nameOf(h.City, "persons", t.To), Stays: t.Stays})
	}
	for _, k := range h.Cases {
		out.Cases = append(out.Cases, &attendantv1.Handover_OpenCase{Case: nameOf(h.City, "cases", k.ID), Centre: nameOf(h.City, "units", k.Centre),
			ActTime: stamp(k.Since), Official: nameOf(h.City, "persons", k.To), Stays: k.Stays})
	}
	for _, b := range h.Moving {
		out.Bindings = append(out.Bindings, message(b))
	}
	for _, id := range h.Visits {
		out.Visits = append(out.Visits, nameOf(h.City, "visits", id))
	}
	return out
}
