package route

// Way is to whom open work goes. The numbers are the contract's, but for Anew.
type Way int

// The ways.
const (
	// Anew chooses as for a ticket that was just filed, and gives to the desk's queue what nobody is found for. It is the way of those who
	// are gone: whatever happens, nothing stays with them.
	Anew Way = 0
	// ToOfficial is one named official.
	ToOfficial Way = 1
	// ToDeputy is who stands in.
	ToDeputy Way = 2
	// ToLeast is the least loaded of the official's unit.
	ToLeast Way = 3
	// ToDesk is the desk's queue.
	ToDesk Way = 4
)

// Why a hand-over is proposed, as the contract spells it.
const (
	ByHandover  = "handover"
	ByLeave     = "leave"
	ByDismissal = "dismissed"
)

// Succession is whose work goes, and where.
type Succession struct {
	From string
	Unit string // of From; empty when they are gone
	Way  Way
	To   string // for ToOfficial
}

// Successor chooses who takes a ticket over; an empty choice is the desk's queue. False when it stays: nobody there may take it. Turned
// counts the hand-overs of it that the hotline refused: who is gone does not keep a ticket because of them, so it goes to the desk.
func (s *Situation) Successor(g Succession, f Filing, turned int) (Choice, bool) {
	switch g.Way {
	case ToOfficial:
		// A supervisor who names somebody is believed: whether they are there does not matter.
		o, ok := s.City.Holder(g.To)
		if !ok || f.KeepsOut(s.City, o) {
			return Choice{}, false
		}
		return Choice{Official: o.Person, Unit: o.Unit}, true
	case ToDeputy:
		return s.StandIn(g.From, "", f.Conflict)
	case ToLeast:
		choice := s.LeastOf([]string{g.Unit}, f, g.From)
		return choice, choice.Official != ""
	case ToDesk:
		return Choice{}, true
	default:
		if turned > 0 {
			return Choice{}, true
		}
		choice := s.Choose(f)
		if choice.Official == g.From {
			return Choice{}, true
		}
		return choice, true
	}
}
