package hotline

import (
	"context"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
)

// RebuildBoard folds a city's board anew from its tickets, for an operator at the data. It needs no Run.
func (s *Service) RebuildBoard(ctx context.Context, city string) (*hotlinev1.RebuildBoardResponse, error) {
	return s.board.RebuildBoard(ctx, &hotlinev1.RebuildBoardRequest{Parent: "cities/" + city})
}

// CheckBoard counts a city's tickets anew and compares with its board, for an operator at the data. It needs no Run.
func (s *Service) CheckBoard(ctx context.Context, city string) (*hotlinev1.CheckBoardResponse, error) {
	return s.board.CheckBoard(ctx, &hotlinev1.CheckBoardRequest{Parent: "cities/" + city})
}
