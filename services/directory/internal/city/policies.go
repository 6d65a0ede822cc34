package city

import (
	"regexp"
	"slices"
	"strings"

	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

var policyCode = regexp.MustCompile(`^[a-z][a-z0-9-]{1,39}$`)

func (d *draft) readPolicies() {
	d.policies = readSection(d, filePolicies, "policies", func(s *section[Policy], n node) {
		f := n.fields("code", "source", "channels", "appealTypes", "categories", "urgencies", "limits")
		p := Policy{
			Code: f.code("code", policyCode, "应以小写字母开头，由 2 至 40 个小写字母、数字和连字符组成",
				"a lower-case letter, then letters, digits and hyphens, 2 to 40 in all"),
			Source:      f.text("source"),
			Channels:    f.words("channels", func(it item) bool { return isWord(d.in, it, channels) }),
			AppealTypes: f.words("appealTypes", func(it item) bool { return d.known(it, d.types.knows(it.text), "诉求类型", "appeal type") }),
			Categories:  f.words("categories", func(it item) bool { return d.known(it, d.categories.knows(it.text), "类别", "category") }),
			Urgencies:   f.words("urgencies", func(it item) bool { return isWord(d.in, it, urgencies) }),
		}
		for _, limit := range f.list("limits") {
			p.Limits = append(p.Limits, readPolicyLimit(limit, p.Limits))
		}
		if _, given := f.get("limits"); given && !slices.ContainsFunc(p.Limits, func(l PolicyLimit) bool { return l.Clock == AnswerClock }) {
			f.fault("limits", RuleMissing, "缺少办结时限（clock: %s）", "no limit for the answer (clock: %s)", AnswerClock)
		}
		s.add(p.Code, entry[Policy]{p, f}, "code")
	})
}

// words returns the texts of a list, each put before a check. One that fails it stays: a policy must not seem to match more
// than its author wrote.
func (f fields) words(key string, check func(item) bool) []string {
	var words []string
	for _, it := range f.texts(key) {
		check(it)
		words = append(words, it.text)
	}
	return words
}

// known reports a reference that leads nowhere.
func (d *draft) known(it item, ok bool, zh, en string) bool {
	if !ok {
		d.in.fault(it.at, RuleReference, "没有"+zh+" %q", "there is no "+en+" %q", clip(it.text))
	}
	return ok
}

func readPolicyLimit(n node, before []PolicyLimit) PolicyLimit {
	f := n.fields("clock", "limit", "from", "warnPercent", "ladder", "unconfirmed")
	l := PolicyLimit{
		Clock:       oneOf(f, "clock", clockKinds),
		Limit:       f.limit("limit"),
		WarnPercent: f.numberOr("warnPercent", 99),
		Ladder:      f.flag("ladder"),
		Unconfirmed: f.flag("unconfirmed"),
	}
	if slices.ContainsFunc(before, func(other PolicyLimit) bool { return l.Clock != "" && other.Clock == l.Clock }) {
		f.fault("clock", RuleDuplicate, "%q 重复出现", "%q is there twice", l.Clock)
	}
	if _, ok := f.get("from"); ok {
		l.FromSigning = oneOf(f, "from", []string{FromSigning}) == FromSigning
		if _, signed := signedFirst[l.Clock]; l.FromSigning && !signed {
			f.fault("from", RuleForm, "只有 %s、%s 和 %s 可从签收起算", "only %s, %s and %s can be counted from the signing", ContactClock, AnswerClock, HandleClock)
		}
	}
	if l.Clock == VerifyClock && l.Ladder {
		f.fault("ladder", RuleForm, "评价时限由诉求人承担，不能提级", "verifying is the filer's to do; its end climbs no ladder")
	}
	return l
}

func (d *draft) checkPolicies() {
	if d.policies == nil {
		return
	}
	general := false
	for i := range d.policies.entries {
		e := &d.policies.entries[i]
		general = general || e.value.general()
		for _, earlier := range d.policies.entries[:i] {
			if earlier.value.covers(&e.value) {
				e.fault("code", RuleOrder, "%q 永远不会生效：前面的 %q 已匹配它的全部诉求", "%q can never match: %q before it matches all that it does",
					e.value.Code, earlier.value.Code)
				break
			}
		}
		hasClock := func(kind ClockKind) bool {
			return slices.ContainsFunc(e.value.Limits, func(l PolicyLimit) bool { return l.Clock == kind })
		}
		for _, l := range e.value.Limits {
			if signing := signedFirst[l.Clock]; l.FromSigning && signing != "" && !hasClock(signing) {
				e.fault("limits", RuleMissing, "从签收起算的时限需要签收时限（clock: %s）", "a limit from the signing needs a limit for the signing (clock: %s)", signing)
				break
			}
		}
	}
	if !general {
		d.in.fault(place{file: filePolicies}, RuleMissing, "没有匹配所有诉求的规则（不写任何条件）", "no policy matches everything (one without conditions)")
	}
}

// covers reports whether a policy matches every ticket that the other matches.
func (p *Policy) covers(other *Policy) bool {
	same := func(mine, theirs string) bool { return mine == theirs }
	return holds(p.Channels, other.Channels, same) && holds(p.AppealTypes, other.AppealTypes, same) &&
		holds(p.Categories, other.Categories, func(mine, theirs string) bool { return strings.HasPrefix(theirs, mine) }) &&
		holds(p.Urgencies, other.Urgencies, same)
}

// holds reports whether a list of conditions lets in all that another lets in; an empty one lets in everything.
func holds(wide, narrow []string, matches func(wide, narrow string) bool) bool {
	if len(wide) == 0 {
		return true
	}
	return len(narrow) > 0 && !slices.ContainsFunc(narrow, func(n string) bool {
		return !slices.ContainsFunc(wide, func(w string) bool { return matches(w, n) })
	})
}

// follows reports whether a limit is longer than the one before it, which only limits in one unit can show.
func follows(before, next worktime.Limit) bool {
	return before.Unit == next.Unit && before.Amount < next.Amount
}

func (d *draft) readLadder() {
	root, ok := d.roots[fileLadder]
	if !ok {
		return
	}
	for _, n := range root.fields("ladder").list("ladder") {
		f := n.fields("rung", "after", "accountable")
		r := Rung{Number: f.number("rung", 1, 9), Accountable: oneOf(f, "accountable", accountables)}
		if _, ok := f.get("after"); ok {
			r.After = f.limit("after")
		}
		d.ladder = append(d.ladder, entry[Rung]{r, f})
	}
}

// checkLadder wants rungs that are numbered without a gap, start at the breach and come ever later.
func (d *draft) checkLadder() {
	for i, e := range d.ladder {
		r := e.value
		_, given := e.get("after")
		switch {
		case r.Number != i+1:
			e.fault("rung", RuleOrder, "梯级应从 1 起连续编号，此处应为 %d", "rungs are numbered from 1 without a gap; this one is %d", i+1)
		case i == 0 && given:
			e.fault("after", RuleOrder, "第 1 级在超时时即达到，不写 after", "rung 1 is reached by the breach itself and has no after")
		case i > 0 && !given:
			e.fault("after", RuleMissing, "第 %d 级应写明 after", "rung %d must say after how long", r.Number)
		case i > 1 && r.After.Unit != 0 && !follows(d.ladder[i-1].value.After, r.After):
			e.fault("after", RuleOrder, "各级的 after 应使用同一单位并依次增加", "the rungs' after must be in one unit and grow")
		}
	}
}
