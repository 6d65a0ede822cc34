package mark_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/throughtrain/throughtrain/services/kit/internal/mark"
)

func TestAwaitReturnsWhenTheMarkIsPassed(t *testing.T) {
	var m mark.Mark
	const waiters = 50
	var waiting sync.WaitGroup
	for i := range waiters {
		waiting.Go(func() {
			if err := m.Await(t.Context(), int64(i)); err != nil {
				t.Error(err)
			}
			if m.Get() <= int64(i) {
				t.Errorf("woken at %d, waited to pass %d", m.Get(), i)
			}
		})
	}
	for i := range waiters {
		m.Raise(int64(i) + 1)
		m.Raise(int64(i)) // never goes back
	}
	waiting.Wait()
	if m.Get() != waiters {
		t.Errorf("stands at %d", m.Get())
	}
}

func TestAwaitEndsWithItsContext(t *testing.T) {
	var m mark.Mark
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.Await(ctx, 0); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	m.Raise(1)
	if err := m.Await(ctx, 0); err != nil { // it is passed already
		t.Errorf("got %v", err)
	}
}
