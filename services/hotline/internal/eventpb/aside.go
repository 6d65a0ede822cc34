package eventpb

import (
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
)

// setAside sets what happens beside the straight way.
func setAside(out *hotlinev1.TicketEvent, body ticket.Body) bool {
	switch b := body.(type) {
	case ticket.OrderCreated:
		out.Event = &hotlinev1.TicketEvent_OrderCreated{OrderCreated: &hotlinev1.WorkOrderCreated{
			Order: int32(b.Order), Unit: b.Unit, Lead: b.Lead, Message: b.Message, Named: b.Named}}
	case ticket.OrderSigned:
		out.Event = &hotlinev1.TicketEvent_OrderSigned{OrderSigned: &hotlinev1.WorkOrderSigned{Order: int32(b.Order)}}
	case ticket.OrderFinished:
		out.Event = &hotlinev1.TicketEvent_OrderFinished{OrderFinished: &hotlinev1.WorkOrderFinished{Order: int32(b.Order), Message: b.Message}}
	case ticket.OrderWaived:
		out.Event = &hotlinev1.TicketEvent_OrderWaived{OrderWaived: &hotlinev1.WorkOrderWaived{Order: int32(b.Order), Message: b.Message}}
	case ticket.ReturnRequested:
		out.Event = &hotlinev1.TicketEvent_ReturnRequested{ReturnRequested: &hotlinev1.ReturnRequested{
			Request: int32(b.Return), Order: int32(b.Order), Reason: b.Reason, Message: b.Message, TargetUnit: b.Target}}
	case ticket.ReturnDecided:
		out.Event = &hotlinev1.TicketEvent_ReturnDecided{ReturnDecided: &hotlinev1.ReturnDecided{
			Request: int32(b.Return), Decision: b.Decision, Message: b.Message, Unit: b.Unit}}
	case ticket.Recalled:
		out.Event = &hotlinev1.TicketEvent_Recalled{Recalled: &hotlinev1.TicketRecalled{Cause: b.Cause, Proposal: b.Proposal, Official: b.Official}}
	case ticket.HandedOver:
		out.Event = &hotlinev1.TicketEvent_HandedOver{HandedOver: &hotlinev1.TicketHandedOver{
			Unit: b.Unit, Official: b.Official, Reason: b.Reason, Proposal: b.Proposal, From: b.From}}
	case ticket.ExtensionRequested:
		out.Event = &hotlinev1.TicketEvent_ExtensionRequested{ExtensionRequested: &hotlinev1.ExtensionRequested{
			Request: int32(b.Extension), Workdays: int32(b.Workdays), Message: b.Message}}
	case ticket.ExtensionDecided:
		out.Event = &hotlinev1.TicketEvent_ExtensionDecided{ExtensionDecided: &hotlinev1.ExtensionDecided{
			Request: int32(b.Extension), Decision: b.Decision, Message: b.Message}}
	default:
		return setOversight(out, body)
	}
	return true
}

func setOversight(out *hotlinev1.TicketEvent, body ticket.Body) bool {
	switch b := body.(type) {
	case ticket.Supervised:
		out.Event = &hotlinev1.TicketEvent_Supervised{Supervised: &hotlinev1.TicketSupervised{Message: b.Message}}
	case ticket.Instructed:
		out.Event = &hotlinev1.TicketEvent_Instructed{Instructed: &hotlinev1.TicketInstructed{Message: b.Message}}
	case ticket.Absorbed:
		out.Event = &hotlinev1.TicketEvent_Absorbed{Absorbed: &hotlinev1.TicketAbsorbed{Ticket: b.Ticket}}
	case ticket.ConflictNamed:
		out.Event = &hotlinev1.TicketEvent_ConflictNamed{ConflictNamed: &hotlinev1.ConflictNamed{Officials: b.Officials, Units: b.Units}}
	case ticket.DialogueRequested:
		out.Event = &hotlinev1.TicketEvent_DialogueRequested{DialogueRequested: &hotlinev1.DialogueRequested{Dialogue: int32(b.Dialogue), Message: b.Message}}
	case ticket.DialogueTaken:
		out.Event = &hotlinev1.TicketEvent_DialogueTaken{DialogueTaken: &hotlinev1.DialogueTaken{
			Dialogue: int32(b.Dialogue), Unit: b.Speaker.Unit, Official: b.Speaker.Official, Appointment: stamp(b.Appointment), Mode: b.Mode}}
	case ticket.DialogueDeclined:
		out.Event = &hotlinev1.TicketEvent_DialogueDeclined{DialogueDeclined: &hotlinev1.DialogueDeclined{Dialogue: int32(b.Dialogue), Message: b.Message}}
	case ticket.DialogueHandedOn:
		out.Event = &hotlinev1.TicketEvent_DialogueHandedOn{DialogueHandedOn: &hotlinev1.DialogueHandedOn{
			Dialogue: int32(b.Dialogue), Unit: b.Speaker.Unit, Official: b.Speaker.Official, Message: b.Message}}
	case ticket.DialogueHeld:
		out.Event = &hotlinev1.TicketEvent_DialogueHeld{DialogueHeld: &hotlinev1.DialogueHeld{Dialogue: int32(b.Dialogue), Message: b.Message, Mode: b.Mode}}
	case ticket.CallbackMissed:
		out.Event = &hotlinev1.TicketEvent_CallbackMissed{CallbackMissed: &hotlinev1.CallbackMissed{Attempt: int32(b.Attempt), Next: stamp(b.Next)}}
	default:
		return false
	}
	return true
}

// asideOf returns nil for what this version does not know.
func asideOf(in *hotlinev1.TicketEvent) ticket.Body {
	switch x := in.GetEvent().(type) {
	case *hotlinev1.TicketEvent_OrderCreated:
		b := x.OrderCreated
		return ticket.OrderCreated{Order: int(b.GetOrder()), Unit: b.GetUnit(), Lead: b.GetLead(), Message: b.GetMessage(), Named: b.GetNamed()}
	case *hotlinev1.TicketEvent_OrderSigned:
		return ticket.OrderSigned{Order: int(x.OrderSigned.GetOrder())}
	case *hotlinev1.TicketEvent_OrderFinished:
		return ticket.OrderFinished{Order: int(x.OrderFinished.GetOrder()), Message: x.OrderFinished.GetMessage()}
	case *hotlinev1.TicketEvent_OrderWaived:
		return ticket.OrderWaived{Order: int(x.OrderWaived.GetOrder()), Message: x.OrderWaived.GetMessage()}
	case *hotlinev1.TicketEvent_ReturnRequested:
		b := x.ReturnRequested
		return ticket.ReturnRequested{Return: int(b.GetRequest()), Order: int(b.GetOrder()), Reason: b.GetReason(), Message: b.GetMessage(), Target: b.GetTargetUnit()}
	case *hotlinev1.TicketEvent_ReturnDecided:
		b := x.ReturnDecided
		return ticket.ReturnDecided{Return: int(b.GetRequest()), Decision: b.GetDecision(), Message: b.GetMessage(), Unit: b.GetUnit()}
	case *hotlinev1.TicketEvent_Recalled:
		b := x.Recalled
		return ticket.Recalled{Cause: b.GetCause(), Proposal: b.GetProposal(), Official: b.GetOfficial()}
	case *hotlinev1.TicketEvent_HandedOver:
		b := x.HandedOver
		return ticket.HandedOver{Unit: b.GetUnit(), Official: b.GetOfficial(), Reason: b.GetReason(), Proposal: b.GetProposal(), From: b.GetFrom()}
	case *hotlinev1.TicketEvent_ExtensionRequested:
		b := x.ExtensionRequested
		return ticket.ExtensionRequested{Extension: int(b.GetRequest()), Workdays: int(b.GetWorkdays()), Message: b.GetMessage()}
	case *hotlinev1.TicketEvent_ExtensionDecided:
		b := x.ExtensionDecided
		return ticket.ExtensionDecided{Extension: int(b.GetRequest()), Decision: b.GetDecision(), Message: b.GetMessage()}
	default:
		return oversightOf(in)
	}
}

func oversightOf(in *hotlinev1.TicketEvent) ticket.Body {
	switch x := in.GetEvent().(type) {
	case *hotlinev1.TicketEvent_Supervised:
		return ticket.Supervised{Message: x.Supervised.GetMessage()}
	case *hotlinev1.TicketEvent_Instructed:
		return ticket.Instructed{Message: x.Instructed.GetMessage()}
	case *hotlinev1.TicketEvent_Absorbed:
		return ticket.Absorbed{Ticket: x.Absorbed.GetTicket()}
	case *hotlinev1.TicketEvent_ConflictNamed:
		return ticket.ConflictNamed{Conflict: ticket.Conflict{Officials: x.ConflictNamed.GetOfficials(), Units: x.ConflictNamed.GetUnits()}}
	case *hotlinev1.TicketEvent_DialogueRequested:
		return ticket.DialogueRequested{Dialogue: int(x.DialogueRequested.GetDialogue()), Message: x.DialogueRequested.GetMessage()}
	case *hotlinev1.TicketEvent_DialogueTaken:
		b := x.DialogueTaken
		return ticket.DialogueTaken{Dialogue: int(b.GetDialogue()), Speaker: ticket.Seat{Unit: b.GetUnit(), Official: b.GetOfficial()},
			Appointment: moment(b.GetAppointment()), Mode: b.GetMode()}
	case *hotlinev1.TicketEvent_DialogueDeclined:
		return ticket.DialogueDeclined{Dialogue: int(x.DialogueDeclined.GetDialogue()), Message: x.DialogueDeclined.GetMessage()}
	case *hotlinev1.TicketEvent_DialogueHandedOn:
		b := x.DialogueHandedOn
		return ticket.DialogueHandedOn{Dialogue: int(b.GetDialogue()), Speaker: ticket.Seat{Unit: b.GetUnit(), Official: b.GetOfficial()}, Message: b.GetMessage()}
	case *hotlinev1.TicketEvent_DialogueHeld:
		b := x.DialogueHeld
		return ticket.DialogueHeld{Dialogue: int(b.GetDialogue()), Message: b.GetMessage(), Mode: b.GetMode()}
	case *hotlinev1.TicketEvent_CallbackMissed:
		return ticket.CallbackMissed{Attempt: int(x.CallbackMissed.GetAttempt()), Next: moment(x.CallbackMissed.GetNext())}
	default:
		return nil
	}
}
