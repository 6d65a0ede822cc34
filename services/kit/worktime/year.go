package worktime

import (
	"fmt"
	"sort"
	"strings"
	"time"
)

// Origin says how firm a year is.
type Origin string

// The origins of a year.
const (
	Official  Origin = "official"  // from the State Council's notice
	Projected Origin = "projected" // from the law alone; the notice may move days
)

// Year is one year as its notice gives it. Weekends need not be listed among the days off, but may.
type Year struct {
	Number  int
	Version int // counts re-issues of the same year; zero when nobody counts them
	Origin  Origin
	Source  string // the notice, or what the projection rests on
	DaysOff []DayRange
	MakeUp  []MonthDay // Saturdays and Sundays on duty
}

// DataError names what is wrong in calendar data, with the path of the value in the file it came from.
type DataError struct {
	Year   int    // zero for working hours
	Path   string // such as daysOff[2] or seasons[0].slots[1]
	Reason string
}

func (e *DataError) Error() string {
	if e.Year == 0 {
		return fmt.Sprintf("working hours: %s: %s", e.Path, e.Reason)
	}
	return fmt.Sprintf("calendar %d: %s: %s", e.Year, e.Path, e.Reason)
}

// dayKind is what a day is, and thereby why it counts or not.
type dayKind uint8

const (
	workday dayKind = iota
	makeUpDay
	weekend
	holiday
)

func (k dayKind) works() bool { return k <= makeUpDay }

// day is one day of a compiled year, with sums over the days before it in the year.
type day struct {
	before         time.Duration // working time
	workdaysBefore int16
	kind           dayKind
	season         uint8
}

// year is one year ready for arithmetic. Years of equal shape that nobody loaded share one.
type year struct {
	days      []day
	workdays  []int16 // positions in days
	work      time.Duration
	projected bool
	hours     []hours
}

// worked returns the working time from the year's first instant to a time on one of its days.
func (y *year) worked(yearDay int, at time.Duration) time.Duration {
	d := &y.days[yearDay]
	if !d.kind.works() {
		return d.before
	}
	return d.before + y.hours[d.season].worked(at)
}

// reach returns the earliest instant of the year by which w has been worked, 0 < w ≤ work.
func (y *year) reach(w time.Duration) (yearDay int, at time.Duration) {
	i := sort.Search(len(y.days), func(i int) bool { return y.days[i].before >= w }) - 1
	return i, y.hours[y.days[i].season].reach(w - y.days[i].before)
}

// reachBack returns the latest instant of the year up to which only w has been worked, 0 ≤ w < work.
func (y *year) reachBack(w time.Duration) (yearDay int, at time.Duration) {
	i := sort.Search(len(y.days), func(i int) bool { return y.days[i].before > w }) - 1
	return i, y.hours[y.days[i].season].reachBack(w - y.days[i].before)
}

// hoursOf returns the working hours of a day, nil when it is off.
func (y *year) hoursOf(yearDay int) *hours {
	if d := y.days[yearDay]; d.kind.works() {
		return &y.hours[d.season]
	}
	return nil
}

// kindsOf returns what each day of a year is, after checking the data.
func kindsOf(in Year) ([]dayKind, error) {
	fail := func(path, format string, args ...any) ([]dayKind, error) {
		return nil, &DataError{Year: in.Number, Path: path, Reason: fmt.Sprintf(format, args...)}
	}
	if in.Number < 1949 || in.Number > 2999 {
		return fail("year", "%d is out of range", in.Number)
	}
	if in.Origin != Official && in.Origin != Projected {
		return fail("origin", "%q is neither official nor projected", in.Origin)
	}
	if strings.TrimSpace(in.Source) == "" {
		return fail("source", "a year names the notice or law it comes from")
	}
	kinds := weekKinds(in.Number)
	for i, r := range in.DaysOff {
		path := fmt.Sprintf("daysOff[%d]", i)
		if !r.From.in(in.Number) || !r.To.in(in.Number) {
			return fail(path, "the year has no such days as %s", r)
		}
		from, to := r.From.yearDay(in.Number), r.To.yearDay(in.Number)
		if from > to {
			return fail(path, "%s ends before it starts", r)
		}
		for d := from; d <= to; d++ {
			if kinds[d] == holiday {
				return fail(path, "%s is listed twice", yearMonthDay(in.Number, d))
			}
			kinds[d] = holiday
		}
	}
	for i, md := range in.MakeUp {
		path := fmt.Sprintf("makeUp[%d]", i)
		if !md.in(in.Number) {
			return fail(path, "the year has no such day as %s", md)
		}
		switch d := md.yearDay(in.Number); kinds[d] {
		case weekend:
			kinds[d] = makeUpDay
		case holiday:
			return fail(path, "%s is also a day off", md)
		case makeUpDay:
			return fail(path, "%s is listed twice", md)
		case workday:
			return fail(path, "%s is a workday already", md)
		}
	}
	return kinds, nil
}

// weekKinds returns a year of plain weeks.
func weekKinds(number int) []dayKind {
	first := time.Date(number, time.January, 1, 0, 0, 0, 0, time.UTC)
	kinds := make([]dayKind, MonthDay{time.December, 31}.yearDay(number)+1)
	for d := range kinds {
		if w := first.Weekday() + time.Weekday(d); w%7 == time.Saturday || w%7 == time.Sunday {
			kinds[d] = weekend
		}
	}
	return kinds
}

// fixedFestivals are the days off that the law of 2024 sets by date; the others follow the moon and the sun.
var fixedFestivals = []DayRange{
	{MonthDay{time.January, 1}, MonthDay{time.January, 1}},
	{MonthDay{time.May, 1}, MonthDay{time.May, 2}},
	{MonthDay{time.October, 1}, MonthDay{time.October, 3}},
}

// projectedKinds returns what is known of a year nobody loaded.
func projectedKinds(number int) []dayKind {
	kinds := weekKinds(number)
	for _, r := range fixedFestivals {
		for d := r.From.yearDay(number); d <= r.To.yearDay(number); d++ {
			kinds[d] = holiday
		}
	}
	return kinds
}

// compileYear sums a year up. seasonOf is indexed by the days of a leap year.
func compileYear(kinds []dayKind, projected bool, all []hours, seasonOf *[366]uint8) *year {
	const feb29 = 31 + 28
	y := &year{days: make([]day, len(kinds)), projected: projected, hours: all}
	for i, kind := range kinds {
		leapDay := i
		if len(kinds) == 365 && i >= feb29 {
			leapDay++
		}
		d := &y.days[i]
		*d = day{before: y.work, workdaysBefore: int16(len(y.workdays)), kind: kind, season: seasonOf[leapDay]}
		if kind.works() {
			y.work += all[d.season].total
			y.workdays = append(y.workdays, int16(i))
		}
	}
	return y
}

func yearMonthDay(number, yearDay int) MonthDay {
	t := time.Date(number, time.January, 1+yearDay, 0, 0, 0, 0, time.UTC)
	return MonthDay{t.Month(), t.Day()}
}
