package clock_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/clock"
)

func TestSystemNowSurvivesStorage(t *testing.T) {
	now := clock.System().Now()
	if now.Location() != time.UTC || !time.UnixMicro(now.UnixMicro()).Equal(now) {
		t.Errorf("%v does not survive microseconds in UTC", now)
	}
}

func TestSystemWaitUntil(t *testing.T) {
	c := clock.System()
	t.Run("past returns at once", func(t *testing.T) {
		if err := c.WaitUntil(t.Context(), c.Now().Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("returns not before the instant", func(t *testing.T) {
		want := c.Now().Add(5 * time.Millisecond)
		if err := c.WaitUntil(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		if now := c.Now(); now.Before(want) {
			t.Errorf("woke at %v, before %v", now, want)
		}
	})
	t.Run("ends with the context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- c.WaitUntil(ctx, c.Now().Add(time.Hour)) }()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a finished context wins over a past instant", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := c.WaitUntil(ctx, c.Now().Add(-time.Hour)); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}
