package ticket

// The numbers of these words are those of the contract, so that a stored ticket reads the same everywhere; a test holds them
// together.

// State is where a ticket stands.
type State int8

// The states of a ticket.
const (
	StateNone State = iota
	StateFiled
	StateDispatched
	StateInProgress
	StateWaiting
	StateAnswered
	StateClosed
)

var stateWords = [...]string{"", "FILED", "DISPATCHED", "IN_PROGRESS", "WAITING", "ANSWERED", "CLOSED"}

// String returns the contract's word.
func (s State) String() string { return word(stateWords[:], int(s)) }

// Open reports whether somebody still has to act.
func (s State) Open() bool { return s > StateNone && s < StateClosed }

// Next returns who acts next: desk, holder, filer or nobody.
func (s State) Next() string {
	switch s {
	case StateFiled:
		return "desk"
	case StateDispatched, StateInProgress:
		return "holder"
	case StateWaiting, StateAnswered:
		return "filer"
	default:
		return "nobody"
	}
}

// States lists every state a ticket can be in.
func States() []State {
	return []State{StateFiled, StateDispatched, StateInProgress, StateWaiting, StateAnswered, StateClosed}
}

// CloseReason is why a ticket is closed.
type CloseReason int8

// The reasons of closing.
const (
	NotClosed CloseReason = iota
	ClosedVerified
	ClosedUnverified
	ClosedWithdrawn
	ClosedRejected
	ClosedMerged
)

var closeWords = [...]string{"", "VERIFIED", "UNVERIFIED", "WITHDRAWN", "REJECTED", "MERGED"}

// String returns the contract's word, nothing for an open ticket.
func (r CloseReason) String() string { return word(closeWords[:], int(r)) }

// Urgency is how urgent a ticket is.
type Urgency int8

// The urgencies.
const (
	UrgencyNone Urgency = iota
	Normal
	Urgent
)

var urgencyWords = [...]string{"", "NORMAL", "URGENT"}

// String returns the contract's word.
func (u Urgency) String() string { return word(urgencyWords[:], int(u)) }

// policyWord returns the word by which a policy matches.
func (u Urgency) policyWord() string {
	if u == Urgent {
		return "urgent"
	}
	return "normal"
}

// Kind is what a clock measures.
type Kind int8

// The kinds of clock.
const (
	KindNone Kind = iota
	KindDispatch
	KindSign
	KindContact
	KindAnswer
	KindVerify
	KindOrderSign // of a work order
	KindHandle    // of a work order
	KindReturn    // a referee's decision
	KindExtension // a supervisor's decision
	KindDialogue
)

var kindWords = [...]string{"", "dispatch", "sign", "contact", "answer", "verify", "order_sign", "handle", "return", "extension", "dialogue"}

// String returns the word by which policies and filters name the clock.
func (k Kind) String() string { return word(kindWords[:], int(k)) }

// Kinds lists every kind of clock that a ticket has of its own: all but those of work orders, of which there can be many at a time.
func Kinds() []Kind {
	return []Kind{KindDispatch, KindSign, KindContact, KindAnswer, KindVerify, KindReturn, KindExtension, KindDialogue}
}

// OrderKinds lists the kinds of clock that a work order has.
func OrderKinds() []Kind { return []Kind{KindOrderSign, KindHandle} }

// ClockState is how a clock stands.
type ClockState int8

// The states of a clock.
const (
	ClockNone ClockState = iota
	Running
	Paused
	Met
	Breached
	Disputed
	Superseded
	Ended
)

var clockWords = [...]string{"", "RUNNING", "PAUSED", "MET", "BREACHED", "DISPUTED", "SUPERSEDED", "ENDED"}

// String returns the contract's word.
func (s ClockState) String() string { return word(clockWords[:], int(s)) }

// Outcome is what came of a ticket, in the holder's words.
type Outcome int8

// The outcomes of an answer.
const (
	OutcomeNone Outcome = iota
	Solved
	Partly
	Explained
	NotPossible
)

var outcomeWords = [...]string{"", "SOLVED", "PARTLY", "EXPLAINED", "NOT_POSSIBLE"}

// String returns the contract's word.
func (o Outcome) String() string { return word(outcomeWords[:], int(o)) }

// Satisfaction is how satisfied a filer is.
type Satisfaction int8

// The satisfactions.
const (
	SatisfactionNone Satisfaction = iota
	Satisfied
	Basically
	Dissatisfied
)

var satisfactionWords = [...]string{"", "SATISFIED", "BASICALLY", "DISSATISFIED"}

// String returns the contract's word.
func (s Satisfaction) String() string { return word(satisfactionWords[:], int(s)) }

// Author is who wrote a word.
type Author int8

// The authors.
const (
	AuthorNone Author = iota
	AuthorFiler
	AuthorHolder
	AuthorDesk
	AuthorUnit   // a unit with a work order
	AuthorOffice // the mayor's office, a supervisor or a leader
)

var authorWords = [...]string{"", "FILER", "HOLDER", "DESK", "UNIT", "OFFICE"}

// String returns the contract's word.
func (a Author) String() string { return word(authorWords[:], int(a)) }

// OrderState is how a work order stands.
type OrderState int8

// The states of a work order.
const (
	NoOrder OrderState = iota
	SentOrder
	SignedOrder
	DoneOrder
	WaivedOrder
	ReturnedOrder
	EndedOrder // with the ticket, or because it left its holder
)

var orderWords = [...]string{"", "SENT", "SIGNED", "DONE", "WAIVED", "RETURNED", "ENDED"}

// String returns the contract's word.
func (s OrderState) String() string { return word(orderWords[:], int(s)) }

// Open reports whether the unit still has to act.
func (s OrderState) Open() bool { return s == SentOrder || s == SignedOrder }

// DialogueState is how a direct dialogue stands.
type DialogueState int8

// The states of a direct dialogue.
const (
	DialogueNone DialogueState = iota
	DialogueAsked
	DialogueAppointed
	DialogueRefused
	DialogueDone
	DialogueEnded // with the ticket
)

var dialogueWords = [...]string{"", "REQUESTED", "TAKEN", "DECLINED", "HELD", "ENDED"}

// String returns the contract's word.
func (s DialogueState) String() string { return word(dialogueWords[:], int(s)) }

// Open reports whether it is still to be held or declined.
func (s DialogueState) Open() bool { return s == DialogueAsked || s == DialogueAppointed }

func word(words []string, i int) string {
	if i < 0 || i >= len(words) {
		return "?"
	}
	return words[i]
}
