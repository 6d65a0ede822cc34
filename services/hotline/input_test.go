package hotline_test

import (
	"context"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/timestamppb"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// told is what a caller was told: code, reason and whether it was said in both languages.
type told struct {
	code   codes.Code
	reason string
	both   bool
}

func toldOf(err error) told {
	s := status.Convert(err)
	out := told{code: s.Code()}
	languages := map[string]bool{}
	for _, d := range s.Details() {
		switch d := d.(type) {
		case *errdetails.ErrorInfo:
			out.reason = d.GetReason()
		case *errdetails.LocalizedMessage:
			languages[d.GetLocale()] = d.GetMessage() != ""
		}
	}
	out.both = languages["zh-CN"] && languages["en"]
	return out
}

// raw calls a method so that the status comes back as it went over the wire.
func (w *world) raw(ctx context.Context, method protoreflect.MethodDescriptor, in proto.Message) told {
	output, err := protoregistry.GlobalTypes.FindMessageByName(method.Output().FullName())
	if err != nil {
		panic(err) // the contract is linked in
	}
	path := "/" + string(method.Parent().FullName()) + "/" + string(method.Name())
	return toldOf(w.bare.Invoke(ctx, path, in, output.New().Interface()))
}

// sound makes a request of a method that would be accepted as far as its form goes.
func sound(t *testing.T, method protoreflect.MethodDescriptor, ticket string) proto.Message {
	t.Helper()
	input, err := protoregistry.GlobalTypes.FindMessageByName(method.Input().FullName())
	if err != nil {
		t.Fatal(err)
	}
	m := input.New()
	fields := m.Descriptor().Fields()
	set := func(name protoreflect.Name, value any) {
		if f := fields.ByName(name); f != nil {
			m.Set(f, protoreflect.ValueOf(value))
		}
	}
	set("name", ticket)
	set("parent", ticket)
	if strings.Contains(string(method.Name()), "Ticket") && fields.ByName("name") == nil && method.Name() != "ListTicketEvents" {
		set("parent", city)
	}
	for _, text := range []protoreflect.Name{"body", "text", "question", "reason", "note"} {
		set(text, "文字")
	}
	set("channel", map[bool]string{true: "phone", false: ""}[method.Name() == "ContactTicket"])
	set("route", "police")
	if f := fields.ByName("number"); f != nil && f.Kind() == protoreflect.StringKind {
		set("number", "2611230000000")
	}
	set("official", city+"/persons/"+policytest.Attendant2)
	if method.Parent().Name() == "WorkOrderService" && fields.ByName("name") != nil {
		set("name", ticket+"/workOrders/1")
	}
	if method.Name() == "ListWorkOrders" {
		set("parent", city)
	}
	for _, text := range []protoreflect.Name{"basis", "topic", "record"} {
		set(text, "文字")
	}
	if f := fields.ByName("reason"); f != nil && fields.ByName("basis") != nil {
		set("reason", "other")
	}
	if method.Name() == "RevealContact" {
		set("reason", "call")
	}
	set("unit", unit(policytest.Water))
	set("target_unit", unit(policytest.Water))
	set("mode", "phone")
	set("workdays", int32(1))
	set("granted", true)
	if f := fields.ByName("number"); f != nil && f.Kind() == protoreflect.Int32Kind {
		set("number", int32(1))
	}
	set("into", ticket)
	if f := fields.ByName("appointment_time"); f != nil {
		m.Set(f, protoreflect.ValueOfMessage(timestamppb.New(policytest.At("2026-03-20 10:00")).ProtoReflect()))
	}
	set("outcome", protoreflect.EnumNumber(1))
	set("satisfied", protoreflect.EnumNumber(1))
	set("contacted", true)
	set("solved", true)
	return m.Interface()
}

// bad is one way to spoil a request; it reports whether the request has what it takes.
type bad struct {
	name string
	// spoil returns false where it does not apply.
	spoil func(protoreflect.Message) bool
	code  codes.Code
	// reason is empty where any will do.
	reason string
}

func spoilers() []bad {
	with := func(field protoreflect.Name, value any) func(protoreflect.Message) bool {
		return func(m protoreflect.Message) bool {
			f := m.Descriptor().Fields().ByName(field)
			if f == nil {
				return false
			}
			if value == nil {
				m.Clear(f)
				return true
			}
			v := protoreflect.ValueOf(value)
			if _, isEnum := value.(protoreflect.EnumNumber); isEnum != (f.Kind() == protoreflect.EnumKind) {
				return false
			}
			if _, isText := value.(string); isText != (f.Kind() == protoreflect.StringKind) {
				return false
			}
			m.Set(f, v)
			return true
		}
	}
	either := func(a, b func(protoreflect.Message) bool) func(protoreflect.Message) bool {
		return func(m protoreflect.Message) bool {
			x, y := a(m), b(m)
			return x || y
		}
	}
	naming := func(value string) func(protoreflect.Message) bool {
		return either(with("name", value), with("parent", value))
	}
	invalid := func(name string, spoil func(protoreflect.Message) bool) bad {
		return bad{name, spoil, codes.InvalidArgument, "REQUEST_INVALID"}
	}
	all := []bad{
		invalid("no name", naming("")),
		invalid("a name that is none", naming("tickets/7")),
		invalid("a name with more behind it", naming(city+"/tickets/01900000-0000-7000-8000-000000000001/../..")),
		invalid("an endless request id", with("request_id", strings.Repeat("x", 129))),
		invalid("an endless etag", with("etag", strings.Repeat("x", 65))),
		invalid("an outcome there is not", with("outcome", protoreflect.EnumNumber(99))),
		invalid("no outcome", with("outcome", nil)),
		invalid("a satisfaction there is not", with("satisfied", protoreflect.EnumNumber(99))),
		invalid("no satisfaction", with("satisfied", nil)),
		invalid("no word on contact", with("contacted", nil)),
		invalid("no word on the solution", with("solved", nil)),
		invalid("an urgency there is not", with("urgency", protoreflect.EnumNumber(99))),
		invalid("a route there is not", with("route", "the moon")),
		invalid("a negative page", with("page_size", int32(-1))),
		invalid("a county that is no code", with("county", "华龙")),
		{"another city", naming("cities/410700"), codes.NotFound, "CITY_NOT_FOUND"},
		{"a filter that is none", with("filter", `state = `), codes.InvalidArgument, "FILTER_INVALID"},
		{"a filter by what there is not", with("filter", `body = "x"`), codes.InvalidArgument, "FILTER_INVALID"},
		{"a filter with NUL", with("filter", "category = \"\x00\""), codes.InvalidArgument, "REQUEST_INVALID"},
		{"an order by what there is not", with("order_by", "title"), codes.InvalidArgument, "ORDER_INVALID"},
		invalid("an endless query", with("query", strings.Repeat("字", 101))),
		{"a query of one character", with("query", "气"), codes.InvalidArgument, "QUERY_TOO_SHORT"},
		{"a query of nothing", with("query", " ，。"), codes.InvalidArgument, "QUERY_TOO_SHORT"},
		{"a page token that is none", with("page_token", "tomorrow"), codes.InvalidArgument, "PAGE_TOKEN_INVALID"},
		{"a number that is none", with("number", "12345"), codes.InvalidArgument, "NUMBER_INVALID"},
		{"an official who is none", with("official", city+"/persons/"+desktest.Stranger), codes.InvalidArgument, "OFFICIAL_UNKNOWN"},
		invalid("a mode there is not", with("mode", "telepathy")),
		invalid("no mode", with("mode", "")),
		invalid("a unit that is none", with("unit", "water")),
		invalid("a target that is none", with("target_unit", "water")),
		invalid("no time more", with("workdays", int32(0))),
		invalid("a year more", with("workdays", int32(366))),
		invalid("neither granted nor refused", with("granted", nil)),
		invalid("an appointment without a time", with("appointment_time", nil)),
		{"an etag of another time", with("etag", "7777"), codes.Aborted, "ETAG_MISMATCH"},
	}
	for _, text := range []protoreflect.Name{"body", "text", "question", "reason", "basis", "topic", "record"} {
		all = append(all,
			invalid("no "+string(text), with(text, "")),
			invalid("an endless "+string(text), with(text, strings.Repeat("字", 20001))),
			bad{"a blank " + string(text), with(text, " \u200b\n"), codes.InvalidArgument, "TEXT_EMPTY"},
			bad{"NUL in " + string(text), with(text, "a\x00b"), codes.InvalidArgument, "REQUEST_INVALID"},
		)
	}
	return all
}

// Every method answers bad input with the right code and reason in both languages, and nothing is half done.
func TestBadInput(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	filed := w.file(t)
	if _, err := w.DispatchTicket(w.as(t, policytest.Dispatcher), &hotlinev1.DispatchTicketRequest{Name: filed.GetName(),
		Official: city + "/persons/" + policytest.Attendant}); err != nil {
		t.Fatal(err)
	}
	before, err := w.Service.Position(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// One caller who may call every method and is every party, so that nothing else stands in the way.
	everything := desktest.Caller(policytest.Attendant)
	everything.Enterprises = []string{desktest.Enterprise}
	everything.Roles = append(everything.Roles, desktest.Caller(policytest.Dispatcher).Roles...)
	everything.Roles = append(everything.Roles, desktest.Caller(policytest.Supervisor).Roles...)
	everything.Roles = append(everything.Roles, desktest.Caller(policytest.MayorOffice).Roles...)
	everything.Roles = append(everything.Roles, desktest.Caller(policytest.Clerk).Roles...)
	ctx := w.with(t, everything)
	for _, method := range methods() {
		t.Run(string(method.Name()), func(t *testing.T) {
			for _, b := range spoilers() {
				in := sound(t, method, filed.GetName())
				if !b.spoil(in.ProtoReflect()) {
					continue
				}
				got := w.raw(ctx, method, in)
				if got.code != b.code || b.reason != "" && got.reason != b.reason || !got.both {
					if judgedBefore(method, got) {
						continue
					}
					t.Errorf("%s: %+v, want %v %s", b.name, got, b.code, b.reason)
				}
			}
			w.unknown(t, method, filed.GetName(), everything)
		})
	}
	if after, err := w.Service.Position(t.Context()); err != nil || after != before {
		t.Errorf("the journal grew from %d to %d, %v", before, after, err)
	}
}

// methods are those of every service about tickets.
func methods() (all []protoreflect.MethodDescriptor) {
	for _, file := range []protoreflect.FileDescriptor{
		hotlinev1.File_throughtrain_hotline_v1_ticket_service_proto, hotlinev1.File_throughtrain_hotline_v1_work_order_service_proto,
		hotlinev1.File_throughtrain_hotline_v1_oversight_service_proto, hotlinev1.File_throughtrain_hotline_v1_dialogue_service_proto,
	} {
		for i := range file.Services().Len() {
			of := file.Services().Get(i).Methods()
			for j := range of.Len() {
				all = append(all, of.Get(j))
			}
		}
	}
	return all
}

// judgedBefore tells a refusal that comes before what was spoilt: a ticket that is dispatched takes no official, known or not, what was not asked for
// is not decided, and the reason of a return, or of a look at a phone, is a code, which a blank is not.
func judgedBefore(method protoreflect.MethodDescriptor, got told) bool {
	state := map[protoreflect.Name]string{"DispatchTicket": "STATE_FORBIDS", "DecideReturn": "RETURN_NOT_PENDING",
		"TakeDialogue": "DIALOGUE_NOT_PENDING", "HandOnDialogue": "DIALOGUE_NOT_PENDING"}[method.Name()]
	code := (method.Input().Fields().ByName("basis") != nil || method.Name() == "RevealContact") && got == told{codes.InvalidArgument, "REQUEST_INVALID", true}
	return code || state != "" && got == told{codes.FailedPrecondition, state, true}
}

// unknown tries callers and tickets there are not.
func (w *world) unknown(t *testing.T, method protoreflect.MethodDescriptor, ticket string, everything authn.Caller) {
	t.Helper()
	expect := func(name string, got told, code codes.Code, reason string) {
		t.Helper()
		if got.code != code || reason != "" && got.reason != reason || !got.both {
			t.Errorf("%s: %+v, want %v %s", name, got, code, reason)
		}
	}
	in := sound(t, method, ticket)
	expect("no token", w.raw(t.Context(), method, in), codes.Unauthenticated, "TOKEN_MISSING")
	forged := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer eyJhbGciOiJub25lIn0.e30.")
	expect("a forged token", w.raw(forged, method, in), codes.Unauthenticated, "TOKEN_INVALID")
	elsewhere := everything
	elsewhere.City = "410700"
	foreign := w.raw(w.with(t, elsewhere), method, in)
	reason := "TICKET_NOT_FOUND"
	if f := in.ProtoReflect().Descriptor().Fields().ByName("parent"); f != nil && in.ProtoReflect().Get(f).String() == city {
		reason = "CITY_NOT_FOUND"
	}
	expect("another city's token", foreign, codes.NotFound, reason)
	if reason == "TICKET_NOT_FOUND" {
		missing := sound(t, method, city+"/tickets/01900000-0000-7000-8000-000000000001")
		expect("no such ticket", w.raw(w.with(t, everything), method, missing), codes.NotFound, reason)
		noUUID := sound(t, method, city+"/tickets/"+strings.Repeat("-", 36))
		expect("no id", w.raw(w.with(t, everything), method, noUUID), codes.InvalidArgument, "REQUEST_INVALID")
	}
}

// What the contract forbids now may have been allowed when the call was first made: its repeat is answered.
func TestARepeatThatIsNoLongerSound(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	in := filing()
	in.RequestId = "k"
	first, err := w.CreateTicket(w.as(t, desktest.Filer), in)
	if err != nil {
		t.Fatal(err)
	}
	methods := hotlinev1.File_throughtrain_hotline_v1_ticket_service_proto.Services().ByName("TicketService").Methods()
	in.Body = strings.Repeat("字", 10001) // the hook sees another body under the same id
	if got := w.raw(w.as(t, desktest.Filer), methods.ByName("CreateTicket"), in); got.code != codes.AlreadyExists || got.reason != "REQUEST_ID_REUSED" || !got.both {
		t.Errorf("%+v", got)
	}
	again, found, err := w.Service.Replay(authn.WithCaller(t.Context(), desktest.Caller(desktest.Filer)), "/throughtrain.hotline.v1.TicketService/CreateTicket",
		func() proto.Message { r := filing(); r.RequestId = "k"; return r }())
	if err != nil || !found || again.(*hotlinev1.Ticket).GetName() != first.GetName() {
		t.Errorf("%v, %t, %v", again, found, err)
	}
}
