package city

import (
	"regexp"
	"slices"
)

// Bounds of what a catalogue may say: whatever is longer is a slip of the pen, and checking the order of items takes the square of their number.
const (
	maxItems        = 1000
	maxItemWorkdays = 365
	maxMonths       = 600
	maxYuan         = 1_000_000_000_000
	maxFloorArea    = 100_000_000
)

var slugForm = regexp.MustCompile(`^[a-z][a-z0-9-]{1,39}$`)

// slug returns an entry's code in the catalogue.
func (f fields) slug() string {
	return f.code("code", slugForm, "应以小写字母开头，由 2 至 40 个小写字母、数字和连字符组成",
		"a lower-case letter, then letters, digits and hyphens, 2 to 40 in all")
}

// codes returns the texts of a list, which a later check follows.
func (f fields) codes(key string) []string { return f.words(key, func(item) bool { return true }) }

func (d *draft) readItems() {
	root, ok := d.roots[fileCatalogue]
	if !ok {
		return
	}
	f := root.fields("stages", "items")
	d.stages = &section[Stage]{byCode: map[string]int{}}
	for _, n := range f.list("stages") {
		f := n.fields("code", "name", "nameEn", "leadUnit", "beside")
		s := Stage{Code: f.slug(), Name: f.text("name"), NameEn: f.text("nameEn"), LeadUnit: f.text("leadUnit"), Beside: f.flag("beside")}
		if last := len(d.stages.entries) - 1; last >= 0 && d.stages.entries[last].value.Beside && !s.Beside {
			f.fault("code", RuleOrder, "并行阶段（beside）应列在最后", "the stages beside the others come last")
		}
		d.stages.add(s.Code, entry[Stage]{s, f}, "code")
	}
	d.items = &section[Item]{byCode: map[string]int{}}
	items := f.list("items")
	if len(items) > maxItems {
		f.fault("items", RuleForm, "审批事项过多，最多 %d 个", "too many items, at most %d", maxItems)
		items = items[:maxItems]
	}
	for _, n := range items {
		e := readItem(n)
		d.items.add(e.value.Code, e, "code")
	}
}

func readItem(n node) entry[Item] {
	f := n.fields("code", "name", "nameEn", "stage", "unit", "county", "kind", "basis", "statutory", "promised", "extension", "unconfirmed", "after", "needs",
		"when", "principal", "secondary", "tolerable", "tolerance", "guards", "promise", "procedures", "certificate", "jointReview")
	a := Item{
		Code:        f.slug(),
		Name:        f.text("name"),
		NameEn:      f.text("nameEn"),
		Stage:       f.text("stage"),
		Unit:        f.optional("unit"),
		Kind:        oneOf(f, "kind", itemKinds),
		Basis:       f.text("basis"),
		Statutory:   f.number("statutory", 1, maxItemWorkdays),
		Promised:    f.number("promised", 1, maxItemWorkdays),
		Extension:   f.numberOr("extension", maxItemWorkdays),
		Unconfirmed: f.flag("unconfirmed"),
		After:       f.codes("after"),
		Needs:       f.codes("needs"),
		When:        readCondition(f),
		Principal:   f.codes("principal"),
		Secondary:   f.codes("secondary"),
		Tolerable:   f.codes("tolerable"),
		JointReview: f.flag("jointReview"),
	}
	for _, it := range f.texts("procedures") {
		if isWord(f.in, it, procedures) {
			a.Procedures = append(a.Procedures, Procedure(it.text))
		}
	}
	if _, ok := f.get("guards"); ok {
		a.Guards = oneOf(f, "guards", guards)
	}
	if n, ok := f.get("tolerance"); ok {
		f := n.fields("maxWorkdays", "consequence", "certificateAtOnce")
		a.Tolerance = &Tolerance{MaxWorkdays: f.numberOr("maxWorkdays", maxItemWorkdays), Consequence: oneOf(f, "consequence", consequences),
			CertificateAtOnce: f.flag("certificateAtOnce")}
	}
	if n, ok := f.get("promise"); ok {
		f := n.fields("fulfilWorkdays", "checkWorkdays", "fixWorkdays")
		a.Promise = &Promise{Fulfil: f.number("fulfilWorkdays", 1, maxItemWorkdays), Check: f.number("checkWorkdays", 1, maxItemWorkdays),
			Fix: f.numberOr("fixWorkdays", maxItemWorkdays)}
	}
	if n, ok := f.get("certificate"); ok {
		f := n.fields("name", "nameEn", "months")
		a.Certificate = &Certificate{Name: f.text("name"), NameEn: f.text("nameEn"), Months: f.numberOr("months", maxMonths)}
	}
	checkItem(a, f)
	return entry[Item]{a, f}
}

func readCondition(item fields) Condition {
	n, ok := item.get("when")
	if !ok {
		return Condition{}
	}
	f := n.fields("types", "lands", "hazards", "utilities", "investors", "minInvestmentYuan", "belowInvestmentYuan", "minFloorArea", "belowFloorArea")
	w := Condition{
		Types: f.codes("types"), Lands: f.codes("lands"), Hazards: f.codes("hazards"), Utilities: f.codes("utilities"), Investors: f.codes("investors"),
		MinInvestmentYuan: f.numberOr("minInvestmentYuan", maxYuan), BelowInvestmentYuan: f.numberOr("belowInvestmentYuan", maxYuan),
		MinFloorArea: f.numberOr("minFloorArea", maxFloorArea), BelowFloorArea: f.numberOr("belowFloorArea", maxFloorArea),
	}
	for _, bound := range []struct {
		key         string
		least, most int
	}{{"belowInvestmentYuan", w.MinInvestmentYuan, w.BelowInvestmentYuan}, {"belowFloorArea", w.MinFloorArea, w.BelowFloorArea}} {
		if bound.most > 0 && bound.most <= bound.least {
			f.fault(bound.key, RuleOrder, "上限应大于下限，否则没有项目符合", "the upper bound must be above the lower one, or no project is meant")
		}
	}
	return w
}

// checkItem is what an item's own words show to be wrong.
func checkItem(a Item, f fields) {
	if _, given := f.get("unit"); given == f.flag("county") {
		f.fault("unit", RuleMissing, "应写明决定单位（unit），或写明由项目所在县（区）决定（county: true），二者其一",
			"who decides must be said: a unit, or county: true for the unit of the project's county, and not both")
	}
	if a.Promised > a.Statutory {
		f.fault("promised", RuleOrder, "承诺时限 %d 个工作日长于法定时限 %d 个工作日", "%d workdays are promised, and the law gives %d", a.Promised, a.Statutory)
	}
	all := slices.Concat(a.Principal, a.Secondary, a.Tolerable)
	for i, code := range all {
		if slices.Contains(all[:i], code) {
			f.fault("principal", RuleDuplicate, "材料 %q 列了两次", "the material %q is there twice", clip(code))
		}
	}
	switch t := a.Tolerance; {
	case t == nil && len(a.Tolerable) > 0:
		f.fault("tolerable", RuleMissing, "可容缺的材料须写明容缺办法（tolerance）", "materials that may come later need a tolerance")
	case t == nil:
	case len(a.Tolerable) == 0:
		f.fault("tolerance", RuleMissing, "没有可容缺的材料（tolerable），容缺办法无从适用", "there is no material that may come later: tolerable")
	case t.MaxWorkdays > a.Promised:
		f.fault("tolerance", RuleOrder, "补正时限 %d 个工作日长于承诺时限 %d 个工作日", "%d workdays to supply are more than the %d promised", t.MaxWorkdays, a.Promised)
	case t.CertificateAtOnce && a.Certificate == nil:
		f.fault("tolerance", RuleForm, "该事项没有证照，不能先行发证", "the item has no certificate that could be issued at once")
	}
	if a.Promise != nil && a.Guards != "" {
		f.fault("promise", RuleForm, "涉及 %s 的事项不适用告知承诺", "what guards %s cannot be approved on a promise", a.Guards)
	}
}

func (d *draft) checkItems() {
	if d.items == nil {
		return
	}
	for i := range d.stages.entries {
		e := &d.stages.entries[i]
		if e.value.LeadUnit != "" && !d.units.knows(e.value.LeadUnit) {
			e.fault("leadUnit", RuleReference, "没有承办单位 %q", "there is no unit %q", clip(e.value.LeadUnit))
		}
	}
	for i := range d.items.entries {
		e := &d.items.entries[i]
		if e.value.Stage != "" && !d.stages.knows(e.value.Stage) {
			e.fault("stage", RuleReference, "没有阶段 %q", "there is no stage %q", clip(e.value.Stage))
		}
		d.checkWhen(e)
		d.checkItemMaterials(e)
		for _, p := range e.value.Procedures {
			if !d.bounds(p) {
				e.fault("procedures", RuleMissing, "%s 没有规定特别程序 %q 的最长时间", "%s gives no bound for the procedure %q", fileAgency, p)
			}
		}
	}
	d.checkDeciders()
	d.checkOrder()
}

// checkDeciders wants somebody who can decide each item, in every county when it is the county's.
func (d *draft) checkDeciders() {
	clerks := d.staffed(RoleClerk)
	lacking := d.countyWithout(clerks)
	for i := range d.items.entries {
		e := &d.items.entries[i]
		switch unit := e.value.Unit; {
		case unit != "" && !d.units.knows(unit):
			e.fault("unit", RuleReference, "没有承办单位 %q", "there is no unit %q", clip(unit))
		case unit != "" && !clerks(unit):
			e.fault("unit", RuleRole, "%q 没有办件员（%s）", "nobody of %q holds %s", unit, RoleClerk)
		case unit == "" && lacking != "":
			e.fault("county", RuleRole, "县（区）%s 没有能决定该事项的单位和办件员（%s）", "county %s has no unit with a %s to decide it", lacking, RoleClerk)
		}
	}
}

// countyWithout returns a county that no unit with a clerk acts for; empty when there is none. The unit that acts is the highest of the county's.
func (d *draft) countyWithout(clerks func(unit string) bool) string {
	if d.counties == nil || d.units == nil {
		return ""
	}
	acts := map[string]string{}
	for _, u := range d.sortedUnits() {
		if _, taken := acts[u.County]; !taken && (u.Kind == CountyUnit || u.Kind == Park) {
			acts[u.County] = u.Code
		}
	}
	for _, county := range d.counties.values() {
		if !clerks(acts[county.Code]) {
			return county.Code
		}
	}
	return ""
}

// checkWhen wants conditions that some answer could fulfil.
func (d *draft) checkWhen(e *entry[Item]) {
	w := e.value.When
	for _, part := range []struct {
		question string
		codes    []string
	}{{questionType, w.Types}, {questionLand, w.Lands}, {questionHazard, w.Hazards}, {questionUtility, w.Utilities}, {questionInvestor, w.Investors}} {
		for _, code := range part.codes {
			if !d.offers(part.question, code) {
				e.fault("when", RuleReference, "问卷 %q 没有选项 %q", "the question %q has no choice %q", part.question, clip(code))
			}
		}
	}
}

func (d *draft) checkItemMaterials(e *entry[Item]) {
	if d.materials == nil {
		return
	}
	var before map[string]bool // that is decided before the item is handed in
	for _, list := range []struct {
		key   string
		codes []string
	}{{"principal", e.value.Principal}, {"secondary", e.value.Secondary}, {"tolerable", e.value.Tolerable}} {
		for _, code := range list.codes {
			m, ok := d.materials.find(code)
			if !ok {
				e.fault(list.key, RuleReference, "没有材料 %q", "there is no material %q", clip(code))
				continue
			}
			if list.key == "tolerable" && m.value.ours() {
				e.fault(list.key, RuleForm, "材料 %q 由共享数据或前序事项取得，无需容缺", "the material %q is shared or an item's result: it needs no tolerance", code)
			}
			if m.value.ResultOf == "" || !d.items.knows(m.value.ResultOf) {
				continue
			}
			if before == nil {
				before = d.decidedBefore(e.value.After)
			}
			if !before[m.value.ResultOf] {
				e.fault(list.key, RuleOrder, "材料 %q 是事项 %q 的结果，而该事项不在本事项之前（after）办结",
					"the material %q is the result of %q, which is not decided before this item is handed in (after)", code, m.value.ResultOf)
			}
		}
	}
}
