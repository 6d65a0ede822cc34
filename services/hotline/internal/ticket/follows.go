package ticket

import "slices"

// follows reports whether an event can happen to the ticket as it is. It asks for less than the verbs do, which know who acts and under which
// configuration: only for what every configuration demands. An altered history that Apply takes in spite of it is the chain's to find.
func (t *Ticket) follows(body Body) bool {
	switch b := body.(type) {
	case Dispatched:
		return b.Official != "" && (t.State == StateFiled || b.Named && (t.State == StateDispatched || t.State == StateInProgress))
	case Signed:
		return t.State == StateDispatched
	case Asked:
		return t.State == StateInProgress
	case Answered:
		return t.State == StateInProgress && t.openOrders() == 0
	case Resumed:
		return t.State == StateWaiting
	case Verified:
		return t.State == StateAnswered
	case Reopened:
		return b.Cycle == t.Cycle+1 && (t.State == StateAnswered || t.State == StateClosed)
	case Closed:
		return t.State.Open()
	case Recalled:
		return t.State == StateDispatched || t.State == StateInProgress
	case HandedOver:
		return b.Official != "" && b.From == t.Official && (t.OnDesk() || t.State == StateAnswered)
	default:
		return t.followsAside(body)
	}
}

func (t *Ticket) followsAside(body Body) bool {
	switch b := body.(type) {
	case OrderCreated:
		return b.Order == len(t.Orders)+1 && t.OnDesk() &&
			!slices.ContainsFunc(t.Orders, func(o Order) bool { return o.Unit == b.Unit && o.State.Open() })
	case OrderSigned:
		o := t.Order(b.Order)
		return o != nil && o.State == SentOrder
	case OrderFinished:
		o := t.Order(b.Order)
		return o != nil && o.State == SignedOrder
	case OrderWaived:
		o := t.Order(b.Order)
		return o != nil && o.State.Open()
	case ReturnRequested:
		o := t.Order(b.Order)
		return b.Return == len(t.Returns)+1 && t.OnDesk() && t.pendingReturn(b.Order) == nil && (b.Order == 0 || o != nil && o.State.Open())
	case ReturnDecided:
		return b.Return > 0 && b.Return <= len(t.Returns) && t.Returns[b.Return-1].Decision == "" && decisions[b.Decision]
	case ExtensionRequested:
		return b.Extension == len(t.Extensions)+1 && t.OnDesk() && t.pendingExtension() == nil
	case ExtensionDecided:
		x := t.pendingExtension()
		return x != nil && x.Number == b.Extension && decisions[b.Decision]
	case DialogueRequested:
		return b.Dialogue == len(t.Dialogues)+1 && t.Dialogue() == nil && t.State.Open()
	case CallbackMissed:
		return t.State == StateAnswered && t.Callback.Waits() && b.Attempt == t.Callback.Attempts+1
	}
	return true
}

var decisions = map[string]bool{Granted: true, Refused: true, Overtaken: true}
