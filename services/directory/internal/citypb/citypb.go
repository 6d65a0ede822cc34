// Package citypb writes a city as its contract: whole for the services that keep a copy, and the part of it that anybody may
// know. It depends on the city's model and on the generated contract, and decides nothing.
package citypb

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/city"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// Version is what a configuration has beside its content.
type Version struct {
	Number  int64
	Applied time.Time
	Persons map[string]string // ids of the officials' persons, by login
}

// Config is a city as one version of its configuration.
func Config(c *city.City, v Version) *directoryv1.CityConfig {
	return &directoryv1.CityConfig{
		Name:          CityName(c.Code),
		Version:       v.Number,
		ApplyTime:     timestamppb.New(v.Applied),
		DisplayName:   c.Name,
		DisplayNameEn: c.NameEn,
		TimeZone:      c.Zone,
		DeskUnit:      c.DeskUnit,
		Units: each(c.Units, func(u city.Unit) *directoryv1.Unit {
			return &directoryv1.Unit{Code: u.Code, DisplayName: u.Name, DisplayNameEn: u.NameEn, Parent: u.Parent, Kind: string(u.Kind),
				County: u.County, Leader: personName(c.Code, v.Persons[u.Leader])}
		}),
		Categories: each(c.Categories, func(k city.Category) *directoryv1.Category {
			return &directoryv1.Category{Code: k.Code, DisplayName: k.Name, DisplayNameEn: k.NameEn, Parent: k.Parent, Unit: k.Unit}
		}),
		AppealTypes: each(c.AppealTypes, func(t city.AppealType) *directoryv1.AppealType {
			return &directoryv1.AppealType{Code: t.Code, DisplayName: t.Name, DisplayNameEn: t.NameEn, Default: t.Default}
		}),
		Counties: each(c.Counties, func(k city.County) *directoryv1.County {
			return &directoryv1.County{Code: k.Code, DisplayName: k.Name, DisplayNameEn: k.NameEn}
		}),
		Policies:      each(c.Policies, policy),
		Ladder:        each(c.Ladder, rung),
		CalendarYears: each(c.Years, calendarYear),
		Seasons:       each(c.Seasons, season),
		Officials: each(c.Officials, func(o city.Official) *directoryv1.Official {
			return &directoryv1.Official{Person: personName(c.Code, v.Persons[o.Login]), Login: o.Login, DisplayName: o.Name, Title: o.Title,
				Unit: o.Unit, Phone: o.Phone, Roles: Roles(o.Roles), LoadCap: int32(o.LoadCap), Deputy: o.Deputy,
				Qualifications: o.Qualifications, BindingCap: int32(o.BindingCap)}
		}),
		Rules: rules(c.Rules),
		Rates: &directoryv1.RateFormula{ResponseWeight: int32(c.Rates.Response), ResolutionWeight: int32(c.Rates.Resolution),
			SatisfactionWeight: int32(c.Rates.Satisfaction), BasicallyPercent: int32(c.Rates.Basically),
			ResponseTarget: int32(c.Rates.Targets.Response), ResolutionTarget: int32(c.Rates.Targets.Resolution),
			SatisfactionTarget: int32(c.Rates.Targets.Satisfaction)},
		Catalogue:    catalogue(c.Catalogue),
		SecondPerson: c.SecondPerson,
	}
}

// Public is what anybody may know of a city. Who leads a unit is no part of it.
func Public(c *directoryv1.CityConfig) *directoryv1.City {
	return &directoryv1.City{
		Name:          c.GetName(),
		DisplayName:   c.GetDisplayName(),
		DisplayNameEn: c.GetDisplayNameEn(),
		ConfigVersion: c.GetVersion(),
		Units: each(c.GetUnits(), func(u *directoryv1.Unit) *directoryv1.Unit {
			return &directoryv1.Unit{Code: u.GetCode(), DisplayName: u.GetDisplayName(), DisplayNameEn: u.GetDisplayNameEn(), Parent: u.GetParent(),
				Kind: u.GetKind(), County: u.GetCounty()}
		}),
		Categories:  c.GetCategories(),
		AppealTypes: c.GetAppealTypes(),
		Counties:    c.GetCounties(),
		Rates:       c.GetRates(),
	}
}

// CityName is the resource name of a city.
func CityName(code string) string { return "cities/" + code }

// ConfigName is the resource name of a version of a city's configuration.
func ConfigName(code string, version int64) string {
	return CityName(code) + configs + strconv.FormatInt(version, 10)
}

const configs = "/configs/"

// ConfigVersion reads ConfigName; false for any other name.
func ConfigVersion(name string) (int64, bool) {
	_, number, ok := strings.Cut(name, configs)
	version, err := strconv.ParseInt(number, 10, 64)
	return version, ok && err == nil
}

// ProposalName is the resource name of a proposal.
func ProposalName(code, id string) string { return CityName(code) + proposals + id }

const proposals = "/proposals/"

// ProposalID reads ProposalName; false for any other name.
func ProposalID(name string) (string, bool) {
	_, id, ok := strings.Cut(name, proposals)
	return id, ok
}

// personName is empty for nobody.
func personName(code, id string) string {
	if id == "" {
		return ""
	}
	return CityName(code) + "/persons/" + id
}

var roleOf = map[city.Role]optionsv1.Role{
	city.RoleAttendant:   optionsv1.Role_ROLE_ATTENDANT,
	city.RoleAgent:       optionsv1.Role_ROLE_AGENT,
	city.RoleClerk:       optionsv1.Role_ROLE_CLERK,
	city.RoleDispatcher:  optionsv1.Role_ROLE_DISPATCHER,
	city.RoleSupervisor:  optionsv1.Role_ROLE_SUPERVISOR,
	city.RoleMayorOffice: optionsv1.Role_ROLE_MAYOR_OFFICE,
	city.RoleLeader:      optionsv1.Role_ROLE_LEADER,
	city.RoleCityAdmin:   optionsv1.Role_ROLE_CITY_ADMIN,
	city.RoleAuditor:     optionsv1.Role_ROLE_AUDITOR,
}

// Roles spells roles as contracts do.
func Roles(roles []city.Role) []optionsv1.Role {
	return each(roles, func(r city.Role) optionsv1.Role { return roleOf[r] })
}

func policy(p city.Policy) *directoryv1.Policy {
	return &directoryv1.Policy{
		Code:        p.Code,
		Source:      source(p),
		Channels:    p.Channels,
		AppealTypes: p.AppealTypes,
		Categories:  p.Categories,
		Urgencies:   p.Urgencies,
		Limits: each(p.Limits, func(l city.PolicyLimit) *directoryv1.PolicyLimit {
			limit := &directoryv1.PolicyLimit{Clock: string(l.Clock), Limit: l.Limit.String(), WarnPercent: int32(l.WarnPercent), Ladder: l.Ladder}
			if l.FromSigning {
				limit.From = city.FromSigning
			}
			return limit
		}),
	}
}

// source says with a policy's source which of its limits no rule gives, so that nobody takes a starting value for law.
func source(p city.Policy) string {
	unconfirmed := ""
	for _, l := range p.Limits {
		if l.Unconfirmed {
			if unconfirmed != "" {
				unconfirmed += ", "
			}
			unconfirmed += string(l.Clock)
		}
	}
	if unconfirmed == "" {
		return p.Source
	}
	return fmt.Sprintf("%s（待本市确认 / to be confirmed by the city: %s）", p.Source, unconfirmed)
}

func rung(r city.Rung) *directoryv1.Rung {
	step := &directoryv1.Rung{Rung: int32(r.Number), Accountable: string(r.Accountable)}
	if !r.AtBreach() {
		step.After = r.After.String()
	}
	return step
}

// calendarYear writes every day by itself: the contract has no ranges.
func calendarYear(y worktime.Year) *directoryv1.CalendarYear {
	year := &directoryv1.CalendarYear{Year: int32(y.Number), Origin: string(y.Origin), Source: y.Source,
		MakeUp: each(y.MakeUp, worktime.MonthDay.String)}
	for _, r := range y.DaysOff {
		last := time.Date(y.Number, r.To.Month, r.To.Day, 0, 0, 0, 0, time.UTC)
		for day := time.Date(y.Number, r.From.Month, r.From.Day, 0, 0, 0, 0, time.UTC); !day.After(last); day = day.AddDate(0, 0, 1) {
			year.DaysOff = append(year.DaysOff, worktime.MonthDay{Month: day.Month(), Day: day.Day()}.String())
		}
	}
	return year
}

func season(s worktime.Season) *directoryv1.Season {
	return &directoryv1.Season{From: s.From.String(), To: s.To.String(), Slots: each(s.Slots, worktime.Slot.String)}
}

func rules(r city.Rules) *directoryv1.Rules {
	return &directoryv1.Rules{
		MaxQuestions:          int32(r.MaxQuestions),
		WaitLimit:             r.WaitLimit.String(),
		MaxWaitWorkdays:       int32(r.MaxWaitWorkdays),
		NoQuestionLastPercent: int32(r.NoQuestionLastPercent),
		MaxReopens:            int32(r.MaxReopens),
		ReopenWindow:          r.ReopenWindow.String(),
		VerifyReminders:       each(r.VerifyReminders, worktime.Limit.String),
		ThinAnswerChars:       int32(r.ThinAnswerChars),
		ReturnWindow:          limitText(r.ReturnWindow),
		MaxReturns:            int32(r.MaxReturns),
		MaxExtensions:         int32(r.MaxExtensions),
		MaxExtensionWorkdays:  int32(r.MaxExtensionWorkdays),
		CallbackPercent:       int32(r.CallbackPercent),
		CallbackRetry:         limitText(r.CallbackRetry),
		MinVisitInterval:      limitText(r.MinVisitInterval),
	}
}

// limitText is empty for a limit that a city does not have.
func limitText(l worktime.Limit) string {
	if l == (worktime.Limit{}) {
		return ""
	}
	return l.String()
}

func each[A, B any](list []A, turn func(A) B) []B {
	turned := make([]B, len(list))
	for i, a := range list {
		turned[i] = turn(a)
	}
	return turned
}
