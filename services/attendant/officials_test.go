package attendant_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

func TestDismissedOfficialVanishes(t *testing.T) {
	w := newTown(t, "sqlite::memory:")
	b := w.bind(1, rostertest.Qian)
	asQian := w.as(rostertest.Person(rostertest.Qian), nil, optionsv1.Role_ROLE_ATTENDANT)
	presence := &attendantv1.GetPresenceRequest{Name: officialName(rostertest.Qian)}
	if _, err := w.bindings.GetPresence(asQian, presence); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(time.Minute)
	w.directory.dismiss(rostertest.Qian)
	w.hotline.tell("tickets/", rostertest.Ticket(1), filed(rostertest.Enterprise(1), "", rostertest.Water))
	w.idle()
	list, err := w.bindings.ListBindings(w.admin(), &attendantv1.ListBindingsRequest{Parent: parent, Filter: "active"})
	if err != nil || len(list.GetBindings()) != 0 {
		t.Errorf("%v is bound, %v", list.GetBindings(), err)
	}
	list, err = w.bindings.ListBindings(w.admin(), &attendantv1.ListBindingsRequest{Parent: parent})
	if err != nil || list.GetBindings()[0].GetName() != b.GetName() || !list.GetBindings()[0].GetEndTime().AsTime().Equal(w.clock.Now()) ||
		list.GetBindings()[0].GetOfficialDisplayName() == "" {
		t.Errorf("the binding is not kept: %v, %v", list, err)
	}
	if _, err := w.bindings.GetPresence(w.admin(), presence); !fault.Has(err, "OFFICIAL_UNKNOWN") {
		t.Errorf("the presence of somebody dismissed: %v", err)
	}
	w.refusesSoon(asQian, presence)
}

// refusesSoon waits until a token that was good is refused. Revocations reach a verifier by an event of their own.
func (w *town) refusesSoon(ctx context.Context, r *attendantv1.GetPresenceRequest) {
	w.t.Helper()
	for {
		_, err := w.bindings.GetPresence(ctx, r)
		switch {
		case fault.KindOf(orInternal(err)) == fault.Unauthenticated:
			return
		case ctx.Err() != nil:
			w.t.Fatalf("the token stays good: %v", err)
		}
	}
}

func orInternal(err error) error {
	if err == nil {
		return errors.New("no error")
	}
	return err
}

func TestRevocationsSurviveARestart(t *testing.T) {
	w := newTown(t, "sqlite:"+t.TempDir()+"/attendant.db")
	ctx := w.as(rostertest.Person(rostertest.Qian), nil)
	w.directory.dismiss(rostertest.Qian)
	w.idle()
	w.halt()
	w.start()
	_, err := w.bindings.GetPresence(ctx, &attendantv1.GetPresenceRequest{Name: officialName(rostertest.Wang)})
	if fault.KindOf(orInternal(err)) != fault.Unauthenticated {
		t.Errorf("a revoked token after a restart: %v", err)
	}
}

func TestPresence(t *testing.T) {
	w := newTown(t, "sqlite::memory:")
	w.bind(1, rostertest.Wang)
	asWang := w.as(rostertest.Person(rostertest.Wang), nil, optionsv1.Role_ROLE_ATTENDANT)
	until := w.clock.Now().Add(time.Hour)
	p, err := w.bindings.SetPresence(asWang, &attendantv1.SetPresenceRequest{Name: officialName(rostertest.Wang), Present: proto.Bool(false), AwayUntil: timestamppb.New(until),
		Deputy: personName(rostertest.Zhao)})
	if err != nil || p.GetPresent() || !p.GetAwayUntil().AsTime().Equal(until) || p.GetDeputy() != personName(rostertest.Zhao) || p.GetLoadCap() != 2 {
		t.Fatalf("away: %v, %v", p, err)
	}
	w.hotline.tell("tickets/", rostertest.Ticket(1), filed(rostertest.Enterprise(1), "", rostertest.Power))
	w.idle()
	w.clock.Set(until)
	w.hotline.tell("tickets/", rostertest.Ticket(2), filed(rostertest.Enterprise(1), "", rostertest.Power))
	got := w.proposals()
	if got[rostertest.Ticket(1)] != proposal(rostertest.Zhao, "deputy") || got[rostertest.Ticket(2)] != proposal(rostertest.Wang, "enterprise-attendant") {
		t.Errorf("proposed %v", got)
	}
	p, err = w.bindings.GetPresence(w.as(rostertest.Person(90), nil), &attendantv1.GetPresenceRequest{Name: officialName(rostertest.Wang)})
	if err != nil || !p.GetPresent() || p.GetAwayUntil() != nil || p.GetLoad() != 1 {
		t.Errorf("back: %v, %v", p, err)
	}
	p, err = w.bindings.SetPresence(w.admin(), &attendantv1.SetPresenceRequest{Name: officialName(rostertest.Li), Present: proto.Bool(false)})
	if err != nil || p.GetPresent() {
		t.Errorf("sent away by the administrator: %v, %v", p, err)
	}
	p, err = w.bindings.GetPresence(w.admin(), &attendantv1.GetPresenceRequest{Name: officialName(rostertest.Wang)})
	if err != nil || p.GetDeputy() != personName(rostertest.Zhao) {
		t.Errorf("the deputy is forgotten: %v, %v", p, err)
	}
}
