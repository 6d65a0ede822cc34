package storetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/hotline/internal/eventpb"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/ids"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
)

type fixture struct {
	store *store.Store
	city  *policy.City
	ids   *ids.Source
	clock *movable.Clock
	next  int
}

func open(t *testing.T, dsn string) *fixture {
	t.Helper()
	ctx := context.Background() // closing outlives the test's own context
	db, err := sqldb.Open(ctx, sqldb.Config{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	clock := movable.New(policytest.At("2026-03-02 09:00"))
	s, err := store.Open(ctx, db, change.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return &fixture{store: s, city: policytest.City(t), ids: ids.New(clock), clock: clock}
}

func person(id string, roles ...policy.Role) ticket.Actor {
	return ticket.Actor{Kind: ticket.PersonActor, Person: id, Roles: roles}
}

func (f *fixture) context(a ticket.Actor) ticket.Context {
	return ticket.Context{Now: f.clock.Now(), Actor: a, City: f.city}
}

const filer = "01910000-0000-7000-8000-000000000001"

// filed writes a new ticket.
func (f *fixture) filed(t *testing.T, edit func(*ticket.Filing)) store.Stored {
	t.Helper()
	return f.filedBy(t, person(filer), edit)
}

func (f *fixture) filedBy(t *testing.T, by ticket.Actor, edit func(*ticket.Filing)) store.Stored {
	t.Helper()
	f.next++
	in := ticket.Filing{City: policytest.Code, ID: f.ids.New(), Number: fmt.Sprintf("%013d", f.next), Category: "0702"}
	if edit != nil {
		edit(&in)
	}
	events, err := ticket.File(f.context(by), in)
	if err != nil {
		t.Fatal(err)
	}
	after, err := ticket.Fold(in.City, in.ID, events)
	if err != nil {
		t.Fatal(err)
	}
	key, err := store.KeyOf(in.City, in.ID)
	if err != nil {
		t.Fatal(err)
	}
	sealed, hash := seal(t, key, journal.Hash{}, events)
	rows, err := store.File(key, after, hash)
	if err != nil {
		t.Fatal(err)
	}
	content := store.NewContent(store.Content{ID: store.Filing, CreateTime: f.clock.Now(), Title: "title of " + in.Number, Body: "body", Phone: "13800138000"})
	f.commit(t, &change.Change{Statements: append(rows, store.AddContent(key, &content)), Events: sealed})
	return store.Stored{Key: key, Ticket: after, Hash: hash}
}

// done writes what an act brings about.
func (f *fixture) done(t *testing.T, from store.Stored, events []ticket.Event, err error) store.Stored {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	c, after := f.change(t, from, events)
	f.commit(t, c)
	return after
}

func (f *fixture) change(t *testing.T, from store.Stored, events []ticket.Event) (*change.Change, store.Stored) {
	t.Helper()
	after, err := from.Ticket.After(events...)
	if err != nil {
		t.Fatal(err)
	}
	sealed, hash := seal(t, from.Key, from.Hash, events)
	rows, err := store.Update(from, after, hash)
	if err != nil {
		t.Fatal(err)
	}
	return &change.Change{Statements: rows, Events: sealed}, store.Stored{Key: from.Key, Ticket: after, Hash: hash}
}

func (f *fixture) commit(t *testing.T, c *change.Change) {
	t.Helper()
	if err := f.store.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

func seal(t *testing.T, k store.Key, previous journal.Hash, events []ticket.Event) (out []change.Event, last journal.Hash) {
	t.Helper()
	for _, e := range events {
		envelope, err := eventpb.Envelope(k.City, k.ID, e)
		if err != nil {
			t.Fatal(err)
		}
		s := journal.Seal(previous, envelope)
		previous = s.Hash
		out = append(out, change.Event{Sealed: s, Month: k.Month})
	}
	return out, previous
}

// gone moves a ticket to its close, a step a minute.
func (f *fixture) gone(t *testing.T, s store.Stored) store.Stored {
	t.Helper()
	holder := person(policytest.Attendant, policy.RoleAttendant)
	steps := []func(*ticket.Ticket) ([]ticket.Event, error){
		func(x *ticket.Ticket) ([]ticket.Event, error) {
			return x.Dispatch(f.context(person(policytest.Dispatcher, policy.RoleDispatcher)), policytest.Attendant)
		},
		func(x *ticket.Ticket) ([]ticket.Event, error) { return x.Sign(f.context(holder)) },
		func(x *ticket.Ticket) ([]ticket.Event, error) {
			return x.Answer(f.context(holder), ticket.AnswerInput{Outcome: ticket.Solved, Message: "m"})
		},
		func(x *ticket.Ticket) ([]ticket.Event, error) {
			return x.Verify(f.context(person(filer)), ticket.Verified{Solved: true, Satisfied: ticket.Basically})
		},
	}
	for _, step := range steps {
		f.clock.Advance(time.Minute)
		events, err := step(s.Ticket)
		s = f.done(t, s, events, err)
	}
	return s
}
