package ticket

import "time"

// applyAside applies what happens beside the straight way; it reports whether the body is of a known type. An event that refers to what
// the ticket does not have is of none.
func (t *Ticket) applyAside(e Event) bool {
	switch b := e.Body.(type) {
	case Recalled:
		t.applyRecalled(e, b)
	case HandedOver:
		t.applyHandedOver(e, b)
	case Supervised:
		t.Directives = append(t.Directives, Directive{Supervision, e.Actor, b.Message, e.Time})
	case Instructed:
		t.Directives = append(t.Directives, Directive{Instruction, e.Actor, b.Message, e.Time})
	case Absorbed:
		t.Merged = append(t.Merged, b.Ticket)
	case ConflictNamed:
		t.Conflict = Conflict{append(clip(t.Conflict.Officials), b.Officials...), append(clip(t.Conflict.Units), b.Units...)}
		t.Restricted = true
	case CallbackMissed:
		return t.applyMissed(b)
	default:
		return t.applyOrder(e) || t.applyRequest(e) || t.applyDialogue(e)
	}
	return true
}

// clip keeps an append from writing into what a clone shares.
func clip(list []string) []string { return list[:len(list):len(list)] }

func (t *Ticket) applyOrder(e Event) bool {
	switch b := e.Body.(type) {
	case OrderCreated:
		if b.Order != len(t.Orders)+1 {
			return false
		}
		t.Orders = append(t.Orders, Order{Number: b.Order, Unit: b.Unit, Lead: b.Lead, Named: b.Named, State: SentOrder, Cycle: t.Cycle, Message: b.Message, From: e.Time})
	case OrderSigned:
		return t.order(b.Order, func(o *Order) { o.State, o.Official, o.SignTime = SignedOrder, e.Actor, e.Time })
	case OrderFinished:
		return t.order(b.Order, func(o *Order) { o.State, o.Reply, o.To = DoneOrder, b.Message, e.Time })
	case OrderWaived:
		return t.order(b.Order, func(o *Order) { o.State, o.Waiver, o.To = WaivedOrder, b.Message, e.Time })
	default:
		return false
	}
	return true
}

// order changes an order that is there.
func (t *Ticket) order(number int, change func(*Order)) bool {
	o := t.Order(number)
	if o == nil {
		return false
	}
	change(o)
	return true
}

func (t *Ticket) applyRequest(e Event) bool {
	switch b := e.Body.(type) {
	case ReturnRequested:
		by := Seat{t.Unit, e.Actor}
		if o := t.Order(b.Order); o != nil {
			by.Unit = o.Unit
		}
		t.Returns = append(t.Returns, Return{Number: b.Return, Order: b.Order, By: by, Reason: b.Reason, Message: b.Message, Target: b.Target, Time: e.Time})
		return b.Return == len(t.Returns)
	case ReturnDecided:
		return t.applyReturnDecided(e, b)
	case ExtensionRequested:
		t.Extensions = append(t.Extensions, Extension{Number: b.Extension, By: e.Actor, Workdays: b.Workdays, Message: b.Message, Time: e.Time})
		return b.Extension == len(t.Extensions)
	case ExtensionDecided:
		if b.Extension < 1 || b.Extension > len(t.Extensions) {
			return false
		}
		x := &t.Extensions[b.Extension-1]
		x.Decision, x.Answer, x.DecideTime = b.Decision, b.Message, e.Time
	default:
		return false
	}
	return true
}

// applyReturnDecided: whose request is refused was found to be the right one, and cannot return it again.
func (t *Ticket) applyReturnDecided(e Event, b ReturnDecided) bool {
	if b.Return < 1 || b.Return > len(t.Returns) {
		return false
	}
	r := &t.Returns[b.Return-1]
	r.Decision, r.Answer, r.DecideTime = b.Decision, b.Message, e.Time
	if b.Decision == Overtaken {
		return true
	}
	r.Decider = e.Actor
	o := t.Order(r.Order)
	switch {
	case o != nil && b.Decision == Granted:
		o.State, o.To = ReturnedOrder, e.Time
	case o != nil:
		o.Named = true
	case b.Decision == Refused:
		t.Holdings[len(t.Holdings)-1].Named = true
	}
	return true
}

func (t *Ticket) applyRecalled(e Event, b Recalled) {
	t.State = StateFiled
	desk := Seat{Unit: t.Holdings[0].Unit} // the desk's holding is the first
	t.Unit, t.Official = desk.Unit, ""
	t.DispatchTime, t.SignTime, t.Routing = time.Time{}, time.Time{}, nil
	t.RouteVersion, t.Proposal = t.Version, max(t.Proposal, b.Proposal)
	t.hold(desk, e.Time)
	t.endOrders(e.Time)
}

// applyHandedOver: what was signed is to be signed anew, while a question or a verification that is waited for stays. A unit that a referee
// named stays named, whoever in it has the ticket.
func (t *Ticket) applyHandedOver(e Event, b HandedOver) {
	if t.State == StateInProgress {
		t.State = StateDispatched
	}
	t.Unit, t.Official = b.Unit, b.Official
	t.DispatchTime, t.SignTime = e.Time, time.Time{}
	t.RouteVersion, t.Proposal = t.Version, max(t.Proposal, b.Proposal)
	t.Routing = &Routing{Reason: b.Reason, By: ByRouting, Time: e.Time}
	last := t.Holdings[len(t.Holdings)-1]
	t.hold(Seat{b.Unit, b.Official}, e.Time)
	t.Holdings[len(t.Holdings)-1].Named = last.Named && last.Unit == b.Unit
}

func (t *Ticket) applyDialogue(e Event) bool {
	if b, asked := e.Body.(DialogueRequested); asked {
		t.Dialogues = append(t.Dialogues, Dialogue{Number: b.Dialogue, State: DialogueAsked, Topic: b.Message, Time: e.Time})
		return b.Dialogue == len(t.Dialogues)
	}
	d := t.Dialogue()
	if d == nil {
		return false
	}
	switch b := e.Body.(type) {
	case DialogueTaken:
		d.State, d.Speaker, d.Appointment, d.Mode = DialogueAppointed, b.Speaker, b.Appointment, b.Mode
		return b.Dialogue == d.Number
	case DialogueDeclined:
		d.State, d.Reason, d.To = DialogueRefused, b.Message, e.Time
		return b.Dialogue == d.Number
	case DialogueHandedOn:
		d.State, d.Speaker, d.Reason, d.Appointment = DialogueAsked, b.Speaker, b.Message, time.Time{}
		return b.Dialogue == d.Number
	case DialogueHeld:
		d.State, d.Record, d.Mode, d.To = DialogueDone, b.Message, b.Mode, e.Time
		return b.Dialogue == d.Number
	}
	return false
}

func (t *Ticket) applyMissed(b CallbackMissed) bool {
	if t.Callback == nil || b.Attempt != t.Callback.Attempts+1 {
		return false
	}
	t.Callback.Attempts, t.Callback.Next, t.Callback.State = b.Attempt, b.Next, CallbackMissedOnce
	if b.Next.IsZero() {
		t.Callback.State = CallbackUnreachable
	}
	return true
}

// endAside ends what is open beside the straight way when the ticket closes.
func (t *Ticket) endAside(at time.Time) {
	t.endOrders(at)
	t.endCallback(false)
	if d := t.Dialogue(); d != nil {
		d.State, d.To = DialogueEnded, at
	}
}

func (t *Ticket) endOrders(at time.Time) {
	for i := range t.Orders {
		if o := &t.Orders[i]; o.State.Open() {
			o.State, o.To = EndedOrder, at
		}
	}
}

// endCallback ends the call-back that is due: by its call, or because it has been overtaken.
func (t *Ticket) endCallback(called bool) {
	switch {
	case t.Callback == nil:
	case called:
		t.Callback.State = CallbackDone
	case t.Callback.Waits():
		t.Callback.State = CallbackOvertaken
	}
}
