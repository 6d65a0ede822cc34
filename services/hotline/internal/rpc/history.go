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
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/language"
	"github.com/throughtrain/throughtrain/services/kit/text"
)

// ListTicketEvents returns the ticket's history.
func (s *Server) ListTicketEvents(ctx context.Context, in *hotlinev1.ListTicketEventsRequest) (*hotlinev1.ListTicketEventsResponse, error) {
	view, entries, verified, err := s.desk.History(ctx, callerOf(ctx), refOf(in.GetParent()))
	if err != nil {
		return nil, err
	}
	show := shown{View: &view, Language: language.Of(ctx)}
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
		return actor, s.Pick("系统", "System")
	case actor == ticket.HiddenFiler:
		return actor, s.person(s.Whose.Filer, at)
	case strings.Contains(actor, "/"):
		return actor, s.Pick("自动派单", "Routing")
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
	filer := s.Pick("诉求人", "The filer")
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
	said := s.Language.Say(eventTexts[e.Body.Type()])
	with := func(more string) string {
		if more == "" {
			return said
		}
		return said + s.Pick("：", ": ") + more
	}
	switch b := e.Body.(type) {
	case ticket.Dispatched:
		return with(s.card(ticket.Seat{Unit: b.Unit, Official: b.Official}, e.Time).GetDisplayName() + s.Pick("（", " (") +
			s.Language.Say(routingTexts[b.Reason]) + s.Pick("）", ")"))
	case ticket.Resumed:
		switch b.Cause {
		case ticket.CauseBound:
			return s.Pick("等待期限已到，继续计时", "The bound of waiting came; the clock goes on")
		case ticket.CauseRecall:
			return s.Pick("诉求离开原承办人，继续计时", "The ticket left its holder; the clock goes on")
		}
	case ticket.Reopened:
		if b.Cause == ticket.CauseConflict {
			return s.Pick("答复人需要回避，重新办理", "Who answered may have no part in it: open again")
		}
	case ticket.Closed:
		return s.Language.Say(closeTexts[b.Reason])
	case ticket.ClockWarned:
		return with(s.clockName(b.Clock))
	case ticket.ClockBreached:
		return with(s.clockName(b.Clock))
	case ticket.RungReached:
		return with(s.Pick("第"+strconv.Itoa(b.Rung)+"级", "rung "+strconv.Itoa(b.Rung)) + s.Pick("，责任领导 ", ", accountable ") + s.card(b.Seat, e.Time).GetDisplayName())
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
	said := s.Language.Say(clockTexts[c.Kind])
	if o := s.Ticket.Order(c.Order); o != nil {
		said += s.Pick("（", " (") + s.unitName(o.Unit, o.From) + s.Pick("）", ")")
	}
	return said
}
