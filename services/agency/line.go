package agency

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"
)

// retryEvery is how often reports of departments' systems that wait are looked at: a crash is the only reason for one of them to be taken so.
const retryEvery = time.Minute

// retryReports takes what a crash kept from being taken, at its start and from then on. What fails is tried again the next time.
func (s *Service) retryReports(ctx context.Context) error {
	next := s.deps.Wall.Now()
	for {
		if err := s.desk.RetryReports(ctx); err != nil && ctx.Err() == nil {
			s.deps.Log.Error("waiting reports are not taken; tried again in a while", zap.Error(err))
		}
		next = next.Add(retryEvery)
		if err := s.deps.Wall.WaitUntil(ctx, next); err != nil {
			if errors.Is(err, ctx.Err()) {
				return nil
			}
			return err
		}
	}
}
