package hotline_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	feedv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/feed/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	optionsv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/options/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
	"github.com/throughtrain/throughtrain/services/kit/number"
)

// The kinds of ticket: filed plainly, filed in confidence, about somebody who is named after it went through their hands, and both from the start.
const (
	plainKind        = "plain"
	confidentialKind = "confidential"
	conflictKind     = "conflict"
	bothKind         = "both"
)

// canaries is a ticket with a word of its own in every text.
type canaries struct {
	file         string // name of one that the filer sent
	issue        string // name of the common issue it is part of
	kind, shape  string // shape is worked, or closed
	name, number string
	filer        authn.Caller
	project      string

	texts    []string // that parties of the ticket write
	internal []string // that officials write for each other
	whose    []string // what tells whose it is
}

func (c *canaries) confidential() bool { return c.kind == confidentialKind || c.kind == bothKind }
func (c *canaries) conflict() bool     { return c.kind == conflictKind || c.kind == bothKind }

func (c *canaries) plant(list *[]string, what string) string {
	word := fmt.Sprintf("Canary-%s-%s-%s.", what, c.kind, c.shape)
	*list = append(*list, word)
	return word
}

func (c *canaries) text(what string) string   { return c.plant(&c.texts, what) }
func (c *canaries) inside(what string) string { return c.plant(&c.internal, what) }

// onlooker is somebody who tries to read.
type onlooker struct {
	name   string
	caller authn.Caller
	// What leads to tickets: all of the city, those in the holder's unit, those with a part in what was worked on.
	city, unit, part bool
	member           bool // of every enterprise in play
	out              bool // is one of those that the conflicts are about
	office           bool // the mayor's
	official         bool
	nobody           bool // without a token
	former           bool // has held what was worked on
}

func (o *onlooker) files(c *canaries) bool {
	return o.caller.Person != "" && o.caller.Person == c.filer.Person
}

// sees is who may know of which ticket: the rule, written a third time.
func (o *onlooker) sees(c *canaries) bool {
	switch {
	case o.nobody:
		return false
	case o.files(c) || o.member && !c.confidential():
		return true
	case o.out && c.conflict():
		return false
	}
	return o.city || o.unit || o.part && c.shape == "worked"
}

func (o *onlooker) knowsWhose(c *canaries) bool {
	return o.sees(c) && (!c.confidential() || o.files(c) || o.office)
}

// Whom the conflicts are about: an official of a department, one of the mayor's office, and a county.
var (
	namedOfficials = []string{policytest.MarketLeader, policytest.MayorOffice}
	namedUnit      = policytest.County
)

const (
	leakKinds  = 4
	freeOffice = "01900000-0000-7000-8000-0000000000f1"
)

func kindFiler(kind, shape string) (caller authn.Caller, project string) {
	i := slices.Index([]string{plainKind, confidentialKind, conflictKind, bothKind}, kind) + 1
	if shape == "closed" {
		i += leakKinds
	}
	id := func(family string) string { return fmt.Sprintf("01%s0000-0000-7000-8000-0000000000a%d", family, i) }
	caller = authn.Caller{Kind: authn.Person, City: policytest.Code, Person: id("91"), Session: "s", Enterprises: []string{id("92")},
		Phone: fmt.Sprintf("1370013700%d", i)}
	return caller, id("93")
}

func onlookers() []*onlooker {
	staff := func(name, person string, o onlooker) *onlooker {
		o.name, o.caller, o.official = name, desktest.Caller(person), true
		return &o
	}
	other := func(name, unit string, role optionsv1.Role, o onlooker) *onlooker {
		o.name, o.official = name, true
		o.caller = authn.Caller{Kind: authn.Person, City: policytest.Code, Person: fmt.Sprintf("01900000-0000-7000-8000-0000000000%02x", 0xd0+len(name)), Unit: unit,
			Session: "s", Roles: []authn.Grant{desktest.Grant(role, unit)}}
		return &o
	}
	all := []*onlooker{
		{name: "another enterprise", caller: desktest.Caller(desktest.Stranger)},
		{name: "nobody", nobody: true},
		staff("holder", policytest.Attendant, onlooker{city: true}), // of every ticket here
		staff("former holder", policytest.Attendant2, onlooker{out: true, former: true}),
		staff("clerk of a unit with a part", policytest.Clerk, onlooker{part: true}),
		staff("clerk of the named official's unit", policytest.MarketClerk, onlooker{part: true, out: true}),
		staff("named leader", policytest.MarketLeader, onlooker{part: true, out: true}),
		staff("leader above the holder", policytest.HousingLeader, onlooker{unit: true}),
		staff("clerk above the holder", policytest.HousingClerk, onlooker{unit: true}),
		staff("clerk beside the holder", policytest.PermitsClerk, onlooker{unit: true}),
		staff("agent below the named unit", policytest.Agent, onlooker{out: true}),
		staff("mayor", policytest.Mayor, onlooker{city: true}),
		staff("leader of the desk", policytest.DeskLeader, onlooker{city: true}),
		staff("dispatcher", policytest.Dispatcher, onlooker{city: true}),
		staff("supervisor in the named officer's unit", policytest.Supervisor, onlooker{city: true, out: true}),
		staff("named officer", policytest.MayorOffice, onlooker{city: true, office: true, out: true}),
		staff("auditor in the named officer's unit", policytest.Auditor, onlooker{city: true, out: true}),
		staff("admin", policytest.Admin, onlooker{city: true}),
		other("leader of the named unit", namedUnit, optionsv1.Role_ROLE_LEADER, onlooker{out: true}),
		other("dispatcher below the named unit", policytest.Centre, optionsv1.Role_ROLE_DISPATCHER, onlooker{city: true, out: true}),
		other("supervisor elsewhere", policytest.Desk, optionsv1.Role_ROLE_SUPERVISOR, onlooker{city: true}),
		other("auditor elsewhere", policytest.Water, optionsv1.Role_ROLE_AUDITOR, onlooker{city: true}),
		other("office", policytest.Office, optionsv1.Role_ROLE_MAYOR_OFFICE, onlooker{city: true, office: true}),
	}
	all[len(all)-1].caller.Person = freeOffice
	colleague := &onlooker{name: "colleague", member: true, caller: authn.Caller{Kind: authn.Person, City: policytest.Code,
		Person: "01910000-0000-7000-8000-0000000000c1", Session: "s", Phone: "13600136000"}}
	for _, kind := range []string{plainKind, confidentialKind, conflictKind, bothKind} {
		for _, shape := range []string{"worked", "closed"} {
			filer, _ := kindFiler(kind, shape)
			colleague.caller.Enterprises = append(colleague.caller.Enterprises, filer.Enterprises...)
			all = append(all, &onlooker{name: "filer of " + kind + " " + shape, caller: filer})
		}
	}
	return append(all, colleague)
}

func (w *world) context(t testing.TB, o *onlooker) context.Context {
	if o.nobody {
		return t.Context()
	}
	return w.with(t, o.caller)
}

// planted files a ticket and lets everything happen to it that comes with words.
func (w *world) planted(t *testing.T, kind, shape string) *canaries {
	t.Helper()
	c := &canaries{kind: kind, shape: shape}
	c.filer, c.project = kindFiler(kind, shape)
	in := &hotlinev1.CreateTicketRequest{Parent: city, Title: c.text("title"), Body: c.text("body"), Category: "0702",
		Project:      city + "/enterprises/" + c.filer.Enterprises[0] + "/projects/" + c.project,
		Contact:      &hotlinev1.ContactInput{Name: c.plant(&c.whose, "name"), Phone: c.filer.Phone},
		Confidential: c.confidential(), County: policytest.CountyCode}
	c.whose = append(c.whose, c.filer.Person, c.filer.Enterprises[0], c.project, c.filer.Phone)
	if kind == bothKind {
		in.ConflictOfficials, in.ConflictUnits = []string{person(namedOfficials[0]), person(namedOfficials[1])}, []string{unit(namedUnit)}
	}
	filed := must[*hotlinev1.Ticket](t)(w.CreateTicket(w.with(t, c.filer), in))
	c.name, c.number = filed.GetName(), filed.GetNumber()
	w.attached(t, c)
	if kind != bothKind && shape == "worked" {
		w.passedOn(t, c)
	} else if kind == conflictKind {
		w.nameThem(t, c)
	}
	w.dispatched(t, c, policytest.Attendant)
	if shape == "worked" {
		w.workedOn(t, c)
	} else {
		w.closedAgain(t, c)
	}
	w.idle(t)
	return c
}

// attached lets the filer send a file whose name and bytes are the ticket's own.
func (w *world) attached(t *testing.T, c *canaries) {
	t.Helper()
	content := []byte(c.text("content") + strings.Repeat("\n", 80))
	sum := sha256.Sum256(content)
	files := hotlinev1.NewAttachmentServiceClient(w.bare)
	ctx := w.with(t, c.filer)
	a := must[*hotlinev1.Attachment](t)(files.CreateAttachment(ctx, &hotlinev1.CreateAttachmentRequest{Parent: c.name, FileName: c.text("file name") + ".txt",
		Kind: hotlinev1.Attachment_DOCUMENT, Size: int64(len(content)), Sha256: hex.EncodeToString(sum[:])}))
	c.file = a.GetName()
	a = must[*hotlinev1.Attachment](t)(files.WriteAttachment(ctx, &hotlinev1.WriteAttachmentRequest{Name: c.file, Data: content}))
	if a.GetState() != hotlinev1.Attachment_READY {
		t.Fatalf("the file is %s", a.GetState())
	}
}

func (w *world) dispatched(t *testing.T, c *canaries, to string) {
	t.Helper()
	ctx := w.as(t, policytest.Dispatcher)
	if got := w.seenBy(t, c.name, policytest.Dispatcher); got.GetState() == hotlinev1.Ticket_FILED {
		must[*hotlinev1.Ticket](t)(w.DispatchTicket(ctx, &hotlinev1.DispatchTicketRequest{Name: c.name, Official: person(to)}))
	}
	must[*hotlinev1.Ticket](t)(w.SignTicket(w.as(t, to), &hotlinev1.SignTicketRequest{Name: c.name}))
}

func (w *world) nameThem(t *testing.T, c *canaries) {
	t.Helper()
	must[*hotlinev1.Ticket](t)(w.NameConflict(w.with(t, c.filer), &hotlinev1.NameConflictRequest{Name: c.name,
		Officials: []string{person(namedOfficials[0]), person(namedOfficials[1])}, Units: []string{unit(namedUnit)}}))
}

// passedOn goes through a holder's hands who gives it back: because a referee lets them, or because it is about their unit.
func (w *world) passedOn(t *testing.T, c *canaries) {
	t.Helper()
	w.dispatched(t, c, policytest.Attendant2)
	holder := w.as(t, policytest.Attendant2)
	ticketOf := must[*hotlinev1.Ticket](t)
	ticketOf(w.ContactTicket(holder, &hotlinev1.ContactTicketRequest{Name: c.name, Channel: "message", Note: c.inside("note")}))
	w.part(t, c, policytest.Market, policytest.MarketClerk)
	if c.kind == conflictKind {
		w.nameThem(t, c)
		return
	}
	ticketOf(w.ReturnTicket(holder, &hotlinev1.ReturnTicketRequest{Name: c.name, Reason: "not-our-duty", Basis: c.inside("basis"), TargetUnit: unit(policytest.Permits)}))
	ticketOf(w.DecideReturn(w.as(t, policytest.Dispatcher2), &hotlinev1.DecideReturnRequest{Name: c.name, Number: 1, Granted: proto.Bool(true),
		Reason: c.inside("decision"), Official: person(policytest.Attendant)}))
}

// part is a unit's part, from giving it to its report.
func (w *world) part(t *testing.T, c *canaries, code, clerk string) {
	t.Helper()
	orderOf := must[*hotlinev1.WorkOrder](t)
	o := orderOf(w.CreateWorkOrder(w.as(t, policytest.Dispatcher), &hotlinev1.CreateWorkOrderRequest{Parent: c.name, Unit: unit(code), Text: c.inside("order-" + code)}))
	orderOf(w.SignWorkOrder(w.as(t, clerk), &hotlinev1.SignWorkOrderRequest{Name: o.GetName()}))
	orderOf(w.FinishWorkOrder(w.as(t, clerk), &hotlinev1.FinishWorkOrderRequest{Name: o.GetName(), Text: c.inside("report-" + code)}))
}

func (w *world) workedOn(t *testing.T, c *canaries) {
	t.Helper()
	filer, holder, office := w.with(t, c.filer), w.as(t, policytest.Attendant), w.with(t, officer())
	ticketOf, orderOf := must[*hotlinev1.Ticket](t), must[*hotlinev1.WorkOrder](t)
	ticketOf(w.AskTicket(holder, &hotlinev1.AskTicketRequest{Name: c.name, Question: c.text("question")}))
	ticketOf(w.ReplyTicket(filer, &hotlinev1.ReplyTicketRequest{Name: c.name, Text: c.text("reply")}))
	must[*hotlinev1.Message](t)(w.CreateMessage(filer, &hotlinev1.CreateMessageRequest{Parent: c.name, Text: c.text("word")}))
	must[*hotlinev1.Message](t)(w.CreateMessage(holder, &hotlinev1.CreateMessageRequest{Parent: c.name, Text: c.text("answer-word")}))
	noteOf := must[*hotlinev1.Message](t)
	noteOf(w.CreateInternalNote(holder, &hotlinev1.CreateInternalNoteRequest{Parent: c.name, Text: c.inside("noted-holder")}))
	noteOf(w.CreateInternalNote(office, &hotlinev1.CreateInternalNoteRequest{Parent: c.name, Text: c.inside("noted-office")}))
	w.part(t, c, policytest.Water, policytest.Clerk)
	noteOf(w.CreateInternalNote(w.as(t, policytest.Clerk), &hotlinev1.CreateInternalNoteRequest{Parent: c.name, Text: c.inside("noted-unit")}))
	again := orderOf(w.CreateWorkOrder(holder, &hotlinev1.CreateWorkOrderRequest{Parent: c.name, Unit: unit(policytest.Water), Text: c.inside("again")}))
	clerk := w.as(t, policytest.Clerk)
	orderOf(w.ReturnWorkOrder(clerk, &hotlinev1.ReturnWorkOrderRequest{Name: again.GetName(), Reason: "other", Basis: c.inside("order-basis"),
		TargetUnit: unit(policytest.Housing)}))
	returns := w.seenBy(t, c.name, policytest.Dispatcher).GetReturnRequests()
	ticketOf(w.DecideReturn(w.as(t, policytest.Dispatcher), &hotlinev1.DecideReturnRequest{Name: c.name, Number: returns[len(returns)-1].GetNumber(),
		Granted: proto.Bool(false), Reason: c.inside("refusal")}))
	orderOf(w.WaiveWorkOrder(holder, &hotlinev1.WaiveWorkOrderRequest{Name: again.GetName(), Reason: c.inside("waiver")}))
	ticketOf(w.ExtendTicket(holder, &hotlinev1.ExtendTicketRequest{Name: c.name, Workdays: 1, Reason: c.text("extension")}))
	ticketOf(w.DecideExtension(office, &hotlinev1.DecideExtensionRequest{Name: c.name, Number: 1, Granted: proto.Bool(true), Reason: c.text("granted")}))
	ticketOf(w.SuperviseTicket(office, &hotlinev1.SuperviseTicketRequest{Name: c.name, Text: c.text("supervision")}))
	ticketOf(w.InstructTicket(office, &hotlinev1.InstructTicketRequest{Name: c.name, Text: c.text("instruction")}))
	speaker := policytest.MarketLeader
	if c.conflict() {
		speaker = policytest.DeskLeader
	}
	for _, turn := range []string{"first", "second"} {
		ticketOf(w.RequestDialogue(filer, &hotlinev1.RequestDialogueRequest{Name: c.name, Topic: c.text("topic-" + turn)}))
		ticketOf(w.HandOnDialogue(office, &hotlinev1.HandOnDialogueRequest{Name: c.name, Official: person(speaker), Reason: c.text("handed-" + turn)}))
		ticketOf(w.TakeDialogue(w.as(t, speaker), &hotlinev1.TakeDialogueRequest{Name: c.name, Mode: "phone",
			AppointmentTime: timestamppb.New(w.Clock.Now().Add(3600e9))}))
		if turn == "first" {
			ticketOf(w.HoldDialogue(w.as(t, speaker), &hotlinev1.HoldDialogueRequest{Name: c.name, Record: c.text("record"), Mode: "phone"}))
		}
	}
}

// closedAgain is a ticket with the words that come with its end, twice.
func (w *world) closedAgain(t *testing.T, c *canaries) {
	t.Helper()
	filer, holder := w.with(t, c.filer), w.as(t, policytest.Attendant)
	ticketOf := must[*hotlinev1.Ticket](t)
	for i, solved := range []bool{false, true} {
		ticketOf(w.AnswerTicket(holder, &hotlinev1.AnswerTicketRequest{Name: c.name, Outcome: hotlinev1.Answer_SOLVED, Text: c.text(fmt.Sprint("answer-", i))}))
		ticketOf(w.VerifyTicket(filer, &hotlinev1.VerifyTicketRequest{Name: c.name, Contacted: proto.Bool(true), Solved: proto.Bool(solved),
			Satisfied: hotlinev1.Verification_SATISFIED, Comment: c.text(fmt.Sprint("comment-", i))}))
	}
	ticketOf(w.ReopenTicket(filer, &hotlinev1.ReopenTicketRequest{Name: c.name, Reason: c.text("reopened")}))
	ticketOf(w.WithdrawTicket(filer, &hotlinev1.WithdrawTicketRequest{Name: c.name, Reason: c.text("withdrawn")}))
}

func officer() authn.Caller {
	return authn.Caller{Kind: authn.Person, City: policytest.Code, Person: freeOffice, Unit: policytest.Office, Session: "s",
		Roles: []authn.Grant{{Role: optionsv1.Role_ROLE_MAYOR_OFFICE}}}
}

// readings are the requests by which somebody tries to read of a ticket, by the method's name. A method that only reads and has no row fails the test.
func readings(c *canaries) map[protoreflect.FullName][]proto.Message {
	list := func(filter string) proto.Message {
		return &hotlinev1.ListTicketsRequest{Parent: city, Filter: filter, PageSize: 200}
	}
	search := func(query string) proto.Message {
		return &hotlinev1.ListTicketsRequest{Parent: city, Query: query, PageSize: 200}
	}
	orders := func(filter string) proto.Message {
		return &hotlinev1.ListWorkOrdersRequest{Parent: city, Filter: filter, PageSize: 200}
	}
	at := `"2026-01-01T00:00:00+08:00"`
	return map[protoreflect.FullName][]proto.Message{
		"throughtrain.hotline.v1.TicketService.GetTicket":           {&hotlinev1.GetTicketRequest{Name: c.name}},
		"throughtrain.hotline.v1.TicketService.LookupTicket":        {&hotlinev1.LookupTicketRequest{Parent: city, Number: c.number}},
		"throughtrain.hotline.v1.AttachmentService.GetAttachment":   {&hotlinev1.GetAttachmentRequest{Name: c.file}},
		"throughtrain.hotline.v1.AttachmentService.ListAttachments": {&hotlinev1.ListAttachmentsRequest{Parent: c.name}},
		"throughtrain.hotline.v1.TicketService.ListMessages":        {&hotlinev1.ListMessagesRequest{Parent: c.name}},
		"throughtrain.hotline.v1.TicketService.ExplainTicket":       {&hotlinev1.ExplainTicketRequest{Name: c.name}},
		"throughtrain.hotline.v1.TicketService.ListTicketEvents":    {&hotlinev1.ListTicketEventsRequest{Parent: c.name}},
		"throughtrain.hotline.v1.TicketService.ListTickets": {
			list(""), list("restricted"), list(`number = "` + c.number + `"`), list(`filer = "` + c.filer.Person + `"`),
			list(`enterprise = "` + c.filer.Enterprises[0] + `"`), list(`project = "` + c.project + `"`), list(`county = "` + policytest.CountyCode + `" OR supervised`),
			list(`unit = "permits" OR unit = "market" OR unit = "` + namedUnit + `"`), list(`sign.met_time >= ` + at), list(`returned.unit = "market"`),
			search(c.texts[0]), search(c.texts[1]), search(c.number), search(c.number[len(c.number)-4:]), search("Canary"),
			list(`dialogue:* OR extension_time:* OR rate_time:*`), list(`issue = "` + c.issue + `"`),
		},
		"throughtrain.hotline.v1.WorkOrderService.GetWorkOrder": {&hotlinev1.GetWorkOrderRequest{Name: c.name + "/workOrders/1"}},
		"throughtrain.hotline.v1.WorkOrderService.ListWorkOrders": {
			orders(""), orders(`ticket = "` + id(c.name) + `"`), orders(`unit = "market" OR handle.met_time >= ` + at),
		},
		"throughtrain.hotline.v1.CommonIssueService.GetCommonIssue":        {&hotlinev1.GetCommonIssueRequest{Name: c.issue}},
		"throughtrain.hotline.v1.CommonIssueService.ListCommonIssues":      {&hotlinev1.ListCommonIssuesRequest{Parent: city}},
		"throughtrain.hotline.v1.CommonIssueService.ListCommonIssueEvents": {&hotlinev1.ListCommonIssueEventsRequest{Parent: c.issue}},
		"throughtrain.hotline.v1.SimilarService.ListSimilarTickets":        {&hotlinev1.ListSimilarTicketsRequest{Name: c.name}},
		"throughtrain.hotline.v1.SimilarService.SuggestSimilarTickets": {&hotlinev1.SuggestSimilarTicketsRequest{Parent: city,
			Enterprise: city + "/enterprises/" + c.filer.Enterprises[0], Title: c.texts[0], Body: c.texts[1]}},
		"throughtrain.hotline.v1.QueueService.ListQueue":           {&hotlinev1.ListQueueRequest{Parent: city, PageSize: 1000}},
		"throughtrain.hotline.v1.DeadlineService.PreviewDeadlines": {&hotlinev1.PreviewDeadlinesRequest{Parent: city}},
		"throughtrain.hotline.v1.WatchService.Watch":               {&hotlinev1.WatchRequest{Parent: city, Ticket: c.name}},
		"throughtrain.hotline.v1.BoardService.GetBoard":            {&hotlinev1.GetBoardRequest{Parent: city}},
		"throughtrain.hotline.v1.BoardService.CheckBoard":          {&hotlinev1.CheckBoardRequest{Parent: city}},
		"throughtrain.hotline.v1.BoardService.RebuildBoard":        {&hotlinev1.RebuildBoardRequest{Parent: city}},
		"throughtrain.hotline.v1.BoardService.ListReturns": {&hotlinev1.ListReturnsRequest{Parent: city, PageSize: 200},
			&hotlinev1.ListReturnsRequest{Parent: city, Filter: `restricted = true OR ticket = "` + id(c.name) + `"`}},
		"throughtrain.hotline.v1.BoardService.ListPublishedPeriods": {&hotlinev1.ListPublishedPeriodsRequest{Parent: city}},
		"throughtrain.hotline.v1.BoardService.GetPublishedPeriod":   {&hotlinev1.GetPublishedPeriodRequest{Name: city + "/board/periods/2026-02"}},
	}
}

// linked makes all of them part of one common issue, led by the unit of one of those that the conflicts are about: whoever may see the issue is told of as
// many of them as they may list, and nobody takes out what they may not know of.
func (w *world) linked(t *testing.T, all []*canaries) {
	t.Helper()
	issues, office := hotlinev1.NewCommonIssueServiceClient(w.bare), w.with(t, officer())
	made := must[*hotlinev1.CommonIssue](t)(issues.CreateCommonIssue(office, &hotlinev1.CreateCommonIssueRequest{Parent: city, Title: "title", Plan: "plan",
		Month: "2026-03", LeadUnit: unit(policytest.Market), DueDate: "2026-12-31"}))
	in := &hotlinev1.LinkTicketsRequest{Name: made.GetName()}
	for _, c := range all {
		c.issue, in.Tickets = made.GetName(), append(in.Tickets, c.name)
	}
	must[*hotlinev1.CommonIssue](t)(issues.LinkTickets(office, in))
	for _, o := range onlookers() {
		ctx, may := w.context(t, o), 0
		seen, err := issues.GetCommonIssue(ctx, &hotlinev1.GetCommonIssueRequest{Name: made.GetName()})
		for _, c := range all {
			if o.sees(c) {
				may++
			} else if _, err := issues.UnlinkTickets(ctx, &hotlinev1.UnlinkTicketsRequest{Name: made.GetName(), Tickets: []string{c.name}}); err == nil ||
				o.city && refusal(err) != "NotFound/TICKET_NOT_FOUND" && refusal(err) != "PermissionDenied/ROLE_REQUIRED" {
				t.Errorf("%s takes a %s ticket out: %v", o.name, c.kind, err)
			}
		}
		if err == nil && int(seen.GetTicketCount()) != may || err != nil && may > 0 {
			t.Errorf("%s is told of %d tickets and may list %d: %v", o.name, seen.GetTicketCount(), may, err)
		}
	}
	w.idle(t)
}

// aboutOne tells whether a request names the ticket: who may not know of it is told what is told of a ticket that is not there.
func aboutOne(in proto.Message) (field protoreflect.Name, ok bool) {
	for _, field := range []protoreflect.Name{"name", "parent", "ticket", "number"} {
		if f := in.ProtoReflect().Descriptor().Fields().ByName(field); f != nil {
			if value := in.ProtoReflect().Get(f).String(); strings.Contains(value, "/tickets/") || field == "number" {
				return field, true
			}
		}
	}
	return "", false
}

// instead is the request about a ticket that is not there.
func instead(t *testing.T, in proto.Message, field protoreflect.Name, c *canaries) proto.Message {
	t.Helper()
	out := proto.Clone(in)
	m := out.ProtoReflect()
	f := m.Descriptor().Fields().ByName(field)
	if field == "number" {
		m.Set(f, protoreflect.ValueOfString(nobodysNumber(t)))
	} else {
		m.Set(f, protoreflect.ValueOfString(strings.Replace(m.Get(f).String(), id(c.name), "019c0000-0000-7000-8000-000000000000", 1)))
	}
	return out
}

func nobodysNumber(t *testing.T) string {
	t.Helper()
	for digit := range 10 {
		if n, err := number.Parse(fmt.Sprint("250101000000", digit)); err == nil {
			return n
		}
	}
	t.Fatal("no number is right")
	return ""
}

// methods are all of the hotline's contract.
func contractMethods() (all []protoreflect.MethodDescriptor) {
	protoregistry.GlobalFiles.RangeFilesByPackage("throughtrain.hotline.v1", func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			for j := range file.Services().Get(i).Methods().Len() {
				method := file.Services().Get(i).Methods().Get(j)
				if !proto.HasExtension(method.Options(), optionsv1.E_Content) { // those that move bytes ask what GetAttachment asks
					all = append(all, method)
				}
			}
		}
		return true
	})
	return all
}

func changes(method protoreflect.MethodDescriptor) bool {
	return method.Input().Fields().ByName("request_id") != nil
}

// answered is all the bytes that a call brings: the message, or the status with its details.
func (w *world) answered(ctx context.Context, method protoreflect.MethodDescriptor, in proto.Message) ([]byte, *status.Status) {
	output, err := protoregistry.GlobalTypes.FindMessageByName(method.Output().FullName())
	if err != nil {
		panic(err) // the contract is linked in
	}
	out := output.New().Interface()
	path := "/" + string(method.Parent().FullName()) + "/" + string(method.Name())
	if method.IsStreamingServer() {
		err = w.first(ctx, path, in, out)
	} else {
		err = w.bare.Invoke(ctx, path, in, out)
	}
	s := status.Convert(err)
	said := out
	if s.Code() != codes.OK {
		refusal := s.Proto()
		refusal.Details = slices.DeleteFunc(refusal.GetDetails(), func(d *anypb.Any) bool { return d.MessageIs(&errdetails.RequestInfo{}) }) // of the very call
		said = refusal
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(said)
	if err != nil {
		panic(err) // it came over the wire a moment ago
	}
	return b, s
}

// first is the first message of a stream.
func (w *world) first(ctx context.Context, path string, in, out proto.Message) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	stream, err := w.bare.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, path)
	if err != nil {
		return err
	}
	if err := errors.Join(stream.SendMsg(in), stream.CloseSend()); err != nil {
		return err
	}
	return stream.RecvMsg(out)
}

func contains(t *testing.T, what string, said []byte, words ...string) {
	t.Helper()
	for _, word := range words {
		if bytes.Contains(said, []byte(word)) {
			t.Errorf("%s: is told %q", what, word)
		}
	}
}

// Who may not know of a ticket learns nothing of it, and who may know of it nothing that is not theirs: by any method that reads, in any role, from answers
// and refusals, and from the numbers before and after.
func TestNothingLeaks(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		if strings.Contains(dsn, "memory") {
			t.Skip("the file shows the same")
		}
		if kittest.Race && strings.HasPrefix(dsn, "postgres") {
			t.Skip("walked without the race detector: some ten thousand reads")
		}
		w := newWorld(t, dsn)
		everybody := onlookers()
		var all []*canaries
		for _, kind := range []string{plainKind, confidentialKind, conflictKind, bothKind} {
			before := w.numbers(t, everybody)
			planted := []*canaries{w.planted(t, kind, "worked"), w.planted(t, kind, "closed")}
			w.compare(t, everybody, planted, before, w.numbers(t, everybody))
			all = append(all, planted...)
		}
		w.linked(t, all)
		w.feedTellsNothing(t, all)
		for n, o := range everybody {
			if kittest.Race && n%4 > 0 {
				continue // scripts/test lets everybody walk without the race detector
			}
			t.Run(o.name, func(t *testing.T) {
				w.walk(t, o, all)
				w.searches(t, o, all)
				w.invitations(t, o, all)
			})
		}
	})
}

// walk lets one person try everything that reads, and everything that changes what they may not see.
func (w *world) walk(t *testing.T, o *onlooker, all []*canaries) {
	ctx := w.context(t, o)
	for _, method := range contractMethods() {
		for _, c := range all {
			what := fmt.Sprintf("%s of %s %s", method.Name(), c.kind, c.shape)
			if changes(method) {
				if !o.sees(c) {
					w.refusedAlike(ctx, t, what, method, changing(t, method, c), c)
				}
				continue
			}
			rows := readings(c)[method.FullName()]
			if rows == nil {
				t.Fatalf("%s reads and has no row in this test", method.FullName())
			}
			for _, in := range rows {
				said := w.readsOnly(ctx, t, what, method, in, o, c)
				w.scan(t, what, said, o, all)
			}
		}
	}
}

// searches expects somebody to find a ticket by its own words and its number, and to be told of as many, when they may read its text; and else nothing.
func (w *world) searches(t *testing.T, o *onlooker, all []*canaries) {
	t.Helper()
	blind := len(o.caller.Roles) > 0 && !slices.ContainsFunc(o.caller.Roles, func(g authn.Grant) bool {
		return g.Role != optionsv1.Role_ROLE_AUDITOR && g.Role != optionsv1.Role_ROLE_CITY_ADMIN
	})
	for _, c := range all {
		for _, query := range []string{c.texts[0], c.texts[1], c.number, c.number[len(c.number)-6:]} {
			found, err := w.ListTickets(w.context(t, o), &hotlinev1.ListTicketsRequest{Parent: city, Query: query})
			want := int32(0)
			if o.sees(c) && !blind {
				want = 1
			}
			if !o.nobody && (err != nil || found.GetTotalSize() != want || len(found.GetTickets()) != int(want)) {
				t.Errorf("%q finds %d of %s %s, counted %d, %v; want %d", query, len(found.GetTickets()), c.kind, c.shape, found.GetTotalSize(), err, want)
			}
		}
		// What officials wrote to each other, and whose a confidential ticket is, are nothing to find it by.
		for _, query := range slices.Concat(c.internal, c.whose[:1]) {
			if found, err := w.ListTickets(w.context(t, o), &hotlinev1.ListTicketsRequest{Parent: city, Query: query}); err == nil && len(found.GetTickets()) > 0 {
				t.Errorf("%q finds %v", query, found.GetTickets()[0].GetTitle())
			}
		}
	}
}

// changing is a request of a method that changes something.
func changing(t *testing.T, method protoreflect.MethodDescriptor, c *canaries) proto.Message {
	t.Helper()
	if method.Name() == "ClaimTicket" {
		return &hotlinev1.ClaimTicketRequest{Parent: city, Number: c.number}
	}
	return sound(t, method, c.name)
}

// readsOnly makes one call and judges whether it was answered to whom it should be.
func (w *world) readsOnly(ctx context.Context, t *testing.T, what string, method protoreflect.MethodDescriptor, in proto.Message, o *onlooker, c *canaries) []byte {
	t.Helper()
	said, s := w.answered(ctx, method, in)
	_, one := aboutOne(in)
	switch {
	case !one:
	case o.sees(c) && s.Code() != codes.OK && method.Name() != "GetWorkOrder" && method.Name() != "GetAttachment" &&
		method.Parent().Name() != "SimilarService":
		t.Errorf("%s: %v", what, s)
	case !o.sees(c):
		w.refusedAlike(ctx, t, what, method, in, c)
	}
	if got, isTicket := ticketIn(said, s, method); isTicket && c.confidential() && !o.knowsWhose(c) && (got.GetCounty() != "" || got.GetMembershipConfirmed()) {
		t.Errorf("%s: is told the county %q, membership %t", what, got.GetCounty(), got.GetMembershipConfirmed())
	}
	if one && c.conflict() && o.sees(c) && !o.files(c) && !o.office {
		contains(t, what+", whom it is about", said, namedUnit)
	}
	return said
}

func ticketIn(said []byte, s *status.Status, method protoreflect.MethodDescriptor) (*hotlinev1.Ticket, bool) {
	out := &hotlinev1.Ticket{}
	return out, s.Code() == codes.OK && method.Output().FullName() == out.ProtoReflect().Descriptor().FullName() && proto.Unmarshal(said, out) == nil
}

// refusedAlike expects the same refusal, byte by byte, as for a ticket that is not there.
func (w *world) refusedAlike(ctx context.Context, t *testing.T, what string, method protoreflect.MethodDescriptor, in proto.Message, c *canaries) {
	t.Helper()
	field, one := aboutOne(in)
	if !one {
		return
	}
	hidden, s := w.answered(ctx, method, in)
	missing, _ := w.answered(ctx, method, instead(t, in, field, c))
	if s.Code() == codes.OK || !bytes.Equal(hidden, missing) {
		t.Errorf("%s: is told %v, and of what is not there %q", what, s, missing)
	}
}

// scan looks for words that somebody should not have been told.
func (w *world) scan(t *testing.T, what string, said []byte, o *onlooker, all []*canaries) {
	t.Helper()
	for _, c := range all {
		of := fmt.Sprintf("%s tells of %s %s", what, c.kind, c.shape)
		asked := strings.Contains(what, c.kind+" "+c.shape) // a refusal may repeat what was asked for
		switch {
		case !o.sees(c):
			contains(t, of, said, slices.Concat(c.texts, c.internal, c.whose)...)
			if !asked {
				contains(t, of, said, id(c.name), c.number)
			}
		case !o.knowsWhose(c):
			contains(t, of, said, c.whose...)
		}
		if !o.official {
			contains(t, of, said, c.internal...)
		}
	}
}

// invitations looks at what somebody is invited to read of all that has happened, up to a ticket of their own.
func (w *world) invitations(t *testing.T, o *onlooker, all []*canaries) {
	t.Helper()
	if o.nobody {
		return
	}
	after := int64(1)
	in := topics(hotlinev1.WatchRequest_ALL, hotlinev1.WatchRequest_MINE, hotlinev1.WatchRequest_DESK)
	in.After = &after
	stream := w.watch(t, o.caller, in)
	defer stream.stop()
	last := must[*hotlinev1.Ticket](t)(w.CreateTicket(w.with(t, o.caller), &hotlinev1.CreateTicketRequest{Parent: city, Body: "最后一件",
		Enterprise: city + "/enterprises/" + desktest.Enterprise})).GetName()
	told := map[string]bool{}
	for !told[last] {
		next, err := stream.next()
		if err != nil {
			t.Fatalf("watching: %v", err)
		}
		told[next.GetChanged().GetName()], told[next.GetGone().GetName()] = true, true
	}
	for _, c := range all {
		left := o.former && c.shape == "worked" && !c.conflict() // who held it is told that it went
		if told[c.name] != (o.sees(c) || left) {
			t.Errorf("is told of %s %s: %t, sees it: %t", c.kind, c.shape, told[c.name], o.sees(c))
		}
	}
}

// numbers is what everybody is shown in lists and on the board.
func (w *world) numbers(t *testing.T, everybody []*onlooker) map[string][]proto.Message {
	t.Helper()
	w.idle(t)
	out := map[string][]proto.Message{}
	board := hotlinev1.NewBoardServiceClient(w.bare)
	for _, o := range everybody {
		ctx := w.context(t, o)
		add := func(m proto.Message, err error) {
			t.Helper()
			if code := status.Code(err); code != codes.OK && code != codes.PermissionDenied && code != codes.Unauthenticated {
				t.Fatalf("%s: %v", o.name, err)
			}
			out[o.name] = append(out[o.name], m)
		}
		b, err := board.GetBoard(ctx, &hotlinev1.GetBoardRequest{Parent: city})
		if err == nil {
			b.FreshnessMillis = 0
		}
		add(b, err)
		tickets, err := w.ListTickets(ctx, &hotlinev1.ListTicketsRequest{Parent: city})
		add(tickets, err)
		orders, err := w.ListWorkOrders(ctx, &hotlinev1.ListWorkOrdersRequest{Parent: city})
		add(orders, err)
	}
	return out
}

// compare expects no number to have moved for whom nothing has been filed, and the mayor's office to have been told of all.
func (w *world) compare(t *testing.T, everybody []*onlooker, planted []*canaries, before, after map[string][]proto.Message) {
	t.Helper()
	for _, o := range everybody {
		sees := slices.ContainsFunc(planted, o.sees)
		for i, what := range []string{"board", "tickets", "work orders"} {
			counted := sees
			if what == "board" {
				counted = planted[0].kind == plainKind || sees && o.office
			}
			same := proto.Equal(before[o.name][i], after[o.name][i])
			if !counted && !same {
				t.Errorf("%s: %s %s tickets were filed: %v, %v", what, o.name, planted[0].kind, before[o.name][i], after[o.name][i])
			}
			if o.name == "office" && what == "board" {
				filed := func(m proto.Message) int64 { return m.(*hotlinev1.Board).GetTotal().GetFiled().GetValue() }
				if got := filed(after[o.name][i]) - filed(before[o.name][i]); got != int64(len(planted)) {
					t.Errorf("the mayor's office counts %d more, of %d", got, len(planted))
				}
			}
		}
	}
}

// feedTellsNothing: what other services read has neither text nor, of what is confidential, whose it is.
func (w *world) feedTellsNothing(t *testing.T, all []*canaries) {
	t.Helper()
	var after int64
	for {
		page := must[*feedv1.ListEventsResponse](t)(w.Feed.ListEvents(t.Context(), &feedv1.ListEventsRequest{After: after}))
		if len(page.GetEvents()) == 0 {
			break
		}
		for _, e := range page.GetEvents() {
			after = e.GetPosition()
			said, err := proto.Marshal(e)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range all {
				contains(t, "the feed", said, slices.Concat(c.texts, c.internal)...)
				if c.confidential() {
					contains(t, "the feed", said, c.whose...)
				}
			}
		}
	}
	if after == 0 {
		t.Error("the feed is empty")
	}
}
