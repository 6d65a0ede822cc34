package replay

import (
	"cmp"
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline"
)

// The states of a ticket, in the words of the contract.
const (
	filed      = "FILED"
	dispatched = "DISPATCHED"
	inProgress = "IN_PROGRESS"
	waiting    = "WAITING"
	answered   = "ANSWERED"
	closed     = "CLOSED"
)

// The verbs of the process.
const (
	verbFile            = "file"
	verbDispatch        = "dispatch"
	verbRoute           = "route"
	verbSign            = "sign"
	verbContact         = "contact"
	verbAsk             = "ask"
	verbReply           = "reply"
	verbLapse           = "lapse"
	verbAnswer          = "answer"
	verbVerify          = "verify"
	verbCallback        = "recordCallback"
	verbSilence         = "silence"
	verbReopen          = "reopen"
	verbWithdraw        = "withdraw"
	verbReject          = "reject"
	verbMessage         = "message"
	verbClaim           = "claim"
	verbOrder           = "createWorkOrder"
	verbSignOrder       = "signOrder"
	verbFinishOrder     = "finishOrder"
	verbWaiveOrder      = "waiveOrder"
	verbReturnOrder     = "returnOrder"
	verbReturn          = "return"
	verbDecideReturn    = "decideReturn"
	verbExtend          = "extend"
	verbDecideExtension = "decideExtension"
	verbSupervise       = "supervise"
	verbInstruct        = "instruct"
	verbMerge           = "merge"
	verbNameConflict    = "nameConflict"
	verbHandOver        = "handOver"
	verbMissedCall      = "recordMissedCall"
	verbAskDialogue     = "requestDialogue"
	verbTakeDialogue    = "takeDialogue"
	verbDeclineDialogue = "declineDialogue"
	verbHandOnDialogue  = "handOnDialogue"
	verbHoldDialogue    = "holdDialogue"
	verbLink            = "linkIssue"
	verbUnlink          = "unlinkIssue"
	verbAttach          = "attach"
	verbNote            = "note"
	verbReveal          = "revealContact"
)

// edge is a step of the process.
type edge = hotline.Edge

// stays are the verbs that may leave a ticket where it is although they can move it, with the states in which that happens: a proposal, a
// refusal, somebody named who does not hold it, another holder of what waits for a reply.
var stays = map[string][]string{
	verbReject:       {dispatched, inProgress},
	verbDecideReturn: {inProgress, waiting},
	verbNameConflict: {dispatched, inProgress, waiting, answered},
	verbHandOver:     {waiting},
}

// unreachable tells why an edge that the table allows can be taken by nobody while the clock waits for everything.
func unreachable(e edge) string {
	switch {
	case e.Verb == verbDecideExtension && e.From == dispatched:
		return "a request for more time ends with the holding that asked for it"
	case e.Verb == verbNote:
		return "a note lies beside the ticket, in a history of its own"
	case e.Verb == verbHandOver && e.From == answered:
		return "what is answered is not on its holder's open desk; only an answer while a hand-over is under way comes to it"
	case e.Verb == verbHandOver && e.From == waiting && e.To == dispatched:
		return "what waits for a reply goes on waiting"
	}
	return ""
}

// driven are the edges that the detours are to drive: all that can be.
func driven() []edge {
	all := hotline.Process()
	for verb, states := range stays {
		for _, s := range states {
			all = append(all, edge{Verb: verb, From: s, To: s})
		}
	}
	all = slices.DeleteFunc(all, func(e edge) bool { return unreachable(e) != "" })
	slices.SortFunc(all, compareEdges)
	return slices.Compact(all)
}

func compareEdges(a, b edge) int {
	return cmp.Or(cmp.Compare(a.Verb, b.Verb), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
}

// recorded is what is read of an exported event.
type recorded struct {
	Time  time.Time
	Event struct {
		Filed *struct {
			AppealType, Urgency string
			Confidential        bool
		}
		Dispatched *struct{ Reason string }
		Recalled   *struct {
			Cause    string
			Proposal int64 `json:",string"`
		}
		Resumed  *struct{ Cause string }
		Reopened *struct{ Cause string }
		Closed   *struct{ Reason string }
		Verified *struct{ Callback bool }

		Signed, Contacted, Asked, Answered, HandedOver, RejectionProposed, MessageWritten, Claimed, Supervised, Instructed *struct{}

		IssueLinked, IssueUnlinked, AttachmentAdded, ContactRevealed *struct{}

		Absorbed, ConflictNamed, DialogueRequested, DialogueTaken, DialogueDeclined, DialogueHeld, CallbackMissed *struct{}

		OrderCreated                    *struct{ Named bool }
		OrderSigned, OrderFinished      *struct{}
		OrderWaived, DialogueHandedOn   *struct{ Message string }
		ReturnRequested                 *struct{ Order int }
		ReturnDecided, ExtensionDecided *struct{ Decision string }
		ExtensionRequested              *struct{ Workdays int }
		Clocks                          []clockChange
	}
}

// clockChange is a clock after an event.
type clockChange struct {
	ID           int
	Kind, State  string
	Cycle, Order int
	Start, Due   time.Time
	Stop         *time.Time
	Provisional  bool
	Steps        []struct{ Time time.Time }
	StepsReached int
}

// edgesOf tells which steps of the process a history took. Most events are a verb's; some only follow from the one before, and move the
// ticket for it.
func edgesOf(events []recorded) []edge {
	f := &fold{}
	for i, e := range events {
		f.event(e)
		f.aside(events, i)
	}
	return slices.DeleteFunc(f.edges, func(e edge) bool { return e.Verb == "" })
}

type fold struct {
	state string
	edges []edge
}

// take is a verb that leads to a state.
func (f *fold) take(verb, to string) {
	f.edges = append(f.edges, edge{Verb: verb, From: f.state, To: to})
	f.state = to
}

// moved is where the last verb led after all.
func (f *fold) moved(to string) {
	f.edges[len(f.edges)-1].To = to
	f.state = to
}

func (f *fold) event(e recorded) {
	switch x := e.Event; {
	case x.Filed != nil:
		f.take(verbFile, filed)
	case x.Dispatched != nil:
		switch x.Dispatched.Reason {
		case "referee":
			f.moved(dispatched)
		case "dispatcher":
			f.take(verbDispatch, dispatched)
		default:
			f.take(verbRoute, dispatched)
		}
	case x.Recalled != nil && x.Recalled.Proposal > 0:
		f.take(verbHandOver, filed)
	case x.Recalled != nil:
		f.moved(filed)
	case x.HandedOver != nil && (f.state == waiting || f.state == answered):
		f.take(verbHandOver, f.state)
	case x.HandedOver != nil:
		f.take(verbHandOver, dispatched)
	case x.Signed != nil:
		f.take(verbSign, inProgress)
	case x.Asked != nil:
		f.take(verbAsk, waiting)
	case x.Resumed != nil && x.Resumed.Cause == "reply":
		f.take(verbReply, inProgress)
	case x.Resumed != nil && x.Resumed.Cause == "bound":
		f.take(verbLapse, inProgress)
	case x.Answered != nil:
		f.take(verbAnswer, answered)
	case x.Verified != nil && x.Verified.Callback:
		f.take(verbCallback, answered)
	case x.Verified != nil:
		f.take(verbVerify, answered)
	case x.Reopened != nil && x.Reopened.Cause == "filer":
		f.take(verbReopen, inProgress)
	case x.Reopened != nil:
		f.moved(inProgress)
	}
}

// aside are the events of what does not move a ticket, or ends it.
func (f *fold) aside(events []recorded, i int) {
	x := events[i].Event
	for verb, happened := range map[string]bool{
		verbContact: x.Contacted != nil, verbReject: x.RejectionProposed != nil, verbMessage: x.MessageWritten != nil, verbClaim: x.Claimed != nil,
		verbSupervise: x.Supervised != nil, verbInstruct: x.Instructed != nil, "": x.Absorbed != nil,
		verbNameConflict: x.ConflictNamed != nil && events[i-1].Event.Absorbed == nil,
		verbAskDialogue:  x.DialogueRequested != nil, verbTakeDialogue: x.DialogueTaken != nil, verbDeclineDialogue: x.DialogueDeclined != nil,
		verbHandOnDialogue: x.DialogueHandedOn != nil && x.DialogueHandedOn.Message != "", verbHoldDialogue: x.DialogueHeld != nil,
		verbLink: x.IssueLinked != nil, verbUnlink: x.IssueUnlinked != nil, verbAttach: x.AttachmentAdded != nil, verbReveal: x.ContactRevealed != nil,
		verbMissedCall: x.CallbackMissed != nil, verbOrder: x.OrderCreated != nil && !x.OrderCreated.Named, verbSignOrder: x.OrderSigned != nil,
		verbFinishOrder: x.OrderFinished != nil, verbWaiveOrder: x.OrderWaived != nil && x.OrderWaived.Message != "",
		verbReturn:       x.ReturnRequested != nil && x.ReturnRequested.Order == 0,
		verbReturnOrder:  x.ReturnRequested != nil && x.ReturnRequested.Order > 0,
		verbDecideReturn: x.ReturnDecided != nil && x.ReturnDecided.Decision != "overtaken", verbExtend: x.ExtensionRequested != nil,
		verbDecideExtension: x.ExtensionDecided != nil && x.ExtensionDecided.Decision != "overtaken",
	} {
		if happened {
			f.take(verb, f.state)
		}
	}
	if x.Closed == nil {
		return
	}
	switch x.Closed.Reason {
	case "VERIFIED":
		f.moved(closed)
	case "UNVERIFIED":
		f.take(verbSilence, closed)
	case "WITHDRAWN":
		f.take(verbWithdraw, closed)
	case "MERGED":
		f.take(verbMerge, closed)
	case "REJECTED":
		if f.state == filed && events[i-1].Event.RejectionProposed != nil && events[i-1].Time.Equal(events[i].Time) {
			f.moved(closed) // one person decides while nobody has it
			return
		}
		f.take(verbReject, closed)
	}
}
