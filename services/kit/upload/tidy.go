package upload

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/kit/blob"
)

const (
	tidyEvery  = time.Minute
	sweepEvery = 6 * time.Hour
	tidyBatch  = 100
	// unjudged is how long a file that arrived whole is left to the call that brought it.
	unjudged = time.Minute
	// orphaned is how old a blob is before it is missed: longer than any file may take from its first piece to its row.
	orphaned = keepUnfinished + 24*time.Hour
)

// Tidy expires the files that did not come in time, and judges those that came whole when nobody was there to see to it, as after a crash.
func (i *Intake) Tidy(ctx context.Context) error {
	now := i.Wall.Now()
	overdue, err := i.Rows.Expired(ctx, now, tidyBatch)
	if err != nil {
		return err
	}
	var errs []error
	for _, f := range overdue {
		if err := i.end(ctx, f, Expired, ""); err != nil {
			errs = append(errs, err)
		}
	}
	whole, err := i.Rows.Unjudged(ctx, now.Add(-unjudged), tidyBatch)
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	for _, f := range whole {
		if _, err := i.finish(ctx, f); err != nil && i.refusalOf(err) == nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Sweep deletes what no row needs: what a crash left between a blob and its row, and what was left over by deleting.
func (i *Intake) Sweep(ctx context.Context) error {
	before := i.Wall.Now().Add(-orphaned)
	return i.Blobs.Walk(ctx, func(id blob.ID, modified time.Time) error {
		if modified.After(before) {
			return nil
		}
		used, err := i.Rows.InUse(ctx, id)
		if err != nil || used {
			return err
		}
		return i.Blobs.Delete(ctx, id)
	})
}

// Run tidies and sweeps at its start and from then on, until the context ends. What fails is tried again the next time.
func (i *Intake) Run(ctx context.Context, log *zap.Logger) error {
	sweep := i.Wall.Now().Add(tidyEvery)
	for {
		if err := i.Tidy(ctx); err != nil && ctx.Err() == nil {
			log.Error("files are not tidied; tried again in a while", zap.Error(err))
		}
		if !i.Wall.Now().Before(sweep) {
			if err := i.Sweep(ctx); err != nil && ctx.Err() == nil {
				log.Error("files that nobody needs are not deleted; tried again in a while", zap.Error(err))
			}
			sweep = i.Wall.Now().Add(sweepEvery)
		}
		if err := i.Wall.WaitUntil(ctx, i.Wall.Now().Add(tidyEvery)); err != nil {
			if errors.Is(err, ctx.Err()) {
				return nil
			}
			return err
		}
	}
}
