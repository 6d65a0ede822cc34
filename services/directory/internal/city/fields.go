package city

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/throughtrain/throughtrain/services/kit/worktime"
)

// fields is a mapping whose keys are all known. Its accessors report what is wrong with a value and return the zero value
// then, so that reading goes on and finds the next fault.
type fields struct {
	in     *intake
	at     place
	values map[string]node
	broken bool // no mapping at all, which has been said: what it lacks is an echo
}

// fields opens a mapping that may have these keys and no others.
func (n node) fields(known ...string) fields {
	f := fields{in: n.in, at: n.at, values: map[string]node{}}
	mapping, ok := n.ast.(*ast.MappingNode)
	if !ok {
		n.in.fault(n.at, RuleForm, "此处应为键值对：%s", "keys and values are wanted here: %s", strings.Join(known, ", "))
		f.broken = true
		return f
	}
	for _, pair := range mapping.Values {
		key := pair.Key.GetToken()
		at := place{n.at.file, key.Position.Line}
		if !slices.Contains(known, key.Value) {
			n.in.fault(at, RuleUnknownKey, "未知的键 %q，可用的键：%s", "unknown key %q; there are: %s", clip(key.Value), strings.Join(known, ", "))
			continue
		}
		f.values[key.Value] = nodeOf(n.in, at, pair.Value)
	}
	return f
}

// place returns where a key's value stands, or the mapping when the key is missing.
func (f fields) place(key string) place {
	if n, ok := f.values[key]; ok {
		return n.at
	}
	return f.at
}

// fault blames the value of a key.
func (f fields) fault(key string, rule Rule, zh, en string, args ...any) {
	f.in.fault(f.place(key), rule, zh, en, args...)
}

// get returns the value of a key, if there is one.
func (f fields) get(key string) (node, bool) {
	n, ok := f.values[key]
	return n, ok && !n.empty()
}

// need returns the value of a key and reports when there is none.
func (f fields) need(key string) (node, bool) {
	n, ok := f.get(key)
	if !ok && !f.broken {
		f.fault(key, RuleMissing, "缺少 %q", "%q is missing", key)
	}
	return n, ok
}

// text returns a required text.
func (f fields) text(key string) string {
	if n, ok := f.need(key); ok {
		return n.text().text
	}
	return ""
}

// optional returns a text that may be missing.
func (f fields) optional(key string) string {
	if n, ok := f.get(key); ok {
		return n.text().text
	}
	return ""
}

// list returns the entries of a required list, which has some.
func (f fields) list(key string) []node {
	n, ok := f.need(key)
	if !ok {
		return nil
	}
	if list, ok := n.ast.(*ast.SequenceNode); ok && len(list.Values) == 0 {
		f.fault(key, RuleMissing, "%q 是空的", "%q is empty", key)
	}
	return n.items()
}

// item is a text and where it stands.
type item struct {
	text string
	at   place
}

// texts returns the entries of a list of texts, each once. The list may be missing.
func (f fields) texts(key string) []item {
	n, ok := f.get(key)
	if !ok {
		return nil
	}
	var items []item
	for _, entry := range n.items() {
		it := entry.text()
		switch {
		case it.text == "":
		case slices.ContainsFunc(items, func(other item) bool { return other.text == it.text }):
			f.in.fault(it.at, RuleDuplicate, "%q 重复出现", "%q is there twice", clip(it.text))
		default:
			items = append(items, it)
		}
	}
	return items
}

// limitOr returns a limit that may be missing: the zero limit then.
func (f fields) limitOr(key string) worktime.Limit {
	if _, ok := f.get(key); !ok {
		return worktime.Limit{}
	}
	return f.limit(key)
}

// number returns a required whole number within bounds.
func (f fields) number(key string, least, most int) int {
	n, ok := f.need(key)
	if !ok {
		return least
	}
	t := n.ast.GetToken()
	value, err := 0, strconv.ErrSyntax
	if n.ast.Type() == ast.IntegerType && t.Type == token.IntegerType {
		value, err = strconv.Atoi(t.Value)
	}
	if err != nil || value < least || value > most {
		f.fault(key, RuleForm, "%q 应为 %d 至 %d 之间的整数", "%q must be a whole number from %d to %d", key, least, most)
		return least
	}
	return value
}

// numberOr returns a whole number from 0 on that may be missing: 0 then.
func (f fields) numberOr(key string, most int) int {
	if _, ok := f.get(key); !ok {
		return 0
	}
	return f.number(key, 0, most)
}

// flag returns true or false; false when it is missing.
func (f fields) flag(key string) bool {
	n, ok := f.get(key)
	if !ok {
		return false
	}
	b, ok := n.ast.(*ast.BoolNode)
	if !ok {
		f.fault(key, RuleForm, "%q 应为 true 或 false", "%q must be true or false", key)
		return false
	}
	return b.Value
}

// limit returns a required limit, as worktime writes it.
func (f fields) limit(key string) worktime.Limit {
	text := f.text(key)
	if text == "" {
		return worktime.Limit{}
	}
	return parseLimit(f.in, item{text, f.place(key)})
}

func parseLimit(in *intake, it item) worktime.Limit {
	l, err := worktime.ParseLimit(it.text)
	if err != nil {
		in.fault(it.at, RuleForm, "期限 %q 的写法不对，例如：5 workdays、24 hours, roll、30 days、90 working minutes",
			"%q is no limit; write for example: 5 workdays, 24 hours, roll, 30 days, 90 working minutes", clip(it.text))
		return worktime.Limit{}
	}
	return l
}

const maxTextRunes = 200

// text returns a text on one line without anything that cannot be seen. A bare number is refused rather than guessed at.
func (n node) text() item {
	s, ok := n.ast.(*ast.StringNode)
	if !ok {
		n.in.fault(n.at, RuleForm, "此处应为文本；数字等请加引号", "a text is wanted here; put numbers and the like in quotes")
		return item{at: n.at}
	}
	hidden := func(r rune) bool { return !unicode.IsGraphic(r) }
	switch {
	case s.Value == "" || strings.TrimSpace(s.Value) != s.Value:
		n.in.fault(n.at, RuleForm, "文本为空，或首尾有空格", "the text is empty or has blanks at its ends")
	case strings.ContainsFunc(s.Value, hidden):
		n.in.fault(n.at, RuleForm, "文本含有换行或不可见字符", "the text holds a line break or a character that cannot be seen")
	case utf8.RuneCountInString(s.Value) > maxTextRunes:
		n.in.fault(n.at, RuleForm, "文本过长，最多 %d 字", "the text is too long, at most %d characters", maxTextRunes)
	default:
		return item{s.Value, n.at}
	}
	return item{at: n.at}
}
