/** Day by day: what was filed and closed, and how much was open at the end of each day, told backwards from what is open now. */
import { whole } from './figures'
import { fig, type Board, type Figure } from './numbers'

export interface Day { date: string, filed: Figure, answered: Figure, closed: Figure, breached: Figure, open: number, kind: DayKind }
export type DayKind = 'workday' | 'weekend' | 'holiday' | 'make-up' | undefined

/** The most points a picture is drawn of. */
export const most = 400

/**
 * trend gives the days of the board. A ticket that was opened again has no closing any more, so it counts as open all along: what is open at the end of a
 * day is as known today.
 */
export function trend(board: Board | undefined, kinds: ReadonlyMap<string, DayKind> = new Map()): Day[] {
  const days = (board?.days ?? []).slice(-most)
  let open = whole(board?.total?.open?.value)
  const out: Day[] = []
  for (const d of [...days].reverse()) {
    const row = { filed: fig(d.filed), answered: fig(d.answered), closed: fig(d.closed), breached: fig(d.breached) }
    out.push({ date: d.date ?? '', ...row, open: Math.max(0, open), kind: kinds.get(d.date ?? '') })
    open += row.closed.n - row.filed.n
  }
  return out.reverse()
}

const week = 7 * 86_400_000
/**
 * sameHour is what a figure of today was a week ago by this time of day: its list, from the day's beginning to the minute. It is undefined for a list that is not of one
 * stretch of time.
 */
export function sameHour(today: Figure, now: Date): string | undefined {
  const begun = [...today.filter.matchAll(/ >= "([^"]+)"/g)]
  const ends = [...today.filter.matchAll(/ < "([^"]+)"/g)]
  const from = Date.parse(begun[0]?.[1] ?? '')
  if (begun.length !== 1 || ends.length !== 1 || Number.isNaN(from)) return undefined
  const to = Math.floor(now.getTime() / 60_000) * 60_000
  const at = (time: number) => `"${new Date(time - week).toISOString().slice(0, 19)}Z"`
  return today.filter.replace(/ >= "[^"]+"/, ` >= ${at(from)}`).replace(/ < "[^"]+"/, ` < ${at(to)}`)
}

/** ago is the day so many days before the last one; undefined when the board does not reach back so far. */
export function ago(days: readonly Day[], n: number): Day | undefined { return days[days.length - 1 - n] }
