// Package storetest is what every engine of the agency's store has to hold: the store's contract as tests.
//
// It depends on internal/{casefile,catalogue,catalogue/cataloguetest,eventpb,fact,store} and kit's change, clock, ids, journal and sqldb.
package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/agency/internal/eventpb"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Run holds the engine behind the DSN, an empty database, to the contract.
func Run(t *testing.T, dsn string) {
	f := open(t, dsn)
	t.Run("a case comes back as it was written", f.caseComesBack)
	t.Run("an update needs the version that was read", f.updateIsGuarded)
	t.Run("a number is one case's", f.numbersAreUnique)
	t.Run("what is not there is not found", f.absent)
	t.Run("texts come back word for word", f.texts)
	t.Run("a ticket leads to its case", f.tickets)
	t.Run("a certificate is found by its number and may be revoked", f.certificates)
	t.Run("a file is announced, received and decided once", f.documents)
	t.Run("reports that came early wait at their places", f.waitingReports)
	t.Run("every field can be asked for in every way", f.fields)
	t.Run("pages neither lose nor repeat a row in any order", f.pages)
	t.Run("a list shows what its viewer has a part in", f.scopes)
	t.Run("lists say what cases say", f.asked)
	t.Run("provisional cases are found until they are final", f.provisional)
	t.Run("all cases are walked", f.walk)
	t.Run("configurations stay for ever", f.configs)
	t.Run("revocations", f.revocations)
}

func (f *fixture) caseComesBack(t *testing.T) {
	want := f.tolerated(t, f.filed(t, f.entrusted(t, f.opened(t, func(in *casefile.Opening) { in.ContentMAC = []byte{0, 1, 255} }))))
	got, err := f.store.Case(t.Context(), want.Key)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(time.Time.Equal)); diff != "" {
		t.Error(diff)
	}
	var events []casefile.Event
	history, err := f.store.Journal(t.Context(), want.City, want.Aggregate(), want.Month)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range history {
		e, err := eventpb.Open(s.Envelope)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e)
	}
	folded, err := casefile.Fold(want.City, want.ID, events)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(folded, got.Case, cmp.Comparer(time.Time.Equal)); diff != "" {
		t.Errorf("the row is not the fold of its journal: %s", diff)
	}
	if id, err := f.store.ByNumber(t.Context(), want.City, want.Case.Number); err != nil || id != want.ID {
		t.Errorf("by number: %q, %v", id, err)
	}
	other := f.opened(t, nil)
	several, err := f.store.Cases(t.Context(), want.City, []string{want.ID, f.ids.New(), other.ID, "no id"})
	if err != nil || len(several) != 2 {
		t.Errorf("several: %d, %v", len(several), err)
	}
	if id, ok := store.CaseOf(want.Aggregate()); !ok || id != want.ID {
		t.Errorf("the aggregate %s is case %q", want.Aggregate(), id)
	}
}

func (f *fixture) updateIsGuarded(t *testing.T) {
	s := f.opened(t, nil)
	note := func(text string) *change.Change {
		events, err := s.Case.WriteNote(f.context(applicant(enterprise)), "", text)
		if err != nil {
			t.Fatal(err)
		}
		c, _ := f.change(t, s, events)
		return c
	}
	first, second := note("first"), note("second")
	f.commit(t, first)
	if err := f.store.Commit(t.Context(), second); !errors.Is(err, change.ErrConflict) {
		t.Errorf("a stale update: %v", err)
	}
	if err := f.store.Commit(t.Context(), &change.Change{Statements: []change.Statement{store.Unchanged(s)}}); !errors.Is(err, change.ErrConflict) {
		t.Errorf("a stale case passes as unchanged: %v", err)
	}
	now, err := f.store.Case(t.Context(), s.Key)
	if err != nil || now.Case.Version != s.Case.Version+1 {
		t.Errorf("at version %d, %v", now.Case.Version, err)
	}
	f.write(t, store.Unchanged(now))
}

func (f *fixture) numbersAreUnique(t *testing.T) {
	s := f.opened(t, nil)
	in := f.opening(func(in *casefile.Opening) { in.Number = s.Case.Number })
	events, err := casefile.New(f.context(applicant(enterprise)), in)
	if err != nil {
		t.Fatal(err)
	}
	again, err := casefile.Fold(in.City, in.ID, events)
	if err != nil {
		t.Fatal(err)
	}
	key := store.Key{City: s.City, Month: s.Month, ID: in.ID}
	rows, err := store.Open(key, again, f.facts(again), s.Hash)
	if err != nil {
		t.Fatal(err)
	}
	var unique *change.UniqueError
	if err := f.store.Commit(t.Context(), &change.Change{Statements: rows}); !errors.As(err, &unique) || unique.Name != store.NumberTaken {
		t.Errorf("a taken number: %v", err)
	}
}

func (f *fixture) absent(t *testing.T) {
	key, err := store.KeyOf(cataloguetest.Code, f.ids.New())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.store.Case(t.Context(), key); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("case: %v", err)
	}
	if _, err := f.store.ByNumber(t.Context(), cataloguetest.Code, "0"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("number: %v", err)
	}
	if _, err := f.store.ByTicket(t.Context(), cataloguetest.Code, "0"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("ticket: %v", err)
	}
	if _, err := f.store.CertificateByNumber(t.Context(), cataloguetest.Code, "0"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("certificate: %v", err)
	}
	if _, err := store.KeyOf(cataloguetest.Code, "0192"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("key: %v", err)
	}
	if several, err := f.store.Cases(t.Context(), cataloguetest.Code, nil); err != nil || len(several) != 0 {
		t.Errorf("none of none: %v, %v", several, err)
	}
	if texts, err := f.store.Contents(t.Context(), key); err != nil || len(texts) != 0 {
		t.Errorf("texts: %v, %v", texts, err)
	}
}

func (f *fixture) texts(t *testing.T) {
	s := f.opened(t, nil)
	want := map[string]*store.Content{}
	for i, body := range []string{"停工\r\n\t三天了 😀", "<script>alert('x')</script>", "'; DROP TABLE cases; --", "\u202e\u200b", "e\u0301", "$1 ? :a @b %s"} {
		c := store.NewContent(store.Content{ID: fmt.Sprint(i), Kind: "note", Person: member, CreateTime: f.clock.Now(), Body: body})
		f.write(t, store.AddContent(s.Key, &c))
		want[c.ID] = &c
	}
	got, err := f.store.Contents(t.Context(), s.Key)
	if err != nil {
		t.Fatal(err)
	}
	for id, c := range want {
		if g := got[id]; g == nil || g.Body != c.Body || !g.CreateTime.Equal(c.CreateTime) || string(g.MAC()) != string(c.MAC()) {
			t.Errorf("%q came back as %+v", c.Body, g)
		}
	}
	if len(got) != len(want)+1 || got[store.Opening].Title != "title of "+s.Case.Number || got[store.Opening].Phone != "13800138000" {
		t.Errorf("%d texts, want %d and the opening", len(got), len(want))
	}
}

func (f *fixture) tickets(t *testing.T) {
	s, ticket := f.opened(t, nil), f.ids.New()
	s = f.done(t, s, applicant(enterprise), func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		return c.LinkTicket(ctx, casefile.Ticket{ID: ticket, Number: "1", Item: cataloguetest.Filing, Reason: casefile.TroubleStuck})
	})
	if id, err := f.store.ByTicket(t.Context(), s.City, ticket); err != nil || id != s.ID {
		t.Errorf("the ticket leads to %q, %v", id, err)
	}
	if _, err := f.store.ByTicket(t.Context(), "410700", ticket); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("in another city: %v", err)
	}
}

func (f *fixture) certificates(t *testing.T) {
	s := f.filed(t, f.opened(t, nil))
	number := s.Case.Certificates[0].Number
	got, err := f.store.CertificateByNumber(t.Context(), s.City, number)
	want := store.Certificate{Number: number, Case: s.ID, Item: cataloguetest.Filing, Document: s.Case.Certificates[0].Document, Check: []byte{9, 0, 255},
		From: s.Case.Certificates[0].From, Issued: f.clock.Now()}
	if diff := cmp.Diff(want, got, cmp.Comparer(time.Time.Equal)); diff != "" || err != nil {
		t.Errorf("%v: %s", err, diff)
	}
	head := casefile.Actor{Kind: casefile.PersonActor, Person: cataloguetest.HualongLeader, Head: []string{s.Case.Item(cataloguetest.Filing).Unit}}
	s = f.done(t, s, head, func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) {
		return c.Revoke(ctx, cataloguetest.Filing, "reason")
	})
	want.Revoked = f.clock.Now()
	if got, err = f.store.CertificateByNumber(t.Context(), s.City, number); err != nil || !got.Revoked.Equal(want.Revoked) {
		t.Errorf("revoked: %+v, %v", got, err)
	}
	other := f.filed(t, f.opened(t, nil)).Case // its number in another case of the city
	taken := f.opened(t, nil)
	taken.Case.Certificates = other.Certificates
	rows, err := store.Update(store.Stored{Key: taken.Key, Case: &casefile.Case{Version: taken.Case.Version}}, f.facts(taken.Case), f.facts(taken.Case), taken.Case, taken.Hash)
	if err != nil {
		t.Fatal(err)
	}
	var unique *change.UniqueError
	if err := f.store.Commit(t.Context(), &change.Change{Statements: rows}); !errors.As(err, &unique) || unique.Name != store.CertificateTaken {
		t.Errorf("a taken number: %v", err)
	}
}

func (f *fixture) provisional(t *testing.T) {
	f.clock.Set(cataloguetest.At("2026-12-31 09:00"))
	in := f.opening(func(in *casefile.Opening) { in.Eligibility = 3 }) // admitted by a centre, by a date in 2027, which is projected
	s := f.openedBy(t, applicant(enterprise), in)
	if !s.Case.Provisional() {
		t.Fatal("not provisional")
	}
	found, err := f.store.Provisional(t.Context(), store.Key{City: cataloguetest.Code}, 10)
	if err != nil || !slices.ContainsFunc(found, func(o store.Stored) bool { return o.ID == s.ID }) {
		t.Fatalf("%v, %v", found, err)
	}
	last := found[len(found)-1].Key
	if rest, err := f.store.Provisional(t.Context(), last, 10); err != nil || len(rest) != 0 {
		t.Errorf("behind it: %v, %v", rest, err)
	}
	s = f.done(t, s, applicant(enterprise), func(c *casefile.Case, ctx casefile.Context) ([]casefile.Event, error) { return c.Close(ctx, "reason") })
	found, err = f.store.Provisional(t.Context(), store.Key{City: cataloguetest.Code}, 10)
	if err != nil || slices.ContainsFunc(found, func(o store.Stored) bool { return o.ID == s.ID }) {
		t.Errorf("closed: %v, %v", found, err)
	}
}

func (f *fixture) walk(t *testing.T) {
	f.opened(t, nil)
	var walked, each []string
	for after := ""; ; {
		batch, err := f.store.Walk(t.Context(), cataloguetest.Code, after, 3)
		if err != nil {
			t.Fatal(err)
		}
		walked = append(walked, batch...)
		if len(batch) < 3 {
			break
		}
		after = batch[2]
	}
	err := store.EachCase(t.Context(), f.store.DB(), cataloguetest.Code, func(s store.Stored) error {
		each = append(each, s.ID)
		if known := f.store.Known(s.Hash); known != nil && !cmp.Equal(known, s.Case, cmp.Comparer(time.Time.Equal)) {
			t.Errorf("what is remembered of %s is not its row", s.ID)
		}
		return nil
	})
	if slices.Sort(each); err != nil || len(walked) != f.next-1 || !slices.Equal(walked, each) { // one number was refused
		t.Errorf("walked %d of %d, each %d, %v", len(walked), f.next-1, len(each), err)
	}
}

func (f *fixture) configs(t *testing.T) {
	for v := range int64(3) {
		f.write(t, store.AddConfig(store.Config{City: "410900", Version: v + 1, Bytes: []byte{byte(v)}}))
	}
	f.write(t, store.AddConfig(store.Config{City: "410900", Version: 1, Bytes: []byte("another")}), store.AddConfig(store.Config{City: "410700", Version: 9, Bytes: []byte("c")}))
	all, err := f.store.Configs(t.Context())
	if err != nil || len(all) != 4 || all[0].City != "410700" || all[1].Version != 1 || string(all[1].Bytes) != "\x00" || all[3].Version != 3 {
		t.Errorf("%v, %v", all, err)
	}
	todo, err := f.store.Unrecomputed(t.Context())
	if err != nil || len(todo) != 2 || todo[1].Version != 3 {
		t.Errorf("to recompute: %v, %v", todo, err)
	}
	f.write(t, store.Recomputed("410900", 3))
	if todo, err = f.store.Unrecomputed(t.Context()); err != nil || len(todo) != 1 || todo[0].City != "410700" {
		t.Errorf("still to recompute: %v, %v", todo, err)
	}
}

func (f *fixture) revocations(t *testing.T) {
	now := cataloguetest.At("2026-03-02 09:00")
	for i, r := range []store.Revocation{{Person: "a", Until: now.Add(-time.Second)}, {Person: "b", Session: "s", At: now, Until: now.Add(time.Hour)}} {
		r.City = "410900"
		f.write(t, store.AddRevocation(r, now.Add(time.Duration(i)))...)
	}
	revoked, err := f.store.Revocations(t.Context())
	if err != nil || len(revoked) != 1 || revoked[0].Session != "s" || !revoked[0].At.Equal(now) {
		t.Errorf("revocations: %v, %v", revoked, err)
	}
}
