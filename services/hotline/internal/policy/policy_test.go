package policy_test

import (
	"slices"
	"testing"
	"time"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy"
	pt "github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

func TestTheFirstPolicyThatMatchesBinds(t *testing.T) {
	city := pt.City(t)
	tests := []struct{ channel, appealType, category, urgency, want string }{
		{"app", "help", "0702", "normal", "general"},
		{"app", "help", "", "normal", "general"},
		{"phone", "consultation", "0702", "normal", "consultation"},
		{"app", "report", "09", "urgent", "complaint"},
		{"app", "complaint", "0801", "urgent", "utilities-urgent"}, // by the category above it, and before complaint
		{"app", "complaint", "08", "urgent", "utilities-urgent"},
		{"app", "complaint", "0801", "normal", "complaint"},
		{"app", "help", "no such category", "urgent", "general"},
	}
	for _, tt := range tests {
		if p, ok := city.Match(tt.channel, tt.appealType, tt.category, tt.urgency); !ok || p.Code != tt.want {
			t.Errorf("%v: %q, %t", tt, p.Code, ok)
		}
	}
	narrow := pt.City(t, func(c *directoryv1.CityConfig) {
		c.Policies = c.GetPolicies()[:1]
		c.Policies[0].Channels = []string{"phone"}
	})
	if p, ok := narrow.Match("app", "help", "08", "urgent"); ok {
		t.Errorf("matched %q", p.Code)
	}
	if p, ok := narrow.Match("phone", "help", "08", "urgent"); !ok || len(p.Rules) != 10 {
		t.Errorf("%+v, %t", p, ok)
	}
}

func TestRules(t *testing.T) {
	p, _ := pt.City(t).Policy("utilities-urgent")
	want := policy.ClockRule{
		Clock: policy.ClockAnswer, Limit: worktime.Limit{Amount: 24, Unit: worktime.NaturalHours}, FromSign: true, WarnPercent: 50, Ladder: true,
	}
	if got, ok := p.Rule(policy.ClockAnswer); !ok || got != want {
		t.Errorf("%+v", got)
	}
	if _, ok := p.Rule("lunch"); ok {
		t.Error("a limit the policy lacks")
	}
}

func TestTheTreeOfUnits(t *testing.T) {
	city := pt.City(t)
	for _, tt := range []struct {
		unit, above string
		want        bool
	}{
		{pt.Permits, pt.Permits, true}, {pt.Permits, pt.Housing, true}, {pt.Permits, pt.Government, true},
		{pt.Housing, pt.Permits, false}, {pt.Permits, pt.Market, false}, {"nowhere", pt.Government, false}, {pt.Permits, "", false}, {"", "", false},
	} {
		if got := city.IsBelow(tt.unit, tt.above); got != tt.want {
			t.Errorf("%q below %q: %t", tt.unit, tt.above, got)
		}
	}
}

// TestATreeThatIsNone: a circle of units or categories, which the directory refuses, must not hang us.
func TestATreeThatIsNone(t *testing.T) {
	city := pt.City(t, func(c *directoryv1.CityConfig) {
		c.Units[0].Parent = pt.Permits
		c.Categories[0].Parent = "0702"
	})
	if city.IsBelow(pt.Permits, "nowhere") {
		t.Error("below nowhere")
	}
	if p, ok := city.Match("app", "help", "0702", "urgent"); !ok || p.Code != "general" {
		t.Errorf("matched %q", p.Code)
	}
}

func TestWhoIsAccountable(t *testing.T) {
	city := pt.City(t)
	tests := []struct {
		kind   policy.Accountable
		unit   string
		except string
		want   policy.Seat
	}{
		{policy.UnitLeader, pt.Housing, "", policy.Seat{Unit: pt.Housing, Official: pt.HousingLeader}},
		{policy.UnitLeader, pt.Permits, "", policy.Seat{Unit: pt.Housing, Official: pt.HousingLeader}},
		{policy.UnitLeader, pt.Housing, pt.HousingLeader, policy.Seat{Unit: pt.Government, Official: pt.Mayor}},
		{policy.UnitLeader, pt.Government, pt.Mayor, policy.Seat{Unit: pt.Government}},
		{policy.UnitLeader, "nowhere", "", policy.Seat{}},
		{policy.ParentLeader, pt.Permits, "", policy.Seat{Unit: pt.Government, Official: pt.Mayor}},
		{policy.ParentLeader, pt.Government, "", policy.Seat{Unit: pt.Government, Official: pt.Mayor}},
		{policy.ParentLeader, pt.Government, pt.Mayor, policy.Seat{Unit: pt.Government}},
		{policy.Supervisor, pt.Permits, "", policy.Seat{Unit: pt.Office, Official: pt.Supervisor}},
		{policy.Supervisor, pt.Permits, pt.Supervisor, policy.Seat{}},
		{policy.MayorOffice, pt.Permits, "", policy.Seat{Unit: pt.Office, Official: pt.MayorOffice}},
	}
	for _, tt := range tests {
		if got := city.Accountable(tt.kind, tt.unit, tt.except); got != tt.want {
			t.Errorf("%s of %s except %q: %v, want %v", tt.kind, tt.unit, tt.except, got, tt.want)
		}
	}
	near := pt.City(t, func(c *directoryv1.CityConfig) {
		c.Officials = append(c.Officials, &directoryv1.Official{
			Person: pt.Name + "/persons/near", Unit: pt.Housing, Roles: []optionsv1.Role{optionsv1.Role_ROLE_SUPERVISOR},
		})
	})
	if got := near.Accountable(policy.Supervisor, pt.Permits); got.Official != "near" {
		t.Errorf("the nearest supervisor is %v", got)
	}
	if got := near.Accountable(policy.Supervisor, pt.Market); got.Official != pt.Supervisor {
		t.Errorf("the first supervisor is %v", got)
	}
}

func TestVersionsInForce(t *testing.T) {
	first := pt.City(t)
	applied := pt.At("2026-03-01 12:00")
	second := pt.Next(t, first, pt.AppliedAt(applied), func(c *directoryv1.CityConfig) { c.CalendarYears = c.GetCalendarYears()[:2] })
	third := pt.Next(t, second, pt.AppliedAt(applied.Add(time.Hour)))
	for _, tt := range []struct {
		at   time.Time
		want *policy.City
	}{
		{applied.AddDate(-20, 0, 0), first}, {applied.Add(-1), first}, {applied, second}, {applied.Add(time.Hour - 1), second}, {applied.Add(time.Hour), third},
	} {
		if got := third.At(tt.at); got != tt.want {
			t.Errorf("at %s version %d, want %d", tt.at, got.Version(), tt.want.Version())
		}
	}
	for version, want := range map[int64]*policy.City{0: first, 1: first, 2: second, 3: third, 9: third} {
		if got := third.Revision(version); got != want {
			t.Errorf("revision %d is version %d", version, got.Version())
		}
	}
	if third.CalendarNamed(second.Calendar().Version()) != second.Calendar() || third.CalendarNamed("?") != third.Calendar() {
		t.Error("another calendar")
	}
}

func TestFromProto(t *testing.T) {
	city := pt.City(t)
	if zh, en := city.DisplayName(); zh != "濮阳市" || en != "Puyang" || city.Code() != pt.Code || city.DeskUnit() != pt.Desk {
		t.Errorf("%s %s %s %s", zh, en, city.Code(), city.DeskUnit())
	}
	if city.DefaultAppealType() != "help" {
		t.Errorf("default type %q", city.DefaultAppealType())
	}
	ladder := city.Ladder()
	if len(ladder) != 4 || ladder[0].Rung != 1 || !ladder[0].AtBreach() || ladder[3].Rung != 4 || ladder[3].After.String() != "5 workdays" || ladder[3].AtBreach() {
		t.Errorf("ladder %+v", ladder)
	}
	if r := city.Rules(); r.MaxQuestions != 2 || r.WaitLimit.String() != "3 workdays" || len(r.VerifyReminders) != 2 || r.ReopenWindow.String() != "15 days" {
		t.Errorf("rules %+v", r)
	}
	if r := city.Rules(); r.ReturnWindow.String() != "2 workdays" || r.MaxReturns != 2 || r.MaxExtensions != 1 || r.MaxExtensionWorkdays != 5 ||
		r.CallbackPercent != 50 || r.CallbackRetry.String() != "1 workday" {
		t.Errorf("rules %+v", r)
	}
	if city.Rates() != (policy.Rates{ResponseWeight: 10, ResolutionWeight: 50, SatisfactionWeight: 40, BasicallyPercent: 90}) {
		t.Errorf("rates %+v", city.Rates())
	}
	o, ok := city.Official(pt.Attendant)
	if !ok || o.Unit != pt.Permits || !o.CanHold() || !o.Has(policy.RoleAttendant) || o.Phone == "" {
		t.Errorf("%+v", o)
	}
	if u, ok := city.Unit(pt.Housing); !ok || u.Leader != pt.HousingLeader || u.Parent != pt.Government {
		t.Errorf("%+v", u)
	}
	if len(city.Units()) != 9 || len(city.Categories()) != 5 || len(city.AppealTypes()) != 5 || len(city.Counties()) != 1 || len(city.Officials()) != 17 {
		t.Error("a list is short")
	}
	if !city.Calendar().IsWorkday(worktime.Date{Year: 2026, Month: 2, Day: 14}) {
		t.Error("the make-up day of 2026-02-14 is off")
	}
}

func TestWhatNoRuleCouldWorkWith(t *testing.T) {
	for name, spoil := range map[string]func(*directoryv1.CityConfig){
		"a limit":       func(c *directoryv1.CityConfig) { c.Policies[0].Limits[0].Limit = "soon" },
		"a rung":        func(c *directoryv1.CityConfig) { c.Ladder[1].After = "soon" },
		"a rung gone":   func(c *directoryv1.CityConfig) { c.Ladder = slices.Delete(c.GetLadder(), 1, 2) },
		"the desk":      func(c *directoryv1.CityConfig) { c.DeskUnit = "nowhere" },
		"waiting":       func(c *directoryv1.CityConfig) { c.Rules.WaitLimit = "soon" },
		"the window":    func(c *directoryv1.CityConfig) { c.Rules.ReopenWindow = "soon" },
		"a reminder":    func(c *directoryv1.CityConfig) { c.Rules.VerifyReminders[0] = "" },
		"a day off":     func(c *directoryv1.CityConfig) { c.CalendarYears[0].DaysOff[0] = "13-01" },
		"a make-up day": func(c *directoryv1.CityConfig) { c.CalendarYears[0].MakeUp[0] = "01" },
		"a season":      func(c *directoryv1.CityConfig) { c.Seasons[0].From = "spring" },
		"its end":       func(c *directoryv1.CityConfig) { c.Seasons[0].To = "autumn" },
		"hours":         func(c *directoryv1.CityConfig) { c.Seasons[0].Slots[0] = "early" },
		"a year twice":  func(c *directoryv1.CityConfig) { c.CalendarYears[1].Year = 2025 },
	} {
		in := pt.Config()
		spoil(in)
		if _, err := policy.FromProto(in, nil); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := policy.New(policy.Config{}, nil); err == nil {
		t.Error("a city without a calendar")
	}
	if _, err := policy.FromProto(pt.Config(), pt.City(t)); err == nil {
		t.Error("a version that follows itself")
	}
}

func TestRolesAreTheContracts(t *testing.T) {
	want := []policy.Role{
		policy.RoleMember, policy.RoleEnterpriseAdmin, policy.RoleAttendant, policy.RoleAgent, policy.RoleClerk, policy.RoleDispatcher,
		policy.RoleSupervisor, policy.RoleMayorOffice, policy.RoleLeader, policy.RoleCityAdmin, policy.RoleAuditor,
	}
	if len(want) != len(optionsv1.Role_name)-1 {
		t.Fatal("a role without a word")
	}
	for i, role := range want {
		if got := policy.RoleOf(optionsv1.Role(i + 1)); got != role {
			t.Errorf("role %d is %q", i+1, got)
		}
	}
}
