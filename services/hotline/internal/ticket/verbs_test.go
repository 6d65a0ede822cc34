package ticket

import (
	"testing"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	pt "github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
)

func TestFiling(t *testing.T) {
	city := pt.City(t)
	tests := []struct {
		name   string
		actor  Actor
		change func(*Filing)
		reason string
	}{
		{"as usual", theFiler, func(*Filing) {}, ""},
		{"through the portal", theFiler, func(f *Filing) { f.Channel = "portal" }, ""},
		{"nothing but the problem", theStranger, func(f *Filing) { *f = Filing{City: f.City, ID: f.ID, Number: f.Number} }, ""},
		{"for a caller", theDesk, func(f *Filing) { f.Channel = "phone"; f.County = pt.CountyCode }, ""},
		{"for a caller by anybody", theFiler, func(f *Filing) { f.Channel = "phone" }, "CHANNEL_FORBIDDEN"},
		{"no such category", theFiler, func(f *Filing) { f.Category = "99" }, "CATEGORY_UNKNOWN"},
		{"no such type", theFiler, func(f *Filing) { f.AppealType = "praise" }, "APPEAL_TYPE_UNKNOWN"},
		{"no such county", theFiler, func(f *Filing) { f.County = "110101" }, "COUNTY_UNKNOWN"},
		{"by a service", Router, func(*Filing) {}, "NOT_PARTY"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := filing()
			tt.change(&f)
			p := newPlay(t, city, "2026-03-02 09:00")
			events, err := File(p.context(tt.actor), f)
			if tt.reason != "" {
				refused(t, tt.reason)(events, err)
				return
			}
			p.take(events, err)
			forCaller := f.Channel == "phone"
			if forCaller != (p.t.Filer == "") || forCaller != (p.t.FiledBy == pt.Dispatcher) || p.t.AppealType != "help" || p.t.Urgency != Normal || p.t.Channel == "" {
				t.Errorf("filed %+v", p.t)
			}
		})
	}
}

func TestDispatchNamesWhoCanHold(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-03-02 09:00").file()
	for _, nobody := range []string{"", strangerID, pt.Auditor, pt.HousingLeader, pt.Dispatcher} {
		refused(t, "OFFICIAL_UNKNOWN")(p.t.Dispatch(p.context(theDesk), nobody))
	}
	for _, somebody := range []string{pt.Attendant, pt.Clerk, pt.Agent} {
		q := newPlay(t, p.city, "2026-03-02 09:00").file()
		q.take(q.t.Dispatch(q.context(theDesk), somebody))
		if q.t.Official != somebody || *q.t.Routing != (Routing{"dispatcher", ByDispatcher, q.now}) {
			t.Errorf("%+v", q.t.Routing)
		}
	}
}

func TestProposals(t *testing.T) {
	good := Proposal{Position: 5, Version: 1, Official: pt.Attendant, Reason: "enterprise-attendant"}
	propose := func(p *play, pr Proposal) { p.Helper(); p.take(p.t.AcceptProposal(p.context(Router), pr)) }
	t.Run("taken", func(t *testing.T) {
		p := newPlay(t, pt.City(t), "2026-03-02 09:00").file()
		propose(p, good)
		if p.t.State != StateDispatched || p.t.Unit != pt.Permits || *p.t.Routing != (Routing{"enterprise-attendant", ByRouting, p.now}) {
			t.Errorf("%s %+v", p.t.State, p.t.Routing)
		}
		propose(p, good)
		propose(p, Proposal{Position: 4, Version: 1, Official: pt.Clerk, Reason: "deputy"})
		if len(p.events) != 2 {
			t.Error("a proposal dealt with did something again")
		}
	})
	t.Run("marks and words do not make it late", func(t *testing.T) {
		p := newPlay(t, pt.City(t), "2026-03-02 09:00").file()
		p.take(p.t.Message(p.context(theFiler), "m")).at("2026-03-10 09:00")
		propose(p, good)
		if p.t.State != StateDispatched {
			t.Error(p.story(0))
		}
	})
	t.Run("too late", func(t *testing.T) {
		p := newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch()
		propose(p, good)
		propose(p, good)
		if p.events[2].Body != (RouteRefused{5, pt.Attendant, RefusedNotFiled}) || len(p.events) != 3 {
			t.Error(p.story(0))
		}
	})
	t.Run("closed", func(t *testing.T) {
		p := newPlay(t, pt.City(t), "2026-03-02 09:00").file()
		p.take(p.t.Withdraw(p.context(theFiler), "m"))
		propose(p, good)
		if p.events[2].Body != (RouteRefused{5, pt.Attendant, RefusedNotFiled}) || p.t.State != StateClosed {
			t.Error(p.story(0))
		}
	})
	t.Run("somebody who cannot hold", func(t *testing.T) {
		p := newPlay(t, pt.City(t), "2026-03-02 09:00").file()
		propose(p, Proposal{5, 1, pt.Auditor, "deputy"})
		if p.events[1].Body != (RouteRefused{5, pt.Auditor, RefusedUnknownOfficial}) || p.t.State != StateFiled {
			t.Error(p.story(0))
		}
		propose(p, Proposal{6, 1, pt.Attendant, "least-loaded"})
		if p.t.State != StateDispatched {
			t.Error("the next proposal is not taken")
		}
	})
	t.Run("an older question", func(t *testing.T) {
		p := newPlay(t, pt.City(t), "2026-03-02 09:00").file()
		propose(p, Proposal{5, 0, pt.Attendant, "deputy"})
		if p.events[1].Body != (RouteRefused{5, pt.Attendant, RefusedChanged}) {
			t.Error(p.story(0))
		}
	})
	t.Run("nobody", func(t *testing.T) {
		p := newPlay(t, pt.City(t), "2026-03-02 09:00").file()
		propose(p, Proposal{5, 1, "", "nobody"})
		if len(p.events) != 1 {
			t.Error(p.story(0))
		}
	})
}

func TestContactIsAClaim(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch()
	refused(t, "CONTACT_CHANNEL_UNKNOWN")(p.t.Contact(p.context(theHolder), "pigeon", "m"))
	p.take(p.t.Contact(p.context(theHolder), " Phone ", "m")) // before signing, too
	p.wantClock(KindContact, Met, "2026-03-03 18:00:00")
	p.sign().answer().verify(false, true, Satisfied)
	p.wantClock(KindContact, Disputed, "2026-03-03 18:00:00")
	if c := p.clock(KindContact); !c.Counts() {
		t.Error("a disputed clock does not count as breached")
	}
}

func TestContactBeforeItWasOwed(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-03-02 09:00")
	f := filing()
	f.Category, f.Urgency = "0801", Urgent
	p.take(File(p.context(theFiler), f)).dispatch().contact().at("2026-03-02 09:20").sign()
	p.wantClock(KindContact, Met, "2026-03-02 11:20:00")
}

func TestReopening(t *testing.T) {
	closed := func() *play {
		return newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch().sign().answer().verify(true, true, Basically)
	}
	t.Run("in the window", func(t *testing.T) {
		p := closed().at("2026-03-17 09:00")
		refused(t, "TEXT_EMPTY")(p.t.Reopen(p.context(theFiler), ""))
		p.take(p.t.Reopen(p.context(theFiler), "m"))
		p.wantClock(KindContact, Running, "2026-03-18 18:00:00").wantClock(KindAnswer, Running, "2026-03-24 18:00:00")
		if p.t.Cycle != 2 || p.t.CloseReason != NotClosed || !p.t.CloseTime.IsZero() || p.t.Rung != 0 || len(p.t.Holdings) != 3 {
			t.Errorf("%+v", p.t)
		}
	})
	t.Run("after the window", func(t *testing.T) {
		p := closed().at("2026-03-17 09:00")
		p.now = p.now.Add(tick)
		refused(t, "REOPEN_WINDOW_OVER")(p.t.Reopen(p.context(theFiler), "m"))
	})
	t.Run("the third time", func(t *testing.T) {
		p := closed()
		for range 2 {
			p.take(p.t.Reopen(p.context(theFiler), "m")).answer().verify(true, true, Satisfied)
		}
		refused(t, "REOPENS_EXHAUSTED")(p.t.Reopen(p.context(theFiler), "m"))
	})
	t.Run("withdrawn stays withdrawn", func(t *testing.T) {
		p := newPlay(t, pt.City(t), "2026-03-02 09:00").file()
		p.take(p.t.Withdraw(p.context(theFiler), "m"))
		refused(t, "STATE_FORBIDS")(p.t.Reopen(p.context(theFiler), "m"))
	})
	t.Run("no window", func(t *testing.T) {
		p := closed()
		p.city = pt.City(t, func(c *directoryv1.CityConfig) { c.Rules.ReopenWindow = "" })
		p.now = p.now.Add(tick)
		refused(t, "REOPEN_WINDOW_OVER")(p.t.Reopen(p.context(theFiler), "m"))
	})
}

func TestAVerificationSendsBack(t *testing.T) {
	for _, v := range []Verified{{Contacted: true, Satisfied: Satisfied}, {Contacted: true, Solved: true, Satisfied: Dissatisfied}} {
		p := newPlay(t, pt.City(t), "2026-03-02 09:00").file().dispatch().sign().answer()
		for rung := 1; rung <= 5; rung++ {
			p.take(p.t.Verify(p.context(theFiler), v))
			if want := min(rung, 4); p.t.State != StateInProgress || p.t.Rung != want || p.t.Cycle != rung+1 {
				t.Fatalf("%s, rung %d, cycle %d", p.t.State, p.t.Rung, p.t.Cycle)
			}
			p.answer()
		}
	}
}

func TestRejectingTakesTwo(t *testing.T) {
	start := func() *play { return newPlay(t, pt.City(t), "2026-03-02 09:00").file() }
	reject := func(p *play, a Actor, route string) *play {
		p.Helper()
		return p.take(p.t.Reject(p.context(a), route, "m"))
	}
	t.Run("before dispatch one is enough", func(t *testing.T) {
		p := reject(start(), theDesk, "police")
		if p.t.State != StateClosed || p.t.CloseReason != ClosedRejected || p.t.Rejection.Route != "police" {
			t.Errorf("%s %+v", p.t.State, p.t.Rejection)
		}
	})
	t.Run("after dispatch another confirms", func(t *testing.T) {
		p := reject(start().dispatch(), theDesk, "police")
		refused(t, "SECOND_PERSON_NEEDED")(p.t.Reject(p.context(theDesk), "police", "m"))
		if reject(p, otherDesk, "police").t.State != StateClosed {
			t.Error("not closed")
		}
	})
	t.Run("another route is another proposal", func(t *testing.T) {
		p := reject(reject(start().dispatch(), theDesk, "police"), otherDesk, "petition")
		if p.t.State != StateDispatched || p.t.Rejection.Route != "petition" || p.t.Rejection.By != pt.Dispatcher2 {
			t.Errorf("%s %+v", p.t.State, p.t.Rejection)
		}
		reject(p, theDesk, "petition")
		if p.t.State != StateClosed {
			t.Error("not closed")
		}
	})
	t.Run("an answer overtakes it", func(t *testing.T) {
		p := reject(start().dispatch().sign(), theDesk, "police").answer()
		if p.t.Rejection != nil || p.events[4].Body != (RejectionDropped{}) {
			t.Error(p.story(0))
		}
	})
}

func TestClaiming(t *testing.T) {
	p := newPlay(t, pt.City(t), "2026-03-02 09:00")
	f := filing()
	f.Channel, f.Enterprise = "visit", ""
	p.take(File(p.context(theDesk), f)).dispatch().sign().answer()
	refused(t, "NOT_FILER")(p.t.Verify(p.context(theStranger), Verified{}))
	p.take(p.t.Claim(p.context(theStranger)))
	if p.t.Filer != strangerID || p.clock(KindVerify).Owner != (Seat{Official: strangerID}) {
		t.Errorf("filer %q, verification owed by %v", p.t.Filer, p.clock(KindVerify).Owner)
	}
	refused(t, "TICKET_NOT_FOUND")(p.t.Claim(p.context(theFiler)))
	p.take(p.t.Verify(p.context(theStranger), Verified{Contacted: true, Solved: true, Satisfied: Satisfied}))
}

func TestWordsAreNeeded(t *testing.T) {
	p := in(t, StateInProgress)
	refused(t, "TEXT_EMPTY")(p.t.Message(p.context(theFiler), ""))
	refused(t, "TEXT_EMPTY")(p.t.Withdraw(p.context(theFiler), ""))
	refused(t, "TEXT_EMPTY")(p.t.Reject(p.context(theDesk), "police", ""))
	refused(t, "TEXT_EMPTY")(p.t.Answer(p.context(theHolder), AnswerInput{Outcome: Solved}))
	p.ask()
	refused(t, "TEXT_EMPTY")(p.t.Reply(p.context(theFiler), ""))
}

func TestWhoWroteIt(t *testing.T) {
	p := in(t, StateInProgress)
	both := Actor{Kind: PersonActor, Person: pt.Attendant, Roles: []policy.Role{policy.RoleDispatcher}}
	for actor, want := range map[*Actor]Author{&theFiler: AuthorFiler, &theMember: AuthorFiler, &theHolder: AuthorHolder, &theDesk: AuthorDesk, &both: AuthorHolder} {
		events, err := p.t.Message(p.context(*actor), "m")
		if err != nil || events[0].Body != (MessageWritten{"m", want}) {
			t.Errorf("%v, %v, want %s", events, err, want)
		}
	}
}
