package hotline_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk/desktest"
	"github.com/throughtrain/throughtrain/services/hotline/internal/policy/policytest"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/kittest"
)

// What only officials may read, in every text that is theirs.
const secret = "内部"

func unit(code string) string { return city + "/units/" + code }
func person(id string) string { return city + "/persons/" + id }

// held is a ticket that the attendant has signed.
func (w *world) held(t testing.TB) *hotlinev1.Ticket {
	t.Helper()
	filed := w.file(t)
	w.Clock.Advance(time.Minute)
	_, err := w.DispatchTicket(w.as(t, policytest.Dispatcher), &hotlinev1.DispatchTicketRequest{Name: filed.GetName(), Official: person(policytest.Attendant)})
	if err != nil {
		t.Fatal(err)
	}
	return w.sign(t, filed.GetName(), policytest.Attendant)
}

func (w *world) sign(t testing.TB, name, official string) *hotlinev1.Ticket {
	t.Helper()
	w.Clock.Advance(time.Minute)
	signed, err := w.SignTicket(w.as(t, official), &hotlinev1.SignTicketRequest{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func (w *world) seenBy(t testing.TB, name, as string) *hotlinev1.Ticket {
	t.Helper()
	got, err := w.GetTicket(w.as(t, as), &hotlinev1.GetTicketRequest{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// give gives a unit a part, as the attendant.
func (w *world) give(t testing.TB, ticket, code string, lead bool) *hotlinev1.WorkOrder {
	t.Helper()
	w.Clock.Advance(time.Minute)
	o, err := w.CreateWorkOrder(w.as(t, policytest.Attendant), &hotlinev1.CreateWorkOrderRequest{Parent: ticket, Unit: unit(code), Lead: lead, Text: secret + "要求"})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// refused expects a reason.
func refused(t testing.TB, what, reason string, err error) {
	t.Helper()
	if !fault.Has(err, reason) {
		t.Errorf("%s: %v, want %s", what, err, reason)
	}
}

func must[M any](t testing.TB) func(m M, err error) M {
	return func(m M, err error) M {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
}

// reads is everything that a person can read of a ticket, as one text.
func (w *world) reads(t testing.TB, name, as string) string {
	t.Helper()
	ctx := w.as(t, as)
	var out strings.Builder
	add := func(m proto.Message, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString(protojson.Format(m))
	}
	got, err := w.GetTicket(ctx, &hotlinev1.GetTicketRequest{Name: name})
	add(got, err)
	for _, o := range got.GetWorkOrders() {
		order, err := w.GetWorkOrder(ctx, &hotlinev1.GetWorkOrderRequest{Name: o.GetName()})
		add(order, err)
	}
	list, err := w.ListTickets(ctx, &hotlinev1.ListTicketsRequest{Parent: city})
	add(list, err)
	found, err := w.LookupTicket(ctx, &hotlinev1.LookupTicketRequest{Parent: city, Number: got.GetNumber()})
	add(found, err)
	messages, err := w.ListMessages(ctx, &hotlinev1.ListMessagesRequest{Parent: name})
	add(messages, err)
	events, err := w.ListTicketEvents(ctx, &hotlinev1.ListTicketEventsRequest{Parent: name})
	add(events, err)
	explained, err := w.ExplainTicket(ctx, &hotlinev1.ExplainTicketRequest{Name: name})
	add(explained, err)
	return out.String()
}

// said is the texts of a ticket's history.
func (w *world) said(t testing.TB, name, as, language string) string {
	t.Helper()
	ctx := metadata.AppendToOutgoingContext(w.as(t, as), "accept-language", language)
	events, err := w.ListTicketEvents(ctx, &hotlinev1.ListTicketEventsRequest{Parent: name})
	if err != nil || !events.GetChainVerified() {
		t.Fatalf("history of %s: %v", name, err)
	}
	var all []string
	for _, e := range events.GetEvents() {
		all = append(all, e.GetText())
	}
	return strings.Join(all, "\n")
}

// says expects a history to say something, in both languages.
func (w *world) says(t testing.TB, name, as string, zh, en []string) {
	t.Helper()
	for language, wanted := range map[string][]string{"zh-CN": zh, "en": en} {
		said := w.said(t, name, as, language)
		for _, want := range wanted {
			if !strings.Contains(said, want) {
				t.Errorf("%s: nothing of %q in\n%s", language, want, said)
			}
		}
	}
}

func TestWorkOrders(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		held := w.held(t)
		name, holder := held.GetName(), w.as(t, policytest.Attendant)
		market, water := w.as(t, policytest.MarketClerk), w.as(t, policytest.Clerk)
		_, err := w.GetTicket(market, &hotlinev1.GetTicketRequest{Name: name})
		refused(t, "a clerk without a part", "TICKET_NOT_FOUND", err)

		w.Clock.Advance(time.Minute)
		in := &hotlinev1.CreateWorkOrderRequest{Parent: name, Unit: unit(policytest.Market), Lead: true, Text: secret + "主办要求", RequestId: "order-1", Etag: held.GetEtag()}
		lead := must[*hotlinev1.WorkOrder](t)(w.CreateWorkOrder(holder, in))
		if lead.GetName() != name+"/workOrders/1" || !lead.GetLead() || lead.GetState() != hotlinev1.WorkOrder_SENT || len(lead.GetClocks()) != 2 ||
			lead.GetText() != in.GetText() || lead.GetUnitDisplayName() != "市场监督管理局" || lead.GetTicketTitle() == "" || lead.GetDueTime() == nil {
			t.Fatalf("created: %v", lead)
		}
		again, err := w.CreateWorkOrder(holder, in)
		if err != nil || again.GetName() != lead.GetName() {
			t.Errorf("repeated: %v, %v", again, err)
		}
		other := proto.Clone(in).(*hotlinev1.CreateWorkOrderRequest)
		other.Text = "另一件"
		_, err = w.CreateWorkOrder(holder, other)
		refused(t, "another body", "REQUEST_ID_REUSED", err)
		w.refusesOrders(t, name)
		assist := w.give(t, name, policytest.Water, false)
		w.worksOnOrders(t, name, lead.GetName(), assist.GetName())

		_, err = w.AnswerTicket(holder, &hotlinev1.AnswerTicketRequest{Name: name, Outcome: hotlinev1.Answer_SOLVED, Text: "已办妥，请到政务服务中心三楼领取施工许可证。"})
		refused(t, "answered too early", "ORDERS_OPEN", err)
		_, err = w.WaiveWorkOrder(market, &hotlinev1.WaiveWorkOrderRequest{Name: lead.GetName(), Reason: "不必等"})
		refused(t, "waived by the unit", "NOT_HOLDER", err)
		waived := must[*hotlinev1.WorkOrder](t)(w.WaiveWorkOrder(holder, &hotlinev1.WaiveWorkOrderRequest{Name: lead.GetName(), Reason: secret + "不再等"}))
		if waived.GetState() != hotlinev1.WorkOrder_WAIVED || waived.GetWaiveReason() != secret+"不再等" || waived.GetEndTime() == nil || waived.GetDueTime() != nil {
			t.Errorf("waived: %v", waived)
		}
		must[*hotlinev1.Ticket](t)(w.AnswerTicket(holder, &hotlinev1.AnswerTicketRequest{Name: name, Outcome: hotlinev1.Answer_SOLVED,
			Text: "已办妥，请到政务服务中心三楼领取施工许可证。"}))
		w.hides(t, name, 4)
		w.says(t, name, desktest.Filer, []string{"交办工单：市场监督管理局（主办）", "工单已签收：自来水公司", "工单已办结：自来水公司", "不再等待工单：市场监督管理局"},
			[]string{"A part was given to Water supply (assisting)", "no longer waited for: Market regulation"})
		_, err = w.GetWorkOrder(water, &hotlinev1.GetWorkOrderRequest{Name: name + "/workOrders/9"})
		refused(t, "an order there is not", "TICKET_NOT_FOUND", err)
		w.listsOrders(t, name)
	})
}

// listsOrders expects everybody's list to hold what is theirs, without a text.
func (w *world) listsOrders(t *testing.T, name string) {
	t.Helper()
	for _, c := range []struct {
		who, filter string
		units       []string
	}{
		{policytest.Clerk, "", []string{policytest.Water}}, {policytest.MarketClerk, "", nil}, {policytest.MarketLeader, "", nil}, // its part was waived
		{policytest.Attendant, "", []string{policytest.Market, policytest.Water}}, {policytest.Dispatcher, `state = "DONE"`, []string{policytest.Water}},
		{policytest.Auditor, `lead = true AND create_time >= "2026-03-02T00:00:00+08:00"`, []string{policytest.Market}},
		{policytest.Agent, "", nil}, {desktest.Filer, "", nil},
	} {
		list, err := w.ListWorkOrders(w.as(t, c.who), &hotlinev1.ListWorkOrdersRequest{Parent: city, Filter: c.filter, OrderBy: "create_time"})
		var units []string
		for _, o := range list.GetWorkOrders() {
			units = append(units, strings.TrimPrefix(o.GetUnit(), city+"/units/"))
			if !strings.HasPrefix(o.GetName(), name) || o.GetText()+o.GetReply()+o.GetWaiveReason() != "" || (o.GetTicketTitle() == "") != (c.who == policytest.Auditor) {
				t.Errorf("%s lists %v", c.who, o)
			}
		}
		if err != nil || !slices.Equal(units, c.units) || int(list.GetTotalSize()) != len(c.units) {
			t.Errorf("%s lists %v of %d, %v; want %v", c.who, units, list.GetTotalSize(), err, c.units)
		}
	}
	first := must[*hotlinev1.ListWorkOrdersResponse](t)(w.ListWorkOrders(w.as(t, policytest.Dispatcher), &hotlinev1.ListWorkOrdersRequest{Parent: city, PageSize: 1}))
	next := must[*hotlinev1.ListWorkOrdersResponse](t)(w.ListWorkOrders(w.as(t, policytest.Dispatcher),
		&hotlinev1.ListWorkOrdersRequest{Parent: city, PageSize: 1, PageToken: first.GetNextPageToken()}))
	if len(next.GetWorkOrders()) != 1 || next.GetNextPageToken() != "" || next.GetWorkOrders()[0].GetName() == first.GetWorkOrders()[0].GetName() {
		t.Errorf("paged: %v, then %v", first, next)
	}
}

// refusesOrders tries what may not be given.
func (w *world) refusesOrders(t *testing.T, name string) {
	t.Helper()
	holder := w.as(t, policytest.Attendant)
	for _, c := range []struct {
		reason string
		unit   string
		lead   bool
	}{
		{"ORDER_EXISTS", unit(policytest.Market), false}, {"LEAD_TAKEN", unit(policytest.Water), true}, {"UNIT_UNKNOWN", unit(policytest.Office), false},
	} {
		_, err := w.CreateWorkOrder(holder, &hotlinev1.CreateWorkOrderRequest{Parent: name, Unit: c.unit, Lead: c.lead, Text: "请协助"})
		refused(t, c.unit, c.reason, err)
	}
	_, err := w.CreateWorkOrder(w.as(t, policytest.HousingClerk), &hotlinev1.CreateWorkOrderRequest{Parent: name, Unit: unit(policytest.Water), Text: "请协助"})
	refused(t, "by a clerk", "NOT_HOLDER", err)
}

// worksOnOrders lets both units sign and the assisting one finish.
func (w *world) worksOnOrders(t *testing.T, name, lead, assist string) {
	t.Helper()
	market, water := w.as(t, policytest.MarketClerk), w.as(t, policytest.Clerk)
	seen := w.seenBy(t, name, policytest.Clerk)
	if seen.GetBody() == "" || seen.GetContact().GetPhone() != "138****8000" {
		t.Errorf("a unit's clerk reads %q, phone %q", seen.GetBody(), seen.GetContact().GetPhone())
	}
	if got := seen.GetWorkOrders()[1].GetActions(); !slices.Equal(got, []string{"signOrder", "returnOrder"}) {
		t.Errorf("the unit may %v", got)
	}
	_, err := w.SignWorkOrder(market, &hotlinev1.SignWorkOrderRequest{Name: assist})
	refused(t, "signed by another unit", "NOT_UNIT", err)
	w.Clock.Advance(time.Minute)
	signing := &hotlinev1.SignWorkOrderRequest{Name: assist, RequestId: "sign-2"}
	signed := must[*hotlinev1.WorkOrder](t)(w.SignWorkOrder(water, signing))
	if signed.GetState() != hotlinev1.WorkOrder_SIGNED || signed.GetOfficial().GetDisplayName() != "于洋" || signed.GetClocks()[0].GetState() != hotlinev1.Clock_MET {
		t.Errorf("signed: %v", signed)
	}
	again, err := w.SignWorkOrder(water, signing)
	if err != nil || again.GetName() != assist {
		t.Errorf("signed again: %v, %v", again, err)
	}
	_, err = w.SignWorkOrder(water, &hotlinev1.SignWorkOrderRequest{Name: assist})
	refused(t, "signed twice", "ORDER_STATE_FORBIDS", err)
	must[*hotlinev1.WorkOrder](t)(w.SignWorkOrder(market, &hotlinev1.SignWorkOrderRequest{Name: lead}))
	_, err = w.FinishWorkOrder(market, &hotlinev1.FinishWorkOrderRequest{Name: lead, Text: "办结"})
	refused(t, "the lead first", "ASSISTING_OPEN", err)
	_, err = w.FinishWorkOrder(water, &hotlinev1.FinishWorkOrderRequest{Name: assist, Text: " \n"})
	refused(t, "a blank report", "TEXT_EMPTY", err)
	finished := must[*hotlinev1.WorkOrder](t)(w.FinishWorkOrder(water, &hotlinev1.FinishWorkOrderRequest{Name: assist, Text: secret + "报告"}))
	if finished.GetState() != hotlinev1.WorkOrder_DONE || finished.GetReply() != secret+"报告" || len(finished.GetActions()) != 0 {
		t.Errorf("finished: %v", finished)
	}
}

// hides expects a number of officials' texts that officials read and the filer's side does not, whatever they ask.
func (w *world) hides(t *testing.T, name string, texts int) {
	t.Helper()
	for _, side := range []string{desktest.Filer, desktest.Colleague, policytest.Auditor} {
		if all := w.reads(t, name, side); strings.Contains(all, secret) {
			t.Errorf("%s reads what is for officials: %s", side, all)
		}
	}
	messages := must[*hotlinev1.ListMessagesResponse](t)(w.ListMessages(w.as(t, policytest.Attendant), &hotlinev1.ListMessagesRequest{Parent: name}))
	n := 0
	for _, m := range messages.GetMessages() {
		if strings.Contains(m.GetText(), secret) {
			n++
		}
	}
	if n != texts {
		t.Errorf("officials read %d texts of theirs, want %d", n, texts)
	}
}

func (w *world) ask(ctx context.Context, name, id string) (*hotlinev1.Ticket, error) {
	return w.ReturnTicket(ctx, &hotlinev1.ReturnTicketRequest{Name: name, Reason: "not-our-duty", Basis: secret + "依据", TargetUnit: unit(policytest.Market), RequestId: id})
}

func decide(granted bool, number int32) *hotlinev1.DecideReturnRequest {
	return &hotlinev1.DecideReturnRequest{Number: number, Granted: &granted, Reason: secret + "裁定"}
}

func TestReturns(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		name := w.held(t).GetName()
		holder, dispatcher := w.as(t, policytest.Attendant), w.as(t, policytest.Dispatcher)
		_, err := w.ReturnTicket(holder, &hotlinev1.ReturnTicketRequest{Name: name, Reason: "other", Basis: "依据", TargetUnit: unit(policytest.Permits)})
		refused(t, "to the own unit", "UNIT_UNKNOWN", err)
		asked := must[*hotlinev1.Ticket](t)(w.ask(holder, name, "return"))
		again := must[*hotlinev1.Ticket](t)(w.ask(holder, name, "return"))
		if r := again.GetReturnRequests(); len(r) != 1 || r[0].GetReasonText() != "不属于本单位职责" || r[0].GetBasis() != secret+"依据" || r[0].GetUnit() != unit(policytest.Permits) ||
			asked.GetState() != hotlinev1.Ticket_IN_PROGRESS {
			t.Errorf("asked: %v", r)
		}
		_, err = w.ask(holder, name, "")
		refused(t, "asked twice", "RETURN_PENDING", err)
		decision := decide(true, 2)
		decision.Name = name
		_, err = w.DecideReturn(dispatcher, decision)
		refused(t, "a request there is not", "RETURN_NOT_PENDING", err)
		both := desktest.Caller(policytest.Attendant)
		both.Roles = append(both.Roles, desktest.Caller(policytest.Dispatcher).Roles...)
		decision.Number = 1
		_, err = w.DecideReturn(w.with(t, both), decision)
		refused(t, "who asks decides", "REFEREE_OWN", err)
		w.Clock.Advance(time.Minute)
		decision.Official, decision.RequestId = person(policytest.Attendant2), "decision"
		for range 2 {
			granted := must[*hotlinev1.Ticket](t)(w.DecideReturn(dispatcher, decision))
			if granted.GetHolder() != person(policytest.Attendant2) || granted.GetState() != hotlinev1.Ticket_DISPATCHED || granted.GetRouting().GetReason() != "referee" ||
				granted.GetRouting().GetText() == "" || granted.GetReturnRequests()[0].GetDecision() != "granted" {
				t.Errorf("granted: %v", granted)
			}
		}
		w.sign(t, name, policytest.Attendant2)
		_, err = w.ReturnTicket(w.as(t, policytest.Attendant2), &hotlinev1.ReturnTicketRequest{Name: name, Reason: "other", Basis: "依据", TargetUnit: unit(policytest.Permits)})
		refused(t, "who is named", "RETURN_NAMED", err)
		for _, side := range []string{desktest.Filer, desktest.Colleague} {
			if all := w.reads(t, name, side); strings.Contains(all, secret) {
				t.Errorf("%s reads what is for officials: %s", side, all)
			}
		}
		w.says(t, name, desktest.Filer, []string{"申请退单：施工许可科，不属于本单位职责，建议由市场监督管理局承办", "同意退单，由市场监督管理局承办"},
			[]string{"Asked to hand it back: Construction permits, not the unit's duty, proposed for Market regulation", "The return was granted: now with Market regulation"})
	})
}

// Whose request is refused was found to be the right one.
func TestWhoIsRefusedCannotReturnAgain(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	name, holder := w.held(t).GetName(), w.as(t, policytest.Attendant)
	must[*hotlinev1.Ticket](t)(w.ask(holder, name, ""))
	no := decide(false, 1)
	no.Name = name
	after := must[*hotlinev1.Ticket](t)(w.DecideReturn(w.as(t, policytest.Supervisor), no))
	if r := after.GetReturnRequests()[0]; r.GetDecision() != "refused" || r.GetDecisionReason() != secret+"裁定" || after.GetHolder() != person(policytest.Attendant) {
		t.Errorf("refused: %v", r)
	}
	_, err := w.ask(holder, name, "")
	refused(t, "asked again", "RETURN_NAMED", err)
	w.hides(t, name, 2) // the basis, the decision
	w.says(t, name, desktest.Filer, []string{"不同意退单，继续办理"}, []string{"The return was refused; the work goes on"})
	w.at(t, "2026-03-05 10:00") // over the window
	other := w.held(t).GetName()
	w.at(t, "2026-03-10 10:00")
	_, err = w.ask(holder, other, "")
	refused(t, "too late", "RETURN_WINDOW_OVER", err)
}

func TestReturnsOfWorkOrders(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	name := w.held(t).GetName()
	dispatcher, market := w.as(t, policytest.Dispatcher), w.as(t, policytest.MarketClerk)
	first := w.give(t, name, policytest.Market, true)
	back := &hotlinev1.ReturnWorkOrderRequest{Name: first.GetName(), Reason: "needs-lead", Basis: secret + "依据", TargetUnit: unit(policytest.Water), RequestId: "back"}
	for range 2 {
		if o := must[*hotlinev1.WorkOrder](t)(w.ReturnWorkOrder(market, back)); o.GetName() != first.GetName() || o.GetState() != hotlinev1.WorkOrder_SENT {
			t.Errorf("asked: %v", o)
		}
	}
	granted := decide(true, 1)
	granted.Name, granted.Unit = name, unit(policytest.Water)
	w.Clock.Advance(time.Minute)
	after := must[*hotlinev1.Ticket](t)(w.DecideReturn(dispatcher, granted)).GetWorkOrders()
	if len(after) != 2 || after[0].GetState() != hotlinev1.WorkOrder_RETURNED || !after[1].GetNamed() || !after[1].GetLead() || after[1].GetUnit() != unit(policytest.Water) ||
		after[1].GetText() != first.GetText() {
		t.Errorf("granted: %v", after)
	}
	_, err := w.ReturnWorkOrder(w.as(t, policytest.Clerk), &hotlinev1.ReturnWorkOrderRequest{Name: after[1].GetName(), Reason: "other", Basis: "依据", TargetUnit: unit(policytest.Market)})
	refused(t, "who is named", "RETURN_NAMED", err)
	w.hides(t, name, 3) // what is asked, the basis, the decision
}

func TestExtensions(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		held := w.held(t)
		name, holder, supervisor := held.GetName(), w.as(t, policytest.Attendant), w.as(t, policytest.Supervisor)
		_, err := w.ExtendTicket(holder, &hotlinev1.ExtendTicketRequest{Name: name, Workdays: 6, Reason: "工作量大"})
		refused(t, "too long", "EXTENSION_TOO_LONG", err)
		in := &hotlinev1.ExtendTicketRequest{Name: name, Workdays: 3, Reason: "需要专家评审", RequestId: "more"}
		for range 2 {
			asked := must[*hotlinev1.Ticket](t)(w.ExtendTicket(holder, in))
			if x := asked.GetExtensionRequests(); len(x) != 1 || x[0].GetWorkdays() != 3 || x[0].GetDecision() != "" {
				t.Errorf("asked: %v", x)
			}
		}
		_, err = w.ExtendTicket(holder, &hotlinev1.ExtendTicketRequest{Name: name, Workdays: 1, Reason: "再要一天"})
		refused(t, "asked twice", "EXTENSION_PENDING", err)
		yes := true
		granting := &hotlinev1.DecideExtensionRequest{Name: name, Number: 1, Granted: &yes, Reason: "理由充分", RequestId: "granted"}
		w.Clock.Advance(time.Minute)
		must[*hotlinev1.Ticket](t)(w.DecideExtension(supervisor, granting))
		_, err = w.DecideExtension(supervisor, &hotlinev1.DecideExtensionRequest{Name: name, Number: 1, Granted: &yes, Reason: "再准一次"})
		refused(t, "decided twice", "EXTENSION_NOT_PENDING", err)
		must[*hotlinev1.Ticket](t)(w.DecideExtension(supervisor, granting))
		seen := w.seenBy(t, name, desktest.Filer)
		before, after := answerClock(held), answerClock(seen)
		if !after.GetDueTime().AsTime().After(before.GetDueTime().AsTime()) || !after.GetFirstDueTime().AsTime().Equal(before.GetDueTime().AsTime()) {
			t.Errorf("due %v, first %v, before %v", after.GetDueTime(), after.GetFirstDueTime(), before.GetDueTime())
		}
		if x := seen.GetExtensionRequests()[0]; x.GetReason() != "需要专家评审" || x.GetDecisionReason() != "理由充分" || x.GetDecision() != "granted" {
			t.Errorf("the filer reads %v", x)
		}
		due := after.GetDueTime().AsTime().In(policytest.Zone)
		w.says(t, name, desktest.Filer, []string{"申请延期3个工作日", "同意延期，新的时限为" + due.Format("2006年1月2日 15:04")},
			[]string{"3 workdays more were asked for", "More time was granted; now due " + due.Format("2 January 2006 15:04")})
	})
}

func answerClock(t *hotlinev1.Ticket) *hotlinev1.Clock {
	for _, c := range t.GetClocks() {
		if c.GetKind() == hotlinev1.Clock_ANSWER {
			return c
		}
	}
	return nil
}

func TestSupervisionsAndInstructions(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	name := w.held(t).GetName()
	office := w.as(t, policytest.MayorOffice)
	supervising := &hotlinev1.SuperviseTicketRequest{Name: name, Text: "三日内报告进展", RequestId: "watch"}
	for range 2 {
		must[*hotlinev1.Ticket](t)(w.SuperviseTicket(w.as(t, policytest.Supervisor), supervising))
	}
	must[*hotlinev1.Ticket](t)(w.InstructTicket(office, &hotlinev1.InstructTicketRequest{Name: name, Text: "请住建局务必解决"}))
	seen := w.seenBy(t, name, desktest.Filer).GetDirectives()
	if len(seen) != 2 || seen[0].GetKind() != "supervise" || seen[0].GetText() != "三日内报告进展" || seen[0].GetOfficial().GetDisplayName() != "高峰" ||
		seen[1].GetKind() != "instruct" || seen[1].GetText() != "请住建局务必解决" {
		t.Errorf("the filer reads %v", seen)
	}
	w.says(t, name, desktest.Filer, []string{"列入督办：市政府办公室 高峰", "领导批示：市政府办公室 严正"}, []string{"Put under supervision: Mayor's office 高峰"})
	messages := must[*hotlinev1.ListMessagesResponse](t)(w.ListMessages(w.as(t, desktest.Filer), &hotlinev1.ListMessagesRequest{Parent: name}))
	if m := messages.GetMessages(); len(m) != 2 || m[0].GetKind() != hotlinev1.Message_DIRECTIVE || m[0].GetAuthor() != hotlinev1.Message_OFFICE {
		t.Errorf("messages: %v", m)
	}
	_, err := w.SuperviseTicket(w.as(t, policytest.Attendant), supervising)
	refused(t, "the holder supervises", "ROLE_REQUIRED", err)
}

func TestADialogue(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		name := w.held(t).GetName()
		filer, office, leader := w.as(t, desktest.Filer), w.as(t, policytest.MayorOffice), w.as(t, policytest.MarketLeader)
		at := timestamppb.New(policytest.At("2026-03-04 15:00"))
		take := &hotlinev1.TakeDialogueRequest{Name: name, AppointmentTime: at, Mode: "in-person", RequestId: "take"}
		_, err := w.TakeDialogue(office, take)
		refused(t, "nothing to take", "DIALOGUE_NOT_PENDING", err)
		asking := &hotlinev1.RequestDialogueRequest{Name: name, Topic: "想当面说明情况", RequestId: "speak"}
		for range 2 {
			must[*hotlinev1.Ticket](t)(w.RequestDialogue(filer, asking))
		}
		_, err = w.RequestDialogue(filer, &hotlinev1.RequestDialogueRequest{Name: name, Topic: "再约"})
		refused(t, "asked twice", "DIALOGUE_PENDING", err)
		_, err = w.TakeDialogue(leader, take)
		refused(t, "a leader who has no part in it", "TICKET_NOT_FOUND", err)
		_, err = w.HandOnDialogue(office, &hotlinev1.HandOnDialogueRequest{Name: name, Official: person(policytest.Clerk), Reason: "请你安排"})
		refused(t, "to somebody who cannot speak", "OFFICIAL_UNKNOWN", err)
		must[*hotlinev1.Ticket](t)(w.HandOnDialogue(office, &hotlinev1.HandOnDialogueRequest{Name: name, Official: person(policytest.MarketLeader), Reason: "由韩立局长对接"}))
		_, err = w.TakeDialogue(leader, &hotlinev1.TakeDialogueRequest{Name: name, AppointmentTime: timestamppb.New(policytest.At("2026-03-01 15:00")), Mode: "phone"})
		refused(t, "in the past", "APPOINTMENT_PAST", err)
		for range 2 {
			must[*hotlinev1.Ticket](t)(w.TakeDialogue(leader, take))
		}
		w.at(t, "2026-03-04 15:40")
		must[*hotlinev1.Ticket](t)(w.HoldDialogue(leader, &hotlinev1.HoldDialogueRequest{Name: name, Record: "约定三日内现场办公", Mode: "phone"}))
		seen := w.seenBy(t, name, desktest.Filer).GetDialogues()
		if d := seen[0]; len(seen) != 1 || d.GetState() != hotlinev1.Dialogue_HELD || d.GetTopic() != "想当面说明情况" || d.GetRecord() != "约定三日内现场办公" ||
			d.GetReason() != "由韩立局长对接" || d.GetOfficial().GetDisplayName() != "韩立" || d.GetMode() != "phone" || !d.GetAppointmentTime().AsTime().Equal(at.AsTime()) {
			t.Errorf("the filer reads %v", seen)
		}
		must[*hotlinev1.Ticket](t)(w.RequestDialogue(filer, &hotlinev1.RequestDialogueRequest{Name: name, Topic: "还有一事"}))
		must[*hotlinev1.Ticket](t)(w.DeclineDialogue(office, &hotlinev1.DeclineDialogueRequest{Name: name, Reason: "已当面答复"}))
		w.says(t, name, desktest.Filer, []string{"申请与领导直接对话", "直接对话转由韩立安排", "已约定与韩立（局长）对话：2026年3月4日 15:00，当面", "直接对话已进行（电话）", "未予安排"},
			[]string{"handed on to 韩立", "A dialogue was arranged with 韩立 (局长): 4 March 2026 15:00, in person", "The dialogue was held (by phone)", "declined"})
	})
}

func TestMissedCalls(t *testing.T) {
	w := newWorld(t, "sqlite::memory:")
	name := w.held(t).GetName()
	desk := w.as(t, policytest.Dispatcher2)
	call := &hotlinev1.RecordMissedCallRequest{Name: name, RequestId: "first"}
	_, err := w.RecordMissedCall(desk, call)
	refused(t, "before the answer", "STATE_FORBIDS", err)
	w.Clock.Advance(time.Minute)
	must[*hotlinev1.Ticket](t)(w.AnswerTicket(w.as(t, policytest.Attendant), &hotlinev1.AnswerTicketRequest{Name: name, Outcome: hotlinev1.Answer_EXPLAINED, Text: "已收悉"}))
	for range 2 {
		missed := must[*hotlinev1.Ticket](t)(w.RecordMissedCall(desk, call))
		if cb := missed.GetCallback(); cb.GetReason() != "thin" || cb.GetState() != "missed" || cb.GetAttempts() != 1 || cb.GetNextTime() == nil {
			t.Errorf("missed: %v", cb)
		}
	}
	_, err = w.RecordMissedCall(desk, &hotlinev1.RecordMissedCallRequest{Name: name})
	refused(t, "too soon", "CALLBACK_NOT_DUE", err)
	for _, who := range []string{policytest.Attendant, desktest.Filer, policytest.Supervisor} {
		if cb := w.seenBy(t, name, who).GetCallback(); cb != nil {
			t.Errorf("%s sees the call-back: %v", who, cb)
		}
	}
	_, err = w.ListTickets(w.as(t, policytest.Attendant), &hotlinev1.ListTicketsRequest{Parent: city, Filter: `callback = "missed"`})
	refused(t, "asked for by who answered", "FILTER_INVALID", err)
	if list := must[*hotlinev1.ListTicketsResponse](t)(w.ListTickets(desk, &hotlinev1.ListTicketsRequest{Parent: city, Filter: `callback = "missed"`})); list.GetTotalSize() != 1 {
		t.Errorf("the desk's calls: %v", list)
	}
	for who, want := range map[string]string{policytest.Attendant: "", policytest.Dispatcher: "thin", desktest.Filer: "thin"} {
		for _, e := range must[*hotlinev1.ListTicketEventsResponse](t)(w.ListTicketEvents(w.as(t, who), &hotlinev1.ListTicketEventsRequest{Parent: name})).GetEvents() {
			if a := e.GetEvent().GetAnswered(); a != nil && (a.GetCallback() != want || (len(e.GetEnvelope()) == 0) != (want == "")) {
				t.Errorf("%s reads of the answer %v", who, e)
			}
		}
	}
	w.at(t, "2026-03-04 10:00")
	missed := must[*hotlinev1.Ticket](t)(w.RecordMissedCall(desk, &hotlinev1.RecordMissedCallRequest{Name: name}))
	if cb := missed.GetCallback(); cb.GetState() != "unreachable" || cb.GetAttempts() != 2 || cb.GetNextTime() != nil {
		t.Errorf("missed again: %v", cb)
	}
	w.says(t, name, desktest.Filer, []string{"第1次电话回访未接通，将再次拨打", "第2次电话回访未接通，不再拨打"}, []string{"Call-back 2 reached nobody; there is no further one"})
}

func TestConflictsAndMerging(t *testing.T) {
	kittest.EachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		earlier := w.file(t).GetName()
		later := w.held(t).GetName()
		filer, dispatcher := w.as(t, desktest.Filer), w.as(t, policytest.Dispatcher)
		_, err := w.NameConflict(w.as(t, policytest.Attendant), &hotlinev1.NameConflictRequest{Name: later, Units: []string{unit(policytest.Market)}})
		refused(t, "named by the holder", "NOT_FILER", err)
		_, err = w.NameConflict(filer, &hotlinev1.NameConflictRequest{Name: later})
		refused(t, "nobody named", "CONFLICT_EMPTY", err)
		naming := &hotlinev1.NameConflictRequest{Name: later, Officials: []string{person(policytest.HousingLeader)}, RequestId: "about"}
		for range 2 {
			named := must[*hotlinev1.Ticket](t)(w.NameConflict(filer, naming))
			if named.GetState() != hotlinev1.Ticket_FILED || !slices.Equal(named.GetConflictOfficials(), naming.GetOfficials()) || len(named.GetConflictUnits()) != 1 {
				t.Errorf("named: %v", named)
			}
		}
		for _, who := range []string{policytest.Attendant, policytest.HousingLeader, policytest.HousingClerk} {
			_, err := w.GetTicket(w.as(t, who), &hotlinev1.GetTicketRequest{Name: later})
			refused(t, who, "TICKET_NOT_FOUND", err)
		}
		if all := w.reads(t, later, policytest.Dispatcher); strings.Contains(all, policytest.HousingLeader) {
			t.Errorf("the desk reads whom it is about: %s", all)
		}
		w.says(t, later, desktest.Filer, []string{"登记回避：苏明、住房和城乡建设局", "承办人需要回避，重新派单"}, []string{"Kept out from now on: 苏明, Housing and construction"})
		w.says(t, later, policytest.Dispatcher, []string{"已登记需要回避的人员或单位"}, []string{"they neither see it nor have a part in it"})

		_, err = w.MergeTicket(dispatcher, &hotlinev1.MergeTicketRequest{Name: earlier, Into: later, Reason: "同一件事"})
		refused(t, "into a later one", "MERGE_LATER", err)
		_, err = w.MergeTicket(dispatcher, &hotlinev1.MergeTicketRequest{Name: later, Into: later, Reason: "同一件事"})
		refused(t, "into itself", "MERGE_SELF", err)
		merging := &hotlinev1.MergeTicketRequest{Name: later, Into: earlier, Reason: "与较早的诉求是同一件事", RequestId: "merge"}
		for range 2 {
			merged := must[*hotlinev1.Ticket](t)(w.MergeTicket(dispatcher, merging))
			if merged.GetCloseReason() != hotlinev1.Ticket_MERGED || merged.GetMergedInto() != earlier {
				t.Errorf("merged: %v", merged)
			}
		}
		if on := w.seenBy(t, earlier, desktest.Filer); !slices.Equal(on.GetMerged(), []string{later}) || on.GetState() != hotlinev1.Ticket_FILED || len(on.GetConflictUnits()) != 1 {
			t.Errorf("goes on: %v", on)
		}
		w.says(t, later, desktest.Filer, []string{"并入较早的诉求，在那里继续办理"}, []string{"Merged into an earlier ticket"})
		w.says(t, earlier, desktest.Filer, []string{"一件较晚的同类诉求并入本件"}, []string{"A later ticket about the same"})
	})
}
