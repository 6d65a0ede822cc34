package rpc

import (
	"context"
	"encoding/base64"
	"errors"
	"strconv"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/desk"
	"github.com/throughtrain/throughtrain/services/directory/internal/enterprise"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/page"
)

// Enterprises serves enterprises, their members and projects.
type Enterprises struct {
	directoryv1.UnimplementedEnterpriseServiceServer
	Desk *desk.Desk
}

// CreateEnterprise implements the contract.
func (s *Enterprises) CreateEnterprise(ctx context.Context, r *directoryv1.CreateEnterpriseRequest) (*directoryv1.Enterprise, error) {
	name, err := s.Desk.CreateEnterprise(ctx, caller(ctx), request(ctx, r), desk.NewEnterprise{DisplayName: r.GetDisplayName(),
		USCC: r.GetUscc(), Kind: enterprise.Kind(r.GetKind()), County: r.GetCounty()})
	if err != nil {
		return nil, err
	}
	return s.enterprise(ctx, name)
}

// GetEnterprise implements the contract.
func (s *Enterprises) GetEnterprise(ctx context.Context, r *directoryv1.GetEnterpriseRequest) (*directoryv1.Enterprise, error) {
	return s.enterprise(ctx, r.GetName())
}

// BatchGetEnterpriseNames implements the contract.
func (s *Enterprises) BatchGetEnterpriseNames(ctx context.Context, r *directoryv1.BatchGetEnterpriseNamesRequest) (*directoryv1.BatchGetEnterpriseNamesResponse, error) {
	out := &directoryv1.BatchGetEnterpriseNamesResponse{}
	for _, name := range r.GetNames() {
		if cityOf(name) != cityOf(r.GetParent()) {
			continue
		}
		switch e, err := s.Desk.Store.Enterprise(ctx, cityOf(name), idOf(name)); {
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return nil, err
		default:
			out.Names = append(out.Names, &directoryv1.EnterpriseName{Name: name, DisplayName: e.DisplayName})
		}
	}
	return out, nil
}

func (s *Enterprises) enterprise(ctx context.Context, name string) (*directoryv1.Enterprise, error) {
	e, err := s.Desk.Enterprise(ctx, caller(ctx), cityOf(name), idOf(name))
	if err != nil {
		return nil, err
	}
	return enterpriseMessage(e), nil
}

// The sizes of a page of enterprises.
const (
	pageSize    = 50
	maxPageSize = 200
)

// ListEnterprises implements the contract.
func (s *Enterprises) ListEnterprises(ctx context.Context, r *directoryv1.ListEnterprisesRequest) (*directoryv1.ListEnterprisesResponse, error) {
	who, city := caller(ctx), cityOf(r.GetParent())
	out := &directoryv1.ListEnterprisesResponse{}
	if r.GetUscc() != "" {
		found, err := s.Desk.EnterpriseByUSCC(ctx, who, city, r.GetUscc())
		for _, e := range found {
			out.Enterprises = append(out.Enterprises, enterpriseMessage(e))
		}
		return out, err
	}
	size, err := page.Size(r.GetPageSize(), pageSize, maxPageSize)
	if err != nil {
		return nil, err
	}
	query := page.Query{Parent: r.GetParent(), Order: "id", View: strconv.FormatBool(desk.SeesAll(who))}
	var after string
	if r.GetPageToken() != "" {
		keys, err := page.Keys(r.GetPageToken(), query, after)
		if err != nil {
			return nil, err
		}
		after = keys[0].(string)
	}
	rows, err := s.Desk.Enterprises(ctx, who, city, after, size+1)
	if err != nil {
		return nil, err
	}
	if len(rows) > size {
		rows = rows[:size]
		out.NextPageToken = page.Token(query, rows[size-1].ID)
	}
	for _, e := range rows {
		out.Enterprises = append(out.Enterprises, enterpriseMessage(e))
	}
	return out, nil
}

// ClaimMembership implements the contract.
func (s *Enterprises) ClaimMembership(ctx context.Context, r *directoryv1.ClaimMembershipRequest) (*directoryv1.Member, error) {
	name, err := s.Desk.ClaimMembership(ctx, caller(ctx), request(ctx, r), idOf(r.GetName()))
	if err != nil {
		return nil, err
	}
	return s.member(ctx, name)
}

// ConfirmMember implements the contract.
func (s *Enterprises) ConfirmMember(ctx context.Context, r *directoryv1.ConfirmMemberRequest) (*directoryv1.Member, error) {
	name, err := s.Desk.ConfirmMember(ctx, caller(ctx), request(ctx, r), idOf(r.GetName()), inEnterprise(r.GetName()), r.GetAdmin())
	if err != nil {
		return nil, err
	}
	return s.member(ctx, name)
}

// RemoveMember implements the contract.
func (s *Enterprises) RemoveMember(ctx context.Context, r *directoryv1.RemoveMemberRequest) (*directoryv1.Member, error) {
	name, err := s.Desk.RemoveMember(ctx, caller(ctx), request(ctx, r), idOf(r.GetName()), inEnterprise(r.GetName()))
	if err != nil {
		return nil, err
	}
	return s.member(ctx, name)
}

func (s *Enterprises) member(ctx context.Context, name string) (*directoryv1.Member, error) {
	m, err := s.Desk.Member(ctx, caller(ctx), cityOf(name), idOf(name), inEnterprise(name))
	if err != nil {
		return nil, err
	}
	return memberMessage(m), nil
}

// ListMembers implements the contract.
func (s *Enterprises) ListMembers(ctx context.Context, r *directoryv1.ListMembersRequest) (*directoryv1.ListMembersResponse, error) {
	members, err := s.Desk.Members(ctx, caller(ctx), cityOf(r.GetParent()), idOf(r.GetParent()))
	if err != nil {
		return nil, err
	}
	out := &directoryv1.ListMembersResponse{}
	for _, m := range members {
		out.Members = append(out.Members, memberMessage(m))
	}
	return out, nil
}

// CreateProject implements the contract.
func (s *Enterprises) CreateProject(ctx context.Context, r *directoryv1.CreateProjectRequest) (*directoryv1.Project, error) {
	name, err := s.Desk.CreateProject(ctx, caller(ctx), request(ctx, r), enterprise.Project{
		City: cityOf(r.GetParent()), Enterprise: idOf(r.GetParent()), DisplayName: r.GetDisplayName(), County: r.GetCounty(),
		Stage: int32(r.GetStage()), InvestmentFen: r.GetInvestmentFen(), Jobs: r.GetJobs()})
	if err != nil {
		return nil, err
	}
	return s.project(ctx, name)
}

func (s *Enterprises) project(ctx context.Context, name string) (*directoryv1.Project, error) {
	p, err := s.Desk.Project(ctx, caller(ctx), cityOf(name), idOf(name), inEnterprise(name))
	if err != nil {
		return nil, err
	}
	return projectMessage(p), nil
}

// ListProjects implements the contract.
func (s *Enterprises) ListProjects(ctx context.Context, r *directoryv1.ListProjectsRequest) (*directoryv1.ListProjectsResponse, error) {
	projects, err := s.Desk.Projects(ctx, caller(ctx), cityOf(r.GetParent()), idOf(r.GetParent()))
	if err != nil {
		return nil, err
	}
	out := &directoryv1.ListProjectsResponse{}
	for _, p := range projects {
		out.Projects = append(out.Projects, projectMessage(p))
	}
	return out, nil
}

func enterpriseName(city, id string) string { return "cities/" + city + "/enterprises/" + id }

func enterpriseMessage(e store.Enterprise) *directoryv1.Enterprise {
	return &directoryv1.Enterprise{
		Name:        enterpriseName(e.City, e.ID),
		DisplayName: e.DisplayName,
		Uscc:        string(e.USCC),
		Kind:        directoryv1.Enterprise_Kind(e.Kind),
		County:      e.County,
		CreateTime:  stamp(e.Created),
		Etag:        base64.RawURLEncoding.EncodeToString(e.Hash[:9]),
	}
}

func memberMessage(m desk.MemberView) *directoryv1.Member {
	return &directoryv1.Member{
		Name:           enterpriseName(m.City, m.Enterprise) + "/members/" + m.Person,
		Person:         personName(m.City, m.Person),
		State:          directoryv1.Member_State(m.State),
		Admin:          m.Admin,
		DisplayName:    m.DisplayName,
		CreateTime:     stamp(m.Created),
		ConfirmTime:    stamp(m.Confirmed),
		LastSignInTime: stamp(m.SignedIn),
	}
}

func projectMessage(p enterprise.Project) *directoryv1.Project {
	return &directoryv1.Project{
		Name:          desk.ProjectName(p),
		DisplayName:   p.DisplayName,
		County:        p.County,
		Stage:         directoryv1.Project_Stage(p.Stage),
		InvestmentFen: p.InvestmentFen,
		Jobs:          p.Jobs,
		CreateTime:    stamp(p.Created),
	}
}
