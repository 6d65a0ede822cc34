package store

import (
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/journal"
)

// recentTickets is how many are kept: as many as are filed while routing and the board come round, several times over, in a few
// megabytes.
const recentTickets = 1024

// Keep remembers a ticket whose last event has this hash; whether it is committed does not matter. It must not be changed any more.
func (s *Store) Keep(t *ticket.Ticket, hash journal.Hash) { s.recent.Keep(hash, t) }

// Known is a ticket as it was when its last event had this hash; nil when it is not kept.
func (s *Store) Known(hash journal.Hash) *ticket.Ticket { return s.recent.Get(hash) }
