// Package policytest is a small city in the likeness of Puyang for the tests of the hotline: a tree of units, officials in every
// role, policies with every kind of limit, and calendars of which the last year is projected.
//
// It depends on the directory's contract and on internal/policy.
package policytest

import (
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
)

// Code is the city's code, and Name its resource name.
const (
	Code = "410900"
	Name = "cities/" + Code
)

// The units: the desk and the departments under the city government, a division under housing, and a county with its centre.
const (
	Government = "gov"
	Desk       = "desk"
	Office     = "office"
	Housing    = "housing"
	Permits    = "permits" // a division of Housing, without a leader of its own
	Market     = "market"
	Water      = "water"
	County     = "hualong" // its county is CountyCode
	Centre     = "hualong-centre"
	CountyCode = "410902"
)

// The officials, by id.
const (
	Mayor         = "01900000-0000-7000-8000-000000000001" // leads Government
	HousingLeader = "01900000-0000-7000-8000-000000000002"
	MarketLeader  = "01900000-0000-7000-8000-000000000003"
	DeskLeader    = "01900000-0000-7000-8000-000000000004"
	Attendant     = "01900000-0000-7000-8000-000000000011" // of Permits
	Attendant2    = "01900000-0000-7000-8000-000000000012" // of Market
	Clerk         = "01900000-0000-7000-8000-000000000013" // of Water
	Agent         = "01900000-0000-7000-8000-000000000014"
	HousingClerk  = "01900000-0000-7000-8000-000000000015"
	MarketClerk   = "01900000-0000-7000-8000-000000000016"
	PermitsClerk  = "01900000-0000-7000-8000-000000000017"
	Dispatcher    = "01900000-0000-7000-8000-000000000021"
	Dispatcher2   = "01900000-0000-7000-8000-000000000022"
	Supervisor    = "01900000-0000-7000-8000-000000000031"
	MayorOffice   = "01900000-0000-7000-8000-000000000032"
	Admin         = "01900000-0000-7000-8000-000000000041"
	Auditor       = "01900000-0000-7000-8000-000000000042"
)

// Zone is the city's civil time.
var Zone = time.FixedZone("Asia/Shanghai", 8*60*60)

// At reads "2026-03-02 09:00" or "2026-03-02 09:00:05" as the city's civil time. It panics on anything else.
func At(text string) time.Time {
	layout := "2006-01-02 15:04:05"[:len(text)]
	t, err := time.ParseInLocation(layout, text, Zone)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

// City returns version 1 of the city, changed before it is made by every change given.
func City(tb testing.TB, changes ...func(*directoryv1.CityConfig)) *policy.City {
	tb.Helper()
	return Next(tb, nil, changes...)
}

// Next returns the version after an earlier one, which is nil for the first. It comes into force where Applied says, for later versions
// unless a change sets it otherwise.
func Next(tb testing.TB, earlier *policy.City, changes ...func(*directoryv1.CityConfig)) *policy.City {
	tb.Helper()
	in := Config()
	if earlier != nil {
		in.Version = earlier.Version() + 1
	}
	for _, change := range changes {
		change(in)
	}
	city, err := policy.FromProto(in, earlier)
	if err != nil {
		tb.Fatal(err)
	}
	return city
}

// AppliedAt lets a version come into force at an instant.
func AppliedAt(t time.Time) func(*directoryv1.CityConfig) {
	return func(c *directoryv1.CityConfig) { c.ApplyTime = timestamppb.New(t) }
}

// Config returns version 1 of the city as the directory gives it, a new copy each time. The calendars are those of the notices of 2025
// and 2026; 2027 is projected.
func Config() *directoryv1.CityConfig {
	return &directoryv1.CityConfig{
		Name: Name, Version: 1, ApplyTime: timestamppb.New(At("2025-01-01 00:00")), DisplayName: "濮阳市", DisplayNameEn: "Puyang",
		TimeZone: "Asia/Shanghai", DeskUnit: Desk,
		Units: units(), Categories: categories(), AppealTypes: appealTypes(), Officials: officials(),
		Counties: []*directoryv1.County{{Code: CountyCode, DisplayName: "华龙区", DisplayNameEn: "Hualong"}},
		Policies: policies(),
		Ladder: []*directoryv1.Rung{
			{Rung: 1, Accountable: "unit-leader"},
			{Rung: 2, After: "1 workday", Accountable: "parent-leader"},
			{Rung: 3, After: "3 workdays", Accountable: "supervisor"},
			{Rung: 4, After: "5 workdays", Accountable: "mayor-office"},
		},
		CalendarYears: []*directoryv1.CalendarYear{
			{
				Year: 2025, Origin: "official", Source: "国办发明电〔2024〕12号",
				DaysOff: []string{"01-01", "01-28..02-04", "04-04..04-06", "05-01..05-05", "05-31..06-02", "10-01..10-08"},
				MakeUp:  []string{"01-26", "02-08", "04-27", "09-28", "10-11"},
			},
			Notice2026(),
			{Year: 2027, Origin: "projected", Source: "全国年节及纪念日放假办法 (2024)", DaysOff: []string{"01-01..01-03", "02-05..02-12", "10-01..10-07"}},
		},
		Seasons: []*directoryv1.Season{{From: "01-01", To: "12-31", Slots: []string{"08:30-12:00", "14:30-18:00"}}},
		Rules: &directoryv1.Rules{
			MaxQuestions: 2, WaitLimit: "3 workdays", MaxWaitWorkdays: 5, NoQuestionLastPercent: 10, MaxReopens: 2, ReopenWindow: "15 days",
			VerifyReminders: []string{"2 workdays", "4 workdays"}, ThinAnswerChars: 20,
			ReturnWindow: "2 workdays", MaxReturns: 2, MaxExtensions: 1, MaxExtensionWorkdays: 5, CallbackPercent: 50, CallbackRetry: "1 workday",
		},
		Rates: &directoryv1.RateFormula{ResponseWeight: 10, ResolutionWeight: 50, SatisfactionWeight: 40, BasicallyPercent: 90},
	}
}

// Notice2026 is the year 2026 as its notice gives it.
func Notice2026() *directoryv1.CalendarYear {
	return &directoryv1.CalendarYear{
		Year: 2026, Origin: "official", Source: "国办发明电〔2025〕7号",
		DaysOff: []string{"01-01..01-03", "02-15..02-23", "04-04..04-06", "05-01..05-05", "06-19..06-21", "09-25..09-27", "10-01..10-07"},
		MakeUp:  []string{"01-04", "02-14", "02-28", "05-09", "09-20", "10-10"},
	}
}

func person(id string) string {
	if id == "" {
		return ""
	}
	return Name + "/persons/" + id
}

func units() []*directoryv1.Unit {
	unit := func(code, zh, en, parent, kind, leader string) *directoryv1.Unit {
		return &directoryv1.Unit{Code: code, DisplayName: zh, DisplayNameEn: en, Parent: parent, Kind: kind, Leader: person(leader)}
	}
	all := []*directoryv1.Unit{
		unit(Government, "濮阳市人民政府", "City government", "", "office", Mayor),
		unit(Desk, "市长直通车办公室", "Through-Train desk", Government, "desk", DeskLeader),
		unit(Office, "市政府办公室", "Mayor's office", Government, "office", ""),
		unit(Housing, "住房和城乡建设局", "Housing and construction", Government, "department", HousingLeader),
		unit(Permits, "施工许可科", "Construction permits", Housing, "department", ""),
		unit(Market, "市场监督管理局", "Market regulation", Government, "department", MarketLeader),
		unit(Water, "自来水公司", "Water supply", Government, "utility", ""),
		unit(County, "华龙区", "Hualong district", Government, "county", ""),
		unit(Centre, "华龙区企业服务中心", "Hualong service centre", County, "county", ""),
	}
	all[7].County, all[8].County = CountyCode, CountyCode
	return all
}

func categories() []*directoryv1.Category {
	return []*directoryv1.Category{
		{Code: "07", DisplayName: "工程建设", DisplayNameEn: "Construction", Unit: Housing},
		{Code: "0702", DisplayName: "施工许可", DisplayNameEn: "Permits", Parent: "07", Unit: Permits},
		{Code: "08", DisplayName: "水电气暖", DisplayNameEn: "Utilities", Unit: Water},
		{Code: "0801", DisplayName: "供水", DisplayNameEn: "Water", Parent: "08", Unit: Water},
		{Code: "09", DisplayName: "市场监管", DisplayNameEn: "Market", Unit: Market},
	}
}

func appealTypes() []*directoryv1.AppealType {
	return []*directoryv1.AppealType{
		{Code: "consultation", DisplayName: "咨询", DisplayNameEn: "Consultation"},
		{Code: "help", DisplayName: "求助", DisplayNameEn: "Help", Default: true},
		{Code: "suggestion", DisplayName: "建议", DisplayNameEn: "Suggestion"},
		{Code: "complaint", DisplayName: "投诉", DisplayNameEn: "Complaint"},
		{Code: "report", DisplayName: "举报", DisplayNameEn: "Report"},
	}
}

func policies() []*directoryv1.Policy {
	limits := func(answer string) []*directoryv1.PolicyLimit {
		return []*directoryv1.PolicyLimit{
			{Clock: "dispatch", Limit: "24 hours, roll", WarnPercent: 80},
			{Clock: "sign", Limit: "24 hours, roll", WarnPercent: 80},
			{Clock: "contact", Limit: "1 workday", WarnPercent: 80, Ladder: true},
			{Clock: "answer", Limit: answer, WarnPercent: 80, Ladder: true},
			{Clock: "verify", Limit: "5 workdays"},
			{Clock: "order_sign", Limit: "1 workday", WarnPercent: 80},
			{Clock: "handle", Limit: "3 workdays", WarnPercent: 80, Ladder: true},
			{Clock: "return", Limit: "1 workday"},
			{Clock: "extension", Limit: "1 workday"},
			{Clock: "dialogue", Limit: "3 workdays"},
		}
	}
	return []*directoryv1.Policy{
		{
			Code: "utilities-urgent", Source: "河南省12345管理办法", Categories: []string{"08"}, Urgencies: []string{"urgent"},
			Limits: []*directoryv1.PolicyLimit{
				{Clock: "dispatch", Limit: "2 hours", Ladder: true},
				{Clock: "sign", Limit: "1 hour", Ladder: true},
				{Clock: "contact", Limit: "2 hours", From: "sign", Ladder: true},
				{Clock: "answer", Limit: "24 hours", From: "sign", WarnPercent: 50, Ladder: true},
				{Clock: "verify", Limit: "5 workdays"},
				{Clock: "order_sign", Limit: "1 hour"},
				{Clock: "handle", Limit: "12 hours", From: "sign", Ladder: true},
				{Clock: "return", Limit: "2 hours"},
				{Clock: "extension", Limit: "2 hours"},
				{Clock: "dialogue", Limit: "1 workday"},
			},
		},
		{Code: "consultation", Source: "河南省12345管理办法", AppealTypes: []string{"consultation"}, Limits: limits("3 workdays")},
		{Code: "complaint", Source: "河南省12345管理办法", AppealTypes: []string{"complaint", "report"}, Limits: limits("10 workdays")},
		{Code: "general", Source: "河南省12345管理办法", Limits: limits("5 workdays")},
	}
}

func officials() []*directoryv1.Official {
	official := func(id, login, name, title, unit string, roles ...optionsv1.Role) *directoryv1.Official {
		return &directoryv1.Official{
			Person: person(id), Login: login, DisplayName: name, Title: title, Unit: unit, Phone: "0393-5550" + id[len(id)-3:], Roles: roles,
		}
	}
	return []*directoryv1.Official{
		official(Mayor, "mayor", "程远", "市长", Government, optionsv1.Role_ROLE_LEADER),
		official(HousingLeader, "housing-leader", "苏明", "局长", Housing, optionsv1.Role_ROLE_LEADER),
		official(MarketLeader, "market-leader", "韩立", "局长", Market, optionsv1.Role_ROLE_LEADER),
		official(DeskLeader, "desk-leader", "白雪", "主任", Desk, optionsv1.Role_ROLE_LEADER),
		official(Attendant, "attendant", "陆平", "首席服务员", Permits, optionsv1.Role_ROLE_ATTENDANT),
		official(Attendant2, "attendant2", "方圆", "首席服务员", Market, optionsv1.Role_ROLE_ATTENDANT),
		official(Clerk, "clerk", "于洋", "科员", Water, optionsv1.Role_ROLE_CLERK),
		official(HousingClerk, "housing-clerk", "柳青", "科员", Housing, optionsv1.Role_ROLE_CLERK),
		official(MarketClerk, "market-clerk", "秦岭", "科员", Market, optionsv1.Role_ROLE_CLERK),
		official(PermitsClerk, "permits-clerk", "夏雨", "科员", Permits, optionsv1.Role_ROLE_CLERK),
		official(Agent, "agent", "宋佳", "代办员", Centre, optionsv1.Role_ROLE_AGENT),
		official(Dispatcher, "dispatcher", "江河", "派单员", Desk, optionsv1.Role_ROLE_DISPATCHER),
		official(Dispatcher2, "dispatcher2", "田野", "派单员", Desk, optionsv1.Role_ROLE_DISPATCHER),
		official(Supervisor, "supervisor", "高峰", "督办员", Office, optionsv1.Role_ROLE_SUPERVISOR),
		official(MayorOffice, "mayor-office", "严正", "副主任", Office, optionsv1.Role_ROLE_MAYOR_OFFICE),
		official(Admin, "admin", "石磊", "管理员", Desk, optionsv1.Role_ROLE_CITY_ADMIN),
		official(Auditor, "auditor", "钟鸣", "审计员", Office, optionsv1.Role_ROLE_AUDITOR),
	}
}
