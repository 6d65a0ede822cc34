/** Figures for a board that is read from afar: short when they are long, and never more exact than they are. */
import { count } from '@/time/format'
import { say, type Pair } from '@/text/text'
import { enough } from './stats'

/** whole reads a count of the contract, which JSON has as a string and leaves out when it is zero. */
export function whole(value: string | number | undefined | null): number {
  const n = Number(value ?? 0)
  return Number.isFinite(n) ? n : 0
}

/** exact is the figure in full, for the title and for print; empty where the short one says it already. */
export function exact(n: number): string { return Math.abs(n) >= 1_000_000 ? Math.round(n).toLocaleString('en-US') : '' }

export function figure(n: number): string { return count(n) }

/** percent never says all or nothing of a share that is only nearly so. */
export function percent(share: number): string {
  const p = share * 100
  if (p >= 99.95 && share < 1) return '99.9%'
  if (p < 0.05 && share > 0) return '0.1%'
  return `${p >= 99.95 || p === 0 ? p.toFixed(0) : p.toFixed(1)}%`
}

const words = {
  none: ['暂无有效评价', 'No valid verification yet'],
  of: ['{n} 件中 {k} 件', '{k} of {n}'],
  hours: ['{h} 小时', '{h} h'], minutes: ['{m} 分', '{m} min'], workdays: ['{d} 个工作日', '{d} {d|workday|workdays}'],
} satisfies Record<string, Pair>

export const noRate = () => say(words.none)

/** share says k of n: in percent only where there are enough to speak of percent. */
export function share(k: number, n: number): string {
  if (n <= 0) return noRate()
  if (n < enough) return say(words.of, { k, n })
  return percent(k / n)
}

/** working says a time in working hours; the day of work has eight. */
export function working(minutes: number): string {
  if (minutes < 60) return say(words.minutes, { m: Math.round(minutes) })
  const h = minutes / 60
  return say(words.hours, { h: h < 10 ? Number(h.toFixed(1)) : Math.round(h) })
}
