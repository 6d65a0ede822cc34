package worktime_test

import (
	"encoding"
	"errors"
	"testing"

	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

func TestParseLimit(t *testing.T) {
	for text, want := range map[string]worktime.Limit{
		"5 workdays":            {Amount: 5, Unit: worktime.Workdays},
		"1 workday":             {Amount: 1, Unit: worktime.Workdays},
		"0 workdays":            {Unit: worktime.Workdays},
		"24 hours":              {Amount: 24, Unit: worktime.NaturalHours},
		"24 hours, roll":        {Amount: 24, Unit: worktime.NaturalHours, Roll: true},
		"90 working minutes":    {Amount: 90, Unit: worktime.WorkingMinutes},
		"30 days":               {Amount: 30, Unit: worktime.NaturalDays},
		" 1 days ,roll ":        {Amount: 1, Unit: worktime.NaturalDays, Roll: true},
		"2 working   minutes":   {Amount: 2, Unit: worktime.WorkingMinutes},
		"120000 working minute": {Amount: 120_000, Unit: worktime.WorkingMinutes},
	} {
		if got, err := worktime.ParseLimit(text); err != nil || got != want {
			t.Errorf("ParseLimit(%q) = %+v, %v; want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "5", "workdays", "five workdays", "-1 workdays", "+5 workdays", "5 Workdays", "5 weeks", "5 workdays.", "5workdays",
		"0 hours", "0 days", "0 working minutes", "5 workdays, roll", "5 working minutes, roll", "24 hours,", "24 hours, rolled",
		"24 hours, roll, roll", "1001 workdays", "8785 hours", "3661 days", "120001 working minutes", "99999999999999999999 days",
	} {
		if got, err := worktime.ParseLimit(text); !errors.Is(err, worktime.ErrNoSuchLimit) || got != (worktime.Limit{}) {
			t.Errorf("ParseLimit(%q) = %+v, %v; want it refused", text, got, err)
		}
	}
}

func TestTextsThatAreRefused(t *testing.T) {
	for into, texts := range map[encoding.TextUnmarshaler][]string{
		new(worktime.MonthDay): {"", "1-1", "00-10", "13-01", "02-30", "04-31", "01-00", "01/01", "+1-01", "01-011", "２-01-01"},
		new(worktime.DayRange): {"", "01-01..", "..01-01", "01-02..01-01", "01-01.01-02", "01-01..01-32", "13-01..13-02", "01-01..01-02 "},
		new(worktime.Slot):     {"", "8:30-12:00", "08:30", "12:00-08:30", "08:30-08:30", "08:60-12:00", "20:00-24:00", "08:30–12:00", "08.30-12.00"},
		new(worktime.Limit):    {"", "tomorrow"},
	} {
		for _, text := range texts {
			if err := into.UnmarshalText([]byte(text)); err == nil {
				t.Errorf("%T took %q as %v", into, text, into)
			}
		}
	}
	for _, text := range []string{"", "2026-2-1", "2026-02-29", "2026-13-01", "26-01-01"} {
		if d, err := worktime.ParseDate(text); err == nil {
			t.Errorf("ParseDate took %q as %s", text, d)
		}
	}
	if text, err := (worktime.Limit{}).MarshalText(); err == nil {
		t.Errorf("no limit was written as %q", text)
	}
}

func FuzzParseLimit(f *testing.F) {
	for _, s := range []string{"5 workdays", "24 hours, roll", "90 working minutes", "30 days", "0 workdays", "1 hour", "7 weeks", ",", " 1 "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		l, err := worktime.ParseLimit(s)
		if err != nil {
			return
		}
		if err := l.Validate(); err != nil {
			t.Fatalf("%q was taken, but %v", s, err)
		}
		if again, err := worktime.ParseLimit(l.String()); err != nil || again != l {
			t.Fatalf("%q is %+v, which is written %q, which is %+v, %v", s, l, l, again, err)
		}
	})
}

// FuzzCalendarTexts holds every parser of calendar files to one promise: what is taken is written as it was read.
func FuzzCalendarTexts(f *testing.F) {
	for _, s := range []string{"02-15", "02-29", "02-15..02-23", "12-31..01-01", "08:30-12:00", "00:00-23:59", "2026-02-15", "..", "-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := worktime.ParseMonthDay(s); err == nil && d.String() != s {
			t.Errorf("month day %q became %q", s, d)
		}
		if r, err := worktime.ParseDayRange(s); err == nil && r.String() != s && r.From != r.To {
			t.Errorf("day range %q became %q", s, r)
		}
		if slot, err := worktime.ParseSlot(s); err == nil && slot.String() != s {
			t.Errorf("slot %q became %q", s, slot)
		}
		if d, err := worktime.ParseDate(s); err == nil && (d.String() != s || worktime.DateOf(d.Start()) != d) {
			t.Errorf("date %q became %q", s, d)
		}
	})
}
