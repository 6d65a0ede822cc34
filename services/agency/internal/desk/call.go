package desk

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Call is what every request that changes something brings along.
type Call struct {
	Method    string // of the contract, without its package: request ids of different methods do not meet
	RequestID string // empty: the call is not safe to repeat
	BodyHash  []byte // of the request without request id and etag
	Etag      string // expected version; empty for any
}

// keepRequests is how long the request ids of everything but opening are kept.
const keepRequests = 7 * 24 * time.Hour

// request is the row that makes the call safe to repeat, nil when the caller did not ask for that.
func (c Call) request(caller authn.Caller, city, resource string, expires time.Time) *change.Request {
	if c.RequestID == "" {
		return nil
	}
	return &change.Request{City: city, Person: caller.ID(), Method: c.Method, ID: c.RequestID, BodyHash: c.BodyHash,
		Resource: resource, Expires: expires}
}

// replayed returns what the call led to when it was made before, or REQUEST_ID_REUSED when that call was another.
func (d *Desk) replayed(ctx context.Context, caller authn.Caller, city string, c Call) (resource string, found bool, err error) {
	if c.RequestID == "" {
		return "", false, nil
	}
	r, found, err := d.Store.Request(ctx, city, caller.ID(), c.Method, c.RequestID)
	if err != nil || !found {
		return "", false, err
	}
	if !bytes.Equal(r.BodyHash, c.BodyHash) {
		return "", false, ErrRequestReused
	}
	return r.Resource, true, nil
}

// Replay answers a request that cannot be judged any more, because rules became stricter since it was accepted: with the case it led to and the place in it.
func (d *Desk) Replay(ctx context.Context, caller authn.Caller, c Call, city string) (view View, resource string, found bool, err error) {
	resource, found, err = d.replayed(ctx, caller, city, c)
	if err != nil || !found {
		return View{}, "", false, err
	}
	id, _, _ := strings.Cut(resource, "/")
	view, err = d.Get(ctx, caller, Ref{City: city, ID: id})
	return view, resource, err == nil, err
}
