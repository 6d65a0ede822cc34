package city

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// edit returns the files with the first occurrence of old in one of them replaced, and the line on which it stood.
func edit(t testing.TB, files []File, path, old, replacement string) (edited []File, line int) {
	t.Helper()
	edited = slices.Clone(files)
	for i, f := range edited {
		if f.Path != path {
			continue
		}
		before, after, found := strings.Cut(string(f.Content), old)
		if !found {
			t.Fatalf("%s does not hold %q", path, old)
		}
		edited[i].Content = []byte(before + replacement + after)
		return edited, 1 + strings.Count(before, "\n")
	}
	t.Fatalf("no file %s", path)
	return nil, 0
}

// withoutAgency are the files of the same city without an approval agency.
func withoutAgency(files []File) []File {
	return slices.DeleteFunc(slices.Clone(files), func(f File) bool { return slices.Contains(agencyFiles, f.Path) })
}

func faultsOf(t testing.TB, err error) Faults {
	t.Helper()
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatalf("no faults but %v", err)
	}
	return faults
}

// Each case spoils one thing in the city that the product comes with. The fault is expected as many lines below the spot as
// plus says, or at the file as a whole.
func TestEveryFaultNamesFileAndLine(t *testing.T) {
	const whole = -1
	general := "  - code: general\n"
	tests := []struct {
		name, path, old, new string
		plus                 int
		rule                 Rule
		en                   string
	}{
		{"not yaml", fileUnits, "units:", "units: x: y", 0, RuleSyntax, "not valid YAML"},
		{"tab", fileCity, "rules:\n  max", "rules:\n\tmax", 1, RuleSyntax, "not valid YAML"},
		{"key twice", fileCity, "nameEn:", "name:", 0, RuleSyntax, "already defined"},
		{"anchor", fileCity, "濮阳市", "&a 濮阳市", 0, RuleSyntax, `"&" is not taken`},
		{"tag", fileCity, "濮阳市", "!!str 濮阳市", 0, RuleSyntax, `"!!str" is not taken`},
		{"second document", fileCity, "rules:", "---\nrules:", 0, RuleSyntax, `"---" is not taken`},
		{"block text", fileCity, "濮阳市", "|\n  濮阳市", 0, RuleSyntax, `"|" is not taken`},
		{"not UTF-8", fileCity, "濮阳市", "\xff\xfe", whole, RuleSyntax, "UTF-8"},
		{"unknown key", fileUnits, "kind: office", "kindd: office", 0, RuleUnknownKey, `"kindd"; there are: code`},
		{"unknown top key", fileLadder, "ladder:", "laddder:", 0, RuleUnknownKey, "laddder"},
		{"no list", fileCounties, `counties:`, "counties: {a: b}\nx:", 0, RuleForm, "a list is wanted"},
		{"no mapping", fileAppealTypes, "  - {code: help,", "  - help\n  - {code: help,", 0, RuleForm, "keys and values"},
		{"missing key", fileUnits, "    nameEn: Puyang Municipal Government\n", "", -2, RuleMissing, `"nameEn" is missing`},
		{"empty mapping", fileCity, "rates:", "rates: {}\nother:", 0, RuleMissing, `"response" is missing`},
		{"empty value", fileCity, "zone: Asia/Shanghai", "zone:", 0, RuleMissing, `"zone" is missing`},

		{"bare number as code", fileCategories, `"01"`, "01", 0, RuleForm, "in quotes"},
		{"blank around a name", fileCity, "nameEn: Puyang", `nameEn: " Puyang"`, 0, RuleForm, "blanks at its ends"},
		{"hidden character", fileCity, "name: 濮阳市", "name: 濮\u200b阳市", 0, RuleForm, "cannot be seen"},
		{"long name", fileCity, "name: 濮阳市", "name: " + strings.Repeat("濮", 201), 0, RuleForm, "too long"},
		{"city code", fileCity, `"410900"`, `"4109"`, 0, RuleForm, "six digits"},
		{"zone", fileCity, "Asia/Shanghai", "Europe/Paris", 0, RuleReference, "only time zone"},
		{"number out of bounds", fileCity, "maxReopens: 2", "maxReopens: -1", 0, RuleForm, "from 0 to 20"},
		{"number as text", fileCity, "maxReopens: 2", `maxReopens: "2"`, 0, RuleForm, "whole number"},
		{"limit", fileCity, "5 workdays", "5 wokdays", 0, RuleForm, "is no limit"},
		{"reminders shrink", fileCity, `"3 workdays"]`, `"3 workdays", "2 workdays"]`, 0, RuleOrder, "grow"},
		{"weights", fileCity, "response: 10", "response: 11", 0, RuleForm, "add up to 100, not 101"},
		{"target out of bounds", fileCity, "targets: {response: 98", "targets: {response: 101", 0, RuleForm, "from 0 to 100"},
		{"desk unknown", fileCity, "deskUnit: desk", "deskUnit: nobody", 0, RuleReference, `no unit "nobody"`},
		{"desk is none", fileCity, "deskUnit: desk", "deskUnit: gov", 0, RuleReference, "not a desk"},

		{"county of another city", fileCounties, "410922", "410122", 0, RuleReference, "no county of city 410900"},
		{"county twice", fileCounties, "410923", "410922", 0, RuleDuplicate, `"410922" is there twice`},
		{"unit code", fileUnits, "code: gxj", "code: GXJ", 0, RuleForm, "lower-case"},
		{"unit twice", fileUnits, "code: gxj", "code: fgw", 0, RuleDuplicate, `"fgw" is there twice`},
		{"unit kind", fileUnits, "kind: park", "kind: garden", 0, RuleReference, `"garden" is unknown; there are: department`},
		{"parent unknown", fileUnits, "parent: swj", "parent: swx", 0, RuleReference, `no unit "swx"`},
		{"two tops", fileUnits, "    parent: gov\n    kind: department", "    kind: department", -3, RuleTree, "the top is"},
		{"circle", fileUnits, "    parent: gov\n    kind: office", "    parent: desk\n    kind: office", 0, RuleTree, "go in a circle"},
		{"county unknown", fileUnits, `county: "410926"`, `county: "410999"`, 0, RuleReference, `no county "410999"`},
		{"county unit without county", fileUnits, "    county: \"410926\"\n", "", -5, RuleMissing, "name its county"},
		{"leader unknown", fileUnits, "leader: huxiulan", "leader: nobody", 0, RuleReference, `no official "nobody"`},
		{"leader does not lead", fileUnits, "leader: huxiulan", "leader: zhushuhan", 0, RuleRole, "does not hold the role leader"},
		{"leader elsewhere", fileUnits, "leader: huxiulan", "leader: linjingyi", 0, RuleRole, "neither \"fgw\" nor above it"},
		{"nobody leads the top", fileUnits, "    leader: wangjianguo\n", "", -4, RuleMissing, "must name its leader"},

		{"category unit unknown", fileCategories, "unit: fgw}", "unit: fgx}", 0, RuleReference, `no unit "fgx"`},
		{"category without unit", fileCategories, "    unit: zrj\n", "", -3, RuleMissing, `"unit" is missing`},
		{"category twice", fileCategories, `"0102"`, `"0101"`, 0, RuleDuplicate, `"0101" is there twice`},
		{"category under another", fileCategories, `"0102"`, `"0202"`, 0, RuleForm, "begin with the code above it, 01"},
		{"category of three digits", fileCategories, `"0102"`, `"012"`, 0, RuleForm, "four digits"},
		{"no default", fileAppealTypes, ", default: true", "", whole, RuleMissing, "no appeal type is the default"},
		{"two defaults", fileAppealTypes, "nameEn: Report", "nameEn: Report, default: true", 0, RuleDuplicate, `default is "help" already`},
		{"default is no flag", fileAppealTypes, "default: true", "default: yes", 0, RuleForm, "true or false"},

		{"policy type", filePolicies, "[consultation]", "[consultancy]", 0, RuleReference, `no appeal type "consultancy"`},
		{"policy category", filePolicies, `["07"]`, `["0799"]`, 0, RuleReference, `no category "0799"`},
		{"policy urgency", filePolicies, "[urgent]", "[urgentt]", 0, RuleReference, "there are: normal, urgent"},
		{"policy channel", filePolicies, "appealTypes: [consultation]", "channels: [letter]", 0, RuleReference, "there are: app, portal"},
		{"condition twice", filePolicies, "[consultation]", "[consultation, consultation]", 0, RuleDuplicate, "is there twice"},
		{"policy twice", filePolicies, "code: general", "code: consultation", 0, RuleDuplicate, "is there twice"},
		{"policy limit", filePolicies, "limit: 10 workdays", "limit: ten workdays", 0, RuleForm, "is no limit"},
		{"policy clock", filePolicies, "clock: dispatch", "clock: despatch", 0, RuleReference, `"despatch" is unknown`},
		{"clock twice", filePolicies, "{clock: contact,", "{clock: sign,", 0, RuleDuplicate, `"sign" is there twice`},
		{"no answer clock", filePolicies, "      - {clock: answer, limit: 10 workdays, warnPercent: 75, ladder: true}\n", "", -3, RuleMissing, "no limit for the answer"},
		{"from nowhere", filePolicies, "from: sign", "from: filing", 0, RuleReference, "there are: sign"},
		{"dispatch from signing", filePolicies, "{clock: dispatch, limit: 2 hours,", "{clock: dispatch, from: sign, limit: 2 hours,", 0, RuleForm, "only contact, answer and handle"},
		{"from signing without one", filePolicies, "      - {clock: sign, limit: 2 hours, warnPercent: 50, ladder: true, unconfirmed: true}\n", "", -1, RuleMissing, "needs a limit for the signing"},
		{"filer on the ladder", filePolicies, "{clock: verify, limit: 5 workdays,", "{clock: verify, ladder: true, limit: 5 workdays,", 0, RuleForm, "climbs no ladder"},
		{"warning beyond the end", filePolicies, "warnPercent: 75", "warnPercent: 100", 0, RuleForm, "from 0 to 99"},
		{"no policy for everything", filePolicies, general, general + "    urgencies: [normal]\n", whole, RuleMissing, "no policy matches everything"},
		{"unreachable policy", filePolicies, "appealTypes: [complaint, report]\n    limits", "appealTypes: [consultation]\n    limits", -2, RuleOrder, `"consultation" before it matches all`},

		{"rung number", fileLadder, "rung: 2", "rung: 3", 0, RuleOrder, "this one is 2"},
		{"ladder shrinks", fileLadder, "after: 3 workdays", "after: 1 workday", 0, RuleOrder, "must be in one unit and grow"},
		{"ladder in two units", fileLadder, "after: 5 workdays", "after: 5 days", 0, RuleOrder, "must be in one unit and grow"},
		{"first rung late", fileLadder, "rung: 1,", "rung: 1, after: 1 workday,", 0, RuleOrder, "reached by the breach itself"},
		{"rung without after", fileLadder, "after: 3 workdays, ", "", 0, RuleMissing, "must say after how long"},
		{"rung for nobody", fileLadder, "accountable: supervisor", "accountable: janitor", 0, RuleReference, `"janitor" is unknown`},

		{"slot backwards", fileHours, "08:30-12:00", "12:00-08:30", 0, RuleForm, "HH:MM-HH:MM"},
		{"slots overlap", fileHours, "14:30-18:00", "11:30-18:00", 0, RuleCalendar, "overlaps"},
		{"season leaves a gap", fileHours, "12-31", "11-30", 0, RuleCalendar, "no season holds"},
		{"seasons overlap", fileHours, "seasons:\n", "seasons:\n  - {from: \"06-01\", to: \"06-30\", slots: [\"08:00-12:00\"]}\n", 2, RuleCalendar, "belongs to another season"},
		{"year and file differ", "calendars/2025.yaml", "year: 2025", "year: 2024", 0, RuleCalendar, "not the one in the file's name"},
		{"origin", "calendars/2025.yaml", "origin: official", "origin: rumour", 0, RuleReference, "official, projected"},
		{"day outside the year", "calendars/2025.yaml", `"01-01"`, `"02-29"`, 0, RuleCalendar, "no such days"},
		{"no such day", "calendars/2025.yaml", `"01-01"`, `"13-01"`, 0, RuleForm, "MM-DD"},
		{"make-up day on a workday", "calendars/2025.yaml", `"01-26"`, `"01-27"`, 0, RuleCalendar, "workday already"},
		{"make-up day that is off", "calendars/2025.yaml", `"01-26"`, `"02-01"`, 0, RuleCalendar, "also a day off"},

		{"login", fileStaff, "login: huxiulan", "login: Hu", 0, RuleForm, "lower-case"},
		{"login twice", fileStaff, "login: linjingyi", "login: hexueqing", 1, RuleDuplicate, `"hexueqing" is there twice`},
		{"phone", fileStaff, "0393-5550113", "12345-12345-1", 0, RuleForm, "0393-5550101"},
		{"role", fileStaff, "roles: [supervisor]", "roles: [king]", 0, RuleReference, `"king" is unknown`},
		{"no role", fileStaff, "roles: [supervisor]", "roles: []", 0, RuleMissing, `"roles" is empty`},
		{"no rung", fileLadder, "ladder:", "ladder: []\nx:", 0, RuleMissing, `"ladder" is empty`},
		{"official of no unit", fileStaff, "unit: kjj", "unit: kjx", 0, RuleReference, `no unit "kjx"`},
		{"deputy unknown", fileStaff, "deputy: gaominghui", "deputy: nobody", 0, RuleReference, `no official "nobody"`},
		{"own deputy", fileStaff, "deputy: gaominghui", "deputy: zhushuhan", 0, RuleReference, "stand in for themselves"},
		{"qualified for nothing there is", fileStaff, `qualifications: ["01", "0202"]`, `qualifications: ["01", "0299"]`, 0, RuleReference, `no category "0299"`},
		{"more bindings than anybody has", fileStaff, "bindingCap: 60", "bindingCap: 10001", 0, RuleForm, "from 0 to 10000"},
		{"no interval", fileCity, "minVisitInterval: 10 workdays", "minVisitInterval: often", 0, RuleForm, "is no limit"},
		{"deputy of another trade", fileStaff, "deputy: gaominghui", "deputy: huxiulan", 0, RuleRole, "shares no role"},
		{"administrator with a second role", fileStaff, "roles: [city-admin]", "roles: [city-admin, supervisor]", 0, RuleRole, "cannot be held together"},
		{"auditor with a second role", fileStaff, "roles: [auditor]", "roles: [auditor, dispatcher]", 0, RuleRole, "cannot be held together"},
		{"no administrator", fileStaff, "roles: [city-admin]}\n  - {login: fangruoxi, name: 方若溪, title: 系统管理员, unit: gov-office, phone: 0393-5550298, roles: [city-admin]}", "roles: [clerk]}", whole, RuleRole, "nobody holds city-admin"},

		{"stage twice", fileCatalogue, "code: design,", "code: land,", 0, RuleDuplicate, `"land" is there twice`},
		{"lead unit unknown", fileCatalogue, "leadUnit: zrj", "leadUnit: zrx", 0, RuleReference, `no unit "zrx"`},
		{"beside first", fileCatalogue, "leadUnit: zrj}", "leadUnit: zrj, beside: true}", 1, RuleOrder, "come last"},
		{"beside is no flag", fileCatalogue, "beside: true", "beside: maybe", 0, RuleForm, "true or false"},
		{"item code", fileCatalogue, "code: proposal", "code: Proposal", 0, RuleForm, "lower-case"},
		{"item twice", fileCatalogue, "code: proposal", "code: foreign-report", 0, RuleDuplicate, `"foreign-report" is there twice`},
		{"item without a name", fileCatalogue, "    nameEn: Report of foreign investment\n", "", -2, RuleMissing, `"nameEn" is missing`},
		{"stage unknown", fileCatalogue, "stage: land", "stage: lend", 0, RuleReference, `no stage "lend"`},
		{"item unit unknown", fileCatalogue, "unit: swj", "unit: swx", 0, RuleReference, `no unit "swx"`},
		{"nobody decides", fileCatalogue, "    unit: swj\n", "", -4, RuleMissing, "who decides must be said"},
		{"two decide", fileCatalogue, "    unit: swj\n", "    unit: swj\n    county: true\n", 0, RuleMissing, "who decides must be said"},
		{"deciding unit without a clerk", fileCatalogue, "unit: swj", "unit: desk", 0, RuleRole, `nobody of "desk" holds clerk`},
		{"item kind", fileCatalogue, "kind: filing", "kind: favour", 0, RuleReference, "there are: approval, verification, filing, utility"},
		{"no statutory limit", fileCatalogue, "statutory: 3", "statutory: 0", 0, RuleForm, "from 1 to 365"},
		{"promised more than the law gives", fileCatalogue, "promised: 1", "promised: 4", 0, RuleOrder, "4 workdays are promised, and the law gives 3"},
		{"after nothing", fileCatalogue, "after: [proposal]", "after: [proposals]", 0, RuleReference, `no item "proposals"`},
		{"needs nothing", fileCatalogue, "needs: [site-opinion]", "needs: [site-opinions]", 0, RuleReference, `no item "site-opinions"`},
		{"after and needs", fileCatalogue, "needs: [site-opinion]", "needs: [proposal]", 0, RuleDuplicate, `"proposal" is in after already`},
		{"type unknown", fileCatalogue, "types: [industrial,", "types: [industry,", 0, RuleReference, `question "type" has no choice "industry"`},
		{"investor unknown", fileCatalogue, "investors: [foreign]", "investors: [alien]", 0, RuleReference, `question "investor" has no choice "alien"`},
		{"hazard unknown", fileCatalogue, "hazards: [env-report]", "hazards: [dragons]", 0, RuleReference, `question "hazard" has no choice "dragons"`},
		{"land unknown", fileCatalogue, "lands: [allocated]", "lands: [found]", 0, RuleReference, `question "land" has no choice "found"`},
		{"utility unknown", fileCatalogue, "utilities: [water]", "utilities: [wine]", 0, RuleReference, `question "utility" has no choice "wine"`},
		{"condition of nothing", fileCatalogue, "{investors: [foreign]}", "{investor: [foreign]}", 0, RuleUnknownKey, `"investor"; there are: types`},
		{"investment of nobody", fileCatalogue, "{investors: [foreign]}", "{minInvestmentYuan: 5, belowInvestmentYuan: 5}", 0, RuleOrder, "no project is meant"},
		{"floor of nobody", fileCatalogue, "{investors: [foreign]}", "{minFloorArea: 500, belowFloorArea: 50}", 0, RuleOrder, "no project is meant"},
		{"item material unknown", fileCatalogue, "principal: [form-land, licence]", "principal: [form-land, license]", 0, RuleReference, `no material "license"`},
		{"material twice", fileCatalogue, "principal: [form-land, licence]", "principal: [form-land, form-land]", 0, RuleDuplicate, "is there twice"},
		{"material principal and tolerable", fileCatalogue, "tolerable: [site-study]", "tolerable: [boundary-map]", -1, RuleDuplicate, `"boundary-map" is there twice`},
		{"shared material tolerable", fileCatalogue, "tolerable: [site-study]", "tolerable: [licence]", 0, RuleForm, "needs no tolerance"},
		{"result tolerable", fileCatalogue, "principal: [form-land, boundary-map, r-proposal]\n    tolerable: [site-study]", "principal: [form-land, boundary-map]\n    tolerable: [r-proposal]", 1, RuleForm, "needs no tolerance"},
		{"result of a later item", fileCatalogue, "principal: [form-land, licence]", "principal: [form-land, r-build-permit]", 0, RuleOrder, `the result of "build-permit", which is not decided before`},
		{"result of an item beside", fileCatalogue, "principal: [form-land, feasibility-study, r-proposal]", "principal: [form-land, feasibility-study, r-site-opinion]", 0, RuleOrder, "(after)"},
		{"tolerable without tolerance", fileCatalogue, "    tolerance: {consequence: withdrawn}\n", "", -1, RuleMissing, "need a tolerance"},
		{"tolerance of nothing", fileCatalogue, "    tolerable: [site-study]\n", "", 0, RuleMissing, "no material that may come later"},
		{"tolerance beyond the promise", fileCatalogue, "tolerance: {consequence: withdrawn}", "tolerance: {consequence: withdrawn, maxWorkdays: 9}", 0, RuleOrder, "9 workdays to supply are more than the 8 promised"},
		{"consequence", fileCatalogue, "consequence: withdrawn", "consequence: flogging", 0, RuleReference, "there are: withdrawn, refused"},
		{"certificate at once of none", fileCatalogue, "tolerable: [contracts]\n    tolerance: {consequence: withdrawn}", "tolerable: [contracts]\n    tolerance: {consequence: withdrawn, certificateAtOnce: true}", 1, RuleForm, "no certificate"},
		{"promise of safety", fileCatalogue, "guards: life\n", "guards: life\n    promise: {fulfilWorkdays: 5, checkWorkdays: 5}\n", 1, RuleForm, "what guards life cannot be approved on a promise"},
		{"guards", fileCatalogue, "guards: environment", "guards: money", 0, RuleReference, "there are: security, finance, environment, life"},
		{"promise without a check", fileCatalogue, "promise: {fulfilWorkdays: 20, checkWorkdays: 10, fixWorkdays: 10}", "promise: {fulfilWorkdays: 20}", 0, RuleMissing, `"checkWorkdays" is missing`},
		{"procedure", fileCatalogue, "procedures: [bidding,", "procedures: [begging,", 0, RuleReference, `"begging" is unknown`},
		{"certificate without a name", fileCatalogue, "certificate: {name: 企业投资项目备案证明,", "certificate: {", 0, RuleMissing, `"name" is missing`},

		{"source", fileMaterials, "source: applicant", "source: heaven", 0, RuleReference, "there are: applicant, self-written, shared, earlier-stage, result"},
		{"kind of document twice", fileMaterials, "code: form-design", "code: form-land", 0, RuleDuplicate, `"form-land" is there twice`},
		{"result of nothing", fileMaterials, "resultOf: proposal}", "resultOf: proposals}", 0, RuleReference, `no item "proposals"`},
		{"result of no item", fileMaterials, ", resultOf: proposal}", "}", 0, RuleMissing, "must be named: resultOf"},
		{"no result", fileMaterials, "source: applicant}", "source: applicant, resultOf: proposal}", 0, RuleForm, "only a material whose source is result"},

		{"no centre", fileAgency, "centres: [zwj, tzzx]", "centres: []", 0, RuleMissing, `"centres" is empty`},
		{"centre unknown", fileAgency, "centres: [zwj, tzzx]", "centres: [zwj, tzzz]", 0, RuleReference, `no unit "tzzz"`},
		{"centre without an agent", fileAgency, "centres: [zwj, tzzx]", "centres: [zwj, zjj]", 0, RuleRole, `nobody of "zjj" holds agent`},
		{"agency limit", fileAgency, "acceptLimit: 5 workdays", "acceptLimit: soon", 0, RuleForm, "is no limit"},
		{"agency limit missing", fileAgency, "  stuckAfter: 5 workdays\n", "", -20, RuleMissing, `"stuckAfter" is missing`},
		{"category of tickets", fileAgency, `ticketCategory: "02"`, `ticketCategory: "2"`, 0, RuleReference, `no category "2"`},
		{"reminders grow", fileAgency, `["3 workdays", "1 workday"]`, `["1 workday", "3 workdays"]`, 0, RuleOrder, "must be in one unit and shrink"},
		{"procedure bound twice", fileAgency, "procedure: test,", "procedure: hearing,", 0, RuleDuplicate, `"hearing" is there twice`},
		{"entrustment without an end", fileAgency, "entrustmentMonths: 24", "entrustmentMonths: 0", 0, RuleForm, "from 1 to 120"},
		{"choice twice", fileAgency, "code: chemical,", "code: industrial,", 0, RuleDuplicate, `"industrial" is there twice`},
		{"question unknown", fileAgency, "  investor:", "  weather:", 0, RuleUnknownKey, `"weather"; there are: type, land`},
		{"key in no base64", fileAgency, "lineSystems: []", "lineSystems: [{code: zjj-online, name: 系统, nameEn: System, unit: zjj, publicKey: \"???\"}]", 0, RuleForm, "32 bytes in base64"},
		{"key too short", fileAgency, "lineSystems: []", "lineSystems: [{code: zjj-online, name: 系统, nameEn: System, unit: zjj, publicKey: AAAA}]", 0, RuleForm, "32 bytes in base64"},
		{"system of no unit", fileAgency, "lineSystems: []", "lineSystems: [{code: zjj-online, name: 系统, nameEn: System, unit: zjx, publicKey: \"" + strings.Repeat("A", 43) + "=\"}]", 0, RuleReference, `no unit "zjx"`},
	}
	all := puyangFiles(t)
	plain := withoutAgency(all) // read in a third of the time
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			base := plain
			if slices.Contains(agencyFiles, test.path) {
				base = all
			}
			files, line := edit(t, base, test.path, test.old, test.new)
			_, err := Load(files)
			faults := faultsOf(t, err)
			if line += test.plus; test.plus == whole && !slices.ContainsFunc(faults, func(f Fault) bool { return f.Line == line }) {
				line = 0
			}
			for _, f := range faults {
				if f.File == test.path && f.Line == line && f.Rule == test.rule && strings.Contains(f.En, test.en) {
					return
				}
			}
			t.Errorf("no fault %s with %q at %s:%d among\n%v", test.rule, test.en, test.path, line, err)
		})
	}
}

// Who edits the order of the items must be told the whole way round, not one end of it.
func TestACircleIsNamed(t *testing.T) {
	files, line := edit(t, puyangFiles(t), fileCatalogue, "    statutory: 20\n    promised: 5\n", "    statutory: 20\n    promised: 5\n    after: [feasibility]\n")
	_, err := Load(files)
	faults := faultsOf(t, err)
	var got []string
	for _, f := range faults {
		if f.Line <= line || f.Rule != RuleOrder || f.File != fileCatalogue {
			t.Errorf("an unexpected fault: %v", f)
		}
		_, way, _ := strings.Cut(f.En, "in a circle: ")
		got = append(got, way)
	}
	slices.Sort(got)
	if want := []string{"proposal → feasibility → proposal", "proposal → feasibility → site-opinion → proposal"}; !slices.Equal(got, want) {
		t.Errorf("circles %q, not %q", got, want)
	}
	itself, _ := edit(t, puyangFiles(t), fileCatalogue, "when: {investors: [foreign]}", "needs: [foreign-report]\n    when: {investors: [foreign]}")
	if _, err := Load(itself); !strings.Contains(faultsOf(t, err).Error(), "in a circle: foreign-report → foreign-report") {
		t.Errorf("an item that waits for itself: %v", err)
	}
}

// A long circle is named as far as anybody would read, and no catalogue is so large that its order takes long to check.
func TestALongCircleIsCutShort(t *testing.T) {
	var items strings.Builder
	const n = maxItems + 1
	for i := range n {
		fmt.Fprintf(&items, "  - {code: item-%d, name: n, nameEn: n, stage: st, unit: desk, kind: filing, basis: b, statutory: 1, promised: 1, after: [item-%d]}\n", i, (i+1)%maxItems)
	}
	files := tinyFiles(t)
	i := slices.IndexFunc(files, func(f File) bool { return f.Path == fileCatalogue })
	files[i].Content = []byte("stages: [{code: st, name: n, nameEn: n, leadUnit: desk}]\nitems:\n" + items.String())
	_, err := Load(files)
	text := faultsOf(t, err).Error()
	if !strings.Contains(text, "too many items, at most 1000") || !strings.Contains(text, "item-0 → item-1 → item-2 ") || !strings.Contains(text, "item-11 → … → item-0") || strings.Contains(text, "item-12 ") {
		t.Errorf("the circle is told as\n%s", text)
	}
}

// An item that is the county's needs somebody to decide it in every county.
func TestACountyWithoutADecider(t *testing.T) {
	_, line := edit(t, puyangFiles(t), fileCatalogue, "    county: true\n", "")
	for name, spoil := range map[string][3]string{
		"no unit":  {fileCounties, "counties:\n", "counties:\n  - {code: \"410999\", name: 新区, nameEn: New District}\n"},
		"no clerk": {fileStaff, "unit: hualong, phone: 0393-5550198, roles: [attendant, clerk]", "unit: hualong, phone: 0393-5550198, roles: [attendant]"},
	} {
		files, _ := edit(t, puyangFiles(t), spoil[0], spoil[1], spoil[2])
		if name == "no clerk" {
			files, _ = edit(t, files, fileStaff, "unit: hualong, phone: 0393-5550231, roles: [clerk], deputy: chenxiulan", "unit: hualong, phone: 0393-5550231, roles: [attendant]")
		}
		_, err := Load(files)
		faults := faultsOf(t, err)
		if !slices.ContainsFunc(faults, func(f Fault) bool {
			return f.File == fileCatalogue && f.Line == line && f.Rule == RuleRole && strings.Contains(f.En, "has no unit with a clerk to decide it")
		}) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A city needs no agency; one that has some of its files has all of them.
func TestTheAgencyComesWholeOrNotAtAll(t *testing.T) {
	c, err := Load(withoutAgency(puyangFiles(t)))
	if err != nil || c.Catalogue != nil {
		t.Errorf("a city without an agency: %v, %v", c.Catalogue, err)
	}
	// What was applied before there was an agency must not look changed.
	if text, err := json.Marshal(c); err != nil || strings.Contains(string(text), "Catalogue") {
		t.Errorf("its digest speaks of a catalogue (%v)", err)
	}
	for _, missing := range agencyFiles {
		_, err := Load(slices.DeleteFunc(puyangFiles(t), func(f File) bool { return f.Path == missing }))
		faults := faultsOf(t, err)
		if len(faults) != 1 || faults[0].File != missing || faults[0].Rule != RuleFile || !strings.Contains(faults[0].En, "come together or not at all") {
			t.Errorf("without %s: %v", missing, err)
		}
	}
}

func TestFilesAsAWhole(t *testing.T) {
	base := puyangFiles(t)
	without := func(path string) []File {
		return slices.DeleteFunc(slices.Clone(base), func(f File) bool { return strings.HasPrefix(f.Path, path) })
	}
	tests := []struct {
		name  string
		files []File
		want  string
	}{
		{"nothing", nil, "city.yaml: the file is missing"},
		{"one missing", without(fileUnits), "units.yaml: the file is missing"},
		{"no calendar", without(folderCalendars), "calendars: there is no calendar year (calendars/YYYY.yaml)"},
		{"one twice", append(slices.Clone(base), base[0]), base[0].Path + ": the file is given twice"},
		{"unknown", append(slices.Clone(base), File{Path: "unit.yaml"}), "unit.yaml: no file of a city's configuration has this name"},
		{"outside", append(slices.Clone(base), File{Path: "../units.yaml"}), "../units.yaml: no file of a city's configuration has this name"},
		{"empty", append(without(fileHours), File{Path: fileHours}), "hours.yaml: the file is empty"},
		{"too large", append(without(fileHours), File{Path: fileHours, Content: make([]byte, maxFileBytes+1)}), "hours.yaml: the file is too large"},
		{"too many", slices.Repeat(base, 20), "too many files"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Load(test.files)
			if faults := faultsOf(t, err); !strings.Contains(faults.Error(), test.want) {
				t.Errorf("%q is not in\n%v", test.want, err)
			}
		})
	}
}

func TestAllFaultsComeAtOnce(t *testing.T) {
	files := puyangFiles(t)
	var places []string
	for _, spoil := range [][3]string{
		{fileCity, "maxReopens: 2", "maxReopens: many"},
		{fileUnits, "parent: swj", "parent: nowhere"},
		{fileUnits, "leader: huxiulan", "leader: nobody"},
		{fileStaff, "unit: kjj", "unit: nowhere"},
		{filePolicies, "limit: 10 workdays", "limit: soon"},
		{"calendars/2024.yaml", `"02-04"`, `"02-05"`},
		{"calendars/2026.yaml", `"01-04"`, `"01-05"`},
	} {
		var line int
		files, line = edit(t, files, spoil[0], spoil[1], spoil[2])
		places = append(places, fmt.Sprintf("%s:%d", spoil[0], line))
	}
	_, err := Load(files)
	faults := faultsOf(t, err)
	var got []string
	for _, f := range faults {
		got = append(got, f.Place())
	}
	slices.Sort(places)
	slices.Sort(got)
	if !slices.Equal(got, places) {
		t.Errorf("faults at\n%v\nnot at\n%v", got, places)
	}
}

// A file that cannot be read is one fault: what refers to it must not be blamed.
func TestFaultsDoNotEcho(t *testing.T) {
	for _, f := range puyangFiles(t) {
		files := slices.Clone(puyangFiles(t))
		i := slices.IndexFunc(files, func(g File) bool { return g.Path == f.Path })
		files[i].Content = append(bytes.Clone(f.Content), "\n]"...)
		_, err := Load(files)
		if faults := faultsOf(t, err); len(faults) != 1 || faults[0].File != f.Path {
			t.Errorf("%s spoiled: %d faults\n%v", f.Path, len(faults), err)
		}
	}
}

// checkFaults is what holds of faults whatever the files.
func checkFaults(t *testing.T, files []File, faults Faults) {
	t.Helper()
	lines := map[string]int{}
	for _, f := range files {
		lines[f.Path] = 1 + bytes.Count(f.Content, []byte("\n")) + bytes.Count(f.Content, []byte("\r"))
	}
	han := func(r rune) bool { return unicode.Is(unicode.Han, r) }
	for _, f := range faults {
		if f.Line < 0 || f.Line > lines[f.File] {
			t.Errorf("%s of %d lines: %v", f.Place(), lines[f.File], f)
		}
		if f.Zh == "" || f.En == "" || !strings.ContainsFunc(f.Zh, han) || f.Rule == "" || strings.Contains(f.Zh+f.En, "%!") {
			t.Errorf("a fault that says nothing: %+v", f)
		}
	}
}
