package agency_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue/cataloguetest"
	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
	"github.com/throughtrain/throughtrain/services/agency/internal/rpc"
	"github.com/throughtrain/throughtrain/services/kit/authn"
	"github.com/throughtrain/throughtrain/services/kit/change"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/rpcclient"
)

// tickets is a hotline as the agency meets it: behind its own verification of tokens and requests, it files each request id of a person once.
type tickets struct {
	hotlinev1.UnimplementedTicketServiceServer
	mu    sync.Mutex
	all   []filed
	calls int
	away  error // instead of filing
	lost  error // instead of the answer, after filing
}

// filed is a ticket, and who filed it.
type filed struct {
	by     authn.Caller
	in     *hotlinev1.CreateTicketRequest
	ticket *hotlinev1.Ticket
}

func newTickets() *tickets { return &tickets{} }

func (s *tickets) CreateTicket(ctx context.Context, in *hotlinev1.CreateTicketRequest) (*hotlinev1.Ticket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	if s.away != nil {
		return nil, s.away
	}
	by := authn.FromContext(ctx)
	n := slices.IndexFunc(s.all, func(f filed) bool {
		return in.GetRequestId() != "" && f.by.ID() == by.ID() && f.in.GetRequestId() == in.GetRequestId()
	})
	if n >= 0 && !proto.Equal(s.all[n].in, in) {
		return nil, fault.New(fault.Exists, "REQUEST_ID_REUSED", "该请求编号已用于另一项请求", "used for another request")
	}
	if n < 0 {
		n = len(s.all)
		s.all = append(s.all, filed{by: by, in: in, ticket: &hotlinev1.Ticket{Name: fmt.Sprintf("%s/tickets/01930000-0000-7000-8000-0000000000%02d", city, n+1),
			Number: fmt.Sprintf("26030200001%02d", n+1)}})
	}
	return s.all[n].ticket, s.lost
}

// only is the one ticket that was filed.
func (s *tickets) only(t testing.TB) filed {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) != 1 {
		t.Fatalf("%d tickets were filed", len(s.all))
	}
	return s.all[0]
}

func (s *tickets) fail(away, lost error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away, s.lost = away, lost
}

// raise raises a ticket as somebody.
func (w *world) raise(t testing.TB, person string, in *agencyv1.RaiseTicketRequest) *agencyv1.RaiseTicketResponse {
	t.Helper()
	return must[*agencyv1.RaiseTicketResponse](t)(w.RaiseTicket(w.as(t, person), in))
}

// linked are the tickets of a case.
func (w *world) linked(t testing.TB, name string) []*agencyv1.LinkedTicket {
	t.Helper()
	return w.get(t, name).GetTickets()
}

// followed lets the hotline's feed say what was filed there.
func (w *world) followed(t testing.TB, f filed) {
	t.Helper()
	id := f.ticket.GetName()[len(city+"/tickets/"):]
	w.Hotline.ticket(t, id, &hotlinev1.TicketEvent{Event: &hotlinev1.TicketEvent_Filed{Filed: &hotlinev1.TicketFiled{Number: f.ticket.GetNumber(),
		Enterprise: enterprise, Source: strings.TrimPrefix(f.in.GetSource(), city+"/")}}})
	w.idle(t)
}

// TestAnEnterpriseRaisesATicket in its own name: the hotline sees its token, and reads which item, whose, since when and what is wrong.
func TestAnEnterpriseRaisesATicket(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		c := w.handedIn(t)
		w.accept(t, c.GetName(), fireReview)
		w.at(t, "2026-03-13 09:00") // after the seven workdays promised
		got := w.raise(t, owner, &agencyv1.RaiseTicketRequest{Name: c.GetName(), Item: fireReview, Text: "消防审查迟迟没有结论，影响开工。", RequestId: "r-1"})
		f := w.Tickets.only(t)
		if got.GetTicket() != f.ticket.GetName() || got.GetNumber() != f.ticket.GetNumber() || got.GetReason() != casefile.TroubleOverdue {
			t.Errorf("raised %v", got)
		}
		if f.by.Kind != authn.Person || f.by.Person != owner || !f.by.MemberOf(enterprise) {
			t.Errorf("filed by %+v", f.by)
		}
		in := f.in
		if in.GetChannel() != "app" || in.GetCategory() != "02" || in.GetEnterprise() != enterpriseName(enterprise) || in.GetSource() != itemName(c.GetName(), fireReview) ||
			in.GetContact() != nil || in.GetCounty() != cataloguetest.HualongCode || in.GetTitle() != "消防设计审查办理超期" {
			t.Errorf("filed %v", in)
		}
		for _, part := range []string{c.GetNumber(), "消防设计审查（第1次申请）", "承办单位：住房和城乡建设局", "窗口已受理（2026年3月2日09:00起）", "应于2026年3月11日18:00前在承诺时限内办结，至今没有完成。",
			"消防审查迟迟没有结论，影响开工。"} {
			if !strings.Contains(in.GetBody(), part) {
				t.Errorf("%q is not in\n%s", part, in.GetBody())
			}
		}
		want := &agencyv1.LinkedTicket{Ticket: got.GetTicket(), Number: got.GetNumber(), Item: fireReview, Reason: casefile.TroubleOverdue, Open: true}
		for _, how := range []string{"at once", "and followed"} {
			all := w.linked(t, c.GetName())
			for _, l := range all {
				l.CreateTime = nil
			}
			if len(all) != 1 || !proto.Equal(all[0], want) {
				t.Errorf("linked %s: %v", how, all)
			}
			w.followed(t, f)
		}
	})
}

// TestWhatATicketIsFor is found out, not asked.
func TestWhatATicketIsFor(t *testing.T) {
	for name, test := range map[string]struct {
		come       func(t *testing.T, w *world, c *agencyv1.Case)
		item       string
		reason     string
		title, say string
	}{
		"nothing is wrong": {func(*testing.T, *world, *agencyv1.Case) {}, fireReview, casefile.TroubleOther, "消防设计审查需要协调", "已接收，待受理（2026年3月2日09:00起）"},
		"nothing moves": {func(t *testing.T, w *world, c *agencyv1.Case) {
			w.accept(t, c.GetName(), fireReview)
			w.at(t, "2026-03-10 09:00")
		}, fireReview, casefile.TroubleStuck, "消防设计审查办理停滞", "2026年3月2日09:00以来没有任何进展。"},
		"it was refused": {func(t *testing.T, w *world, c *agencyv1.Case) {
			w.accept(t, c.GetName(), fireReview)
			must[*agencyv1.Item](t)(w.RefuseItem(w.as(t, clerkOf(fireReview)), &agencyv1.RefuseItemRequest{Name: itemName(c.GetName(), fireReview), Reason: "不符", Remedy: "复议"}))
		}, fireReview, casefile.TroubleRefused, "消防设计审查未获批准", "单位的答复是“不予许可”"},
		"not handed in yet": {func(*testing.T, *world, *agencyv1.Case) {}, cataloguetest.BuildPermit, casefile.TroubleOther, "建筑工程施工许可证需要协调", "待提交"},
		"the whole case":    {func(*testing.T, *world, *agencyv1.Case) {}, "", casefile.TroubleOther, "", "代办件编号："},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, file(t))
			c := w.handedIn(t)
			test.come(t, w, c)
			got := w.raise(t, owner, &agencyv1.RaiseTicketRequest{Name: c.GetName(), Item: test.item})
			in := w.Tickets.only(t).in
			if test.title == "" {
				test.title = "投资项目审批代办件" + c.GetNumber() + "需要协调"
			}
			source := c.GetName()
			if test.item != "" {
				source = itemName(c.GetName(), test.item)
			}
			if got.GetReason() != test.reason || in.GetTitle() != test.title || !strings.Contains(in.GetBody(), test.say) || in.GetSource() != source || in.GetRequestId() == "" {
				t.Errorf("%s: %v", got.GetReason(), in)
			}
		})
	}
}

// TestAnAgentRaisesATicket for the enterprise: by the agency's channel, under the agent's own token, with whom to call.
func TestAnAgentRaisesATicket(t *testing.T) {
	w := newWorld(t, file(t))
	c := w.open(t)
	w.entrust(t, c.GetName(), cataloguetest.Land)
	w.raise(t, cataloguetest.ApprovalsAgent, &agencyv1.RaiseTicketRequest{Name: c.GetName(), Item: cataloguetest.Filing, Text: "　"})
	f := w.Tickets.only(t)
	if f.by.Person != cataloguetest.ApprovalsAgent || f.in.GetChannel() != "agency" || f.in.GetContact().GetName() != "赵企业" || f.in.GetContact().GetPhone() != phone ||
		f.in.GetEnterprise() != enterpriseName(enterprise) || strings.Contains(f.in.GetBody(), "　") {
		t.Errorf("filed by %s: %v", f.by.Person, f.in)
	}
	for who, want := range map[string]string{
		cataloguetest.HousingClerk: "NOT_AGENT", cataloguetest.ApprovalsClerk: "NOT_AGENT", cataloguetest.MayorOffice: "NOT_AGENT", stranger: "CASE_NOT_FOUND",
		cataloguetest.ApprovalsAgent2: "CASE_NOT_FOUND",
	} {
		refused[any](t, want)(w.RaiseTicket(w.as(t, who), &agencyv1.RaiseTicketRequest{Name: c.GetName(), Item: cataloguetest.Filing}))
	}
	refused[any](t, "NOT_AGENT")(w.RaiseTicket(w.as(t, cataloguetest.ApprovalsAgent), &agencyv1.RaiseTicketRequest{Name: c.GetName(), Item: cataloguetest.BuildPermit}))
	refused[any](t, "ITEM_NOT_FOUND")(w.RaiseTicket(w.as(t, owner), &agencyv1.RaiseTicketRequest{Name: c.GetName(), Item: "castle"}))
	refused[any](t, "ETAG_MISMATCH")(w.RaiseTicket(w.as(t, owner), &agencyv1.RaiseTicketRequest{Name: c.GetName(), Etag: "7777", RequestId: "r-1"}))
	w.Tickets.only(t)
}

// TestARepeatedRequestIsTheSameTicket, whatever the case has become, and whoever asks at the same time.
func TestARepeatedRequestIsTheSameTicket(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		c := w.handedIn(t)
		in := &agencyv1.RaiseTicketRequest{Name: c.GetName(), Item: fireReview, Text: "请协调", RequestId: "r-1"}
		var group errgroup.Group
		answers := make(chan *agencyv1.RaiseTicketResponse, 8)
		for range cap(answers) {
			group.Go(func() error {
				got, err := w.RaiseTicket(w.as(t, owner), in)
				answers <- got
				return err
			})
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		first := <-answers
		for range cap(answers) - 1 {
			if got := <-answers; !proto.Equal(first, got) {
				t.Errorf("%v and %v", first, got)
			}
		}
		w.Tickets.only(t)
		w.at(t, "2026-03-20 09:00") // accepted by silence, and overdue
		again := proto.CloneOf(in)
		again.Etag = "1"
		if got := w.raise(t, owner, again); !proto.Equal(got, first) {
			t.Errorf("%v, then %v", first, got)
		}
		w.Tickets.only(t)
		if l := w.linked(t, c.GetName()); len(l) != 1 {
			t.Errorf("linked: %v", l)
		}
		again.Text = "别的"
		refused[any](t, "REQUEST_ID_REUSED")(w.RaiseTicket(w.as(t, owner), again))
		again.RequestId, again.Etag = "", ""
		if got := w.raise(t, owner, again); got.GetTicket() == first.GetTicket() || got.GetReason() != casefile.TroubleOverdue {
			t.Errorf("without an id: %v", got)
		}
	})
}

// TestARepeatThatIsNoLongerSound is answered with the ticket all the same.
func TestARepeatThatIsNoLongerSound(t *testing.T) {
	w := newWorld(t, file(t))
	c := w.open(t)
	in := &agencyv1.RaiseTicketRequest{Name: c.GetName(), Text: "请协调", RequestId: "r-1"}
	first := w.raise(t, owner, in)
	replay := func(in *agencyv1.RaiseTicketRequest) (proto.Message, bool, error) {
		token, _, err := w.issuer.Issue(caller(owner))
		if err != nil {
			t.Fatal(err)
		}
		ctx := authn.WithToken(authn.WithCaller(t.Context(), caller(owner)), token)
		return w.Service.Replay(ctx, agencyv1.CaseService_RaiseTicket_FullMethodName, in)
	}
	if got, found, err := replay(in); !proto.Equal(got, first) || !found || err != nil {
		t.Errorf("%v, %v, %v", got, found, err)
	}
	other := proto.CloneOf(in)
	other.RequestId = "r-2"
	if got, found, err := replay(other); got != nil || found || err != nil {
		t.Errorf("what was never asked: %v, %v, %v", got, found, err)
	}
	other = proto.CloneOf(in)
	other.Text = "别的"
	refused[any](t, "REQUEST_ID_REUSED")(func() (any, error) { _, _, err := replay(other); return nil, err }())
	w.Tickets.fail(fault.New(fault.Unavailable, "UNAVAILABLE", "连接不上", "away"), nil)
	refused[any](t, "HOTLINE_UNAVAILABLE")(func() (any, error) { _, _, err := replay(in); return nil, err }())
	w.Tickets.only(t)
}

// TestNobodyFilesForAPerson: without the person's own token the hotline is asked as a service, which it lets file nothing.
func TestNobodyFilesForAPerson(t *testing.T) {
	w := newWorld(t, file(t))
	c := w.open(t)
	by := desk.Act{Caller: caller(owner), Ref: desk.Ref{City: cataloguetest.Code, ID: idOf(c.GetName())}}
	if got, err := w.Service.Desk().RaiseTicket(t.Context(), by, "", ""); fault.KindOf(err) != fault.Denied {
		t.Errorf("%v, %v", got, err)
	}
	if len(w.Tickets.all) != 0 {
		t.Errorf("filed: %v", w.Tickets.all)
	}
}

// TestACrashAfterFiling: the ticket is there and its answer was lost. The same request finds it, although what would be said now is another thing.
func TestACrashAfterFiling(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn string) {
		w := newWorld(t, dsn)
		c := w.handedIn(t)
		in := &agencyv1.RaiseTicketRequest{Name: c.GetName(), Item: fireReview, RequestId: "r-1"}
		w.Tickets.fail(nil, fault.New(fault.Unavailable, "UNAVAILABLE", "连接断开", "the connection broke"))
		refused[any](t, "HOTLINE_UNAVAILABLE")(w.RaiseTicket(w.as(t, owner), in))
		if l := w.linked(t, c.GetName()); len(l) != 0 {
			t.Errorf("linked: %v", l)
		}
		w.Tickets.fail(nil, nil)
		w.followed(t, w.Tickets.only(t)) // the feed is faster than the second try
		w.at(t, "2026-03-20 09:00")
		got := w.raise(t, owner, in)
		if f := w.Tickets.only(t); got.GetTicket() != f.ticket.GetName() || got.GetReason() != casefile.TroubleOther {
			t.Errorf("raised %v", got)
		}
		if l := w.linked(t, c.GetName()); len(l) != 1 || l[0].GetItem() != fireReview {
			t.Errorf("linked: %v", l)
		}
	})
}

// TestTheHotlineIsAway: nothing is filed, nothing is linked, and the same request can be made again. What the hotline refuses is said as it says it.
func TestTheHotlineIsAway(t *testing.T) {
	w := newWorld(t, file(t))
	c := w.handedIn(t)
	in := &agencyv1.RaiseTicketRequest{Name: c.GetName(), Item: fireReview, RequestId: "r-1"}
	front := w.Service.Desk()
	there := front.Hotline
	conn := must[*grpc.ClientConn](t)(rpcclient.Connect(rpcclient.Config{Service: "hotline", Address: "127.0.0.1:1"})) // where nobody listens
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	front.Hotline = rpc.Hotline(conn)
	refused[any](t, "HOTLINE_UNAVAILABLE")(w.RaiseTicket(w.as(t, owner), in))
	front.Hotline = nil
	refused[any](t, "HOTLINE_UNAVAILABLE")(w.RaiseTicket(w.as(t, owner), in))
	front.Hotline = there
	w.Tickets.fail(fault.New(fault.Invalid, "CATEGORY_UNKNOWN", "没有这个类别", "no such category"), nil)
	refused[any](t, "CATEGORY_UNKNOWN")(w.RaiseTicket(w.as(t, owner), in))
	if l := w.linked(t, c.GetName()); len(l) != 0 || len(w.Tickets.all) != 0 {
		t.Errorf("linked %v, filed %v", l, w.Tickets.all)
	}
	w.Tickets.fail(nil, nil)
	if got := w.raise(t, owner, in); got.GetTicket() != w.Tickets.only(t).ticket.GetName() {
		t.Errorf("raised %v", got)
	}
}

// TestWhatWasFiledWasErased: a repeated request cannot file it again, and says so.
func TestWhatWasFiledWasErased(t *testing.T) {
	w := newWorld(t, file(t))
	c := w.open(t)
	in := &agencyv1.RaiseTicketRequest{Name: c.GetName(), RequestId: "r-1"}
	w.raise(t, owner, in)
	erase := change.Exec(`DELETE FROM contents WHERE kind = 'ticket'`)
	if err := w.Service.Desk().Store.Commit(t.Context(), &change.Change{Statements: []change.Statement{erase}}); err != nil {
		t.Fatal(err)
	}
	refused[any](t, "REQUEST_ID_REUSED")(w.RaiseTicket(w.as(t, owner), in))
	w.Tickets.only(t)
}
