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

/** ago is the day so many days before the last one; undefined when the board does not reach back so far. */
export function ago(days: readonly Day[], n: number): Day | undefined { return days[days.length - 1 - n] }
