/** The portal's two lists and what each column says: the screen and the export are made of the same columns, so that they are equal. */
import { api, ask, type Agency, type Hotline } from '@/api/client'
import { spoken } from '@/api/names'
import { city } from '@/session/session'
import { say, type Pair } from '@/text/text'
import { word } from '@/text/words'
import { at, by } from '@/time/format'
import { agencyWord } from '../agent/words'

export type Ticket = Hotline<'Ticket'>
export type Case = Agency<'Case'>
/** What stands in one line in the table: numbers and times. */
export interface Column<T> { head: Pair, text: (row: T) => string, whole?: true }
interface Got<T> { rows: readonly T[], next?: string, total?: number }

export const ticketColumns: Column<Ticket>[] = [
  { head: ['诉求编号', 'Ticket number'], text: x => spoken(x.number), whole: true },
  { head: ['诉求', 'Ticket'], text: x => x.title ?? '' },
  { head: ['状态', 'State'], text: x => x.state === 'CLOSED' ? word('closeReason', x.closeReason) : word('ticketState', x.state) },
  { head: ['负责人', 'Who answers'], text: x => [x.holderCard?.displayName, x.holderCard?.unitDisplayName].filter(Boolean).join(' ') },
  { head: ['最近到期', 'Due next'], text: x => x.state === 'CLOSED' ? '' : by(x.dueTime), whole: true },
  { head: ['提交时间', 'Filed'], text: x => at(x.createTime, false), whole: true },
]
export const caseColumns: Column<Case>[] = [
  { head: ['代办编号', 'Case number'], text: x => spoken(x.number), whole: true },
  { head: ['项目', 'Project'], text: x => x.title ?? '' },
  { head: ['状态', 'State'], text: x => agencyWord('caseState', x.state) },
  { head: ['已省工作日', 'Workdays saved'], text: x => String(x.savedWorkdays ?? 0) },
  { head: ['计划办完', 'Planned end'], text: x => at(x.planFinishTime ?? undefined, false), whole: true },
  { head: ['申请时间', 'Opened'], text: x => at(x.createTime ?? undefined, false), whole: true },
]

/** range makes the part of a filter for days from and to, both included, in the city's time. */
export function range(from: string, to: string): string[] {
  const after = to ? new Date(Date.parse(`${to}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10) : ''
  return [from && `create_time >= "${from}T00:00:00+08:00"`, after && `create_time < "${after}T00:00:00+08:00"`].filter(Boolean)
}
function condition(enterprise: string, more: readonly string[]): string { return [enterprise && `enterprise = "${enterprise}"`, ...more].filter(Boolean).join(' AND ') }

export async function tickets(enterprise: string, more: readonly string[], pageToken: string, signal?: AbortSignal, pageSize = 50, words = ''): Promise<Got<Ticket>> {
  const p = await ask(api.GET('/v1/cities/{city}/tickets', { params: { path: { city: city.value }, query: { query: words || undefined, filter: condition(enterprise, more), pageToken, pageSize, orderBy: 'create_time desc' } }, signal }))
  return { rows: p.tickets ?? [], next: p.nextPageToken }
}
export async function cases(enterprise: string, more: readonly string[], pageToken: string, signal?: AbortSignal, pageSize = 50): Promise<Got<Case>> {
  const p = await ask(api.GET('/v1/cities/{city}/cases', { params: { path: { city: city.value }, query: { filter: condition(enterprise, more), pageToken, pageSize, orderBy: 'create_time desc' } }, signal }))
  return { rows: p.cases ?? [], next: p.nextPageToken }
}

/** all reads every page of a list, telling how far it is. */
export async function all<T>(page: (token: string) => Promise<Got<T>>, progress?: (n: number) => void): Promise<T[]> {
  const out: T[] = []
  for (let token = ''; ;) {
    const p = await page(token)
    out.push(...p.rows)
    progress?.(out.length)
    token = p.next ?? ''
    if (!token) return out
  }
}

/** csv writes rows as spreadsheets read them: a byte order mark, CRLF, quotes where they are needed, and nothing that would run as a formula. */
export function csv<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const cell = (s: string) => {
    const safe = /^[=+\-@\t\r]/.test(s) && !/^-?\d+(\.\d+)?$/.test(s) ? `'${s}` : s
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  return `\uFEFF${[columns.map(c => say(c.head)), ...rows.map(r => columns.map(c => c.text(r)))].map(r => r.map(cell).join(',')).join('\r\n')}\r\n`
}
