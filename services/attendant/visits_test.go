package attendant_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// newVisitedTown is one where enterprises are visited at most every ten workdays, and Wang answers for the first.
func newVisitedTown(t *testing.T, dsn string) *town {
	t.Helper()
	w := newTown(t, dsn)
	config := rostertest.Config(2)
	config.Rules = &directoryv1.Rules{MinVisitInterval: "10 workdays"}
	w.directory.apply(config)
	w.directory.enterprise(1, "410902")
	w.directory.enterprise(2, "410922")
	w.idle()
	w.bind(1, rostertest.Wang)
	return w
}

func (w *town) member(enterprise int) context.Context {
	return w.as(rostertest.Person(90+enterprise), func(c *authn.Caller) { c.Enterprises = []string{rostertest.Enterprise(enterprise)} })
}

func (w *town) wang() context.Context {
	return w.as(rostertest.Person(rostertest.Wang), nil, optionsv1.Role_ROLE_ATTENDANT)
}

func (w *town) mayor() context.Context {
	return w.as(rostertest.Person(80), nil, optionsv1.Role_ROLE_MAYOR_OFFICE)
}

// visitIn asks for a visit to the first enterprise in so many days.
func (w *town) visitIn(ctx context.Context, days int, more ...func(*attendantv1.PlanVisitRequest)) (*attendantv1.Visit, error) {
	w.t.Helper()
	r := &attendantv1.PlanVisitRequest{Parent: parent, Enterprise: enterpriseName(1), VisitTime: timestamppb.New(w.clock.Now().AddDate(0, 0, days)), Purpose: "了解用水情况"}
	for _, change := range more {
		change(r)
	}
	return w.visits.PlanVisit(ctx, r)
}

func TestVisit(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newVisitedTown(t, dsn)
		v, err := w.visitIn(w.wang(), 1)
		if err != nil || v.GetState() != attendantv1.Visit_PLANNED || v.GetPurpose() != "了解用水情况" || v.GetOfficialDisplayName() != "wang" {
			t.Fatalf("%v, %v", v, err)
		}
		w.clock.Advance(25 * time.Hour)
		record := &attendantv1.RecordVisitRequest{Name: v.GetName(), Notes: "负责人不在", Problems: []string{"水压不足", "道路积水"}, Etag: v.GetEtag(), RequestId: "r-1"}
		held, err := w.visits.RecordVisit(w.wang(), record)
		if err != nil || held.GetState() != attendantv1.Visit_HELD || len(held.GetProblems()) != 2 || held.GetNotes() == "" || held.GetEtag() == v.GetEtag() {
			t.Fatalf("%v, %v", held, err)
		}
		if again, err := w.visits.RecordVisit(w.wang(), record); err != nil || again.GetEtag() != held.GetEtag() {
			t.Errorf("recorded again: %v, %v", again, err)
		}
		if _, err := w.visits.CancelVisit(w.wang(), &attendantv1.CancelVisitRequest{Name: v.GetName(), Reason: "不去了"}); !fault.Has(err, "VISIT_OVER") {
			t.Errorf("cancelled after it was held: %v", err)
		}
		id := v.GetName()[len(parent+"/visits/"):]
		for range 2 {
			w.hotline.tell("tickets/", rostertest.Ticket(1), filedOn(id))
		}
		w.idle()
		for name, c := range map[string]struct {
			ctx     context.Context
			notes   string
			purpose string
		}{
			"a member":          {w.member(1), "", "了解用水情况"},
			"who went":          {w.wang(), "负责人不在", "了解用水情况"},
			"the mayor":         {w.mayor(), "负责人不在", "了解用水情况"},
			"the administrator": {w.admin(), "", ""},
			"their leader": {w.as(rostertest.Person(rostertest.Zheng), func(c *authn.Caller) {
				c.Roles = []authn.Grant{{Role: optionsv1.Role_ROLE_LEADER, Unit: "bureau"}}
			}), "负责人不在", "了解用水情况"},
		} {
			got, err := w.visits.GetVisit(c.ctx, &attendantv1.GetVisitRequest{Name: v.GetName()})
			if err != nil || got.GetNotes() != c.notes || got.GetPurpose() != c.purpose || len(got.GetTickets()) != 1 || got.GetTickets()[0] != ticketName(1) {
				t.Errorf("%s sees %v, %v", name, got, err)
			}
			list, err := w.visits.ListVisits(c.ctx, &attendantv1.ListVisitsRequest{Parent: parent, Filter: "state = HELD"})
			if err != nil || len(list.GetVisits()) != 1 {
				t.Errorf("%s lists %v, %v", name, list, err)
			}
		}
		for name, ctx := range map[string]context.Context{"another enterprise": w.member(2), "another official": w.as(rostertest.Person(rostertest.Sun), nil, optionsv1.Role_ROLE_CLERK),
			"another leader": w.as(rostertest.Person(81), func(c *authn.Caller) {
				c.Roles = []authn.Grant{{Role: optionsv1.Role_ROLE_LEADER, Unit: "power"}}
			})} {
			if _, err := w.visits.GetVisit(ctx, &attendantv1.GetVisitRequest{Name: v.GetName()}); !fault.Has(err, "VISIT_NOT_FOUND") {
				t.Errorf("seen by %s: %v", name, err)
			}
			if list, err := w.visits.ListVisits(ctx, &attendantv1.ListVisitsRequest{Parent: parent}); err != nil || len(list.GetVisits()) != 0 {
				t.Errorf("listed by %s: %v, %v", name, list, err)
			}
		}
	})
}

func TestVisitsKeepTheirDistance(t *testing.T) {
	w := newVisitedTown(t, "sqlite::memory:") // it is a Tuesday
	first, err := w.visitIn(w.wang(), 14)
	if err != nil {
		t.Fatal(err)
	}
	for _, days := range []int{1, 13, 14, 27} {
		if _, err := w.visitIn(w.wang(), days); !fault.Has(err, "VISIT_TOO_SOON") {
			t.Errorf("in %d days: %v", days, err)
		}
	}
	if _, err := w.visitIn(w.wang(), 28); err != nil {
		t.Errorf("after ten workdays: %v", err)
	}
	over := func(r *attendantv1.PlanVisitRequest) {
		r.OverrideReason, r.Official = "安全检查", personName(rostertest.Zheng)
	}
	forced, err := w.visitIn(w.mayor(), 3, over)
	if err != nil || forced.GetOverrideReason() != "安全检查" || forced.GetOfficial() != personName(rostertest.Zheng) {
		t.Errorf("the mayor's office: %v, %v", forced, err)
	}
	if _, err := w.visitIn(w.wang(), 3, func(r *attendantv1.PlanVisitRequest) { r.OverrideReason = "顺路" }); !fault.Has(err, "OVERRIDE_FORBIDDEN") {
		t.Errorf("an attendant sets it aside: %v", err)
	}
	if _, err := w.visits.CancelVisit(w.member(1), &attendantv1.CancelVisitRequest{Name: forced.GetName(), Reason: "当天停产"}); err != nil {
		t.Errorf("the enterprise cancels: %v", err)
	}
	if _, err := w.visits.CancelVisit(w.member(2), &attendantv1.CancelVisitRequest{Name: first.GetName(), Reason: "x"}); !fault.Has(err, "VISIT_NOT_FOUND") {
		t.Errorf("another enterprise cancels: %v", err)
	}
	if _, err := w.visits.CancelVisit(w.wang(), &attendantv1.CancelVisitRequest{Name: first.GetName(), Reason: "改期"}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.visitIn(w.wang(), 1); err != nil {
		t.Errorf("where two were cancelled: %v", err)
	}
}

func TestOneOfManyPlansAVisit(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newVisitedTown(t, dsn)
		var mu sync.Mutex
		var running sync.WaitGroup
		planned := 0
		for i := range 8 {
			running.Go(func() {
				_, err := w.visitIn(w.wang(), 1+i%3)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					planned++
				} else if !fault.Has(err, "VISIT_TOO_SOON") && !fault.Has(err, "TOO_BUSY") {
					t.Error(err)
				}
			})
		}
		running.Wait()
		if planned != 1 {
			t.Errorf("%d of 8 are planned", planned)
		}
	})
}

func TestQuiet(t *testing.T) {
	w := newVisitedTown(t, "sqlite::memory:")
	until := w.clock.Now().AddDate(0, 0, 7)
	before, err := w.visitIn(w.wang(), 1)
	if err != nil {
		t.Fatal(err)
	}
	set := &attendantv1.SetQuietRequest{Name: enterpriseName(1), Quiet: proto.Bool(true), Until: timestamppb.New(until), Reason: "设备检修", RequestId: "q-1"}
	for range 2 {
		q, err := w.visits.SetQuiet(w.member(1), set)
		if err != nil || !q.GetQuiet() || !q.GetUntil().AsTime().Equal(until) || q.GetReason() != "设备检修" {
			t.Fatalf("%v, %v", q, err)
		}
	}
	if v, err := w.visits.GetVisit(w.member(1), &attendantv1.GetVisitRequest{Name: before.GetName()}); err != nil || v.GetState() != attendantv1.Visit_PLANNED {
		t.Errorf("a visit agreed before: %v, %v", v, err)
	}
	if _, err := w.visits.CancelVisit(w.member(1), &attendantv1.CancelVisitRequest{Name: before.GetName(), Reason: "检修"}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.visitIn(w.wang(), 6); !fault.Has(err, "DO_NOT_DISTURB") {
		t.Errorf("a visit in the quiet: %v", err)
	}
	if _, err := w.visitIn(w.mayor(), 6, func(r *attendantv1.PlanVisitRequest) {
		r.OverrideReason, r.Official = "安全检查", personName(rostertest.Wang)
	}); err != nil {
		t.Errorf("the mayor's office: %v", err)
	}
	if q, err := w.visits.GetQuiet(w.wang(), &attendantv1.GetQuietRequest{Name: enterpriseName(1)}); err != nil || !q.GetQuiet() {
		t.Errorf("an official asks: %v, %v", q, err)
	}
	if _, err := w.visits.GetQuiet(w.member(2), &attendantv1.GetQuietRequest{Name: enterpriseName(1)}); !fault.Has(err, "ENTERPRISE_NOT_FOUND") {
		t.Errorf("another enterprise asks: %v", err)
	}
	if _, err := w.visits.SetQuiet(w.member(2), &attendantv1.SetQuietRequest{Name: enterpriseName(1), Quiet: proto.Bool(false)}); !fault.Has(err, "ENTERPRISE_NOT_FOUND") {
		t.Errorf("another enterprise sets it: %v", err)
	}
	w.clock.Set(until)
	if q, err := w.visits.GetQuiet(w.wang(), &attendantv1.GetQuietRequest{Name: enterpriseName(1)}); err != nil || q.GetQuiet() || q.GetReason() != "" {
		t.Errorf("after its end: %v, %v", q, err)
	}
	if q, err := w.visits.SetQuiet(w.member(1), &attendantv1.SetQuietRequest{Name: enterpriseName(1), Quiet: proto.Bool(false)}); err != nil || q.GetQuiet() {
		t.Errorf("taken back: %v, %v", q, err)
	}
}

func TestVisitsOfWhoIsGoneAreOff(t *testing.T) {
	w := newVisitedTown(t, "sqlite::memory:")
	v, err := w.visitIn(w.wang(), 14)
	if err != nil {
		t.Fatal(err)
	}
	w.directory.dismiss(rostertest.Wang)
	w.idle()
	w.clock.Advance(5 * time.Second)
	w.idle()
	if got, err := w.visits.GetVisit(w.member(1), &attendantv1.GetVisitRequest{Name: v.GetName()}); err != nil || got.GetState() != attendantv1.Visit_CANCELLED {
		t.Errorf("%v, %v", got, err)
	}
	w.bind(1, rostertest.Li)
	if _, err := w.visitIn(w.as(rostertest.Person(rostertest.Li), nil, optionsv1.Role_ROLE_ATTENDANT), 13); err != nil {
		t.Errorf("the next attendant: %v", err)
	}
}

func TestDeputiesMayVisit(t *testing.T) {
	w := newVisitedTown(t, "sqlite::memory:")
	if _, err := w.visitIn(w.as(rostertest.Person(rostertest.Sun), nil, optionsv1.Role_ROLE_ATTENDANT), 1); !fault.Has(err, "NOT_BOUND") {
		t.Errorf("somebody else: %v", err)
	}
	if _, err := w.visitIn(w.as(rostertest.Person(rostertest.Li), nil, optionsv1.Role_ROLE_ATTENDANT), 1); err != nil {
		t.Errorf("the deputy: %v", err)
	}
}

// A visit does not say to whom a ticket is about that it came of it.
func TestVisitsKeepTicketsFromWhoTheyAreAbout(t *testing.T) {
	w := newVisitedTown(t, "sqlite::memory:")
	v, err := w.visitIn(w.wang(), 1)
	if err != nil {
		t.Fatal(err)
	}
	id := v.GetName()[len(parent+"/visits/"):]
	about := filedAbout(rostertest.Enterprise(1), "power", rostertest.Wang)
	about.GetFiled().Source = "visits/" + id
	w.hotline.tell("tickets/", rostertest.Ticket(1), about)
	w.hotline.tell("tickets/", rostertest.Ticket(2), filedOn(id))
	w.hotline.tell("tickets/", rostertest.Ticket(3), filedOn(id), conflicted("bureau"))
	w.idle()
	in := func(unit string) func(*authn.Caller) { return func(c *authn.Caller) { c.Unit = unit } }
	for name, c := range map[string]struct {
		ctx  context.Context
		want int
	}{
		"a member":         {w.member(1), 3},
		"the mayor":        {w.mayor(), 3},
		"who is named":     {w.wang(), 2},
		"a unit's officer": {w.as(rostertest.Person(81), in("power"), optionsv1.Role_ROLE_DISPATCHER), 2},
		"anybody else":     {w.as(rostertest.Person(82), in("nowhere"), optionsv1.Role_ROLE_DISPATCHER), 3},
	} {
		got, err := w.visits.GetVisit(c.ctx, &attendantv1.GetVisitRequest{Name: v.GetName()})
		if err != nil || len(got.GetTickets()) != c.want {
			t.Errorf("%s sees %v, %v", name, got.GetTickets(), err)
		}
	}
}
