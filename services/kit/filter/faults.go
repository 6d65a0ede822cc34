package filter

import (
	"maps"
	"slices"
	"strings"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// ErrInvalid is the fault of every filter that is refused; its violation and metadata say what is wrong with it.
var ErrInvalid = fault.New(fault.Invalid, "FILTER_INVALID",
	"筛选条件有误，请按提示修改后重试。", "The filter is not valid. Correct it as described and try again.")

// ErrOrderInvalid is the fault of every order that is refused.
var ErrOrderInvalid = fault.New(fault.Invalid, "ORDER_INVALID",
	"排序条件有误，请按提示修改后重试。", "The order is not valid. Correct it as described and try again.")

var (
	errTooLong = bad("too_long", "筛选条件过长，请精简到 4096 个字符以内", "is longer than 4096 characters; shorten it")
	errTooDeep = bad("too_deep", "括号嵌套过深，请简化", "has parentheses more than 16 deep; simplify it")
	errTooMany = bad("too_many", "筛选条件超过 50 个，请减少", "has more than 50 conditions; use fewer")
	errNoField = bad("no_field", "条件左侧须为字段名，例如 state = \"FILED\"", "needs the name of a field on the left, as in state = \"FILED\"")
)

func bad(rule, zh, en string) *fault.Error { return ErrInvalid.Field("filter", rule, zh, en) }

// shown keeps what is repeated to the client short; the rest of its input stays its own.
func shown(text string) string {
	const limit = 40
	runes := []rune(strings.ToValidUTF8(text, "�"))
	if len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return string(runes)
}

func errSyntax(cause error) error {
	return bad("syntax", "语法有误，请检查引号、括号和 AND/OR", "cannot be read; check quotes, parentheses, AND and OR").Wrap(cause)
}

func errFunction(name string) error {
	return bad("function", "不支持函数 "+shown(name), "uses the function "+shown(name)+", which there is not")
}

func (s *Schema) errUnknown(name string) error {
	known := strings.Join(s.names, ", ")
	return bad("unknown_field", "没有字段 "+shown(name)+"；可用字段："+known, "names the field "+shown(name)+", which there is not; there are: "+known)
}

func errNotBool(f Field) error {
	return bad("not_bool", "字段 "+f.Name+" 须与一个值比较", "needs a value to compare "+f.Name+" with")
}

func errOperator(f Field, operator string) error {
	return bad("operator", "字段 "+f.Name+" 不支持 "+operator, "uses "+operator+" on "+f.Name+", which does not have it")
}

// wanted says what values a field of a type takes.
var wanted = map[Type]fault.Text{
	String: {Zh: "带引号的文字", En: "a text in quotes"},
	Int:    {Zh: "整数", En: "a whole number"},
	Bool:   {Zh: "true 或 false", En: "true or false"},
	Time:   {Zh: "形如 \"2026-11-22T18:00:00+08:00\" 的时间", En: "a time such as \"2026-11-22T18:00:00+08:00\""},
}

func errValue(f Field) *fault.Error {
	want := wanted[f.Type]
	if f.Type == Enum {
		names := strings.Join(slices.Sorted(maps.Keys(f.Values)), ", ")
		want = fault.Text{Zh: "以下之一：" + names, En: "one of " + names}
	}
	return bad("value", "字段 "+f.Name+" 的值须为"+want.Zh, "needs "+want.En+" for "+f.Name)
}
