package recompute

import (
	"strings"
	"time"
)

// zone is the city's civil time, without daylight saving.
var zone = time.FixedZone("UTC+8", 8*60*60)

// Days of the State Council's notices that are not what the week says. 2027 is projected from the law, because its notice is not known.
const (
	off = `2025-01-01
		2025-01-28 2025-01-29 2025-01-30 2025-01-31 2025-02-01 2025-02-02 2025-02-03 2025-02-04
		2025-04-04 2025-04-05 2025-04-06
		2025-05-01 2025-05-02 2025-05-03 2025-05-04 2025-05-05
		2025-05-31 2025-06-01 2025-06-02
		2025-10-01 2025-10-02 2025-10-03 2025-10-04 2025-10-05 2025-10-06 2025-10-07 2025-10-08
		2026-01-01 2026-01-02 2026-01-03
		2026-02-15 2026-02-16 2026-02-17 2026-02-18 2026-02-19 2026-02-20 2026-02-21 2026-02-22 2026-02-23
		2026-04-04 2026-04-05 2026-04-06
		2026-05-01 2026-05-02 2026-05-03 2026-05-04 2026-05-05
		2026-06-19 2026-06-20 2026-06-21
		2026-09-25 2026-09-26 2026-09-27
		2026-10-01 2026-10-02 2026-10-03 2026-10-04 2026-10-05 2026-10-06 2026-10-07
		2027-01-01 2027-01-02 2027-01-03
		2027-02-05 2027-02-06 2027-02-07 2027-02-08 2027-02-09 2027-02-10 2027-02-11 2027-02-12
		2027-10-01 2027-10-02 2027-10-03 2027-10-04 2027-10-05 2027-10-06 2027-10-07`
	onDuty = `2025-01-26 2025-02-08 2025-04-27 2025-09-28 2025-10-11
		2026-01-04 2026-02-14 2026-02-28 2026-05-09 2026-09-20 2026-10-10`
)

// works tells whether a day is worked.
func works(day time.Time) bool {
	date := day.Format(time.DateOnly)
	switch {
	case strings.Contains(onDuty, date):
		return true
	case strings.Contains(off, date):
		return false
	default:
		return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
	}
}

// midnight begins the day of an instant.
func midnight(t time.Time) time.Time {
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone)
}

// slots are the two stretches of a day in which people work, if they do: 08:30 to 12:00 and 14:30 to 18:00.
func slots(day time.Time) [][2]time.Time {
	if !works(day) {
		return nil
	}
	at := func(hour, minute int) time.Time {
		return day.Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	}
	return [][2]time.Time{{at(8, 30), at(12, 0)}, {at(14, 30), at(18, 0)}}
}

// closeOf is 18:00 of the nth workday after the day of an instant.
func closeOf(t time.Time, n int) time.Time {
	day := midnight(t)
	for n > 0 {
		if day = day.AddDate(0, 0, 1); works(day) {
			n--
		}
	}
	return day.Add(18 * time.Hour)
}

// between is the working time from one instant to a later one.
func between(a, b time.Time) (sum time.Duration) {
	for day := midnight(a); day.Before(b); day = day.AddDate(0, 0, 1) {
		for _, s := range slots(day) {
			if from, to := later(a, s[0]), earlier(b, s[1]); from.Before(to) {
				sum += to.Sub(from)
			}
		}
	}
	return sum
}

// addWork is the instant by which so much has been worked.
func addWork(t time.Time, left time.Duration) time.Time {
	for day := midnight(t); ; day = day.AddDate(0, 0, 1) {
		for _, s := range slots(day) {
			from := later(t, s[0])
			spare := s[1].Sub(from)
			if left <= spare {
				return from.Add(left)
			}
			left -= max(spare, 0)
		}
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
