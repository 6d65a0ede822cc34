package hotline_test

import (
	"context"
	"errors"
	"testing"
	"time"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/feedstream"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/redisdb"
)

// beside runs something until the test ends.
func beside(t *testing.T, run func(context.Context) error) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// Replicas of the hotline that get proposals over Redis, beside one without, take each proposal once, whatever happens to Redis.
func TestReplicasOverRedis(t *testing.T) {
	dsn := kittest.Postgres(t)
	server := kittest.Redis(t)
	w := newWorld(t, dsn)
	over := func() *redisdb.Client {
		c, err := redisdb.Open(redisdb.Config{URL: server.URL()}, redisdb.Deps{Log: w.log})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
		return c
	}
	relay, err := feedstream.NewRelay(feedstream.RelayConfig{Service: "attendant", Store: w.Attendant.store, Redis: over(), Log: w.log})
	if err != nil {
		t.Fatal(err)
	}
	beside(t, relay.Run)
	var replicas []*hotline.Service
	for range 2 {
		deps := w.deps
		deps.Redis, deps.Metrics = over(), nil
		replica, err := hotline.New(context.Background(), hotline.Config{DSN: dsn, Blobs: blob.Config{Memory: true}}, deps)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := replica.Close(); err != nil {
				t.Error(err)
			}
		})
		beside(t, replica.Run)
		replicas = append(replicas, replica)
	}
	for round, happens := range []func(){func() {}, func() { server.Must("FLUSHALL") }, server.Stop, server.Start} {
		var filed []*hotlinev1.Ticket
		for i := range 4 {
			ticket := w.file(t)
			filed = append(filed, ticket)
			if i == 2 {
				happens()
			}
			w.Attendant.propose(t, id(ticket.GetName()), 1, policytest.Attendant, "enterprise-attendant")
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		for _, replica := range replicas {
			if err := replica.CaughtUp(ctx, "attendant"); err != nil {
				t.Errorf("round %d: %v", round, err)
			}
		}
		cancel()
		w.idle(t)
		for _, ticket := range filed {
			if got := w.get(t, ticket.GetName()); got.GetState() != hotlinev1.Ticket_DISPATCHED {
				t.Errorf("round %d: a ticket is %v", round, got.GetState())
			}
			types, _ := w.events(t, ticket.GetName())
			if len(types) != 2 {
				t.Errorf("round %d: the history of a ticket is %v", round, types)
			}
		}
	}
	if err := replicas[0].RetryAside(t.Context(), "attendant", 0); err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("something was set aside: %v", err)
	}
	if rows, err := replicas[0].Aside(t.Context()); err != nil || len(rows) > 0 {
		t.Errorf("set aside: %v, %v", rows, err)
	}
}
