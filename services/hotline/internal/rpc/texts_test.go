package rpc

import (
	"testing"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

func TestEverythingIsSaidInBothLanguages(t *testing.T) {
	said := func(what string, texts fault.Text) {
		t.Helper()
		if texts.Zh == "" || texts.En == "" {
			t.Errorf("%s: %+v", what, texts)
		}
	}
	happening := (&hotlinev1.TicketEvent{}).ProtoReflect().Descriptor().Oneofs().ByName("event").Fields()
	for i := range happening.Len() {
		name := string(happening.Get(i).Name())
		said("event "+name, eventTexts[name])
	}
	if happening.Len() != len(eventTexts) {
		t.Errorf("%d kinds of event, texts for %d", happening.Len(), len(eventTexts))
	}
	for _, kind := range append(ticket.Kinds(), ticket.OrderKinds()...) {
		said("clock "+kind.String(), clockTexts[kind])
	}
	for _, reason := range []string{ticket.ReasonWork, ticket.ReasonStartDay, ticket.ReasonLunch, ticket.ReasonNight, ticket.ReasonWeekend,
		ticket.ReasonHoliday, ticket.ReasonMakeUp, ticket.ReasonPaused, ticket.ReasonRolled, ticket.ReasonNatural} {
		said("interval "+reason, ticket.Interval{Reason: reason}.Text())
	}
	for _, reason := range []string{"project-attendant", "enterprise-attendant", "deputy", "least-loaded", "dispatcher", "referee", "handover", "leave",
		"dismissed"} {
		said("routing "+reason, routingTexts[reason])
	}
	for _, reason := range []ticket.CloseReason{ticket.ClosedVerified, ticket.ClosedUnverified, ticket.ClosedWithdrawn, ticket.ClosedRejected,
		ticket.ClosedMerged} {
		said("close "+reason.String(), closeTexts[reason])
	}
	for _, reason := range []string{"not-our-duty", "wrong-county", "needs-lead", "duplicate", "other"} {
		said("return "+reason, returnTexts[reason])
	}
	for _, reason := range ticket.RevealReasons() {
		said("reveal "+reason, revealTexts[reason])
	}
	for _, mode := range []string{"phone", "in-person"} {
		said("mode "+mode, modeTexts[mode])
	}
}

// Two requests that ask for the same have one hash, whatever their request id and etag; the request itself stays as it was.
func TestBodyHash(t *testing.T) {
	in := &hotlinev1.SignTicketRequest{Name: "cities/410900/tickets/x", Etag: "3", RequestId: "a"}
	first, err := callOf("SignTicket", in)
	if err != nil || first.Etag != "3" || in.GetRequestId() != "a" || in.GetEtag() != "3" {
		t.Fatalf("%+v, %v; the request is now %v", first, err, in)
	}
	same, _ := callOf("SignTicket", &hotlinev1.SignTicketRequest{Name: in.GetName(), RequestId: "b"})
	other, _ := callOf("SignTicket", &hotlinev1.SignTicketRequest{Name: in.GetName() + "y", RequestId: "a"})
	if string(first.BodyHash) != string(same.BodyHash) || string(first.BodyHash) == string(other.BodyHash) || len(first.BodyHash) != 32 {
		t.Errorf("%x %x %x", first.BodyHash, same.BodyHash, other.BodyHash)
	}
	if none, _ := callOf("SignTicket", &hotlinev1.SignTicketRequest{}); none.BodyHash != nil {
		t.Error("a call without an id needs no hash")
	}
}
