package change

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

const (
	monthsAhead = 3 // of the journal's partitions
	monthsEvery = time.Hour
	pgAhead     = `SELECT journal_ahead($1)`
)

// keepAhead makes the journal's partitions of the months to come, at once and then every hour, whichever replica comes first. Nothing waits for it: without
// its month's partition an event lies in the one for all others.
func (p *postgres) keepAhead(ctx context.Context) {
	tick := time.NewTicker(monthsEvery)
	defer tick.Stop()
	for {
		if err := p.makeMonths(ctx); err != nil && ctx.Err() == nil {
			p.store.log.Warn("cannot make the journal's months ahead; trying again", zap.Error(err))
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (p *postgres) makeMonths(ctx context.Context) error {
	var made int
	if err := p.pool.QueryRow(ctx, pgAhead, monthsAhead).Scan(&made); err != nil {
		p.store.metrics.months.Set(0) // nobody knows any more
		return sqldb.TranslatePostgres(err)
	}
	p.store.metrics.months.Set(monthsAhead)
	if made > 0 {
		p.store.log.Info("made the journal's months ahead", zap.Int("made", made), zap.Int("ahead", monthsAhead))
	}
	return nil
}
