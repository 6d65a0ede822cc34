package binding_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/attendant/internal/binding"
)

var start = time.Date(2026, 3, 3, 1, 0, 0, 0, time.UTC)

func TestNewBinding(t *testing.T) {
	for _, c := range []struct {
		name   string
		end    time.Time
		deputy string
		want   error
	}{
		{"open", time.Time{}, "", nil},
		{"dated", start.Add(time.Microsecond), "b", nil},
		{"ends as it starts", start, "", binding.ErrPeriod},
		{"ends before it starts", start.Add(-time.Hour), "", binding.ErrPeriod},
		{"own deputy", time.Time{}, "a", binding.ErrDeputySelf},
	} {
		b, err := binding.New(binding.Binding{Official: "a", Deputy: c.deputy, End: c.end}, start)
		if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		if err == nil && (!b.Active || !b.InForce(start) || b.InForce(start.Add(-time.Microsecond))) {
			t.Errorf("%s: not in force from its start on: %+v", c.name, b)
		}
	}
}

func TestBindingEndsExclusively(t *testing.T) {
	b, err := binding.New(binding.Binding{Official: "a", End: start.Add(time.Hour)}, start)
	if err != nil {
		t.Fatal(err)
	}
	if !b.InForce(b.End.Add(-time.Microsecond)) || b.InForce(b.End) {
		t.Error("a binding is in force up to its end and not at it")
	}
	for name, c := range map[string]struct{ at, want time.Time }{
		"early":            {start.Add(time.Minute), start.Add(time.Minute)},
		"late":             {start.Add(2 * time.Hour), b.End},
		"before its start": {start.Add(-time.Hour), start},
	} {
		if ended := b.Ended(c.at); !ended.End.Equal(c.want) || ended.Active || ended.InForce(start) {
			t.Errorf("%s: ended at %v, active %v", name, ended.End, ended.Active)
		}
	}
}

func TestPresence(t *testing.T) {
	hour := start.Add(time.Hour)
	for _, c := range []struct {
		name string
		in   binding.Presence
		want error
	}{
		{"there", binding.Presence{Official: "a"}, nil},
		{"away, open", binding.Presence{Official: "a", Away: true}, nil},
		{"away until", binding.Presence{Official: "a", Away: true, Until: hour, Deputy: "b"}, nil},
		{"away until now", binding.Presence{Official: "a", Away: true, Until: start}, binding.ErrPeriod},
		{"there until", binding.Presence{Official: "a", Until: hour}, binding.ErrPeriod},
		{"own deputy", binding.Presence{Official: "a", Away: true, Deputy: "a"}, binding.ErrDeputySelf},
	} {
		if _, err := binding.NewPresence(c.in, start); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	away := binding.Presence{Away: true, Until: hour}
	if away.PresentAt(hour.Add(-time.Microsecond)) || !away.PresentAt(hour) {
		t.Error("an absence lasts up to its end and not longer")
	}
	if (binding.Presence{Away: true}).PresentAt(hour.AddDate(50, 0, 0)) {
		t.Error("an open absence ended by itself")
	}
}

// However a post changes hands, at every instant at most one binding of it is in force, and nothing of an ended one changes.
func TestSuccessionLeavesNoOverlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := start
		var history []binding.Binding
		for range rapid.IntRange(1, 12).Draw(t, "successors") {
			now = now.Add(time.Duration(rapid.Int64Range(0, 5000).Draw(t, "step")) * time.Millisecond)
			if n := len(history); n > 0 {
				history[n-1] = history[n-1].Ended(now)
			}
			next := binding.Binding{Official: "a"}
			if rapid.Bool().Draw(t, "dated") {
				next.End = now.Add(time.Duration(rapid.Int64Range(1, 5000).Draw(t, "life")) * time.Millisecond)
			}
			b, err := binding.New(next, now)
			if err != nil {
				t.Fatal(err)
			}
			history = append(history, b)
		}
		for i := range history[:len(history)-1] {
			if history[i].Active || history[i].End.After(history[i+1].Start) || history[i].End.Before(history[i].Start) {
				t.Fatalf("binding %d overlaps its successor: %+v, %+v", i, history[i], history[i+1])
			}
		}
	})
}

func TestPlannedLeave(t *testing.T) {
	leave, err := binding.NewPresence(binding.Presence{Away: true, From: start.Add(time.Hour), Until: start.Add(2 * time.Hour), HandOver: true}, start)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at      time.Duration
		present bool
		now     bool
		later   bool
	}{{0, true, false, true}, {time.Hour, false, true, false}, {2 * time.Hour, true, false, false}} {
		now, later := leave.HandsOver(start.Add(c.at))
		if leave.PresentAt(start.Add(c.at)) != c.present || now != c.now || later.IsZero() == c.later {
			t.Errorf("after %v: hands over now: %v, later: %v", c.at, now, later)
		}
	}
	if now, later := (binding.Presence{HandOver: true}).HandsOver(start); now || !later.IsZero() {
		t.Error("somebody who is there hands over")
	}
	begun, err := binding.NewPresence(binding.Presence{Away: true, From: start}, start)
	if err != nil || !begun.From.IsZero() {
		t.Errorf("a leave from now on: %+v, %v", begun, err)
	}
	for name, bad := range map[string]binding.Presence{
		"ends before it begins":     {Away: true, From: start.Add(2 * time.Hour), Until: start.Add(time.Hour)},
		"there from":                {From: start.Add(time.Hour)},
		"there and handing over":    {HandOver: true},
		"ends at once as it begins": {Away: true, From: start.Add(time.Hour), Until: start.Add(time.Hour)},
	} {
		if _, err := binding.NewPresence(bad, start); !errors.Is(err, binding.ErrPeriod) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
