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
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/language"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
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
	period, err := periodOf(r.GetFromDate(), r.GetToDate(), now)
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
	return &hotlinev1.RebuildBoardResponse{Tickets: done.Tickets, Cells: done.Cells}, nil
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

const (
	defaultDays = 30
	maxDays     = 3 * 366
	maxSeries   = 400
)

var errPeriod = fault.New(fault.Invalid, "PERIOD_INVALID",
	"统计区间不正确：日期须为 YYYY-MM-DD，开始不晚于结束，最长三年。",
	"The period is not valid: dates are YYYY-MM-DD, the first not after the last, three years at most.")

var errSeries = errPeriod.Field("days", "PERIOD_INVALID", "按日数据最长 400 天。", "Day by day there are 400 days at most.")

// periodOf reads a period of civil days; the last thirty when none is named.
func periodOf(from, to string, now time.Time) (board.Period, error) {
	day := func(text string, fallback time.Time) (time.Time, error) {
		if text == "" {
			return fallback, nil
		}
		return time.ParseInLocation(time.DateOnly, text, worktime.Zone)
	}
	last, err := day(to, now.In(worktime.Zone))
	if err != nil {
		return board.Period{}, errPeriod.Field("toDate", "PERIOD_INVALID", "不是有效日期。", "Not a date.")
	}
	first, err := day(from, last.AddDate(0, 0, 1-defaultDays))
	if err != nil {
		return board.Period{}, errPeriod.Field("fromDate", "PERIOD_INVALID", "不是有效日期。", "Not a date.")
	}
	p := board.Period{From: board.DayOf(first), To: board.DayOf(last)}
	if p.From > p.To || last.Sub(first) > maxDays*24*time.Hour {
		return board.Period{}, errPeriod
	}
	return p, nil
}
