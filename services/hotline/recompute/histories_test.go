package recompute_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/timestamppb"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/eventpb"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	pt "github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/hotline/recompute"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

const histories = 10_000

// rungs of every policy of the test's city: at the breach, and 1, 3 and 5 workdays after it.
var rungs = []int{0, 1, 3, 5}

// limits are the policies of the test's city as its text puts them.
func limits(answer string) recompute.Policy {
	return recompute.Policy{Rungs: rungs, Rules: []recompute.Rule{
		{Clock: "DISPATCH", Limit: "24 hours, roll"}, {Clock: "SIGN", Limit: "24 hours, roll"}, {Clock: "CONTACT", Limit: "1 workday", Ladder: true},
		{Clock: "ANSWER", Limit: answer, Ladder: true}, {Clock: "VERIFY", Limit: "5 workdays"},
		{Clock: "ORDER_SIGN", Limit: "1 workday"}, {Clock: "HANDLE", Limit: "3 workdays", Ladder: true}, {Clock: "RETURN", Limit: "1 workday"},
		{Clock: "EXTENSION", Limit: "1 workday"}, {Clock: "DIALOGUE", Limit: "3 workdays"},
	}}
}

var urgent = recompute.Policy{Rungs: rungs, Rules: []recompute.Rule{
	{Clock: "DISPATCH", Limit: "2 hours", Ladder: true}, {Clock: "SIGN", Limit: "1 hour", Ladder: true},
	{Clock: "CONTACT", Limit: "2 hours", FromSign: true, Ladder: true}, {Clock: "ANSWER", Limit: "24 hours", FromSign: true, Ladder: true},
	{Clock: "VERIFY", Limit: "5 workdays"},
	{Clock: "ORDER_SIGN", Limit: "1 hour"}, {Clock: "HANDLE", Limit: "12 hours", FromSign: true, Ladder: true}, {Clock: "RETURN", Limit: "2 hours"},
	{Clock: "EXTENSION", Limit: "2 hours"}, {Clock: "DIALOGUE", Limit: "1 workday"},
}}

// The kinds of ticket that are played, each with the policy that binds it.
var kinds = []struct {
	filing ticket.Filing
	policy recompute.Policy
}{
	{ticket.Filing{}, limits("5 workdays")},
	{ticket.Filing{AppealType: "consultation"}, limits("3 workdays")},
	{ticket.Filing{AppealType: "complaint", Category: "0702"}, limits("10 workdays")},
	{ticket.Filing{Category: "0801", Urgency: ticket.Urgent}, urgent},
}

// city is the one of policytest in force from before the first filing, with the calendars of 2024 to 2027 as their files have them.
func city(t *testing.T) *policy.City {
	t.Helper()
	return pt.City(t, pt.AppliedAt(pt.At("2023-01-01 00:00")), func(c *directoryv1.CityConfig) { c.CalendarYears = calendarYears(t) })
}

// stage plays one random ticket.
type stage struct {
	*testing.T
	*rand.Rand
	city   *policy.City
	now    time.Time
	ticket *ticket.Ticket
	events []ticket.Event
	handed int64 // position of the last hand-over
}

// play returns a ticket and its history as it is exported, without what the events say of the clocks.
func play(t *testing.T, city *policy.City, seed uint64) (*ticket.Ticket, []byte, recompute.Policy, time.Time) {
	s := &stage{T: t, Rand: rand.New(rand.NewPCG(seed, 2024)), city: city}
	s.now = s.anyTime()
	policy := s.file("01900000-0000-7000-8000-0000000000aa")
	for range s.IntN(40) {
		s.step()
		s.act()
		if s.IntN(2) == 0 {
			s.detour()
		}
		if s.now.After(pt.At("2027-11-01 00:00")) {
			break
		}
	}
	s.take(s.ticket.Settle(s.context(ticket.Clockwork)))
	return s.ticket, s.export(), policy, s.now
}

func (s *stage) anyTime() time.Time {
	first, last := pt.At("2024-01-01 00:00"), pt.At("2027-06-30 00:00")
	return first.Add(time.Duration(s.Int64N(int64(last.Sub(first))))).Truncate(time.Microsecond)
}

// file begins a ticket of some kind, and tells what binds it.
func (s *stage) file(id string) recompute.Policy {
	kind := kinds[s.IntN(len(kinds))]
	f := kind.filing
	f.City, f.ID, f.Number = pt.Code, id, "2403020000017"
	s.ticket = &ticket.Ticket{City: f.City, ID: f.ID}
	s.take(ticket.File(s.context(filer), f))
	return kind.policy
}

var (
	filer = ticket.Actor{Kind: ticket.PersonActor, Person: "01900000-0000-7000-8000-0000000000f1"}
	desk  = ticket.Actor{Kind: ticket.PersonActor, Person: pt.Dispatcher, Roles: []policy.Role{policy.RoleDispatcher}}
	desk2 = ticket.Actor{Kind: ticket.PersonActor, Person: pt.Dispatcher2, Roles: []policy.Role{policy.RoleDispatcher}}
)

func (s *stage) context(a ticket.Actor) ticket.Context {
	return ticket.Context{Now: s.now, Actor: a, City: s.city}
}

// take lets happen what was decided. What is refused does not happen; anything but a refusal is a defect.
func (s *stage) take(events []ticket.Event, err error) {
	s.Helper()
	if refusal := new(fault.Error); err != nil && !errors.As(err, &refusal) {
		s.Fatal(err)
	}
	for _, e := range events {
		if err := s.ticket.Apply(e); err != nil {
			s.Fatal(err)
		}
		s.events = append(s.events, e)
	}
}

// step lets time pass: often to exactly what happens next, or just past it. Sometimes the sweeper comes by.
func (s *stage) step() {
	next := s.ticket.NextDeadline()
	switch n := s.IntN(8); {
	case n == 0 && next.After(s.now):
		s.now = next
	case n == 1 && next.After(s.now):
		s.now = next.Add(time.Microsecond)
	case n == 2: // the same instant
	case n < 6:
		s.now = s.now.Add(time.Duration(s.Int64N(int64(8*time.Hour))) / 1000 * 1000)
	case n == 6:
		s.now = s.now.Add(time.Duration(s.IntN(72)) * time.Hour)
	default:
		s.now = s.now.AddDate(0, 0, s.IntN(25))
	}
	if s.IntN(3) == 0 {
		s.take(s.ticket.Settle(s.context(ticket.Clockwork)))
	}
}

// act does one thing that the state may allow, and now and then one that it may not.
func (s *stage) act() {
	t := s.ticket
	holder := ticket.Actor{Kind: ticket.PersonActor, Person: t.Official, Roles: []policy.Role{policy.RoleAttendant}}
	word := func() ticket.Verified {
		return ticket.Verified{Contacted: s.IntN(3) > 0, Solved: s.IntN(2) > 0, Satisfied: ticket.Satisfied + ticket.Satisfaction(s.IntN(3))}
	}
	verbs := []func(){
		func() { s.take(t.Dispatch(s.context(desk), pt.Attendant)) },
		func() { s.take(t.Sign(s.context(holder))) },
		func() { s.take(t.Contact(s.context(holder), "phone", "")) },
		func() { s.take(t.Ask(s.context(holder), "q")) },
		func() { s.take(t.Reply(s.context(filer), "r")) },
		func() { s.take(t.Answer(s.context(holder), ticket.AnswerInput{Outcome: ticket.Partly, Message: "a"})) },
		func() { s.take(t.Verify(s.context(filer), word())) },
		func() { s.take(t.RecordCallback(s.context(desk2), word())) },
		func() { s.take(t.Reopen(s.context(filer), "w")) },
		func() { s.take(t.Message(s.context(filer), "m")) },
	}
	usual := map[ticket.State][]int{
		ticket.StateFiled: {0}, ticket.StateDispatched: {1, 1, 2}, ticket.StateInProgress: {2, 3, 3, 5, 5}, ticket.StateWaiting: {4, 2},
		ticket.StateAnswered: {6, 7}, ticket.StateClosed: {8},
	}[t.State]
	switch n := s.IntN(100); {
	case n < 70:
		verbs[usual[s.IntN(len(usual))]]()
	case n < 72:
		s.take(t.Withdraw(s.context(filer), "w"))
	case n < 74:
		s.take(t.Reject(s.context(desk), "police", "w"))
	case n < 80:
		verbs[s.IntN(len(verbs))]()
	default:
		s.detour()
	}
}

var (
	office     = ticket.Actor{Kind: ticket.PersonActor, Person: pt.MayorOffice, Roles: []policy.Role{policy.RoleMayorOffice}}
	supervisor = ticket.Actor{Kind: ticket.PersonActor, Person: pt.Supervisor, Roles: []policy.Role{policy.RoleSupervisor}}
	holders    = []string{pt.Attendant, pt.Attendant2, pt.Clerk, ""}
	units      = []string{pt.Housing, pt.Market, pt.Water, ""}
)

func pick(s *stage, list []string) string { return list[s.IntN(len(list))] }

// detour does one thing beside the straight way.
func (s *stage) detour() {
	t := s.ticket
	holder := ticket.Actor{Kind: ticket.PersonActor, Person: t.Official, Roles: []policy.Role{policy.RoleAttendant}}
	clerk := ticket.Actor{Kind: ticket.PersonActor, Person: "01900000-0000-7000-8000-0000000000c1", Units: []string{pt.Housing, pt.Market, pt.Water}}
	order := 1 + s.IntN(1+len(t.Orders))
	acts := []func(){
		func() {
			s.take(t.CreateOrder(s.context(desk), ticket.OrderInput{Unit: pick(s, units[:3]), Message: "m"}))
		},
		func() {
			s.take(t.CreateOrder(s.context(desk), ticket.OrderInput{Unit: pick(s, units[:3]), Lead: true, Message: "m"}))
		},
		func() { s.take(t.SignOrder(s.context(clerk), order)) },
		func() { s.take(t.FinishOrder(s.context(clerk), order, "m")) },
		func() { s.take(t.FinishOrder(s.context(clerk), order, "m")) },
		func() { s.take(t.WaiveOrder(s.context(supervisor), order, "m")) },
		func() {
			s.take(t.Return(s.context(clerk), ticket.ReturnInput{Order: order, Reason: "other", Message: "m", Target: pt.Permits}))
		},
		func() {
			s.take(t.Return(s.context(holder), ticket.ReturnInput{Reason: "other", Message: "m", Target: pt.Housing}))
		},
		func() {
			s.take(t.DecideReturn(s.context(desk2), ticket.ReturnDecision{
				Number: 1 + s.IntN(1+len(t.Returns)), Granted: s.IntN(2) > 0, Message: "m", Official: pick(s, holders), Unit: pick(s, units),
			}))
		},
		func() { s.take(t.Extend(s.context(holder), 1+s.IntN(5), "m")) },
		func() { s.take(t.DecideExtension(s.context(supervisor), len(t.Extensions), s.IntN(4) > 0, "m")) },
		func() {
			s.handed++
			s.take(t.AcceptHandover(s.context(ticket.Router), ticket.Handover{Position: s.handed, From: t.Official, Official: pick(s, holders), Reason: "leave"}))
		},
		func() { s.take(t.AskDialogue(s.context(filer), "m")) },
		func() { s.take(t.HoldDialogue(s.context(office), "m", "phone")) },
		func() {
			if s.IntN(4) == 0 {
				s.take(t.NameConflict(s.context(filer), []string{pick(s, holders[:3])}, nil))
			}
		},
	}
	acts[s.IntN(len(acts))]()
}

func (s *stage) export() []byte {
	list := &hotlinev1.ListTicketEventsResponse{}
	for _, e := range s.events {
		message, err := eventpb.Encode(e)
		if err != nil {
			s.Fatal(err)
		}
		message.Clocks = nil
		list.Events = append(list.Events, &hotlinev1.TicketEventEntry{Version: e.Version, Type: e.Body.Type(), Time: timestamppb.New(e.Time), Event: message})
	}
	text, err := protojson.MarshalOptions{EmitUnpopulated: true}.Marshal(list)
	if err != nil {
		s.Fatal(err)
	}
	return text
}
