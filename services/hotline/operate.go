package hotline

import (
	"context"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/verify"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// RebuildBoard folds a city's board anew from its tickets, for an operator at the data. It needs no Run.
func (s *Service) RebuildBoard(ctx context.Context, city string) (*hotlinev1.RebuildBoardResponse, error) {
	return s.board.RebuildBoard(ctx, &hotlinev1.RebuildBoardRequest{Parent: "cities/" + city})
}

// CheckBoard counts a city's tickets anew and compares with its board, for an operator at the data. It needs no Run.
func (s *Service) CheckBoard(ctx context.Context, city string) (*hotlinev1.CheckBoardResponse, error) {
	return s.board.CheckBoard(ctx, &hotlinev1.CheckBoardRequest{Parent: "cities/" + city})
}

// Verify recomputes every history in a hotline's database and compares each ticket with what its history makes of it, for an operator
// at the data. It only reads.
func Verify(ctx context.Context, db *sqldb.DB) (change.Verified, error) {
	found, err := change.Verify(ctx, db)
	if err != nil {
		return found, err
	}
	if err := verify.Tickets(ctx, db, &found); err != nil {
		return found, err
	}
	if err := verify.Issues(ctx, db, &found); err != nil {
		return found, err
	}
	return found, verify.Notes(ctx, db, &found)
}
