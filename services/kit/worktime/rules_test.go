package worktime_test

import (
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

func TestAdd(t *testing.T) {
	c := cityCalendar(t)
	for _, v := range []struct {
		name, start, limit, due string
		provisional             bool
	}{
		{"across lunch", "2026-03-02 11:00", "90 working minutes", "2026-03-02 15:00:00", false},
		{"to the closing instant, not the opening after it", "2026-03-02 11:00", "60 working minutes", "2026-03-02 12:00:00", false},
		{"from the closing instant", "2026-03-02 18:00", "1 working minute", "2026-03-03 08:31:00", false},
		{"from lunch", "2026-03-02 13:15:30", "1 working minute", "2026-03-02 14:31:00", false},
		{"from the night", "2026-03-02 03:00", "30 working minutes", "2026-03-02 09:00:00", false},
		{"from Saturday", "2026-03-07 10:00", "30 working minutes", "2026-03-09 09:00:00", false},
		{"from a Sunday on duty", "2026-01-04 17:30", "60 working minutes", "2026-01-05 09:00:00", false},
		{"into a Saturday on duty", "2026-02-13 17:30", "60 working minutes", "2026-02-14 09:00:00", false},
		{"across a festival", "2026-02-14 17:30", "60 working minutes", "2026-02-24 09:00:00", false},
		{"a whole working day ends at its close", "2026-03-02 08:30", "420 working minutes", "2026-03-02 18:00:00", false},
		{"seconds are kept", "2026-03-02 08:30:59", "420 working minutes", "2026-03-03 08:30:59", false},

		{"same day", "2026-03-02 09:00", "0 workdays", "2026-03-02 18:00:00", false},
		{"same day, from lunch", "2026-03-02 13:00", "0 workdays", "2026-03-02 18:00:00", false},
		{"same day, after its close", "2026-03-02 18:00", "0 workdays", "2026-03-03 18:00:00", false},
		{"same day, on a day off", "2026-02-15 09:00", "0 workdays", "2026-02-24 18:00:00", false},
		{"the start day never counts", "2026-03-02 00:00", "1 workday", "2026-03-03 18:00:00", false},
		{"a start on a day off is not counted either", "2026-03-07 10:00", "1 workday", "2026-03-09 18:00:00", false},
		{"a day on duty counts", "2026-02-13 10:00", "1 workday", "2026-02-14 18:00:00", false},

		{"natural hours ignore the calendar", "2026-02-13 16:00", "24 hours", "2026-02-14 16:00:00", false},
		{"natural hours over a festival", "2026-02-14 16:00", "24 hours", "2026-02-15 16:00:00", false},
		{"rolled from a festival", "2026-02-14 16:00", "24 hours, roll", "2026-02-24 08:30:00", false},
		{"rolled from Saturday", "2026-03-06 16:00", "24 hours, roll", "2026-03-09 08:30:00", false},
		{"rolled from lunch", "2026-03-02 13:00", "24 hours, roll", "2026-03-03 14:30:00", false},
		{"rolled from the night", "2026-03-02 02:00", "24 hours, roll", "2026-03-03 08:30:00", false},
		{"not rolled inside a slot", "2026-03-02 16:00", "24 hours, roll", "2026-03-03 16:00:00", false},
		{"not rolled at a closing instant", "2026-03-02 18:00", "24 hours, roll", "2026-03-03 18:00:00", false},
		{"natural days keep the local time", "2026-01-31 09:15:01", "30 days", "2026-03-02 09:15:01", false},

		{"over the year's end into a projection", "2026-12-30 10:00", "5 workdays", "2027-01-07 18:00:00", true},
		{"on the last day of an official year", "2026-12-30 10:00", "1 workday", "2026-12-31 18:00:00", false},
		{"minutes into a projection", "2026-12-31 17:59", "2 working minutes", "2027-01-04 08:31:00", true},
		{"natural days into a projection touch no calendar", "2026-12-30 10:00", "30 days", "2027-01-29 10:00:00", false},
		{"a roll in a projection does", "2026-12-30 10:00", "30 days, roll", "2027-01-29 10:00:00", true},
		{"between two official years", "2025-12-31 10:00", "1 workday", "2026-01-04 18:00:00", false},
		{"a start before the official years is not looked at", "2023-12-31 10:00", "1 workday", "2024-01-02 18:00:00", false},
		{"a roll out of a projection", "2023-12-30 10:00", "1 day, roll", "2024-01-02 08:30:00", true},
		{"a year nobody loaded", "2040-04-30 10:00", "1 workday", "2040-05-03 18:00:00", true},
	} {
		t.Run(v.name, func(t *testing.T) {
			d := c.Add(local(t, v.start), limit(t, v.limit))
			if got := text(d.Due); got != v.due || d.Provisional != v.provisional {
				t.Errorf("%s + %s = %s, provisional %t; want %s, %t", v.start, v.limit, got, d.Provisional, v.due, v.provisional)
			}
		})
	}
}

func TestAddRefusesWhatIsNoLimit(t *testing.T) {
	c := cityCalendar(t)
	for _, l := range []worktime.Limit{{}, {Amount: -1, Unit: worktime.Workdays}, {Unit: worktime.NaturalHours}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Add took %+v", l)
				}
			}()
			c.Add(time.Unix(0, 0), l)
		}()
	}
}

func TestInstantsOfOneZone(t *testing.T) {
	c := cityCalendar(t)
	utc := time.Date(2026, 3, 1, 22, 0, 0, 0, time.UTC) // 06:00 on 2 March
	d := c.Add(utc, limit(t, "1 workday"))
	if got, want := d.Due.Format(time.RFC3339), "2026-03-03T18:00:00+08:00"; got != want {
		t.Errorf("due %s, want %s", got, want)
	}
	summer1988 := time.Date(1988, 7, 1, 0, 30, 0, 0, time.UTC) // daylight saving then: we have none
	if got, want := text(c.NextOpening(summer1988)), "1988-07-01 08:30:00"; got != want {
		t.Errorf("opening %s, want %s", got, want)
	}
}

func TestBetween(t *testing.T) {
	c := cityCalendar(t)
	for _, v := range []struct {
		a, b string
		want time.Duration
	}{
		{"2026-03-02 08:30", "2026-03-02 18:00", 7 * time.Hour},
		{"2026-03-02 11:59:30", "2026-03-02 14:30:30", time.Minute},
		{"2026-03-02 12:00", "2026-03-02 14:30", 0},
		{"2026-03-06 18:00", "2026-03-09 08:30", 0},
		{"2026-02-13 08:30", "2026-02-24 18:00", 3 * 7 * time.Hour}, // Friday, Saturday on duty, and the first day after the festival
		{"2025-12-31 17:00", "2026-01-04 09:30", 2 * time.Hour},
		{"2026-01-01 00:00", "2027-01-01 00:00", 248 * 7 * time.Hour},
		{"2024-01-01 00:00", "2027-01-01 00:00", (251 + 248 + 248) * 7 * time.Hour},
		{"2026-03-02 18:00", "2026-03-02 08:30", -7 * time.Hour},
	} {
		if got := c.Between(local(t, v.a), local(t, v.b)); got != v.want {
			t.Errorf("Between(%s, %s) = %s, want %s", v.a, v.b, got, v.want)
		}
	}
}

func TestAddWorkingBackwards(t *testing.T) {
	c := cityCalendar(t)
	for _, v := range []struct {
		from string
		back time.Duration
		want string
	}{
		{"2026-03-02 15:00", time.Hour, "2026-03-02 11:30:00"},
		{"2026-03-02 15:00", 30 * time.Minute, "2026-03-02 14:30:00"}, // the latest such instant, not the close at noon
		{"2026-03-02 12:00", 210 * time.Minute, "2026-03-02 08:30:00"},
		{"2026-03-02 18:00", 14 * time.Hour, "2026-02-28 08:30:00"}, // a Saturday on duty
		{"2026-03-07 10:00", time.Minute, "2026-03-06 17:59:00"},
		{"2026-01-04 09:30", time.Hour, "2026-01-04 08:30:00"}, // the year's first working hour
		{"2026-01-04 09:30", time.Hour + 1, "2025-12-31 17:59:59"},
	} {
		if got := text(c.AddWorking(local(t, v.from), -v.back)); got != v.want {
			t.Errorf("%s back from %s is %s, want %s", v.back, v.from, got, v.want)
		}
	}
}

func TestLadder(t *testing.T) {
	c := cityCalendar(t)
	breach := local(t, "2026-09-18 18:00")
	for n, want := range map[int]string{0: "2026-09-20", 1: "2026-09-20", 3: "2026-09-22", 5: "2026-09-24", 6: "2026-09-28"} {
		if got := text(c.AddWorkdaysClose(breach, n)); got != want+" 18:00:00" {
			t.Errorf("rung %d workdays after the breach at %s, want %s", n, got, want)
		}
	}
}

func TestOpeningsAndCloses(t *testing.T) {
	c := cityCalendar(t)
	for _, v := range []struct{ at, opening, closing string }{
		{"2026-03-02 00:00", "2026-03-02 08:30:00", "2026-03-02 18:00:00"},
		{"2026-03-02 08:30", "2026-03-02 08:30:00", "2026-03-02 18:00:00"},
		{"2026-03-02 10:11:12", "2026-03-02 10:11:12", "2026-03-02 18:00:00"},
		{"2026-03-02 12:00", "2026-03-02 14:30:00", "2026-03-02 18:00:00"},
		{"2026-03-02 18:00", "2026-03-03 08:30:00", "2026-03-03 18:00:00"},
		{"2026-02-14 19:00", "2026-02-24 08:30:00", "2026-02-24 18:00:00"},
		{"2025-12-31 23:59:59", "2026-01-04 08:30:00", "2026-01-04 18:00:00"},
	} {
		if got := text(c.NextOpening(local(t, v.at))); got != v.opening {
			t.Errorf("NextOpening(%s) = %s, want %s", v.at, got, v.opening)
		}
		if got := text(c.CloseOfDay(local(t, v.at))); got != v.closing {
			t.Errorf("CloseOfDay(%s) = %s, want %s", v.at, got, v.closing)
		}
	}
}

// summer is a city that rests longer at noon from May to September.
func summer(t *testing.T) []worktime.Season {
	t.Helper()
	day := func(s string) worktime.MonthDay {
		d, err := worktime.ParseMonthDay(s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	winterHours := []worktime.Slot{{Start: 510, End: 720}, {Start: 870, End: 1080}}
	summerHours := []worktime.Slot{{Start: 510, End: 720}, {Start: 900, End: 1110}}
	return []worktime.Season{
		{From: day("10-01"), To: day("04-30"), Slots: winterHours},
		{From: day("05-01"), To: day("09-30"), Slots: summerHours},
	}
}

func TestSeasonsChange(t *testing.T) {
	c := newCalendar(t, cityYears(t), summer(t))
	for _, v := range []struct{ start, limit, due string }{
		{"2026-04-29 10:00", "1 workday", "2026-04-30 18:00:00"},
		{"2026-04-30 10:00", "1 workday", "2026-05-06 18:30:00"},
		{"2026-09-29 10:00", "1 workday", "2026-09-30 18:30:00"},
		{"2026-09-30 18:00", "60 working minutes", "2026-10-08 09:00:00"},
		{"2026-12-31 17:00", "120 working minutes", "2027-01-04 09:30:00"}, // winter goes over the year's end
		{"2026-06-01 14:31", "1 working minute", "2026-06-01 15:01:00"},
		{"2024-02-28 10:00", "1 workday", "2024-02-29 18:00:00"},
	} {
		if got := text(c.Add(local(t, v.start), limit(t, v.limit)).Due); got != v.due {
			t.Errorf("%s + %s = %s, want %s", v.start, v.limit, got, v.due)
		}
	}
}

func TestSeasonsChangeWithFebruary(t *testing.T) {
	c := newCalendar(t, nil, []worktime.Season{
		seasonOf(t, "01-01", "02-29", "09:00-17:00"), seasonOf(t, "03-01", "12-31", "08:00-16:00"),
	})
	for _, v := range []struct{ day, closing string }{
		{"2024-02-28", "17:00:00"}, {"2024-02-29", "17:00:00"}, {"2024-03-01", "16:00:00"},
		{"2025-02-28", "17:00:00"}, {"2027-03-01", "16:00:00"}, {"2025-12-31", "16:00:00"}, {"2026-01-02", "17:00:00"},
	} {
		if got, want := text(c.CloseOfDay(local(t, v.day+" 00:00"))), v.day+" "+v.closing; got != want {
			t.Errorf("%s closes at %s, want %s", v.day, got, want)
		}
	}
}
