package city

import (
	"regexp"
	"strings"
)

var (
	topCategory   = regexp.MustCompile(`^[0-9]{2}$`)
	lowerCategory = regexp.MustCompile(`^[0-9]{4}$`)
	appealType    = regexp.MustCompile(`^[a-z][a-z-]{1,23}$`)
)

func (d *draft) readCategories() {
	d.categories = readSection(d, fileCategories, "categories", func(s *section[Category], n node) {
		f := n.fields("code", "name", "nameEn", "unit", "children")
		top := Category{
			Code:   f.code("code", topCategory, "应为加引号的 2 位数字", "two digits in quotes"),
			Name:   f.text("name"),
			NameEn: f.text("nameEn"),
			Unit:   f.text("unit"),
		}
		s.add(top.Code, entry[Category]{top, f}, "code")
		if children, ok := f.get("children"); ok {
			for _, child := range children.items() {
				readChild(s, child, top)
			}
		}
	})
}

// readChild reads a category of the second level, which is handled by its parent's unit unless it names another.
func readChild(s *section[Category], n node, top Category) {
	f := n.fields("code", "name", "nameEn", "unit")
	child := Category{
		Code:   f.code("code", lowerCategory, "应为加引号的 4 位数字", "four digits in quotes"),
		Name:   f.text("name"),
		NameEn: f.text("nameEn"),
		Parent: top.Code,
		Unit:   f.optional("unit"),
	}
	if child.Unit == "" {
		child.Unit = top.Unit
	}
	if !strings.HasPrefix(child.Code, top.Code) && child.Code != "" {
		f.fault("code", RuleForm, "%s 应以上级代码 %s 开头", "%s must begin with the code above it, %s", child.Code, top.Code)
	}
	s.add(child.Code, entry[Category]{child, f}, "code")
}

func (d *draft) checkCategories() {
	if d.categories == nil {
		return
	}
	for i := range d.categories.entries {
		e := &d.categories.entries[i]
		if e.value.Unit != "" && !d.units.knows(e.value.Unit) {
			e.fault("unit", RuleReference, "没有承办单位 %q", "there is no unit %q", clip(e.value.Unit))
		}
	}
}

func (d *draft) readAppealTypes() {
	preset := ""
	d.types = readSection(d, fileAppealTypes, "appealTypes", func(s *section[AppealType], n node) {
		f := n.fields("code", "name", "nameEn", "default")
		t := AppealType{
			Code:    f.code("code", appealType, "应由小写字母和连字符组成", "lower-case letters and hyphens"),
			Name:    f.text("name"),
			NameEn:  f.text("nameEn"),
			Default: f.flag("default"),
		}
		if t.Default && preset != "" {
			f.fault("default", RuleDuplicate, "默认诉求类型已是 %q", "the default is %q already", preset)
		}
		if t.Default {
			preset = t.Code
		}
		s.add(t.Code, entry[AppealType]{t, f}, "code")
	})
	if d.types != nil && preset == "" {
		d.in.fault(place{file: fileAppealTypes}, RuleMissing, "没有默认诉求类型（default: true）", "no appeal type is the default (default: true)")
	}
}
