package ticket

import (
	"slices"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// ContactRevealed is an official's look at the filer's phone. The phone is not in it.
type ContactRevealed struct {
	Reason  string // one of RevealReasons
	Message string // id of the text that says more; empty for none
}

// Type returns "contact_revealed".
func (ContactRevealed) Type() string { return "contact_revealed" }

// RevealOther is the reason that needs words.
const RevealOther = "other"

// RevealReasons are what somebody may look at a phone for.
func RevealReasons() []string { return []string{"call", "visit", "callback", "identity", RevealOther} }

// Why a phone is not shown.
var (
	ErrContactNotHeld = fault.New(fault.Denied, "CONTACT_NOT_HELD",
		"本单位手里没有这件诉求的在办工单，不能查看联系电话。", "Your unit has no open part of the ticket in hand, so the phone is not shown.")
	ErrContactAbsent = fault.New(fault.Precondition, "CONTACT_ABSENT",
		"这件诉求没有留下联系电话。", "The ticket has no phone.")
	ErrRevealReasonUnknown = fault.New(fault.Invalid, "REVEAL_REASON_UNKNOWN",
		"请从列表中选择查看电话的原因。", "Choose from the list why you look at the phone.")
)

// RevealContact records that the actor looks at the filer's phone, and why.
func (t *Ticket) RevealContact(c Context, reason, message string) ([]Event, error) {
	d, err := t.enter(VerbReveal, c)
	if err != nil {
		return nil, err
	}
	if err := d.mayReveal(); err != nil {
		return nil, err
	}
	if !slices.Contains(RevealReasons(), reason) {
		return nil, ErrRevealReasonUnknown.Field("reason", "reason.unknown", "不在列表中", "is none of the list")
	}
	if reason == RevealOther {
		if err := needText("note", message); err != nil {
			return nil, err
		}
	}
	d.emit(ContactRevealed{reason, message})
	return d.finish()
}

// mayReveal: a unit looks while a part of it is open; the filer of a confidential ticket is known to the mayor's office alone.
func (d *decision) mayReveal() error {
	switch p := d.t.PartyOf(d.actor); {
	case p&Filer != 0:
		return ErrNotInside // they see what is theirs
	case d.t.Confidential && p&Office == 0:
		return ErrContactByMessage
	case p&inside == Unit && !slices.ContainsFunc(d.t.Orders, func(o Order) bool { return o.State.Open() && slices.Contains(d.actor.Units, o.Unit) }):
		return ErrContactNotHeld
	case d.t.Erased:
		return ErrContactAbsent
	}
	return nil
}
