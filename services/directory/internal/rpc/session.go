package rpc

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/desk"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// Sessions serves signing in and out.
type Sessions struct {
	directoryv1.UnimplementedSessionServiceServer
	Desk *desk.Desk
	Keys *authn.KeySet
}

// RequestCode implements the contract.
func (s *Sessions) RequestCode(ctx context.Context, r *directoryv1.RequestCodeRequest) (*directoryv1.RequestCodeResponse, error) {
	sent, err := s.Desk.RequestCode(ctx, cityOf(r.GetParent()), r.GetPhone(), address(ctx))
	if err != nil {
		return nil, err
	}
	return &directoryv1.RequestCodeResponse{Challenge: sent.Challenge, ExpireTime: stamp(sent.Expires), ResendTime: stamp(sent.Resend)}, nil
}

// SignInWithCode implements the contract.
func (s *Sessions) SignInWithCode(ctx context.Context, r *directoryv1.SignInWithCodeRequest) (*directoryv1.Session, error) {
	return session(s.Desk.SignInWithCode(ctx, cityOf(r.GetParent()), r.GetChallenge(), r.GetCode()))
}

// SignInWithPassword implements the contract.
func (s *Sessions) SignInWithPassword(ctx context.Context, r *directoryv1.SignInWithPasswordRequest) (*directoryv1.Session, error) {
	return session(s.Desk.SignInWithPassword(ctx, cityOf(r.GetParent()), r.GetLogin(), r.GetPassword(), address(ctx)))
}

// RefreshSession implements the contract.
func (s *Sessions) RefreshSession(ctx context.Context, r *directoryv1.RefreshSessionRequest) (*directoryv1.Session, error) {
	return session(s.Desk.Refresh(ctx, r.GetRefreshToken()))
}

// SignOut implements the contract.
func (s *Sessions) SignOut(ctx context.Context, r *directoryv1.SignOutRequest) (*directoryv1.SignOutResponse, error) {
	return &directoryv1.SignOutResponse{}, s.Desk.SignOut(ctx, caller(ctx), r.GetEverywhere())
}

// GetKeys implements the contract.
func (s *Sessions) GetKeys(context.Context, *directoryv1.GetKeysRequest) (*directoryv1.GetKeysResponse, error) {
	return &directoryv1.GetKeysResponse{Jwks: s.Keys.JWKS()}, nil
}

func session(o desk.Opened, err error) (*directoryv1.Session, error) {
	if err != nil {
		return nil, err
	}
	city := o.Caller.City
	out := &directoryv1.Session{
		AccessToken:       o.Access,
		ExpireTime:        stamp(o.Expires),
		RefreshToken:      o.Refresh,
		RefreshExpireTime: stamp(o.RefreshExpires),
		Person:            personName(city, o.Caller.Person),
		Unit:              unitName(city, o.Caller.Unit),
		City:              city,
	}
	for _, role := range o.Roles() {
		out.Roles = append(out.Roles, role.String())
	}
	for _, id := range o.Caller.Enterprises {
		out.Enterprises = append(out.Enterprises, enterpriseName(city, id))
	}
	return out, nil
}

// Persona is who a demonstration signs somebody in as.
type Persona struct{ City, Person string }

// Demo signs anybody in as one of a fixed cast. It is only registered in a demonstration.
type Demo struct {
	directoryv1.UnimplementedDemoServiceServer
	Desk *desk.Desk
	// Cast reads who there is, anew at each sign-in; nil where SetCast says it.
	Cast func() (map[string]Persona, error)

	mu   sync.RWMutex
	cast map[string]Persona
}

// SetCast says who there is. Until then there is nobody.
func (d *Demo) SetCast(cast map[string]Persona) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cast = maps.Clone(cast)
}

func (d *Demo) who() (map[string]Persona, error) {
	if d.Cast != nil {
		return d.Cast()
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.cast, nil // it is replaced, never changed
}

// DemoSignIn implements the contract.
func (d *Demo) DemoSignIn(ctx context.Context, r *directoryv1.DemoSignInRequest) (*directoryv1.Session, error) {
	cast, err := d.who()
	if err != nil {
		return nil, err
	}
	persona, ok := cast[r.GetPersona()]
	known := slices.Sorted(maps.Keys(cast))
	if !ok {
		return nil, desk.ErrPersona.With("personas", strings.Join(known, ", "))
	}
	return session(d.Desk.SignInAs(ctx, persona.City, persona.Person))
}
