/** Times, dates, amounts and counts for people, in the city's zone whatever the device's. */
import { lang, say, type Pair } from '@/text/text'

// China's one zone, ahead of UTC, without summer time since 1991. Browsers take a twentieth of a second to make their own formatter of a zone, and phones longer.
const ahead = 8 * 3_600_000

interface Parts { year: number, month: number, day: number, hour: string, minute: string, weekday: number }

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

const two = (n: number) => String(n).padStart(2, '0')

export function parts(t: Date): Parts {
  const p = new Date(t.getTime() + ahead)
  return { year: p.getUTCFullYear(), month: p.getUTCMonth() + 1, day: p.getUTCDate(), hour: two(p.getUTCHours()), minute: two(p.getUTCMinutes()), weekday: p.getUTCDay() }
}

/** civil is the day as a number of days, to compare days with. */
export function civil(t: Date): number {
  const p = parts(t)
  return Date.UTC(p.year, p.month - 1, p.day) / 86_400_000
}

export function date(time: string | Date | undefined): Date | undefined {
  if (!time) return undefined
  const t = time instanceof Date ? time : new Date(time)
  return Number.isNaN(t.getTime()) ? undefined : t
}

const zhDays = ['周日', '周一', '周二', '周三', '周四', '周五', '周六']
const enMonths = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const near: Record<string, Pair> = { '-1': ['昨天', 'yesterday'], '0': ['今天', 'today'], '1': ['明天', 'tomorrow'] }

/** hm is the time of day: 9:02. */
export function hm(time: string | Date | undefined): string {
  const t = date(time)
  if (!t) return ''
  const p = parts(t)
  return `${Number(p.hour)}:${p.minute}`
}

/** day names a day without a near word: 11月25日（周三）, Wed 25 Nov; with its year when that is not this one. */
export function day(time: string | Date | undefined, now = new Date()): string {
  const t = date(time)
  if (!t) return ''
  const p = parts(t)
  const other = p.year !== parts(now).year
  if (lang.value === 'en') return `${weekdays[p.weekday]} ${p.day} ${enMonths[p.month - 1]}${other ? ` ${p.year}` : ''}`
  return `${other ? `${p.year}年` : ''}${p.month}月${p.day}日（${zhDays[p.weekday]}）`
}

/** at names an instant: 今天 9:02, 11月25日（周三）18:00; near words only with `relative`. */
export function at(time: string | Date | undefined, relative = true, now = new Date()): string {
  const t = date(time)
  if (!t) return ''
  const word = relative ? near[String(civil(t) - civil(now))] : undefined
  if (word) return `${say(word)} ${hm(t)}`
  return lang.value === 'en' ? `${day(t, now)}, ${hm(t)}` : `${day(t, now)}${hm(t)}`
}

/** by names a limit: 今天 17:30 前, by 17:30 today. */
export function by(time: string | Date | undefined, now = new Date()): string {
  const t = date(time)
  if (!t) return ''
  if (lang.value !== 'en') return `${at(t, true, now)} 前`
  const word = near[String(civil(t) - civil(now))]
  return word ? `by ${hm(t)} ${word[1]}` : `by ${at(t, false, now)}`
}

/** month names one that contracts write 2026-11: 2026年11月, November 2026. */
export function month(written: string | undefined): string {
  const [year, number] = (written ?? '').split('-').map(Number)
  if (!year || !number) return written ?? ''
  return lang.value === 'en' ? new Date(Date.UTC(year, number - 1)).toLocaleDateString('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' }) : `${year}年${number}月`
}

/** iso is the civil day as contracts have it: 2026-11-25. */
export function iso(time: Date): string {
  const p = parts(time)
  return `${p.year}-${two(p.month)}-${two(p.day)}`
}

/** count groups a number; from a million on it is short, and exactly is for the title. */
export function count(n: number | string | undefined): string {
  const v = Number(n ?? 0)
  if (v < 1_000_000) return v.toLocaleString('en-US')
  if (lang.value === 'en') return `${(v / 1_000_000).toFixed(2)} M`
  return v < 100_000_000 ? `${Math.floor(v / 10_000).toLocaleString('en-US')} 万` : `${(v / 100_000_000).toFixed(2)} 亿`
}

/** money says an amount of fen: ¥1.2 亿, ¥350 万, ¥120 M. */
export function money(fen: number | string | undefined): string {
  const yuan = Number(fen ?? 0) / 100
  const short = (v: number) => v >= 100 ? Math.round(v).toLocaleString('en-US') : Number(v.toFixed(1)).toString()
  if (lang.value === 'en') return yuan >= 1e9 ? `¥${short(yuan / 1e9)} bn` : yuan >= 1e6 ? `¥${short(yuan / 1e6)} M` : `¥${yuan.toLocaleString('en-US')}`
  return yuan >= 1e8 ? `¥${short(yuan / 1e8)} 亿` : yuan >= 1e4 ? `¥${short(yuan / 1e4)} 万` : `¥${yuan.toLocaleString('en-US')}`
}

/** bytes says a file's size. */
export function bytes(n: number | string | undefined): string {
  const v = Number(n ?? 0)
  return v < 1024 ? `${v} B` : v < 1024 ** 2 ? `${Math.round(v / 1024)} KB` : `${(v / 1024 ** 2).toFixed(1)} MB`
}
