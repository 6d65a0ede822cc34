package casefile

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
)

// TestEntrustmentEndsMidWay: agents may no more, what lies with units goes on, and the enterprise carries it.
func TestEntrustmentEndsMidWay(t *testing.T) {
	p := site(t, "2026-03-02 09:00", false).entrust(ct.At("2026-03-07 12:00")) // a Saturday: a date that was agreed moves for no calendar
	p.take(p.c.Submit(p.context(theAgent), theItem, false)).correction(theItem, ct.Drawings)
	from := len(p.events)
	p.at("2026-03-07 12:00").supply(ct.Drawings)
	if offered := p.c.ItemActions(p.context(theAgent), theItem); !slices.Contains(offered, string(VerbCorrect)) {
		t.Errorf("at its last instant the agent may %v", offered)
	}
	p.wait(tick)
	refused(t, "NOT_AGENT")(p.c.Correct(p.context(theAgent), theItem))
	p.settle()
	want := strings.TrimLeft(`
2026-03-07 12:00:00 document_added
2026-03-07 12:00:00 agreement_terminated 1 expired
2026-03-07 12:00:00 agent_released `+ct.ApprovalsAgent+`
2026-03-07 12:00:00 agent_released `+ct.InvestmentAgent+`
`, "\n")
	if diff := cmp.Diff(want, p.story(from)); diff != "" {
		t.Error(diff)
	}
	p.wantClock("", KindEntrustment, Met, "2026-03-07 12:00:00").correct(theItem).wantState(theItem, Corrected)
	refused(t, "NOT_ENTRUSTED")(p.c.AssignAgent(p.context(theCentre), ct.Approvals, ct.ApprovalsAgent))
	p.at("2026-03-09 09:00").entrust(ct.At("2026-06-01 12:00"))
	if p.c.AgentOf(ct.Approvals) != ct.ApprovalsAgent || p.c.Agreement().Number != 2 || len(p.c.Agents) != 4 {
		t.Errorf("%+v", p.c.Agents)
	}
}

// TestAssignmentsAreOwed: by each centre until it named somebody, or the entrustment ended.
func TestAssignmentsAreOwed(t *testing.T) {
	p := site(t, "2026-03-02 09:00", false)
	p.take(p.c.OfferAgreement(p.context(theCentre), Offer{Expire: ct.At("2026-04-01 09:00"), Text: "text", SHA256: []byte("words")}))
	p.take(p.c.SignAgreement(p.context(theMember), Signature{SHA256: []byte("words"), Name: "name"})).take(p.c.SealAgreement(p.context(theCentre), ""))
	owed := func() (units []string) {
		for _, k := range p.c.Clocks {
			if k.Kind == KindAssign && k.Owed() {
				units = append(units, k.Unit)
			}
		}
		return units
	}
	if got := owed(); !slices.Equal(got, []string{ct.Approvals, ct.Investment}) {
		t.Errorf("owed by %v", got)
	}
	p.take(p.c.AssignAgent(p.context(theCentre), ct.Investment, ct.InvestmentAgent2))
	if got := owed(); !slices.Equal(got, []string{ct.Approvals}) {
		t.Errorf("owed by %v", got)
	}
	p.at("2026-03-10 09:00").settle().wantClock("", KindAssign, Met, "2026-03-03 18:00:00")
	if k := p.c.Clocks[slices.IndexFunc(p.c.Clocks, func(k Clock) bool { return k.Kind == KindAssign && k.Unit == ct.Approvals })]; k.State != Breached || !k.Owed() {
		t.Errorf("%+v", k)
	}
	p.at("2026-04-01 09:00").wait(tick).settle()
	if got := owed(); len(got) > 0 || p.c.Agents[0].To.IsZero() {
		t.Errorf("owed by %v, %+v", got, p.c.Agents)
	}
}

// TestProposals: which are taken, and why others are not, so that the claim is given back.
func TestProposals(t *testing.T) {
	agreed := func(t *testing.T) *play {
		t.Helper()
		p := site(t, "2026-03-02 09:00", false)
		p.take(p.c.OfferAgreement(p.context(theCentre), Offer{Expire: ct.At("2026-04-01 09:00"), Text: "text", SHA256: []byte("words")}))
		return p.take(p.c.SignAgreement(p.context(theMember), Signature{SHA256: []byte("words"), Name: "name"})).take(p.c.SealAgreement(p.context(theCentre), ""))
	}
	first := Proposal{Position: 7, Agreement: 1, Centre: ct.Approvals, Official: ct.ApprovalsAgent, Reason: "bound"}
	other := func(change func(*Proposal)) Proposal {
		p := first
		change(&p)
		return p
	}
	for _, tt := range []struct {
		name   string
		before []Proposal
		in     Proposal
		acts   string // afterwards
		why    string // it is refused
	}{
		{"taken", nil, first, ct.ApprovalsAgent, ""},
		{"nobody", nil, other(func(p *Proposal) { p.Official = "" }), "", "nobody"},
		{"not of that centre", nil, other(func(p *Proposal) { p.Official = ct.InvestmentAgent }), "", "unknown-official"},
		{"no agent", nil, other(func(p *Proposal) { p.Official = ct.ApprovalsClerk }), "", "unknown-official"},
		{"unknown", nil, other(func(p *Proposal) { p.Official = strangerID }), "", "unknown-official"},
		{"of another agreement", nil, other(func(p *Proposal) { p.Agreement = 2 }), "", "changed"},
		{"too late", []Proposal{other(func(p *Proposal) { p.Position, p.Official = 6, ct.ApprovalsAgent2 })}, first, ct.ApprovalsAgent2, "already-assigned"},
		{"replaced", []Proposal{other(func(p *Proposal) { p.Position = 6 })},
			other(func(p *Proposal) { p.From, p.Official, p.Reason = ct.ApprovalsAgent, ct.ApprovalsAgent2, "handover" }), ct.ApprovalsAgent2, ""},
		{"replaced by nobody", []Proposal{other(func(p *Proposal) { p.Position = 6 })},
			other(func(p *Proposal) { p.From, p.Official, p.Reason = ct.ApprovalsAgent, "", "leave" }), "", "nobody"},
		{"instead of somebody else", []Proposal{other(func(p *Proposal) { p.Position = 6 })},
			other(func(p *Proposal) { p.From, p.Official = ct.ApprovalsAgent2, ct.ApprovalsAgent }), ct.ApprovalsAgent, "changed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := agreed(t)
			for _, b := range tt.before {
				p.take(p.c.TakeAgent(p.context(assigner), b))
			}
			p.take(p.c.TakeAgent(p.context(assigner), tt.in))
			if got := p.c.AgentOf(ct.Approvals); got != tt.acts || p.c.Proposal != 7 {
				t.Errorf("%q acts, proposal %d", got, p.c.Proposal)
			}
			why := ""
			if b, ok := p.events[len(p.events)-1].Body.(*agencyv1.AgentRefused); ok {
				why = b.GetReason()
			}
			if why != tt.why {
				t.Errorf("refused for %q, want %q", why, tt.why)
			}
			owed := slices.ContainsFunc(p.c.Clocks, func(k Clock) bool { return k.Kind == KindAssign && k.Owed() && k.Unit == ct.Approvals })
			if owed != (tt.acts == "") {
				t.Errorf("an agent is owed: %t", owed)
			}
			if again, err := p.c.TakeAgent(p.context(assigner), tt.in); err != nil || len(again) > 0 {
				t.Errorf("decided twice: %v, %v", again, err)
			}
		})
	}
	p := agreed(t)
	p.take(p.c.TerminateAgreement(p.context(theMember), "reason")).take(p.c.TakeAgent(p.context(assigner), first))
	if b, ok := p.events[len(p.events)-1].Body.(*agencyv1.AgentRefused); !ok || b.GetReason() != "not-entrusted" {
		t.Errorf("%v", p.events[len(p.events)-1].Body)
	}
}

// TestCentresChoose: an agent of a centre, once.
func TestCentresChoose(t *testing.T) {
	p := site(t, "2026-03-02 09:00", false).entrust(ct.At("2026-04-01 09:00"))
	choose := func(centre, official string) ([]Event, error) {
		return p.c.AssignAgent(p.context(theCentre), centre, official)
	}
	refused(t, "CENTRE_UNKNOWN")(choose(ct.Planning, ct.ApprovalsAgent))
	refused(t, "AGENT_UNKNOWN")(choose(ct.Approvals, ct.InvestmentAgent))
	refused(t, "AGENT_UNKNOWN")(choose(ct.Approvals, ct.ApprovalsClerk))
	if events, err := choose(ct.Approvals, ct.ApprovalsAgent); err != nil || len(events) > 0 {
		t.Errorf("the same again: %v, %v", events, err)
	}
	p.take(choose(ct.Approvals, ct.ApprovalsAgent2))
	if p.c.AgentOf(ct.Approvals) != ct.ApprovalsAgent2 || p.c.ActsFor(ct.ApprovalsAgent) || !p.c.ActsFor(ct.ApprovalsAgent2) {
		t.Errorf("%+v", p.c.Agents)
	}
}

// TestOffers: what a centre may word, and what a signature wants.
func TestOffers(t *testing.T) {
	p := site(t, "2026-03-02 09:00", false)
	offer := func(change func(*Offer)) ([]Event, error) {
		in := Offer{Expire: p.now.Add(time.Hour), Text: "text", SHA256: []byte("words")}
		change(&in)
		return p.c.OfferAgreement(p.context(theCentre), in)
	}
	refused(t, "STAGE_UNKNOWN")(offer(func(o *Offer) { o.Stages = []string{"none"} }))
	refused(t, "EXPIRY_INVALID")(offer(func(o *Offer) { o.Expire = p.now }))
	refused(t, "EXPIRY_INVALID")(offer(func(o *Offer) { o.Expire = p.now.AddDate(0, 24, 2) }))
	refused(t, "CASE_TEXT_EMPTY")(offer(func(o *Offer) { o.Text = "" }))
	p.take(offer(func(*Offer) {}))
	sign := func(change func(*Signature)) ([]Event, error) {
		in := Signature{SHA256: []byte("words"), Name: "name"}
		change(&in)
		return p.c.SignAgreement(p.context(theMember), in)
	}
	refused(t, "SIGNED_TEXT_CHANGED")(sign(func(s *Signature) { s.SHA256 = []byte("other") }))
	refused(t, "CASE_TEXT_EMPTY")(sign(func(s *Signature) { s.Name = "" }))
	refused(t, "DOCUMENT_UNKNOWN")(sign(func(s *Signature) { s.Document = "none" }))
	late := p.copied(t).wait(time.Hour)
	refused(t, "EXPIRY_INVALID")(late.c.SignAgreement(late.context(theMember), Signature{SHA256: []byte("words"), Name: "name"}))
	if slices.Contains(late.c.Actions(late.context(theMember)), string(VerbSign)) {
		t.Error("signing what has expired is offered")
	}
	p.take(sign(func(*Signature) {}))
	refused(t, "DOCUMENT_UNKNOWN")(p.c.SealAgreement(p.context(theCentre), "none"))
	late = p.copied(t).wait(time.Hour)
	refused(t, "EXPIRY_INVALID")(late.c.SealAgreement(late.context(theCentre), ""))
	if slices.Contains(late.c.Actions(late.context(theCentre)), string(VerbSeal)) {
		t.Error("sealing what has expired is offered")
	}
}

// TestEntrustmentsOfAnyLength can be kept: for less than a day, and where the city sets no bound for ten years and no more.
func TestEntrustmentsOfAnyLength(t *testing.T) {
	city := workshop(t, func(c *directoryv1.CityConfig) { c.GetCatalogue().GetRules().EntrustmentMonths = 0 })
	for expire, limit := range map[string]string{"2026-03-02 09:01": "1 day", "2026-03-03 09:00": "1 day", "2026-03-03 09:01": "2 days", "2036-03-02 09:00": "3653 days"} {
		p := newPlay(t, city, "2026-03-02 09:00").open().entrust(ct.At(expire))
		if got := p.clock("", KindEntrustment).Limit.String(); got != limit {
			t.Errorf("until %s: %s", expire, got)
		}
		if _, err := json.Marshal(p.c); err != nil {
			t.Errorf("until %s: %v", expire, err)
		}
	}
	p := newPlay(t, city, "2026-03-02 09:00").open()
	refused(t, "EXPIRY_INVALID")(p.c.OfferAgreement(p.context(theCentre), Offer{Expire: ct.At("2036-03-02 09:01"), Text: "text", SHA256: []byte("words")}))
}
