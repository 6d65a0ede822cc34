package files

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/timestamppb"

	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
)

// Source is a service whose files are moved: one with a method that takes pieces of a file, one that streams it, and one that says what is known of it,
// which is named Get after it.
type Source struct {
	Conn    grpc.ClientConnInterface
	Service protoreflect.ServiceDescriptor
}

// file is what every contract says of a file, whatever it calls it.
type file interface {
	proto.Message
	GetFileName() string
	GetSize() int64
	GetOffset() int64
	GetMediaType() string
	GetContentSize() int64
	GetContentSha256() string
	GetReadyTime() *timestamppb.Timestamp
}

// ready tells whether the file can be read: until then nothing is known of its content.
func ready(f file) bool { return f.GetReadyTime() != nil }

// contract is how a service's files are moved, as its annotations say it.
type contract struct {
	conn             grpc.ClientConnInterface
	get, write, read protoreflect.MethodDescriptor
	upload, download *route
}

// contractOf reads a service's annotations.
func contractOf(s Source) (*contract, error) {
	c := &contract{conn: s.Conn}
	methods := s.Service.Methods()
	for i := range methods.Len() {
		m := methods.Get(i)
		switch content, _ := proto.GetExtension(m.Options(), optionsv1.E_Content).(*optionsv1.Content); {
		case content.GetUpload() != "":
			c.write, c.upload = m, routeOf(content.GetUpload())
		case content.GetDownload() != "":
			c.read, c.download = m, routeOf(content.GetDownload())
		}
	}
	if c.write != nil {
		c.get = methods.ByName("Get" + c.write.Output().Name())
	}
	if c.get == nil || c.read == nil {
		return nil, fmt.Errorf("%s moves no files: it takes, streams or says nothing of them", s.Service.FullName())
	}
	if _, is := messageOf(c.write.Output()).(file); !is || c.get.Output() != c.write.Output() {
		return nil, fmt.Errorf("%s is no file", c.write.Output().FullName())
	}
	return c, nil
}

// route is a template of the contract as a pattern of a mux, and the way back from a request to the name in it.
type route struct {
	pattern string
	name    []string // its segments; empty for what the request says
}

// routeOf reads a template such as /v1/{name=cities/*/tickets/*}/content.
func routeOf(template string) *route {
	before, rest, _ := strings.Cut(template, "{name=")
	name, after, _ := strings.Cut(rest, "}")
	r := &route{name: strings.Split(name, "/")}
	segments := make([]string, len(r.name))
	for i, literal := range r.name {
		segments[i] = literal
		if literal == "*" {
			segments[i], r.name[i] = "{"+wildcard(i)+"}", ""
		}
	}
	r.pattern = before + strings.Join(segments, "/") + after
	return r
}

func wildcard(i int) string { return "segment" + strconv.Itoa(i) }

// nameIn is the resource name in a request's path.
func (r *route) nameIn(q *http.Request) string {
	segments := make([]string, len(r.name))
	for i, literal := range r.name {
		if segments[i] = literal; literal == "" {
			segments[i] = q.PathValue(wildcard(i))
		}
	}
	return strings.Join(segments, "/")
}

func messageOf(d protoreflect.MessageDescriptor) proto.Message {
	t, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		panic(err) // a descriptor of generated code comes with its type
	}
	return t.New().Interface()
}

// request is what a method is asked with.
func request(m protoreflect.MethodDescriptor, name string, values map[protoreflect.Name]any) proto.Message {
	in := messageOf(m.Input())
	fields := m.Input().Fields()
	in.ProtoReflect().Set(fields.ByName("name"), protoreflect.ValueOf(name))
	for field, value := range values {
		in.ProtoReflect().Set(fields.ByName(field), protoreflect.ValueOf(value))
	}
	return in
}

func pathOf(m protoreflect.MethodDescriptor) string {
	return "/" + string(m.Parent().FullName()) + "/" + string(m.Name())
}

// known asks what is known of a file.
func (c *contract) known(ctx context.Context, name string) (file, error) {
	return c.call(ctx, c.get, request(c.get, name, nil))
}

// put passes a piece on.
func (c *contract) put(ctx context.Context, name string, offset int64, piece []byte) (file, error) {
	return c.call(ctx, c.write, request(c.write, name, map[protoreflect.Name]any{"offset": offset, "data": piece}))
}

func (c *contract) call(ctx context.Context, m protoreflect.MethodDescriptor, in proto.Message) (file, error) {
	out := messageOf(m.Output())
	if err := c.conn.Invoke(ctx, pathOf(m), in, out); err != nil {
		return nil, err
	}
	return out.(file), nil
}

// stream opens a file from an offset on; chunk returns the bytes of its next message, none in the first.
func (c *contract) stream(ctx context.Context, name string, offset int64) (chunk func() ([]byte, error), err error) {
	stream, err := c.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, pathOf(c.read))
	if err != nil {
		return nil, err
	}
	if err := stream.SendMsg(request(c.read, name, map[protoreflect.Name]any{"offset": offset})); err != nil {
		return nil, err
	}
	if err := stream.CloseSend(); err != nil {
		return nil, err
	}
	data := c.read.Output().Fields().ByName("data")
	return func() ([]byte, error) {
		out := messageOf(c.read.Output())
		if err := stream.RecvMsg(out); err != nil {
			return nil, err
		}
		return out.ProtoReflect().Get(data).Bytes(), nil
	}, nil
}
