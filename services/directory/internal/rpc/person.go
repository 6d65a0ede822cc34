package rpc

import (
	"context"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/desk"
)

// Persons serves what a person may know and set of themselves.
type Persons struct {
	directoryv1.UnimplementedPersonServiceServer
	Desk *desk.Desk
}

// GetPerson implements the contract.
func (s *Persons) GetPerson(ctx context.Context, r *directoryv1.GetPersonRequest) (*directoryv1.Person, error) {
	return s.person(ctx, r.GetName())
}

// UpdatePerson implements the contract.
func (s *Persons) UpdatePerson(ctx context.Context, r *directoryv1.UpdatePersonRequest) (*directoryv1.Person, error) {
	name, err := s.Desk.UpdatePerson(ctx, caller(ctx), request(ctx, r), idOf(r.GetName()), r.GetDisplayName(), r.GetLanguage())
	if err != nil {
		return nil, err
	}
	return s.person(ctx, name)
}

// DismissOfficial implements the contract.
func (s *Persons) DismissOfficial(ctx context.Context, r *directoryv1.DismissOfficialRequest) (*directoryv1.Person, error) {
	name, err := s.Desk.DismissOfficial(ctx, caller(ctx), request(ctx, r), idOf(r.GetName()))
	if err != nil {
		return nil, err
	}
	return s.person(ctx, name)
}

// SetPassword implements the contract.
func (s *Persons) SetPassword(ctx context.Context, r *directoryv1.SetPasswordRequest) (*directoryv1.Person, error) {
	err := s.Desk.SetPassword(ctx, caller(ctx), idOf(r.GetName()), r.GetOldPassword(), r.GetNewPassword(), address(ctx))
	if err != nil {
		return nil, err
	}
	return s.person(ctx, r.GetName())
}

func (s *Persons) person(ctx context.Context, name string) (*directoryv1.Person, error) {
	p, err := s.Desk.Person(ctx, caller(ctx), cityOf(name), idOf(name))
	if err != nil {
		return nil, err
	}
	out := &directoryv1.Person{Name: personName(p.City, p.ID), DisplayName: p.DisplayName, PhoneMasked: p.Phone.Masked(),
		Language: p.Language, Roles: p.Roles, Dismissed: !p.Official.Serves()}
	if p.Official.Serves() {
		out.Unit, out.Title = unitName(p.City, p.Official.Unit), p.Official.Title
		out.UnitDisplayName, out.UnitDisplayNameEn = p.UnitName, p.UnitNameEn
	}
	return out, nil
}
