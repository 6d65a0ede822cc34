package desk

import (
	"context"
	"errors"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/binding"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// PresenceView is whether an official is there, who stands in, and how much they carry.
type PresenceView struct {
	binding.Presence
	Present bool
	// Upcoming says that an absence is planned that has not begun.
	Upcoming bool
	Load     int
	LoadCap  int
}

// SetPresence says that an official is away or back.
func (d *Desk) SetPresence(ctx context.Context, call Call, in binding.Presence) error {
	if in.Official != call.Caller.Person && !call.Caller.HasRole(optionsv1.Role_ROLE_CITY_ADMIN) {
		return ErrNotSelf
	}
	_, err := d.once(ctx, call, func(ctx context.Context) (*change.Change, string, error) {
		city, err := d.Roster(ctx, in.City)
		if err != nil {
			return nil, "", err
		}
		if err := known(city, in); err != nil {
			return nil, "", err
		}
		now := d.City.Now()
		said, err := binding.NewPresence(in, now)
		if err != nil {
			return nil, "", err
		}
		before, err := d.Store.Presence(ctx, in.City, in.Official)
		switch {
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return nil, "", err
		case err == nil && before.Presence == said:
			return nil, in.Official, nil
		}
		c := &change.Change{Due: []change.Due{{City: in.City, Aggregate: store.OfficialAggregate(in.Official)}}}
		if leaves, later := said.HandsOver(now); leaves {
			c.Due[0].At = now
		} else {
			c.Due[0].At = later
		}
		return c, in.Official, store.SavePresence(c, before, said, now, call.actor())
	})
	return err
}

func known(city *roster.City, p binding.Presence) error {
	if _, ok := city.Official(p.Official); !ok {
		return ErrOfficial.Field("name", "official.unknown", "不是本市的工作人员", "is not an official of the city")
	}
	if _, ok := city.Holder(p.Deputy); p.Deputy != "" && !ok {
		return errDeputyUnknown
	}
	return nil
}

// Presence tells whether an official is there. It is open to any person of the city: they may wait for an answer.
func (d *Desk) Presence(ctx context.Context, code, official string) (PresenceView, error) {
	city, err := d.Roster(ctx, code)
	if err != nil {
		return PresenceView{}, err
	}
	o, ok := city.Official(official)
	if !ok {
		return PresenceView{}, ErrNoOfficial
	}
	said, err := d.Store.Presence(ctx, code, official)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return PresenceView{}, err
	}
	loads, err := d.Store.Loads(ctx, code, []string{official})
	if err != nil {
		return PresenceView{}, err
	}
	view := PresenceView{Presence: said.Presence, Present: said.PresentAt(d.City.Now()), Load: loads[official], LoadCap: o.LoadCap}
	view.City, view.Official = code, official
	view.Upcoming = view.Away && d.City.Now().Before(view.From)
	if view.Deputy == "" {
		view.Deputy = o.Deputy
	}
	return view, nil
}
