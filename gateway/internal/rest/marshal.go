package rest

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/throughtrain/throughtrain/gateway/internal/guard"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// marshaler is JSON as the contract says it: lowerCamel names, enum words, zero values written out because a client must be able
// to tell "no" from "not said", and unknown fields refused by name.
type marshaler struct{ *runtime.JSONPb }

func newMarshaler() runtime.Marshaler {
	return marshaler{&runtime.JSONPb{MarshalOptions: protojson.MarshalOptions{EmitUnpopulated: true}}}
}

func (marshaler) ContentType(any) string { return "application/json; charset=utf-8" }

// NewDecoder decodes what guard has read. A fault is left with the body, since the generated handlers pass on only a text.
func (m marshaler) NewDecoder(r io.Reader) runtime.Decoder {
	body, guarded := r.(*guard.Body)
	if !guarded {
		return m.JSONPb.NewDecoder(r)
	}
	return runtime.DecoderFunc(func(v any) error {
		message, ok := v.(proto.Message)
		if !ok {
			return fmt.Errorf("cannot decode into %T", v)
		}
		content := make([]byte, body.Len())
		if _, err := io.ReadFull(body, content); err != nil {
			return err
		}
		if len(content) == 0 {
			return nil
		}
		if body.Fault = Decode(content, message); body.Fault != nil {
			return body.Fault
		}
		return nil
	})
}

// Decode reads a body into a message, or says what is wrong with it in words that help.
func Decode(content []byte, message proto.Message) *fault.Error {
	if err := (protojson.UnmarshalOptions{}).Unmarshal(content, message); err != nil {
		return decodeFault(err)
	}
	if name := named(message); name != "" {
		return unknown(name)
	}
	return nil
}

// named returns the field of a body that only the path may fill: given in both, one of them would silently win.
func named(message proto.Message) string {
	m := message.ProtoReflect()
	for _, name := range []protoreflect.Name{"name", "parent"} {
		if f := m.Descriptor().Fields().ByName(name); f != nil && m.Has(f) {
			return string(name)
		}
	}
	return ""
}

func unknown(name string) *fault.Error {
	return fault.New(fault.Invalid, "UNKNOWN_FIELD",
		"无法识别字段“"+name+"”，请对照接口文档检查拼写。", "Unknown field \""+name+"\". Check its spelling in the API reference.").
		Field(name, "UNKNOWN_FIELD", "没有这个字段。", "There is no such field.")
}

// The texts of protojson name the field at fault, but only in prose.
var (
	unknownField = regexp.MustCompile(`unknown field ("(?:[^"\\]|\\.)*")`)
	badValue     = regexp.MustCompile(`invalid value for \w+ (?:type|field (\w+)): (.*)$`)
	position     = regexp.MustCompile(`\(line \d+:\d+\)`)
)

// decodeFault says what is wrong with a body in words that help.
func decodeFault(err error) *fault.Error {
	text := err.Error()
	if m := unknownField.FindStringSubmatch(text); m != nil {
		var name string
		if json.Unmarshal([]byte(m[1]), &name) != nil {
			name = m[1]
		}
		name = clip(name)
		return unknown(name)
	}
	where := position.FindString(text)
	if m := badValue.FindStringSubmatch(text); m != nil {
		field := lowerCamel(m[1])
		return fault.New(fault.Invalid, "FIELD_VALUE_INVALID",
			"字段“"+field+"”的值类型或取值不正确 "+where+"。", "The value of field \""+field+"\" has the wrong type or is not one of those allowed "+where+".").
			Field(field, "FIELD_VALUE_INVALID", "值类型或取值不正确。", "Wrong type, or not one of the values allowed.").Wrap(err)
	}
	return fault.New(fault.Invalid, "JSON_INVALID",
		"请求内容不符合接口定义 "+where+"。", "The body does not fit the API's definition "+where+".").Wrap(err)
}

// clip keeps what a client sent from filling an error, or from spoiling it with bytes that are no text.
func clip(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	runes := []rune(s)
	if len(runes) > 64 {
		return string(runes[:64]) + "…"
	}
	return s
}
