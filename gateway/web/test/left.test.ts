/**
 * What is said of the time left, for forty fixed cases. The spans are laid by hand from a city's hours, 8:30 to 12:00 and 14:30 to 18:00, as the services send
 * them; the page only subtracts.
 */
import { afterEach, expect, test } from 'vitest'
import { lang } from '@/text/text'
import { left, provisionalText, type TimedClock } from '@/time/left'

const t = (s: string) => new Date(`${s}:00+08:00`)
const hours = [['08:30', '12:00'], ['14:30', '18:00']] as const
afterEach(() => { lang.value = 'zh-CN' })

/** clock is what the services would send at `read` of a clock due at `due` that counts on `days`. */
function clock(read: string, due: string, days: string[], more: Partial<TimedClock> = {}): TimedClock {
  const [begin, end] = [t(read).getTime(), t(due).getTime()]
  const spans: number[] = []
  let seconds = 0
  for (const d of days) {
    for (const [from, to] of hours) {
      const [a, b] = [Math.max(begin, t(`${d}T${from}`).getTime()), Math.min(end, t(`${d}T${to}`).getTime())]
      if (b <= a) continue
      spans.push((a - begin) / 1000, (b - begin) / 1000)
      seconds += (b - a) / 1000
    }
  }
  return { state: 'RUNNING', dueTime: t(due).toISOString(), asOfTime: t(read).toISOString(), secondsLeft: String(seconds), secondsTotal: String(seconds * 2), workingSpans: spans, ...more }
}
const natural = (read: string, due: string): TimedClock => ({ state: 'RUNNING', natural: true, dueTime: t(due).toISOString(), asOfTime: t(read).toISOString(), secondsLeft: String((t(due).getTime() - t(read).getTime()) / 1000), secondsTotal: '172800' })
/** over is a clock that was found breached at `read`, so many working seconds after it was due. */
const over = (read: string, due: string, seconds: number, more: Partial<TimedClock> = {}): TimedClock => ({ state: 'BREACHED', dueTime: t(due).toISOString(), asOfTime: t(read).toISOString(), secondsLeft: String(-seconds), secondsTotal: '25200', ...more })

// The 26th of November 2026 is a Thursday. The 10th of October is a make-up Saturday after the National Day week.
const week = ['2026-11-26', '2026-11-27', '2026-11-30', '2026-12-01', '2026-12-02', '2026-12-03']
const thursday = clock('2026-11-26T08:30', '2026-12-03T18:00', week)
const today = clock('2026-11-26T09:00', '2026-11-26T18:00', week)
const friday = clock('2026-11-27T17:50', '2026-11-30T10:00', week)
const makeUp = clock('2026-10-09T17:00', '2026-10-10T18:00', ['2026-10-09', '2026-10-10'])
const holiday = clock('2026-09-30T17:00', '2026-10-08T12:00', ['2026-09-30', '2026-10-08'])
const newYear = clock('2026-12-31T08:30', '2027-01-05T18:00', ['2026-12-31', '2027-01-04', '2027-01-05'], { provisional: true })
const paused = (seconds: number): TimedClock => ({ ...thursday, state: 'PAUSED', secondsLeft: String(seconds), workingSpans: [] })

const cases: [what: string, c: TimedClock, now: string, zh: string, en: string, asked?: boolean][] = [
  ['days are counted whole', thursday, '2026-11-26T08:30', '还剩 6 个工作日', '6 workdays left'],
  ['a begun day is no whole one', thursday, '2026-11-26T08:31', '还剩 5 个工作日', '5 workdays left'],
  ['exactly two days', thursday, '2026-12-02T08:30', '还剩 2 个工作日', '2 workdays left'],
  ['a minute under two days', thursday, '2026-12-02T08:31', '还剩 1 个工作日 6 小时', '1 workday 6 h left'],
  ['a day and an hour', thursday, '2026-12-02T17:00', '还剩 1 个工作日 1 小时', '1 workday 1 h left'],
  ['exactly one day', thursday, '2026-12-03T08:30', '还剩 1 个工作日 0 小时', '1 workday 0 h left'],
  ['hours and minutes of the last day', thursday, '2026-12-03T08:40', '还剩 6 小时 50 分（工作时间）', '6 h 50 min left (working time)'],
  ['lunch is left out', today, '2026-11-26T11:00', '还剩 4 小时 30 分（工作时间）', '4 h 30 min left (working time)'],
  ['the last minute before lunch', today, '2026-11-26T11:59', '还剩 3 小时 31 分（工作时间）', '3 h 31 min left (working time)'],
  ['lunch begins', today, '2026-11-26T12:00', '现在不计时，今天 14:30 继续', 'Clock rests until today 14:30'],
  ['in the midst of lunch', today, '2026-11-26T13:15', '现在不计时，今天 14:30 继续', 'Clock rests until today 14:30'],
  ['lunch is over', today, '2026-11-26T14:30', '还剩 3 小时 30 分（工作时间）', '3 h 30 min left (working time)'],
  ['exactly an hour', today, '2026-11-26T17:00', '还剩 1 小时 0 分（工作时间）', '1 h 0 min left (working time)'],
  ['under an hour', today, '2026-11-26T17:01', '还剩 59 分钟', '59 min left'],
  ['the last whole minute', today, '2026-11-26T17:59', '还剩 1 分钟', '1 min left'],
  ['Friday 17:59 still counts', friday, '2026-11-27T17:59', '还剩 1 小时 31 分（工作时间）', '1 h 31 min left (working time)'],
  ['Friday 18:00 rests until Monday', friday, '2026-11-27T18:00', '现在不计时，周一 8:30 继续', 'Clock rests until Mon 8:30'],
  ['Saturday', friday, '2026-11-28T10:00', '现在不计时，周一 8:30 继续', 'Clock rests until Mon 8:30'],
  ['Sunday says tomorrow', friday, '2026-11-29T10:00', '现在不计时，明天 8:30 继续', 'Clock rests until tomorrow 8:30'],
  ['Monday early', friday, '2026-11-30T08:00', '现在不计时，今天 8:30 继续', 'Clock rests until today 8:30'],
  ['Monday at work', friday, '2026-11-30T08:45', '还剩 1 小时 15 分（工作时间）', '1 h 15 min left (working time)'],
  ['the evening before a make-up Saturday', makeUp, '2026-10-09T19:00', '现在不计时，明天 8:30 继续', 'Clock rests until tomorrow 8:30'],
  ['a make-up Saturday counts', makeUp, '2026-10-10T10:00', '还剩 5 小时 30 分（工作时间）', '5 h 30 min left (working time)'],
  ['and has its lunch', makeUp, '2026-10-10T12:30', '现在不计时，今天 14:30 继续', 'Clock rests until today 14:30'],
  ['a holiday of a week', holiday, '2026-09-30T18:30', '现在不计时，10月8日（周四）8:30 继续', 'Clock rests until Thu 8 Oct, 8:30'],
  ['the last evening of it', holiday, '2026-10-07T20:00', '现在不计时，明天 8:30 继续', 'Clock rests until tomorrow 8:30'],
  ['provisional, into 2027', newYear, '2026-12-31T10:00', '还剩 2 个工作日', '2 workdays left'],
  ['new year itself', newYear, '2027-01-01T10:00', '现在不计时，周一 8:30 继续', 'Clock rests until Mon 8:30'],
  ['paused, for whom is asked', paused(90_000), '2026-11-27T10:00', '计时已暂停：等您补充', 'Paused: waiting for you', true],
  ['paused, for the others', paused(5400), '2026-11-27T10:00', '计时已暂停，还剩 1 小时 30 分（工作时间）', 'Paused, 1 h 30 min left (working time)'],
  ['due this moment', today, '2026-11-26T18:00', '刚刚超时', 'Just overdue'],
  ['breached by minutes', over('2026-11-26T18:00', '2026-11-26T17:20', 2400), '2026-11-26T18:00', '已超时 40 分钟', '40 min overdue'],
  ['breached by hours', over('2026-11-27T10:00', '2026-11-26T17:30', 7200), '2026-11-27T10:00', '已超时 2 小时', '2 h overdue'],
  ['breached by hours and minutes', over('2026-11-27T10:05', '2026-11-26T17:30', 7500), '2026-11-27T10:05', '已超时 2 小时 5 分', '2 h 5 min overdue'],
  ['done late', over('2026-11-27T10:00', '2026-11-26T17:30', 7200, { stopTime: t('2026-11-27T10:00').toISOString() }), '2026-12-01T10:00', '超时 2 小时后完成', 'Done 2 h late'],
  ['done in time', { ...today, state: 'MET', stopTime: t('2026-11-26T10:00').toISOString() }, '2026-11-27T10:00', '按时完成', 'Done in time'],
  ['handed over', { ...today, state: 'SUPERSEDED' }, '2026-11-27T10:00', '不再计时', 'No longer counted'],
  ['natural hours never rest', natural('2026-11-28T10:00', '2026-11-29T08:00'), '2026-11-28T22:00', '还剩 10 小时 0 分', '10 h 0 min left'],
  ['natural, over a day', natural('2026-11-27T10:00', '2026-11-29T08:00'), '2026-11-27T12:00', '还剩 1 天 20 小时', '1 day 20 h left'],
  ['natural, the last minute', natural('2026-11-28T10:00', '2026-11-28T10:01'), '2026-11-28T10:00', '还剩 1 分钟', '1 min left'],
]

test('there are forty', () => expect(cases).toHaveLength(40))
test.each(cases)('%s', (_, c, now, zh, en, asked = false) => {
  expect(left(c, t(now), asked).text).toBe(zh)
  lang.value = 'en'
  expect(left(c, t(now), asked).text).toBe(en)
})

test('on a Sunday the ring does not move', () => {
  const at = [0, 1, 2, 3, 4, 5].map(m => left(friday, t(`2026-11-29T10:0${m}`)))
  expect(new Set(at.map(l => l.share)).size).toBe(1)
  expect(at.every(l => l.resting)).toBe(true)
})

test('a limit stands with its date, and says when it is provisional', () => {
  expect(left(today, t('2026-11-26T10:00')).limit).toBe('今天 18:00 前')
  expect(left(thursday, t('2026-11-26T10:00')).limit).toBe('12月3日（周四）18:00 前')
  expect(provisionalText()).toBe('预计日期：放假安排公布后可能调整')
})

test('a ring shows the share that is left', () => {
  expect(left(today, t('2026-11-26T14:30')).share).toBeCloseTo(3.5 / (6.5 * 2))
})

test('a clock that stopped late and says no more by how much, says only that', () => {
  expect(left(over('2026-11-27T10:00', '2026-11-26T17:30', 0, { stopTime: t('2026-11-27T10:00').toISOString(), asOfTime: null, secondsLeft: '0' }), t('2026-12-01T10:00')).text).toBe('超时后完成')
})
