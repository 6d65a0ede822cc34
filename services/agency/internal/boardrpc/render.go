package boardrpc

import (
	"fmt"

	"google.golang.org/protobuf/types/known/timestamppb"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
	"github.com/throughtrain/throughtrain/services/agency/internal/board"
	"github.com/throughtrain/throughtrain/services/agency/internal/catalogue"
	"github.com/throughtrain/throughtrain/services/kit/language"
)

func render(n names, v *board.View) *agencyv1.ApprovalBoard {
	return &agencyv1.ApprovalBoard{
		Name:            "cities/" + n.city.Code() + "/approvalBoard",
		AsOf:            timestamppb.New(v.AsOf),
		FreshnessMillis: v.Behind.Milliseconds(),
		FromDate:        date(v.Period.From),
		ToDate:          date(v.Period.To),
		OverdueAsOf:     timestamppb.New(v.OverdueAsOf),
		Total:           group(&v.Total, n.Pick(n.city.DisplayName())),
		Stages:          groups(v.Stages, n.stage),
		Units:           groups(v.Units, n.unit),
		Counties:        groups(v.Counties, n.county),
		Items:           groups(v.Items, n.item),
	}
}

// names are how the parts of a city are called in the caller's language.
type names struct {
	city *catalogue.City
	language.Language
}

func (n names) stage(key string) string {
	s, ok := n.city.Stage(key)
	if key == "" {
		return n.Pick("不在四个阶段中", "In none of the stages")
	}
	return n.known(n.Pick(s.DisplayName, s.DisplayNameEn), ok, key)
}

func (n names) unit(key string) string {
	u, ok := n.city.Unit(key)
	return n.known(n.Pick(u.DisplayName, u.DisplayNameEn), ok, key)
}

func (n names) county(key string) string {
	c, ok := n.city.County(key)
	return n.known(n.Pick(c.DisplayName, c.DisplayNameEn), ok, key)
}

func (n names) item(key string) string {
	i, ok := n.city.Item(key)
	return n.known(n.Pick(i.DisplayName, i.DisplayNameEn), ok, key)
}

// known is the name of a part, or what stands for it when it was left open or the configuration no longer has it.
func (n names) known(name string, ok bool, key string) string {
	switch {
	case ok:
		return name
	case key == "":
		return n.Pick("未注明", "Not stated")
	default:
		return key
	}
}

func date(day int) string { return fmt.Sprintf("%04d-%02d-%02d", day/10000, day/100%100, day%100) }

func groups(in []board.Group, name func(key string) string) []*agencyv1.ApprovalGroup {
	out := make([]*agencyv1.ApprovalGroup, len(in))
	for i := range in {
		out[i] = group(&in[i], name(in[i].Key))
	}
	return out
}

func group(g *board.Group, name string) *agencyv1.ApprovalGroup {
	return &agencyv1.ApprovalGroup{Key: g.Key, DisplayName: name, Cases: cases(g.Cases), Items: items(&g.Items), Tolerances: commitments(g.Tolerances),
		Promises: commitments(g.Promises)}
}

// count leaves out what is no number.
func count(c board.Count) *agencyv1.ApprovalCount {
	if c.List == 0 {
		return nil
	}
	return &agencyv1.ApprovalCount{Value: c.N, Filter: c.Filter, List: agencyv1.ApprovalCount_List(c.List)}
}

func cases(c *board.CaseCounts) *agencyv1.CaseCounts {
	if c == nil {
		return nil
	}
	return &agencyv1.CaseCounts{Open: count(c.Open), Applied: count(c.Applied), Opened: count(c.Opened), Completed: count(c.Completed), Declined: count(c.Declined),
		Closed: count(c.Closed), SavedWorkdays: c.Saved, PlannedSavedWorkdays: c.Planned, Raised: count(c.Raised), TicketOpen: count(c.TicketOpen)}
}

func items(c *board.ItemCounts) *agencyv1.ItemCounts {
	out := &agencyv1.ItemCounts{
		Promised: deadlines(c.Promised), Statutory: deadlines(c.Statutory), CriticalLate: count(c.CriticalLate), Stuck: count(c.Stuck),
		Decided: &agencyv1.DecidedCounts{Decided: count(c.Decided), InTime: count(c.InTime), InTimeShare: share(c.InTime.N, c.Decided.N),
			P50Workdays: c.P50Workdays, P90Workdays: c.P90Workdays, P50PromisedWorkdays: c.P50Promised},
		Corrections: count(c.Corrections), Deemed: count(c.Deemed),
	}
	for _, s := range c.States {
		out.States = append(out.States, &agencyv1.ItemStateCount{State: s.State, Count: count(s.Count)})
	}
	return out
}

func deadlines(d board.DeadlineCounts) *agencyv1.DeadlineCounts {
	return &agencyv1.DeadlineCounts{Overdue: count(d.Overdue), DueToday: count(d.DueToday), DueTomorrow: count(d.DueTomorrow)}
}

func commitments(c *board.CommitmentCounts) *agencyv1.CommitmentCounts {
	if c == nil {
		return nil
	}
	return &agencyv1.CommitmentCounts{Outstanding: count(c.Outstanding), DueThisWeek: count(c.DueThisWeek), Overdue: count(c.Overdue), Kept: count(c.Kept),
		Broken: count(c.Broken)}
}

// share is in basis points, rounded half up; no data rather than zero when there is nothing to divide by.
func share(part, whole int64) *agencyv1.ApprovalShare {
	if whole == 0 {
		return &agencyv1.ApprovalShare{}
	}
	return &agencyv1.ApprovalShare{HasData: true, BasisPoints: int32((part*20000 + whole) / (2 * whole))}
}
