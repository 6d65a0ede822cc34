package rpc

import (
	"context"

	"google.golang.org/protobuf/proto"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/desk"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/attendant/internal/visit"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/page"
)

// PlanVisit implements the contract.
func (s *Server) PlanVisit(ctx context.Context, r *attendantv1.PlanVisitRequest) (*attendantv1.Visit, error) {
	city := cityOf(r.GetParent())
	id, err := s.desk.PlanVisit(ctx, call(ctx, city, r), desk.NewVisit{City: city, Enterprise: idOf(r.GetEnterprise()), Official: idOf(r.GetOfficial()),
		Time: instant(r.GetVisitTime()), Purpose: r.GetPurpose(), Override: r.GetOverrideReason()})
	if err != nil {
		return nil, err
	}
	return s.visit(ctx, city, id)
}

// RecordVisit implements the contract.
func (s *Server) RecordVisit(ctx context.Context, r *attendantv1.RecordVisitRequest) (*attendantv1.Visit, error) {
	city := cityOf(r.GetName())
	id, err := s.desk.RecordVisit(ctx, call(ctx, city, r), idOf(r.GetName()), r.GetEtag(),
		desk.VisitRecord{Time: instant(r.GetVisitTime()), Notes: r.GetNotes(), Problems: r.GetProblems()})
	if err != nil {
		return nil, err
	}
	return s.visit(ctx, city, id)
}

// CancelVisit implements the contract.
func (s *Server) CancelVisit(ctx context.Context, r *attendantv1.CancelVisitRequest) (*attendantv1.Visit, error) {
	city := cityOf(r.GetName())
	id, err := s.desk.CancelVisit(ctx, call(ctx, city, r), idOf(r.GetName()), r.GetEtag(), r.GetReason())
	if err != nil {
		return nil, err
	}
	return s.visit(ctx, city, id)
}

// GetVisit implements the contract.
func (s *Server) GetVisit(ctx context.Context, r *attendantv1.GetVisitRequest) (*attendantv1.Visit, error) {
	return s.visit(ctx, cityOf(r.GetName()), idOf(r.GetName()))
}

func (s *Server) visit(ctx context.Context, city, id string) (*attendantv1.Visit, error) {
	v, err := s.desk.Visit(ctx, authn.FromContext(ctx), city, id)
	if err != nil {
		return nil, err
	}
	return visitMessage(v), nil
}

func (s *Server) visitMessage(ctx context.Context, city, id string) (proto.Message, error) {
	return orNil(s.visit(ctx, city, id))
}

// ListVisits implements the contract.
func (s *Server) ListVisits(ctx context.Context, r *attendantv1.ListVisitsRequest) (*attendantv1.ListVisitsResponse, error) {
	size, err := page.Size(r.GetPageSize(), pageSize, maxPageSize)
	if err != nil {
		return nil, err
	}
	query := page.Query{Parent: r.GetParent(), Filter: r.GetFilter(), Order: "id desc"}
	list := store.List{City: cityOf(r.GetParent()), Filter: r.GetFilter(), Limit: size + 1}
	if list.Before, err = place(r.GetPageToken(), query); err != nil {
		return nil, err
	}
	found, err := s.desk.Visits(ctx, authn.FromContext(ctx), list)
	if err != nil {
		return nil, err
	}
	out := &attendantv1.ListVisitsResponse{}
	if len(found) > size {
		found = found[:size]
		out.NextPageToken = page.Token(query, found[size-1].ID)
	}
	for _, v := range found {
		out.Visits = append(out.Visits, visitMessage(v))
	}
	return out, nil
}

// place reads a page token whose one key is a text.
func place(token string, query page.Query) (string, error) {
	keys, err := page.Keys(token, query, "")
	if err != nil || len(keys) == 0 {
		return "", err
	}
	return keys[0].(string), nil
}

func visitMessage(v desk.VisitView) *attendantv1.Visit {
	out := &attendantv1.Visit{Name: visit.Name(v.City, v.ID), Official: nameOf(v.City, "persons", v.Official), OfficialDisplayName: v.DisplayName,
		Unit: nameOf(v.City, "units", v.Unit), Enterprise: nameOf(v.City, "enterprises", v.Enterprise), State: attendantv1.Visit_State(v.State),
		VisitTime: stamp(v.Visit.Visit.Time), CreateTime: stamp(v.Created), Etag: desk.VisitEtag(v.Visit)}
	for _, t := range v.Texts {
		switch t.Kind {
		case store.Purpose:
			out.Purpose = t.Body
		case store.Override:
			out.OverrideReason = t.Body
		case store.Notes:
			out.Notes = t.Body
		case store.Problem:
			out.Problems = append(out.Problems, t.Body)
		case store.Cancel:
			out.CancelReason = t.Body
		}
	}
	for _, ticket := range v.Tickets {
		out.Tickets = append(out.Tickets, nameOf(v.City, "tickets", ticket))
	}
	return out
}

// SetQuiet implements the contract.
func (s *Server) SetQuiet(ctx context.Context, r *attendantv1.SetQuietRequest) (*attendantv1.Quiet, error) {
	city, enterprise := cityOf(r.GetName()), idOf(r.GetName())
	said := visit.Quiet{City: city, Enterprise: enterprise, Quiet: r.GetQuiet(), Until: instant(r.GetUntil())}
	err := s.desk.SetQuiet(ctx, call(ctx, city, r), said, r.GetReason())
	if err != nil {
		return nil, err
	}
	return s.quiet(ctx, city, enterprise)
}

// GetQuiet implements the contract.
func (s *Server) GetQuiet(ctx context.Context, r *attendantv1.GetQuietRequest) (*attendantv1.Quiet, error) {
	return s.quiet(ctx, cityOf(r.GetName()), idOf(r.GetName()))
}

func (s *Server) quiet(ctx context.Context, city, enterprise string) (*attendantv1.Quiet, error) {
	q, err := s.desk.Quiet(ctx, authn.FromContext(ctx), city, enterprise)
	if err != nil {
		return nil, err
	}
	out := &attendantv1.Quiet{Name: nameOf(city, "enterprises", enterprise), Quiet: q.Now}
	if q.Now {
		out.Until, out.Reason = stamp(q.Until), q.Reason
	}
	return out, nil
}

func (s *Server) quietMessage(ctx context.Context, city, id string) (proto.Message, error) {
	return orNil(s.quiet(ctx, city, id))
}
