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
	calendar, err := calendarOf(in)
	if err != nil {
		return Interval{}, fmt.Errorf("calendar: %w", err)
	}
	return Interval{limit: limit, calendar: calendar}, nil
}

func calendarOf(in *directoryv1.CityConfig) (*worktime.Calendar, error) {
	years, err := mapped(in.GetCalendarYears(), func(y *directoryv1.CalendarYear) (year worktime.Year, err error) {
		year = worktime.Year{Number: int(y.GetYear()), Origin: worktime.Origin(y.GetOrigin()), Source: y.GetSource()}
		if year.DaysOff, err = mapped(y.GetDaysOff(), worktime.ParseDayRange); err != nil {
			return year, err
		}
		year.MakeUp, err = mapped(y.GetMakeUp(), worktime.ParseMonthDay)
		return year, err
	})
	if err != nil {
		return nil, err
	}
	seasons, err := mapped(in.GetSeasons(), func(s *directoryv1.Season) (season worktime.Season, err error) {
		if season.From, err = worktime.ParseMonthDay(s.GetFrom()); err != nil {
			return season, err
		}
		if season.To, err = worktime.ParseMonthDay(s.GetTo()); err != nil {
			return season, err
		}
		season.Slots, err = mapped(s.GetSlots(), worktime.ParseSlot)
		return season, err
	})
	if err != nil {
		return nil, err
	}
	return worktime.New(years, seasons)
}

func mapped[A, B any](list []A, turn func(A) (B, error)) ([]B, error) {
	out := make([]B, 0, len(list))
	for _, a := range list {
		b, err := turn(a)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}
