/**
 * The rail of a ticket: what was promised from filing to the filer's word, each as a station. Filled is met, a ring runs, hollow is to come, a square was
 * broken. The last station is always the filer's, because only the filer closes.
 */
import type { Pair } from '@/text/text'
import { say } from '@/text/text'
import { at, by } from '@/time/format'
import { left, type Left } from '@/time/left'
import type { Clock, Ticket } from './ticket'

export interface Station {
  key: string
  title: string
  /** When it happened, or until when it is owed. */
  note: string
  kind: 'met' | 'running' | 'tocome' | 'over' | 'overMet' | 'paused'
  left?: Left
}

const words = {
  filed: ['市里已收到', 'The city has it'], dispatched: ['派给{who}', 'Routed to {who}'], dispatch: ['派到负责人', 'Routed to an official'], signed: ['{who}已签收', 'Signed by {who}'], sign: ['签收', 'Signed'],
  contacted: ['已联系您', 'You were contacted'], contact: ['首次联系您', 'First contact with you'], answered: ['已答复', 'Answered'], answer: ['答复', 'Answer'], verify: ['您评价', 'You verify'], verified: ['您已评价', 'You verified'],
  onlyYou: ['只有您说解决了，才算办结', 'Closed only when you say it is solved'], unverified: ['未评价办结（不算解决）', 'Closed unverified (not counted as solved)'], withdrawn: ['您已撤回', 'You withdrew it'], rejected: ['不予受理', 'Not accepted'], merged: ['已并入另一件', 'Merged into another'],
} satisfies Record<string, Pair>

/** newest is the clock of a kind that counts now: of the present cycle, the last one that was not handed over. */
function newest(ticket: Ticket, kind: string): Clock | undefined {
  const of = (ticket.clocks ?? []).filter(c => c.kind === kind && !c.workOrder)
  return of.findLast(c => c.state !== 'SUPERSEDED') ?? of.at(-1)
}

function station(key: string, clock: Clock | undefined, done: string, todo: string, now: Date, doneAt?: string | null): Station {
  if (!clock) return doneAt ? { key, title: done, note: at(doneAt, true, now), kind: 'met' } : { key, title: todo, note: '', kind: 'tocome' }
  const l = left(clock, now)
  const stopped = clock.stopTime ?? doneAt
  if (l.standing === 'met') return { key, title: done, note: at(stopped ?? undefined, true, now), kind: 'met', left: l }
  if (l.standing === 'metLate') return { key, title: done, note: `${at(stopped ?? undefined, true, now)}`, kind: 'overMet', left: l }
  if (l.standing === 'ended') return doneAt ? { key, title: done, note: at(doneAt, true, now), kind: 'met' } : { key, title: todo, note: '', kind: 'tocome' }
  return { key, title: todo, note: by(clock.dueTime ?? undefined, now), kind: l.standing === 'over' ? 'over' : l.standing === 'paused' ? 'paused' : 'running', left: l }
}

/** stations gives the rail of the present cycle. */
export function stations(ticket: Ticket, now: Date): Station[] {
  const who = ticket.holderCard?.displayName ?? ''
  const out: Station[] = [{ key: 'filed', title: say(words.filed), note: at(ticket.createTime ?? undefined, true, now), kind: 'met' }]
  const closed = ticket.state === 'CLOSED'
  const dispatch = newest(ticket, 'DISPATCH')
  if (ticket.state === 'FILED') out.push(station('dispatch', dispatch, say(words.dispatch), say(words.dispatch), now))
  const sign = newest(ticket, 'SIGN')
  const later = [
    station('sign', sign, say(words.signed, { who }), say(words.sign), now, ticket.signTime),
    station('contact', newest(ticket, 'CONTACT'), say(words.contacted), say(words.contact), now),
    station('answer', newest(ticket, 'ANSWER'), say(words.answered), say(words.answer), now, ticket.answerTime),
  ]
  // A ticket that ended otherwise says how, and nothing that did not happen is still to come.
  out.push(...later.filter(s => !closed || s.kind !== 'tocome'))
  out.push(end(ticket, now))
  return out
}

function end(ticket: Ticket, now: Date): Station {
  if (ticket.state === 'CLOSED') {
    const ends: Record<string, Pair> = { VERIFIED: words.verified, UNVERIFIED: words.unverified, WITHDRAWN: words.withdrawn, REJECTED: words.rejected, MERGED: words.merged }
    return { key: 'verify', title: say(ends[ticket.closeReason ?? ''] ?? words.verified), note: at(ticket.closeTime ?? undefined, true, now), kind: 'met' }
  }
  const clock = ticket.state === 'ANSWERED' ? newest(ticket, 'VERIFY') : undefined
  if (clock && !clock.stopTime) return { key: 'verify', title: say(words.verify), note: by(clock.dueTime ?? undefined, now), kind: 'running', left: left(clock, now, true) }
  return { key: 'verify', title: say(words.verify), note: say(words.onlyYou), kind: 'tocome' }
}
