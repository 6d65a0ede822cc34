package rpc

import (
	"context"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
)

// RequestDialogue asks to speak with a leader.
func (s *Server) RequestDialogue(ctx context.Context, in *hotlinev1.RequestDialogueRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "RequestDialogue", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		return s.desk.AskDialogue(ctx, callerOf(ctx), call, ref, in.GetTopic())
	})
}

// TakeDialogue names who will speak, when and how.
func (s *Server) TakeDialogue(ctx context.Context, in *hotlinev1.TakeDialogueRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "TakeDialogue", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		appointment := desk.Appointment{Official: idIn(ref.City, "persons", in.GetOfficial()), Mode: in.GetMode()}
		if at := in.GetAppointmentTime(); at.IsValid() { // what is no time has passed
			appointment.Time = at.AsTime()
		}
		return s.desk.TakeDialogue(ctx, callerOf(ctx), call, ref, appointment)
	})
}

// DeclineDialogue declines it.
func (s *Server) DeclineDialogue(ctx context.Context, in *hotlinev1.DeclineDialogueRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "DeclineDialogue", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		return s.desk.DeclineDialogue(ctx, callerOf(ctx), call, ref, in.GetReason())
	})
}

// HandOnDialogue gives it to somebody else to take.
func (s *Server) HandOnDialogue(ctx context.Context, in *hotlinev1.HandOnDialogueRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "HandOnDialogue", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		return s.desk.HandOnDialogue(ctx, callerOf(ctx), call, ref, idIn(ref.City, "persons", in.GetOfficial()), in.GetReason())
	})
}

// HoldDialogue records that it was held.
func (s *Server) HoldDialogue(ctx context.Context, in *hotlinev1.HoldDialogueRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "HoldDialogue", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		return s.desk.HoldDialogue(ctx, callerOf(ctx), call, ref, in.GetRecord(), in.GetMode())
	})
}
