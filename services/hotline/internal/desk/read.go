package desk

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/number"
	"github.com/throughtrain/throughtrain/services/kit/page"
)

// etagOf is the version of a ticket as callers name it.
func etagOf(t *ticket.Ticket) string { return strconv.FormatInt(t.Version, 10) }

// Etag is the version of the ticket as callers name it.
func (v *View) Etag() string { return etagOf(v.Ticket) }

// Get returns a ticket.
func (d *Desk) Get(ctx context.Context, caller authn.Caller, ref Ref) (View, error) {
	view, _, err := d.open(ctx, caller, ref)
	if err != nil || !view.Sight.Text {
		return view, err
	}
	key, err := store.KeyOf(ref.City, ref.ID)
	if err != nil {
		return View{}, ticket.ErrNotFound
	}
	if view.Texts, err = d.Store.Contents(ctx, key); err != nil {
		return View{}, err
	}
	return view, d.link(ctx, caller, view.City, &view)
}

// open reads a ticket that the caller may know of.
func (d *Desk) open(ctx context.Context, caller authn.Caller, ref Ref) (View, store.Stored, error) {
	city, err := d.Cities.City(ref.City)
	if err != nil {
		return View{}, store.Stored{}, err
	}
	stored, err := d.read(ctx, ref)
	if err != nil {
		return View{}, store.Stored{}, err
	}
	view := d.view(caller, city, stored, d.City.Now())
	if !view.Sight.Ticket {
		return View{}, store.Stored{}, ticket.ErrNotFound
	}
	return view, stored, nil
}

// Lookup finds a ticket by the number said on the phone.
func (d *Desk) Lookup(ctx context.Context, caller authn.Caller, city, written string) (View, error) {
	id, err := d.byNumber(ctx, city, written)
	if err != nil {
		return View{}, err
	}
	return d.Get(ctx, caller, Ref{City: city, ID: id})
}

// nobodys is the id of no ticket.
const nobodys = "00000000-0000-7000-8000-000000000000"

// byNumber finds a ticket's id, or that of no ticket: who asks for a number that is nobody's waits as long for the refusal as who asks for one that
// is not for them.
func (d *Desk) byNumber(ctx context.Context, city, written string) (string, error) {
	n, err := number.Parse(written)
	if err != nil {
		return "", err
	}
	id, err := d.Store.ByNumber(ctx, city, n)
	if errors.Is(err, store.ErrNotFound) {
		return nobodys, nil
	}
	return id, err
}

// Sizes of a page.
const (
	defaultPage = 50
	maxPage     = 200
)

// ListQuery is what is asked of a list.
type ListQuery struct {
	City      string
	PageSize  int32
	PageToken string
	Filter    string
	OrderBy   string
	Query     string // words to find; empty for all
}

// words is the query as a page token is bound to it: no filter has a line break before it.
func (q *ListQuery) words() string {
	if q.Query == "" {
		return ""
	}
	return "\n" + q.Query
}

// List is a page of what the caller may see.
type List struct {
	Views         []View
	NextPageToken string
	Total         int // on the first page only
	Capped        bool
}

// List pages through the tickets that the caller may see. Its rows carry no text but the title.
func (d *Desk) List(ctx context.Context, caller authn.Caller, in ListQuery) (List, error) {
	city, err := d.Cities.City(in.City)
	if err != nil {
		return List{}, err
	}
	size, err := page.Size(in.PageSize, defaultPage, maxPage)
	if err != nil {
		return List{}, err
	}
	order, err := store.Orders.Parse(in.OrderBy)
	if err != nil {
		return List{}, err
	}
	bound := page.Query{Parent: in.City, Filter: in.Filter + in.words(), Order: order.String(), View: caller.Person}
	after, err := page.Keys(in.PageToken, bound, order.Like()...)
	if err != nil {
		return List{}, err
	}
	query := store.Query{City: in.City, Scope: scopeOf(caller, city), Filter: in.Filter, Order: order, After: after, Limit: size + 1}
	if in.Query != "" {
		query.Scope = textScopeOf(caller, city)
		if query.Words = store.Wanted(in.Query); len(query.Words) == 0 {
			return List{}, ErrQueryTooShort
		}
	}
	rows, err := d.Store.List(ctx, query)
	if err != nil {
		return List{}, err
	}
	var out List
	if len(rows) > size {
		rows = rows[:size]
		out.NextPageToken = page.Token(bound, rows[size-1].Keys...)
	}
	now := d.City.Now()
	for i := range rows {
		view := d.view(caller, city, rows[i].Stored, now)
		view.Texts = Texts{store.Filing: &rows[i].Filing}
		out.Views = append(out.Views, view)
	}
	if err := d.linkAll(ctx, caller, city, out.Views); err != nil {
		return List{}, err
	}
	switch {
	case in.PageToken != "":
	case out.NextPageToken == "":
		out.Total = len(rows)
	default:
		out.Total, out.Capped, err = d.Store.Count(ctx, query)
	}
	return out, err
}

// Messages is what was written in a ticket, oldest first, as far as the caller may read it.
func (d *Desk) Messages(ctx context.Context, caller authn.Caller, ref Ref) (View, []*store.Content, error) {
	view, err := d.Get(ctx, caller, ref)
	if err != nil {
		return View{}, nil, err
	}
	var all []*store.Content
	for id, c := range view.Texts {
		if id == store.Filing || !view.Reads(c) {
			continue
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *store.Content) int {
		return cmp.Or(a.CreateTime.Compare(b.CreateTime), cmp.Compare(a.ID, b.ID))
	})
	return view, all, nil
}

// Explain tells how each deadline of a ticket came about.
func (d *Desk) Explain(ctx context.Context, caller authn.Caller, ref Ref) (View, ticket.Explanation, error) {
	view, stored, err := d.open(ctx, caller, ref)
	if err != nil {
		return View{}, ticket.Explanation{}, err
	}
	explanation, err := view.Ticket.Explain(ticket.Context{Now: view.Now, Actor: actorOf(caller, view.City, stored), City: view.City})
	return view, explanation, err
}

// Entry is one event at its place in the chain. Of an event that says more than the caller may know there are no bytes.
type Entry struct {
	Event  ticket.Event
	Sealed journal.Sealed
}

// shown leaves out of an entry whom the ticket is about, which other ticket it was merged with and whether its filer is called back, and with that
// the bytes in which it stands, for who may not know. The hashes stay.
func (v *View) shown(e Entry) Entry {
	switch b := e.Event.Body.(type) {
	case ticket.Filed:
		if b.Conflict.IsZero() || v.Sight.Identity {
			return e
		}
		b.Conflict = ticket.Conflict{}
		e.Event.Body = b
	case ticket.ConflictNamed:
		if v.Sight.Identity {
			return e
		}
		e.Event.Body = ticket.ConflictNamed{}
	case ticket.Absorbed:
		if v.Linked(b.Ticket) {
			return e
		}
		e.Event.Body = ticket.Absorbed{}
	case ticket.Closed:
		if b.Into == "" || v.Linked(b.Into) {
			return e
		}
		b.Into = ""
		e.Event.Body = b
	case ticket.Answered:
		// Of every answer, or the bytes that are missing would say it.
		if !v.answers() {
			return e
		}
		b.Callback = ""
		e.Event.Body = b
	case ticket.ContactRevealed: // to call back, perhaps
		if !v.answers() || e.Event.Actor == v.context.Actor.Person {
			return e
		}
		e.Event.Body = ticket.ContactRevealed{}
	default:
		return e
	}
	e.Sealed.Bytes, e.Sealed.Payload = nil, nil
	return e
}

// History returns a ticket's events, oldest first, and whether their chain holds up to the ticket's row.
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
	if err := d.link(ctx, caller, view.City, &view); err != nil {
		return View{}, nil, false, err
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
		entries = append(entries, view.shown(Entry{Event: e, Sealed: s}))
	}
	// The journal may have grown since the row was read; what the row names must be in it, unchanged.
	v := stored.Ticket.Version
	verified = verified && int64(len(history)) >= v && history[v-1].Hash == stored.Hash
	return view, entries, verified, nil
}
