package desk

import (
	"context"
	"errors"
	"time"

	"github.com/throughtrain/throughtrain/services/directory/internal/enterprise"
	"github.com/throughtrain/throughtrain/services/directory/internal/person"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// ClaimMembership says that the caller belongs to an enterprise. Anybody who knows its name may say so; nothing is shown to
// them for it, and nothing waits for the answer.
func (d *Desk) ClaimMembership(ctx context.Context, caller authn.Caller, r Request, id string) (string, error) {
	return d.Store.Once(ctx, r.by(caller, caller.City), func(ctx context.Context) (*change.Change, string, error) {
		e, m, err := d.membership(ctx, caller.City, id, caller.Person)
		if err != nil {
			return nil, "", err
		}
		now := d.City.Now()
		m, changed := m.Claims(now)
		name := memberName(caller.City, id, caller.Person)
		if !changed {
			return nil, name, nil
		}
		c := &change.Change{}
		return c, name, store.SaveMember(c, &e, m, now, actor(caller))
	})
}

// membership returns an enterprise and somebody's membership in it, a blank one if there never was one.
func (d *Desk) membership(ctx context.Context, city, id, who string) (store.Enterprise, enterprise.Member, error) {
	e, err := d.Store.Enterprise(ctx, city, id)
	if errors.Is(err, store.ErrNotFound) {
		return e, enterprise.Member{}, ErrEnterprise
	} else if err != nil {
		return e, enterprise.Member{}, err
	}
	m, err := d.Store.Member(ctx, city, id, who)
	if errors.Is(err, store.ErrNotFound) {
		return e, enterprise.Member{City: city, Enterprise: id, Person: who}, nil
	}
	return e, m, err
}

// ConfirmMember makes a member of a claimant. The enterprise's administrator does it, or the desk, which is also how the
// first administrator comes to be. Nobody confirms themselves, for a claimant is no administrator.
func (d *Desk) ConfirmMember(ctx context.Context, caller authn.Caller, r Request, id, who string, makeAdmin bool) (string, error) {
	name := memberName(caller.City, id, who)
	return d.Store.Once(ctx, r.by(caller, caller.City), func(ctx context.Context) (*change.Change, string, error) {
		switch _, as, err := d.see(ctx, caller, caller.City, id); {
		case errors.Is(err, ErrEnterprise):
			return nil, "", ErrMember
		case err != nil:
			return nil, "", err
		case as != admin && !holdsAny(caller, confirmRoles):
			return nil, "", ErrNotAdmin
		}
		e, before, err := d.membership(ctx, caller.City, id, who)
		if err != nil {
			return nil, "", err
		}
		now := d.City.Now()
		after, changed, err := before.Confirm(makeAdmin, now)
		if err != nil || !changed {
			return nil, name, err
		}
		c := &change.Change{}
		if before.Admin && !after.Admin {
			if err := d.revoke(ctx, c, caller, who); err != nil {
				return nil, "", err
			}
		}
		return c, name, store.SaveMember(c, &e, after, now, actor(caller))
	})
}

// RemoveMember ends a claim or a membership: the enterprise's administrator, the desk, or the member. Access tokens that speak
// for the enterprise stop; the next refresh brings one that does not.
func (d *Desk) RemoveMember(ctx context.Context, caller authn.Caller, r Request, id, who string) (string, error) {
	name := memberName(caller.City, id, who)
	return d.Store.Once(ctx, r.by(caller, caller.City), func(ctx context.Context) (*change.Change, string, error) {
		own := who == caller.Person
		switch _, as, err := d.see(ctx, caller, caller.City, id); {
		case own && (err == nil || errors.Is(err, ErrEnterprise)):
			// Who has left already, and is a stranger by now, may say so again.
		case errors.Is(err, ErrEnterprise):
			return nil, "", ErrMember
		case err != nil:
			return nil, "", err
		case as != admin && !holdsAny(caller, confirmRoles):
			return nil, "", ErrNotAdmin
		}
		e, before, err := d.membership(ctx, caller.City, id, who)
		if errors.Is(err, ErrEnterprise) {
			return nil, "", ErrMember
		} else if err != nil {
			return nil, "", err
		}
		after, changed, err := before.Remove()
		if err != nil || !changed {
			return nil, name, err
		}
		c := &change.Change{}
		if before.State == enterprise.Confirmed {
			if err := d.revoke(ctx, c, caller, who); err != nil {
				return nil, "", err
			}
		}
		return c, name, store.SaveMember(c, &e, after, d.City.Now(), actor(caller))
	})
}

// revoke adds that a person's access tokens up to now are refused; their sessions go on.
func (d *Desk) revoke(ctx context.Context, c *change.Change, caller authn.Caller, who string) error {
	p, err := d.Store.Person(ctx, caller.City, who)
	if err != nil {
		return err
	}
	return store.Revoke(c, &p, "", d.City.Now(), d.Wall.Now(), actor(caller))
}

// MemberView is a membership with the name of the person, masked for all but themselves.
type MemberView struct {
	enterprise.Member
	DisplayName string
	SignedIn    time.Time // zero when it is not known, or not for the caller to know
}

// Member returns one membership to the member, to an administrator and to the desk.
func (d *Desk) Member(ctx context.Context, caller authn.Caller, city, id, who string) (MemberView, error) {
	decides := false
	if who != caller.Person {
		_, as, err := d.see(ctx, caller, city, id)
		switch {
		case errors.Is(err, ErrEnterprise) || err == nil && as < member:
			return MemberView{}, ErrMember
		case err != nil:
			return MemberView{}, err
		}
		decides = as >= admin
	}
	m, err := d.Store.Member(ctx, city, id, who)
	if errors.Is(err, store.ErrNotFound) {
		return MemberView{}, ErrMember
	} else if err != nil {
		return MemberView{}, err
	}
	return d.memberView(ctx, caller, m, decides)
}

// Members lists who speaks or claims to speak for an enterprise, to its members and the desk.
func (d *Desk) Members(ctx context.Context, caller authn.Caller, city, id string) ([]MemberView, error) {
	_, as, err := d.see(ctx, caller, city, id)
	switch {
	case err != nil:
		return nil, err
	case as < member:
		return nil, ErrEnterprise
	}
	members, err := d.Store.Members(ctx, city, id)
	if err != nil {
		return nil, err
	}
	views := make([]MemberView, 0, len(members))
	for _, m := range members {
		view, err := d.memberView(ctx, caller, m, as >= admin)
		if err != nil {
			return nil, err
		}
		views = append(views, view)
	}
	return views, nil
}

// memberView is a membership for a caller, who may be one that decides about it.
func (d *Desk) memberView(ctx context.Context, caller authn.Caller, m enterprise.Member, decides bool) (MemberView, error) {
	p, err := d.Store.Person(ctx, m.City, m.Person)
	if err != nil {
		return MemberView{}, err
	}
	view := MemberView{Member: m, DisplayName: p.DisplayName}
	if m.Person != caller.Person {
		view.DisplayName = person.MaskName(p.DisplayName)
	}
	if decides || m.Person == caller.Person {
		view.SignedIn, err = d.Store.SignedIn(ctx, m.City, m.Person)
	}
	return view, err
}

func memberName(city, id, who string) string {
	return enterpriseName(city, id) + "/members/" + who
}
