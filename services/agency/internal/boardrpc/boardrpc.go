// Package boardrpc serves the board of approvals over gRPC: requests to what package board understands, numbers to the contract's words. It
// depends on internal/{board,catalogue,desk} and the contract.
package boardrpc

import (
	"context"
	"strings"
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/board"
	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/language"
	"github.com/throughtrain/throughtrain/services/kit/tally"
)

// settle is how long a reader waits for the fold to reach what was committed before they asked, so that somebody sees the
// effect of what they just did. After it the board is shown as it is, with how far it is behind.
const settle = 250 * time.Millisecond

// Server implements the contract's ApprovalBoardService.
type Server struct {
	agencyv1.UnimplementedApprovalBoardServiceServer
	board  *board.Board
	cities *desk.Cities
	clock  clock.Clock
}

// New makes a server. The clock is the city's.
func New(b *board.Board, cities *desk.Cities, city clock.Clock) *Server {
	return &Server{board: b, cities: cities, clock: city}
}

// GetApprovalBoard returns the board as the caller may see it.
func (s *Server) GetApprovalBoard(ctx context.Context, r *agencyv1.GetApprovalBoardRequest) (*agencyv1.ApprovalBoard, error) {
	city, err := s.cities.City(codeOf(r.GetParent()))
	if err != nil {
		return nil, err
	}
	now := s.clock.Now()
	period, err := tally.PeriodOf(r.GetFromDate(), r.GetToDate(), now)
	if err != nil {
		return nil, err
	}
	if err := s.board.Settle(ctx, settle); err != nil {
		return nil, err
	}
	view, err := s.board.Read(ctx, city, desk.ViewerOf(authn.FromContext(ctx), city), period, r.GetSections(), now)
	if err != nil {
		return nil, err
	}
	return render(names{city, language.Of(ctx)}, &view), nil
}

// RebuildApprovalBoard folds the board anew.
func (s *Server) RebuildApprovalBoard(ctx context.Context, r *agencyv1.RebuildApprovalBoardRequest) (*agencyv1.RebuildApprovalBoardResponse, error) {
	code := codeOf(r.GetParent())
	if _, err := s.cities.City(code); err != nil {
		return nil, err
	}
	done, err := s.board.Rebuild(ctx, code)
	if err != nil {
		return nil, err
	}
	return &agencyv1.RebuildApprovalBoardResponse{Cases: done.Things, Cells: done.Cells}, nil
}

// CheckApprovalBoard counts everything anew and compares.
func (s *Server) CheckApprovalBoard(ctx context.Context, r *agencyv1.CheckApprovalBoardRequest) (*agencyv1.CheckApprovalBoardResponse, error) {
	code := codeOf(r.GetParent())
	if _, err := s.cities.City(code); err != nil {
		return nil, err
	}
	checked, err := s.board.Check(ctx, code)
	if err != nil {
		return nil, err
	}
	return &agencyv1.CheckApprovalBoardResponse{Equal: len(checked.Differences) == 0, Cells: checked.Cells, Differences: checked.Differences}, nil
}

func codeOf(parent string) string { return strings.TrimPrefix(parent, "cities/") }
