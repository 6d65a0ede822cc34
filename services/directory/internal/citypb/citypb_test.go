package citypb

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/city"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

func puyang(t *testing.T) *city.City {
	t.Helper()
	files, err := city.ReadFolder(os.DirFS("../../../../deploy/config/cities/410900"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := city.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Anybody may know what a city means to reach; without targets there are none, not zero to reach.
func TestTheTargetsOfTheRatesArePublic(t *testing.T) {
	c := puyang(t)
	c.Rates.Targets = city.Targets{Response: 98, Satisfaction: 90}
	got := Public(Config(c, Version{Number: 1, Applied: time.Unix(0, 0)})).GetRates()
	if got.GetResponseTarget() != 98 || got.GetResolutionTarget() != 0 || got.GetSatisfactionTarget() != 90 || got.GetBasicallyPercent() != int32(c.Rates.Basically) {
		t.Errorf("rates %v", got)
	}
}

// What a service builds of the contract must count as the files do.
func TestTheCalendarSurvives(t *testing.T) {
	c := puyang(t)
	config := Config(c, Version{Number: 1, Applied: time.Unix(0, 0)})
	var years []worktime.Year
	for _, y := range config.GetCalendarYears() {
		year := worktime.Year{Number: int(y.GetYear()), Origin: worktime.Origin(y.GetOrigin()), Source: y.GetSource()}
		for _, text := range y.GetDaysOff() {
			day, err := worktime.ParseMonthDay(text)
			if err != nil {
				t.Fatal(err)
			}
			year.DaysOff = append(year.DaysOff, worktime.DayRange{From: day, To: day})
		}
		for _, text := range y.GetMakeUp() {
			day, err := worktime.ParseMonthDay(text)
			if err != nil {
				t.Fatal(err)
			}
			year.MakeUp = append(year.MakeUp, day)
		}
		years = append(years, year)
	}
	var seasons []worktime.Season
	for _, s := range config.GetSeasons() {
		season := worktime.Season{}
		for text, to := range map[string]*worktime.MonthDay{s.GetFrom(): &season.From, s.GetTo(): &season.To} {
			if err := to.UnmarshalText([]byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		for _, text := range s.GetSlots() {
			slot, err := worktime.ParseSlot(text)
			if err != nil {
				t.Fatal(err)
			}
			season.Slots = append(season.Slots, slot)
		}
		seasons = append(seasons, season)
	}
	theirs, err := worktime.New(years, seasons)
	if err != nil {
		t.Fatal(err)
	}
	mine, err := worktime.New(c.Years, c.Seasons)
	if err != nil {
		t.Fatal(err)
	}
	for day := time.Date(2024, 1, 1, 0, 0, 0, 0, worktime.Zone); day.Year() < 2029; day = day.AddDate(0, 0, 1) {
		d := worktime.DateOf(day)
		if !slices.Equal(mine.Slots(d), theirs.Slots(d)) || mine.IsProjected(d) != theirs.IsProjected(d) {
			t.Errorf("%s: %v and %v", d, mine.Slots(d), theirs.Slots(d))
		}
	}
}

func TestEveryLimitIsWrittenAsWorktimeReadsIt(t *testing.T) {
	config := Config(puyang(t), Version{Number: 1})
	limits := []string{config.GetRules().GetWaitLimit(), config.GetRules().GetReopenWindow()}
	limits = append(limits, config.GetRules().GetVerifyReminders()...)
	for _, p := range config.GetPolicies() {
		for _, l := range p.GetLimits() {
			limits = append(limits, l.GetLimit())
		}
	}
	for _, r := range config.GetLadder()[1:] {
		limits = append(limits, r.GetAfter())
	}
	agency := config.GetCatalogue().GetRules()
	limits = append(limits, agency.GetAdmitLimit(), agency.GetAssignLimit(), agency.GetAcceptLimit(), agency.GetCorrectLimit(), agency.GetOpinionLimit(),
		agency.GetDeliverLimit(), agency.GetWithdrawalLimit(), agency.GetExtensionLimit(), agency.GetStuckAfter())
	limits = append(limits, agency.GetCommitmentReminders()...)
	for _, l := range limits {
		if _, err := worktime.ParseLimit(l); err != nil {
			t.Error(err)
		}
	}
}

func TestSourceTellsWhatIsUnconfirmed(t *testing.T) {
	p := city.Policy{Source: "law", Limits: []city.PolicyLimit{{Clock: city.AnswerClock}}}
	if got := source(p); got != "law" {
		t.Errorf("source %q", got)
	}
	p.Limits = append(p.Limits, city.PolicyLimit{Clock: city.ContactClock, Unconfirmed: true}, city.PolicyLimit{Clock: city.VerifyClock, Unconfirmed: true})
	if got := source(p); got != "law（待本市确认 / to be confirmed by the city: contact, verify）" {
		t.Errorf("source %q", got)
	}
}

func TestEveryRoleHasItsSpelling(t *testing.T) {
	for _, r := range city.Roles() {
		want := "ROLE_" + strings.ToUpper(strings.ReplaceAll(string(r), "-", "_"))
		if got := Roles([]city.Role{r})[0]; got.String() != want {
			t.Errorf("%s is %s", r, got)
		}
	}
	// The two that the files do not know come with an enterprise.
	if n := len(optionsv1.Role_name) - 3; n != len(city.Roles()) {
		t.Errorf("the contract has %d roles for staff, the files %d", n, len(city.Roles()))
	}
}

func TestConfigName(t *testing.T) {
	for name, want := range map[string]int64{ConfigName("410900", 7): 7, "cities/410900": 0, "cities/410900/configs/": 0, "cities/410900/configs/x": 0} {
		if got, ok := ConfigVersion(name); got != want || ok != (want > 0) {
			t.Errorf("%s: %d, %t", name, got, ok)
		}
	}
}

func TestPublicNamesNobody(t *testing.T) {
	c := puyang(t)
	persons := map[string]string{}
	for _, o := range c.Officials {
		persons[o.Login] = "id-of-" + o.Login
	}
	config := Config(c, Version{Number: 3, Persons: persons})
	if led := slices.ContainsFunc(config.GetUnits(), func(u *directoryv1.Unit) bool { return u.GetLeader() == "cities/410900/persons/id-of-huxiulan" }); !led {
		t.Error("a unit's leader is not named by person")
	}
	if public := Public(config); strings.Contains(public.String(), "id-of-") || public.GetConfigVersion() != 3 {
		t.Errorf("public face %v", public)
	}
}
