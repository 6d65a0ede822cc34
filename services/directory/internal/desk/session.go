package desk

import (
	"context"
	"errors"
	"time"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/session"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Opened is a session as its owner gets it.
type Opened struct {
	Access         string
	Expires        time.Time
	Refresh        string
	RefreshExpires time.Time
	Caller         authn.Caller // what the access token says
}

// Roles lists what the person may act as, those of enterprises included.
func (o Opened) Roles() []optionsv1.Role {
	var roles []optionsv1.Role
	for _, grant := range o.Caller.Roles {
		roles = append(roles, grant.Role)
	}
	if len(o.Caller.Enterprises) > 0 {
		roles = append(roles, optionsv1.Role_ROLE_MEMBER)
	}
	if len(o.Caller.AdminOf) > 0 {
		roles = append(roles, optionsv1.Role_ROLE_ENTERPRISE_ADMIN)
	}
	return roles
}

// open adds a session to a change and returns it with its first refresh token.
func (d *Desk) open(c *change.Change, city, person string, kind session.Kind, now time.Time) (session.Session, session.Refresh) {
	id := d.sessionIDs.New()
	first := d.tokens.First(city, id)
	x := session.New(city, id, person, kind, first, now)
	store.AddSession(c, x)
	return x, first
}

// opened makes the pair of tokens of a session that is stored. What the access token says is read now: roles and memberships
// are those of this moment.
func (d *Desk) opened(ctx context.Context, x session.Session, newest session.Refresh) (Opened, error) {
	caller, err := d.callerOf(ctx, x)
	if err != nil {
		return Opened{}, err
	}
	o := Opened{Caller: caller, RefreshExpires: x.Until()}
	if o.Refresh, err = d.tokens.Text(newest); err != nil {
		return Opened{}, err
	}
	o.Access, o.Expires, err = d.Issuer.Issue(caller)
	return o, err
}

// maxMemberships bounds a token: who speaks for more enterprises than that has the newest in it.
const maxMemberships = 100

func (d *Desk) callerOf(ctx context.Context, x session.Session) (authn.Caller, error) {
	caller := authn.Caller{Kind: authn.Person, City: x.City, Person: x.Person, Session: x.ID}
	p, err := d.Store.Person(ctx, x.City, x.Person)
	if err != nil {
		return caller, err
	}
	caller.Phone = string(p.Phone)
	members, err := d.Store.Confirmed(ctx, x.City, x.Person, maxMemberships)
	if err != nil {
		return caller, err
	}
	for _, m := range members {
		caller.Enterprises = append(caller.Enterprises, m.Enterprise)
		if m.Admin {
			caller.AdminOf = append(caller.AdminOf, m.Enterprise)
		}
	}
	o, err := d.Store.Official(ctx, x.City, x.Person)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return caller, nil
	case err != nil:
		return caller, err
	case !o.Serves():
		return caller, nil
	}
	caller.Unit = o.Unit
	for _, role := range o.Roles {
		caller.Roles = append(caller.Roles, authn.Grant{Role: role, Unit: o.UnitOf(role)})
	}
	return caller, nil
}

// Refresh changes a refresh token for the next pair. The newest token brings a new one; the one before it brings, for a
// moment, the same new one again; an older one has been copied, and ends the session for whoever holds it.
func (d *Desk) Refresh(ctx context.Context, text string) (Opened, error) {
	presented, err := d.tokens.Read(text)
	if err != nil {
		return Opened{}, ErrRefresh
	}
	var (
		use session.Use
		x   session.Session
	)
	next := d.tokens.After(presented)
	err = d.Store.Decide(ctx, func(ctx context.Context) (*change.Change, error) {
		now := d.Wall.Now()
		before, err := d.Store.Session(ctx, presented.City, presented.Session)
		if errors.Is(err, store.ErrNotFound) {
			use = session.Refused
			return nil, nil
		} else if err != nil {
			return nil, err
		}
		c := &change.Change{}
		x = before
		switch use = before.Present(presented, now); use {
		case session.Rotated:
			x = before.Rotate(next, now)
			store.RotateSession(c, before, x)
			return c, nil
		case session.Stolen:
			return c, d.end(ctx, c, before, now, signInActor)
		default:
			return nil, nil
		}
	})
	switch {
	case err != nil:
		return Opened{}, err
	case use == session.Rotated || use == session.Retried:
		return d.opened(ctx, x, next)
	}
	return Opened{}, ErrRefresh
}

// end adds to a change that a session ends, with the event by which its access tokens stop.
func (d *Desk) end(ctx context.Context, c *change.Change, x session.Session, now time.Time, by string) error {
	p, err := d.Store.Person(ctx, x.City, x.Person)
	if err != nil {
		return err
	}
	store.EndSession(c, x, now)
	return store.Revoke(c, &p, x.ID, d.City.Now(), now, by)
}

// SignOut ends the caller's session, or all that they have.
func (d *Desk) SignOut(ctx context.Context, caller authn.Caller, everywhere bool) error {
	return d.Store.Decide(ctx, func(ctx context.Context) (*change.Change, error) {
		now := d.Wall.Now()
		c := &change.Change{}
		if everywhere {
			p, err := d.Store.Person(ctx, caller.City, caller.Person)
			if err != nil {
				return nil, err
			}
			store.EndSessions(c, caller.City, caller.Person, "", now)
			return c, store.Revoke(c, &p, "", d.City.Now(), now, actor(caller))
		}
		x, err := d.Store.Session(ctx, caller.City, caller.Session)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return nil, nil
		case err != nil:
			return nil, err
		case !x.Ended.IsZero():
			return nil, nil // ended by somebody else a moment ago
		}
		return c, d.end(ctx, c, x, now, actor(caller))
	})
}

// SignInAs opens a session as somebody without asking for proof. Only a demonstration does that.
func (d *Desk) SignInAs(ctx context.Context, city, person string) (Opened, error) {
	c := &change.Change{}
	x, first := d.open(c, city, person, session.ByPersona, d.Wall.Now())
	if err := d.Store.Commit(ctx, c); err != nil {
		return Opened{}, err
	}
	return d.opened(ctx, x, first)
}
