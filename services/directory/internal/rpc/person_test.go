package rpc_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/durationpb"

	directoryv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/directory/v1"
	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/directory/internal/desk"
	"github.com/throughtrain/throughtrain/services/directory/internal/person"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

type phoneNumber = person.Phone

func TestWhoSeesWhom(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	s, stranger := w.signIn(phone(1)), w.signIn(phone(2))
	desk, clerk := w.persona("dispatcher", optionsv1.Role_ROLE_DISPATCHER), w.persona("clerk", optionsv1.Role_ROLE_CLERK)
	get := func(who *directoryv1.Session, name string) (*directoryv1.Person, error) {
		return w.persons.GetPerson(w.as(who), &directoryv1.GetPersonRequest{Name: name})
	}
	p, err := w.persons.UpdatePerson(w.as(s), &directoryv1.UpdatePersonRequest{Name: s.GetPerson(), DisplayName: "张三丰", Language: "en", RequestId: "1"})
	w.must(err)
	if p.GetDisplayName() != "张三丰" || p.GetLanguage() != "en" {
		t.Errorf("got %v", p)
	}
	p, err = w.persons.UpdatePerson(w.as(s), &directoryv1.UpdatePersonRequest{Name: s.GetPerson(), Language: "zh-CN"})
	w.must(err)
	if p.GetDisplayName() != "张三丰" || p.GetLanguage() != "zh-CN" {
		t.Errorf("an empty name took the name away: %v", p)
	}
	p, err = get(desk, s.GetPerson())
	w.must(err)
	if p.GetDisplayName() != "张**" || p.GetPhoneMasked() != "138****0001" {
		t.Errorf("the desk sees %v", p)
	}
	for name, who := range map[string]*directoryv1.Session{"a stranger": stranger, "a clerk": clerk} {
		_, err = get(who, s.GetPerson())
		wants(t, name, err, fault.NotFound, "PERSON_NOT_FOUND")
	}
	_, err = get(desk, parent+"/persons/"+w.ids.New())
	wants(t, "nobody", err, fault.NotFound, "PERSON_NOT_FOUND")
	_, err = w.persons.UpdatePerson(w.as(desk), &directoryv1.UpdatePersonRequest{Name: s.GetPerson(), DisplayName: "李四"})
	wants(t, "naming another", err, fault.NotFound, "PERSON_NOT_FOUND")
	_, err = w.persons.UpdatePerson(w.as(clerk), &directoryv1.UpdatePersonRequest{Name: clerk.GetPerson(), DisplayName: "李四"})
	wants(t, "an official renames themselves", err, fault.Invalid, "REQUEST_INVALID")
	p, err = get(desk, clerk.GetPerson())
	w.must(err)
	if p.GetDisplayName() != "王建国" || p.GetUnit() != "cities/410900/units/gxj" || len(p.GetRoles()) != 1 {
		t.Errorf("an official is seen as %v", p)
	}
}

// allowed is every field that an event of the directory may carry, and why none of them is personal.
var allowed = map[protoreflect.FullName][]protoreflect.Name{
	"throughtrain.directory.v1.CityApplied":       {"version"},
	"throughtrain.directory.v1.EnterpriseCreated": {"enterprise", "county", "kind"},
	"throughtrain.directory.v1.MemberChanged":     {"enterprise", "person", "state", "admin"},
	"throughtrain.directory.v1.ProjectCreated":    {"project", "enterprise", "county", "investment_fen", "jobs"},
	"throughtrain.directory.v1.SessionsRevoked":   {"person", "session", "issued_until_micros"},
	"throughtrain.directory.v1.OfficialDismissed": {"person"},
	"throughtrain.directory.v1.PersonCreated":     {"person"},
}

func TestEventsCarryOnlyWhatIsAllowed(t *testing.T) {
	cases := (&directoryv1.DirectoryEvent{}).ProtoReflect().Descriptor().Oneofs().ByName("event").Fields()
	if cases.Len() != len(allowed) {
		t.Errorf("%d kinds of event, %d in the list", cases.Len(), len(allowed))
	}
	for i := range cases.Len() {
		m := cases.Get(i).Message()
		for j := range m.Fields().Len() {
			field := m.Fields().Get(j).Name()
			if !strings.Contains(" "+join(allowed[m.FullName()])+" ", " "+string(field)+" ") {
				t.Errorf("%s.%s is not allowed in an event", m.FullName(), field)
			}
		}
	}
}

func join(names []protoreflect.Name) string {
	var b strings.Builder
	for _, name := range names {
		b.WriteString(string(name) + " ")
	}
	return strings.TrimSpace(b.String())
}

// TestTheFeedHasNoTraceOfPeople plays a life with words that occur nowhere else and looks for them in every stored byte of
// the journal and of the request ids.
func TestTheFeedHasNoTraceOfPeople(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	const canary = "金丝雀"
	s := w.signIn(phone(1234567))
	_, err := w.persons.UpdatePerson(w.as(s), &directoryv1.UpdatePersonRequest{Name: s.GetPerson(), DisplayName: canary, RequestId: "1"})
	w.must(err)
	e, err := w.enterprises.CreateEnterprise(w.as(s), &directoryv1.CreateEnterpriseRequest{Parent: parent, DisplayName: canary, Kind: directoryv1.Enterprise_FOUNDING,
		County: "410902", RequestId: "2"})
	w.must(err)
	_, err = w.enterprises.CreateProject(w.as(s), &directoryv1.CreateProjectRequest{Parent: e.GetName(), DisplayName: canary, County: "410902",
		Stage: directoryv1.Project_SIGNED})
	w.must(err)
	admin, clerk := w.persona("admin", optionsv1.Role_ROLE_CITY_ADMIN), w.persona("clerk", optionsv1.Role_ROLE_CLERK)
	_, err = w.persons.DismissOfficial(w.as(admin), &directoryv1.DismissOfficialRequest{Name: clerk.GetPerson(), Reason: canary, RequestId: "3"})
	w.must(err)
	_, err = w.sessions.SignOut(w.as(s), &directoryv1.SignOutRequest{Everywhere: true})
	w.must(err)
	got, err := w.feed.ListEvents(t.Context(), &feedv1.ListEventsRequest{})
	w.must(err)
	if len(got.GetEvents()) < 8 {
		t.Fatalf("only %d events", len(got.GetEvents()))
	}
	for _, event := range got.GetEvents() {
		content, err := proto.Marshal(event)
		w.must(err)
		for _, trace := range []string{canary, "13801234567", "0123456", "王建国", "5550123"} {
			if strings.Contains(string(content), trace) {
				t.Errorf("%s has %q in it", event.GetType(), trace)
			}
		}
		w.must(proto.Unmarshal(event.GetPayload(), &directoryv1.DirectoryEvent{}))
	}
}

func TestTheFeedWaitsForWhatComes(t *testing.T) {
	w := newWorld(t, desk.Limits{})
	s := w.signIn(phone(1))
	head, err := w.feed.ListEvents(t.Context(), &feedv1.ListEventsRequest{})
	w.must(err)
	got := make(chan *feedv1.ListEventsResponse, 1)
	go func() {
		next, err := w.feed.ListEvents(context.Background(), &feedv1.ListEventsRequest{After: head.GetHead(), Wait: durationpb.New(8 * time.Second)})
		if err != nil {
			t.Error(err)
		}
		got <- next
	}()
	_, err = w.create(s, "", "")
	w.must(err)
	if next := <-got; len(next.GetEvents()) == 0 || next.GetEvents()[0].GetPosition() != head.GetHead()+1 {
		t.Errorf("got %v", next)
	}
	none, err := w.feed.ListEvents(t.Context(), &feedv1.ListEventsRequest{After: 1000, Wait: durationpb.New(20 * time.Millisecond)})
	w.must(err)
	if len(none.GetEvents()) != 0 || none.GetHead() == 0 {
		t.Errorf("got %v", none)
	}
}
