/** Boards of the contract's shape for the tests of what is made of them. */
import type { Hotline } from '@/api/client'
import type { Board, Group } from '@/pages/board/numbers'

const many = 3_000_000
const tickets = (value: number, filter: string): Hotline<'Count'> => ({ value: String(value), filter, list: 'TICKETS' })
const rate = (k: number, n: number) => ({ hasData: n > 0, basisPoints: n > 0 ? Math.round(k / n * 10_000) : 0 })

export function group(n: number, key = '', more: Partial<Group> = {}): Group {
  const here = key ? ` AND unit = "${key}"` : ''
  const valid = Math.floor(n * 0.9)
  const solved = n < 10 ? valid : Math.floor(valid * 0.8)
  const part = (share: number) => n < 10 ? 0 : Math.floor(n * share)
  return {
    key, displayName: key, open: tickets(n, `open = true${here}`), filed: tickets(n, 'filed'), answered: tickets(valid, 'answered'), closed: tickets(part(0.5), 'closed'),
    clocks: ['dispatch', 'sign', 'contact', 'answer', 'verify'].map(kind => ({ kind, overdue: tickets(part(0.01), `${kind}.due <= "2026-11-26T20:00:00+08:00"${here}`), dueToday: tickets(part(0.02), 'today'), dueTomorrow: tickets(part(0.03), 'tomorrow'), met: tickets(n, 'met'), breached: tickets(part(0.04), 'breached') })),
    rungs: [1, 2, 3, 4].map(rung => ({ rung, count: tickets(part(0.04 / rung), `open = true AND rung = ${rung}${here}`) })),
    rates: { eligible: tickets(n, 'eligible'), valid: tickets(valid, 'valid'), contacted: tickets(valid, 'contacted'), solved: tickets(solved, 'solved'), satisfied: tickets(solved, 'satisfied'), basically: tickets(0, 'basically'), response: rate(valid, valid), resolution: rate(solved, valid), satisfaction: rate(solved, valid), responseStrict: rate(valid, n), resolutionStrict: rate(solved, n), satisfactionStrict: rate(solved, n) },
    ages: [[-1, 1], [1, 3], [3, 7], [7, 15], [15, 30], [30, 0]].map(([above, upTo], i) => ({ above, upTo, count: tickets(i ? 0 : n, 'age') })),
    ...more,
  }
}

export function board(n: number): Board {
  const days = Array.from({ length: 30 }, (_, i) => ({ date: `2026-11-${String(i + 1).padStart(2, '0')}`, filed: tickets(i === 29 ? n : 0, 'filed'), closed: tickets(0, 'closed') }))
  return { total: group(n), units: n ? [group(n, 'zrj')] : [], counties: n ? [group(n, '410902')] : [], days }
}

export const sizes = [0, 3, many]
