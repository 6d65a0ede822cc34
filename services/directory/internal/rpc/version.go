package rpc

import (
	"context"
	"math"
	"strconv"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/cityapply"
	"github.com/throughtrain/throughtrain/services/kit/page"
)

// CityVersions is CityVersionService.
type CityVersions struct {
	directoryv1.UnimplementedCityVersionServiceServer
	Service *cityapply.Service
}

// ListCityVersions implements the contract.
func (s *CityVersions) ListCityVersions(ctx context.Context, r *directoryv1.ListCityVersionsRequest) (*directoryv1.ListCityVersionsResponse, error) {
	size, err := page.Size(r.GetPageSize(), pageSize, maxPageSize)
	if err != nil {
		return nil, err
	}
	query, below := page.Query{Parent: r.GetParent() + "/versions", Order: "version desc"}, int64(math.MaxInt64)
	if r.GetPageToken() != "" {
		keys, err := page.Keys(r.GetPageToken(), query, below)
		if err != nil {
			return nil, err
		}
		below = keys[0].(int64)
	}
	rows, err := s.Service.Versions(ctx, caller(ctx), cityOf(r.GetParent()), below, size+1)
	if err != nil {
		return nil, err
	}
	out := &directoryv1.ListCityVersionsResponse{Versions: rows}
	if len(rows) > size {
		out.Versions, out.NextPageToken = rows[:size], page.Token(query, rows[size-1].GetVersion())
	}
	return out, nil
}

// ListCityProposals implements the contract.
func (s *CityVersions) ListCityProposals(ctx context.Context, r *directoryv1.ListCityProposalsRequest) (*directoryv1.ListCityProposalsResponse, error) {
	size, err := page.Size(r.GetPageSize(), pageSize, maxPageSize)
	if err != nil {
		return nil, err
	}
	query, below := page.Query{Parent: r.GetParent() + "/proposals", Order: "name desc"}, ""
	if r.GetPageToken() != "" {
		keys, err := page.Keys(r.GetPageToken(), query, below)
		if err != nil {
			return nil, err
		}
		below = keys[0].(string)
	}
	rows, err := s.Service.Proposals(ctx, caller(ctx), cityOf(r.GetParent()), below, size+1)
	if err != nil {
		return nil, err
	}
	out := &directoryv1.ListCityProposalsResponse{Proposals: rows}
	if len(rows) > size {
		out.Proposals, out.NextPageToken = rows[:size], page.Token(query, idOf(rows[size-1].GetName()))
	}
	return out, nil
}

// GetCityProposalFiles implements the contract.
func (s *CityVersions) GetCityProposalFiles(ctx context.Context, r *directoryv1.GetCityProposalFilesRequest) (*directoryv1.CityProposalFiles, error) {
	return s.Service.ProposalFiles(ctx, caller(ctx), cityOf(r.GetName()), idOf(r.GetName()))
}

// ApplyCityProposal implements the contract.
func (s *CityVersions) ApplyCityProposal(ctx context.Context, r *directoryv1.ApplyCityProposalRequest) (*directoryv1.ApplyCityResponse, error) {
	code := cityOf(r.GetName())
	return s.Service.ApplyProposal(ctx, caller(ctx), code, idOf(r.GetName()), storeRequest(ctx, code, r))
}

// DropCityProposal implements the contract.
func (s *CityVersions) DropCityProposal(ctx context.Context, r *directoryv1.DropCityProposalRequest) (*directoryv1.CityProposal, error) {
	code := cityOf(r.GetName())
	return s.Service.DropProposal(ctx, caller(ctx), code, idOf(r.GetName()), r.GetReason(), storeRequest(ctx, code, r))
}

// GetCityFiles implements the contract.
func (s *CityVersions) GetCityFiles(ctx context.Context, r *directoryv1.GetCityFilesRequest) (*directoryv1.CityFiles, error) {
	return s.Service.Files(ctx, caller(ctx), cityOf(r.GetName()), r.GetVersion())
}

// GetCalendar implements the contract.
func (s *CityVersions) GetCalendar(ctx context.Context, r *directoryv1.GetCalendarRequest) (*directoryv1.Calendar, error) {
	year, err := strconv.Atoi(idOf(r.GetName()))
	if err != nil {
		return nil, cityapply.ErrCity // the contract's pattern lets nothing else through than a year
	}
	return s.Service.Calendar(ctx, caller(ctx), cityOf(r.GetName()), year, r.GetVersion())
}

// CompileCity implements the contract.
func (s *CityVersions) CompileCity(ctx context.Context, r *directoryv1.CompileCityRequest) (*directoryv1.CityConfig, error) {
	return s.Service.Compile(ctx, caller(ctx), cityOf(r.GetName()), r.GetFiles())
}
