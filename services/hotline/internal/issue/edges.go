package issue

import "slices"

// Verb is what somebody does to a common issue; its word is what Actions and the contract's methods say.
type Verb string

// The verbs.
const (
	VerbOpen   Verb = "create"
	VerbReplan Verb = "replan"
	VerbDecide Verb = "decide"
	VerbReport Verb = "report"
	VerbClose  Verb = "close"
	VerbReopen Verb = "reopen"
	VerbLink   Verb = "linkTickets"
	VerbUnlink Verb = "unlinkTickets"
)

// Edge says from which states a verb may be used, by whom, and to which states it can lead.
type Edge struct {
	Verb Verb
	From []State
	Who  Party
	To   []State // nil when the state always stays
}

var (
	onlyOpen = []State{StateOpen}
	ended    = []State{StateSolved, StateClosed}
)

// edges is the whole process. What is not listed is refused.
var edges = []Edge{
	{VerbOpen, []State{StateNone}, Office | Desk, onlyOpen},
	{VerbReplan, onlyOpen, Office | Lead, nil}, // from the lead unit a request
	{VerbDecide, onlyOpen, Office, nil},
	{VerbReport, onlyOpen, Lead | Assist, nil},
	{VerbClose, onlyOpen, Office, ended},
	{VerbReopen, ended, Office, onlyOpen},
	{VerbLink, onlyOpen, Office | Desk, nil},
	{VerbUnlink, States(), Office | Desk, nil},
}

// legal reports whether some verb leads from one state to the other.
func legal(from, to State) bool {
	return from == to || slices.ContainsFunc(edges, func(e Edge) bool {
		return slices.Contains(e.From, from) && slices.Contains(e.To, to)
	})
}

// allowed returns why a party may not use a verb in a state, nil when it may. Who it is comes before where the issue stands.
func allowed(v Verb, s State, p Party) error {
	for _, e := range edges {
		switch {
		case e.Verb != v:
		case e.Who&p == 0:
			return notParty(e.Who)
		case !slices.Contains(e.From, s):
			return stateForbids(v, s)
		default:
			return nil
		}
	}
	return stateForbids(v, s)
}
