package casefile

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// The people of the tests beside the officials of cataloguetest, their enterprise and their case.
const (
	memberID   = "01900000-0000-7000-8000-0000000000f1"
	openerID   = "01900000-0000-7000-8000-0000000000f2"
	strangerID = "01900000-0000-7000-8000-0000000000f3"
	enterprise = "01900000-0000-7000-8000-0000000000e1"
	caseID     = "01900000-0000-7000-8000-0000000000aa"
)

// tick is the smallest step of time.
const tick = time.Microsecond

func clerk(id string, units ...string) Actor {
	return Actor{Kind: PersonActor, Person: id, Clerk: units}
}

func head(id string, units ...string) Actor { return Actor{Kind: PersonActor, Person: id, Head: units} }

var (
	theMember     = Actor{Kind: PersonActor, Person: memberID, Enterprises: []string{enterprise}}
	theOpener     = Actor{Kind: PersonActor, Person: openerID, Claims: enterprise} // not confirmed
	theStranger   = Actor{Kind: PersonActor, Person: strangerID, Enterprises: []string{"01900000-0000-7000-8000-0000000000e2"}}
	theAgent      = Actor{Kind: PersonActor, Person: ct.ApprovalsAgent, Agent: true}
	otherAgent    = Actor{Kind: PersonActor, Person: ct.InvestmentAgent, Agent: true}
	theCentre     = Actor{Kind: PersonActor, Person: ct.ApprovalsClerk, Clerk: []string{ct.Approvals}, Centre: true}
	theOffice     = Actor{Kind: PersonActor, Person: ct.MayorOffice, Office: true}
	theDepartment = clerk(ct.HualongClerk, ct.Hualong)
	planning      = clerk(ct.PlanningClerk, ct.Planning)
	housing       = clerk(ct.HousingClerk, ct.Housing, ct.Permits)
	ecology       = clerk(ct.EcologyClerk, ct.Ecology)
	planningHead  = head(ct.PlanningLeader, ct.Planning)
	housingHead   = head(ct.HousingLeader, ct.Housing, ct.Permits)
	planningLine  = Actor{Kind: LineActor, Name: "planning-system", Clerk: []string{ct.Planning}}
	housingLine   = Actor{Kind: LineActor, Name: ct.System, Clerk: []string{ct.Housing, ct.Permits}}
	assigner      = Actor{Kind: ServiceActor, Name: AssignerName}
)

// play is a case on a stage: a city, a clock that only the test moves, and the whole history.
type play struct {
	testing.TB
	city   *catalogue.City
	now    time.Time
	barred bool
	c      *Case
	events []Event
}

func newPlay(tb testing.TB, city *catalogue.City, at string) *play {
	tb.Helper()
	return &play{TB: tb, city: city, now: ct.At(at)}
}

func (p *play) at(text string) *play { p.now = ct.At(text); return p }

func (p *play) wait(d time.Duration) *play { p.now = p.now.Add(d); return p }

func (p *play) context(a Actor) Context {
	ctx := Context{Now: p.now, Actor: a, City: p.city, Barred: p.barred}
	if a.Kind == LineActor {
		ctx.Line = p.nextReport(a.Name, theItem)
	}
	return ctx
}

// nextReport is the next report of a department's system on an item.
func (p *play) nextReport(system, item string) *agencyv1.LineReport {
	i := p.c.Item(item)
	return &agencyv1.LineReport{System: system, Report: "report", Item: item, Sequence: i.Reported(system, i.Attempt) + 1}
}

// take lets what was decided happen; a refusal fails the test.
func (p *play) take(events []Event, err error) *play {
	p.Helper()
	if err != nil {
		p.Fatalf("at %s: %v", local(p.now), err)
	}
	if p.c == nil {
		p.c = &Case{City: ct.Code, ID: caseID}
	}
	for _, e := range events {
		if err := p.c.Apply(e); err != nil {
			p.Fatal(err)
		}
		p.events = append(p.events, e)
	}
	return p
}

func opening() Opening {
	return Opening{City: ct.Code, ID: caseID, Number: "2603020000017", Enterprise: enterprise, Counties: []string{ct.HualongCode},
		Eligibility: agencyv1.Case_MUNICIPAL_APPROVAL, Answers: ct.Plant()}
}

func (p *play) open() *play { p.Helper(); return p.take(New(p.context(theOpener), opening())) }

func (p *play) settle() *play { p.Helper(); return p.take(p.c.Settle(p.context(Clockwork))) }

// entrust has an agreement about some stages, or all, worded, signed and sealed, and gives the case an agent of each centre.
func (p *play) entrust(expire time.Time, stages ...string) *play {
	p.Helper()
	p.take(p.c.OfferAgreement(p.context(theCentre), Offer{Stages: stages, Expire: expire, Text: "text", SHA256: []byte("words")}))
	p.take(p.c.SignAgreement(p.context(theMember), Signature{SHA256: []byte("words"), Name: "name"}))
	p.take(p.c.SealAgreement(p.context(theCentre), ""))
	number := p.c.Agreement().Number
	p.take(p.c.TakeAgent(p.context(assigner), Proposal{Position: p.c.Proposal + 1, Agreement: number, Centre: ct.Approvals, Official: ct.ApprovalsAgent, Reason: "bound"}))
	return p.take(p.c.TakeAgent(p.context(assigner), Proposal{Position: p.c.Proposal + 1, Agreement: number, Centre: ct.Investment, Official: ct.InvestmentAgent, Reason: "bound"}))
}

// supply lets materials arrive from the enterprise.
func (p *play) supply(materials ...string) *play {
	p.Helper()
	for _, m := range materials {
		p.take(p.c.Arrive(p.context(theMember), Arrival{Document: fmt.Sprintf("document %d", len(p.c.Documents)+1), Purpose: PurposeMaterial, Material: m}))
	}
	return p
}

// document lets a file of another purpose arrive from a unit, and returns its id.
func (p *play) document(a Actor, purpose string) string {
	p.Helper()
	id := fmt.Sprintf("document %d", len(p.c.Documents)+1)
	p.take(p.c.Arrive(p.context(a), Arrival{Document: id, Purpose: purpose}))
	return id
}

func (p *play) submit(item string) *play {
	p.Helper()
	return p.take(p.c.Submit(p.context(theMember), item, false))
}

// clerkOf is somebody who decides an item.
func (p *play) clerkOf(item string) Actor {
	unit := p.c.Item(item).Unit
	return clerk(ct.Clerk(unit), unit)
}

func (p *play) accept(item string) *play {
	p.Helper()
	return p.take(p.c.Accept(p.context(p.clerkOf(item)), item, ""))
}

func (p *play) approve(item string) *play {
	p.Helper()
	return p.take(p.c.Approve(p.context(p.clerkOf(item)), item, ""))
}

// decide hands items in and has them accepted and approved at once.
func (p *play) decide(items ...string) *play {
	p.Helper()
	for _, i := range items {
		p.submit(i).accept(i).approve(i)
	}
	return p
}

// sign signs a commitment as its terms are now; 0 workdays are the most.
func (p *play) sign(kind agencyv1.Commitment_Kind, item string, days int) *play {
	p.Helper()
	t, err := p.c.TermsOf(p.context(theMember), kind, item, days)
	if err != nil {
		p.Fatal(err)
	}
	return p.take(p.c.SignCommitment(p.context(theMember), Commit{Kind: kind, Item: item, Workdays: days, Want: t, Text: "text", Words: []byte("words"),
		Signature: Signature{SHA256: []byte("words"), Name: "name"}}))
}

func (p *play) tolerate(item string) *play { p.Helper(); return p.sign(tolerance, item, 0) }

func (p *play) promise(item string) *play { p.Helper(); return p.sign(promise, item, 0) }

const (
	tolerance = agencyv1.Commitment_TOLERANCE
	promise   = agencyv1.Commitment_PROMISE
)

func (p *play) correction(item string, materials ...string) *play {
	p.Helper()
	return p.take(p.c.RequestCorrection(p.context(p.clerkOf(item)), item, wrong(materials...), ""))
}

func wrong(materials ...string) (list []Deficiency) {
	for _, m := range materials {
		list = append(list, Deficiency{Material: m, Text: "text"})
	}
	return list
}

func (p *play) correct(item string) *play {
	p.Helper()
	return p.take(p.c.Correct(p.context(theMember), item))
}

func (p *play) procedure(item, kind string, days int) *play {
	p.Helper()
	return p.take(p.c.StartProcedure(p.context(p.clerkOf(item)), item, kind, "notice", days))
}

func (p *play) endProcedure(item string) *play {
	p.Helper()
	return p.take(p.c.EndProcedure(p.context(p.clerkOf(item)), item, "text"))
}

func (p *play) withdraw(item string) *play {
	p.Helper()
	return p.take(p.c.Withdraw(p.context(theMember), item, "reason"))
}

// clock returns the newest clock of a kind of an item, or of the case itself.
func (p *play) clock(item string, k Kind) Clock {
	p.Helper()
	for i := len(p.c.Clocks) - 1; i >= 0; i-- {
		if c := p.c.Clocks[i]; c.Kind == k && c.Item == item {
			return c
		}
	}
	p.Fatalf("no %s clock of %q", k, item)
	return Clock{}
}

// wantClock checks the newest clock of a kind of an item: its state and its due time.
func (p *play) wantClock(item string, k Kind, s ClockState, due string) *play {
	p.Helper()
	if c := p.clock(item, k); c.State != s || local(c.Due) != due {
		p.Errorf("%s is %s, due %s; want %s, due %s", k, c.State, local(c.Due), s, due)
	}
	return p
}

func (p *play) wantState(item string, s ItemState) *play {
	p.Helper()
	if got := p.c.Item(item).State; got != s {
		p.Errorf("%s is %s, want %s\n%s", item, got, s, p.story(0))
	}
	return p
}

func (p *play) wantCommitment(number int, s CommitmentState) *play {
	p.Helper()
	if k := p.c.Commitment(number); k == nil || k.State != s {
		p.Errorf("commitment %d is %+v, want %s", number, k, s)
	}
	return p
}

// story returns what happened from an event on, a line each: its time, its name, what it is about and why.
func (p *play) story(from int) string {
	var b strings.Builder
	for _, e := range p.events[from:] {
		fmt.Fprintf(&b, "%s %s", local(e.Time), e.Type())
		m := e.Body.ProtoReflect()
		for _, name := range []protoreflect.Name{"clock", "item", "number", "cause", "consequence", "opinion", "official"} {
			f := m.Descriptor().Fields().ByName(name)
			if f == nil || !m.Has(f) {
				continue
			}
			if name == "clock" {
				k := p.c.Clocks[m.Get(f).Int()-1]
				fmt.Fprintf(&b, " %s %s", k.Kind, k.Item)
				continue
			}
			fmt.Fprintf(&b, " %s", m.Get(f))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func local(t time.Time) string {
	t = t.In(ct.Zone)
	if t.Nanosecond() != 0 {
		return t.Format("2006-01-02 15:04:05.000000")
	}
	return t.Format("2006-01-02 15:04:05")
}

// workshop is the small city in which one item, SitePermit, has everything an item can have and waits for nothing.
func workshop(tb testing.TB, changes ...func(*directoryv1.CityConfig)) *catalogue.City {
	tb.Helper()
	return ct.City(tb, append([]func(*directoryv1.CityConfig){everything}, changes...)...)
}

func everything(c *directoryv1.CityConfig) {
	i := ct.Item(c, ct.SitePermit)
	i.After = nil
	i.Promise = &directoryv1.PromiseRule{FulfilWorkdays: 10, CheckWorkdays: 5, FixWorkdays: 3}
	i.Procedures = []string{catalogue.ProcedurePublicity, catalogue.ProcedureTest}
	i.Materials = []*directoryv1.ItemMaterial{
		{Material: ct.Form, Principal: true}, {Material: ct.Licence, Principal: true}, {Material: ct.Drawings, Principal: true},
		{Material: ct.Survey, Tolerable: true}, {Material: ct.Contract, Tolerable: true},
	}
}

// site is a case with the item that has everything, and all its materials or only the principal ones.
func site(tb testing.TB, at string, lean bool) *play {
	tb.Helper()
	p := newPlay(tb, workshop(tb), at).open().supply(ct.Form, ct.Drawings)
	if !lean {
		p.supply(ct.Survey, ct.Contract)
	}
	return p
}

func days(n int) worktime.Limit { return worktime.Limit{Amount: n, Unit: worktime.Workdays} }
