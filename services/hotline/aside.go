package hotline

import (
	"context"

	"github.com/throughtrain/throughtrain/services/kit/feed"
)

// Aside are the events of other services that could not be handled, with those that wait for them. It needs no Run.
func (s *Service) Aside(ctx context.Context) ([]feed.Aside, error) {
	return feed.ListAside(ctx, s.store.Store)
}

// RetryAside asks for what is set aside to be tried again, as feed.Retry does. It needs no Run; the trying is done by whichever replica runs.
func (s *Service) RetryAside(ctx context.Context, consumer string, position int64) error {
	return feed.Retry(ctx, s.store.Store, consumer, position)
}
