package desk

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/throughtrain/throughtrain/services/attendant/internal/binding"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// NewBinding is what is asked for.
type NewBinding struct {
	binding.Post
	Official string
	Deputy   string
	End      time.Time
	Replace  bool
	// ProjectOf is the enterprise that the project's name puts it under.
	ProjectOf string
}

// CreateBinding binds an official and returns the binding's id.
func (d *Desk) CreateBinding(ctx context.Context, call Call, in NewBinding) (string, error) {
	return d.once(ctx, call, func(ctx context.Context) (*change.Change, string, error) {
		r, err := d.roster(ctx, in.City)
		if err != nil {
			return nil, "", err
		}
		if err := d.ownProject(ctx, in); err != nil {
			return nil, "", err
		}
		official, err := bindable(r.city, in)
		if err != nil {
			return nil, "", err
		}
		c := &change.Change{Statements: []change.Statement{store.Binds(in.City, r.revision)}}
		now := d.City.Now()
		start, err := d.vacate(ctx, c, call, in, now)
		if err != nil {
			return nil, "", err
		}
		if err := d.makeRoom(ctx, c, official, in); err != nil {
			return nil, "", err
		}
		b, err := binding.New(binding.Binding{Post: in.Post, ID: d.ids.New(), Official: official.Person, DisplayName: official.DisplayName,
			Unit: official.Unit, Deputy: in.Deputy, End: in.End}, start)
		if err != nil {
			return nil, "", err
		}
		return c, b.ID, store.AddBinding(c, b, call.actor())
	})
}

// makeRoom refuses an official who answers for as many enterprises as they may, whoever else binds them at this moment.
func (d *Desk) makeRoom(ctx context.Context, c *change.Change, official roster.Official, in NewBinding) error {
	if official.BindingCap <= 0 || in.Role != binding.Attendant {
		return nil
	}
	n, err := d.Store.Enterprises(ctx, in.City, official.Person, in.Enterprise)
	switch {
	case err != nil:
		return err
	case n >= official.BindingCap:
		return ErrBindingCap.With("cap", strconv.Itoa(official.BindingCap))
	}
	c.Statements = append(c.Statements, store.Room(in.City, official.Person, in.Enterprise, official.BindingCap))
	return nil
}

// ownProject refuses a project of another enterprise, by its name or by what the directory told of it. A project of which this
// service has not heard yet is believed.
func (d *Desk) ownProject(ctx context.Context, in NewBinding) error {
	if in.Project == "" {
		return nil
	}
	if in.ProjectOf != in.Enterprise {
		return ErrProjectForeign
	}
	owner, err := d.Store.ProjectOf(ctx, in.City, in.Project)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err == nil && owner != in.Enterprise:
		return ErrProjectForeign
	}
	return err
}

// bindable is the official to bind, if they and their deputy serve the city in a role for it.
func bindable(city *roster.City, in NewBinding) (roster.Official, error) {
	official, ok := city.Official(in.Official)
	if role := rosterRole(in.Role); !ok || !official.Has(role) {
		return roster.Official{}, ErrOfficial.Field("official", "official.unknown", "不是本市担任该角色的工作人员", "is not an official of the city in this role")
	}
	if _, ok := city.Holder(in.Deputy); in.Deputy != "" && !ok {
		return roster.Official{}, errDeputyUnknown
	}
	return official, nil
}

var errDeputyUnknown = ErrOfficial.Field("deputy", "official.unknown", "不是本市可以承办诉求的工作人员", "is not an official of the city who can hold tickets")

func rosterRole(r binding.Role) roster.Role {
	if r == binding.Agent {
		return roster.Agent
	}
	return roster.Attendant
}

// vacate ends who is bound to a post, when that is what was asked for or their time is over, and returns the instant from
// which it is free.
func (d *Desk) vacate(ctx context.Context, c *change.Change, call Call, in NewBinding, now time.Time) (time.Time, error) {
	holder, err := d.Store.Holder(ctx, in.Post)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return now, nil
	case err != nil:
		return now, err
	case holder.Over(now):
		return now, store.EndBinding(c, holder, holder.Ended(now), clockwork)
	case !in.Replace:
		return now, ErrPrimaryTaken.With("binding", BindingName(holder.City, holder.ID))
	}
	ended := holder.Ended(now)
	return ended.End, store.EndBinding(c, holder, ended, call.actor())
}

// clockwork is the actor of what time alone brings about.
const clockwork = "system/clockwork"

// BindingName is the resource name of a binding.
func BindingName(city, id string) string { return "cities/" + city + "/bindings/" + id }

// Etag is the version of a binding for the outside.
func Etag(b store.Binding) string { return base64.RawURLEncoding.EncodeToString(b.Hash[:9]) }

// VisitEtag is the version of a visit for the outside.
func VisitEtag(v store.Visit) string { return base64.RawURLEncoding.EncodeToString(v.Hash[:9]) }

// EndBinding ends a binding now. One that has ended stays as it is.
func (d *Desk) EndBinding(ctx context.Context, call Call, id, etag string) (string, error) {
	return d.once(ctx, call, func(ctx context.Context) (*change.Change, string, error) {
		b, err := d.binding(ctx, call.City, id)
		switch {
		case err != nil:
			return nil, "", err
		case etag != "" && etag != Etag(b):
			return nil, "", ErrEtag
		case !b.Active:
			return nil, id, nil
		}
		c := &change.Change{}
		return c, id, store.EndBinding(c, b, b.Ended(d.City.Now()), call.actor())
	})
}

func (d *Desk) binding(ctx context.Context, city, id string) (store.Binding, error) {
	b, err := d.Store.Binding(ctx, city, id)
	if errors.Is(err, store.ErrNotFound) {
		return b, ErrBinding
	}
	return b, err
}

// Binding returns a binding to somebody who may list it.
func (d *Desk) Binding(ctx context.Context, city, id string) (store.Binding, error) {
	return d.binding(ctx, city, id)
}

// Bindings returns a page of the bindings that a caller may list, newest first.
func (d *Desk) Bindings(ctx context.Context, caller authn.Caller, l store.List) ([]store.Binding, error) {
	if _, err := d.Roster(ctx, l.City); err != nil {
		return nil, err
	}
	l.Scope = scopeOf(caller)
	return d.Store.Bindings(ctx, l)
}

// Settle does what time brings about: it records that a binding's time is over (whether somebody is bound never waits for it), and hands
// over what must not stay with an official. It is all that the sweeper does.
func (d *Desk) Settle(ctx context.Context, city, aggregate string) error {
	if person, ok := store.OfficialOf(aggregate); ok {
		return d.settleOfficial(ctx, city, person)
	}
	id, ok := store.BindingOf(aggregate)
	if !ok {
		return fmt.Errorf("a deadline of %s, which is no binding and no official", aggregate)
	}
	return d.Store.Decide(ctx, func(ctx context.Context) (*change.Change, error) {
		b, err := d.Store.Binding(ctx, city, id)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", aggregate, err)
		}
		c := &change.Change{}
		switch now := d.City.Now(); {
		case !b.Active:
			c.Due = []change.Due{{City: city, Aggregate: aggregate}}
		case !b.Over(now):
			c.Due = []change.Due{{City: city, Aggregate: aggregate, At: b.End}}
		default:
			return c, store.EndBinding(c, b, b.Ended(now), clockwork)
		}
		return c, nil
	})
}
