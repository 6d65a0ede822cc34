package city

import (
	"crypto/ed25519"
	"encoding/base64"
	"slices"
)

// agency is what agency.yaml says. Rules or choices that could not be read stay nil.
type agency struct {
	rules   *entry[AgencyRules]
	choices map[string]*section[Choice] // by question
	systems *section[LineSystem]
}

func (d *draft) readAgency() {
	root, ok := d.roots[fileAgency]
	if !ok {
		return
	}
	f := root.fields("rules", "choices", "lineSystems")
	d.agency = &agency{systems: readLineSystems(f)}
	if n, ok := f.need("rules"); ok {
		d.agency.rules = readAgencyRules(n)
	}
	n, ok := f.need("choices")
	if !ok {
		return
	}
	d.agency.choices = map[string]*section[Choice]{}
	offered := n.fields(questions...)
	offered.need(questionType)
	for _, question := range questions {
		if _, ok := offered.get(question); ok {
			d.agency.choices[question] = readChoices(offered, question)
		}
	}
}

func readChoices(offered fields, question string) *section[Choice] {
	s := &section[Choice]{byCode: map[string]int{}}
	for _, n := range offered.list(question) {
		f := n.fields("code", "name", "nameEn")
		c := Choice{Question: question, Code: f.slug(), Name: f.text("name"), NameEn: f.text("nameEn")}
		s.add(c.Code, entry[Choice]{c, f}, "code")
	}
	return s
}

func readLineSystems(f fields) *section[LineSystem] {
	s := &section[LineSystem]{byCode: map[string]int{}}
	n, ok := f.get("lineSystems")
	if !ok {
		return s
	}
	for _, n := range n.items() {
		f := n.fields("code", "name", "nameEn", "unit", "publicKey")
		system := LineSystem{Code: f.slug(), Name: f.text("name"), NameEn: f.text("nameEn"), Unit: f.text("unit")}
		if text := f.text("publicKey"); text != "" {
			key, err := base64.StdEncoding.DecodeString(text)
			if err != nil || len(key) != ed25519.PublicKeySize {
				f.fault("publicKey", RuleForm, "应为 Base64 写法的 Ed25519 公钥（%d 字节）", "an Ed25519 public key is wanted, %d bytes in base64", ed25519.PublicKeySize)
			}
			system.PublicKey = key
		}
		s.add(system.Code, entry[LineSystem]{system, f}, "code")
	}
	return s
}

func readAgencyRules(n node) *entry[AgencyRules] {
	f := n.fields("centres", "admitLimit", "assignLimit", "acceptLimit", "correctLimit", "opinionLimit", "deliverLimit", "withdrawalLimit",
		"extensionLimit", "commitmentReminders", "warnPercent", "procedures", "entrustmentMonths", "stuckAfter", "ticketCategory")
	r := AgencyRules{
		AdmitLimit:        f.limit("admitLimit"),
		AssignLimit:       f.limit("assignLimit"),
		AcceptLimit:       f.limit("acceptLimit"),
		CorrectLimit:      f.limitOr("correctLimit"),
		OpinionLimit:      f.limit("opinionLimit"),
		DeliverLimit:      f.limit("deliverLimit"),
		WithdrawalLimit:   f.limit("withdrawalLimit"),
		ExtensionLimit:    f.limit("extensionLimit"),
		WarnPercent:       f.numberOr("warnPercent", 99),
		EntrustmentMonths: f.number("entrustmentMonths", 1, 120),
		StuckAfter:        f.limit("stuckAfter"),
		TicketCategory:    f.optional("ticketCategory"),
	}
	if len(f.list("centres")) > 0 {
		for _, it := range f.texts("centres") {
			r.Centres = append(r.Centres, it.text)
		}
	}
	for _, it := range f.texts("commitmentReminders") {
		l := parseLimit(f.in, it)
		if last := len(r.CommitmentReminders) - 1; last >= 0 && l.Unit != 0 && !follows(l, r.CommitmentReminders[last]) {
			f.in.fault(it.at, RuleOrder, "到期前的提醒应使用同一单位并依次缩短", "reminders before a date must be in one unit and shrink")
		}
		r.CommitmentReminders = append(r.CommitmentReminders, l)
	}
	r.Procedures = readProcedureLimits(f)
	return &entry[AgencyRules]{r, f}
}

func readProcedureLimits(rules fields) []ProcedureLimit {
	n, ok := rules.get("procedures")
	if !ok {
		return nil
	}
	var limits []ProcedureLimit
	for _, n := range n.items() {
		f := n.fields("procedure", "maxWorkdays")
		l := ProcedureLimit{Procedure: oneOf(f, "procedure", procedures), MaxWorkdays: f.number("maxWorkdays", 1, maxItemWorkdays)}
		if slices.ContainsFunc(limits, func(other ProcedureLimit) bool { return l.Procedure != "" && other.Procedure == l.Procedure }) {
			f.fault("procedure", RuleDuplicate, "%q 重复出现", "%q is there twice", l.Procedure)
		}
		limits = append(limits, l)
	}
	return limits
}

func (d *draft) checkAgency() {
	if d.agency == nil {
		return
	}
	for _, e := range d.agency.systems.entries {
		if e.value.Unit != "" && !d.units.knows(e.value.Unit) {
			e.fault("unit", RuleReference, "没有承办单位 %q", "there is no unit %q", clip(e.value.Unit))
		}
	}
	rules := d.agency.rules
	if rules == nil {
		return
	}
	if code := rules.value.TicketCategory; code != "" && !d.categories.knows(code) {
		rules.fault("ticketCategory", RuleReference, "没有类别 %q", "there is no category %q", clip(code))
	}
	agents := d.staffed(RoleAgent)
	for _, centre := range rules.value.Centres {
		switch {
		case !d.units.knows(centre):
			rules.fault("centres", RuleReference, "没有承办单位 %q", "there is no unit %q", clip(centre))
		case !agents(centre):
			rules.fault("centres", RuleRole, "%q 没有代办员（%s）", "nobody of %q holds %s", centre, RoleAgent)
		}
	}
}

// staffed tells of units whether somebody there, or in a unit below, holds a role. Where the units or the staff could not be read, somebody does.
func (d *draft) staffed(role Role) func(unit string) bool {
	if d.units == nil || d.staff == nil {
		return func(string) bool { return true }
	}
	units := map[string]bool{}
	for _, e := range d.staff.entries {
		if e.value.Holds(role) && !units[e.value.Unit] {
			for _, unit := range d.lineage(e.value.Unit) {
				units[unit] = true
			}
		}
	}
	return func(unit string) bool { return units[unit] }
}

// offers reports whether a question can be answered so. Where the choices could not be read, it can.
func (d *draft) offers(question, code string) bool {
	if d.agency == nil || d.agency.choices == nil {
		return true
	}
	_, ok := d.agency.choices[question].find(code)
	return ok
}

// bounds reports whether a procedure has a bound. Where the rules could not be read, it has.
func (d *draft) bounds(p Procedure) bool {
	return d.agency == nil || d.agency.rules == nil || slices.ContainsFunc(d.agency.rules.value.Procedures, func(l ProcedureLimit) bool { return l.Procedure == p })
}

// catalogue puts together what was read without a fault; nil for a city without an agency.
func (d *draft) catalogue() *Catalogue {
	if d.agency == nil {
		return nil
	}
	c := &Catalogue{
		Stages:      d.stages.values(),
		Items:       d.items.values(),
		Materials:   d.materials.values(),
		LineSystems: d.agency.systems.values(),
		Rules:       d.agency.rules.value,
	}
	slices.SortStableFunc(c.Items, func(a, b Item) int { return d.stages.byCode[a.Stage] - d.stages.byCode[b.Stage] })
	for _, question := range questions {
		if s := d.agency.choices[question]; s != nil {
			c.Choices = append(c.Choices, s.values()...)
		}
	}
	return c
}
