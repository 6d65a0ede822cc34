package worktime_test

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// cityData is the city whose files these tests read: what ships is what is tested.
const cityData = "../../../deploy/config/cities/410900"

// readCity reads years and seasons from the city's files, decoding straight into the types of the package.
var readCity = sync.OnceValues(func() (data struct {
	years   []worktime.Year
	seasons []worktime.Season
}, err error) {
	files, err := filepath.Glob(filepath.Join(cityData, "calendars", "*.yaml"))
	if err != nil {
		return data, err
	}
	for _, file := range files {
		var y struct {
			Year    int                 `yaml:"year"`
			Origin  worktime.Origin     `yaml:"origin"`
			Source  string              `yaml:"source"`
			DaysOff []worktime.DayRange `yaml:"daysOff"`
			MakeUp  []worktime.MonthDay `yaml:"makeUp"`
		}
		if err := decode(file, &y); err != nil {
			return data, err
		}
		data.years = append(data.years, worktime.Year{
			Number: y.Year, Origin: y.Origin, Source: y.Source, DaysOff: y.DaysOff, MakeUp: y.MakeUp,
		})
	}
	var hours struct {
		Seasons []struct {
			From  worktime.MonthDay `yaml:"from"`
			To    worktime.MonthDay `yaml:"to"`
			Slots []worktime.Slot   `yaml:"slots"`
		} `yaml:"seasons"`
	}
	if err := decode(filepath.Join(cityData, "hours.yaml"), &hours); err != nil {
		return data, err
	}
	for _, s := range hours.Seasons {
		data.seasons = append(data.seasons, worktime.Season(s))
	}
	return data, nil
})

func decode(file string, into any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return yaml.UnmarshalWithOptions(text, into, yaml.Strict())
}

func cityYears(t testing.TB) []worktime.Year {
	t.Helper()
	data, err := readCity()
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(data.years)
}

func cityCalendar(t testing.TB) *worktime.Calendar {
	t.Helper()
	data, err := readCity()
	if err != nil {
		t.Fatal(err)
	}
	return newCalendar(t, data.years, data.seasons)
}

func newCalendar(t testing.TB, years []worktime.Year, seasons []worktime.Season) *worktime.Calendar {
	t.Helper()
	c, err := worktime.New(years, seasons)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// local reads "2026-02-13 09:00" or "2026-02-13 09:00:00" in the zone of all calendars.
func local(t testing.TB, s string) time.Time {
	t.Helper()
	layout := "2006-01-02 15:04"
	if len(s) > len(layout) {
		layout = time.DateTime
	}
	at, err := time.ParseInLocation(layout, s, worktime.Zone)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func limit(t testing.TB, s string) worktime.Limit {
	t.Helper()
	l, err := worktime.ParseLimit(s)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// text writes an instant as local reads it.
func text(at time.Time) string { return at.In(worktime.Zone).Format(time.DateTime) }
