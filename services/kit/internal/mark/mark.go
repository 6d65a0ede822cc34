// Package mark holds a growing number that can be waited for: a feed's head, a consumer's position, the passes of a
// sweeper. It depends on the standard library only.
package mark

import (
	"context"
	"sync"
)

// Mark is a number that only grows. The zero value stands at 0.
type Mark struct {
	mu      sync.Mutex
	value   int64
	changed chan struct{} // made when somebody waits, closed when the value grows
}

// Get is the number now.
func (m *Mark) Get() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.value
}

// Raise sets the number if that makes it greater, and wakes those who wait for it.
func (m *Mark) Raise(value int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if value <= m.value {
		return
	}
	m.value = value
	if m.changed != nil {
		close(m.changed)
		m.changed = nil
	}
}

// Await returns as soon as the number is greater than after, or with the context's error.
func (m *Mark) Await(ctx context.Context, after int64) error {
	for {
		m.mu.Lock()
		if m.value > after {
			m.mu.Unlock()
			return nil
		}
		if m.changed == nil {
			m.changed = make(chan struct{})
		}
		changed := m.changed
		m.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
