/** What may be done with a ticket or a work order beside the composer's acts, each as a form. The services say which are open to the caller. */
import type { Pair } from '@/text/text'

export type Part =
  | { kind: 'text', field: string, label: Pair, hint?: Pair, required?: boolean, long?: boolean, most?: number }
  | { kind: 'days', field: string, label: Pair, most: number }
  | { kind: 'choice', field: string, label: Pair, options: { value: string | boolean, label: Pair }[] }
  | { kind: 'unit', field: string, label: Pair, optional?: boolean }
  | { kind: 'official', field: string, label: Pair, role?: string, optional?: boolean }
  | { kind: 'officials', field: string, label: Pair }
  | { kind: 'units', field: string, label: Pair }
  | { kind: 'moment' | 'month', field: string, label: Pair }
  | { kind: 'ticket' | 'tickets', field: string, label: Pair }
  | { kind: 'date', field: string, label: Pair, optional?: boolean }

export interface Verb {
  verb: string
  label: Pair
  note?: Pair
  parts: Part[]
  /** The end of its address when that is not :verb. */
  path?: string
  /** Its contract takes no version. */
  anyVersion?: boolean
  /** The number of the request that waits, sent along. */
  numbered?: 'return' | 'extension'
}

const reason = (label: Pair = ['理由', 'Reason']): Part => ({ kind: 'text', field: 'reason', label, required: true, long: true, most: 2000 })
const returnReasons = [
  { value: 'not-our-duty', label: ['不是本单位职责', 'Not our duty'] as Pair }, { value: 'wrong-county', label: ['不属本县区', 'Another county'] as Pair }, { value: 'needs-lead', label: ['需要牵头单位', 'Needs a lead'] as Pair }, { value: 'duplicate', label: ['重复诉求', 'Duplicate'] as Pair }, { value: 'other', label: ['其他', 'Other'] as Pair },
]
const modes = [{ value: 'phone', label: ['电话', 'By phone'] as Pair }, { value: 'in-person', label: ['当面', 'In person'] as Pair }]
const granted: Part = { kind: 'choice', field: 'granted', label: ['决定', 'Decision'], options: [{ value: true, label: ['同意', 'Grant'] }, { value: false, label: ['不同意', 'Refuse'] }] }
const verification: Part[] = [
  { kind: 'choice', field: 'contacted', label: ['联系过企业吗', 'Contacted'], options: [{ value: true, label: ['联系过', 'Yes'] }, { value: false, label: ['没有', 'No'] }] },
  { kind: 'choice', field: 'solved', label: ['解决了吗', 'Solved'], options: [{ value: true, label: ['解决了', 'Yes'] }, { value: false, label: ['没解决', 'No'] }] },
  { kind: 'choice', field: 'satisfied', label: ['满意吗', 'Satisfied'], options: [{ value: 'SATISFIED', label: ['满意', 'Yes'] }, { value: 'BASICALLY', label: ['基本满意', 'Mostly'] }, { value: 'DISSATISFIED', label: ['不满意', 'No'] }] },
  { kind: 'text', field: 'comment', label: ['企业的原话', 'In their own words'], long: true, most: 2000 },
]

export const ticketVerbs: Verb[] = [
  { verb: 'sign', label: ['签收', 'Sign'], parts: [] },
  { verb: 'contact', label: ['联系', 'Contact'], note: ['登记一次联系；企业评价时会被问到。', 'Records a contact; the enterprise is asked about it.'], parts: [
    { kind: 'choice', field: 'channel', label: ['怎么联系的', 'How'], options: [{ value: 'phone', label: ['电话', 'Phone'] }, { value: 'message', label: ['消息', 'Message'] }, { value: 'visit', label: ['上门', 'Visit'] }, { value: 'meeting', label: ['会议', 'Meeting'] }, { value: 'other', label: ['其他', 'Other'] }] }, { kind: 'text', field: 'note', label: ['谈了什么', 'What was said'], long: true, most: 2000 }] },
  { verb: 'createWorkOrder', label: ['派单', 'Assign'], path: '/workOrders', note: ['交给单位办理；主办没完成前不能答复。', 'Gives a unit its part; no answer before every part is done or waived.'], parts: [
    { kind: 'unit', field: 'unit', label: ['单位', 'Unit'] }, { kind: 'choice', field: 'lead', label: ['主办还是协办', 'Part'], options: [{ value: true, label: ['主办', 'Leads'] }, { value: false, label: ['协办', 'Assists'] }] }, { kind: 'text', field: 'text', label: ['要单位做什么', 'What is asked'], required: true, long: true, most: 5000 }] },
  { verb: 'extend', label: ['延期', 'Extend'], note: ['要在到期前申请，由督办员决定；原到期日保留。', 'Asked before the deadline and decided by a supervisor; the first deadline stays beside the new one.'], parts: [{ kind: 'days', field: 'workdays', label: ['延长几个工作日', 'Workdays more'], most: 10 }, reason()] },
  { verb: 'return', label: ['退单', 'Return'], note: ['由派单员裁定，时限不停。', 'A dispatcher decides; the clock goes on.'], parts: [{ kind: 'choice', field: 'reason', label: ['原因', 'Reason'], options: returnReasons }, { kind: 'text', field: 'basis', label: ['依据', 'Basis'], required: true, long: true, most: 2000 }, { kind: 'unit', field: 'targetUnit', label: ['应由哪个单位办', 'Who should have it'] }] },
  { verb: 'dispatch', label: ['改派', 'Reassign'], parts: [{ kind: 'official', field: 'official', label: ['派给谁', 'To whom'] }] },
  { verb: 'reject', label: ['驳回', 'Refuse'], note: ['不予受理要写明依法可走的途径；派单之后须第二人确认。', 'Names the lawful route; after dispatch a second person confirms.'], parts: [
    { kind: 'choice', field: 'route', label: ['途径', 'Route'], options: [['litigation', '诉讼', 'Litigation'], ['arbitration', '仲裁', 'Arbitration'], ['reconsideration', '行政复议', 'Reconsideration'], ['petition', '信访', 'Petition'], ['disclosure', '信息公开', 'Disclosure'], ['police', '公安', 'Police'], ['other', '其他', 'Other']].map(([value, zh, en]) => ({ value: value as string, label: [zh, en] as unknown as Pair })) }, reason()] },
  { verb: 'merge', label: ['并单', 'Merge'], note: ['并入较早的一件，两边的经过都保留。', 'Goes into the earlier ticket; both histories stay.'], parts: [{ kind: 'ticket', field: 'into', label: ['并入哪一件（编号）', 'Into which (number)'] }, reason()] },
  { verb: 'supervise', label: ['督办', 'Supervise'], parts: [{ kind: 'text', field: 'text', label: ['督办要求', 'What is required'], required: true, long: true, most: 2000 }] },
  { verb: 'instruct', label: ['批示', 'Instruct'], parts: [{ kind: 'text', field: 'text', label: ['批示内容', 'Instruction'], required: true, long: true, most: 2000 }] },
  { verb: 'nameConflict', label: ['回避', 'Name a conflict'], note: ['被指明的人和单位从此看不到这件诉求。', 'Whoever is named will not know of it from then on.'], parts: [{ kind: 'officials', field: 'officials', label: ['涉及的人员', 'Officials'] }, { kind: 'units', field: 'units', label: ['涉及的单位', 'Units'] }] },
  { verb: 'decideReturn', label: ['裁定退单', 'Decide the return'], numbered: 'return', parts: [granted, reason(), { kind: 'official', field: 'official', label: ['改派给谁（可不选）', 'Reassign to (optional)'], optional: true }, { kind: 'unit', field: 'unit', label: ['改由哪个单位（可不选）', 'Other unit (optional)'], optional: true }] },
  { verb: 'decideExtension', label: ['审批延期', 'Decide the extension'], numbered: 'extension', parts: [granted, reason()] },
  { verb: 'recordCallback', label: ['登记回访', 'Record the call-back'], parts: verification },
  { verb: 'recordMissedCall', label: ['未接通', 'Not reached'], parts: [] },
  { verb: 'takeDialogue', label: ['安排对话', 'Take the dialogue'], parts: [{ kind: 'official', field: 'official', label: ['由谁谈', 'Who speaks'], optional: true }, { kind: 'moment', field: 'appointmentTime', label: ['时间', 'When'] }, { kind: 'choice', field: 'mode', label: ['方式', 'How'], options: modes }] },
  { verb: 'holdDialogue', label: ['登记对话', 'Record the dialogue'], parts: [{ kind: 'text', field: 'record', label: ['谈了什么、约定了什么', 'What was said and agreed'], required: true, long: true, most: 5000 }, { kind: 'choice', field: 'mode', label: ['方式', 'How'], options: modes }] },
  { verb: 'declineDialogue', label: ['不安排对话', 'Decline the dialogue'], parts: [reason()] },
  { verb: 'handOnDialogue', label: ['转交对话', 'Hand the dialogue on'], parts: [{ kind: 'official', field: 'official', label: ['转给谁', 'To whom'] }, reason()] },
]

export const orderVerbs: Verb[] = [
  { verb: 'signOrder', path: ':sign', label: ['签收', 'Sign'], parts: [] },
  { verb: 'finishOrder', path: ':finish', label: ['办结', 'Finish'], parts: [{ kind: 'text', field: 'text', label: ['办理情况（答复人据此答复企业）', 'What was done (the answer rests on it)'], required: true, long: true, most: 5000 }] },
  { verb: 'waiveOrder', path: ':waive', label: ['不再等待', 'Waive'], parts: [reason()] },
  { verb: 'returnOrder', path: ':return', label: ['退单', 'Return'], parts: [{ kind: 'choice', field: 'reason', label: ['原因', 'Reason'], options: returnReasons }, { kind: 'text', field: 'basis', label: ['依据', 'Basis'], required: true, long: true, most: 2000 }, { kind: 'unit', field: 'targetUnit', label: ['应由哪个单位办', 'Who should have it'] }] },
]

/** Acts of the composer: their text is written at the foot of the page. */
export const composed = ['answer', 'ask', 'message', 'note'] as const

/** The one act a ticket waits for, as the primary button: contact before answer, and a dialogue that has its hour is held. */
export function nextAct(actions: readonly string[], contacted: boolean, arranged = false): string | undefined {
  const order = ['dispatch', 'decideReturn', 'decideExtension', 'sign', ...(contacted ? [] : ['contact']), 'answer', 'recordCallback', ...(arranged ? ['holdDialogue'] : ['takeDialogue', 'holdDialogue']), 'supervise']
  return order.find(v => actions.includes(v))
}

const day = (field: string, label: Pair, optional = false): Part => ({ kind: 'date', field, label, optional })

/** Opening a common issue is a verb of the city. */
export const newIssue: Verb = { verb: 'createCommonIssue', path: '/commonIssues', label: ['立题', 'Open a common issue'], parts: [
  { kind: 'text', field: 'title', label: ['题目', 'Title'], required: true, most: 100 }, { kind: 'text', field: 'plan', label: ['办法', 'Plan'], required: true, long: true, most: 5000 }, { kind: 'month', field: 'month', label: ['月份', 'Month'] }, { kind: 'unit', field: 'leadUnit', label: ['牵头单位', 'Lead unit'] }, { kind: 'units', field: 'assistingUnits', label: ['协办单位（可不选）', 'Assisting unit (optional)'] }, day('dueDate', ['承诺日期', 'Promised date'])] }

export const issueVerbs: Verb[] = [
  { verb: 'report', label: ['报告进展', 'Report'], parts: [{ kind: 'text', field: 'text', label: ['进展', 'Progress'], required: true, long: true, most: 5000 }, { kind: 'choice', field: 'solved', label: ['解决了吗', 'Solved'], options: [{ value: true, label: ['已解决', 'Yes'] }, { value: false, label: ['还没有', 'Not yet'] }] }] },
  { verb: 'replan', label: ['申请改期', 'Ask to replan'], parts: [day('dueDate', ['新的日期', 'New date']), { kind: 'text', field: 'plan', label: ['新的办法（不变就不写）', 'New plan (empty to keep)'], long: true, most: 5000 }, reason()] },
  { verb: 'decide', label: ['审批改期', 'Decide the replan'], parts: [granted, reason()] },
  { verb: 'linkTickets', anyVersion: true, label: ['加入诉求', 'Link a ticket'], parts: [{ kind: 'tickets', field: 'tickets', label: ['诉求编号', 'Ticket number'] }] },
  { verb: 'unlinkTickets', anyVersion: true, label: ['移出诉求', 'Unlink a ticket'], parts: [{ kind: 'tickets', field: 'tickets', label: ['诉求编号', 'Ticket number'] }] },
  { verb: 'close', label: ['结题', 'Close'], parts: [{ kind: 'choice', field: 'state', label: ['结果', 'Outcome'], options: [{ value: 'SOLVED', label: ['已解决', 'Solved'] }, { value: 'CLOSED', label: ['结束', 'Ended'] }] }, { kind: 'text', field: 'result', label: ['结论', 'Result'], required: true, long: true, most: 5000 }] },
  { verb: 'reopen', label: ['重新立题', 'Reopen'], parts: [reason(), day('dueDate', ['新的日期', 'New date'])] },
]
