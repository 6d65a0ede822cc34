package route

// Stage is where a ticket stands in the eyes of this service.
type Stage int

// The stages.
const (
	// Unheld: nobody was found, the claim was given back, or it was taken back; the dispatcher's queue has it.
	Unheld Stage = iota
	// Claimed: somebody is proposed and counted as loaded until the hotline answers.
	Claimed
	// Held: the hotline gave it to the official, who has not answered it yet.
	Held
	// Done: answered or closed; whoever held it would hold it again.
	Done
)

// Ticket is what this service remembers of a ticket: who is proposed for it or holds it, and to whom it is being handed over.
type Ticket struct {
	Official string // empty when nobody
	Stage    Stage
	// Offer is the hand-over that waits for the hotline's answer; nil for none.
	Offer *Offer
	// Turned counts the hand-overs that the hotline refused since somebody came to hold it.
	Turned int
}

// Offer proposes to hand a held ticket over. Whom it is offered to counts as loaded until the hotline answers, as its holder does.
type Offer struct {
	Official string // empty for the desk's queue
	// After is where this service's own feed stood when it was decided: the proposal lies behind it.
	After int64
}

// Carriers are those whose load the ticket counts as.
func (t Ticket) Carriers() []string {
	var carriers []string
	if t.Official != "" && (t.Stage == Claimed || t.Stage == Held) {
		carriers = append(carriers, t.Official)
	}
	if t.Offer != nil && t.Offer.Official != "" && t.Offer.Official != t.Official {
		carriers = append(carriers, t.Offer.Official)
	}
	return carriers
}

// HeldBy tells whether the ticket is on an official's open desk.
func (t Ticket) HeldBy(official string) bool {
	return t.Stage == Held && t.Official == official && official != ""
}

// Proposed is the ticket after a choice.
func (t Ticket) Proposed(c Choice) Ticket {
	if c.Official == "" {
		return Ticket{Stage: Unheld}
	}
	return Ticket{Official: c.Official, Stage: Claimed}
}

// Dispatched is the ticket after the hotline gave it to somebody; a unit without a name takes it off every desk that is counted.
func (t Ticket) Dispatched(official string) Ticket {
	if official == "" {
		return Ticket{Stage: Unheld}
	}
	return Ticket{Official: official, Stage: Held}
}

// HandedOver is the ticket after the hotline gave it from its holder to another. One that is answered stays so: its next holder would
// hold it again.
func (t Ticket) HandedOver(official string) Ticket {
	if t.Stage == Done && official != "" {
		return Ticket{Official: official, Stage: Done}
	}
	return t.Dispatched(official)
}

// Recalled is the ticket back in the dispatchers' queue. It is theirs from here: nobody is proposed again.
func (t Ticket) Recalled() Ticket { return Ticket{Stage: Unheld} }

// Refused is the ticket after the hotline refused a proposal: of a hand-over, if there is one that the proposal's position lies behind,
// otherwise of the official claimed. Whoever was given it meanwhile keeps it.
func (t Ticket) Refused(official string, proposal int64) Ticket {
	switch {
	case t.Offer != nil && proposal > t.Offer.After:
		t.Offer = nil
		t.Turned++
		return t
	case t.Stage != Claimed || t.Official != official:
		return t
	}
	return Ticket{Stage: Unheld}
}

// Answered is the ticket off its holder's open desk, after an answer or a close.
func (t Ticket) Answered() Ticket {
	if t.Stage == Claimed {
		t.Official = ""
	}
	return Ticket{Official: t.Official, Stage: Done}
}

// Reopened is the ticket back on its holder's desk.
func (t Ticket) Reopened() Ticket {
	if t.Official == "" {
		return Ticket{Stage: Unheld}
	}
	return Ticket{Official: t.Official, Stage: Held}
}

// Returns tells whose claim was given back between two moments of a ticket; empty when nobody's.
func Returns(before, after Ticket) string {
	if before.Stage == Claimed && before.Official != after.Official {
		return before.Official
	}
	return ""
}

// Same tells whether nothing is to be remembered anew.
func Same(a, b Ticket) bool {
	if a.Official != b.Official || a.Stage != b.Stage || a.Turned != b.Turned || (a.Offer == nil) != (b.Offer == nil) {
		return false
	}
	return a.Offer == nil || *a.Offer == *b.Offer
}
