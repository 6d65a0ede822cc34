package rpc_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/desk"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// method is one method of the contract with its rule.
type method struct {
	path string
	desc protoreflect.MethodDescriptor
	rule *optionsv1.Rule
}

func methods(t *testing.T) []method {
	t.Helper()
	var all []method
	for _, service := range []*grpc.ServiceDesc{&directoryv1.SessionService_ServiceDesc, &directoryv1.EnterpriseService_ServiceDesc,
		&directoryv1.PersonService_ServiceDesc, &directoryv1.StaffService_ServiceDesc, &directoryv1.SettingsService_ServiceDesc, &directoryv1.DemoService_ServiceDesc, &feedv1.FeedService_ServiceDesc} {
		found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service.ServiceName))
		if err != nil {
			t.Fatal(err)
		}
		list := found.(protoreflect.ServiceDescriptor).Methods()
		for i := range list.Len() {
			rule := proto.GetExtension(list.Get(i).Options(), optionsv1.E_Rule).(*optionsv1.Rule)
			all = append(all, method{path: "/" + service.ServiceName + "/" + string(list.Get(i).Name()), desc: list.Get(i), rule: rule})
		}
	}
	return all
}

func (w *world) call(ctx context.Context, m method, request proto.Message) error {
	return w.connection.Invoke(ctx, m.path, request, dynamicpb.NewMessage(m.desc.Output()))
}

// answered checks what every failure must have, and that it is never ours.
func (w *world) answered(what string, err error) {
	w.t.Helper()
	if err == nil {
		return
	}
	f := fault.From(err)
	if f.Kind.Ours() || f.Kind == fault.Unimplemented || f.Reason == "" || f.Text.Zh == "" || f.Text.En == "" {
		w.t.Errorf("%s: %v", what, err)
	}
}

func (w *world) events() int64 {
	w.t.Helper()
	var n int64
	w.must(w.store.DB().QueryRow(context.Background(), `SELECT count(*) FROM journal`).Scan(&n))
	return n
}

func TestWithoutATokenOnlyWhatIsPublicIsOpen(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	for _, m := range methods(t) {
		err := w.call(t.Context(), m, dynamicpb.NewMessage(m.desc.Input()))
		if m.rule.GetPublic() {
			w.answered(m.path, err)
			continue
		}
		wants(t, m.path, err, fault.Unauthenticated, "TOKEN_MISSING")
	}
}

// TestBadInputOnEveryMethod puts every kind of nonsense into every text field of every method, the others being right: each
// is answered with a reason in both languages, none with an error of ours, and nothing is half done.
func TestBadInputOnEveryMethod(t *testing.T) { kittest.EachDatabase(t, badInput) }

func badInput(t *testing.T, dsn string) {
	w := newWorldOn(t, dsn, desk.Limits{})
	s := w.signIn(phone(1))
	admin := w.persona("admin", optionsv1.Role_ROLE_CITY_ADMIN)
	nonsense := []string{"", " ", "x", strings.Repeat("长", 5000), "\x00", "cities/410900", "cities/000000", "cities/410900/enterprises/x", "cities/410900/persons/" + strings.Repeat("-", 36),
		"cities/410900/enterprises/" + strings.Repeat("0", 36) + "/members/" + strings.Repeat("0", 36), "'; DROP TABLE persons; --", "\u202e", "%00", "../../etc/passwd"}
	for _, m := range methods(t) {
		fields := m.desc.Input().Fields()
		for i := range fields.Len() {
			if fields.Get(i).Kind() != protoreflect.StringKind {
				continue
			}
			for _, text := range nonsense {
				request := right(m.desc.Input())
				if list := fields.Get(i); list.IsList() {
					request.Mutable(list).List().Append(protoreflect.ValueOfString(text))
				} else {
					request.Set(list, protoreflect.ValueOfString(text))
				}
				for _, who := range []*directoryv1.Session{s, admin} {
					before := w.events()
					err := w.call(w.as(who), m, request)
					w.answered(fmt.Sprintf("%s %s %.40q", m.path, fields.Get(i).Name(), text), err)
					if after := w.events(); err != nil && after != before {
						t.Errorf("%s was refused (%v) and left %d events", m.path, err, after-before)
					}
				}
			}
		}
	}
}

// right fills a request so that it passes validation.
func right(d protoreflect.MessageDescriptor) *dynamicpb.Message {
	const none = "00000000-0000-7000-8000-000000000000"
	m := dynamicpb.NewMessage(d)
	set := func(field protoreflect.Name, value any) {
		if f := d.Fields().ByName(field); f != nil {
			m.Set(f, protoreflect.ValueOf(value))
		}
	}
	name := "cities/410900/enterprises/" + none
	switch {
	case strings.Contains(string(d.Name()), "Settings"):
		name = "cities/410900/persons/" + none + "/settings"
	case strings.Contains(string(d.Name()), "Person") || strings.Contains(string(d.Name()), "Official") || strings.Contains(string(d.Name()), "Password"):
		name = "cities/410900/persons/" + none
	case strings.Contains(string(d.Name()), "Member"):
		name += "/members/" + none
	}
	set("name", name)
	set("parent", "cities/410900")
	if d.Name() == "CreateProjectRequest" || d.Name() == "ListMembersRequest" || d.Name() == "ListProjectsRequest" {
		set("parent", "cities/410900/enterprises/"+none)
	}
	for field, value := range map[protoreflect.Name]string{"phone": "12345", "challenge": "x", "code": "000000", "login": "x", "password": "x", "refresh_token": "x",
		"persona": "x", "display_name": "名", "county": "410902", "reason": "x", "old_password": "x", "new_password": "x"} {
		set(field, value)
	}
	if f := d.Fields().ByName("settings"); f != nil {
		m.Set(f, protoreflect.ValueOfMessage(dynamicpb.NewMessage(f.Message())))
	}
	for _, field := range []protoreflect.Name{"kind", "stage"} {
		set(field, protoreflect.EnumNumber(1))
	}
	return m
}

// TestAnotherCityIsNowhere: whatever of another city is named, it is not found.
func TestAnotherCityIsNowhere(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	s := w.persona("admin", optionsv1.Role_ROLE_CITY_ADMIN)
	for _, m := range methods(t) {
		if m.rule.GetPublic() || len(m.rule.GetServices()) > 0 {
			continue
		}
		request := right(m.desc.Input())
		named := false
		for _, field := range []protoreflect.Name{"name", "parent"} {
			if f := m.desc.Input().Fields().ByName(field); f != nil {
				request.Set(f, protoreflect.ValueOfString(strings.Replace(request.Get(f).String(), "410900", "410500", 1)))
				named = true
			}
		}
		if named {
			if err := w.call(w.as(s), m, request); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s: %v", m.path, err)
			}
		}
	}
	for _, parent := range []string{"cities/999999"} {
		_, err := w.sessions.RequestCode(t.Context(), &directoryv1.RequestCodeRequest{Parent: parent, Phone: string(phone(1))})
		wants(t, "a code", err, fault.NotFound, "CITY_NOT_FOUND")
		_, err = w.sessions.SignInWithCode(t.Context(), &directoryv1.SignInWithCodeRequest{Parent: parent, Challenge: "x", Code: "123456"})
		wants(t, "a sign-in", err, fault.NotFound, "CITY_NOT_FOUND")
		_, err = w.sessions.SignInWithPassword(t.Context(), &directoryv1.SignInWithPasswordRequest{Parent: parent, Login: "x", Password: "x"})
		wants(t, "a sign-in", err, fault.NotFound, "CITY_NOT_FOUND")
	}
	_, err := w.sessions.RequestCode(t.Context(), &directoryv1.RequestCodeRequest{Parent: parent, Phone: "12345"})
	wants(t, "the hotline's own number", err, fault.Invalid, "PHONE_INVALID")
}
