package desk

import (
	"context"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/similar"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// Similar is a ticket that says much the same.
type Similar struct {
	View  View
	Score float64
	Words []string
}

const defaultSimilar = 5

// Suggest returns the open tickets of an enterprise that say much the same as what somebody types. Whoever may not know what the enterprise
// has filed gets nothing, as for an enterprise that does not exist.
func (d *Desk) Suggest(ctx context.Context, caller authn.Caller, city, enterprise string, typed similar.Text, limit int) ([]Similar, error) {
	if _, err := d.Cities.City(city); err != nil {
		return nil, err
	}
	if !mayCompare(caller, city, enterprise) {
		return nil, nil
	}
	return d.similar(ctx, caller, city, enterprise, "", typed, limit)
}

// SimilarTo returns the other open tickets of a ticket's enterprise that say much the same.
func (d *Desk) SimilarTo(ctx context.Context, caller authn.Caller, ref Ref, limit int) ([]Similar, error) {
	view, err := d.Get(ctx, caller, ref)
	if err != nil {
		return nil, err
	}
	t := view.Ticket
	if !view.Sight.Text || t.Restricted || t.Enterprise == "" || !mayCompare(caller, ref.City, t.Enterprise) {
		return nil, nil
	}
	filing := view.Filing()
	return d.similar(ctx, caller, ref.City, t.Enterprise, t.ID, similar.Text{Title: filing.Title, Body: filing.Body}, limit)
}

// mayCompare tells whether a caller may know what an enterprise has filed: its confirmed members, and those who see the whole city's texts.
func mayCompare(caller authn.Caller, city, enterprise string) bool {
	if caller.Kind != authn.Person || caller.City != city {
		return false
	}
	if caller.MemberOf(enterprise) {
		return true
	}
	for _, grant := range caller.Roles {
		switch grant.Role {
		case optionsv1.Role_ROLE_DISPATCHER, optionsv1.Role_ROLE_SUPERVISOR, optionsv1.Role_ROLE_MAYOR_OFFICE:
			return true
		default:
		}
	}
	return false
}

func (d *Desk) similar(ctx context.Context, caller authn.Caller, code, enterprise, except string, asked similar.Text, limit int) ([]Similar, error) {
	if limit <= 0 {
		limit = defaultSimilar
	}
	open, err := d.Store.OpenTexts(ctx, code, enterprise, similar.MaxRunes, similar.MaxTexts)
	if err != nil {
		return nil, err
	}
	texts := make([]similar.Text, 0, len(open))
	byPlace := make([]store.OpenText, 0, len(open))
	for _, o := range open {
		if o.ID != except {
			texts = append(texts, similar.Text{Title: o.Filing.Title, Body: o.Filing.Body})
			byPlace = append(byPlace, o)
		}
	}
	matches := similar.Find(asked, texts, limit)
	ids := make([]string, len(matches))
	for i, m := range matches {
		ids[i] = byPlace[m.At].ID
	}
	stored, err := d.byID(ctx, code, ids)
	if err != nil {
		return nil, err
	}
	city, err := d.Cities.City(code)
	if err != nil {
		return nil, err
	}
	now := d.City.Now()
	var out []Similar
	for i, m := range matches {
		s, there := stored[ids[i]]
		if !there {
			continue
		}
		view := d.view(caller, city, s, now)
		if !view.Sight.Text || s.Ticket.Restricted || !s.Ticket.State.Open() {
			continue // not as it was a moment ago
		}
		view.Texts = Texts{store.Filing: &byPlace[m.At].Filing}
		out = append(out, Similar{View: view, Score: m.Score, Words: m.Words})
	}
	return out, nil
}

// byID reads tickets of a city.
func (d *Desk) byID(ctx context.Context, city string, ids []string) (map[string]store.Stored, error) {
	stored, err := d.Store.Tickets(ctx, city, ids)
	out := make(map[string]store.Stored, len(stored))
	for _, s := range stored {
		out[s.ID] = s
	}
	return out, err
}
