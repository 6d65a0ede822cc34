package hotline_test

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	hotlinev1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/hotline/v1"
)

// What an event may carry: codes, ids, instants, numbers and words of the contract. A field that is not on this list is a decision: events
// stay for ever, and nothing in them can be erased.
var allowed = map[string]string{
	"TicketEvent": "attachment_added absorbed answered asked callback_missed claimed clock_breached clock_warned clocks clocks_began closed conflict_named contacted content_erased " +
		"deadlines_recomputed dialogue_declined dialogue_handed_on dialogue_held dialogue_requested dialogue_taken dispatched extension_decided " +
		"extension_requested filed handed_over issue_linked issue_unlinked instructed message_written order_created order_finished order_signed order_waived recalled " +
		"rejection_dropped rejection_proposed reopened resumed return_decided return_requested route_refused rung_reached signed supervised verified " +
		"verify_reminded contact_revealed",
	"TicketFiled": "appeal_type category channel confidential config_version conflict_officials conflict_units content_mac county desk_unit enterprise filed_by filer " +
		"investment_at_risk_fen jobs_at_risk membership_confirmed number project restricted source urgency",
	"TicketDispatched":    "named official proposal reason unit",
	"RouteRefused":        "official proposal reason",
	"TicketSigned":        "",
	"TicketContacted":     "channel message",
	"TicketAsked":         "message until",
	"TicketResumed":       "cause message",
	"TicketAnswered":      "callback message outcome reminders thin working_seconds",
	"TicketVerified":      "callback contacted message satisfied solved",
	"TicketReopened":      "cause cycle message",
	"TicketClosed":        "into message reason",
	"MessageWritten":      "author message",
	"ClockWarned":         "clock",
	"ClockBreached":       "clock",
	"RungReached":         "clock official rung unit",
	"VerifyReminded":      "reminder",
	"RejectionProposed":   "message route",
	"RejectionDropped":    "",
	"DeadlinesRecomputed": "config_version",
	"TicketClaimed":       "filer",
	"ClocksBegan":         "",
	"AttachmentAdded":     "attachment author content_sha256 kind sha256 size",
	"ContentErased":       "",
	"ContactRevealed":     "message reason",
	"TicketIssueLinked":   "issue",
	"TicketIssueUnlinked": "issue",
	"WorkOrderCreated":    "lead message named order unit",
	"WorkOrderSigned":     "order",
	"WorkOrderFinished":   "message order",
	"WorkOrderWaived":     "message order",
	"ReturnRequested":     "message order reason request target_unit",
	"ReturnDecided":       "decision message request unit",
	"TicketRecalled":      "cause official proposal",
	"TicketHandedOver":    "from official proposal reason unit",
	"ExtensionRequested":  "message request workdays",
	"ExtensionDecided":    "decision message request",
	"TicketSupervised":    "message",
	"TicketInstructed":    "message",
	"TicketAbsorbed":      "ticket",
	"ConflictNamed":       "officials units",
	"DialogueRequested":   "dialogue message",
	"DialogueTaken":       "appointment dialogue mode official unit",
	"DialogueDeclined":    "dialogue message",
	"DialogueHandedOn":    "dialogue message official unit",
	"DialogueHeld":        "dialogue message mode",
	"CallbackMissed":      "attempt next",
	"ClockTurn":           "extension not_after time",
	"ClockChange": "calendar config_version cycle due first_due id kind ladder limit order owner_person owner_unit paused policy provisional remaining_micros start " +
		"state steps steps_reached stop turns warn warn_percent warned",
	"LadderStep":                 "accountable rung time",
	"Timestamp":                  "nanos seconds",
	"TicketNoteEvent":            "written",
	"TicketNoteWritten":          "author content_mac message",
	"CommonIssueEvent":           "closed opened reopened replan_refused replan_requested replanned reported",
	"CommonIssuePromise":         "config_version date due provisional",
	"CommonIssueOpened":          "assisting content_mac lead month plan promise",
	"CommonIssueReplanned":       "plan promise reason requested_by",
	"CommonIssueReplanRequested": "date plan reason",
	"CommonIssueReplanRefused":   "reason",
	"CommonIssueReported":        "message solved unit",
	"CommonIssueClosed":          "message state",
	"CommonIssueReopened":        "message promise",
}

func TestEventsCarryNothingPersonal(t *testing.T) {
	seen := map[protoreflect.FullName]bool{}
	var walk func(m protoreflect.MessageDescriptor)
	walk = func(m protoreflect.MessageDescriptor) {
		if seen[m.FullName()] {
			return
		}
		seen[m.FullName()] = true
		list := strings.Fields(allowed[string(m.Name())])
		for i := range m.Fields().Len() {
			f := m.Fields().Get(i)
			if !slices.Contains(list, string(f.Name())) {
				t.Errorf("%s.%s is not on the list of what events may carry", m.Name(), f.Name())
			}
			if f.Message() != nil {
				walk(f.Message())
			}
		}
		if got := m.Fields().Len(); got < len(list) {
			t.Errorf("%s has %d fields, the list %d", m.Name(), got, len(list))
		}
	}
	walk((&hotlinev1.TicketEvent{}).ProtoReflect().Descriptor())
	walk((&hotlinev1.TicketNoteEvent{}).ProtoReflect().Descriptor())
	walk((&hotlinev1.CommonIssueEvent{}).ProtoReflect().Descriptor())
	if len(seen) != len(allowed) {
		t.Errorf("%d messages in events, %d on the list", len(seen), len(allowed))
	}
}
