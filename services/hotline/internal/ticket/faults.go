package ticket

import "github.com/throughtrain/throughtrain/services/kit/fault"

// The refusals. Their reasons are the contract's; a test holds them together.
var (
	ErrNotFound = fault.New(fault.NotFound, "TICKET_NOT_FOUND",
		"没有找到这件诉求，请核对编号。", "There is no such ticket. Check the number.")
	ErrStateForbids = fault.New(fault.Precondition, "STATE_FORBIDS",
		"诉求当前的状态不允许这样做，请刷新后再看。", "The ticket's state does not allow this. Read it again.")
	ErrNotHolder = fault.New(fault.Denied, "NOT_HOLDER",
		"只有当前承办人可以这样做。", "Only the holder may do this.")
	ErrNotFiler = fault.New(fault.Denied, "NOT_FILER",
		"只有诉求人或其企业成员可以这样做。", "Only the filer, or a member of the enterprise, may do this.")
	ErrNotDesk = fault.New(fault.Denied, "NOT_DESK",
		"只有派单员可以这样做。", "Only the hotline desk may do this.")
	ErrNotParty = fault.New(fault.Denied, "NOT_PARTY",
		"只有诉求人、承办人和派单员可以在诉求中留言。", "Only the filer, the holder and the desk write into a ticket.")
	ErrTextEmpty = fault.New(fault.Invalid, "TEXT_EMPTY",
		"内容不能为空，请写下具体情况。", "The text is empty. Write what it is about.")
	ErrCategoryUnknown = fault.New(fault.Invalid, "CATEGORY_UNKNOWN",
		"没有这个诉求类别，请从列表中选择。", "There is no such category. Choose one of the list.")
	ErrAppealTypeUnknown = fault.New(fault.Invalid, "APPEAL_TYPE_UNKNOWN",
		"没有这个诉求类型，请从列表中选择。", "There is no such appeal type. Choose one of the list.")
	ErrCountyUnknown = fault.New(fault.Invalid, "COUNTY_UNKNOWN",
		"没有这个县区，请从列表中选择。", "There is no such county. Choose one of the list.")
	ErrChannelForbidden = fault.New(fault.Denied, "CHANNEL_FORBIDDEN",
		"只有派单员可以代他人提交诉求。", "Only the desk files for a caller.")
	ErrOfficialUnknown = fault.New(fault.Invalid, "OFFICIAL_UNKNOWN",
		"该人员不能承办诉求，请另选一位。", "This official cannot hold a ticket. Choose another one.")
	ErrContactChannelUnknown = fault.New(fault.Invalid, "CONTACT_CHANNEL_UNKNOWN",
		"联系方式只能是电话、上门、留言、会面或其他。", "The channel of contact is phone, visit, message, meeting or other.")
	ErrQuestionsExhausted = fault.New(fault.Precondition, "QUESTIONS_EXHAUSTED",
		"本轮提问次数已用完，请直接办理并答复。", "All questions of this cycle are used. Handle it and answer.")
	ErrQuestionTooLate = fault.New(fault.Precondition, "QUESTION_TOO_LATE",
		"答复时限即将届满或已经超过，不能再提问暂停计时。", "No question any more: the answer is nearly due, or overdue.")
	ErrWaitingExhausted = fault.New(fault.Precondition, "WAITING_EXHAUSTED",
		"等待企业补充情况的总时长已用完。", "All the waiting there may be is used.")
	ErrReopenWindowOver = fault.New(fault.Precondition, "REOPEN_WINDOW_OVER",
		"已超过可以重新打开的期限，请提交新的诉求。", "The time to reopen is over. File a new ticket.")
	ErrReopensExhausted = fault.New(fault.Precondition, "REOPENS_EXHAUSTED",
		"重新打开的次数已用完，将由热线安排会商。", "It was reopened as often as it may be. The desk arranges a joint meeting.")
	ErrCallbackOwn = fault.New(fault.Denied, "CALLBACK_OWN",
		"承办过或督办这件诉求的人员不能对其进行评价或回访。", "Who held or supervises a ticket neither verifies it nor calls back about it.")
	ErrSecondPerson = fault.New(fault.Denied, "SECOND_PERSON_NEEDED",
		"不予受理须由另一位派单员确认。", "A second dispatcher confirms a rejection.")
)

// stateForbids names the state and who acts next, so that the caller knows whom to wait for.
func stateForbids(v Verb, s State) error {
	return ErrStateForbids.With("state", s.String()).With("next", s.Next()).With("verb", string(v))
}

// notParty says who alone may.
func notParty(who Party) error {
	switch who {
	case Filer:
		return ErrNotFiler
	case Holder:
		return ErrNotHolder
	case Desk:
		return ErrNotDesk
	default:
		return ErrNotParty
	}
}

// needText refuses an act that must come with words.
func needText(field, message string) error {
	if message == "" {
		return ErrTextEmpty.Field(field, "text.empty", "不能为空", "must not be empty")
	}
	return nil
}
