/** Shares of few and of many: what may be said about them, and what may not. */

export interface Interval { low: number, high: number }

/** From this many on a share is said in percent and a unit is placed in a band; below, only how many of how many. */
export const enough = 10

const z = 1.959964

/** wilson is the 95 % interval of a share p of n. It stays within 0 and 1, also for 3 of 3. */
export function wilson(p: number, n: number): Interval | undefined {
  if (!(n > 0) || !Number.isFinite(p)) return undefined
  const z2 = z * z
  const middle = (p + z2 / (2 * n)) / (1 + z2 / n)
  const half = z / (1 + z2 / n) * Math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) }
}

export type Band = 'above' | 'same' | 'below' | 'few'

/** band tells whether a share differs from a reference by more than chance makes likely. */
export function band(p: number, n: number, reference: number | undefined): Band {
  const interval = n >= enough && reference !== undefined ? wilson(p, n) : undefined
  if (!interval || reference === undefined) return 'few'
  return interval.low > reference ? 'above' : interval.high < reference ? 'below' : 'same'
}

/** mean of shares, each counting once; undefined without any. */
export function mean(shares: number[]): number | undefined {
  return shares.length ? shares.reduce((a, b) => a + b, 0) / shares.length : undefined
}

/** limits are the bounds between which a share of n lies by chance, for 95 and 99.8 of 100, around a reference: a funnel. */
export function limits(reference: number, n: number): { inner: Interval, outer: Interval } {
  const spread = Math.sqrt(reference * (1 - reference) / n)
  const of = (times: number) => ({ low: Math.max(0, reference - times * spread), high: Math.min(1, reference + times * spread) })
  return { inner: of(1.96), outer: of(3.09) }
}
