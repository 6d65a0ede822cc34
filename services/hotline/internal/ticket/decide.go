package ticket

import (
	"slices"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// decision is one act on a ticket: a working copy to which every event is applied as soon as it is decided.
type decision struct {
	t      *Ticket
	city   *policy.City // newest version
	actor  Actor
	now    time.Time
	events []Event
	err    error // a defect: an event the ticket refused
}

// decide begins every act: everything whose time has come happens first.
func (t *Ticket) decide(c Context) *decision {
	d := &decision{t: t.clone(), city: c.City, actor: c.Actor, now: latest(instant(c.Now), t.UpdateTime)}
	d.settle()
	return d
}

// enter begins a verb: it is refused unless the table lists it.
func (t *Ticket) enter(v Verb, c Context) (*decision, error) {
	d := t.decide(c)
	if d.err != nil {
		return nil, d.err
	}
	return d, allowed(v, d.t.State, d.t.PartyOf(c.Actor))
}

func (d *decision) finish() ([]Event, error) {
	if d.err != nil {
		return nil, d.err
	}
	return d.events, nil
}

// emit lets the actor's event happen now.
func (d *decision) emit(body Body, clocks ...Clock) { d.emitAt(d.now, d.actor, body, clocks...) }

// emitAt lets an event happen at an instant, or with the last event when that came later.
func (d *decision) emitAt(at time.Time, by Actor, body Body, clocks ...Clock) {
	if d.err != nil {
		return
	}
	slices.SortFunc(clocks, func(a, b Clock) int { return a.ID - b.ID })
	e := Event{Version: d.t.Version + 1, Time: latest(at, d.t.UpdateTime), Actor: d.named(by, body), Body: body, Clocks: clocks}
	if d.err = d.t.Apply(e); d.err == nil {
		d.events = append(d.events, e)
	}
}

// HiddenFiler is how the history of a confidential ticket names its filer.
const HiddenFiler = "confidential/filer"

// named is how the history names an actor.
func (d *decision) named(a Actor, body Body) string {
	filing, begins := body.(Filed)
	if begins && filing.Confidential || !begins && d.t.Confidential && d.t.PartyOf(a)&Filer != 0 {
		return HiddenFiler
	}
	return a.ID()
}

// inForce returns the configuration by which something at an instant is judged.
func (d *decision) inForce(at time.Time) *policy.City { return d.city.At(at) }

// rules returns the policy that binds the ticket under a version of the city.
func (t *Ticket) rules(city *policy.City) policy.Policy {
	p, _ := city.Match(t.Channel, t.AppealType, t.Category, t.Urgency.policyWord())
	return p
}

// starter numbers and starts the clocks of one event.
type starter struct {
	t      *Ticket
	city   *policy.City
	policy policy.Policy
	clocks []Clock
}

// starting returns a starter under the policy of a version of the city.
func (d *decision) starting(city *policy.City) *starter {
	return &starter{t: d.t, city: city, policy: d.t.rules(city)}
}

// start adds a clock of the ticket itself, unless the policy has no limit for it.
func (s *starter) start(k Kind, cycle int, owner Seat, at time.Time) {
	s.startFor(0, k, cycle, owner, at)
}

// startFor adds a clock of a work order.
func (s *starter) startFor(order int, k Kind, cycle int, owner Seat, at time.Time) {
	rule, ok := s.policy.Rule(k.String())
	if !ok {
		return
	}
	c := Clock{
		ID: len(s.t.Clocks) + len(s.clocks) + 1, Kind: k, Order: order, Cycle: cycle, State: Running, Owner: owner, Start: at,
		Limit: rule.Limit, WarnPercent: rule.WarnPercent, Ladder: rule.Ladder, Policy: s.policy.Code, ConfigVersion: s.city.Version(),
	}
	c.compute(s.city.Calendar(), nil)
	c.FirstDue = c.Due
	if k.pauses() && s.t.State == StateWaiting { // it stands still from the beginning
		c = c.paused(s.city.Calendar(), at)
	}
	s.clocks = append(s.clocks, c)
}

// fromSign reports whether the policy counts a clock from signing.
func (s *starter) fromSign(k Kind) bool {
	rule, ok := s.policy.Rule(k.String())
	return ok && rule.FromSign
}

// ticketKinds are the clocks that run on whoever holds the ticket until the holder has fulfilled them.
var ticketKinds = [...]Kind{KindContact, KindAnswer}

// changed returns the clocks that fit, each as f leaves it.
func (t *Ticket) changed(fits func(Clock) bool, f func(Clock) Clock) []Clock {
	var out []Clock
	for _, c := range t.Clocks {
		if fits(c) {
			out = append(out, f(c))
		}
	}
	return out
}

// fulfilled returns the owed clocks of some kinds as a fulfilment at an instant leaves them.
func (t *Ticket) fulfilled(at time.Time, kinds ...Kind) []Clock {
	return t.changed(
		func(c Clock) bool { return c.Owed() && slices.Contains(kinds, c.Kind) },
		func(c Clock) Clock { return c.stopped(at) })
}

// waits returns the stretches of waiting that have ended, as pauses.
func (t *Ticket) waits() []worktime.Pause {
	var out []worktime.Pause
	for _, a := range t.Away {
		if a.State == StateWaiting && !a.To.IsZero() {
			out = append(out, worktime.Pause{From: a.From, To: a.To})
		}
	}
	return out
}
