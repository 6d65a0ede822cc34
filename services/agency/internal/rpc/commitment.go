package rpc

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
)

// GetCommitmentTerms returns what would be signed now.
func (s *Server) GetCommitmentTerms(ctx context.Context, in *agencyv1.GetCommitmentTermsRequest) (*agencyv1.CommitmentTerms, error) {
	terms, err := s.desk.Terms(ctx, callerOf(ctx), refOf(in.GetName()), in.GetKind(), itemOf(in.GetName()), int(in.GetWorkdays()))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(terms.Words))
	return &agencyv1.CommitmentTerms{Kind: terms.Kind, Materials: terms.Materials, Workdays: int32(terms.Workdays), Consequence: terms.Consequence,
		Text: terms.Words, TextSha256: hex.EncodeToString(sum[:]), DueTime: stamp(terms.Due)}, nil
}

// SignCommitment signs for the enterprise.
func (s *Server) SignCommitment(ctx context.Context, in *agencyv1.SignCommitmentRequest) (*agencyv1.Commitment, error) {
	by, err := actOf(ctx, in)
	if err != nil {
		return nil, err
	}
	view, number, err := s.desk.SignCommitment(ctx, by, itemOf(in.GetName()), in.GetKind(), int(in.GetWorkdays()),
		signature(by.Ref, in.GetTextSha256(), in.GetSignerName(), ""))
	return commitmentAnswer(ctx, view, number, err)
}

// GetCommitment returns a commitment.
func (s *Server) GetCommitment(ctx context.Context, in *agencyv1.GetCommitmentRequest) (*agencyv1.Commitment, error) {
	number := numberOf(in.GetName())
	view, err := s.desk.Commitment(ctx, callerOf(ctx), refOf(in.GetName()), number)
	return commitmentAnswer(ctx, view, number, err)
}

// ListCommitments pages through commitments.
func (s *Server) ListCommitments(ctx context.Context, in *agencyv1.ListCommitmentsRequest) (*agencyv1.ListCommitmentsResponse, error) {
	list, err := s.desk.ListCommitments(ctx, callerOf(ctx), queryOf(in))
	if err != nil {
		return nil, err
	}
	out := &agencyv1.ListCommitmentsResponse{NextPageToken: list.NextPageToken, TotalSize: int32(list.Total), TotalCapped: list.Capped}
	for n := range list.Rows {
		r := row(ctx, &list.Rows[n].View)
		k := r.commitment(r.Case.Commitment(list.Rows[n].Number))
		k.CaseNumber, k.Enterprise = r.Case.Number, named(r.Case.City, "enterprises", r.Case.Enterprise)
		out.Commitments = append(out.Commitments, k)
	}
	return out, nil
}

// ReportPromise says that what was promised is fulfilled.
func (s *Server) ReportPromise(ctx context.Context, in *agencyv1.ReportPromiseRequest) (*agencyv1.Commitment, error) {
	return onCommitment(ctx, in, func(by desk.Act, number int) (desk.View, error) {
		return s.desk.ReportPromise(ctx, by, number, in.GetText())
	})
}

// CheckPromise is the unit's check.
func (s *Server) CheckPromise(ctx context.Context, in *agencyv1.CheckPromiseRequest) (*agencyv1.Commitment, error) {
	return onCommitment(ctx, in, func(by desk.Act, number int) (desk.View, error) {
		return s.desk.CheckPromise(ctx, by, number, in.GetHolds(), in.GetText())
	})
}

// RequestCommitmentExtension asks for more time.
func (s *Server) RequestCommitmentExtension(ctx context.Context, in *agencyv1.RequestCommitmentExtensionRequest) (*agencyv1.Commitment, error) {
	return onCommitment(ctx, in, func(by desk.Act, number int) (desk.View, error) {
		var documents []string
		for _, name := range in.GetDocuments() {
			documents = append(documents, documentIn(by.Ref, name))
		}
		return s.desk.RequestExtension(ctx, by, number, int(in.GetWorkdays()), in.GetReason(), documents)
	})
}

// DecideCommitmentExtension gives more time or not.
func (s *Server) DecideCommitmentExtension(ctx context.Context, in *agencyv1.DecideCommitmentExtensionRequest) (*agencyv1.Commitment, error) {
	return onCommitment(ctx, in, func(by desk.Act, number int) (desk.View, error) {
		return s.desk.DecideExtension(ctx, by, number, in.GetGranted(), in.GetReason())
	})
}

// RepairCredit clears the mark of a broken commitment.
func (s *Server) RepairCredit(ctx context.Context, in *agencyv1.RepairCreditRequest) (*agencyv1.Commitment, error) {
	return onCommitment(ctx, in, func(by desk.Act, number int) (desk.View, error) {
		return s.desk.RepairCredit(ctx, by, number, in.GetReason())
	})
}
