package attendant

import (
	"google.golang.org/grpc"

	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/feedrpc"
	"github.com/throughtrain/throughtrain/services/kit/feedstream"
)

// source is the feed of another service for one consumer. Replicas share the work, but for the directory's: each of them answers by what it has read there.
func (s *Service) source(consumer string, conn grpc.ClientConnInterface) feed.Source {
	if conn == s.deps.Directory {
		return feedstream.Source(s.deps.Redis, "directory", feedrpc.Remote(conn))
	}
	return feedstream.Shared(s.deps.Redis, consumer, Name, feedrpc.Remote(conn))
}

// composeRelay brings the own feed to those who follow it, where there is a Redis.
func (s *Service) composeRelay() error {
	if s.deps.Redis == nil {
		return nil
	}
	relay, err := feedstream.NewRelay(feedstream.RelayConfig{Service: Name, Store: s.store.Store, Redis: s.deps.Redis,
		Log: s.deps.Log, Metrics: s.deps.Metrics})
	if err != nil {
		return err
	}
	s.parts = append(s.parts, part{name: "relay", run: relay.Run})
	return nil
}
