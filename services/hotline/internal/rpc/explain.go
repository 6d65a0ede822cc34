package rpc

import (
	"context"
	"strconv"
	"time"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// ExplainTicket tells how each deadline came about.
func (s *Server) ExplainTicket(ctx context.Context, in *hotlinev1.ExplainTicketRequest) (*hotlinev1.Explanation, error) {
	view, explained, err := s.desk.Explain(ctx, callerOf(ctx), refOf(in.GetName()))
	if err != nil {
		return nil, err
	}
	show := shown{View: &view, language: languageOf(ctx)}
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
	out := &hotlinev1.ClockExplanation{Clock: s.clock(&e.Clock), Rule: s.clockTitle(&e.Clock) + s.of("：", ": ") + s.limit(e.Clock), Source: e.Source}
	for _, i := range e.Intervals {
		out.Intervals = append(out.Intervals, &hotlinev1.Interval{StartTime: stamp(i.From), EndTime: stamp(i.To), Counted: i.Counted, Reason: i.Reason,
			WorkingSeconds: seconds(i.Working), Text: s.language.text(reasonTexts[i.Reason])})
	}
	return out
}

// limit says how long a clock runs, and what changed that since.
func (s *shown) limit(c ticket.Clock) string {
	said := s.length(c.Limit)
	for _, turn := range c.Turns {
		if turn.NotAfter.IsZero() {
			said += s.of("，延期", ", and ") + s.length(turn.Extension) + s.either("", " more")
		} else {
			said += s.of("，不晚于并入诉求的时限", ", not later than what was merged in")
		}
	}
	return said
}

func (s *shown) length(l worktime.Limit) string {
	if s.language == english {
		return l.String()
	}
	said := strconv.Itoa(l.Amount) + unitTexts[l.Unit]
	if l.Roll {
		said += "，到期在非工作时间的顺延"
	}
	return said
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }
