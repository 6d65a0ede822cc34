/** The lists behind the board's numbers: how each is read, and what of a row is shown. */
import { api, ask, type Agency, type Hotline } from '@/api/client'
import { last, spoken } from '@/api/names'
import { city } from '@/session/session'
import { at, day } from '@/time/format'
import { say, type Pair } from '@/text/text'
import { word } from '@/text/words'
import type { Shape } from '@/ui/TtShape.vue'
import { unitName } from '@/parts/city'
import type { List } from './numbers'
import { reading, type Ticket } from './worst'

export interface Entry { key: string, number: string, title: string, to: string, facts: string[], state: string, when: string, shape?: Shape, filled?: boolean, chip?: string, ticket?: Ticket }
export interface Page { entries: Entry[], next: string, total: number, capped: boolean }

const words = {
  hidden: ['（内容不公开）', '(not shown)'], lead: ['主办', 'lead'], assist: ['协办', 'assisting'], due: ['{at} 到期', 'due {at}'], promised: ['承诺 {at}', 'promised {at}'], raised: ['提级 {n}', 'rung {n}'], filed: ['{at} 收到', 'filed {at}'], asked: ['{at} 申请', 'asked {at}'], target: ['拟转 {unit}', 'proposes {unit}'], missed: ['错过 {n} 次', 'missed {n} {n|time|times}'],
} satisfies Record<string, Pair>
const states: Record<string, Pair> = {
  granted: ['同意', 'Granted'], refused: ['驳回', 'Refused'], pending: ['待裁定', 'Pending'], overtaken: ['已不需要', 'Overtaken'],
  OPEN: ['办理中', 'Open'], SOLVED: ['已解决', 'Solved'], CLOSED: ['已结束', 'Closed'], APPLIED: ['待受理', 'Applied'], COMPLETED: ['已办成', 'Completed'], DECLINED: ['未受理', 'Declined'],
  SIGNED: ['已签', 'Signed'], RUNNING: ['履行中', 'Running'], KEPT: ['已履行', 'Kept'], BROKEN: ['未履行', 'Broken'], RELEASED: ['已解除', 'Released'], TO_FIX: ['待整改', 'To be put right'],
  PLANNED: ['未交件', 'Not handed in'], RECEIVED: ['已接件', 'Received'], RETRACTED: ['已撤件', 'Retracted'], WINDOW_ACCEPTED: ['窗口受理', 'Accepted'], NOT_ACCEPTED: ['不受理', 'Not accepted'], ACCEPTANCE_REFUSED: ['不予受理', 'Acceptance refused'], CORRECTION_OPEN: ['补正中', 'To be corrected'], CORRECTED: ['补正结束', 'Corrected'], DEPARTMENT_ACCEPTED: ['部门受理', 'With the department'], PROCEDURE_OPEN: ['特别程序中', 'Special procedure'], PROCEDURE_ENDED: ['特别程序结束', 'Procedure ended'], APPROVED: ['办结通过', 'Approved'], APPROVED_TOLERANTLY: ['容缺通过', 'Approved tolerantly'], REFUSED: ['办结不通过', 'Refused'], WITHDRAWN: ['撤回', 'Withdrawn'], REVOKED: ['撤销', 'Revoked'], WITHDRAWAL_PENDING: ['撤件待确认', 'Withdrawal pending'], DROPPED: ['不再需要', 'Dropped'],
}
export const stateName = (s: string | undefined) => { const pair = states[s ?? '']; return pair ? say(pair) : s ?? '' }
const reasons: Record<string, Pair> = { 'not-our-duty': ['不属本单位职责', 'Not our duty'], 'wrong-county': ['不属本地', 'Wrong county'], 'needs-lead': ['需别的单位主办', 'Needs another lead'], duplicate: ['重复', 'Duplicate'], other: ['其他', 'Other'] }

export function ticketEntry(t: Ticket, now: Date): Entry {
  const row = reading(t, now)
  const open = t.state !== 'CLOSED'
  const told = open && !!row.clock
  return {
    key: t.name ?? '', number: spoken(t.number), title: t.title || say(words.hidden), to: `/tickets/${last(t.name)}`, ticket: t, state: t.state === 'CLOSED' ? word('closeReason', t.closeReason) : word('deskState', t.state),
    facts: [unitName(t.unit), ...(t.rung ? [say(words.raised, { n: t.rung })] : []), say(words.filed, { at: at(t.createTime ?? undefined, false) })], when: told ? row.text : '', shape: told ? row.standing : undefined, filled: told && row.standing === 'over', chip: told ? row.short || undefined : undefined,
  }
}
function orderEntry(o: Hotline<'WorkOrder'>): Entry {
  return { key: o.name ?? '', number: spoken(o.ticketNumber), title: o.ticketTitle || say(words.hidden), to: `/tickets/${o.name?.split('/')[3] ?? ''}`, state: word('orderState', o.state), facts: [o.unitDisplayName || unitName(o.unit), say(o.lead ? words.lead : words.assist)], when: o.dueTime ? say(words.due, { at: at(o.dueTime) }) : '' }
}
function returnEntry(r: Hotline<'ReturnRequestRow'>): Entry {
  const reason = reasons[r.reason ?? '']
  return { key: `${r.ticket}/${r.ticketNumber}/${r.number}`, number: spoken(r.ticketNumber), title: reason ? say(reason) : r.reason ?? '', to: r.ticket ? `/tickets/${last(r.ticket)}` : '', state: stateName(r.decision), facts: [unitName(r.unit), ...(r.target ? [say(words.target, { unit: unitName(r.target) })] : [])], when: say(words.asked, { at: at(r.createTime ?? undefined, false) }) }
}
function issueEntry(i: Hotline<'CommonIssue'>): Entry {
  return { key: i.name ?? '', number: i.month ?? '', title: i.title ?? '', to: `/desk/issues#${last(i.name)}`, state: stateName(i.state), facts: [i.leadUnitDisplayName || unitName(i.leadUnit), ...(i.missed ? [say(words.missed, { n: i.missed })] : [])], when: i.dueTime ? say(words.due, { at: day(i.dueTime) }) : '', shape: i.overdue ? 'over' : undefined }
}
const caseTo = (name: string | undefined) => `/cases/${name?.split('/')[3] ?? ''}`
function caseEntry(c: Agency<'Case'>): Entry {
  return { key: c.name ?? '', number: spoken(c.number), title: c.title ?? '', to: caseTo(c.name), state: stateName(c.state), facts: [], when: '' }
}
function itemEntry(i: Agency<'Item'>): Entry {
  return { key: i.name ?? '', number: '', title: i.displayName ?? '', to: caseTo(i.name), state: stateName(i.state), facts: [i.unitDisplayName || unitName(i.unit)], when: '' }
}
function commitmentEntry(c: Agency<'Commitment'>): Entry {
  return { key: c.name ?? '', number: '', title: c.itemDisplayName ?? '', to: caseTo(c.name), state: stateName(c.state), facts: [], when: '' }
}

interface Answer { nextPageToken?: string, totalSize?: number, totalCapped?: boolean, totalSizeCapped?: boolean }
const page = (a: Answer, entries: Entry[]): Page => ({ entries, next: a.nextPageToken ?? '', total: a.totalSize ?? 0, capped: !!(a.totalCapped ?? a.totalSizeCapped) })

/** readList reads a page. Only tickets can be searched by words. */
export async function readList(list: List, filter: string, words: string, pageToken: string, now: Date, signal?: AbortSignal): Promise<Page> {
  const o = { params: { path: { city: city.value }, query: { filter, pageSize: 50, ...(pageToken ? { pageToken } : {}) } }, signal }
  switch (list) {
    case 'WORK_ORDERS': { const a = await ask(api.GET('/v1/cities/{city}/workOrders', o)); return page(a, (a.workOrders ?? []).map(orderEntry)) }
    case 'RETURNS': { const a = await ask(api.GET('/v1/cities/{city}/returns', o)); return page(a, (a.returns ?? []).map(returnEntry)) }
    case 'COMMON_ISSUES': { const a = await ask(api.GET('/v1/cities/{city}/commonIssues', o)); return page(a, (a.commonIssues ?? []).map(issueEntry)) }
    case 'CASES': { const a = await ask(api.GET('/v1/cities/{city}/cases', o)); return page(a, (a.cases ?? []).map(caseEntry)) }
    case 'ITEMS': { const a = await ask(api.GET('/v1/cities/{city}/items', o)); return page(a, (a.items ?? []).map(itemEntry)) }
    case 'COMMITMENTS': { const a = await ask(api.GET('/v1/cities/{city}/commitments', o)); return page(a, (a.commitments ?? []).map(commitmentEntry)) }
    default: { const a = await ask(api.GET('/v1/cities/{city}/tickets', { ...o, params: { ...o.params, query: { ...o.params.query, query: words || undefined } } })); return page(a, (a.tickets ?? []).map(t => ticketEntry(t, now))) }
  }
}
