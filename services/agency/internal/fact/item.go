package fact

import (
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
)

// Item is the facts of one item, in its present attempt.
type Item struct {
	Code      string
	Unit      string
	Stage     string
	Kind      string
	State     casefile.ItemState
	Open      bool // lies with its unit, or waits for a correction of what lies there
	Since     time.Time
	Attempt   int
	Tolerant  bool
	OnPromise bool
	Critical  bool // a delay of it delays the whole, as things stood when something happened last
	// Late says that it is not decided although what was promised has passed, as the history has it. Whether that is so at an instant is PromisedDue compared
	// with it.
	Late bool

	SubmitTime time.Time
	AcceptTime time.Time
	DecideTime time.Time
	InTime     bool      // decided not later than promised
	NoticeTime time.Time // when it was asked to be corrected
	DeemTime   time.Time // when it was deemed accepted because its unit had said nothing, in whatever attempt; the first time

	// What is owed and does not stand still. A due time that has passed stays until what is owed is done.
	PromisedDue  time.Time
	StatutoryDue time.Time
	DueTime      time.Time // earliest of everything its unit owes of it: the item is overdue once it has passed
	StuckTime    time.Time // from when it counts as stuck if nothing happens

	PromisedWorkdays int
	Workdays         int // used: until the decision, or until something happened to the case last
}

func item(c *casefile.Case, i *casefile.Item, city *catalogue.City, critical bool) Item {
	f := Item{
		Code: i.Def.Code, Unit: i.Unit, Stage: i.Def.Stage, Kind: i.Def.Kind, State: i.State, Open: i.UnderWay(), Since: i.Since, Attempt: i.Attempt,
		Tolerant: i.Tolerant, OnPromise: i.OnPromise, Critical: critical, SubmitTime: i.SubmitTime, AcceptTime: i.AcceptTime, DecideTime: i.DecideTime,
		StuckTime: c.StuckFrom(i, city.Calendar(), city.Rules()), PromisedWorkdays: i.Def.Promised, Workdays: i.Workdays,
	}
	if i.Accepted() {
		f.Workdays = c.Workdays(i, city.Calendar(), c.UpdateTime)
	}
	f.InTime = !i.DecideTime.IsZero()
	if i.Correction != nil {
		f.NoticeTime = i.Correction.Since
	}
	for n := range c.Clocks {
		k := &c.Clocks[n]
		if k.Item != i.Def.Code {
			continue
		}
		if k.State == casefile.Breached {
			f.breached(k)
		}
		if k.Attempt != i.Attempt || !k.Owed() || k.Unit == "" || k.State == casefile.Paused {
			continue
		}
		f.DueTime = earlier(f.DueTime, k.Due)
		switch k.Kind {
		case casefile.KindPromised:
			f.PromisedDue, f.Late = k.Due, k.State == casefile.Breached
		case casefile.KindStatutory:
			f.StatutoryDue = k.Due
		default: // counts in DueTime only
		}
	}
	return f
}

// breached takes in that a limit of the item has passed.
func (f *Item) breached(k *casefile.Clock) {
	switch {
	case k.Kind == casefile.KindAccept:
		f.DeemTime = earlier(f.DeemTime, k.Due)
	case k.Kind == casefile.KindPromised && k.Attempt == f.Attempt:
		f.InTime = false
	}
}

// earlier takes a zero time for none.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// Commitment is the facts of one commitment.
type Commitment struct {
	Number     int
	Kind       agencyv1.Commitment_Kind
	Item       string
	Unit       string // that decides the item
	State      casefile.CommitmentState
	SignTime   time.Time
	DueTime    time.Time // while the enterprise owes it and it does not stand still
	EndTime    time.Time // kept, broken or released
	Broken     bool
	RepairTime time.Time
	Bars       bool // broken and not repaired
}

func commitment(c *casefile.Case, k *casefile.Commitment) Commitment {
	f := Commitment{Number: k.Number, Kind: k.Kind, Item: k.Item, State: k.State, SignTime: k.SignTime, EndTime: k.EndTime,
		Broken: k.State == agencyv1.Commitment_BROKEN, RepairTime: k.RepairTime, Bars: k.Bars()}
	if i := c.Item(k.Item); i != nil {
		f.Unit = i.Unit
	}
	for n := range c.Clocks {
		o := &c.Clocks[n]
		if o.Number == k.Number && (o.Kind == casefile.KindCommitment || o.Kind == casefile.KindFulfil) && o.Owed() && o.State != casefile.Paused {
			f.DueTime = earlier(f.DueTime, o.Due)
		}
	}
	return f
}
