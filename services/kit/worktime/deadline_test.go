package worktime_test

import (
	"slices"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

func TestPauses(t *testing.T) {
	c := cityCalendar(t)
	for _, v := range []struct {
		name, start, limit string
		pauses             []string // from, to, from, to …
		due                string
		provisional        bool
	}{
		{"none", "2026-03-02 10:00", "5 workdays", nil, "2026-03-09 18:00:00", false},
		{"an hour in the morning moves the close", "2026-03-02 10:00", "5 workdays",
			[]string{"2026-03-03 09:00", "2026-03-03 10:00"}, "2026-03-10 09:30:00", false},
		{"lunch costs nothing", "2026-03-02 10:00", "5 workdays",
			[]string{"2026-03-03 12:00", "2026-03-03 14:30"}, "2026-03-09 18:00:00", false},
		{"a weekend costs nothing", "2026-03-06 10:00", "90 working minutes",
			[]string{"2026-03-06 11:00", "2026-03-08 20:00"}, "2026-03-09 09:00:00", false},
		{"two pauses add up", "2026-03-02 10:00", "1 workday",
			[]string{"2026-03-02 10:00", "2026-03-02 11:00", "2026-03-03 17:00", "2026-03-03 18:00"}, "2026-03-04 10:30:00", false},
		{"natural hours move by as much", "2026-03-06 16:00", "24 hours",
			[]string{"2026-03-06 18:00", "2026-03-07 09:30"}, "2026-03-08 07:30:00", false},
		{"and roll again", "2026-03-02 16:00", "24 hours, roll",
			[]string{"2026-03-03 09:00", "2026-03-03 12:00"}, "2026-03-04 08:30:00", false},
		{"after the due time changes nothing", "2026-03-02 10:00", "1 workday",
			[]string{"2026-03-03 18:01", "2026-03-20 10:00"}, "2026-03-03 18:00:00", false},
		{"resumed after the projection, but counted through it", "2023-12-29 10:00", "5 workdays",
			[]string{"2024-01-03 09:00", "2024-01-03 10:00"}, "2024-01-09 09:30:00", true},
		{"what came from a projection stays provisional", "2026-12-30 10:00", "3 workdays",
			[]string{"2026-12-30 11:00", "2026-12-30 11:30"}, "2027-01-06 09:00:00", true},
	} {
		t.Run(v.name, func(t *testing.T) {
			var pauses []worktime.Pause
			for p := range slices.Chunk(v.pauses, 2) {
				pauses = append(pauses, worktime.Pause{From: local(t, p[0]), To: local(t, p[1])})
			}
			d := c.AddPaused(local(t, v.start), limit(t, v.limit), pauses)
			if got := text(d.Due); got != v.due || d.Provisional != v.provisional {
				t.Errorf("due %s, provisional %t; want %s, %t", got, d.Provisional, v.due, v.provisional)
			}
		})
	}
}

func TestRemainingAndResume(t *testing.T) {
	c := cityCalendar(t)
	at, due := local(t, "2026-03-06 17:00"), local(t, "2026-03-09 09:30")
	for text, want := range map[string]time.Duration{
		"5 workdays":         2 * time.Hour,
		"90 working minutes": 2 * time.Hour,
		"24 hours":           64*time.Hour + 30*time.Minute,
		"3 days":             64*time.Hour + 30*time.Minute,
	} {
		l := limit(t, text)
		if got := c.Remaining(l, at, due); got != want {
			t.Errorf("%s: remaining %s, want %s", text, got, want)
		}
		if got := c.Resume(l, at, want).Due; !got.Equal(due) {
			t.Errorf("%s: resumed at once, due %s, want %s", text, got, due)
		}
		if got := c.Remaining(l, due, at); got != -want {
			t.Errorf("%s: overdue by %s, want %s", text, got, -want)
		}
	}
}

func TestResumeOfWhatWasOverdue(t *testing.T) {
	c := cityCalendar(t)
	for _, v := range []struct {
		at, due     string
		provisional bool
	}{
		{"2026-03-09 09:30", "2026-03-06 17:00:00", false},
		{"2024-01-02 09:30", "2023-12-29 17:00:00", true}, // 2023 is projected
	} {
		d := c.Resume(limit(t, "5 workdays"), local(t, v.at), -2*time.Hour)
		if got := text(d.Due); got != v.due || d.Provisional != v.provisional {
			t.Errorf("two hours overdue at %s: due %s, provisional %t; want %s, %t", v.at, got, d.Provisional, v.due, v.provisional)
		}
	}
}

func TestShare(t *testing.T) {
	c := cityCalendar(t)
	for _, v := range []struct {
		start, due string
		percent    int
		want       string
	}{
		{"2026-03-02 08:30", "2026-03-06 18:00", 80, "2026-03-05 18:00:00"},
		{"2026-03-02 08:30", "2026-03-06 18:00", 50, "2026-03-04 12:00:00"},
		{"2026-03-06 17:00", "2026-03-09 09:30", 75, "2026-03-09 09:00:00"}, // never on the weekend
		{"2026-03-06 17:00", "2026-03-09 09:30", 0, "2026-03-06 17:00:00"},
		{"2026-03-06 17:00", "2026-03-09 09:30", 100, "2026-03-09 09:30:00"},
		{"2026-03-07 10:00", "2026-03-07 12:00", 75, "2026-03-07 11:30:00"}, // no working time: two natural hours on Saturday
	} {
		if got := text(c.Share(local(t, v.start), local(t, v.due), v.percent)); got != v.want {
			t.Errorf("%d%% of %s to %s = %s, want %s", v.percent, v.start, v.due, got, v.want)
		}
	}
}

func TestRecompute(t *testing.T) {
	before := cityCalendar(t)
	years := slices.DeleteFunc(cityYears(t), func(y worktime.Year) bool { return y.Number == 2027 })
	monday := worktime.MonthDay{Month: time.January, Day: 4}
	after := newCalendar(t, append(years, worktime.Year{
		Number: 2027, Origin: worktime.Official, Source: "a notice that gives another Monday off",
		DaysOff: []worktime.DayRange{{From: worktime.MonthDay{Month: time.January, Day: 1}, To: monday}},
	}), nil)
	for _, v := range []struct {
		name, start, limit string
		pauses             []worktime.Pause
		due                string
		moved              bool
	}{
		{"the notice moves it", "2026-12-30 10:00", "5 workdays", nil, "2027-01-08 18:00:00", true},
		{"a final one is left alone", "2026-12-30 10:00", "1 workday", nil, "2026-12-31 18:00:00", false},
		{"a natural one never moves", "2026-12-30 10:00", "10 days", nil, "2027-01-09 10:00:00", false},
		{"a roll moves", "2026-12-30 10:00", "5 days, roll", nil, "2027-01-05 08:30:00", true},
		{"provisional, confirmed as it was", "2027-03-01 10:00", "2 workdays", nil, "2027-03-03 18:00:00", false},
		{"with its pauses", "2026-12-30 10:00", "5 workdays",
			[]worktime.Pause{{From: local(t, "2026-12-30 11:00"), To: local(t, "2026-12-30 12:00")}}, "2027-01-11 09:30:00", true},
	} {
		t.Run(v.name, func(t *testing.T) {
			start, l := local(t, v.start), limit(t, v.limit)
			current := before.AddPaused(start, l, v.pauses)
			next, moved := after.Recompute(start, l, v.pauses, current)
			if got := text(next.Due); got != v.due || moved != v.moved || next.Provisional {
				t.Errorf("due %s, moved %t, provisional %t; want %s, %t, final", got, moved, next.Provisional, v.due, v.moved)
			}
			if again, moved := before.Recompute(start, l, v.pauses, next); moved || again != next {
				t.Errorf("a final deadline moved from %v to %v", next, again)
			}
		})
	}
}
