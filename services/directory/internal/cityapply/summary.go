package cityapply

import (
	"bytes"
	"slices"
	"strconv"

	"google.golang.org/protobuf/proto"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// What a summary holds at most.
const (
	maxEntries = 100
	maxDays    = 1000
)

// summary says what a version changes against the one before it, which is nil for the first. Files that were not kept count as absent.
func summary(before, after *directoryv1.CityConfig, filesBefore, filesAfter []*directoryv1.CityFile) (*directoryv1.CitySummary, error) {
	out := &directoryv1.CitySummary{Files: fileChanges(filesBefore, filesAfter)}
	section := func(name string, a, b []entry) {
		if c := compare(name, a, b); c != nil {
			out.Sections = append(out.Sections, c)
		}
	}
	for _, s := range sections {
		section(s.name, s.of(before), s.of(after))
	}
	var err error
	out.Days, err = dayChanges(before, after)
	return out, err
}

func fileChanges(before, after []*directoryv1.CityFile) (out []*directoryv1.FileChange) {
	old, now := byPath(before), byPath(after)
	for _, path := range slices.Sorted(union(old, now)) {
		was, had := old[path]
		is, has := now[path]
		switch {
		case !had:
			out = append(out, &directoryv1.FileChange{Path: path, Change: "added"})
		case !has:
			out = append(out, &directoryv1.FileChange{Path: path, Change: "removed"})
		case !bytes.Equal(was, is):
			out = append(out, &directoryv1.FileChange{Path: path, Change: "changed"})
		}
	}
	return out
}

func byPath(files []*directoryv1.CityFile) map[string][]byte {
	m := map[string][]byte{}
	for _, f := range files {
		m[f.GetPath()] = f.GetContent()
	}
	return m
}

// union yields the keys of both, each once.
func union[V any](a, b map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range a {
			if !yield(k) {
				return
			}
		}
		for k := range b {
			if _, both := a[k]; !both && !yield(k) {
				return
			}
		}
	}
}

// entry is one thing in a section.
type entry struct {
	key string
	of  proto.Message
}

func entries[M proto.Message](list []M, key func(M) string) []entry {
	out := make([]entry, 0, len(list))
	for _, m := range list {
		out = append(out, entry{key(m), m})
	}
	return out
}

func one(key string, m proto.Message, there bool) []entry {
	if !there {
		return nil
	}
	return []entry{{key, m}}
}

// sections are the parts of a configuration as its summary names them.
var sections = []struct {
	name string
	of   func(*directoryv1.CityConfig) []entry
}{
	{"city", func(c *directoryv1.CityConfig) []entry {
		return one("city", &directoryv1.CityConfig{DisplayName: c.GetDisplayName(), DisplayNameEn: c.GetDisplayNameEn(), TimeZone: c.GetTimeZone(),
			DeskUnit: c.GetDeskUnit(), SecondPerson: c.GetSecondPerson()}, c != nil)
	}},
	{"units", func(c *directoryv1.CityConfig) []entry { return entries(c.GetUnits(), (*directoryv1.Unit).GetCode) }},
	{"categories", func(c *directoryv1.CityConfig) []entry {
		return entries(c.GetCategories(), (*directoryv1.Category).GetCode)
	}},
	{"appeal-types", func(c *directoryv1.CityConfig) []entry {
		return entries(c.GetAppealTypes(), (*directoryv1.AppealType).GetCode)
	}},
	{"counties", func(c *directoryv1.CityConfig) []entry {
		return entries(c.GetCounties(), (*directoryv1.County).GetCode)
	}},
	{"policies", func(c *directoryv1.CityConfig) []entry {
		return entries(c.GetPolicies(), (*directoryv1.Policy).GetCode)
	}},
	{"ladder", func(c *directoryv1.CityConfig) []entry {
		return entries(c.GetLadder(), func(r *directoryv1.Rung) string { return strconv.Itoa(int(r.GetRung())) })
	}},
	{"calendars", func(c *directoryv1.CityConfig) []entry {
		return entries(c.GetCalendarYears(), func(y *directoryv1.CalendarYear) string { return strconv.Itoa(int(y.GetYear())) })
	}},
	{"seasons", func(c *directoryv1.CityConfig) []entry {
		return entries(c.GetSeasons(), (*directoryv1.Season).GetFrom)
	}},
	{"officials", func(c *directoryv1.CityConfig) []entry {
		return entries(c.GetOfficials(), (*directoryv1.Official).GetLogin)
	}},
	{"rules", func(c *directoryv1.CityConfig) []entry { return one("rules", c.GetRules(), c.GetRules() != nil) }},
	{"rates", func(c *directoryv1.CityConfig) []entry { return one("rates", c.GetRates(), c.GetRates() != nil) }},
	{"catalogue", catalogueEntries},
}

// catalogueEntries are everything in the catalogue that has a code, and the rest of it as one.
func catalogueEntries(c *directoryv1.CityConfig) []entry {
	k := c.GetCatalogue()
	if k == nil {
		return nil
	}
	rest := proto.Clone(k).(*directoryv1.Catalogue)
	rest.Stages, rest.Items, rest.Materials = nil, nil, nil
	return slices.Concat(
		entries(k.GetStages(), func(s *directoryv1.ApprovalStage) string { return "stage " + s.GetCode() }),
		entries(k.GetItems(), func(i *directoryv1.ApprovalItem) string { return "item " + i.GetCode() }),
		entries(k.GetMaterials(), func(m *directoryv1.MaterialType) string { return "material " + m.GetCode() }),
		one("rules", rest, true))
}

// compare counts what differs between two lists; nil when nothing does. Another order of the same entries is a change: the first policy that matches binds.
func compare(name string, before, after []entry) *directoryv1.SectionChange {
	c := &directoryv1.SectionChange{Section: name}
	note := func(n *int32, key string) {
		if *n++; len(c.Entries) < maxEntries {
			c.Entries = append(c.Entries, key)
		}
	}
	find := func(list []entry, key string) int {
		return slices.IndexFunc(list, func(e entry) bool { return e.key == key })
	}
	last, moved := -1, false
	for _, e := range after {
		i := find(before, e.key)
		switch {
		case i < 0:
			note(&c.Added, e.key)
			continue
		case !proto.Equal(before[i].of, e.of):
			note(&c.Changed, e.key)
		}
		moved = moved || i < last
		last = max(last, i)
	}
	for _, e := range before {
		if find(after, e.key) < 0 {
			note(&c.Removed, e.key)
		}
	}
	if moved {
		note(&c.Changed, "order")
	}
	if c.Added+c.Removed+c.Changed == 0 {
		return nil
	}
	return c
}

// dayChanges are the days of the years that either version gives which are another kind of day in the other.
func dayChanges(before, after *directoryv1.CityConfig) ([]*directoryv1.DayChange, error) {
	if before == nil {
		return nil, nil
	}
	old, err := worktime.Read(before.GetCalendarYears(), before.GetSeasons())
	if err != nil {
		return nil, err
	}
	now, err := worktime.Read(after.GetCalendarYears(), after.GetSeasons())
	if err != nil {
		return nil, err
	}
	var years []int
	for _, y := range slices.Concat(before.GetCalendarYears(), after.GetCalendarYears()) {
		years = append(years, int(y.GetYear()))
	}
	slices.Sort(years)
	var out []*directoryv1.DayChange
	for _, year := range slices.Compact(years) {
		for _, d := range worktime.Days(year) {
			if a, b := old.DayKind(d), now.DayKind(d); a != b && len(out) < maxDays {
				out = append(out, &directoryv1.DayChange{Date: d.String(), Before: dayWords[a], After: dayWords[b]})
			}
		}
	}
	return out, nil
}

// dayWords are the contract's words for what a day is.
var dayWords = map[worktime.Reason]string{worktime.Working: "workday", worktime.MakeUp: "make-up", worktime.Weekend: "weekend", worktime.Holiday: "holiday"}
