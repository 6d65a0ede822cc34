package casefile

import "github.com/throughtrain/throughtrain/services/kit/fault"

// The refusals. Their reasons are the contract's; a test holds them together.
var (
	ErrNotFound = fault.New(fault.NotFound, "CASE_NOT_FOUND",
		"没有找到这个代办件，请核对编号。", "There is no such case. Check the number.")
	ErrItemNotFound = fault.New(fault.NotFound, "ITEM_NOT_FOUND",
		"这个代办件中没有该事项，请核对后重试。", "The case has no such item. Check its code.")
	ErrCommitmentNotFound = fault.New(fault.NotFound, "COMMITMENT_NOT_FOUND",
		"没有找到这份承诺，请核对后重试。", "There is no such commitment. Check its number.")
	ErrReviewNotFound = fault.New(fault.NotFound, "JOINT_REVIEW_NOT_FOUND",
		"没有找到这次联合评审，请核对后重试。", "There is no such joint review. Check its number.")
	ErrStateForbids = fault.New(fault.Precondition, "CASE_STATE_FORBIDS",
		"代办件当前的状态不允许这样做，请刷新后再看。", "The case's state does not allow this. Read it again.")
	ErrItemStateForbids = fault.New(fault.Precondition, "ITEM_STATE_FORBIDS",
		"事项当前的状态不允许这样做，请刷新后再看。", "The item's state does not allow this. Read it again.")
	ErrAgreementStateForbids = fault.New(fault.Precondition, "AGREEMENT_STATE_FORBIDS",
		"委托协议当前的状态不允许这样做，请刷新后再看。", "The agreement's state does not allow this. Read it again.")
	ErrCommitmentStateForbids = fault.New(fault.Precondition, "COMMITMENT_STATE_FORBIDS",
		"承诺当前的状态不允许这样做，请刷新后再看。", "The commitment's state does not allow this. Read it again.")
	ErrTextEmpty = fault.New(fault.Invalid, "CASE_TEXT_EMPTY",
		"内容不能为空，请写下具体情况。", "The text is empty. Write what it is about.")
)

// Who may.
var (
	ErrNotApplicant = fault.New(fault.Denied, "NOT_APPLICANT",
		"只有项目单位可以这样做。", "Only the enterprise may do this.")
	ErrNotSigner = fault.New(fault.Denied, "NOT_SIGNER",
		"只有已确认的企业成员可以代表企业签署。", "Only a confirmed member of the enterprise signs for it.")
	ErrNotAgent = fault.New(fault.Denied, "NOT_AGENT",
		"只有项目单位，或在委托范围和期限内的代办员可以这样做。", "Only the enterprise, or its agent within what is entrusted, may do this.")
	ErrNotUnit = fault.New(fault.Denied, "NOT_DECIDING_UNIT",
		"只有承办单位的办件人员可以这样做。", "Only a clerk of the unit that decides may do this.")
	ErrNotHead = fault.New(fault.Denied, "NOT_HEAD",
		"须由承办单位负责人批准。", "The head of the unit that decides has to do this.")
	ErrNotCentre = fault.New(fault.Denied, "NOT_CENTRE",
		"只有代办机构的工作人员可以这样做。", "Only a clerk of the agency's centres may do this.")
	ErrNotOfficeHere = fault.New(fault.Denied, "NOT_OVERSIGHT",
		"只有市长办公室或督办人员可以这样做。", "Only the mayor's office or a supervisor may do this.")
	ErrNotDepartment = fault.New(fault.Denied, "NOT_DEPARTMENT",
		"只能以您所在单位的名义代企业申请。", "You can only apply on an enterprise's behalf for your own unit.")
	ErrNotPartyHere = fault.New(fault.Denied, "NOT_PARTY_TO_CASE",
		"只有这个代办件的参与方可以这样做。", "Only who takes part in the case may do this.")
)

// notParty says who may instead.
func notParty(who Party) error {
	switch {
	case who&Agent != 0 && who&(Centre|Unit) == 0:
		return ErrNotAgent
	case who&Signer != 0 && who&Applicant == 0:
		return ErrNotSigner
	case who == Applicant:
		return ErrNotApplicant
	case who&^(Line|System) == Unit:
		return ErrNotUnit
	case who == Head:
		return ErrNotHead
	case who&Centre != 0 && who&(Unit|Agent|Applicant) == 0:
		return ErrNotCentre
	case who&^System == Office:
		return ErrNotOfficeHere
	default:
		return ErrNotPartyHere
	}
}

// Opening and planning.
var (
	ErrNoCatalogue = fault.New(fault.Precondition, "CATALOGUE_MISSING",
		"本市尚未开通审批代办。", "This city has no approval agency yet.")
	ErrCountyUnknown = fault.New(fault.Invalid, "CASE_COUNTY_UNKNOWN",
		"没有这个县区，请从列表中选择。", "There is no such county. Choose one of the list.")
	ErrIneligible = fault.New(fault.Precondition, "INELIGIBLE",
		"所选的申请理由不成立：没有需要市级审批的事项，或没有跨县区。请改选理由，或由市里安排。",
		"The reason chosen does not hold: no municipal unit decides anything of it, or it lies in one county. Choose another, or let the city arrange it.")
	ErrNothingNeeded = fault.New(fault.Precondition, "NOTHING_NEEDED",
		"按所填情况，项目不需要任何审批事项，请核对。", "By these answers the project needs no approval. Check them.")
	ErrNoUnit = fault.New(fault.Precondition, "UNIT_MISSING",
		"项目所在县区没有承办该事项的单位，请联系代办机构。", "The project's county has no unit that decides this item. Turn to a centre.")
	ErrNothingNewer = fault.New(fault.Precondition, "CATALOGUE_NOT_NEWER",
		"已经是最新的事项清单。", "The case keeps the newest catalogue already.")
	ErrItemsUnderWay = fault.New(fault.Precondition, "ITEMS_UNDER_WAY",
		"还有事项在办，请先撤回后再结束代办件。", "Items still lie with units. Withdraw them first.")
	ErrCommitmentsOpen = fault.New(fault.Precondition, "COMMITMENTS_OPEN",
		"还有承诺没有履行，不能结束代办件。", "Commitments are outstanding. The case cannot end before.")
)

// Agreements and agents.
var (
	ErrEntrusted = fault.New(fault.Precondition, "ENTRUSTED",
		"已有生效的委托协议。", "An agreement is in force already.")
	ErrNotEntrusted = fault.New(fault.Precondition, "NOT_ENTRUSTED",
		"没有生效的委托协议。", "No agreement is in force.")
	ErrStageUnknown = fault.New(fault.Invalid, "STAGE_UNKNOWN",
		"没有这个阶段，请从列表中选择。", "There is no such stage. Choose one of the list.")
	ErrExpiryInvalid = fault.New(fault.Invalid, "EXPIRY_INVALID",
		"委托期限须晚于现在，且不超过规定的最长期限。", "The entrustment ends after now and within the longest time allowed.")
	ErrTextChanged = fault.New(fault.Precondition, "SIGNED_TEXT_CHANGED",
		"您阅读的文本与现在的不一致，请重新阅读后签署。", "What you read is not what would be signed now. Read it again, then sign.")
	ErrDocumentUnknown = fault.New(fault.Invalid, "DOCUMENT_UNKNOWN",
		"没有这份已上传完成的文件，请先上传。", "There is no such file. Upload it first.")
	ErrCentreUnknown = fault.New(fault.Invalid, "CENTRE_UNKNOWN",
		"没有这个代办机构，请从列表中选择。", "There is no such centre. Choose one of the list.")
	ErrAgentUnknown = fault.New(fault.Invalid, "AGENT_UNKNOWN",
		"该人员不是这个机构的代办员，请另选一位。", "This official is no agent of that centre. Choose another one.")
)

// Materials and corrections.
var (
	ErrMaterialUnknown = fault.New(fault.Invalid, "MATERIAL_UNKNOWN",
		"没有这份材料，请从列表中选择。", "There is no such material. Choose one of the list.")
	ErrMaterialShared = fault.New(fault.Precondition, "MATERIAL_SHARED",
		"该材料可通过数据共享取得，不得要求企业提供。", "The city gets this document from shared data: it may not be asked of the enterprise.")
	ErrRequestPending = fault.New(fault.Precondition, "MATERIAL_REQUEST_PENDING",
		"这份材料已经要过，正在等待企业提供。", "This document was asked for already and is awaited.")
	ErrPurposeUnknown = fault.New(fault.Invalid, "PURPOSE_UNKNOWN",
		"没有这种用途，请从列表中选择。", "There is no such purpose. Choose one of the list.")
	ErrValidityInvalid = fault.New(fault.Invalid, "VALIDITY_INVALID",
		"有效期有误，请按 YYYY-MM-DD 填写。", "The validity is wrong. Write dates as YYYY-MM-DD.")
	ErrMaterialsMissing = fault.New(fault.Precondition, "MATERIALS_MISSING",
		"还缺少材料：主要材料必须补齐，次要材料可以承诺后补。", "Documents are missing: principal ones must be there, secondary ones can be committed to.")
	ErrCorrectionGiven = fault.New(fault.Precondition, "CORRECTION_GIVEN",
		"补正只能一次性告知，本次申请已经告知过。", "All that is missing is said once, and that was done for this application.")
	ErrCorrectionIncomplete = fault.New(fault.Precondition, "CORRECTION_INCOMPLETE",
		"一次性告知须列全缺少的材料。", "The one notice must list everything that is missing.")
	ErrCorrectionFirst = fault.New(fault.Precondition, "CORRECTION_FIRST",
		"材料不齐的，应先一次性告知补正，不能直接不予受理。", "While documents are missing the notice comes first; acceptance cannot be refused for it.")
	ErrDeficienciesEmpty = fault.New(fault.Invalid, "DEFICIENCIES_EMPTY",
		"请列出需要补正的材料。", "List what is to be corrected.")
)

// Deciding.
var (
	ErrPrerequisiteOpen = fault.New(fault.Precondition, "PREREQUISITE_OPEN",
		"前置事项尚未办结。", "An item that must be decided before is not decided.")
	ErrProcedureUnknown = fault.New(fault.Invalid, "PROCEDURE_UNKNOWN",
		"该事项没有这种特别程序，请从列表中选择。", "The item has no such special procedure. Choose one of the list.")
	ErrProcedureTooLong = fault.New(fault.Invalid, "PROCEDURE_TOO_LONG",
		"特别程序的时间超出规定范围。", "The special procedure is longer than allowed.")
	ErrExtensionUsed = fault.New(fault.Precondition, "ITEM_EXTENSION_USED",
		"不能再延期。", "No more time can be given.")
	ErrExtensionTooLong = fault.New(fault.Invalid, "ITEM_EXTENSION_TOO_LONG",
		"延长的时间超出规定范围。", "More time than allowed.")
	ErrExtensionPending = fault.New(fault.Precondition, "COMMITMENT_EXTENSION_PENDING",
		"延期申请正在等待答复。", "A wish for more time waits for its answer.")
	ErrExtensionNotPending = fault.New(fault.Precondition, "COMMITMENT_EXTENSION_NOT_PENDING",
		"没有等待答复的延期申请。", "No wish for more time waits for an answer.")
	ErrLimitOver = fault.New(fault.Precondition, "LIMIT_OVER",
		"法定时限已经届满或停止，不能延长。", "The statutory limit is over or was met: it cannot be extended.")
	ErrNoJointReview = fault.New(fault.Precondition, "JOINT_REVIEW_FORBIDDEN",
		"这些事项不能一起联合评审。", "These items cannot be reviewed jointly.")
	ErrJointReviewOpen = fault.New(fault.Precondition, "JOINT_REVIEW_OPEN",
		"联合评审尚未结束。", "A joint review is still open.")
	ErrUnitUnknown = fault.New(fault.Invalid, "REVIEW_UNIT_UNKNOWN",
		"没有这个单位，或该单位无人可办，请另选。", "There is no such unit, or nobody there can answer. Choose another one.")
	ErrOpinionGiven = fault.New(fault.Precondition, "OPINION_GIVEN",
		"意见已经给出，或评审已经结束。", "The opinion was given, or the review is over.")
	ErrOpinionUnknown = fault.New(fault.Invalid, "OPINION_UNKNOWN",
		"意见只能是同意或有异议。", "The opinion is agree or object.")
	ErrOpinionsOpen = fault.New(fault.Precondition, "OPINIONS_OPEN",
		"还有单位没有给出意见，且未到期限。", "Units have not spoken yet, and their time is not over.")
	ErrNoCertificate = fault.New(fault.Precondition, "CERTIFICATE_NONE",
		"该事项没有证照。", "This item leads to no certificate.")
	ErrCertificateWaits = fault.New(fault.Precondition, "CERTIFICATE_WAITS",
		"容缺材料补齐后才能发证。", "The certificate waits until what was committed to is supplied.")
	ErrCertificateIssued = fault.New(fault.Precondition, "CERTIFICATE_ISSUED",
		"证照已经发出。", "The certificate was issued already.")
	ErrCertificateNumber = fault.New(fault.Invalid, "CERTIFICATE_NUMBER_INVALID",
		"证照编号为空或已被使用。", "The certificate's number is empty or taken.")
	ErrMeetingTime = fault.New(fault.Invalid, "MEETING_TIME_INVALID",
		"会面时间有误。", "The meeting's time is wrong.")
)

// Tolerance and promises.
var (
	ErrToleranceDue = fault.New(fault.Precondition, "TOLERANCE_DUE",
		"企业已就所缺的次要材料作出承诺，应当容缺受理。", "The enterprise committed to what is missing: the item must be accepted upon it.")
	ErrNotTolerated = fault.New(fault.Precondition, "TOLERANCE_FORBIDDEN",
		"该事项不适用容缺受理。", "This item cannot be accepted while documents are missing.")
	ErrMaterialNotTolerable = fault.New(fault.Precondition, "MATERIAL_NOT_TOLERABLE",
		"有一份缺少的材料不能容缺后补。", "One of the missing documents cannot be supplied later.")
	ErrNothingMissing = fault.New(fault.Precondition, "NOTHING_MISSING",
		"材料齐全，不需要承诺。", "Nothing is missing: no commitment is needed.")
	ErrCreditBarred = fault.New(fault.Precondition, "CREDIT_BARRED",
		"企业有未修复的失信承诺记录，暂不能再作承诺。请先补救并申请信用修复。",
		"A broken commitment of the enterprise was not repaired. Make it good and ask for repair before the next one.")
	ErrCommitmentExists = fault.New(fault.Precondition, "COMMITMENT_EXISTS",
		"这次申请已经签署过承诺。", "A commitment was signed for this application already.")
	ErrCommitmentTooLong = fault.New(fault.Invalid, "COMMITMENT_TOO_LONG",
		"承诺期限超出该事项的规定范围。", "The time committed to is out of the item's range.")
	ErrNoPromise = fault.New(fault.Precondition, "PROMISE_FORBIDDEN",
		"该事项不适用告知承诺。", "This item cannot be approved on a promise.")
	ErrPromiseMissing = fault.New(fault.Precondition, "PROMISE_MISSING",
		"请先签署告知承诺书。", "Sign the promise first.")
	ErrPromiseNotReported = fault.New(fault.Precondition, "PROMISE_NOT_REPORTED",
		"企业尚未报告履行情况。", "The enterprise has not said yet that it is fulfilled.")
	ErrRequestLimit = fault.New(fault.Invalid, "REQUEST_LIMIT_INVALID",
		"要求提供材料的期限须为 1 至 60 个工作日。", "The time to supply a document is 1 to 60 workdays.")
)
