package city

import (
	"regexp"
	"slices"
)

var unitCode = regexp.MustCompile(`^[a-z][a-z0-9-]{1,23}$`)

func (d *draft) readCounties() {
	d.counties = readSection(d, fileCounties, "counties", func(s *section[County], n node) {
		f := n.fields("code", "name", "nameEn")
		county := County{
			Code:   f.code("code", gbCode, "应为 6 位数字的行政区划代码", "six digits of GB/T 2260"),
			Name:   f.text("name"),
			NameEn: f.text("nameEn"),
		}
		if d.settings != nil && county.Code != "" && d.settings.value.Code != "" && county.Code[:4] != d.settings.value.Code[:4] {
			f.fault("code", RuleReference, "%s 不属于本市 %s", "%s is no county of city %s", county.Code, d.settings.value.Code)
		}
		s.add(county.Code, entry[County]{county, f}, "code")
	})
}

func (d *draft) readUnits() {
	d.units = readSection(d, fileUnits, "units", func(s *section[Unit], n node) {
		f := n.fields("code", "name", "nameEn", "parent", "kind", "county", "leader")
		unit := Unit{
			Code: f.code("code", unitCode, "应以小写字母开头，由 2 至 24 个小写字母、数字和连字符组成",
				"a lower-case letter, then letters, digits and hyphens, 2 to 24 in all"),
			Name:   f.text("name"),
			NameEn: f.text("nameEn"),
			Parent: f.optional("parent"),
			Kind:   oneOf(f, "kind", unitKinds),
			County: f.optional("county"),
			Leader: f.optional("leader"),
		}
		s.add(unit.Code, entry[Unit]{unit, f}, "code")
	})
}

func (d *draft) checkUnits() {
	if d.units == nil {
		return
	}
	top := ""
	for i := range d.units.entries {
		e := &d.units.entries[i]
		unit := e.value
		switch {
		case unit.Parent == "" && top == "":
			top = unit.Code
		case unit.Parent == "":
			e.fault("code", RuleTree, "%q 没有上级单位，而最上级单位已是 %q", "%q has no parent, but the top is %q already", unit.Code, top)
		case !d.units.knows(unit.Parent):
			e.fault("parent", RuleReference, "没有承办单位 %q", "there is no unit %q", clip(unit.Parent))
		case d.circular(unit.Code):
			e.fault("parent", RuleTree, "单位 %q 的上级关系成环", "the parents of unit %q go in a circle", unit.Code)
		}
		if unit.County != "" && !d.counties.knows(unit.County) {
			e.fault("county", RuleReference, "没有县（区）%q", "there is no county %q", clip(unit.County))
		}
		if (unit.Kind == CountyUnit) && unit.County == "" {
			e.fault("county", RuleMissing, "县（区）单位 %q 应写明 county", "unit %q of a county must name its county", unit.Code)
		}
		d.checkLeader(e)
	}
}

// checkLeader wants a leader who can see what they answer for: at the unit or above it.
func (d *draft) checkLeader(e *entry[Unit]) {
	if d.staff == nil {
		return
	}
	unit := e.value
	if unit.Leader == "" {
		if unit.Parent == "" {
			e.fault("leader", RuleMissing, "最上级单位 %q 应写明领导", "unit %q, the top, must name its leader", unit.Code)
		}
		return
	}
	official, ok := d.staff.find(unit.Leader)
	switch {
	case !ok:
		e.fault("leader", RuleReference, "没有工作人员 %q", "there is no official %q", clip(unit.Leader))
	case !official.value.Holds(RoleLeader):
		e.fault("leader", RuleRole, "%q 没有领导角色（%s）", "%q does not hold the role %s", unit.Leader, RoleLeader)
	case d.units.knows(official.value.Unit) && !slices.Contains(d.lineage(unit.Code), official.value.Unit):
		e.fault("leader", RuleRole, "%q 任职于 %q，既不是 %q 也不是其上级单位", "%q serves %q, which is neither %q nor above it",
			unit.Leader, official.value.Unit, unit.Code)
	}
}

// lineage returns a unit and those above it, the nearest first. It ends where the parents leave the tree or come back.
func (d *draft) lineage(code string) []string {
	var line []string
	for code != "" && !slices.Contains(line, code) {
		line = append(line, code)
		e, ok := d.units.find(code)
		if !ok {
			break
		}
		code = e.value.Parent
	}
	return line
}

// circular reports whether a unit lies above itself.
func (d *draft) circular(code string) bool {
	line := d.lineage(code)
	last, ok := d.units.find(line[len(line)-1])
	return ok && last.value.Parent == code
}

// sortedUnits returns the units with parents before children, otherwise in the order of the file.
func (d *draft) sortedUnits() []Unit {
	units := d.units.values()
	slices.SortStableFunc(units, func(a, b Unit) int { return len(d.lineage(a.Code)) - len(d.lineage(b.Code)) })
	return units
}
