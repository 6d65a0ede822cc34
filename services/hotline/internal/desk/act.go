package desk

import (
	"context"
	"errors"
	"strconv"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// act is one attempt to do something to a ticket: what a verb decides upon, and what it writes beside its events.
type act struct {
	context.Context
	desk    *Desk
	from    store.Stored
	context ticket.Context
	texts   []*store.Content
	rows    []change.Statement
	beside  []change.Event // of histories beside the ticket's
	order   int            // number of the work order it is about; 0 for the ticket
}

// write keeps a text under a new id, or does nothing with an empty one. The text gets its time when the verb is decided.
func (a *act) write(kind string, author ticket.Author, body string) (id string) {
	if body == "" {
		return ""
	}
	c := store.NewContent(store.Content{ID: a.desk.ids.New(), Kind: kind, Author: author.String(), Person: a.person(author), Body: body})
	a.texts = append(a.texts, &c)
	return c.ID
}

// person is who wrote a text; of a confidential ticket's filer nothing tells that.
func (a *act) person(author ticket.Author) string {
	if author == ticket.AuthorFiler && a.from.Ticket.Confidential {
		return ""
	}
	return a.context.Actor.Person
}

// resource is what the act leads to: the work order it is about, or the first text it wrote, or the ticket.
func (a *act) resource() string {
	switch {
	case a.order > 0:
		return a.from.ID + ordersPart + strconv.Itoa(a.order)
	case len(a.texts) > 0:
		return a.from.ID + messagesPart + a.texts[0].ID
	}
	return a.from.ID
}

const (
	messagesPart = "/messages/"
	ordersPart   = "/workOrders/"
)

// verb decides what happens to a ticket. It runs again when somebody was faster.
type verb func(a *act) ([]ticket.Event, error)

// do is every verb: it reads, judges, decides and commits, and answers with the ticket after it. The resource is the ticket's id, or
// where the verb wrote a text, that text's place in it.
func (d *Desk) do(ctx context.Context, caller authn.Caller, call Call, ref Ref, decide verb) (view View, resource string, err error) {
	return d.acting(ctx, caller, call, ref, ownSight, decide)
}

// mayKnow tells whether a caller may know of a ticket before anything about it is said.
type mayKnow func(caller authn.Caller, city *policy.City, s store.Stored) bool

func ownSight(caller authn.Caller, city *policy.City, s store.Stored) bool {
	return sightOf(caller, city, s).Ticket
}

// anySight is for a caller who has proved otherwise that the ticket is theirs.
func anySight(authn.Caller, *policy.City, store.Stored) bool { return true }

func (d *Desk) acting(ctx context.Context, caller authn.Caller, call Call, ref Ref, known mayKnow, decide verb) (View, string, error) {
	for range change.Attempts {
		start := change.Begin()
		city, err := d.Cities.City(ref.City) // as it is now: who was faster may have been a new configuration
		if err != nil {
			return View{}, "", err
		}
		stored, err := d.read(ctx, ref)
		if err != nil {
			return View{}, "", err
		}
		if !known(caller, city, stored) {
			return View{}, "", ticket.ErrNotFound
		}
		a := &act{Context: ctx, desk: d, from: stored, context: ticket.Context{Now: d.City.Now(), Actor: actorOf(caller, city, stored), City: city}}
		c, after, err := a.decide(caller, call, decide)
		if err == nil && c != nil {
			c.Decided = start
			err = d.Store.Commit(ctx, c)
		}
		switch {
		case err == nil:
			view, err := d.seen(ctx, caller, city, after)
			return view, a.resource(), err
		case !raced(err):
			return d.doneBefore(ctx, caller, call, ref, err)
		}
	}
	return View{}, "", ErrTooBusy
}

// raced tells whether deciding again, by what is there now, is the answer to a commit that failed.
func raced(err error) bool {
	var unique *change.UniqueError
	return errors.Is(err, change.ErrConflict) || errors.Is(err, change.ErrStale) || errors.As(err, &unique) && unique.Name == store.AnswerKnown
}

// decide makes the Change of one attempt; nil when the verb changes nothing.
func (a *act) decide(caller authn.Caller, call Call, verb verb) (*change.Change, store.Stored, error) {
	if call.Etag != "" && call.Etag != etagOf(a.from.Ticket) {
		return nil, a.from, ErrEtagMismatch
	}
	events, err := verb(a)
	if err != nil {
		return nil, a.from, err
	}
	request := call.request(caller, a.from.City, a.resource(), a.desk.Wall.Now().Add(keepRequests))
	c, after, at := &change.Change{}, a.from, a.context.Now
	switch {
	case len(events) > 0:
		if c, after.Ticket, err = write(a.from, events); err != nil {
			return nil, a.from, err
		}
		after.Hash, at = c.Events[len(c.Events)-1].Hash, events[len(events)-1].Time
	case len(a.beside) > 0:
		c.Statements, at = append(c.Statements, store.Unchanged(a.from)), a.beside[len(a.beside)-1].Time
	case request == nil:
		return nil, a.from, nil
	}
	c.Events = append(c.Events, a.beside...)
	for _, t := range a.texts {
		t.CreateTime = at
		c.Statements = append(c.Statements, store.AddContent(a.from.Key, t))
	}
	c.Statements = append(c.Statements, a.rows...)
	c.Request = request
	return c, after, nil
}

// seen is the ticket with its texts, after a commit.
func (d *Desk) seen(ctx context.Context, caller authn.Caller, city *policy.City, s store.Stored) (View, error) {
	view := d.view(caller, city, s, d.City.Now())
	if !view.Sight.Text {
		return view, nil
	}
	texts, err := d.Store.Contents(ctx, s.Key)
	if err != nil {
		return View{}, err
	}
	view.Texts = texts
	return view, d.link(ctx, caller, city, &view)
}

// doneBefore answers a repeated call with the ticket in its present state; otherwise the refusal stands.
func (d *Desk) doneBefore(ctx context.Context, caller authn.Caller, call Call, ref Ref, refusal error) (View, string, error) {
	if !refused(refusal) {
		return View{}, "", refusal
	}
	resource, found, err := d.replayed(ctx, caller, ref.City, call)
	switch {
	case err != nil:
		return View{}, "", err
	case !found:
		return View{}, "", refusal
	}
	view, err := d.Get(ctx, caller, ref)
	return view, resource, err
}

// refused tells a refusal, which a repeated call must not meet, from a failure, about which it can do nothing.
func refused(err error) bool {
	var f *fault.Error
	return errors.Is(err, change.ErrRequestSeen) || errors.As(err, &f)
}
