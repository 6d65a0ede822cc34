package ticket

import (
	"slices"
	"testing"
	"time"

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
//	-             what the verb is about is not there
var grid = []gridRow{
	{VerbDispatch, "NOT_DESK", map[string]string{"desk": "D.....", "office": "D....."}},
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
	{VerbReject, "NOT_DESK", map[string]string{"desk": "CDP...", "office": "CDP..."}},
	{VerbMessage, "NOT_PARTY", map[string]string{"filer": "FDPWA.", "member": "FDPWA.", "holder": "xDPWA.", "desk": "FDPWA."}},
	{VerbAttach, "NOT_PARTY", map[string]string{"filer": "FDPWAC", "member": "FDPWAC", "holder": "xDPWA.", "desk": "FDPWA."}},
	{VerbNote, "NOT_INSIDE", map[string]string{
		"holder": "xDPWAC", "desk": "FDPWAC", "supervisor": "FDPWAC", "office": "FDPWAC", "clerk": "FDPWAC",
	}},
	{VerbReveal, "NOT_INSIDE", map[string]string{"holder": "xDPWA.", "desk": "FDPWA.", "supervisor": "FDPWA.", "office": "FDPWA.", "clerk": "-DPW-."}},
	{VerbClaim, "NOT_PARTY", map[string]string{
		"filer": "FDPWAC", "member": "nnnnnn", "holder": "nnnnnn", "desk": "nnnnnn", "other": "nnnnnn", "supervisor": "nnnnnn", "stranger": "nnnnnn",
		"office": "nnnnnn", "clerk": "nnnnnn", "other clerk": "nnnnnn", "leader": "nnnnnn", "speaker": "nnnnnn",
	}},
	{VerbLink, "NOT_PARTY", anyPerson},
	{VerbUnlink, "NOT_PARTY", anyPerson},

	{VerbOrder, "NOT_HOLDER", map[string]string{"holder": "x.PW..", "desk": "..PW.."}},
	{VerbSignOrder, "NOT_UNIT", map[string]string{"clerk": ".DPW.."}},
	{VerbFinishOrder, "NOT_UNIT", map[string]string{"clerk": ".DPW.."}},
	{VerbWaiveOrder, "NOT_HOLDER", map[string]string{"holder": "xDPW..", "supervisor": ".DPW..", "office": ".DPW.."}},
	{VerbReturnOrder, "NOT_UNIT", map[string]string{"clerk": ".DPW.."}},
	{VerbReturn, "NOT_HOLDER", map[string]string{"holder": "xDP..."}},
	{VerbDecideReturn, "NOT_DESK", map[string]string{"desk": ".FFF..", "supervisor": ".FFF..", "office": ".FFF.."}},
	{VerbExtend, "NOT_HOLDER", map[string]string{"holder": "x.P..."}},
	{VerbDecideExtension, "NOT_OFFICE", map[string]string{"supervisor": ".-PW..", "office": ".-PW.."}},
	{VerbSupervise, "NOT_OFFICE", map[string]string{"supervisor": "FDPWA.", "office": "FDPWA."}},
	{VerbInstruct, "NOT_OFFICE", map[string]string{"supervisor": "FDPWA.", "office": "FDPWA."}},
	{VerbMerge, "NOT_DESK", map[string]string{"desk": "CCCCC.", "office": "CCCCC."}},
	{VerbNameConflict, "NOT_FILER", map[string]string{"filer": "FFFFFC", "member": "FFFFFC", "office": "FFFFFC"}},
	{VerbHandOver, "NOT_PARTY", map[string]string{"router": "rDDWAr"}},
	{VerbMissedCall, "NOT_DESK", map[string]string{"desk": "....A."}},
	{VerbAskDialogue, "NOT_FILER", map[string]string{"filer": "FDPWA.", "member": "FDPWA."}},
	{VerbTakeDialogue, "NOT_OFFICE", map[string]string{"office": "FDPWA.", "speaker": "FDPWAx"}},
	{VerbDeclineDialogue, "NOT_OFFICE", map[string]string{"office": "FDPWA."}},
	{VerbHandOnDialogue, "NOT_OFFICE", map[string]string{"office": "FDPWA.", "speaker": "FDPWAx"}},
	{VerbHoldDialogue, "NOT_OFFICE", map[string]string{"office": "FDPWA.", "speaker": "FDPWAx"}},
}

// anyPerson is what the ticket leaves to others to judge.
var anyPerson = map[string]string{
	"filer": "FDPWAC", "member": "FDPWAC", "holder": "FDPWAC", "desk": "FDPWAC", "other": "FDPWAC", "supervisor": "FDPWAC", "stranger": "FDPWAC",
	"office": "FDPWAC", "clerk": "FDPWAC", "other clerk": "FDPWAC", "leader": "FDPWAC", "speaker": "FDPWAC",
}

type gridRow struct {
	verb   Verb
	denied string
	rows   map[string]string // by actor of the cast; nobody else may
}

var cast = map[string]Actor{
	"filer": theFiler, "member": theMember, "holder": theHolder, "desk": theDesk, "router": Router, "system": Clockwork, "stranger": theStranger,
	"other":      person(pt.Attendant2, policy.RoleAttendant),
	"supervisor": person(pt.Supervisor, policy.RoleSupervisor, policy.RoleLeader),
	"office":     person(pt.MayorOffice, policy.RoleMayorOffice),
	"clerk":      {Kind: PersonActor, Person: pt.Clerk, Roles: []policy.Role{policy.RoleClerk}, Units: []string{pt.Water}},
	"other clerk": {
		Kind: PersonActor, Person: pt.MarketClerk, Roles: []policy.Role{policy.RoleClerk}, Units: []string{pt.Market, pt.Desk},
	},
	"leader":  person(pt.HousingLeader, policy.RoleLeader),
	"speaker": person(pt.Mayor, policy.RoleLeader),
	"service": {Kind: ServiceActor, Name: "directory"},
	"nobody":  {Kind: PersonActor},
	"no kind": {Person: filerID},
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

// staged returns a ticket in a state in which what a verb is about is there, if it can be.
func staged(tb testing.TB, v Verb, s State) *play {
	tb.Helper()
	switch v {
	case VerbSignOrder, VerbFinishOrder, VerbWaiveOrder, VerbReturnOrder, VerbNote, VerbReveal:
		return withOrder(tb, v, s)
	case VerbDecideReturn:
		return withReturn(tb, s)
	case VerbDecideExtension:
		p := in(tb, min(s, StateInProgress))
		if s < StateInProgress {
			return p
		}
		return p.take(p.t.Extend(p.context(theHolder), 2, "reason")).on(s)
	case VerbMissedCall:
		p := in(tb, min(s, StateInProgress))
		return p.take(p.t.Supervise(p.context(cast["supervisor"]), "order")).on(s)
	case VerbTakeDialogue, VerbDeclineDialogue, VerbHandOnDialogue, VerbHoldDialogue:
		p := in(tb, StateFiled)
		p.take(p.t.AskDialogue(p.context(theFiler), "topic"))
		return p.take(p.t.HandOnDialogue(p.context(cast["office"]), pt.Mayor, "reason")).on(s)
	}
	return in(tb, s)
}

// withOrder gives Water an order while another official has the ticket in hand, and brings it to a state from there.
func withOrder(tb testing.TB, v Verb, s State) *play {
	p := newPlay(tb, pt.City(tb), "2026-03-02 09:00").file()
	p.take(p.t.Dispatch(p.context(theDesk), pt.Attendant2))
	p.take(p.t.Sign(p.context(cast["other"])))
	p.take(p.t.CreateOrder(p.context(theDesk), OrderInput{Unit: pt.Water, Message: "part"}))
	if v == VerbFinishOrder {
		p.take(p.t.SignOrder(p.context(cast["clerk"]), 1))
	}
	to := pt.Attendant
	if s == StateFiled {
		to = ""
	}
	p.take(p.t.AcceptHandover(p.context(Router), Handover{Position: 1, From: pt.Attendant2, Official: to, Reason: "leave"}))
	if s >= StateAnswered {
		p.take(p.t.WaiveOrder(p.context(theHolder), 1, "reason"))
	}
	return p.on(s)
}

func withReturn(tb testing.TB, s State) *play {
	p := in(tb, min(s, StateDispatched))
	if s >= StateDispatched {
		p.take(p.t.Return(p.context(theHolder), ReturnInput{Reason: "other", Message: "basis", Target: pt.Market}))
	}
	return p.on(s)
}

// on brings a ticket on to a later state, or leaves it.
func (p *play) on(s State) *play {
	p.Helper()
	for p.t.State < s {
		switch p.t.State {
		case StateFiled:
			p.dispatch()
		case StateDispatched:
			p.sign()
		case StateInProgress:
			if s == StateWaiting {
				p.ask()
			} else {
				p.answer()
			}
		default:
			p.verify(true, true, Satisfied)
		}
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
	case VerbLink:
		return t.LinkIssue(c, "issue")
	case VerbUnlink:
		return t.UnlinkIssue(c, t.Issue)
	case VerbAttach:
		return nil, t.MayAttach(c)
	case VerbNote:
		return nil, t.MayNote(c)
	case VerbReveal:
		return t.RevealContact(c, "call", "")
	}
	return useAside(v, t, c)
}

func useAside(v Verb, t *Ticket, c Context) ([]Event, error) {
	switch v {
	case VerbOrder:
		return t.CreateOrder(c, OrderInput{Unit: pt.Market, Message: "part"})
	case VerbSignOrder:
		return t.SignOrder(c, 1)
	case VerbFinishOrder:
		return t.FinishOrder(c, 1, "report")
	case VerbWaiveOrder:
		return t.WaiveOrder(c, 1, "reason")
	case VerbReturnOrder:
		return t.Return(c, ReturnInput{Order: 1, Reason: "not-our-duty", Message: "basis", Target: pt.Market})
	case VerbReturn:
		return t.Return(c, ReturnInput{Reason: "not-our-duty", Message: "basis", Target: pt.Market})
	case VerbDecideReturn:
		return t.DecideReturn(c, ReturnDecision{Number: 1, Granted: true, Message: "reason"})
	case VerbExtend:
		return t.Extend(c, 2, "reason")
	case VerbDecideExtension:
		return t.DecideExtension(c, 1, true, "reason")
	case VerbSupervise:
		return t.Supervise(c, "order")
	case VerbInstruct:
		return t.Instruct(c, "instruction")
	case VerbMerge:
		own, _, err := t.Merge(c, earlier(c.City), "reason", false)
		return own, err
	case VerbNameConflict:
		return t.NameConflict(c, []string{pt.Attendant}, nil)
	case VerbHandOver:
		return t.AcceptHandover(c, Handover{Position: 7, From: t.Official, Official: pt.Clerk, Reason: "leave"})
	case VerbMissedCall:
		return t.RecordMissedCall(c)
	case VerbAskDialogue:
		return t.AskDialogue(c, "topic")
	case VerbTakeDialogue:
		return t.TakeDialogue(c, pt.Mayor, c.Now.Add(time.Hour), "phone")
	case VerbDeclineDialogue:
		return t.DeclineDialogue(c, "reason")
	case VerbHandOnDialogue:
		return t.HandOnDialogue(c, pt.MarketLeader, "reason")
	case VerbHoldDialogue:
		return t.HoldDialogue(c, "record", "phone")
	}
	panic("no such verb: " + v)
}

// earlier returns a ticket of the same enterprise, filed a little before all others here.
func earlier(city *policy.City) *Ticket {
	f := filing()
	f.ID = "01900000-0000-7000-8000-000000000001"
	events, err := File(Context{Now: pt.At("2026-03-02 08:59"), Actor: theFiler, City: city}, f)
	if err != nil {
		panic(err)
	}
	t, err := Fold(pt.Code, f.ID, events)
	if err != nil {
		panic(err)
	}
	return t
}

// unmet are the reasons of what is not there.
var unmet = map[Verb]string{VerbDecideExtension: "EXTENSION_NOT_PENDING", VerbReveal: "CONTACT_NOT_HELD"}

// notOffered are the verbs that no button is for.
var notOffered = []Verb{VerbRoute, VerbHandOver, VerbClaim, VerbLink, VerbUnlink}

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
	p := staged(t, v, s)
	c := p.context(actor)
	offered := slices.Contains(append(p.t.Actions(c), p.t.OrderActions(c, 1)...), string(v))
	events, err := use(v, p.t, c)
	if to, works := letters[cell]; works {
		if p.take(events, err); p.t.State != to {
			t.Errorf("leads to %s, want %s", p.t.State, to)
		}
		if !slices.Contains(notOffered, v) && !offered {
			t.Error("works but is not offered")
		}
		return
	}
	if offered {
		t.Error("is offered but does not work")
	}
	if cell == 'r' {
		want := RouteRefused{7, pt.Attendant, RefusedNotFiled}
		if v == VerbHandOver {
			want = RouteRefused{7, pt.Clerk, RefusedChanged}
		}
		if len(events) != 1 || events[0].Body != want {
			t.Errorf("got %v, want the proposal refused", events)
		}
		return
	}
	reason := map[byte]string{'.': "STATE_FORBIDS", 'x': denied, 'n': "TICKET_NOT_FOUND", '-': unmet[v]}[cell]
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
			p := staged(t, row.verb, s).at("2026-06-01 12:00") // so that there is much to settle
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

// TestTheGridIsWhole: no verb of the table is missing in the grid, but for those that happen by themselves.
func TestTheGridIsWhole(t *testing.T) {
	for _, e := range edges {
		inGrid := slices.ContainsFunc(grid, func(r gridRow) bool { return r.verb == e.Verb })
		if byItself := e.Who == System || e.Verb == VerbFile; inGrid == byItself {
			t.Errorf("%s: in the grid %t", e.Verb, inGrid)
		}
	}
}

// TestKeptOutMayNothing: whoever is named may do to the ticket what a stranger may, whatever they were to it.
func TestKeptOutMayNothing(t *testing.T) {
	for _, row := range grid {
		for who := range row.rows {
			actor := cast[who]
			if actor.Kind != PersonActor || row.verb == VerbClaim || row.verb == VerbLink || row.verb == VerbUnlink || who == "filer" || who == "member" {
				continue
			}
			for _, s := range States() {
				p := staged(t, row.verb, s)
				p.t.Conflict = Conflict{Officials: []string{actor.Person}}
				if events, err := use(row.verb, p.t, p.context(actor)); !fault.Has(err, row.denied) || events != nil {
					t.Errorf("%s by %s in %s: %v, %v", row.verb, who, s, events, err)
				}
				if offered := append(p.t.Actions(p.context(actor)), p.t.OrderActions(p.context(actor), 1)...); len(offered) > 0 {
					t.Errorf("%s in %s is offered %v", who, s, offered)
				}
			}
		}
	}
}
