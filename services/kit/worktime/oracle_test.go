package worktime_test

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// oracle answers the package's questions the slow way, minute by minute and day by day, from the same data but with none of the
// package's code: no sums, no searches, no positions in a year.
type oracle struct {
	years map[int]worktime.Origin
	days  map[string]bool // by YYYY-MM-DD: true on duty, false off; all others follow the week
	hours []worktime.Season
}

func newOracle(years []worktime.Year, seasons []worktime.Season) oracle {
	o := oracle{years: map[int]worktime.Origin{}, days: map[string]bool{}, hours: seasons}
	for _, y := range years {
		o.years[y.Number] = y.Origin
		for _, r := range y.DaysOff {
			last := time.Date(y.Number, r.To.Month, r.To.Day, 0, 0, 0, 0, time.UTC)
			for d := time.Date(y.Number, r.From.Month, r.From.Day, 0, 0, 0, 0, time.UTC); !d.After(last); d = d.AddDate(0, 0, 1) {
				o.days[d.Format(time.DateOnly)] = false
			}
		}
		for _, m := range y.MakeUp {
			o.days[fmt.Sprintf("%04d-%02d-%02d", y.Number, m.Month, m.Day)] = true
		}
	}
	return o
}

func (o oracle) projected(t time.Time) bool { return o.years[t.Year()] != worktime.Official }

func (o oracle) workday(t time.Time) bool {
	if onDuty, named := o.days[t.Format(time.DateOnly)]; named {
		return onDuty
	}
	if _, given := o.years[t.Year()]; !given {
		switch t.Format("01-02") {
		case "01-01", "05-01", "05-02", "10-01", "10-02", "10-03":
			return false
		}
	}
	return t.Weekday() != time.Saturday && t.Weekday() != time.Sunday
}

// slots returns the working hours of t's day, none when it is off.
func (o oracle) slots(t time.Time) []worktime.Slot {
	if !o.workday(t) {
		return nil
	}
	today := t.Format("01-02")
	for _, s := range o.hours {
		from, to := fmt.Sprintf("%02d-%02d", s.From.Month, s.From.Day), fmt.Sprintf("%02d-%02d", s.To.Month, s.To.Day)
		if from <= to && from <= today && today <= to || from > to && (today >= from || today <= to) {
			return s.Slots
		}
	}
	panic("no season on " + today)
}

// works reports whether the minute that begins at t is worked.
func (o oracle) works(t time.Time) bool {
	minute := t.Hour()*60 + t.Minute()
	for _, s := range o.slots(t) {
		if s.Start <= minute && minute < s.End {
			return true
		}
	}
	return false
}

// inside reports whether t is working time, closing instants included.
func (o oracle) inside(t time.Time) bool {
	return o.works(t) || t.Second() == 0 && t.Nanosecond() == 0 && o.works(t.Add(-time.Minute))
}

func (o oracle) between(a, b time.Time) (minutes int) {
	for ; a.Before(b); a = a.Add(time.Minute) {
		if o.works(a) {
			minutes++
		}
	}
	return minutes
}

func (o oracle) addMinutes(t time.Time, n int) time.Time {
	for ; n > 0; t = t.Add(time.Minute) {
		if o.works(t) {
			n--
		}
	}
	return t
}

func (o oracle) addWorkdays(t time.Time, n int) time.Time {
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, worktime.Zone)
	if n == 0 {
		n = 1
		if slots := o.slots(day); len(slots) > 0 && t.Before(closeOf(day, slots)) {
			return closeOf(day, slots)
		}
	}
	for n > 0 {
		day = day.AddDate(0, 0, 1)
		if o.workday(day) {
			n--
		}
	}
	return closeOf(day, o.slots(day))
}

func closeOf(day time.Time, slots []worktime.Slot) time.Time {
	return day.Add(time.Duration(slots[len(slots)-1].End) * time.Minute)
}

// settle moves t to working time a minute at a time.
func (o oracle) settle(t time.Time) time.Time {
	if o.inside(t) {
		return t
	}
	t = t.Truncate(time.Minute)
	for !o.works(t) {
		t = t.Add(time.Minute)
	}
	return t
}

// world is a random calendar with its oracle, around the turn from one year to the next, where most traps are.
type world struct {
	*worktime.Calendar
	oracle  oracle
	years   []worktime.Year
	seasons []worktime.Season
	turn    int // the year that begins
}

func drawWorld(t *rapid.T) world {
	w := world{turn: rapid.IntRange(2019, 2032).Draw(t, "turn")}
	for number := w.turn - 1; number <= w.turn+1; number++ {
		switch rapid.SampledFrom([]string{"official", "official", "projected", "missing"}).Draw(t, fmt.Sprint(number)) {
		case "official":
			w.years = append(w.years, drawYear(t, number, worktime.Official))
		case "projected":
			w.years = append(w.years, drawYear(t, number, worktime.Projected))
		}
	}
	w.seasons = drawSeasons(t)
	w.oracle = newOracle(w.years, w.seasons)
	c, err := worktime.New(w.years, w.seasons)
	if err != nil {
		t.Fatalf("a sound calendar was refused: %v", err)
	}
	w.Calendar = c
	return w
}

func drawYear(t *rapid.T, number int, origin worktime.Origin) worktime.Year {
	y := worktime.Year{Number: number, Origin: origin, Source: "drawn"}
	monthDay := func(d time.Time) worktime.MonthDay { return worktime.MonthDay{Month: d.Month(), Day: d.Day()} }
	day := time.Date(number, 1, 1, 0, 0, 0, 0, time.UTC)
	for {
		day = day.AddDate(0, 0, rapid.IntRange(0, 60).Draw(t, "skip"))
		last := day.AddDate(0, 0, rapid.IntRange(0, 9).Draw(t, "run"))
		if last.Year() != number {
			break
		}
		y.DaysOff = append(y.DaysOff, worktime.DayRange{From: monthDay(day), To: monthDay(last)})
		day = last.AddDate(0, 0, 1)
		if weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday; weekend && day.Year() == number {
			y.MakeUp = append(y.MakeUp, monthDay(day)) // as the notices do: right after the festival
			day = day.AddDate(0, 0, 1)
		}
	}
	return y
}

func drawSeasons(t *rapid.T) []worktime.Season {
	starts := rapid.SliceOfNDistinct(rapid.IntRange(0, 365), 1, 4, rapid.ID[int]).Draw(t, "seasons")
	slices.Sort(starts)
	monthDay := func(d int) worktime.MonthDay {
		at := time.Date(2020, 1, 1+(d+366)%366, 0, 0, 0, 0, time.UTC)
		return worktime.MonthDay{Month: at.Month(), Day: at.Day()}
	}
	var seasons []worktime.Season
	for i, from := range starts {
		edges := rapid.SliceOfNDistinct(rapid.IntRange(0, 24*60-1), 2, 6, rapid.ID[int]).Draw(t, "edges")
		slices.Sort(edges)
		s := worktime.Season{From: monthDay(from), To: monthDay(starts[(i+1)%len(starts)] - 1)}
		for ; len(edges) > 1; edges = edges[2:] {
			s.Slots = append(s.Slots, worktime.Slot{Start: edges[0], End: edges[1]})
		}
		seasons = append(seasons, s)
	}
	return seasons
}

// drawMinute draws a whole minute near the turn of the year, or near any day of the years around it.
func (w world) drawMinute(t *rapid.T, name string) time.Time {
	day := rapid.OneOf(rapid.IntRange(-12, 12), rapid.IntRange(-360, 360)).Draw(t, name+" day")
	minute := rapid.IntRange(0, 24*60-1).Draw(t, name+" minute")
	return time.Date(w.turn, 1, 1+day, 0, minute, 0, 0, worktime.Zone)
}

// drawInstant draws what no grid of minutes holds.
func (w world) drawInstant(t *rapid.T, name string) time.Time {
	within := rapid.Int64Range(0, int64(time.Minute)-1).Draw(t, name+" within the minute")
	return w.drawMinute(t, name).Add(time.Duration(within))
}

func drawLimit(t *rapid.T) worktime.Limit {
	l := worktime.Limit{Unit: rapid.SampledFrom([]worktime.Unit{
		worktime.WorkingMinutes, worktime.Workdays, worktime.NaturalHours, worktime.NaturalDays,
	}).Draw(t, "unit")}
	switch l.Unit {
	case worktime.WorkingMinutes:
		l.Amount = rapid.IntRange(1, 3000).Draw(t, "minutes")
	case worktime.Workdays:
		l.Amount = rapid.IntRange(0, 40).Draw(t, "workdays")
	default:
		l.Amount = rapid.IntRange(1, 60).Draw(t, "amount")
		l.Roll = rapid.Bool().Draw(t, "roll")
	}
	return l
}
