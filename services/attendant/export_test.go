package attendant

import "context"

// Decided is how many events the service has committed, whether or not they have their place in the feed yet.
func (s *Service) Decided(ctx context.Context) (n int64, err error) {
	err = s.db.QueryRow(ctx, `SELECT count(*) FROM journal`).Scan(&n)
	return n, err
}

// AwaitFeed returns when the service's own feed has reached a position.
func (s *Service) AwaitFeed(ctx context.Context, position int64) error {
	return s.store.AwaitFeed(ctx, position-1)
}
