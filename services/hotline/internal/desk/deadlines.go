package desk

import (
	"cmp"
	"context"
	"time"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// Compile makes a configuration of files that are not applied, or says what is wrong with them.
type Compile func(ctx context.Context, city string, files []*directoryv1.CityFile) (*directoryv1.CityConfig, error)

// errCompile is a hotline that knows no directory.
var errCompile = fault.New(fault.Unavailable, "UNAVAILABLE", "服务暂时不可用，请稍后重试。", "The service is not available. Try again shortly.")

// DeadlineQuery is a ticket that does not exist, and perhaps files that are not applied.
type DeadlineQuery struct {
	City   string
	At     time.Time // now when zero
	Matter ticket.Matter
	Files  []*directoryv1.CityFile
}

// DeadlinePreview is its deadlines before and after.
type DeadlinePreview struct {
	Current, Draft *ticket.Preview // no draft without files
	Open, Differ   int             // of the open tickets alike that the caller may list
	Capped         bool
}

// PreviewDeadlines says which clocks a ticket would have, and how many open ones would have others. It changes nothing.
func (d *Desk) PreviewDeadlines(ctx context.Context, caller authn.Caller, q DeadlineQuery) (DeadlinePreview, error) {
	city, err := d.Cities.City(q.City)
	if err != nil {
		return DeadlinePreview{}, err
	}
	if q.At.IsZero() {
		q.At = d.City.Now()
	}
	var out DeadlinePreview
	current, err := ticket.PreviewOf(city, q.Matter, q.At)
	if err != nil && len(q.Files) == 0 {
		return DeadlinePreview{}, err
	}
	if err == nil { // a category may be new in the files
		out.Current = &current
	}
	compared := city
	if len(q.Files) > 0 {
		if compared, err = d.draft(ctx, caller, city, q.Files); err != nil {
			return DeadlinePreview{}, err
		}
		draft, err := ticket.PreviewOf(compared, q.Matter, q.At)
		if err != nil {
			return DeadlinePreview{}, err
		}
		out.Draft = &draft
	}
	return out, d.countAlike(ctx, caller, city, compared, q.Matter, &out)
}

// draft is the city as files would make it.
func (d *Desk) draft(ctx context.Context, caller authn.Caller, city *policy.City, files []*directoryv1.CityFile) (*policy.City, error) {
	switch {
	case !caller.HasRole(optionsv1.Role_ROLE_CITY_ADMIN):
		return nil, authn.ErrRoleRequired
	case d.Compile == nil:
		return nil, errCompile
	}
	config, err := d.Compile(ctx, city.Code(), files)
	if err != nil {
		return nil, err
	}
	return policy.FromProto(config, nil)
}

// countAlike counts the open tickets of the same matter, and those of them that would be filed otherwise.
func (d *Desk) countAlike(ctx context.Context, caller authn.Caller, city, compared *policy.City, m ticket.Matter, out *DeadlinePreview) error {
	m = m.In(city)
	order, err := store.Orders.Parse("due_time")
	if err != nil {
		return err
	}
	rows, err := d.Store.List(ctx, store.Query{City: city.Code(), Scope: scopeOf(caller, city), Order: order, Limit: store.CountLimit + 1,
		Filter: `open = true AND channel = "` + m.Channel + `" AND appeal_type = "` + m.AppealType + `" AND category = "` + m.Category +
			`" AND urgency = "` + cmp.Or(m.Urgency, ticket.Normal).String() + `"`})
	if err != nil {
		return err
	}
	if len(rows) > store.CountLimit {
		rows, out.Capped = rows[:store.CountLimit], true
	}
	out.Open = len(rows)
	for i := range rows {
		if !rows[i].Ticket.FiledAlike(compared) {
			out.Differ++
		}
	}
	return nil
}
