package boardrpc

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/board"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/rpc"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/language"
	"github.com/throughtrain/throughtrain/services/kit/page"
)

const (
	defaultPage = 50
	maxPage     = 200
	// keepRequests is how long the request ids of publications are kept.
	keepRequests = 7 * 24 * time.Hour
)

// PublishPeriod freezes a month's numbers.
func (s *Server) PublishPeriod(ctx context.Context, r *hotlinev1.PublishPeriodRequest) (*hotlinev1.PublishedPeriod, error) {
	city, err := s.cities.City(codeOf(r.GetParent()))
	if err != nil {
		return nil, err
	}
	month, err := board.MonthOf(r.GetMonth())
	if err != nil {
		return s.publishedBefore(ctx, city, r, err)
	}
	request, err := s.requestOf(ctx, city.Code(), r)
	if err != nil {
		return nil, err
	}
	done, err := s.board.Publish(ctx, board.Publication{City: city.Code(), Month: month, Correction: strings.TrimSpace(r.GetCorrection()),
		Publisher: authn.FromContext(ctx).Person, Request: request}, s.clock.Now)
	if err != nil {
		return s.publishedBefore(ctx, city, r, err)
	}
	return s.period(ctx, city, month, done.Revision)
}

// ReplayPublish answers a repeated publication that would not pass validation any more.
func (s *Server) ReplayPublish(ctx context.Context, r *hotlinev1.PublishPeriodRequest) (*hotlinev1.PublishedPeriod, bool, error) {
	city, err := s.cities.City(codeOf(r.GetParent()))
	if err != nil {
		return nil, false, err
	}
	return s.replayed(ctx, city, r)
}

// publishedBefore answers a repeated publication with what it led to; otherwise the refusal stands.
func (s *Server) publishedBefore(ctx context.Context, city *policy.City, r *hotlinev1.PublishPeriodRequest, refusal error) (*hotlinev1.PublishedPeriod, error) {
	var f *fault.Error
	if !errors.Is(refusal, change.ErrRequestSeen) && !errors.As(refusal, &f) {
		return nil, refusal
	}
	before, found, err := s.replayed(ctx, city, r)
	switch {
	case err != nil:
		return nil, err
	case !found:
		return nil, refusal
	}
	return before, nil
}

func (s *Server) replayed(ctx context.Context, city *policy.City, r *hotlinev1.PublishPeriodRequest) (*hotlinev1.PublishedPeriod, bool, error) {
	asked, err := s.requestOf(ctx, city.Code(), r)
	if err != nil || asked == nil {
		return nil, false, err
	}
	resource, found, err := s.board.Request(ctx, asked)
	if err != nil || !found {
		return nil, false, err
	}
	month, err := board.MonthOf(resource)
	if err != nil {
		return nil, false, err
	}
	p, err := s.period(ctx, city, month, 0)
	return p, err == nil, err
}

// requestOf is the row that makes a publication safe to repeat, nil when the caller did not ask for that.
func (s *Server) requestOf(ctx context.Context, city string, r *hotlinev1.PublishPeriodRequest) (*change.Request, error) {
	if r.GetRequestId() == "" {
		return nil, nil
	}
	hash, err := rpc.BodyHash(r)
	return &change.Request{City: city, Person: authn.FromContext(ctx).ID(), Method: "PublishPeriod", ID: r.GetRequestId(), BodyHash: hash,
		Resource: r.GetMonth(), Expires: s.wall.Now().Add(keepRequests)}, err
}

// ListPublishedPeriods pages through what was published.
func (s *Server) ListPublishedPeriods(ctx context.Context, r *hotlinev1.ListPublishedPeriodsRequest) (*hotlinev1.ListPublishedPeriodsResponse, error) {
	city, err := s.cities.City(codeOf(r.GetParent()))
	if err != nil {
		return nil, err
	}
	size, err := page.Size(r.GetPageSize(), defaultPage, maxPage)
	if err != nil {
		return nil, err
	}
	bound := page.Query{Parent: r.GetParent()}
	keys, err := page.Keys(r.GetPageToken(), bound, int64(0), int64(0))
	if err != nil {
		return nil, err
	}
	var after *board.PeriodKey
	if keys != nil {
		after = &board.PeriodKey{Month: board.Month(keys[0].(int64)), Revision: int(keys[1].(int64))}
	}
	found, err := s.board.Periods(ctx, city.Code(), after, size+1)
	if err != nil {
		return nil, err
	}
	out := &hotlinev1.ListPublishedPeriodsResponse{}
	if len(found) > size {
		found = found[:size]
		out.NextPageToken = page.Token(bound, int64(found[size-1].Month), int64(found[size-1].Revision))
	}
	for _, p := range found {
		out.Periods = append(out.Periods, published(city.Code(), p))
	}
	return out, nil
}

// GetPublishedPeriod returns a month as it was published.
func (s *Server) GetPublishedPeriod(ctx context.Context, r *hotlinev1.GetPublishedPeriodRequest) (*hotlinev1.PublishedPeriod, error) {
	parent, text, _ := strings.Cut(r.GetName(), "/board/periods/")
	city, err := s.cities.City(codeOf(parent))
	if err != nil {
		return nil, err
	}
	month, err := board.MonthOf(text)
	if err != nil {
		return nil, board.ErrPeriodNotFound
	}
	return s.period(ctx, city, month, int(r.GetRevision()))
}

func (s *Server) period(ctx context.Context, city *policy.City, month board.Month, revision int) (*hotlinev1.PublishedPeriod, error) {
	if err := s.board.Settle(ctx, settle); err != nil {
		return nil, err
	}
	v, err := s.board.Period(ctx, city, desk.ViewerOf(authn.FromContext(ctx), city), month, revision, s.clock.Now())
	if err != nil {
		return nil, err
	}
	n := names{city, language.Of(ctx)}
	out := published(city.Code(), v.Published)
	out.Board = past(render(n, v.Board))
	out.Board.Name = out.GetName()
	for _, l := range v.Later {
		out.LaterChanges = append(out.LaterChanges, &hotlinev1.LaterChange{Section: l.Section, Key: l.Key, DisplayName: n.in(l.Section, l.Key), Number: l.Number,
			Published: l.Published, Now: l.N, Filter: l.Filter, ChangedFilter: l.Changed, List: hotlinev1.Count_List(l.List)})
	}
	return out, nil
}

func published(city string, p board.Published) *hotlinev1.PublishedPeriod {
	return &hotlinev1.PublishedPeriod{
		Name: "cities/" + city + "/board/periods/" + p.Month.String(), Month: p.Month.String(), Revision: int32(p.Revision), PublishTime: timestamppb.New(p.Time),
		Publisher: "cities/" + city + "/persons/" + p.Publisher, Correction: p.Correction, Digest: hex.EncodeToString(p.Digest), Cells: p.Cells,
	}
}

// past leaves out what is only true at an instant.
func past(b *hotlinev1.Board) *hotlinev1.Board {
	b.OverdueAsOf = nil
	groups := slices.Concat([]*hotlinev1.Group{b.GetTotal()}, b.GetUnits(), b.GetCategories(), b.GetCounties(), b.GetAttendants(), b.GetUnitCategories())
	for _, g := range groups {
		g.Open, g.Rungs, g.Supervised, g.Cycled, g.Linked, g.Ages = nil, nil, nil, nil, nil, nil
		g.Returns.Pending, g.Extensions.Pending, g.Dialogues.Waiting = nil, nil, nil
		if c := g.GetCallbacks(); c != nil {
			c.Due = nil
		}
		g.Risk.AtRisk, g.Risk.Unstated, g.Risk.InvestmentFen, g.Risk.Jobs = nil, nil, 0, 0
		if o := g.GetWorkOrders(); o != nil {
			o.Open = nil
		}
		for _, c := range slices.Concat(g.GetClocks(), g.GetWorkOrders().GetClocks()) {
			c.Overdue, c.DueToday, c.DueTomorrow = nil, nil, nil
		}
	}
	for _, reason := range slices.Concat(b.GetReturnReasons(), b.GetUnitReturnReasons()) {
		reason.Returns.Pending = nil
	}
	return b
}
