package hotline

import (
	"google.golang.org/grpc"

	"github.com/throughtrain/throughtrain/services/kit/feed"
	"github.com/throughtrain/throughtrain/services/kit/feedrpc"
	"github.com/throughtrain/throughtrain/services/kit/feedstream"
)

// source is the feed of another service for one consumer. Replicas share the work, but for what each of them keeps in memory.
func (s *Service) source(service string, conn grpc.ClientConnInterface) feed.Source {
	if service == "directory" {
		return feedstream.Source(s.deps.Redis, service, feedrpc.Remote(conn))
	}
	return feedstream.Shared(s.deps.Redis, service, "hotline", feedrpc.Remote(conn))
}

// tries is how often an event of another service alone may fail before it is set aside. What every replica keeps in memory never is.
func tries(service string) int {
	if service == "directory" {
		return 0
	}
	return feed.DefaultTries
}

// composeRelay brings the own feed to those who follow it, where there is a Redis.
func (s *Service) composeRelay() error {
	if s.deps.Redis == nil {
		return nil
	}
	relay, err := feedstream.NewRelay(feedstream.RelayConfig{Service: "hotline", Store: s.store.Store, Redis: s.deps.Redis,
		Log: s.deps.Log, Metrics: s.deps.Metrics})
	if err != nil {
		return err
	}
	s.parts = append(s.parts, part{name: "relay", run: relay.Run})
	return nil
}
