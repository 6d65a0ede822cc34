package worktime

import "fmt"

// YearText is a year as texts, as a contract's message holds one.
type YearText interface {
	GetYear() int32
	GetOrigin() string
	GetSource() string
	GetDaysOff() []string
	GetMakeUp() []string
}

// SeasonText is a season as texts, as a contract's message holds one.
type SeasonText interface {
	GetFrom() string
	GetTo() string
	GetSlots() []string
}

// Read makes a calendar of texts. Every service that counts time reads a city's years and seasons through it.
func Read[Y YearText, S SeasonText](years []Y, seasons []S) (*Calendar, error) {
	all := make([]Year, len(years))
	for i, y := range years {
		year := Year{Number: int(y.GetYear()), Origin: Origin(y.GetOrigin()), Source: y.GetSource()}
		var err error
		if year.DaysOff, err = parsed(y.GetDaysOff(), ParseDayRange); err != nil {
			return nil, fmt.Errorf("year %d: %w", year.Number, err)
		}
		if year.MakeUp, err = parsed(y.GetMakeUp(), ParseMonthDay); err != nil {
			return nil, fmt.Errorf("year %d: %w", year.Number, err)
		}
		all[i] = year
	}
	hours := make([]Season, len(seasons))
	for i, s := range seasons {
		var err error
		if hours[i].From, err = ParseMonthDay(s.GetFrom()); err != nil {
			return nil, err
		}
		if hours[i].To, err = ParseMonthDay(s.GetTo()); err != nil {
			return nil, err
		}
		if hours[i].Slots, err = parsed(s.GetSlots(), ParseSlot); err != nil {
			return nil, err
		}
	}
	return New(all, hours)
}

func parsed[T any](texts []string, parse func(string) (T, error)) ([]T, error) {
	out := make([]T, 0, len(texts))
	for _, text := range texts {
		one, err := parse(text)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}
