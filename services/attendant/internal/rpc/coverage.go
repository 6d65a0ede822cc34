package rpc

import (
	"context"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/desk"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/page"
)

// GetCoverage implements the contract.
func (s *Server) GetCoverage(ctx context.Context, r *attendantv1.GetCoverageRequest) (*attendantv1.Coverage, error) {
	counties, err := s.desk.Coverage(ctx, cityOf(r.GetName()))
	if err != nil {
		return nil, err
	}
	out := &attendantv1.Coverage{Name: r.GetName()}
	for _, c := range counties {
		one := &attendantv1.Coverage_County{County: c.County, Enterprises: int32(c.Enterprises), EnterprisesCovered: int32(c.Covered),
			Projects: int32(c.Projects), ProjectsCovered: int32(c.ProjectsCovered)}
		out.Enterprises += one.GetEnterprises()
		out.EnterprisesCovered += one.GetEnterprisesCovered()
		out.Projects += one.GetProjects()
		out.ProjectsCovered += one.GetProjectsCovered()
		out.Counties = append(out.Counties, one)
	}
	return out, nil
}

// ListUncovered implements the contract.
func (s *Server) ListUncovered(ctx context.Context, r *attendantv1.ListUncoveredRequest) (*attendantv1.ListUncoveredResponse, error) {
	size, err := page.Size(r.GetPageSize(), pageSize, maxPageSize)
	if err != nil {
		return nil, err
	}
	query := page.Query{Parent: r.GetParent(), Filter: r.GetCounty(), Order: "id"}
	u := store.Uncovered{City: cityOf(r.GetParent()), County: r.GetCounty(), Limit: size + 1}
	if u.After, err = place(r.GetPageToken(), query); err != nil {
		return nil, err
	}
	found, err := s.desk.Uncovered(ctx, u)
	if err != nil {
		return nil, err
	}
	out := &attendantv1.ListUncoveredResponse{}
	if len(found) > size {
		found = found[:size]
		out.NextPageToken = page.Token(query, found[size-1].ID)
	}
	for _, e := range found {
		out.Enterprises = append(out.Enterprises, &attendantv1.ListUncoveredResponse_Enterprise{Enterprise: nameOf(u.City, "enterprises", e.ID),
			County: e.County, CreateTime: stamp(e.Registered)})
	}
	return out, nil
}

// ListLoads implements the contract.
func (s *Server) ListLoads(ctx context.Context, r *attendantv1.ListLoadsRequest) (*attendantv1.ListLoadsResponse, error) {
	size, err := page.Size(r.GetPageSize(), pageSize, maxPageSize)
	if err != nil {
		return nil, err
	}
	query := page.Query{Parent: r.GetParent(), Filter: r.GetUnit(), Order: "unit"}
	l := desk.Loads{City: cityOf(r.GetParent()), Unit: r.GetUnit(), Limit: size + 1}
	if l.After, err = place(r.GetPageToken(), query); err != nil {
		return nil, err
	}
	found, err := s.desk.Loads(ctx, authn.FromContext(ctx), l)
	if err != nil {
		return nil, err
	}
	out := &attendantv1.ListLoadsResponse{}
	if len(found) > size {
		found = found[:size]
		out.NextPageToken = page.Token(query, found[size-1].Key())
	}
	for _, o := range found {
		out.Loads = append(out.Loads, &attendantv1.OfficialLoad{Official: nameOf(l.City, "persons", o.Person), DisplayName: o.DisplayName,
			Unit: nameOf(l.City, "units", o.Unit), Load: int32(o.Load), LoadCap: int32(o.LoadCap), Enterprises: int32(o.Enterprises),
			BindingCap: int32(o.BindingCap), Present: o.Present, Qualifications: o.Qualifications})
	}
	return out, nil
}
