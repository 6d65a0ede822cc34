package desk

import (
	"context"
	"errors"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/person"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// PersonView is a person as the caller may see them.
type PersonView struct {
	person.Person                 // Phone is whole; whoever shows it masks it
	Official      person.Official // zero for somebody who never was one
	Roles         []optionsv1.Role
	UnitName      string // of the official's unit, in Chinese
	UnitNameEn    string
}

// Person returns the caller themselves, or to the desk anybody. Names of others who are no officials come masked.
func (d *Desk) Person(ctx context.Context, caller authn.Caller, city, id string) (PersonView, error) {
	own := caller.Person == id
	if caller.City != city || !own && !holdsAny(caller, deskRoles) {
		return PersonView{}, ErrPerson
	}
	p, err := d.Store.Person(ctx, city, id)
	if errors.Is(err, store.ErrNotFound) {
		return PersonView{}, ErrPerson
	} else if err != nil {
		return PersonView{}, err
	}
	view := PersonView{Person: p.Person}
	if !own {
		view.DisplayName = person.MaskName(p.DisplayName)
	}
	return view, d.asOfficial(ctx, &view, own)
}

func (d *Desk) asOfficial(ctx context.Context, view *PersonView, own bool) error {
	o, err := d.Store.Official(ctx, view.City, view.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err == nil {
		view.Official = o.Official
		view.DisplayName = o.DisplayName
		if o.Serves() {
			view.Roles = append(view.Roles, o.Roles...)
			view.UnitName, view.UnitNameEn = d.unitName(view.City, o.Unit)
		}
	}
	if !own {
		return nil // whom somebody speaks for is between them and the enterprise
	}
	members, err := d.Store.Confirmed(ctx, view.City, view.ID, maxMemberships)
	if err != nil {
		return err
	}
	admin := false
	for _, m := range members {
		admin = admin || m.Admin
	}
	if len(members) > 0 {
		view.Roles = append(view.Roles, optionsv1.Role_ROLE_MEMBER)
	}
	if admin {
		view.Roles = append(view.Roles, optionsv1.Role_ROLE_ENTERPRISE_ADMIN)
	}
	return nil
}

// unitName is what a unit is called, nothing for one that the city does not have any more.
func (d *Desk) unitName(city, code string) (zh, en string) {
	config, _ := d.Cities.Config(city)
	for _, u := range config.GetUnits() {
		if u.GetCode() == code {
			return u.GetDisplayName(), u.GetDisplayNameEn()
		}
	}
	return "", ""
}

// UpdatePerson sets what the caller goes by; an empty value leaves things as they are.
func (d *Desk) UpdatePerson(ctx context.Context, caller authn.Caller, r Request, id, name, language string) (string, error) {
	if caller.Person != id {
		return "", ErrPerson
	}
	return d.Store.Once(ctx, r.by(caller, caller.City), func(ctx context.Context) (*change.Change, string, error) {
		p, err := d.Store.Person(ctx, caller.City, id)
		if err != nil {
			return nil, "", err
		}
		if name != "" {
			switch _, err := d.Store.Official(ctx, caller.City, id); {
			case err == nil:
				return nil, "", errOfficialName
			case !errors.Is(err, store.ErrNotFound):
				return nil, "", err
			}
			p.DisplayName = name
		}
		if language != "" {
			p.Language = language
		}
		c := &change.Change{}
		store.SaveContents(c, p)
		return c, personName(caller.City, id), nil
	})
}

// DismissOfficial ends somebody's service at once. The reason is not part of the journal: it may speak of a person.
func (d *Desk) DismissOfficial(ctx context.Context, caller authn.Caller, r Request, id string) (string, error) {
	return d.Store.Once(ctx, r.by(caller, caller.City), func(ctx context.Context) (*change.Change, string, error) {
		o, err := d.Store.Official(ctx, caller.City, id)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return nil, "", ErrPerson
		case err != nil:
			return nil, "", err
		case id == caller.Person:
			return nil, "", ErrSelfDismissal
		case !o.Serves() && o.DismissedBy == person.ByAdmin:
			return nil, personName(caller.City, id), nil
		}
		c := &change.Change{}
		err = store.DismissOfficial(c, &o, person.ByAdmin, d.City.Now(), d.Wall.Now(), actor(caller))
		return c, personName(caller.City, id), err
	})
}

func personName(city, id string) string { return "cities/" + city + "/persons/" + id }
