package tally

import (
	"time"

	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// DayOf writes the civil day of an instant as a number that sorts.
func DayOf(t time.Time) int {
	y, m, d := t.In(worktime.Zone).Date()
	return y*10000 + int(m)*100 + d
}

// StartOf is the first instant of a civil day.
func StartOf(day int) time.Time {
	return time.Date(day/10000, time.Month(day/100%100), day%100, 0, 0, 0, 0, worktime.Zone)
}

// Quarter is how finely due times are counted.
const Quarter = 15 * time.Minute

// QuarterOf numbers the quarter of an hour that ends at or after an instant, within its civil day: 0 for midnight itself, 96
// for the last.
func QuarterOf(t time.Time) int {
	since := t.Sub(StartOf(DayOf(t)))
	return int((since + Quarter - 1) / Quarter)
}

// Moment is the instants that a board read at an instant goes by.
type Moment struct {
	Now time.Time
	// Overdue is what was due not later than this. Met at due is met, so a second passes before something is overdue, as for a sweeper.
	Overdue         time.Time
	Today, Tomorrow int
}

// MomentOf is the instants to go by at an instant.
func MomentOf(now time.Time) Moment {
	local := now.Add(-time.Second).In(worktime.Zone)
	start := StartOf(DayOf(local))
	today := DayOf(now)
	return Moment{Now: now, Overdue: start.Add(local.Sub(start).Truncate(Quarter)), Today: today, Tomorrow: DayOf(StartOf(today).AddDate(0, 0, 1))}
}

// DueAfter begins what is due but not overdue, and says whether it belongs to that itself: in the first second of a day yesterday's last quarter is neither
// overdue nor due today.
func (m Moment) DueAfter() (from time.Time, included bool) {
	if today := StartOf(m.Today); m.Overdue.Before(today) {
		return today, true
	}
	return m.Overdue, false
}

// Period is a stretch of civil days, both included, as YYYYMMDD.
type Period struct{ From, To int }

// Days is how many days the period has.
func (p Period) Days() int {
	return int(StartOf(p.To).Sub(StartOf(p.From))/(24*time.Hour)) + 1
}

const (
	defaultDays = 30
	maxDays     = 3 * 366
)

// ErrPeriod is the refusal of a period.
var ErrPeriod = fault.New(fault.Invalid, "PERIOD_INVALID",
	"统计区间不正确：日期须为 YYYY-MM-DD，开始不晚于结束，最长三年。",
	"The period is not valid: dates are YYYY-MM-DD, the first not after the last, three years at most.")

// PeriodOf reads a period of civil days; the last thirty when none is named.
func PeriodOf(from, to string, now time.Time) (Period, error) {
	day := func(text string, fallback time.Time) (time.Time, error) {
		if text == "" {
			return fallback, nil
		}
		return time.ParseInLocation(time.DateOnly, text, worktime.Zone)
	}
	last, err := day(to, now.In(worktime.Zone))
	if err != nil {
		return Period{}, ErrPeriod.Field("toDate", "PERIOD_INVALID", "不是有效日期。", "Not a date.")
	}
	first, err := day(from, last.AddDate(0, 0, 1-defaultDays))
	if err != nil {
		return Period{}, ErrPeriod.Field("fromDate", "PERIOD_INVALID", "不是有效日期。", "Not a date.")
	}
	p := Period{From: DayOf(first), To: DayOf(last)}
	if p.From > p.To || last.Sub(first) > maxDays*24*time.Hour {
		return Period{}, ErrPeriod
	}
	return p, nil
}

// When writes an instant for a filter, in the city's zone, as people read it.
func When(t time.Time) string { return `"` + t.In(worktime.Zone).Format(time.RFC3339) + `"` }

// During is the condition of a filter that an instant lies in the period.
func (p Period) During(field string) string {
	end := StartOf(p.To).AddDate(0, 0, 1)
	return field + " >= " + When(StartOf(p.From)) + " AND " + field + " < " + When(end)
}
