package eventpb

import (
	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
	"github.com/throughtrain/throughtrain/services/hotline/internal/ticket"
)

// setBody reports whether the contract has a word for the body.
func setBody(out *hotlinev1.TicketEvent, body ticket.Body) bool {
	switch b := body.(type) {
	case ticket.Filed:
		out.Event = &hotlinev1.TicketEvent_Filed{Filed: filed(b)}
	case ticket.Dispatched:
		out.Event = &hotlinev1.TicketEvent_Dispatched{Dispatched: &hotlinev1.TicketDispatched{
			Unit: b.Unit, Official: b.Official, Reason: b.Reason, Proposal: b.Proposal, Named: b.Named}}
	case ticket.RouteRefused:
		out.Event = &hotlinev1.TicketEvent_RouteRefused{RouteRefused: &hotlinev1.RouteRefused{
			Proposal: b.Proposal, Official: b.Official, Reason: b.Reason}}
	case ticket.Signed:
		out.Event = &hotlinev1.TicketEvent_Signed{Signed: &hotlinev1.TicketSigned{}}
	case ticket.Contacted:
		out.Event = &hotlinev1.TicketEvent_Contacted{Contacted: &hotlinev1.TicketContacted{Channel: b.Channel, Message: b.Message}}
	case ticket.Asked:
		out.Event = &hotlinev1.TicketEvent_Asked{Asked: &hotlinev1.TicketAsked{Message: b.Message, Until: stamp(b.Until)}}
	case ticket.Resumed:
		out.Event = &hotlinev1.TicketEvent_Resumed{Resumed: &hotlinev1.TicketResumed{Message: b.Message, Cause: b.Cause}}
	case ticket.Answered:
		out.Event = &hotlinev1.TicketEvent_Answered{Answered: &hotlinev1.TicketAnswered{
			Outcome: hotlinev1.Answer_Outcome(b.Outcome), Message: b.Message, Thin: b.Thin, WorkingSeconds: b.WorkingSeconds, Reminders: stamps(b.Reminders),
			Callback: b.Callback}}
	case ticket.Verified:
		out.Event = &hotlinev1.TicketEvent_Verified{Verified: &hotlinev1.TicketVerified{
			Contacted: b.Contacted, Solved: b.Solved, Satisfied: hotlinev1.Verification_Satisfaction(b.Satisfied), Message: b.Message, Callback: b.Callback}}
	case ticket.Reopened:
		out.Event = &hotlinev1.TicketEvent_Reopened{Reopened: &hotlinev1.TicketReopened{Cause: b.Cause, Message: b.Message, Cycle: int32(b.Cycle)}}
	case ticket.Closed:
		out.Event = &hotlinev1.TicketEvent_Closed{Closed: &hotlinev1.TicketClosed{Reason: hotlinev1.Ticket_CloseReason(b.Reason), Message: b.Message, Into: b.Into}}
	case ticket.MessageWritten:
		out.Event = &hotlinev1.TicketEvent_MessageWritten{MessageWritten: &hotlinev1.MessageWritten{
			Message: b.Message, Author: hotlinev1.Message_Author(b.Author)}}
	default:
		return setMark(out, body)
	}
	return true
}

// setMark sets what happens by itself, and what follows from elsewhere.
func setMark(out *hotlinev1.TicketEvent, body ticket.Body) bool {
	switch b := body.(type) {
	case ticket.ClockWarned:
		out.Event = &hotlinev1.TicketEvent_ClockWarned{ClockWarned: &hotlinev1.ClockWarned{Clock: int32(b.Clock)}}
	case ticket.ClockBreached:
		out.Event = &hotlinev1.TicketEvent_ClockBreached{ClockBreached: &hotlinev1.ClockBreached{Clock: int32(b.Clock)}}
	case ticket.RungReached:
		out.Event = &hotlinev1.TicketEvent_RungReached{RungReached: &hotlinev1.RungReached{
			Clock: int32(b.Clock), Rung: int32(b.Rung), Unit: b.Seat.Unit, Official: b.Seat.Official}}
	case ticket.VerifyReminded:
		out.Event = &hotlinev1.TicketEvent_VerifyReminded{VerifyReminded: &hotlinev1.VerifyReminded{Reminder: int32(b.Reminder)}}
	case ticket.RejectionProposed:
		out.Event = &hotlinev1.TicketEvent_RejectionProposed{RejectionProposed: &hotlinev1.RejectionProposed{Message: b.Message, Route: b.Route}}
	case ticket.RejectionDropped:
		out.Event = &hotlinev1.TicketEvent_RejectionDropped{RejectionDropped: &hotlinev1.RejectionDropped{}}
	case ticket.DeadlinesRecomputed:
		out.Event = &hotlinev1.TicketEvent_DeadlinesRecomputed{DeadlinesRecomputed: &hotlinev1.DeadlinesRecomputed{ConfigVersion: b.ConfigVersion}}
	case ticket.Claimed:
		out.Event = &hotlinev1.TicketEvent_Claimed{Claimed: &hotlinev1.TicketClaimed{Filer: b.Filer}}
	case ticket.ClocksBegan:
		out.Event = &hotlinev1.TicketEvent_ClocksBegan{ClocksBegan: &hotlinev1.ClocksBegan{}}
	case ticket.ContentErased:
		out.Event = &hotlinev1.TicketEvent_ContentErased{ContentErased: &hotlinev1.ContentErased{}}
	case ticket.IssueLinked:
		out.Event = &hotlinev1.TicketEvent_IssueLinked{IssueLinked: &hotlinev1.TicketIssueLinked{Issue: b.Issue}}
	case ticket.IssueUnlinked:
		out.Event = &hotlinev1.TicketEvent_IssueUnlinked{IssueUnlinked: &hotlinev1.TicketIssueUnlinked{Issue: b.Issue}}
	case ticket.ContactRevealed:
		out.Event = &hotlinev1.TicketEvent_ContactRevealed{ContactRevealed: &hotlinev1.ContactRevealed{Reason: b.Reason, Message: b.Message}}
	case ticket.AttachmentAdded:
		out.Event = &hotlinev1.TicketEvent_AttachmentAdded{AttachmentAdded: &hotlinev1.AttachmentAdded{
			Attachment: b.Attachment, Kind: hotlinev1.Attachment_Kind(b.Kind), Size: b.Size, Sha256: b.SHA256, ContentSha256: b.ContentSHA256,
			Author: hotlinev1.Message_Author(b.Author)}}
	default:
		return setAside(out, body)
	}
	return true
}

func filed(b ticket.Filed) *hotlinev1.TicketFiled {
	return &hotlinev1.TicketFiled{
		Number: b.Number, Filer: b.Filer, FiledBy: b.FiledBy, Enterprise: b.Enterprise, Project: b.Project, MembershipConfirmed: b.MembershipConfirmed,
		Category: b.Category, AppealType: b.AppealType, Urgency: hotlinev1.Ticket_Urgency(b.Urgency), Channel: b.Channel, County: b.County,
		ConfigVersion: b.ConfigVersion, DeskUnit: b.DeskUnit, ContentMac: b.ContentMAC, Restricted: b.Restricted,
		Source: b.Source, ConflictOfficials: b.Conflict.Officials, ConflictUnits: b.Conflict.Units, Confidential: b.Confidential,
		InvestmentAtRiskFen: b.InvestmentAtRisk, JobsAtRisk: int32(b.JobsAtRisk),
	}
}

func filedOf(b *hotlinev1.TicketFiled) ticket.Filed {
	return ticket.Filed{
		Number: b.GetNumber(), Filer: b.GetFiler(), FiledBy: b.GetFiledBy(), Enterprise: b.GetEnterprise(), Project: b.GetProject(),
		MembershipConfirmed: b.GetMembershipConfirmed(), Category: b.GetCategory(), AppealType: b.GetAppealType(), Urgency: ticket.Urgency(b.GetUrgency()),
		Channel: b.GetChannel(), County: b.GetCounty(), ConfigVersion: b.GetConfigVersion(), DeskUnit: b.GetDeskUnit(), ContentMAC: b.GetContentMac(),
		Restricted: b.GetRestricted(), Source: b.GetSource(), Conflict: ticket.Conflict{Officials: b.GetConflictOfficials(), Units: b.GetConflictUnits()},
		Confidential: b.GetConfidential(), InvestmentAtRisk: b.GetInvestmentAtRiskFen(), JobsAtRisk: int(b.GetJobsAtRisk()),
	}
}

// bodyOf returns nil for what this version does not know.
func bodyOf(in *hotlinev1.TicketEvent) ticket.Body {
	switch x := in.GetEvent().(type) {
	case *hotlinev1.TicketEvent_Filed:
		return filedOf(x.Filed)
	case *hotlinev1.TicketEvent_Dispatched:
		b := x.Dispatched
		return ticket.Dispatched{Unit: b.GetUnit(), Official: b.GetOfficial(), Reason: b.GetReason(), Proposal: b.GetProposal(), Named: b.GetNamed()}
	case *hotlinev1.TicketEvent_RouteRefused:
		b := x.RouteRefused
		return ticket.RouteRefused{Proposal: b.GetProposal(), Official: b.GetOfficial(), Reason: b.GetReason()}
	case *hotlinev1.TicketEvent_Signed:
		return ticket.Signed{}
	case *hotlinev1.TicketEvent_Contacted:
		return ticket.Contacted{Channel: x.Contacted.GetChannel(), Message: x.Contacted.GetMessage()}
	case *hotlinev1.TicketEvent_Asked:
		return ticket.Asked{Message: x.Asked.GetMessage(), Until: moment(x.Asked.GetUntil())}
	case *hotlinev1.TicketEvent_Resumed:
		return ticket.Resumed{Message: x.Resumed.GetMessage(), Cause: x.Resumed.GetCause()}
	case *hotlinev1.TicketEvent_Answered:
		b := x.Answered
		return ticket.Answered{Outcome: ticket.Outcome(b.GetOutcome()), Message: b.GetMessage(), Thin: b.GetThin(), WorkingSeconds: b.GetWorkingSeconds(),
			Reminders: moments(b.GetReminders()), Callback: b.GetCallback()}
	case *hotlinev1.TicketEvent_Verified:
		b := x.Verified
		return ticket.Verified{Contacted: b.GetContacted(), Solved: b.GetSolved(), Satisfied: ticket.Satisfaction(b.GetSatisfied()), Message: b.GetMessage(),
			Callback: b.GetCallback()}
	case *hotlinev1.TicketEvent_Reopened:
		b := x.Reopened
		return ticket.Reopened{Cause: b.GetCause(), Message: b.GetMessage(), Cycle: int(b.GetCycle())}
	case *hotlinev1.TicketEvent_Closed:
		return ticket.Closed{Reason: ticket.CloseReason(x.Closed.GetReason()), Message: x.Closed.GetMessage(), Into: x.Closed.GetInto()}
	case *hotlinev1.TicketEvent_MessageWritten:
		return ticket.MessageWritten{Message: x.MessageWritten.GetMessage(), Author: ticket.Author(x.MessageWritten.GetAuthor())}
	default:
		return markOf(in)
	}
}

func markOf(in *hotlinev1.TicketEvent) ticket.Body {
	switch x := in.GetEvent().(type) {
	case *hotlinev1.TicketEvent_ClockWarned:
		return ticket.ClockWarned{Clock: int(x.ClockWarned.GetClock())}
	case *hotlinev1.TicketEvent_ClockBreached:
		return ticket.ClockBreached{Clock: int(x.ClockBreached.GetClock())}
	case *hotlinev1.TicketEvent_RungReached:
		b := x.RungReached
		return ticket.RungReached{Clock: int(b.GetClock()), Rung: int(b.GetRung()), Seat: ticket.Seat{Unit: b.GetUnit(), Official: b.GetOfficial()}}
	case *hotlinev1.TicketEvent_VerifyReminded:
		return ticket.VerifyReminded{Reminder: int(x.VerifyReminded.GetReminder())}
	case *hotlinev1.TicketEvent_RejectionProposed:
		return ticket.RejectionProposed{Route: x.RejectionProposed.GetRoute(), Message: x.RejectionProposed.GetMessage()}
	case *hotlinev1.TicketEvent_RejectionDropped:
		return ticket.RejectionDropped{}
	case *hotlinev1.TicketEvent_DeadlinesRecomputed:
		return ticket.DeadlinesRecomputed{ConfigVersion: x.DeadlinesRecomputed.GetConfigVersion()}
	case *hotlinev1.TicketEvent_Claimed:
		return ticket.Claimed{Filer: x.Claimed.GetFiler()}
	case *hotlinev1.TicketEvent_ClocksBegan:
		return ticket.ClocksBegan{}
	case *hotlinev1.TicketEvent_ContentErased:
		return ticket.ContentErased{}
	case *hotlinev1.TicketEvent_IssueLinked:
		return ticket.IssueLinked{Issue: x.IssueLinked.GetIssue()}
	case *hotlinev1.TicketEvent_IssueUnlinked:
		return ticket.IssueUnlinked{Issue: x.IssueUnlinked.GetIssue()}
	case *hotlinev1.TicketEvent_ContactRevealed:
		return ticket.ContactRevealed{Reason: x.ContactRevealed.GetReason(), Message: x.ContactRevealed.GetMessage()}
	case *hotlinev1.TicketEvent_AttachmentAdded:
		b := x.AttachmentAdded
		return ticket.AttachmentAdded{Attachment: b.GetAttachment(), Kind: ticket.AttachmentKind(b.GetKind()), Size: b.GetSize(), SHA256: b.GetSha256(),
			ContentSHA256: b.GetContentSha256(), Author: ticket.Author(b.GetAuthor())}
	default:
		return asideOf(in)
	}
}
