package rpc

import (
	"context"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/cityapply"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
)

// Cities is CityService.
type Cities struct {
	directoryv1.UnimplementedCityServiceServer
	Service *cityapply.Service
}

// GetCity implements CityService.
func (s *Cities) GetCity(_ context.Context, r *directoryv1.GetCityRequest) (*directoryv1.City, error) {
	return s.Service.Public(cityOf(r.GetName()))
}

// GetCityConfig implements CityService.
func (s *Cities) GetCityConfig(ctx context.Context, r *directoryv1.GetCityConfigRequest) (*directoryv1.CityConfig, error) {
	return s.Service.Version(ctx, cityOf(r.GetName()), r.GetVersion())
}

// ApplyCity implements CityService.
func (s *Cities) ApplyCity(ctx context.Context, r *directoryv1.ApplyCityRequest) (*directoryv1.ApplyCityResponse, error) {
	code := cityOf(r.GetName())
	return s.Service.Apply(ctx, caller(ctx), code, r.GetFiles(), r.GetValidateOnly(), r.GetReason(), storeRequest(ctx, code, r))
}

// storeRequest is the id under which a call about a city's configuration may be repeated.
func storeRequest(ctx context.Context, code string, m withID) store.Request {
	id := request(ctx, m)
	return store.Request{City: code, Person: caller(ctx).ID(), Method: id.Method, ID: id.ID, Body: id.Body}
}
