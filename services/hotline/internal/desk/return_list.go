package desk

import (
	"context"
	"slices"

	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/page"
)

// ReturnList is a page of requests to hand back.
type ReturnList struct {
	Rows          []store.ListedReturn
	NextPageToken string
	Total         int // on the first page only
	Capped        bool
}

// ListReturns pages through the requests to hand back that the caller made, or that units of theirs made, or all of the city.
func (d *Desk) ListReturns(ctx context.Context, caller authn.Caller, in ListQuery) (ReturnList, error) {
	city, err := d.Cities.City(in.City)
	if err != nil {
		return ReturnList{}, err
	}
	size, err := page.Size(in.PageSize, defaultPage, maxPage)
	if err != nil {
		return ReturnList{}, err
	}
	order, err := store.ReturnOrders.Parse(in.OrderBy)
	if err != nil {
		return ReturnList{}, err
	}
	bound := page.Query{Parent: in.City + "/returns", Filter: in.Filter, Order: order.String(), View: caller.Person}
	after, err := page.Keys(in.PageToken, bound, order.Like()...)
	if err != nil {
		return ReturnList{}, err
	}
	query := store.ReturnQuery{City: in.City, Scope: scopeOf(caller, city), Filter: in.Filter, Order: order, After: after, Limit: size + 1}
	var out ReturnList
	if out.Rows, err = d.Store.ListReturns(ctx, query); err != nil {
		return ReturnList{}, err
	}
	if len(out.Rows) > size {
		out.Rows = out.Rows[:size]
		out.NextPageToken = page.Token(bound, out.Rows[size-1].Keys...)
	}
	if err := d.hideReturned(ctx, caller, city, out.Rows); err != nil {
		return ReturnList{}, err
	}
	switch {
	case in.PageToken != "":
	case out.NextPageToken == "":
		out.Total = len(out.Rows)
	default:
		out.Total, out.Capped, err = d.Store.CountReturns(ctx, query)
	}
	return out, err
}

// hideReturned takes away what would lead to a ticket that the caller sees no more: the request stays who made it's, the ticket went on.
func (d *Desk) hideReturned(ctx context.Context, caller authn.Caller, city *policy.City, rows []store.ListedReturn) error {
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = rows[i].Ticket
	}
	slices.Sort(ids)
	tickets, err := d.Store.Tickets(ctx, city.Code(), slices.Compact(ids))
	if err != nil {
		return err
	}
	seen := make(map[string]bool, len(tickets))
	for _, s := range tickets {
		seen[s.ID] = sightOf(caller, city, s).Ticket
	}
	for i := range rows {
		if !seen[rows[i].Ticket] {
			rows[i].Ticket, rows[i].TicketNumber = "", ""
		}
	}
	return nil
}
