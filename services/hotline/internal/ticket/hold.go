package ticket

import "github.com/throughtrain/throughtrain/services/hotline/internal/policy"

// Who decided that a ticket has its holder.
const (
	ByRouting    = "routing"
	ByDispatcher = "dispatcher"
	ByReferee    = "referee"
)

// The reasons of RouteRefused.
const (
	RefusedNotFiled        = "not-filed"
	RefusedChanged         = "changed"
	RefusedUnknownOfficial = "unknown-official"
)

// Dispatch gives a filed ticket to an official.
func (t *Ticket) Dispatch(c Context, official string) ([]Event, error) {
	d, err := t.enter(VerbDispatch, c)
	if err != nil {
		return nil, err
	}
	o, ok := canHold(d.inForce(d.now), official)
	if !ok || d.keepsOut(Seat{o.Unit, o.Person}) {
		return nil, ErrOfficialUnknown.Field("official", "official.unknown", "不能承办诉求", "cannot hold a ticket")
	}
	d.give(o, Dispatched{Reason: ByDispatcher})
	return d.finish()
}

func canHold(city *policy.City, person string) (policy.Official, bool) {
	o, ok := city.Official(person)
	return o, ok && o.CanHold()
}

// give makes an official the holder: dispatching is done, signing is owed, and what runs on follows the ticket. A signature
// that somebody else still owed is superseded.
func (d *decision) give(o policy.Official, body Dispatched) {
	holder := Seat{o.Unit, o.Person}
	body.Unit, body.Official = holder.Unit, holder.Official
	clocks := d.t.fulfilled(d.now, KindDispatch)
	clocks = append(clocks, d.t.changed(
		func(c Clock) bool { return c.Kind == KindSign && c.Owed() },
		func(c Clock) Clock { return c.superseded(d.now) })...)
	clocks = append(clocks, d.followed(holder)...)
	s := d.starting(d.inForce(d.now))
	s.start(KindSign, d.t.Cycle, holder, d.now)
	d.emit(body, append(clocks, s.clocks...)...)
}

// Proposal is a holder proposed by the attendant service.
type Proposal struct {
	Position int64  // in the attendant's feed
	Version  int64  // of the ticket it answers
	Official string // empty when there is nobody
	Reason   string
}

// AcceptProposal takes a proposed holder, or refuses the claim for good with RouteRefused: when the ticket is no longer FILED, when who
// holds it came up anew since the version it answers, or when the official cannot hold a ticket. A proposal of nobody, and one
// that was dealt with before, does nothing.
func (t *Ticket) AcceptProposal(c Context, p Proposal) ([]Event, error) {
	if p.Official == "" || p.Position <= t.Proposal {
		return nil, nil
	}
	if t.PartyOf(c.Actor)&whoMay(VerbRoute) == 0 {
		return nil, ErrNotParty
	}
	d := t.decide(c)
	o, known := canHold(d.inForce(d.now), p.Official)
	refuse := func(reason string) { d.emit(RouteRefused{p.Position, p.Official, reason}) }
	switch {
	case allowed(VerbRoute, d.t.State, Routes) != nil:
		refuse(RefusedNotFiled)
	case p.Version < d.t.RouteVersion:
		refuse(RefusedChanged)
	case !known:
		refuse(RefusedUnknownOfficial)
	case d.keepsOut(Seat{o.Unit, o.Person}):
		refuse(RefusedConflict)
	default:
		d.give(o, Dispatched{Reason: p.Reason, Proposal: p.Position})
	}
	return d.finish()
}

// Sign is the holder's signature. It starts no obligation that was not already running, except the clocks a policy counts from
// signing, which begin at the sign deadline at the latest.
func (t *Ticket) Sign(c Context) ([]Event, error) {
	d, err := t.enter(VerbSign, c)
	if err != nil {
		return nil, err
	}
	d.emit(Signed{}, append(d.t.fulfilled(d.now, KindSign), d.countFromSign(d.now)...)...)
	return d.finish()
}
