package desk_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/binding"
	"github.com/throughtrain/throughtrain/services/attendant/internal/desk"
	. "github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
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
	o := &office{t: t, store: s, clock: movable.New(Start), city: city}
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
	config := Config(version, without...)
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
	return desk.Happening{Position: o.at, City: o.city, Ticket: Ticket(ticket), Version: o.at, What: what}
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
		ids = append(ids, Person(n))
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
	history, err := o.store.TicketHistory(context.Background(), o.city, Ticket(ticket))
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

func dispatched(n int) desk.Dispatched { return desk.Dispatched{Official: Person(n)} }
func refused(n int) desk.Refused       { return desk.Refused{Official: Person(n)} }

func TestBatchSharesLoadsWithinItself(t *testing.T) {
	o := openOffice(t, openStore(t), Code)
	var batch []desk.Happening
	for i := range 6 {
		batch = append(batch, o.happens(i, filed(Water)))
	}
	o.take(batch...)
	// Wang and Li take turns up to two each, then the clerk takes the rest.
	if diff := cmp.Diff([]int{2, 2, 2}, o.load(Wang, Li, Zhao)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{proposed(Person(Li), route.LeastLoaded)}, o.said(1)); diff != "" {
		t.Error(diff)
	}
}

func TestClaimsAndLoads(t *testing.T) {
	const ticket = 1
	for _, c := range []struct {
		name string
		then []any
		load []int // of Wang, who is proposed, and of Zhao
		said []string
	}{
		{"proposed", nil, []int{1, 0}, nil},
		{"taken", []any{dispatched(Wang)}, []int{1, 0}, nil},
		{"refused", []any{refused(Wang)}, []int{0, 0}, []string{returned(Person(Wang))}},
		{"given to another, then refused", []any{dispatched(Zhao), refused(Wang)}, []int{0, 1}, []string{returned(Person(Wang))}},
		{"given to the same by a dispatcher, then refused", []any{dispatched(Wang), refused(Wang)}, []int{1, 0}, nil},
		{"withdrawn", []any{desk.Closed{}, refused(Wang)}, []int{0, 0}, []string{returned(Person(Wang))}},
		{"answered", []any{dispatched(Wang), desk.Answered{}}, []int{0, 0}, nil},
		{"answered and closed", []any{dispatched(Wang), desk.Answered{}, desk.Closed{}}, []int{0, 0}, nil},
		{"another cycle", []any{dispatched(Wang), desk.Answered{}, desk.Reopened{}}, []int{1, 0}, nil},
		{"another holder", []any{dispatched(Wang), dispatched(Zhao)}, []int{0, 1}, nil},
	} {
		for name, together := range map[string]bool{"together": true, "one by one": false} {
			t.Run(c.name+" "+name, func(t *testing.T) {
				o := openOffice(t, openStore(t), Code)
				batch := []desk.Happening{o.happens(ticket, filed(Water))}
				for _, what := range c.then {
					batch = append(batch, o.happens(ticket, what))
				}
				if together {
					o.take(batch...)
				} else {
					for _, h := range batch {
						o.take(h)
					}
				}
				if diff := cmp.Diff(c.load, o.load(Wang, Zhao)); diff != "" {
					t.Errorf("loads:\n%s", diff)
				}
				want := append([]string{proposed(Person(Wang), route.LeastLoaded)}, c.said...)
				if diff := cmp.Diff(want, o.said(ticket)); diff != "" {
					t.Errorf("said:\n%s", diff)
				}
			})
		}
	}
}

// A ticket that comes back to its holder may bring them over their cap. That must not stop the feed.
func TestCapIsJudgedInTheOrderOfWhatHappened(t *testing.T) {
	o := openOffice(t, openStore(t), Code)
	o.take(o.happens(1, filed(Power)), o.happens(1, dispatched(Feng)), o.happens(1, desk.Answered{}))
	o.take(o.happens(2, filed(Power)), o.happens(1, desk.Reopened{}), o.happens(3, filed(Power)))
	if diff := cmp.Diff([]int{2, 1}, o.load(Feng, Sun)); diff != "" {
		t.Error(diff)
	}
}

func TestTicketFiledTwiceIsAnsweredOnce(t *testing.T) {
	o := openOffice(t, openStore(t), Code)
	for range 3 {
		o.take(o.happens(1, filed(Water)), o.happens(1, filed(Water)))
	}
	o.take(o.happens(2, filed(Unhandled)))
	o.take(o.happens(2, filed(Unhandled)))
	if len(o.said(1)) != 1 || len(o.said(2)) != 1 || o.load(Wang)[0] != 1 {
		t.Errorf("said %v and %v, load %v", o.said(1), o.said(2), o.load(Wang))
	}
}

func TestUnknownCityStopsTheFeed(t *testing.T) {
	o := openOffice(t, openStore(t), Code)
	h := o.happens(1, filed(Water))
	h.City = "410500"
	if _, err := o.Take(t.Context(), []desk.Happening{h}); !errors.Is(err, desk.ErrCity) {
		t.Errorf("a filing of an unknown city: %v", err)
	}
}

// news is the directory's feed as the desk sees it.
type news struct{ arrive func() }

func (n *news) Position() int64 { return 0 }

func (n *news) Await(ctx context.Context, _ int64) error {
	if n.arrive == nil {
		return context.DeadlineExceeded
	}
	n.arrive()
	n.arrive = nil
	return ctx.Err()
}

func TestFilingWaitsForItsConfiguration(t *testing.T) {
	o := openOffice(t, openStore(t), Code)
	o.Desk = desk.New(desk.Deps{Store: o.store, City: o.clock, Wall: clock.System(), News: &news{func() { o.apply(2, 5, Wang) }}})
	early := filed(Water)
	early.ConfigVersion = 2
	o.take(o.happens(1, early))
	if diff := cmp.Diff([]string{proposed(Person(Li), route.LeastLoaded)}, o.said(1)); diff != "" {
		t.Error(diff)
	}
	late := filed(Water)
	late.ConfigVersion = 3
	if _, err := o.Take(t.Context(), []desk.Happening{o.happens(2, late)}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a configuration that does not arrive: %v", err)
	}
}

func admin(city string) desk.Call {
	return desk.Call{Caller: authn.SystemCaller("test", city), City: city, Method: "CreateBinding"}
}

func (o *office) bind(official, enterprise int, end time.Time, replace bool) (string, error) {
	return o.CreateBinding(context.Background(), admin(o.city), desk.NewBinding{Official: Person(official), End: end, Replace: replace,
		Post: binding.Post{City: o.city, Enterprise: Enterprise(enterprise), Role: binding.Attendant}})
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

func TestSuccessorStartsWhenThePredecessorEnds(t *testing.T) {
	o := openOffice(t, openStore(t), Code)
	first := o.mustBind(Wang, 1, time.Time{}, false)
	o.clock.Advance(time.Hour)
	second := o.mustBind(Li, 1, time.Time{}, true)
	first = o.stored(first.ID)
	if first.Active || !first.End.Equal(second.Start) || !second.Start.Equal(Start.Add(time.Hour)) {
		t.Errorf("%+v is followed by %+v", first, second)
	}
	// A clock that is behind the other replica's makes no binding that starts before the one it ends.
	o.clock.Set(Start)
	third := o.mustBind(Qian, 1, time.Time{}, true)
	if !third.Start.Equal(second.Start) || !o.stored(second.ID).End.Equal(third.Start) {
		t.Errorf("%+v is followed by %+v", o.stored(second.ID), third)
	}
}

func TestBindingWhoseTimeIsOverMakesRoom(t *testing.T) {
	o := openOffice(t, openStore(t), Code)
	end := Start.Add(time.Hour)
	first := o.mustBind(Wang, 1, end, false)
	if err := o.Settle(t.Context(), Code, store.BindingAggregate(first.ID)); err != nil || !o.stored(first.ID).Active {
		t.Fatalf("settled before its time: %v", err)
	}
	if _, err := o.bind(Li, 1, time.Time{}, false); !errors.Is(err, desk.ErrPrimaryTaken) {
		t.Fatalf("a taken post: %v", err)
	}
	o.clock.Set(end.Add(time.Minute))
	second := o.mustBind(Li, 1, time.Time{}, false) // although the clockwork has not come by
	if got := o.stored(first.ID); got.Active || !got.End.Equal(end) || !second.Start.Equal(o.clock.Now()) {
		t.Errorf("%+v is followed by %+v", got, second)
	}
	for range 2 {
		if err := o.Settle(t.Context(), Code, store.BindingAggregate(first.ID)); err != nil {
			t.Fatal(err)
		}
	}
	third := o.mustBind(Qian, 2, o.clock.Now().Add(time.Hour), false)
	o.clock.Advance(30 * 24 * time.Hour)
	if err := o.Settle(t.Context(), Code, store.BindingAggregate(third.ID)); err != nil {
		t.Fatal(err)
	}
	if got := o.stored(third.ID); got.Active || !got.End.Equal(third.End) || !got.Time.Equal(third.End) {
		t.Errorf("a month late: %+v", got)
	}
	if err := o.Settle(t.Context(), Code, "tickets/"+Ticket(1)); err == nil {
		t.Error("something that is no binding was settled")
	}
}

func TestDismissalEndsBindings(t *testing.T) {
	o := openOffice(t, openStore(t), Code)
	first, second, other := o.mustBind(Wang, 1, time.Time{}, false), o.mustBind(Wang, 2, Start.Add(time.Hour), false), o.mustBind(Li, 3, time.Time{}, false)
	o.clock.Advance(time.Minute)
	c := &change.Change{}
	if err := o.Dismiss(t.Context(), c, Code, Person(Wang), 9); err != nil {
		t.Fatal(err)
	}
	o.commit(c)
	for _, b := range []store.Binding{first, second} {
		if got := o.stored(b.ID); got.Active || !got.End.Equal(o.clock.Now()) {
			t.Errorf("%+v", got)
		}
	}
	if !o.stored(other.ID).Active {
		t.Error("somebody else's binding ended")
	}
	if _, err := o.bind(Wang, 4, time.Time{}, false); !errors.Is(err, desk.ErrOfficial) {
		t.Errorf("a dismissed official is bound: %v", err)
	}
	o.take(o.happens(1, desk.Filed{Filing: route.Filing{Enterprise: Enterprise(1), Category: Water}, ConfigVersion: 1}))
	if diff := cmp.Diff([]string{proposed(Person(Li), route.LeastLoaded)}, o.said(1)); diff != "" {
		t.Error(diff)
	}
	o.apply(2, 12) // the directory lists them again
	o.mustBind(Wang, 4, time.Time{}, false)
	if err := o.Dismiss(t.Context(), &change.Change{}, "410500", Person(Wang), 9); err != nil {
		t.Errorf("a dismissal in a city that is not known: %v", err)
	}
}

func ExampleBindingName() {
	fmt.Println(desk.BindingName(Code, "x"))
	// Output: cities/410900/bindings/x
}
