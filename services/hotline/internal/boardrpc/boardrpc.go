// Package boardrpc serves the board over gRPC: requests to what package board understands, numbers to the contract's words. It
// depends on internal/{board,desk,policy,rpc,store} and the contract.
package boardrpc

import (
	"context"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/board"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/language"
	"github.com/throughtrain/throughtrain/services/kit/tally"
)

// settle is how long a reader waits for the fold to reach what was committed before they asked, so that somebody sees the
// effect of what they just did. After it the board is shown as it is, with how far it is behind.
const settle = 250 * time.Millisecond

// Server implements the contract's BoardService.
type Server struct {
	hotlinev1.UnimplementedBoardServiceServer
	board  *board.Board
	desk   *desk.Desk
	cities *desk.Cities
	clock  clock.Clock
	wall   clock.Clock // of how long request ids are kept
}

// New makes a server.
func New(b *board.Board, d *desk.Desk) *Server {
	return &Server{board: b, desk: d, cities: d.Cities, clock: d.City, wall: d.Wall}
}

// GetBoard returns the board as the caller may see it.
func (s *Server) GetBoard(ctx context.Context, r *hotlinev1.GetBoardRequest) (*hotlinev1.Board, error) {
	city, err := s.cities.City(codeOf(r.GetParent()))
	if err != nil {
		return nil, err
	}
	now := s.clock.Now()
	period, err := tally.PeriodOf(r.GetFromDate(), r.GetToDate(), now)
	if err != nil {
		return nil, err
	}
	if r.GetDays() && period.Days() > maxSeries {
		return nil, errSeries
	}
	if err := s.board.Settle(ctx, settle); err != nil {
		return nil, err
	}
	view, err := s.board.Read(ctx, city, desk.ViewerOf(authn.FromContext(ctx), city), period, wanted(r), now)
	if err != nil {
		return nil, err
	}
	out := render(names{city, language.Of(ctx)}, view)
	out.CommonIssues, err = s.issues(ctx, city.Code(), period, now)
	return out, err
}

// RebuildBoard folds the board anew.
func (s *Server) RebuildBoard(ctx context.Context, r *hotlinev1.RebuildBoardRequest) (*hotlinev1.RebuildBoardResponse, error) {
	code := codeOf(r.GetParent())
	if _, err := s.cities.City(code); err != nil {
		return nil, err
	}
	done, err := s.board.Rebuild(ctx, code)
	if err != nil {
		return nil, err
	}
	return &hotlinev1.RebuildBoardResponse{Tickets: done.Things, Cells: done.Cells}, nil
}

// CheckBoard counts everything anew and compares.
func (s *Server) CheckBoard(ctx context.Context, r *hotlinev1.CheckBoardRequest) (*hotlinev1.CheckBoardResponse, error) {
	code := codeOf(r.GetParent())
	if _, err := s.cities.City(code); err != nil {
		return nil, err
	}
	checked, err := s.board.Check(ctx, code)
	if err != nil {
		return nil, err
	}
	return &hotlinev1.CheckBoardResponse{Equal: len(checked.Differences) == 0, Cells: checked.Cells, Differences: checked.Differences}, nil
}

// wanted is what of the board a request asks for.
func wanted(r *hotlinev1.GetBoardRequest) board.Want {
	w := board.Want{Days: r.GetDays()}
	if len(r.GetSections()) > 0 {
		w.Sections = map[string]bool{}
		for _, section := range r.GetSections() {
			w.Sections[section] = true
		}
	}
	return w
}

// ListReturns pages through requests to hand back.
func (s *Server) ListReturns(ctx context.Context, r *hotlinev1.ListReturnsRequest) (*hotlinev1.ListReturnsResponse, error) {
	list, err := s.desk.ListReturns(ctx, authn.FromContext(ctx), desk.ListQuery{City: codeOf(r.GetParent()), PageSize: r.GetPageSize(),
		PageToken: r.GetPageToken(), Filter: r.GetFilter(), OrderBy: r.GetOrderBy()})
	if err != nil {
		return nil, err
	}
	out := &hotlinev1.ListReturnsResponse{NextPageToken: list.NextPageToken, TotalSize: int32(list.Total), TotalCapped: list.Capped}
	for i := range list.Rows {
		out.Returns = append(out.Returns, returned(r.GetParent(), &list.Rows[i]))
	}
	return out, nil
}

func returned(city string, l *store.ListedReturn) *hotlinev1.ReturnRequestRow {
	out := &hotlinev1.ReturnRequestRow{
		TicketNumber: l.TicketNumber, Number: int32(l.Number), Order: int32(l.Order), Unit: city + "/units/" + l.Unit,
		Official: city + "/persons/" + l.Official, Reason: l.Reason, Target: city + "/units/" + l.Target, CreateTime: timestamppb.New(l.CreateTime),
		Decision: l.Decision,
	}
	if l.Ticket != "" {
		out.Ticket = city + "/tickets/" + l.Ticket
	}
	if l.Decision == "" {
		out.Decision = "pending"
	} else {
		out.DecideTime = timestamppb.New(l.DecideTime)
	}
	return out
}

func codeOf(parent string) string { return strings.TrimPrefix(parent, "cities/") }

// maxSeries is how many days are shown one by one.
const maxSeries = 400

var errSeries = tally.ErrPeriod.Field("days", "PERIOD_INVALID", "按日数据最长 400 天。", "Day by day there are 400 days at most.")
