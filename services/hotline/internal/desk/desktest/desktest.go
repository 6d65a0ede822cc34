// Package desktest sets up a desk over a database for tests: the city of policytest, a clock that tests move, and callers in every role.
//
// It depends on internal/{desk,eventpb,policy/policytest,store,ticket} and kit's authn, change, clock, journal and sqldb.
package desktest

import (
	"context"
	"testing"
	"time"

	"go.uber.org/zap/zaptest"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/eventpb"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/store"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/blob"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/journal"
	"github.com/throughtrain/throughtrain/services/kit/sqldb"
	"github.com/throughtrain/throughtrain/services/kit/upload"
)

// People who are no officials, and their enterprises.
const (
	Filer       = "01910000-0000-7000-8000-000000000001"
	Colleague   = "01910000-0000-7000-8000-000000000002" // member of Enterprise
	Stranger    = "01910000-0000-7000-8000-000000000003" // member of Enterprise2
	Enterprise  = "01920000-0000-7000-8000-000000000001"
	Enterprise2 = "01920000-0000-7000-8000-000000000002"
	Phone       = "13800138000"
	Phone2      = "13900139000"
)

// Start is where the city's clock stands at first: a Monday morning.
var Start = policytest.At("2026-03-02 09:00")

// World is a desk with everything around it.
type World struct {
	*desk.Desk
	Store *store.Store
	Clock *movable.Clock
	Wall  *movable.Clock
}

// New makes a world over the database that the DSN leads to, until the test ends.
func New(t testing.TB, dsn string) *World {
	t.Helper()
	ctx := context.Background() // closing outlives the test's own context
	db, err := sqldb.Open(ctx, sqldb.Config{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	w := &World{Clock: movable.New(Start), Wall: movable.New(Start)}
	options := change.Options{Wall: w.Wall}
	if _, quiet := t.(*testing.B); !quiet {
		options.Logger = zaptest.NewLogger(t)
	}
	if w.Store, err = store.Open(ctx, db, options); err != nil {
		t.Fatal(err)
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- w.Store.Run(running) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the store ended with %v", err)
		}
		w.Store.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	cities := desk.NewCities()
	cities.Put(policytest.City(t))
	cities.PutEnterprise(Enterprise, policytest.CountyCode)
	blobs := blob.NewMemory()
	w.Desk = desk.New(desk.Deps{Store: w.Store, Cities: cities, City: w.Clock, Wall: w.Wall, Blobs: blobs, Judge: upload.NewJudge(blobs, "")})
	return w
}

// At moves the city's clock, forwards or backwards, to civil time such as "2026-03-02 09:00".
func (w *World) At(text string) { w.Clock.Set(policytest.At(text)) }

// Pass lets time pass on the city's clock.
func (w *World) Pass(d time.Duration) { w.Clock.Advance(d) }

// Ref names a ticket of the test city.
func Ref(id string) desk.Ref { return desk.Ref{City: policytest.Code, ID: id} }

// Caller is somebody signed in to the test city: an official in their role and unit, or one of the people above.
func Caller(person string) authn.Caller {
	c := authn.Caller{Kind: authn.Person, City: policytest.Code, Person: person, Session: "session-of-" + person}
	switch person {
	case Filer, Colleague:
		c.Enterprises, c.Phone = []string{Enterprise}, Phone
		return c
	case Stranger:
		c.Enterprises, c.Phone = []string{Enterprise2}, Phone2
		return c
	}
	for _, o := range policytest.Config().GetOfficials() {
		if o.GetPerson() == policytest.Name+"/persons/"+person {
			c.Unit = o.GetUnit()
			for _, role := range o.GetRoles() {
				c.Roles = append(c.Roles, Grant(role, o.GetUnit()))
			}
		}
	}
	return c
}

// Grant is a role as the directory puts it into a token: with the unit where it is a unit's.
func Grant(role optionsv1.Role, unit string) authn.Grant {
	switch role {
	case optionsv1.Role_ROLE_DISPATCHER, optionsv1.Role_ROLE_SUPERVISOR, optionsv1.Role_ROLE_MAYOR_OFFICE,
		optionsv1.Role_ROLE_CITY_ADMIN, optionsv1.Role_ROLE_AUDITOR:
		unit = ""
	}
	return authn.Grant{Role: role, Unit: unit}
}

// Call is a call with a request id and a body of its own.
func Call(method, id string) desk.Call {
	return desk.Call{Method: method, RequestID: id, BodyHash: []byte(method + id)}
}

// Filing is a problem that needs nothing else.
func Filing() desk.Filing {
	return desk.Filing{City: policytest.Code, Title: "施工许可迟迟未批", Body: "材料交了两个月，施工许可还没有批下来，工期已经耽误。", Category: "0702"}
}

// File files a ticket for the filer.
func (w *World) File(t testing.TB) desk.Ref {
	t.Helper()
	view, err := w.Desk.File(t.Context(), Caller(Filer), desk.Call{Method: "CreateTicket"}, Filing())
	if err != nil {
		t.Fatal(err)
	}
	return Ref(view.Ticket.ID)
}

// Do lets the domain decide for somebody and writes what happens, as a verb of the desk would, and returns the ticket after it.
func (w *World) Do(t testing.TB, ref desk.Ref, actor ticket.Actor, decide func(*ticket.Ticket, ticket.Context) ([]ticket.Event, error)) *ticket.Ticket {
	t.Helper()
	key, err := store.KeyOf(ref.City, ref.ID)
	if err != nil {
		t.Fatal(err)
	}
	from, err := w.Store.Ticket(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	city, err := w.Cities.City(ref.City)
	if err != nil {
		t.Fatal(err)
	}
	events, err := decide(from.Ticket, ticket.Context{Now: w.Clock.Now(), Actor: actor, City: city})
	if err != nil {
		t.Fatal(err)
	}
	after, err := from.Ticket.After(events...)
	if err != nil {
		t.Fatal(err)
	}
	var c change.Change
	last := from.Hash
	for _, e := range events {
		envelope, err := eventpb.Envelope(key.City, key.ID, e)
		if err != nil {
			t.Fatal(err)
		}
		envelope.Aggregate = key.Aggregate()
		sealed := journal.Seal(last, envelope)
		last = sealed.Hash
		c.Events = append(c.Events, change.Event{Sealed: sealed, Month: key.Month})
	}
	if c.Statements, err = store.Update(from, after, last); err != nil {
		t.Fatal(err)
	}
	if err := w.Store.Commit(t.Context(), &c); err != nil {
		t.Fatal(err)
	}
	return after
}

// Actor is somebody as the domain knows them: an official with their roles, a clerk in their unit.
func Actor(person string) ticket.Actor {
	a := ticket.Actor{Kind: ticket.PersonActor, Person: person}
	caller := Caller(person)
	for _, grant := range caller.Roles {
		a.Roles = append(a.Roles, policy.RoleOf(grant.Role))
		if grant.Role == optionsv1.Role_ROLE_CLERK {
			a.Units = append(a.Units, caller.Unit)
		}
	}
	return a
}

// Received says of a file that so much of it has arrived, as a process does that ends then.
func (w *World) Received(t testing.TB, f *upload.File, received int64) {
	t.Helper()
	row, err := w.Store.Files.File(t.Context(), f.Owner, f.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Store.Commit(t.Context(), &change.Change{Statements: []change.Statement{w.Store.Files.Receive(row, received, w.Wall.Now())}}); err != nil {
		t.Fatal(err)
	}
}
