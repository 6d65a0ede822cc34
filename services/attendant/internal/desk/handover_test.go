package desk_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/binding"
	"github.com/throughtrain/throughtrain/services/attendant/internal/desk"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// eachOffice runs a test in an office over each database.
func eachOffice(t *testing.T, test func(t *testing.T, o *office)) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		s := store.New(kittest.OpenStore(t, dsn, change.Options{}, store.Schema()))
		test(t, openOffice(t, s, rostertest.Code))
	})
}

// hold lets somebody hold tickets, as the hotline says.
func (o *office) hold(official int, tickets ...int) {
	o.t.Helper()
	var happened []desk.Happening
	for _, n := range tickets {
		happened = append(happened, o.happens(n, filed(rostertest.Unhandled)), o.happens(n, dispatched(official)))
	}
	o.take(happened...)
}

func (o *office) handOver(from int, way route.Way, to int, tickets ...int) (desk.Handover, error) {
	o.t.Helper()
	in := desk.HandOver{City: o.city, From: rostertest.Person(from), Way: way, Note: "调岗"}
	if to > 0 {
		in.To = rostertest.Person(to)
	}
	for _, n := range tickets {
		in.Tickets = append(in.Tickets, rostertest.Ticket(n))
	}
	id, err := o.MakeHandover(context.Background(), admin(o.city), in)
	if err != nil {
		return desk.Handover{}, err
	}
	return o.Handover(context.Background(), admin(o.city).Caller, o.city, id)
}

func (o *office) mustHandOver(from int, way route.Way, to int, tickets ...int) desk.Handover {
	o.t.Helper()
	h, err := o.handOver(from, way, to, tickets...)
	if err != nil {
		o.t.Fatal(err)
	}
	return h
}

// offer is a proposal to hand over, at its place in this service's feed.
type offer struct {
	position int64
	*attendantv1.HandoverProposed
}

// offers are the proposals said after a position.
func (o *office) offers(after int64) (all []offer) {
	o.t.Helper()
	for {
		head, err := o.store.Settled(context.Background())
		if err != nil {
			o.t.Fatal(err)
		}
		events, err := o.store.Feed(context.Background(), after, 2000)
		if err != nil {
			o.t.Fatal(err)
		}
		for _, e := range events {
			in := &attendantv1.AttendantEvent{}
			if err := proto.Unmarshal(e.Payload, in); err != nil {
				o.t.Fatal(err)
			}
			if p := in.GetHandoverProposed(); p != nil && e.City == o.city {
				all = append(all, offer{e.Position, p})
			}
			after = e.Position
		}
		if after >= head {
			return all
		}
	}
}

// numberOf finds the number of a ticket or a case by its id.
func numberOf(id string) int {
	n, err := strconv.ParseInt(id[24:], 16, 32)
	if err != nil {
		panic(err) // the tests make the ids
	}
	return int(n)
}

// answer takes proposals as the hotline does when nothing speaks against them.
func (o *office) answer(offers []offer) {
	o.t.Helper()
	for _, p := range offers {
		var what any = desk.HandedOver{Official: p.GetOfficial()}
		if p.GetOfficial() == "" {
			what = desk.Recalled{}
		}
		o.take(o.happens(numberOf(p.GetTicket()), what))
	}
}

func (o *office) ticket(ticket int) route.Ticket {
	o.t.Helper()
	known, err := o.store.Tickets(context.Background(), o.city, []string{rostertest.Ticket(ticket)})
	if err != nil || len(known) != 1 {
		o.t.Fatalf("%d tickets, %v", len(known), err)
	}
	return known[0].Ticket
}

func TestHandOverToANamedOfficial(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		bound := o.mustBind(rostertest.Wang, 1, rostertest.Start.Add(time.Hour), false)
		o.hold(rostertest.Wang, 1, 2)
		o.hold(rostertest.Zhao, 3)
		o.take(o.happens(2, desk.Answered{}))
		o.clock.Advance(time.Minute)
		planned, err := o.PlanHandover(t.Context(), admin(o.city).Caller, desk.HandOver{City: o.city, From: rostertest.Person(rostertest.Wang), Way: route.ToOfficial, To: rostertest.Person(rostertest.Qian)})
		if err != nil {
			t.Fatal(err)
		}
		want := []desk.OpenTicket{{ID: rostertest.Ticket(1), Held: rostertest.Start, To: rostertest.Person(rostertest.Qian)}}
		if diff := cmp.Diff(want, planned.Tickets); diff != "" || len(planned.Moving) != 1 || planned.Moving[0].ID != bound.ID || planned.ID != "" {
			t.Errorf("planned %+v\n%s", planned, diff)
		}
		if len(o.offers(0)) != 0 || o.load(rostertest.Qian)[0] != 0 || !o.stored(bound.ID).Active {
			t.Error("a plan did something")
		}
		made := o.mustHandOver(rostertest.Wang, route.ToOfficial, rostertest.Qian)
		if diff := cmp.Diff(want, made.Tickets); diff != "" || made.Left != 0 || len(made.Moving) != 1 {
			t.Errorf("made %+v\n%s", made, diff)
		}
		before, after := o.stored(bound.ID), o.stored(made.Bindings[0])
		if before.Active || !before.End.Equal(o.clock.Now()) || !after.Start.Equal(before.End) || after.Official != rostertest.Person(rostertest.Qian) || !after.End.Equal(bound.End) {
			t.Errorf("%+v is followed by %+v", before, after)
		}
		offers := o.offers(0)
		if len(offers) != 1 || offers[0].GetFrom() != rostertest.Person(rostertest.Wang) || offers[0].GetOfficial() != rostertest.Person(rostertest.Qian) ||
			offers[0].GetUnit() != "bureau" || offers[0].GetReason() != route.ByHandover {
			t.Fatalf("proposed %v", offers)
		}
		// Until the hotline answers, both carry it.
		if diff := cmp.Diff([]int{1, 1}, o.load(rostertest.Wang, rostertest.Qian)); diff != "" {
			t.Error(diff)
		}
		o.answer(offers)
		if diff := cmp.Diff([]int{0, 1, 1}, o.load(rostertest.Wang, rostertest.Qian, rostertest.Zhao)); diff != "" {
			t.Error(diff)
		}
		if _, err := o.handOver(rostertest.Wang, route.ToOfficial, rostertest.Qian, 1); !errors.Is(err, desk.ErrTicketNotHeld) {
			t.Errorf("a ticket that went: %v", err)
		}
	})
}

func TestHandOverElsewhere(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		o.hold(rostertest.Wang, 1, 2, 3, 4, 5, 6)
		// By load: Li takes two, which is their cap, and then the clerk.
		made := o.mustHandOver(rostertest.Wang, route.ToLeast, 0, 1, 2, 3)
		if got := o.load(rostertest.Wang, rostertest.Li, rostertest.Zhao); !slices.Equal(got, []int{6, 2, 1}) || len(made.Tickets) != 3 {
			t.Errorf("carried %v, %+v", got, made)
		}
		if _, err := o.handOver(rostertest.Wang, route.ToDesk, 0, 1); !errors.Is(err, desk.ErrTicketNotHeld) {
			t.Errorf("a ticket on its way: %v", err)
		}
		o.mustHandOver(rostertest.Wang, route.ToDesk, 0, 4)
		o.mustHandOver(rostertest.Wang, route.ToDeputy, 0, 5)
		offers := o.offers(0)
		if got := offers[3]; got.GetOfficial() != "" || got.GetUnit() != "" {
			t.Errorf("to the desk: %v", got)
		}
		if got := offers[4]; got.GetOfficial() != rostertest.Person(rostertest.Li) {
			t.Errorf("to the deputy: %v", got)
		}
		o.answer(offers)
		if got := o.load(rostertest.Wang, rostertest.Li, rostertest.Zhao); !slices.Equal(got, []int{1, 3, 1}) {
			t.Errorf("carried %v", got)
		}
		if got := o.ticket(4); !route.Same(got, route.Ticket{}) {
			t.Errorf("in the desk's queue: %+v", got)
		}
	})
}

func TestHandOverRefused(t *testing.T) {
	o := openOffice(t, openStore(t), rostertest.Code)
	o.hold(rostertest.Qian, 1)
	o.mustBind(rostertest.Qian, 1, time.Time{}, false)
	for name, c := range map[string]struct {
		in   desk.HandOver
		want error
	}{
		"nobody":                       {desk.HandOver{From: rostertest.Person(99), Way: route.ToDesk}, desk.ErrNoOfficial},
		"to themselves":                {desk.HandOver{From: rostertest.Person(rostertest.Qian), Way: route.ToOfficial, To: rostertest.Person(rostertest.Qian)}, desk.ErrHandoverSelf},
		"to nobody":                    {desk.HandOver{From: rostertest.Person(rostertest.Qian), Way: route.ToOfficial}, desk.ErrOfficial},
		"to a leader":                  {desk.HandOver{From: rostertest.Person(rostertest.Qian), Way: route.ToOfficial, To: rostertest.Person(rostertest.Zheng)}, desk.ErrOfficial},
		"to two":                       {desk.HandOver{From: rostertest.Person(rostertest.Qian), Way: route.ToDesk, To: rostertest.Person(rostertest.Li)}, desk.ErrOfficial},
		"no deputy":                    {desk.HandOver{From: rostertest.Person(rostertest.Qian), Way: route.ToDeputy}, desk.ErrNoDeputy},
		"bindings a clerk cannot have": {desk.HandOver{From: rostertest.Person(rostertest.Qian), Way: route.ToOfficial, To: rostertest.Person(rostertest.Zhao)}, desk.ErrOfficial},
		"another's ticket":             {desk.HandOver{From: rostertest.Person(rostertest.Qian), Way: route.ToDesk, Tickets: []string{rostertest.Ticket(2)}}, desk.ErrTicketNotHeld},
	} {
		c.in.City, c.in.Note = o.city, "调岗"
		if _, err := o.MakeHandover(t.Context(), admin(o.city), c.in); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := o.PlanHandover(t.Context(), admin(o.city).Caller, c.in); !errors.Is(err, c.want) {
			t.Errorf("%s, only thought about: %v", name, err)
		}
	}
	if len(o.offers(0)) != 0 || o.load(rostertest.Qian)[0] != 1 {
		t.Error("a refused hand-over did something")
	}
}

// Five hundred tickets are one decision; what is more goes with the next.
func TestLargeHandOver(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		const tickets = 620
		for i := 0; i < tickets; i += 20 {
			var some []int
			for j := range 20 {
				some = append(some, i+j)
			}
			o.hold(rostertest.Wang, some...)
		}
		began := time.Now() // of the wall: it is what a decision ages by
		made := o.mustHandOver(rostertest.Wang, route.ToOfficial, rostertest.Qian)
		t.Logf("%d tickets handed over in %v", len(made.Tickets), time.Since(began))
		// A machine that is slow at this moment takes fewer at once.
		went := len(made.Tickets)
		for rounds := 1; made.Left > 0 && rounds < 100; rounds++ {
			if len(made.Tickets) > 500 || went+made.Left != tickets {
				t.Fatalf("%d went, %d are left", len(made.Tickets), made.Left)
			}
			made = o.mustHandOver(rostertest.Wang, route.ToOfficial, rostertest.Qian)
			went += len(made.Tickets)
		}
		seen := map[string]bool{}
		for _, p := range o.offers(0) {
			seen[p.GetTicket()] = true
		}
		if len(seen) != tickets || o.load(rostertest.Qian)[0] != tickets {
			t.Errorf("%d proposed, %d carried", len(seen), o.load(rostertest.Qian)[0])
		}
	})
}

// While tickets are handed over by many at once and the hotline goes on, nobody gets more than they take, and no ticket is offered twice.
func TestManyHandOversAtOnce(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		o.hold(rostertest.Wang, 1, 2, 3, 4, 5, 6, 7, 8)
		var running sync.WaitGroup
		for i := range 8 {
			running.Go(func() {
				in := desk.HandOver{City: o.city, From: rostertest.Person(rostertest.Wang), Way: route.ToLeast, Note: "调岗", Tickets: []string{rostertest.Ticket(i + 1)}}
				if _, err := o.MakeHandover(t.Context(), admin(o.city), in); err != nil && !errors.Is(err, desk.ErrTooBusy) {
					t.Error(err)
				}
			})
		}
		running.Wait()
		offered := map[string]int{}
		for _, p := range o.offers(0) {
			offered[p.GetTicket()]++
			if offered[p.GetTicket()] > 1 {
				t.Errorf("%s was offered twice", p.GetTicket())
			}
		}
		if got := o.load(rostertest.Li)[0]; got > 2 {
			t.Errorf("carries %d of 2", got)
		}
		if all := o.load(rostertest.Li, rostertest.Zhao); all[0]+all[1] != len(offered) {
			t.Errorf("carried %v, offered %d", all, len(offered))
		}
	})
}

// settle does what is due for an official.
func (o *office) settle(n int) {
	o.t.Helper()
	o.clock.Advance(3 * time.Second)
	if err := o.Settle(context.Background(), o.city, store.OfficialAggregate(rostertest.Person(n))); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) dismiss(n int, position int64) {
	o.t.Helper()
	c := &change.Change{}
	if err := o.Dismiss(context.Background(), c, o.city, rostertest.Person(n), position); err != nil {
		o.t.Fatal(err)
	}
	o.commit(c)
}

func TestTicketsOfWhoIsGoneFindAnother(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		var happened []desk.Happening
		for i, category := range []string{rostertest.Water, rostertest.Unhandled, rostertest.Water, rostertest.Water} {
			happened = append(happened, o.happens(i+1, filed(category)), o.happens(i+1, dispatched(rostertest.Qian)))
		}
		o.take(happened...)
		o.take(o.happens(3, desk.Answered{}))
		o.take(o.happens(4, desk.Conflicted{Conflict: route.Conflict{Units: []string{"bureau"}}}))
		o.dismiss(rostertest.Qian, 9)
		o.settle(rostertest.Qian)
		offers := o.offers(0)
		to := map[int]string{}
		for _, p := range offers {
			to[numberOf(p.GetTicket())] = p.GetOfficial()
			if p.GetReason() != route.ByDismissal || p.GetFrom() != rostertest.Person(rostertest.Qian) {
				t.Errorf("proposed %v", p)
			}
		}
		// It is Li's turn: Wang was proposed last.
		want := map[int]string{1: rostertest.Person(rostertest.Li), 2: "", 4: ""}
		if diff := cmp.Diff(want, to); diff != "" {
			t.Fatal(diff)
		}
		o.settle(rostertest.Qian)
		if again := o.offers(0); len(again) != len(offers) {
			t.Errorf("proposed again: %v", again[len(offers):])
		}
		// One is refused: then it goes to the desk. One that was answered is opened again, and one is given to them by who does not know yet.
		last := offers[len(offers)-1].position
		for _, p := range offers {
			if p.GetOfficial() != "" {
				o.take(o.happens(numberOf(p.GetTicket()), desk.Refused{Official: p.GetOfficial(), Proposal: p.position}))
			} else {
				o.take(o.happens(numberOf(p.GetTicket()), desk.Recalled{}))
			}
		}
		o.take(o.happens(3, desk.Reopened{}), o.happens(5, filed(rostertest.Unhandled)), o.happens(5, dispatched(rostertest.Qian)))
		due, ok, err := o.store.NextDue(t.Context())
		if err != nil || !ok || due.Before(o.clock.Now()) {
			t.Fatalf("nothing is due: %v %v %v", due, ok, err)
		}
		o.settle(rostertest.Qian)
		to = map[int]string{}
		for _, p := range o.offers(last) {
			to[numberOf(p.GetTicket())] = p.GetOfficial()
		}
		if diff := cmp.Diff(map[int]string{1: "", 3: rostertest.Person(rostertest.Li), 5: ""}, to); diff != "" {
			t.Fatal(diff)
		}
		o.answer(o.offers(last))
		if got := o.load(rostertest.Qian, rostertest.Li); !slices.Equal(got, []int{0, 1}) {
			t.Errorf("carried %v", got)
		}
	})
}

func TestWhoIsGoneLeavesManyTickets(t *testing.T) {
	o := openOffice(t, openStore(t), rostertest.Code)
	const tickets = 1100
	for i := 0; i < tickets; i += 50 {
		var some []int
		for j := range 50 {
			some = append(some, i+j)
		}
		o.hold(rostertest.Qian, some...)
	}
	o.dismiss(rostertest.Qian, 9)
	for range 100 {
		_, ok, err := o.store.NextDue(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		o.settle(rostertest.Qian)
	}
	if got := len(o.offers(0)); got != tickets {
		t.Errorf("%d of %d are proposed", got, tickets)
	}
	if due, ok, err := o.store.NextDue(t.Context()); err != nil || ok {
		t.Errorf("still due at %v, %v", due, err)
	}
}

func (o *office) setPresence(p binding.Presence) {
	o.t.Helper()
	p.City = o.city
	if err := o.SetPresence(context.Background(), desk.Call{Caller: caller(p.Official), City: o.city, Method: "SetPresence"}, p); err != nil {
		o.t.Fatal(err)
	}
}

func TestLeaveHandsOverOnce(t *testing.T) {
	eachOffice(t, func(t *testing.T, o *office) {
		o.hold(rostertest.Wang, 1, 2)
		wang := rostertest.Person(rostertest.Wang)
		begin := rostertest.Start.Add(time.Hour)
		o.setPresence(binding.Presence{Official: wang, Away: true, From: begin, Until: begin.Add(time.Hour), Deputy: rostertest.Person(rostertest.Qian), HandOver: true})
		if due, ok, err := o.store.NextDue(t.Context()); err != nil || !ok || !due.Equal(begin) {
			t.Fatalf("due at %v, %v, %v", due, ok, err)
		}
		o.settle(rostertest.Wang) // too early
		view, err := o.Presence(t.Context(), o.city, wang)
		if err != nil || !view.Present || !view.Upcoming || len(o.offers(0)) != 0 {
			t.Fatalf("before it begins: %+v, %v", view, err)
		}
		o.clock.Set(begin)
		o.settle(rostertest.Wang)
		offers := o.offers(0)
		if len(offers) != 2 || offers[0].GetOfficial() != rostertest.Person(rostertest.Qian) || offers[0].GetReason() != route.ByLeave {
			t.Fatalf("proposed %v", offers)
		}
		o.answer(offers)
		o.hold(rostertest.Wang, 3) // a dispatcher insists
		o.settle(rostertest.Wang)
		o.setPresence(binding.Presence{Official: wang})
		o.settle(rostertest.Wang)
		if again := o.offers(offers[1].position); len(again) != 0 {
			t.Errorf("proposed %v", again)
		}
		if got := o.load(rostertest.Wang, rostertest.Qian); !slices.Equal(got, []int{1, 2}) {
			t.Errorf("coming back moved tickets: %v", got)
		}
	})
}

func TestLeaveWithoutADeputyKeepsTickets(t *testing.T) {
	o := openOffice(t, openStore(t), rostertest.Code)
	o.hold(rostertest.Qian, 1)
	o.setPresence(binding.Presence{Official: rostertest.Person(rostertest.Qian), Away: true, HandOver: true})
	o.settle(rostertest.Qian)
	if got := o.offers(0); len(got) != 0 || o.load(rostertest.Qian)[0] != 1 {
		t.Errorf("proposed %v", got)
	}
	if _, ok, err := o.store.NextDue(t.Context()); ok || err != nil {
		t.Errorf("still due: %v", err)
	}
}

// Whatever is handed over, answered, refused, taken back and given meanwhile, in whatever order, what is carried is what a recount of the
// tickets says, and when the hotline has answered everything, nobody carries what they do not hold.
func TestLoadsStayRightThroughHandOvers(t *testing.T) {
	s := openStore(t)
	cities := 500_000
	rapid.Check(t, func(rt *rapid.T) {
		const tickets = 6
		cities++
		o := openOffice(t, s, fmt.Sprintf("%06d", cities))
		var waiting []offer
		start, err := s.FeedHead(t.Context())
		if err != nil {
			rt.Fatal(err)
		}
		answer := func(p offer) any {
			switch rapid.IntRange(0, 2).Draw(rt, "answer") {
			case 0:
				return desk.Refused{Official: p.GetOfficial(), Proposal: p.position}
			default:
				if p.GetOfficial() == "" {
					return desk.Recalled{}
				}
				return desk.HandedOver{Official: p.GetOfficial()}
			}
		}
		for range rapid.IntRange(1, 40).Draw(rt, "length") {
			n := rapid.IntRange(0, tickets-1).Draw(rt, "ticket")
			official := rapid.SampledFrom(everybody).Draw(rt, "official")
			switch rapid.IntRange(0, 8).Draw(rt, "what") {
			case 0:
				o.take(o.happens(n, filed(rostertest.Water)))
			case 1, 2:
				o.take(o.happens(n, dispatched(official)))
			case 3:
				o.take(o.happens(n, desk.Answered{}))
			case 4:
				o.take(o.happens(n, desk.Reopened{}))
			case 5, 6:
				way := route.Way(rapid.IntRange(1, 4).Draw(rt, "way"))
				to := 0
				if way == route.ToOfficial {
					to = rapid.SampledFrom(everybody).Draw(rt, "to")
				}
				if _, err := o.handOver(official, way, to); err != nil && errors.Is(err, desk.ErrTooBusy) {
					rt.Fatal(err)
				}
				waiting = append(waiting, o.offers(start)...)
				if len(waiting) > 0 {
					start = max(start, waiting[len(waiting)-1].position)
				}
			case 7:
				if len(waiting) > 0 {
					o.take(o.happens(numberOf(waiting[0].GetTicket()), answer(waiting[0])))
					waiting = waiting[1:]
				}
			case 8:
				o.take(o.happens(n, desk.Recalled{}))
			}
			if loads, recount := o.load(everybody...), o.recount(tickets); !slices.Equal(loads, recount) {
				rt.Fatalf("carried %v, recounted %v", loads, recount)
			}
		}
		for _, p := range waiting {
			o.take(o.happens(numberOf(p.GetTicket()), desk.Refused{Official: p.GetOfficial(), Proposal: p.position}))
		}
		if loads, recount := o.load(everybody...), o.recount(tickets); !slices.Equal(loads, recount) {
			rt.Fatalf("in the end carried %v, recounted %v", loads, recount)
		}
		for i := range tickets {
			known, err := s.Tickets(t.Context(), o.city, []string{rostertest.Ticket(i)})
			if err != nil || len(known) == 1 && known[0].Offer != nil {
				rt.Fatalf("an answered hand-over still waits: %+v, %v", known, err)
			}
		}
	})
}
