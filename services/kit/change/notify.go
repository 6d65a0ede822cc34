package change

import (
	"sync"
	"sync/atomic"
	"time"
)

// dueWatch wakes those who wait for a deadline earlier than the one they know.
type dueWatch struct {
	latest  atomic.Int64 // the latest instant somebody compares with, so that commits need no lock when nobody cares
	mu      sync.Mutex
	waiters map[*dueWaiter]struct{}
}

type dueWaiter struct {
	before int64
	woken  chan struct{}
	once   sync.Once
}

func (w *dueWatch) add(before time.Time) *dueWaiter {
	waiter := &dueWaiter{before: before.UnixMicro(), woken: make(chan struct{})}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiters == nil {
		w.waiters = make(map[*dueWaiter]struct{})
	}
	w.waiters[waiter] = struct{}{}
	w.update()
	return waiter
}

func (w *dueWatch) remove(waiter *dueWaiter) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.waiters, waiter)
	w.update()
}

func (w *dueWatch) update() {
	var latest int64
	for waiter := range w.waiters {
		latest = max(latest, waiter.before)
	}
	w.latest.Store(latest)
}

func (w *dueWatch) committed(at time.Time) {
	micros := at.UnixMicro()
	if micros >= w.latest.Load() {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for waiter := range w.waiters {
		if micros < waiter.before {
			waiter.once.Do(func() { close(waiter.woken) })
		}
	}
}
