package worktime_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

func TestAheadOfARunningClock(t *testing.T) {
	c := cityCalendar(t)
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04:05", s, worktime.Zone)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	fiveDays := worktime.Limit{Amount: 5, Unit: worktime.Workdays}
	hours := worktime.Limit{Amount: 24, Unit: worktime.NaturalHours}
	// Friday 6 March 2026, 11:30: half an hour to lunch, then the afternoon; due on Monday at noon.
	a := c.Ahead(fiveDays, at("2026-03-06 09:00:00"), at("2026-03-09 12:00:00"), at("2026-03-06 11:30:00").Add(300*time.Millisecond), nil)
	want := worktime.Ahead{AsOf: at("2026-03-06 11:30:00"), Total: 3*time.Hour + 210*time.Minute + 210*time.Minute, Left: 30*time.Minute + 420*time.Minute,
		Spans: []int32{0, 1800, 3 * 3600, 3*3600 + 210*60, 69 * 3600, 69*3600 + 210*60}}
	if d := cmp.Diff(want, a); d != "" {
		t.Errorf("within hours (-want +got):\n%s", d)
	}
	// Sunday: nothing passes until Monday's opening.
	a = c.Ahead(fiveDays, at("2026-03-06 09:00:00"), at("2026-03-09 12:00:00"), at("2026-03-08 10:00:00"), nil)
	if !a.NextOpening.Equal(at("2026-03-09 08:30:00")) || a.Left != 210*time.Minute {
		t.Errorf("on a Sunday: %+v", a)
	}
	// At the instant a slot closes nothing passes any more, and the afternoon is next.
	if a = c.Ahead(fiveDays, at("2026-03-06 09:00:00"), at("2026-03-09 12:00:00"), at("2026-03-06 12:00:00"), nil); !a.NextOpening.Equal(at("2026-03-06 14:30:00")) {
		t.Errorf("at the close of a slot: %+v", a)
	}
	// Overdue: what goes on being over.
	a = c.Ahead(fiveDays, at("2026-03-06 09:00:00"), at("2026-03-09 12:00:00"), at("2026-03-09 15:30:00"), nil)
	if a.Left != -time.Hour || len(a.Spans) == 0 || a.Spans[0] != 0 || a.Spans[1] != 150*60 {
		t.Errorf("overdue: %+v", a)
	}
	// Natural time needs no calendar.
	a = c.Ahead(hours, at("2026-03-07 09:00:00"), at("2026-03-08 09:00:00"), at("2026-03-07 10:00:00"), nil)
	if d := cmp.Diff(worktime.Ahead{AsOf: at("2026-03-07 10:00:00"), Natural: true, Total: 24 * time.Hour, Left: 23 * time.Hour}, a); d != "" {
		t.Errorf("natural (-want +got):\n%s", d)
	}
	// Paused: what is left stays.
	p := []worktime.Pause{{From: at("2026-03-06 09:30:00"), To: at("2026-03-06 10:30:00")}}
	a = c.AheadPaused(fiveDays, at("2026-03-06 09:00:00"), at("2026-03-09 12:00:00"), at("2026-03-10 15:30:00"), p, time.Hour)
	if d := cmp.Diff(worktime.Ahead{AsOf: at("2026-03-10 15:30:00"), Total: 9 * time.Hour, Left: time.Hour}, a); d != "" {
		t.Errorf("paused (-want +got):\n%s", d)
	}
}

// TestAheadCanBeFollowed: whoever subtracts along the spans has at every instant what the calendar says is left.
func TestAheadCanBeFollowed(t *testing.T) {
	c := cityCalendar(t)
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, worktime.Zone)
	rapid.Check(t, func(t *rapid.T) {
		now := begin.Add(time.Duration(rapid.IntRange(0, 360*86400).Draw(t, "now")) * time.Second)
		due := now.Add(time.Duration(rapid.IntRange(-9*86400, 30*86400).Draw(t, "due")) * time.Second)
		later := rapid.IntRange(0, 14*86400-1).Draw(t, "later")
		a := c.Ahead(worktime.Limit{Amount: 1, Unit: worktime.Workdays}, now, due, now, nil)
		left := a.Left
		for i := 0; i < len(a.Spans); i += 2 {
			if a.Spans[i] >= a.Spans[i+1] || i > 0 && a.Spans[i] <= a.Spans[i-1] {
				t.Fatalf("spans out of order: %v", a.Spans)
			}
			if passed := min(later, int(a.Spans[i+1])) - int(a.Spans[i]); passed > 0 {
				left -= time.Duration(passed) * time.Second
			}
		}
		at := now.Add(time.Duration(later) * time.Second)
		if due.After(now) && at.After(due) {
			at = due
		}
		if want := c.Between(at, due); left != want {
			t.Fatalf("%s, due %s, %d s later: left %v, the calendar says %v", now, due, later, left, want)
		}
		if resting := len(a.Spans) > 0 && a.Spans[0] > 0; resting && a.NextOpening.IsZero() {
			t.Fatalf("rests at %s without an end", now)
		}
	})
}

func BenchmarkAhead(b *testing.B) {
	c := cityCalendar(b)
	now := time.Date(2026, 3, 6, 11, 30, 0, 0, worktime.Zone)
	for b.Loop() {
		_ = c.Ahead(worktime.Limit{Amount: 15, Unit: worktime.Workdays}, now, now.AddDate(0, 0, 40), now, nil)
	}
}
