/**
 * Where things lie on the plan's picture. The axis counts workdays from the plan's origin, as the contract does: workday n is the n-th after the day of origin. A
 * day off keeps a narrow column, so that it is seen and takes no time.
 */
import type { Agency, Directory } from '@/api/client'
import { civil, date, iso, parts } from '@/time/format'

export type Bar = Agency<'PlanBar'>
export type DayKind = 'workday' | 'weekend' | 'holiday' | 'make-up'

export interface Column {
  date: string
  kind: DayKind
  off: boolean
  /** Left edge and width, in the axis' units. */
  x: number
  width: number
  /** How many workdays end with it, counted from the origin; the day of origin is 0. */
  workday: number
}

export interface Axis {
  columns: Column[]
  width: number
  /** Right edge of the n-th workday: what begins after it begins here. */
  after: (workday: number) => number
  /** Where an instant lies, by its day and the hour from eight to eighteen. */
  at: (time: string | Date | undefined) => number | undefined
}

const dayOff = 0.3

function next(day: string): string {
  const t = new Date(`${day}T00:00:00Z`)
  t.setUTCDate(t.getUTCDate() + 1)
  return t.toISOString().slice(0, 10)
}

function weekend(day: string): boolean { return [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay()) }

/** axis lays out the days from the origin until `workdays` of them have passed. `unit` is the width of a workday. */
export function axis(origin: string | Date | undefined, workdays: number, calendars: readonly Directory<'Calendar'>[], unit: number): Axis {
  const kinds = new Map<string, DayKind>()
  for (const c of calendars) for (const d of c.days ?? []) if (d.date) kinds.set(d.date, (d.kind || 'workday') as DayKind)
  const columns: Column[] = []
  const edges: number[] = []
  let x = 0
  let passed = -1
  // A plan is some years long at the most; the bound only keeps a broken answer from going on for ever.
  for (let day = iso(date(origin) ?? new Date()); passed < Math.max(workdays, 1) && columns.length < 5000; day = next(day)) {
    const kind = kinds.get(day) ?? (weekend(day) ? 'weekend' : 'workday')
    const off = kind === 'weekend' || kind === 'holiday'
    const first = columns.length === 0
    if (!off || first) passed++ // the day of origin is day 0, also when it is a day off
    const width = off ? unit * dayOff : unit
    columns.push({ date: day, kind, off, x, width, workday: passed })
    x += width
    if (!off || first) edges[passed] = x
  }
  const byDate = new Map(columns.map(c => [c.date, c]))
  return {
    columns, width: x,
    after: n => edges[Math.max(0, Math.min(Math.round(n), edges.length - 1))] ?? 0,
    at: time => {
      const t = date(time)
      if (!t) return undefined
      const column = byDate.get(iso(t))
      if (!column) return columns[0] && civil(t) < civil(new Date(`${columns[0].date}T04:00:00Z`)) ? 0 : x
      const p = parts(t)
      const share = (Number(p.hour) + Number(p.minute) / 60 - 8) / 10
      return column.x + column.width * Math.max(0, Math.min(1, share))
    },
  }
}

export interface Marks {
  /** What the law gives: an outline. */
  statutory: [from: number, to: number]
  /** What is promised: a tint. */
  promised: [from: number, to: number]
  /** What has happened: solid; nothing before it began. */
  actual?: [from: number, to: number]
  /** When the limits stood still. */
  pauses: [from: number, to: number][]
}

/** marks places one item. `now` ends what is still going on. */
export function marks(bar: Bar, a: Axis, now: Date): Marks {
  const from = a.after(bar.start ?? 0)
  const to = a.after(bar.finish ?? 0)
  const today = a.at(now) ?? to
  const begun = a.at(bar.startTime) ?? from
  const pauses: [number, number][] = []
  const times = bar.pauses ?? []
  for (let i = 0; i < times.length; i += 2) {
    const begin = a.at(times[i])
    const end = a.at(times[i + 1]) ?? today
    if (begin !== undefined && end > begin) pauses.push([begin, end])
  }
  const least = 2 // what takes no time is still seen
  return {
    statutory: [a.after(bar.statutoryStart ?? 0), Math.max(a.after(bar.statutoryStart ?? 0) + least, a.after(bar.statutoryFinish ?? 0))],
    promised: [from, Math.max(from + least, to)],
    actual: bar.started ? [Math.min(begun, from), Math.max(Math.min(begun, from) + least, bar.finished ? to : Math.min(today, to))] : undefined,
    pauses,
  }
}

/** months gives where each month's name stands and how much room it has. */
export function months(columns: readonly Column[]): { key: string, x: number, width: number, year: number, month: number }[] {
  const out: ReturnType<typeof months> = []
  for (const c of columns) {
    const key = c.date.slice(0, 7)
    let m = out.at(-1)
    if (m?.key !== key) out.push(m = { key, x: c.x, width: 0, year: Number(key.slice(0, 4)), month: Number(key.slice(5)) })
    m.width = c.x + c.width - m.x
  }
  return out
}
