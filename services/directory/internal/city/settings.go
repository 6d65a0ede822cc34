package city

import "regexp"

var gbCode = regexp.MustCompile(`^[0-9]{6}$`)

// zone is the only one that worktime computes in.
const zone = "Asia/Shanghai"

func (d *draft) readSettings() {
	root, ok := d.roots[fileCity]
	if !ok {
		return
	}
	f := root.fields("code", "name", "nameEn", "zone", "deskUnit", "rules", "rates", "secondPerson")
	e := &entry[City]{fields: f}
	e.value.Code = f.code("code", gbCode, "应为 6 位数字的行政区划代码", "six digits of GB/T 2260")
	e.value.Name, e.value.NameEn = f.text("name"), f.text("nameEn")
	e.value.DeskUnit = f.text("deskUnit")
	e.value.Zone = f.text("zone")
	e.value.SecondPerson = f.flag("secondPerson")
	if e.value.Zone != "" && e.value.Zone != zone {
		f.fault("zone", RuleReference, "目前只支持时区 %s", "the only time zone there is: %s", zone)
	}
	if n, ok := f.need("rules"); ok {
		e.value.Rules = readRules(n)
	}
	if n, ok := f.need("rates"); ok {
		e.value.Rates = readRates(n)
	}
	d.settings = e
}

func readRules(n node) Rules {
	f := n.fields("maxQuestions", "waitLimit", "maxWaitWorkdays", "noQuestionLastPercent", "maxReopens", "reopenWindow",
		"verifyReminders", "thinAnswerChars", "returnWindow", "maxReturns", "maxExtensions", "maxExtensionWorkdays", "callbackPercent", "callbackRetry",
		"minVisitInterval")
	r := Rules{
		MaxQuestions:          f.number("maxQuestions", 0, 20),
		WaitLimit:             f.limit("waitLimit"),
		MaxWaitWorkdays:       f.number("maxWaitWorkdays", 0, 250),
		NoQuestionLastPercent: f.number("noQuestionLastPercent", 0, 100),
		MaxReopens:            f.number("maxReopens", 0, 20),
		ReopenWindow:          f.limit("reopenWindow"),
		ThinAnswerChars:       f.number("thinAnswerChars", 0, 1000),
		MaxReturns:            f.numberOr("maxReturns", 20),
		MaxExtensions:         f.numberOr("maxExtensions", 20),
		MaxExtensionWorkdays:  f.numberOr("maxExtensionWorkdays", 365),
		CallbackPercent:       f.numberOr("callbackPercent", 100),
		ReturnWindow:          f.limitOr("returnWindow"),
		CallbackRetry:         f.limitOr("callbackRetry"),
		MinVisitInterval:      f.limitOr("minVisitInterval"),
	}
	if _, windowed := f.get("returnWindow"); r.MaxReturns > 0 && !windowed {
		f.fault("maxReturns", RuleMissing, "允许退单时须写明期限 returnWindow", "where returns are allowed their window must be said: returnWindow")
	}
	if r.MaxExtensions > 0 && r.MaxExtensionWorkdays == 0 {
		f.fault("maxExtensions", RuleMissing, "允许延期时须写明 maxExtensionWorkdays", "where extensions are allowed their length must be said: maxExtensionWorkdays")
	}
	for _, it := range f.texts("verifyReminders") {
		l := parseLimit(f.in, it)
		if last := len(r.VerifyReminders) - 1; last >= 0 && l.Unit != 0 && !follows(r.VerifyReminders[last], l) {
			f.in.fault(it.at, RuleOrder, "提醒的时间应使用同一单位并依次增加", "reminders must be in one unit and grow")
		}
		r.VerifyReminders = append(r.VerifyReminders, l)
	}
	return r
}

func readRates(n node) Rates {
	f := n.fields("response", "resolution", "satisfaction", "basically", "targets")
	r := Rates{
		Response:     f.number("response", 0, 100),
		Resolution:   f.number("resolution", 0, 100),
		Satisfaction: f.number("satisfaction", 0, 100),
		Basically:    f.number("basically", 0, 100),
	}
	if sum := r.Response + r.Resolution + r.Satisfaction; sum != 100 {
		f.in.fault(f.at, RuleForm, "三率权重之和应为 100，现为 %d", "the weights of the three rates must add up to 100, not %d", sum)
	}
	if n, ok := f.get("targets"); ok {
		t := n.fields("response", "resolution", "satisfaction")
		r.Targets = Targets{Response: t.numberOr("response", 100), Resolution: t.numberOr("resolution", 100), Satisfaction: t.numberOr("satisfaction", 100)}
	}
	return r
}

func (d *draft) checkSettings() {
	if d.settings == nil || d.settings.value.DeskUnit == "" || d.units == nil {
		return
	}
	code := d.settings.value.DeskUnit
	unit, ok := d.units.find(code)
	switch {
	case !ok:
		d.settings.fault("deskUnit", RuleReference, "没有承办单位 %q", "there is no unit %q", clip(code))
	case unit.value.Kind != Desk:
		d.settings.fault("deskUnit", RuleReference, "%q 不是派单单位（kind: %s）", "%q is not a desk (kind: %s)", code, Desk)
	}
}
