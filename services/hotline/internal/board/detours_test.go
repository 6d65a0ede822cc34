package board_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/board"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/tally"
)

const project = "01930000-0000-7000-8000-000000000001"

// file files something with a bit of everything.
func (s *stage) file(t *testing.T) {
	t.Helper()
	in := desktest.Filing()
	in.Category = []string{"", "0702", "07"}[s.rnd.IntN(3)]
	switch s.rnd.IntN(8) {
	case 0:
		in.Confidential = true
	case 1:
		about := []string{policytest.HousingLeader, policytest.Clerk, s.about}[s.rnd.IntN(3)]
		in.ConflictOfficials = []string{policytest.Name + "/persons/" + about}
	case 2, 3, 4:
		in.Project, in.ProjectOf, in.Enterprise = project, desktest.Enterprise, desktest.Enterprise
		in.InvestmentAtRisk, in.JobsAtRisk = int64(s.rnd.IntN(3))*1_000_000_000_00, s.rnd.IntN(2)*120
	}
	view, err := s.Desk.File(t.Context(), desktest.Caller(desktest.Filer), desk.Call{Method: "CreateTicket"}, in)
	if err != nil {
		t.Fatal(err)
	}
	s.refs = append(s.refs, desktest.Ref(view.Ticket.ID))
}

// one is somebody at random.
func (s *stage) one(people ...string) authn.Caller {
	return desktest.Caller(people[s.rnd.IntN(len(people))])
}

// stray does something at random that is not on the straight way. What the state forbids is part of the storm.
func (s *stage) stray(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	ref := s.pick()
	var call desk.Call
	yes := s.rnd.IntN(2) == 0
	unit := []string{policytest.Water, policytest.Market, policytest.Housing, policytest.Permits}[s.rnd.IntN(4)]
	order := desk.OrderRef{Ref: ref, Number: 1 + s.rnd.IntN(2)}
	holder, clerk := s.holder(t, ref), s.clerk(t, order)
	office, filer := s.one(policytest.MayorOffice, policytest.Supervisor), desktest.Caller(desktest.Filer)
	back := desk.Return{Reason: []string{"not-our-duty", "wrong-county", "other"}[s.rnd.IntN(3)], Basis: "职责不在我单位。", Target: unit}
	var err error
	switch s.rnd.IntN(18) {
	case 0, 1:
		_, _, err = s.CreateOrder(ctx, holder, call, ref, desk.Order{Unit: unit, Lead: yes, Text: "请核实现场情况。"})
	case 2:
		_, err = s.SignOrder(ctx, clerk, call, order)
	case 3:
		_, err = s.FinishOrder(ctx, clerk, call, order, "已核实。")
	case 4:
		_, err = s.WaiveOrder(ctx, holder, call, order, "不再需要。")
	case 5, 6:
		_, err = s.Return(ctx, holder, call, ref, back)
	case 7:
		_, err = s.ReturnOrder(ctx, clerk, call, order, back)
	case 8, 9:
		in := desk.ReturnDecision{Number: 1 + s.rnd.IntN(2), Granted: yes, Reason: "同意。"}
		if s.rnd.IntN(2) == 0 {
			in.Official = policytest.Attendant2
		}
		_, err = s.DecideReturn(ctx, office, call, ref, in)
	case 10:
		_, err = s.Extend(ctx, holder, call, ref, 3, "需要会商。")
	case 11:
		_, err = s.DecideExtension(ctx, office, call, ref, 1, yes, "情况属实。")
	case 12:
		_, err = s.Supervise(ctx, office, call, ref, "限期办结。")
	case 13:
		_, err = s.AskDialogue(ctx, filer, call, ref, "希望当面说明。")
	case 14:
		err = s.dialogue(t, ref)
	case 15:
		_, err = s.RecordMissedCall(ctx, desktest.Caller(policytest.Dispatcher2), call, ref)
	case 16:
		_, err = s.RecordCallback(ctx, desktest.Caller(policytest.Dispatcher2), call, ref, desk.Verdict{Contacted: true, Solved: yes, Satisfied: ticket.Satisfied})
	case 17:
		if other := s.pick(); s.rnd.IntN(3) == 0 {
			_, err = s.Merge(ctx, desktest.Caller(policytest.Dispatcher), call, ref, other, "同一件事。")
		} else if s.rnd.IntN(4) == 0 {
			_, err = s.NameConflict(ctx, desktest.Caller(policytest.MayorOffice), call, ref, []string{policytest.Name + "/persons/" + policytest.MarketLeader}, nil)
		}
	}
	var f *fault.Error
	if err != nil && !errors.As(err, &f) {
		t.Fatal(err)
	}
	s.happened(err)
}

// holder is mostly the one who has the ticket.
func (s *stage) holder(t *testing.T, ref desk.Ref) authn.Caller {
	t.Helper()
	if now := s.now(t, ref); now.Official != "" && s.rnd.IntN(8) > 0 {
		return desktest.Caller(now.Official)
	}
	return s.one(policytest.Attendant, policytest.Attendant2, policytest.Clerk)
}

// clerk is mostly one of the unit that has the order.
func (s *stage) clerk(t *testing.T, order desk.OrderRef) authn.Caller {
	t.Helper()
	clerks := map[string]string{policytest.Water: policytest.Clerk, policytest.Housing: policytest.HousingClerk, policytest.Market: policytest.MarketClerk,
		policytest.Permits: policytest.PermitsClerk}
	if o := s.now(t, order.Ref).Order(order.Number); o != nil && s.rnd.IntN(8) > 0 {
		return desktest.Caller(clerks[o.Unit])
	}
	return s.one(policytest.Clerk, policytest.HousingClerk, policytest.MarketClerk, policytest.PermitsClerk)
}

// now is a ticket as it stands.
func (s *stage) now(t *testing.T, ref desk.Ref) *ticket.Ticket {
	t.Helper()
	key, err := store.KeyOf(ref.City, ref.ID)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := s.Store.Ticket(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return stored.Ticket
}

func (s *stage) dialogue(t *testing.T, ref desk.Ref) error {
	var call desk.Call
	office := desktest.Caller(policytest.MayorOffice)
	if s.rnd.IntN(3) == 0 {
		_, err := s.DeclineDialogue(t.Context(), office, call, ref, "已由部门答复。")
		return err
	}
	if s.rnd.IntN(3) == 0 {
		_, err := s.TakeDialogue(t.Context(), office, call, ref, desk.Appointment{Official: policytest.HousingLeader, Time: s.Clock.Now().Add(time.Hour), Mode: "phone"})
		return err
	}
	_, err := s.HoldDialogue(t.Context(), office, call, ref, "双方谈妥。", "in-person")
	return err
}

// After a storm of everything that is not straight, every cell, sums included, equals a recount and a rebuild, and every number lists exactly what is
// behind it, for everybody.
func TestEveryNumberOfDetoursListsWhatIsBehindIt(t *testing.T) {
	for name, dsn := range engines {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, dsn(t), 31)
			s.detours, s.about = true, policytest.MayorOffice
			for range storm(1500) {
				s.act(t)
			}
			s.swept(t)
			s.equal(t)
			people := []string{policytest.MayorOffice, policytest.Supervisor, policytest.HousingLeader, policytest.DeskLeader, policytest.MarketLeader,
				policytest.Attendant, policytest.Attendant2, policytest.Clerk}
			for _, person := range people {
				n := s.lists(t, person)
				t.Logf("%s sees %d numbers that are not zero", person, n)
			}
			s.wanting(t)
			before := numbers(s.read(t, policytest.MayorOffice))
			if _, err := s.board.Rebuild(t.Context(), policytest.Code); err != nil {
				t.Fatal(err)
			}
			s.equal(t)
			if after := numbers(s.read(t, policytest.MayorOffice)); fmt.Sprint(after) != fmt.Sprint(before) {
				t.Errorf("a rebuild changed numbers: %v, before %v", after, before)
			}
		})
	}
}

// wanting makes sure that the storm reached every kind of number.
func (s *stage) wanting(t *testing.T) {
	t.Helper()
	v := s.read(t, policytest.MayorOffice)
	reached := 0
	for _, n := range v.Total.Numbers() {
		if n.N > 0 {
			reached++
		} else {
			t.Logf("nothing under %s", n.Name)
		}
	}
	if all := len(v.Total.Numbers()); reached < all/2 {
		t.Errorf("the storm reached %d of %d numbers", reached, all)
	}
	if v.Total.Risk.Fen == 0 || v.Total.Risk.Jobs == 0 {
		t.Error("nothing is at risk")
	}
	if len(v.Reasons) == 0 || len(v.UnitReasons) == 0 {
		t.Error("no returns by reason")
	}
}

// What a wall does not show is not read, and the days of a period add up to it.
func TestAReaderGetsWhatTheyAskFor(t *testing.T) {
	s := newStage(t, "sqlite::memory:", 4)
	s.detours = true
	for range storm(200) {
		s.act(t)
	}
	s.swept(t)
	city := policytest.City(t)
	want := board.Want{Sections: map[string]bool{"units": true}, Days: true}
	period := board.Period{From: 20260302, To: tally.DayOf(s.Clock.Now())}
	v, err := s.board.Read(t.Context(), city, desk.ViewerOf(desktest.Caller(policytest.MayorOffice), city), period, want, s.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Units) == 0 || v.Categories != nil || v.Pairs != nil || v.Reasons != nil {
		t.Errorf("%d units, %d categories, %d pairs, %d reasons", len(v.Units), len(v.Categories), len(v.Pairs), len(v.Reasons))
	}
	var filed, answered, closed int64
	for _, d := range v.Days {
		filed, answered, closed = filed+d.Filed.N, answered+d.Answered.N, closed+d.Closed.N
		for _, c := range []board.Count{d.Filed, d.Answered, d.Closed, d.Breached} {
			if n := s.listed(t, policytest.MayorOffice, c.Filter); n != c.N {
				t.Errorf("on %d the board says %d, the list has %d: %s", d.Day, c.N, n, c.Filter)
			}
		}
	}
	if len(v.Days) != period.Days() || filed != v.Total.Filed.N || answered != v.Total.Answered.N || closed != v.Total.Closed.N {
		t.Errorf("%d days of %d: filed %d, answered %d, closed %d", len(v.Days), period.Days(), filed, answered, closed)
	}
}
