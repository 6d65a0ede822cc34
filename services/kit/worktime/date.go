package worktime

import (
	"fmt"
	"time"
)

// Zone is the civil time of every calendar: UTC+8 throughout. It is fixed rather than loaded, because the zone database still
// holds the daylight saving of 1986 to 1991 and may be absent where the program runs.
var Zone = time.FixedZone("Asia/Shanghai", zoneOffset)

const (
	zoneOffset = 8 * 60 * 60
	dayLength  = 24 * time.Hour
)

// Date is a civil day.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the civil day on which an instant falls.
func DateOf(t time.Time) Date {
	y, m, d := t.In(Zone).Date()
	return Date{y, m, d}
}

// ParseDate reads "2026-02-15".
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("date %q: want YYYY-MM-DD", s)
	}
	return Date{t.Year(), t.Month(), t.Day()}, nil
}

// Start returns the instant at which the day begins.
func (d Date) Start() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, Zone) }

// String returns the day as ParseDate reads it.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// MonthDay is a day of any year, as calendar files and seasons name it.
type MonthDay struct {
	Month time.Month
	Day   int
}

// ParseMonthDay reads "02-15". "02-29" is a month day; whether a given year has it is the calendar's question.
func ParseMonthDay(s string) (MonthDay, error) {
	m, okMonth := twoDigits(s, 0)
	d, okDay := twoDigits(s, 3)
	if len(s) != 5 || s[2] != '-' || !okMonth || !okDay {
		return MonthDay{}, fmt.Errorf("day %q: want MM-DD", s)
	}
	md := MonthDay{time.Month(m), d}
	if !md.in(leapYear) {
		return MonthDay{}, fmt.Errorf("day %q: no such day", s)
	}
	return md, nil
}

// String returns the day as ParseMonthDay reads it.
func (m MonthDay) String() string { return fmt.Sprintf("%02d-%02d", m.Month, m.Day) }

// MarshalText writes the day as String does.
func (m MonthDay) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads the day as ParseMonthDay does.
func (m *MonthDay) UnmarshalText(text []byte) (err error) {
	*m, err = ParseMonthDay(string(text))
	return err
}

// leapYear is any year that has all 366 days: the frame in which month days are compared.
const leapYear = 2024

// in reports whether the year has this day.
func (m MonthDay) in(year int) bool {
	if m.Month < time.January || m.Month > time.December || m.Day < 1 {
		return false
	}
	return time.Date(year, m.Month, m.Day, 0, 0, 0, 0, time.UTC).Month() == m.Month
}

// yearDay returns the zero-based position of the day in the year.
func (m MonthDay) yearDay(year int) int {
	return time.Date(year, m.Month, m.Day, 0, 0, 0, 0, time.UTC).YearDay() - 1
}

// DayRange is a run of days of one year, both ends included.
type DayRange struct {
	From, To MonthDay
}

// ParseDayRange reads "02-15..02-23", or "01-01" for a single day.
func ParseDayRange(s string) (DayRange, error) {
	const dots = ".."
	first, last := s, s
	if len(s) > 5 {
		if len(s) != 12 || s[5:7] != dots {
			return DayRange{}, fmt.Errorf("days %q: want MM-DD or MM-DD..MM-DD", s)
		}
		first, last = s[:5], s[7:]
	}
	from, err := ParseMonthDay(first)
	if err != nil {
		return DayRange{}, fmt.Errorf("days %q: %w", s, err)
	}
	to, err := ParseMonthDay(last)
	if err != nil {
		return DayRange{}, fmt.Errorf("days %q: %w", s, err)
	}
	if from.yearDay(leapYear) > to.yearDay(leapYear) {
		return DayRange{}, fmt.Errorf("days %q: ends before it starts", s)
	}
	return DayRange{from, to}, nil
}

// String returns the run as ParseDayRange reads it.
func (r DayRange) String() string {
	if r.From == r.To {
		return r.From.String()
	}
	return r.From.String() + ".." + r.To.String()
}

// MarshalText writes the run as String does.
func (r DayRange) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads the run as ParseDayRange does.
func (r *DayRange) UnmarshalText(text []byte) (err error) {
	*r, err = ParseDayRange(string(text))
	return err
}

// twoDigits reads the two digits of s at i, strictly: strconv would take signs.
func twoDigits(s string, i int) (int, bool) {
	if len(s) < i+2 || s[i] < '0' || s[i] > '9' || s[i+1] < '0' || s[i+1] > '9' {
		return 0, false
	}
	return int(s[i]-'0')*10 + int(s[i+1]-'0'), true
}
