// Package cataloguetest is a small city in the likeness of Puyang for the tests of the approval agency: two centres with agents, departments with
// clerks, counties that decide what is theirs, a catalogue with everything an item can have, and calendars of which the last year is projected.
//
// It depends on the directory's contract and on internal/catalogue.
package cataloguetest

import (
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
)

// Code is the city's code, and Name its resource name.
const (
	Code = "410900"
	Name = "cities/" + Code
)

// The units: departments under the city government, the two centres, a division under housing, a supplier and two counties.
const (
	Government = "gov"
	Office     = "office"
	Planning   = "planning"
	Housing    = "housing"
	Permits    = "permits" // a division of Housing, without a leader of its own
	Ecology    = "ecology"
	Water      = "water"
	Approvals  = "approvals" // a centre that decides an item of its own
	Commerce   = "commerce"
	Investment = "investment" // a centre below Commerce
	Hualong    = "hualong"    // the county HualongCode, which decides what no unit is named for
	Qingfeng   = "qingfeng"   // the county QingfengCode

	HualongCode  = "410902"
	QingfengCode = "410922"
)

// The officials, by id.
const (
	Mayor            = "01900000-0000-7000-8000-000000000001" // leads Government
	PlanningLeader   = "01900000-0000-7000-8000-000000000002"
	HousingLeader    = "01900000-0000-7000-8000-000000000003"
	EcologyLeader    = "01900000-0000-7000-8000-000000000004"
	ApprovalsLeader  = "01900000-0000-7000-8000-000000000005"
	InvestmentLeader = "01900000-0000-7000-8000-000000000006"
	HualongLeader    = "01900000-0000-7000-8000-000000000007"
	ApprovalsAgent   = "01900000-0000-7000-8000-000000000011"
	ApprovalsAgent2  = "01900000-0000-7000-8000-000000000012"
	InvestmentAgent  = "01900000-0000-7000-8000-000000000013"
	InvestmentAgent2 = "01900000-0000-7000-8000-000000000014"
	ApprovalsClerk   = "01900000-0000-7000-8000-000000000021"
	InvestmentClerk  = "01900000-0000-7000-8000-000000000022"
	PlanningClerk    = "01900000-0000-7000-8000-000000000023"
	PlanningClerk2   = "01900000-0000-7000-8000-000000000024"
	HousingClerk     = "01900000-0000-7000-8000-000000000025"
	PermitsClerk     = "01900000-0000-7000-8000-000000000026"
	EcologyClerk     = "01900000-0000-7000-8000-000000000027"
	WaterClerk       = "01900000-0000-7000-8000-000000000028"
	HualongClerk     = "01900000-0000-7000-8000-000000000029" // of the county's investment department
	QingfengClerk    = "01900000-0000-7000-8000-00000000002a"
	Supervisor       = "01900000-0000-7000-8000-000000000031"
	MayorOffice      = "01900000-0000-7000-8000-000000000032"
	Admin            = "01900000-0000-7000-8000-000000000041"
	Auditor          = "01900000-0000-7000-8000-000000000042"
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
func City(tb testing.TB, changes ...func(*directoryv1.CityConfig)) *catalogue.City {
	tb.Helper()
	return Next(tb, nil, changes...)
}

// Next returns the version after an earlier one, which is nil for the first. It comes into force with the first one unless a change sets it
// otherwise.
func Next(tb testing.TB, earlier *catalogue.City, changes ...func(*directoryv1.CityConfig)) *catalogue.City {
	tb.Helper()
	in := Config()
	if earlier != nil {
		in.Version = earlier.Version() + 1
	}
	for _, change := range changes {
		change(in)
	}
	city, err := catalogue.FromProto(in, earlier)
	if err != nil {
		tb.Fatal(err)
	}
	return city
}

// Version returns a version of the city with all before it. Each promises SitePermit two workdays sooner than the one before, from the first day
// of a month on: version 2 from April 2026, version 3 from May.
func Version(tb testing.TB, number int64) *catalogue.City {
	tb.Helper()
	city := City(tb)
	for city.Version() < number {
		step := city.Version()
		city = Next(tb, city, AppliedAt(time.Date(2026, time.Month(3+step), 1, 0, 0, 0, 0, Zone)), func(c *directoryv1.CityConfig) {
			Item(c, SitePermit).PromisedWorkdays -= 2 * int32(step)
		})
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
		TimeZone: "Asia/Shanghai",
		Units:    units(), Officials: officials(), Catalogue: approvals(),
		Counties: []*directoryv1.County{
			{Code: HualongCode, DisplayName: "华龙区", DisplayNameEn: "Hualong"},
			{Code: QingfengCode, DisplayName: "清丰县", DisplayNameEn: "Qingfeng"},
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
	county := func(code, zh, en, leader, county string) *directoryv1.Unit {
		u := unit(code, zh, en, Government, "county", leader)
		u.County = county
		return u
	}
	return []*directoryv1.Unit{
		unit(Government, "濮阳市人民政府", "City government", "", "office", Mayor),
		unit(Office, "市政府办公室", "Mayor's office", Government, "office", ""),
		unit(Planning, "自然资源和规划局", "Natural resources and planning", Government, "department", PlanningLeader),
		unit(Housing, "住房和城乡建设局", "Housing and construction", Government, "department", HousingLeader),
		unit(Ecology, "生态环境局", "Ecology and environment", Government, "department", EcologyLeader),
		unit(Water, "自来水公司", "Water supply", Government, "utility", ""),
		unit(Approvals, "行政审批局", "Administrative approval", Government, "department", ApprovalsLeader),
		unit(Commerce, "商务局", "Commerce", Government, "department", ""),
		county(Hualong, "华龙区", "Hualong district", HualongLeader, HualongCode),
		county(Qingfeng, "清丰县", "Qingfeng county", "", QingfengCode),
		unit(Permits, "施工许可科", "Construction permits", Housing, "department", ""),
		unit(Investment, "投资促进服务中心", "Investment promotion", Commerce, "department", InvestmentLeader),
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
		official(PlanningLeader, "planning-leader", "罗成", "局长", Planning, optionsv1.Role_ROLE_LEADER),
		official(HousingLeader, "housing-leader", "苏明", "局长", Housing, optionsv1.Role_ROLE_LEADER),
		official(EcologyLeader, "ecology-leader", "叶青", "局长", Ecology, optionsv1.Role_ROLE_LEADER),
		official(ApprovalsLeader, "approvals-leader", "郑重", "局长", Approvals, optionsv1.Role_ROLE_LEADER),
		official(InvestmentLeader, "investment-leader", "唐宁", "主任", Investment, optionsv1.Role_ROLE_LEADER),
		official(HualongLeader, "hualong-leader", "章程", "区长", Hualong, optionsv1.Role_ROLE_LEADER),
		official(ApprovalsAgent, "approvals-agent", "宋佳", "代办员", Approvals, optionsv1.Role_ROLE_AGENT),
		official(ApprovalsAgent2, "approvals-agent2", "温和", "代办员", Approvals, optionsv1.Role_ROLE_AGENT),
		official(InvestmentAgent, "investment-agent", "于飞", "代办员", Investment, optionsv1.Role_ROLE_AGENT),
		official(InvestmentAgent2, "investment-agent2", "谷雨", "代办员", Investment, optionsv1.Role_ROLE_AGENT),
		official(ApprovalsClerk, "approvals-clerk", "常青", "科员", Approvals, optionsv1.Role_ROLE_CLERK),
		official(InvestmentClerk, "investment-clerk", "姚远", "科员", Investment, optionsv1.Role_ROLE_CLERK),
		official(PlanningClerk, "planning-clerk", "方正", "科员", Planning, optionsv1.Role_ROLE_CLERK),
		official(PlanningClerk2, "planning-clerk2", "米兰", "科员", Planning, optionsv1.Role_ROLE_CLERK),
		official(HousingClerk, "housing-clerk", "柳青", "科员", Housing, optionsv1.Role_ROLE_CLERK),
		official(PermitsClerk, "permits-clerk", "夏雨", "科员", Permits, optionsv1.Role_ROLE_CLERK),
		official(EcologyClerk, "ecology-clerk", "林海", "科员", Ecology, optionsv1.Role_ROLE_CLERK),
		official(WaterClerk, "water-clerk", "于洋", "客户经理", Water, optionsv1.Role_ROLE_CLERK),
		official(HualongClerk, "hualong-clerk", "华章", "投资服务专员", Hualong, optionsv1.Role_ROLE_CLERK),
		official(QingfengClerk, "qingfeng-clerk", "清源", "投资服务专员", Qingfeng, optionsv1.Role_ROLE_CLERK),
		official(Supervisor, "supervisor", "高峰", "督办员", Office, optionsv1.Role_ROLE_SUPERVISOR),
		official(MayorOffice, "mayor-office", "严正", "副主任", Office, optionsv1.Role_ROLE_MAYOR_OFFICE),
		official(Admin, "admin", "石磊", "管理员", Office, optionsv1.Role_ROLE_CITY_ADMIN),
		official(Auditor, "auditor", "钟鸣", "审计员", Office, optionsv1.Role_ROLE_AUDITOR),
	}
}

// Clerk returns the id of somebody who works on what a unit has to decide; empty when there is nobody.
func Clerk(unit string) string { return first(unit, optionsv1.Role_ROLE_CLERK) }

// Agent returns the id of a centre's first agent; empty when there is none.
func Agent(centre string) string { return first(centre, optionsv1.Role_ROLE_AGENT) }

func first(unit string, role optionsv1.Role) string {
	for _, o := range officials() {
		if o.GetUnit() == unit && o.GetRoles()[0] == role {
			return o.GetPerson()[len(Name+"/persons/"):]
		}
	}
	return ""
}
