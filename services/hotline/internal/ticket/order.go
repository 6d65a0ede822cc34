package ticket

import (
	"slices"
	"time"
)

// OrderInput is a part given to a unit.
type OrderInput struct {
	Unit    string
	Lead    bool
	Message string // id of what is asked of it
}

// CreateOrder gives a unit a part. A unit has one open order at a time, and one unit leads.
func (t *Ticket) CreateOrder(c Context, in OrderInput) ([]Event, error) {
	d, err := t.enter(VerbOrder, c)
	if err != nil {
		return nil, err
	}
	if err := needText("text", in.Message); err != nil {
		return nil, err
	}
	if err := d.mayHaveOrder("unit", in.Unit); err != nil {
		return nil, err
	}
	for _, o := range d.t.Orders {
		if in.Lead && o.Lead && (o.State.Open() || o.State == DoneOrder && o.Cycle == d.t.Cycle) {
			return nil, ErrLeadTaken.With("unit", o.Unit)
		}
	}
	d.createOrder(OrderCreated{Unit: in.Unit, Lead: in.Lead, Message: in.Message})
	return d.finish()
}

// mayHaveOrder: somebody in the unit has to be able to act, and not be kept out.
func (d *decision) mayHaveOrder(field, unit string) error {
	city := d.inForce(d.now)
	if _, ok := city.Unit(unit); !ok || !city.HasClerk(unit) || d.keepsOut(Seat{Unit: unit}) {
		return ErrUnitUnknown.Field(field, "unit.unknown", "没有这个单位，或该单位无人可办", "no such unit, or nobody there can take it")
	}
	if slices.ContainsFunc(d.t.Orders, func(o Order) bool { return o.Unit == unit && o.State.Open() }) {
		return ErrOrderExists
	}
	return nil
}

func (d *decision) createOrder(body OrderCreated) {
	body.Order = len(d.t.Orders) + 1
	s := d.starting(d.inForce(d.now))
	owner := Seat{Unit: body.Unit}
	s.startFor(body.Order, KindOrderSign, d.t.Cycle, owner, d.now)
	if !s.fromSign(KindHandle) {
		s.startFor(body.Order, KindHandle, d.t.Cycle, owner, d.now)
	}
	d.emit(body, s.clocks...)
}

// handleFromSign returns the clock to handle an order where it counts from signing, unless it runs already.
func (d *decision) handleFromSign(order int, at time.Time) []Clock {
	city := d.inForce(at)
	if sign := d.t.OrderClock(order, KindOrderSign); sign != nil {
		city = d.city.Revision(sign.ConfigVersion)
	}
	s := d.starting(city)
	if o := d.t.Order(order); s.fromSign(KindHandle) && d.t.OrderClock(order, KindHandle) == nil {
		s.startFor(order, KindHandle, o.Cycle, Seat{Unit: o.Unit}, at)
	}
	return s.clocks
}

// enterOrder begins a verb upon an order that the actor's unit has.
func (t *Ticket) enterOrder(v Verb, c Context, number int, states ...OrderState) (*decision, *Order, error) {
	d, err := t.enter(v, c)
	if err != nil {
		return nil, nil, err
	}
	o := d.t.Order(number)
	if o == nil {
		return nil, nil, ErrNotFound
	}
	return d, o, d.mayOrder(v, o, states...)
}

func (d *decision) mayOrder(v Verb, o *Order, states ...OrderState) error {
	switch {
	case v != VerbWaiveOrder && !slices.Contains(d.actor.Units, o.Unit):
		return ErrNotUnit
	case !slices.Contains(states, o.State):
		return ErrOrderStateForbids.With("state", o.State.String()).With("verb", string(v))
	}
	return nil
}

// SignOrder is a unit's signature.
func (t *Ticket) SignOrder(c Context, number int) ([]Event, error) {
	d, o, err := t.enterOrder(VerbSignOrder, c, number, SentOrder)
	if err != nil {
		return nil, err
	}
	d.emit(OrderSigned{o.Number}, append(d.fulfilledOrder(o.Number, KindOrderSign), d.handleFromSign(o.Number, d.now)...)...)
	return d.finish()
}

// FinishOrder is a unit's report to the holder. The lead finishes last.
func (t *Ticket) FinishOrder(c Context, number int, report string) ([]Event, error) {
	d, o, err := t.enterOrder(VerbFinishOrder, c, number, SignedOrder)
	if err != nil {
		return nil, err
	}
	if err := needText("text", report); err != nil {
		return nil, err
	}
	if o.Lead && d.t.openOrders() > 1 {
		return nil, ErrAssistingOpen
	}
	d.overtakeReturn(o.Number)
	d.emit(OrderFinished{number, report}, d.fulfilledOrder(number, KindHandle)...)
	return d.finish()
}

// WaiveOrder lets the ticket be answered without a part, by its holder or from above. What the unit let pass stays breached.
func (t *Ticket) WaiveOrder(c Context, number int, reason string) ([]Event, error) {
	d, _, err := t.enterOrder(VerbWaiveOrder, c, number, SentOrder, SignedOrder)
	if err != nil {
		return nil, err
	}
	if err := needText("reason", reason); err != nil {
		return nil, err
	}
	d.overtakeReturn(number)
	d.emit(OrderWaived{number, reason}, d.orderClocks(number, func(c Clock) Clock { return c.ended(d.now) })...)
	return d.finish()
}

// orderClocks returns the owed clocks of an order, each as f leaves it.
func (d *decision) orderClocks(number int, f func(Clock) Clock) []Clock {
	return d.t.changed(func(c Clock) bool { return c.Order == number && c.Owed() }, f)
}

// fulfilledOrder returns the owed clocks of some kinds of an order as a fulfilment leaves them.
func (d *decision) fulfilledOrder(number int, kinds ...Kind) []Clock {
	return d.t.changed(
		func(c Clock) bool { return c.Order == number && c.Owed() && slices.Contains(kinds, c.Kind) },
		func(c Clock) Clock { return c.stopped(d.now) })
}

// OrderActions returns the verbs the actor may use on a work order now.
func (t *Ticket) OrderActions(c Context, number int) []string {
	d := t.decide(c)
	o := d.t.Order(number)
	if d.err != nil || o == nil {
		return nil
	}
	party := d.t.PartyOf(c.Actor)
	var out []string
	for _, v := range []Verb{VerbSignOrder, VerbFinishOrder, VerbWaiveOrder, VerbReturnOrder} {
		if allowed(v, d.t.State, party) == nil && d.orderMay(v, o) == nil {
			out = append(out, string(v))
		}
	}
	return out
}

func (d *decision) orderMay(v Verb, o *Order) error {
	switch v {
	case VerbSignOrder:
		return d.mayOrder(v, o, SentOrder)
	case VerbFinishOrder:
		if o.Lead && d.t.openOrders() > 1 {
			return ErrAssistingOpen
		}
		return d.mayOrder(v, o, SignedOrder)
	case VerbReturnOrder:
		if err := d.mayOrder(v, o, SentOrder, SignedOrder); err != nil {
			return err
		}
		return d.mayReturn(o.Number)
	default:
		return d.mayOrder(v, o, SentOrder, SignedOrder)
	}
}
