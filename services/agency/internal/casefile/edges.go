package casefile

import "slices"

// Verb is what somebody does to a case or an item; its word is what Actions and the contract's methods say.
type Verb string

// The verbs on a case.
const (
	VerbOpen       Verb = "open"
	VerbAdmit      Verb = "admit"
	VerbDecline    Verb = "decline"
	VerbAnswer     Verb = "updateAnswers"
	VerbMove       Verb = "move"
	VerbOffer      Verb = "offerAgreement"
	VerbSign       Verb = "signAgreement"
	VerbSeal       Verb = "sealAgreement"
	VerbTerminate  Verb = "terminateAgreement"
	VerbExpire     Verb = "expire"
	VerbPropose    Verb = "propose"
	VerbChoose     Verb = "assignAgent"
	VerbClose      Verb = "close"
	VerbRequest    Verb = "requestMaterial"
	VerbSupply     Verb = "supply"
	VerbObtain     Verb = "obtain"
	VerbNote       Verb = "note"
	VerbMeet       Verb = "recordMeeting"
	VerbLinkTicket Verb = "raiseTicket"
	VerbReview     Verb = "openJointReview"
	VerbOpinion    Verb = "giveOpinion"
	VerbConclude   Verb = "concludeJointReview"
	VerbComplete   Verb = "complete" // every item is decided well
	VerbReopen     Verb = "reopen"   // one no longer is
)

// The verbs on an item.
const (
	VerbSubmit            Verb = "submit"
	VerbAccept            Verb = "accept"
	VerbDeem              Verb = "deem"
	VerbTakeOn            Verb = "takeOn"
	VerbNotAccept         Verb = "notAccept"
	VerbRefuseAcceptance  Verb = "refuseAcceptance"
	VerbRequestCorrection Verb = "requestCorrection"
	VerbCorrect           Verb = "correct"
	VerbLapse             Verb = "lapse" // not corrected in time
	VerbStartProcedure    Verb = "startProcedure"
	VerbEndProcedure      Verb = "endProcedure"
	VerbExtend            Verb = "extend"
	VerbApprove           Verb = "approve"
	VerbRefuse            Verb = "refuse"
	VerbWithdraw          Verb = "withdraw"
	VerbConfirmWithdrawal Verb = "confirmWithdrawal"
	VerbDeclineWithdrawal Verb = "declineWithdrawal"
	VerbRevoke            Verb = "revoke"
	VerbIssue             Verb = "issueCertificate"
	VerbCommit            Verb = "signCommitment"
	VerbConfirm           Verb = "confirm" // what was missing is there
	VerbBreak             Verb = "break"   // a commitment is overdue
	VerbPlan              Verb = "plan"    // the project changed
	VerbNoteReport        Verb = "noteReport"
)

// The verbs on a commitment.
const (
	VerbReport          Verb = "report"
	VerbCheck           Verb = "check"
	VerbAskExtension    Verb = "requestExtension"
	VerbDecideExtension Verb = "decideExtension"
	VerbRepair          Verb = "repair"
)

// CaseEdge says from which states of a case a verb may be used, by whom, and to which it can lead.
type CaseEdge struct {
	Verb Verb
	From []State
	Who  Party
	To   []State // nil when the state always stays
}

// ItemEdge is the same for items.
type ItemEdge struct {
	Verb Verb
	From []ItemState
	Who  Party
	To   []ItemState // nil when the state always stays
}

var (
	liveCase = []State{Applied, Open}
	everCase = []State{Applied, Open, Completed, Declined, Closed}
	// worked is a case whose items live.
	worked = []State{Open, Completed}
)

var caseEdges = []CaseEdge{
	{VerbOpen, []State{agencyNone}, Anybody, []State{Applied}},
	{VerbAdmit, []State{Applied}, Centre | Office | System, []State{Open}},
	{VerbDecline, []State{Applied}, Centre | Office, []State{Declined}},
	{VerbAnswer, liveCase, Applicant | Agent | Centre | Department, nil},
	{VerbMove, []State{Open}, Centre | Office, nil},
	{VerbOffer, []State{Open}, Centre, nil},
	{VerbSign, []State{Open}, Signer, nil},
	{VerbSeal, []State{Open}, Centre, nil},
	{VerbTerminate, worked, Signer | Centre, nil},
	{VerbExpire, worked, System, nil},
	{VerbPropose, everCase, Assigner, nil},
	{VerbChoose, []State{Open}, Centre, nil},
	{VerbClose, []State{Applied, Open}, Signer, []State{Closed}},
	{VerbRequest, []State{Open}, Agent, nil},
	{VerbSupply, worked, Applicant | Agent | Centre | Unit | Department, nil},
	{VerbObtain, worked, Unit | Line, nil},
	{VerbNote, []State{Applied, Open, Completed}, Applicant | Agent | Centre | Unit | Office | Department, nil},
	{VerbMeet, worked, Agent | Centre | Unit, nil},
	{VerbLinkTicket, everCase, Applicant | Agent | System, nil},
	{VerbReview, []State{Open}, Unit, nil},
	{VerbOpinion, []State{Open}, Unit, nil},
	{VerbConclude, []State{Open}, Unit, nil},
	{VerbComplete, []State{Open}, System, []State{Completed}},
	{VerbReopen, []State{Completed}, System, []State{Open}},
}

var (
	// handIn is from where an item can be handed in.
	handIn = []ItemState{Planned, Retracted, NotAccepted, AcceptanceRefused, Refused, Withdrawn, Revoked}
	// underWay lies with the unit, or waits for a correction of what lies there.
	underWay = []ItemState{Received, WindowAccepted, CorrectionOpen, Corrected, DepartmentAccepted, ProcedureOpen, ProcedureEnded, WithdrawalPending}
	// reviewed is where the unit can decide, once the item was accepted.
	reviewed = []ItemState{WindowAccepted, DepartmentAccepted, ProcedureEnded, Corrected}
	// acceptedOnce is where an item that was accepted can be.
	acceptedOnce = slices.Concat(underWay[1:], []ItemState{Approved, ApprovedTolerantly, Refused, Withdrawn, Revoked})
	anyItem      = append(append([]ItemState{Approved, ApprovedTolerantly}, handIn...), underWay...)
)

var itemEdges = []ItemEdge{
	{VerbSubmit, handIn, Applicant | Agent, []ItemState{Received}},
	{VerbAccept, []ItemState{Received, Corrected}, Unit | Line, []ItemState{WindowAccepted}},
	{VerbDeem, []ItemState{Received, Corrected}, System, []ItemState{WindowAccepted}},
	{VerbTakeOn, []ItemState{WindowAccepted}, Unit | Line, []ItemState{DepartmentAccepted}},
	{VerbNotAccept, []ItemState{Received}, Unit | Line, []ItemState{NotAccepted}},
	{VerbRefuseAcceptance, []ItemState{Received, Corrected}, Unit | Line, []ItemState{AcceptanceRefused}},
	{VerbRequestCorrection, []ItemState{Received, WindowAccepted, DepartmentAccepted}, Unit | Line, []ItemState{CorrectionOpen}},
	{VerbCorrect, []ItemState{CorrectionOpen}, Applicant | Agent, []ItemState{Corrected}},
	{VerbLapse, []ItemState{CorrectionOpen}, System, []ItemState{Retracted, Withdrawn}},
	{VerbLapse, []ItemState{WithdrawalPending}, System, []ItemState{Withdrawn}},
	{VerbStartProcedure, reviewed, Unit | Line, []ItemState{ProcedureOpen}},
	{VerbEndProcedure, []ItemState{ProcedureOpen}, Unit | Line | System, []ItemState{ProcedureEnded}},
	{VerbExtend, reviewed, Head, nil},
	{VerbApprove, append([]ItemState{Received}, reviewed...), Unit | Line, []ItemState{Approved, ApprovedTolerantly}}, // from RECEIVED on a promise
	{VerbRefuse, reviewed, Unit | Line, []ItemState{Refused}},
	{VerbWithdraw, []ItemState{Received, CorrectionOpen, Corrected}, Applicant, []ItemState{Retracted}},
	{VerbWithdraw, []ItemState{WindowAccepted, DepartmentAccepted, CorrectionOpen, Corrected, ProcedureOpen, ProcedureEnded}, Applicant, []ItemState{WithdrawalPending}},
	{VerbConfirmWithdrawal, []ItemState{WithdrawalPending}, Unit | Line | System, []ItemState{Withdrawn}},
	{VerbDeclineWithdrawal, []ItemState{WithdrawalPending}, Unit | Line, []ItemState{WindowAccepted, DepartmentAccepted, CorrectionOpen, Corrected, ProcedureEnded}},
	{VerbRevoke, []ItemState{Approved, ApprovedTolerantly}, Head, []ItemState{Revoked}},
	{VerbIssue, []ItemState{Approved, ApprovedTolerantly}, Unit | Line, nil},
	{VerbCommit, append([]ItemState{Received, CorrectionOpen, Corrected}, handIn...), Signer, nil}, // before acceptance
	{VerbConfirm, []ItemState{ApprovedTolerantly}, System, []ItemState{Approved}},
	{VerbBreak, []ItemState{WindowAccepted, DepartmentAccepted, CorrectionOpen, Corrected, ProcedureOpen, ProcedureEnded, WithdrawalPending}, System, []ItemState{Withdrawn, Refused}},
	{VerbBreak, []ItemState{Approved, ApprovedTolerantly}, System, []ItemState{Revoked}},
	{VerbPlan, handIn, System, []ItemState{Dropped}},
	{VerbPlan, []ItemState{Dropped}, System, []ItemState{Planned}},
	{VerbLinkTicket, append([]ItemState{Dropped}, anyItem...), Applicant | Agent | System, nil},
	{VerbNoteReport, acceptedOnce, Line, nil},
	{VerbReport, anyItem, Applicant, nil},
	{VerbCheck, anyItem, Unit, nil},
	{VerbAskExtension, anyItem, Applicant, nil},
	{VerbDecideExtension, anyItem, Unit, nil},
	{VerbRepair, append([]ItemState{Dropped}, anyItem...), Office, nil},
}

// CaseEdges returns the process of cases, as a copy.
func CaseEdges() []CaseEdge { return slices.Clone(caseEdges) }

// ItemEdges returns the process of items, as a copy.
func ItemEdges() []ItemEdge { return slices.Clone(itemEdges) }

// leads reports whether an edge of one of the verbs leads from a state to another.
func leads(from, to ItemState, verbs []Verb) bool {
	return slices.ContainsFunc(itemEdges, func(e ItemEdge) bool {
		return slices.Contains(verbs, e.Verb) && slices.Contains(e.From, from) && slices.Contains(e.To, to)
	})
}

// allowedCase returns why a party may not use a verb on a case in a state, nil when it may. Who it is comes before where the case stands: a stranger is
// not told the state.
func allowedCase(v Verb, s State, p Party) error {
	var who Party
	for _, e := range caseEdges {
		if e.Verb != v {
			continue
		}
		if who |= e.Who; e.Who&p != 0 && slices.Contains(e.From, s) {
			return nil
		}
	}
	if who&p == 0 {
		return notParty(who)
	}
	return ErrStateForbids.With("state", s.String()).With("verb", string(v))
}

func allowedItem(v Verb, s ItemState, p Party) error {
	var who Party
	for _, e := range itemEdges {
		if e.Verb != v {
			continue
		}
		if who |= e.Who; e.Who&p != 0 && slices.Contains(e.From, s) {
			return nil
		}
	}
	if who&p == 0 {
		return notParty(who)
	}
	return ErrItemStateForbids.With("state", s.String()).With("verb", string(v))
}
