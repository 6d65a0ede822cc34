// Package desk holds the use cases of the attendant service: binding officials to enterprises, saying who is there, and
// handing over, visits, and answering what the hotline, the agency and the directory tell. A use case looks at who asks, reads, lets the domain decide, and hands one
// Change to the store.
//
// It depends on internal/{binding,roster,route,store,visit} and on kit; it knows nothing of gRPC.
package desk

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/ids"
)

// Deps is what a desk works with.
type Deps struct {
	Store *store.Store
	City  clock.Clock // of what happens in a city
	Wall  clock.Clock // of how long request ids are kept
	// News tells of the directory's feed; nil where nothing is followed.
	News News
}

// News is where this service stands in the directory's feed.
type News interface {
	// Position is the last position taken up.
	Position() int64
	// Await returns when that reaches a position.
	Await(ctx context.Context, position int64) error
}

// Desk carries out the use cases. It is safe for concurrent use.
type Desk struct {
	Deps
	ids     *ids.Source
	rosters rosters
}

// New makes a desk.
func New(d Deps) *Desk { return &Desk{Deps: d, ids: ids.New(d.City)} }

// Call is what every request that changes something brings along.
type Call struct {
	Caller    authn.Caller
	City      string // that the request is about: a service's caller has none of its own
	Method    string // of the contract, without its package
	RequestID string // empty: the call cannot be repeated safely
	Body      []byte // hash of what was asked for, without request id and etag
}

// keepRequests is how long request ids are kept.
const keepRequests = 7 * 24 * time.Hour

func (c Call) request(resource string, now time.Time) *change.Request {
	if c.RequestID == "" {
		return nil
	}
	return &change.Request{City: c.City, Person: c.Caller.ID(), Method: c.Method, ID: c.RequestID, BodyHash: c.Body, Resource: resource,
		Expires: now.Add(keepRequests)}
}

// actor is how the journal names the caller.
func (c Call) actor() string {
	switch c.Caller.Kind {
	case authn.Person:
		return "persons/" + c.Caller.Person
	case authn.Service:
		return "services/" + c.Caller.Name
	default:
		return "system/" + c.Caller.Name
	}
}

// Seen returns what an earlier call under the same request id led to.
func (d *Desk) Seen(ctx context.Context, c Call) (resource string, seen bool, err error) {
	if c.RequestID == "" {
		return "", false, nil
	}
	r, seen, err := d.Store.Request(ctx, c.City, c.Caller.ID(), c.Method, c.RequestID)
	switch {
	case err != nil || !seen:
		return "", false, err
	case !bytes.Equal(r.BodyHash, c.Body):
		return "", false, ErrRequestReused
	}
	return r.Resource, true, nil
}

// once decides until it is written what a call leads to, and returns the id of that. What changes nothing returns no Change,
// which is an answer to remember too. A call that was made before, perhaps a moment ago by its twin, finds its request id
// taken when it commits, or is refused because of what it did itself: then, and only then, is it looked up.
func (d *Desk) once(ctx context.Context, call Call, decide func(context.Context) (*change.Change, string, error)) (string, error) {
	for range change.Attempts {
		start := change.Begin()
		c, resource, err := decide(ctx)
		if err == nil {
			err = d.commit(ctx, c, call.request(resource, d.Wall.Now()), start)
		}
		switch {
		case err == nil:
			return resource, nil
		case !raced(err):
			return d.doneBefore(ctx, call, err)
		}
	}
	return d.doneBefore(ctx, call, ErrTooBusy)
}

func (d *Desk) commit(ctx context.Context, c *change.Change, request *change.Request, start time.Time) error {
	if c == nil && request == nil {
		return nil
	}
	if c == nil {
		c = &change.Change{}
	}
	c.Request, c.Decided = request, start
	return d.Store.Commit(ctx, c)
}

// doneBefore answers a repeated call with what it led to; otherwise the refusal stands.
func (d *Desk) doneBefore(ctx context.Context, call Call, refusal error) (string, error) {
	var f *fault.Error
	if !errors.Is(refusal, change.ErrRequestSeen) && !errors.As(refusal, &f) {
		return "", refusal
	}
	resource, seen, err := d.Seen(ctx, call)
	switch {
	case err != nil:
		return "", err
	case !seen:
		return "", refusal
	}
	return resource, nil
}

// raced tells whether deciding again, by what is there now, is the answer to a commit that failed.
func raced(err error) bool {
	var unique *change.UniqueError
	return errors.Is(err, change.ErrConflict) || errors.Is(err, change.ErrStale) || errors.As(err, &unique) && unique.Name == store.Primary
}

// overviewRoles see all bindings of a city.
var overviewRoles = []optionsv1.Role{optionsv1.Role_ROLE_DISPATCHER, optionsv1.Role_ROLE_SUPERVISOR, optionsv1.Role_ROLE_MAYOR_OFFICE,
	optionsv1.Role_ROLE_CITY_ADMIN, optionsv1.Role_ROLE_AUDITOR, optionsv1.Role_ROLE_LEADER}

// scopeOf is whose bindings a caller may list.
func scopeOf(c authn.Caller) store.Scope {
	return store.Scope{All: slices.ContainsFunc(overviewRoles, c.HasRole), Official: c.Person, Enterprises: c.Enterprises}
}
