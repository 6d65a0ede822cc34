package attendant_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

func ticketName(n int) string { return parent + "/tickets/" + rostertest.Ticket(n) }

// handovers are the proposals to hand over said so far: who gets a ticket and why.
func (w *town) handovers() map[string]string {
	w.t.Helper()
	found := map[string]string{}
	for _, e := range w.said() {
		if p := e.GetHandoverProposed(); p != nil {
			found[p.GetTicket()] = p.GetOfficial() + ":" + p.GetReason()
		}
	}
	return found
}

func TestHandOver(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newTown(t, dsn)
		w.directory.enterprise(1, "410902")
		old := w.bind(1, rostertest.Wang)
		w.hotline.tell("tickets/", rostertest.Ticket(1), filed(rostertest.Enterprise(1), "", rostertest.Water), dispatched(rostertest.Wang))
		w.hotline.tell("tickets/", rostertest.Ticket(2), filed("", "", rostertest.Power), dispatched(rostertest.Wang))
		w.idle()
		supervisor := w.as(rostertest.Person(91), nil, optionsv1.Role_ROLE_SUPERVISOR)
		visit, err := w.visits.PlanVisit(w.as(rostertest.Person(rostertest.Wang), nil, optionsv1.Role_ROLE_ATTENDANT), &attendantv1.PlanVisitRequest{Parent: parent,
			Enterprise: enterpriseName(1), VisitTime: timestamppb.New(w.clock.Now().Add(time.Hour)), Purpose: "了解用水"})
		if err != nil {
			t.Fatal(err)
		}
		ask := &attendantv1.HandOverRequest{Name: officialName(rostertest.Wang), Target: attendantv1.Handover_OFFICIAL, To: personName(rostertest.Qian), Note: "调岗",
			RequestId: "h-1", ValidateOnly: true}
		list, err := w.bindings.HandOver(supervisor, ask)
		if err != nil || list.GetName() != "" || len(list.GetTickets()) != 2 || len(list.GetBindings()) != 1 || list.GetBindings()[0].GetName() != old.GetName() ||
			len(list.GetVisits()) != 1 || list.GetTickets()[0].GetHoldTime() == nil {
			t.Fatalf("the open work: %v, %v", list, err)
		}
		if len(w.handovers()) != 0 {
			t.Fatal("asking did something")
		}
		ask = proto.Clone(ask).(*attendantv1.HandOverRequest)
		ask.ValidateOnly, ask.RequestId = false, "h-2"
		made, err := w.bindings.HandOver(supervisor, ask)
		if err != nil || made.GetName() == "" || made.GetOfficial() != personName(rostertest.Qian) || len(made.GetTickets()) != 2 ||
			made.GetBindings()[0].GetOfficial() != personName(rostertest.Qian) || made.GetBindings()[0].GetName() == old.GetName() {
			t.Fatalf("made: %v, %v", made, err)
		}
		again, err := w.bindings.HandOver(supervisor, ask)
		if err != nil || again.GetName() != made.GetName() || len(again.GetTickets()) != 2 {
			t.Errorf("asked again: %v, %v", again, err)
		}
		want := proposal(rostertest.Qian, "handover")
		if got := w.handovers(); len(got) != 2 || got[rostertest.Ticket(1)] != want || got[rostertest.Ticket(2)] != want {
			t.Errorf("proposed %v", got)
		}
		moved, err := w.visits.GetVisit(supervisor, &attendantv1.GetVisitRequest{Name: visit.GetName()})
		if err != nil || moved.GetOfficial() != personName(rostertest.Qian) {
			t.Errorf("the visit: %v, %v", moved, err)
		}
		if a, b := w.load(rostertest.Wang), w.load(rostertest.Qian); a != 2 || b != 2 {
			t.Errorf("while the hotline has not answered, %d and %d are carried", a, b)
		}
		w.hotline.tell("tickets/", rostertest.Ticket(1), handedOver(rostertest.Qian))
		w.hotline.tell("tickets/", rostertest.Ticket(2), refusedAt(1000))
		if a, b := w.load(rostertest.Wang), w.load(rostertest.Qian); a != 1 || b != 1 {
			t.Errorf("then %d and %d", a, b)
		}
	})
}

// Whoever is dismissed leaves nothing behind: neither what they hold nor what comes to them afterwards.
func TestDismissalLeavesNothingBehind(t *testing.T) {
	w := newTown(t, "sqlite::memory:")
	w.hotline.tell("tickets/", rostertest.Ticket(1), filed("", "", rostertest.Power), dispatched(rostertest.Wang))
	w.hotline.tell("tickets/", rostertest.Ticket(2), filed("", "", rostertest.Power), dispatched(rostertest.Wang), answered)
	w.hotline.tell("tickets/", rostertest.Ticket(3), filed("", "", rostertest.Unhandled), dispatched(rostertest.Wang))
	w.idle()
	w.directory.dismiss(rostertest.Wang)
	w.idle()
	w.clock.Advance(5 * time.Second)
	got := w.handovers()
	if len(got) != 2 || got[rostertest.Ticket(1)] != proposal(rostertest.Sun, "dismissed") && got[rostertest.Ticket(1)] != proposal(rostertest.Feng, "dismissed") ||
		got[rostertest.Ticket(3)] != ":dismissed" {
		t.Fatalf("proposed %v", got)
	}
	w.hotline.tell("tickets/", rostertest.Ticket(3), recalled)
	w.hotline.tell("tickets/", rostertest.Ticket(2), reopened)
	w.hotline.tell("tickets/", rostertest.Ticket(1), conflicted("power"), refusedAt(1000))
	w.idle()
	w.clock.Advance(5 * time.Second)
	w.idle()
	got = w.handovers()
	if got[rostertest.Ticket(1)] != ":dismissed" || got[rostertest.Ticket(2)] == "" {
		t.Errorf("then proposed %v", got)
	}
	w.hotline.tell("tickets/", rostertest.Ticket(1), recalled)
	w.hotline.tell("tickets/", rostertest.Ticket(2), handedOver(rostertest.Sun))
	if sun, feng := w.load(rostertest.Sun), w.load(rostertest.Feng); sun != 1 || feng != 0 {
		t.Errorf("%d and %d are carried", sun, feng)
	}
	// What was taken back is the dispatchers': nobody is proposed again.
	if again := w.proposals(); len(again) != 3 {
		t.Errorf("proposed %v", again)
	}
}

func TestWhoATicketIsAboutIsNeverProposed(t *testing.T) {
	w := newTown(t, "sqlite::memory:")
	w.bind(1, rostertest.Wang)
	w.hotline.tell("tickets/", rostertest.Ticket(1), filedAbout(rostertest.Enterprise(1), "water", rostertest.Wang))
	w.hotline.tell("tickets/", rostertest.Ticket(2), filedAbout(rostertest.Enterprise(1), "bureau", rostertest.Wang))
	got := w.proposals()
	if got[rostertest.Ticket(1)] != proposal(rostertest.Qian, "least-loaded") || got[rostertest.Ticket(2)] != ":nobody" {
		t.Errorf("proposed %v", got)
	}
}

func TestLeaveProposesToTheDeputy(t *testing.T) {
	w := newTown(t, "sqlite::memory:")
	w.hotline.tell("tickets/", rostertest.Ticket(1), filed("", "", rostertest.Power), dispatched(rostertest.Wang))
	w.idle()
	begin := w.clock.Now().Add(time.Hour)
	asWang := w.as(rostertest.Person(rostertest.Wang), nil, optionsv1.Role_ROLE_ATTENDANT)
	p, err := w.bindings.SetPresence(asWang, &attendantv1.SetPresenceRequest{Name: officialName(rostertest.Wang), Present: proto.Bool(false),
		AwayFrom: timestamppb.New(begin), HandOver: true})
	if err != nil || !p.GetPresent() || !p.GetAwayFrom().AsTime().Equal(begin) || !p.GetHandOver() {
		t.Fatalf("a planned leave: %v, %v", p, err)
	}
	w.clock.Set(begin.Add(5 * time.Second))
	if got := w.handovers(); got[rostertest.Ticket(1)] != proposal(rostertest.Li, "leave") {
		t.Errorf("proposed %v", got)
	}
	p, err = w.bindings.GetPresence(asWang, &attendantv1.GetPresenceRequest{Name: officialName(rostertest.Wang)})
	if err != nil || p.GetPresent() || p.GetHandOver() {
		t.Errorf("the leave: %v, %v", p, err)
	}
}

func TestBindingCap(t *testing.T) {
	w := newTown(t, "sqlite::memory:")
	config := rostertest.Config(2)
	for _, o := range config.GetOfficials() {
		if o.GetLogin() == "qian" {
			o.BindingCap = 1
		}
	}
	w.directory.apply(config)
	w.idle()
	w.bind(1, rostertest.Qian)
	w.bind(2, rostertest.Wang)
	w.bind(1, rostertest.Qian, func(r *attendantv1.CreateBindingRequest) {
		r.Project = enterpriseName(1) + "/projects/" + rostertest.Project(1)
	})
	_, err := w.bindings.CreateBinding(w.admin(), &attendantv1.CreateBindingRequest{Parent: parent, Official: personName(rostertest.Qian), Enterprise: enterpriseName(3)})
	if !fault.Has(err, "BINDING_CAP_REACHED") {
		t.Errorf("a second enterprise: %v", err)
	}
	_, err = w.bindings.HandOver(w.admin(), &attendantv1.HandOverRequest{Name: officialName(rostertest.Wang), Target: attendantv1.Handover_OFFICIAL,
		To: personName(rostertest.Qian), Note: "调岗"})
	if !fault.Has(err, "BINDING_CAP_REACHED") {
		t.Errorf("handed a second enterprise: %v", err)
	}
	if _, err = w.bindings.HandOver(w.admin(), &attendantv1.HandOverRequest{Name: officialName(rostertest.Wang), Target: attendantv1.Handover_OFFICIAL,
		To: personName(rostertest.Qian), Note: "调岗", KeepBindings: true}); err != nil {
		t.Errorf("without the bindings: %v", err)
	}
}

// Whoever a ticket is about neither reads of it in a list of open work nor moves it, whatever they move otherwise.
func TestWhoATicketIsAboutDoesNotHandItOver(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newTown(t, dsn)
		const named = 91
		w.hotline.tell("tickets/", rostertest.Ticket(1), filedAbout("", "nowhere", named), dispatched(rostertest.Wang))
		w.hotline.tell("tickets/", rostertest.Ticket(2), filed("", "", rostertest.Power), dispatched(rostertest.Wang))
		w.idle()
		ask := &attendantv1.HandOverRequest{Name: officialName(rostertest.Wang), Target: attendantv1.Handover_DESK, Note: "调岗", ValidateOnly: true}
		for person, want := range map[int]int{named: 1, named + 1: 2} {
			list, err := w.bindings.HandOver(w.as(rostertest.Person(person), nil, optionsv1.Role_ROLE_SUPERVISOR), ask)
			if err != nil || len(list.GetTickets()) != want {
				t.Errorf("person %d lists %v, %v", person, list, err)
			}
		}
		supervisor := w.as(rostertest.Person(named), nil, optionsv1.Role_ROLE_SUPERVISOR)
		ask = proto.Clone(ask).(*attendantv1.HandOverRequest)
		ask.ValidateOnly, ask.Tickets = false, []string{ticketName(1)}
		_, about := w.bindings.HandOver(supervisor, ask)
		ask.Tickets = []string{ticketName(9)}
		_, missing := w.bindings.HandOver(supervisor, ask)
		if !fault.Has(about, "TICKET_NOT_HELD") || about.Error() != missing.Error() {
			t.Errorf("moved by who it is about: %v, and one that is not there: %v", about, missing)
		}
		ask.Tickets = nil
		made, err := w.bindings.HandOver(supervisor, ask)
		if err != nil || len(made.GetTickets()) != 1 || made.GetTickets()[0].GetTicket() != ticketName(2) || made.GetTicketsLeft() != 0 {
			t.Errorf("everything else: %v, %v", made, err)
		}
		if got := w.handovers(); len(got) != 1 {
			t.Errorf("proposed %v", got)
		}
	})
}
