package city

import "regexp"

// Load makes a city of its files, or returns Faults: everything that is wrong, in the order of the files.
func Load(files []File) (*City, error) {
	in := &intake{}
	roots := parseFiles(in, files)
	d := &draft{in: in, roots: roots, files: files}
	d.readSettings()
	d.readCounties()
	d.readUnits()
	d.readCategories()
	d.readAppealTypes()
	d.readPolicies()
	d.readLadder()
	d.readCalendar()
	d.readStaff()
	d.readAgency()
	d.readMaterials()
	d.readItems()
	d.checkSettings()
	d.checkUnits()
	d.checkCategories()
	d.checkPolicies()
	d.checkLadder()
	d.checkStaff()
	d.checkAgency()
	d.checkMaterials()
	d.checkItems()
	if err := in.result(); err != nil {
		return nil, err
	}
	return d.city(), nil
}

// entry is something read, with the fields it was read from, so that a later check can blame the right line.
type entry[T any] struct {
	value T
	fields
}

// draft is a city in the making. A section whose file could not be read stays nil, and checks that need it are left out:
// their faults would only be echoes.
type draft struct {
	in    *intake
	roots map[string]node // what could be read
	files []File          // what was given

	settings   *entry[City]
	counties   *section[County]
	units      *section[Unit]
	categories *section[Category]
	types      *section[AppealType]
	policies   *section[Policy]
	ladder     []entry[Rung]
	calendar   *workCalendar
	staff      *section[Official]
	agency     *agency
	stages     *section[Stage]
	items      *section[Item]
	materials  *section[Material]
}

// section is the entries of one file, in its order and by code.
type section[T any] struct {
	entries []entry[T]
	byCode  map[string]int
}

// knows reports whether a code is there. A section that could not be read knows everything, so as not to echo its fault.
func (s *section[T]) knows(code string) bool {
	if s == nil {
		return true
	}
	_, ok := s.byCode[code]
	return ok
}

// find returns the entry of a code.
func (s *section[T]) find(code string) (*entry[T], bool) {
	if s == nil {
		return nil, false
	}
	i, ok := s.byCode[code]
	if !ok {
		return nil, false
	}
	return &s.entries[i], true
}

// values returns what was read.
func (s *section[T]) values() []T {
	values := make([]T, len(s.entries))
	for i := range s.entries {
		values[i] = s.entries[i].value
	}
	return values
}

// add takes an entry under its code and reports a code that is there already.
func (s *section[T]) add(code string, e entry[T], key string) {
	if code == "" {
		return // reported by whoever read it
	}
	if _, twice := s.byCode[code]; twice {
		e.fault(key, RuleDuplicate, "%q 重复出现", "%q is there twice", code)
		return
	}
	s.byCode[code] = len(s.entries)
	s.entries = append(s.entries, e)
}

// readSection reads a file that is a list under one key.
func readSection[T any](d *draft, file, key string, read func(s *section[T], n node)) *section[T] {
	root, ok := d.roots[file]
	if !ok {
		return nil
	}
	s := &section[T]{byCode: map[string]int{}}
	for _, n := range root.fields(key).list(key) {
		read(s, n)
	}
	return s
}

// code returns a required text of a form, and nothing when it has another.
func (f fields) code(key string, form *regexp.Regexp, zh, en string) string {
	text := f.text(key)
	if text != "" && !form.MatchString(text) {
		f.fault(key, RuleForm, "%q 的写法不对："+zh, "%q has the wrong form: "+en, clip(text))
		return ""
	}
	return text
}

// oneOf returns a required text that is one of a few words.
func oneOf[W ~string](f fields, key string, words []W) W {
	text := f.text(key)
	if text != "" && !isWord(f.in, item{text, f.place(key)}, words) {
		return ""
	}
	return W(text)
}

// isWord reports a text that is none of a few words.
func isWord[W ~string](in *intake, it item, words []W) bool {
	list := ""
	for i, w := range words {
		if W(it.text) == w {
			return true
		}
		if i > 0 {
			list += ", "
		}
		list += string(w)
	}
	in.fault(it.at, RuleReference, "未知的值 %q，可用的值：%s", "%q is unknown; there are: %s", clip(it.text), list)
	return false
}

// city puts together what was read without a fault.
func (d *draft) city() *City {
	c := d.settings.value
	c.Counties = d.counties.values()
	c.Units = d.sortedUnits()
	c.Categories = d.categories.values()
	c.AppealTypes = d.types.values()
	c.Policies = d.policies.values()
	for _, e := range d.ladder {
		c.Ladder = append(c.Ladder, e.value)
	}
	c.Years, c.Seasons = d.calendar.years, d.calendar.seasons
	c.Officials = d.staff.values()
	c.Catalogue = d.catalogue()
	return &c
}
