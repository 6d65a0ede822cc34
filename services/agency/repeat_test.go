package agency_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/agency/internal/store"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// repeating is a connection on which everything that changes something is tried with the version of another time, done, done again, and tried with another
// body under the same request id.
type repeating struct {
	grpc.ClientConnInterface
	w     *world
	t     *testing.T
	tried map[string]bool // by the method's path
}

func (r *repeating) Invoke(ctx context.Context, method string, in, out any, opts ...grpc.CallOption) error {
	request, isMessage := in.(proto.Message)
	if !isMessage || request.ProtoReflect().Descriptor().Fields().ByName("request_id") == nil {
		return r.ClientConnInterface.Invoke(ctx, method, in, out, opts...)
	}
	r.tried[method] = true
	request = proto.Clone(request)
	set(request, "request_id", "request-"+strconv.Itoa(len(r.tried))+"-"+strconv.FormatInt(r.position(), 10))
	if set(request, "etag", "7777") {
		r.refused(ctx, method, request, refusal{codes.Aborted, "ETAG_MISMATCH", true})
		set(request, "etag", r.version(request))
	}
	if err := r.w.bare.Invoke(ctx, method, request, out, opts...); err != nil {
		return err
	}
	at := r.position()
	again := out.(proto.Message).ProtoReflect().New().Interface()
	if err := r.w.bare.Invoke(ctx, method, request, again, opts...); err != nil || nameOf(again) != nameOf(out) {
		r.t.Errorf("%s again: %q instead of %q, %v", method, nameOf(again), nameOf(out), err)
	}
	if other := proto.Clone(request); spoil(other) {
		r.refused(ctx, method, other, refusal{codes.AlreadyExists, "REQUEST_ID_REUSED", true})
	}
	if now := r.position(); now != at {
		r.t.Errorf("%s again: the journal grew from %d to %d", method, at, now)
	}
	return nil
}

func (r *repeating) refused(ctx context.Context, method string, in proto.Message, want refusal) {
	r.t.Helper()
	desc, err := findMethod(method)
	if err != nil {
		r.t.Fatal(err)
	}
	_, err = r.w.call(ctx, desc, in)
	if got := refusalOf(err); got != want {
		r.t.Errorf("%s: %+v, want %+v", method, got, want)
	}
}

func findMethod(path string) (protoreflect.MethodDescriptor, error) {
	for _, m := range contractMethods() {
		if "/"+string(m.Parent().FullName())+"/"+string(m.Name()) == path {
			return m, nil
		}
	}
	return nil, strconv.ErrSyntax
}

func (r *repeating) position() int64 {
	r.t.Helper()
	return must[int64](r.t)(r.w.Service.Position(r.t.Context()))
}

// version is the etag of the case that a request names.
func (r *repeating) version(in proto.Message) string {
	r.t.Helper()
	key := must[store.Key](r.t)(store.KeyOf(cataloguetest.Code, idOf(in.(interface{ GetName() string }).GetName())))
	return strconv.FormatInt(must[store.Stored](r.t)(r.w.Service.Desk().Store.Case(r.t.Context(), key)).Case.Version, 10)
}

func nameOf(m any) string { return m.(interface{ GetName() string }).GetName() }

// set sets a text of a message, where it has such a field.
func set(m proto.Message, field protoreflect.Name, value string) bool {
	f := m.ProtoReflect().Descriptor().Fields().ByName(field)
	if f == nil {
		return false
	}
	m.ProtoReflect().Set(f, protoreflect.ValueOfString(value))
	return true
}

// spoil changes something of what a request asks for, where it asks for more than a name.
func spoil(in proto.Message) bool {
	m := in.ProtoReflect()
	for i := range m.Descriptor().Fields().Len() {
		f := m.Descriptor().Fields().Get(i)
		switch {
		case strings.Contains(" name parent request_id etag ", " "+string(f.Name())+" ") || f.IsList():
		case f.Kind() == protoreflect.StringKind:
			m.Set(f, protoreflect.ValueOfString(m.Get(f).String()+"0"))
			return true
		case f.Kind() == protoreflect.BoolKind:
			m.Set(f, protoreflect.ValueOfBool(!m.Get(f).Bool()))
			return true
		}
	}
	return false
}

// Everything that changes something is safe to repeat and knows the version it was asked upon.
func TestEverythingIsSafeToRepeat(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	r := &repeating{ClientConnInterface: w.bare, w: w, t: t, tried: map[string]bool{}}
	w.connect(r)
	w.tell(t)
	w.asides(t)
	for _, m := range served() {
		if changes(m) && !r.tried[path(m)] {
			t.Errorf("%s was not tried", m.FullName())
		}
	}
}

// What the contract forbids now may have been allowed when the call was first made: its repeat is answered with what the call led to, as it is now.
func TestRepeatsThatAreNoLongerSound(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	mine := w.as(t, owner)
	opened := opening()
	opened.RequestId = "k"
	c := must[*agencyv1.Case](t)(w.CreateCase(mine, opened))
	w.principal(t, c.GetName(), cataloguetest.Filing)
	submitted := &agencyv1.SubmitItemRequest{Name: itemName(c.GetName(), cataloguetest.Filing), RequestId: "k"}
	must[*agencyv1.Item](t)(w.SubmitItem(mine, submitted))
	written := &agencyv1.CreateNoteRequest{Parent: c.GetName(), Text: "请尽快受理", RequestId: "k"}
	note := must[*agencyv1.Note](t)(w.CreateNote(mine, written))
	for _, call := range []struct {
		method string
		in     proto.Message
		want   string
	}{
		{"CaseService/CreateCase", opened, c.GetName()},
		{"ItemService/SubmitItem", submitted, submitted.GetName()},
		{"CaseService/CreateNote", written, note.GetName()},
	} {
		method := "/throughtrain.agency.v1." + call.method
		again, found, err := w.Service.Replay(authn.WithCaller(t.Context(), caller(owner)), method, call.in)
		if err != nil || !found || nameOf(again) != call.want {
			t.Errorf("%s: %v, %t, %v", call.method, again, found, err)
		}
		if _, found, err := w.Service.Replay(authn.WithCaller(t.Context(), caller(colleague)), method, call.in); found || err != nil {
			t.Errorf("%s: somebody else's repeat was found, %v", call.method, err)
		}
	}
	opened.Title = strings.Repeat("字", 201) // the hook sees another body under the same id
	desc := must[protoreflect.MethodDescriptor](t)(findMethod("/throughtrain.agency.v1.CaseService/CreateCase"))
	_, err := w.call(mine, desc, opened)
	if got := refusalOf(err); got != (refusal{codes.AlreadyExists, "REQUEST_ID_REUSED", true}) {
		t.Errorf("%+v", got)
	}
}
