package store_test

import (
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/attendant/internal/binding"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Neither lists of bindings and visits, nor choosing who holds a ticket, read more the longer the service runs.
func TestPlansOfPostgres(t *testing.T) {
	ctx := t.Context()
	p := kittest.OpenPlans(t, "cities", "city_configs", "presences", "givings")
	if err := sqldb.Migrate(ctx, p.DB, change.Schema(), store.Schema()); err != nil {
		t.Fatal(err)
	}
	changes, err := change.New(ctx, p.DB, change.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(changes.Close)
	s := store.New(changes)
	const n = 100_000
	city := func(values map[string]string) map[string]string {
		values["city"] = "'410900'"
		return values
	}
	p.Fill("bindings", n, "", city(map[string]string{"id": "id", "official": "'official' || i % 400", "unit": "'unit' || i % 60", "role": "1 + i % 9 / 8", "enterprise": "'enterprise' || i / 2",
		"project": "CASE WHEN i % 2 = 0 THEN '' ELSE 'project' || i END", "start_time": "us", "active": "CASE WHEN i % 3 = 0 THEN 0 ELSE 1 END", "version": "1", "changed": "us"}))
	p.Fill("tickets", n, "", city(map[string]string{"month": "month", "id": "id", "official": "'official' || i % 400", "stage": "CASE WHEN i > n * 97 / 100 THEN 2 ELSE 3 END", "version": "1", "changed": "us"}))
	p.Fill("loads", n, "i > n * 97 / 100", city(map[string]string{"official": "'official' || i % 400", "ticket": "id"}))
	p.Fill("loads", n, "", map[string]string{"city": "'410500'", "official": "'official' || i % 400", "ticket": "id"})
	p.Fill("offers", 20_000, "", city(map[string]string{"ticket": "id", "official": "'official' || i % 400", "handover": "'h' || i"}))
	p.Fill("enterprises", n, "", city(map[string]string{"id": "'enterprise' || i", "county": "'4109' || i % 9", "registered": "us"}))
	p.Fill("projects", n, "", city(map[string]string{"id": "'project' || i", "enterprise": "'enterprise' || i % 50000"}))
	p.Fill("visits", n, "", city(map[string]string{"id": "id", "official": "'official' || i % 400", "unit": "'unit' || i % 60", "enterprise": "'enterprise' || i % 20000",
		"state": "CASE WHEN i > n * 98 / 100 THEN 1 ELSE 2 END", "visit_time": "us", "created": "us", "version": "1", "changed": "us"}))
	p.Fill("visit_texts", n, "", city(map[string]string{"visit": "id", "kind": "'purpose'"}))
	p.Fill("visit_tickets", n, "i % 10 = 0", city(map[string]string{"visit": "id", "ticket": "id"}))
	p.Fill("quiets", 20_000, "", city(map[string]string{"enterprise": "'enterprise' || i"}))
	p.Fill("cases", n, "i % 5 = 0", city(map[string]string{"id": "id", "enterprise": "'enterprise' || i", "open": "CASE WHEN i % 10 = 0 THEN 1 ELSE 0 END", "version": "1"}))
	p.Fill("seats", n, "i % 5 = 0", city(map[string]string{"case_id": "id", "centre": "'centre'", "official": "'official' || i % 400"}))
	p.Fill("gone", 20_000, "", city(map[string]string{"person": "'official' || i"}))
	p.Analyze()
	drop := func(_ any, err error) error { return err }
	absent := func(_ any, err error) error {
		if err == store.ErrNotFound {
			return nil
		}
		return err
	}
	some := []string{"official7", "official8", "official9"}
	all, own, mine, units := store.Scope{All: true}, store.Scope{Official: "official7"}, store.Scope{Official: "person", Enterprises: []string{"enterprise7"}}, store.Scope{Official: "official7", Units: []string{"unit7"}}
	for name, scope := range map[string]store.Scope{"all": all, "an official's": own, "an enterprise's": mine, "a unit's": units} {
		for _, filter := range []string{"", `enterprise = "enterprise7"`, `official = "official7"`} {
			for _, before := range []string{"", "0195ffff"} {
				l := store.List{City: "410900", Scope: scope, Filter: filter, Before: before, Limit: 51}
				p.Explain("visits, "+name+", "+filter, func() error { return drop(s.Visits(ctx, l)) })
				if name != "a unit's" {
					p.Explain("bindings, "+name+", "+filter, func() error { return drop(s.Bindings(ctx, l)) })
				}
			}
		}
	}
	for name, do := range map[string]func() error{
		"bindings of enterprises": func() error { return drop(s.BindingsOf(ctx, "410900", []string{"enterprise7", "enterprise8"})) },
		"a post": func() error {
			return absent(s.Holder(ctx, binding.Post{City: "410900", Enterprise: "enterprise7", Role: binding.Attendant}))
		},
		"bound to":            func() error { return drop(s.BoundTo(ctx, "410900", "official7")) },
		"enterprises of one":  func() error { return drop(s.Enterprises(ctx, "410900", "official7", "")) },
		"enterprises of some": func() error { return drop(s.EnterprisesOf(ctx, "410900", some)) },
		"loads":               func() error { return drop(s.Loads(ctx, "410900", some)) },
		"open work":           func() error { _, _, err := s.OpenWork(ctx, "410900", "official7", store.About{}, 20); return err },
		"open cases":          func() error { _, _, err := s.OpenCases(ctx, "410900", "official7", 20); return err },
		"tickets":             func() error { return drop(s.Tickets(ctx, "410900", []string{"0195ffff-0000-7000-8000-000000000001"})) },
		"planned visits":      func() error { return drop(s.PlannedVisits(ctx, "410900", "official7")) },
		"visits near":         func() error { _, _, err := s.Near(ctx, "410900", "enterprise7", time.Now()); return err },
		"texts of visits":     func() error { return drop(s.Texts(ctx, "410900", []string{"a", "b"})) },
		"tickets of visits":   func() error { return drop(s.VisitTickets(ctx, "410900", []string{"a", "b"})) },
		"who minds visits":    func() error { return drop(s.Quiet(ctx, "410900", "enterprise7")) },
		"who is gone":         func() error { return drop(s.Gone(ctx, "410900", some)) },
		"who has no attendant": func() error {
			return drop(s.Uncovered(ctx, store.Uncovered{City: "410900", After: "enterprise5", Limit: 51}, time.Now()))
		},
	} {
		p.Explain(name, do)
	}
}
