/** A month of commitments: on each day how many are due and the worst of them. */
import type { Agency } from '@/api/client'
import { iso } from '@/time/format'

export type Commitment = Agency<'Commitment'>
export type Worst = 'BROKEN' | 'LATE' | 'TO_FIX' | 'RUNNING' | 'KEPT' | 'RELEASED'
export interface DayOf { date: string, inMonth: boolean, commitments: Commitment[], worst?: Worst }

const order: readonly Worst[] = ['BROKEN', 'LATE', 'TO_FIX', 'RUNNING', 'KEPT', 'RELEASED']

/** standing is how a commitment stands at `now`. */
export function standing(k: Commitment, now: Date): Worst {
  if (k.state === 'BROKEN' || k.state === 'TO_FIX' || k.state === 'KEPT' || k.state === 'RELEASED') return k.state
  return k.dueTime && Date.parse(k.dueTime) < now.getTime() ? 'LATE' : 'RUNNING'
}

/** bounds are the first and the last instant of a month, and the weeks around it, in the city's zone. */
export function bounds(month: string): { first: string, after: string } {
  const [y, m] = month.split('-').map(Number) as [number, number]
  const next = m === 12 ? `${y + 1}-01` : `${y}-${String(m + 1).padStart(2, '0')}`
  return { first: `${month}-01T00:00:00+08:00`, after: `${next}-01T00:00:00+08:00` }
}

export function shift(month: string, by: number): string {
  const [y, m] = month.split('-').map(Number) as [number, number]
  const t = new Date(Date.UTC(y, m - 1 + by, 1))
  return t.toISOString().slice(0, 7)
}

/** fold lays commitments out by their due day, in whole weeks from Monday on. */
export function fold(month: string, commitments: readonly Commitment[], now: Date): DayOf[][] {
  const [y, m] = month.split('-').map(Number) as [number, number]
  const byDay = new Map<string, Commitment[]>()
  for (const k of commitments) {
    if (!k.dueTime) continue
    const d = iso(new Date(k.dueTime))
    byDay.set(d, [...byDay.get(d) ?? [], k])
  }
  const lead = (new Date(Date.UTC(y, m - 1, 1)).getUTCDay() + 6) % 7
  const days = new Date(Date.UTC(y, m, 0)).getUTCDate()
  const weeks: DayOf[][] = []
  for (let w = 0; w * 7 < lead + days; w++) {
    weeks.push(Array.from({ length: 7 }, (_, i) => {
      const date = new Date(Date.UTC(y, m - 1, w * 7 + i - lead + 1)).toISOString().slice(0, 10)
      const inMonth = date.startsWith(month)
      const here = inMonth ? byDay.get(date) ?? [] : []
      const worst = order.find(o => here.some(k => standing(k, now) === o))
      return { date, inMonth, commitments: here, worst }
    }))
  }
  return weeks
}
