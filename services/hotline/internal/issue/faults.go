package issue

import "github.com/throughtrain/throughtrain/services/kit/fault"

// The refusals. Their reasons are the contract's; a test holds them together.
var (
	ErrNotFound = fault.New(fault.NotFound, "ISSUE_NOT_FOUND",
		"没有找到这个共性问题。", "There is no such common issue.")
	ErrStateForbids = fault.New(fault.Precondition, "ISSUE_STATE_FORBIDS",
		"共性问题当前的状态不允许这样做，请刷新后再看。", "The common issue's state does not allow this. Read it again.")
	ErrNotOffice = fault.New(fault.Denied, "NOT_OFFICE",
		"只有市长办公室或督办人员可以这样做。", "Only the mayor's office or a supervisor may do this.")
	ErrNotDesk = fault.New(fault.Denied, "NOT_ISSUE_DESK",
		"只有市长办公室、督办人员或派单员可以这样做。", "Only the mayor's office, a supervisor or the desk may do this.")
	ErrNotLead = fault.New(fault.Denied, "NOT_LEAD_UNIT",
		"只有该共性问题的牵头单位或协办单位可以这样做；报告已解决须由牵头单位负责人提出。",
		"Only the units that work on the common issue may do this; that it is solved is for the lead unit's leader to report.")
	ErrOwn = fault.New(fault.Denied, "ISSUE_OWN",
		"承办单位人员和提出申请的人不能自行决定，请由其他人员办理。",
		"Who works on the common issue, or asked for this, does not decide upon it. Somebody else of the office does.")
	ErrDateInvalid = fault.New(fault.Invalid, "ISSUE_DATE_INVALID",
		"日期不存在、已经过去或超过两年，请另选一天。", "The date is none, has passed, or lies more than two years ahead. Choose another.").
		Field("due_date", "date.range", "须是今天起两年内的一天", "must be a day from today on, within two years")
	ErrUnitUnknown = fault.New(fault.Invalid, "ISSUE_UNIT_INVALID",
		"没有这个单位，或同一单位填了两次。", "There is no such unit, or one is named twice.")
	ErrNotReported = fault.New(fault.Precondition, "ISSUE_NOT_REPORTED",
		"牵头单位负责人尚未报告已解决。", "The lead unit's leader has not reported it as solved.")
	ErrReplanAbsent = fault.New(fault.Precondition, "REPLAN_ABSENT",
		"没有待决定的调整申请。", "Nobody has asked for another plan or date.")
	ErrReplanPending = fault.New(fault.Precondition, "REPLAN_PENDING",
		"已有一份调整申请待决定，请先处理。", "Another plan or date has been asked for already. Decide upon that first.")
	ErrReplanEmpty = fault.New(fault.Invalid, "REPLAN_EMPTY",
		"方案和日期都没有变化。", "Neither the plan nor the date would change.")
	ErrTextEmpty = fault.New(fault.Invalid, "TEXT_EMPTY",
		"内容不能为空，请写下具体情况。", "The text is empty. Write what it is about.")
)

// stateForbids names the state and who acts next.
func stateForbids(v Verb, s State) error {
	return ErrStateForbids.With("state", s.String()).With("next", s.Next()).With("verb", string(v))
}

// notParty says who alone may.
func notParty(who Party) error {
	switch {
	case who&Office == 0:
		return ErrNotLead
	case who&Desk != 0:
		return ErrNotDesk
	case who&Lead != 0:
		return ErrNotLead
	default:
		return ErrNotOffice
	}
}

// needText refuses an act that must come with words.
func needText(field, message string) error {
	if message == "" {
		return ErrTextEmpty.Field(field, "text.empty", "不能为空", "must not be empty")
	}
	return nil
}
