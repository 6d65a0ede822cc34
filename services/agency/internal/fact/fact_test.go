package fact_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/agency/internal/fact"
)

const member, enterprise = "01910000-0000-7000-8000-000000000001", "01920000-0000-7000-8000-0000000000aa"

// world is a case on its way, and where its clock stands.
type world struct {
	testing.TB
	city *catalogue.City
	now  time.Time
	c    *casefile.Case
}

func begin(t testing.TB, answers catalogue.Answers) *world {
	t.Helper()
	w := &world{TB: t, city: cataloguetest.City(t), now: cataloguetest.At("2026-03-02 09:00")}
	events, err := casefile.New(w.context(w.member()), casefile.Opening{City: cataloguetest.Code, ID: "01900000-0000-7000-8000-0000000000ff", Number: "1",
		Enterprise: enterprise, Project: "project", Counties: []string{cataloguetest.HualongCode, cataloguetest.QingfengCode},
		Eligibility: agencyv1.Case_SPANS_COUNTIES, Answers: answers})
	if err != nil {
		t.Fatal(err)
	}
	if w.c, err = casefile.Fold(cataloguetest.Code, "01900000-0000-7000-8000-0000000000ff", events); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) member() casefile.Actor {
	return casefile.Actor{Kind: casefile.PersonActor, Person: member, Enterprises: []string{enterprise}}
}

func (w *world) clerk(unit string) casefile.Actor {
	return casefile.Actor{Kind: casefile.PersonActor, Person: cataloguetest.Clerk(unit), Clerk: []string{unit}, Centre: w.city.IsCentre(unit)}
}

func (w *world) context(a casefile.Actor) casefile.Context {
	return casefile.Context{Now: w.now, Actor: a, City: w.city}
}

// does lets somebody act, and returns the facts after it.
func (w *world) does(by casefile.Actor, act func(*casefile.Case, casefile.Context) ([]casefile.Event, error)) fact.Case {
	w.Helper()
	events, err := act(w.c, w.context(by))
	if err != nil {
		w.Fatal(err)
	}
	if w.c, err = w.c.After(events...); err != nil {
		w.Fatal(err)
	}
	return fact.Of(w.c, w.city)
}

func (w *world) supplies(material string) {
	w.Helper()
	w.does(w.member(), func(c *casefile.Case, x casefile.Context) ([]casefile.Event, error) {
		return c.Arrive(x, casefile.Arrival{Document: "d-" + material, Purpose: casefile.PurposeMaterial, Material: material, Size: 1, SHA256: []byte{1}, ContentSHA256: []byte{1}})
	})
}

func (w *world) submits(item string) fact.Case {
	w.Helper()
	return w.does(w.member(), func(c *casefile.Case, x casefile.Context) ([]casefile.Event, error) { return c.Submit(x, item, false) })
}

func (w *world) accepts(item string) fact.Case {
	w.Helper()
	return w.does(w.clerk(w.c.Item(item).Unit), func(c *casefile.Case, x casefile.Context) ([]casefile.Event, error) { return c.Accept(x, item, "") })
}

func (w *world) approves(item string) fact.Case {
	w.Helper()
	return w.does(w.clerk(w.c.Item(item).Unit), func(c *casefile.Case, x casefile.Context) ([]casefile.Event, error) { return c.Approve(x, item, "") })
}

func (w *world) settles(at time.Time) fact.Case {
	w.Helper()
	w.now = at
	return w.does(casefile.Clockwork, (*casefile.Case).Settle)
}

func itemOf(f fact.Case, code string) fact.Item {
	return f.Items[slices.IndexFunc(f.Items, func(i fact.Item) bool { return i.Code == code })]
}

func TestAnOpening(t *testing.T) {
	w := begin(t, cataloguetest.Shop())
	f := fact.Of(w.c, w.city)
	if f.State != casefile.Open || !f.Open || f.Enterprise != enterprise || f.Project != "project" || f.County != cataloguetest.HualongCode || f.Opener != member ||
		f.OpenerUnit != "" || f.Eligibility != agencyv1.Case_SPANS_COUNTIES || f.ConfigVersion != 1 || f.Stage != cataloguetest.Land || f.Entrusted ||
		f.Provisional || f.CreateTime != w.now || f.UpdateTime != w.now || f.AdmitTime != w.now || !f.EndTime.IsZero() || !f.DueTime.IsZero() {
		t.Errorf("%+v", f)
	}
	if len(f.Items) != len(w.c.Items) || len(f.Commitments)+len(f.Breaches)+len(f.Agents)+len(f.Tickets) != 0 {
		t.Errorf("%+v", f)
	}
	if want := []string{cataloguetest.Housing, cataloguetest.Hualong, cataloguetest.Permits, cataloguetest.Planning}; !slices.Equal(f.Units, want) {
		t.Errorf("units %v, want %v", f.Units, want)
	}
	plan := w.c.Plan(w.city, w.now)
	if f.SavedWorkdays != plan.Saved || f.SavedWorkdays <= 0 || f.PlanFinishTime != plan.At(w.city, plan.Finish) {
		t.Errorf("saves %d until %s", f.SavedWorkdays, f.PlanFinishTime)
	}
	for _, i := range f.Items {
		want := fact.Item{Code: i.Code, Unit: w.c.Item(i.Code).Unit, Stage: i.Stage, Kind: i.Kind, State: casefile.Planned, Since: w.now,
			Critical: slices.Contains(plan.Critical, i.Code), PromisedWorkdays: w.c.Item(i.Code).Def.Promised}
		if diff := cmp.Diff(want, i); diff != "" || i.Stage == "" || i.Kind == "" {
			t.Errorf("%s: %s", i.Code, diff)
		}
	}
}

// An item goes its way: what is owed of it moves, and what was breached stays.
func TestAnItem(t *testing.T) {
	w := begin(t, cataloguetest.Shop())
	w.supplies(cataloguetest.Form)
	i := itemOf(w.submits(cataloguetest.Filing), cataloguetest.Filing)
	due := w.c.Clock(w.c.Item(cataloguetest.Filing), casefile.KindAccept).Due
	stuck := w.c.StuckFrom(w.c.Item(cataloguetest.Filing), w.city.Calendar(), w.city.Rules())
	if i.State != casefile.Received || !i.Open || i.SubmitTime != w.now || i.DueTime != due || !i.PromisedDue.IsZero() || !i.AcceptTime.IsZero() || i.StuckTime != stuck {
		t.Errorf("handed in: %+v", i)
	}
	w.now = w.now.Add(time.Hour)
	f := w.accepts(cataloguetest.Filing)
	i = itemOf(f, cataloguetest.Filing)
	promised, statutory := w.c.Clock(w.c.Item(cataloguetest.Filing), casefile.KindPromised).Due, w.c.Clock(w.c.Item(cataloguetest.Filing), casefile.KindStatutory).Due
	if i.State != casefile.WindowAccepted || i.AcceptTime != w.now || i.PromisedDue != promised || i.StatutoryDue != statutory || i.DueTime != promised || i.Late ||
		f.DueTime != promised || i.Workdays != 0 {
		t.Errorf("accepted: %+v", i)
	}
	f = w.settles(promised.Add(time.Second))
	i = itemOf(f, cataloguetest.Filing)
	breach := fact.Breach{Clock: w.c.Clock(w.c.Item(cataloguetest.Filing), casefile.KindPromised).ID, Kind: casefile.KindPromised, Item: cataloguetest.Filing,
		Unit: cataloguetest.Hualong, Time: promised}
	if !i.Late || i.PromisedDue != promised || i.DueTime != promised || !slices.Equal(f.Breaches, []fact.Breach{breach}) || i.Workdays != 1 {
		t.Errorf("late: %+v, %+v", i, f.Breaches)
	}
	w.now = w.now.AddDate(0, 0, 1)
	f = w.approves(cataloguetest.Filing)
	i = itemOf(f, cataloguetest.Filing)
	if i.State != casefile.Approved || i.Open || i.Late || !i.PromisedDue.IsZero() || !i.StatutoryDue.IsZero() || i.DecideTime != w.now || i.Workdays != 2 ||
		!i.StuckTime.IsZero() || !slices.Equal(f.Breaches, []fact.Breach{breach}) {
		t.Errorf("approved: %+v, %+v", i, f.Breaches)
	}
	if i.DueTime.IsZero() || f.Stage != cataloguetest.Design { // the certificate is owed
		t.Errorf("after it: due %s, stage %s", i.DueTime, f.Stage)
	}
}

// What stands still is not owed, and what waits for the enterprise is not stuck.
func TestAPause(t *testing.T) {
	w := begin(t, cataloguetest.Shop())
	w.supplies(cataloguetest.Form)
	w.submits(cataloguetest.Filing)
	w.accepts(cataloguetest.Filing)
	f := w.does(w.clerk(cataloguetest.Hualong), func(c *casefile.Case, x casefile.Context) ([]casefile.Event, error) {
		return c.RequestCorrection(x, cataloguetest.Filing, []casefile.Deficiency{{Material: cataloguetest.Form, Text: "text"}}, "")
	})
	i := itemOf(f, cataloguetest.Filing)
	if i.State != casefile.CorrectionOpen || !i.Open || !i.PromisedDue.IsZero() || !i.StatutoryDue.IsZero() || !i.DueTime.IsZero() || !i.StuckTime.IsZero() {
		t.Errorf("corrected: %+v", i)
	}
	if correct := w.c.Clock(w.c.Item(cataloguetest.Filing), casefile.KindCorrect); f.DueTime != correct.Due {
		t.Errorf("due %s, the enterprise's time ends %s", f.DueTime, correct.Due)
	}
}

func TestACommitment(t *testing.T) {
	w := begin(t, cataloguetest.Shop())
	for _, m := range []string{cataloguetest.Form, cataloguetest.Drawings, cataloguetest.LandPaper} {
		w.supplies(m)
	}
	w.submits(cataloguetest.Filing)
	w.accepts(cataloguetest.Filing)
	w.approves(cataloguetest.Filing)
	f := w.does(w.member(), func(c *casefile.Case, x casefile.Context) ([]casefile.Event, error) {
		terms, err := c.TermsOf(x, agencyv1.Commitment_TOLERANCE, cataloguetest.SitePermit, 0)
		if err != nil {
			return nil, err
		}
		return c.SignCommitment(x, casefile.Commit{Kind: terms.Kind, Item: terms.Item, Want: terms, Text: "text", Words: []byte{8},
			Signature: casefile.Signature{SHA256: []byte{8}, Name: "name"}})
	})
	want := fact.Commitment{Number: 1, Kind: agencyv1.Commitment_TOLERANCE, Item: cataloguetest.SitePermit, Unit: cataloguetest.Planning, State: agencyv1.Commitment_SIGNED, SignTime: w.now}
	check := func(when string) {
		t.Helper()
		if diff := cmp.Diff([]fact.Commitment{want}, f.Commitments); diff != "" {
			t.Errorf("%s: %s", when, diff)
		}
	}
	check("signed")
	w.submits(cataloguetest.SitePermit)
	f = w.accepts(cataloguetest.SitePermit)
	want.State, want.DueTime = agencyv1.Commitment_RUNNING, w.c.Clock(w.c.Item(cataloguetest.SitePermit), casefile.KindCommitment).Due
	check("running")
	if !itemOf(f, cataloguetest.SitePermit).Tolerant {
		t.Error("it is not tolerant")
	}
	paused := w.does(w.member(), func(c *casefile.Case, x casefile.Context) ([]casefile.Event, error) {
		return c.RequestExtension(x, 1, 3, "reason", nil)
	})
	if !paused.Commitments[0].DueTime.IsZero() {
		t.Errorf("while it stands still it is due %s", paused.Commitments[0].DueTime)
	}
	f = w.does(w.clerk(cataloguetest.Planning), func(c *casefile.Case, x casefile.Context) ([]casefile.Event, error) {
		return c.DecideExtension(x, 1, false, "reason")
	})
	check("refused more time")
	owed := want.DueTime
	f = w.settles(owed.Add(time.Second))
	want.State, want.DueTime, want.EndTime, want.Broken, want.Bars = agencyv1.Commitment_BROKEN, time.Time{}, w.c.Commitments[0].EndTime, true, true
	check("broken")
	if n := len(f.Breaches); n == 0 || !slices.ContainsFunc(f.Breaches, func(b fact.Breach) bool {
		return b.Unit == "" && b.Kind == casefile.KindCommitment && b.Time.Equal(owed)
	}) {
		t.Errorf("breaches %+v", f.Breaches)
	}
	f = w.does(casefile.Actor{Kind: casefile.PersonActor, Person: cataloguetest.MayorOffice, Office: true},
		func(c *casefile.Case, x casefile.Context) ([]casefile.Event, error) {
			return c.RepairCredit(x, 1, "reason")
		})
	want.Bars, want.RepairTime = false, w.now
	check("repaired")
}

// Who acts now, who was asked, and what is out.
func TestWhoTakesPart(t *testing.T) {
	w := begin(t, cataloguetest.Plant())
	event := func(body proto.Message) {
		t.Helper()
		after, err := w.c.After(casefile.Event{Version: w.c.Version + 1, Time: w.now, Actor: member, Body: body})
		if err != nil {
			t.Fatal(err)
		}
		w.c = after
	}
	event(&agencyv1.AgreementOffered{Number: 1, ExpireTime: timestamppb.New(w.now.AddDate(1, 0, 0))})
	event(&agencyv1.AgreementSigned{Number: 1})
	event(&agencyv1.AgreementSealed{Number: 1})
	for _, a := range [][2]string{{cataloguetest.Approvals, cataloguetest.ApprovalsAgent}, {cataloguetest.Investment, cataloguetest.InvestmentAgent}} {
		event(&agencyv1.AgentAssigned{Centre: a[0], Official: a[1]})
	}
	event(&agencyv1.AgentReleased{Centre: cataloguetest.Approvals, Official: cataloguetest.ApprovalsAgent})
	event(&agencyv1.TicketLinked{Ticket: "ticket", Reason: casefile.TroubleOther})
	f := fact.Of(w.c, w.city)
	if want := []fact.Agent{{cataloguetest.Investment, cataloguetest.InvestmentAgent}}; !f.Entrusted || !slices.Equal(f.Agents, want) || !slices.Equal(f.Tickets, []string{"ticket"}) {
		t.Errorf("entrusted %t, agents %v, tickets %v", f.Entrusted, f.Agents, f.Tickets)
	}
	if !slices.Contains(f.Units, cataloguetest.Ecology) || !slices.Contains(f.Units, cataloguetest.Water) {
		t.Errorf("units %v", f.Units)
	}
	f = w.does(w.member(), func(c *casefile.Case, x casefile.Context) ([]casefile.Event, error) {
		return c.UpdateAnswers(x, cataloguetest.Shop())
	})
	if slices.Contains(f.Units, cataloguetest.Ecology) || slices.Contains(f.Units, cataloguetest.Water) {
		t.Errorf("units %v decide nothing any more", f.Units)
	}
	if i := itemOf(f, cataloguetest.EcologyRule); i.State != casefile.Dropped || i.Open || i.Critical {
		t.Errorf("what is out: %+v", i)
	}
}

// A later configuration does not change what was counted: whoever derives the facts again finds the same.
func TestALaterConfigurationChangesNothing(t *testing.T) {
	w := begin(t, cataloguetest.Shop())
	w.supplies(cataloguetest.Form)
	w.submits(cataloguetest.Filing)
	before := w.accepts(cataloguetest.Filing)
	later := cataloguetest.Version(t, 3) // in force after all that happened
	if diff := cmp.Diff(before, fact.Of(w.c, later)); diff != "" {
		t.Error(diff)
	}
}

func BenchmarkOf(b *testing.B) {
	w := begin(b, cataloguetest.Plant())
	for b.Loop() {
		fact.Of(w.c, w.city)
	}
}
