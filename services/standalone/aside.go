package standalone

import (
	"context"
	"fmt"

	"github.com/throughtrain/throughtrain/services/kit/feed"
)

// follower is a service that takes in what others decide.
type follower interface {
	Aside(context.Context) ([]feed.Aside, error)
	RetryAside(ctx context.Context, consumer string, position int64) error
}

func (s *Standalone) followers() map[string]follower {
	return map[string]follower{hotlineName: s.hotline, attendantName: s.attendant, agencyName: s.agency}
}

// Aside calls each for every event that a service could not handle and has set aside, in the order of the services.
func (s *Standalone) Aside(ctx context.Context, each func(service string, a feed.Aside)) error {
	for _, service := range []string{hotlineName, attendantName, agencyName} {
		all, err := s.followers()[service].Aside(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", service, err)
		}
		for _, a := range all {
			each(service, a)
		}
	}
	return nil
}

// RetryAside asks for what a service has set aside of one consumer, or of all when that is empty, to be tried again: one event, or all when the position
// is 0. It happens when the process serves again.
func (s *Standalone) RetryAside(ctx context.Context, service, consumer string, position int64) error {
	of := s.followers()[service]
	if of == nil {
		return fmt.Errorf("没有这样的服务 / there is no such service: %s", service)
	}
	return of.RetryAside(ctx, consumer, position)
}
