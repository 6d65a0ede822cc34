/** From the board's message to what its pictures show. Pure: right with nothing, with three tickets and with three million. */
import { word } from '@/text/words'
import { say, type Pair } from '@/text/text'
import type { Directory } from '@/api/client'
import { whole } from './figures'
import { clock, fig, narrowed, type Board, type Figure, type Group } from './numbers'
import { band, enough, mean, wilson, type Band, type Interval } from './stats'

const words = {
  attendant: ['首席服务员', 'Chief attendant'], unit: ['单位负责人', 'Head of unit'], vice: ['分管领导', 'Leader in charge'], supervisor: ['督办', 'Supervision'], mayor: ['市长', 'Mayor'],
  response: ['响应率', 'Contacted'], resolution: ['解决率', 'Solved'], satisfaction: ['满意率', 'Satisfied'],
  other: ['其他', 'Other'],
} satisfies Record<string, Pair>

/** A station of the line: the open tickets that nobody above is accountable for yet. */
export interface Station { rung: number, name: string, open: Figure }

/** line is how far open tickets have climbed: those on no rung first. */
export function line(total: Group | undefined): Station[] {
  const open = fig(total?.open)
  const rungs = (total?.rungs ?? []).map(r => ({ rung: whole(r.rung), open: fig(r.count) }))
  const names = [words.unit, words.vice, words.supervisor, words.mayor]
  const climbed = rungs.reduce((sum, r) => sum + r.open.n, 0)
  return [
    { rung: 0, name: say(words.attendant), open: { ...open, n: Math.max(0, open.n - climbed), filter: narrowed(open.filter, 'rung = 0') } },
    ...rungs.map((r, i) => ({ rung: r.rung, name: say(names[r.rung - 1] ?? names[Math.min(i, 3)] ?? words.other), open: r.open })),
  ]
}

/** raised is all open tickets on a rung. */
export function raised(total: Group | undefined): Figure {
  const open = fig(total?.open)
  return { ...open, n: (total?.rungs ?? []).reduce((sum, r) => sum + whole(r.count?.value), 0), filter: narrowed(open.filter, 'rung >= 1') }
}

export interface ClockRow { kind: string, name: string, met: Figure, breached: Figure, overdue: Figure, today: Figure, tomorrow: Figure, total: number }

const order = ['dispatch', 'sign', 'contact', 'answer', 'order_sign', 'handle', 'return', 'extension', 'dialogue', 'verify']

/** clocks are the obligations in the order in which a ticket meets them. What the filer owes comes last. */
export function clocks(total: Group | undefined): ClockRow[] {
  return order.filter(kind => clock(total, kind).kind).map(kind => {
    const c = clock(total, kind)
    const row = { met: fig(c.met), breached: fig(c.breached), overdue: fig(c.overdue), today: fig(c.dueToday), tomorrow: fig(c.dueTomorrow) }
    return { kind, name: word('clock', kind.toUpperCase()), ...row, total: row.met.n + row.breached.n + row.today.n + row.tomorrow.n }
  })
}

export interface Rate {
  key: 'response' | 'resolution' | 'satisfaction'
  name: string
  /** Undefined without a valid verification. */
  value: number | undefined
  n: number
  interval: Interval | undefined
  /** Over all that could have been verified. */
  strict: number | undefined
  eligible: number
  counted: Figure
  also?: Figure
  valid: Figure
}

/** targets are the rates that the city means to reach, as shares; one that it did not set is not there. */
export function targets(formula: Directory<'RateFormula'> | undefined): Partial<Record<Rate['key'], number>> {
  const share = (percent: number | undefined) => percent ? percent / 100 : undefined
  return { response: share(formula?.responseTarget), resolution: share(formula?.resolutionTarget), satisfaction: share(formula?.satisfactionTarget) }
}

/** rates are the three; of satisfaction the counted ones are the satisfied, and those basically satisfied count in part. */
export function rates(group: Group | undefined): Rate[] {
  const r = group?.rates
  const valid = fig(r?.valid)
  const eligible = whole(r?.eligible?.value)
  const points = (rate: { hasData?: boolean, basisPoints?: number } | undefined, of: number) => rate?.hasData && of > 0 ? (rate.basisPoints ?? 0) / 10_000 : undefined
  const one = (key: Rate['key'], value: number | undefined, strict: number | undefined, counted: Figure, also?: Figure): Rate => ({
    key, name: say(words[key]), value, n: valid.n, interval: value === undefined ? undefined : wilson(value, valid.n), strict, eligible, counted, also, valid,
  })
  return [
    one('response', points(r?.response, valid.n), points(r?.responseStrict, eligible), fig(r?.contacted)),
    one('resolution', points(r?.resolution, valid.n), points(r?.resolutionStrict, eligible), fig(r?.solved)),
    one('satisfaction', points(r?.satisfaction, valid.n), points(r?.satisfactionStrict, eligible), fig(r?.satisfied), fig(r?.basically)),
  ]
}

export interface UnitRow { key: string, name: string, rate: Rate, band: Band, open: Figure, overdue: Figure, filed: Figure }
export interface Bands { reference: number | undefined, rows: Record<Band, UnitRow[]>, count: number }

/** bands puts the parts of a city beside a reference: the city's own rate, or the mean of the parts'. Within a band they keep the city's order. */
export function bands(groups: readonly Group[] | undefined, total: Group | undefined, key: Rate['key'], weighted: boolean): Bands {
  const of = (g: Group | undefined) => rates(g).find(r => r.key === key) as Rate
  const all = (groups ?? []).map(g => ({ g, rate: of(g) }))
  const shown = all.filter(x => x.rate.n > 0)
  const reference = weighted ? of(total).value : mean(shown.map(x => x.rate.value ?? 0))
  const rows: Record<Band, UnitRow[]> = { above: [], same: [], below: [], few: [] }
  for (const { g, rate } of shown) {
    const b = band(rate.value ?? 0, rate.n, reference)
    rows[b].push({ key: g.key ?? '', name: g.displayName || g.key || say(words.other), rate, band: b, open: fig(g.open), overdue: fig(clock(g, 'answer').overdue), filed: fig(g.filed) })
  }
  for (const list of Object.values(rows)) list.sort((a, b) => (b.rate.value ?? 0) - (a.rate.value ?? 0) || b.rate.n - a.rate.n)
  rows.few.sort((a, b) => b.rate.n - a.rate.n)
  return { reference, rows, count: shown.length }
}

/** What is worst in a part: something overdue, something due today, or nothing. */
export type Worst = 'over' | 'soon' | 'running' | 'none'
export interface Tile { key: string, name: string, open: Figure, worst: Worst, overdue: Figure, today: Figure, /** Share overdue; undefined where there are too few. */ share: number | undefined }

/** tiles are the counties, those with nothing too. */
export function tiles(board: Board | undefined, counties: readonly { code?: string, name: string }[]): Tile[] {
  const total = fig(board?.total?.open)
  return counties.map(county => {
    const g = board?.counties?.find(c => c.key === county.code)
    const answer = clock(g, 'answer')
    const here = `county = "${county.code ?? ''}"`
    const none = (f: Figure, filter: string) => g ? f : { n: 0, list: 'TICKETS' as const, filter: narrowed(filter, here) }
    const open = none(fig(g?.open), total.filter)
    const overdue = none(fig(answer.overdue), fig(clock(board?.total, 'answer').overdue).filter)
    const today = none(fig(answer.dueToday), fig(clock(board?.total, 'answer').dueToday).filter)
    return { key: county.code ?? '', name: county.name, open, overdue, today, worst: overdue.n ? 'over' : today.n ? 'soon' : open.n ? 'running' : 'none', share: open.n >= enough ? Math.min(1, overdue.n / open.n) : undefined }
  })
}

export interface Age { from: number, to: number | undefined, open: Figure }
/** ages are the open tickets by workdays since they were filed. */
export function ages(total: Group | undefined): Age[] {
  return (total?.ages ?? []).map(a => ({ from: Math.max(0, whole(a.above)), to: whole(a.upTo) || undefined, open: fig(a.count) }))
}
export function ageName(age: Age): string {
  const pair: Pair = age.to === undefined ? ['超过 {from} 个工作日', 'over {from} workdays'] : ['{from}–{to} 个工作日', '{from}–{to} workdays']
  return say(pair, { from: age.from, to: age.to ?? '' })
}
