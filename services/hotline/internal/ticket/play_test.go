package ticket

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	pt "github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
)

// The people of the tests beside the officials of policytest.
const (
	filerID    = "01900000-0000-7000-8000-0000000000f1"
	memberID   = "01900000-0000-7000-8000-0000000000f2"
	strangerID = "01900000-0000-7000-8000-0000000000f3"
	enterprise = "01900000-0000-7000-8000-0000000000e1"
	ticketID   = "01900000-0000-7000-8000-0000000000aa"
)

func person(id string, roles ...policy.Role) Actor {
	return Actor{Kind: PersonActor, Person: id, Roles: roles}
}

var (
	theFiler    = person(filerID)
	theMember   = Actor{Kind: PersonActor, Person: memberID, Enterprises: []string{enterprise}}
	theStranger = person(strangerID)
	theHolder   = person(pt.Attendant, policy.RoleAttendant)
	theDesk     = person(pt.Dispatcher, policy.RoleDispatcher)
	otherDesk   = person(pt.Dispatcher2, policy.RoleDispatcher)
)

// play is a ticket on a stage: a city, a clock that only the test moves, and the whole history.
type play struct {
	testing.TB
	city   *policy.City
	now    time.Time
	t      *Ticket
	events []Event
}

func newPlay(tb testing.TB, city *policy.City, at string) *play {
	tb.Helper()
	return &play{TB: tb, city: city, now: pt.At(at)}
}

func (p *play) at(text string) *play { p.now = pt.At(text); return p }

func (p *play) context(a Actor) Context { return Context{Now: p.now, Actor: a, City: p.city} }

// take lets what was decided happen; a refusal fails the test.
func (p *play) take(events []Event, err error) *play {
	p.Helper()
	if err != nil {
		p.Fatalf("at %s: %v", local(p.now), err)
	}
	if p.t == nil {
		p.t = &Ticket{City: pt.Code, ID: ticketID}
	}
	for _, e := range events {
		if err := p.t.Apply(e); err != nil {
			p.Fatal(err)
		}
		p.events = append(p.events, e)
	}
	return p
}

func (p *play) file() *play { p.Helper(); return p.take(File(p.context(theFiler), filing())) }

func filing() Filing {
	return Filing{City: pt.Code, ID: ticketID, Number: "2603020000017", Enterprise: enterprise, MembershipConfirmed: true, Category: "0702"}
}

func (p *play) dispatch() *play {
	p.Helper()
	return p.take(p.t.Dispatch(p.context(theDesk), pt.Attendant))
}
func (p *play) sign() *play   { p.Helper(); return p.take(p.t.Sign(p.context(theHolder))) }
func (p *play) ask() *play    { p.Helper(); return p.take(p.t.Ask(p.context(theHolder), "question")) }
func (p *play) reply() *play  { p.Helper(); return p.take(p.t.Reply(p.context(theFiler), "reply")) }
func (p *play) settle() *play { p.Helper(); return p.take(p.t.Settle(p.context(Clockwork))) }

func (p *play) contact() *play {
	p.Helper()
	return p.take(p.t.Contact(p.context(theHolder), "phone", ""))
}

func (p *play) answer() *play {
	p.Helper()
	return p.take(p.t.Answer(p.context(theHolder), AnswerInput{Outcome: Solved, Message: "answer"}))
}

func (p *play) verify(contacted, solved bool, s Satisfaction) *play {
	p.Helper()
	return p.take(p.t.Verify(p.context(theFiler), Verified{Contacted: contacted, Solved: solved, Satisfied: s}))
}

// clock returns the newest clock of a kind.
func (p *play) clock(k Kind) Clock {
	p.Helper()
	c := p.t.Clock(k)
	if c == nil {
		p.Fatalf("no %s clock", k)
	}
	return *c
}

// wantClock checks the newest clock of a kind: its state and its due time.
func (p *play) wantClock(k Kind, s ClockState, due string) *play {
	p.Helper()
	if c := p.clock(k); c.State != s || local(c.Due) != due {
		p.Errorf("%s is %s, due %s; want %s, due %s", k, c.State, local(c.Due), s, due)
	}
	return p
}

// story returns what happened from an event on, a line each.
func (p *play) story(from int) string {
	var b strings.Builder
	for _, e := range p.events[from:] {
		fmt.Fprintf(&b, "%s %s", local(e.Time), e.Body.Type())
		switch body := e.Body.(type) {
		case ClockWarned:
			fmt.Fprintf(&b, " %s", p.t.Clocks[body.Clock-1].Kind)
		case ClockBreached:
			fmt.Fprintf(&b, " %s", p.t.Clocks[body.Clock-1].Kind)
		case RungReached:
			fmt.Fprintf(&b, " %d", body.Rung)
			if body.Clock > 0 {
				fmt.Fprintf(&b, " %s", p.t.Clocks[body.Clock-1].Kind)
			}
		case Closed:
			fmt.Fprintf(&b, " %s", body.Reason)
		case Resumed:
			fmt.Fprintf(&b, " %s", body.Cause)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func local(t time.Time) string { return t.In(pt.Zone).Format("2006-01-02 15:04:05") }
