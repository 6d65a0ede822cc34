package ticket

// RefusedConflict is the reason of RouteRefused for somebody who is kept out of the ticket.
const RefusedConflict = "conflict"

// Handover is another holder, proposed by the attendant service because the present one leaves their work to somebody else.
type Handover struct {
	Position int64  // in the attendant's feed
	From     string // id of who has it
	Official string // id of who is to have it; empty for the desk's queue
	Reason   string // handover, leave, dismissed
}

// AcceptHandover gives the ticket to another holder, or refuses the claim with RouteRefused: when it is not with whom the proposal
// thinks, or when the official cannot hold it. A ticket that is answered or waits for a reply stays so; otherwise the new holder signs. A
// proposal that was dealt with before does nothing, and neither does one of nobody for a ticket that is answered.
func (t *Ticket) AcceptHandover(c Context, h Handover) ([]Event, error) {
	if h.Position <= t.Proposal {
		return nil, nil
	}
	if t.PartyOf(c.Actor)&whoMay(VerbHandOver) == 0 {
		return nil, ErrNotParty
	}
	d := t.decide(c)
	o, known := canHold(d.inForce(d.now), h.Official)
	refuse := func(reason string) { d.emit(RouteRefused{h.Position, h.Official, reason}) }
	switch {
	case allowed(VerbHandOver, d.t.State, Routes) != nil || d.t.Official != h.From:
		refuse(RefusedChanged)
	case h.Official == "" && d.t.State == StateAnswered:
		return nil, d.err
	case h.Official == "":
		d.recall(Recalled{Cause: CauseHandover, Proposal: h.Position})
	case !known || h.Official == h.From:
		refuse(RefusedUnknownOfficial)
	case d.keepsOut(Seat{o.Unit, o.Person}):
		refuse(RefusedConflict)
	default:
		d.handOver(Seat{o.Unit, o.Person}, h)
	}
	return d.finish()
}

// handOver changes the holder. Work orders, and what their units ask for, stay with the ticket; what the holder asked for goes with the
// holder.
func (d *decision) handOver(to Seat, h Handover) {
	d.overtakeReturn(0)
	d.overtakeExtension(d.now, d.actor)
	d.beginCounting()
	clocks := d.t.changed(
		func(c Clock) bool { return c.Kind == KindSign && c.Owed() },
		func(c Clock) Clock { return c.superseded(d.now) })
	clocks = append(clocks, d.followed(to)...)
	s := d.starting(d.inForce(d.now))
	if d.t.State == StateDispatched || d.t.State == StateInProgress {
		s.start(KindSign, d.t.Cycle, to, d.now)
	}
	d.emit(HandedOver{to.Unit, to.Official, h.Reason, h.Position, h.From}, append(clocks, s.clocks...)...)
}
