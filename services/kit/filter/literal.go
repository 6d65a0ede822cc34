package filter

import (
	"time"

	"go.einride.tech/aip/filtering"
	expr "google.golang.org/genproto/googleapis/api/expr/v1alpha1"
)

// nameOf reads a field's name, dots included.
func nameOf(e *expr.Expr) (string, bool) {
	if ident := e.GetIdentExpr(); ident != nil {
		return ident.GetName(), true
	}
	if member := e.GetSelectExpr(); member != nil {
		parent, ok := nameOf(member.GetOperand())
		return parent + "." + member.GetField(), ok
	}
	return "", false
}

// literal reads the right side: a quoted or bare word, a number, or timestamp("…").
func literal(f Field, e *expr.Expr) (any, error) {
	if name, ok := nameOf(e); ok {
		return name, nil
	}
	if call := e.GetCallExpr(); call.GetFunction() == filtering.FunctionTimestamp && len(call.GetArgs()) == 1 {
		return literal(f, call.GetArgs()[0])
	}
	switch c := e.GetConstExpr().GetConstantKind().(type) {
	case *expr.Constant_StringValue:
		return c.StringValue, nil
	case *expr.Constant_Int64Value:
		return c.Int64Value, nil
	case *expr.Constant_BoolValue:
		return c.BoolValue, nil
	}
	return nil, errValue(f)
}

// convert makes a literal what the field holds. A number is no text, although codes such as 010101 are tempting to write bare:
// read as a number it would lose its zero.
func convert(f Field, value any) (any, error) {
	text, isText := value.(string)
	number, isNumber := value.(int64)
	switch f.Type {
	case String:
		if isText {
			return text, nil
		}
	case Int:
		if isNumber {
			return number, nil
		}
	case Bool:
		switch text {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
	case Time:
		if at, err := time.Parse(time.RFC3339Nano, text); err == nil && at.Year() >= 1 && at.Year() <= 9999 {
			return at.UnixMicro(), nil
		}
	case Enum:
		if stored, ok := f.Values[text]; ok {
			return stored, nil
		}
	}
	return nil, errValue(f)
}
