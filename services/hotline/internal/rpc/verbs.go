package rpc

import (
	"context"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
)

// acting is every request of a verb: it names a ticket.
type acting interface {
	changing
	GetName() string
}

// verb answers a verb: the ticket as it is afterwards.
func verb(ctx context.Context, method string, in acting, do func(call desk.Call, ref desk.Ref) (desk.View, error)) (*hotlinev1.Ticket, error) {
	call, err := callOf(method, in)
	if err != nil {
		return nil, err
	}
	view, err := do(call, refOf(in.GetName()))
	return answer(ctx, view, err)
}

// DispatchTicket gives a filed ticket to an official.
func (s *Server) DispatchTicket(ctx context.Context, in *hotlinev1.DispatchTicketRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "DispatchTicket", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		return s.desk.Dispatch(ctx, callerOf(ctx), call, ref, lastID(in.GetOfficial()))
	})
}

// SignTicket is the holder's signature.
func (s *Server) SignTicket(ctx context.Context, in *hotlinev1.SignTicketRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "SignTicket", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		return s.desk.Sign(ctx, callerOf(ctx), call, ref)
	})
}

// ContactTicket records a contact the holder claims.
func (s *Server) ContactTicket(ctx context.Context, in *hotlinev1.ContactTicketRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "ContactTicket", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		return s.desk.Contact(ctx, callerOf(ctx), call, ref, in.GetChannel(), in.GetNote())
	})
}

// AskTicket asks the filer.
func (s *Server) AskTicket(ctx context.Context, in *hotlinev1.AskTicketRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "AskTicket", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		return s.desk.Ask(ctx, callerOf(ctx), call, ref, in.GetQuestion())
	})
}

// ReplyTicket is the filer's reply.
func (s *Server) ReplyTicket(ctx context.Context, in *hotlinev1.ReplyTicketRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "ReplyTicket", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		return s.desk.Reply(ctx, callerOf(ctx), call, ref, in.GetText())
	})
}

// AnswerTicket is the holder's closing act.
func (s *Server) AnswerTicket(ctx context.Context, in *hotlinev1.AnswerTicketRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "AnswerTicket", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		return s.desk.Answer(ctx, callerOf(ctx), call, ref, ticket.Outcome(in.GetOutcome()), in.GetText())
	})
}

// VerifyTicket is the filer's word.
func (s *Server) VerifyTicket(ctx context.Context, in *hotlinev1.VerifyTicketRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "VerifyTicket", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		return s.desk.Verify(ctx, callerOf(ctx), call, ref, verdictOf(in))
	})
}

// RecordCallback is the filer's word on the phone.
func (s *Server) RecordCallback(ctx context.Context, in *hotlinev1.RecordCallbackRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "RecordCallback", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		return s.desk.RecordCallback(ctx, callerOf(ctx), call, ref, verdictOf(in))
	})
}

// ReopenTicket opens a closed ticket again.
func (s *Server) ReopenTicket(ctx context.Context, in *hotlinev1.ReopenTicketRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "ReopenTicket", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		return s.desk.Reopen(ctx, callerOf(ctx), call, ref, in.GetReason())
	})
}

// WithdrawTicket takes an open ticket back.
func (s *Server) WithdrawTicket(ctx context.Context, in *hotlinev1.WithdrawTicketRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "WithdrawTicket", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		return s.desk.Withdraw(ctx, callerOf(ctx), call, ref, in.GetReason())
	})
}

// RejectTicket does not accept a ticket.
func (s *Server) RejectTicket(ctx context.Context, in *hotlinev1.RejectTicketRequest) (*hotlinev1.Ticket, error) {
	return verb(ctx, "RejectTicket", in, func(call desk.Call, ref desk.Ref) (desk.View, error) {
		return s.desk.Reject(ctx, callerOf(ctx), call, ref, in.GetRoute(), in.GetReason())
	})
}

// verdict is what VerifyTicket and RecordCallback ask alike.
type verdict interface {
	GetContacted() bool
	GetSolved() bool
	GetSatisfied() hotlinev1.Verification_Satisfaction
	GetComment() string
}

func verdictOf(in verdict) desk.Verdict {
	return desk.Verdict{Contacted: in.GetContacted(), Solved: in.GetSolved(), Satisfied: ticket.Satisfaction(in.GetSatisfied()), Comment: in.GetComment()}
}
