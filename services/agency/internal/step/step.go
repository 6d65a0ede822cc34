// Package step tells kit/live what each event of the agency's feed did to its case, and who may know of the case as it was and as it is.
//
// It depends on internal/{casefile,desk,eventpb,store} and kit's authn, change, journal and live.
package step

import (
	"context"
	"fmt"
	"strings"

	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
	"github.com/throughtrain/throughtrain/services/agency/internal/eventpb"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/live"
)

// Cases makes steps of a database's events.
type Cases struct {
	Store  *store.Store
	Cities *desk.Cities
}

// State is a case as it was at one moment.
type State struct {
	Case   *casefile.Case
	cities *desk.Cities
}

// Ways implements live.State.
func (s *State) Ways() []live.Way { return desk.WaysTo(s.Case) }

// Sees implements live.State. A city that is not known has nobody who could be signed in to it.
func (s *State) Sees(caller authn.Caller) bool {
	city, err := s.cities.City(s.Case.City)
	return err == nil && desk.Sees(caller, city, s.Case)
}

// KeepsOut implements live.State: a case is about nobody.
func (s *State) KeepsOut(authn.Caller) bool { return false }

// Steps tells what some events did. A case's newest event leaves it as its row is; for any other its history is read once.
func (t Cases) Steps(ctx context.Context, events []change.FeedEvent) ([]live.Step, error) {
	steps := make([]live.Step, len(events))
	known := map[string]*past{} // by city and aggregate
	for i := range events {
		e := &events[i]
		steps[i] = live.Step{Position: e.Position, Time: e.Time, City: e.City}
		id, ok := store.CaseOf(e.Aggregate)
		if !ok {
			continue
		}
		p := known[e.City+e.Aggregate]
		if p == nil {
			rows, err := t.Store.Cases(ctx, e.City, []string{id})
			if err != nil {
				return nil, err
			}
			p = &past{Cases: t}
			if len(rows) > 0 {
				p.row = &rows[0]
			}
			known[e.City+e.Aggregate] = p
		}
		if p.row == nil {
			continue // a case without a row has none
		}
		if err := p.step(ctx, e, &steps[i]); err != nil {
			return nil, err
		}
	}
	return steps, nil
}

// past finds what a case was at its versions.
type past struct {
	Cases
	row    *store.Stored
	folded []*casefile.Case // by version, from 1, once it was needed
}

func (p *past) step(ctx context.Context, e *change.FeedEvent, s *live.Step) error {
	after, err := p.at(ctx, e.Version)
	if err != nil {
		return err
	}
	s.After = after
	if e.Version > 1 {
		if s.Before, err = p.at(ctx, e.Version-1); err != nil {
			return err
		}
	}
	s.Name, s.Version, s.Now = e.Aggregate, e.Version, &State{p.row.Case, p.Cities}
	return nil
}

func (p *past) at(ctx context.Context, version int64) (live.State, error) {
	if version == p.row.Case.Version {
		return &State{p.row.Case, p.Cities}, nil
	}
	if p.folded == nil {
		if err := p.fold(ctx); err != nil {
			return nil, err
		}
	}
	if version > int64(len(p.folded)) {
		return nil, fmt.Errorf("step: case %s has no version %d", p.row.ID, version)
	}
	return &State{p.folded[version-1], p.Cities}, nil
}

func (p *past) fold(ctx context.Context) error {
	history, err := p.Store.Journal(ctx, p.row.City, p.row.Aggregate(), p.row.Month)
	if err != nil {
		return err
	}
	c := &casefile.Case{City: p.row.City, ID: p.row.ID}
	for _, sealed := range history {
		e, err := eventpb.Open(sealed.Envelope)
		if err != nil {
			return err
		}
		e.Actor = strings.TrimPrefix(e.Actor, "persons/")
		if c, err = c.After(e); err != nil {
			return err
		}
		p.folded = append(p.folded, c)
	}
	return nil
}
