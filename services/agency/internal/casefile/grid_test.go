package casefile

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// grid is the whole process of items once more, written down apart from the table in the code: for each verb the reason by which strangers to it are
// refused, and for each part what the verb does at each stage. One letter a stage, in the order of stages:
//
//	R t N Z       it leads to RECEIVED, RETRACTED, NOT_ACCEPTED, ACCEPTANCE_REFUSED
//	W D C c P p   to WINDOW_ACCEPTED, DEPARTMENT_ACCEPTED, CORRECTION_OPEN, CORRECTED, PROCEDURE_OPEN, PROCEDURE_ENDED
//	A T F Q X V   to APPROVED, APPROVED_TOLERANTLY, REFUSED, WITHDRAWAL_PENDING, WITHDRAWN, REVOKED
//	=             it works and the state stays
//	.             ITEM_STATE_FORBIDS
//	others        the reason in reasons
//
// The columns are, in fives: planned, received, received on a promise, retracted, accepted | not accepted, not needed, acceptance refused, correcting and
// corrected before acceptance | taken on, correcting and corrected after acceptance, in and after a procedure | approved, tolerantly, on a promise, refused,
// withdrawn | revoked, withdrawing, dropped.
var grid = []gridRow{
	{verb: VerbSubmit, denied: "NOT_AGENT", rows: parts{"signer opener agent": "R..R. RRR.. ..... ...RR R.."}},
	{verb: VerbAccept, denied: "NOT_DECIDING_UNIT", rows: parts{"unit line": ".WW.. ....W ..... ..... ..."}},
	{verb: VerbTakeOn, denied: "NOT_DECIDING_UNIT", rows: parts{"unit line": "....D ..... ..... ..... ..."}},
	{verb: VerbNotAccept, denied: "NOT_DECIDING_UNIT", rows: parts{"unit line": ".NN.. ..... ..... ..... ..."}},
	{verb: VerbRefuseAcceptance, denied: "NOT_DECIDING_UNIT", rows: parts{"unit line": ".ZZ.. ....Z ..... ..... ..."}},
	{verb: VerbRequestCorrection, denied: "NOT_DECIDING_UNIT", rows: parts{"unit line": ".CC.C ..... C.... ..... ..."}},
	{verb: VerbCorrect, denied: "NOT_AGENT", rows: parts{"signer opener agent": "..... ...c. .c... ..... ..."}},
	{verb: VerbStartProcedure, denied: "NOT_DECIDING_UNIT", rows: parts{"unit line": "....P ..... P.P.P ..... ..."}},
	{verb: VerbEndProcedure, denied: "NOT_DECIDING_UNIT", rows: parts{"unit line system": "..... ..... ...p. ..... ..."}},
	{verb: VerbExtend, denied: "NOT_HEAD", rows: parts{"head": "....= ....l =.=.= ..... ..."}},
	{verb: VerbApprove, denied: "NOT_DECIDING_UNIT", rows: parts{"unit line": "..A.A ..... A.A.A ..... ..."}},
	{verb: VerbApprove, lean: true, denied: "NOT_DECIDING_UNIT", rows: parts{"unit line": "..T.T ..... T.T.T ..... ..."}},
	{verb: VerbRefuse, denied: "NOT_DECIDING_UNIT", rows: parts{"unit line": "....F ..... F.F.F ..... ..."}},
	{verb: VerbWithdraw, denied: "NOT_APPLICANT", rows: parts{"signer opener": ".tt.Q ...tt QQQQQ ..... ..."}},
	{verb: VerbConfirmWithdrawal, denied: "NOT_DECIDING_UNIT", rows: parts{"unit line system": "..... ..... ..... ..... .X."}},
	{verb: VerbDeclineWithdrawal, denied: "NOT_DECIDING_UNIT", rows: parts{"unit line": "..... ..... ..... ..... .W."}},
	{verb: VerbRevoke, denied: "NOT_HEAD", rows: parts{"head": "..... ..... ..... VVV.. ..."}},
	{verb: VerbIssue, denied: "NOT_DECIDING_UNIT", rows: parts{"unit line": "..... ..... ..... =w=.. ..."}},
	{verb: VerbCommit, lean: true, kind: tolerance, denied: "NOT_SIGNER", rows: parts{"signer": "==e=. ==n=n ..... ...== n.."}},
	{verb: VerbCommit, kind: promise, denied: "NOT_SIGNER", rows: parts{"signer": "=.e=. ===.. ..... ...== =.."}},
	{verb: VerbNoteReport, denied: "NOT_PARTY_TO_CASE", rows: parts{"line": "....= ..... ===== ===== ==."}},
	{verb: VerbLinkTicket, denied: "NOT_AGENT", rows: parts{"signer opener agent system": "===== ===== ===== ===== ==="}},
}

// parts are what a verb does, by those who may.
type parts map[string]string

type gridRow struct {
	verb   Verb
	lean   bool
	kind   agencyv1.Commitment_Kind
	denied string
	rows   parts
}

var reasons = map[byte]string{
	'.': "ITEM_STATE_FORBIDS", 'l': "LIMIT_OVER", 'w': "CERTIFICATE_WAITS", 'n': "NOTHING_MISSING", 'e': "COMMITMENT_EXISTS",
}

var letters = map[byte]ItemState{
	'R': Received, 't': Retracted, 'N': NotAccepted, 'Z': AcceptanceRefused, 'W': WindowAccepted, 'D': DepartmentAccepted, 'C': CorrectionOpen, 'c': Corrected,
	'P': ProcedureOpen, 'p': ProcedureEnded, 'A': Approved, 'T': ApprovedTolerantly, 'F': Refused, 'Q': WithdrawalPending, 'X': Withdrawn, 'V': Revoked,
}

// member is one of the cast: who, as what, in what kind of case, and what happens before they try.
type member struct {
	actor  Actor
	plays  string // the part; empty for a stranger to everything
	change func(p *play)
}

var cast = map[string]member{
	"member":     {actor: theMember, plays: "signer"},
	"opener":     {actor: theOpener, plays: "opener"},
	"agent":      {actor: theAgent, plays: "agent"},
	"clerk":      {actor: planning, plays: "unit"},
	"head":       {actor: planningHead, plays: "head"},
	"line":       {actor: planningLine, plays: "line"},
	"centre":     {actor: theCentre, plays: "centre"},
	"office":     {actor: theOffice, plays: "office"},
	"supervisor": {actor: Actor{Kind: PersonActor, Person: ct.Supervisor, Office: true}, plays: "office"},
	"department": {actor: theDepartment, plays: "department"},
	"clockwork":  {actor: Clockwork, plays: "system"},
	"attendant":  {actor: assigner, plays: "assigner"},

	"agent of the other centre": {actor: otherAgent, plays: "agent"},
	"agent at the last instant": {actor: theAgent, plays: "agent", change: func(p *play) { p.at("2026-03-02 10:00") }},
	"agent after expiry":        {actor: theAgent, change: func(p *play) { p.at("2026-03-02 10:00").wait(tick) }},
	"agent after termination": {actor: theAgent, change: func(p *play) {
		p.take(p.c.TerminateAgreement(p.context(theMember), "reason"))
	}},
	"agent of other stages": {actor: theAgent, change: func(p *play) {
		p.take(p.c.TerminateAgreement(p.context(theMember), "reason")).entrust(ct.At("2026-03-02 10:00"), ct.Land, ct.Construction)
	}},
	"agent replaced": {actor: theAgent, change: func(p *play) {
		p.take(p.c.AssignAgent(p.context(theCentre), ct.Approvals, ct.ApprovalsAgent2))
	}},
	"agent without the role":      {actor: Actor{Kind: PersonActor, Person: ct.ApprovalsAgent}},
	"agent of nobody":             {actor: Actor{Kind: PersonActor, Person: ct.InvestmentAgent2, Agent: true}},
	"clerk of another unit":       {actor: ecology},
	"head of another unit":        {actor: housingHead},
	"line of another unit":        {actor: housingLine},
	"stranger":                    {actor: theStranger},
	"another service":             {actor: Actor{Kind: ServiceActor, Name: "directory"}},
	"nobody":                      {actor: Actor{Kind: PersonActor, Enterprises: []string{enterprise}, Clerk: []string{ct.Planning}, Head: []string{ct.Planning}}},
	"no kind":                     {actor: Actor{Person: memberID, Enterprises: []string{enterprise}, Clerk: []string{ct.Planning}, Head: []string{ct.Planning}, Centre: true, Office: true}},
	"a claim is not a membership": {actor: Actor{Kind: PersonActor, Person: strangerID, Claims: enterprise}},
}

// use uses a verb on the item in the most ordinary way.
func use(v Verb, kind agencyv1.Commitment_Kind, p *play, ctx Context, document string) ([]Event, error) {
	c := p.c
	switch v {
	case VerbSubmit:
		return c.Submit(ctx, theItem, false)
	case VerbAccept:
		return c.Accept(ctx, theItem, "notice")
	case VerbTakeOn:
		return c.TakeOn(ctx, theItem)
	case VerbNotAccept:
		return c.NotAccept(ctx, theItem, "reason", false)
	case VerbRefuseAcceptance:
		return c.RefuseAcceptance(ctx, theItem, "reason", "remedy")
	case VerbRequestCorrection:
		return c.RequestCorrection(ctx, theItem, wrong(ct.Drawings), "note")
	case VerbCorrect:
		return c.Correct(ctx, theItem)
	case VerbStartProcedure:
		return c.StartProcedure(ctx, theItem, catalogue.ProcedurePublicity, "notice", 7)
	case VerbEndProcedure:
		return c.EndProcedure(ctx, theItem, "text")
	case VerbExtend:
		return c.Extend(ctx, theItem, 10, "reason")
	case VerbApprove:
		return c.Approve(ctx, theItem, "conditions")
	case VerbRefuse:
		return c.Refuse(ctx, theItem, "reason", "remedy")
	case VerbWithdraw:
		return c.Withdraw(ctx, theItem, "reason")
	case VerbConfirmWithdrawal:
		return c.ConfirmWithdrawal(ctx, theItem)
	case VerbDeclineWithdrawal:
		return c.DeclineWithdrawal(ctx, theItem, "reason")
	case VerbRevoke:
		return c.Revoke(ctx, theItem, "reason")
	case VerbIssue:
		return c.IssueCertificate(ctx, Issue{Item: theItem, Number: "410900-1", Document: document, Check: []byte("check")})
	case VerbCommit:
		terms, _ := c.TermsOf(ctx, kind, theItem, 0)
		return c.SignCommitment(ctx, Commit{Kind: kind, Item: theItem, Want: terms, Text: "text", Words: []byte("words"),
			Signature: Signature{SHA256: []byte("words"), Name: "name"}})
	case VerbNoteReport:
		return c.NoteReport(ctx, theItem, VerbAccept)
	case VerbLinkTicket:
		_, err := c.MayRaise(ctx, theItem)
		return nil, err
	default:
		panic("no such verb: " + v)
	}
}

// driven are the edges that tests went along, as verb, state before, state after.
type driven map[string]bool

func (d driven) add(v Verb, from, to fmt.Stringer) { d[fmt.Sprint(v, " ", from, " ", to)] = true }

// cells checks every cell of the grid, and returns the edges that were gone along.
func cells(t *testing.T) driven {
	gone := driven{}
	for _, o := range []Opening{opening(), opened(ct.Hualong)} {
		for n, s := range stages {
			for _, lean := range []bool{false, true} {
				base := staged(t, s, lean, o)
				document := base.document(planning, PurposeCertificate)
				for _, row := range grid {
					if row.lean != lean {
						continue
					}
					for who, m := range cast {
						if o.OpenerUnit != "" && !slices.Contains([]string{"signer", "opener", "department", "unit"}, m.plays) {
							continue // whoever opened it makes no difference to these
						}
						m.plays = m.in(o)
						t.Run(fmt.Sprint(row.verb, row.kind, "/", who, "/", s.name, o.OpenerUnit), func(t *testing.T) {
							checkCell(t, base.copied(t), row, m, row.cell(m.plays, n), document, gone)
						})
					}
				}
			}
		}
	}
	return gone
}

// in is what somebody plays in a case, which either the enterprise or a department opened.
func (m member) in(o Opening) string {
	if o.OpenerUnit != "" && m.plays == "opener" || o.OpenerUnit == "" && m.plays == "department" {
		return ""
	}
	return m.plays
}

// opened is a case that a county's department opens.
func opened(unit string) Opening {
	o := opening()
	o.OpenerUnit = unit
	return o
}

// cell is what the grid says of a part at a stage; x for refused like a stranger.
func (r gridRow) cell(part string, stage int) byte {
	for who, cells := range r.rows {
		if part != "" && slices.Contains(strings.Fields(who), part) {
			return strings.ReplaceAll(cells, " ", "")[stage]
		}
	}
	return 'x'
}

// copied is the same play on another stage.
func (p *play) copied(tb testing.TB) *play {
	n := *p
	n.TB = tb
	n.c = p.c.clone()
	n.events = slices.Clip(p.events)
	return &n
}

func checkCell(t *testing.T, p *play, row gridRow, m member, cell byte, document string, gone driven) {
	t.Helper()
	if row.verb == VerbCorrect && p.c.Item(theItem).State == CorrectionOpen {
		p.supply(p.c.Item(theItem).Correction.Materials...)
	}
	if m.change != nil {
		m.change(p)
	}
	ctx := p.context(m.actor)
	before := p.c.Item(theItem).State
	offered := slices.Contains(p.c.ItemActions(ctx, theItem), string(row.verb))
	events, err := use(row.verb, row.kind, p, ctx, document)
	to, leads := letters[cell]
	if leads || cell == '=' {
		if !leads {
			to = before
		}
		if p.take(events, err); p.c.Item(theItem).State != to {
			t.Errorf("leads to %s, want %s", p.c.Item(theItem).State, to)
		}
		if !offered && row.verb != VerbNoteReport { // which nobody is asked to choose
			t.Error("works but is not offered")
		}
		gone.add(row.verb, before, to)
		return
	}
	if offered && row.verb != VerbCommit { // which of the two kinds can be signed is another question
		t.Error("is offered but does not work")
	}
	reason := row.denied
	if cell != 'x' {
		reason = reasons[cell]
	}
	if !fault.Has(err, reason) || events != nil {
		t.Fatalf("got %v, %v, want %s", events, err, reason)
	}
	if cell == '.' && fault.From(err).Metadata["state"] != before.String() {
		t.Errorf("metadata %v", fault.From(err).Metadata)
	}
}

// TestTheGridIsWhole: no verb of the table is missing in the grid, but for those that happen by themselves, or to a commitment.
func TestTheGridIsWhole(t *testing.T) {
	for _, e := range itemEdges {
		inGrid := slices.ContainsFunc(grid, func(r gridRow) bool { return r.verb == e.Verb })
		onCommitment := slices.ContainsFunc(commitmentGrid, func(r commitmentRow) bool { return r.verb == e.Verb })
		if byItself := e.Who == System; inGrid == (byItself || onCommitment) {
			t.Errorf("%s: in the grid %t, on commitments %t", e.Verb, inGrid, onCommitment)
		}
	}
	for _, row := range grid {
		for who, cells := range row.rows {
			if n := len(strings.ReplaceAll(cells, " ", "")); n != len(stages) {
				t.Errorf("%s by %s: %d of %d stages", row.verb, who, n, len(stages))
			}
		}
	}
}
