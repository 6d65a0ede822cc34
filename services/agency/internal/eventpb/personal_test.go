package eventpb_test

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	agencyv1 "github.com/throughtrain/throughtrain/proto/gen/throughtrain/agency/v1"
)

// What an event may carry: codes, ids, instants, numbers, names of the city's public catalogue and words of the contract. A field that is not on this list
// is a decision: events stay for ever, and nothing in them can be erased. text, texts, note, notice, reason, remedy, conditions and signer_name hold ids
// of erasable rows.
var allowed = map[string]string{
	"AcceptanceRefused":   "item reason remedy",
	"AgentAssigned":       "centre official proposal reason",
	"AgentRefused":        "centre official proposal reason",
	"AgentReleased":       "centre official reason",
	"AgreementOffered":    "expire_time number paper stages text text_sha256",
	"AgreementSealed":     "centres config_version document enterprise number project",
	"AgreementSigned":     "document number signer signer_name",
	"AgreementTerminated": "cause number reason",
	"Answers":             "floor_area hazards investment_fen investor land type utilities",
	"ApprovalItem": "after basis certificate certificate_en certificate_months code display_name display_name_en extension_workdays " +
		"joint_review kind materials needs procedures promise promised_workdays stage statutory_workdays tolerance unit when",
	"ApprovalStage":     "beside code display_name display_name_en lead_unit",
	"CaseAdmitted":      "by_rule",
	"CaseClosed":        "reason",
	"CaseContentErased": "",
	"CaseReopened":      "",
	"CaseCompleted":     "saved_workdays workdays",
	"CaseDeclined":      "reason",
	"CaseEvent": "acceptance_refused agent_assigned agent_refused agent_released agreement_offered agreement_sealed agreement_signed " +
		"agreement_terminated case_admitted case_closed case_completed case_content_erased case_declined case_opened case_planned " +
		"case_reopened certificate_issued clock_breached clock_reminded clock_warned clocks commitment_broken " +
		"commitment_extension_decided commitment_extension_requested commitment_kept commitment_released commitment_signed " +
		"correction_made correction_requested credit_repaired deadlines_recomputed document_added item_accepted item_approved " +
		"item_confirmed item_not_accepted item_refused item_retracted item_revoked item_submitted item_taken_on item_withdrawn " +
		"joint_review_concluded joint_review_opened limit_extended line material_obtained material_requested meeting_recorded " +
		"note_written opinion_given procedure_ended procedure_started promise_differs promise_reported report_noted ticket_linked " +
		"ticket_moved withdrawal_declined withdrawal_requested",
	"CaseOpened":        "content_mac counties eligibility enterprise number opener_unit project text",
	"CasePlanned":       "answers cause config_version items materials reason stages units",
	"CertificateIssued": "check_sha256 document item number valid_from valid_until",
	"Clock": "as_of_time attempt calendar_version config_version due_time extensions first_due_time id item kind limit natural next_opening_time number " +
		"pause_time pauses provisional remaining_micros remind_times reminded seconds_left seconds_total start_time state stop_time unit warn_percent warn_time " +
		"warned working_spans",
	"ClockBreached":                "clock",
	"ClockExtension":               "limit time",
	"ClockReminded":                "clock reminder",
	"ClockWarned":                  "clock",
	"CommitmentBroken":             "consequence number",
	"CommitmentExtensionDecided":   "granted number reason",
	"CommitmentExtensionRequested": "documents number reason workdays",
	"CommitmentKept":               "cause number",
	"CommitmentReleased":           "number",
	"CommitmentSigned":             "attempt consequence item kind materials number signer signer_name text text_sha256 workdays",
	"CorrectionMade":               "item",
	"CorrectionRequested":          "item materials note texts",
	"CreditRepaired":               "number reason",
	"DeadlinesRecomputed":          "config_version",
	"DocumentAdded":                "content_sha256 document material purpose requests sha256 size supplier valid_until version",
	"ItemAccepted":                 "accept_time commitment deemed item text",
	"ItemApproved":                 "conditions item on_promise tolerantly workdays",
	"ItemCondition":                "below_floor_area below_investment_fen hazards investors lands min_floor_area min_investment_fen types utilities",
	"ItemConfirmed":                "item",
	"ItemMaterial":                 "material principal tolerable",
	"ItemNotAccepted":              "item not_needed reason",
	"ItemRefused":                  "cause item reason remedy workdays",
	"ItemRetracted":                "cause item reason",
	"ItemRevoked":                  "cause item reason",
	"ItemSubmitted":                "attempt item on_promise",
	"ItemTakenOn":                  "item",
	"ItemWithdrawn":                "cause item",
	"JointReviewConcluded":         "number text",
	"JointReviewOpened":            "items lead_unit number text units",
	"LimitExtended":                "item reason workdays",
	"LineReport":                   "claimed_time item report sequence system",
	"MaterialObtained":             "material reference supplier valid_until version",
	"MaterialRequested":            "material number text workdays",
	"MaterialType":                 "code display_name display_name_en result_of source validity_months",
	"MeetingRecorded":              "item meeting_time text",
	"NoteWritten":                  "author item text",
	"OpinionGiven":                 "number opinion text unit",
	"ProcedureEnded":               "cause item text",
	"ProcedureStarted":             "item notice procedure until_time",
	"PromiseDiffers":               "number text",
	"PromiseReported":              "number text",
	"PromiseRule":                  "check_workdays fix_workdays fulfil_workdays",
	"ReportNoted":                  "item",
	"TicketLinked":                 "item number reason ticket",
	"TicketMoved":                  "open ticket",
	"Timestamp":                    "nanos seconds",
	"Tolerance":                    "certificate_at_once consequence max_workdays",
	"WithdrawalDeclined":           "item reason",
	"WithdrawalRequested":          "item reason",
}

func TestEventsCarryNothingPersonal(t *testing.T) {
	seen := map[protoreflect.FullName]bool{}
	var walk func(m protoreflect.MessageDescriptor)
	walk = func(m protoreflect.MessageDescriptor) {
		if seen[m.FullName()] {
			return
		}
		seen[m.FullName()] = true
		var fields []string
		for i := range m.Fields().Len() {
			f := m.Fields().Get(i)
			fields = append(fields, string(f.Name()))
			if f.Message() != nil {
				walk(f.Message())
			}
		}
		slices.Sort(fields)
		list, known := allowed[string(m.Name())]
		if got := strings.Join(fields, " "); !known || got != list {
			t.Errorf("%s carries %q, the list says %q", m.Name(), got, list)
		}
	}
	walk((&agencyv1.CaseEvent{}).ProtoReflect().Descriptor())
	if len(seen) != len(allowed) {
		t.Errorf("%d messages in events, %d on the list", len(seen), len(allowed))
	}
}
