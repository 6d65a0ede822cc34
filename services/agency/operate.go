package agency

import (
	"context"

	"github.com/throughtrain/throughtrain/services/agency/internal/verify"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
	"github.com/throughtrain/throughtrain/services/kit/tally"
)

// RebuildBoard folds a city's board of approvals anew from its cases, for an operator at the data. It needs no Run, nor a city that is known here.
func (s *Service) RebuildBoard(ctx context.Context, city string) (tally.Rebuilt, error) {
	return s.numbers.Rebuild(ctx, city)
}

// CheckBoard counts a city's cases anew and compares with its board of approvals, for an operator at the data. It needs no more than RebuildBoard.
func (s *Service) CheckBoard(ctx context.Context, city string) (tally.Checked, error) {
	return s.numbers.Check(ctx, city)
}

// Verify recomputes every history in an agency's database and compares each case with what its history makes of it, for an operator
// at the data. It only reads.
func Verify(ctx context.Context, db *sqldb.DB) (change.Verified, error) {
	found, err := change.Verify(ctx, db)
	if err != nil {
		return found, err
	}
	return found, verify.Cases(ctx, db, &found)
}
