// Package desk is what people, departments' systems and the clockwork do with cases. A use case reads the case, asks whether the caller may know of it,
// lets the domain decide, and hands one Change to the store; when somebody was faster it does so again.
//
// The order in which a request is judged is the same everywhere: who may know of the case, whether the request was answered before, whether it is sound,
// whether the state allows it. The second question is asked when the others, or the commit, would refuse: then, and only then, does it make a difference.
//
// It depends on internal/{casefile,catalogue,eventpb,fact,line,store} and kit's authn, blob, change, clock, fault, ids, journal, media, number, text and upload.
package desk

import (
	"context"
	"errors"

	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/clock"
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
	// Numbers makes the numbers of cases; a source of this process's own when nil.
	Numbers *number.Source
	Blobs   blob.Store    // of files
	Judge   *upload.Judge // of what arrives there
	// Hotline is where tickets are filed; nil when there is none.
	Hotline Hotline
}

// Desk is the use cases. It is safe for concurrent use.
type Desk struct {
	Deps
	// Intake takes files in.
	Intake *upload.Intake
	ids    *ids.Source
}

// New makes a desk.
func New(d Deps) *Desk {
	if d.Numbers == nil {
		d.Numbers = number.New()
	}
	desk := &Desk{Deps: d, ids: ids.New(d.City)}
	desk.Intake = upload.NewIntake(upload.Config{Store: d.Store.Store, Rows: d.Store.Files, Blobs: d.Blobs, Judge: d.Judge, Wall: d.Wall,
		Arrive: desk.arrive, Refusals: refusalsOfFiles})
	return desk
}

// Ref names a case.
type Ref struct{ City, ID string }

// read returns a case, or CASE_NOT_FOUND.
func (d *Desk) read(ctx context.Context, ref Ref) (store.Stored, error) {
	key, err := store.KeyOf(ref.City, ref.ID)
	if err != nil {
		return store.Stored{}, casefile.ErrNotFound
	}
	stored, err := d.Store.Case(ctx, key)
	if errors.Is(err, store.ErrNotFound) {
		return store.Stored{}, casefile.ErrNotFound
	}
	return stored, err
}
