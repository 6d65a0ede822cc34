package rpc

import (
	"context"
	"slices"
	"time"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
	"github.com/throughtrain/throughtrain/services/kit/language"
)

// CreateWorkOrder gives a unit a part.
func (s *Server) CreateWorkOrder(ctx context.Context, in *hotlinev1.CreateWorkOrderRequest) (*hotlinev1.WorkOrder, error) {
	call, err := callOf("CreateWorkOrder", in)
	if err != nil {
		return nil, err
	}
	ref := refOf(in.GetParent())
	view, number, err := s.desk.CreateOrder(ctx, callerOf(ctx), call, ref,
		desk.Order{Unit: idIn(ref.City, "units", in.GetUnit()), Lead: in.GetLead(), Text: in.GetText()})
	return orderAnswer(ctx, view, number, err)
}

// GetWorkOrder returns an order.
func (s *Server) GetWorkOrder(ctx context.Context, in *hotlinev1.GetWorkOrderRequest) (*hotlinev1.WorkOrder, error) {
	ref := orderRefOf(in.GetName())
	view, err := s.desk.GetOrder(ctx, callerOf(ctx), ref)
	return orderAnswer(ctx, view, ref.Number, err)
}

// ListWorkOrders pages through the orders the caller may see.
func (s *Server) ListWorkOrders(ctx context.Context, in *hotlinev1.ListWorkOrdersRequest) (*hotlinev1.ListWorkOrdersResponse, error) {
	list, err := s.desk.ListOrders(ctx, callerOf(ctx), desk.ListQuery{City: cityOf(in.GetParent()), PageSize: in.GetPageSize(),
		PageToken: in.GetPageToken(), Filter: in.GetFilter(), OrderBy: in.GetOrderBy()})
	if err != nil {
		return nil, err
	}
	out := &hotlinev1.ListWorkOrdersResponse{NextPageToken: list.NextPageToken, TotalSize: int32(list.Total), TotalSizeCapped: list.Capped}
	for i := range list.Orders {
		show := shown{View: &list.Orders[i].View, Language: language.Of(ctx), row: true}
		out.WorkOrders = append(out.WorkOrders, show.order(show.Ticket.Order(list.Orders[i].Number)))
	}
	return out, nil
}

// SignWorkOrder is a unit's signature.
func (s *Server) SignWorkOrder(ctx context.Context, in *hotlinev1.SignWorkOrderRequest) (*hotlinev1.WorkOrder, error) {
	return orderVerb(ctx, "SignWorkOrder", in, func(call desk.Call, ref desk.OrderRef) (desk.View, error) {
		return s.desk.SignOrder(ctx, callerOf(ctx), call, ref)
	})
}

// FinishWorkOrder is a unit's report.
func (s *Server) FinishWorkOrder(ctx context.Context, in *hotlinev1.FinishWorkOrderRequest) (*hotlinev1.WorkOrder, error) {
	return orderVerb(ctx, "FinishWorkOrder", in, func(call desk.Call, ref desk.OrderRef) (desk.View, error) {
		return s.desk.FinishOrder(ctx, callerOf(ctx), call, ref, in.GetText())
	})
}

// WaiveWorkOrder lets the ticket be answered without an order.
func (s *Server) WaiveWorkOrder(ctx context.Context, in *hotlinev1.WaiveWorkOrderRequest) (*hotlinev1.WorkOrder, error) {
	return orderVerb(ctx, "WaiveWorkOrder", in, func(call desk.Call, ref desk.OrderRef) (desk.View, error) {
		return s.desk.WaiveOrder(ctx, callerOf(ctx), call, ref, in.GetReason())
	})
}

// ReturnWorkOrder asks to hand an order back.
func (s *Server) ReturnWorkOrder(ctx context.Context, in *hotlinev1.ReturnWorkOrderRequest) (*hotlinev1.WorkOrder, error) {
	return orderVerb(ctx, "ReturnWorkOrder", in, func(call desk.Call, ref desk.OrderRef) (desk.View, error) {
		return s.desk.ReturnOrder(ctx, callerOf(ctx), call, ref, returnOf(in))
	})
}

// orderVerb answers a verb upon a work order: the order as it is afterwards.
func orderVerb(ctx context.Context, method string, in acting, do func(call desk.Call, ref desk.OrderRef) (desk.View, error)) (*hotlinev1.WorkOrder, error) {
	call, err := callOf(method, in)
	if err != nil {
		return nil, err
	}
	ref := orderRefOf(in.GetName())
	view, err := do(call, ref)
	return orderAnswer(ctx, view, ref.Number, err)
}

func orderAnswer(ctx context.Context, view desk.View, number int, err error) (*hotlinev1.WorkOrder, error) {
	if err != nil {
		return nil, err
	}
	s := shown{View: &view, Language: language.Of(ctx)}
	return s.order(view.Ticket.Order(number)), nil
}

// returning is what ReturnTicket and ReturnWorkOrder ask alike.
type returning interface {
	GetName() string
	GetReason() string
	GetBasis() string
	GetTargetUnit() string
}

func returnOf(in returning) desk.Return {
	return desk.Return{Reason: in.GetReason(), Basis: in.GetBasis(), Target: idIn(cityOf(in.GetName()), "units", in.GetTargetUnit())}
}

// order renders a work order with its clocks.
func (s *shown) order(o *ticket.Order) *hotlinev1.WorkOrder {
	t := s.Ticket
	out := &hotlinev1.WorkOrder{
		Name: orderName(t, o.Number), State: hotlinev1.WorkOrder_State(o.State), Unit: named(t.City, "units", o.Unit),
		UnitDisplayName: s.unitName(o.Unit, o.From), Lead: o.Lead, Named: o.Named,
		Text: s.text(o.Message), Reply: s.text(o.Reply), WaiveReason: s.text(o.Waiver),
		CreateTime: stamp(o.From), SignTime: stamp(o.SignTime), EndTime: stamp(o.To),
		TicketNumber: t.Number, TicketTitle: s.Filing().Title, TicketState: hotlinev1.Ticket_State(t.State), Etag: s.Etag(),
		Actions: s.OrderActions(o.Number), Cycle: int32(o.Cycle),
	}
	if o.Official != "" {
		out.Official = s.card(ticket.Seat{Unit: o.Unit, Official: o.Official}, o.SignTime)
	}
	var due time.Time
	for i := range t.Clocks {
		c := &t.Clocks[i]
		if c.Order != o.Number || !slices.Contains(ticket.OrderKinds(), c.Kind) {
			continue
		}
		out.Clocks = append(out.Clocks, s.clock(c))
		if c.Owed() && c.State != ticket.Paused && (due.IsZero() || c.Due.Before(due)) {
			due = c.Due
		}
	}
	out.DueTime = stamp(due)
	return out
}
