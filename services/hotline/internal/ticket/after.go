package ticket

// After returns the ticket after more events; the ticket itself stays as it is.
func (t *Ticket) After(events ...Event) (*Ticket, error) {
	after := t.clone()
	for _, e := range events {
		if err := after.Apply(e); err != nil {
			return nil, err
		}
	}
	return after, nil
}
