package rpcserver

import (
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// ruleNUL is broken by the character U+0000 in a text. No contract says so and yet it holds for all: PostgreSQL cannot store
// it, and what one engine takes and the other does not must be refused before either is asked.
const ruleNUL = "string.nul"

var nulText = fault.Text{Zh: "含有不可用的字符（U+0000），请删除", En: "contains the character U+0000; remove it"}

// withoutNUL finds the first text with that character, by its path in JSON's spelling; empty when there is none.
func withoutNUL(m protoreflect.Message) (path string) {
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		path = nulIn(f, v)
		return path == ""
	})
	return path
}

func nulIn(f protoreflect.FieldDescriptor, v protoreflect.Value) string {
	switch {
	case f.IsMap():
		return nulInMap(f, v.Map())
	case f.IsList():
		if f.Kind() != protoreflect.StringKind && f.Message() == nil {
			return ""
		}
		for i := range v.List().Len() {
			if in := nulInOne(f, v.List().Get(i)); in != "" {
				return f.JSONName() + "[" + strconv.Itoa(i) + "]" + strings.TrimPrefix(in, f.JSONName())
			}
		}
		return ""
	default:
		return nulInOne(f, v)
	}
}

// nulInMap looks at keys and values. A map's key is somebody's input and is not repeated.
func nulInMap(f protoreflect.FieldDescriptor, m protoreflect.Map) (path string) {
	m.Range(func(key protoreflect.MapKey, value protoreflect.Value) bool {
		bad := f.MapKey().Kind() == protoreflect.StringKind && strings.IndexByte(key.String(), 0) >= 0
		if bad || nulInOne(f.MapValue(), value) != "" {
			path = f.JSONName() + "[*]"
		}
		return path == ""
	})
	return path
}

func nulInOne(f protoreflect.FieldDescriptor, v protoreflect.Value) string {
	switch {
	case f.Kind() == protoreflect.StringKind:
		if strings.IndexByte(v.String(), 0) >= 0 {
			return f.JSONName()
		}
	case f.Message() != nil:
		if in := withoutNUL(v.Message()); in != "" {
			return f.JSONName() + "." + in
		}
	}
	return ""
}
