// Package storetest is what every engine of the hotline's store has to hold: the store's contract as tests.
//
// It depends on internal/{store,ticket,issue,fact,policy/policytest} and kit's change, ids, journal and sqldb.
package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughtrain/throughtrain/services/hotline/internal/eventpb"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

// Run holds the engine behind the DSN, an empty database, to the contract.
func Run(t *testing.T, dsn string) {
	f := open(t, dsn)
	t.Run("a ticket comes back as it was written", f.ticketComesBack)
	t.Run("an update needs the version that was read", f.updateIsGuarded)
	t.Run("a number is one ticket's", f.numbersAreUnique)
	t.Run("what is not there is not found", f.absent)
	t.Run("texts come back word for word", f.texts)
	t.Run("an answer given before is known", f.answers)
	t.Run("looks at phones are counted up to a bound", f.reveals)
	t.Run("every field can be asked for in every way", f.fields)
	t.Run("what is looked for is found", f.search)
	t.Run("pages neither lose nor repeat a row in any order", f.pages)
	t.Run("lists say what tickets say", f.lists)
	t.Run("whose a confidential ticket is comes back with it", f.identities)
	t.Run("who is kept out finds nothing", f.conflicts)
	t.Run("work orders are listed", f.workOrders)
	t.Run("conditions on a request are about one request", f.handBacks)
	t.Run("what is aside is in the columns", f.columns)
	t.Run("what an official filed and answered does not count", f.ownFilings)
	t.Run("provisional tickets are found until they are final", f.provisional)
	t.Run("a common issue comes back as it was written", f.issueComesBack)
	t.Run("lists of common issues", f.issueLists)
	t.Run("the tickets behind an issue are found", f.linked)
	t.Run("an enterprise's open texts", f.openTexts)
	t.Run("configurations stay for ever", f.configs)
	t.Run("enterprises and revocations", f.learnt)
	t.Run("a file is announced, received and decided once", f.attachments)
}

func (f *fixture) ticketComesBack(t *testing.T) {
	want := f.gone(t, f.filed(t, func(in *ticket.Filing) { in.ContentMAC = []byte{0, 1, 255} }))
	got, err := f.store.Ticket(t.Context(), want.Key)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(time.Time.Equal)); diff != "" {
		t.Error(diff)
	}
	var events []ticket.Event
	history, err := f.store.Journal(t.Context(), want.City, want.ID, want.Month)
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
	folded, err := ticket.Fold(want.City, want.ID, events)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(folded, got.Ticket, cmp.Comparer(time.Time.Equal)); diff != "" {
		t.Errorf("the row is not the fold of its journal: %s", diff)
	}
	id, err := f.store.ByNumber(t.Context(), want.City, want.Ticket.Number)
	if err != nil || id != want.ID {
		t.Errorf("by number: %q, %v", id, err)
	}
	other := f.filed(t, nil)
	several, err := f.store.Tickets(t.Context(), want.City, []string{want.ID, f.ids.New(), other.ID, "no id"})
	if err != nil || len(several) != 2 {
		t.Errorf("several: %d, %v", len(several), err)
	}
}

func (f *fixture) updateIsGuarded(t *testing.T) {
	s := f.filed(t, nil)
	dispatch := func(to string) *change.Change {
		events, err := s.Ticket.Dispatch(f.context(person(policytest.Dispatcher, policy.RoleDispatcher)), to)
		if err != nil {
			t.Fatal(err)
		}
		c, _ := f.change(t, s, events)
		return c
	}
	first, second := dispatch(policytest.Attendant), dispatch(policytest.Attendant2)
	f.commit(t, first)
	if err := f.store.Commit(t.Context(), second); !errors.Is(err, change.ErrConflict) {
		t.Errorf("a stale update: %v", err)
	}
	if err := f.store.Commit(t.Context(), &change.Change{Statements: []change.Statement{store.Unchanged(s)}}); !errors.Is(err, change.ErrConflict) {
		t.Errorf("a stale ticket passes as unchanged: %v", err)
	}
	now, err := f.store.Ticket(t.Context(), s.Key)
	if err != nil || now.Ticket.Official != policytest.Attendant {
		t.Errorf("held by %q, %v", now.Ticket.Official, err)
	}
	f.commit(t, &change.Change{Statements: []change.Statement{store.Unchanged(now)}})
}

func (f *fixture) numbersAreUnique(t *testing.T) {
	s := f.filed(t, nil)
	rows, err := store.File(store.Key{City: s.City, Month: s.Month, ID: f.ids.New()}, s.Ticket, s.Hash)
	if err != nil {
		t.Fatal(err)
	}
	var unique *change.UniqueError
	if err := f.store.Commit(t.Context(), &change.Change{Statements: rows}); !errors.As(err, &unique) || unique.Name != store.NumberTaken {
		t.Errorf("a taken number: %v", err)
	}
}

func (f *fixture) absent(t *testing.T) {
	key, err := store.KeyOf(policytest.Code, f.ids.New())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.store.Ticket(t.Context(), key); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("ticket: %v", err)
	}
	if _, err := f.store.ByNumber(t.Context(), policytest.Code, "0"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("number: %v", err)
	}
	if _, err := store.KeyOf(policytest.Code, "0192"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("key: %v", err)
	}
	if several, err := f.store.Tickets(t.Context(), policytest.Code, nil); err != nil || len(several) != 0 {
		t.Errorf("none of none: %v, %v", several, err)
	}
	if texts, err := f.store.Contents(t.Context(), key); err != nil || len(texts) != 0 {
		t.Errorf("texts: %v, %v", texts, err)
	}
}

func (f *fixture) texts(t *testing.T) {
	s := f.filed(t, nil)
	want := map[string]*store.Content{}
	for i, body := range []string{"断电\r\n\t三天了 😀", "<script>alert('x')</script>", "'; DROP TABLE tickets; --", "\u202e\u200b", "e\u0301", "$1 ? :a @b %s"} {
		c := store.NewContent(store.Content{ID: fmt.Sprint(i), Kind: "NOTE", Author: "FILER", Person: filer, CreateTime: f.clock.Now(), Body: body})
		f.commit(t, &change.Change{Statements: []change.Statement{store.AddContent(s.Key, &c)}})
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
	if len(got) != len(want)+1 {
		t.Errorf("%d texts, want %d and the filing", len(got), len(want))
	}
}

func (f *fixture) answers(t *testing.T) {
	likeness := []byte("likeness")
	add := func(s change.Statement) error {
		return f.store.Commit(t.Context(), &change.Change{Statements: []change.Statement{s}})
	}
	known := func(official string) bool {
		k, err := f.store.AnsweredBefore(t.Context(), policytest.Code, official, likeness)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	if known("a") {
		t.Error("known before it was given")
	}
	if err := add(store.NewAnswer(policytest.Code, "a", likeness)); err != nil {
		t.Fatal(err)
	}
	if !known("a") || known("b") {
		t.Error("an answer is known to whom it does not belong, or not to whom it does")
	}
	var unique *change.UniqueError
	if err := add(store.NewAnswer(policytest.Code, "a", likeness)); !errors.As(err, &unique) || unique.Name != store.AnswerKnown {
		t.Errorf("given again as new: %v", err)
	}
	if err := add(store.SameAnswer(policytest.Code, "a", likeness)); err != nil {
		t.Errorf("given again as the same: %v", err)
	}
}

func (f *fixture) provisional(t *testing.T) {
	f.clock.Set(policytest.At("2026-12-31 09:00"))
	s := f.filed(t, nil) // its answer is due in 2027, which is projected
	if !s.Ticket.Provisional() {
		t.Fatal("not provisional")
	}
	found, err := f.store.Provisional(t.Context(), store.Key{City: policytest.Code}, 10)
	if err != nil || len(found) != 1 || found[0].ID != s.ID {
		t.Fatalf("%v, %v", found, err)
	}
	if rest, err := f.store.Provisional(t.Context(), found[0].Key, 10); err != nil || len(rest) != 0 {
		t.Errorf("behind it: %v, %v", rest, err)
	}
	events, err := s.Ticket.Withdraw(f.context(person(filer)), "reason")
	f.done(t, s, events, err)
	if found, err = f.store.Provisional(t.Context(), store.Key{City: policytest.Code}, 10); err != nil || len(found) != 0 {
		t.Errorf("closed: %v, %v", found, err)
	}
}

func (f *fixture) configs(t *testing.T) {
	for v := range int64(3) {
		f.commit(t, &change.Change{Statements: []change.Statement{store.AddConfig(store.Config{City: "410900", Version: v + 1, Bytes: []byte{byte(v)}})}})
	}
	f.commit(t, &change.Change{Statements: []change.Statement{
		store.AddConfig(store.Config{City: "410900", Version: 1, Bytes: []byte("another")}), store.AddConfig(store.Config{City: "410700", Version: 9, Bytes: []byte("c")})}})
	all, err := f.store.Configs(t.Context())
	if err != nil || len(all) != 4 || all[0].City != "410700" || all[1].Version != 1 || string(all[1].Bytes) != "\x00" || all[3].Version != 3 {
		t.Errorf("%v, %v", all, err)
	}
	todo, err := f.store.Unrecomputed(t.Context())
	if err != nil || len(todo) != 2 || todo[1].Version != 3 {
		t.Errorf("to recompute: %v, %v", todo, err)
	}
	f.commit(t, &change.Change{Statements: []change.Statement{store.Recomputed("410900", 3)}})
	if todo, err = f.store.Unrecomputed(t.Context()); err != nil || len(todo) != 1 || todo[0].City != "410700" {
		t.Errorf("still to recompute: %v, %v", todo, err)
	}
}

func (f *fixture) learnt(t *testing.T) {
	f.commit(t, &change.Change{Statements: []change.Statement{store.AddEnterprise(store.Enterprise{City: "410900", ID: "e", County: "410902"})}})
	f.commit(t, &change.Change{Statements: []change.Statement{store.AddEnterprise(store.Enterprise{City: "410900", ID: "e", County: "410922"})}})
	var all []store.Enterprise
	if err := f.store.Enterprises(t.Context(), func(e store.Enterprise) { all = append(all, e) }); err != nil || len(all) != 1 || all[0].County != "410922" {
		t.Errorf("enterprises: %v, %v", all, err)
	}
	now := policytest.At("2026-03-02 09:00")
	for i, r := range []store.Revocation{{Person: "a", Until: now.Add(-time.Second)}, {Person: "b", Session: "s", At: now, Until: now.Add(time.Hour)}} {
		r.City = "410900"
		f.commit(t, &change.Change{Statements: store.AddRevocation(r, now.Add(time.Duration(i)))})
	}
	revoked, err := f.store.Revocations(t.Context())
	if err != nil || len(revoked) != 1 || revoked[0].Session != "s" || !revoked[0].At.Equal(now) {
		t.Errorf("revocations: %v, %v", revoked, err)
	}
}
