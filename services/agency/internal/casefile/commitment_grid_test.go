package casefile

import (
	"slices"
	"strings"
	"testing"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// word is where a commitment stands and how it comes there.
type word struct {
	name  string
	kind  agencyv1.Commitment_Kind
	state CommitmentState
	come  func(p *play)
}

// words are all of them, in the order of the columns of the grid.
var words = []word{
	{"signed", tolerance, agencyv1.Commitment_SIGNED, func(p *play) { p.tolerate(theItem) }},
	{"running", tolerance, agencyv1.Commitment_RUNNING, tolerated},
	{"asking", tolerance, agencyv1.Commitment_RUNNING, func(p *play) { tolerated(p); p.askTime(5) }},
	{"no more time", tolerance, agencyv1.Commitment_RUNNING, func(p *play) { tolerated(p); p.askTime(5).giveTime(false) }},
	{"kept", tolerance, agencyv1.Commitment_KEPT, func(p *play) { tolerated(p); p.supply(ct.Survey, ct.Contract) }},
	{"broken", tolerance, agencyv1.Commitment_BROKEN, func(p *play) { tolerated(p); p.at("2026-04-01 09:00").settle() }},
	{"repaired", tolerance, agencyv1.Commitment_BROKEN, func(p *play) { tolerated(p); p.at("2026-04-01 09:00").settle().repair() }},
	{"released", tolerance, agencyv1.Commitment_RELEASED, func(p *play) { tolerated(p); p.refuse() }},

	{"promised", promise, agencyv1.Commitment_SIGNED, func(p *play) { p.promise(theItem) }},
	{"to fulfil", promise, agencyv1.Commitment_RUNNING, promised},
	{"asking to fulfil later", promise, agencyv1.Commitment_RUNNING, func(p *play) { promised(p); p.askTime(5) }},
	{"reported", promise, agencyv1.Commitment_RUNNING, func(p *play) { promised(p); p.report() }},
	{"to fix", promise, agencyv1.Commitment_TO_FIX, func(p *play) { promised(p); p.report().check(false) }},
	{"fixed", promise, agencyv1.Commitment_TO_FIX, func(p *play) { promised(p); p.report().check(false).report() }},
	{"fulfilled", promise, agencyv1.Commitment_KEPT, func(p *play) { promised(p); p.report().check(true) }},
	{"not fulfilled", promise, agencyv1.Commitment_BROKEN, func(p *play) { promised(p); p.at("2026-04-01 09:00").settle() }},
	{"not fulfilled, repaired", promise, agencyv1.Commitment_BROKEN, func(p *play) { promised(p); p.at("2026-04-01 09:00").settle().repair() }},
	{"revoked otherwise", promise, agencyv1.Commitment_RELEASED, func(p *play) { promised(p); p.revoke() }},
}

func tolerated(p *play) { accepted(p, true) }

func promised(p *play) {
	p.supply(ct.Survey, ct.Contract)
	onPromise(p, false)
	p.approve(theItem)
}

func (p *play) askTime(days int) *play {
	p.Helper()
	return p.take(p.c.RequestExtension(p.context(theMember), len(p.c.Commitments), days, "reason", nil))
}

func (p *play) giveTime(granted bool) *play {
	p.Helper()
	return p.take(p.c.DecideExtension(p.context(planning), len(p.c.Commitments), granted, "reason"))
}

func (p *play) report() *play {
	p.Helper()
	return p.take(p.c.ReportPromise(p.context(theMember), len(p.c.Commitments), "text"))
}

func (p *play) check(holds bool) *play {
	p.Helper()
	return p.take(p.c.CheckPromise(p.context(planning), len(p.c.Commitments), holds, "text"))
}

func (p *play) repair() *play {
	p.Helper()
	return p.take(p.c.RepairCredit(p.context(theOffice), len(p.c.Commitments), "reason"))
}

// commitmentGrid is the process of commitments: a letter for each of the words above.
//
//	K F B   it leads to KEPT, TO_FIX, BROKEN
//	=       it works and the state stays
//	.       COMMITMENT_STATE_FORBIDS
//	others  the reason in commitmentReasons
//
// The columns: signed, running, asking, no more time, kept, broken, repaired, released | promised, to fulfil, asking, reported, to fix, fixed, fulfilled,
// not fulfilled, repaired, revoked otherwise.
var commitmentGrid = []commitmentRow{
	{VerbReport, true, "NOT_APPLICANT", parts{"signer opener": "........ .==.=....."}},
	{VerbCheck, true, "NOT_DECIDING_UNIT", parts{"unit": "........ .ppKpK...."}},
	{VerbCheck, false, "NOT_DECIDING_UNIT", parts{"unit": "........ .ppFpB...."}},
	{VerbAskExtension, true, "NOT_APPLICANT", parts{"signer opener": ".=wu.... .=w.=....."}},
	{VerbDecideExtension, true, "NOT_DECIDING_UNIT", parts{"unit": "nn=nnnnn nn=nnnnnnn"}},
	{VerbDecideExtension, false, "NOT_DECIDING_UNIT", parts{"unit": "nn=nnnnn nn=nnnnnnn"}},
	{VerbRepair, true, "NOT_OVERSIGHT", parts{"office": ".....=.. .......=.."}},
}

type commitmentRow struct {
	verb   Verb
	yes    bool // it holds, more time is given
	denied string
	rows   parts
}

var commitmentReasons = map[byte]string{
	'.': "COMMITMENT_STATE_FORBIDS", 'p': "PROMISE_NOT_REPORTED", 'w': "COMMITMENT_EXTENSION_PENDING", 'u': "ITEM_EXTENSION_USED",
	'n': "COMMITMENT_EXTENSION_NOT_PENDING",
}

var commitmentLetters = map[byte]CommitmentState{
	'K': agencyv1.Commitment_KEPT, 'F': agencyv1.Commitment_TO_FIX, 'B': agencyv1.Commitment_BROKEN,
}

func useOnCommitment(row commitmentRow, p *play, ctx Context) ([]Event, error) {
	number := len(p.c.Commitments)
	switch row.verb {
	case VerbReport:
		return p.c.ReportPromise(ctx, number, "text")
	case VerbCheck:
		return p.c.CheckPromise(ctx, number, row.yes, "text")
	case VerbAskExtension:
		return p.c.RequestExtension(ctx, number, 5, "reason", nil)
	case VerbDecideExtension:
		return p.c.DecideExtension(ctx, number, row.yes, "reason")
	default:
		return p.c.RepairCredit(ctx, number, "reason")
	}
}

func TestGridOfCommitments(t *testing.T) {
	for n, w := range words {
		base := site(t, "2026-03-02 09:00", true)
		base.entrust(ct.At("2027-03-02 10:00"))
		w.come(base)
		base.wantCommitment(1, w.state)
		for _, row := range commitmentGrid {
			for who, m := range cast {
				if m.change != nil {
					continue
				}
				cell := byte('x')
				for part, cells := range row.rows {
					if m.plays != "" && slices.Contains(strings.Fields(part), m.plays) {
						cell = strings.ReplaceAll(cells, " ", "")[n]
					}
				}
				t.Run(string(row.verb)+"/"+who+"/"+w.name, func(t *testing.T) { checkCommitment(t, base.copied(t), row, m.actor, cell) })
			}
		}
	}
}

func checkCommitment(t *testing.T, p *play, row commitmentRow, actor Actor, cell byte) {
	ctx := p.context(actor)
	k := *p.c.Commitment(1)
	offered := slices.Contains(p.c.CommitmentActions(ctx, 1), string(row.verb))
	events, err := useOnCommitment(row, p, ctx)
	to, leads := commitmentLetters[cell]
	if leads || cell == '=' {
		if !leads {
			to = k.State
		}
		p.take(events, err).wantCommitment(1, to)
		if !offered {
			t.Error("works but is not offered")
		}
		return
	}
	if offered {
		t.Error("is offered but does not work")
	}
	reason := row.denied
	if cell != 'x' {
		reason = commitmentReasons[cell]
	}
	if !fault.Has(err, reason) || events != nil {
		t.Fatalf("got %v, %v, want %s", events, err, reason)
	}
}
