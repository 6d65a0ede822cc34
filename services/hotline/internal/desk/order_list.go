package desk

import (
	"context"

	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/page"
)

// OrderView is a work order of a ticket as one caller may see it.
type OrderView struct {
	View
	Number int
}

// OrderList is a page of what the caller may see.
type OrderList struct {
	Orders        []OrderView
	NextPageToken string
	Total         int // on the first page only
	Capped        bool
}

// ListOrders pages through the work orders that the caller may see. Its rows carry no text but the tickets' titles.
func (d *Desk) ListOrders(ctx context.Context, caller authn.Caller, in ListQuery) (OrderList, error) {
	city, err := d.Cities.City(in.City)
	if err != nil {
		return OrderList{}, err
	}
	size, err := page.Size(in.PageSize, defaultPage, maxPage)
	if err != nil {
		return OrderList{}, err
	}
	order, err := store.OrderOrders.Parse(in.OrderBy)
	if err != nil {
		return OrderList{}, err
	}
	bound := page.Query{Parent: in.City + "/workOrders", Filter: in.Filter, Order: order.String(), View: caller.Person}
	after, err := page.Keys(in.PageToken, bound, order.Like()...)
	if err != nil {
		return OrderList{}, err
	}
	query := store.OrderQuery{City: in.City, Scope: scopeOf(caller, city), Filter: in.Filter, Order: order, After: after, Limit: size + 1}
	rows, err := d.Store.ListOrders(ctx, query)
	if err != nil {
		return OrderList{}, err
	}
	var out OrderList
	if len(rows) > size {
		rows = rows[:size]
		out.NextPageToken = page.Token(bound, rows[size-1].Keys...)
	}
	now := d.City.Now()
	for _, row := range rows {
		view := d.view(caller, city, row.Stored, now)
		view.Texts = Texts{store.Filing: &store.Content{ID: store.Filing, Kind: KindFiling, Title: row.Title}}
		out.Orders = append(out.Orders, OrderView{View: view, Number: row.Number})
	}
	switch {
	case in.PageToken != "":
	case out.NextPageToken == "":
		out.Total = len(rows)
	default:
		out.Total, out.Capped, err = d.Store.CountOrders(ctx, query)
	}
	return out, err
}
