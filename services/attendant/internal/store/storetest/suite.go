// Package storetest is what every engine under the store must hold: one suite, run on each.
package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Run runs the suite. Open gives each test an empty store.
func Run(t *testing.T, open func(t *testing.T) *store.Store) {
	for name, test := range map[string]func(*suite){
		"BindingsComeBack":          (*suite).bindingsComeBack,
		"BindingsEndOnce":           (*suite).bindingsEndOnce,
		"OnePrimary":                (*suite).onePrimary,
		"BindingsList":              (*suite).bindingsList,
		"PresencesComeBack":         (*suite).presencesComeBack,
		"PresenceRaces":             (*suite).presenceRaces,
		"TicketsComeBack":           (*suite).ticketsComeBack,
		"LoadsAreCounted":           (*suite).loadsAreCounted,
		"ClaimStopsAtTheCap":        (*suite).claimStopsAtTheCap,
		"LastPlaceHasOneWinner":     (*suite).lastPlaceHasOneWinner,
		"CasesComeBack":             (*suite).casesComeBack,
		"CasesHaveOneWriter":        (*suite).casesHaveOneWriterAtATime,
		"OpenCasesAreFound":         (*suite).openCasesAreFound,
		"ProposalsAreFound":         (*suite).proposalsAreFoundByPosition,
		"LastPlaceIsShared":         (*suite).ticketsAndCasesShareTheLastPlace,
		"HandoversComeBack":         (*suite).handoversComeBack,
		"HandoversAreWholeOrNot":    (*suite).handoversAreWholeOrNot,
		"LastPlaceIsHandedOverOnce": (*suite).lastPlaceIsHandedOverOnce,
		"LastBindingHasOneWinner":   (*suite).lastBindingHasOneWinner,
		"CoverageIsCounted":         (*suite).coverageIsCounted,
		"VisitsComeBack":            (*suite).visitsComeBack,
		"NearestVisitsAreFound":     (*suite).nearestVisitsAreFound,
		"VisitsTakeTurns":           (*suite).visitsOfOneEnterpriseTakeTurns,
		"QuietComesBack":            (*suite).quietComesBack,
		"CitiesComeBack":            (*suite).citiesComeBack,
		"DismissalsMissNoBinding":   (*suite).dismissalsMissNoBinding,
		"RevocationsAreForgotten":   (*suite).revocationsAreForgotten,
		"ProjectsHaveOneEnterprise": (*suite).projectsHaveOneEnterprise,
	} {
		t.Run(name, func(t *testing.T) { test(&suite{T: t, Store: open(t), ctx: t.Context()}) })
	}
}

type suite struct {
	*testing.T
	*store.Store
	ctx context.Context
}

func (s *suite) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s *suite) commit(c *change.Change) error { return s.Commit(s.ctx, c) }

func (s *suite) same(want, got any) {
	s.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		s.Errorf("(-want +got):\n%s", diff)
	}
}

// race commits n changes at once and returns how many were written; the others must have met a conflict.
func (s *suite) race(n int, changeOf func(i int) *change.Change) (won int) {
	changes := []*change.Change{}
	for i := range n {
		changes = append(changes, changeOf(i))
	}
	var mu sync.Mutex
	var running sync.WaitGroup
	for _, c := range changes {
		running.Go(func() {
			err := s.commit(c)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				won++
			case !errors.Is(err, change.ErrConflict) && !errors.Is(err, change.ErrStale):
				s.Errorf("a lost race: %v", err)
			}
		})
	}
	running.Wait()
	return won
}
