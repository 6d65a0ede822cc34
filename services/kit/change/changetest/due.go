package changetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/change"
)

var day = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

func dueAt(aggregate string, at time.Time) change.Due {
	return change.Due{City: city, Aggregate: aggregate, At: at}
}

func claim(t *testing.T, s *change.Store, now time.Time, after change.DueKey, limit int) []change.Due {
	t.Helper()
	due, err := s.ClaimDue(t.Context(), now, after, limit, time.Minute)
	if err != nil {
		t.Fatalf("claim: %v", err)
	}
	return due
}

func testClaimOrder(t *testing.T, s *change.Store) {
	var due []change.Due
	for i := range 10 { // pairs share an instant and are told apart by name
		due = append(due, dueAt(fmt.Sprint("thing-", 9-i), day.Add(time.Duration((9-i)/2)*time.Hour)))
	}
	commit(t, s, &change.Change{Due: due})
	if got := claim(t, s, day.Add(-time.Microsecond), change.DueKey{}, 5); len(got) != 0 {
		t.Errorf("claimed %v before anything was due", got)
	}
	first := claim(t, s, day.Add(3*time.Hour), change.DueKey{}, 3)
	rest := claim(t, s, day.Add(3*time.Hour), first[len(first)-1].Key(), 100)
	for i, d := range append(first, rest...) {
		if want := fmt.Sprint("thing-", i); d.Aggregate != want || !d.At.Equal(day.Add(time.Duration(i/2)*time.Hour)) || d.Attempts != 1 {
			t.Errorf("claim %d is %+v, want %s", i, d, want)
		}
	}
	if len(first) != 3 || len(rest) != 5 {
		t.Errorf("claimed %d and %d", len(first), len(rest))
	}
	if again := claim(t, s, day.Add(3*time.Hour), change.DueKey{}, 100); len(again) != 0 {
		t.Errorf("claimed twice: %v", again)
	}
	if at, ok, err := s.NextDue(t.Context()); err != nil || !ok || !at.Equal(day.Add(4*time.Hour)) {
		t.Errorf("next due %v %v %v", at, ok, err)
	}
	if stats, err := s.DueStats(t.Context()); err != nil || !stats.Oldest.Equal(day) {
		t.Errorf("stats %+v %v", stats, err)
	}
	// However many claim at once, nobody gets what another has.
	commit(t, s, &change.Change{Due: due})
	results := make([][]change.Due, 8)
	for _, err := range together(len(results), func(i int) (err error) {
		results[i], err = s.ClaimDue(t.Context(), day.Add(24*time.Hour), change.DueKey{}, 3, time.Minute)
		return err
	}) {
		if err != nil {
			t.Error(err)
		}
	}
	seen := make(map[string]bool)
	for _, result := range results {
		for _, d := range result {
			if seen[d.Aggregate] {
				t.Errorf("%s was claimed twice", d.Aggregate)
			}
			seen[d.Aggregate] = true
		}
	}
}

func testSetAside(t *testing.T, s *change.Store) {
	commit(t, s, &change.Change{Due: []change.Due{dueAt("bad", day), dueAt("good", day.Add(time.Hour))}})
	now := day.Add(time.Minute)
	for attempt := 1; attempt <= change.MaxClaims; attempt++ {
		got := claim(t, s, now, change.DueKey{}, 10)
		if len(got) != 1 || got[0].Attempts != attempt {
			t.Fatalf("attempt %d: claimed %+v", attempt, got)
		}
		if attempt == 2 { // a lost race is not counted
			if err := s.ReleaseDue(t.Context(), got[0], 0); err != nil {
				t.Fatal(err)
			}
			if got = claim(t, s, now, change.DueKey{}, 10); len(got) != 1 || got[0].Attempts != attempt {
				t.Fatalf("after a release: claimed %+v", got)
			}
		}
		aside, err := s.FailDue(t.Context(), got[0], 0)
		if err != nil || aside != (attempt == change.MaxClaims) {
			t.Fatalf("attempt %d: set aside %v, %v", attempt, aside, err)
		}
	}
	if got := claim(t, s, now, change.DueKey{}, 10); len(got) != 0 {
		t.Errorf("claimed what was set aside: %v", got)
	}
	if stats, err := s.DueStats(t.Context()); err != nil || stats.SetAside != 1 || !stats.Oldest.Equal(day.Add(time.Hour)) {
		t.Errorf("stats %+v, %v", stats, err)
	}
	commit(t, s, &change.Change{Due: []change.Due{dueAt("bad", day)}}) // a change of the aggregate gives it a new chance
	if got := claim(t, s, now, change.DueKey{}, 10); len(got) != 1 || got[0].Attempts != 1 {
		t.Errorf("claimed %+v", got)
	}
}

func testDueMoves(t *testing.T, s *change.Store) {
	commit(t, s, &change.Change{Due: []change.Due{dueAt("a", day), dueAt("b", day)}})
	got := claim(t, s, day, change.DueKey{}, 10)
	if len(got) != 2 {
		t.Fatalf("claimed %v", got)
	}
	commit(t, s, &change.Change{Due: []change.Due{dueAt("a", day.Add(time.Hour)), {City: city, Aggregate: "b"}}})
	if aside, err := s.FailDue(t.Context(), got[0], time.Hour); err != nil || aside { // too late: it has moved
		t.Errorf("%v %v", aside, err)
	}
	if err := s.ReleaseDue(t.Context(), got[1], 0); err != nil {
		t.Error(err)
	}
	got = claim(t, s, day.Add(2*time.Hour), change.DueKey{}, 10)
	if len(got) != 1 || got[0].Aggregate != "a" || got[0].Attempts != 1 || !got[0].At.Equal(day.Add(time.Hour)) {
		t.Errorf("claimed %+v", got)
	}
	if _, err := s.FailDue(t.Context(), got[0], time.Hour); err != nil {
		t.Error(err)
	}
	if got := claim(t, s, day.Add(2*time.Hour), change.DueKey{}, 10); len(got) != 0 {
		t.Errorf("claimed while it rests: %+v", got)
	}
}

func testAwaitDue(t *testing.T, s *change.Store) {
	commit(t, s, &change.Change{Due: []change.Due{dueAt("a", day)}})
	woken := make(chan error, 1)
	go func() { woken <- s.AwaitDue(t.Context(), day) }()
	commit(t, s, &change.Change{Due: []change.Due{dueAt("b", day), dueAt("c", day.Add(time.Hour))}}) // not earlier
	select {
	case err := <-woken:
		t.Fatalf("woken by a later deadline: %v", err)
	case <-time.After(20 * time.Millisecond): // the absence of an event has no event
	}
	commit(t, s, &change.Change{Due: []change.Due{dueAt("a", day.Add(-time.Microsecond))}})
	if err := <-woken; err != nil {
		t.Error(err)
	}
	if err := s.AwaitDue(t.Context(), day); err != nil { // it is there already
		t.Error(err)
	}
}
