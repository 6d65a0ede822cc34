package casefile

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
)

// tolerantly is an item that was accepted against a commitment, which is due on 2026-03-09 18:00.
func tolerantly(t *testing.T) *play {
	t.Helper()
	return site(t, "2026-03-02 09:00", true).submit(theItem).tolerate(theItem).accept(theItem).wantClock(theItem, KindCommitment, Running, "2026-03-09 18:00:00")
}

func TestMoreTimeIsAskedForAtTheLastInstant(t *testing.T) {
	asked := func() *play {
		p := tolerantly(t).at("2026-03-09 18:00").askTime(5)
		return p.at("2026-03-20 10:00").settle().wantClock(theItem, KindCommitment, Paused, "2026-03-09 18:00:00").wantClock(theItem, KindExtension, Breached, "2026-03-11 18:00:00")
	}
	t.Run("refused", func(t *testing.T) {
		p := asked().giveTime(false).wantClock(theItem, KindCommitment, Running, "2026-03-20 10:00:00").settle().wantCommitment(1, agencyv1.Commitment_RUNNING)
		p.wait(tick).settle().wantCommitment(1, agencyv1.Commitment_BROKEN).wantState(theItem, Withdrawn)
		refused(t, "COMMITMENT_STATE_FORBIDS")(p.c.RequestExtension(p.context(theMember), 1, 5, "reason", nil))
	})
	t.Run("granted", func(t *testing.T) {
		p := asked().giveTime(true).wantClock(theItem, KindCommitment, Running, "2026-03-27 18:00:00")
		if k := p.clock(theItem, KindCommitment); local(k.FirstDue) != "2026-03-09 18:00:00" || p.c.Commitment(1).Extension.Decision != DecisionGranted {
			t.Errorf("%+v", k)
		}
		if k := p.clock(theItem, KindExtension); k.State != Breached || !k.Stop.Equal(p.now) {
			t.Errorf("%+v", k)
		}
		p.at("2026-03-27 18:00").supply(ct.Survey, ct.Contract).wantCommitment(1, agencyv1.Commitment_KEPT)
	})
	t.Run("overtaken", func(t *testing.T) {
		p := asked().supply(ct.Survey, ct.Contract).wantCommitment(1, agencyv1.Commitment_KEPT).wantClock(theItem, KindCommitment, Met, "2026-03-09 18:00:00")
		if k := p.clock(theItem, KindExtension); k.Owed() || p.c.Commitment(1).Extension.Decision != DecisionOvertaken {
			t.Errorf("%+v", k)
		}
		refused(t, "COMMITMENT_EXTENSION_NOT_PENDING")(p.c.DecideExtension(p.context(planning), 1, true, "reason"))
	})
	t.Run("a microsecond late", func(t *testing.T) {
		p := tolerantly(t).at("2026-03-09 18:00").wait(tick)
		refused(t, "COMMITMENT_STATE_FORBIDS")(p.c.RequestExtension(p.context(theMember), 1, 5, "reason", nil))
	})
}

func TestRemindersAroundAWishForMoreTime(t *testing.T) {
	p := tolerantly(t).at("2026-03-06 17:00").askTime(5).at("2026-03-10 08:30").giveTime(false)
	p.wantClock(theItem, KindCommitment, Running, "2026-03-11 09:30:00") // eight working hours were left
	var got []string
	for _, at := range p.clock(theItem, KindCommitment).Reminders {
		got = append(got, local(at))
	}
	// The first was given before the wish. The second lies a workday before the new due time; what lies before the clock went on is not given again.
	if want := []string{"2026-03-06 08:30:00", "2026-03-10 09:30:00"}; !slices.Equal(got, want) {
		t.Errorf("reminded at %v, want %v", got, want)
	}
	refused(t, "ITEM_EXTENSION_USED")(p.c.RequestExtension(p.context(theMember), 1, 5, "reason", nil))

	p = tolerantly(t).at("2026-03-06 17:00").askTime(5).at("2026-03-10 08:30").giveTime(true).wantClock(theItem, KindCommitment, Running, "2026-03-18 18:00:00")
	from := len(p.events)
	p.at("2026-03-18 18:00").settle()
	want := strings.TrimLeft(`
2026-03-12 16:42:00 clock_warned PROMISED site-permit
2026-03-16 18:00:00 clock_breached PROMISED site-permit
2026-03-17 08:30:00 clock_reminded COMMITMENT site-permit
2026-03-17 15:12:00 clock_warned COMMITMENT site-permit
2026-03-18 08:30:00 clock_reminded COMMITMENT site-permit
`, "\n")
	if diff := cmp.Diff(want, p.story(from)); diff != "" {
		t.Error(diff)
	}
}

func TestWishesForMoreTimeAreForForceMajeure(t *testing.T) {
	p := tolerantly(t)
	ask := func(days int, documents ...string) ([]Event, error) {
		return p.c.RequestExtension(p.context(theMember), 1, days, "reason", documents)
	}
	refused(t, "ITEM_EXTENSION_TOO_LONG")(ask(0))
	refused(t, "ITEM_EXTENSION_TOO_LONG")(ask(61))
	refused(t, "DOCUMENT_UNKNOWN")(ask(5, "none"))
	refused(t, "CASE_TEXT_EMPTY")(p.c.RequestExtension(p.context(theMember), 1, 5, "", nil))
	evidence := p.document(theMember, PurposeEvidence)
	refused(t, "CASE_TEXT_EMPTY")(p.take(ask(60, evidence)).c.DecideExtension(p.context(planning), 1, true, ""))
	refused(t, "COMMITMENT_EXTENSION_PENDING")(ask(5))
	p.giveTime(true).askTime(1).giveTime(true) // what happened may happen again
	p.wantClock(theItem, KindCommitment, Running, "2026-06-05 18:00:00")
}

// fulfilling is an item approved on a promise, to be fulfilled by 2026-03-16 18:00.
func fulfilling(t *testing.T) *play {
	t.Helper()
	p := site(t, "2026-03-02 09:00", false).promise(theItem)
	p.take(p.c.Submit(p.context(theMember), theItem, true)).at("2026-03-02 10:00").approve(theItem)
	return p.wantClock(theItem, KindFulfil, Running, "2026-03-16 18:00:00").wantState(theItem, Approved)
}

func TestAPromise(t *testing.T) {
	t.Run("is decided on the spot", func(t *testing.T) {
		p := fulfilling(t)
		p.wantClock(theItem, KindAccept, Met, "2026-03-09 18:00:00").wantClock(theItem, KindPromised, Met, "2026-03-16 18:00:00")
		p.wantClock(theItem, KindDeliver, Running, "2026-03-16 18:00:00")
		if i := p.c.Item(theItem); !i.OnPromise || i.Workdays != 0 || !i.DecideTime.Equal(p.now) {
			t.Errorf("%+v", i)
		}
	})
	t.Run("fulfilled at the last instant, checked, different, fixed", func(t *testing.T) {
		p := fulfilling(t).at("2026-03-16 18:00").report().wantClock(theItem, KindFulfil, Met, "2026-03-16 18:00:00")
		p.wantClock(theItem, KindCheck, Running, "2026-03-23 18:00:00").at("2026-03-20 10:00").check(false).wantCommitment(1, agencyv1.Commitment_TO_FIX)
		p.wantClock(theItem, KindCheck, Met, "2026-03-23 18:00:00").wantClock(theItem, KindFulfil, Running, "2026-03-25 18:00:00")
		if n := len(p.clock(theItem, KindFulfil).Reminders); n != 2 {
			t.Errorf("%d reminders", n)
		}
		p.at("2026-03-25 18:00").report().at("2026-03-26 09:00").check(true).wantCommitment(1, agencyv1.Commitment_KEPT).wantState(theItem, Approved)
	})
	t.Run("not fulfilled", func(t *testing.T) {
		p := fulfilling(t)
		from := len(p.events)
		p.at("2026-03-16 18:00").settle().wantState(theItem, Approved).wait(tick).settle()
		want := strings.TrimLeft(`
2026-03-12 16:54:00 clock_warned DELIVER site-permit
2026-03-12 16:54:00 clock_warned FULFIL site-permit
2026-03-13 08:30:00 clock_reminded FULFIL site-permit
2026-03-16 08:30:00 clock_reminded FULFIL site-permit
2026-03-16 18:00:00 clock_breached DELIVER site-permit
2026-03-16 18:00:00 clock_breached FULFIL site-permit
2026-03-16 18:00:00 commitment_broken 1 revoked
2026-03-16 18:00:00 item_revoked site-permit promise
`, "\n")
		if diff := cmp.Diff(want, p.story(from)); diff != "" {
			t.Error(diff)
		}
		p.wantState(theItem, Revoked)
	})
	t.Run("different twice", func(t *testing.T) {
		p := fulfilling(t).report().check(false).report().check(false).wantCommitment(1, agencyv1.Commitment_BROKEN).wantState(theItem, Revoked)
		if !p.c.Commitment(1).Bars() || p.c.Item(theItem).Cause != "promise" {
			t.Errorf("%+v", p.c.Item(theItem))
		}
	})
	t.Run("not fixed", func(t *testing.T) {
		p := fulfilling(t).report().check(false).wantClock(theItem, KindFulfil, Running, "2026-03-05 18:00:00")
		p.at("2026-03-05 18:00").wait(tick).settle().wantState(theItem, Revoked)
	})
	t.Run("revoked at once where the catalogue gives no time", func(t *testing.T) {
		p := newPlay(t, ct.City(t, func(c *directoryv1.CityConfig) { ct.Item(c, ct.SoilPlan).After = nil }), "2026-03-02 09:00").open().supply(ct.Form, ct.Report)
		p.sign(promise, ct.SoilPlan, 0).take(p.c.Submit(p.context(theMember), ct.SoilPlan, true)).approve(ct.SoilPlan).report()
		soil := p.clerkOf(ct.SoilPlan)
		p.take(p.c.CheckPromise(p.context(soil), 1, false, "text")).wantState(ct.SoilPlan, Revoked)
	})
	t.Run("nobody checks", func(t *testing.T) {
		p := fulfilling(t).report()
		from := len(p.events)
		p.at("2026-03-09 18:00").settle().wantCommitment(1, agencyv1.Commitment_RUNNING).wait(tick).settle().wantCommitment(1, agencyv1.Commitment_KEPT)
		want := strings.TrimLeft(`
2026-03-06 16:54:00 clock_warned CHECK site-permit
2026-03-09 18:00:00 clock_breached CHECK site-permit
2026-03-09 18:00:00 commitment_kept 1 unchecked
`, "\n")
		if diff := cmp.Diff(want, p.story(from)); diff != "" {
			t.Error(diff)
		}
		p.wantClock(theItem, KindCheck, Breached, "2026-03-09 18:00:00")
		refused(t, "COMMITMENT_STATE_FORBIDS")(p.c.CheckPromise(p.context(planning), 1, false, "text")) // what is found later is its head's to revoke
		p.take(p.c.Revoke(p.context(planningHead), theItem, "text")).wantState(theItem, Revoked)
	})
	t.Run("says what differs", func(t *testing.T) {
		p := fulfilling(t).report()
		refused(t, "CASE_TEXT_EMPTY")(p.c.CheckPromise(p.context(planning), 1, false, ""))
	})
}

// A unit that accepts an item first, or says nothing until acceptance is deemed, does not take the promise from the enterprise.
func TestAPromiseOutlivesAcceptance(t *testing.T) {
	for name, come := range map[string]func(*play){
		"accepted": func(p *play) { p.accept(theItem) },
		"deemed":   func(p *play) { p.at("2026-03-10 09:00").settle().wantState(theItem, WindowAccepted) },
	} {
		p := site(t, "2026-03-02 09:00", false).promise(theItem)
		p.take(p.c.Submit(p.context(theMember), theItem, true))
		come(p)
		p.approve(theItem).wantCommitment(1, agencyv1.Commitment_RUNNING)
		if k := p.clock(theItem, KindFulfil); k.State != Running || !k.Start.Equal(p.now) {
			t.Errorf("%s: %+v", name, k)
		}
	}
}

// On the spot and tolerantly: what is missing was committed to, and the approval is final when it has come.
func TestAPromiseWithACommitment(t *testing.T) {
	p := site(t, "2026-03-02 09:00", true).tolerate(theItem).promise(theItem)
	p.take(p.c.Submit(p.context(theMember), theItem, true)).approve(theItem).wantState(theItem, ApprovedTolerantly)
	p.wantCommitment(1, agencyv1.Commitment_RUNNING).wantCommitment(2, agencyv1.Commitment_RUNNING)
	p.copied(t).at("2026-03-10 09:00").settle().wantState(theItem, Revoked).wantCommitment(1, agencyv1.Commitment_BROKEN).wantCommitment(2, agencyv1.Commitment_RELEASED)
	p.supply(ct.Survey, ct.Contract).wantState(theItem, Approved).wantCommitment(2, agencyv1.Commitment_RUNNING)
}

// What was there when the other commitment was signed can run out before the decision: the promise takes its place too.
func TestAPromiseWithACommitmentAndAnExpiredDocument(t *testing.T) {
	p := site(t, "2026-03-02 09:00", true)
	p.take(p.c.Arrive(p.context(theMember), Arrival{Document: "short", Purpose: PurposeMaterial, Material: ct.Survey, Until: "2026-03-02"}))
	p.tolerate(theItem).promise(theItem).at("2026-03-03 09:00").take(p.c.Submit(p.context(theMember), theItem, true)).approve(theItem)
	p.wantState(theItem, Approved).wantCommitment(1, agencyv1.Commitment_RELEASED).wantCommitment(2, agencyv1.Commitment_RUNNING)
}

// TestCreditBars: who has broken a commitment and not repaired it signs no other one, and nothing is approved on the spot upon an older promise.
func TestCreditBars(t *testing.T) {
	p := site(t, "2026-03-02 09:00", true)
	p.barred = true
	for _, kind := range []agencyv1.Commitment_Kind{tolerance, promise} {
		if _, err := p.c.TermsOf(p.context(theMember), kind, theItem, 0); !errors.Is(err, ErrCreditBarred) {
			t.Errorf("%s: %v", kind, err)
		}
		refused(t, "CREDIT_BARRED")(use(VerbCommit, kind, p, p.context(theMember), ""))
	}
	if offered := p.c.ItemActions(p.context(theMember), theItem); slices.Contains(offered, string(VerbCommit)) {
		t.Error("signing is offered")
	}
	p.barred = false
	p.supply(ct.Survey, ct.Contract).promise(theItem).take(p.c.Submit(p.context(theMember), theItem, true))
	p.barred = true
	refused(t, "CREDIT_BARRED")(p.c.Approve(p.context(planning), theItem, ""))
	p.accept(theItem).approve(theItem).wantCommitment(1, agencyv1.Commitment_RELEASED).wantState(theItem, Approved)
	if p.c.Clock(p.c.Item(theItem), KindFulfil) != nil {
		t.Error("approved on a promise")
	}
}

// TestTerms are the catalogue's: never more than the promised limit, and only for what is tolerable.
func TestTerms(t *testing.T) {
	terms := func(p *play, days int) (Terms, error) {
		return p.c.TermsOf(p.context(theMember), tolerance, theItem, days)
	}
	p := site(t, "2026-03-02 09:00", true)
	want := Terms{Kind: tolerance, Item: theItem, Attempt: 1, Materials: []string{ct.Survey, ct.Contract}, Workdays: 5, Consequence: catalogue.ConsequenceWithdrawn}
	if got, err := terms(p, 0); err != nil || !cmp.Equal(want, got) {
		t.Error(cmp.Diff(want, got), err)
	}
	if got, err := terms(p, 3); err != nil || got.Workdays != 3 {
		t.Error(got, err)
	}
	for _, days := range []int{-1, 6} {
		if _, err := terms(p, days); !errors.Is(err, ErrCommitmentTooLong) {
			t.Errorf("%d: %v", days, err)
		}
	}
	for name, tt := range map[string]struct {
		change func(*directoryv1.ApprovalItem)
		most   int
		err    string
	}{
		"the promised limit":           {func(i *directoryv1.ApprovalItem) { i.Tolerance.MaxWorkdays = 0 }, 10, ""},
		"no more than that":            {func(i *directoryv1.ApprovalItem) { i.Tolerance.MaxWorkdays, i.PromisedWorkdays = 5, 4 }, 4, ""},
		"nothing is tolerated":         {func(i *directoryv1.ApprovalItem) { i.Tolerance = nil }, 0, "TOLERANCE_FORBIDDEN"},
		"one of them is not tolerable": {func(i *directoryv1.ApprovalItem) { i.Materials[3].Tolerable = false }, 0, "MATERIAL_NOT_TOLERABLE"},
		"a principal one is missing":   {func(i *directoryv1.ApprovalItem) { i.Materials[4].Principal = true }, 0, "MATERIALS_MISSING"},
	} {
		p := newPlay(t, workshop(t, func(c *directoryv1.CityConfig) { tt.change(ct.Item(c, theItem)) }), "2026-03-02 09:00").open().supply(ct.Form, ct.Drawings)
		got, err := terms(p, 0)
		if tt.err != "" {
			refused(t, tt.err)(nil, err)
		} else if err != nil || got.Workdays != tt.most {
			t.Errorf("%s: %d workdays, %v", name, got.Workdays, err)
		}
	}
	if _, err := p.c.TermsOf(p.context(theMember), 0, theItem, 0); !errors.Is(err, ErrNotTolerated) {
		t.Errorf("no kind: %v", err)
	}
}

// TestNobodySignsWhatTheyDidNotRead: other words, other terms, no name, or somebody who does not bind the enterprise.
func TestNobodySignsWhatTheyDidNotRead(t *testing.T) {
	p := site(t, "2026-03-02 09:00", true)
	want, err := p.c.TermsOf(p.context(theMember), tolerance, theItem, 0)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(change func(*Commit)) ([]Event, error) {
		in := Commit{Kind: tolerance, Item: theItem, Want: want, Text: "text", Words: []byte("words"), Signature: Signature{SHA256: []byte("words"), Name: "name"}}
		change(&in)
		return p.c.SignCommitment(p.context(theMember), in)
	}
	refused(t, "SIGNED_TEXT_CHANGED")(sign(func(c *Commit) { c.SHA256 = []byte("other") }))
	refused(t, "SIGNED_TEXT_CHANGED")(sign(func(c *Commit) { c.SHA256 = nil }))
	refused(t, "SIGNED_TEXT_CHANGED")(sign(func(c *Commit) { c.Want.Workdays = 6 }))
	refused(t, "SIGNED_TEXT_CHANGED")(sign(func(c *Commit) { c.Want.Materials = []string{ct.Survey} }))
	refused(t, "SIGNED_TEXT_CHANGED")(sign(func(c *Commit) { c.Want.Consequence = catalogue.ConsequenceRefused }))
	refused(t, "CASE_TEXT_EMPTY")(sign(func(c *Commit) { c.Name = "" }))
	p.supply(ct.Survey)
	refused(t, "SIGNED_TEXT_CHANGED")(sign(func(*Commit) {})) // the survey came meanwhile
	p.tolerate(theItem)
	refused(t, "COMMITMENT_EXISTS")(sign(func(*Commit) {}))
}

// TestACertificateIsOwedFromWhenItCanBeIssued: a tolerant approval waits for what is missing, unless the catalogue lets it be issued at once.
func TestACertificateIsOwedFromWhenItCanBeIssued(t *testing.T) {
	p := tolerantly(t).at("2026-03-03 09:00").approve(theItem)
	if k := p.c.Clock(p.c.Item(theItem), KindDeliver); k != nil {
		t.Errorf("%+v", k)
	}
	p.at("2026-03-06 09:00").supply(ct.Survey, ct.Contract).wantClock(theItem, KindDeliver, Running, "2026-03-20 18:00:00")
	document := p.document(planning, PurposeCertificate)
	p.at("2026-03-20 18:00").take(p.c.IssueCertificate(p.context(planning), Issue{Item: theItem, Number: "1", Document: document}))
	p.wantClock(theItem, KindDeliver, Met, "2026-03-20 18:00:00")
	if c := p.c.Certificates[0]; c.From != "2026-03-20" || c.Until != "2027-03-20" {
		t.Errorf("%+v", c)
	}
	issue := func(change func(*Issue)) ([]Event, error) {
		in := Issue{Item: theItem, Number: "2", Document: document}
		change(&in)
		return p.c.IssueCertificate(p.context(planning), in)
	}
	refused(t, "CERTIFICATE_ISSUED")(issue(func(*Issue) {}))
	p.revoke()
	if p.c.Certificates[0].Revoked.IsZero() {
		t.Error("the certificate is in force")
	}
	p.decide(theItem)
	refused(t, "CERTIFICATE_NUMBER_INVALID")(issue(func(i *Issue) { i.Number = "1" })) // no number comes back
	refused(t, "CERTIFICATE_NUMBER_INVALID")(issue(func(i *Issue) { i.Number = "" }))
	refused(t, "DOCUMENT_UNKNOWN")(issue(func(i *Issue) { i.Document = "none" }))
	refused(t, "VALIDITY_INVALID")(issue(func(i *Issue) { i.From = "20 March" }))
	refused(t, "VALIDITY_INVALID")(issue(func(i *Issue) { i.From, i.Until = "2026-03-20", "2026-03-19" }))

	p = newPlay(t, workshop(t, func(c *directoryv1.CityConfig) { ct.Item(c, theItem).Tolerance.CertificateAtOnce = true }), "2026-03-02 09:00")
	p.open().supply(ct.Form, ct.Drawings).submit(theItem).tolerate(theItem).accept(theItem).at("2026-03-03 09:00").approve(theItem)
	p.wantClock(theItem, KindDeliver, Running, "2026-03-17 18:00:00").supply(ct.Survey, ct.Contract)
	if n := len(slices.DeleteFunc(slices.Clone(p.c.Clocks), func(k Clock) bool { return k.Kind != KindDeliver })); n != 1 {
		t.Errorf("%d certificates are owed", n)
	}
}

// TestNothingIsOwedOfAnEndedCommitment: everything that a commitment ends with.
func TestNothingIsOwedOfAnEndedCommitment(t *testing.T) {
	for _, w := range words {
		p := site(t, "2026-03-02 09:00", true)
		w.come(p)
		owed := 0
		for _, k := range p.c.Clocks {
			if k.Owed() && slices.Contains([]Kind{KindCommitment, KindFulfil, KindCheck}, k.Kind) {
				owed++
			}
		}
		if want := map[bool]int{true: 1}[p.c.Commitment(1).Live()]; owed != want {
			t.Errorf("%s: %d clocks", w.name, owed)
		}
	}
}

// TestDayLength guards the helper that measures workdays in reminders and bounds.
func TestDayLength(t *testing.T) {
	cal := ct.City(t).Calendar()
	for _, at := range []string{"2026-03-02 09:00", "2026-03-02 23:00", "2026-03-01 12:00", "2026-02-14 03:00", "2026-10-03 12:00"} {
		if got := dayLength(cal, ct.At(at)); got != 7*time.Hour {
			t.Errorf("%s: %s", at, got)
		}
	}
}

// TestACommitmentThatIsNotNeeded falls away when the item is accepted without it.
func TestACommitmentThatIsNotNeeded(t *testing.T) {
	p := site(t, "2026-03-02 09:00", true).tolerate(theItem).submit(theItem).supply(ct.Survey, ct.Contract).accept(theItem)
	p.wantCommitment(1, agencyv1.Commitment_RELEASED)
	if i := p.c.Item(theItem); i.Tolerant || p.c.Clock(i, KindCommitment) != nil {
		t.Errorf("%+v", i)
	}
}
