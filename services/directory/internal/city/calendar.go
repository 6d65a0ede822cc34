package city

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// workCalendar is the years and seasons that were read.
type workCalendar struct {
	years   []worktime.Year
	seasons []worktime.Season
}

// readCalendar reads the hours and every year. Worktime judges them, one year at a time so that each shows its faults.
func (d *draft) readCalendar() {
	d.calendar = &workCalendar{seasons: d.readHours()}
	for file := range d.roots {
		match := calendarFile.FindStringSubmatch(file)
		if match == nil {
			continue
		}
		if year, ok := d.readYear(d.roots[file], match[1]); ok {
			d.calendar.years = append(d.calendar.years, year)
		}
	}
	slices.SortFunc(d.calendar.years, func(a, b worktime.Year) int { return a.Number - b.Number })
	if !slices.ContainsFunc(d.files, func(f File) bool { return calendarFile.MatchString(f.Path) }) {
		d.in.fault(place{file: folderCalendars}, RuleFile, "没有任何年度日历（%s/YYYY.yaml）", "there is no calendar year (%s/YYYY.yaml)", folderCalendars)
	}
}

func (d *draft) readHours() []worktime.Season {
	root, ok := d.roots[fileHours]
	if !ok {
		return nil
	}
	before := len(d.in.faults)
	var seasons []worktime.Season
	for _, n := range root.fields("seasons").list("seasons") {
		f := n.fields("from", "to", "slots")
		season := worktime.Season{From: f.monthDay("from"), To: f.monthDay("to")}
		for _, it := range f.texts("slots") {
			season.Slots = append(season.Slots, parseDay(d.in, it, worktime.ParseSlot,
				"应写作 HH:MM-HH:MM，且开始早于结束", "want HH:MM-HH:MM, the start before the end"))
		}
		seasons = append(seasons, season)
	}
	if len(d.in.faults) > before || len(seasons) == 0 {
		return nil // what worktime would say are echoes
	}
	if _, err := worktime.New(nil, seasons); err != nil {
		d.blame(root, err)
		return nil
	}
	return seasons
}

func (d *draft) readYear(root node, number string) (worktime.Year, bool) {
	before := len(d.in.faults)
	f := root.fields("year", "origin", "source", "daysOff", "makeUp")
	year := worktime.Year{
		Number: f.number("year", 2000, 2199),
		Origin: oneOf(f, "origin", []worktime.Origin{worktime.Official, worktime.Projected}),
		Source: f.text("source"),
	}
	if want, err := strconv.Atoi(number); err == nil && want != year.Number && len(d.in.faults) == before {
		f.fault("year", RuleCalendar, "年份 %d 与文件名不符", "year %d is not the one in the file's name", year.Number)
	}
	for _, it := range f.texts("daysOff") {
		year.DaysOff = append(year.DaysOff, parseDay(d.in, it, worktime.ParseDayRange,
			"应写作 MM-DD 或 MM-DD..MM-DD，且起日不晚于止日", "want MM-DD or MM-DD..MM-DD, the first day not after the last"))
	}
	for _, it := range f.texts("makeUp") {
		year.MakeUp = append(year.MakeUp, parseDay(d.in, it, worktime.ParseMonthDay, "应写作 MM-DD", "want MM-DD"))
	}
	if len(d.in.faults) > before {
		return worktime.Year{}, false
	}
	if _, err := worktime.New([]worktime.Year{year}, nil); err != nil {
		d.blame(root, err)
		return worktime.Year{}, false
	}
	return year, true
}

// parseDay reads a text of the calendar and reports one of another form.
func parseDay[T any](in *intake, it item, parse func(string) (T, error), zh, en string) T {
	value, err := parse(it.text)
	if err != nil {
		in.fault(it.at, RuleForm, "%q 的写法不对："+zh, "%q has the wrong form: "+en, clip(it.text))
	}
	return value
}

func (f fields) monthDay(key string) worktime.MonthDay {
	text := f.text(key)
	if text == "" {
		return worktime.MonthDay{}
	}
	return parseDay(f.in, item{text, f.place(key)}, worktime.ParseMonthDay, "应写作 MM-DD", "want MM-DD")
}

// blame reports what worktime refuses at the value that it names by its path.
func (d *draft) blame(root node, err error) {
	var data *worktime.DataError
	if !errors.As(err, &data) {
		d.in.fault(root.at, RuleCalendar, "日历有误：%s", "the calendar is wrong: %s", err)
		return
	}
	d.in.fault(root.find(data.Path), RuleCalendar, "日期或时段不能成立：%s", "no such days or hours: %s", data.Reason)
}

var pathStep = regexp.MustCompile(`^([A-Za-z]+)?(?:\[([0-9]+)\])?$`)

// find returns where the value at a path such as seasons[0].slots[1] stands, or as near to it as there is something.
func (n node) find(path string) place {
	for step := range strings.SplitSeq(path, ".") {
		match := pathStep.FindStringSubmatch(step)
		if match == nil {
			return n.at
		}
		next, ok := n.child(match[1])
		if !ok {
			return n.at
		}
		n = next
		list, isList := n.ast.(*ast.SequenceNode)
		if i, err := strconv.Atoi(match[2]); err == nil && isList && i < len(list.Values) {
			n = nodeOf(n.in, n.at, list.Values[i])
		}
	}
	return n.at
}

// child returns the value of a key.
func (n node) child(key string) (node, bool) {
	mapping, ok := n.ast.(*ast.MappingNode)
	if !ok {
		return node{}, false
	}
	for _, pair := range mapping.Values {
		if t := pair.Key.GetToken(); t.Value == key {
			return nodeOf(n.in, place{n.at.file, t.Position.Line}, pair.Value), true
		}
	}
	return node{}, false
}
