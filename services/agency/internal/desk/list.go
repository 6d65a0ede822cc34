package desk

import (
	"context"

	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/filter"
	"github.com/throughtrain/throughtrain/services/kit/page"
)

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
}

// Page is a page of what the caller may see.
type Page[V any] struct {
	Rows          []V
	NextPageToken string
	Total         int // on the first page only
	Capped        bool
}

// ListedItem is one item of a case, as a row.
type ListedItem struct {
	View
	Code string
}

// ListedCommitment is one commitment of a case, as a row.
type ListedCommitment struct {
	View
	Number int
}

// List pages through the cases that the caller may see. Its rows carry no text but the words in which the case was opened.
func (d *Desk) List(ctx context.Context, caller authn.Caller, in ListQuery) (Page[View], error) {
	return list(ctx, d, caller, in, lister[store.Listed, View]{
		kind: "cases", order: store.Orders, list: d.Store.List, count: d.Store.Count,
		row: func(r *store.Listed) (store.Stored, []page.Key) { return r.Stored, r.Keys },
		see: func(r *store.Listed, v View) View {
			v.Texts = Texts{store.Opening: &r.Opening}
			return v
		},
	})
}

// ListItems pages through the items of the cases that the caller may see.
func (d *Desk) ListItems(ctx context.Context, caller authn.Caller, in ListQuery) (Page[ListedItem], error) {
	return list(ctx, d, caller, in, lister[store.ListedItem, ListedItem]{
		kind: "items", order: store.ItemOrders, list: d.Store.ListItems, count: d.Store.CountItems,
		row: func(r *store.ListedItem) (store.Stored, []page.Key) { return r.Stored, r.Keys },
		see: func(r *store.ListedItem, v View) ListedItem {
			return ListedItem{View: titled(v, r.Title), Code: r.Item}
		},
	})
}

// ListCommitments pages through the commitments of the cases that the caller may see.
func (d *Desk) ListCommitments(ctx context.Context, caller authn.Caller, in ListQuery) (Page[ListedCommitment], error) {
	return list(ctx, d, caller, in, lister[store.ListedCommitment, ListedCommitment]{
		kind: "commitments", order: store.CommitmentOrders, list: d.Store.ListCommitments, count: d.Store.CountCommitments,
		row: func(r *store.ListedCommitment) (store.Stored, []page.Key) { return r.Stored, r.Keys },
		see: func(r *store.ListedCommitment, v View) ListedCommitment {
			return ListedCommitment{View: titled(v, r.Title), Number: r.Number}
		},
	})
}

// titled is a view with no text but what the project is called.
func titled(v View, title string) View {
	v.Texts = Texts{store.Opening: {ID: store.Opening, Title: title}}
	return v
}

// lister is a kind of list: of rows R, seen as V.
type lister[R, V any] struct {
	kind  string // sets its page tokens apart
	order *filter.Orders
	list  func(ctx context.Context, q store.Query) ([]R, error)
	count func(ctx context.Context, q store.Query) (int, bool, error)
	row   func(r *R) (store.Stored, []page.Key)
	see   func(r *R, v View) V
}

// list pages through what the caller may see.
func list[R, V any](ctx context.Context, d *Desk, caller authn.Caller, in ListQuery, l lister[R, V]) (Page[V], error) {
	city, err := d.Cities.City(in.City)
	if err != nil {
		return Page[V]{}, err
	}
	size, err := page.Size(in.PageSize, defaultPage, maxPage)
	if err != nil {
		return Page[V]{}, err
	}
	order, err := l.order.Parse(in.OrderBy)
	if err != nil {
		return Page[V]{}, err
	}
	bound := page.Query{Parent: in.City + "/" + l.kind, Filter: in.Filter, Order: order.String(), View: caller.Person}
	after, err := page.Keys(in.PageToken, bound, order.Like()...)
	if err != nil {
		return Page[V]{}, err
	}
	query := store.Query{City: in.City, Scope: scopeOf(caller, city), Filter: in.Filter, Order: order, After: after, Limit: size + 1}
	rows, err := l.list(ctx, query)
	if err != nil {
		return Page[V]{}, err
	}
	var out Page[V]
	if len(rows) > size {
		rows = rows[:size]
		_, keys := l.row(&rows[size-1])
		out.NextPageToken = page.Token(bound, keys...)
	}
	acting := casefile.Context{Now: d.City.Now(), Actor: actorOf(caller, city), City: city}
	enterprises := make([]string, len(rows))
	for i := range rows {
		stored, _ := l.row(&rows[i])
		enterprises[i] = stored.Case.Enterprise
	}
	barred, err := d.Store.BarredAmong(ctx, in.City, enterprises, acting.Now)
	if err != nil {
		return Page[V]{}, err
	}
	for i := range rows {
		stored, _ := l.row(&rows[i])
		acting.Barred = barred[enterprises[i]]
		out.Rows = append(out.Rows, l.see(&rows[i], viewIn(acting, caller, stored.Case)))
	}
	switch {
	case in.PageToken != "":
	case out.NextPageToken == "":
		out.Total = len(rows)
	default:
		out.Total, out.Capped, err = l.count(ctx, query)
	}
	return out, err
}
