// Package desk is what people and the clockwork do with tickets. A use case reads the ticket, asks whether the caller may know
// of it, lets the domain decide, and hands one Change to the store; when somebody was faster it does so again.
//
// The order in which a request is judged is the same everywhere: who may know of the ticket, whether the request was answered
// before, whether it is sound, whether the state allows it. The second question is asked when the others, or the commit, would
// refuse: then, and only then, does it make a difference. Filing reads nothing.
//
// It depends on internal/{ticket,policy,store,eventpb} and kit's authn, blob, change, clock, fault, ids, journal, live, number,
// text and upload.
package desk

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/ids"
	"github.com/throughtrain/throughtrain/services/kit/number"
	"github.com/throughtrain/throughtrain/services/kit/upload"
)

// Deps is what a desk works with.
type Deps struct {
	Store  *store.Store
	Cities *Cities
	City   clock.Clock // of obligations, event times and ids
	Wall   clock.Clock // of how long request ids are kept
	// Numbers makes the numbers of tickets; a source of this process's own when nil.
	Numbers *number.Source
	Blobs   blob.Store    // of files
	Judge   *upload.Judge // of what arrives there
	Log     *zap.Logger   // nil says nothing
	// Compile reads files that are not applied; nil where there is nobody to ask.
	Compile Compile
}

// Desk is the use cases. It is safe for concurrent use.
type Desk struct {
	Deps
	// Intake takes files in.
	Intake *upload.Intake
	ids    *ids.Source
	looks  *prometheus.CounterVec // at phones, by what came of them
}

// New makes a desk.
func New(d Deps) *Desk {
	if d.Numbers == nil {
		d.Numbers = number.New()
	}
	if d.Log == nil {
		d.Log = zap.NewNop()
	}
	desk := &Desk{Deps: d, ids: ids.New(d.City), looks: newLooks()}
	desk.Intake = upload.NewIntake(upload.Config{Store: d.Store.Store, Rows: d.Store.Files, Blobs: d.Blobs, Judge: d.Judge, Wall: d.Wall,
		Arrive: desk.attach, Refusals: []*fault.Error{ticket.ErrAttachmentsTooMany, ticket.ErrErased}})
	return desk
}

// Ref names a ticket.
type Ref struct{ City, ID string }

// read returns a ticket, or TICKET_NOT_FOUND.
func (d *Desk) read(ctx context.Context, ref Ref) (store.Stored, error) {
	key, err := store.KeyOf(ref.City, ref.ID)
	if err != nil {
		return store.Stored{}, ticket.ErrNotFound
	}
	stored, err := d.Store.Ticket(ctx, key)
	if errors.Is(err, store.ErrNotFound) {
		return store.Stored{}, ticket.ErrNotFound
	}
	return stored, err
}
