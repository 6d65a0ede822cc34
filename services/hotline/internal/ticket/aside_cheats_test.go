package ticket

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	pt "github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// The ways to cheat the clock beside the straight way.

var (
	theSupervisor = person(pt.Supervisor, policy.RoleSupervisor)
	theOffice     = person(pt.MayorOffice, policy.RoleMayorOffice)
	waterClerk    = Actor{Kind: PersonActor, Person: pt.Clerk, Roles: []policy.Role{policy.RoleClerk}, Units: []string{pt.Water}}
)

// working returns a ticket that is in progress, with its answer due on 2026-03-09 18:00.
func working(t *testing.T) *play {
	t.Helper()
	return newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch().sign().contact()
}

func (p *play) handOver(position int64, to string) *play {
	p.Helper()
	return p.take(p.t.AcceptHandover(p.context(Router), Handover{Position: position, From: p.t.Official, Official: to, Reason: "leave"}))
}

func (p *play) order(unit string) *play {
	p.Helper()
	return p.take(p.t.CreateOrder(p.context(theDesk), OrderInput{Unit: unit, Message: "part"}))
}

// Cheat 6: more time after due, by oneself, or again and again.
func TestCheat6MoreTimeIsAskedAndGivenBeforeDue(t *testing.T) {
	ask := func(p *play) *play { return p.take(p.t.Extend(p.context(theHolder), 2, "reason")) }
	for late, reason := range map[time.Duration]string{-time.Second: "", 0: "", tick: "EXTENSION_NOT_PENDING", time.Second: "EXTENSION_NOT_PENDING"} {
		p := ask(working(t).at("2026-03-09 17:59:59"))
		p.at("2026-03-09 18:00").now = p.now.Add(late)
		events, err := p.t.DecideExtension(p.context(theSupervisor), 1, true, "reason")
		if reason != "" {
			refused(t, reason)(events, err)
			p.settle().wantClock(KindAnswer, Breached, "2026-03-09 18:00:00")
			if p.t.Extensions[0].Decision != Overtaken || p.clock(KindExtension).State != Ended {
				t.Errorf("%s after due: %+v", late, p.t.Extensions)
			}
			continue
		}
		p.take(events, err).wantClock(KindAnswer, Running, "2026-03-11 18:00:00")
		if c := p.clock(KindAnswer); local(c.FirstDue) != "2026-03-09 18:00:00" {
			t.Errorf("first due %s", local(c.FirstDue))
		}
		refused(t, "EXTENSIONS_EXHAUSTED")(p.t.Extend(p.context(theHolder), 2, "reason"))
	}
	p := working(t)
	refused(t, "EXTENSION_TOO_LONG")(p.t.Extend(p.context(theHolder), 6, "reason"))
	both := person(pt.Attendant, policy.RoleAttendant, policy.RoleSupervisor)
	refused(t, "REFEREE_OWN")(ask(p).t.DecideExtension(p.context(both), 1, true, "reason"))
	refused(t, "EXTENSION_PENDING")(p.t.Extend(p.context(theHolder), 2, "reason"))
	p.at("2026-03-09 18:00:01").settle()
	refused(t, "EXTENSION_TOO_LATE")(p.t.Extend(p.context(theHolder), 2, "reason"))
}

// Cheat 10: away with it just before due. A ticket's clocks never move, and who has it at due is charged, once.
func TestCheat10PingPongMovesNoClock(t *testing.T) {
	p := working(t).at("2026-03-03 09:00")
	before := p.clock(KindAnswer)
	p.take(p.t.Return(p.context(theHolder), ReturnInput{Reason: "other", Message: "basis", Target: pt.Market}))
	refused(t, "RETURN_PENDING")(p.t.Return(p.context(theHolder), ReturnInput{Reason: "other", Message: "basis", Target: pt.Market}))
	refused(t, "REFEREE_OWN")(p.t.DecideReturn(p.context(person(pt.Attendant, policy.RoleDispatcher)), ReturnDecision{Number: 1, Message: "m"}))
	p.at("2026-03-03 10:00").take(p.t.DecideReturn(p.context(theDesk), ReturnDecision{Number: 1, Granted: true, Message: "m", Official: pt.Clerk}))
	refused(t, "RETURN_NAMED")(p.t.Return(p.context(waterClerk), ReturnInput{Reason: "other", Message: "basis", Target: pt.Market}))
	for i, at := range []string{"2026-03-04 10:00", "2026-03-05 10:00", "2026-03-06 10:00", "2026-03-09 17:59"} {
		p.at(at).handOver(int64(i+1), []string{pt.Attendant2, pt.Clerk}[i%2])
	}
	p.at("2026-03-20 10:00").settle().handOver(9, pt.Attendant2)
	after := p.clock(KindAnswer)
	if !after.Start.Equal(before.Start) || !after.Due.Equal(before.Due) || after.State != Breached || after.Owner.Official != pt.Clerk {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
	if n := strings.Count(p.story(0), "clock_breached answer"); n != 1 {
		t.Errorf("breached %d times:\n%s", n, p.story(0))
	}
	x, err := p.t.Explain(p.context(Clockwork))
	if err != nil {
		t.Fatal(err)
	}
	var sum time.Duration
	for _, h := range x.Holders {
		sum += h.Working
	}
	if whole := p.city.Calendar().Between(p.t.CreateTime, p.now); sum != whole || len(x.Holders) != 8 {
		t.Errorf("%d holders have %s of %s", len(x.Holders), sum, whole)
	}
}

// A unit that a referee named stays named, whoever in it has the ticket, and however often it is opened again.
func TestANamedUnitCannotReturn(t *testing.T) {
	in := ReturnInput{Reason: "other", Message: "basis", Target: pt.Market}
	p := newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch()
	p.take(p.t.Return(p.context(theHolder), in)).take(p.t.DecideReturn(p.context(theDesk), ReturnDecision{Number: 1, Message: "m"}))
	refused(t, "RETURN_NAMED")(p.t.Return(p.context(theHolder), in))
	p.at("2026-03-02 10:00").handOver(1, pt.PermitsClerk) // of the same unit
	clerk := Actor{Kind: PersonActor, Person: pt.PermitsClerk}
	refused(t, "RETURN_NAMED")(p.t.Return(p.context(clerk), in))
	p.take(p.t.Sign(p.context(clerk))).take(p.t.Answer(p.context(clerk), AnswerInput{Outcome: Solved, Message: "m"})).verify(true, true, Satisfied)
	p.take(p.t.Reopen(p.context(theFiler), "m"))
	refused(t, "RETURN_NAMED")(p.t.Return(p.context(clerk), in))
	p.at("2026-03-02 11:00").handOver(2, pt.Attendant2)
	p.take(p.t.Return(p.context(person(pt.Attendant2)), ReturnInput{Reason: "other", Message: "m", Target: pt.Water}))
	p.take(p.t.DecideReturn(p.context(theDesk), ReturnDecision{Number: 2, Granted: true, Message: "m"})).take(p.t.Dispatch(p.context(theDesk), pt.Clerk))
	refused(t, "RETURNS_EXHAUSTED")(p.t.Return(p.context(waterClerk), ReturnInput{Reason: "other", Message: "m", Target: pt.Market}))
}

// Sending it around, or giving a part anew, takes no name off a unit.
func TestANamedUnitStaysNamed(t *testing.T) {
	in := ReturnInput{Reason: "other", Message: "basis", Target: pt.Market}
	p := newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch()
	p.take(p.t.Return(p.context(theHolder), in)).take(p.t.DecideReturn(p.context(theDesk), ReturnDecision{Number: 1, Message: "m"}))
	p.at("2026-03-02 10:00").handOver(1, pt.Attendant2)
	if p.t.Unit == p.t.Holdings[1].Unit {
		t.Fatal("it has not left the unit")
	}
	p.at("2026-03-02 11:00").handOver(2, pt.Attendant)
	refused(t, "RETURN_NAMED")(p.t.Return(p.context(theHolder), in))

	p = working(t).order(pt.Water)
	in.Order = 1
	p.take(p.t.Return(p.context(waterClerk), in)).take(p.t.DecideReturn(p.context(theDesk), ReturnDecision{Number: 1, Message: "m"}))
	p.take(p.t.WaiveOrder(p.context(theHolder), 1, "m")).order(pt.Water)
	in.Order = 2
	refused(t, "RETURN_NAMED")(p.t.Return(p.context(waterClerk), in))
}

// Handing on before each sign deadline does not keep from beginning what counts from signing.
func TestHandingOnBeginsWhatCountsFromSigning(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-03-02 09:00")
	f := filing()
	f.Category, f.Urgency = "0801", Urgent
	p.take(File(p.context(theFiler), f)).take(p.t.Dispatch(p.context(theDesk), pt.Clerk))
	if p.t.Clock(KindAnswer) != nil {
		t.Fatal("counts already")
	}
	for i, at := range []string{"2026-03-02 09:50", "2026-03-02 10:40", "2026-03-02 11:30"} {
		p.at(at).handOver(int64(i+1), []string{pt.Attendant2, pt.Clerk}[i%2])
	}
	p.wantClock(KindAnswer, Running, "2026-03-03 09:50:00").wantClock(KindContact, Running, "2026-03-02 11:50:00")
	if c := p.clock(KindAnswer); c.Owner != (Seat{pt.Market, pt.Attendant2}) {
		t.Errorf("owed by %v", c.Owner)
	}
}

// Cheat 12: merged away. What was let pass stays, and what was owed soon is owed as soon.
func TestCheat12MergingEscapesNothing(t *testing.T) {
	for late, want := range map[time.Duration]ClockState{-time.Second: Ended, 0: Ended, time.Second: Breached} {
		p := working(t)
		into := earlier(p.city)
		p.at("2026-03-09 18:00").now = p.now.Add(late)
		if late > 0 {
			_, _, err := p.t.Merge(p.context(theDesk), into, "m", false)
			refused(t, "MERGE_OVERDUE")(nil, err)
		}
		own, _, err := p.t.Merge(p.context(person(pt.MayorOffice, policy.RoleMayorOffice)), into, "m", false)
		if p.take(own, err); p.clock(KindAnswer).State != want || p.t.State != StateClosed || p.t.MergedInto != into.ID {
			t.Errorf("%s after due: %+v", late, p.clock(KindAnswer))
		}
	}
}

// Nobody at the desk knows whom to call about a confidential ticket: nobody is called, and nobody records that they were.
func TestNobodyCallsBackAboutAConfidentialTicket(t *testing.T) {
	f := filing()
	f.Confidential, f.Urgency = true, Urgent
	p := newPlay(t, pt.City(t), "2026-03-02 09:00")
	p.take(File(p.context(theFiler), f)).dispatch().sign()
	p.take(p.t.Answer(p.context(theHolder), AnswerInput{Outcome: Solved, Message: "m", Thin: true}))
	if p.t.Callback != nil {
		t.Errorf("%+v is due", p.t.Callback)
	}
	refused(t, "CONTACT_BY_MESSAGE")(p.t.RecordCallback(p.context(otherDesk), Verified{Contacted: true, Solved: true, Satisfied: Satisfied}))
	refused(t, "CONTACT_BY_MESSAGE")(p.t.RecordMissedCall(p.context(otherDesk)))
	for _, v := range p.t.Actions(p.context(otherDesk)) {
		if v == string(VerbCallback) || v == string(VerbMissedCall) {
			t.Errorf("%s is offered", v)
		}
	}
}

// A case says whose a ticket is: a confidential one does not name it.
func TestAConfidentialTicketNamesNoSource(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-03-02 09:00")
	f := filing()
	f.Confidential, f.Source = true, "cases/01900000-0000-7000-8000-0000000000c1"
	if p.take(File(p.context(theFiler), f)); p.t.Source != "" {
		t.Errorf("it comes from %s", p.t.Source)
	}
}

// An order of the mayor's office does not go away with a merge by the desk.
func TestMergingKeepsSupervision(t *testing.T) {
	p := working(t)
	into := earlier(p.city)
	p.take(p.t.Supervise(p.context(theOffice), "m"))
	_, _, err := p.t.Merge(p.context(theDesk), into, "m", false)
	refused(t, "NOT_OFFICE")(nil, err)
	if _, _, err = p.t.Merge(p.context(theOffice), into, "m", false); err != nil {
		t.Errorf("by the office: %v", err)
	}
	events, err := into.Supervise(p.context(theOffice), "m")
	if err != nil {
		t.Fatal(err)
	}
	if into, err = into.After(events...); err != nil {
		t.Fatal(err)
	}
	if _, _, err = p.t.Merge(p.context(theDesk), into, "m", false); err != nil {
		t.Errorf("into one that is supervised: %v", err)
	}
}

func TestMergeLeavesNotMore(t *testing.T) {
	slow := func() *play {
		p := newPlay(t, pt.City(t), "2026-03-02 09:00")
		f := filing()
		f.AppealType = "complaint"
		return p.take(File(p.context(theFiler), f)).dispatch().sign()
	}
	urgent := func(p *play) *Ticket {
		f := filing()
		f.ID, f.Category, f.Urgency = "01900000-0000-7000-8000-0000000000ff", "0801", Urgent
		events, err := File(p.context(theFiler), f)
		if err != nil {
			t.Fatal(err)
		}
		x, err := Fold(pt.Code, f.ID, events)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	// Not yet dispatched, the urgent one owes no answer: it is merged as if it had been signed.
	p := slow().at("2026-03-04 10:00")
	own, theirs, err := urgent(p).Merge(p.context(theDesk), p.t, "m", false)
	p.take(theirs, err).wantClock(KindAnswer, Running, "2026-03-05 10:00:00")
	if kinds := strings.Join(types(own), " "); kinds != "clocks_began closed" {
		t.Errorf("the urgent one: %s", kinds)
	}
	if c := p.clock(KindAnswer); local(c.FirstDue) != "2026-03-16 18:00:00" || !c.Start.Equal(p.t.CreateTime) {
		t.Errorf("%+v", c)
	}
	// While the earlier one waits, what the urgent one leaves stands still with it.
	p = slow().at("2026-03-04 10:00").ask().at("2026-03-05 10:00")
	_, theirs, err = urgent(p).Merge(p.context(theDesk), p.t, "m", false)
	p.take(theirs, err).at("2026-03-06 10:00").reply().wantClock(KindAnswer, Running, "2026-03-09 10:00:00") // a day's 7 hours of work
	// Merging the slow one into an urgent one leaves the urgent one as it is.
	p = slow()
	into := earlier(p.city)
	_, theirs, err = p.at("2026-03-04 10:00").t.Merge(p.context(theDesk), into, "m", false)
	if err != nil || theirs[len(theirs)-1].Clocks != nil {
		t.Errorf("%v, %v", theirs, err)
	}
	_, _, err = into.Merge(p.context(theDesk), p.t, "m", false)
	refused(t, "MERGE_LATER")(nil, err)
	_, _, err = p.t.Merge(p.context(theDesk), p.t, "m", false)
	refused(t, "MERGE_SELF")(nil, err)
}

func types(events []Event) (out []string) {
	for _, e := range events {
		out = append(out, e.Body.Type())
	}
	return out
}

// Orders waived or handed back just before due are neither met nor breached; a breach stays, and the ticket's clocks never move.
func TestOrdersEndWithTheirOutcomes(t *testing.T) {
	for late, want := range map[time.Duration]ClockState{-time.Second: Ended, time.Second: Breached} {
		p := working(t).order(pt.Water)
		p.take(p.t.SignOrder(p.context(waterClerk), 1)).at("2026-03-05 18:00").now = p.now.Add(late)
		before := p.clock(KindAnswer)
		p.take(p.t.WaiveOrder(p.context(theHolder), 1, "m"))
		if c := p.t.OrderClock(1, KindHandle); c.State != want || c.Owed() || !p.clock(KindAnswer).Due.Equal(before.Due) {
			t.Errorf("%s after due: %+v", late, c)
		}
	}
	for late, want := range map[time.Duration]ClockState{-time.Second: Superseded, time.Second: Breached} {
		p := working(t).order(pt.Water)
		p.take(p.t.Return(p.context(waterClerk), ReturnInput{Order: 1, Reason: "other", Message: "m", Target: pt.Market}))
		refused(t, "REFEREE_OWN")(p.t.DecideReturn(p.context(Actor{
			Kind: PersonActor, Person: pt.Dispatcher, Roles: []policy.Role{policy.RoleDispatcher}, Units: []string{pt.Water},
		}), ReturnDecision{Number: 1, Granted: true, Message: "m"}))
		p.at("2026-03-03 18:00").now = p.now.Add(late)
		p.take(p.t.DecideReturn(p.context(theDesk), ReturnDecision{Number: 1, Granted: true, Message: "m", Unit: pt.Market}))
		if c := p.t.OrderClock(1, KindOrderSign); c.State != want || p.t.Orders[0].State != ReturnedOrder || !p.t.Orders[1].Named {
			t.Errorf("%s after due: %+v, %+v", late, c, p.t.Orders)
		}
		market := Actor{Kind: PersonActor, Person: pt.MarketClerk, Units: []string{pt.Market}}
		refused(t, "RETURN_NAMED")(p.t.Return(p.context(market), ReturnInput{Order: 2, Reason: "other", Message: "m", Target: pt.Water}))
	}
	// A parent that closes does not cancel what its children came to.
	p := working(t).order(pt.Water).order(pt.Market).at("2026-03-04 09:00").settle()
	p.take(p.t.Withdraw(p.context(theFiler), "m"))
	for _, o := range p.t.Orders {
		if sign, handle := p.t.OrderClock(o.Number, KindOrderSign), p.t.OrderClock(o.Number, KindHandle); o.State != EndedOrder || sign.State != Breached || handle.State != Ended {
			t.Errorf("%+v: %s, %s", o, sign.State, handle.State)
		}
	}
}

// A question stops what units owe, no longer than the wait; what is done meanwhile is done in time.
func TestAQuestionStopsOrdersToo(t *testing.T) {
	p := working(t).order(pt.Water)
	p.take(p.t.SignOrder(p.context(waterClerk), 1)).at("2026-03-05 17:00").ask().order(pt.Market)
	if c := p.t.OrderClock(2, KindHandle); c.State != Paused || !c.Paused.Equal(c.Start) {
		t.Errorf("an order given while the ticket waits: %+v", c)
	}
	p.at("2026-03-06 10:00").take(p.t.FinishOrder(p.context(waterClerk), 1, "m"))
	if c := p.t.OrderClock(1, KindHandle); c.State != Met {
		t.Errorf("%+v", c)
	}
	refused(t, "STATE_FORBIDS")(p.t.Answer(p.context(theHolder), AnswerInput{Outcome: Solved, Message: "m"}))
	p.reply()
	refused(t, "ORDERS_OPEN")(p.t.Answer(p.context(theHolder), AnswerInput{Outcome: Solved, Message: "m"}))
	if c := p.t.OrderClock(2, KindHandle); local(c.FirstDue) != "2026-03-10 18:00:00" || local(c.Due) != "2026-03-11 11:00:00" { // 2.5 hours waited
		t.Errorf("due %s, first %s", local(c.Due), local(c.FirstDue))
	}
}

// Cheat 17: naming a conflict hides nothing from the office and stops no clock.
func TestCheat17NamingStopsNoClock(t *testing.T) {
	p := working(t).order(pt.Housing)
	p.take(p.t.Return(p.context(Actor{Kind: PersonActor, Person: pt.HousingClerk, Units: []string{pt.Housing}}),
		ReturnInput{Order: 1, Reason: "other", Message: "m", Target: pt.Market}))
	before := p.clock(KindAnswer)
	p.at("2026-03-09 17:59").take(p.t.NameConflict(p.context(theFiler), nil, []string{pt.Housing}))
	after := p.clock(KindAnswer)
	if p.t.State != StateFiled || !after.Due.Equal(before.Due) || !after.Start.Equal(before.Start) || after.Owner != (Seat{Unit: pt.Desk}) {
		t.Errorf("%s: %+v", p.t.State, after)
	}
	if p.t.pendingReturn(1) != nil || p.t.openOrders() != 0 {
		t.Errorf("%+v %+v", p.t.Returns, p.t.Orders)
	}
	if p.t.KeepsOut(official(p.city, pt.MayorOffice)) || !p.t.KeepsOut(official(p.city, pt.PermitsClerk)) || !p.t.KeepsOut(official(p.city, pt.HousingLeader)) {
		t.Error("who is kept out")
	}
	if n := len(p.events); len(p.take(p.t.NameConflict(p.context(theFiler), nil, []string{pt.Housing})).events) != n {
		t.Error("naming again did something")
	}
	refused(t, "OFFICIAL_UNKNOWN")(p.t.Dispatch(p.context(theDesk), pt.PermitsClerk))
	p.at("2026-03-20 10:00").settle()
	if p.t.Accountable.Official == pt.HousingLeader || p.clock(KindAnswer).State != Breached {
		t.Errorf("%v answers for it", p.t.Accountable)
	}
}

// What was answered by somebody who is named then is answered anew: nobody verifies it, and silence does not close it.
func TestAnAnswerByTheNamedIsUndone(t *testing.T) {
	p := working(t)
	p.take(p.t.Supervise(p.context(theSupervisor), "m")).answer().at("2026-03-03 09:00")
	p.take(p.t.NameConflict(p.context(theOffice), []string{pt.Attendant}, nil))
	if c := p.clock(KindVerify); c.State != Ended || p.t.Callback.State != CallbackOvertaken || p.t.Cycle != 2 || p.t.State != StateFiled {
		t.Errorf("%s, cycle %d: %+v, %+v", p.t.State, p.t.Cycle, c, p.t.Callback)
	}
	p.at("2026-03-16 09:00").settle()
	if p.t.State != StateFiled || p.clock(KindAnswer).State != Breached {
		t.Errorf("%s:\n%s", p.t.State, p.story(0))
	}
	var answers []ClockState
	for _, c := range p.t.Clocks {
		if c.Kind == KindAnswer {
			answers = append(answers, c.State)
		}
	}
	if !slices.Equal(answers, []ClockState{Met, Breached}) {
		t.Errorf("answers %v", answers)
	}
}

// A leader who is named does not become accountable at a verification either.
func TestTheNamedAreNotAccountable(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-03-02 09:00").file()
	p.take(p.t.NameConflict(p.context(theFiler), []string{pt.Mayor}, []string{pt.Housing}))
	p.take(p.t.Dispatch(p.context(theDesk), pt.Attendant2)).take(p.t.Sign(p.context(person(pt.Attendant2))))
	p.take(p.t.NameConflict(p.context(theFiler), []string{pt.MarketLeader}, nil)) // and with it Market: back to the desk
	p.take(p.t.Dispatch(p.context(theDesk), pt.Clerk)).take(p.t.Sign(p.context(waterClerk)))
	p.take(p.t.Answer(p.context(waterClerk), AnswerInput{Outcome: Solved, Message: "m"})).verify(true, false, Dissatisfied)
	if p.t.Rung != 1 || p.t.Conflict.keepsOut(p.city, p.t.Accountable) {
		t.Errorf("rung %d, %v", p.t.Rung, p.t.Accountable)
	}
}

// Two hand-overs of one holding, and a signature that crosses one: the first to come counts.
func TestHandOversRace(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch().handOver(1, pt.Attendant2)
	p.take(p.t.AcceptHandover(p.context(Router), Handover{Position: 2, From: pt.Attendant, Official: pt.Clerk, Reason: "leave"}))
	if last := p.events[len(p.events)-1].Body; last != (RouteRefused{2, pt.Clerk, RefusedChanged}) || p.t.Official != pt.Attendant2 {
		t.Errorf("%v, held by %s", last, p.t.Official)
	}
	refused(t, "NOT_HOLDER")(p.t.Sign(p.context(theHolder)))
	n := len(p.events)
	if p.handOver(2, pt.Clerk); len(p.events) != n {
		t.Error("a proposal was dealt with twice")
	}
	p.take(p.t.AcceptProposal(p.context(Router), Proposal{Position: 3, Version: 1, Official: pt.Clerk}))
	if p.t.Official != pt.Attendant2 {
		t.Errorf("held by %s", p.t.Official)
	}
}

// TestCopiesShareNothing: two decisions upon one ticket do not write into each other's lists.
func TestCopiesShareNothing(t *testing.T) {
	p := working(t)
	for range 3 {
		p.take(p.t.Instruct(p.context(theOffice), "m"))
	}
	one, err := p.t.Instruct(p.context(theOffice), "one")
	if err != nil {
		t.Fatal(err)
	}
	first, err := p.t.After(one...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.t.Instruct(p.context(theOffice), "another"); err != nil || first.Directives[3].Message != "one" {
		t.Errorf("%v, %+v", err, first.Directives)
	}
}

// TestSizeOfASnapshot: a ticket with fifty orders still is a small row.
func TestSizeOfASnapshot(t *testing.T) {
	p := long(t, 50)
	const most = 64 << 10
	if size := len(snapshot(t, p.t)); size > most {
		t.Errorf("%d bytes", size)
	} else {
		t.Logf("%d bytes after %d events", size, len(p.events))
	}
}

// A conflict that leaves nobody who could hold the ticket would bury it: it is refused, at once or bit by bit.
func TestAConflictLeavesSomebody(t *testing.T) {
	p := working(t)
	var units []string
	for _, u := range p.city.Units() {
		units = append(units, u.Code)
	}
	if _, err := p.t.NameConflict(p.context(theFiler), nil, units); !fault.Has(err, "UNIT_UNKNOWN") {
		t.Errorf("everybody at once: %v", err)
	}
	named := 0
	for _, unit := range units {
		events, err := p.t.NameConflict(p.context(theFiler), nil, []string{unit})
		if fault.Has(err, "UNIT_UNKNOWN") {
			continue
		}
		p.take(events, err)
		named++
	}
	if named == 0 || named == len(units) {
		t.Errorf("%d of %d units were named", named, len(units))
	}
	if p.t.Conflict.leavesSomebody(p.city) != nil {
		t.Error("nobody is left")
	}
}
