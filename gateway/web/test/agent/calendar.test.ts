import { expect, test } from 'vitest'
import { bounds, fold, shift } from '@/pages/agent/calendar'

const now = new Date('2026-11-10T04:00:00Z')
test('a month has whole weeks from Monday on', () => {
  const weeks = fold('2026-11', [], now) // begins on a Sunday, ends on a Monday
  expect(weeks.length).toBe(6)
  expect(weeks.every(w => w.length === 7)).toBe(true)
  expect(weeks[0]?.map(d => d.inMonth)).toEqual([false, false, false, false, false, false, true])
  expect(weeks[5]?.[0]).toMatchObject({ date: '2026-11-30', inMonth: true })
})
test('a day shows its count and the worst of it, by the city\'s day', () => {
  const days = fold('2026-11', [
    { state: 'KEPT', dueTime: '2026-11-04T16:30:00Z' }, { state: 'RUNNING', dueTime: '2026-11-05T10:00:00Z' }, // both on the fifth
    { state: 'TO_FIX', dueTime: '2026-11-20T10:00:00Z' }, { state: 'BROKEN', dueTime: '2026-11-20T11:00:00Z' }, { state: 'RUNNING', dueTime: '2026-11-21T10:00:00Z' },
    { state: 'SIGNED' }, { state: 'RUNNING', dueTime: '2026-12-01T10:00:00Z' },
  ], now).flat()
  const of = (date: string) => { const d = days.find(x => x.date === date); return [d?.commitments.length, d?.worst] }
  expect(of('2026-11-05')).toEqual([2, 'LATE'])
  expect(of('2026-11-20')).toEqual([2, 'BROKEN'])
  expect(of('2026-11-21')).toEqual([1, 'RUNNING'])
  expect(of('2026-12-01')).toEqual([0, undefined]) // another month's
})
test('months follow each other over the year\'s end', () => {
  expect(shift('2026-12', 1)).toBe('2027-01')
  expect(shift('2026-01', -1)).toBe('2025-12')
  expect(bounds('2026-12')).toEqual({ first: '2026-12-01T00:00:00+08:00', after: '2027-01-01T00:00:00+08:00' })
})
