// Package recent keeps the things that were decided upon or read last, so that a row that is read again is not decoded again: whoever follows a feed reads
// what was just written. Things are kept by the hash of their last event, and a hash stands for one history: nothing here can be out of date. They belong to
// everybody and are not changed.
//
// It depends on kit's journal only.
package recent

import (
	"sync"

	"github.com/throughtrain/throughtrain/services/kit/journal"
)

// Cache keeps a bounded number of things. It is safe for concurrent use.
type Cache[T any] struct {
	mu    sync.Mutex
	kept  map[journal.Hash]T
	order []journal.Hash // the oldest at next
	next  int
}

// New makes a cache of at most so many things.
func New[T any](most int) *Cache[T] {
	return &Cache[T]{kept: make(map[journal.Hash]T, most), order: make([]journal.Hash, most)}
}

// Get returns what a hash stands for; the zero T when it is not kept.
func (c *Cache[T]) Get(hash journal.Hash) T {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept[hash]
}

// Keep remembers a thing whose last event has this hash; whether it is committed does not matter. It must not be changed any more.
func (c *Cache[T]) Keep(hash journal.Hash, thing T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, kept := c.kept[hash]; kept {
		return
	}
	delete(c.kept, c.order[c.next])
	c.kept[hash], c.order[c.next] = thing, hash
	c.next = (c.next + 1) % len(c.order)
}
