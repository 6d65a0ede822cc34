package city

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// checkCatalogue is what holds of every catalogue that was loaded.
func checkCatalogue(t *testing.T, c *City, units map[string]bool) {
	t.Helper()
	k := c.Catalogue
	stages, items, materials := map[string]int{}, map[string]bool{}, map[string]Material{}
	for i, s := range k.Stages {
		stages[s.Code] = i
		if !units[s.LeadUnit] {
			t.Errorf("stage %s is led by %s", s.Code, s.LeadUnit)
		}
	}
	for _, i := range k.Items {
		items[i.Code] = true
	}
	for _, m := range k.Materials {
		materials[m.Code] = m
		if (m.Source == ResultSource) != items[m.ResultOf] {
			t.Errorf("material %s of source %s is the result of %q", m.Code, m.Source, m.ResultOf)
		}
	}
	stage := 0
	for _, i := range k.Items {
		at, known := stages[i.Stage]
		if !known || at < stage {
			t.Errorf("item %s of stage %s comes after those of a later one", i.Code, i.Stage)
		}
		stage = at
		if i.Promised < 1 || i.Promised > i.Statutory || !units[i.Unit] {
			t.Errorf("item %s of %q: %d of %d workdays", i.Code, i.Unit, i.Promised, i.Statutory)
		}
		for _, m := range slices.Concat(i.Principal, i.Secondary, i.Tolerable) {
			if materials[m].Code == "" {
				t.Errorf("item %s asks for %q", i.Code, m)
			}
		}
		if (i.Tolerance != nil) != (len(i.Tolerable) > 0) {
			t.Errorf("item %s: tolerance without anything to tolerate, or the other way round", i.Code)
		}
	}
	longest(k, func(Item) bool { return true }) // ends, so there is no circle
	for _, centre := range k.Rules.Centres {
		if !units[centre] {
			t.Errorf("centre %s", centre)
		}
	}
}

// project is the answers of a questionnaire.
type project struct {
	kind, land, investor string
	hazards, utilities   []string
}

// needs reports whether the project needs an item. No item of Puyang asks for an amount or an area.
func (p project) needs(i Item) bool {
	one := func(wanted []string, answers ...string) bool {
		return len(wanted) == 0 || slices.ContainsFunc(answers, func(a string) bool { return slices.Contains(wanted, a) })
	}
	w := i.When
	return one(w.Types, p.kind) && one(w.Lands, p.land) && one(w.Investors, p.investor) && one(w.Hazards, p.hazards...) && one(w.Utilities, p.utilities...)
}

// longest is the promised workdays of the longest way through the items that are needed; what waits for one that is not waits for what that waits for.
func longest(k *Catalogue, needed func(Item) bool) (days int) {
	byCode, end := map[string]Item{}, map[string]int{}
	for _, i := range k.Items {
		byCode[i.Code] = i
	}
	var decided func(code string) int
	latest := func(codes []string) (at int) {
		for _, code := range codes {
			at = max(at, decided(code))
		}
		return at
	}
	decided = func(code string) int {
		if at, known := end[code]; known {
			return at
		}
		i := byCode[code]
		at := latest(i.After)
		if needed(i) {
			at += i.Promised
		}
		end[code] = max(at, latest(i.Needs))
		return end[code]
	}
	for _, i := range k.Items {
		if needed(i) {
			days = max(days, decided(i.Code))
		}
	}
	return days
}

func codesOf(k *Catalogue, question string) []string {
	var codes []string
	for _, c := range k.Choices {
		if c.Question == question {
			codes = append(codes, c.Code)
		}
	}
	return codes
}

// The regulation of the province gives a private small project of low risk 15 workdays from its filing to the registration.
func TestPuyangSmallProjectsKeepTheRegulation(t *testing.T) {
	k := loadPuyang(t).Catalogue
	for _, land := range codesOf(k, questionLand) {
		for _, investor := range codesOf(k, questionInvestor) {
			p := project{kind: "small-low-risk", land: land, investor: investor, utilities: codesOf(k, questionUtility)}
			if days := longest(k, p.needs); days < 5 || days > 15 {
				t.Errorf("%+v takes %d workdays", p, days)
			}
			var way []string
			for _, i := range k.Items {
				if i.Stage != "utilities" && i.Code != "foreign-report" && p.needs(i) {
					way = append(way, i.Code)
				}
			}
			if want := []string{"investment-filing", "site-permit", "build-permit", "acceptance-small", "registration"}; !slices.Equal(way, want) {
				t.Errorf("%+v needs %v, not %v", p, way, want)
			}
		}
	}
}

// The State Council's notice gives every project 120 workdays in all.
func TestPuyangPromisesWhatTheNationAsksFor(t *testing.T) {
	k := loadPuyang(t).Catalogue
	for _, kind := range codesOf(k, questionType) {
		worst := 0
		for _, land := range codesOf(k, questionLand) {
			p := project{kind: kind, land: land, investor: "foreign", hazards: codesOf(k, questionHazard), utilities: codesOf(k, questionUtility)}
			if !slices.ContainsFunc(k.Items, func(i Item) bool { return i.Code == "site-permit" && p.needs(i) }) {
				t.Errorf("%s on %s land needs no permit", kind, land)
			}
			worst = max(worst, longest(k, p.needs))
		}
		if worst > 120 {
			t.Errorf("%s takes %d workdays", kind, worst)
		}
		t.Logf("%s: %d workdays at worst", kind, worst)
	}
}

func TestPuyangCatalogue(t *testing.T) {
	c := loadPuyang(t)
	k := c.Catalogue
	var stages []string
	for _, s := range k.Stages {
		stages = append(stages, fmt.Sprintf("%s %s %t", s.Name, s.LeadUnit, s.Beside))
	}
	want := "立项用地规划许可 zrj false, 工程建设许可 zrj false, 施工许可 zjj false, 竣工验收 zjj false, 市政公用服务 cgj true"
	if got := strings.Join(stages, ", "); got != want {
		t.Errorf("stages %s", got)
	}
	for _, centre := range []string{"zwj", "tzzx"} {
		agents := 0
		for _, o := range c.Officials {
			if o.Unit == centre && o.Holds(RoleAgent) {
				agents++
			}
		}
		if !slices.Contains(k.Rules.Centres, centre) || agents < 2 {
			t.Errorf("centre %s has %d agents", centre, agents)
		}
	}
	limits := map[string]string{}
	for _, i := range k.Items {
		limits[i.Code] = fmt.Sprintf("%d+%d", i.Statutory, i.Extension)
		if i.Basis == "" || i.Promised >= i.Statutory && i.Statutory > 1 {
			t.Errorf("%s promises %d of %d workdays by %q", i.Code, i.Promised, i.Statutory, i.Basis)
		}
		if form := "form-" + i.Stage; len(i.Principal) == 0 || i.Principal[0] != form {
			t.Errorf("%s does not ask for its stage's one form, %s", i.Code, form)
		}
	}
	for code, want := range map[string]string{"site-permit": "20+10", "build-permit": "7+0", "investment-verification": "20+40", "env-report": "60+0", "env-table": "30+0",
		"drawing-review": "15+0", "registration": "30+0", "water-supply": "5+0", "gas-supply": "5+0", "power-supply": "5+0", "heat-supply": "8+0"} {
		if limits[code] != want {
			t.Errorf("%s has %s statutory workdays, not %s", code, limits[code], want)
		}
	}
	// Every answer but those about the land's kind and the investor asks for something.
	used := map[string]bool{}
	for _, i := range k.Items {
		for _, code := range slices.Concat(i.When.Types, i.When.Hazards, i.When.Utilities) {
			used[code] = true
		}
		for _, code := range slices.Concat(i.Principal, i.Secondary, i.Tolerable) {
			used["material "+code] = true
		}
	}
	for _, question := range []string{questionType, questionHazard, questionUtility} {
		for _, code := range codesOf(k, question) {
			if !used[code] {
				t.Errorf("the answer %s to %s asks for nothing", code, question)
			}
		}
	}
	for _, m := range k.Materials {
		if !used["material "+m.Code] {
			t.Errorf("no item asks for %s", m.Code)
		}
	}
	if len(k.LineSystems) != 0 {
		t.Error("a system is shipped with a key that nobody made")
	}
}
