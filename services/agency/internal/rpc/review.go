package rpc

import (
	"context"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
)

// OpenJointReview calls units together.
func (s *Server) OpenJointReview(ctx context.Context, in *agencyv1.OpenJointReviewRequest) (*agencyv1.Case, error) {
	return onCase(ctx, in, func(by desk.Act) (desk.View, error) {
		return s.desk.OpenJointReview(ctx, by, in.GetItems(), idsIn(by.Ref.City, "units", in.GetUnits()), in.GetText())
	})
}

// GiveOpinion is a unit's word.
func (s *Server) GiveOpinion(ctx context.Context, in *agencyv1.GiveOpinionRequest) (*agencyv1.Case, error) {
	return onCase(ctx, in, func(by desk.Act) (desk.View, error) {
		return s.desk.GiveOpinion(ctx, by, int(in.GetNumber()), idIn(by.Ref.City, "units", in.GetUnit()), in.GetOpinion(), in.GetText())
	})
}

// ConcludeJointReview ends a review.
func (s *Server) ConcludeJointReview(ctx context.Context, in *agencyv1.ConcludeJointReviewRequest) (*agencyv1.Case, error) {
	return onCase(ctx, in, func(by desk.Act) (desk.View, error) {
		return s.desk.ConcludeJointReview(ctx, by, int(in.GetNumber()), in.GetText())
	})
}
