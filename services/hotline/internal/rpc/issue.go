package rpc

import (
	"context"
	"strings"

	"google.golang.org/protobuf/proto"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/desk"
	"github.com/throughtrain/throughtrain/services/hotline/internal/issue"
	"github.com/throughtrain/throughtrain/services/hotline/internal/issuepb"
	"github.com/throughtrain/throughtrain/services/kit/fault"
	"github.com/throughtrain/throughtrain/services/kit/language"
)

// IssueServer serves CommonIssueService.
type IssueServer struct {
	hotlinev1.UnimplementedCommonIssueServiceServer
	desk *desk.Desk
}

// NewIssueServer makes the server of a desk.
func NewIssueServer(d *desk.Desk) *IssueServer { return &IssueServer{desk: d} }

// shownIssue is one view of a common issue in the caller's language.
type shownIssue struct {
	*desk.IssueView
	language.Language
	row bool // of a list: no reports
}

func issueAnswer(ctx context.Context, view desk.IssueView, err error) (*hotlinev1.CommonIssue, error) {
	if err != nil {
		return nil, err
	}
	s := shownIssue{IssueView: &view, Language: language.Of(ctx)}
	return s.issue(), nil
}

// issueVerb answers a verb: the issue as it is afterwards.
func issueVerb(ctx context.Context, method string, in acting, do func(call desk.Call, ref desk.Ref) (desk.IssueView, error)) (*hotlinev1.CommonIssue, error) {
	call, err := callOf(method, in)
	if err != nil {
		return nil, err
	}
	view, err := do(call, refOf(in.GetName()))
	return issueAnswer(ctx, view, err)
}

// CreateCommonIssue puts a common issue before a lead unit.
func (s *IssueServer) CreateCommonIssue(ctx context.Context, in *hotlinev1.CreateCommonIssueRequest) (*hotlinev1.CommonIssue, error) {
	call, err := callOf("CreateCommonIssue", in)
	if err != nil {
		return nil, err
	}
	city := cityOf(in.GetParent())
	opening := desk.IssueOpening{City: city, Month: in.GetMonth(), Lead: unitIn(city, in.GetLeadUnit()), Date: in.GetDueDate(), Title: in.GetTitle(),
		Plan: in.GetPlan()}
	for _, unit := range in.GetAssistingUnits() {
		opening.Assisting = append(opening.Assisting, unitIn(city, unit))
	}
	view, err := s.desk.OpenIssue(ctx, callerOf(ctx), call, opening)
	return issueAnswer(ctx, view, err)
}

// unitIn takes the code out of a unit's name; a name of another city stays whole, and is no code.
func unitIn(city, name string) string {
	if code, ok := strings.CutPrefix(name, "cities/"+city+"/units/"); ok {
		return code
	}
	return name
}

// GetCommonIssue returns a common issue.
func (s *IssueServer) GetCommonIssue(ctx context.Context, in *hotlinev1.GetCommonIssueRequest) (*hotlinev1.CommonIssue, error) {
	view, err := s.desk.Issue(ctx, callerOf(ctx), refOf(in.GetName()))
	return issueAnswer(ctx, view, err)
}

// ListCommonIssues pages through common issues.
func (s *IssueServer) ListCommonIssues(ctx context.Context, in *hotlinev1.ListCommonIssuesRequest) (*hotlinev1.ListCommonIssuesResponse, error) {
	list, err := s.desk.Issues(ctx, callerOf(ctx), desk.ListQuery{City: cityOf(in.GetParent()), PageSize: in.GetPageSize(),
		PageToken: in.GetPageToken(), Filter: in.GetFilter(), OrderBy: in.GetOrderBy()})
	if err != nil {
		return nil, err
	}
	out := &hotlinev1.ListCommonIssuesResponse{NextPageToken: list.NextPageToken, TotalSize: int32(list.Total), TotalCapped: list.Capped}
	for i := range list.Views {
		row := shownIssue{IssueView: &list.Views[i], Language: language.Of(ctx), row: true}
		out.CommonIssues = append(out.CommonIssues, row.issue())
	}
	return out, nil
}

// ReplanCommonIssue changes plan or date, or asks for it.
func (s *IssueServer) ReplanCommonIssue(ctx context.Context, in *hotlinev1.ReplanCommonIssueRequest) (*hotlinev1.CommonIssue, error) {
	return issueVerb(ctx, "ReplanCommonIssue", in, func(call desk.Call, ref desk.Ref) (desk.IssueView, error) {
		return s.desk.ReplanIssue(ctx, callerOf(ctx), call, ref, in.GetPlan(), in.GetDueDate(), in.GetReason())
	})
}

// DecideReplan grants or refuses what the lead unit asked for.
func (s *IssueServer) DecideReplan(ctx context.Context, in *hotlinev1.DecideReplanRequest) (*hotlinev1.CommonIssue, error) {
	return issueVerb(ctx, "DecideReplan", in, func(call desk.Call, ref desk.Ref) (desk.IssueView, error) {
		return s.desk.DecideReplan(ctx, callerOf(ctx), call, ref, in.GetGranted(), in.GetReason())
	})
}

// ReportCommonIssue records progress.
func (s *IssueServer) ReportCommonIssue(ctx context.Context, in *hotlinev1.ReportCommonIssueRequest) (*hotlinev1.CommonIssue, error) {
	return issueVerb(ctx, "ReportCommonIssue", in, func(call desk.Call, ref desk.Ref) (desk.IssueView, error) {
		return s.desk.ReportIssue(ctx, callerOf(ctx), call, ref, in.GetText(), in.GetSolved())
	})
}

// CloseCommonIssue ends a common issue.
func (s *IssueServer) CloseCommonIssue(ctx context.Context, in *hotlinev1.CloseCommonIssueRequest) (*hotlinev1.CommonIssue, error) {
	return issueVerb(ctx, "CloseCommonIssue", in, func(call desk.Call, ref desk.Ref) (desk.IssueView, error) {
		return s.desk.CloseIssue(ctx, callerOf(ctx), call, ref, issue.State(in.GetState()), in.GetResult())
	})
}

// ReopenCommonIssue opens a common issue again.
func (s *IssueServer) ReopenCommonIssue(ctx context.Context, in *hotlinev1.ReopenCommonIssueRequest) (*hotlinev1.CommonIssue, error) {
	return issueVerb(ctx, "ReopenCommonIssue", in, func(call desk.Call, ref desk.Ref) (desk.IssueView, error) {
		return s.desk.ReopenIssue(ctx, callerOf(ctx), call, ref, in.GetDueDate(), in.GetReason())
	})
}

// LinkTickets makes tickets part of an issue.
func (s *IssueServer) LinkTickets(ctx context.Context, in *hotlinev1.LinkTicketsRequest) (*hotlinev1.CommonIssue, error) {
	return issueVerb(ctx, "LinkTickets", in, func(call desk.Call, ref desk.Ref) (desk.IssueView, error) {
		return s.desk.LinkTickets(ctx, callerOf(ctx), call, ref, refsOf(in.GetTickets()))
	})
}

// UnlinkTickets takes tickets out of an issue.
func (s *IssueServer) UnlinkTickets(ctx context.Context, in *hotlinev1.UnlinkTicketsRequest) (*hotlinev1.CommonIssue, error) {
	return issueVerb(ctx, "UnlinkTickets", in, func(call desk.Call, ref desk.Ref) (desk.IssueView, error) {
		return s.desk.UnlinkTickets(ctx, callerOf(ctx), call, ref, refsOf(in.GetTickets()))
	})
}

func refsOf(names []string) []desk.Ref {
	refs := make([]desk.Ref, len(names))
	for i, name := range names {
		refs[i] = refOf(name)
	}
	return refs
}

// replay answers a request that was accepted before.
func (s *IssueServer) replay(ctx context.Context, call desk.Call, city string) (proto.Message, bool, error) {
	view, found, err := s.desk.ReplayIssue(ctx, callerOf(ctx), call, city)
	if err != nil || !found {
		return nil, false, err
	}
	out, err := issueAnswer(ctx, view, nil)
	return out, err == nil, err
}

// issue renders the whole view.
func (s *shownIssue) issue() *hotlinev1.CommonIssue {
	i := s.Issue
	out := &hotlinev1.CommonIssue{
		Name: named(i.City, "commonIssues", i.ID), Etag: s.Etag(), State: hotlinev1.CommonIssue_State(i.State), Month: i.Month, Title: s.Title(),
		LeadUnit: named(i.City, "units", i.Lead), LeadUnitDisplayName: s.unit(i.Lead), DueDate: i.Promise.Date, DueTime: stamp(i.Promise.Due),
		FirstDueDate: i.First.Date, FirstDueTime: stamp(i.First.Due), Overdue: i.Overdue(s.Now), Missed: int32(i.MissedBy(s.Now)),
		Provisional: i.Promise.Provisional, CreateTime: stamp(i.CreateTime), UpdateTime: stamp(i.UpdateTime), CloseTime: stamp(i.CloseTime),
		TicketCount: int32(s.Tickets), TicketCountCapped: s.Capped, Actions: s.Actions,
	}
	if !s.Sight.History {
		return out // its outlines
	}
	for _, unit := range i.Assisting {
		out.AssistingUnits = append(out.AssistingUnits, named(i.City, "units", unit))
	}
	out.Plan = s.Text(i.Plan)
	if i.Solved != nil {
		out.SolvedReportTime = stamp(i.Solved.Time)
	}
	if r := i.Request; r != nil {
		out.ReplanRequest = &hotlinev1.CommonIssue_ReplanRequest{DueDate: r.Date, Requester: named(i.City, "persons", r.By), RequestTime: stamp(r.Time)}
		if !s.row {
			out.ReplanRequest.Plan, out.ReplanRequest.Reason = s.Text(r.Plan), s.Text(r.Reason)
		}
	}
	if s.row {
		return out
	}
	out.Result = s.Text(i.Result)
	for _, r := range s.Reports() {
		out.Reports = append(out.Reports, &hotlinev1.CommonIssue_ProgressReport{Unit: named(i.City, "units", r.Name), UnitDisplayName: s.unit(r.Name),
			Text: r.Body, Solved: r.Kind == desk.KindSolvedReport, ReportTime: stamp(r.CreateTime)})
	}
	return out
}

func (s *shownIssue) unit(code string) string {
	unit := findUnit(s.City, code, s.Issue.CreateTime)
	return s.Pick(unit.DisplayName, unit.DisplayNameEn)
}

// issueEventTexts say what happened to a common issue, by the event's type.
var issueEventTexts = map[string]fault.Text{
	"opened":           {Zh: "确定为共性问题，交牵头单位", En: "Put before its lead unit"},
	"replanned":        {Zh: "调整方案或期限", En: "Another plan or date"},
	"replan_requested": {Zh: "牵头单位申请调整方案或期限", En: "The lead unit asks for another plan or date"},
	"replan_refused":   {Zh: "未同意调整", En: "The other plan or date was not granted"},
	"reported":         {Zh: "报告进展", En: "Progress was reported"},
	"closed":           {Zh: "办结共性问题", En: "Ended"},
	"reopened":         {Zh: "重新办理共性问题", En: "Open again"},
}

// ListCommonIssueEvents returns the issue's history.
func (s *IssueServer) ListCommonIssueEvents(ctx context.Context, in *hotlinev1.ListCommonIssueEventsRequest) (*hotlinev1.ListCommonIssueEventsResponse, error) {
	view, entries, verified, err := s.desk.IssueHistory(ctx, callerOf(ctx), refOf(in.GetParent()))
	if err != nil {
		return nil, err
	}
	spoken := language.Of(ctx)
	out := &hotlinev1.ListCommonIssueEventsResponse{ChainVerified: verified}
	for _, e := range entries {
		event, err := issuepb.Encode(e.Event)
		if err != nil {
			return nil, err
		}
		official, _ := findOfficial(view.City, e.Event.Actor, e.Event.Time)
		text := spoken.Say(issueEventTexts[e.Event.Body.Type()])
		if reported, ok := e.Event.Body.(issue.Reported); ok && reported.Solved {
			text = spoken.Pick("牵头单位负责人报告已解决", "The lead unit's leader reports it as solved")
		}
		out.Events = append(out.Events, &hotlinev1.CommonIssueEventEntry{
			Version: e.Event.Version, Type: e.Event.Body.Type(), Time: stamp(e.Event.Time), Actor: named(view.Issue.City, "persons", e.Event.Actor),
			ActorDisplayName: official.DisplayName, Text: text, Event: event,
			PreviousHash: e.Sealed.Previous.String(), Hash: e.Sealed.Hash.String(), Envelope: e.Sealed.Bytes,
		})
	}
	return out, nil
}
