package agency_test

import (
	"context"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/timestamppb"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// refusal is what a caller was told: code, reason and whether it was said in both languages.
type refusal struct {
	code   codes.Code
	reason string
	both   bool
}

func refusalOf(err error) refusal {
	s := status.Convert(err)
	out := refusal{code: s.Code()}
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

// output is an empty answer of a method.
func output(method protoreflect.MethodDescriptor) proto.Message {
	found, err := protoregistry.GlobalTypes.FindMessageByName(method.Output().FullName())
	if err != nil {
		panic(err) // the contract is linked in
	}
	return found.New().Interface()
}

func path(method protoreflect.MethodDescriptor) string {
	return "/" + string(method.Parent().FullName()) + "/" + string(method.Name())
}

// call calls a method so that the status comes back as it went over the wire.
func (w *world) call(ctx context.Context, method protoreflect.MethodDescriptor, in proto.Message) (proto.Message, error) {
	out := output(method)
	return out, w.bare.Invoke(ctx, path(method), in, out)
}

// served are the methods about cases that people call: files, invitations to read and departments' systems have tests of their own.
func served() (all []protoreflect.MethodDescriptor) {
	for _, m := range contractMethods() {
		of := m.Parent().Name()
		files := strings.Contains(string(m.Name()), "Document")
		if !files && !m.IsStreamingServer() && of != "LineService" && m.Name() != "RaiseTicket" {
			all = append(all, m)
		}
	}
	return all
}

func changes(method protoreflect.MethodDescriptor) bool {
	return method.Input().Fields().ByName("request_id") != nil
}

func public(method protoreflect.MethodDescriptor) bool {
	return proto.GetExtension(method.Options(), optionsv1.E_Rule).(*optionsv1.Rule).GetPublic()
}

// sound makes a request of a method that would be accepted as far as its form goes: about a case, its site permit and its first commitment.
func sound(t testing.TB, method protoreflect.MethodDescriptor, name string) proto.Message {
	t.Helper()
	input, err := protoregistry.GlobalTypes.FindMessageByName(method.Input().FullName())
	if err != nil {
		t.Fatal(err)
	}
	m := input.New()
	set := func(field protoreflect.Name, value any) {
		f := m.Descriptor().Fields().ByName(field)
		if f == nil {
			return
		}
		if list, many := value.([]string); many {
			for _, v := range list {
				m.Mutable(f).List().Append(protoreflect.ValueOfString(v))
			}
			return
		}
		if fits(f, value) {
			m.Set(f, protoreflect.ValueOf(value))
		}
	}
	set("name", placeOf(method, name))
	set("parent", placeOf(method, name))
	for _, text := range []protoreflect.Name{"reason", "remedy", "text", "notice", "signer_name", "title", "code"} {
		set(text, "文字")
	}
	set("document", name+"/documents/01900000-0000-7000-8000-000000000001")
	set("enterprise", enterpriseName(enterprise))
	set("counties", []string{cataloguetest.HualongCode})
	set("eligibility", protoreflect.EnumNumber(1))
	set("kind", protoreflect.EnumNumber(1))
	set("reference", "91410900MA0000000X")
	set("number", int32(1))
	set("number", "2603020000015")
	set("workdays", int32(1))
	set("granted", true)
	set("text_sha256", strings.Repeat("ab", 32))
	set("centre", unitName(cataloguetest.Approvals))
	set("official", personName(cataloguetest.ApprovalsAgent2))
	set("unit", unitName(cataloguetest.Ecology))
	set("units", []string{unitName(cataloguetest.Ecology)})
	set("items", []string{cataloguetest.SitePermit})
	set("opinion", "agree")
	set("procedure", catalogue.ProcedurePublicity)
	set("material", cataloguetest.Contract)
	if method.Name() == "CreateCase" {
		m.Clear(m.Descriptor().Fields().ByName("unit"))
	}
	for _, at := range []protoreflect.Name{"expire_time", "meeting_time"} {
		if f := m.Descriptor().Fields().ByName(at); f != nil {
			m.Set(f, protoreflect.ValueOfMessage(timestamppb.New(start).ProtoReflect()))
		}
	}
	switch in := m.Interface().(type) {
	case *agencyv1.RequestCorrectionRequest:
		in.Deficiencies = []*agencyv1.Deficiency{{Material: cataloguetest.Survey, Text: "缺少"}}
	case *agencyv1.CreateCaseRequest:
		in.Answers = answers(cataloguetest.Plant())
	case *agencyv1.UpdateAnswersRequest:
		in.Answers = answers(cataloguetest.Plant())
	case *agencyv1.PreviewPlanRequest:
		in.Answers = answers(cataloguetest.Plant())
	}
	return m.Interface()
}

// fits tells whether a field takes a value of that kind.
func fits(f protoreflect.FieldDescriptor, value any) bool {
	switch value.(type) {
	case string:
		return f.Kind() == protoreflect.StringKind && !f.IsList()
	case int32:
		return f.Kind() == protoreflect.Int32Kind
	case bool:
		return f.Kind() == protoreflect.BoolKind
	case protoreflect.EnumNumber:
		return f.Kind() == protoreflect.EnumKind
	default:
		return false
	}
}

// placeOf is what a method is about, as its address says: the city, a case, an item or a commitment.
func placeOf(method protoreflect.MethodDescriptor, name string) string {
	http := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
	switch at := http.GetGet() + http.GetPost(); {
	case strings.Contains(at, "/items/*"):
		return itemName(name, cataloguetest.SitePermit)
	case strings.Contains(at, "/commitments/*"):
		return name + "/commitments/1"
	case strings.Contains(at, "/cases/*"):
		return name
	default:
		return city
	}
}

// bad is one way to spoil a request; it reports whether the request has what it takes.
type bad struct {
	name   string
	spoil  func(protoreflect.Message) bool
	code   codes.Code
	reason string // empty where any will do
}

func spoilers() []bad {
	with := func(field protoreflect.Name, value any) func(protoreflect.Message) bool {
		return func(m protoreflect.Message) bool {
			f := m.Descriptor().Fields().ByName(field)
			switch {
			case f == nil:
				return false
			case value == nil:
				m.Clear(f)
			case !fits(f, value):
				return false
			default:
				m.Set(f, protoreflect.ValueOf(value))
			}
			return true
		}
	}
	naming := func(value string) func(protoreflect.Message) bool {
		return func(m protoreflect.Message) bool {
			x, y := with("name", value)(m), with("parent", value)(m)
			return x || y
		}
	}
	required := func(field protoreflect.Name) func(protoreflect.Message) bool {
		return func(m protoreflect.Message) bool {
			f := m.Descriptor().Fields().ByName(field)
			if f == nil || !f.IsList() && !f.HasPresence() && f.Kind() == protoreflect.MessageKind {
				return false
			}
			m.Clear(f)
			return true
		}
	}
	invalid := func(name string, spoil func(protoreflect.Message) bool) bad {
		return bad{name, spoil, codes.InvalidArgument, "REQUEST_INVALID"}
	}
	all := []bad{
		invalid("no name", naming("")),
		invalid("a name that is none", naming("cases/7")),
		invalid("a name with more behind it", naming(city+"/cases/01900000-0000-7000-8000-000000000001/../..")),
		invalid("an endless request id", with("request_id", strings.Repeat("x", 129))),
		invalid("an endless etag", with("etag", strings.Repeat("x", 65))),
		invalid("a kind there is not", with("kind", protoreflect.EnumNumber(99))),
		invalid("no kind", with("kind", protoreflect.EnumNumber(0))),
		invalid("an eligibility there is not", with("eligibility", protoreflect.EnumNumber(99))),
		invalid("no eligibility", with("eligibility", protoreflect.EnumNumber(0))),
		invalid("no answers", required("answers")),
		invalid("no counties", required("counties")),
		invalid("nothing to correct", required("deficiencies")),
		invalid("no items", required("items")),
		invalid("no units", required("units")),
		invalid("no time", required("expire_time")),
		invalid("no time of the meeting", required("meeting_time")),
		invalid("neither granted nor refused", required("granted")),
		invalid("a negative page", with("page_size", int32(-1))),
		invalid("a hash that is none", with("text_sha256", "ab")),
		invalid("a unit that is none", with("unit", "water")),
		invalid("a centre that is none", with("centre", "water")),
		invalid("an official who is none", with("official", "somebody")),
		invalid("a document that is none", with("document", "a file")),
		invalid("NUL in a filter", with("filter", "number = \"\x00\"")),
		{"another city", naming("cities/410700"), codes.NotFound, "CITY_NOT_FOUND"},
		{"a filter that is none", with("filter", `state = `), codes.InvalidArgument, "FILTER_INVALID"},
		{"a filter by what there is not", with("filter", `title = "x"`), codes.InvalidArgument, "FILTER_INVALID"},
		{"an order by what there is not", with("order_by", "title"), codes.InvalidArgument, "ORDER_INVALID"},
		{"a page token that is none", with("page_token", "tomorrow"), codes.InvalidArgument, "PAGE_TOKEN_INVALID"},
		{"an etag of another time", with("etag", "7777"), codes.Aborted, "ETAG_MISMATCH"},
	}
	for _, text := range []protoreflect.Name{"reason", "remedy", "text", "notice", "signer_name", "title", "reference", "conditions", "arranged_text", "contact_name"} {
		all = append(all, invalid("an endless "+string(text), with(text, strings.Repeat("字", 20001))),
			bad{"NUL in " + string(text), with(text, "a\x00b"), codes.InvalidArgument, "REQUEST_INVALID"})
	}
	return all
}

// everything is one caller who may call every method and is every party, so that nothing else stands in the way.
func everything() authn.Caller {
	c := caller(cataloguetest.ApprovalsAgent)
	c.Enterprises = []string{enterprise}
	for _, person := range []string{cataloguetest.ApprovalsClerk, cataloguetest.PlanningClerk, cataloguetest.HualongClerk, cataloguetest.Mayor,
		cataloguetest.Supervisor, cataloguetest.MayorOffice, cataloguetest.Admin} {
		c.Roles = append(c.Roles, caller(person).Roles...)
	}
	return c
}

// Every method answers bad input with the right code and reason in both languages, and nothing is half done.
func TestBadInput(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	name := w.entrusted(t).GetName()
	before := must[int64](t)(w.Service.Position(t.Context()))
	ctx := w.with(t, everything())
	for _, method := range served() {
		t.Run(string(method.Name()), func(t *testing.T) {
			for _, b := range spoilers() {
				in := sound(t, method, name)
				if !b.spoil(in.ProtoReflect()) {
					continue
				}
				_, err := w.call(ctx, method, in)
				if got := refusalOf(err); got.code != b.code || b.reason != "" && got.reason != b.reason || !got.both {
					t.Errorf("%s: %+v, want %v %s", b.name, got, b.code, b.reason)
				}
			}
			w.unknown(t, method, name)
		})
	}
	if after := must[int64](t)(w.Service.Position(t.Context())); after != before {
		t.Errorf("the journal grew from %d to %d", before, after)
	}
}

// unknown tries callers and cases there are not.
func (w *world) unknown(t *testing.T, method protoreflect.MethodDescriptor, name string) {
	t.Helper()
	expect := func(what string, ctx context.Context, in proto.Message, code codes.Code, reason string) {
		t.Helper()
		_, err := w.call(ctx, method, in)
		if got := refusalOf(err); got != (refusal{code, reason, true}) {
			t.Errorf("%s: %+v, want %v %s", what, got, code, reason)
		}
	}
	in := sound(t, method, name)
	if public(method) {
		return
	}
	expect("no token", t.Context(), in, codes.Unauthenticated, "TOKEN_MISSING")
	forged := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer eyJhbGciOiJub25lIn0.e30.")
	expect("a forged token", forged, in, codes.Unauthenticated, "TOKEN_INVALID")
	elsewhere := everything()
	elsewhere.City = "410700"
	if placeOf(method, name) == city {
		expect("another city's token", w.with(t, elsewhere), in, codes.NotFound, "CITY_NOT_FOUND")
		return
	}
	expect("another city's token", w.with(t, elsewhere), in, codes.NotFound, "CASE_NOT_FOUND")
	missing := city + "/cases/01900000-0000-7000-8000-000000000001"
	expect("no such case", w.with(t, everything()), sound(t, method, missing), codes.NotFound, "CASE_NOT_FOUND")
	expect("no id", w.with(t, everything()), sound(t, method, city+"/cases/"+strings.Repeat("-", idLength)), codes.InvalidArgument, "REQUEST_INVALID")
}
