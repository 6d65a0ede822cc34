package desk_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughtrain/throughtrain/services/attendant/internal/desk"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/attendant/internal/route"
	"github.com/throughtrain/throughtrain/services/attendant/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/change"
)

func TestSuccessorStartsWhenThePredecessorEnds(t *testing.T) {
	o := openOffice(t, openStore(t), rostertest.Code)
	first := o.mustBind(rostertest.Wang, 1, time.Time{}, false)
	o.clock.Advance(time.Hour)
	second := o.mustBind(rostertest.Li, 1, time.Time{}, true)
	first = o.stored(first.ID)
	if first.Active || !first.End.Equal(second.Start) || !second.Start.Equal(rostertest.Start.Add(time.Hour)) {
		t.Errorf("%+v is followed by %+v", first, second)
	}
	// A clock that is behind the other replica's makes no binding that starts before the one it ends.
	o.clock.Set(rostertest.Start)
	third := o.mustBind(rostertest.Qian, 1, time.Time{}, true)
	if !third.Start.Equal(second.Start) || !o.stored(second.ID).End.Equal(third.Start) {
		t.Errorf("%+v is followed by %+v", o.stored(second.ID), third)
	}
}

func TestBindingWhoseTimeIsOverMakesRoom(t *testing.T) {
	o := openOffice(t, openStore(t), rostertest.Code)
	end := rostertest.Start.Add(time.Hour)
	first := o.mustBind(rostertest.Wang, 1, end, false)
	if err := o.Settle(t.Context(), rostertest.Code, store.BindingAggregate(first.ID)); err != nil || !o.stored(first.ID).Active {
		t.Fatalf("settled before its time: %v", err)
	}
	if _, err := o.bind(rostertest.Li, 1, time.Time{}, false); !errors.Is(err, desk.ErrPrimaryTaken) {
		t.Fatalf("a taken post: %v", err)
	}
	o.clock.Set(end.Add(time.Minute))
	second := o.mustBind(rostertest.Li, 1, time.Time{}, false) // although the clockwork has not come by
	if got := o.stored(first.ID); got.Active || !got.End.Equal(end) || !second.Start.Equal(o.clock.Now()) {
		t.Errorf("%+v is followed by %+v", got, second)
	}
	for range 2 {
		if err := o.Settle(t.Context(), rostertest.Code, store.BindingAggregate(first.ID)); err != nil {
			t.Fatal(err)
		}
	}
	third := o.mustBind(rostertest.Qian, 2, o.clock.Now().Add(time.Hour), false)
	o.clock.Advance(30 * 24 * time.Hour)
	if err := o.Settle(t.Context(), rostertest.Code, store.BindingAggregate(third.ID)); err != nil {
		t.Fatal(err)
	}
	if got := o.stored(third.ID); got.Active || !got.End.Equal(third.End) || !got.Time.Equal(third.End) {
		t.Errorf("a month late: %+v", got)
	}
	if err := o.Settle(t.Context(), rostertest.Code, "tickets/"+rostertest.Ticket(1)); err == nil {
		t.Error("something that is no binding was settled")
	}
}

func TestDismissalEndsBindings(t *testing.T) {
	o := openOffice(t, openStore(t), rostertest.Code)
	first, second, other := o.mustBind(rostertest.Wang, 1, time.Time{}, false), o.mustBind(rostertest.Wang, 2, rostertest.Start.Add(time.Hour), false), o.mustBind(rostertest.Li, 3, time.Time{}, false)
	o.clock.Advance(time.Minute)
	c := &change.Change{}
	if err := o.Dismiss(t.Context(), c, rostertest.Code, rostertest.Person(rostertest.Wang), 9); err != nil {
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
	if _, err := o.bind(rostertest.Wang, 4, time.Time{}, false); !errors.Is(err, desk.ErrOfficial) {
		t.Errorf("a dismissed official is bound: %v", err)
	}
	o.take(o.happens(1, desk.Filed{Filing: route.Filing{Enterprise: rostertest.Enterprise(1), Category: rostertest.Water}, ConfigVersion: 1}))
	if diff := cmp.Diff([]string{proposed(rostertest.Person(rostertest.Li), route.LeastLoaded)}, o.said(1)); diff != "" {
		t.Error(diff)
	}
	o.apply(2, 12) // the directory lists them again
	o.mustBind(rostertest.Wang, 4, time.Time{}, false)
	if err := o.Dismiss(t.Context(), &change.Change{}, "410500", rostertest.Person(rostertest.Wang), 9); err != nil {
		t.Errorf("a dismissal in a city that is not known: %v", err)
	}
}

func ExampleBindingName() {
	fmt.Println(desk.BindingName(rostertest.Code, "x"))
	// Output: cities/410900/bindings/x
}
