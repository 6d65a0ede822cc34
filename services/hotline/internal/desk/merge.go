package desk

import (
	"context"

	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/text"
)

// Merge closes a ticket into an earlier one, which goes on. The caller must see both. Both are written by one Change, so that there is never one
// without the other; whoever changes either meanwhile lets it be decided again.
func (d *Desk) Merge(ctx context.Context, caller authn.Caller, call Call, ref, into Ref, reason string) (View, error) {
	for range change.Attempts {
		start := change.Begin()
		m, err := d.merging(ctx, caller, ref, into)
		if err != nil {
			return View{}, err
		}
		c, after, err := m.decide(caller, call, reason)
		if err == nil {
			c.Decided = start
			err = d.Store.Commit(ctx, c)
		}
		switch {
		case err == nil:
			return d.seen(ctx, caller, m.context.City, after)
		case !raced(err):
			view, _, err := d.doneBefore(ctx, caller, call, ref, err)
			return view, err
		}
	}
	return View{}, ErrTooBusy
}

// merging is one attempt to merge: the act on the ticket that ends, and the one that goes on.
type merging struct {
	*act
	into store.Stored
}

// merging reads both tickets, of which the caller must see both.
func (d *Desk) merging(ctx context.Context, caller authn.Caller, ref, into Ref) (*merging, error) {
	city, err := d.Cities.City(ref.City)
	if err != nil {
		return nil, err
	}
	stored, err := d.read(ctx, ref)
	if err != nil {
		return nil, err
	}
	other, err := d.read(ctx, into)
	if err != nil {
		return nil, err
	}
	if !ownSight(caller, city, stored) || !ownSight(caller, city, other) {
		return nil, ticket.ErrNotFound
	}
	return &merging{act: &act{Context: ctx, desk: d, from: stored, context: ticket.Context{Now: d.City.Now(), Actor: actorOf(caller, city, stored), City: city}},
		into: other}, nil
}

// decide makes the Change of one attempt.
func (m *merging) decide(caller authn.Caller, call Call, reason string) (*change.Change, store.Stored, error) {
	if call.Etag != "" && call.Etag != etagOf(m.from.Ticket) {
		return nil, m.from, ErrEtagMismatch
	}
	if err := text.Required("reason", reason); err != nil {
		return nil, m.from, err
	}
	same := m.from.Identity.Person != "" && m.from.Identity.Person == m.into.Identity.Person
	own, theirs, err := m.from.Ticket.Merge(m.context, m.into.Ticket, m.write(KindReason, ticket.AuthorDesk, reason), same)
	if err != nil {
		return nil, m.from, err
	}
	// The earlier ticket is written first, whoever merges what: two merges that meet never wait for each other.
	c, _, err := write(m.into, theirs)
	if err != nil {
		return nil, m.from, err
	}
	ended, after, err := write(m.from, own)
	if err != nil {
		return nil, m.from, err
	}
	c.Statements, c.Events, c.Due = append(c.Statements, ended.Statements...), append(c.Events, ended.Events...), append(c.Due, ended.Due...)
	for _, t := range m.texts {
		t.CreateTime = own[len(own)-1].Time
		c.Statements = append(c.Statements, store.AddContent(m.from.Key, t))
	}
	c.Request = call.request(caller, m.from.City, m.resource(), m.desk.Wall.Now().Add(keepRequests))
	return c, store.Stored{Key: m.from.Key, Ticket: after, Hash: c.Events[len(c.Events)-1].Hash, Identity: m.from.Identity}, nil
}
