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
	default:
		return nil
	}
}
