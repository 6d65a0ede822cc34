package agency

import (
	"context"

	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
	"github.com/throughtrain/throughtrain/services/agency/internal/liverpc"
	"github.com/throughtrain/throughtrain/services/agency/internal/step"
	"github.com/throughtrain/throughtrain/services/kit/live"
)

// composeWatch sets up who tells what changed. It leaves nothing behind that Idle would have to wait for.
func (s *Service) composeWatch(cities *desk.Cities) error {
	signedIn := func(ctx context.Context, token string) error {
		_, err := s.deps.Verifier.Verify(ctx, token)
		return err
	}
	hub, err := live.New(live.Config{
		Feed: live.Own(s.store.Store), Steps: step.Cases{Store: s.store, Cities: cities}.Steps,
		SignedIn: signedIn, City: s.deps.City, Wall: s.deps.Wall, Log: s.deps.Log, Metrics: s.deps.Metrics,
	})
	if err != nil {
		return err
	}
	s.parts = append(s.parts, part{name: "watch", run: hub.Run})
	s.watch = liverpc.New(hub, s.desk)
	return nil
}
