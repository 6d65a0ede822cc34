package rpc

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"time"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/eventpb"
	"github.com/throughtrain/throughtrain/services/hotline/internal/text"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
)

// ListTicketEvents returns the ticket's history.
func (s *Server) ListTicketEvents(ctx context.Context, in *hotlinev1.ListTicketEventsRequest) (*hotlinev1.ListTicketEventsResponse, error) {
	view, entries, verified, err := s.desk.History(ctx, callerOf(ctx), refOf(in.GetParent()))
	if err != nil {
		return nil, err
	}
	show := shown{View: &view, language: languageOf(ctx)}
	out := &hotlinev1.ListTicketEventsResponse{ChainVerified: verified}
	for _, entry := range entries {
		rendered, err := show.entry(entry)
		if err != nil {
			return nil, err
		}
		out.Events = append(out.Events, rendered)
	}
	return out, nil
}

func (s *shown) entry(e desk.Entry) (*hotlinev1.TicketEventEntry, error) {
	event, err := eventpb.Encode(e.Event)
	if err != nil {
		return nil, err
	}
	actor, display := s.actor(e.Event.Actor, e.Event.Time)
	return &hotlinev1.TicketEventEntry{
		Version: e.Event.Version, Type: e.Event.Body.Type(), Time: stamp(e.Event.Time), Actor: actor, ActorDisplayName: display,
		Text: s.eventText(e.Event), Event: event, PreviousHash: e.Sealed.Previous.String(), Hash: e.Sealed.Hash.String(), Envelope: e.Sealed.Bytes,
	}, nil
}

// actor names who did something, and how the caller may see them called.
func (s *shown) actor(actor string, at time.Time) (name, display string) {
	switch {
	case strings.HasPrefix(actor, "system/"):
		return actor, s.of("系统", "System")
	case actor == ticket.HiddenFiler:
		return actor, s.person(s.Whose.Filer, at)
	case strings.Contains(actor, "/"):
		return actor, s.of("自动派单", "Routing")
	default:
		return named(s.Ticket.City, "persons", actor), s.person(actor, at)
	}
}

// person is what somebody is called: an official by name, since filers are told who answers; the filer's side masked for who does not
// need to reach them.
func (s *shown) person(id string, at time.Time) string {
	if o, ok := findOfficial(s.City, id, at); ok {
		return o.DisplayName
	}
	filer := s.of("诉求人", "The filer")
	filing := s.Filing()
	switch {
	case id != s.Whose.Filer || filing.Name == "":
		return filer
	case s.Sight.Contact:
		return filing.Name
	default:
		return text.MaskName(filing.Name)
	}
}

// eventText says what happened.
func (s *shown) eventText(e ticket.Event) string {
	said := s.language.text(eventTexts[e.Body.Type()])
	with := func(more string) string {
		if more == "" {
			return said
		}
		return said + s.of("：", ": ") + more
	}
	switch b := e.Body.(type) {
	case ticket.Dispatched:
		return with(s.card(ticket.Seat{Unit: b.Unit, Official: b.Official}, e.Time).GetDisplayName() + s.of("（", " (") +
			s.language.text(routingTexts[b.Reason]) + s.of("）", ")"))
	case ticket.Resumed:
		switch b.Cause {
		case ticket.CauseBound:
			return s.of("等待期限已到，继续计时", "The bound of waiting came; the clock goes on")
		case ticket.CauseRecall:
			return s.of("诉求离开原承办人，继续计时", "The ticket left its holder; the clock goes on")
		}
	case ticket.Reopened:
		if b.Cause == ticket.CauseConflict {
			return s.of("答复人需要回避，重新办理", "Who answered may have no part in it: open again")
		}
	case ticket.Closed:
		return s.language.text(closeTexts[b.Reason])
	case ticket.ClockWarned:
		return with(s.clockName(b.Clock))
	case ticket.ClockBreached:
		return with(s.clockName(b.Clock))
	case ticket.RungReached:
		return with(s.of("第"+strconv.Itoa(b.Rung)+"级", "rung "+strconv.Itoa(b.Rung)) + s.of("，责任领导 ", ", accountable ") + s.card(b.Seat, e.Time).GetDisplayName())
	}
	return cmp.Or(s.asideText(e), said)
}

func (s *shown) clockName(id int) string {
	if id < 1 || id > len(s.Ticket.Clocks) {
		return ""
	}
	return s.clockTitle(&s.Ticket.Clocks[id-1])
}

// clockTitle is what a clock measures, and for a work order's of which unit.
func (s *shown) clockTitle(c *ticket.Clock) string {
	said := s.language.text(clockTexts[c.Kind])
	if o := s.Ticket.Order(c.Order); o != nil {
		said += s.of("（", " (") + s.unitName(o.Unit, o.From) + s.of("）", ")")
	}
	return said
}
