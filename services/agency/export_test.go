package agency

import "github.com/throughtrain/throughtrain/services/agency/internal/desk"

// Desk is the use cases, for tests.
func (s *Service) Desk() *desk.Desk { return s.desk }
