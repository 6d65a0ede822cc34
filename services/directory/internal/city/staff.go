package city

import (
	"regexp"
	"slices"
)

var (
	loginForm = regexp.MustCompile(`^[a-z][a-z0-9._-]{1,39}$`)
	phoneForm = regexp.MustCompile(`^[0-9]{3,4}-[0-9]{7,8}$|^1[0-9]{10}$|^[0-9]{5,8}$`)
)

func (d *draft) readStaff() {
	d.staff = readSection(d, fileStaff, "staff", func(s *section[Official], n node) {
		f := n.fields("login", "name", "title", "unit", "phone", "roles", "loadCap", "deputy", "qualifications", "bindingCap")
		o := Official{
			Login: f.code("login", loginForm, "应以小写字母开头，由 2 至 40 个小写字母、数字、点、下划线和连字符组成",
				"a lower-case letter, then letters, digits, dots, underscores and hyphens, 2 to 40 in all"),
			Name:    f.text("name"),
			Title:   f.text("title"),
			Unit:    f.text("unit"),
			Phone:   f.code("phone", phoneForm, "应为加引号的电话号码，如 0393-5550101", "a phone in quotes, such as 0393-5550101"),
			LoadCap: f.numberOr("loadCap", 10_000),
			Deputy:  f.optional("deputy"),
			Line:    n.at.line,

			BindingCap: f.numberOr("bindingCap", 10_000),
		}
		for _, it := range f.texts("qualifications") {
			o.Qualifications = append(o.Qualifications, it.text)
		}
		if len(f.list("roles")) > 0 {
			for _, it := range f.texts("roles") {
				if isWord(d.in, it, Roles()) {
					o.Roles = append(o.Roles, Role(it.text))
				}
			}
		}
		s.add(o.Login, entry[Official]{o, f}, "login")
	})
}

func (d *draft) checkStaff() {
	if d.staff == nil {
		return
	}
	held := map[Role]int{}
	for i := range d.staff.entries {
		e := &d.staff.entries[i]
		o := e.value
		for _, r := range o.Roles {
			held[r]++
		}
		if o.Unit != "" && !d.units.knows(o.Unit) {
			e.fault("unit", RuleReference, "没有承办单位 %q", "there is no unit %q", clip(o.Unit))
		}
		d.checkDeputy(e)
		d.checkQualifications(e)
		// Who writes the rules, who works under them and who reads what was done are three people.
		for _, alone := range []Role{RoleCityAdmin, RoleAuditor} {
			if o.Holds(alone) && len(o.Roles) > 1 {
				e.fault("roles", RuleRole, "%s 不能兼任其他角色", "%s cannot be held together with another role", alone)
			}
		}
	}
	for _, r := range d.neededRoles() {
		if held[r] == 0 {
			d.in.fault(place{file: fileStaff}, RuleRole, "没有人担任 %s", "nobody holds %s", r)
		}
	}
	if d.settings != nil && d.settings.value.SecondPerson && held[RoleCityAdmin] == 1 {
		d.settings.fault("secondPerson", RuleRole, "须由第二人复核时，至少要有两位 %s", "a second person can only be asked for where two hold %s", RoleCityAdmin)
	}
}

// checkDeputy wants somebody else who may do the same work.
func (d *draft) checkDeputy(e *entry[Official]) {
	o := e.value
	if o.Deputy == "" {
		return
	}
	deputy, ok := d.staff.find(o.Deputy)
	switch {
	case !ok:
		e.fault("deputy", RuleReference, "没有工作人员 %q", "there is no official %q", clip(o.Deputy))
	case o.Deputy == o.Login:
		e.fault("deputy", RuleReference, "%q 不能做自己的替岗人", "%q cannot stand in for themselves", o.Login)
	case len(o.Roles) > 0 && !slices.ContainsFunc(o.Roles, deputy.value.Holds):
		e.fault("deputy", RuleRole, "%q 与 %q 没有相同的角色，不能替岗", "%q shares no role with %q and cannot stand in", o.Deputy, o.Login)
	}
}

// checkQualifications wants categories that there are.
func (d *draft) checkQualifications(e *entry[Official]) {
	for _, code := range e.value.Qualifications {
		if !d.categories.knows(code) {
			e.fault("qualifications", RuleReference, "没有诉求类别 %q", "there is no category %q", clip(code))
		}
	}
}

// neededRoles are those that somebody must hold for tickets to move and rungs to name somebody.
func (d *draft) neededRoles() []Role {
	needed := []Role{RoleDispatcher, RoleCityAdmin}
	for _, rung := range d.ladder {
		switch rung.value.Accountable {
		case Supervisor:
			needed = append(needed, RoleSupervisor)
		case MayorOffice:
			needed = append(needed, RoleMayorOffice)
		case UnitLeader, ParentLeader: // the tree's top names its leader
		}
	}
	slices.Sort(needed)
	return slices.Compact(needed)
}
