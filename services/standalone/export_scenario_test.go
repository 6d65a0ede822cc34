//go:build scenario

package standalone

import (
	"context"

	"github.com/throughtrain/throughtrain/services/kit/rpcserver"
)

// LeaveOutAttendant lets the attendant service be away while everything else runs: it does nothing, and whoever dials it is refused,
// as when its process is down. It is called between New and Run. Idle then answers for nobody who has to do with it.
func (s *Standalone) LeaveOutAttendant() error {
	for _, p := range s.parts {
		switch p.name {
		case attendantName:
			p.run = func(ctx context.Context) error { <-ctx.Done(); return nil }
			p.idle = func(context.Context) error { return nil }
			p.position = func(context.Context) (int64, error) { return 0, nil }
		case hotlineName, agencyName:
			p.idle = func(context.Context) error { return nil } // it would wait for the attendant's feed
		}
	}
	dialled := s.wires.listeners[attendantName]
	s.wires.listeners[attendantName] = rpcserver.NewMemory() // served, and dialled by nobody
	return dialled.Close()
}
