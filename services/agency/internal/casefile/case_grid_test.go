package casefile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// caseGrid is what may be done with the case itself. A letter for each of APPLIED, OPEN, COMPLETED, DECLINED, CLOSED:
//
//	O C D L   it leads to OPEN, COMPLETED, DECLINED, CLOSED
//	=         it works and the state stays
//	.         CASE_STATE_FORBIDS
//	x         refused like a stranger: nobody is an agent without an agreement in force
var caseGrid = []caseRow{
	{VerbAdmit, "NOT_CENTRE", parts{"centre office system": "O...."}, nil},
	{VerbDecline, "NOT_CENTRE", parts{"centre office": "D...."}, nil},
	{VerbAnswer, "NOT_PARTY_TO_CASE", parts{"signer opener centre department": "==...", "agent": "x=.xx"}, nil},
	{VerbMove, "NOT_CENTRE", parts{"centre office": ".=..."}, nil},
	{VerbOffer, "NOT_CENTRE", parts{"centre": ".=..."}, (*play).unentrusted},
	{VerbSign, "NOT_SIGNER", parts{"signer": ".=..."}, (*play).toSign},
	{VerbSeal, "NOT_CENTRE", parts{"centre": ".=..."}, (*play).toSeal},
	{VerbTerminate, "NOT_SIGNER", parts{"signer centre": ".==.."}, nil},
	{VerbPropose, "NOT_PARTY_TO_CASE", parts{"assigner": "====="}, nil},
	{VerbChoose, "NOT_CENTRE", parts{"centre": ".=..."}, nil},
	{VerbClose, "NOT_SIGNER", parts{"signer": "LL..."}, nil},
	{VerbRequest, "NOT_AGENT", parts{"agent": "x=.xx"}, nil},
	{VerbSupply, "NOT_PARTY_TO_CASE", parts{"signer opener centre unit department": ".==..", "agent": "x==xx"}, nil},
	{VerbObtain, "NOT_DECIDING_UNIT", parts{"unit line": ".==.."}, nil},
	{VerbNote, "NOT_PARTY_TO_CASE", parts{"signer opener centre unit office department": "===..", "agent": "x==xx"}, nil},
	{VerbMeet, "NOT_PARTY_TO_CASE", parts{"centre unit": ".==..", "agent": "x==xx"}, nil},
	{VerbLinkTicket, "NOT_AGENT", parts{"signer opener system": "=====", "agent": "x==xx"}, nil},
	{VerbReview, "NOT_DECIDING_UNIT", parts{"unit": ".=..."}, (*play).accepted},
	{VerbOpinion, "NOT_DECIDING_UNIT", parts{"unit": ".=..."}, (*play).reviewing},
	{VerbConclude, "NOT_DECIDING_UNIT", parts{"unit": ".=..."}, (*play).heard},
}

type caseRow struct {
	verb   Verb
	denied string
	rows   parts
	open   func(p *play) // what there is to be in an open case, beside an agreement in force
}

var caseLetters = map[byte]State{'O': Open, 'D': Declined, 'L': Closed}

// caseStates are the columns.
var caseStates = []State{Applied, Open, Completed, Declined, Closed}

func (p *play) unentrusted() { p.take(p.c.TerminateAgreement(p.context(theCentre), "reason")) }

func (p *play) offer() {
	p.unentrusted()
	p.take(p.c.OfferAgreement(p.context(theCentre), Offer{Expire: p.now.Add(time.Hour), Text: "text", SHA256: []byte("words")}))
}

func (p *play) toSign() { p.offer() }

func (p *play) toSeal() {
	p.offer()
	p.take(p.c.SignAgreement(p.context(theMember), Signature{SHA256: []byte("words"), Name: "name"}))
}

func (p *play) accepted() {
	p.submit(theItem).accept(theItem)
}

func (p *play) reviewing() {
	p.accepted()
	p.take(p.c.OpenJointReview(p.context(planning), []string{theItem}, []string{ct.Planning, ct.Water}, "text"))
}

func (p *play) heard() {
	p.reviewing()
	p.opine(planning, ct.Planning, OpinionAgree).opine(clerk(ct.WaterClerk, ct.Water), ct.Water, OpinionObject)
}

func (p *play) opine(a Actor, unit, opinion string) *play {
	p.Helper()
	return p.take(p.c.GiveOpinion(p.context(a), 1, unit, opinion, "text"))
}

// onlyTheItem leaves a project nothing to have approved but the item that has everything.
func onlyTheItem(c *directoryv1.CityConfig) {
	for _, i := range c.GetCatalogue().GetItems() {
		if i.GetCode() != theItem {
			i.When = &directoryv1.ItemCondition{Types: []string{"housing"}}
		}
	}
}

// inState is a case that has come to a state, entrusted where that can be.
func inState(tb testing.TB, s State, o Opening, open func(p *play)) *play {
	tb.Helper()
	first := workshop(tb, onlyTheItem)
	second := ct.Next(tb, first, everything, onlyTheItem, ct.AppliedAt(ct.At("2026-03-01 09:00")))
	p := newPlay(tb, first, "2026-03-02 09:00")
	by := theOpener
	if o.OpenerUnit != "" {
		by = theDepartment
	}
	o.Eligibility = agencyv1.Case_ARRANGED_BY_CITY
	p.take(New(p.context(by), o))
	p.city = second
	switch s {
	case Applied:
		return p
	case Declined:
		return p.take(p.c.Decline(p.context(theCentre), "reason"))
	default:
	}
	p.take(p.c.Admit(p.context(theCentre))).entrust(ct.At("2026-03-02 10:00")).supply(ct.Form, ct.Drawings, ct.Survey, ct.Contract)
	if s == Closed {
		return p.take(p.c.Close(p.context(theMember), "reason"))
	}
	if open != nil {
		open(p)
	}
	if s == Completed {
		p.finish()
	}
	return p
}

// finish has the item approved, from wherever it is.
func (p *play) finish() {
	if p.c.Item(theItem).State == Planned {
		p.submit(theItem).accept(theItem)
	}
	for _, r := range p.c.Reviews {
		for _, o := range r.Opinions {
			if o.Opinion == "" {
				p.opine(clerk(ct.Clerk(o.Unit), o.Unit), o.Unit, OpinionAgree)
			}
		}
		p.take(p.c.ConcludeJointReview(p.context(planning), r.Number, "text"))
	}
	p.approve(theItem)
}

func useOnCase(v Verb, p *play, ctx Context) ([]Event, error) {
	c := p.c
	switch v {
	case VerbAdmit:
		return c.Admit(ctx)
	case VerbDecline:
		return c.Decline(ctx, "reason")
	case VerbAnswer:
		a := ct.Plant()
		a.FloorArea++
		return c.UpdateAnswers(ctx, a)
	case VerbMove:
		return c.Move(ctx, "reason")
	case VerbOffer:
		return c.OfferAgreement(ctx, Offer{Stages: []string{ct.Design}, Expire: ctx.Now.Add(time.Hour), Text: "text", SHA256: []byte("words")})
	case VerbSign:
		return c.SignAgreement(ctx, Signature{SHA256: []byte("words"), Name: "name"})
	case VerbSeal:
		return c.SealAgreement(ctx, "")
	case VerbTerminate:
		return c.TerminateAgreement(ctx, "reason")
	case VerbPropose:
		return c.TakeAgent(ctx, Proposal{Position: c.Proposal + 1, Centre: ct.Approvals, From: ct.ApprovalsAgent, Official: ct.ApprovalsAgent2, Reason: "leave"})
	case VerbChoose:
		return c.AssignAgent(ctx, ct.Approvals, ct.ApprovalsAgent2)
	case VerbClose:
		return c.Close(ctx, "")
	case VerbRequest:
		return c.RequestMaterial(ctx, ct.Contract, "text", days(3))
	case VerbSupply:
		if err := c.MaySupply(ctx, PurposeMaterial, ct.Contract, ""); err != nil {
			return nil, err
		}
		return c.Arrive(ctx, Arrival{Document: "new", Purpose: PurposeMaterial, Material: ct.Contract})
	case VerbObtain:
		return c.Obtain(ctx, ct.Licence, "reference", "")
	case VerbNote:
		return c.WriteNote(ctx, theItem, "text")
	case VerbMeet:
		return c.RecordMeeting(ctx, theItem, ctx.Now, "text")
	case VerbLinkTicket:
		return c.LinkTicket(ctx, Ticket{ID: "ticket", Item: theItem, Reason: TroubleStuck})
	case VerbReview:
		return c.OpenJointReview(ctx, []string{theItem}, []string{ct.Ecology}, "text")
	case VerbOpinion:
		return c.GiveOpinion(ctx, 1, ct.Planning, OpinionAgree, "")
	case VerbConclude:
		return c.ConcludeJointReview(ctx, 1, "text")
	default:
		panic("no such verb: " + v)
	}
}

// notOffered are the verbs on a case that no button is for, or that are part of a review.
var notOffered = []Verb{VerbPropose, VerbOpinion, VerbConclude}

// caseCells checks every cell of the grid, and returns the edges that were gone along.
func caseCells(t *testing.T) driven {
	gone := driven{}
	for _, o := range []Opening{opening(), opened(ct.Hualong)} {
		for n, s := range caseStates {
			for _, row := range caseGrid {
				base := inState(t, s, o, row.open)
				for who, m := range cast {
					if m.change != nil && (s != Open || row.open != nil) {
						continue // it needs an agreement in force
					}
					cell := gridRow{rows: row.rows}.cell(m.in(o), n)
					if who == "agent of other stages" {
						cell = 'x' // there are none here
						continue
					}
					if m.change != nil && m.plays == "" {
						cell = 'x'
					}
					t.Run(fmt.Sprint(row.verb, "/", who, "/", s, o.OpenerUnit), func(t *testing.T) { checkCase(t, base.copied(t), row, m, cell, gone) })
				}
			}
		}
	}
	return gone
}

func checkCase(t *testing.T, p *play, row caseRow, m member, cell byte, gone driven) {
	t.Helper()
	if m.change != nil {
		m.change(p)
	}
	ctx, before := p.context(m.actor), p.c.State
	offered := slices.Contains(p.c.Actions(ctx), string(row.verb))
	events, err := useOnCase(row.verb, p, ctx)
	to, leads := caseLetters[cell]
	if leads || cell == '=' {
		if !leads {
			to = before
		}
		if p.take(events, err); p.c.State != to {
			t.Errorf("leads to %s, want %s", p.c.State, to)
		}
		if !offered && !slices.Contains(notOffered, row.verb) {
			t.Error("works but is not offered")
		}
		if len(events) == 0 {
			t.Error("nothing happened")
		}
		gone.add(row.verb, before, to)
		return
	}
	if offered {
		t.Error("is offered but does not work")
	}
	reason := row.denied
	if cell == '.' {
		reason = "CASE_STATE_FORBIDS"
	}
	if !fault.Has(err, reason) || events != nil {
		t.Fatalf("got %v, %v, want %s", events, err, reason)
	}
	if cell == '.' && fault.From(err).Metadata["state"] != before.String() {
		t.Errorf("metadata %v", fault.From(err).Metadata)
	}
}

// TestTheGridOfCasesIsWhole: no verb of the table is missing, but for those that happen by themselves.
func TestTheGridOfCasesIsWhole(t *testing.T) {
	for _, e := range caseEdges {
		inGrid := slices.ContainsFunc(caseGrid, func(r caseRow) bool { return r.verb == e.Verb })
		if byItself := e.Who == System || e.Verb == VerbOpen; inGrid == byItself {
			t.Errorf("%s: in the grid %t", e.Verb, inGrid)
		}
	}
}

// TestItemsLiveInWorkedCasesOnly: what may be done with an item in a case that is not open or completed is to file a ticket about it.
func TestItemsLiveInWorkedCasesOnly(t *testing.T) {
	for _, s := range []State{Applied, Declined, Closed} {
		p := inState(t, s, opening(), nil)
		for _, row := range grid {
			for part, cells := range row.rows {
				if row.verb == VerbLinkTicket || cells[0] == '.' {
					continue
				}
				for who, m := range cast {
					if m.plays == "" || m.change != nil || !strings.Contains(part, m.plays) || m.plays == "agent" || m.in(opening()) == "" {
						continue
					}
					if events, err := use(row.verb, row.kind, p, p.context(m.actor), ""); !fault.Has(err, "CASE_STATE_FORBIDS") || events != nil {
						t.Errorf("%s by %s in %s: %v, %v", row.verb, who, s, events, err)
					}
				}
			}
		}
		for who, m := range cast {
			if offered := p.c.ItemActions(p.context(m.actor), theItem); len(offered) > 1 || len(offered) == 1 && offered[0] != string(VerbLinkTicket) {
				t.Errorf("%s in %s is offered %v", who, s, offered)
			}
		}
	}
}

// TestAgreements: what becomes of an agreement, step by step, and what each step refuses.
func TestAgreements(t *testing.T) {
	const none = agencyv1.Agreement_STATE_UNSPECIFIED
	sign := Signature{SHA256: []byte("words"), Name: "name"}
	steps := map[string]func(p *play) ([]Event, error){
		"offer": func(p *play) ([]Event, error) {
			return p.c.OfferAgreement(p.context(theCentre), Offer{Expire: p.now.Add(time.Hour), Text: "text", SHA256: []byte("words"), Paper: true})
		},
		"sign": func(p *play) ([]Event, error) { return p.c.SignAgreement(p.context(theMember), sign) },
		"send": func(p *play) ([]Event, error) {
			with := sign
			with.Document = p.document(theMember, PurposeAgreement)
			return p.c.SignAgreement(p.context(theMember), with)
		},
		"seal":      func(p *play) ([]Event, error) { return p.c.SealAgreement(p.context(theCentre), "") },
		"terminate": func(p *play) ([]Event, error) { return p.c.TerminateAgreement(p.context(theMember), "reason") },
	}
	for _, tt := range []struct {
		name string
		come []string
		at   AgreementState
		does map[string]any // where each step leads, or why it does not
	}{
		{"none", nil, none, map[string]any{"offer": agencyv1.Agreement_TO_SIGN, "sign": ErrAgreementStateForbids, "send": ErrAgreementStateForbids,
			"seal": ErrAgreementStateForbids, "terminate": ErrAgreementStateForbids}},
		{"offered", []string{"offer"}, agencyv1.Agreement_TO_SIGN, map[string]any{"offer": agencyv1.Agreement_TO_SIGN, "sign": agencyv1.Agreement_SIGNING,
			"send": agencyv1.Agreement_TO_SEAL, "seal": ErrAgreementStateForbids, "terminate": agencyv1.Agreement_TERMINATED}},
		{"signed in the app", []string{"offer", "sign"}, agencyv1.Agreement_SIGNING, map[string]any{"offer": agencyv1.Agreement_TO_SIGN,
			"sign": ErrDocumentUnknown, "send": agencyv1.Agreement_TO_SEAL, "seal": ErrAgreementStateForbids, "terminate": agencyv1.Agreement_TERMINATED}},
		{"to seal", []string{"offer", "sign", "send"}, agencyv1.Agreement_TO_SEAL, map[string]any{"offer": agencyv1.Agreement_TO_SIGN,
			"sign": ErrAgreementStateForbids, "send": ErrAgreementStateForbids, "seal": agencyv1.Agreement_SIGNED, "terminate": agencyv1.Agreement_TERMINATED}},
		{"sealed", []string{"offer", "send", "seal"}, agencyv1.Agreement_SIGNED, map[string]any{"offer": ErrEntrusted, "sign": ErrAgreementStateForbids,
			"send": ErrAgreementStateForbids, "seal": ErrAgreementStateForbids, "terminate": agencyv1.Agreement_TERMINATED}},
		{"ended", []string{"offer", "terminate"}, agencyv1.Agreement_TERMINATED, map[string]any{"offer": agencyv1.Agreement_TO_SIGN,
			"sign": ErrAgreementStateForbids, "send": ErrAgreementStateForbids, "seal": ErrAgreementStateForbids, "terminate": ErrAgreementStateForbids}},
	} {
		for step, want := range tt.does {
			t.Run(tt.name+"/"+step, func(t *testing.T) {
				p := newPlay(t, ct.City(t), "2026-03-02 09:00").open()
				for _, s := range tt.come {
					p.take(steps[s](p))
				}
				if a := p.c.Agreement(); tt.at != none && a.State != tt.at {
					t.Fatalf("is %s", a.State)
				}
				events, err := steps[step](p)
				if refusal, refused := want.(*fault.Error); refused {
					if !fault.Has(err, refusal.Reason) {
						t.Fatalf("%v, want %s", err, refusal.Reason)
					}
					return
				}
				if p.take(events, err); p.c.Agreement().State != want {
					t.Errorf("leads to %s, want %s", p.c.Agreement().State, want)
				}
				live := 0
				for _, a := range p.c.Agreements {
					if a.State != agencyv1.Agreement_TERMINATED {
						live++
					}
				}
				if live > 1 {
					t.Errorf("%d agreements", live)
				}
			})
		}
	}
}

// procedures of the catalogue are all known.
func TestProceduresAreKnown(t *testing.T) {
	all := Procedures()
	for _, p := range []string{catalogue.ProcedureHearing, catalogue.ProcedureTest, catalogue.ProcedureReview, catalogue.ProcedurePublicity,
		catalogue.ProcedureInspection, catalogue.ProcedureBidding} {
		if !slices.Contains(all, p) {
			t.Errorf("%s is missing", p)
		}
	}
}
