package boardrpc

import (
	"context"
	"strings"
	"time"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/board"
	"github.com/throughtrain/throughtrain/services/hotline/internal/rpc"
	"github.com/throughtrain/throughtrain/services/kit/authn"
)

// aside writes a group's numbers of what is not on the straight way.
func aside(out *hotlinev1.Group, g *board.Group) {
	x, c, d, r := g.Extensions, g.Callbacks, g.Dialogues, g.Risk
	out.Returns = returns(g.Returns)
	out.Extensions = &hotlinev1.ExtensionCounts{Asked: count(x.Asked), Granted: count(x.Granted), Refused: count(x.Refused), Pending: count(x.Pending)}
	out.Supervised, out.Cycled, out.Linked, out.Reopened, out.Thin = count(g.Supervised), count(g.Cycled), count(g.Linked), count(g.Reopened), count(g.Thin)
	if c != nil {
		out.Callbacks = &hotlinev1.CallbackCounts{
			Sampled: count(c.Sampled), Reached: count(c.Reached), Missed: count(c.Missed), Unreachable: count(c.Unreachable), Overtaken: count(c.Overtaken),
			Due: count(c.Due), Coverage: share(c.Reached.N, c.Sampled.N-c.Overtaken.N),
		}
	}
	out.Dialogues = &hotlinev1.DialogueCounts{Asked: count(d.Asked), Held: count(d.Held), Declined: count(d.Declined), Waiting: count(d.Waiting),
		Wait: &hotlinev1.Mean{HasData: d.Held.N > 0, Minutes: d.Mean()}}
	out.Merged, out.Rejected = count(g.Merged), count(g.Rejected)
	out.Risk = &hotlinev1.RiskCounts{AtRisk: count(r.AtRisk), InvestmentFen: r.Fen, Jobs: r.Jobs, Unstated: count(r.Unstated), Retained: count(r.Retained),
		RetainedInvestmentFen: r.RetainedFen, RetainedJobs: r.RetainedJobs}
	if o := g.Orders; o != nil {
		out.WorkOrders = &hotlinev1.WorkOrderCounts{Open: count(o.Open), Clocks: clocks(o.Clocks)}
	}
	for _, a := range g.Ages {
		out.Ages = append(out.Ages, &hotlinev1.AgeCount{Above: int32(a.Above), UpTo: int32(a.UpTo), Count: count(a.Count)})
	}
}

// issues counts the common issues that the caller lists.
func (s *Server) issues(ctx context.Context, city string, period board.Period, now time.Time) (*hotlinev1.CommonIssueCounts, error) {
	out := &hotlinev1.CommonIssueCounts{}
	open, overdue, closed := board.IssueFilters(period, now)
	for _, c := range []struct {
		filter string
		into   **hotlinev1.Count
	}{{open, &out.Open}, {overdue, &out.Overdue}, {closed, &out.Closed}} {
		n, err := s.desk.CountIssues(ctx, authn.FromContext(ctx), city, c.filter)
		if err != nil {
			return nil, err
		}
		*c.into = count(board.Count{N: int64(n), Filter: c.filter, List: board.CommonIssues})
	}
	return out, nil
}

func returns(r board.ReturnCounts) *hotlinev1.ReturnCounts {
	return &hotlinev1.ReturnCounts{Requested: count(r.Requested), Granted: count(r.Granted), Refused: count(r.Refused), Pending: count(r.Pending)}
}

func reasons(in []board.Group, name func(key string) string) []*hotlinev1.ReasonCounts {
	out := make([]*hotlinev1.ReasonCounts, len(in))
	for i, g := range in {
		out[i] = &hotlinev1.ReasonCounts{Key: g.Key, DisplayName: name(g.Key), Returns: returns(g.Returns)}
	}
	return out
}

func days(in []board.Day) []*hotlinev1.DayCounts {
	out := make([]*hotlinev1.DayCounts, len(in))
	for i, d := range in {
		out[i] = &hotlinev1.DayCounts{Date: date(d.Day), Filed: count(d.Filed), Answered: count(d.Answered), Closed: count(d.Closed), Breached: count(d.Breached)}
	}
	return out
}

// reason is what a reason to return is called.
func (n names) reason(key string) string {
	zh, en, ok := rpc.ReturnReason(key)
	return n.known(n.Pick(zh, en), ok, key)
}

func (n names) unitReason(key string) string {
	unit, reason, _ := strings.Cut(key, "/")
	return n.unit(unit) + " · " + n.reason(reason)
}
