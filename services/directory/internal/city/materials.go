package city

func (d *draft) readMaterials() {
	d.materials = readSection(d, fileMaterials, "materials", func(s *section[Material], n node) {
		f := n.fields("code", "name", "nameEn", "source", "resultOf", "validityMonths")
		m := Material{
			Code:           f.slug(),
			Name:           f.text("name"),
			NameEn:         f.text("nameEn"),
			Source:         oneOf(f, "source", sources),
			ResultOf:       f.optional("resultOf"),
			ValidityMonths: f.numberOr("validityMonths", maxMonths),
		}
		switch {
		case m.Source == ResultSource && m.ResultOf == "":
			f.fault("resultOf", RuleMissing, "应写明是哪个事项的结果（resultOf）", "the item whose result it is must be named: resultOf")
		case m.Source != ResultSource && m.Source != "" && m.ResultOf != "":
			f.fault("resultOf", RuleForm, "只有来源为 %s 的材料才写 resultOf", "only a material whose source is %s has a resultOf", ResultSource)
		}
		s.add(m.Code, entry[Material]{m, f}, "code")
	})
}

func (d *draft) checkMaterials() {
	if d.materials == nil {
		return
	}
	for i := range d.materials.entries {
		e := &d.materials.entries[i]
		if of := e.value.ResultOf; of != "" && !d.items.knows(of) {
			e.fault("resultOf", RuleReference, "没有审批事项 %q", "there is no item %q", clip(of))
		}
	}
}
