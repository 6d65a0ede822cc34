package rpc

import (
	"context"
	"strings"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/casefile"
	"github.com/throughtrain/throughtrain/services/agency/internal/desk"
	"github.com/throughtrain/throughtrain/services/kit/fault"
)

// LineServer serves LineService. Nobody signs in to it: a message's signature says whose it is.
type LineServer struct {
	agencyv1.UnimplementedLineServiceServer
	desk *desk.Desk
}

// NewLineServer makes the server of a desk.
func NewLineServer(d *desk.Desk) *LineServer { return &LineServer{desk: d} }

// ReportItemEvents takes what a department's system reports.
func (s *LineServer) ReportItemEvents(ctx context.Context, in *agencyv1.ReportItemEventsRequest) (*agencyv1.ReportItemEventsResponse, error) {
	outcomes, err := s.desk.Report(ctx, cityOf(in.GetName()), systemOf(in.GetName()), in.GetJws())
	if err != nil {
		return nil, err
	}
	out := &agencyv1.ReportItemEventsResponse{}
	for _, o := range outcomes {
		shown := &agencyv1.LineOutcome{State: o.State, NextSequence: o.Next}
		if o.Refusal != nil {
			shown.Reason, shown.Text = o.Refusal.Reason, chinese(o.Refusal)
		}
		out.Outcomes = append(out.Outcomes, shown)
	}
	return out, nil
}

// systemOf is the code in the name of a department's system.
func systemOf(name string) string { return part(name, 3) } // cities/1/lineSystems/{3}

// chinese is a refusal with the fields it blames: what a system shows to the clerk who sits before it.
func chinese(f *fault.Error) string {
	if len(f.Violations) == 0 {
		return f.Text.Zh
	}
	said := make([]string, len(f.Violations))
	for n, v := range f.Violations {
		said[n] = v.Field + " " + v.Text.Zh
	}
	return f.Text.Zh + "（" + strings.Join(said, "；") + "）"
}

// PullItemEvents returns what happened to the items of a department's system.
func (s *LineServer) PullItemEvents(ctx context.Context, in *agencyv1.PullItemEventsRequest) (*agencyv1.PullItemEventsResponse, error) {
	news, err := s.desk.Pull(ctx, cityOf(in.GetName()), systemOf(in.GetName()), in.GetJws())
	if err != nil {
		return nil, err
	}
	out := &agencyv1.PullItemEventsResponse{Next: news.Next}
	for i := range news.Events {
		e := &news.Events[i]
		s := show(ctx, e.View)
		out.Events = append(out.Events, &agencyv1.LineFeedEvent{
			Position: e.Position, CaseNumber: e.View.Case.Number, Item: e.Item.Def.Code, Attempt: int32(e.Item.Attempt), Type: e.Event.Type(),
			EventTime: stamp(e.Event.Time), State: e.Item.State, Own: e.Own, Materials: s.asked(e.Item),
			PromisedDueTime: s.dueTime(e.Item, casefile.KindPromised), StatutoryDueTime: s.dueTime(e.Item, casefile.KindStatutory),
		})
	}
	return out, nil
}
