package recompute

import (
	"strings"
	"time"
)

// zone is the city's civil time, without daylight saving.
var zone = time.FixedZone("UTC+8", 8*60*60)

// notices are the days of the State Council's notices that are not what the week says: off, and on duty after the bar. 2027 is
// projected from the law, because its notice is not known.
var notices = map[int]string{
	2024: "0101 0210-0217 0404-0406 0501-0505 0610 0915-0917 1001-1007 | 0204 0218 0407 0428 0511 0914 0929 1012",
	2025: "0101 0128-0204 0404-0406 0501-0505 0531-0602 1001-1008 | 0126 0208 0427 0928 1011",
	2026: "0101-0103 0215-0223 0404-0406 0501-0505 0619-0621 0925-0927 1001-1007 | 0104 0214 0228 0509 0920 1010",
	2027: "0101-0103 0205-0212 0403-0405 0501-0505 0609 0915 1001-1007 |",
}

func projected(day time.Time) bool { return day.Year() > 2026 || day.Year() < 2024 }

// works tells whether a day is worked.
func works(day time.Time) bool {
	off, on, _ := strings.Cut(notices[day.Year()], "|")
	date := day.Format("0102")
	for _, d := range strings.Fields(on) {
		if d == date {
			return true
		}
	}
	for _, d := range strings.Fields(off) {
		first, last, stretch := strings.Cut(d, "-")
		if d == date || stretch && first <= date && date <= last {
			return false
		}
	}
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
}

// midnight begins the day of an instant.
func midnight(t time.Time) time.Time {
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone)
}

// hours are the two stretches of a workday: 08:30 to 12:00 and 14:30 to 18:00.
func hours(day time.Time) [][2]time.Time {
	at := func(minutes int) time.Time { return day.Add(time.Duration(minutes) * time.Minute) }
	return [][2]time.Time{{at(8*60 + 30), at(12 * 60)}, {at(14*60 + 30), at(18 * 60)}}
}

// closeOf is 18:00 of the nth workday after the day of an instant.
func closeOf(t time.Time, n int) (due time.Time, provisional bool) {
	day := midnight(t)
	for n > 0 {
		day = day.AddDate(0, 0, 1)
		provisional = provisional || projected(day)
		if works(day) {
			n--
		}
	}
	return day.Add(18 * time.Hour), provisional
}

// between is the working time from a to b.
func between(a, b time.Time) (sum time.Duration) {
	for day := midnight(a); day.Before(b); day = day.AddDate(0, 0, 1) {
		if !works(day) {
			continue
		}
		for _, h := range hours(day) {
			if from, to := later(a, h[0]), earlier(b, h[1]); from.Before(to) {
				sum += to.Sub(from)
			}
		}
	}
	return sum
}

// addWork is the instant by which so much has been worked.
func addWork(t time.Time, left time.Duration) (due time.Time, provisional bool) {
	for day := midnight(t); ; day = day.AddDate(0, 0, 1) {
		provisional = provisional || projected(day)
		if !works(day) {
			continue
		}
		for _, h := range hours(day) {
			from := later(t, h[0])
			if spare := h[1].Sub(from); left <= spare {
				return from.Add(left), provisional
			} else if spare > 0 {
				left -= spare
			}
		}
	}
}

// roll leaves working time, closing instants included, and postpones everything else to the next opening.
func roll(t time.Time) (due time.Time, provisional bool) {
	for day := midnight(t); ; day = day.AddDate(0, 0, 1) {
		provisional = provisional || projected(day)
		if !works(day) {
			continue
		}
		for _, h := range hours(day) {
			if !t.After(h[1]) {
				return later(t, h[0]), provisional
			}
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
