package hotline

import (
	"context"
	"time"

	"google.golang.org/grpc"

	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/feedrpc"
)

// everywhere is for a handler that also keeps something in memory.
func everywhere(c *feed.Config) { c.Everywhere = true }

// follow lets a handler follow another service's feed.
func (s *Service) follow(ctx context.Context, name string, conn grpc.ClientConnInterface,
	handle func(context.Context, []change.FeedEvent) (*change.Change, error), with ...func(*feed.Config),
) error {
	config := feed.Config{Name: name, Source: s.source(name, conn), Store: s.store.Store, Handle: handle, Wait: followWait, Gather: gather,
		Tries: tries(name), Clock: s.deps.City, Logger: s.deps.Log, Metrics: s.deps.Metrics}
	for _, w := range with {
		w(&config)
	}
	follower, err := feed.New(ctx, config)
	if err != nil {
		return err
	}
	idle := func(ctx context.Context) error {
		head, err := feedrpc.Head(ctx, conn)
		if err != nil {
			return err
		}
		return follower.Await(ctx, head)
	}
	s.parts = append(s.parts, part{name: name, run: follower.Run, idle: idle})
	return nil
}

// gather is how long what happened elsewhere waits for more of it, so that a crowd's proposals share one commit.
const gather = 10 * time.Millisecond

// followWait is how long one read of another service's feed waits for news.
const followWait = 20 * time.Second
