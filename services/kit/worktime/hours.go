package worktime

import (
	"fmt"
	"time"
)

// Slot is one stretch of working hours, in minutes of the day: 08:30-12:00 is {510, 720}.
type Slot struct {
	Start, End int
}

// ParseSlot reads "08:30-12:00". A slot lies inside one day, so 23:59 is the latest end.
func ParseSlot(s string) (Slot, error) {
	if len(s) != 11 || s[5] != '-' {
		return Slot{}, fmt.Errorf("hours %q: want HH:MM-HH:MM", s)
	}
	start, okStart := minuteOfDay(s[:5])
	end, okEnd := minuteOfDay(s[6:])
	if !okStart || !okEnd {
		return Slot{}, fmt.Errorf("hours %q: want HH:MM-HH:MM within 00:00 and 23:59", s)
	}
	if start >= end {
		return Slot{}, fmt.Errorf("hours %q: ends before it starts", s)
	}
	return Slot{start, end}, nil
}

// String returns the slot as ParseSlot reads it.
func (s Slot) String() string {
	return fmt.Sprintf("%02d:%02d-%02d:%02d", s.Start/60, s.Start%60, s.End/60, s.End%60)
}

// MarshalText writes the slot as String does.
func (s Slot) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the slot as ParseSlot does.
func (s *Slot) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSlot(string(text))
	return err
}

func minuteOfDay(s string) (int, bool) {
	h, okHour := twoDigits(s, 0)
	m, okMinute := twoDigits(s, 3)
	return h*60 + m, okHour && okMinute && s[2] == ':' && h < 24 && m < 60
}

// Season gives the working hours of a part of the year, both ends included. One that ends before it starts goes over the
// year's end: 10-01 to 04-30 is a winter.
type Season struct {
	From, To MonthDay
	Slots    []Slot
}

// DefaultSeasons returns the hours of a city that has named none: 08:30-12:00 and 14:30-18:00 all year.
func DefaultSeasons() []Season {
	return []Season{{
		From:  MonthDay{time.January, 1},
		To:    MonthDay{time.December, 31},
		Slots: []Slot{{8*60 + 30, 12 * 60}, {14*60 + 30, 18 * 60}},
	}}
}

// hours are the working hours of one season, ready for arithmetic in time of day.
type hours struct {
	slots []Slot
	spans []interval
	total time.Duration
}

// interval is a stretch of a day, in time since its midnight.
type interval struct {
	start, end time.Duration
}

func compileHours(slots []Slot) hours {
	h := hours{slots: append([]Slot(nil), slots...), spans: make([]interval, len(slots))}
	for i, s := range slots {
		h.spans[i] = interval{time.Duration(s.Start) * time.Minute, time.Duration(s.End) * time.Minute}
		h.total += h.spans[i].end - h.spans[i].start
	}
	return h
}

func (h *hours) opening() time.Duration { return h.spans[0].start }
func (h *hours) closing() time.Duration { return h.spans[len(h.spans)-1].end }

// worked returns the working time from midnight to a time of day.
func (h *hours) worked(at time.Duration) time.Duration {
	var sum time.Duration
	for _, s := range h.spans {
		if at <= s.start {
			break
		}
		sum += min(at, s.end) - s.start
	}
	return sum
}

// reach returns the earliest time of day by which w has been worked, 0 < w ≤ total: a closing instant rather than the opening
// that follows it.
func (h *hours) reach(w time.Duration) time.Duration {
	for _, s := range h.spans {
		if length := s.end - s.start; w > length {
			w -= length
			continue
		}
		return s.start + w
	}
	panic("worktime: more working time asked of a day than it has")
}

// reachBack returns the latest time of day up to which only w has been worked, 0 ≤ w < total.
func (h *hours) reachBack(w time.Duration) time.Duration {
	for _, s := range h.spans {
		if length := s.end - s.start; w >= length {
			w -= length
			continue
		}
		return s.start + w
	}
	panic("worktime: more working time asked of a day than it has")
}

// compileSeasons checks the seasons and returns their hours, with the season of each day of a leap year.
func compileSeasons(seasons []Season) ([]hours, [366]uint8, error) {
	var of [366]uint8
	if len(seasons) > 100 {
		return nil, of, &DataError{Path: "seasons", Reason: "more than 100 seasons"}
	}
	all := make([]hours, 0, len(seasons))
	taken := [366]bool{}
	for i, s := range seasons {
		path := fmt.Sprintf("seasons[%d]", i)
		if err := checkSlots(path, s.Slots); err != nil {
			return nil, of, err
		}
		for _, end := range []MonthDay{s.From, s.To} {
			if !end.in(leapYear) {
				return nil, of, &DataError{Path: path, Reason: fmt.Sprintf("no such day %s", end)}
			}
		}
		last := s.To.yearDay(leapYear)
		for d := s.From.yearDay(leapYear); ; d = (d + 1) % len(of) {
			if taken[d] {
				return nil, of, &DataError{Path: path, Reason: fmt.Sprintf("%s already belongs to another season", leapMonthDay(d))}
			}
			taken[d], of[d] = true, uint8(i)
			if d == last {
				break
			}
		}
		all = append(all, compileHours(s.Slots))
	}
	for d, ok := range taken {
		if !ok {
			return nil, of, &DataError{Path: "seasons", Reason: fmt.Sprintf("no season holds %s", leapMonthDay(d))}
		}
	}
	return all, of, nil
}

func checkSlots(path string, slots []Slot) error {
	if len(slots) == 0 {
		return &DataError{Path: path + ".slots", Reason: "no working hours"}
	}
	for i, s := range slots {
		at := fmt.Sprintf("%s.slots[%d]", path, i)
		if s.Start < 0 || s.End >= 24*60 || s.Start >= s.End {
			return &DataError{Path: at, Reason: fmt.Sprintf("minutes %d to %d are no stretch of one day", s.Start, s.End)}
		}
		if i > 0 && s.Start <= slots[i-1].End {
			return &DataError{Path: at, Reason: fmt.Sprintf("%s overlaps, touches or precedes %s", s, slots[i-1])}
		}
	}
	return nil
}

func leapMonthDay(yearDay int) MonthDay { return yearMonthDay(leapYear, yearDay) }
