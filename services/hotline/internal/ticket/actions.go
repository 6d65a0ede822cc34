package ticket

// Actions returns the verbs the actor may use on the ticket now, in the order of the table. A verb is listed when nothing but
// its own words could still make it fail.
func (t *Ticket) Actions(c Context) []string {
	d := t.decide(c)
	if d.err != nil {
		return nil
	}
	party := d.t.PartyOf(c.Actor)
	var out []string
	for _, v := range offered {
		if allowed(v, d.t.State, party) == nil && d.may(v) == nil {
			out = append(out, string(v))
		}
	}
	return out
}

// offered are the verbs a person sees as buttons.
var offered = []Verb{
	VerbDispatch, VerbSign, VerbContact, VerbAsk, VerbReply, VerbAnswer, VerbVerify, VerbCallback, VerbReopen, VerbWithdraw, VerbReject, VerbMessage,
	VerbOrder, VerbReturn, VerbDecideReturn, VerbExtend, VerbDecideExtension, VerbSupervise, VerbInstruct, VerbMerge, VerbNameConflict, VerbMissedCall,
	VerbAskDialogue, VerbTakeDialogue, VerbDeclineDialogue, VerbHandOnDialogue, VerbHoldDialogue,
	VerbAttach, VerbNote, VerbReveal,
}

// may is what a verb asks of a ticket beyond the table.
func (d *decision) may(v Verb) error {
	switch v {
	case VerbAsk:
		return d.mayAsk()
	case VerbVerify, VerbCallback:
		return d.mayVerify(v)
	case VerbReopen:
		return d.mayReopen()
	case VerbReject:
		return d.mayReject()
	case VerbAnswer:
		return d.mayAnswer()
	case VerbAttach:
		return d.mayAttach()
	case VerbNote:
		return d.mayNote()
	case VerbReveal:
		return d.mayReveal()
	default:
		return d.mayAside(v)
	}
}

func (d *decision) mayAside(v Verb) error {
	switch v {
	case VerbReturn:
		return d.mayReturn(0)
	case VerbDecideReturn:
		return d.mayDecideReturn()
	case VerbExtend:
		return d.mayExtend()
	case VerbDecideExtension:
		x := d.t.pendingExtension()
		if x == nil {
			return ErrExtensionNotPending
		}
		return d.mayReferee(Seat{Official: x.By})
	case VerbMissedCall:
		return d.mayMissCall()
	case VerbAskDialogue:
		if d.t.Dialogue() != nil {
			return ErrDialoguePending
		}
	case VerbTakeDialogue, VerbDeclineDialogue, VerbHandOnDialogue, VerbHoldDialogue:
		return d.mayDialogue(DialogueAsked, DialogueAppointed)
	default:
	}
	return nil
}

// mayDecideReturn: some request waits that is not the actor's own.
func (d *decision) mayDecideReturn() error {
	err := error(ErrReturnNotPending)
	for _, r := range d.t.Returns {
		if r.Decision != "" {
			continue
		}
		if err = d.mayReferee(r.By); err == nil {
			return nil
		}
	}
	return err
}
