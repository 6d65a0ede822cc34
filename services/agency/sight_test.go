package agency_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/anypb"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/number"
)

// onlooker is somebody who tries to read.
type onlooker struct {
	name   string
	caller authn.Caller
	nobody bool     // without a token
	all    bool     // sees all of the case
	mute   bool     // but nothing that people wrote
	items  []string // those that are shown to who does not see all
}

func (o *onlooker) knows() bool { return o.all || len(o.items) > 0 }

// reads is who may read which text: the rule, written a second time.
func (o *onlooker) reads(c canary) bool {
	switch {
	case o.mute || !o.knows():
		return false
	case o.all || c.open:
		return true
	default:
		return slices.ContainsFunc(c.items, func(item string) bool { return slices.Contains(o.items, item) })
	}
}

// What units see: what they decide, what lies in a stage that they lead, what they were asked about in a joint review.
var (
	landStage   = []string{cataloguetest.Filing, cataloguetest.SiteOpinion, cataloguetest.LandPermit, cataloguetest.EcologyRule, cataloguetest.SoilPlan}
	designStage = []string{cataloguetest.SitePermit, cataloguetest.CivilDefence}
	laterStages = []string{cataloguetest.FireReview, cataloguetest.BuildPermit, cataloguetest.Drainage, cataloguetest.Acceptance, cataloguetest.Registration, cataloguetest.WaterSupply}
	ofPlanning  = slices.Concat(landStage, designStage, []string{cataloguetest.Registration})
	ofHousing   = slices.Concat(laterStages, designStage)
	ofEcology   = []string{cataloguetest.EcologyRule, cataloguetest.SitePermit}
	ofHualong   = []string{cataloguetest.Filing, cataloguetest.Drainage}
)

func onlookers() []*onlooker {
	person := func(name, id string, o onlooker) *onlooker {
		o.name, o.caller = name, caller(id)
		return &o
	}
	all, none := onlooker{all: true}, onlooker{}
	commerce := caller(cataloguetest.PlanningLeader)
	commerce.Person, commerce.Unit, commerce.Roles = "01900000-0000-7000-8000-0000000000c1", cataloguetest.Commerce, []authn.Grant{grant(optionsv1.Role_ROLE_LEADER, cataloguetest.Commerce)}
	clerkWithoutUnit := caller(claimant)
	clerkWithoutUnit.Roles = []authn.Grant{grant(optionsv1.Role_ROLE_CLERK, "")}
	return []*onlooker{
		{name: "nobody", nobody: true},
		{name: "leader above a centre", caller: commerce, all: true},
		{name: "clerk of no unit", caller: clerkWithoutUnit},
		person("owner", owner, all), person("colleague", colleague, all),
		person("another enterprise", stranger, none), person("member of nothing", claimant, none),
		person("agent", cataloguetest.ApprovalsAgent, all), person("agent of the other centre", cataloguetest.InvestmentAgent2, all),
		person("agent who was released", cataloguetest.InvestmentAgent, none), person("agent of other cases", cataloguetest.ApprovalsAgent2, none),
		person("clerk of a centre", cataloguetest.ApprovalsClerk, all), person("clerk of the other centre", cataloguetest.InvestmentClerk, all),
		person("leader of a centre", cataloguetest.ApprovalsLeader, all), person("mayor", cataloguetest.Mayor, all),
		person("planning clerk", cataloguetest.PlanningClerk, onlooker{items: ofPlanning}), person("planning leader", cataloguetest.PlanningLeader, onlooker{items: ofPlanning}),
		person("housing clerk", cataloguetest.HousingClerk, onlooker{items: ofHousing}), person("housing leader", cataloguetest.HousingLeader, onlooker{items: ofHousing}),
		person("clerk of a division", cataloguetest.PermitsClerk, onlooker{items: []string{cataloguetest.BuildPermit}}),
		person("ecology clerk", cataloguetest.EcologyClerk, onlooker{items: ofEcology}), person("ecology leader", cataloguetest.EcologyLeader, onlooker{items: ofEcology}),
		person("water clerk", cataloguetest.WaterClerk, onlooker{items: []string{cataloguetest.WaterSupply}}),
		person("county clerk", cataloguetest.HualongClerk, onlooker{items: ofHualong}), person("county leader", cataloguetest.HualongLeader, onlooker{items: ofHualong}),
		person("clerk of another county", cataloguetest.QingfengClerk, none),
		person("supervisor", cataloguetest.Supervisor, all), person("mayor's office", cataloguetest.MayorOffice, all),
		person("auditor", cataloguetest.Auditor, onlooker{all: true, mute: true}), person("administrator", cataloguetest.Admin, onlooker{all: true, mute: true}),
	}
}

// readings are the requests by which somebody tries to read of a case, by the method's name. A method that only reads and has no row fails the test.
func readings(s *story) map[protoreflect.Name][]proto.Message {
	var items, commitments, terms []proto.Message
	for _, code := range slices.Concat(ofPlanning, ofHousing) {
		items = append(items, &agencyv1.GetItemRequest{Name: s.its(code)})
		for kind := range agencyv1.Commitment_Kind_name {
			if kind != 0 {
				terms = append(terms, &agencyv1.GetCommitmentTermsRequest{Name: s.its(code), Kind: agencyv1.Commitment_Kind(kind)})
			}
		}
	}
	for n := range 3 {
		commitments = append(commitments, &agencyv1.GetCommitmentRequest{Name: s.promise(fmt.Sprint(n + 1))})
	}
	const size = 200
	return map[protoreflect.Name][]proto.Message{
		"GetCase": {&agencyv1.GetCaseRequest{Name: s.name}}, "LookupCase": {&agencyv1.LookupCaseRequest{Parent: city, Number: s.number}},
		"ListCases": {&agencyv1.ListCasesRequest{Parent: city, PageSize: size}, &agencyv1.ListCasesRequest{Parent: city, Filter: `number = "` + s.number + `"`},
			&agencyv1.ListCasesRequest{Parent: city, Filter: `unit = "ecology" OR breached.unit = "planning" OR agent = "` + cataloguetest.ApprovalsAgent + `"`}},
		"ListNotes": {&agencyv1.ListNotesRequest{Parent: s.name}}, "GetCasePlan": {&agencyv1.GetCasePlanRequest{Name: s.name}},
		"ExplainCase": {&agencyv1.ExplainCaseRequest{Name: s.name}}, "ListCaseEvents": {&agencyv1.ListCaseEventsRequest{Parent: s.name}},
		"GetItem": items, "ListItems": {&agencyv1.ListItemsRequest{Parent: city, PageSize: size}, &agencyv1.ListItemsRequest{Parent: city, Filter: `case = "` + s.name + `"`}},
		"GetCommitmentTerms": terms, "GetCommitment": commitments,
		"ListCommitments":      {&agencyv1.ListCommitmentsRequest{Parent: city, PageSize: size}, &agencyv1.ListCommitmentsRequest{Parent: city, Filter: `case = "` + s.name + `"`}},
		"GetApprovalBoard":     {&agencyv1.GetApprovalBoardRequest{Parent: city}},
		"CheckApprovalBoard":   {&agencyv1.CheckApprovalBoardRequest{Parent: city}},
		"RebuildApprovalBoard": {&agencyv1.RebuildApprovalBoardRequest{Parent: city}},
		"GetApprovalCatalogue": {&agencyv1.GetApprovalCatalogueRequest{Parent: city}},
		"PreviewPlan":          {&agencyv1.PreviewPlanRequest{Parent: city, Answers: answers(cataloguetest.Plant())}},
		"CheckCertificate":     {&agencyv1.CheckCertificateRequest{Parent: city, Number: "备案〔2026〕1号", Code: "guess"}},
	}
}

func (w *world) context(t testing.TB, o *onlooker) context.Context {
	if o.nobody {
		return t.Context()
	}
	return w.with(t, o.caller)
}

// answered is all the bytes that a call brings: the message, or the status with its details.
func (w *world) answered(ctx context.Context, method protoreflect.MethodDescriptor, in proto.Message) ([]byte, codes.Code) {
	out, err := w.call(ctx, method, in)
	s := status.Convert(err)
	if s.Code() != codes.OK {
		refusal := s.Proto()
		refusal.Details = slices.DeleteFunc(refusal.GetDetails(), func(d *anypb.Any) bool { return d.MessageIs(&errdetails.RequestInfo{}) }) // of the very call
		out = refusal
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(out)
	if err != nil {
		panic(err) // it came over the wire a moment ago
	}
	return b, s.Code()
}

// instead is a request about a case that is not there; false when it is about none.
func instead(s *story, in proto.Message) (proto.Message, bool) {
	out := proto.Clone(in)
	m, about := out.ProtoReflect(), false
	for _, field := range []protoreflect.Name{"name", "parent", "number"} {
		f := m.Descriptor().Fields().ByName(field)
		if f == nil || f.Kind() != protoreflect.StringKind {
			continue
		}
		switch value := m.Get(f).String(); {
		case strings.Contains(value, idOf(s.name)):
			m.Set(f, protoreflect.ValueOfString(strings.Replace(value, idOf(s.name), "019c0000-0000-7000-8000-000000000000", 1)))
			about = true
		case value == s.number:
			m.Set(f, protoreflect.ValueOfString(nobodysNumber()))
			about = true
		}
	}
	return out, about
}

// nobodysNumber is a number of a day before any case.
func nobodysNumber() string {
	for digit := range 10 {
		if n, err := number.Parse("250101000000" + strconv.Itoa(digit)); err == nil {
			return n
		}
	}
	panic("no check digit is right")
}

// Who may not know of a case learns nothing of it; who sees some items of it reads what was written about those, and nothing else; who sees all reads all.
func TestNothingLeaks(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		if strings.Contains(dsn, "memory") || kittest.Race {
			t.Skip("the file shows the same, and it is too much under the race detector")
		}
		w := newWorld(t, dsn)
		s := w.tell(t)
		for _, k := range w.get(t, s.name).GetCertificates() {
			s.canaries = append(s.canaries, canary{word: k.GetCheckCode()})
		}
		w.feedTellsNothing(t, s)
		for _, o := range onlookers() {
			t.Run(o.name, func(t *testing.T) { w.walk(t, o, s) })
		}
	})
}

func (w *world) walk(t *testing.T, o *onlooker, s *story) {
	ctx := w.context(t, o)
	var read []byte
	for _, method := range served() {
		rows := readings(s)[method.Name()]
		if changes(method) {
			rows = []proto.Message{sound(t, method, s.name)}
			if _, about := instead(s, rows[0]); o.knows() || !about {
				continue
			}
		}
		if rows == nil {
			t.Fatalf("%s reads and has no row in this test", method.FullName())
		}
		for _, in := range rows {
			said, code := w.answered(ctx, method, in)
			read = append(read, said...)
			for _, c := range s.canaries {
				if !o.reads(c) && bytes.Contains(said, []byte(c.word)) {
					t.Errorf("%s tells %q of %v", method.Name(), c.word, c.items)
				}
			}
			w.known(t, o, s, method, in, said, code)
		}
	}
	for _, c := range s.canaries {
		if o.reads(c) && !bytes.Contains(read, []byte(c.word)) {
			t.Errorf("is told %q by nothing", c.word)
		}
	}
	for what, word := range map[string]string{"the contact's name": "Canary-contact.", "the contact's phone": phone} {
		if may := o.all && !o.mute; bytes.Contains(read, []byte(word)) != may {
			t.Errorf("is told %s: %t", what, !may)
		}
	}
}

// known judges whether a call about the case was answered to who may know of it, and to nobody else in other words than for a case that is not there.
func (w *world) known(t *testing.T, o *onlooker, s *story, method protoreflect.MethodDescriptor, in proto.Message, said []byte, code codes.Code) {
	t.Helper()
	other, about := instead(s, in)
	if !o.knows() && bytes.Contains(said, []byte(idOf(s.name))) || !o.knows() && method.Name() != "LookupCase" && bytes.Contains(said, []byte(s.number)) {
		t.Errorf("%s tells of the case", method.Name())
	}
	switch {
	case !about:
	case !o.knows():
		if missing, _ := w.answered(w.context(t, o), method, other); code == codes.OK || !bytes.Equal(said, missing) {
			t.Errorf("%s: is told %q, and of what is not there %q", method.Name(), said, missing)
		}
	case code == codes.NotFound && method.Name() != "GetCommitment":
		t.Errorf("%s: is not told of the case: %q", method.Name(), said)
	}
}

// feedTellsNothing: what other services read has no text in it.
func (w *world) feedTellsNothing(t *testing.T, s *story) {
	t.Helper()
	var after int64
	for {
		page := must[*feedv1.ListEventsResponse](t)(feedv1.NewFeedServiceClient(w.peer).ListEvents(t.Context(), &feedv1.ListEventsRequest{After: after}))
		if len(page.GetEvents()) == 0 {
			break
		}
		for _, e := range page.GetEvents() {
			after = e.GetPosition()
			said := must[[]byte](t)(proto.Marshal(e))
			for _, c := range s.canaries {
				if bytes.Contains(said, []byte(c.word)) {
					t.Errorf("the feed tells %q", c.word)
				}
			}
		}
	}
	if after == 0 {
		t.Error("the feed is empty")
	}
}

// invited tells whether somebody who looks at all they may, from the first event on, is invited to read a case.
func (w *world) invited(ctx context.Context, t *testing.T, name string) bool {
	t.Helper()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	in := &agencyv1.WatchCasesRequest{Parent: city, Topics: []agencyv1.WatchCasesRequest_Topic{agencyv1.WatchCasesRequest_ALL}, Case: name, After: proto.Int64(1)}
	stream := must[grpc.ServerStreamingClient[feedv1.Invitation]](t)(agencyv1.NewCaseWatchServiceClient(w.bare).WatchCases(ctx, in))
	for {
		next, err := stream.Recv()
		if err != nil {
			return false // it is refused to who may not see the case
		}
		if next.GetChanged().GetName() == name {
			return true
		}
	}
}

// What somebody lists is what they can open and are invited to read, whatever way leads there.
func TestListsShowWhatCanBeOpened(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		if strings.Contains(dsn, "memory") || kittest.Race {
			t.Skip("the file shows the same, and it is too much under the race detector")
		}
		w := newWorld(t, dsn)
		names := []string{w.tell(t).name}
		for _, edit := range []func(*agencyv1.CreateCaseRequest){
			func(in *agencyv1.CreateCaseRequest) { in.Answers = answers(cataloguetest.Shop()) },
			func(in *agencyv1.CreateCaseRequest) {
				in.Enterprise, in.Counties, in.Eligibility = enterpriseName(enterprise2), []string{cataloguetest.QingfengCode, cataloguetest.HualongCode}, agencyv1.Case_SPANS_COUNTIES
			},
		} {
			in := opening()
			edit(in)
			names = append(names, must[*agencyv1.Case](t)(w.CreateCase(w.as(t, claimant), in)).GetName())
		}
		changed := opening() // whose hazards, and with that some units, went away
		c := must[*agencyv1.Case](t)(w.CreateCase(w.as(t, owner), changed))
		plant := cataloguetest.Plant()
		plant.Hazards, plant.Utilities = nil, nil
		must[*agencyv1.Case](t)(w.UpdateAnswers(w.as(t, owner), &agencyv1.UpdateAnswersRequest{Name: c.GetName(), Answers: answers(plant)}))
		names = append(names, c.GetName())
		for _, o := range onlookers() {
			if o.nobody {
				continue
			}
			ctx := w.with(t, o.caller)
			listed := must[*agencyv1.ListCasesResponse](t)(w.ListCases(ctx, &agencyv1.ListCasesRequest{Parent: city}))
			for _, name := range names {
				shown := slices.ContainsFunc(listed.GetCases(), func(c *agencyv1.Case) bool { return c.GetName() == name })
				_, err := w.GetCase(ctx, &agencyv1.GetCaseRequest{Name: name})
				if opens, invited := err == nil, w.invited(ctx, t, name); opens != shown || opens != invited {
					t.Errorf("%s opens case %d: %t, lists it: %t, is invited to read it: %t", o.name, slices.Index(names, name), opens, shown, invited)
				}
			}
			for _, i := range must[*agencyv1.ListItemsResponse](t)(w.ListItems(ctx, &agencyv1.ListItemsRequest{Parent: city, PageSize: 200})).GetItems() {
				got := must[*agencyv1.Item](t)(w.GetItem(ctx, &agencyv1.GetItemRequest{Name: i.GetName()}))
				if got.GetState() != i.GetState() || len(got.GetMaterials()) == 0 || i.GetCaseNumber() == "" || !slices.Equal(got.GetActions(), i.GetActions()) {
					t.Errorf("%s lists %v and opens %v", o.name, i, got)
				}
			}
			for _, k := range must[*agencyv1.ListCommitmentsResponse](t)(w.ListCommitments(ctx, &agencyv1.ListCommitmentsRequest{Parent: city, PageSize: 200})).GetCommitments() {
				must[*agencyv1.Commitment](t)(w.GetCommitment(ctx, &agencyv1.GetCommitmentRequest{Name: k.GetName()}))
			}
		}
	})
}
