package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
)

// waitingReports: each at its place, the last one there, in order, until it is dropped.
func (f *fixture) waitingReports(t *testing.T) {
	first := store.Report{City: cataloguetest.Code, System: cataloguetest.System, Case: f.ids.New(), Item: "fire-review", Attempt: 1, Sequence: 2, Message: "m-2",
		Event: []byte{0, 1, 255}, Received: f.clock.Now(), Waiting: true}
	second, other, another := first, first, first
	second.Sequence, second.Message = 10, "m-10" // behind 2 as a number, before it as a text
	other.Attempt, other.Sequence = 2, 1
	another.System = "planning-system"
	f.write(t, store.AwaitReport(another), store.AwaitReport(other), store.AwaitReport(second), store.AwaitReport(first))

	got, err := f.store.WaitingReport(t.Context(), second.At(2))
	if diff := cmp.Diff(first, got, cmp.Comparer(time.Time.Equal)); err != nil || diff != "" {
		t.Errorf("%v: %s", err, diff)
	}
	for _, absent := range []store.Report{first.At(3), other.At(2), {City: first.City, System: "none", Case: first.Case, Item: first.Item, Attempt: 1, Sequence: 2}} {
		if _, err := f.store.WaitingReport(t.Context(), absent); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%+v: %v", absent, err)
		}
	}

	corrected := first
	corrected.Message, corrected.Event, corrected.Received = "m-2b", []byte("other"), first.Received.Add(time.Minute)
	f.write(t, store.AwaitReport(corrected))
	want := []store.Report{corrected, second, other, another}
	all, err := f.store.WaitingReports(t.Context(), store.Report{}, 10)
	if diff := cmp.Diff(want, all, cmp.Comparer(time.Time.Equal)); err != nil || diff != "" {
		t.Errorf("%v: %s", err, diff)
	}
	if !first.Beside(second) || first.Beside(other) || first.Beside(another) {
		t.Error("the same item and attempt is not what it is")
	}
	for n := range want {
		page, err := f.store.WaitingReports(t.Context(), want[n], 2)
		if err != nil || len(page) != min(2, len(want)-n-1) {
			t.Errorf("behind %d: %v, %v", n, page, err)
		}
	}

	f.write(t, store.DropReport(first), store.DropReport(other.At(7)))
	if all, err = f.store.WaitingReports(t.Context(), store.Report{}, 10); err != nil || len(all) != 3 || all[0].Sequence != 10 {
		t.Errorf("after one went: %v, %v", all, err)
	}
	f.write(t, store.DropReport(second), store.DropReport(other), store.DropReport(another))
	if all, err = f.store.WaitingReports(t.Context(), store.Report{}, 10); err != nil || len(all) != 0 {
		t.Errorf("after all went: %v, %v", all, err)
	}
}
