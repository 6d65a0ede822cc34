package desk

import (
	"context"
	"errors"

	"github.com/throughtrain/throughtrain/services/directory/internal/enterprise"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// NewEnterprise is what is said of an enterprise when it is registered.
type NewEnterprise struct {
	DisplayName string
	USCC        string // as typed
	Kind        enterprise.Kind
	County      string
}

// CreateEnterprise registers an enterprise with the caller's claim to belong to it, and returns its name.
func (d *Desk) CreateEnterprise(ctx context.Context, caller authn.Caller, r Request, n NewEnterprise) (string, error) {
	city := caller.City
	name, err := d.Store.Once(ctx, r.by(caller, city), func(ctx context.Context) (*change.Change, string, error) {
		uscc, err := enterprise.CodeOf(n.Kind, n.USCC)
		if err != nil {
			return nil, "", err
		}
		if err := d.county(city, n.County); err != nil {
			return nil, "", err
		}
		if uscc != "" {
			if err := d.codeFree(ctx, city, uscc); err != nil {
				return nil, "", err
			}
		}
		now := d.City.Now()
		e := store.Enterprise{Enterprise: enterprise.Enterprise{City: city, ID: d.ids.New(), DisplayName: n.DisplayName, USCC: uscc,
			Kind: n.Kind, County: n.County, Created: now}}
		m, _ := enterprise.Member{City: city, Enterprise: e.ID, Person: caller.Person}.Claims(now)
		c := &change.Change{}
		return c, enterpriseName(city, e.ID), store.AddEnterprise(c, &e, m, now, actor(caller))
	})
	if errors.Is(store.Taken(err), store.ErrUSCCTaken) {
		// Somebody registered it between the look and the commit; now it can be named.
		uscc, parseErr := enterprise.CodeOf(n.Kind, n.USCC)
		return "", errors.Join(parseErr, d.codeFree(ctx, city, uscc))
	}
	return name, err
}

// codeFree is the fault that names the enterprise which has the code.
func (d *Desk) codeFree(ctx context.Context, city string, uscc enterprise.USCC) error {
	e, err := d.Store.EnterpriseByUSCC(ctx, city, uscc)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	return ErrUSCCTaken.With("enterprise", enterpriseName(city, e.ID))
}

// sight is what the caller is to an enterprise.
type sight int

const (
	stranger sight = iota
	staff          // serves the city: sees the enterprise, not its people
	claimant       // claims to belong to it: sees the enterprise
	member
	admin
	atDesk // looks after all enterprises
)

// see finds an enterprise and what the caller is to it. To a stranger it does not exist.
func (d *Desk) see(ctx context.Context, caller authn.Caller, city, id string) (store.Enterprise, sight, error) {
	if caller.City != city {
		return store.Enterprise{}, stranger, ErrEnterprise
	}
	e, err := d.Store.Enterprise(ctx, city, id)
	if errors.Is(err, store.ErrNotFound) {
		return e, stranger, ErrEnterprise
	} else if err != nil {
		return e, stranger, err
	}
	own, err := d.Store.Member(ctx, city, id, caller.Person)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return e, stranger, err
	}
	switch {
	case holdsAny(caller, deskRoles):
		return e, atDesk, nil
	case own.State == enterprise.Confirmed && own.Admin:
		return e, admin, nil
	case own.State == enterprise.Confirmed:
		return e, member, nil
	case own.State == enterprise.Claimed:
		return e, claimant, nil
	case holdsAny(caller, staffRoles):
		return e, staff, nil
	}
	return e, stranger, ErrEnterprise
}

// Enterprise returns an enterprise to whoever may see it.
func (d *Desk) Enterprise(ctx context.Context, caller authn.Caller, city, id string) (store.Enterprise, error) {
	e, _, err := d.see(ctx, caller, city, id)
	return e, err
}

// SeesAll tells whether the caller looks after all enterprises of their city.
func SeesAll(caller authn.Caller) bool { return holdsAny(caller, deskRoles) }

// Enterprises lists the caller's own, or to the desk those of the city, from behind an id.
func (d *Desk) Enterprises(ctx context.Context, caller authn.Caller, city, after string, limit int) ([]store.Enterprise, error) {
	switch {
	case caller.City != city:
		return nil, ErrCity
	case SeesAll(caller):
		return d.Store.Enterprises(ctx, city, after, limit)
	}
	return d.Store.EnterprisesOf(ctx, city, caller.Person, after, limit)
}

// EnterpriseByUSCC looks an enterprise up by its credit code, among those that the caller may list.
func (d *Desk) EnterpriseByUSCC(ctx context.Context, caller authn.Caller, city, typed string) ([]store.Enterprise, error) {
	uscc, err := enterprise.ParseUSCC(typed)
	if err != nil {
		return nil, err
	}
	e, err := d.Store.EnterpriseByUSCC(ctx, city, uscc)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	switch _, as, err := d.see(ctx, caller, city, e.ID); {
	case errors.Is(err, ErrEnterprise) || as == staff:
		return nil, nil
	case err != nil:
		return nil, err
	}
	return []store.Enterprise{e}, nil
}

func enterpriseName(city, id string) string { return "cities/" + city + "/enterprises/" + id }
