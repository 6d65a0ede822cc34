package standalone

import (
	"context"
	"time"
)

// What a program needs that drives a city on a clock of its own, beside Handler, Run and Idle.

// NextDue is the earliest deadline that is still to be acted upon; false when there is none. After Idle it lies ahead.
func (s *Standalone) NextDue(ctx context.Context) (time.Time, bool, error) {
	first, any, err := s.hotline.NextDue(ctx)
	if err != nil {
		return first, any, err
	}
	other, has, err := s.agency.NextDue(ctx)
	if has && (!any || other.Before(first)) {
		first, any = other, true
	}
	return first, any, err
}

// Routed returns when everything filed so far has the holder that routing found for it, or nobody could be found. It needs Run.
func (s *Standalone) Routed(ctx context.Context) error {
	if err := s.attendant.CaughtUp(ctx, hotlineName); err != nil {
		return err
	}
	return s.hotline.CaughtUp(ctx, attendantName)
}

// GiveInitialPassword gives an official a first password, good for one sign-in, as an operator hands them out.
func (s *Standalone) GiveInitialPassword(ctx context.Context, city, login string) (string, error) {
	return s.directory.GiveInitialPassword(ctx, city, login)
}
