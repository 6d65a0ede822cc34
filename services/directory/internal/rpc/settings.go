package rpc

import (
	"context"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/desk"
)

// Settings is SettingsService.
type Settings struct {
	directoryv1.UnimplementedSettingsServiceServer
	Desk *desk.Desk
}

// GetSettings implements the contract.
func (s *Settings) GetSettings(ctx context.Context, r *directoryv1.GetSettingsRequest) (*directoryv1.Settings, error) {
	return s.settings(ctx, r.GetName())
}

// UpdateSettings implements the contract.
func (s *Settings) UpdateSettings(ctx context.Context, r *directoryv1.UpdateSettingsRequest) (*directoryv1.Settings, error) {
	err := s.Desk.UpdateSettings(ctx, caller(ctx), request(ctx, r), cityOf(r.GetName()), idOf(r.GetName()), r.GetEtag(), r.GetSettings())
	if err != nil {
		return nil, err
	}
	return s.settings(ctx, r.GetName())
}

func (s *Settings) settings(ctx context.Context, name string) (*directoryv1.Settings, error) {
	return s.Desk.Settings(ctx, caller(ctx), cityOf(name), idOf(name))
}
