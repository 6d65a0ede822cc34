package route

// Stage is where a ticket stands in the eyes of this service.
type Stage int

// The stages.
const (
	// Unheld: nobody was found, or the claim was given back; the dispatcher's queue has it.
	Unheld Stage = iota
	// Claimed: somebody is proposed and counted as loaded until the hotline answers.
	Claimed
	// Held: the hotline gave it to the official, who has not answered it yet.
	Held
	// Done: answered or closed; whoever held it would hold it again.
	Done
)

// Ticket is what this service remembers of a ticket: who is proposed for it or holds it.
type Ticket struct {
	Official string // empty when nobody
	Stage    Stage
}

// Loads tells whether the ticket counts as its official's load.
func (t Ticket) Loads() bool { return t.Official != "" && (t.Stage == Claimed || t.Stage == Held) }

// Proposed is the ticket after a choice.
func (t Ticket) Proposed(c Choice) Ticket {
	if c.Official == "" {
		return Ticket{Stage: Unheld}
	}
	return Ticket{Official: c.Official, Stage: Claimed}
}

// Dispatched is the ticket after the hotline gave it to somebody.
func (t Ticket) Dispatched(official string) Ticket { return Ticket{Official: official, Stage: Held} }

// Refused is the ticket after the hotline refused a proposal of an official. Whoever was given it meanwhile keeps it.
func (t Ticket) Refused(official string) Ticket {
	if t.Stage != Claimed || t.Official != official {
		return t
	}
	return Ticket{Stage: Unheld}
}

// Answered is the ticket off its holder's open desk, after an answer or a close.
func (t Ticket) Answered() Ticket {
	if t.Stage == Claimed {
		t.Official = ""
	}
	t.Stage = Done
	return t
}

// Reopened is the ticket back on its holder's desk.
func (t Ticket) Reopened() Ticket {
	if t.Official == "" {
		return Ticket{Stage: Unheld}
	}
	t.Stage = Held
	return t
}

// Returns tells whose claim was given back between two moments of a ticket; empty when nobody's.
func Returns(before, after Ticket) string {
	if before.Stage == Claimed && before.Official != after.Official {
		return before.Official
	}
	return ""
}
