/**
 * Time left, in words that a person understands. The services send each clock with the working intervals from now to its due time; here is only
 * subtraction, no calendar. A clock rests outside those intervals: then nothing moves, and the words say when it goes on.
 */
import { lang, say, type Pair } from '@/text/text'
import { at, by, civil, day, hm } from './format'

/** TimedClock is what hotline's and agency's clocks have in common. */
export interface TimedClock {
  state?: string
  dueTime?: string | null
  warnTime?: string | null
  stopTime?: string | null
  provisional?: boolean
  /** Seconds of obligation left when it was read; negative when over. */
  secondsLeft?: string | number
  /** Seconds of obligation from start to due. */
  secondsTotal?: string | number
  /** When these numbers were true. */
  asOfTime?: string | null
  /** Whether it counts natural time. */
  natural?: boolean
  /** What counts between asOfTime and due: pairs of begin and end in seconds from asOfTime, at most fourteen days of it. */
  workingSpans?: readonly number[]
  /** When a clock that rested at asOfTime goes on. */
  nextOpeningTime?: string | null
}

export type Standing = 'running' | 'soon' | 'over' | 'paused' | 'met' | 'metLate' | 'ended'

export interface Left {
  standing: Standing
  /** Whether the clock rests now: outside working hours, at lunch, on a holiday. */
  resting: boolean
  /** Seconds of obligation left; negative when over. */
  seconds: number
  /** Share of the obligation that is left, 0 to 1. */
  share: number
  /** The sentence: 还剩 1 小时 5 分（工作时间）. */
  text: string
  /** The absolute time that always stands beside it: 今天 12:00 前. */
  limit: string
  /** At most two digits for inside a ring, and what they count. */
  short: string
}

const words = {
  days: ['还剩 {n} 个工作日', '{n} {n|workday|workdays} left'],
  naturalDays: ['还剩 {n} 天', '{n} {n|day|days} left'],
  dayHours: ['还剩 1 个工作日 {h} 小时', '1 workday {h} h left'],
  naturalDayHours: ['还剩 1 天 {h} 小时', '1 day {h} h left'],
  hours: ['还剩 {h} 小时 {m} 分（工作时间）', '{h} h {m} min left (working time)'],
  naturalHours: ['还剩 {h} 小时 {m} 分', '{h} h {m} min left'],
  minutes: ['还剩 {m} 分钟', '{m} min left'],
  moment: ['即将到期', 'Due in a moment'],
  rest: ['现在不计时，{at} 继续', 'Clock rests until {at}'],
  paused: ['计时已暂停：等您补充', 'Paused: waiting for you'],
  pausedLeft: ['计时已暂停，{left}', 'Paused, {left}'],
  over: ['已超时 {span}', '{span} overdue'],
  overMoment: ['刚刚超时', 'Just overdue'],
  late: ['超时 {span}后完成', 'Done {span} late'],
  lateBy: ['超时后完成', 'Done late'],
  met: ['按时完成', 'Done in time'],
  ended: ['不再计时', 'No longer counted'],
  provisional: ['预计日期：放假安排公布后可能调整', 'Provisional: may change with the holiday notice'],
  spanDays: ['{n} 个工作日', '{n} {n|workday|workdays}'],
  spanNaturalDays: ['{n} 天', '{n} {n|day|days}'],
  spanHours: ['{h} 小时', '{h} h'],
  spanHoursMinutes: ['{h} 小时 {m} 分', '{h} h {m} min'],
  spanMinutes: ['{m} 分钟', '{m} min'],
} satisfies Record<string, Pair>

export const provisionalText = () => say(words.provisional)

/** The workday that days are counted in when the spans do not show one: eight hours. */
const workday = 8 * 3600

/** spans gives the working time that is left as instants, in milliseconds. */
function spans(clock: TimedClock): [from: number, to: number][] {
  const begin = Date.parse(clock.asOfTime ?? '')
  const flat = clock.workingSpans ?? []
  const out: [number, number][] = []
  for (let i = 0; i + 1 < flat.length; i += 2) out.push([begin + (flat[i] ?? 0) * 1000, begin + (flat[i + 1] ?? 0) * 1000])
  return out
}

/** dayLength is how many seconds make a day of this obligation. */
function dayLength(clock: TimedClock): number {
  if (clock.natural) return 24 * 3600
  const days = new Map<number, number>()
  for (const [from, to] of spans(clock)) {
    const key = civil(new Date(from))
    days.set(key, (days.get(key) ?? 0) + (to - from) / 1000)
  }
  // The first day may be half over and the last cut at due: the longest is a whole one, if any is.
  return days.size > 2 ? Math.max(...days.values()) : workday
}

/** span says a length of time in the same units as what is left. */
export function span(seconds: number, perDay: number, natural: boolean): string {
  const s = Math.max(0, seconds)
  if (s >= perDay) {
    const n = Math.floor(s / perDay)
    return say(natural ? words.spanNaturalDays : words.spanDays, { n })
  }
  const h = Math.floor(s / 3600)
  const m = Math.floor(s % 3600 / 60)
  if (h > 0) return say(m ? words.spanHoursMinutes : words.spanHours, { h, m })
  return say(words.spanMinutes, { m })
}

function leftWords(s: number, perDay: number, natural: boolean): string {
  if (s < 60) return say(words.moment)
  if (s < 3600) return say(words.minutes, { m: Math.floor(s / 60) })
  if (s >= 2 * perDay) return say(natural ? words.naturalDays : words.days, { n: Math.floor(s / perDay) })
  if (s >= perDay) return say(natural ? words.naturalDayHours : words.dayHours, { h: Math.floor((s - perDay) / 3600) })
  return say(natural ? words.naturalHours : words.hours, { h: Math.floor(s / 3600), m: Math.floor(s % 3600 / 60) })
}

/** secondsLeft counts what is left at `now`. */
export function secondsLeft(clock: TimedClock, now: number): number {
  const then = Number(clock.secondsLeft ?? 0)
  if (clock.state === 'PAUSED') return then
  const read = clock.asOfTime ? Date.parse(clock.asOfTime) : now
  if (clock.natural) return then - (now - read) / 1000
  let gone = 0
  for (const [from, to] of spans(clock)) gone += Math.max(0, Math.min(now, to) - Math.max(read, from)) / 1000
  return then - gone
}

/** resumes is when a resting clock goes on; undefined while it runs. */
function resumes(clock: TimedClock, now: number): Date | undefined {
  if (clock.natural) return undefined
  let next: number | undefined
  for (const [from, to] of spans(clock)) {
    if (from <= now && now < to) return undefined
    if (from > now && (next === undefined || from < next)) next = from
  }
  next ??= clock.nextOpeningTime ? Date.parse(clock.nextOpeningTime) : undefined
  return next !== undefined && next > now ? new Date(next) : undefined
}

function resumeWord(t: Date, now: Date): string {
  const d = civil(t) - civil(now)
  if (d <= 1) return at(t, true, now)
  if (d < 7) return lang.value === 'en' ? `${day(t, now).slice(0, 3)} ${hm(t)}` : `${day(t, now).slice(-3, -1)} ${hm(t)}`
  return at(t, false, now)
}

/** left tells how a clock stands at `now` of the city's server. `asked` is true for the person who is waited for. */
export function left(clock: TimedClock, now: Date, asked = false): Left {
  const perDay = dayLength(clock)
  const natural = !!clock.natural
  const limit = by(clock.dueTime ?? undefined, now)
  const total = Number(clock.secondsTotal ?? 0)
  const open = !clock.stopTime
  if (clock.state === 'MET') return { standing: 'met', resting: false, seconds: 0, share: 0, text: say(words.met), limit, short: '' }
  if (clock.state === 'SUPERSEDED' || clock.state === 'ENDED') return { standing: 'ended', resting: false, seconds: 0, share: 0, text: say(words.ended), limit, short: '' }
  if (clock.state === 'BREACHED' && !open || clock.state === 'DISPUTED') {
    const over = -Number(clock.secondsLeft ?? 0)
    return { standing: 'metLate', resting: false, seconds: -over, share: 0, text: over >= 60 ? say(words.late, { span: span(over, perDay, natural) }) : say(words.lateBy), limit, short: '' }
  }
  const seconds = secondsLeft(clock, now.getTime())
  if (clock.state === 'BREACHED' || seconds <= 0 && clock.dueTime && Date.parse(clock.dueTime) <= now.getTime()) {
    const s = span(-seconds, perDay, natural)
    return { standing: 'over', resting: false, seconds, share: 0, text: -seconds < 60 ? say(words.overMoment) : say(words.over, { span: s }), limit, short: figure(-seconds, perDay) }
  }
  const share = total > 0 ? Math.max(0, Math.min(1, seconds / total)) : 1
  const phrase = leftWords(seconds, perDay, natural)
  if (clock.state === 'PAUSED') return { standing: 'paused', resting: false, seconds, share, text: asked ? say(words.paused) : say(words.pausedLeft, { left: phrase }), limit, short: '' }
  const next = resumes(clock, now.getTime())
  const soon = clock.warnTime ? Date.parse(clock.warnTime) <= now.getTime() : share < 0.25
  return { standing: soon ? 'soon' : 'running', resting: !!next, seconds, share, text: next ? say(words.rest, { at: resumeWord(next, now) }) : phrase, limit, short: figure(seconds, perDay) }
}

/** figure is a number for inside a ring: days, else hours, else minutes; of what has more than two digits, that it is more. */
function figure(seconds: number, perDay: number): string {
  const n = seconds >= perDay ? seconds / perDay : seconds >= 3600 ? seconds / 3600 : seconds / 60
  return n >= 100 ? '99+' : String(Math.max(0, Math.floor(n)))
}
