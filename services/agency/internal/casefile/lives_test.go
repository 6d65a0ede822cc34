package casefile

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// life plays one case three times with the same people: with a sweeper that is punctual to the microsecond, with somebody who looks now and then, and with
// nobody at all. Whatever happens, the three histories must come out the same.
type life struct {
	now      time.Time
	city     *catalogue.City // in force from the beginning
	notice   *catalogue.City // the version after it, with the official 2027; nil for never
	noticed  bool
	told     [3]*teller
	position int64
	number   int
}

// teller is one of the three.
type teller struct {
	c       *Case
	history []Event
}

const (
	punctual = iota
	glancing
	lazy
)

var (
	livelyCity = func() *catalogue.City {
		in := ct.Config()
		lively(in)
		return mustCity(in, nil)
	}()
	livelyNotice = func() *catalogue.City {
		next := ct.Config()
		lively(next)
		next.Version = 2
		ct.AppliedAt(ct.At("2026-12-01 00:00"))(next)
		next.CalendarYears[2] = &directoryv1.CalendarYear{
			Year: 2027, Origin: "official", Source: "a notice of the test",
			DaysOff: []string{"01-01..01-04", "02-05..02-12", "10-01..10-07"}, MakeUp: []string{"01-09", "02-14"},
		}
		next.Catalogue.Rules.AcceptLimit, next.Catalogue.Rules.WarnPercent = "4 workdays", 70
		ct.Item(next, theItem).PromisedWorkdays = 6
		return mustCity(next, livelyCity)
	}()
)

func mustCity(in *directoryv1.CityConfig, earlier *catalogue.City) *catalogue.City {
	city, err := catalogue.FromProto(in, earlier)
	if err != nil {
		panic(err)
	}
	return city
}

// lively leaves few items, of which most wait for nothing, so that much happens to them.
func lively(c *directoryv1.CityConfig) {
	everything(c)
	keep := []string{ct.Filing, ct.SoilPlan, theItem, ct.CivilDefence, ct.FireReview, ct.BuildPermit}
	for _, i := range c.GetCatalogue().GetItems() {
		if !slices.Contains(keep, i.GetCode()) {
			i.When = &directoryv1.ItemCondition{Types: []string{"housing"}}
		}
		if i.GetCode() != ct.BuildPermit {
			i.After = nil
		}
	}
	ct.Item(c, theItem).When = &directoryv1.ItemCondition{Types: []string{"industrial"}}
	ct.Item(c, ct.CivilDefence).Procedures = []string{catalogue.ProcedureTest}
	ct.Item(c, ct.FireReview).ExtensionWorkdays = 5
	c.GetCatalogue().GetRules().CorrectLimit = "10 workdays"
}

// item is one of those of the case, often the one that has everything.
func (l *life) item(t *rapid.T) string {
	if l.c().Item(theItem) != nil && rapid.Bool().Draw(t, "the one") {
		return theItem
	}
	return rapid.SampledFrom(l.c().Items).Draw(t, "item").Def.Code
}

// livelyMaterials are what somebody may have to supply there.
var livelyMaterials = []string{ct.Form, ct.Drawings, ct.Report, ct.SitePaper, ct.Survey, ct.Contract}

func newLife(t *rapid.T, notice *catalogue.City) *life {
	l := &life{city: livelyCity, notice: notice}
	day := rapid.IntRange(0, 400).Draw(t, "day")
	l.now = ct.At("2025-12-20 00:00").AddDate(0, 0, day).Add(time.Duration(rapid.Int64Range(0, 24*3600e6).Draw(t, "time of day")) * time.Microsecond)
	l.noticed = notice != nil && l.now.After(notice.Applied())
	for n := range l.told {
		l.told[n] = &teller{c: &Case{City: ct.Code, ID: caseID}}
	}
	o := opening()
	by := rapid.SampledFrom([]Actor{theMember, theOpener, theDepartment}).Draw(t, "opener")
	if by.Person == theDepartment.Person {
		o.OpenerUnit = ct.Hualong
	}
	if rapid.IntRange(0, 2).Draw(t, "small") == 0 { // so that it can be completed
		o.Answers = ct.Shop()
	}
	if rapid.IntRange(0, 3).Draw(t, "arranged") == 0 {
		o.Eligibility = agencyv1.Case_ARRANGED_BY_CITY
	}
	_ = l.do(t, by, func(_ *Case, ctx Context) ([]Event, error) { return New(ctx, o) })
	if rapid.IntRange(0, 9).Draw(t, "admitted") > 0 {
		_ = l.do(t, theCentre, (*Case).Admit)
		for _, m := range livelyMaterials[:4] {
			l.arrive(t, theMember, PurposeMaterial, m)
		}
	}
	return l
}

// c is the case as the sweeper keeps it.
func (l *life) c() *Case { return l.told[punctual].c }

func (l *life) context(a Actor) Context {
	ctx := Context{Now: l.now, Actor: a, City: l.city, Barred: slices.ContainsFunc(l.c().Commitments, Commitment.Bars)}
	if l.noticed {
		ctx.City = l.notice
	}
	return ctx
}

// do does one thing to all three. It may be refused, to all for the same reason, which it returns.
func (l *life) do(t *rapid.T, a Actor, act func(*Case, Context) ([]Event, error)) error {
	var first error
	var decided [3][]Event
	ctx := l.context(a)
	for n, x := range l.told {
		events, err := act(x.c, ctx)
		if n == 0 {
			first = err
		}
		if (err == nil) != (first == nil) || err != nil && err.Error() != first.Error() {
			t.Fatalf("at %s teller %d: %v, the first %v", local(l.now), n, err, first)
		}
		decided[n] = events
	}
	if f := (*fault.Error)(nil); first != nil && !errors.As(first, &f) {
		t.Fatalf("a defect: %v", first)
	}
	for n, x := range l.told {
		x.take(t, decided[n])
	}
	return first
}

func (x *teller) take(t *rapid.T, events []Event) {
	for _, e := range events {
		if err := x.c.Apply(e); err != nil {
			t.Fatal(err)
		}
	}
	x.history = append(x.history, events...)
}

// settle lets one of them look at an instant.
func (l *life) settle(t *rapid.T, n int, at time.Time) {
	ctx := l.context(Clockwork)
	ctx.Now = at
	events, err := l.told[n].c.Settle(ctx)
	if err != nil {
		t.Fatal(err)
	}
	l.told[n].take(t, events)
}

// pass lets time pass. The sweeper wakes at every deadline and a microsecond after it; somebody else may look at any time.
func (l *life) pass(t *rapid.T, to time.Time) {
	for {
		next := l.c().NextDeadline()
		if next.IsZero() || !next.Before(to) {
			break
		}
		next = latest(next, l.now)
		for _, at := range []time.Time{next, next.Add(tick)} {
			l.settle(t, punctual, at)
		}
	}
	if span := to.Sub(l.now); span > 0 && rapid.Bool().Draw(t, "looks") {
		l.settle(t, glancing, l.now.Add(time.Duration(rapid.Int64Range(0, int64(span/tick)).Draw(t, "after"))*tick))
	}
	l.now = to
}

func (l *life) step(t *rapid.T) {
	to := l.now.Add(time.Duration(rapid.Int64Range(0, 3*3600e6).Draw(t, "microseconds")) * time.Microsecond)
	next := l.c().NextDeadline()
	switch rapid.IntRange(0, 6).Draw(t, "kind of step") {
	case 0: // exactly to what happens next
		to = latest(l.now, next)
	case 1: // just past it
		to = latest(l.now, next.Add(tick))
	case 2, 3:
		to = l.now.Add(time.Duration(rapid.IntRange(1, 72).Draw(t, "hours")) * time.Hour)
	case 4:
		to = l.now.AddDate(0, 0, rapid.IntRange(1, 20).Draw(t, "days"))
	default:
	}
	if l.notice != nil && !l.noticed && to.After(l.notice.Applied()) {
		l.pass(t, latest(l.now, l.notice.Applied()))
		l.noticed = true
		_ = l.do(t, Clockwork, func(c *Case, ctx Context) ([]Event, error) { return c.Recompute(ctx) })
		for _, k := range l.c().Clocks {
			if k.Provisional && k.live() {
				t.Fatalf("clock %d is still provisional", k.ID)
			}
		}
	}
	l.pass(t, to)
}

// people are all who take part, and some who do not.
var people = []Actor{
	theMember, theOpener, theAgent, otherAgent, theCentre, theOffice, theDepartment, theStranger, planning, housing, clerk(ct.ApprovalsClerk, ct.Approvals),
	clerk(ct.PermitsClerk, ct.Permits), planningHead, housingHead, head(ct.ApprovalsLeader, ct.Approvals), planningLine, housingLine, assigner, Clockwork,
}

// work does something to an item that is offered to somebody: it must work.
func (l *life) work(t *rapid.T) {
	item := l.item(t)
	chances := map[Verb][]Actor{}
	for _, a := range people {
		for _, v := range l.c().ItemActions(l.context(a), item) {
			chances[Verb(v)] = append(chances[Verb(v)], a)
		}
	}
	if rapid.IntRange(0, 9).Draw(t, "rarely") > 0 {
		delete(chances, VerbLinkTicket)
	}
	var verbs []Verb // those that carry on more often than those that end
	for _, v := range slices.Sorted(maps.Keys(chances)) {
		verbs = append(verbs, v)
		if !slices.Contains([]Verb{VerbRevoke, VerbLinkTicket, VerbNotAccept, VerbWithdraw, VerbRefuse, VerbRefuseAcceptance, VerbRequestCorrection}, v) {
			verbs = append(verbs, v, v)
		}
	}
	if len(verbs) == 0 {
		return
	}
	v := rapid.SampledFrom(verbs).Draw(t, "verb")
	a := rapid.SampledFrom(chances[v]).Draw(t, "by")
	if err := l.do(t, a, l.onItem(t, v, item)); err != nil && !ownWords(err) {
		t.Fatalf("%s of %s is offered to %+v, and refused: %v", v, item, a, err)
	}
}

// ownWords reports whether a verb failed for what was said with it.
func ownWords(err error) bool {
	for _, reason := range []string{"MATERIAL_UNKNOWN", "TOLERANCE_DUE", "DEFICIENCIES_EMPTY", "PROCEDURE_TOO_LONG", "CERTIFICATE_NUMBER_INVALID", "STAGE_UNKNOWN"} {
		if fault.Has(err, reason) {
			return true
		}
	}
	return false
}

// wander has anybody try anything with an item; what is not offered must not work.
func (l *life) wander(t *rapid.T) {
	item := l.item(t)
	a := rapid.SampledFrom(people).Draw(t, "by")
	v := rapid.SampledFrom(offeredOnItem).Draw(t, "verb")
	offered := slices.Contains(l.c().ItemActions(l.context(a), item), string(v))
	if err := l.do(t, a, l.onItem(t, v, item)); err == nil && !offered {
		t.Fatalf("%s of %s works for %+v and is not offered", v, item, a)
	}
}

// onItem is a verb on an item with words that it takes.
func (l *life) onItem(t *rapid.T, v Verb, item string) func(*Case, Context) ([]Event, error) {
	i := l.c().Item(item)
	d := l.c().decide(l.context(Clockwork))
	switch v {
	case VerbSubmit:
		on := l.c().signedFor(i, i.Attempt+1, promise) != nil && i.Def.Promise != nil && !d.ctx.Barred
		return func(c *Case, ctx Context) ([]Event, error) { return c.Submit(ctx, item, on) }
	case VerbAccept:
		return func(c *Case, ctx Context) ([]Event, error) { return c.Accept(ctx, item, "notice") }
	case VerbTakeOn:
		return func(c *Case, ctx Context) ([]Event, error) { return c.TakeOn(ctx, item) }
	case VerbNotAccept:
		needless := rapid.Bool().Draw(t, "needless")
		return func(c *Case, ctx Context) ([]Event, error) { return c.NotAccept(ctx, item, "reason", needless) }
	case VerbRefuseAcceptance:
		return func(c *Case, ctx Context) ([]Event, error) { return c.RefuseAcceptance(ctx, item, "reason", "remedy") }
	case VerbRequestCorrection:
		list := l.deficiencies(t, d, i)
		return func(c *Case, ctx Context) ([]Event, error) { return c.RequestCorrection(ctx, item, list, "note") }
	case VerbCorrect:
		return func(c *Case, ctx Context) ([]Event, error) { return c.Correct(ctx, item) }
	case VerbStartProcedure:
		kind, n := "none", 1
		for _, k := range i.Def.Procedures {
			if left := d.procedureLeft(i, k); left > 0 {
				kind, n = k, rapid.IntRange(1, left).Draw(t, "workdays")
			}
		}
		return func(c *Case, ctx Context) ([]Event, error) { return c.StartProcedure(ctx, item, kind, "notice", n) }
	case VerbEndProcedure:
		return func(c *Case, ctx Context) ([]Event, error) { return c.EndProcedure(ctx, item, "") }
	case VerbExtend:
		n := rapid.IntRange(1, max(1, i.Def.Extension)).Draw(t, "workdays")
		return func(c *Case, ctx Context) ([]Event, error) { return c.Extend(ctx, item, n, "reason") }
	default:
		return l.onItemLater(t, v, item)
	}
}

func (l *life) onItemLater(t *rapid.T, v Verb, item string) func(*Case, Context) ([]Event, error) {
	switch v {
	case VerbApprove:
		return func(c *Case, ctx Context) ([]Event, error) { return c.Approve(ctx, item, "") }
	case VerbRefuse:
		return func(c *Case, ctx Context) ([]Event, error) { return c.Refuse(ctx, item, "reason", "remedy") }
	case VerbWithdraw:
		return func(c *Case, ctx Context) ([]Event, error) { return c.Withdraw(ctx, item, "reason") }
	case VerbConfirmWithdrawal:
		return func(c *Case, ctx Context) ([]Event, error) { return c.ConfirmWithdrawal(ctx, item) }
	case VerbDeclineWithdrawal:
		return func(c *Case, ctx Context) ([]Event, error) { return c.DeclineWithdrawal(ctx, item, "reason") }
	case VerbRevoke:
		return func(c *Case, ctx Context) ([]Event, error) { return c.Revoke(ctx, item, "reason") }
	case VerbIssue:
		document := l.arrive(t, with(planning, func(a *Actor) { a.Clerk = []string{ct.Planning} }), PurposeCertificate, "")
		return func(c *Case, ctx Context) ([]Event, error) {
			return c.IssueCertificate(ctx, Issue{Item: item, Number: document, Document: document})
		}
	case VerbCommit:
		kinds := []agencyv1.Commitment_Kind{tolerance, promise}
		kinds = slices.DeleteFunc(kinds, func(k agencyv1.Commitment_Kind) bool {
			return second(l.c().TermsOf(l.context(theMember), k, item, 0)) != nil
		})
		kind := tolerance
		if len(kinds) > 0 {
			kind = rapid.SampledFrom(kinds).Draw(t, "kind")
		}
		terms, _ := l.c().TermsOf(l.context(theMember), kind, item, 0)
		return func(c *Case, ctx Context) ([]Event, error) {
			return c.SignCommitment(ctx, Commit{Kind: kind, Item: item, Want: terms, Text: "text", Words: []byte("w"), Signature: Signature{SHA256: []byte("w"), Name: "n"}})
		}
	case VerbLinkTicket:
		l.number++
		in := Ticket{ID: fmt.Sprint("ticket ", l.number), Item: item, Reason: TroubleOther}
		return func(c *Case, ctx Context) ([]Event, error) {
			if _, err := c.MayRaise(ctx, item); err != nil {
				return nil, err
			}
			return c.LinkTicket(ctx, in)
		}
	default:
		panic("no such verb: " + v)
	}
}

// deficiencies are all that an item lacks and that is not committed to, and something else at times.
func (l *life) deficiencies(t *rapid.T, d *decision, i *Item) (list []Deficiency) {
	principal, secondary := d.c.Missing(i, d.now)
	lacks := append(principal, secondary...)
	for _, m := range i.Def.Materials {
		def, _ := d.c.Material(m.Material)
		missing := slices.Contains(lacks, m) && !d.c.committed(i, m.Material)
		if def.Source != catalogue.SourceShared && (missing || rapid.IntRange(0, 3).Draw(t, "also") == 0) {
			list = append(list, Deficiency{Material: m.Material, Text: "text"})
		}
	}
	return list
}

func (l *life) arrive(t *rapid.T, a Actor, purpose, material string) string {
	l.number++
	in := Arrival{Document: fmt.Sprint("document ", l.number), Purpose: purpose, Material: material}
	if rapid.IntRange(0, 9).Draw(t, "for a short time") == 0 {
		in.Until = l.now.In(ct.Zone).AddDate(0, 0, rapid.IntRange(0, 10).Draw(t, "days")).Format(time.DateOnly)
	}
	_ = l.do(t, a, func(c *Case, ctx Context) ([]Event, error) { return c.Arrive(ctx, in) })
	return in.Document
}

// lives plays lives with a check after every step, and another one at the end.
func lives(t *testing.T, notice *catalogue.City, end func(*rapid.T, *life)) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		l := newLife(t, notice)
		acts := l.acts()
		for n := range rapid.SampledFrom([]int{15, 60, 150}).Draw(t, "acts") {
			rapid.SampledFrom(acts).Draw(t, "act").do(t)
			if l.check(t); n%8 == 0 {
				l.checkWhole(t)
			}
		}
		l.checkWhole(t)
		for _, x := range l.told[1:] {
			if diff := cmp.Diff(l.told[punctual].history, x.history, protocmp.Transform()); diff != "" {
				t.Fatalf("who looked made a difference (- sweeper, + other):\n%s", diff)
			}
		}
		var read Case
		if err := json.Unmarshal([]byte(encoded(t, l.c())), &read); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&read, l.c(), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("the snapshot differs from the case:\n%s", diff)
		}
		end(t, l)
	})
}

func TestLives(t *testing.T) {
	lives(t, livelyNotice, func(t *rapid.T, l *life) { l.refusesMutations(t) })
}
