package roster

import (
	"fmt"
	"time"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// Interval is how long lies at least between two visits to one enterprise, in the city's calendar. The zero value is none.
type Interval struct {
	limit    worktime.Limit
	calendar *worktime.Calendar
}

// Earliest is from when on an enterprise may be visited again after a visit: the day on which the interval is over counts whole, since
// visits are agreed by the day.
func (i Interval) Earliest(after time.Time) time.Time {
	if i.calendar == nil {
		return after
	}
	return worktime.DateOf(i.calendar.Add(after, i.limit).Due).Start().UTC()
}

// String is the interval as the city's files write it; empty for none.
func (i Interval) String() string {
	if i.calendar == nil {
		return ""
	}
	return i.limit.String()
}

// IntervalOf reads a city's interval.
func IntervalOf(in *directoryv1.CityConfig) (Interval, error) {
	text := in.GetRules().GetMinVisitInterval()
	if text == "" {
		return Interval{}, nil
	}
	limit, err := worktime.ParseLimit(text)
	if err != nil {
		return Interval{}, fmt.Errorf("interval between visits: %w", err)
	}
	calendar, err := worktime.Read(in.GetCalendarYears(), in.GetSeasons())
	if err != nil {
		return Interval{}, fmt.Errorf("calendar: %w", err)
	}
	return Interval{limit: limit, calendar: calendar}, nil
}
