package ticket

import "slices"

// Verb is what somebody does to a ticket; its word is what Actions and the contract's methods say.
type Verb string

// The verbs.
const (
	VerbFile     Verb = "file"
	VerbDispatch Verb = "dispatch"
	VerbRoute    Verb = "route"
	VerbSign     Verb = "sign"
	VerbContact  Verb = "contact"
	VerbAsk      Verb = "ask"
	VerbReply    Verb = "reply"
	VerbLapse    Verb = "lapse" // the bound ends a wait
	VerbAnswer   Verb = "answer"
	VerbVerify   Verb = "verify"
	VerbCallback Verb = "recordCallback"
	VerbSilence  Verb = "silence" // nobody verified
	VerbReopen   Verb = "reopen"
	VerbWithdraw Verb = "withdraw"
	VerbReject   Verb = "reject"
	VerbMessage  Verb = "message"
	VerbClaim    Verb = "claim"

	VerbOrder           Verb = "createWorkOrder"
	VerbSignOrder       Verb = "signOrder"
	VerbFinishOrder     Verb = "finishOrder"
	VerbWaiveOrder      Verb = "waiveOrder"
	VerbReturnOrder     Verb = "returnOrder"
	VerbReturn          Verb = "return"
	VerbDecideReturn    Verb = "decideReturn"
	VerbExtend          Verb = "extend"
	VerbDecideExtension Verb = "decideExtension"
	VerbSupervise       Verb = "supervise"
	VerbInstruct        Verb = "instruct"
	VerbMerge           Verb = "merge"
	VerbNameConflict    Verb = "nameConflict"
	VerbHandOver        Verb = "handOver"
	VerbMissedCall      Verb = "recordMissedCall"
	VerbAskDialogue     Verb = "requestDialogue"
	VerbTakeDialogue    Verb = "takeDialogue"
	VerbDeclineDialogue Verb = "declineDialogue"
	VerbHandOnDialogue  Verb = "handOnDialogue"
	VerbHoldDialogue    Verb = "holdDialogue"
	VerbLink            Verb = "linkIssue"
	VerbUnlink          Verb = "unlinkIssue"
	VerbAttach          Verb = "attach"
	VerbNote            Verb = "note"
	VerbReveal          Verb = "revealContact"
)

// Edge says from which states a verb may be used, by whom, and to which states it can lead.
type Edge struct {
	Verb Verb
	From []State
	Who  Party
	To   []State // nil when the state always stays
}

var (
	anyOpen   = []State{StateFiled, StateDispatched, StateInProgress, StateWaiting, StateAnswered}
	anyState  = States()
	underWork = []State{StateDispatched, StateInProgress, StateWaiting} // of a holder who has not answered
)

// edges is the whole process. What is not listed is refused.
var edges = []Edge{
	{VerbFile, []State{StateNone}, Anybody, []State{StateFiled}},
	{VerbDispatch, []State{StateFiled}, Desk | Office, []State{StateDispatched}},
	{VerbRoute, []State{StateFiled}, Routes, []State{StateDispatched}},
	{VerbSign, []State{StateDispatched}, Holder, []State{StateInProgress}},
	{VerbContact, underWork, Holder, nil},
	{VerbAsk, []State{StateInProgress}, Holder, []State{StateWaiting}},
	{VerbReply, []State{StateWaiting}, Filer, []State{StateInProgress}},
	{VerbLapse, []State{StateWaiting}, System, []State{StateInProgress}},
	{VerbAnswer, []State{StateInProgress}, Holder, []State{StateAnswered}},
	{VerbVerify, []State{StateAnswered}, Filer, []State{StateClosed, StateInProgress}},
	{VerbCallback, []State{StateAnswered}, Desk, []State{StateClosed, StateInProgress}},
	{VerbSilence, []State{StateAnswered}, System, []State{StateClosed}},
	{VerbReopen, []State{StateClosed}, Filer, []State{StateInProgress}},
	{VerbWithdraw, anyOpen, Filer, []State{StateClosed}},
	{VerbReject, []State{StateFiled, StateDispatched, StateInProgress}, Desk | Office, []State{StateClosed}}, // or a proposal, and the state stays
	{VerbMessage, anyOpen, Filer | Holder | Desk, nil},
	{VerbClaim, anyState, Anybody, nil},

	{VerbOrder, []State{StateInProgress, StateWaiting}, Holder | Desk, nil},
	{VerbSignOrder, underWork, Unit, nil},
	{VerbFinishOrder, underWork, Unit, nil},
	{VerbWaiveOrder, underWork, Holder | Super | Office, nil},
	{VerbReturnOrder, underWork, Unit, nil},
	{VerbReturn, []State{StateDispatched, StateInProgress}, Holder, nil},
	{VerbDecideReturn, underWork, Desk | Super | Office, []State{StateFiled, StateDispatched}},
	{VerbExtend, []State{StateInProgress}, Holder, nil},
	{VerbDecideExtension, underWork, Super | Office, nil},
	{VerbSupervise, anyOpen, Super | Office, nil},
	{VerbInstruct, anyOpen, Super | Office, nil},
	{VerbMerge, anyOpen, Desk | Office, []State{StateClosed}},
	{VerbNameConflict, anyOpen, Filer | Office, []State{StateFiled}}, // when its holder is kept out
	{VerbNameConflict, []State{StateClosed}, Filer | Office, nil},
	{VerbHandOver, []State{StateDispatched, StateInProgress, StateWaiting, StateAnswered}, Routes, []State{StateFiled, StateDispatched}},
	{VerbMissedCall, []State{StateAnswered}, Desk, nil},
	{VerbAskDialogue, anyOpen, Filer, nil},
	{VerbTakeDialogue, anyOpen, Office | Speaker, nil},
	{VerbDeclineDialogue, anyOpen, Office, nil},
	{VerbHandOnDialogue, anyOpen, Office | Speaker, nil},
	{VerbHoldDialogue, anyOpen, Office | Speaker, nil},
	{VerbLink, anyState, Anybody, nil}, // who may is the common issue's to say
	{VerbUnlink, anyState, Anybody, nil},
	{VerbAttach, anyState, Filer, nil},
	{VerbAttach, anyOpen, Holder | Desk, nil},
	{VerbNote, anyState, inside, nil},
	{VerbReveal, anyOpen, inside, nil},
}

// legal reports whether some verb leads from one state to the other.
func legal(from, to State) bool {
	return from == to || slices.ContainsFunc(edges, func(e Edge) bool {
		return slices.Contains(e.From, from) && slices.Contains(e.To, to)
	})
}

// whoMay returns everybody who may use a verb in some state.
func whoMay(v Verb) Party {
	var who Party
	for _, e := range edges {
		if e.Verb == v {
			who |= e.Who
		}
	}
	return who
}

// allowed returns why a party may not use a verb in a state, nil when it may. Who it is comes before where the ticket stands:
// a stranger is not told the state.
func allowed(v Verb, s State, p Party) error {
	who := whoMay(v)
	if who&p == 0 {
		return notParty(who)
	}
	for _, e := range edges {
		if e.Verb == v && e.Who&p != 0 && slices.Contains(e.From, s) {
			return nil
		}
	}
	return stateForbids(v, s)
}
