package hotline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/upload"
)

const (
	tidyEvery  = time.Minute
	sweepEvery = 6 * time.Hour
)

// openFiles opens the place of files, and the judge of what arrives there.
func openFiles(c Config) (blob.Store, *upload.Judge, error) {
	blobs, err := blob.Open(c.Blobs)
	if err != nil {
		return nil, nil, fmt.Errorf("hotline: %w", err)
	}
	spool := c.Spool
	if spool == "" {
		spool = c.Blobs.Folder // which has the room; empty for a bucket
	}
	return blobs, upload.NewJudge(blobs, spool), nil
}

// tidyFiles expires what did not arrive, judges what arrived and was not judged, and deletes what nobody needs, at its start and from then
// on. What fails is tried again the next time.
func (s *Service) tidyFiles(ctx context.Context) error {
	now := s.deps.Wall.Now()
	tidy, sweep := now, now.Add(tidyEvery)
	for {
		if err := s.desk.TidyFiles(ctx); err != nil && ctx.Err() == nil {
			s.deps.Log.Error("files are not tidied; tried again in a while", zap.Error(err))
		}
		if !s.deps.Wall.Now().Before(sweep) {
			if err := s.desk.SweepBlobs(ctx); err != nil && ctx.Err() == nil {
				s.deps.Log.Error("files that nobody needs are not deleted; tried again in a while", zap.Error(err))
			}
			sweep = s.deps.Wall.Now().Add(sweepEvery)
		}
		tidy = tidy.Add(tidyEvery)
		if err := s.deps.Wall.WaitUntil(ctx, tidy); err != nil {
			if errors.Is(err, ctx.Err()) {
				return nil
			}
			return err
		}
	}
}
