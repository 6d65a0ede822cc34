package hotline

import (
	"context"

	"github.com/throughtrain/throughtrain/services/hotline/internal/board"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/liverpc"
	"github.com/throughtrain/throughtrain/services/hotline/internal/step"
	"github.com/throughtrain/throughtrain/services/kit/live"
)

// composeWatch sets up who tells what changed. It leaves nothing behind that Idle would have to wait for.
func (s *Service) composeWatch(cities *desk.Cities, numbers *board.Board) error {
	signedIn := func(ctx context.Context, token string) error {
		_, err := s.deps.Verifier.Verify(ctx, token)
		return err
	}
	hub, err := live.New(live.Config{
		Feed: live.Own(s.store.Store), Steps: step.Tickets{Store: s.store, Cities: cities}.Steps, Folded: numbers.Reached,
		SignedIn: signedIn, City: s.deps.City, Wall: s.deps.Wall, Log: s.deps.Log, Metrics: s.deps.Metrics,
	})
	if err != nil {
		return err
	}
	s.parts = append(s.parts, part{name: "watch", run: hub.Run})
	s.watch, err = liverpc.New(hub, s.desk)
	return err
}
