package rpcserver

import (
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

func TestTheCharacterThatOneEngineCannotStore(t *testing.T) {
	nested := func(s string) proto.Message {
		return &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: "fine"}, {LocalizedMessage: &errdetails.LocalizedMessage{Message: s}}}}
	}
	fields := func(key, value string) proto.Message {
		return &structpb.Struct{Fields: map[string]*structpb.Value{key: structpb.NewStringValue(value)}}
	}
	for name, test := range map[string]struct {
		message proto.Message
		want    string
	}{
		"nothing":             {&errdetails.BadRequest{}, ""},
		"plain text":          {nested("中文 \t\n "), ""},
		"bytes may have it":   {&httpbody.HttpBody{Data: []byte{0}}, ""},
		"in a field":          {&annotations.ResourceDescriptor{NameField: "a\x00"}, "nameField"},
		"in a list of texts":  {&annotations.ResourceDescriptor{Pattern: []string{"a", "\x00"}}, "pattern[1]"},
		"deep in a message":   {nested("\x00"), "fieldViolations[1].localizedMessage.message"},
		"in a map's value":    {fields("key", "\x00"), "fields[*]"},
		"in a map's key":      {fields("\x00", "value"), "fields[*]"},
		"a map without it":    {fields("key", "value"), ""},
		"enumerations, flags": {&annotations.ResourceDescriptor{History: 1}, ""},
	} {
		if got := withoutNUL(test.message.ProtoReflect()); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

func BenchmarkWithoutNUL(b *testing.B) {
	m := (&annotations.ResourceDescriptor{Type: "type", Pattern: []string{"a pattern", "another"}, NameField: "name", Plural: "names", Singular: "name"}).ProtoReflect()
	for b.Loop() {
		withoutNUL(m)
	}
}
