package rpcserver

import (
	"fmt"
	"strings"
	"time"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// byRule are the texts of rules that belong to one type, and of those that take no value.
var byRule = map[string]fault.Text{
	"required":          {Zh: "必须填写", En: "is required"},
	"message.oneof":     {Zh: "只能选择其中一项", En: "only one of these may be set"},
	"string.pattern":    {Zh: "格式不正确，请核对", En: "does not have the right form"},
	"bytes.pattern":     {Zh: "格式不正确，请核对", En: "does not have the right form"},
	"enum.defined_only": {Zh: "不是可选的值，请重新选择", En: "is not one of the known values"},
	"repeated.unique":   {Zh: "不能有重复项，请去掉重复", En: "must not contain the same item twice"},
	"string.email":      {Zh: "不是有效的邮箱地址", En: "is not an e-mail address"},
	"string.uuid":       {Zh: "不是有效的编号", En: "is not a UUID"},
	"string.uri":        {Zh: "不是有效的网址", En: "is not a URI"},
	"string.hostname":   {Zh: "不是有效的主机名", En: "is not a host name"},
}

// withValue are the texts of rules that name a limit, by the last part of their id; %v is the limit.
var withValue = map[string]fault.Text{
	"len":          {Zh: "长度必须为 %v 个字符", En: "must be exactly %v characters long"},
	"min_len":      {Zh: "至少需要 %v 个字符", En: "must have at least %v characters"},
	"max_len":      {Zh: "最多 %v 个字符，请缩短", En: "must have at most %v characters"},
	"len_bytes":    {Zh: "长度必须为 %v 字节", En: "must be exactly %v bytes long"},
	"min_bytes":    {Zh: "至少需要 %v 字节", En: "must have at least %v bytes"},
	"max_bytes":    {Zh: "最多 %v 字节，请缩短", En: "must have at most %v bytes"},
	"min_items":    {Zh: "至少需要 %v 项", En: "must have at least %v items"},
	"max_items":    {Zh: "最多 %v 项，请减少", En: "must have at most %v items"},
	"min_pairs":    {Zh: "至少需要 %v 项", En: "must have at least %v entries"},
	"max_pairs":    {Zh: "最多 %v 项，请减少", En: "must have at most %v entries"},
	"prefix":       {Zh: "必须以 %v 开头", En: "must begin with %v"},
	"suffix":       {Zh: "必须以 %v 结尾", En: "must end with %v"},
	"contains":     {Zh: "必须包含 %v", En: "must contain %v"},
	"not_contains": {Zh: "不能包含 %v", En: "must not contain %v"},
	"const":        {Zh: "必须为 %v", En: "must be %v"},
}

var (
	choice = fault.Text{Zh: "不是可选的值，请重新选择", En: "is not an allowed value"}
	// Bounds are said from the rule itself: one text for the twelve combinations of two ends.
	bounds = []struct {
		rule protoreflect.Name
		text fault.Text
	}{
		{"gt", fault.Text{Zh: "大于 %v", En: "greater than %v"}},
		{"gte", fault.Text{Zh: "不小于 %v", En: "at least %v"}},
		{"lt", fault.Text{Zh: "小于 %v", En: "less than %v"}},
		{"lte", fault.Text{Zh: "不大于 %v", En: "at most %v"}},
		{"gt_now", fault.Text{Zh: "晚于当前时间", En: "in the future"}},
		{"lt_now", fault.Text{Zh: "早于当前时间", En: "in the past"}},
		{"within", fault.Text{Zh: "距当前时间不超过 %v", En: "within %v of now"}},
	}
)

// standardText says what one of protovalidate's own rules wants. A rule that is not in the tables is at least said in the
// contract's English.
func standardText(id string, v *protovalidate.Violation) fault.Text {
	id = strings.TrimSuffix(id, "_empty")
	if text, ok := byRule[id]; ok {
		return text
	}
	kind, rule, _ := strings.Cut(id, ".")
	if text, ok := withValue[rule]; ok && v.RuleValue.IsValid() {
		limit := say(v.RuleDescriptor, v.RuleValue)
		if kind == "bytes" {
			text = withValue[strings.Replace(rule, "len", "bytes", 1)]
			if text == (fault.Text{}) { // plain len
				text = withValue["len_bytes"]
			}
		}
		return fault.Text{Zh: fmt.Sprintf(text.Zh, limit), En: fmt.Sprintf(text.En, limit)}
	}
	if rule == "in" || rule == "not_in" {
		return choice
	}
	if text, ok := boundsText(kind, v); ok {
		return text
	}
	english := v.Proto.GetMessage()
	if english == "" {
		english = "does not meet the rule " + id
	}
	return fault.Text{Zh: "不符合要求，请核对", En: english}
}

// boundsText says both ends of a range, which the violation itself names only one of.
func boundsText(kind string, v *protovalidate.Violation) (fault.Text, bool) {
	if v.FieldDescriptor == nil {
		return fault.Text{}, false
	}
	rules, err := protovalidate.ResolveFieldRules(v.FieldDescriptor)
	if err != nil || rules == nil {
		return fault.Text{}, false
	}
	if items := rules.GetRepeated().GetItems(); items != nil {
		rules = items
	}
	all := rules.ProtoReflect()
	field := all.Descriptor().Fields().ByName(protoreflect.Name(kind))
	if field == nil || field.Message() == nil || !all.Has(field) {
		return fault.Text{}, false
	}
	typed := all.Get(field).Message()
	var zh, en []string
	for _, bound := range bounds {
		f := typed.Descriptor().Fields().ByName(bound.rule)
		if f == nil || !typed.Has(f) {
			continue
		}
		limit := say(f, typed.Get(f))
		zh, en = append(zh, put(bound.text.Zh, limit)), append(en, put(bound.text.En, limit))
	}
	if len(zh) == 0 {
		return fault.Text{}, false
	}
	return fault.Text{Zh: "必须" + strings.Join(zh, " 且"), En: "must be " + strings.Join(en, " and ")}, true
}

func put(text, limit string) string { return strings.Replace(text, "%v", limit, 1) }

// say writes a rule's value for people.
func say(d protoreflect.FieldDescriptor, value protoreflect.Value) string {
	if d == nil || d.Message() == nil {
		return value.String()
	}
	switch m := value.Message().Interface().(type) {
	case *durationpb.Duration:
		return m.AsDuration().String()
	case *timestamppb.Timestamp:
		return m.AsTime().Format(time.RFC3339)
	default:
		return string(proto.MessageName(m))
	}
}
