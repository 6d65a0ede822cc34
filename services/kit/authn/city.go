package authn

import (
	"strings"
	"sync"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const cityPrefix = "cities/"

// CityOf is the city that a resource name belongs to; false when it belongs to none.
func CityOf(name string) (string, bool) {
	rest, ok := strings.CutPrefix(name, cityPrefix)
	if !ok {
		return "", false
	}
	city, _, _ := strings.Cut(rest, "/")
	return city, true
}

// ForeignName returns the first resource name in a request that belongs to a city other than the given one, and whether
// there is one. It looks at the fields that hold names, by their own name (name, names, parent) or because the contract
// says so with a resource reference or a pattern, in the request and in the messages directly inside it: the resource of an update, the
// parts of a batch. Free text that looks like a name is no name.
func ForeignName(request proto.Message, city string) (string, bool) {
	message := request.ProtoReflect()
	return foreign(message, placesOf(message.Descriptor()), city)
}

// places is where a message type holds resource names.
type places struct {
	names  []protoreflect.FieldDescriptor
	inside []nested
}

type nested struct {
	field protoreflect.FieldDescriptor
	names []protoreflect.FieldDescriptor
}

// known keeps places by message type: contracts do not change while a program runs.
var known sync.Map // protoreflect.FullName → *places

func placesOf(d protoreflect.MessageDescriptor) *places {
	if p, ok := known.Load(d.FullName()); ok {
		return p.(*places)
	}
	p := &places{names: nameFields(d)}
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		if f.Message() == nil || f.IsMap() {
			continue
		}
		if names := nameFields(f.Message()); len(names) > 0 {
			p.inside = append(p.inside, nested{f, names})
		}
	}
	known.Store(d.FullName(), p)
	return p
}

func nameFields(d protoreflect.MessageDescriptor) []protoreflect.FieldDescriptor {
	var found []protoreflect.FieldDescriptor
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		if f.Kind() != protoreflect.StringKind || f.IsMap() {
			continue
		}
		switch f.Name() {
		case "name", "names", "parent":
			found = append(found, f)
			continue
		}
		if refersToResource(f) {
			found = append(found, f)
		}
	}
	return found
}

// refersToResource tells whether the contract says that a field holds a resource name: by a reference, or by a pattern that
// only the names of a city's resources match.
func refersToResource(f protoreflect.FieldDescriptor) bool {
	if proto.HasExtension(f.Options(), annotations.E_ResourceReference) {
		return true
	}
	rules, ok := proto.GetExtension(f.Options(), validate.E_Field).(*validate.FieldRules)
	if f.IsList() {
		rules = rules.GetRepeated().GetItems()
	}
	return ok && strings.HasPrefix(rules.GetString().GetPattern(), "^"+cityPrefix)
}

func foreign(m protoreflect.Message, p *places, city string) (string, bool) {
	if name, ok := foreignAmong(m, p.names, city); ok {
		return name, true
	}
	for _, in := range p.inside {
		if !m.Has(in.field) {
			continue
		}
		if !in.field.IsList() {
			if name, ok := foreignAmong(m.Get(in.field).Message(), in.names, city); ok {
				return name, true
			}
			continue
		}
		list := m.Get(in.field).List()
		for i := range list.Len() {
			if name, ok := foreignAmong(list.Get(i).Message(), in.names, city); ok {
				return name, true
			}
		}
	}
	return "", false
}

func foreignAmong(m protoreflect.Message, fields []protoreflect.FieldDescriptor, city string) (string, bool) {
	is := func(name string) bool {
		of, named := CityOf(name)
		return named && of != city
	}
	for _, f := range fields {
		if !f.IsList() {
			if name := m.Get(f).String(); is(name) {
				return name, true
			}
			continue
		}
		list := m.Get(f).List()
		for i := range list.Len() {
			if name := list.Get(i).String(); is(name) {
				return name, true
			}
		}
	}
	return "", false
}
