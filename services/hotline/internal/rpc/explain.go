package rpc

import (
	"context"
	"time"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/language"
)

// ExplainTicket tells how each deadline came about.
func (s *Server) ExplainTicket(ctx context.Context, in *hotlinev1.ExplainTicketRequest) (*hotlinev1.Explanation, error) {
	view, explained, err := s.desk.Explain(ctx, callerOf(ctx), refOf(in.GetName()))
	if err != nil {
		return nil, err
	}
	show := shown{View: &view, Language: language.Of(ctx)}
	out := &hotlinev1.Explanation{Name: ticketName(view.Ticket), AsOf: stamp(explained.AsOf)}
	for i := range explained.Clocks {
		out.Clocks = append(out.Clocks, show.explanation(&explained.Clocks[i]))
	}
	for _, h := range explained.Holders {
		out.Holders = append(out.Holders, &hotlinev1.HolderShare{Holder: show.card(h.Seat, h.From), StartTime: stamp(h.From), EndTime: stamp(h.To),
			WorkingSeconds: seconds(h.Working)})
	}
	return out, nil
}

func (s *shown) explanation(e *ticket.ClockExplanation) *hotlinev1.ClockExplanation {
	out := &hotlinev1.ClockExplanation{Clock: s.clock(&e.Clock), Rule: s.rule(e.Clock), Source: e.Source}
	for _, i := range e.Intervals {
		out.Intervals = append(out.Intervals, &hotlinev1.Interval{StartTime: stamp(i.From), EndTime: stamp(i.To), Counted: i.Counted, Reason: i.Reason,
			WorkingSeconds: seconds(i.Working), Text: s.Language.Say(i.Text())})
	}
	return out
}

// rule says what a clock demands, and of a work order's of whom.
func (s *shown) rule(c ticket.Clock) string {
	said := s.Language.Say(s.Ticket.Rule(c))
	if o := s.Ticket.Order(c.Order); o != nil && o.Unit != "" { // one that is only previewed is nobody's
		said = s.unitName(o.Unit, o.From) + s.Pick("：", ": ") + said
	}
	return said
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }
