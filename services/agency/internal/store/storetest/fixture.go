package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/agency/internal/eventpb"
	"github.com/throughtrain/throughtrain/services/agency/internal/fact"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/ids"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

type fixture struct {
	store *store.Store
	city  *catalogue.City
	ids   *ids.Source
	clock *movable.Clock
	next  int
}

func open(t testing.TB, dsn string) *fixture {
	t.Helper()
	ctx := context.Background() // closing outlives the test's own context
	db, err := sqldb.Open(ctx, sqldb.Config{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	clock := movable.New(cataloguetest.At("2026-03-02 09:00"))
	s, err := store.New(ctx, db, change.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return &fixture{store: s, city: cataloguetest.City(t), ids: ids.New(clock), clock: clock}
}

// Who acts: a member of an enterprise, and clerks of units.
const (
	member     = "01910000-0000-7000-8000-000000000001"
	enterprise = "01920000-0000-7000-8000-0000000000aa"
)

func applicant(of string) casefile.Actor {
	return casefile.Actor{Kind: casefile.PersonActor, Person: member, Enterprises: []string{of}}
}

func clerk(unit string) casefile.Actor {
	return casefile.Actor{Kind: casefile.PersonActor, Person: cataloguetest.Clerk(unit), Clerk: []string{unit}, Centre: unit == cataloguetest.Approvals}
}

func (f *fixture) context(a casefile.Actor) casefile.Context {
	return casefile.Context{Now: f.clock.Now(), Actor: a, City: f.city}
}

// opened writes a new case of a small project.
func (f *fixture) opened(t testing.TB, edit func(*casefile.Opening)) store.Stored {
	t.Helper()
	in := f.opening(edit)
	actor := applicant(in.Enterprise)
	if in.OpenerUnit != "" {
		actor = clerk(in.OpenerUnit)
	}
	return f.openedBy(t, actor, in)
}

func (f *fixture) opening(edit func(*casefile.Opening)) casefile.Opening {
	f.next++
	in := casefile.Opening{City: cataloguetest.Code, ID: f.ids.New(), Number: fmt.Sprintf("%013d", f.next), Enterprise: enterprise,
		Counties: []string{cataloguetest.HualongCode}, Eligibility: agencyv1.Case_MUNICIPAL_APPROVAL, Answers: cataloguetest.Shop()}
	if edit != nil {
		edit(&in)
	}
	return in
}

func (f *fixture) openedBy(t testing.TB, by casefile.Actor, in casefile.Opening) store.Stored {
	t.Helper()
	events, err := casefile.New(f.context(by), in)
	if err != nil {
		t.Fatal(err)
	}
	after, err := casefile.Fold(in.City, in.ID, events)
	if err != nil {
		t.Fatal(err)
	}
	key, err := store.KeyOf(in.City, in.ID)
	if err != nil {
		t.Fatal(err)
	}
	sealed, hash := seal(t, key, journal.Hash{}, events)
	rows, err := store.Open(key, after, fact.Of(after, f.city), hash)
	if err != nil {
		t.Fatal(err)
	}
	content := store.NewContent(store.Content{ID: store.Opening, Kind: "opening", Person: by.Person, CreateTime: f.clock.Now(), Title: "title of " + in.Number,
		Body: "duty", Name: "name", Phone: "13800138000"})
	f.commit(t, &change.Change{Statements: append(rows, store.AddContent(key, &content)), Events: sealed})
	return store.Stored{Key: key, Case: after, Hash: hash, CountedBy: f.city.Version()}
}

// act is a verb on a case.
type act func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error)

// done writes what somebody's act brings about.
func (f *fixture) done(t testing.TB, from store.Stored, by casefile.Actor, do act) store.Stored {
	t.Helper()
	events, err := do(from.Case, f.context(by))
	if err != nil {
		t.Fatal(err)
	}
	c, after := f.change(t, from, events)
	f.commit(t, c)
	return after
}

func (f *fixture) change(t testing.TB, from store.Stored, events []casefile.Event) (*change.Change, store.Stored) {
	t.Helper()
	after, err := from.Case.After(events...)
	if err != nil {
		t.Fatal(err)
	}
	sealed, hash := seal(t, from.Key, from.Hash, events)
	rows, err := store.Update(from, f.facts(from.Case), f.facts(after), after, hash)
	if err != nil {
		t.Fatal(err)
	}
	return &change.Change{Statements: rows, Events: sealed}, store.Stored{Key: from.Key, Case: after, Hash: hash, CountedBy: f.city.Version()}
}

func (f *fixture) commit(t testing.TB, c *change.Change) {
	t.Helper()
	if err := f.store.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) write(t testing.TB, rows ...change.Statement) {
	t.Helper()
	f.commit(t, &change.Change{Statements: rows})
}

func seal(t testing.TB, k store.Key, previous journal.Hash, events []casefile.Event) (out []change.Event, last journal.Hash) {
	t.Helper()
	for _, e := range events {
		envelope, err := eventpb.Envelope(k.City, k.Aggregate(), e)
		if err != nil {
			t.Fatal(err)
		}
		s := journal.Seal(previous, envelope)
		previous = s.Hash
		out = append(out, change.Event{Sealed: s, Month: k.Month})
	}
	return out, previous
}

// arrive supplies a material, or another document.
func (f *fixture) arrive(t testing.TB, s store.Stored, by casefile.Actor, purpose, material string) (store.Stored, string) {
	t.Helper()
	id := f.ids.New()
	return f.done(t, s, by, func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		return c.Arrive(ctx, casefile.Arrival{Document: id, Purpose: purpose, Material: material, Size: 1, SHA256: []byte{1}, ContentSHA256: []byte{2}})
	}), id
}

// entrusted lets two agents act for a case.
func (f *fixture) entrusted(t testing.TB, s store.Stored) store.Stored {
	t.Helper()
	ours := applicant(s.Case.Enterprise)
	s = f.done(t, s, clerk(cataloguetest.Approvals), func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		return c.OfferAgreement(ctx, casefile.Offer{Expire: f.clock.Now().AddDate(1, 0, 0), Text: "text", SHA256: []byte{7}})
	})
	s = f.done(t, s, ours, func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		return c.SignAgreement(ctx, casefile.Signature{SHA256: []byte{7}, Name: "name"})
	})
	s = f.done(t, s, clerk(cataloguetest.Approvals), func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		return c.SealAgreement(ctx, "")
	})
	for _, a := range [][2]string{{cataloguetest.Approvals, cataloguetest.ApprovalsAgent}, {cataloguetest.Investment, cataloguetest.InvestmentAgent}} {
		s = f.done(t, s, clerk(cataloguetest.Approvals), func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
			return c.AssignAgent(ctx, a[0], a[1])
		})
	}
	return s
}

// submitted hands an item in.
func (f *fixture) submitted(t testing.TB, s store.Stored, item string) store.Stored {
	t.Helper()
	return f.done(t, s, applicant(s.Case.Enterprise), func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		return c.Submit(ctx, item, false)
	})
}

// accepted hands an item in and accepts it.
func (f *fixture) accepted(t testing.TB, s store.Stored, item string) store.Stored {
	t.Helper()
	s = f.submitted(t, s, item)
	return f.done(t, s, clerk(s.Case.Item(item).Unit), func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) { return c.Accept(ctx, item, "") })
}

// filed approves the filing of a project, which everything waits for, and issues its certificate.
func (f *fixture) filed(t testing.TB, s store.Stored) store.Stored {
	t.Helper()
	unit := clerk(s.Case.Item(cataloguetest.Filing).Unit)
	s, _ = f.arrive(t, s, applicant(s.Case.Enterprise), casefile.PurposeMaterial, cataloguetest.Form)
	s = f.accepted(t, s, cataloguetest.Filing)
	s = f.done(t, s, unit, func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		return c.Approve(ctx, cataloguetest.Filing, "")
	})
	s, document := f.arrive(t, s, unit, casefile.PurposeCertificate, "")
	return f.done(t, s, unit, func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		return c.IssueCertificate(ctx, casefile.Issue{Item: cataloguetest.Filing, Number: "C" + s.Case.Number, Document: document, Check: []byte{9, 0, 255}})
	})
}

// tolerated hands the site permit in with a survey and a contract missing, and lets it be accepted on a commitment.
func (f *fixture) tolerated(t testing.TB, s store.Stored) store.Stored {
	t.Helper()
	ours := applicant(s.Case.Enterprise)
	for _, m := range []string{cataloguetest.Drawings, cataloguetest.LandPaper} {
		s, _ = f.arrive(t, s, ours, casefile.PurposeMaterial, m)
	}
	s = f.done(t, s, ours, func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		terms, err := c.TermsOf(ctx, agencyv1.Commitment_TOLERANCE, cataloguetest.SitePermit, 0)
		if err != nil {
			return nil, err
		}
		return c.SignCommitment(ctx, casefile.Commit{Kind: terms.Kind, Item: terms.Item, Want: terms, Text: "text", Words: []byte{8},
			Signature: casefile.Signature{SHA256: []byte{8}, Name: "name"}})
	})
	return f.accepted(t, s, cataloguetest.SitePermit)
}

// settled lets everything happen whose time has come.
func (f *fixture) settled(t testing.TB, s store.Stored, after time.Duration) store.Stored {
	t.Helper()
	f.clock.Advance(after)
	return f.done(t, s, casefile.Clockwork, (*casefile.Case).Settle)
}

func (f *fixture) facts(c *casefile.Case) fact.Case { return fact.Of(c, f.city) }
