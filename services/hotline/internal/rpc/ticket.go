package rpc

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/language"
)

// shown is one view of a ticket in the caller's language.
type shown struct {
	*desk.View
	language.Language
	row bool // of a list: no text but the title
}

func (s *shown) text(id string) string {
	if s.row {
		return ""
	}
	return s.Text(id)
}

// ticket renders the whole view.
func (s *shown) ticket() *hotlinev1.Ticket {
	t := s.Ticket
	filing := s.Filing()
	out := &hotlinev1.Ticket{
		Name: ticketName(t), Number: t.Number, State: hotlinev1.Ticket_State(t.State), Etag: s.Etag(),
		Holder: seatName(t.City, s.holder()), HolderCard: s.card(s.holder(), t.DispatchTime),
		Title: filing.Title, Category: t.Category, AppealType: t.AppealType, Urgency: hotlinev1.Ticket_Urgency(t.Urgency), Channel: t.Channel,
		Enterprise: named(t.City, "enterprises", s.Whose.Enterprise), Project: projectName(t.City, s.Whose), County: s.Whose.County, Unit: named(t.City, "units", t.Unit),
		Filer: named(t.City, "persons", s.Whose.Filer), MembershipConfirmed: t.MembershipConfirmed, Contact: s.contact(),
		CreateTime: stamp(t.CreateTime), UpdateTime: stamp(t.UpdateTime), DispatchTime: stamp(t.DispatchTime), SignTime: stamp(t.SignTime),
		CloseTime: stamp(t.CloseTime), DueTime: stamp(t.DueTime()), CloseReason: hotlinev1.Ticket_CloseReason(t.CloseReason),
		Rung: int32(t.Rung), Cycle: int32(t.Cycle), Actions: s.Actions, ConfigVersion: t.ConfigVersion,
		Issue: named(t.City, "commonIssues", t.Issue),
	}
	if !s.row {
		out.Body = filing.Body
	}
	for i := range t.Clocks {
		out.Clocks = append(out.Clocks, s.clock(&t.Clocks[i]))
	}
	if t.Rung > 0 {
		out.Accountable = s.card(t.Accountable, t.UpdateTime)
	}
	s.acts(out)
	s.aside(out)
	return out
}

// acts adds what the parties did last.
func (s *shown) acts(out *hotlinev1.Ticket) {
	t := s.Ticket
	if a := t.LastAnswer; a != nil {
		out.AnswerTime = stamp(a.Time)
		out.Answer = &hotlinev1.Answer{Outcome: hotlinev1.Answer_Outcome(a.Outcome), Text: s.text(a.Message), Official: s.card(a.Seat, a.Time),
			AnswerTime: stamp(a.Time), Thin: a.Thin}
	}
	if v := t.LastVerification; v != nil {
		out.VerifyTime = stamp(v.Time)
		out.Verification = &hotlinev1.Verification{Contacted: v.Contacted, Solved: v.Solved, Satisfied: hotlinev1.Verification_Satisfaction(v.Satisfied),
			Comment: s.text(v.Message), VerifyTime: stamp(v.Time), Callback: v.Callback}
	}
	if r := t.Routing; r != nil {
		out.Routing = &hotlinev1.Routing{Reason: r.Reason, Text: s.Language.Say(routingTexts[r.Reason]), By: r.By, Time: stamp(r.Time)}
	}
	if w := t.Waiting; w != nil {
		out.Waiting = &hotlinev1.Waiting{Question: s.text(w.Message), AskTime: stamp(w.Since), UntilTime: stamp(w.Until)}
	}
	if r := t.Rejection; r != nil {
		out.Rejection = &hotlinev1.Rejection{Route: r.Route, Reason: s.text(r.Message), By: named(t.City, "persons", r.By), Time: stamp(r.Time)}
	}
}

func (s *shown) holder() ticket.Seat {
	return ticket.Seat{Unit: s.Ticket.Unit, Official: s.Ticket.Official}
}

func (s *shown) contact() *hotlinev1.Contact {
	name, phone := s.Contact()
	if name == "" && phone == "" {
		return nil
	}
	return &hotlinev1.Contact{Name: name, Phone: phone}
}

func (s *shown) clock(c *ticket.Clock) *hotlinev1.Clock {
	out := &hotlinev1.Clock{
		Kind: hotlinev1.Clock_Kind(c.Kind), Owner: seatName(s.Ticket.City, c.Owner), StartTime: stamp(c.Start), DueTime: stamp(c.Due),
		State: hotlinev1.Clock_State(c.State), Provisional: c.Provisional, FirstDueTime: stamp(c.FirstDue), WarnTime: stamp(c.Warn),
		StopTime: stamp(c.Stop), Cycle: int32(c.Cycle), Limit: c.Limit.String(), Policy: c.Policy, ConfigVersion: c.ConfigVersion, Calendar: c.Calendar,
		WorkingSeconds:     int64(s.Ticket.Worked(s.City, *c, s.Now) / time.Second),
		WorkingSecondsLeft: int64(c.Left(s.City, s.Now) / time.Second), WorkOrder: int32(c.Order),
	}
	if !c.Owed() {
		return out
	}
	a := s.Ticket.Ahead(s.City, *c, s.Now)
	out.AsOfTime, out.Natural, out.SecondsTotal, out.SecondsLeft = stamp(a.AsOf), a.Natural, seconds(a.Total), seconds(a.Left)
	out.WorkingSpans, out.NextOpeningTime = a.Spans, stamp(a.NextOpening)
	return out
}

// card is the official, or the unit, as filers are shown them: from the newest configuration, or for who serves no longer from that of the time.
func (s *shown) card(seat ticket.Seat, at time.Time) *hotlinev1.OfficialCard {
	card := &hotlinev1.OfficialCard{Name: seatName(s.Ticket.City, seat), Unit: named(s.Ticket.City, "units", seat.Unit),
		UnitDisplayName: s.unitName(seat.Unit, at)}
	if seat.Official == "" {
		card.DisplayName = card.GetUnitDisplayName()
		return card
	}
	o, _ := findOfficial(s.City, seat.Official, at)
	card.DisplayName, card.Title, card.Phone = o.DisplayName, o.Title, o.Phone
	return card
}

// officialCard is the card of somebody in the unit they serve in.
func (s *shown) officialCard(person string, at time.Time) *hotlinev1.OfficialCard {
	o, _ := findOfficial(s.City, person, at)
	return s.card(ticket.Seat{Unit: o.Unit, Official: person}, at)
}

func (s *shown) unitName(code string, at time.Time) string {
	unit := findUnit(s.City, code, at)
	return s.Pick(unit.DisplayName, unit.DisplayNameEn)
}

func findOfficial(city *policy.City, person string, at time.Time) (policy.Official, bool) {
	if o, ok := city.Official(person); ok {
		return o, true
	}
	return city.At(at).Official(person)
}

// findUnit returns the zero unit for one that the city never had.
func findUnit(city *policy.City, code string, at time.Time) policy.Unit {
	u, ok := city.Unit(code)
	if !ok {
		u, _ = city.At(at).Unit(code)
	}
	return u
}

// stamp leaves a zero time out.
func stamp(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}
