package worktime_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// yearOf makes a year from the texts a file would hold.
func yearOf(t *testing.T, number int, daysOff, makeUp string) worktime.Year {
	t.Helper()
	y := worktime.Year{Number: number, Origin: worktime.Official, Source: "a notice"}
	for _, s := range strings.Fields(daysOff) {
		r, err := worktime.ParseDayRange(s)
		if err != nil {
			t.Fatal(err)
		}
		y.DaysOff = append(y.DaysOff, r)
	}
	for _, s := range strings.Fields(makeUp) {
		d, err := worktime.ParseMonthDay(s)
		if err != nil {
			t.Fatal(err)
		}
		y.MakeUp = append(y.MakeUp, d)
	}
	return y
}

// seasonOf makes a season from the texts a file would hold.
func seasonOf(t *testing.T, from, to, slots string) worktime.Season {
	t.Helper()
	r := yearOf(t, 0, from+" "+to, "").DaysOff
	s := worktime.Season{From: r[0].From, To: r[1].From}
	for _, text := range strings.Fields(slots) {
		slot, err := worktime.ParseSlot(text)
		if err != nil {
			t.Fatal(err)
		}
		s.Slots = append(s.Slots, slot)
	}
	return s
}

func TestNewRefusesWrongYears(t *testing.T) {
	good := yearOf(t, 2026, "01-01..01-03 02-15..02-23", "01-04")
	with := func(change func(*worktime.Year)) []worktime.Year {
		y := good
		change(&y)
		return []worktime.Year{y}
	}
	for _, v := range []struct {
		name  string
		years []worktime.Year
		path  string
	}{
		{"number", with(func(y *worktime.Year) { y.Number = 26 }), "year"},
		{"twice", []worktime.Year{good, good}, "year"},
		{"origin", with(func(y *worktime.Year) { y.Origin = "rumoured" }), "origin"},
		{"no origin", with(func(y *worktime.Year) { y.Origin = "" }), "origin"},
		{"source", with(func(y *worktime.Year) { y.Source = " " }), "source"},
		{"off twice", []worktime.Year{yearOf(t, 2026, "01-01..01-03 01-03", "")}, "daysOff[1]"},
		{"no leap day", []worktime.Year{yearOf(t, 2026, "02-28..02-29", "")}, "daysOff[0]"},
		{"zero day", with(func(y *worktime.Year) { y.DaysOff = make([]worktime.DayRange, 1) }), "daysOff[0]"},
		{"backwards", with(func(y *worktime.Year) {
			y.DaysOff = []worktime.DayRange{{From: good.DaysOff[0].To, To: good.DaysOff[0].From}}
		}), "daysOff[0]"},
		{"make-up on a weekday", []worktime.Year{yearOf(t, 2026, "", "01-04 01-05")}, "makeUp[1]"},
		{"make-up on a day off", []worktime.Year{yearOf(t, 2026, "01-04", "01-04")}, "makeUp[0]"},
		{"make-up twice", []worktime.Year{yearOf(t, 2026, "", "01-04 01-04")}, "makeUp[1]"},
		{"make-up on no day", []worktime.Year{yearOf(t, 2026, "", "02-29")}, "makeUp[0]"},
	} {
		t.Run(v.name, func(t *testing.T) {
			c, err := worktime.New(v.years, nil)
			var wrong *worktime.DataError
			if !errors.As(err, &wrong) || c != nil {
				t.Fatalf("New = %v, %v: want a data error", c, err)
			}
			if wrong.Path != v.path || wrong.Year != v.years[0].Number {
				t.Errorf("year %d, path %q, want %d, %q (%v)", wrong.Year, wrong.Path, v.years[0].Number, v.path, err)
			}
		})
	}
	if _, err := worktime.New([]worktime.Year{good}, nil); err != nil {
		t.Errorf("the year all others were made from: %v", err)
	}
}

func TestNewRefusesWrongSeasons(t *testing.T) {
	const usual = "08:30-12:00 14:30-18:00"
	for _, v := range []struct {
		name    string
		seasons []worktime.Season
		path    string
	}{
		{"a gap", []worktime.Season{seasonOf(t, "01-01", "02-28", usual), seasonOf(t, "03-01", "12-31", usual)}, "seasons"},
		{"an overlap", []worktime.Season{seasonOf(t, "01-01", "06-01", usual), seasonOf(t, "06-01", "12-31", usual)}, "seasons[1]"},
		{"no hours", []worktime.Season{seasonOf(t, "01-01", "12-31", "")}, "seasons[0].slots"},
		{"slots out of order", []worktime.Season{seasonOf(t, "01-01", "12-31", "14:30-18:00 08:30-12:00")}, "seasons[0].slots[1]"},
		{"slots that touch", []worktime.Season{seasonOf(t, "01-01", "12-31", "08:30-12:00 12:00-18:00")}, "seasons[0].slots[1]"},
		{"no days", []worktime.Season{{Slots: worktime.DefaultSeasons()[0].Slots}}, "seasons[0]"},
		{"an empty slot", []worktime.Season{{Slots: make([]worktime.Slot, 1)}}, "seasons[0].slots[0]"},
		{"past midnight", []worktime.Season{{Slots: []worktime.Slot{{Start: 600, End: 1440}}}}, "seasons[0].slots[0]"},
		{"too many", make([]worktime.Season, 101), "seasons"},
	} {
		t.Run(v.name, func(t *testing.T) {
			_, err := worktime.New(nil, v.seasons)
			var wrong *worktime.DataError
			if !errors.As(err, &wrong) || wrong.Path != v.path || wrong.Year != 0 {
				t.Errorf("New: %v, want a data error at %s", err, v.path)
			}
		})
	}
}

func TestCalendarIsItsOwn(t *testing.T) {
	years := []worktime.Year{yearOf(t, 2026, "01-01..01-03", "01-04")}
	seasons := worktime.DefaultSeasons()
	c := newCalendar(t, years, seasons)
	day := worktime.Date{Year: 2026, Month: 1, Day: 4}
	years[0].MakeUp[0].Day = 11
	seasons[0].Slots[0].Start = 0
	given, _ := c.Year(2026)
	given.MakeUp[0].Day = 11
	c.Slots(day)[0].Start = 0
	if y, _ := c.Year(2026); y.MakeUp[0].Day != 4 || !c.IsWorkday(day) || c.Slots(day)[0].Start != 510 {
		t.Error("a caller's slice reached into the calendar")
	}
}

func TestVersionNamesWhatWasUsed(t *testing.T) {
	years := cityYears(t)
	version := newCalendar(t, years, nil).Version()
	if want := "2024,2025,2026,2027~#"; !strings.HasPrefix(version, want) || len(version) != len(want)+12 {
		t.Errorf("version %q, want %s and twelve digits", version, want)
	}
	backwards := []worktime.Year{years[3], years[1], years[2], years[0]}
	if got := newCalendar(t, backwards, worktime.DefaultSeasons()).Version(); got != version {
		t.Errorf("the same data in another order is %q, not %q", got, version)
	}
	seen := map[string]string{version: "the city's"}
	differs := func(name string, years []worktime.Year, seasons []worktime.Season) {
		t.Helper()
		v := newCalendar(t, years, seasons).Version()
		if other, ok := seen[v]; ok {
			t.Errorf("%s and %s share the version %s", name, other, v)
		}
		seen[v] = name
	}
	differs("a year less", years[:3], nil)
	differs("other hours", years, summer(t))
	differs("nothing", nil, nil)
	for name, change := range map[string]func(*worktime.Year){
		"re-issued":      func(y *worktime.Year) { y.Version = 2 },
		"another notice": func(y *worktime.Year) { y.Source += "!" },
		"another origin": func(y *worktime.Year) { y.Origin = worktime.Projected },
		"a day less":     func(y *worktime.Year) { y.DaysOff = y.DaysOff[1:] },
		"no make-up":     func(y *worktime.Year) { y.MakeUp = nil },
	} {
		changed := cityYears(t)
		change(&changed[2])
		differs(name, changed, nil)
	}
}

func TestMissingYearsAreProjected(t *testing.T) {
	c := newCalendar(t, nil, nil)
	for date, want := range map[string]bool{
		"2031-01-01": false, "2031-01-02": true, "2031-05-01": false, "2031-05-02": false, "2031-05-05": true,
		"2031-10-01": false, "2031-10-02": false, "2031-10-03": false, "2031-10-06": true, "2031-10-11": false, "1999-12-31": true,
	} {
		d, err := worktime.ParseDate(date)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.IsWorkday(d); got != want || !c.IsProjected(d) {
			t.Errorf("IsWorkday(%s) = %t, projected %t; want %t, true", date, got, c.IsProjected(d), want)
		}
	}
	if y, given := c.Year(2031); given || y.Origin != worktime.Projected || len(y.DaysOff) == 0 {
		t.Errorf("Year(2031) = %+v, %t", y, given)
	}
}
