package rpc

import (
	"context"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
)

// RequestMaterial is an agent's wish for a document.
func (s *Server) RequestMaterial(ctx context.Context, in *agencyv1.RequestMaterialRequest) (*agencyv1.Case, error) {
	return onCase(ctx, in, func(by desk.Act) (desk.View, error) {
		return s.desk.RequestMaterial(ctx, by, in.GetMaterial(), in.GetText(), int(in.GetWorkdays()))
	})
}

// ObtainMaterial records a document that a unit got from shared data.
func (s *Server) ObtainMaterial(ctx context.Context, in *agencyv1.ObtainMaterialRequest) (*agencyv1.Case, error) {
	return onCase(ctx, in, func(by desk.Act) (desk.View, error) {
		return s.desk.ObtainMaterial(ctx, by, in.GetMaterial(), in.GetReference(), in.GetValidUntil())
	})
}
