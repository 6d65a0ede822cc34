package city

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// tiny is the smallest city: what is fuzzed should be the reading, not the size.
var tiny = map[string]string{
	fileCity: `code: "410900"
name: 濮阳市
nameEn: Puyang
zone: Asia/Shanghai
deskUnit: desk
rules: {maxQuestions: 3, waitLimit: 5 workdays, maxWaitWorkdays: 10, noQuestionLastPercent: 10, maxReopens: 2, reopenWindow: 30 days, verifyReminders: ["1 workday"], thinAnswerChars: 20}
rates: {response: 10, resolution: 50, satisfaction: 40, basically: 90}
`,
	fileCounties:          "counties:\n  - {code: \"410902\", name: 华龙区, nameEn: Hualong}\n",
	fileUnits:             "units:\n  - {code: desk, name: 热线, nameEn: Desk, kind: desk, leader: boss}\n  - {code: hl, name: 区, nameEn: H, parent: desk, kind: county, county: \"410902\"}\n",
	fileCategories:        "categories:\n  - code: \"01\"\n    name: 土地\n    nameEn: Land\n    unit: desk\n    children:\n      - {code: \"0101\", name: 用地, nameEn: Use, unit: hl}\n",
	fileAppealTypes:       "appealTypes:\n  - {code: help, name: 求助, nameEn: Help, default: true}\n",
	filePolicies:          "policies:\n  - code: land\n    source: s\n    categories: [\"01\"]\n    limits: [{clock: answer, limit: 3 workdays}]\n  - {code: general, source: s, limits: [{clock: sign, limit: \"24 hours, roll\"}, {clock: answer, limit: 5 workdays, from: sign, warnPercent: 75, ladder: true}]}\n",
	fileLadder:            "ladder:\n  - {rung: 1, accountable: unit-leader}\n  - {rung: 2, after: 1 workday, accountable: parent-leader}\n",
	fileHours:             "seasons:\n  - {from: \"01-01\", to: \"12-31\", slots: [\"08:30-12:00\", \"14:30-18:00\"]}\n",
	"calendars/2026.yaml": "year: 2026\norigin: official\nsource: s\ndaysOff: [\"01-01..01-03\"]\nmakeUp: [\"01-04\"]\n",
	fileStaff:             "staff:\n  - {login: boss, name: 王, title: t, unit: desk, phone: 0393-5550101, roles: [leader, dispatcher]}\n  - {login: admin, name: 李, title: t, unit: desk, phone: 0393-5550102, roles: [city-admin]}\n  - {login: agent, name: 张, title: t, unit: hl, phone: 0393-5550103, roles: [agent, clerk]}\n",
	fileCatalogue: "stages:\n  - {code: st, name: 阶段, nameEn: Stage, leadUnit: desk}\n  - {code: side, name: 报装, nameEn: Side, leadUnit: desk, beside: true}\nitems:\n" +
		"  - {code: first, name: 备案, nameEn: First, stage: st, county: true, kind: filing, basis: b, statutory: 5, promised: 1, principal: [form], certificate: {name: 证, nameEn: C}}\n" +
		"  - code: second\n    name: 许可\n    nameEn: Second\n    stage: st\n    unit: desk\n    kind: approval\n    basis: b\n    statutory: 20\n    promised: 9\n    extension: 10\n" +
		"    after: [first]\n    needs: [third]\n    when: {types: [plant], minInvestmentYuan: 5, belowFloorArea: 9}\n    principal: [form, paper]\n    tolerable: [map]\n" +
		"    tolerance: {maxWorkdays: 3, consequence: refused, certificateAtOnce: true}\n    procedures: [hearing]\n    certificate: {name: 证, nameEn: C, months: 12}\n    jointReview: true\n" +
		"  - {code: third, name: 报装, nameEn: Third, stage: side, unit: hl, kind: utility, basis: b, statutory: 5, promised: 5, secondary: [map], promise: {fulfilWorkdays: 5, checkWorkdays: 5}}\n",
	fileMaterials: "materials:\n  - {code: form, name: 表, nameEn: Form, source: self-written}\n  - {code: map, name: 图, nameEn: Map, source: applicant, validityMonths: 12}\n" +
		"  - {code: paper, name: 证, nameEn: Paper, source: result, resultOf: first}\n",
	fileAgency: "rules:\n  centres: [hl]\n  admitLimit: 2 workdays\n  assignLimit: 1 workday\n  acceptLimit: 5 workdays\n  opinionLimit: 3 workdays\n  deliverLimit: 10 workdays\n" +
		"  withdrawalLimit: 1 workday\n  extensionLimit: 1 workday\n  commitmentReminders: [\"1 workday\"]\n  procedures: [{procedure: hearing, maxWorkdays: 20}]\n  entrustmentMonths: 12\n" +
		"  stuckAfter: 5 workdays\n  ticketCategory: \"01\"\nchoices:\n  type: [{code: plant, name: 厂, nameEn: Plant}]\nlineSystems: [{code: sys, name: 系统, nameEn: S, unit: desk, publicKey: \"" +
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}]\n",
}

func tinyFiles(t testing.TB) []File {
	t.Helper()
	var files []File
	for _, path := range slices.Sorted(maps.Keys(tiny)) {
		files = append(files, File{Path: path, Content: []byte(tiny[path])})
	}
	if _, err := Load(files); err != nil {
		t.Fatal(err)
	}
	return files
}

// FuzzFile puts any bytes in the place of any file of a good city: it is loaded and sound, or refused with faults that say
// where.
func FuzzFile(f *testing.F) {
	base := tinyFiles(f)
	for i, file := range base {
		f.Add(uint8(i), file.Content)
		for _, text := range []string{"", "-", "[", "{", "a: &a [*a]", "units: {}", "units: [[]]", "staff: [{login: }]", "? a\n: b", "a: 'x\n\n  y'",
			"\r\n", "ladder: []", "%YAML 1.2\n---\na: b", "code: 0x10", "seasons: [{from: \"02-29\", to: \"02-29\", slots: []}]",
			"stages: [{code: st}]\nitems: [{code: aa, after: [aa, bb], tolerable: [x]}]", "materials: [{}]", "rules: {centres: []}\nchoices: {}\nlineSystems: [{}]"} {
			f.Add(uint8(i), []byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, content []byte) {
		files := slices.Clone(base)
		files[int(which)%len(files)].Content = content
		judge(t, files)
	})
}

// FuzzCalendar varies a year's values rather than its form.
func FuzzCalendar(f *testing.F) {
	f.Add(2026, "official", "01-01..01-03", "01-04")
	f.Add(2027, "projected", "02-29", "")
	f.Add(0, "", "12-31..01-01", "13-00")
	base := tinyFiles(f)
	f.Fuzz(func(t *testing.T, year int, origin, off, makeUp string) {
		files := slices.Clone(base)
		files = append(files, File{Path: fmt.Sprintf("calendars/%04d.yaml", year),
			Content: fmt.Appendf(nil, "year: %d\norigin: %s\nsource: fuzz\ndaysOff: [%q]\nmakeUp: [%q]\n", year, origin, off, makeUp)})
		judge(t, files)
	})
}

func judge(t *testing.T, files []File) {
	t.Helper()
	c, err := Load(files)
	var faults Faults
	switch {
	case err == nil:
		checkCity(t, c)
	case errors.As(err, &faults) && len(faults) > 0 && c == nil:
		checkFaults(t, files, faults)
	default:
		t.Errorf("neither a city nor faults: %v", err)
	}
}

// Deep or endless files must be refused before they cost anything: the parser alone would take minutes, or the whole stack.
func TestBombsAreRefusedQuickly(t *testing.T) {
	const n = 1 << 18
	bombs := map[string]string{
		"brackets":     strings.Repeat("[", n),
		"braces":       strings.Repeat("{a: ", n),
		"lines":        strings.Repeat("[\n", n),
		"dashes":       strings.Repeat("- ", n),
		"tags":         strings.Repeat("!a ", n),
		"anchors":      strings.Repeat("&a ", n),
		"aliases":      strings.Repeat("*a ", n),
		"complex keys": strings.Repeat("? ", n),
		"wide":         "units: [" + strings.Repeat("x, ", n) + "x]",
		"quotes":       strings.Repeat("[']', ", n),
		"keys":         strings.Repeat("a: ", n),
		"faults":       "units: [" + strings.Repeat("x,", 40_000) + "x]",
	}
	var stairs, slope strings.Builder
	for i := range 700 {
		fmt.Fprintf(&stairs, "%sa:\n", strings.Repeat(" ", i))
		fmt.Fprintf(&slope, "%s- \n", strings.Repeat(" ", i))
	}
	bombs["stairs"], bombs["slope"] = stairs.String(), slope.String()
	var keys, lists, flow strings.Builder
	for i := range 40_000 {
		fmt.Fprintf(&keys, "k%d: v\n", i)
		fmt.Fprintf(&lists, "k%d:\n- v\n", i)
		fmt.Fprintf(&flow, "k%d: {},", i)
	}
	bombs["many keys"], bombs["many lists"], bombs["many braces"] = keys.String(), lists.String(), "units: {"+flow.String()+"}"
	for name, content := range bombs {
		t.Run(name, func(t *testing.T) {
			files := slices.DeleteFunc(puyangFiles(t), func(f File) bool { return f.Path == fileUnits })
			files = append(files, File{Path: fileUnits, Content: []byte(content)})
			start := time.Now()
			_, err := Load(files)
			faults := faultsOf(t, err)
			checkFaults(t, files, faults)
			bound := 5 * time.Second
			if kittest.Race { // watched, on a busy machine, all takes ten times as long; what grows with the square would take hours
				bound = time.Minute
			}
			if spent := time.Since(start); spent > bound {
				t.Errorf("refused after %s", spent)
			}
			if len(faults) > maxFaults {
				t.Errorf("%d faults", len(faults))
			}
		})
	}
}

func TestReadFolder(t *testing.T) {
	folder := fstest.MapFS{
		"city.yaml":            {Data: []byte("a")},
		"calendars/2026.yaml":  {Data: []byte("b")},
		"notes.txt":            {Data: []byte("c")},
		".hidden":              {Data: []byte("d")},
		".git/config":          {Data: []byte("e")},
		"large.yaml":           {Data: make([]byte, 2*maxFileBytes)},
		"calendars/.swap.yaml": {Data: []byte("f")},
	}
	files, err := ReadFolder(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range files {
		got = append(got, fmt.Sprintf("%s %d", f.Path, len(f.Content)))
	}
	want := []string{"calendars/2026.yaml 1", "city.yaml 1", fmt.Sprintf("large.yaml %d", maxFileBytes+1), "notes.txt 1"}
	if !slices.Equal(got, want) {
		t.Errorf("read %v, not %v", got, want)
	}
	if _, err := ReadFolder(fstest.MapFS{}); err != nil {
		t.Errorf("an empty folder: %v", err)
	}
}
