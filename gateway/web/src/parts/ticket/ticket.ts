/**
 * A ticket as somebody looks at it: what it says, what was written, its files and its history, kept up to date by invitations. What is on the screen stays when the
 * network goes.
 */
import { computed, type ComputedRef } from 'vue'
import { api, ask, type Hotline } from '@/api/client'
import { useLive } from '@/api/live'
import { useLoad, type Load } from '@/api/load'
import { last } from '@/api/names'
import { city, session } from '@/session/session'
import { left, type Left } from '@/time/left'
import { now } from '@/time/ticker'

export type Ticket = Hotline<'Ticket'>
export type Message = Hotline<'Message'>
export type Attachment = Hotline<'Attachment'>
/** An entry of the history as it is shown; the event itself is for programs. */
export type Entry = Omit<Hotline<'TicketEventEntry'>, 'event' | 'envelope'>
export type Clock = Hotline<'Clock'>

export interface Whole {
  ticket: Ticket
  messages: readonly Message[]
  attachments: readonly Attachment[]
  entries: readonly Entry[]
  chainVerified: boolean
}

export const path = (id: string) => ({ params: { path: { city: city.value, ticket: id } } })

/** readTicket reads all four at once; a ticket that is not open to the person is not found as a whole. */
export async function readTicket(id: string, signal?: AbortSignal): Promise<Whole> {
  const p = { ...path(id), signal }
  const [ticket, messages, attachments, events] = await Promise.all([
    ask(api.GET('/v1/cities/{city}/tickets/{ticket}', p)), ask(api.GET('/v1/cities/{city}/tickets/{ticket}/messages', p)),
    ask(api.GET('/v1/cities/{city}/tickets/{ticket}/attachments', p)), ask(api.GET('/v1/cities/{city}/tickets/{ticket}/events', p)),
  ])
  return { ticket, messages: messages.messages ?? [], attachments: attachments.attachments ?? [], entries: (events.events ?? []) as readonly Entry[], chainVerified: !!events.chainVerified }
}

export interface View extends Load<Whole> {
  ticket: ComputedRef<Ticket | undefined>
  line: ReturnType<typeof useLive>['line']
}

/** What was read before it was asked for: the next of a queue. Read once more when it is shown, for it may have changed since. */
const ahead = new Map<string, { at: number, whole: Promise<Whole | undefined> }>()
export function readAhead(id: string): void {
  if (Date.now() - (ahead.get(id)?.at ?? 0) > 15_000) ahead.set(id, { at: Date.now(), whole: readTicket(id).catch(() => undefined) })
}
async function readEarly(id: string): Promise<Whole | undefined> {
  const early = ahead.get(id)
  ahead.delete(id)
  return early && Date.now() - early.at < 15_000 ? await early.whole : undefined
}

/** useTicket shows a ticket and reads it again whenever it changes, once for a burst of changes. */
export function useTicket(id: () => string): View {
  const load: Load<Whole> = useLoad(async signal => {
    const early = await readEarly(id())
    if (early) setTimeout(soon)
    return early ?? await readTicket(id(), signal)
  })
  let later: ReturnType<typeof setTimeout> | undefined
  const soon = () => { clearTimeout(later); later = setTimeout(() => void load.again(), 80) }
  const { line } = useLive(() => session.who ? `/v1/cities/${city.value}:watch?ticket=${encodeURIComponent(`cities/${city.value}/tickets/${id()}`)}` : '', { changed: soon, reset: soon, gone: soon })
  return { ...load, ticket: computed(() => load.data.value?.ticket), line }
}

/** running are the clocks that somebody still owes, the most urgent first; `own` leaves out what units owe each other under work orders. */
export function running(ticket: Ticket, own = false): Clock[] {
  return (ticket.clocks ?? []).filter(c => !c.stopTime && !(own && c.workOrder) && ['RUNNING', 'PAUSED', 'BREACHED'].includes(c.state ?? '')).sort((a, b) => Date.parse(a.dueTime ?? '') - Date.parse(b.dueTime ?? ''))
}

/** standing tells how a clock stands now, for who looks. */
export function standing(clock: Clock, asked = false): Left { return left(clock, now.value, asked) }

/** mine tells whether the person who looks filed the ticket. */
export function mine(ticket: Ticket): boolean { return !!ticket.filer && ticket.filer === session.who?.person }

export function can(ticket: Ticket | undefined, verb: string): boolean { return !!ticket?.actions?.includes(verb) }

/** contentOf is where a file is read from, by the cookie. */
export function contentOf(file: { name?: string }): string { return `/v1/${file.name}/content` }

/** ordersOf are the work orders' clocks too, for who may see them. */
export function ordersOf(ticket: Ticket): Clock[] { return (ticket.workOrders ?? []).flatMap(o => o.clocks ?? []) }

export function linkOf(ticket: { name?: string } | string | undefined): string { return `/tickets/${last(typeof ticket === 'string' ? ticket : ticket?.name)}` }
