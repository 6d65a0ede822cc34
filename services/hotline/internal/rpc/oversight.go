package rpc

import (
	"context"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
)

// ReturnTicket asks to hand the ticket back.
func (s *Server) ReturnTicket(ctx context.Context, in *hotlinev1.ReturnTicketRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "ReturnTicket", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		return s.desk.Return(ctx, callerOf(ctx), call, ref, returnOf(in))
	})
}

// DecideReturn is the referee's word.
func (s *Server) DecideReturn(ctx context.Context, in *hotlinev1.DecideReturnRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "DecideReturn", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		return s.desk.DecideReturn(ctx, callerOf(ctx), call, ref, desk.ReturnDecision{Number: int(in.GetNumber()), Granted: in.GetGranted(),
			Reason: in.GetReason(), Official: idIn(ref.City, "persons", in.GetOfficial()), Unit: idIn(ref.City, "units", in.GetUnit())})
	})
}

// ExtendTicket asks for more time.
func (s *Server) ExtendTicket(ctx context.Context, in *hotlinev1.ExtendTicketRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "ExtendTicket", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		return s.desk.Extend(ctx, callerOf(ctx), call, ref, int(in.GetWorkdays()), in.GetReason())
	})
}

// DecideExtension grants or refuses more time.
func (s *Server) DecideExtension(ctx context.Context, in *hotlinev1.DecideExtensionRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "DecideExtension", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		return s.desk.DecideExtension(ctx, callerOf(ctx), call, ref, int(in.GetNumber()), in.GetGranted(), in.GetReason())
	})
}

// SuperviseTicket puts the ticket under supervision.
func (s *Server) SuperviseTicket(ctx context.Context, in *hotlinev1.SuperviseTicketRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "SuperviseTicket", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		return s.desk.Supervise(ctx, callerOf(ctx), call, ref, in.GetText())
	})
}

// InstructTicket writes an instruction.
func (s *Server) InstructTicket(ctx context.Context, in *hotlinev1.InstructTicketRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "InstructTicket", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		return s.desk.Instruct(ctx, callerOf(ctx), call, ref, in.GetText())
	})
}

// MergeTicket closes the ticket into an earlier one.
func (s *Server) MergeTicket(ctx context.Context, in *hotlinev1.MergeTicketRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "MergeTicket", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		return s.desk.Merge(ctx, callerOf(ctx), call, ref, refOf(in.GetInto()), in.GetReason())
	})
}

// NameConflict names who the ticket is about.
func (s *Server) NameConflict(ctx context.Context, in *hotlinev1.NameConflictRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "NameConflict", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		return s.desk.NameConflict(ctx, callerOf(ctx), call, ref,
			idsIn(ref.City, "persons", in.GetOfficials()), idsIn(ref.City, "units", in.GetUnits()))
	})
}

// RecordMissedCall says that a call-back reached nobody.
func (s *Server) RecordMissedCall(ctx context.Context, in *hotlinev1.RecordMissedCallRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "RecordMissedCall", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		return s.desk.RecordMissedCall(ctx, callerOf(ctx), call, ref)
	})
}
