package store

import (
	"sync"

	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/journal"
)

// recentTickets is how many are kept: as many as are filed while routing and the board come round, several times over, in a few
// megabytes.
const recentTickets = 1024

// recent keeps the tickets that were decided upon or read last, so that a row that is read again is not decoded again: whoever
// routes a ticket or counts it reads what was just filed. They are kept by the hash of their last event, and a hash stands for one
// history: nothing here can be out of date. They belong to everybody and are not changed.
type recent struct {
	mu      sync.Mutex
	tickets map[journal.Hash]*ticket.Ticket
	order   [recentTickets]journal.Hash // the oldest at next
	next    int
}

func (r *recent) get(hash journal.Hash) *ticket.Ticket {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tickets[hash]
}

func (r *recent) keep(hash journal.Hash, t *ticket.Ticket) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, kept := r.tickets[hash]; kept {
		return
	}
	if r.tickets == nil {
		r.tickets = make(map[journal.Hash]*ticket.Ticket, recentTickets)
	}
	delete(r.tickets, r.order[r.next])
	r.tickets[hash], r.order[r.next] = t, hash
	r.next = (r.next + 1) % recentTickets
}

// Keep remembers a ticket whose last event has this hash; whether it is committed does not matter. It must not be changed any more.
func (s *Store) Keep(t *ticket.Ticket, hash journal.Hash) { s.recent.keep(hash, t) }

// Known is a ticket as it was when its last event had this hash; nil when it is not kept.
func (s *Store) Known(hash journal.Hash) *ticket.Ticket { return s.recent.get(hash) }
