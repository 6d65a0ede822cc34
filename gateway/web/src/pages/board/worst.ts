/** The ten worst: open tickets that the city, not their filer, has to act upon, in the order in which it hurts. */
import type { Hotline } from '@/api/client'
import { span } from '@/time/left'
import { at, civil } from '@/time/format'
import { joined, say, type Pair } from '@/text/text'
import { word } from '@/text/words'

export type Ticket = Hotline<'Ticket'>
export type Clock = Hotline<'Clock'>

export const asked = 'open = true AND (state = "FILED" OR state = "DISPATCHED" OR state = "IN_PROGRESS")'

export interface Row {
  ticket: Ticket
  clock: Clock | undefined
  /** How urgent: over, due today, or raised, or just next. */
  standing: 'over' | 'soon' | 'raised' | 'running'
  /** Time over or left as a share of the limit; more is worse. */
  share: number
  short: string
  text: string
}

const words = {
  over: ['已超时 {span}', '{span} overdue'], left: ['还剩 {span}', '{span} left'], due: ['{clock} · {at} 到期', '{clock} · due {at}'], none: ['没有在走的时限', 'No clock runs'],
} satisfies Record<string, Pair>

const owed = (c: Clock) => !c.stopTime && (c.state === 'RUNNING' || c.state === 'BREACHED') && c.kind !== 'VERIFY' && !!c.dueTime

/** pressing is the clock that is over the longest, or due first. */
export function pressing(ticket: Ticket): Clock | undefined {
  return (ticket.clocks ?? []).filter(owed).sort((a, b) => Date.parse(a.dueTime ?? '') - Date.parse(b.dueTime ?? ''))[0]
}

/** reading tells how a ticket stands. The time over is working time where the service counted it, and else what went by. */
export function reading(ticket: Ticket, now: Date): Row {
  const clock = pressing(ticket)
  if (!clock?.dueTime) return { ticket, clock, standing: ticket.rung ? 'raised' : 'running', share: 0, short: '', text: say(words.none) }
  const due = Date.parse(clock.dueTime)
  const passed = due <= now.getTime()
  // In the limit's own time, where the service told it.
  const counted = Number(clock.secondsLeft ?? 0)
  const seconds = counted !== 0 && counted < 0 === passed ? counted : (due - now.getTime()) / 1000
  const own = seconds === counted && !clock.natural
  const total = Number(clock.secondsTotal ?? 0) || Math.max(60, (due - Date.parse(clock.startTime ?? clock.dueTime)) / 1000)
  const length = span(Math.abs(seconds), own ? 8 * 3600 : 24 * 3600, !own)
  const today = civil(new Date(due)) === civil(now)
  return {
    ticket, clock, share: -seconds / total,
    standing: passed ? 'over' : today ? 'soon' : ticket.rung || supervised(ticket) ? 'raised' : 'running',
    short: shorter(Math.abs(seconds), own), text: joined(say(passed ? words.over : words.left, { span: length }), say(words.due, { clock: word('clock', clock.kind), at: at(clock.dueTime, true, now) })),
  }
}

/** shorter is a length in its largest unit, for a chip. */
function shorter(seconds: number, own: boolean): string {
  return seconds < 3600 ? span(seconds, 3601, false) : own && seconds >= 8 * 3600 ? span(seconds, 8 * 3600, false) : span(Math.floor(seconds / 3600) * 3600, 24 * 3600, !own)
}

export function supervised(ticket: Ticket): boolean { return !!ticket.directives?.some(d => d.kind === 'supervise') }

const ranks = { over: 0, raised: 1, soon: 2, running: 3 }
/** worst orders tickets as the queues of the desks do: overdue by their share, then raised, then what is due. */
export function worst(tickets: readonly Ticket[], now: Date, n = 10): Row[] {
  return tickets.map(t => reading(t, now)).sort((a, b) => ranks[a.standing] - ranks[b.standing] || b.share - a.share).slice(0, n)
}

/** shortName leaves of a firm's name what people call it: no place, no legal form. */
export function shortName(name: string | undefined, city = ''): string {
  const place = city.replace(/[市县区]$/, '')
  let short = (name ?? '').replace(/(股份)?有限(责任)?公司.*$/, '').replace(/（.*）$/, '')
  if (place && short.startsWith(place)) short = short.slice(place.length).replace(/^市/, '')
  return short.length >= 2 ? short : name ?? ''
}

/** initial is all that a wall says of a person: the first character. */
export function initial(name: string | undefined): string { return name ? `${[...name][0] ?? ''}＊` : '' }
