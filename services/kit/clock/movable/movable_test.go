package movable_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
)

var start = time.Date(2024, 1, 1, 9, 0, 0, 123456789, time.FixedZone("", 8*3600))

func wait(ctx context.Context, c *movable.Clock, at time.Time) <-chan error {
	done := make(chan error, 1)
	go func() { done <- c.WaitUntil(ctx, at) }()
	return done
}

func TestWaitersWakeInOrderOfTheirInstant(t *testing.T) {
	c := movable.New(start)
	now := c.Now()
	if now.Location() != time.UTC || now.Nanosecond()%1000 != 0 {
		t.Fatalf("%v is not UTC microseconds", now)
	}
	late := wait(t.Context(), c, now.Add(2*time.Hour))
	early := wait(t.Context(), c, now.Add(time.Hour))
	if err := c.AwaitWaiters(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if next, ok := c.Next(); !ok || !next.Equal(now.Add(time.Hour)) {
		t.Fatalf("next %v %v", next, ok)
	}
	c.Advance(time.Hour) // exactly the instant is reached, not passed
	if err := <-early; err != nil {
		t.Fatal(err)
	}
	if c.Waiters() != 1 {
		t.Fatalf("%d waiters left", c.Waiters())
	}
	select {
	case err := <-late:
		t.Fatal("the later waiter woke early", err)
	default:
	}
	c.Set(now.Add(48 * time.Hour))
	if err := <-late; err != nil {
		t.Fatal(err)
	}
	if _, ok := c.Next(); ok {
		t.Error("somebody still waits")
	}
}

func TestWaitForThePastAndForAFinishedContext(t *testing.T) {
	c := movable.New(start)
	if err := c.WaitUntil(t.Context(), c.Now()); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := wait(ctx, c, c.Now().Add(time.Hour))
	if err := c.AwaitWaiters(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if c.Waiters() != 0 {
		t.Error("a cancelled waiter stays listed")
	}
	if err := c.WaitUntil(ctx, c.Now()); !errors.Is(err, context.Canceled) {
		t.Errorf("a finished context must win: %v", err)
	}
}

func TestAwaitWaitersEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := movable.New(start).AwaitWaiters(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestASetBackwardsWakesNobody(t *testing.T) {
	c := movable.New(start)
	done := wait(t.Context(), c, c.Now().Add(time.Second))
	if err := c.AwaitWaiters(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	c.Set(start.Add(-time.Hour))
	if c.Waiters() != 1 {
		t.Fatal("a step back woke a waiter")
	}
	c.Set(start.Add(time.Hour))
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
