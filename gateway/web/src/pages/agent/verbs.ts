/**
 * What may be done with a case, an item or a commitment, each as a form: the services say which of them are open to the caller, here is what each needs. One table, so that
 * no verb of the contract is without its button; a test compares it with the contract.
 */
import type { Pair } from '@/text/text'

export type Part =
  | { kind: 'text', field: string, label: Pair, hint?: Pair, required?: boolean, long?: boolean }
  | { kind: 'days', field: string, label: Pair, hint?: Pair, required?: boolean, most?: number }
  | { kind: 'choice', field: string, label: Pair, options: { value: string | boolean, label: Pair }[] }
  | { kind: 'date', field: string, label: Pair, required?: boolean }
  | { kind: 'moment', field: string, label: Pair, required?: boolean }
  | { kind: 'procedure', field: string, label: Pair }
  | { kind: 'material', field: string, label: Pair }
  | { kind: 'deficiencies', field: string, label: Pair }
  | { kind: 'file', field: string, label: Pair, purpose: string, required?: boolean }
  | { kind: 'official', field: string, label: Pair }
  | { kind: 'centre', field: string, label: Pair }
  | { kind: 'stages', field: string, label: Pair }
  | { kind: 'item', field: string, label: Pair }
  | { kind: 'items', field: string, label: Pair }
  | { kind: 'units', field: string, label: Pair }

export interface Verb {
  /** As the contract names it in its address. */
  verb: string
  /** As it names it in `actions`, where that differs. */
  action?: string
  label: Pair
  /** What it does, said before it is done. */
  note?: Pair
  parts: Part[]
  /** Ends or takes back something: asked again. */
  grave?: boolean
}

const reason: Part = { kind: 'text', field: 'reason', label: ['理由', 'Reason'], required: true, long: true }
const remedy: Part = { kind: 'text', field: 'remedy', label: ['救济途径', 'What can be done against it'], required: true, long: true }

export const itemVerbs: Verb[] = [
  { verb: 'submit', label: ['申报', 'Hand in'], note: ['可以先申报，材料随后补齐。', 'It can be handed in while documents are still missing.'],
    parts: [{ kind: 'choice', field: 'onPromise', label: ['办理方式', 'How'], options: [{ value: false, label: ['按材料审批', 'On documents'] }, { value: true, label: ['告知承诺', 'On a promise'] }] }] },
  { verb: 'accept', label: ['受理', 'Accept'], note: ['受理后开始计算办理时限。', 'The limits run from acceptance.'], parts: [] },
  { verb: 'requestCorrection', label: ['一次性告知补正', 'Notify what is missing'], note: ['只能告知一次，请写全。发出后停止计时。', 'This can be said once only, so say all of it. The limits stop meanwhile.'],
    parts: [{ kind: 'deficiencies', field: 'deficiencies', label: ['逐项写明', 'Document by document'] }, { kind: 'text', field: 'text', label: ['其他说明', 'Anything else'], long: true }] },
  { verb: 'correct', label: ['补正完成', 'Corrected'], parts: [] },
  { verb: 'takeOn', label: ['转部门受理', 'Hand to the department'], parts: [] },
  { verb: 'startProcedure', label: ['启动特别程序', 'Start a procedure'], note: ['书面告知后停止计时。', 'With the written notice the limits stop.'],
    parts: [{ kind: 'procedure', field: 'procedure', label: ['程序', 'Procedure'] }, { kind: 'days', field: 'workdays', label: ['需要几个工作日', 'Workdays it takes'], required: true }, { kind: 'text', field: 'notice', label: ['书面告知', 'Written notice'], required: true, long: true }] },
  { verb: 'endProcedure', label: ['结束特别程序', 'End the procedure'], parts: [{ kind: 'text', field: 'text', label: ['结果', 'Outcome'], long: true }] },
  { verb: 'extend', label: ['延长法定时限', 'Extend the limit'], parts: [{ kind: 'days', field: 'workdays', label: ['延长几个工作日', 'Workdays more'], required: true }, reason] },
  { verb: 'approve', label: ['通过', 'Approve'], parts: [{ kind: 'text', field: 'conditions', label: ['附加条件（没有就不写）', 'Conditions, if any'], long: true }] },
  { verb: 'refuse', label: ['不通过', 'Refuse'], parts: [reason, remedy] },
  { verb: 'issueCertificate', label: ['发证', 'Issue the certificate'], parts: [
    { kind: 'text', field: 'number', label: ['证照编号', 'Number'], required: true }, { kind: 'file', field: 'document', label: ['证照文件', 'File'], purpose: 'certificate', required: true },
    { kind: 'date', field: 'validFrom', label: ['有效期自', 'Valid from'] }, { kind: 'date', field: 'validUntil', label: ['有效期至（长期有效不填）', 'Valid until (empty for no end)'] }] },
  { verb: 'withdraw', label: ['撤件', 'Withdraw'], parts: [{ kind: 'text', field: 'reason', label: ['理由', 'Reason'], long: true }], grave: true },
  { verb: 'confirmWithdrawal', label: ['同意撤件', 'Confirm the withdrawal'], parts: [] },
  { verb: 'declineWithdrawal', label: ['不同意撤件', 'Decline the withdrawal'], parts: [reason] },
  { verb: 'notAccept', label: ['不受理', 'Not for this unit'], parts: [reason, { kind: 'choice', field: 'notNeeded', label: ['为什么', 'Why'], options: [{ value: true, label: ['不需要审批', 'No approval needed'] }, { value: false, label: ['不属于本单位', 'Not from this unit'] }] }] },
  { verb: 'refuseAcceptance', label: ['不予受理', 'Refuse acceptance'], parts: [reason, remedy] },
  { verb: 'revoke', label: ['撤销', 'Revoke'], parts: [reason], grave: true },
]

export const caseVerbs: Verb[] = [
  { verb: 'admit', label: ['受理代办', 'Admit'], parts: [] },
  { verb: 'decline', label: ['不予代办', 'Decline'], parts: [reason] },
  { verb: 'offerAgreement', label: ['拟委托书', 'Word the agreement'], note: ['免费、自愿。企业看到原文后签字。', 'Free and voluntary. The enterprise reads the words and signs them.'], parts: [
    { kind: 'stages', field: 'stages', label: ['委托哪些阶段（不选为全部）', 'Stages entrusted (none means all)'] }, { kind: 'moment', field: 'expireTime', label: ['委托到期', 'Until'], required: true },
    { kind: 'text', field: 'text', label: ['补充条款（没有就不写）', 'Further words, if any'], long: true },
    { kind: 'choice', field: 'paper', label: ['要不要纸质盖章件', 'Signed paper'], options: [{ value: false, label: ['不需要', 'Not needed'] }, { value: true, label: ['需要', 'Needed'] }] }] },
  { verb: 'sealAgreement', label: ['签章', 'Seal'], parts: [{ kind: 'file', field: 'document', label: ['盖章件（没有就不传）', 'Sealed paper, if any'], purpose: 'agreement' }] },
  { verb: 'terminateAgreement', label: ['终止委托', 'End the entrustment'], parts: [reason], grave: true },
  { verb: 'assignAgent', label: ['指定代办员', 'Name an agent'], parts: [{ kind: 'centre', field: 'centre', label: ['中心', 'Centre'] }, { kind: 'official', field: 'official', label: ['代办员', 'Agent'] }] },
  { verb: 'requestMaterial', label: ['请企业提供材料', 'Ask for a document'], parts: [{ kind: 'material', field: 'material', label: ['材料', 'Document'] }, { kind: 'days', field: 'workdays', label: ['几个工作日内', 'Within workdays'], required: true }, { kind: 'text', field: 'text', label: ['要求', 'What is wanted'], required: true, long: true }] },
  { verb: 'obtainMaterial', action: 'obtain', label: ['登记共享数据', 'Record shared data'], parts: [{ kind: 'material', field: 'material', label: ['材料', 'Document'] }, { kind: 'text', field: 'reference', label: ['共享数据编号', 'Reference'], required: true }, { kind: 'date', field: 'validUntil', label: ['有效期至', 'Valid until'] }] },
  { verb: 'openJointReview', label: ['召集联合会审', 'Open a joint review'], parts: [{ kind: 'items', field: 'items', label: ['事项', 'Approvals'] }, { kind: 'units', field: 'units', label: ['参加单位', 'Units'] }, { kind: 'text', field: 'text', label: ['会审内容', 'What it is about'], required: true, long: true }] },
  { verb: 'recordMeeting', label: ['登记一次见面', 'Record a meeting'], note: ['能不见面就不见面；见了就记下来。', 'Meetings are the exception, and are recorded.'], parts: [{ kind: 'item', field: 'item', label: ['事项', 'Approval'] }, { kind: 'moment', field: 'meetingTime', label: ['时间', 'When'], required: true }, { kind: 'text', field: 'text', label: ['为什么、谈了什么', 'Why, and what was said'], required: true, long: true }] },
  { verb: 'raiseTicket', label: ['转为诉求', 'Raise a ticket'], note: ['卡住、未通过、超时的，开一件诉求，有人限时答复。', 'What is stuck, refused or overdue becomes a ticket that somebody answers under a clock.'], parts: [{ kind: 'item', field: 'item', label: ['事项', 'Approval'] }, { kind: 'text', field: 'text', label: ['补充几句（可不写）', 'A few words (optional)'], long: true }] },
  { verb: 'move', label: ['换用新目录', 'Move to the new catalogue'], parts: [reason] },
  { verb: 'close', label: ['结束代办', 'Close the case'], parts: [{ kind: 'text', field: 'reason', label: ['理由', 'Reason'], long: true }], grave: true },
]

export const commitmentVerbs: Verb[] = [
  { verb: 'check', label: ['核查承诺', 'Check the promise'], parts: [{ kind: 'choice', field: 'holds', label: ['与承诺是否一致', 'Does it hold'], options: [{ value: true, label: ['一致', 'It holds'] }, { value: false, label: ['不一致', 'It does not'] }] }, { kind: 'text', field: 'text', label: ['核查情况', 'What was found'], long: true }] },
  { verb: 'decideExtension', label: ['答复延期', 'Decide the extension'], parts: [{ kind: 'choice', field: 'granted', label: ['不可抗力延期', 'Extension for force majeure'], options: [{ value: true, label: ['同意', 'Grant'] }, { value: false, label: ['不同意', 'Refuse'] }] }, reason] },
  { verb: 'repair', label: ['信用修复', 'Repair the record'], parts: [reason] },
  { verb: 'report', label: ['报告已履行', 'Report it fulfilled'], parts: [{ kind: 'text', field: 'text', label: ['怎么履行的（可不写）', 'How (optional)'], long: true }] },
  { verb: 'requestExtension', label: ['申请延期', 'Ask for more time'], note: ['只限不可抗力。', 'For force majeure only.'], parts: [{ kind: 'days', field: 'workdays', label: ['几个工作日', 'Workdays'], required: true }, reason] },
]

/** Verbs of a joint review: its opinions say who is asked, its lead unit who concludes. */
export const opinionVerb: Verb = { verb: 'giveOpinion', label: ['提出意见', 'Give an opinion'], parts: [
  { kind: 'choice', field: 'opinion', label: ['意见', 'Opinion'], options: [{ value: 'agree', label: ['同意', 'Agree'] }, { value: 'object', label: ['不同意', 'Object'] }] },
  { kind: 'text', field: 'text', label: ['说明（不同意时必须写）', 'Words (needed to object)'], long: true }] }
export const concludeVerb: Verb = { verb: 'concludeJointReview', label: ['会审结论', 'Conclude'], parts: [{ kind: 'text', field: 'text', label: ['结论', 'Conclusion'], required: true, long: true }] }

/** What `actions` may name and a place of its own on the page does: notes and uploads have their own fields, answers the questionnaire, and signing is the enterprise's, on its own pages. */
export const elsewhere = ['note', 'supply', 'updateAnswers', 'signAgreement', 'signCommitment']

/** offered picks the verbs that the services say are open now. */
export function offered(table: readonly Verb[], actions: readonly string[] | undefined): Verb[] {
  return table.filter(v => actions?.includes(v.action ?? v.verb))
}
