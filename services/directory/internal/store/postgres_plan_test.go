package store_test

import (
	"errors"
	"testing"

	"github.com/throughtrain/throughtrain/services/directory/internal/enterprise"
	"github.com/throughtrain/throughtrain/services/directory/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

// Signing in, and the lists of who belongs to what, read no more the more a city has.
func TestPlansOfPostgres(t *testing.T) {
	ctx := t.Context()
	p := kittest.OpenPlans(t, "city_configs", "city_sources", "city_proposals", "revocations")
	if err := sqldb.Migrate(ctx, p.DB, change.Schema(), store.Schema()); err != nil {
		t.Fatal(err)
	}
	changes, err := change.New(ctx, p.DB, change.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(changes.Close)
	s := store.New(changes, clock.System())
	const n = 100_000
	city := func(values map[string]string) map[string]string {
		values["city"] = "'410900'"
		return values
	}
	p.Fill("persons", n, "", city(map[string]string{"id": "'person' || i", "version": "1", "changed": "us"}))
	p.Fill("person_contents", n, "", city(map[string]string{"person": "'person' || i", "phone": "i"}))
	p.Fill("person_phones", n, "", city(map[string]string{"person": "'person' || i", "phone": "int8send(i)"}))
	p.Fill("officials", n, "i % 20 = 0", city(map[string]string{"person": "'person' || i", "login": "'login' || i"}))
	p.Fill("officials", n, "i % 20 = 1", map[string]string{"city": "'410500'", "person": "'person' || i", "login": "'login' || i"})
	p.Fill("passwords", n, "i % 20 = 0", city(map[string]string{"person": "'person' || i"}))
	p.Fill("sessions", n, "", city(map[string]string{"id": "id", "person": "'person' || i % 50000", "started": "us", "expires": "us"}))
	p.Fill("codes", n, "i % 10 = 0", city(map[string]string{"id": "id", "expires": "us"}))
	p.Fill("limits", n, "", city(map[string]string{"kind": "'code'", "subject": "int8send(i)", "expires": "us"}))
	p.Fill("enterprises", n, "", city(map[string]string{"id": "id", "display_name": "'enterprise ' || i", "uscc": "'uscc' || i", "version": "1", "changed": "us", "created": "us"}))
	p.Fill("members", n, "", city(map[string]string{"enterprise": "id", "person": "'person' || i", "state": "2", "created": "us", "confirmed": "us"}))
	p.Fill("projects", n, "", city(map[string]string{"enterprise": "id", "id": "id", "created": "us"}))
	p.Analyze()
	drop := func(_ any, err error) error {
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return err
	}
	const none = "0195ffff-0000-7000-8000-000000000001"
	for name, do := range map[string]func() error{
		"a person":            func() error { return drop(s.Person(ctx, "410900", "person7")) },
		"a phone's person":    func() error { return drop(s.PersonByPhone(ctx, "410900", []byte{7})) },
		"an official":         func() error { return drop(s.Official(ctx, "410900", none)) },
		"an official's login": func() error { return drop(s.OfficialByLogin(ctx, "410900", "none")) },
		"a password":          func() error { return drop(s.Password(ctx, "410900", none)) },
		"a session":           func() error { return drop(s.Session(ctx, "410900", none)) },
		"live sessions":       func() error { return drop(s.LiveSessions(ctx, "410900", none)) },
		"last signed in":      func() error { return drop(s.SignedIn(ctx, "410900", "person7")) },
		"an enterprise":       func() error { return drop(s.Enterprise(ctx, "410900", none)) },
		"a credit code":       func() error { return drop(s.EnterpriseByUSCC(ctx, "410900", enterprise.USCC("none"))) },
		"enterprises":         func() error { return drop(s.Enterprises(ctx, "410900", none, 51)) },
		"enterprises of one":  func() error { return drop(s.EnterprisesOf(ctx, "410900", "person7", "", 51)) },
		"a member":            func() error { return drop(s.Member(ctx, "410900", none, "person7")) },
		"members":             func() error { return drop(s.Members(ctx, "410900", none)) },
		"confirmed":           func() error { return drop(s.Confirmed(ctx, "410900", "person7", 20)) },
		"projects":            func() error { return drop(s.Projects(ctx, "410900", none)) },
		"a project":           func() error { return drop(s.Project(ctx, "410900", none, none)) },
	} {
		p.Explain(name, do)
	}
}
