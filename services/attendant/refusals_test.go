package attendant_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	attendantv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/attendant/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/attendant/internal/roster/rostertest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// refusal is a call that must not succeed.
type refusal struct {
	name   string
	as     context.Context // the administrator when nil
	call   proto.Message
	kind   fault.Kind
	reason string
	field  string // blamed; none when empty
}

func TestRefusals(t *testing.T) {
	w := newTown(t, "sqlite::memory:")
	taken := w.bind(1, rostertest.Wang)
	before := len(w.said())
	public := w.as(rostertest.Person(90), nil)
	attendant := w.as(rostertest.Person(rostertest.Wang), nil, optionsv1.Role_ROLE_ATTENDANT)
	dispatcher := w.as(rostertest.Person(91), nil, optionsv1.Role_ROLE_DISPATCHER)
	nobody, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()

	for _, group := range [][]refusal{
		w.createRefusals(public, attendant, dispatcher),
		{
			{"end without a name", nil, &attendantv1.EndBindingRequest{}, fault.Invalid, "REQUEST_INVALID", "name"},
			{"end what is not there", nil, &attendantv1.EndBindingRequest{Name: parent + "/bindings/" + rostertest.ID(9, 9)}, fault.NotFound, "BINDING_NOT_FOUND", ""},
			{"end another city's", nil, &attendantv1.EndBindingRequest{Name: "cities/410500/bindings/" + rostertest.ID(9, 9)}, fault.NotFound, "BINDING_NOT_FOUND", ""},
			{"end at an old version", nil, &attendantv1.EndBindingRequest{Name: taken.GetName(), Etag: "x"}, fault.Conflict, "ETAG_MISMATCH", ""},
			{"end with too long an etag", nil, &attendantv1.EndBindingRequest{Name: taken.GetName(), Etag: strings.Repeat("x", 65)}, fault.Invalid, "REQUEST_INVALID", "etag"},
			{"end as an attendant", attendant, &attendantv1.EndBindingRequest{Name: taken.GetName()}, fault.Denied, "ROLE_REQUIRED", ""},
			{"end as a service", nobody, &attendantv1.EndBindingRequest{Name: taken.GetName()}, fault.Denied, "ROLE_REQUIRED", ""},
		},
		{
			{"list nothing", nil, &attendantv1.ListBindingsRequest{}, fault.Invalid, "REQUEST_INVALID", "parent"},
			{"list another city's", nil, &attendantv1.ListBindingsRequest{Parent: "cities/410500"}, fault.NotFound, "CITY_NOT_FOUND", ""},
			{"list less than nothing", nil, &attendantv1.ListBindingsRequest{Parent: parent, PageSize: -1}, fault.Invalid, "REQUEST_INVALID", "pageSize"},
			{"list from nowhere", nil, &attendantv1.ListBindingsRequest{Parent: parent, PageToken: "x"}, fault.Invalid, "PAGE_TOKEN_INVALID", "pageToken"},
			{"list by what there is not", nil, &attendantv1.ListBindingsRequest{Parent: parent, Filter: "phone = 1"}, fault.Invalid, "FILTER_INVALID", "filter"},
			{"list by nonsense", nil, &attendantv1.ListBindingsRequest{Parent: parent, Filter: "active AND ("}, fault.Invalid, "FILTER_INVALID", "filter"},
			{"list as a service", nobody, &attendantv1.ListBindingsRequest{Parent: parent}, fault.Denied, "ROLE_REQUIRED", ""},
		},
		w.presenceRefusals(public, attendant),
		w.handoverRefusals(attendant, dispatcher),
		w.visitRefusals(public, attendant, dispatcher),
		coverageRefusals(public, attendant),
	} {
		for _, r := range group {
			t.Run(r.name, func(t *testing.T) { w.refuse(t, r) })
		}
	}
	if after := len(w.said()); after != before {
		t.Errorf("refused calls said %d things", after-before)
	}
}

func (w *town) createRefusals(public, attendant, dispatcher context.Context) []refusal {
	create := func(change func(*attendantv1.CreateBindingRequest)) *attendantv1.CreateBindingRequest {
		r := &attendantv1.CreateBindingRequest{Parent: parent, Official: personName(rostertest.Li), Enterprise: enterpriseName(2)}
		change(r)
		return r
	}
	fine := create(func(*attendantv1.CreateBindingRequest) {})
	past := timestamppb.New(w.clock.Now().Add(-time.Hour))
	type R = attendantv1.CreateBindingRequest
	return []refusal{
		{"bind nothing", nil, &R{}, fault.Invalid, "REQUEST_INVALID", "parent"},
		{"bind in a strange city", nil, create(func(r *R) { r.Parent = "cities/x" }), fault.NotFound, "CITY_NOT_FOUND", ""},
		{"bind in another city", nil, create(func(r *R) { r.Parent = "cities/410500" }), fault.NotFound, "CITY_NOT_FOUND", ""},
		{"bind nobody", nil, create(func(r *R) { r.Official = "" }), fault.Invalid, "REQUEST_INVALID", "official"},
		{"bind somebody unknown", nil, create(func(r *R) { r.Official = personName(99) }), fault.Invalid, "OFFICIAL_UNKNOWN", "official"},
		{"bind a leader", nil, create(func(r *R) { r.Official = personName(rostertest.Zheng) }), fault.Invalid, "OFFICIAL_UNKNOWN", "official"},
		{"bind an attendant as an agent", nil, create(func(r *R) { r.Role = attendantv1.Binding_AGENT }), fault.Invalid, "OFFICIAL_UNKNOWN", "official"},
		{"bind in no role there is", nil, create(func(r *R) { r.Role = 9 }), fault.Invalid, "REQUEST_INVALID", "role"},
		{"bind to nothing", nil, create(func(r *R) { r.Enterprise = parent + "/enterprises/x" }), fault.Invalid, "REQUEST_INVALID", "enterprise"},
		{"bind to a strange project", nil, create(func(r *R) { r.Project = enterpriseName(2) + "/projects/x" }), fault.Invalid, "REQUEST_INVALID", "project"},
		{"bind to another enterprise's project", nil, create(func(r *R) { r.Project = enterpriseName(3) + "/projects/" + rostertest.Project(1) }),
			fault.Invalid, "PROJECT_FOREIGN", "project"},
		{"bind until yesterday", nil, create(func(r *R) { r.EndTime = past }), fault.Invalid, "PERIOD_INVALID", "endTime"},
		{"bind their own deputy", nil, create(func(r *R) { r.Deputy = r.GetOfficial() }), fault.Invalid, "DEPUTY_SELF", "deputy"},
		{"bind with an unknown deputy", nil, create(func(r *R) { r.Deputy = personName(99) }), fault.Invalid, "OFFICIAL_UNKNOWN", "deputy"},
		{"bind with a deputy who holds no tickets", nil, create(func(r *R) { r.Deputy = personName(rostertest.Zheng) }), fault.Invalid, "OFFICIAL_UNKNOWN", "deputy"},
		{"bind where somebody is", nil, create(func(r *R) { r.Enterprise = enterpriseName(1) }), fault.Precondition, "PRIMARY_TAKEN", ""},
		{"bind under too long an id", nil, create(func(r *R) { r.RequestId = strings.Repeat("x", 129) }), fault.Invalid, "REQUEST_INVALID", "requestId"},
		{"bind as anybody", public, fine, fault.Denied, "ROLE_REQUIRED", ""},
		{"bind as an attendant", attendant, fine, fault.Denied, "ROLE_REQUIRED", ""},
		{"bind as a dispatcher", dispatcher, fine, fault.Denied, "ROLE_REQUIRED", ""},
	}
}

func (w *town) presenceRefusals(public, attendant context.Context) []refusal {
	type R = attendantv1.SetPresenceRequest
	wang := officialName(rostertest.Wang)
	soon, past := timestamppb.New(w.clock.Now().Add(time.Hour)), timestamppb.New(w.clock.Now())
	return []refusal{
		{"set nobody's presence", nil, &R{Present: proto.Bool(false)}, fault.Invalid, "REQUEST_INVALID", "name"},
		{"set another's presence", attendant, &R{Name: officialName(rostertest.Li), Present: proto.Bool(false)}, fault.Denied, "NOT_SELF", ""},
		{"set an unknown person's presence", nil, &R{Name: officialName(99), Present: proto.Bool(false)}, fault.Invalid, "OFFICIAL_UNKNOWN", "name"},
		{"set presence in another city", nil, &R{Name: "cities/410500/officials/" + rostertest.Person(1), Present: proto.Bool(false)}, fault.NotFound, "OFFICIAL_UNKNOWN", ""},
		{"be one's own deputy", attendant, &R{Name: wang, Deputy: personName(rostertest.Wang), Present: proto.Bool(false)}, fault.Invalid, "DEPUTY_SELF", "deputy"},
		{"name an unknown deputy", attendant, &R{Name: wang, Deputy: personName(99), Present: proto.Bool(false)}, fault.Invalid, "OFFICIAL_UNKNOWN", "deputy"},
		{"name a strange deputy", attendant, &R{Name: wang, Deputy: "li", Present: proto.Bool(false)}, fault.Invalid, "REQUEST_INVALID", "deputy"},
		{"be away until now", attendant, &R{Name: wang, AwayUntil: past, Present: proto.Bool(false)}, fault.Invalid, "PERIOD_INVALID", "awayUntil"},
		{"be there until soon", attendant, &R{Name: wang, Present: proto.Bool(true), AwayUntil: soon}, fault.Invalid, "PERIOD_INVALID", "awayUntil"},
		{"say nothing of being there", attendant, &R{Name: wang}, fault.Invalid, "REQUEST_INVALID", "present"},
		{"set presence as anybody", public, &R{Name: officialName(90), Present: proto.Bool(false)}, fault.Denied, "ROLE_REQUIRED", ""},
		{"ask for nobody's presence", public, &attendantv1.GetPresenceRequest{Name: parent + "/officials/x"}, fault.Invalid, "REQUEST_INVALID", "name"},
		{"ask for an unknown person's presence", public, &attendantv1.GetPresenceRequest{Name: officialName(99)}, fault.NotFound, "OFFICIAL_UNKNOWN", ""},
		{"ask for presence in another city", public, &attendantv1.GetPresenceRequest{Name: "cities/410500/officials/" + rostertest.Person(1)},
			fault.NotFound, "OFFICIAL_UNKNOWN", ""},
	}
}

func (w *town) handoverRefusals(attendant, dispatcher context.Context) []refusal {
	type R = attendantv1.HandOverRequest
	ask := func(change func(*R)) *R {
		r := &R{Name: officialName(rostertest.Wang), Target: attendantv1.Handover_OFFICIAL, To: personName(rostertest.Li), Note: "调岗"}
		change(r)
		return r
	}
	fine := ask(func(*R) {})
	return []refusal{
		{"hand nothing over", nil, &R{}, fault.Invalid, "REQUEST_INVALID", "name"},
		{"hand over without a reason", nil, ask(func(r *R) { r.Note = "" }), fault.Invalid, "REQUEST_INVALID", "note"},
		{"hand over to nobody in particular", nil, ask(func(r *R) { r.Target = 0 }), fault.Invalid, "REQUEST_INVALID", "target"},
		{"hand over in no way there is", nil, ask(func(r *R) { r.Target = 9 }), fault.Invalid, "REQUEST_INVALID", "target"},
		{"hand over to nobody", nil, ask(func(r *R) { r.To = "" }), fault.Invalid, "OFFICIAL_UNKNOWN", "to"},
		{"hand over to themselves", nil, ask(func(r *R) { r.To = personName(rostertest.Wang) }), fault.Invalid, "HANDOVER_SELF", "to"},
		{"hand over to a leader", nil, ask(func(r *R) { r.To = personName(rostertest.Zheng) }), fault.Invalid, "OFFICIAL_UNKNOWN", "to"},
		{"hand over to another city's", nil, ask(func(r *R) { r.To = "cities/410500/persons/" + rostertest.Person(rostertest.Li) }), fault.NotFound, "CITY_NOT_FOUND", ""},
		{"hand over to the desk and somebody", nil, ask(func(r *R) { r.Target = attendantv1.Handover_DESK }), fault.Invalid, "OFFICIAL_UNKNOWN", "to"},
		{"hand bindings over to a clerk", nil, ask(func(r *R) { r.To = personName(rostertest.Zhao) }), fault.Invalid, "OFFICIAL_UNKNOWN", "to"},
		{"hand over for nobody", nil, ask(func(r *R) { r.Name = officialName(99) }), fault.NotFound, "OFFICIAL_UNKNOWN", ""},
		{"hand over in another city", nil, ask(func(r *R) { r.Name = "cities/410500/officials/" + rostertest.Person(1) }), fault.NotFound, "OFFICIAL_UNKNOWN", ""},
		{"hand over what is not held", nil, ask(func(r *R) { r.Tickets = []string{ticketName(99)} }), fault.Precondition, "TICKET_NOT_HELD", "tickets[0]"},
		{"hand over a strange ticket", nil, ask(func(r *R) { r.Tickets = []string{"x"} }), fault.Invalid, "REQUEST_INVALID", "tickets[0]"},
		{"hand over another city's ticket", nil, ask(func(r *R) { r.Tickets = []string{"cities/410500/tickets/" + rostertest.Ticket(1)} }), fault.NotFound, "CITY_NOT_FOUND", ""},
		{"hand over a case in which they do not act", nil, ask(func(r *R) { r.Cases = []string{caseName(99)} }), fault.Precondition, "CASE_NOT_HELD", "cases[0]"},
		{"hand over a strange case", nil, ask(func(r *R) { r.Cases = []string{ticketName(1)} }), fault.Invalid, "REQUEST_INVALID", "cases[0]"},
		{"hand over a case twice", nil, ask(func(r *R) { r.Cases = []string{caseName(1), caseName(1)} }), fault.Invalid, "REQUEST_INVALID", "cases"},
		{"hand over another city's case", nil, ask(func(r *R) { r.Cases = []string{"cities/410500/cases/" + rostertest.Case(1)} }), fault.NotFound, "CITY_NOT_FOUND", ""},
		{"hand over to a deputy there is not", nil, &R{Name: officialName(rostertest.Qian), Target: attendantv1.Handover_DEPUTY, Note: "休假"},
			fault.Precondition, "NO_DEPUTY", ""},
		{"hand over as an attendant", attendant, fine, fault.Denied, "ROLE_REQUIRED", ""},
		{"hand over as a dispatcher", dispatcher, fine, fault.Denied, "ROLE_REQUIRED", ""},
	}
}

func (w *town) visitRefusals(public, attendant, dispatcher context.Context) []refusal {
	type R = attendantv1.PlanVisitRequest
	plan := func(change func(*R)) *R {
		r := &R{Parent: parent, Enterprise: enterpriseName(1), VisitTime: timestamppb.New(w.clock.Now().Add(time.Hour)), Purpose: "走访"}
		change(r)
		return r
	}
	mayor := w.mayor()
	other := w.as(rostertest.Person(rostertest.Sun), nil, optionsv1.Role_ROLE_ATTENDANT)
	missing := parent + "/visits/" + rostertest.ID(7, 99)
	return []refusal{
		{"plan nothing", mayor, &R{}, fault.Invalid, "REQUEST_INVALID", "parent"},
		{"plan without a time", attendant, plan(func(r *R) { r.VisitTime = nil }), fault.Invalid, "REQUEST_INVALID", "visitTime"},
		{"plan without a purpose", attendant, plan(func(r *R) { r.Purpose = "" }), fault.Invalid, "REQUEST_INVALID", "purpose"},
		{"plan where one is not bound", other, plan(func(*R) {}), fault.Denied, "NOT_BOUND", ""},
		{"plan where nobody knows of", other, plan(func(r *R) { r.Enterprise = enterpriseName(99) }), fault.Denied, "NOT_BOUND", ""},
		{"plan as the mayor's office where nobody knows of", mayor, plan(func(r *R) { r.Enterprise, r.Official = enterpriseName(99), personName(rostertest.Wang) }),
			fault.NotFound, "ENTERPRISE_NOT_FOUND", ""},
		{"plan in another city", attendant, plan(func(r *R) { r.Enterprise = "cities/410500/enterprises/" + rostertest.Enterprise(1) }), fault.NotFound, "ENTERPRISE_NOT_FOUND", ""},
		{"plan for another", attendant, plan(func(r *R) { r.Official = personName(rostertest.Li) }), fault.Denied, "NOT_SELF", ""},
		{"plan for nobody there is", mayor, plan(func(r *R) { r.Official = personName(99) }), fault.Invalid, "OFFICIAL_UNKNOWN", "official"},
		{"set the rules aside as an attendant", attendant, plan(func(r *R) { r.OverrideReason = "x" }), fault.Denied, "OVERRIDE_FORBIDDEN", ""},
		{"plan as anybody", public, plan(func(*R) {}), fault.Denied, "ROLE_REQUIRED", ""},
		{"plan as a dispatcher", dispatcher, plan(func(*R) {}), fault.Denied, "ROLE_REQUIRED", ""},
		{"plan as the administrator", nil, plan(func(*R) {}), fault.Denied, "ROLE_REQUIRED", ""},
		{"record what is not there", attendant, &attendantv1.RecordVisitRequest{Name: missing}, fault.NotFound, "VISIT_NOT_FOUND", ""},
		{"record as a dispatcher", dispatcher, &attendantv1.RecordVisitRequest{Name: missing}, fault.Denied, "ROLE_REQUIRED", ""},
		{"record too much", attendant, &attendantv1.RecordVisitRequest{Name: missing, Problems: make([]string, 21)}, fault.Invalid, "REQUEST_INVALID", "problems"},
		{"cancel what is not there", public, &attendantv1.CancelVisitRequest{Name: missing, Reason: "x"}, fault.NotFound, "VISIT_NOT_FOUND", ""},
		{"cancel without a reason", public, &attendantv1.CancelVisitRequest{Name: missing}, fault.Invalid, "REQUEST_INVALID", "reason"},
		{"cancel another city's", public, &attendantv1.CancelVisitRequest{Name: "cities/410500/visits/" + rostertest.ID(7, 1), Reason: "x"},
			fault.NotFound, "VISIT_NOT_FOUND", ""},
		{"see what is not there", public, &attendantv1.GetVisitRequest{Name: missing}, fault.NotFound, "VISIT_NOT_FOUND", ""},
		{"see a strange name", public, &attendantv1.GetVisitRequest{Name: parent + "/visits/x"}, fault.Invalid, "REQUEST_INVALID", "name"},
		{"list visits of another city", public, &attendantv1.ListVisitsRequest{Parent: "cities/410500"}, fault.NotFound, "CITY_NOT_FOUND", ""},
		{"list visits by nonsense", public, &attendantv1.ListVisitsRequest{Parent: parent, Filter: "notes = 1"}, fault.Invalid, "FILTER_INVALID", "filter"},
		{"list visits from nowhere", public, &attendantv1.ListVisitsRequest{Parent: parent, PageToken: "x"}, fault.Invalid, "PAGE_TOKEN_INVALID", "pageToken"},
		{"say nothing of visits", w.member(1), &attendantv1.SetQuietRequest{Name: enterpriseName(1)}, fault.Invalid, "REQUEST_INVALID", "quiet"},
		{"want no visits until now", w.member(1), &attendantv1.SetQuietRequest{Name: enterpriseName(1), Quiet: proto.Bool(true), Until: timestamppb.New(w.clock.Now())},
			fault.Invalid, "PERIOD_INVALID", "until"},
		{"speak for no enterprise", public, &attendantv1.SetQuietRequest{Name: enterpriseName(1), Quiet: proto.Bool(true)}, fault.Denied, "ROLE_REQUIRED", ""},
		{"ask what is nobody's business", public, &attendantv1.GetQuietRequest{Name: enterpriseName(1)}, fault.NotFound, "ENTERPRISE_NOT_FOUND", ""},
		{"ask of an enterprise there is not", attendant, &attendantv1.GetQuietRequest{Name: enterpriseName(99)}, fault.NotFound, "ENTERPRISE_NOT_FOUND", ""},
	}
}

func coverageRefusals(public, attendant context.Context) []refusal {
	return []refusal{
		{"count nothing", nil, &attendantv1.GetCoverageRequest{}, fault.Invalid, "REQUEST_INVALID", "name"},
		{"count another city's", nil, &attendantv1.GetCoverageRequest{Name: "cities/410500"}, fault.NotFound, "CITY_NOT_FOUND", ""},
		{"count as an attendant", attendant, &attendantv1.GetCoverageRequest{Name: parent}, fault.Denied, "ROLE_REQUIRED", ""},
		{"list the uncovered as anybody", public, &attendantv1.ListUncoveredRequest{Parent: parent}, fault.Denied, "ROLE_REQUIRED", ""},
		{"list the uncovered of a strange county", nil, &attendantv1.ListUncoveredRequest{Parent: parent, County: "x"}, fault.Invalid, "REQUEST_INVALID", "county"},
		{"list the uncovered from nowhere", nil, &attendantv1.ListUncoveredRequest{Parent: parent, PageToken: "x"}, fault.Invalid, "PAGE_TOKEN_INVALID", "pageToken"},
		{"list loads as an attendant", attendant, &attendantv1.ListLoadsRequest{Parent: parent}, fault.Denied, "ROLE_REQUIRED", ""},
		{"list less than no loads", nil, &attendantv1.ListLoadsRequest{Parent: parent, PageSize: -1}, fault.Invalid, "REQUEST_INVALID", "pageSize"},
	}
}

func (w *town) refuse(t *testing.T, r refusal) {
	ctx := r.as
	if ctx == nil {
		ctx = w.admin()
	}
	err := w.send(ctx, r.call)
	var f *fault.Error
	if !errors.As(err, &f) {
		t.Fatalf("not refused: %v", err)
	}
	if f.Kind != r.kind || f.Reason != r.reason {
		t.Errorf("refused as %v %s, want %v %s", f.Kind, f.Reason, r.kind, r.reason)
	}
	if f.Text.Zh == "" || f.Text.En == "" {
		t.Errorf("not said in both languages: %+v", f.Text)
	}
	if r.field == "" {
		return
	}
	for _, v := range f.Violations {
		if v.Field == r.field && v.Text.Zh != "" && v.Text.En != "" {
			return
		}
	}
	t.Errorf("%s is not blamed: %+v", r.field, f.Violations)
}

func (w *town) send(ctx context.Context, call proto.Message) (err error) {
	switch r := call.(type) {
	case *attendantv1.CreateBindingRequest:
		_, err = w.bindings.CreateBinding(ctx, r)
	case *attendantv1.EndBindingRequest:
		_, err = w.bindings.EndBinding(ctx, r)
	case *attendantv1.ListBindingsRequest:
		_, err = w.bindings.ListBindings(ctx, r)
	case *attendantv1.SetPresenceRequest:
		_, err = w.bindings.SetPresence(ctx, r)
	case *attendantv1.GetPresenceRequest:
		_, err = w.bindings.GetPresence(ctx, r)
	case *attendantv1.HandOverRequest:
		_, err = w.bindings.HandOver(ctx, r)
	case *attendantv1.PlanVisitRequest:
		_, err = w.visits.PlanVisit(ctx, r)
	case *attendantv1.RecordVisitRequest:
		_, err = w.visits.RecordVisit(ctx, r)
	case *attendantv1.CancelVisitRequest:
		_, err = w.visits.CancelVisit(ctx, r)
	case *attendantv1.GetVisitRequest:
		_, err = w.visits.GetVisit(ctx, r)
	case *attendantv1.ListVisitsRequest:
		_, err = w.visits.ListVisits(ctx, r)
	case *attendantv1.SetQuietRequest:
		_, err = w.visits.SetQuiet(ctx, r)
	case *attendantv1.GetQuietRequest:
		_, err = w.visits.GetQuiet(ctx, r)
	case *attendantv1.GetCoverageRequest:
		_, err = w.coverage.GetCoverage(ctx, r)
	case *attendantv1.ListUncoveredRequest:
		_, err = w.coverage.ListUncovered(ctx, r)
	case *attendantv1.ListLoadsRequest:
		_, err = w.coverage.ListLoads(ctx, r)
	default:
		w.t.Fatalf("nobody sends %T", call)
	}
	return err
}
