package follow

import (
	"context"

	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/recount"
)

// NewRecompute makes who counts open provisional deadlines anew when a city's configuration changed.
func NewRecompute(s *store.Store, cities *desk.Cities, d *desk.Desk, log *zap.Logger) *recount.Worker {
	return recount.New(recount.Config{
		Log: log,
		Todo: func(ctx context.Context) ([]recount.Version, error) {
			configs, err := s.Unrecomputed(ctx)
			todo := make([]recount.Version, len(configs))
			for i, c := range configs {
				todo[i] = recount.Version{City: c.City, Number: c.Version}
			}
			return todo, err
		},
		Begin: func(code string) (int64, func(context.Context) error) {
			city, err := cities.City(code)
			if err != nil {
				return 0, nil
			}
			return city.Version(), func(ctx context.Context) error { return d.Recompute(ctx, city) }
		},
		Done: func(ctx context.Context, v recount.Version) error {
			return s.Commit(ctx, &change.Change{Statements: []change.Statement{store.Recomputed(v.City, v.Number)}})
		},
	})
}
