package desk

import (
	"context"
	"errors"

	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/text"
)

// act is one attempt to do something to a case: what a verb decides upon, and what it writes beside its events.
type act struct {
	context.Context
	desk    *Desk
	city    *catalogue.City
	from    store.Stored
	context casefile.Context
	texts   []*store.Content
	rows    []change.Statement
	place   string // within the case, of what the act is about: items/filing, commitments/1; empty for the case
	err     error  // a text that was refused
}

// write keeps a text under a new id, or does nothing with a blank one, which what needs a text refuses. The text gets its time when the verb is decided.
func (a *act) write(kind, body string) (id string) {
	if text.Blank(body) {
		return ""
	}
	if err := text.Optional("text", body); err != nil {
		a.err = errors.Join(a.err, err)
		return ""
	}
	c := store.NewContent(store.Content{ID: a.desk.ids.New(), Kind: kind, Person: a.context.Actor.Person, Body: body})
	a.texts = append(a.texts, &c)
	return c.ID
}

// resource is what the act leads to.
func (a *act) resource() string {
	if a.place == "" {
		return a.from.ID
	}
	return a.from.ID + "/" + a.place
}

// verb decides what happens to a case. It runs again when somebody was faster.
type verb func(a *act) ([]casefile.Event, error)

// do is every verb of a person: it reads, judges, decides and commits, and answers with the case after it and the place in it that the verb led to.
func (d *Desk) do(ctx context.Context, caller authn.Caller, call Call, ref Ref, decide verb) (view View, resource string, err error) {
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
		if !sightOf(caller, city, stored.Case).Case {
			return View{}, "", casefile.ErrNotFound
		}
		a, err := d.attempt(ctx, city, stored, actorOf(caller, city))
		if err != nil {
			return View{}, "", err
		}
		c, after, err := a.decide(caller, call, decide)
		if err == nil && c != nil {
			c.Decided = start
			err = taken(d.Store.Commit(ctx, c))
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

// attempt is an act of somebody upon a case as it was read.
func (d *Desk) attempt(ctx context.Context, city *catalogue.City, stored store.Stored, actor casefile.Actor) (*act, error) {
	now := d.City.Now()
	barred, err := d.Store.Barred(ctx, stored.City, stored.Case.Enterprise, now)
	if err != nil {
		return nil, err
	}
	return &act{Context: ctx, desk: d, city: city, from: stored, context: casefile.Context{Now: now, Actor: actor, City: city, Barred: barred}}, nil
}

// taken turns a number that another certificate of the city has into a refusal.
func taken(err error) error {
	var unique *change.UniqueError
	if errors.As(err, &unique) && unique.Name == store.CertificateTaken {
		return casefile.ErrCertificateNumber.Field("number", "number.taken", "已使用", "is taken")
	}
	return err
}

// raced tells whether deciding again, by what is there now, is the answer to a commit that failed.
func raced(err error) bool {
	return errors.Is(err, change.ErrConflict) || errors.Is(err, change.ErrStale)
}

// decide makes the Change of one attempt; nil when the verb changes nothing.
func (a *act) decide(caller authn.Caller, call Call, verb verb) (*change.Change, store.Stored, error) {
	if call.Etag != "" && call.Etag != etagOf(a.from.Case) {
		return nil, a.from, ErrEtagMismatch
	}
	events, err := verb(a)
	if err = errors.Join(a.err, err); err != nil {
		return nil, a.from, first(err)
	}
	request := call.request(caller, a.from.City, a.resource(), a.desk.Wall.Now().Add(keepRequests))
	if len(events) == 0 {
		if request == nil && len(a.rows) == 0 {
			return nil, a.from, nil
		}
		return &change.Change{Statements: a.rows, Request: request}, a.from, nil
	}
	c, after, err := write(a.city, a.from, events)
	if err != nil {
		return nil, a.from, err
	}
	for _, t := range a.texts {
		t.CreateTime = events[len(events)-1].Time
		c.Statements = append(c.Statements, store.AddContent(a.from.Key, t))
	}
	c.Statements = append(c.Statements, a.rows...)
	c.Request = request
	return c, after, nil
}

// first is the first fault of several, or the error itself.
func first(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	return err
}

// seen is the case with its texts, after a commit.
func (d *Desk) seen(ctx context.Context, caller authn.Caller, city *catalogue.City, s store.Stored) (View, error) {
	view, err := d.view(ctx, caller, city, s)
	if err != nil || !view.Sight.Text {
		return view, err
	}
	view.Texts, err = d.Store.Contents(ctx, s.Key)
	return view, err
}

// doneBefore answers a repeated call with the case in its present state; otherwise the refusal stands.
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
