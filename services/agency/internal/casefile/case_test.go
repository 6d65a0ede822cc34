package casefile

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/agency/internal/plan"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// TestOpening: who may open what, and when a rule admits it at once.
func TestOpening(t *testing.T) {
	arranged := func(o *Opening) { o.Eligibility = agencyv1.Case_ARRANGED_BY_CITY }
	spanning := func(o *Opening) { o.Eligibility = agencyv1.Case_SPANS_COUNTIES }
	for _, tt := range []struct {
		name   string
		by     Actor
		change func(*Opening)
		want   State // unset when it is refused
		reason string
	}{
		{"a member", theMember, func(*Opening) {}, Open, ""},
		{"who claims to be one", theOpener, func(*Opening) {}, Open, ""},
		{"who claims another", Actor{Kind: PersonActor, Person: strangerID, Claims: "other"}, func(*Opening) {}, 0, "NOT_APPLICANT"},
		{"nobody in particular", Actor{Kind: PersonActor, Person: strangerID}, func(o *Opening) { o.Enterprise = "" }, 0, "NOT_APPLICANT"},
		{"a system", Actor{Kind: SystemActor, Name: "import"}, func(*Opening) {}, 0, "NOT_APPLICANT"},
		{"nobody", Actor{Kind: PersonActor}, func(*Opening) {}, 0, "NOT_APPLICANT"},
		{"a department", theDepartment, func(o *Opening) { o.OpenerUnit = ct.Hualong }, Open, ""},
		{"a department for another", theDepartment, func(o *Opening) { o.OpenerUnit = ct.Qingfeng }, 0, "NOT_DEPARTMENT"},
		{"arranged", theOpener, arranged, Applied, ""},
		{"arranged, by a centre", with(theCentre, func(a *Actor) { a.Claims = enterprise }), arranged, Open, ""},
		{"arranged, by the office", with(theOffice, func(a *Actor) { a.Claims = enterprise }), arranged, Open, ""},
		{"in one county", theOpener, spanning, 0, "INELIGIBLE"},
		{"in two", theOpener, func(o *Opening) { spanning(o); o.Counties = append(o.Counties, ct.QingfengCode) }, Open, ""},
		{"nothing municipal", theOpener, func(o *Opening) { o.Answers = nothingMunicipal() }, 0, "INELIGIBLE"},
		{"no county", theOpener, func(o *Opening) { o.Counties = nil }, 0, "CASE_COUNTY_UNKNOWN"},
		{"an unknown county", theOpener, func(o *Opening) { o.Counties = []string{"410000"} }, 0, "CASE_COUNTY_UNKNOWN"},
		{"answers that are none", theOpener, func(o *Opening) { o.Answers.Type = "castle" }, 0, "ANSWERS_INVALID"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			city := ct.City(t, func(c *directoryv1.CityConfig) {
				for _, i := range c.GetCatalogue().GetItems() { // housing on own land needs the county's filing only
					if i.GetCode() != ct.Filing {
						i.When = &directoryv1.ItemCondition{Types: []string{"industrial"}}
					}
				}
			})
			p := newPlay(t, city, "2026-03-02 09:00")
			in := opening()
			tt.change(&in)
			events, err := New(p.context(tt.by), in)
			if tt.reason != "" {
				refused(t, tt.reason)(events, err)
				return
			}
			if p.take(events, err); p.c.State != tt.want || p.c.OpenerUnit != in.OpenerUnit || p.c.Opener != tt.by.Person {
				t.Errorf("%s, opened by %q of %q", p.c.State, p.c.Opener, p.c.OpenerUnit)
			}
			if k := p.clock("", KindAdmit); k.Owed() != (tt.want == Applied) || k.Unit != ct.Approvals {
				t.Errorf("%+v", k)
			}
		})
	}
}

func nothingMunicipal() catalogue.Answers {
	a := ct.Shop()
	a.Type = "housing"
	return a
}

func with(a Actor, change func(*Actor)) Actor {
	change(&a)
	return a
}

func TestOpeningWhereItCannotBe(t *testing.T) {
	none := ct.City(t, func(c *directoryv1.CityConfig) { c.Catalogue = nil })
	refused(t, "CATALOGUE_MISSING")(New(Context{Now: ct.At("2026-03-02 09:00"), Actor: theOpener, City: none}, opening()))
	nothing := ct.City(t, func(c *directoryv1.CityConfig) {
		for _, i := range c.GetCatalogue().GetItems() {
			i.When = &directoryv1.ItemCondition{Types: []string{"housing"}}
		}
	})
	refused(t, "NOTHING_NEEDED")(New(Context{Now: ct.At("2026-03-02 09:00"), Actor: theOpener, City: nothing}, opening()))
	nobody := ct.City(t, func(c *directoryv1.CityConfig) {
		for _, u := range c.GetUnits() {
			if u.GetCode() == ct.Hualong {
				u.County = ""
			}
		}
	})
	refused(t, "UNIT_MISSING")(New(Context{Now: ct.At("2026-03-02 09:00"), Actor: theOpener, City: nobody}, opening()))
}

// TestAWholeProject: every item of a plant one after the other, to the end; the promises saved what the law would have taken.
func TestAWholeProject(t *testing.T) {
	p := newPlay(t, ct.City(t), "2026-03-02 09:00").open().supply(ct.Form, ct.SitePlan, ct.Drawings, ct.Survey, ct.Contract, ct.Report)
	first := p.c.Plan(p.city, p.now)
	if first.Now != 0 || !first.Origin.Equal(p.c.AdmitTime) || first.Saved <= 0 || local(first.At(p.city, first.Finish)) < "2026-04" || !first.At(p.city, 0).Equal(first.Origin) {
		t.Errorf("%+v", first)
	}
	for range p.c.Items {
		for n := range p.c.Items {
			i := p.c.Items[n].Def.Code
			if p.c.Items[n].State != Planned || !slices.Contains(p.c.ItemActions(p.context(theMember), i), string(VerbSubmit)) {
				continue
			}
			p.submit(i).accept(i).wait(24 * 3600e9)
			if !slices.Contains(p.c.ItemActions(p.context(p.clerkOf(i)), i), string(VerbApprove)) {
				p.decide(ct.FireReview)
			}
			p.approve(i)
		}
	}
	last, ok := p.events[len(p.events)-1].Body.(*agencyv1.CaseCompleted)
	if !ok || p.c.State != Completed || last.GetWorkdays() <= 0 || int(last.GetSavedWorkdays()) <= first.Saved {
		t.Errorf("%s: %v", p.c.State, last)
	}
	done := p.c.Plan(p.city, p.now)
	if done.Finish != int(last.GetWorkdays()) || done.Saved != int(last.GetSavedWorkdays()) {
		t.Errorf("%+v", done)
	}
}

// TestWhatIsNotNeeded: a unit that says so is waited for no more; who hands it in after all opens the case again.
func TestWhatIsNotNeeded(t *testing.T) {
	p := newPlay(t, workshop(t, onlyTheItem), "2026-03-02 09:00").open().supply(ct.Form, ct.Drawings, ct.Survey, ct.Contract).submit(theItem)
	if p.notAccept(true); p.c.State != Completed || !p.c.Item(theItem).Good() {
		t.Errorf("%s", p.c.State)
	}
	if s := p.c.Plan(p.city, p.now); s.Finish != 0 {
		t.Errorf("%+v", s)
	}
	if p.submit(theItem); p.c.State != Open {
		t.Errorf("%s with an item under way", p.c.State)
	}
	if p.notAccept(false); p.c.State != Open || p.c.Item(theItem).Good() {
		t.Errorf("%s", p.c.State)
	}
}

// TestTheProjectChanges: what is not needed any more is dropped, what is under way goes on, and when that has ended nothing waits for it.
func TestTheProjectChanges(t *testing.T) {
	change := func(p *play, a catalogue.Answers) *play { return p.take(p.c.UpdateAnswers(p.context(theMember), a)) }
	p := newPlay(t, workshop(t, neededBy), "2026-03-02 09:00").open().supply(ct.Form, ct.Drawings, ct.Survey, ct.Contract)
	change(p.promise(theItem), ct.Shop()).wantState(theItem, Dropped).wantCommitment(1, agencyv1.Commitment_RELEASED)
	refused(t, "ITEM_STATE_FORBIDS")(p.c.Submit(p.context(theMember), theItem, false))
	change(p, ct.Plant()).wantState(theItem, Planned).submit(theItem).accept(theItem)
	change(p, ct.Shop()).wantState(theItem, WindowAccepted)
	if i := p.c.Item(theItem); !i.Out || i.Good() {
		t.Errorf("%+v", i)
	}
	if bars := p.c.Plan(p.city, p.now).Items; !slices.ContainsFunc(bars, isBar(theItem)) {
		t.Error("what is under way has no place in the plan")
	}
	p.refuse()
	if i := p.c.Item(theItem); !i.Good() || i.State != Refused {
		t.Errorf("%+v", i)
	}
	if bars := p.c.Plan(p.city, p.now).Items; slices.ContainsFunc(bars, isBar(theItem)) {
		t.Error("what is out has a place in the plan")
	}
	for n := range p.c.Items { // nothing else is left
		if i := &p.c.Items[n]; i.State == Planned {
			p.take(p.c.Submit(p.context(theMember), i.Def.Code, false))
			p.take(p.c.NotAccept(p.context(p.clerkOf(i.Def.Code)), i.Def.Code, "reason", true))
		}
	}
	if p.c.State != Completed {
		t.Errorf("%s: %+v", p.c.State, p.c.Items)
	}
	refused(t, "ANSWERS_INVALID")(newPlay(t, workshop(t), "2026-03-02 09:00").open().c.UpdateAnswers(p.context(theMember), catalogue.Answers{}))
}

func isBar(code string) func(plan.Bar) bool { return func(b plan.Bar) bool { return b.Code == code } }

// TestMoving: by the newest version only, and never back, whatever a service that lags behind knows.
func TestMoving(t *testing.T) {
	third := ct.Version(t, 3)
	p := newPlay(t, third.Revision(1), "2026-03-02 09:00").open()
	refused(t, "CATALOGUE_NOT_NEWER")(p.c.Move(p.context(theCentre), "reason"))
	p.city = third
	p.at("2026-06-01 09:00")
	refused(t, "CASE_TEXT_EMPTY")(p.c.Move(p.context(theCentre), ""))
	p.supply(ct.Form).submit(ct.Filing).take(p.c.Move(p.context(theCentre), "reason"))
	if p.c.ConfigVersion != 3 || p.c.Item(ct.SitePermit).Def.Promised != 6 {
		t.Errorf("version %d promises %d workdays", p.c.ConfigVersion, p.c.Item(ct.SitePermit).Def.Promised)
	}
	p.city = third.Revision(2)
	refused(t, "CATALOGUE_NOT_NEWER")(p.c.Move(p.context(theCentre), "reason"))
	if slices.Contains(p.c.Actions(p.context(theCentre)), string(VerbMove)) {
		t.Error("moving back is offered")
	}
	p.city = ct.Next(t, third, func(c *directoryv1.CityConfig) { c.Catalogue = nil }, ct.AppliedAt(ct.At("2026-05-02 09:00")))
	refused(t, "CATALOGUE_MISSING")(p.c.Move(p.context(theCentre), "reason"))
	p.city = ct.Next(t, third, ct.AppliedAt(ct.At("2026-05-02 09:00")), func(c *directoryv1.CityConfig) {
		c.Catalogue.Choices = slices.DeleteFunc(c.GetCatalogue().GetChoices(), func(k *directoryv1.Choice) bool { return k.GetCode() == "env-report" })
	})
	refused(t, "ANSWERS_INVALID")(p.c.Move(p.context(theCentre), "reason"))
	if slices.Contains(p.c.Actions(p.context(theCentre)), string(VerbMove)) {
		t.Error("moving with answers that are none is offered")
	}
}

// TestMaterials: what state each is in, and what an upload is refused for.
func TestMaterials(t *testing.T) {
	p := newPlay(t, ct.City(t), "2026-03-02 09:00").open()
	state := func(item, material string) MaterialState {
		i := p.c.Item(item)
		n := slices.IndexFunc(i.Def.Materials, materialIs(material))
		return p.c.StateOfMaterial(i, i.Def.Materials[n], p.now)
	}
	want := func(item, material string, s MaterialState) {
		t.Helper()
		if got := state(item, material); got != s {
			t.Errorf("%s of %s is %s, want %s", material, item, got, s)
		}
	}
	want(ct.Filing, ct.Form, agencyv1.ItemMaterial_MISSING)
	want(ct.Filing, ct.Licence, agencyv1.ItemMaterial_SHARED)
	want(ct.LandPermit, ct.Opinion, agencyv1.ItemMaterial_AWAITED)
	p.supply(ct.Form, ct.SitePlan)
	want(ct.Filing, ct.Form, agencyv1.ItemMaterial_COMPLETE) // once, for every item that asks for it
	want(ct.SiteOpinion, ct.Form, agencyv1.ItemMaterial_COMPLETE)
	if s := p.c.Supply(ct.SitePlan); s.Until != "2027-03-02" || s.Version != 1 || s.Supplier != "enterprise" {
		t.Errorf("%+v", s)
	}
	p.decide(ct.Filing, ct.SiteOpinion)
	want(ct.LandPermit, ct.Opinion, agencyv1.ItemMaterial_COMPLETE)
	p.take(p.c.Revoke(p.context(planningHead), ct.SiteOpinion, "reason"))
	want(ct.LandPermit, ct.Opinion, agencyv1.ItemMaterial_AWAITED)
	p.at("2027-03-03 09:00")
	want(ct.SiteOpinion, ct.SitePlan, agencyv1.ItemMaterial_EXPIRED)
	p.supply(ct.SitePlan).submit(ct.SiteOpinion).correction(ct.SiteOpinion, ct.SitePlan)
	want(ct.SiteOpinion, ct.SitePlan, agencyv1.ItemMaterial_TO_CORRECT)
	p.supply(ct.SitePlan)
	want(ct.SiteOpinion, ct.SitePlan, agencyv1.ItemMaterial_COMPLETE)
	if s := p.c.Supply(ct.SitePlan); s.Version != 3 {
		t.Errorf("%+v", s)
	}

	lean := tolerantly(t)
	p = lean
	want(theItem, ct.Survey, agencyv1.ItemMaterial_COMMITTED)
	may := func(a Actor, purpose, material, until string) error {
		return lean.c.MaySupply(lean.context(a), purpose, material, until)
	}
	for reason, err := range map[string]error{
		"MATERIAL_UNKNOWN":  may(theMember, PurposeMaterial, "none", ""),
		"NOT_DECIDING_UNIT": may(theMember, PurposeCertificate, "", ""),
		"PURPOSE_UNKNOWN":   may(theMember, "none", "", ""),
		"VALIDITY_INVALID":  may(theMember, PurposeMaterial, ct.Survey, "2026-03-01"),
		"NOT_PARTY_TO_CASE": may(theStranger, PurposeMaterial, ct.Survey, ""),
	} {
		if !fault.Has(err, reason) {
			t.Errorf("%v, want %s", err, reason)
		}
	}
	if err := may(theMember, PurposeMaterial, ct.Survey, "2026-03-02"); err != nil {
		t.Error(err)
	}
	if err := may(theMember, PurposeMaterial, ct.Survey, "2 March"); !fault.Has(err, "VALIDITY_INVALID") {
		t.Error(err)
	}
}

// TestAgentsAskForDocuments: each with a clock of its own, once, within bounds.
func TestAgentsAskForDocuments(t *testing.T) {
	p := site(t, "2026-03-02 09:00", true).entrust(ct.At("2026-06-01 09:00"))
	ask := func(material string, n int) ([]Event, error) {
		return p.c.RequestMaterial(p.context(theAgent), material, "text", days(n))
	}
	for _, n := range []int{-1, 0, 61} {
		refused(t, "REQUEST_LIMIT_INVALID")(ask(ct.Survey, n))
	}
	refused(t, "MATERIAL_UNKNOWN")(ask("none", 3))
	refused(t, "CASE_TEXT_EMPTY")(p.c.RequestMaterial(p.context(theAgent), ct.Survey, "", days(3)))
	p.take(ask(ct.Survey, 3)).wantClock("", KindRequest, Running, "2026-03-05 18:00:00")
	refused(t, "MATERIAL_REQUEST_PENDING")(ask(ct.Survey, 3))
	p.at("2026-03-05 18:00").supply(ct.Contract).supply(ct.Survey).wantClock("", KindRequest, Met, "2026-03-05 18:00:00")
	last := p.events[len(p.events)-1].Body.(*agencyv1.DocumentAdded)
	if !slices.Equal(last.GetRequests(), []int32{1}) || p.c.Requests[0].Supplied.IsZero() {
		t.Errorf("%v", last)
	}
	p.take(ask(ct.Survey, 1)).at("2026-03-10 09:00").settle().wantClock("", KindRequest, Breached, "2026-03-06 18:00:00")
	if due := p.c.DueTime(); local(due) != "2026-03-06 18:00:00" {
		t.Errorf("due %s", local(due))
	}
	p.take(p.c.Obtain(p.context(planning), ct.Survey, "reference", ""))
	if k := p.clock("", KindRequest); k.Owed() || k.State != Breached || !p.c.DueTime().IsZero() {
		t.Errorf("%+v, due %s", k, p.c.DueTime())
	}
}

// TestStuck: nothing has happened for longer than the city allows, while the unit has it.
func TestStuck(t *testing.T) {
	p := site(t, "2026-03-02 09:00", false).submit(theItem).accept(theItem)
	cal, rules := p.city.Calendar(), p.city.Rules()
	stuck := func(at string) bool { return p.c.Stuck(p.c.Item(theItem), cal, rules, ct.At(at)) }
	if stuck("2026-03-09 18:00") || !stuck("2026-03-09 18:00:01") {
		t.Error("five workdays")
	}
	if got := p.c.Trouble(p.c.Item(theItem), cal, rules, ct.At("2026-03-10 09:00")); got != TroubleStuck {
		t.Error(got)
	}
	p.at("2026-03-09 18:00").correction(theItem, ct.Drawings)
	if stuck("2027-03-09 18:00") || p.c.Trouble(p.c.Item(theItem), cal, rules, ct.At("2026-03-10 09:00")) != TroubleOther {
		t.Error("while the enterprise corrects")
	}
	p.supply(ct.Drawings).correct(theItem).refuse()
	if got := p.c.Trouble(p.c.Item(theItem), cal, rules, p.now); got != TroubleRefused {
		t.Error(got)
	}
	if !p.c.StuckFrom(p.c.Item(theItem), cal, rules).IsZero() {
		t.Error("what was decided is stuck")
	}
}

// TestTickets: linked once, and followed.
func TestTickets(t *testing.T) {
	p := site(t, "2026-03-02 09:00", false)
	follower := Actor{Kind: SystemActor, Name: "tickets"}
	link := func(in Ticket) *play { return p.take(p.c.LinkTicket(p.context(follower), in)) }
	link(Ticket{ID: "1", Item: theItem, Reason: TroubleStuck})
	link(Ticket{ID: "1", Item: theItem, Reason: TroubleStuck})
	link(Ticket{ID: "2", Item: "none", Reason: TroubleOther})
	p.take(p.c.MoveTicket(p.context(follower), "1", false)).take(p.c.MoveTicket(p.context(follower), "1", false)).take(p.c.MoveTicket(p.context(follower), "none", false))
	want := []Ticket{{ID: "1", Item: theItem, Reason: TroubleStuck, Closed: true, Time: p.now.UTC()}, {ID: "2", Reason: TroubleOther, Time: p.now.UTC()}}
	if diff := cmp.Diff(want, p.c.Tickets); diff != "" {
		t.Error(diff)
	}
	p.take(p.c.MoveTicket(p.context(follower), "1", true))
	if p.c.Tickets[0].Closed {
		t.Error("is closed")
	}
}

// TestNotesAndMeetings: as what somebody wrote, and when a meeting can have been.
func TestNotesAndMeetings(t *testing.T) {
	o := opened(ct.Hualong)
	p := newPlay(t, workshop(t, onlyTheItem), "2026-03-02 09:00")
	p.take(New(p.context(theDepartment), o)).entrust(ct.At("2026-06-01 09:00"))
	for author, a := range map[string]Actor{
		"enterprise": theMember, "agent": theAgent, "unit": planning, "centre": with(theCentre, func(a *Actor) { a.Clerk = nil }), "office": theOffice, "department": theDepartment,
	} {
		p.take(p.c.WriteNote(p.context(a), "", "text"))
		if got := p.events[len(p.events)-1].Body.(*agencyv1.NoteWritten).GetAuthor(); got != author {
			t.Errorf("%s wrote as %s", author, got)
		}
	}
	refused(t, "CASE_TEXT_EMPTY")(p.c.WriteNote(p.context(theMember), "", ""))
	meet := func(at string) ([]Event, error) {
		return p.c.RecordMeeting(p.context(theCentre), "", ct.At(at), "text")
	}
	refused(t, "MEETING_TIME_INVALID")(meet("2026-03-02 08:59"))
	refused(t, "MEETING_TIME_INVALID")(meet("2026-03-02 09:01"))
	if p.take(meet("2026-03-02 09:00")); p.c.Meetings != 1 {
		t.Errorf("%d meetings", p.c.Meetings)
	}
	refused(t, "CASE_TEXT_EMPTY")(p.c.RecordMeeting(p.context(theCentre), "", p.now, ""))
}

// TestClosing lets go of what nothing rests on, ends every clock and releases the agents.
func TestClosing(t *testing.T) {
	p := site(t, "2026-03-02 09:00", true).entrust(ct.At("2026-06-01 09:00")).tolerate(theItem)
	p.take(p.c.RequestMaterial(p.context(theAgent), ct.Survey, "text", days(3))).take(p.c.Close(p.context(theMember), "reason"))
	p.wantCommitment(1, agencyv1.Commitment_RELEASED)
	for _, k := range p.c.Clocks {
		if k.Owed() {
			t.Errorf("%+v", k)
		}
	}
	if p.c.AgentOf(ct.Approvals) != "" || p.c.EndReason != "reason" || !p.c.NextDeadline().IsZero() || !p.c.DueTime().IsZero() {
		t.Errorf("%+v", p.c)
	}
	if slices.Contains(tolerantly(t).c.Actions(p.context(theMember)), string(VerbClose)) {
		t.Error("closing is offered while an item is under way")
	}
}

// TestMonthsOn counts in the city's civil time, and stays within the month.
func TestMonthsOn(t *testing.T) {
	for _, v := range []struct {
		at     string
		months int
		want   string
	}{
		{"2026-03-02 09:00", 12, "2027-03-02"}, {"2026-02-01 00:30", 1, "2026-03-01"}, {"2026-01-31 12:00", 1, "2026-02-28"},
		{"2026-12-31 23:59", 2, "2027-02-28"}, {"2024-02-29 12:00", 12, "2025-02-28"}, {"2026-11-15 12:00", 36, "2029-11-15"},
	} {
		if got := monthsOn(ct.At(v.at), v.months); got != v.want {
			t.Errorf("%d months from %s: %s, want %s", v.months, v.at, got, v.want)
		}
	}
}
