package ticket

// Message writes a word into an open ticket.
func (t *Ticket) Message(c Context, message string) ([]Event, error) {
	d, err := t.enter(VerbMessage, c)
	if err != nil {
		return nil, err
	}
	if err := needText("text", message); err != nil {
		return nil, err
	}
	d.emit(MessageWritten{message, d.author()})
	return d.finish()
}

// author tells as what an actor writes who may be several things at once: the filer's word is the filer's first of all.
func (d *decision) author() Author {
	switch p := d.t.PartyOf(d.actor); {
	case p&Filer != 0:
		return AuthorFiler
	case p&Holder != 0:
		return AuthorHolder
	default:
		return AuthorDesk
	}
}

// Claim makes a ticket that was filed for a caller the caller's own. Whether the actor is that caller is for whoever knows the
// phone to say. Claiming one's own ticket changes nothing; a ticket of somebody else is not there.
func (t *Ticket) Claim(c Context) ([]Event, error) {
	d, err := t.enter(VerbClaim, c)
	if err != nil {
		return nil, err
	}
	switch d.t.Filer {
	case d.actor.Person:
		return nil, nil
	case "":
	default:
		return nil, ErrNotFound
	}
	d.emit(Claimed{d.actor.Person}, d.t.changed(
		func(c Clock) bool { return c.Kind == KindVerify && c.State == Running },
		func(c Clock) Clock { c.Owner = Seat{Official: d.actor.Person}; return c })...)
	return d.finish()
}
