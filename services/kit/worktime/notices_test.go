package worktime_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// notices are the State Council's arrangements day by day, typed from the notices and not from the files under test.
var notices = []struct {
	year     int
	origin   worktime.Origin
	off      string // every day off named by the notice
	makeUp   string
	workdays int // zero where the year is only projected
}{
	{2024, worktime.Official, `01-01
		02-10 02-11 02-12 02-13 02-14 02-15 02-16 02-17
		04-04 04-05 04-06
		05-01 05-02 05-03 05-04 05-05
		06-10
		09-15 09-16 09-17
		10-01 10-02 10-03 10-04 10-05 10-06 10-07`,
		`02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12`, 251},
	{2025, worktime.Official, `01-01
		01-28 01-29 01-30 01-31 02-01 02-02 02-03 02-04
		04-04 04-05 04-06
		05-01 05-02 05-03 05-04 05-05
		05-31 06-01 06-02
		10-01 10-02 10-03 10-04 10-05 10-06 10-07 10-08`,
		`01-26 02-08 04-27 09-28 10-11`, 248},
	{2026, worktime.Official, `01-01 01-02 01-03
		02-15 02-16 02-17 02-18 02-19 02-20 02-21 02-22 02-23
		04-04 04-05 04-06
		05-01 05-02 05-03 05-04 05-05
		06-19 06-20 06-21
		09-25 09-26 09-27
		10-01 10-02 10-03 10-04 10-05 10-06 10-07`,
		`01-04 02-14 02-28 05-09 09-20 10-10`, 248},
	{2027, worktime.Projected, `01-01 01-02 01-03
		02-05 02-06 02-07 02-08 02-09 02-10 02-11 02-12
		04-03 04-04 04-05
		05-01 05-02 05-03 05-04 05-05
		06-09
		09-15
		10-01 10-02 10-03 10-04 10-05 10-06 10-07`,
		``, 0},
}

func TestEveryDayOfTheNotices(t *testing.T) {
	c := cityCalendar(t)
	for _, n := range notices {
		off, makeUp := strings.Fields(n.off), strings.Fields(n.makeUp)
		workdays := 0
		for at := time.Date(n.year, 1, 1, 12, 0, 0, 0, worktime.Zone); at.Year() == n.year; at = at.AddDate(0, 0, 1) {
			name := at.Format("01-02")
			resting := at.Weekday() == time.Saturday || at.Weekday() == time.Sunday
			want := slices.Contains(makeUp, name) || !resting && !slices.Contains(off, name)
			d := worktime.DateOf(at)
			if got := c.IsWorkday(d); got != want {
				t.Errorf("IsWorkday(%s %s) = %t, want %t", d, at.Weekday(), got, want)
			}
			if slots := c.Slots(d); (len(slots) > 0) != want {
				t.Errorf("Slots(%s) = %v, but workday is %t", d, slots, want)
			}
			if got, want := c.IsProjected(d), n.origin == worktime.Projected; got != want {
				t.Errorf("IsProjected(%s) = %t, want %t", d, got, want)
			}
			if want {
				workdays++
			}
		}
		if n.workdays != 0 && workdays != n.workdays {
			t.Errorf("%d: %d workdays in the test's own table, want %d", n.year, workdays, n.workdays)
		}
		eve := time.Date(n.year-1, 12, 31, 12, 0, 0, 0, worktime.Zone)
		last := time.Date(n.year, 12, 31, 12, 0, 0, 0, worktime.Zone)
		if got := c.BetweenWorkdays(eve, last); got != workdays {
			t.Errorf("%d: BetweenWorkdays = %d, want %d", n.year, got, workdays)
		}
		y, given := c.Year(n.year)
		if !given || y.Origin != n.origin || y.Source == "" {
			t.Errorf("Year(%d) = %+v, %t: want origin %s with a source", n.year, y, given, n.origin)
		}
	}
}

func TestWorkdayLimitsAroundHolidays(t *testing.T) {
	c := cityCalendar(t)
	for _, v := range []struct{ start, limit, due string }{
		{"2026-02-13", "3 workdays", "2026-02-25"},
		{"2026-02-13", "5 workdays", "2026-02-27"},
		{"2026-02-13", "10 workdays", "2026-03-05"},
		{"2026-09-18", "3 workdays", "2026-09-22"},
		{"2026-09-30", "5 workdays", "2026-10-13"},
		{"2026-04-30", "1 workday", "2026-05-06"},
		{"2025-01-24", "5 workdays", "2025-02-07"},
		{"2025-09-26", "10 workdays", "2025-10-16"},
		{"2024-09-30", "5 workdays", "2024-10-12"}, // a Saturday on duty
		{"2024-02-08", "3 workdays", "2024-02-19"},
	} {
		for _, hour := range []string{"00:00", "08:29", "10:00", "13:00", "18:00", "23:59"} { // whenever in the day it starts
			d := c.Add(local(t, v.start+" "+hour), limit(t, v.limit))
			if got, want := text(d.Due), v.due+" 18:00:00"; got != want || d.Provisional {
				t.Errorf("%s %s + %s = %s (provisional %t), want %s", v.start, hour, v.limit, got, d.Provisional, want)
			}
		}
	}
}
