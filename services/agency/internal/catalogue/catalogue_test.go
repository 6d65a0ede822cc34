package catalogue_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	ct "github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

func TestVersionsOfACity(t *testing.T) {
	third := ct.Version(t, 3)
	second, first := third.Revision(2), third.Revision(1)
	for _, tt := range []struct {
		at   string
		want *catalogue.City
	}{
		{"2006-01-01 00:00", first}, {"2026-03-31 23:59:59", first}, {"2026-04-01 00:00", second}, {"2026-04-30 23:59:59", second}, {"2026-05-01 00:00", third},
	} {
		if got := third.At(ct.At(tt.at)); got != tt.want {
			t.Errorf("at %s version %d, want %d", tt.at, got.Version(), tt.want.Version())
		}
	}
	for version, want := range map[int64]int64{0: 1, 1: 1, 2: 2, 3: 3, 9: 3} {
		if got := third.Revision(version); got.Version() != want {
			t.Errorf("revision %d is version %d", version, got.Version())
		}
	}
	for i, city := range []*catalogue.City{first, second, third} {
		if item, ok := city.Item(ct.SitePermit); !ok || item.Promised != 10-2*i {
			t.Errorf("version %d promises %d workdays", city.Version(), item.Promised)
		}
	}
}

func TestCalendarNamed(t *testing.T) {
	first := ct.City(t, func(c *directoryv1.CityConfig) { c.CalendarYears = c.GetCalendarYears()[:1] })
	second := ct.Next(t, first)
	if first.Calendar().Version() == second.Calendar().Version() {
		t.Fatal("the calendars are the same")
	}
	if second.CalendarNamed(first.Calendar().Version()) != first.Calendar() || second.CalendarNamed("?") != second.Calendar() {
		t.Error("another calendar")
	}
}

func TestFromProto(t *testing.T) {
	city := ct.City(t)
	if zh, en := city.DisplayName(); zh != "濮阳市" || en != "Puyang" || city.Code() != ct.Code || city.Version() != 1 || !city.HasCatalogue() {
		t.Errorf("%s %s %s %d", zh, en, city.Code(), city.Version())
	}
	if len(city.Units()) != 12 || len(city.Counties()) != 2 || len(city.Officials()) != 25 || len(city.Stages()) != 5 || len(city.Items()) != 14 ||
		len(city.Materials()) != 13 || len(city.Choices(catalogue.QuestionType)) != 4 || len(city.Choices("weather")) != 0 {
		t.Error("a list is too short or too long")
	}
	if s, ok := city.Stage(ct.Utilities); !ok || !s.Beside || s.LeadUnit != ct.Housing {
		t.Errorf("%+v", s)
	}
	if m, ok := city.Material(ct.Opinion); !ok || m != (catalogue.Material{Code: ct.Opinion, DisplayName: "选址意见书", DisplayNameEn: "Site opinion",
		Source: catalogue.SourceResult, ResultOf: ct.SiteOpinion, ValidityMonths: 36}) {
		t.Errorf("%+v", m)
	}
	if o, ok := city.Official(ct.ApprovalsAgent); !ok || !o.Agent || o.Clerk || o.Unit != ct.Approvals || o.Phone == "" || o.DisplayName == "" || o.Title == "" {
		t.Errorf("%+v", o)
	}
	if o, ok := city.Official(ct.Clerk(ct.Permits)); !ok || o.Agent || !o.Clerk {
		t.Errorf("%+v", o)
	}
	if s, ok := city.LineSystem(ct.System); !ok || s.Unit != ct.Housing || string(s.PublicKey) != string(ct.PublicKey()) {
		t.Errorf("%+v", s)
	}
	if !city.Calendar().IsWorkday(worktime.Date{Year: 2026, Month: 2, Day: 14}) {
		t.Error("the make-up day of 2026-02-14 is off")
	}
	workdays := func(n int) worktime.Limit { return worktime.Limit{Amount: n, Unit: worktime.Workdays} }
	if diff := cmp.Diff(catalogue.Rules{
		Centres: []string{ct.Approvals, ct.Investment}, AdmitLimit: workdays(2), AssignLimit: workdays(1), AcceptLimit: workdays(5), CorrectLimit: workdays(30),
		OpinionLimit: workdays(3), DeliverLimit: workdays(10), WithdrawalLimit: workdays(2), ExtensionLimit: workdays(2),
		CommitmentReminders: []worktime.Limit{workdays(2), workdays(1)}, WarnPercent: 80,
		ProcedureWorkdays: map[string]int{"hearing": 20, "test": 30, "expert-review": 30, "publicity": 10, "inspection": 10, "bidding": 60},
		EntrustmentMonths: 24, StuckAfter: workdays(5), TicketCategory: "02",
	}, city.Rules()); diff != "" {
		t.Error(diff)
	}
}

// The item of each kind that has the most to it, field by field.
func TestItems(t *testing.T) {
	city := ct.City(t)
	for _, want := range []catalogue.Item{
		{
			Code: ct.Verification, DisplayName: "外商投资项目核准", DisplayNameEn: "Verification of foreign investment", Stage: ct.Land, Unit: ct.Approvals,
			Kind: catalogue.KindVerification, Statutory: 20, Promised: 10, Extension: 10,
			When:       catalogue.Condition{Investors: []string{"foreign"}, MinInvestment: 100_000_000_00},
			Materials:  []catalogue.ItemMaterial{{Material: ct.Form, Principal: true}, {Material: ct.Licence, Principal: true}, {Material: ct.Feasibility, Principal: true}},
			Procedures: []string{catalogue.ProcedureReview},
		},
		{
			Code: ct.SoilPlan, DisplayName: "水土保持方案审批", DisplayNameEn: "Soil conservation", Stage: ct.Land, Unit: ct.Approvals, Kind: catalogue.KindApproval,
			Statutory: 10, Promised: 5, After: []string{ct.Filing, ct.Verification},
			When:      catalogue.Condition{Hazards: []string{"water-soil"}, BelowInvestment: 1_000_000_000_00, BelowFloorArea: 100_000},
			Materials: []catalogue.ItemMaterial{{Material: ct.Form, Principal: true}, {Material: ct.Report, Principal: true}},
			Promise:   &catalogue.Promise{Fulfil: 10, Check: 5},
		},
		{
			Code: ct.BuildPermit, DisplayName: "建筑工程施工许可证", DisplayNameEn: "Construction permit", Stage: ct.Construction, Unit: ct.Permits,
			Kind: catalogue.KindApproval, Statutory: 7, Promised: 3, After: []string{ct.SitePermit, ct.CivilDefence}, Needs: []string{ct.FireReview},
			Materials:   []catalogue.ItemMaterial{{Material: ct.Form, Principal: true}, {Material: ct.SitePaper, Principal: true}, {Material: ct.Contract, Tolerable: true}},
			Tolerance:   &catalogue.Tolerance{MaxWorkdays: 3, Consequence: catalogue.ConsequenceWithdrawn, CertificateAtOnce: true},
			Certificate: "建筑工程施工许可证", CertificateEn: "Construction permit",
		},
	} {
		got, _ := city.Item(want.Code)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", want.Code, diff)
		}
	}
	if item, _ := city.Item(ct.SitePermit); !item.JointReview || item.ValidMonths != 12 || item.Basis != "" {
		t.Errorf("%+v", item)
	}
}

// An open case keeps its items and materials as JSON; what comes back must be what the city said.
func TestWhatACaseKeepsComesBack(t *testing.T) {
	city := ct.City(t)
	in := struct {
		Items     []catalogue.Item
		Materials []catalogue.Material
		Answers   catalogue.Answers
	}{city.Items(), city.Materials(), ct.Plant()}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	out := in
	out.Items, out.Materials, out.Answers = nil, nil, catalogue.Answers{}
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in, out); diff != "" {
		t.Error(diff)
	}
}

func TestACityWithoutACatalogue(t *testing.T) {
	city := ct.City(t, func(c *directoryv1.CityConfig) { c.Catalogue = nil })
	if city.HasCatalogue() || len(city.Items()) != 0 || city.IsCentre(ct.Approvals) || len(city.Select(ct.Plant())) != 0 {
		t.Error("there is a catalogue")
	}
	if len(city.Units()) != 12 || city.Calendar() == nil {
		t.Error("the rest is gone")
	}
}

func TestWhatNoRuleCouldWorkWith(t *testing.T) {
	for name, spoil := range map[string]func(*directoryv1.CityConfig){
		"a stage gone":      func(c *directoryv1.CityConfig) { ct.Item(c, ct.Filing).Stage = "nowhere" },
		"a unit gone":       func(c *directoryv1.CityConfig) { ct.Item(c, ct.SitePermit).Unit = "nowhere" },
		"an item gone":      func(c *directoryv1.CityConfig) { ct.Item(c, ct.SitePermit).After[0] = "nothing" },
		"a need gone":       func(c *directoryv1.CityConfig) { ct.Item(c, ct.BuildPermit).Needs[0] = "nothing" },
		"a material gone":   func(c *directoryv1.CityConfig) { ct.Item(c, ct.SitePermit).Materials[0].Material = "nothing" },
		"a result of none":  func(c *directoryv1.CityConfig) { c.Catalogue.Materials[8].ResultOf = "nothing" },
		"a circle":          func(c *directoryv1.CityConfig) { ct.Item(c, ct.Filing).Needs = []string{ct.BuildPermit} },
		"an item after it":  func(c *directoryv1.CityConfig) { ct.Item(c, ct.Filing).After = []string{ct.Filing} },
		"no centre":         func(c *directoryv1.CityConfig) { c.Catalogue.Rules.Centres = nil },
		"a centre gone":     func(c *directoryv1.CityConfig) { c.Catalogue.Rules.Centres[1] = "nowhere" },
		"a lead unit gone":  func(c *directoryv1.CityConfig) { c.Catalogue.Stages[0].LeadUnit = "nowhere" },
		"a limit":           func(c *directoryv1.CityConfig) { c.Catalogue.Rules.AcceptLimit = "soon" },
		"the last limit":    func(c *directoryv1.CityConfig) { c.Catalogue.Rules.StuckAfter = "soon" },
		"a reminder":        func(c *directoryv1.CityConfig) { c.Catalogue.Rules.CommitmentReminders[0] = "" },
		"a key cut short":   func(c *directoryv1.CityConfig) { c.Catalogue.LineSystems[0].PublicKey = []byte("short") },
		"a day off":         func(c *directoryv1.CityConfig) { c.CalendarYears[0].DaysOff[0] = "13-01" },
		"a make-up day":     func(c *directoryv1.CityConfig) { c.CalendarYears[0].MakeUp[0] = "01" },
		"a season":          func(c *directoryv1.CityConfig) { c.Seasons[0].From = "spring" },
		"its end":           func(c *directoryv1.CityConfig) { c.Seasons[0].To = "autumn" },
		"hours":             func(c *directoryv1.CityConfig) { c.Seasons[0].Slots[0] = "early" },
		"a year twice":      func(c *directoryv1.CityConfig) { c.CalendarYears[1].Year = 2025 },
		"a circle of needs": func(c *directoryv1.CityConfig) { ct.Item(c, ct.FireReview).Needs = []string{ct.BuildPermit} },
	} {
		in := ct.Config()
		spoil(in)
		if _, err := catalogue.FromProto(in, nil); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := catalogue.New(catalogue.Config{}, nil); err == nil {
		t.Error("a city without a calendar")
	}
	if _, err := catalogue.FromProto(ct.Config(), ct.City(t)); err == nil {
		t.Error("a version that follows itself")
	}
}

func TestEveryLimitMayBeMissing(t *testing.T) {
	city := ct.City(t, func(c *directoryv1.CityConfig) {
		c.Catalogue.Rules = &directoryv1.AgencyRules{Centres: []string{ct.Approvals}}
	})
	rules := city.Rules()
	if rules.CorrectLimit != (worktime.Limit{}) || rules.StuckAfter != (worktime.Limit{}) || len(rules.CommitmentReminders) != 0 {
		t.Errorf("%+v", rules)
	}
}

func TestTree(t *testing.T) {
	city := ct.City(t)
	if got := city.Line(ct.Investment); !slices.Equal(got, []string{ct.Investment, ct.Commerce, ct.Government}) {
		t.Errorf("line %v", got)
	}
	for _, tt := range []struct {
		unit, above string
		want        bool
	}{
		{ct.Permits, ct.Housing, true}, {ct.Permits, ct.Permits, true}, {ct.Housing, ct.Permits, false}, {ct.Permits, "", false}, {"nowhere", ct.Government, false},
	} {
		if got := city.IsBelow(tt.unit, tt.above); got != tt.want {
			t.Errorf("%s below %s: %t", tt.unit, tt.above, got)
		}
	}
	for unit, want := range map[string]bool{ct.Approvals: true, ct.Investment: true, ct.Commerce: false, ct.Permits: false, "nowhere": false, "": false} {
		if got := city.IsCentre(unit); got != want {
			t.Errorf("%s is a centre: %t", unit, got)
		}
	}
	for unit, want := range map[string]bool{ct.Permits: true, ct.Housing: true, ct.Commerce: true, ct.Office: false, ct.Government: true, "": false} {
		if got := city.HasClerk(unit); got != want {
			t.Errorf("%s has a clerk: %t", unit, got)
		}
	}
	for _, tt := range []struct {
		unit   string
		except []string
		want   catalogue.Seat
	}{
		{ct.Permits, nil, catalogue.Seat{Unit: ct.Housing, Official: ct.HousingLeader}},
		{ct.Permits, []string{ct.HousingLeader}, catalogue.Seat{Unit: ct.Government, Official: ct.Mayor}},
		{ct.Permits, []string{ct.HousingLeader, ct.Mayor}, catalogue.Seat{Unit: ct.Permits}},
		{"nowhere", nil, catalogue.Seat{}},
	} {
		if got := city.Leader(tt.unit, tt.except...); got != tt.want {
			t.Errorf("%s led by %+v", tt.unit, got)
		}
	}
}

func TestUnitOf(t *testing.T) {
	city := ct.City(t, func(c *directoryv1.CityConfig) {
		c.Units = append(c.Units,
			&directoryv1.Unit{Code: "hualong-bureau", Parent: ct.Hualong, Kind: "department", County: ct.HualongCode},
			&directoryv1.Unit{Code: "park", Parent: ct.Government, Kind: "park", County: "410972"})
	})
	county, _ := city.Item(ct.Drainage)
	own, _ := city.Item(ct.SitePermit)
	for _, tt := range []struct {
		item   catalogue.Item
		county string
		want   string
	}{
		{county, ct.HualongCode, ct.Hualong}, {county, ct.QingfengCode, ct.Qingfeng}, {county, "410972", "park"}, {county, "410999", ""}, {county, "", ""},
		{own, ct.HualongCode, ct.Planning}, {own, "", ct.Planning},
	} {
		if got := city.UnitOf(tt.item, tt.county); got != tt.want {
			t.Errorf("%s of county %q is decided by %q, not %q", tt.item.Code, tt.county, got, tt.want)
		}
	}
}

func TestSelect(t *testing.T) {
	city := ct.City(t)
	change := func(a catalogue.Answers, f func(*catalogue.Answers)) catalogue.Answers { f(&a); return a }
	for name, tt := range map[string]struct {
		answers catalogue.Answers
		want    string
	}{
		"a plant": {ct.Plant(), "filing site-opinion land-permit ecology soil-plan site-permit civil-defence fire-review build-permit drainage acceptance registration water-supply"},
		"a shop":  {ct.Shop(), "filing site-permit build-permit acceptance registration"},
		"foreign and small": {change(ct.Shop(), func(a *catalogue.Answers) { a.Investor, a.Investment = "foreign", 100_000_000_00-1 }),
			"site-permit build-permit acceptance registration"},
		"foreign and large": {change(ct.Shop(), func(a *catalogue.Answers) { a.Investor, a.Investment = "foreign", 100_000_000_00 }),
			"verification site-permit build-permit acceptance registration"},
		"too much invested for a promise": {change(ct.Shop(), func(a *catalogue.Answers) { a.Hazards, a.Investment = []string{"water-soil"}, 1_000_000_000_00 }),
			"filing site-permit build-permit acceptance registration"},
		"too large for a promise": {change(ct.Shop(), func(a *catalogue.Answers) { a.Hazards, a.FloorArea = []string{"water-soil"}, 100_000 }),
			"filing site-permit civil-defence build-permit acceptance registration"},
		"the least floor": {change(ct.Shop(), func(a *catalogue.Answers) { a.FloorArea = 2_000 }),
			"filing site-permit civil-defence build-permit acceptance registration"},
		"nothing said": {catalogue.Answers{}, "site-permit build-permit acceptance registration"},
	} {
		var codes []string
		for _, item := range city.Select(tt.answers) {
			codes = append(codes, item.Code)
		}
		if got := strings.Join(codes, " "); got != tt.want {
			t.Errorf("%s:\n%s\nnot\n%s", name, got, tt.want)
		}
	}
}

func TestCheckAnswers(t *testing.T) {
	city := ct.City(t)
	for _, a := range []catalogue.Answers{ct.Plant(), ct.Shop()} {
		if err := city.CheckAnswers(a); err != nil {
			t.Errorf("%+v: %v", a, err)
		}
	}
	err := city.CheckAnswers(catalogue.Answers{Type: "castle", Hazards: []string{"env-table", "dragons", "env-table"}, Utilities: []string{"wine"}, Investment: -1, FloorArea: -1})
	if !errors.Is(err, catalogue.ErrAnswers) || fault.KindOf(err) != fault.Invalid {
		t.Fatal(err)
	}
	var got []string
	for _, v := range fault.From(err).Violations {
		got = append(got, v.Field+" "+v.Reason)
		if v.Text.Zh == "" || v.Text.En == "" {
			t.Errorf("%s says nothing", v.Field)
		}
	}
	want := []string{"answers.type answer.unknown", "answers.land answer.missing", "answers.investor answer.missing", "answers.hazards[1] answer.unknown",
		"answers.hazards[2] answer.twice", "answers.utilities[0] answer.unknown", "answers.investmentFen answer.negative", "answers.floorArea answer.negative"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// A question that the city does not ask needs no answer, and takes none.
	silent := ct.City(t, func(c *directoryv1.CityConfig) {
		c.Catalogue.Choices = slices.DeleteFunc(c.GetCatalogue().GetChoices(), func(c *directoryv1.Choice) bool { return c.GetQuestion() == catalogue.QuestionInvestor })
	})
	shop := ct.Shop()
	if err := silent.CheckAnswers(shop); !errors.Is(err, catalogue.ErrAnswers) {
		t.Errorf("an answer nobody asked for: %v", err)
	}
	shop.Investor = ""
	if err := silent.CheckAnswers(shop); err != nil {
		t.Error(err)
	}
}

// What the test city promises of itself: the tests of the agency stand on it.
func TestTheTestCity(t *testing.T) {
	city := ct.City(t)
	for _, centre := range city.Rules().Centres {
		agents := 0
		for _, o := range city.Officials() {
			if o.Unit == centre && o.Agent {
				agents++
			}
		}
		if agents != 2 || !city.HasClerk(centre) || ct.Agent(centre) == "" {
			t.Errorf("centre %s has %d agents", centre, agents)
		}
	}
	for _, item := range city.Items() {
		for _, county := range city.Counties() {
			if unit := city.UnitOf(item, county.Code); ct.Clerk(unit) == "" {
				t.Errorf("%s: nobody at %q", item.Code, unit)
			}
		}
	}
	if !proto.Equal(ct.Config(), ct.Config()) {
		t.Error("the configuration is not always the same")
	}
	if at := city.Calendar().Add(ct.At("2026-03-02 09:00"), city.Rules().AcceptLimit).Due; !at.Equal(ct.At("2026-03-09 18:00")) {
		t.Errorf("five workdays end %s", at.In(time.UTC))
	}
}
