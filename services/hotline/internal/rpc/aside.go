package rpc

import (
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
)

// aside adds what a ticket has beside its straight way.
func (s *shown) aside(out *hotlinev1.Ticket) {
	t := s.Ticket
	for i := range t.Orders {
		out.WorkOrders = append(out.WorkOrders, s.order(&t.Orders[i]))
	}
	for i := range t.Returns {
		out.ReturnRequests = append(out.ReturnRequests, s.returnRequest(&t.Returns[i]))
	}
	for _, x := range t.Extensions {
		out.ExtensionRequests = append(out.ExtensionRequests, &hotlinev1.ExtensionRequest{
			Number: int32(x.Number), Workdays: int32(x.Workdays), Reason: s.text(x.Message), CreateTime: stamp(x.Time),
			Decision: x.Decision, DecisionReason: s.text(x.Answer), DecideTime: stamp(x.DecideTime),
		})
	}
	for _, d := range t.Directives {
		out.Directives = append(out.Directives, &hotlinev1.Directive{Kind: d.Kind, Text: s.text(d.Message), Official: s.officialCard(d.By, d.Time),
			Time: stamp(d.Time)})
	}
	for i := range t.Dialogues {
		out.Dialogues = append(out.Dialogues, s.dialogue(&t.Dialogues[i]))
	}
	s.merged(out)
	out.Confidential, out.InvestmentAtRiskFen, out.JobsAtRisk = t.Confidential, t.InvestmentAtRisk, int32(t.JobsAtRisk)
	if t.Source != "" && s.Sight.Text {
		out.Source = "cities/" + t.City + "/" + t.Source
	}
	conflict := s.Conflict()
	for _, person := range conflict.Officials {
		out.ConflictOfficials = append(out.ConflictOfficials, named(t.City, "persons", person))
	}
	for _, unit := range conflict.Units {
		out.ConflictUnits = append(out.ConflictUnits, named(t.City, "units", unit))
	}
	if c := s.Callback(); c != nil {
		out.Callback = &hotlinev1.Callback{Reason: c.Reason, State: c.State, Attempts: int32(c.Attempts), NextTime: stamp(c.Next)}
	}
}

// merged names the tickets merged with this one, as far as the caller may know of them.
func (s *shown) merged(out *hotlinev1.Ticket) {
	if s.Linked(s.Ticket.MergedInto) {
		out.MergedInto = named(s.Ticket.City, "tickets", s.Ticket.MergedInto)
	}
	for _, id := range s.Ticket.Merged {
		if s.Linked(id) {
			out.Merged = append(out.Merged, named(s.Ticket.City, "tickets", id))
		}
	}
}

func (s *shown) returnRequest(r *ticket.Return) *hotlinev1.ReturnRequest {
	city := s.Ticket.City
	return &hotlinev1.ReturnRequest{
		Number: int32(r.Number), WorkOrder: int32(r.Order), Unit: named(city, "units", r.By.Unit), UnitDisplayName: s.unitName(r.By.Unit, r.Time),
		Reason: r.Reason, ReasonText: s.Language.Say(returnTexts[r.Reason]), Basis: s.text(r.Message), TargetUnit: named(city, "units", r.Target),
		CreateTime: stamp(r.Time), Decision: r.Decision, DecisionReason: s.text(r.Answer), DecideTime: stamp(r.DecideTime),
	}
}

func (s *shown) dialogue(d *ticket.Dialogue) *hotlinev1.Dialogue {
	out := &hotlinev1.Dialogue{
		Number: int32(d.Number), State: hotlinev1.Dialogue_State(d.State), Topic: s.text(d.Topic), CreateTime: stamp(d.Time),
		AppointmentTime: stamp(d.Appointment), Mode: d.Mode, Reason: s.text(d.Reason), Record: s.text(d.Record), EndTime: stamp(d.To),
	}
	if d.Speaker != (ticket.Seat{}) {
		out.Official = s.card(d.Speaker, d.Time)
	}
	return out
}
