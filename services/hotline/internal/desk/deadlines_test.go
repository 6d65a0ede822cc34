package desk_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// TestPreviewDeadlines holds what is foretold to what is filed, and what a draft would change to what a draft changes.
func TestPreviewDeadlines(t *testing.T) {
	w := desktest.New(t, "sqlite::memory:")
	ref := w.File(t)
	filed, err := w.Get(t.Context(), desktest.Caller(desktest.Filer), ref)
	if err != nil {
		t.Fatal(err)
	}
	admin := authn.Caller{Kind: authn.Person, City: policytest.Code, Person: desktest.Stranger, Roles: []authn.Grant{{Role: optionsv1.Role_ROLE_CITY_ADMIN}}}
	q := desk.DeadlineQuery{City: policytest.Code, At: desktest.Start, Matter: ticket.Matter{Category: desktest.Filing().Category}}
	got, err := w.PreviewDeadlines(t.Context(), admin, q)
	if err != nil || got.Draft != nil || got.Open != 1 || got.Differ != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, c := range filed.Ticket.Clocks {
		p := got.Current.Ticket.Clock(c.Kind)
		if p == nil || !p.Due.Equal(c.Due) || p.Limit != c.Limit || p.Provisional != c.Provisional {
			t.Errorf("%s: filed %+v, foretold %+v", c.Kind, c, p)
		}
	}
	for i, e := range got.Current.Clocks {
		if n := len(e.Intervals); n == 0 || !e.Intervals[0].From.Equal(e.Clock.Start) || !e.Intervals[n-1].To.Equal(e.Clock.Due) || got.Current.From[i] == "" {
			t.Errorf("%s is not explained: %+v", e.Clock.Kind, e)
		}
	}
	if sign, dispatch := got.Current.Ticket.Clock(ticket.KindSign), got.Current.Ticket.Clock(ticket.KindDispatch); !sign.Start.Equal(dispatch.Due) {
		t.Errorf("signing counts from %s, dispatching ends %s", sign.Start, dispatch.Due)
	}
	draft := proto.Clone(policytest.Config()).(*directoryv1.CityConfig)
	draft.Version++
	for _, p := range draft.GetPolicies() {
		for _, l := range p.GetLimits() {
			if l.GetClock() == "answer" {
				l.Limit = "3 workdays"
			}
		}
	}
	w.Compile = func(context.Context, string, []*directoryv1.CityFile) (*directoryv1.CityConfig, error) {
		return draft, nil
	}
	q.Files = []*directoryv1.CityFile{{Path: "policies.yaml"}}
	if got, err = w.PreviewDeadlines(t.Context(), admin, q); err != nil || got.Draft == nil || got.Open != 1 || got.Differ != 1 ||
		got.Draft.Ticket.Clock(ticket.KindAnswer).Limit.String() != "3 workdays" ||
		got.Current.Ticket.Clock(ticket.KindAnswer).Limit != filed.Ticket.Clock(ticket.KindAnswer).Limit {
		t.Errorf("with a draft: %+v, %v", got, err)
	}
	if _, err = w.PreviewDeadlines(t.Context(), desktest.Caller(policytest.Dispatcher), q); !fault.Has(err, "ROLE_REQUIRED") {
		t.Errorf("files of somebody who keeps none: %v", err)
	}
	q.Files, q.Matter.Category = nil, "none"
	if _, err = w.PreviewDeadlines(t.Context(), admin, q); !fault.Has(err, "CATEGORY_UNKNOWN") {
		t.Errorf("a category that is none: %v", err)
	}
	q.Matter, q.At = ticket.Matter{}, time.Time{} // of no category, and filed now
	w.Pass(time.Hour)
	if got, err = w.PreviewDeadlines(t.Context(), admin, q); err != nil || got.Open != 0 || !got.Current.Ticket.CreateTime.Equal(desktest.Start.Add(time.Hour)) {
		t.Errorf("of no category: %+v, %v", got, err)
	}
}
