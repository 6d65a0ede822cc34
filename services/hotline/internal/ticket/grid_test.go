package ticket

import (
	"slices"
	"testing"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	pt "github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// grid is the whole process once more, written down apart from the table in the code: for each verb the reason by which
// strangers to it are refused, and what it does in each state for those who are not. One letter a state, in the order FILED,
// DISPATCHED, IN_PROGRESS, WAITING, ANSWERED, CLOSED:
//
//	F D P W A C   it works and leads to that state (P is IN_PROGRESS)
//	.             STATE_FORBIDS
//	x             refused like a stranger
//	r             RouteRefused is recorded
//	n             TICKET_NOT_FOUND
var grid = []struct {
	verb   Verb
	denied string
	rows   map[string]string
}{
	{VerbDispatch, "NOT_DESK", map[string]string{"desk": "D....."}},
	{VerbRoute, "NOT_PARTY", map[string]string{"router": "Drrrrr"}},
	{VerbSign, "NOT_HOLDER", map[string]string{"holder": "xP...."}},
	{VerbContact, "NOT_HOLDER", map[string]string{"holder": "xDPW.."}},
	{VerbAsk, "NOT_HOLDER", map[string]string{"holder": "x.W..."}},
	{VerbReply, "NOT_FILER", map[string]string{"filer": "...P..", "member": "...P.."}},
	{VerbAnswer, "NOT_HOLDER", map[string]string{"holder": "x.A..."}},
	{VerbVerify, "NOT_FILER", map[string]string{"filer": "....C.", "member": "....C."}},
	{VerbCallback, "NOT_DESK", map[string]string{"desk": "....C."}},
	{VerbReopen, "NOT_FILER", map[string]string{"filer": ".....P", "member": ".....P"}},
	{VerbWithdraw, "NOT_FILER", map[string]string{"filer": "CCCCC.", "member": "CCCCC."}},
	{VerbReject, "NOT_DESK", map[string]string{"desk": "CDP..."}},
	{VerbMessage, "NOT_PARTY", map[string]string{"filer": "FDPWA.", "member": "FDPWA.", "holder": "xDPWA.", "desk": "FDPWA."}},
	{VerbClaim, "NOT_PARTY", map[string]string{
		"filer": "FDPWAC", "member": "nnnnnn", "holder": "nnnnnn", "desk": "nnnnnn", "other": "nnnnnn", "supervisor": "nnnnnn", "stranger": "nnnnnn",
	}},
}

var cast = map[string]Actor{
	"filer": theFiler, "member": theMember, "holder": theHolder, "desk": theDesk, "router": Router, "system": Clockwork, "stranger": theStranger,
	"other":      person(pt.Attendant2, policy.RoleAttendant),
	"supervisor": person(pt.Supervisor, policy.RoleSupervisor, policy.RoleLeader, policy.RoleMayorOffice),
	"service":    {Kind: ServiceActor, Name: "directory"},
	"nobody":     {Kind: PersonActor},
	"no kind":    {Person: filerID},
}

var letters = map[byte]State{
	'F': StateFiled, 'D': StateDispatched, 'P': StateInProgress, 'W': StateWaiting, 'A': StateAnswered, 'C': StateClosed,
}

// in returns a ticket that has just come to a state.
func in(tb testing.TB, s State) *play {
	tb.Helper()
	p := newPlay(tb, pt.City(tb), "2026-03-02 09:00").file()
	steps := []func() *play{
		p.dispatch, p.sign, p.ask, func() *play { return p.reply().answer() },
		func() *play { return p.verify(true, true, Satisfied) },
	}
	for i := range int(s - StateFiled) {
		steps[i]()
	}
	if p.t.State != s {
		tb.Fatalf("is %s, want %s", p.t.State, s)
	}
	return p
}

func use(v Verb, t *Ticket, c Context) ([]Event, error) {
	switch v {
	case VerbDispatch:
		return t.Dispatch(c, pt.Attendant)
	case VerbRoute:
		return t.AcceptProposal(c, Proposal{Position: 7, Version: t.Version, Official: pt.Attendant, Reason: "enterprise-attendant"})
	case VerbSign:
		return t.Sign(c)
	case VerbContact:
		return t.Contact(c, "phone", "note")
	case VerbAsk:
		return t.Ask(c, "question")
	case VerbReply:
		return t.Reply(c, "reply")
	case VerbAnswer:
		return t.Answer(c, AnswerInput{Outcome: Solved, Message: "answer"})
	case VerbVerify:
		return t.Verify(c, Verified{Contacted: true, Solved: true, Satisfied: Satisfied})
	case VerbCallback:
		return t.RecordCallback(c, Verified{Contacted: true, Solved: true, Satisfied: Basically})
	case VerbReopen:
		return t.Reopen(c, "reason")
	case VerbWithdraw:
		return t.Withdraw(c, "reason")
	case VerbReject:
		return t.Reject(c, "litigation", "reason")
	case VerbMessage:
		return t.Message(c, "message")
	case VerbClaim:
		return t.Claim(c)
	}
	panic("no such verb: " + v)
}

func TestGrid(t *testing.T) {
	for _, row := range grid {
		for who, actor := range cast {
			for i, s := range States() {
				cell := byte('x')
				if cells, ok := row.rows[who]; ok {
					cell = cells[i]
				}
				t.Run(string(row.verb)+"/"+who+"/"+s.String(), func(t *testing.T) { checkCell(t, row.verb, actor, s, cell, row.denied) })
			}
		}
	}
}

func checkCell(t *testing.T, v Verb, actor Actor, s State, cell byte, denied string) {
	p := in(t, s)
	c := p.context(actor)
	offered := slices.Contains(p.t.Actions(c), string(v))
	events, err := use(v, p.t, c)
	if to, works := letters[cell]; works {
		if p.take(events, err); p.t.State != to {
			t.Errorf("leads to %s, want %s", p.t.State, to)
		}
		if v != VerbRoute && v != VerbClaim && !offered {
			t.Error("works but is not offered")
		}
		return
	}
	if offered {
		t.Error("is offered but does not work")
	}
	if cell == 'r' {
		if len(events) != 1 || events[0].Body != (RouteRefused{7, pt.Attendant, RefusedNotFiled}) {
			t.Errorf("got %v, want the proposal refused", events)
		}
		return
	}
	reason := map[byte]string{'.': "STATE_FORBIDS", 'x': denied, 'n': "TICKET_NOT_FOUND"}[cell]
	if !fault.Has(err, reason) || events != nil {
		t.Fatalf("got %v, %v, want %s", events, err, reason)
	}
	if f := fault.From(err); cell == '.' && (f.Metadata["state"] != s.String() || f.Metadata["next"] != s.Next()) {
		t.Errorf("metadata %v", f.Metadata)
	}
}

// TestVerbsLeaveTheTicketAlone: a verb decides and changes nothing.
func TestVerbsLeaveTheTicketAlone(t *testing.T) {
	for _, row := range grid {
		for _, s := range States() {
			p := in(t, s).at("2026-06-01 12:00") // so that there is much to settle
			before := snapshot(t, p.t)
			for _, actor := range cast {
				_, _ = use(row.verb, p.t, p.context(actor))
			}
			if after := snapshot(t, p.t); after != before {
				t.Fatalf("%s in %s changed the ticket:\n%s\n%s", row.verb, s, before, after)
			}
		}
	}
}
