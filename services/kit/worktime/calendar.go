package worktime

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Calendar answers what is working time. The zero value is not usable: New makes one.
type Calendar struct {
	first     int     // number of loaded[0]
	loaded    []*year // nil where a year between two loaded ones is missing
	inputs    []Year  // as given, by number
	templates [14]*year
	version   string
}

// New makes a calendar from any number of years, in any order, and from the seasons that together hold every day of a year;
// no seasons means DefaultSeasons. A year not given is projected. What is wrong comes back as a *DataError.
func New(years []Year, seasons []Season) (*Calendar, error) {
	if len(seasons) == 0 {
		seasons = DefaultSeasons()
	}
	all, seasonOf, err := compileSeasons(seasons)
	if err != nil {
		return nil, err
	}
	c := &Calendar{inputs: make([]Year, 0, len(years))}
	for _, y := range years {
		y.DaysOff, y.MakeUp = slices.Clone(y.DaysOff), slices.Clone(y.MakeUp)
		c.inputs = append(c.inputs, y)
	}
	slices.SortStableFunc(c.inputs, func(a, b Year) int { return a.Number - b.Number })
	for i, y := range c.inputs {
		if i > 0 && c.inputs[i-1].Number == y.Number {
			return nil, &DataError{Year: y.Number, Path: "year", Reason: "given twice"}
		}
		kinds, err := kindsOf(y)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			c.first = y.Number
			c.loaded = make([]*year, c.inputs[len(c.inputs)-1].Number-c.first+1)
		}
		c.loaded[y.Number-c.first] = compileYear(kinds, y.Origin == Projected, all, &seasonOf)
	}
	for number := leapYear; number < leapYear+28; number++ { // every shape a year can have comes up within 28 years
		if t := shapeOf(number); c.templates[t] == nil {
			c.templates[t] = compileYear(projectedKinds(number), true, all, &seasonOf)
		}
	}
	c.version = fingerprint(c.inputs, seasons)
	return c, nil
}

// Version names exactly what the calendar was made of, such as "2024,2025,2026,2027~#0a1b2c3d4e5f": the years given, a tilde
// after a projected one, ".vN" after a counted re-issue, and a digest of every day and hour, so that two calendars that
// differ never share a name.
func (c *Calendar) Version() string { return c.version }

// Year returns the data of a year, and whether it was given at all: otherwise it is projected.
func (c *Calendar) Year(number int) (Year, bool) {
	for _, y := range c.inputs {
		if y.Number == number {
			y.DaysOff, y.MakeUp = slices.Clone(y.DaysOff), slices.Clone(y.MakeUp)
			return y, true
		}
	}
	return Year{Number: number, Origin: Projected, DaysOff: slices.Clone(fixedFestivals)}, false
}

// IsWorkday reports whether people work on a day: a weekday that is not off, or a make-up day.
func (c *Calendar) IsWorkday(d Date) bool {
	p := c.at(d.Start())
	return c.year(p.year).days[p.day].kind.works()
}

// IsProjected reports whether what is said of a day rests on a projection.
func (c *Calendar) IsProjected(d Date) bool { return c.year(c.at(d.Start()).year).projected }

// Slots returns the working hours of a day, none when it is off.
func (c *Calendar) Slots(d Date) []Slot {
	p := c.at(d.Start())
	h := c.year(p.year).hoursOf(p.day)
	if h == nil {
		return nil
	}
	return slices.Clone(h.slots)
}

// year returns the compiled year of any number.
func (c *Calendar) year(number int) *year {
	if i := number - c.first; i >= 0 && i < len(c.loaded) && c.loaded[i] != nil {
		return c.loaded[i]
	}
	return c.templates[shapeOf(number)]
}

// shapeOf numbers the fourteen shapes of a year: the weekday it starts on, and whether it is a leap year.
func shapeOf(number int) int {
	shape := int(time.Date(number, time.January, 1, 0, 0, 0, 0, time.UTC).Weekday())
	if number%4 == 0 && (number%100 != 0 || number%400 == 0) {
		shape += 7
	}
	return shape
}

// position is an instant in civil terms.
type position struct {
	year int
	day  int // of the year, from zero
	time time.Duration
}

func (c *Calendar) at(t time.Time) position {
	t = t.In(Zone)
	const secondsPerDay = int64(dayLength / time.Second)
	second := ((t.Unix()+zoneOffset)%secondsPerDay + secondsPerDay) % secondsPerDay
	return position{t.Year(), t.YearDay() - 1, time.Duration(second)*time.Second + time.Duration(t.Nanosecond())}
}

func (p position) instant() time.Time {
	return time.Date(p.year, time.January, 1+p.day, 0, 0, 0, 0, Zone).Add(p.time)
}

// midnightAfter returns the beginning of the day after p.
func (c *Calendar) midnightAfter(p position) position {
	if p.day++; p.day == len(c.year(p.year).days) {
		return position{year: p.year + 1}
	}
	return position{year: p.year, day: p.day}
}

func fingerprint(years []Year, seasons []Season) string {
	digest := sha256.New()
	names := make([]string, 0, len(years))
	for _, y := range years {
		name := fmt.Sprint(y.Number)
		if y.Version != 0 {
			name += fmt.Sprintf(".v%d", y.Version)
		}
		if y.Origin == Projected {
			name += "~"
		}
		names = append(names, name)
		fmt.Fprintf(digest, "%s %s off %s make-up %s\n", name, y.Source, y.DaysOff, y.MakeUp)
	}
	for _, s := range seasons {
		fmt.Fprintf(digest, "%s to %s %s\n", s.From, s.To, s.Slots)
	}
	return strings.Join(names, ",") + "#" + hex.EncodeToString(digest.Sum(nil)[:6])
}
