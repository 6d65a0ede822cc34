package desk

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// What happened to a case, as far as it concerns who acts in it. Closed and Reopened are said of cases too.
type (
	// Sealed asks for an agent of each centre.
	Sealed struct {
		Agreement     int // its number
		Centres       []string
		Enterprise    string
		Project       string // may be empty
		ConfigVersion int64
	}
	// Assigned lets somebody act for a centre, on our proposal or on the centre's own choice.
	Assigned struct{ Centre, Official string }
	// Released ends an agent's part.
	Released struct{ Centre, Official string }
	// AgentRefused gives a claim back, or says that an agent is not replaced.
	AgentRefused struct {
		Centre   string
		Proposal int64 // its position in our feed
	}
	// Terminated ends the agreement: nobody who is proposed will be taken.
	Terminated struct{}
	// Completed says that every item is decided well.
	Completed struct{}
)

// TakeCases decides what a stretch of the agency's feed means: who is proposed as agent where an agreement was sealed, and who carries what. As with
// Take, it returns the one Change that writes it.
func (d *Desk) TakeCases(ctx context.Context, happened []Happening) (*change.Change, error) {
	return fold(ctx, happened, func(c *change.Change, city string) folding {
		return &entrusting{tally: d.tally(c, city), cases: map[string]*store.Case{}, touched: map[string]*store.Case{}, answered: map[int64]int64{}}
	})
}

// entrusting is what happened to a city's cases while it is decided.
type entrusting struct {
	tally
	cases    map[string]*store.Case
	touched  map[string]*store.Case // those that changed
	answered map[int64]int64        // versions of proposals by their positions
}

func (f *entrusting) prepare(ctx context.Context, happened []Happening) (time.Time, error) {
	var version int64
	var vacancies []route.Vacancy
	cases := map[string]bool{}
	for _, h := range happened {
		cases[h.ID] = true
		if in, ok := h.What.(Sealed); ok {
			version = max(version, in.ConfigVersion)
			for _, centre := range in.Centres {
				vacancies = append(vacancies, route.Vacancy{Enterprise: in.Enterprise, Project: in.Project, Centre: centre})
			}
		}
	}
	var err error
	if len(vacancies) > 0 {
		if f.situation.City, err = f.desk.rosterOf(ctx, f.city, version); err != nil {
			return time.Time{}, err
		}
	}
	decided := change.Begin()
	f.situation.Now = f.desk.City.Now()
	known, err := f.desk.Store.Cases(ctx, f.city, slices.Sorted(maps.Keys(cases)))
	if err != nil {
		return decided, err
	}
	for _, k := range known {
		f.cases[k.ID] = k
	}
	if err := f.recall(ctx, happened); err != nil {
		return decided, err
	}
	if f.gone, err = f.desk.dismissed(ctx, f.city, f.agents(happened)); err != nil || len(vacancies) == 0 {
		return decided, err
	}
	return decided, f.desk.survey(ctx, &f.situation, wanted{vacancies: vacancies})
}

// recall finds out which of our proposals were refused: the agency knows them by their positions, the cases by their versions.
func (f *entrusting) recall(ctx context.Context, happened []Happening) (err error) {
	for _, h := range happened {
		if in, ok := h.What.(AgentRefused); ok {
			if f.answered[in.Proposal], err = f.desk.Store.ProposalAt(ctx, f.city, h.ID, in.Proposal); err != nil {
				return err
			}
		}
	}
	return nil
}

// agents are those that may come to act.
func (f *entrusting) agents(happened []Happening) []string {
	agents := map[string]bool{}
	for _, h := range happened {
		if in, ok := h.What.(Assigned); ok {
			agents[in.Official] = true
		}
	}
	for _, k := range f.cases {
		for _, s := range k.Seats {
			agents[s.Official] = true
		}
	}
	delete(agents, "")
	return slices.Sorted(maps.Keys(agents))
}

func (f *entrusting) take(h Happening) error {
	k, known := f.cases[h.ID]
	sealed, seals := h.What.(Sealed)
	switch {
	case !known && !seals:
		return nil // nobody acts yet
	case !known:
		k = &store.Case{City: f.city, ID: h.ID}
		f.cases[h.ID] = k
	}
	if h.Version <= k.Taken {
		return nil // it was taken up already
	}
	k.Taken = h.Version
	f.touched[k.ID] = k
	if seals {
		return f.seal(k, sealed, h.Position)
	}
	before := k.Case
	switch what := h.What.(type) {
	case Assigned:
		k.Case = k.Assigned(what.Centre, what.Official, h.Time)
		if before.Seat(what.Centre).Official != what.Official {
			f.give(f.situation.GivenCases, what.Official, h.Position)
		}
	case Released:
		k.Case = k.Released(what.Centre, what.Official)
	case AgentRefused:
		k.Case = k.Refused(what.Centre, f.answered[what.Proposal])
	case Terminated:
		k.Case = k.Terminated()
	case Completed, Closed:
		k.Open = false
	case Reopened:
		k.Open = true
	default:
		return fmt.Errorf("a happening of type %T", h.What)
	}
	f.carry(store.CaseAggregate(k.ID), before.Carriers(), k.Carriers(), 0)
	for _, s := range k.Seats {
		if k.Open && s.Proposal == nil {
			f.watch(s.Official, s.Turned)
		}
	}
	for _, claim := range route.Returned(before, k.Case) {
		if err := k.Return(f.c, claim, f.situation.Now); err != nil {
			return err
		}
	}
	return nil
}

// seal proposes an agent for each centre that has none.
func (f *entrusting) seal(k *store.Case, in Sealed, position int64) error {
	k.Enterprise, k.Project, k.Agreement = in.Enterprise, in.Project, in.Agreement
	before := k.Carriers()
	k.Open = true
	f.carry(store.CaseAggregate(k.ID), before, k.Carriers(), 0)
	for _, centre := range in.Centres {
		if s := k.Seat(centre); s.Official != "" || s.Proposal != nil {
			continue
		}
		choice := f.situation.Agent(k.Vacancy(centre))
		before := k.Carriers()
		if err := k.Propose(f.c, centre, choice, f.situation.Now, store.Router); err != nil {
			return err
		}
		f.carry(store.CaseAggregate(k.ID), before, k.Carriers(), choice.Cap)
		f.give(f.situation.GivenCases, choice.Official, position)
	}
	return nil
}

func (f *entrusting) finish() error {
	f.write(store.GiveCase)
	for _, id := range slices.Sorted(maps.Keys(f.touched)) {
		store.SaveCase(f.c, f.touched[id])
	}
	return nil
}
