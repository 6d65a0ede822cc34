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
		"承办过、督办或代为提交这件诉求的人员不能对其进行评价或回访。", "Who held, supervises or filed a ticket for a caller neither verifies it nor calls back about it.")
	ErrInIssue = fault.New(fault.Precondition, "TICKET_IN_ISSUE",
		"这件诉求已经属于另一个共性问题，请先从中移出。", "The ticket is part of another common issue. Take it out of that one first.")
	ErrSecondPerson = fault.New(fault.Denied, "SECOND_PERSON_NEEDED",
		"不予受理须由另一位派单员确认。", "A second dispatcher confirms a rejection.")
)

// The refusals beside the straight way.
var (
	ErrNotOffice = fault.New(fault.Denied, "NOT_OFFICE",
		"只有市长办公室或督办人员可以这样做。", "Only the mayor's office or a supervisor may do this.")
	ErrNotInside = fault.New(fault.Denied, "NOT_INSIDE",
		"只有办理或督办这件诉求的工作人员可以这样做。", "Only officials who work on the ticket, or oversee it, may do this.")
	ErrNotUnit = fault.New(fault.Denied, "NOT_UNIT",
		"只有该工单承办单位的办件人员可以这样做。", "Only a clerk of the unit that has the work order may do this.")
	ErrUnitUnknown = fault.New(fault.Invalid, "UNIT_UNKNOWN",
		"没有这个单位，或该单位无人可办，请另选。", "There is no such unit, or nobody there can take it. Choose another one.")
	ErrOrderExists = fault.New(fault.Precondition, "ORDER_EXISTS",
		"该单位已有一件未办结的工单。", "The unit has an open work order of the ticket already.")
	ErrLeadTaken = fault.New(fault.Precondition, "LEAD_TAKEN",
		"已有主办单位，其他单位只能协办。", "Another unit leads already; further ones assist.")
	ErrOrderStateForbids = fault.New(fault.Precondition, "ORDER_STATE_FORBIDS",
		"工单当前的状态不允许这样做，请刷新后再看。", "The work order's state does not allow this. Read it again.")
	ErrOrdersOpen = fault.New(fault.Precondition, "ORDERS_OPEN",
		"还有单位的工单没有办结。请等待办结，或说明理由后不再等待。", "Work orders are still open. Wait for them, or waive them with a reason.")
	ErrAssistingOpen = fault.New(fault.Precondition, "ASSISTING_OPEN",
		"协办工单尚未办结，主办单位最后办结。", "Assisting orders are still open: the lead finishes last.")
	ErrReturnReasonUnknown = fault.New(fault.Invalid, "RETURN_REASON_UNKNOWN",
		"没有这种退单原因，请从列表中选择。", "There is no such reason to return. Choose one of the list.")
	ErrReturnWindowOver = fault.New(fault.Precondition, "RETURN_WINDOW_OVER",
		"已超过可以申请退单的期限，请继续办理。", "The time to return is over. Handle it.")
	ErrReturnsExhausted = fault.New(fault.Precondition, "RETURNS_EXHAUSTED",
		"申请退单的次数已用完，请继续办理。", "It was returned as often as it may be. Handle it.")
	ErrReturnNamed = fault.New(fault.Precondition, "RETURN_NAMED",
		"本单位由裁定指定承办，不能再退单。", "A referee named the unit: it cannot return it.")
	ErrReturnPending = fault.New(fault.Precondition, "RETURN_PENDING",
		"已有一项退单申请等待裁定。", "A return waits for its decision already.")
	ErrReturnNotPending = fault.New(fault.Precondition, "RETURN_NOT_PENDING",
		"没有这项等待裁定的退单申请，请刷新后再看。", "There is no such return that waits for a decision. Read the ticket again.")
	ErrRefereeOwn = fault.New(fault.Denied, "REFEREE_OWN",
		"申请人和承办过这件诉求的人员不能裁定。", "Who asked for it, or has a part in the ticket, does not decide upon it.")
	ErrExtensionTooLate = fault.New(fault.Precondition, "EXTENSION_TOO_LATE",
		"答复时限已到，不能再申请延期。", "The answer is due: no more time can be asked for.")
	ErrExtensionsExhausted = fault.New(fault.Precondition, "EXTENSIONS_EXHAUSTED",
		"申请延期的次数已用完。", "It was extended as often as it may be.")
	ErrExtensionPending = fault.New(fault.Precondition, "EXTENSION_PENDING",
		"已有一项延期申请等待决定。", "A request for more time waits for its decision already.")
	ErrExtensionNotPending = fault.New(fault.Precondition, "EXTENSION_NOT_PENDING",
		"没有这项等待决定的延期申请，请刷新后再看。", "There is no such request for more time that waits for a decision. Read the ticket again.")
	ErrExtensionTooLong = fault.New(fault.Invalid, "EXTENSION_TOO_LONG",
		"延期太长，请缩短后重试。", "That is more time than may be asked for. Ask for less.")
	ErrMergeLater = fault.New(fault.Precondition, "MERGE_LATER",
		"只能并入更早提交的诉求。", "A ticket is merged into an earlier one. Merge the other way round.")
	ErrMergeOverdue = fault.New(fault.Precondition, "MERGE_OVERDUE",
		"该诉求已超时，应当联系并答复；确需合并的，由市长办公室办理。", "The ticket is overdue: contact and answer its filer, or let the mayor's office merge it.")
	ErrMergeForeign = fault.New(fault.Precondition, "MERGE_FOREIGN",
		"只有同一诉求人或同一企业的诉求可以合并。", "Only tickets of the same filer or enterprise are merged.")
	ErrMergeClosed = fault.New(fault.Precondition, "MERGE_CLOSED",
		"要并入的诉求已答复或已办结。", "The ticket to go on with is answered or closed.")
	ErrMergeSelf = fault.New(fault.Invalid, "MERGE_SELF",
		"诉求不能并入自身。", "A ticket is not merged into itself.")
	ErrDialoguePending = fault.New(fault.Precondition, "DIALOGUE_PENDING",
		"已申请直接对话，请等待答复。", "A dialogue is asked for already.")
	ErrDialogueNotPending = fault.New(fault.Precondition, "DIALOGUE_NOT_PENDING",
		"没有等待处理的直接对话，请刷新后再看。", "There is no dialogue that this could be done with. Read the ticket again.")
	ErrDialogueOwed = fault.New(fault.Precondition, "DIALOGUE_OWED",
		"诉求人申请的直接对话尚未进行，须先对话或由市长办公室婉拒。", "The filer asked for a dialogue: it is held or declined first.")
	ErrAppointmentPast = fault.New(fault.Invalid, "APPOINTMENT_PAST",
		"约定的时间已经过去，请另选。", "The appointment lies in the past. Choose another time.")
	ErrModeUnknown = fault.New(fault.Invalid, "MODE_UNKNOWN",
		"对话方式只能是电话或当面。", "A dialogue is held by phone or in person.")
	ErrCallbackNotDue = fault.New(fault.Precondition, "CALLBACK_NOT_DUE",
		"现在没有应当进行的回访。", "No call-back is due now.")
	ErrContactByMessage = fault.New(fault.Precondition, "CONTACT_BY_MESSAGE",
		"保密诉求只能通过留言联系诉求人。", "The filer of a confidential ticket is contacted by message only.")
	ErrRiskWithoutProject = fault.New(fault.Invalid, "RISK_WITHOUT_PROJECT",
		"只有填写了投资项目才能填写涉及的投资和岗位。", "Investment and jobs at risk are said of a project only. Name it.")
	ErrConflictEmpty = fault.New(fault.Invalid, "CONFLICT_EMPTY",
		"请至少指明一位工作人员或一个单位。", "Name at least one official or unit.")
	ErrSourceForeign = fault.New(fault.Invalid, "SOURCE_FOREIGN",
		"诉求来源与提交渠道不符。", "The source is not one of this channel.")
	ErrConfidentialForCaller = fault.New(fault.Invalid, "CONFIDENTIAL_FOR_CALLER",
		"代他人提交的诉求不能设为保密，请由本人提交。", "A caller's ticket cannot be confidential: the caller files it.")
)

// stateForbids names the state and who acts next, so that the caller knows whom to wait for.
func stateForbids(v Verb, s State) error {
	return ErrStateForbids.With("state", s.String()).With("next", s.Next()).With("verb", string(v))
}

// notParty says who alone may, or first of all.
func notParty(who Party) error {
	switch {
	case who == Filer|Holder|Desk:
		return ErrNotParty
	case who == inside:
		return ErrNotInside
	case who&Filer != 0:
		return ErrNotFiler
	case who&Holder != 0:
		return ErrNotHolder
	case who&Unit != 0:
		return ErrNotUnit
	case who&Desk != 0:
		return ErrNotDesk
	case who&(Super|Office) != 0:
		return ErrNotOffice
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
