/** The parts of an instant in China's zone, beside what the browser's own formatter makes of it. */
import { describe, expect, it } from 'vitest'
import { civil, parts } from '@/time/format'

describe('parts', () => {
  const own = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Shanghai', year: 'numeric', month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit', weekday: 'short', hourCycle: 'h23' })
  const expected = (t: Date) => {
    const p = Object.fromEntries(own.formatToParts(t).map(x => [x.type, x.value]))
    return { year: Number(p.year), month: Number(p.month), day: Number(p.day), hour: p.hour, minute: p.minute, weekday: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(p.weekday ?? '') }
  }
  it('is what the zone says, at every hour of a leap year and at the ends of days and years', () => {
    for (let t = Date.UTC(2028, 0, 1); t < Date.UTC(2029, 0, 1); t += 3_600_000) expect(parts(new Date(t))).toEqual(expected(new Date(t)))
    for (const iso of ['2025-12-31T15:59:59.999Z', '2025-12-31T16:00:00Z', '1992-06-30T16:00:00Z', '2026-02-28T16:00:00Z', '2099-12-31T23:59:59Z']) expect(parts(new Date(iso))).toEqual(expected(new Date(iso)))
  })
  it('begins a day at midnight in China', () => {
    expect(civil(new Date('2026-11-27T16:00:00Z')) - civil(new Date('2026-11-27T15:59:59Z'))).toBe(1)
  })
})
