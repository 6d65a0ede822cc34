package desk

import (
	"context"
	"errors"
	"strconv"

	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/number"
)

// etagOf is the version of a case as callers name it.
func etagOf(c *casefile.Case) string { return strconv.FormatInt(c.Version, 10) }

// Etag is the version of the case as callers name it.
func (v *View) Etag() string { return etagOf(v.Case) }

// Get returns a case.
func (d *Desk) Get(ctx context.Context, caller authn.Caller, ref Ref) (View, error) {
	view, stored, err := d.open(ctx, caller, ref)
	if err != nil || !view.Sight.Text {
		return view, err
	}
	view.Texts, err = d.Store.Contents(ctx, stored.Key)
	return view, err
}

// open reads a case that the caller may know of.
func (d *Desk) open(ctx context.Context, caller authn.Caller, ref Ref) (View, store.Stored, error) {
	city, err := d.Cities.City(ref.City)
	if err != nil {
		return View{}, store.Stored{}, err
	}
	stored, err := d.read(ctx, ref)
	if err != nil {
		return View{}, store.Stored{}, err
	}
	if !sightOf(caller, city, stored.Case).Case {
		return View{}, store.Stored{}, casefile.ErrNotFound
	}
	view, err := d.view(ctx, caller, city, stored)
	return view, stored, err
}

// Item returns a case with an item that the caller may see.
func (d *Desk) Item(ctx context.Context, caller authn.Caller, ref Ref, code string) (View, error) {
	view, err := d.Get(ctx, caller, ref)
	if err == nil && view.Case.Item(code) == nil {
		err = casefile.ErrItemNotFound
	}
	return view, err
}

// Commitment returns a case with a commitment that the caller may see.
func (d *Desk) Commitment(ctx context.Context, caller authn.Caller, ref Ref, n int) (View, error) {
	view, err := d.Get(ctx, caller, ref)
	if err != nil {
		return View{}, err
	}
	k := view.Case.Commitment(n)
	if k == nil || !view.Sight.ShowsItem(view.Case.Item(k.Item)) {
		return View{}, casefile.ErrCommitmentNotFound
	}
	return view, nil
}

// nobodys is the id of no case.
const nobodys = "00000000-0000-7000-8000-000000000000"

// Lookup finds a case by the number said on the phone. Who asks for a number that is nobody's waits as long for the refusal as who asks for one that is not
// for them.
func (d *Desk) Lookup(ctx context.Context, caller authn.Caller, city, written string) (View, error) {
	n, err := number.Parse(written)
	if err != nil {
		return View{}, err
	}
	id, err := d.Store.ByNumber(ctx, city, n)
	if errors.Is(err, store.ErrNotFound) {
		id, err = nobodys, nil
	}
	if err != nil {
		return View{}, err
	}
	return d.Get(ctx, caller, Ref{City: city, ID: id})
}

// Entry is one event at its place in the chain.
type Entry struct {
	Event  casefile.Event
	Sealed journal.Sealed
}

// History returns a case's events, oldest first, and whether their chain holds up to the case's row.
func (d *Desk) History(ctx context.Context, caller authn.Caller, ref Ref) (View, []Entry, bool, error) {
	view, stored, err := d.open(ctx, caller, ref)
	if err != nil {
		return View{}, nil, false, err
	}
	history, err := d.Store.Journal(ctx, stored.City, stored.Aggregate(), stored.Month)
	if err != nil {
		return View{}, nil, false, err
	}
	if view.Sight.Text {
		if view.Texts, err = d.Store.Contents(ctx, stored.Key); err != nil {
			return View{}, nil, false, err
		}
	}
	entries := make([]Entry, 0, len(history))
	var chain journal.Chain
	verified := true
	for _, s := range history {
		verified = verified && chain.Extend(s) == nil
		e, err := opened(s)
		if err != nil {
			return View{}, nil, false, err
		}
		entries = append(entries, Entry{Event: e, Sealed: s})
	}
	// The journal may have grown since the row was read; what the row names must be in it, unchanged.
	v := stored.Case.Version
	verified = verified && int64(len(history)) >= v && history[v-1].Hash == stored.Hash
	return view, entries, verified, nil
}
