package worktime

import "testing"

type yearText struct {
	year            int32
	daysOff, makeUp []string
}

func (y yearText) GetYear() int32       { return y.year }
func (y yearText) GetOrigin() string    { return string(Official) }
func (y yearText) GetSource() string    { return "notice" }
func (y yearText) GetDaysOff() []string { return y.daysOff }
func (y yearText) GetMakeUp() []string  { return y.makeUp }

type seasonText struct {
	from, to string
	slots    []string
}

func (s seasonText) GetFrom() string    { return s.from }
func (s seasonText) GetTo() string      { return s.to }
func (s seasonText) GetSlots() []string { return s.slots }

func TestRead(t *testing.T) {
	whole := seasonText{"01-01", "12-31", []string{"09:00-12:00", "14:00-18:00"}}
	year := yearText{2026, []string{"10-01..10-07"}, []string{"10-10"}}
	got, err := Read([]yearText{year}, []seasonText{whole})
	if err != nil {
		t.Fatal(err)
	}
	holiday, err := ParseDayRange("10-01..10-07")
	if err != nil {
		t.Fatal(err)
	}
	want, err := New([]Year{{Number: 2026, Origin: Official, Source: "notice", DaysOff: []DayRange{holiday},
		MakeUp: []MonthDay{{10, 10}}}}, []Season{{From: MonthDay{1, 1}, To: MonthDay{12, 31}, Slots: []Slot{{540, 720}, {840, 1080}}}})
	if err != nil || got.Version() != want.Version() {
		t.Errorf("read %s, want %s: %v", got.Version(), want.Version(), err)
	}
	for name, c := range map[string]struct {
		year   yearText
		season seasonText
	}{
		"a day off": {yearText{2026, []string{"10-32"}, nil}, whole},
		"a make-up": {yearText{2026, nil, []string{"10/10"}}, whole},
		"a from":    {year, seasonText{"1-1", "12-31", nil}},
		"a to":      {year, seasonText{"01-01", "13-31", nil}},
		"a slot":    {year, seasonText{"01-01", "12-31", []string{"9-12"}}},
		"the hours": {year, seasonText{"01-01", "12-30", whole.slots}},
	} {
		if _, err := Read([]yearText{c.year}, []seasonText{c.season}); err == nil {
			t.Errorf("%s that is none was read", name)
		}
	}
}
