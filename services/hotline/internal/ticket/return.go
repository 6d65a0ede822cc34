package ticket

import (
	"slices"

	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// returnReasons are why somebody may ask to hand back.
var returnReasons = []string{"not-our-duty", "wrong-county", "needs-lead", "duplicate", "other"}

// ReturnInput is a request to hand back.
type ReturnInput struct {
	Order   int    // number of the work order; 0 for the ticket itself
	Reason  string // code
	Message string // id of the basis
	Target  string // unit that should have it
}

// Return asks to hand the ticket, or a work order, back. Nothing moves and every clock goes on until a referee decides, who has a clock of
// their own. Requests are bounded in number and in time, and whom a referee named makes none.
func (t *Ticket) Return(c Context, in ReturnInput) ([]Event, error) {
	d, err := t.enterReturn(c, in.Order)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(returnReasons, in.Reason) {
		return nil, ErrReturnReasonUnknown.Field("reason", "reason.unknown", "没有这种原因", "no such reason")
	}
	if err := needText("basis", in.Message); err != nil {
		return nil, err
	}
	from := d.t.Unit
	if in.Order > 0 {
		from = d.t.Order(in.Order).Unit
	}
	if _, ok := d.inForce(d.now).Unit(in.Target); !ok || in.Target == from || d.keepsOut(Seat{Unit: in.Target}) {
		return nil, ErrUnitUnknown.Field("targetUnit", "unit.unknown", "没有这个单位，或就是本单位", "no such unit, or the same one")
	}
	s := d.starting(d.inForce(d.now))
	s.startFor(in.Order, KindReturn, d.t.Cycle, Seat{Unit: d.deskUnit()}, d.now)
	d.emit(ReturnRequested{len(d.t.Returns) + 1, in.Order, in.Reason, in.Message, in.Target}, s.clocks...)
	return d.finish()
}

func (t *Ticket) enterReturn(c Context, order int) (*decision, error) {
	if order > 0 {
		d, _, err := t.enterOrder(VerbReturnOrder, c, order, SentOrder, SignedOrder)
		if err != nil {
			return nil, err
		}
		return d, d.mayReturn(order)
	}
	d, err := t.enter(VerbReturn, c)
	if err != nil {
		return nil, err
	}
	return d, d.mayReturn(0)
}

// deskUnit is the unit of the dispatcher's queue: the ticket's first holding was there.
func (d *decision) deskUnit() string { return d.t.Holdings[0].Unit }

// mayReturn: not by whom a referee named, not while a request waits, in the window, and so many times.
func (d *decision) mayReturn(order int) error {
	rules := d.inForce(d.now).Rules()
	// Once named, a unit stays so, although the ticket has been elsewhere or its part was given anew.
	named, since := slices.ContainsFunc(d.t.Holdings, func(h Holding) bool { return h.Named && h.Unit == d.t.Unit }), d.t.DispatchTime
	if o := d.t.Order(order); o != nil {
		named, since = slices.ContainsFunc(d.t.Orders, func(x Order) bool { return x.Named && x.Unit == o.Unit }), o.From
	}
	asked := 0
	for _, r := range d.t.Returns {
		if r.Order == order && r.Decision != Overtaken {
			asked++
		}
	}
	switch {
	case named:
		return ErrReturnNamed
	case d.t.pendingReturn(order) != nil:
		return ErrReturnPending
	case asked >= rules.MaxReturns:
		return ErrReturnsExhausted
	case rules.ReturnWindow == worktime.Limit{}, d.now.After(instant(d.inForce(since).Calendar().Add(since, rules.ReturnWindow).Due)):
		return ErrReturnWindowOver
	}
	return nil
}

// ReturnDecision is a referee's word.
type ReturnDecision struct {
	Number   int
	Granted  bool
	Message  string // id of the reason
	Official string // of the ticket from now on, when granted; empty for the desk's queue
	Unit     string // of the work order from now on, when granted; empty for none
}

// DecideReturn is a referee's word on a request to hand back: of a dispatcher, a supervisor or the mayor's office, of nobody who asked or
// has a part in it. Who is named, and who is refused, cannot return it.
func (t *Ticket) DecideReturn(c Context, in ReturnDecision) ([]Event, error) {
	d, err := t.enter(VerbDecideReturn, c)
	if err != nil {
		return nil, err
	}
	if in.Number < 1 || in.Number > len(d.t.Returns) || d.t.Returns[in.Number-1].Decision != "" {
		return nil, ErrReturnNotPending
	}
	r := d.t.Returns[in.Number-1]
	if err := d.mayReferee(r.By); err != nil {
		return nil, err
	}
	if err := needText("reason", in.Message); err != nil {
		return nil, err
	}
	decided := d.fulfilledOrder(r.Order, KindReturn)
	switch {
	case !in.Granted:
		d.emit(ReturnDecided{in.Number, Refused, in.Message, ""}, decided...)
	case r.Order > 0:
		err = d.returnOrder(r, in, decided)
	default:
		err = d.returnTicket(r, in, decided)
	}
	if err != nil {
		return nil, err
	}
	return d.finish()
}

// mayReferee: who asks is never who grants, nor is who holds or held it, or works in the unit that asks.
func (d *decision) mayReferee(by Seat) error {
	if d.actor.Person == by.Official || d.t.HeldBy(d.actor.Person) || slices.Contains(d.actor.Units, by.Unit) {
		return ErrRefereeOwn
	}
	return nil
}

// returnOrder ends a unit's part and gives it to the unit named, if any.
func (d *decision) returnOrder(r Return, in ReturnDecision, decided []Clock) error {
	o := *d.t.Order(r.Order)
	if in.Unit != "" {
		if err := d.mayHaveOrder("unit", in.Unit); err != nil {
			return err
		}
	}
	left := d.t.changed(
		func(c Clock) bool { return c.Order == o.Number && c.Owed() && c.Kind != KindReturn },
		func(c Clock) Clock { return c.superseded(d.now) })
	d.emit(ReturnDecided{in.Number, Granted, in.Message, in.Unit}, append(decided, left...)...)
	if in.Unit != "" {
		d.createOrder(OrderCreated{Unit: in.Unit, Lead: o.Lead, Message: o.Message, Named: true})
	}
	return nil
}

// returnTicket takes the ticket from its holder: to the official named, or into the desk's queue.
func (d *decision) returnTicket(r Return, in ReturnDecision, decided []Clock) error {
	if in.Official == "" {
		d.emit(ReturnDecided{in.Number, Granted, in.Message, ""}, decided...)
		d.recall(Recalled{Cause: CauseReturn})
		return nil
	}
	o, ok := canHold(d.inForce(d.now), in.Official)
	if !ok || o.Unit == r.By.Unit || d.keepsOut(Seat{o.Unit, o.Person}) {
		return ErrOfficialUnknown.Field("official", "official.unknown", "不能承办，或属于申请退单的单位", "cannot hold it, or is of the unit that returns it")
	}
	d.emit(ReturnDecided{in.Number, Granted, in.Message, o.Unit}, decided...)
	d.leaveHolder()
	d.give(o, Dispatched{Reason: ByReferee, Named: true})
	return nil
}

// leaveHolder ends what belongs to the holding that is about to end: a wait, requests, work orders.
func (d *decision) leaveHolder() {
	if d.t.State == StateWaiting {
		d.emit(Resumed{Cause: CauseRecall}, d.resumed(d.now)...)
	}
	d.beginCounting()
	d.overtake()
	for _, o := range slices.Clone(d.t.Orders) {
		if o.State.Open() {
			d.emit(OrderWaived{Order: o.Number}, d.orderClocks(o.Number, func(c Clock) Clock { return c.superseded(d.now) })...)
		}
	}
}

// beginCounting starts the clocks that count from signing when the ticket goes to somebody else before it was signed: by handing it on and
// on, before each sign deadline, they would never begin.
func (d *decision) beginCounting() {
	if began := d.countFromSign(d.now); len(began) > 0 {
		d.emit(ClocksBegan{}, began...)
	}
}

// recall takes the ticket from its holder back into the desk's queue: dispatching is owed again, what runs on is the desk's.
func (d *decision) recall(body Recalled) {
	d.leaveHolder()
	body.Official = d.t.Official
	desk := Seat{Unit: d.deskUnit()}
	clocks := d.t.changed(
		func(c Clock) bool { return c.Kind == KindSign && c.Owed() },
		func(c Clock) Clock { return c.superseded(d.now) })
	clocks = append(clocks, d.followed(desk)...)
	s := d.starting(d.inForce(d.now))
	s.start(KindDispatch, d.t.Cycle, desk, d.now)
	d.emit(body, append(clocks, s.clocks...)...)
}

// followed returns the clocks that go along with the ticket as somebody else's. What was breached stays with whose it was.
func (d *decision) followed(to Seat) []Clock {
	return d.t.changed(
		func(c Clock) bool {
			return (c.Kind == KindContact || c.Kind == KindAnswer) && (c.State == Running || c.State == Paused)
		},
		func(c Clock) Clock { c.Owner = to; return c })
}

// overtake ends every request that waits for a decision which would change nothing any more. A decision that was due by now stays
// breached.
func (d *decision) overtake() {
	for _, r := range slices.Clone(d.t.Returns) {
		if r.Decision == "" {
			d.overtakeReturn(r.Order)
		}
	}
	d.overtakeExtension(d.now, d.actor)
}

func (d *decision) overtakeReturn(order int) {
	if r := d.t.pendingReturn(order); r != nil {
		d.emit(ReturnDecided{Return: r.Number, Decision: Overtaken}, d.t.changed(
			func(c Clock) bool { return c.Kind == KindReturn && c.Order == order && c.Owed() },
			func(c Clock) Clock { return c.ended(d.now) })...)
	}
}
