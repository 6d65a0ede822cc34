// Package echo is a contract for the tests of rpcserver and rpcclient: one message with a rule of each sort, and one method
// for each way in. It is described here in Go, so that kit's tests need no generated code and no generator.
package echo

import (
	"context"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
)

const pkg = "throughtrain.kit.echo.v1"

// Services of the contract.
const (
	Service = pkg + ".EchoService"
	Unruled = pkg + ".UnruledService" // every method's rule is missing or senseless
)

// Methods of Service, in full.
const (
	Public = "/" + Service + "/Public" // anybody
	Person = "/" + Service + "/Person" // any person
	Clerk  = "/" + Service + "/Clerk"  // clerks, and the service named hotline
	Peer   = "/" + Service + "/Peer"   // the service named hotline only
	Watch  = "/" + Service + "/Watch"  // any person; streams both ways
)

var rules = map[string]*optionsv1.Rule{
	"Public": {Public: true},
	"Person": {Person: true},
	"Clerk":  {Roles: []optionsv1.Role{optionsv1.Role_ROLE_CLERK}, Services: []string{"hotline"}},
	"Peer":   {Services: []string{"hotline"}},
	"Watch":  {Person: true},
}

var senseless = map[string]*optionsv1.Rule{
	"Missing":     nil,
	"Empty":       {},
	"PublicRole":  {Public: true, Roles: []optionsv1.Role{optionsv1.Role_ROLE_CLERK}},
	"PersonRole":  {Person: true, Roles: []optionsv1.Role{optionsv1.Role_ROLE_CLERK}},
	"Unspecified": {Roles: []optionsv1.Role{optionsv1.Role_ROLE_UNSPECIFIED}},
	"Nameless":    {Services: []string{""}},
}

var messageType = register()

func field(number int32, name string, kind descriptorpb.FieldDescriptorProto_Type, rules *validate.FieldRules) *descriptorpb.FieldDescriptorProto {
	f := &descriptorpb.FieldDescriptorProto{Name: &name, Number: &number, Type: &kind,
		Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum()}
	if rules != nil {
		options := &descriptorpb.FieldOptions{}
		proto.SetExtension(options, validate.E_Field, rules)
		f.Options = options
	}
	return f
}

func text(rules *validate.StringRules) *validate.FieldRules {
	return &validate.FieldRules{Type: &validate.FieldRules_String_{String_: rules}}
}

func register() protoreflect.MessageDescriptor {
	const str, i32, msg = descriptorpb.FieldDescriptorProto_TYPE_STRING, descriptorpb.FieldDescriptorProto_TYPE_INT32,
		descriptorpb.FieldDescriptorProto_TYPE_MESSAGE
	repeated := descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()

	unit := text(&validate.StringRules{Pattern: new("^cities/[0-9]{6}/units/[A-Z]+$")})
	unit.Ignore = validate.Ignore_IGNORE_IF_ZERO_VALUE.Enum()
	tags := field(5, "short_tags", str, &validate.FieldRules{Type: &validate.FieldRules_Repeated{Repeated: &validate.RepeatedRules{
		MaxItems: new(uint64(30)), Unique: new(true), Items: text(&validate.StringRules{MaxLen: new(uint64(5))})}}})
	tags.Label = repeated
	item := field(6, "item", msg, nil)
	item.TypeName = new("." + pkg + ".Item")
	items := field(8, "more_items", msg, nil)
	items.TypeName, items.Label = item.TypeName, repeated

	echo := &descriptorpb.DescriptorProto{Name: new("Echo"), Field: []*descriptorpb.FieldDescriptorProto{
		field(1, "name", str, nil),
		field(2, "free_text", str, text(&validate.StringRules{MinLen: new(uint64(1)), MaxLen: new(uint64(1000))})),
		field(3, "request_id", str, nil),
		field(4, "count", i32, &validate.FieldRules{Type: &validate.FieldRules_Int32{Int32: &validate.Int32Rules{
			GreaterThan: &validate.Int32Rules_Gte{Gte: 0}, LessThan: &validate.Int32Rules_Lte{Lte: 10}}}}),
		tags, item,
		field(7, "unit", str, unit),
		items,
	}}
	itemType := &descriptorpb.DescriptorProto{Name: new("Item"), Field: []*descriptorpb.FieldDescriptorProto{
		field(1, "name", str, nil),
		field(2, "phone_number", str, text(&validate.StringRules{Pattern: new("^[0-9]*$")})),
	}}
	file := &descriptorpb.FileDescriptorProto{Name: new("throughtrain/kit/echo/v1/echo.proto"), Package: new(pkg), Syntax: new("proto3"),
		Dependency:  []string{"buf/validate/validate.proto", "throughtrain/options/v1/options.proto"},
		MessageType: []*descriptorpb.DescriptorProto{echo, itemType},
		Service:     []*descriptorpb.ServiceDescriptorProto{serviceOf("EchoService", rules), serviceOf("UnruledService", senseless)}}
	built, err := protodesc.NewFile(file, protoregistry.GlobalFiles)
	if err == nil {
		err = protoregistry.GlobalFiles.RegisterFile(built)
	}
	if err != nil {
		panic(err)
	}
	return built.Messages().ByName("Echo")
}

func serviceOf(name string, rules map[string]*optionsv1.Rule) *descriptorpb.ServiceDescriptorProto {
	s := &descriptorpb.ServiceDescriptorProto{Name: &name}
	for method, rule := range rules {
		options := &descriptorpb.MethodOptions{}
		if rule != nil {
			proto.SetExtension(options, optionsv1.E_Rule, rule)
		}
		m := &descriptorpb.MethodDescriptorProto{Name: new(method), InputType: new("." + pkg + ".Echo"), OutputType: new("." + pkg + ".Echo"),
			Options: options}
		if method == "Watch" {
			m.ClientStreaming, m.ServerStreaming = new(true), new(true)
		}
		s.Method = append(s.Method, m)
	}
	return s
}

// Message is the contract's one message.
type Message struct{ *dynamicpb.Message }

// New makes a message from its JSON-free essentials; further fields are set with Set.
func New(freeText string) Message {
	m := Message{dynamicpb.NewMessage(messageType)}
	if freeText != "" {
		m.Set("free_text", freeText)
	}
	return m
}

// Set sets a field by its name; strings, int32 and lists of strings.
func (m Message) Set(field string, value any) Message {
	f := messageType.Fields().ByName(protoreflect.Name(field))
	if texts, ok := value.([]string); ok {
		list := m.Mutable(f).List()
		for _, t := range texts {
			list.Append(protoreflect.ValueOfString(t))
		}
		return m
	}
	m.Message.Set(f, protoreflect.ValueOf(value))
	return m
}

// Item sets a field of the message's item.
func (m Message) Item(field, value string) Message {
	item := m.Mutable(messageType.Fields().ByName("item")).Message()
	item.Set(item.Descriptor().Fields().ByName(protoreflect.Name(field)), protoreflect.ValueOfString(value))
	return m
}

// AddItem adds to the message's further items.
func (m Message) AddItem(field, value string) Message {
	list := m.Mutable(messageType.Fields().ByName("more_items")).List()
	item := list.AppendMutable().Message()
	item.Set(item.Descriptor().Fields().ByName(protoreflect.Name(field)), protoreflect.ValueOfString(value))
	return m
}

// Text is the free text.
func (m Message) Text() string { return m.Get(messageType.Fields().ByName("free_text")).String() }

// GetRequestId is the getter that a generated message has.
//
//nolint:staticcheck // ST1003: the name is the generator's
func (m Message) GetRequestId() string {
	return m.Get(messageType.Fields().ByName("request_id")).String()
}

// Server answers every method.
type Server interface {
	Echo(ctx context.Context, method string, request Message) (Message, error)
	Watch(stream grpc.ServerStream) error
}

// Desc is what generated code would have.
func Desc(service string) *grpc.ServiceDesc {
	desc := &grpc.ServiceDesc{ServiceName: service, HandlerType: (*Server)(nil)}
	names := rules
	if service == Unruled {
		names = senseless
	}
	for name := range names {
		if name == "Watch" {
			desc.Streams = append(desc.Streams, grpc.StreamDesc{StreamName: name, ServerStreams: true, ClientStreams: true,
				Handler: func(impl any, stream grpc.ServerStream) error { return impl.(Server).Watch(stream) }})
			continue
		}
		full := "/" + service + "/" + name
		desc.Methods = append(desc.Methods, grpc.MethodDesc{MethodName: name, Handler: func(impl any, ctx context.Context,
			decode func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
			request := New("")
			if err := decode(request); err != nil {
				return nil, err
			}
			handle := func(ctx context.Context, r any) (any, error) { return impl.(Server).Echo(ctx, full, r.(Message)) }
			return intercept(ctx, request, &grpc.UnaryServerInfo{Server: impl, FullMethod: full}, handle)
		}})
	}
	return desc
}

// Call calls a method.
func Call(ctx context.Context, c grpc.ClientConnInterface, method string, request Message, opts ...grpc.CallOption) (Message, error) {
	response := New("")
	err := c.Invoke(ctx, method, request, response, opts...)
	return response, err
}

// Open opens the stream.
func Open(ctx context.Context, c grpc.ClientConnInterface) (grpc.ClientStream, error) {
	return c.NewStream(ctx, &grpc.StreamDesc{StreamName: "Watch", ServerStreams: true, ClientStreams: true}, Watch)
}
