package desk_test

import (
	"context"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/binding"
	"github.com/throughtrain/throughtrain/services/attendant/internal/desk"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/clock"
	"github.com/throughtrain/throughtrain/services/kit/clock/movable"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// office is a desk over a store in memory, for a city of its own.
type office struct {
	*desk.Desk
	t     testing.TB
	store *store.Store
	clock *movable.Clock
	city  string
	at    int64 // in the hotline's feed
}

func openStore(t testing.TB) *store.Store {
	t.Helper()
	return store.New(kittest.OpenStore(t, "sqlite::memory:", change.Options{}, store.Schema()))
}

// openOffice opens one in a city that has the tests' configuration.
func openOffice(t testing.TB, s *store.Store, city string) *office {
	t.Helper()
	o := &office{t: t, store: s, clock: movable.New(rostertest.Start), city: city}
	o.Desk = desk.New(desk.Deps{Store: s, City: o.clock, Wall: clock.System()})
	o.apply(1, 1)
	return o
}

func (o *office) commit(c *change.Change) {
	o.t.Helper()
	if err := o.store.Commit(context.Background(), c); err != nil {
		o.t.Fatal(err)
	}
}

// apply puts a version of the configuration into force.
func (o *office) apply(version, revision int64, without ...int) {
	o.t.Helper()
	config := rostertest.Config(version, without...)
	config.Name = "cities/" + o.city
	bytes, err := proto.Marshal(config)
	if err != nil {
		o.t.Fatal(err)
	}
	o.commit(&change.Change{Statements: store.SaveCity(store.City{City: o.city, Version: version, Revision: revision, Config: bytes})})
}

// happens is the next thing in the hotline's feed.
func (o *office) happens(ticket int, what any) desk.Happening {
	o.at++
	return desk.Happening{Position: o.at, City: o.city, ID: rostertest.Ticket(ticket), Version: o.at, Time: o.clock.Now(), What: what}
}

func (o *office) take(happened ...desk.Happening) {
	o.t.Helper()
	c, err := o.Take(context.Background(), happened)
	if err != nil {
		o.t.Fatal(err)
	}
	o.commit(c)
}

func (o *office) load(officials ...int) []int {
	o.t.Helper()
	var ids []string
	for _, n := range officials {
		ids = append(ids, rostertest.Person(n))
	}
	loads, err := o.store.Loads(context.Background(), o.city, ids)
	if err != nil {
		o.t.Fatal(err)
	}
	out := make([]int, len(ids))
	for i, id := range ids {
		out[i] = loads[id]
	}
	return out
}

// said is what this service said of a ticket, in words.
func (o *office) said(ticket int) []string {
	o.t.Helper()
	history, err := o.store.TicketHistory(context.Background(), o.city, rostertest.Ticket(ticket))
	if err != nil {
		o.t.Fatal(err)
	}
	var words []string
	for _, e := range history {
		in := &attendantv1.AttendantEvent{}
		if err := proto.Unmarshal(e.Payload, in); err != nil {
			o.t.Fatal(err)
		}
		switch body := in.GetEvent().(type) {
		case *attendantv1.AttendantEvent_RouteProposed:
			words = append(words, proposed(body.RouteProposed.GetOfficial(), body.RouteProposed.GetReason()))
		case *attendantv1.AttendantEvent_ClaimReturned:
			words = append(words, returned(body.ClaimReturned.GetOfficial()))
		}
	}
	return words
}

func proposed(official, reason string) string { return "proposed " + official + " " + reason }
func returned(official string) string         { return "returned " + official }

func filed(category string) desk.Filed {
	return desk.Filed{Filing: route.Filing{Category: category}, ConfigVersion: 1}
}

func dispatched(n int) desk.Dispatched { return desk.Dispatched{Official: rostertest.Person(n)} }
func refused(n int) desk.Refused       { return desk.Refused{Official: rostertest.Person(n)} }

func admin(city string) desk.Call {
	return desk.Call{Caller: authn.SystemCaller("test", city), City: city, Method: "CreateBinding"}
}

func caller(person string) authn.Caller {
	return authn.Caller{Kind: authn.Person, City: rostertest.Code, Person: person}
}

func (o *office) bind(official, enterprise int, end time.Time, replace bool) (string, error) {
	return o.CreateBinding(context.Background(), admin(o.city), desk.NewBinding{Official: rostertest.Person(official), End: end, Replace: replace,
		Post: binding.Post{City: o.city, Enterprise: rostertest.Enterprise(enterprise), Role: binding.Attendant}})
}

func (o *office) mustBind(official, enterprise int, end time.Time, replace bool) store.Binding {
	o.t.Helper()
	id, err := o.bind(official, enterprise, end, replace)
	if err != nil {
		o.t.Fatal(err)
	}
	return o.stored(id)
}

func (o *office) stored(id string) store.Binding {
	o.t.Helper()
	b, err := o.store.Binding(context.Background(), o.city, id)
	if err != nil {
		o.t.Fatal(err)
	}
	return b
}
