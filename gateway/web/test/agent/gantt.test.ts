import { expect, test } from 'vitest'
import { axis, marks, months } from '@/pages/agent/gantt/geometry'

// The days around the National Day of 2026: a holiday from Thursday on, and a Saturday that is worked.
const calendar = { days: [...['2026-10-01', '2026-10-02', '2026-10-05', '2026-10-06', '2026-10-07'].map(date => ({ date, kind: 'holiday' })), { date: '2026-10-10', kind: 'make-up' }] }
const a = axis('2026-09-29T02:00:00Z', 6, [calendar], 10) // Tuesday

test('a workday is wide, a day off narrow, a make-up Saturday is a workday', () => {
  const by = new Map(a.columns.map(c => [c.date, c]))
  expect(by.get('2026-09-30')).toMatchObject({ off: false, width: 10, workday: 1 })
  expect(by.get('2026-10-01')).toMatchObject({ off: true, width: 3, workday: 1 })
  expect(by.get('2026-10-08')).toMatchObject({ off: false, workday: 2 })
  expect(by.get('2026-10-10')).toMatchObject({ kind: 'make-up', off: false, width: 10, workday: 4 })
  expect(by.get('2026-10-11')).toMatchObject({ kind: 'weekend', off: true })
  expect(a.after(1)).toBe(20) // what begins after the 30th begins before the holiday
  expect(a.after(2)).toBe(20 + 7 * 3 + 10)
  expect(a.columns.at(-1)?.workday).toBe(6)
})

test('a day has its hours, and what lies outside is at the edge', () => {
  expect(a.at('2026-09-30T05:00:00Z')).toBe(15) // 13:00 there
  expect(a.at('2026-09-30T23:00:00Z')).toBe(20) // 7:00 on the first
  expect(a.at('2026-09-01T00:00:00Z')).toBe(0)
  expect(a.at('2027-09-01T00:00:00Z')).toBe(a.width)
  expect(a.at(undefined)).toBeUndefined()
})

test('an item has three marks and its stops', () => {
  const now = new Date('2026-10-09T05:00:00Z')
  const m = marks({ start: 0, finish: 5, statutoryStart: 0, statutoryFinish: 6, started: true, startTime: '2026-09-29T00:00:00Z', pauses: ['2026-09-30T00:00:00Z', '2026-10-08T00:00:00Z', '2026-10-09T00:00:00Z'] }, a, now)
  expect(m.statutory).toEqual([a.after(0), a.after(6)])
  expect(m.promised).toEqual([a.after(0), a.after(5)])
  expect(m.actual?.[1]).toBe(a.at(now))
  expect(m.pauses).toEqual([[10, a.at('2026-10-08T00:00:00Z')], [a.at('2026-10-09T00:00:00Z'), a.at(now)]]) // the second still lasts
})

test('what has not begun has no actual mark, what takes no time is seen', () => {
  const m = marks({ start: 2, finish: 2 }, a, new Date('2026-09-29T02:00:00Z'))
  expect(m.actual).toBeUndefined()
  expect(m.promised[1] - m.promised[0]).toBe(2)
})

test('months stand where they begin', () => { expect(months(a.columns).map(m => [m.month, m.x, m.width])).toEqual([[9, 0, 20], [10, 20, a.width - 20]]) })
