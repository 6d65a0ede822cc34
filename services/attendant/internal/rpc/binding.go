package rpc

import (
	"context"
	"strings"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/binding"
	"github.com/throughtrain/throughtrain/services/attendant/internal/desk"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/page"
)

// CreateBinding implements the contract.
func (s *Server) CreateBinding(ctx context.Context, r *attendantv1.CreateBindingRequest) (*attendantv1.Binding, error) {
	city := cityOf(r.GetParent())
	role := binding.Role(r.GetRole())
	if role == 0 {
		role = binding.Attendant
	}
	for _, named := range []struct {
		name  string
		fault error
	}{{r.GetOfficial(), desk.ErrOfficial}, {r.GetEnterprise(), desk.ErrCity}, {r.GetProject(), desk.ErrProjectForeign}, {r.GetDeputy(), desk.ErrOfficial}} {
		if named.name != "" && cityOf(named.name) != city {
			return nil, named.fault // only a service, which has no city, can get here
		}
	}
	id, err := s.desk.CreateBinding(ctx, call(ctx, city, r), desk.NewBinding{
		Post:     binding.Post{City: city, Enterprise: idOf(r.GetEnterprise()), Project: part(r.GetProject(), 5), Role: role},
		Official: idOf(r.GetOfficial()), Deputy: idOf(r.GetDeputy()), End: instant(r.GetEndTime()), Replace: r.GetReplace(),
		ProjectOf: idOf(r.GetProject())})
	if err != nil {
		return nil, err
	}
	return s.binding(ctx, city, id)
}

// EndBinding implements the contract.
func (s *Server) EndBinding(ctx context.Context, r *attendantv1.EndBindingRequest) (*attendantv1.Binding, error) {
	city := cityOf(r.GetName())
	id, err := s.desk.EndBinding(ctx, call(ctx, city, r), idOf(r.GetName()), r.GetEtag())
	if err != nil {
		return nil, err
	}
	return s.binding(ctx, city, id)
}

func (s *Server) binding(ctx context.Context, city, id string) (*attendantv1.Binding, error) {
	b, err := s.desk.Binding(ctx, city, id)
	if err != nil {
		return nil, err
	}
	return message(b), nil
}

// The sizes of a page of bindings.
const (
	pageSize    = 50
	maxPageSize = 200
)

// ListBindings implements the contract.
func (s *Server) ListBindings(ctx context.Context, r *attendantv1.ListBindingsRequest) (*attendantv1.ListBindingsResponse, error) {
	size, err := page.Size(r.GetPageSize(), pageSize, maxPageSize)
	if err != nil {
		return nil, err
	}
	query := page.Query{Parent: r.GetParent(), Filter: r.GetFilter(), Order: "id desc"}
	list := store.List{City: cityOf(r.GetParent()), Filter: r.GetFilter(), Limit: size + 1}
	keys, err := page.Keys(r.GetPageToken(), query, list.Before)
	if err != nil {
		return nil, err
	}
	if len(keys) > 0 {
		list.Before = keys[0].(string)
	}
	found, err := s.desk.Bindings(ctx, authn.FromContext(ctx), list)
	if err != nil {
		return nil, err
	}
	out := &attendantv1.ListBindingsResponse{}
	if len(found) > size {
		found = found[:size]
		out.NextPageToken = page.Token(query, found[size-1].ID)
	}
	for _, b := range found {
		out.Bindings = append(out.Bindings, message(b))
	}
	return out, nil
}

func message(b store.Binding) *attendantv1.Binding {
	enterprise := nameOf(b.City, "enterprises", b.Enterprise)
	out := &attendantv1.Binding{Name: desk.BindingName(b.City, b.ID), Official: nameOf(b.City, "persons", b.Official), Unit: nameOf(b.City, "units", b.Unit),
		Role: attendantv1.Binding_Role(b.Role), Enterprise: enterprise, StartTime: stamp(b.Start), EndTime: stamp(b.End),
		Deputy: nameOf(b.City, "persons", b.Deputy), Etag: desk.Etag(b), OfficialDisplayName: b.DisplayName}
	if b.Project != "" {
		out.Project = strings.Join([]string{enterprise, "projects", b.Project}, "/")
	}
	return out
}

// SetPresence implements the contract.
func (s *Server) SetPresence(ctx context.Context, r *attendantv1.SetPresenceRequest) (*attendantv1.Presence, error) {
	city, official := cityOf(r.GetName()), idOf(r.GetName())
	err := s.desk.SetPresence(ctx, call(ctx, city, r), binding.Presence{City: city, Official: official, Away: !r.GetPresent(),
		Until: instant(r.GetAwayUntil()), Deputy: idOf(r.GetDeputy()), From: instant(r.GetAwayFrom()), HandOver: r.GetHandOver()})
	if err != nil {
		return nil, err
	}
	return s.presence(ctx, city, official)
}

// GetPresence implements the contract.
func (s *Server) GetPresence(ctx context.Context, r *attendantv1.GetPresenceRequest) (*attendantv1.Presence, error) {
	return s.presence(ctx, cityOf(r.GetName()), idOf(r.GetName()))
}

func (s *Server) presence(ctx context.Context, city, official string) (*attendantv1.Presence, error) {
	p, err := s.desk.Presence(ctx, city, official)
	if err != nil {
		return nil, err
	}
	out := &attendantv1.Presence{Name: nameOf(city, "officials", official), Present: p.Present, Deputy: nameOf(city, "persons", p.Deputy),
		Load: int32(p.Load), LoadCap: int32(p.LoadCap)}
	if !p.Present {
		out.AwayUntil = stamp(p.Until)
	}
	if p.Upcoming {
		out.AwayFrom, out.AwayUntil = stamp(p.From), stamp(p.Until)
	}
	out.HandOver = p.HandOver && (p.Upcoming || !p.Present)
	return out, nil
}
