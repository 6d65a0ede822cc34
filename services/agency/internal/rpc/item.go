package rpc

import (
	"context"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
)

// GetItem returns an item.
func (s *Server) GetItem(ctx context.Context, in *agencyv1.GetItemRequest) (*agencyv1.Item, error) {
	item := itemOf(in.GetName())
	view, err := s.desk.Item(ctx, callerOf(ctx), refOf(in.GetName()), item)
	return itemAnswer(ctx, view, item, err)
}

// ListItems pages through items.
func (s *Server) ListItems(ctx context.Context, in *agencyv1.ListItemsRequest) (*agencyv1.ListItemsResponse, error) {
	list, err := s.desk.ListItems(ctx, callerOf(ctx), queryOf(in))
	if err != nil {
		return nil, err
	}
	out := &agencyv1.ListItemsResponse{NextPageToken: list.NextPageToken, TotalSize: int32(list.Total), TotalCapped: list.Capped}
	for n := range list.Rows {
		r := row(ctx, &list.Rows[n].View)
		i := r.item(r.Case.Item(list.Rows[n].Code))
		i.Case, i.CaseNumber, i.CaseTitle = caseName(r.Case), r.Case.Number, r.Opening().Title
		out.Items = append(out.Items, i)
	}
	return out, nil
}

// SubmitItem hands an item in.
func (s *Server) SubmitItem(ctx context.Context, in *agencyv1.SubmitItemRequest) (*agencyv1.Item, error) {
	return onItem(ctx, in, func(by desk.Act, item string) (desk.View, error) {
		return s.desk.Submit(ctx, by, item, in.GetOnPromise())
	})
}

// AcceptItem accepts.
func (s *Server) AcceptItem(ctx context.Context, in *agencyv1.AcceptItemRequest) (*agencyv1.Item, error) {
	return onItem(ctx, in, func(by desk.Act, item string) (desk.View, error) { return s.desk.Accept(ctx, by, item) })
}

// TakeOnItem hands an accepted item on.
func (s *Server) TakeOnItem(ctx context.Context, in *agencyv1.TakeOnItemRequest) (*agencyv1.Item, error) {
	return onItem(ctx, in, func(by desk.Act, item string) (desk.View, error) { return s.desk.TakeOn(ctx, by, item) })
}

// NotAcceptItem says that no approval is needed from here.
func (s *Server) NotAcceptItem(ctx context.Context, in *agencyv1.NotAcceptItemRequest) (*agencyv1.Item, error) {
	return onItem(ctx, in, func(by desk.Act, item string) (desk.View, error) {
		return s.desk.NotAccept(ctx, by, item, in.GetReason(), in.GetNotNeeded())
	})
}

// RefuseAcceptance refuses to accept.
func (s *Server) RefuseAcceptance(ctx context.Context, in *agencyv1.RefuseAcceptanceRequest) (*agencyv1.Item, error) {
	return onItem(ctx, in, func(by desk.Act, item string) (desk.View, error) {
		return s.desk.RefuseAcceptance(ctx, by, item, in.GetReason(), in.GetRemedy())
	})
}

// RequestCorrection says once what is missing or wrong.
func (s *Server) RequestCorrection(ctx context.Context, in *agencyv1.RequestCorrectionRequest) (*agencyv1.Item, error) {
	var wrong []desk.Deficiency
	for _, d := range in.GetDeficiencies() {
		wrong = append(wrong, desk.Deficiency{Material: d.GetMaterial(), Text: d.GetText()})
	}
	return onItem(ctx, in, func(by desk.Act, item string) (desk.View, error) {
		return s.desk.RequestCorrection(ctx, by, item, wrong, in.GetText())
	})
}

// CorrectItem says that everything asked for is there.
func (s *Server) CorrectItem(ctx context.Context, in *agencyv1.CorrectItemRequest) (*agencyv1.Item, error) {
	return onItem(ctx, in, func(by desk.Act, item string) (desk.View, error) { return s.desk.Correct(ctx, by, item) })
}

// StartProcedure begins a special procedure.
func (s *Server) StartProcedure(ctx context.Context, in *agencyv1.StartProcedureRequest) (*agencyv1.Item, error) {
	return onItem(ctx, in, func(by desk.Act, item string) (desk.View, error) {
		return s.desk.StartProcedure(ctx, by, item, in.GetProcedure(), in.GetNotice(), int(in.GetWorkdays()))
	})
}

// EndProcedure lets the limits go on.
func (s *Server) EndProcedure(ctx context.Context, in *agencyv1.EndProcedureRequest) (*agencyv1.Item, error) {
	return onItem(ctx, in, func(by desk.Act, item string) (desk.View, error) {
		return s.desk.EndProcedure(ctx, by, item, in.GetText())
	})
}

// ExtendItem extends the statutory limit once.
func (s *Server) ExtendItem(ctx context.Context, in *agencyv1.ExtendItemRequest) (*agencyv1.Item, error) {
	return onItem(ctx, in, func(by desk.Act, item string) (desk.View, error) {
		return s.desk.Extend(ctx, by, item, int(in.GetWorkdays()), in.GetReason())
	})
}

// ApproveItem approves.
func (s *Server) ApproveItem(ctx context.Context, in *agencyv1.ApproveItemRequest) (*agencyv1.Item, error) {
	return onItem(ctx, in, func(by desk.Act, item string) (desk.View, error) {
		return s.desk.Approve(ctx, by, item, in.GetConditions())
	})
}

// RefuseItem refuses.
func (s *Server) RefuseItem(ctx context.Context, in *agencyv1.RefuseItemRequest) (*agencyv1.Item, error) {
	return onItem(ctx, in, func(by desk.Act, item string) (desk.View, error) {
		return s.desk.Refuse(ctx, by, item, in.GetReason(), in.GetRemedy())
	})
}

// WithdrawItem takes an item back.
func (s *Server) WithdrawItem(ctx context.Context, in *agencyv1.WithdrawItemRequest) (*agencyv1.Item, error) {
	return onItem(ctx, in, func(by desk.Act, item string) (desk.View, error) {
		return s.desk.Withdraw(ctx, by, item, in.GetReason())
	})
}

// ConfirmWithdrawal lets an accepted item go.
func (s *Server) ConfirmWithdrawal(ctx context.Context, in *agencyv1.ConfirmWithdrawalRequest) (*agencyv1.Item, error) {
	return onItem(ctx, in, func(by desk.Act, item string) (desk.View, error) { return s.desk.ConfirmWithdrawal(ctx, by, item) })
}

// DeclineWithdrawal keeps an item.
func (s *Server) DeclineWithdrawal(ctx context.Context, in *agencyv1.DeclineWithdrawalRequest) (*agencyv1.Item, error) {
	return onItem(ctx, in, func(by desk.Act, item string) (desk.View, error) {
		return s.desk.DeclineWithdrawal(ctx, by, item, in.GetReason())
	})
}

// RevokeItem revokes an approval.
func (s *Server) RevokeItem(ctx context.Context, in *agencyv1.RevokeItemRequest) (*agencyv1.Item, error) {
	return onItem(ctx, in, func(by desk.Act, item string) (desk.View, error) { return s.desk.Revoke(ctx, by, item, in.GetReason()) })
}

// IssueCertificate issues the certificate of an approval.
func (s *Server) IssueCertificate(ctx context.Context, in *agencyv1.IssueCertificateRequest) (*agencyv1.Item, error) {
	return onItem(ctx, in, func(by desk.Act, item string) (desk.View, error) {
		return s.desk.IssueCertificate(ctx, by, item, desk.Certificate{Number: in.GetNumber(), Document: documentIn(by.Ref, in.GetDocument()),
			From: in.GetValidFrom(), Until: in.GetValidUntil()})
	})
}
