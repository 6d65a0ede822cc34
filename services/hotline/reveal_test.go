package hotline_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/protobuf/proto"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

func (w *world) reveal(t *testing.T, caller authn.Caller, name, reason string) (*hotlinev1.RevealContactResponse, error) {
	t.Helper()
	return w.RevealContact(w.with(t, caller), &hotlinev1.RevealContactRequest{Name: name, Reason: reason})
}

// Whoever has the ticket in hand, or oversees it, is shown the phone; everybody else is not, and everywhere else it is masked.
func TestWhoIsShownThePhone(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	c := &canaries{name: w.file(t).GetName()}
	w.dispatched(t, c, policytest.Attendant)
	order := must[*hotlinev1.WorkOrder](t)(w.CreateWorkOrder(w.as(t, policytest.Attendant),
		&hotlinev1.CreateWorkOrderRequest{Parent: c.name, Unit: unit(policytest.Water), Text: "part"}))
	try := func(when string, wants map[string]string) {
		t.Helper()
		for who, want := range wants {
			got, err := w.reveal(t, desktest.Caller(who), c.name, "call")
			if toldOf(err).reason != want || err == nil && got.GetContact().GetPhone() != desktest.Phone {
				t.Errorf("%s, %s: %v, %v, want %q", when, who, got.GetContact(), err, want)
			}
			if phone := got.GetTicket().GetContact().GetPhone(); err == nil && phone != "138****8000" {
				t.Errorf("%s, %s: the ticket says %q", when, who, phone)
			}
		}
	}
	try("in hand", map[string]string{policytest.Attendant: "", policytest.Clerk: "", policytest.Dispatcher: "", policytest.Supervisor: "", policytest.MayorOffice: "",
		policytest.HousingLeader: "NOT_INSIDE", policytest.Auditor: "ROLE_REQUIRED", desktest.Filer: "ROLE_REQUIRED", desktest.Colleague: "ROLE_REQUIRED",
		policytest.Attendant2: "TICKET_NOT_FOUND", desktest.Stranger: "ROLE_REQUIRED"})
	for who, want := range map[string]string{desktest.Filer: desktest.Phone, policytest.Attendant: "138****8000", policytest.Dispatcher: "138****8000"} {
		if got := w.seenBy(t, c.name, who).GetContact().GetPhone(); got != want {
			t.Errorf("%s reads %q, want %q", who, got, want)
		}
	}
	must[*hotlinev1.WorkOrder](t)(w.SignWorkOrder(w.as(t, policytest.Clerk), &hotlinev1.SignWorkOrderRequest{Name: order.GetName()}))
	must[*hotlinev1.WorkOrder](t)(w.FinishWorkOrder(w.as(t, policytest.Clerk), &hotlinev1.FinishWorkOrderRequest{Name: order.GetName(), Text: "done"}))
	try("the part is done", map[string]string{policytest.Clerk: "CONTACT_NOT_HELD", policytest.Attendant: ""})
	must[*hotlinev1.Ticket](t)(w.ReturnTicket(w.as(t, policytest.Attendant),
		&hotlinev1.ReturnTicketRequest{Name: c.name, Reason: "not-our-duty", Basis: "basis", TargetUnit: unit(policytest.Market)}))
	must[*hotlinev1.Ticket](t)(w.DecideReturn(w.as(t, policytest.Dispatcher2), &hotlinev1.DecideReturnRequest{Name: c.name, Number: 1, Granted: proto.Bool(true),
		Reason: "reason", Official: person(policytest.Attendant2)}))
	try("after a hand-over", map[string]string{policytest.Attendant: "TICKET_NOT_FOUND", policytest.Attendant2: ""})
	must[*hotlinev1.Ticket](t)(w.WithdrawTicket(w.as(t, desktest.Filer), &hotlinev1.WithdrawTicketRequest{Name: c.name, Reason: "已解决"}))
	try("closed", map[string]string{policytest.Attendant2: "STATE_FORBIDS", policytest.Dispatcher: "STATE_FORBIDS"})
}

// The filer reads who looked, in which unit and post, and why; the phone itself is in no event.
func TestTheFilerReadsWhoLooked(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		c := &canaries{name: w.file(t).GetName()}
		w.dispatched(t, c, policytest.Attendant)
		in := &hotlinev1.RevealContactRequest{Name: c.name, Reason: "other", Note: "材料要当面核对"}
		must[*hotlinev1.RevealContactResponse](t)(w.RevealContact(w.as(t, policytest.Attendant), in))
		must[*hotlinev1.RevealContactResponse](t)(w.reveal(t, desktest.Caller(policytest.Dispatcher), c.name, "callback"))
		for _, note := range []string{"", " \u200b\n"} {
			if _, err := w.RevealContact(w.as(t, policytest.Attendant), &hotlinev1.RevealContactRequest{Name: c.name, Reason: "other", Note: note}); toldOf(err).reason != "TEXT_EMPTY" {
				t.Errorf("another reason that nobody can read: %v", err)
			}
		}
		looks := func(who string) (all []*hotlinev1.TicketEventEntry) {
			history := must[*hotlinev1.ListTicketEventsResponse](t)(w.ListTicketEvents(w.as(t, who), &hotlinev1.ListTicketEventsRequest{Parent: c.name}))
			if !history.GetChainVerified() {
				t.Error("the chain is broken")
			}
			for _, e := range history.GetEvents() {
				if strings.Contains(e.String(), desktest.Phone) || strings.Contains(string(e.GetEnvelope()), desktest.Phone) {
					t.Errorf("the phone is in %v", e)
				}
				if e.GetType() == "contact_revealed" {
					all = append(all, e)
				}
			}
			return all
		}
		card := w.seenBy(t, c.name, policytest.Attendant).GetHolderCard()
		for _, e := range looks(desktest.Filer)[:1] {
			for _, want := range []string{card.GetUnitDisplayName(), card.GetDisplayName(), card.GetTitle(), "查看了诉求人的联系电话", "其他原因"} {
				if !strings.Contains(e.GetText(), want) {
					t.Errorf("%q lacks %q", e.GetText(), want)
				}
			}
		}
		if e := looks(desktest.Filer)[1]; !strings.HasSuffix(e.GetText(), "回访") {
			t.Errorf("the filer reads %q", e.GetText())
		}
		// Who answers is not to know that the filer is called back.
		if e := looks(policytest.Attendant)[1]; strings.Contains(e.GetText(), "回访") || e.GetEvent().GetContactRevealed().GetReason() != "" || len(e.GetEnvelope()) > 0 {
			t.Errorf("the holder reads %v", e)
		}
		words := must[*hotlinev1.ListMessagesResponse](t)(w.ListMessages(w.as(t, desktest.Filer), &hotlinev1.ListMessagesRequest{Parent: c.name})).GetMessages()
		if len(words) != 1 || words[0].GetKind() != hotlinev1.Message_CONTACT_REVEAL || words[0].GetText() != "材料要当面核对" {
			t.Errorf("the filer reads %v", words)
		}
	})
}

// Fifty a day for one person, however many at once; the fifty-first is refused and counted. A repeated call is no second look, and the next day begins anew.
func TestTheFiftyFirstIsRefused(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		c := &canaries{name: w.file(t).GetName()}
		w.dispatched(t, c, policytest.Attendant)
		holder := desktest.Caller(policytest.Attendant)
		in := &hotlinev1.RevealContactRequest{Name: c.name, Reason: "call", RequestId: "first"}
		for range 2 {
			if got := must[*hotlinev1.RevealContactResponse](t)(w.RevealContact(w.with(t, holder), in)); got.GetContact().GetPhone() != desktest.Phone {
				t.Errorf("%v", got)
			}
		}
		var all sync.WaitGroup
		refused := make(chan string, 64)
		gate := make(chan struct{}, 4)
		for i := range 60 {
			all.Go(func() {
				gate <- struct{}{}
				defer func() { <-gate }()
				for {
					_, err := w.RevealContact(w.with(t, holder), &hotlinev1.RevealContactRequest{Name: c.name, Reason: "call", RequestId: fmt.Sprint(i)})
					switch reason := toldOf(err).reason; reason {
					case "TOO_BUSY":
						continue
					case "":
						return
					default:
						refused <- reason
						return
					}
				}
			})
		}
		all.Wait()
		close(refused)
		n := 0
		for reason := range refused {
			if n++; reason != "REVEALS_EXHAUSTED" {
				t.Error(reason)
			}
		}
		if n != 11 {
			t.Errorf("%d were refused, want 11", n)
		}
		if got := must[*hotlinev1.RevealContactResponse](t)(w.RevealContact(w.with(t, holder), in)); got.GetContact().GetPhone() != desktest.Phone {
			t.Errorf("the repeated call: %v", got)
		}
		if shown, refusals := w.counted(t, "shown"), w.counted(t, "refused"); refusals != 11 || shown != 52 {
			t.Errorf("counted %v shown and %v refused", shown, refusals)
		}
		must[*hotlinev1.RevealContactResponse](t)(w.reveal(t, desktest.Caller(policytest.Supervisor), c.name, "identity"))
		w.Clock.Set(policytest.At("2026-03-03 09:00"))
		must[*hotlinev1.RevealContactResponse](t)(w.reveal(t, holder, c.name, "call"))
	})
}

// counted is how many looks came to something.
func (w *world) counted(t *testing.T, outcome string) float64 {
	t.Helper()
	families, err := w.deps.Metrics.(*prometheus.Registry).Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != "throughtrain_contact_reveals_total" {
			continue
		}
		for _, m := range family.GetMetric() {
			if m.GetLabel()[0].GetValue() == outcome {
				return m.GetCounter().GetValue()
			}
		}
	}
	t.Fatal("nothing is counted")
	return 0
}
