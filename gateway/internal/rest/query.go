package rest

import (
	"errors"
	"net/url"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// queryError carries a refused parameter through the generated handlers, which pass on only a text.
const (
	unknownParameter = "unknown query parameter: "
	invalidParameter = "invalid query parameter: "
)

// strictQuery reads query parameters and refuses what the request does not have; the library's own parser lets them pass, and a
// misspelt pageSize would silently give another page.
type strictQuery struct{ library runtime.DefaultQueryParser }

// Parse fills the message from the query. Names in the path are not to be given again.
func (q *strictQuery) Parse(message proto.Message, values url.Values, filter *utilities.DoubleArray) error {
	fields := message.ProtoReflect().Descriptor().Fields()
	for name, given := range values {
		field := fields.ByJSONName(name)
		if field == nil {
			field = fields.ByName(protoreflect.Name(name))
		}
		if field == nil || field.Kind() == protoreflect.MessageKind || filter.HasCommonPrefix(strings.Split(string(field.Name()), ".")) {
			return errors.New(unknownParameter + clip(name))
		}
		if len(given) > 1 && !field.IsList() {
			return errors.New(invalidParameter + clip(name))
		}
		for _, v := range given {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				return errors.New(invalidParameter + clip(name))
			}
		}
		if err := q.library.Parse(message, url.Values{name: given}, filter); err != nil {
			return errors.New(invalidParameter + clip(name))
		}
	}
	return nil
}

// unparsed refuses the query of a call that takes none: the generated handlers do not look at one where the path binds every field
// of the request.
func unparsed(method, query string) error {
	if query == "" || takesQuery(method) {
		return nil
	}
	name, _, _ := strings.Cut(query, "=")
	if plain, err := url.QueryUnescape(name); err == nil {
		name = plain
	}
	return errors.New(unknownParameter + clip(name))
}

// queried remembers by method what its descriptor says.
var queried sync.Map

// takesQuery tells whether a method has a field that its path does not bind.
func takesQuery(method string) bool {
	if takes, known := queried.Load(method); known {
		return takes.(bool)
	}
	takes := false
	name := protoreflect.FullName(strings.ReplaceAll(strings.TrimPrefix(method, "/"), "/", "."))
	if d, err := protoregistry.GlobalFiles.FindDescriptorByName(name); err == nil {
		m := d.(protoreflect.MethodDescriptor)
		rule, _ := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule)
		takes = m.Input().Fields().Len() > strings.Count(rule.GetGet(), "{")
	}
	queried.Store(method, takes)
	return takes
}

// lowerCamel is the JSON spelling of a proto field's name.
func lowerCamel(name string) string {
	parts := strings.Split(name, "_")
	for i, part := range parts[1:] {
		if part != "" {
			parts[i+1] = strings.ToUpper(part[:1]) + part[1:]
		}
	}
	return strings.Join(parts, "")
}
