package rpc

import (
	"context"
	"strconv"
	"time"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/queue"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/language"
)

// QueueServer serves QueueService.
type QueueServer struct {
	hotlinev1.UnimplementedQueueServiceServer
	desk *desk.Desk
}

// NewQueueServer makes the server of a desk.
func NewQueueServer(d *desk.Desk) *QueueServer { return &QueueServer{desk: d} }

// ListQueue returns the caller's work, the most urgent first.
func (s *QueueServer) ListQueue(ctx context.Context, in *hotlinev1.ListQueueRequest) (*hotlinev1.ListQueueResponse, error) {
	kinds := make([]queue.Kind, len(in.GetKinds()))
	for i, k := range in.GetKinds() {
		kinds[i] = queue.Kind(k)
	}
	found, err := s.desk.Queue(ctx, callerOf(ctx), cityOf(in.GetParent()), in.GetPageSize(), kinds)
	if err != nil {
		return nil, err
	}
	out := &hotlinev1.ListQueueResponse{TotalSize: int32(found.Total), TotalCapped: found.Capped, AsOfTime: stamp(s.desk.City.Now())}
	for _, e := range found.Entries {
		row := shown{View: &e.View, Language: language.Of(ctx), row: true}
		out.Entries = append(out.Entries, row.queued(e))
	}
	for kind := queue.Held; kind <= queue.Dialogue; kind++ {
		if n := found.Counts[kind]; n > 0 {
			out.Counts = append(out.Counts, &hotlinev1.QueueCount{Kind: hotlinev1.QueueEntry_Kind(kind), Count: int32(n)})
		}
	}
	return out, nil
}

func (s *shown) queued(e *desk.QueueEntry) *hotlinev1.QueueEntry {
	out := &hotlinev1.QueueEntry{Kind: hotlinev1.QueueEntry_Kind(e.Kind), Reason: hotlinev1.QueueEntry_Reason(e.Reason), ReasonText: s.queueReason(e),
		NextAction: string(e.Next), Ticket: s.ticket(), Number: int32(e.Number)}
	if e.Kind == queue.Order {
		out.WorkOrder = s.order(s.Ticket.Order(e.Entry.Order))
	}
	if e.Clock != nil {
		out.Clock = s.clock(e.Clock)
	}
	return out
}

// queueTexts say why work stands where it stands, where nothing but the reason counts.
var queueTexts = map[queue.Reason]fault.Text{
	queue.NotContacted: {Zh: "尚未联系企业", En: "Not contacted yet"},
	queue.Running:      {Zh: "办理中", En: "In progress"},
	queue.Waiting:      {Zh: "等企业补充", En: "Waiting for the enterprise"},
}

// newTexts say what new work waits for.
var newTexts = map[queue.Kind]fault.Text{
	queue.Held:      {Zh: "待签收", En: "To be signed"},
	queue.Order:     {Zh: "工单待签收", En: "Work order to be signed"},
	queue.Dispatch:  {Zh: "待派单", En: "To be routed"},
	queue.Return:    {Zh: "退单待裁定", En: "Return to be decided"},
	queue.Callback:  {Zh: "待电话回访", En: "To be called back"},
	queue.Extension: {Zh: "延期待批", En: "More time to be decided"},
	queue.Dialogue:  {Zh: "对话待安排", En: "Dialogue to be arranged"},
}

func (s *shown) queueReason(e *desk.QueueEntry) string {
	switch e.Reason {
	case queue.Overdue:
		over := s.span(-e.Ahead.Left)
		return s.either("已超时"+over, over+" overdue")
	case queue.Raised:
		if s.Ticket.Supervised() {
			return s.either("已督办", "Under supervision")
		}
		return s.either("已提级，第"+strconv.Itoa(s.Ticket.Rung)+"级", "Raised to rung "+strconv.Itoa(s.Ticket.Rung))
	case queue.DueToday:
		return s.either("今天到期：", "Due today: ") + s.instant(e.Clock.Due)
	case queue.Near:
		return s.either("临近时限：", "Due soon: ") + s.instant(e.Clock.Due)
	case queue.New:
		return s.Language.Say(newTexts[e.Kind])
	default:
		return s.Language.Say(queueTexts[e.Reason])
	}
}

// span is how long something is, in the hours and minutes that people say.
func (s *shown) span(d time.Duration) string {
	hours, minutes := int(d/time.Hour), int(d%time.Hour/time.Minute)
	switch {
	case hours > 0 && minutes > 0:
		return s.either(strconv.Itoa(hours)+"小时"+strconv.Itoa(minutes)+"分", strconv.Itoa(hours)+" h "+strconv.Itoa(minutes)+" min")
	case hours > 0:
		return s.either(strconv.Itoa(hours)+"小时", strconv.Itoa(hours)+" h")
	case minutes > 0:
		return s.either(strconv.Itoa(minutes)+"分", strconv.Itoa(minutes)+" min")
	default:
		return s.either("不到1分", "less than 1 min")
	}
}
