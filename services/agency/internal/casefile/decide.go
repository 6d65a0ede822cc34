package casefile

import (
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// decision is one act on a case: a working copy to which every event is applied as soon as it is decided.
type decision struct {
	c      *Case
	ctx    Context
	city   *catalogue.City // newest version
	actor  Actor
	now    time.Time
	events []Event
	err    error // a defect: an event the case refused
}

// decide begins every act: everything whose time has come happens first.
func (c *Case) decide(ctx Context) *decision {
	d := c.begin(ctx)
	d.c = c.clone()
	d.settle()
	return d
}

// look begins what only looks: nothing may be changed of its case, which is the case itself when no time has come.
func (c *Case) look(ctx Context) *decision {
	d := c.begin(ctx)
	ripe := false
	c.marks(func(m mark) { ripe = ripe || m.ripe(d.now) })
	if ripe {
		return c.decide(ctx)
	}
	return d
}

func (c *Case) begin(ctx Context) *decision {
	return &decision{c: c, ctx: ctx, city: ctx.City, actor: ctx.Actor, now: latest(instant(ctx.Now), c.UpdateTime)}
}

// enter begins a verb on the case: it is refused unless the table lists it.
func (c *Case) enter(v Verb, ctx Context) (*decision, error) {
	d := c.decide(ctx)
	if d.err != nil {
		return nil, d.err
	}
	return d, allowedCase(v, d.c.State, d.c.PartyOf(ctx.Actor))
}

// enterItem begins a verb on an item.
func (c *Case) enterItem(v Verb, ctx Context, code string) (*decision, *Item, error) {
	d := c.decide(ctx)
	if d.err != nil {
		return nil, nil, d.err
	}
	i := d.c.Item(code)
	if i == nil {
		return nil, nil, ErrItemNotFound
	}
	return d, i, d.allowedItem(v, i)
}

// allowedItem: the table of items, in a case whose items live.
func (d *decision) allowedItem(v Verb, i *Item) error {
	if err := allowedItem(v, i.State, d.c.PartyOfItem(d.actor, i)); err != nil {
		return err
	}
	if !slices.Contains(worked, d.c.State) {
		return ErrStateForbids.With("state", d.c.State.String()).With("verb", string(v))
	}
	return nil
}

func (d *decision) finish() ([]Event, error) {
	if d.err != nil {
		return nil, d.err
	}
	return d.events, nil
}

// emit lets the actor's event happen now.
func (d *decision) emit(body proto.Message, clocks ...Clock) {
	d.emitAt(d.now, d.actor, body, clocks...)
}

// follow lets what follows from the actor's event happen now, by the clockwork.
func (d *decision) follow(body proto.Message, clocks ...Clock) {
	d.emitAt(d.now, Clockwork, body, clocks...)
}

// emitAt lets an event happen at an instant, or with the last event when that came later.
func (d *decision) emitAt(at time.Time, by Actor, body proto.Message, clocks ...Clock) {
	if d.err != nil {
		return
	}
	slices.SortFunc(clocks, func(a, b Clock) int { return a.ID - b.ID })
	e := Event{Version: d.c.Version + 1, Time: latest(at, d.c.UpdateTime), Actor: by.ID(), Body: body, Clocks: clocks}
	if by.Kind == LineActor {
		e.Line = d.ctx.Line
	}
	if d.err = d.c.Apply(e); d.err == nil {
		d.events = append(d.events, e)
	}
}

// inForce returns the configuration by which something at an instant is judged.
func (d *decision) inForce(at time.Time) *catalogue.City { return d.city.At(at) }

// start makes a clock that runs from an instant, unless the limit is none. Several that one event starts are numbered by place: the nth counts from 0.
func (d *decision) start(nth int, k Kind, l worktime.Limit, at time.Time, unit string, of Clock) []Clock {
	if l == (worktime.Limit{}) {
		return nil
	}
	city := d.inForce(d.now)
	of.ID, of.Kind, of.State, of.Unit = len(d.c.Clocks)+1+nth, k, Running, unit
	of.Start, of.Limit, of.WarnPercent, of.ConfigVersion = at, l, city.Rules().WarnPercent, city.Version()
	of.compute(city.Calendar())
	of.FirstDue = of.Due
	return []Clock{of}
}

// workdays is a limit of so many workdays.
func workdays(n int) worktime.Limit { return worktime.Limit{Amount: n, Unit: worktime.Workdays} }

// changed returns the clocks that fit, each as f leaves it.
func (c *Case) changed(fits func(Clock) bool, f func(Clock) Clock) []Clock {
	var out []Clock
	for _, k := range c.Clocks {
		if fits(k) {
			out = append(out, f(k))
		}
	}
	return out
}

// ofItem fits the owed clocks of an item's present attempt, of some kinds or of all.
func ofItem(i *Item, kinds ...Kind) func(Clock) bool {
	return func(k Clock) bool {
		return k.Owed() && k.Item == i.Def.Code && k.Attempt == i.Attempt && (len(kinds) == 0 || slices.Contains(kinds, k.Kind))
	}
}

// numbered fits the owed clocks of a kind that belong to one number.
func numbered(number int, kinds ...Kind) func(Clock) bool {
	return func(k Clock) bool { return k.Owed() && k.Number == number && slices.Contains(kinds, k.Kind) }
}

func (d *decision) fulfilled(fits func(Clock) bool) []Clock {
	return d.c.changed(fits, func(k Clock) Clock { return k.stopped(d.now) })
}

func (d *decision) dropped(fits func(Clock) bool) []Clock {
	return d.c.changed(fits, func(k Clock) Clock { return k.dropped(d.now) })
}

func (d *decision) pausedOf(i *Item) []Clock {
	cal := d.inForce(d.now).Calendar()
	return d.c.changed(func(k Clock) bool { return ofItem(i, KindStatutory, KindPromised)(k) && k.State == Running },
		func(k Clock) Clock { return k.paused(cal, d.now) })
}

func (d *decision) resumedOf(i *Item, at time.Time) []Clock {
	cal := d.inForce(at).Calendar()
	return d.c.changed(func(k Clock) bool { return ofItem(i, KindStatutory, KindPromised)(k) && k.State == Paused },
		func(k Clock) Clock { return k.resumed(cal, at) })
}

// Clock returns the newest clock of a kind of an item's present attempt, nil when there is none.
func (c *Case) Clock(i *Item, k Kind) *Clock {
	for n := len(c.Clocks) - 1; n >= 0; n-- {
		if k2 := &c.Clocks[n]; k2.Kind == k && k2.Item == i.Def.Code && k2.Attempt == i.Attempt {
			return k2
		}
	}
	return nil
}

// DueTime returns the earliest due time of what anybody still owes, overdue or not; zero when nothing is. A paused clock has none, and the end of an
// entrustment is nobody's duty.
func (c *Case) DueTime() time.Time {
	var due time.Time
	for i := range c.Clocks {
		if k := &c.Clocks[i]; k.Owed() && k.State != Paused && k.Kind != KindEntrustment && (due.IsZero() || k.Due.Before(due)) {
			due = k.Due
		}
	}
	return due
}

// Provisional reports whether a clock that has not been decided yet may move when an official calendar comes.
func (c *Case) Provisional() bool {
	return slices.ContainsFunc(c.Clocks, func(k Clock) bool { return k.Provisional && k.live() })
}

// need refuses a blank text.
func needText(field, id string) error {
	if id == "" {
		return ErrTextEmpty.Field(field, "text.empty", "不能为空", "must not be empty")
	}
	return nil
}
