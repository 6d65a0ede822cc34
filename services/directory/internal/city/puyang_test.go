package city

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// puyang is the folder of the city that the product comes with.
const puyang = "../../../../deploy/config/cities/410900"

func puyangFiles(t testing.TB) []File {
	t.Helper()
	files, err := ReadFolder(os.DirFS(puyang))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func loadPuyang(t testing.TB) *City {
	t.Helper()
	c, err := Load(puyangFiles(t))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPuyang(t *testing.T) {
	c := loadPuyang(t)
	if c.Code != "410900" || c.Name != "濮阳市" || c.DeskUnit != "desk" {
		t.Errorf("city %s %s with desk %s", c.Code, c.Name, c.DeskUnit)
	}
	var counties []string
	for _, county := range c.Counties {
		counties = append(counties, county.Code)
	}
	if want := strings.Fields("410902 410922 410923 410926 410927 410928 410971 410972"); !slices.Equal(counties, want) {
		t.Errorf("counties %v, not %v", counties, want)
	}
	var tops []string
	for _, k := range c.Categories {
		if k.Parent == "" {
			tops = append(tops, k.Code+k.Name)
		}
	}
	want := "01土地规划 02项目审批手续 03水电气热网 04融资 05用工人才 06政策兑现与承诺履约 07拖欠账款 08涉企执法检查 09收费中介 10公平竞争与招投标 " +
		"11物流交通 12环保安全 13税费 14知识产权 15职工子女就学、医疗与社保 16治安与周边环境 17政务服务作风 99其他"
	if got := strings.Join(tops, " "); got != want {
		t.Errorf("categories\n%s\nnot\n%s", got, want)
	}
	for _, a := range c.AppealTypes {
		if a.Default != (a.Code == "help") {
			t.Errorf("%s is the default: %t", a.Code, a.Default)
		}
	}
}

// Who handles a category must have a name, and another one for when that is away.
func TestPuyangHasPeople(t *testing.T) {
	c := loadPuyang(t)
	handlers := func(unit string) (n int) {
		for _, o := range c.Officials {
			if o.Unit == unit && (o.Holds(RoleAttendant) || o.Holds(RoleClerk) || o.Holds(RoleDispatcher)) {
				n++
			}
		}
		return n
	}
	for _, k := range c.Categories {
		if n := handlers(k.Unit); n < 2 {
			t.Errorf("category %s: unit %s has %d people", k.Code, k.Unit, n)
		}
	}
	for _, county := range c.Counties {
		i := slices.IndexFunc(c.Units, func(u Unit) bool { return u.County == county.Code })
		if i < 0 || handlers(c.Units[i].Code) < 2 {
			t.Errorf("county %s has no unit with two people", county.Code)
		}
	}
	for role, least := range map[Role]int{RoleDispatcher: 3, RoleSupervisor: 2, RoleMayorOffice: 2, RoleAgent: 2, RoleCityAdmin: 1, RoleAuditor: 1} {
		n := 0
		for _, o := range c.Officials {
			if o.Holds(role) {
				n++
			}
		}
		if n < least {
			t.Errorf("%d people hold %s, %d are needed", n, role, least)
		}
	}
	phones := map[string]bool{}
	for _, o := range c.Officials {
		if phones[o.Phone] || !strings.HasPrefix(o.Phone, "0393-555") {
			t.Errorf("%s has phone %s: taken, or outside of the invented range", o.Login, o.Phone)
		}
		phones[o.Phone] = true
	}
}

func TestPuyangPolicies(t *testing.T) {
	c := loadPuyang(t)
	limits := func(code string) string {
		i := slices.IndexFunc(c.Policies, func(p Policy) bool { return p.Code == code })
		if i < 0 {
			return "no such policy"
		}
		var text []string
		for _, l := range c.Policies[i].Limits {
			s := string(l.Clock) + " " + l.Limit.String()
			if l.FromSigning {
				s += " from signing"
			}
			if l.Unconfirmed {
				s += " ?"
			}
			text = append(text, s)
		}
		return strings.Join(text, "; ")
	}
	usual := func(answer, handle string) string {
		return "dispatch 24 hours; sign 24 hours, roll; contact 1 workday ?; answer " + answer + "; verify 5 workdays ?; order_sign 24 hours, roll; handle " + handle +
			" ?; return 1 workday ?; extension 1 workday ?; dialogue 5 workdays ?"
	}
	for code, want := range map[string]string{
		"general":                        usual("5 workdays", "3 workdays"),
		"consultation":                   usual("3 workdays", "2 workdays"),
		"complaint-report":               usual("10 workdays", "7 workdays"),
		"arrears-complaint":              usual("30 days, roll", "20 days, roll"),
		"business-environment-complaint": usual("30 days, roll", "20 days, roll"),
		"urgent-supply-pollution": "dispatch 2 hours; sign 2 hours ?; contact 2 hours from signing; answer 3 workdays ?; verify 5 workdays ?; " +
			"order_sign 2 hours; handle 2 workdays ?; return 1 workday ?; extension 1 workday ?; dialogue 2 workdays ?",
	} {
		if got := limits(code); got != want {
			t.Errorf("%s:\n%s\nnot\n%s", code, got, want)
		}
	}
	if last := c.Policies[len(c.Policies)-1]; last.Code != "general" {
		t.Errorf("the last policy is %s", last.Code)
	}
}

func TestPuyangLadderAndCalendar(t *testing.T) {
	c := loadPuyang(t)
	var rungs []string
	for _, r := range c.Ladder {
		after := "breach"
		if !r.AtBreach() {
			after = r.After.String()
		}
		rungs = append(rungs, after+" "+string(r.Accountable))
	}
	if got, want := strings.Join(rungs, ", "), "breach unit-leader, 1 workday parent-leader, 3 workdays supervisor, 5 workdays mayor-office"; got != want {
		t.Errorf("ladder %s, not %s", got, want)
	}
	calendar, err := worktime.New(c.Years, c.Seasons)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 9, 30, 10, 0, 0, 0, worktime.Zone)
	due := calendar.Add(start, worktime.Limit{Amount: 5, Unit: worktime.Workdays}).Due
	if want := time.Date(2026, 10, 13, 18, 0, 0, 0, worktime.Zone); !due.Equal(want) {
		t.Errorf("five workdays over the national day end %s, not %s", due, want)
	}
	if !calendar.IsProjected(worktime.Date{Year: 2027, Month: 3, Day: 1}) || calendar.IsProjected(worktime.Date{Year: 2026, Month: 3, Day: 1}) {
		t.Error("2027 should be projected, 2026 official")
	}
}

func TestUnitsComeParentsFirst(t *testing.T) {
	files := puyangFiles(t)
	i := slices.IndexFunc(files, func(f File) bool { return f.Path == fileUnits })
	head, entries, _ := strings.Cut(string(files[i].Content), "units:\n")
	lines := slices.DeleteFunc(strings.Split(entries, "\n"), func(line string) bool { return strings.HasPrefix(line, "  #") })
	blocks := strings.Split("\n"+strings.Join(lines, "\n"), "\n  - ")[1:]
	slices.Reverse(blocks)
	files[i].Content = []byte(head + "units:\n  - " + strings.Join(blocks, "\n  - ") + "\n")
	c, err := Load(files)
	if err != nil {
		t.Fatal(err)
	}
	checkCity(t, c)
}

// The digest is of what the files say, not of how they say it.
func TestDigest(t *testing.T) {
	files := puyangFiles(t)
	c := loadPuyang(t)
	spelled := slices.Clone(files)
	for i := range spelled {
		spelled[i].Content = append([]byte("# a comment\n\n"), spelled[i].Content...)
	}
	slices.Reverse(spelled)
	again, err := Load(spelled)
	if err != nil {
		t.Fatal(err)
	}
	if again.Digest() != c.Digest() {
		t.Error("comments and the order of files change the digest")
	}
	for _, change := range [][3]string{
		{fileCity, "maxReopens: 2", "maxReopens: 3"},
		{fileUnits, "name: 濮阳市财政局", "name: 濮阳市财务局"},
		{fileLadder, "5 workdays", "6 workdays"},
		{fileStaff, "loadCap: 40", "loadCap: 41"},
		{fileStaff, "bindingCap: 60", "bindingCap: 61"},
		{fileStaff, `["01", "0202"]`, `["01"]`},
		{fileCity, "minVisitInterval: 10 workdays", "minVisitInterval: 11 workdays"},
		{filePolicies, "limit: 10 workdays", "limit: 9 workdays"},
		{filePolicies, "from: sign,", ""},
		{fileHours, "18:00", "17:30"},
		{"calendars/2027.yaml", "origin: projected", "origin: official"},
		{fileCatalogue, "promised: 8", "promised: 7"},
		{fileCatalogue, "needs: [relic-survey]", "needs: [relic-survey, forest-use]"},
		{fileCatalogue, "tolerable: [site-study]", "secondary: [topographic-map]\n    tolerable: [site-study]"},
		{fileMaterials, "validityMonths: 24", "validityMonths: 23"},
		{fileAgency, "centres: [zwj, tzzx]", "centres: [zwj]"},
		{fileAgency, "  correctLimit: 30 workdays", "  # none"},
		{fileAgency, "nameEn: Housing", "nameEn: Homes"},
	} {
		edited, _ := edit(t, files, change[0], change[1], change[2])
		other, err := Load(edited)
		if err != nil {
			t.Errorf("%v: %v", change, err)
		} else if other.Digest() == c.Digest() {
			t.Errorf("%v does not change the digest", change)
		}
	}
}

// checkCity is what holds of every city that was loaded.
func checkCity(t *testing.T, c *City) {
	t.Helper()
	units := map[string]bool{"": true}
	for _, u := range c.Units {
		if !units[u.Parent] {
			t.Errorf("unit %s comes before its parent %s", u.Code, u.Parent)
		}
		units[u.Code] = true
		if _, ok := c.Official(u.Leader); !ok && u.Leader != "" {
			t.Errorf("unit %s is led by nobody", u.Code)
		}
	}
	categories := map[string]bool{"": true}
	for _, k := range c.Categories {
		if !categories[k.Parent] || !units[k.Unit] || k.Unit == "" {
			t.Errorf("category %s: parent %s, unit %s", k.Code, k.Parent, k.Unit)
		}
		categories[k.Code] = true
	}
	for _, o := range c.Officials {
		if !units[o.Unit] || len(o.Roles) == 0 {
			t.Errorf("official %s: unit %s, roles %v", o.Login, o.Unit, o.Roles)
		}
	}
	if !slices.ContainsFunc(c.Policies, func(p Policy) bool { return p.general() }) {
		t.Error("no policy matches everything")
	}
	for _, p := range c.Policies {
		for _, l := range p.Limits {
			if err := l.Limit.Validate(); err != nil {
				t.Errorf("policy %s: %v", p.Code, err)
			}
		}
	}
	if _, err := worktime.New(c.Years, c.Seasons); err != nil {
		t.Error(err)
	}
	if c.Catalogue != nil {
		checkCatalogue(t, c, units)
	}
	c.Digest()
}
