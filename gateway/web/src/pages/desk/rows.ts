/** Moving through the queue by keys, choosing rows, and what a row lets the person do at once. */
import { computed, nextTick, ref, type Ref } from 'vue'
import { last, spoken } from '@/api/names'
import { orderVerbs, ticketVerbs, type Verb } from './verbs'
import type { Entry } from './useQueue'

export interface Form { verb: Verb, name: string, etag?: string, number?: number }

export const ticketId = (e: Entry) => last(e.ticket?.name ?? e.workOrder?.name?.split('/workOrders/')[0])
export const linkTo = (e: Entry) => `/tickets/${ticketId(e)}`
export const headingOf = (e: Entry) => e.ticket?.title || e.workOrder?.ticketTitle || spoken(e.ticket?.number ?? e.workOrder?.ticketNumber)

/** On a work order the keys of a ticket mean the unit's own acts. */
const ofOrder: Record<string, string> = { sign: 'signOrder', answer: 'finishOrder', return: 'returnOrder' }

/** formOf is the form that a verb opens from its row; undefined for what is written on the ticket's page or is not the person's. */
export function formOf(e: Entry, verb: string): Form | undefined {
  if (e.kind === 'ORDER') {
    const found = orderVerbs.find(v => v.verb === (ofOrder[verb] ?? verb) && e.workOrder?.actions?.includes(v.verb))
    return found && { verb: found, name: e.workOrder?.name ?? '', etag: e.workOrder?.etag }
  }
  // Merging, naming a conflict and deciding upon a return want the ticket beside them.
  if (verb === 'merge' || verb === 'decideReturn') return undefined
  const found = ticketVerbs.find(v => v.verb === verb && e.ticket?.actions?.includes(verb))
  return found && { verb: found, name: e.ticket?.name ?? '', etag: e.ticket?.etag, number: found.numbered && e.number ? e.number : undefined }
}

export function useRows(entries: Ref<readonly Entry[]>, key: (e: Entry) => string) {
  const at = ref('')
  const selected = ref<ReadonlySet<string>>(new Set())
  // The focus belongs to the row, not to its place.
  const focused = computed({ get: () => entries.value.findIndex(e => key(e) === at.value), set: i => { const e = entries.value[i]; at.value = e ? key(e) : '' } })
  const current = computed(() => entries.value[focused.value])
  // A dialog that closes gives the focus back to the row it came from; the next row takes it after that.
  function look(i: number) {
    void nextTick(() => { const el = document.querySelector<HTMLElement>(`[data-row="${i}"]`); el?.focus({ preventScroll: true }); el?.scrollIntoView({ block: 'nearest' }) })
  }
  function move(by: number) { focused.value = Math.max(0, Math.min(entries.value.length - 1, focused.value + by)); look(focused.value) }
  function focusOn(e: Entry) { at.value = key(e) }
  function toggle(i = focused.value): void | false {
    const e = entries.value[i]
    if (!e || !formOf(e, 'sign')) return false
    const next = new Set(selected.value)
    if (!next.delete(key(e))) next.add(key(e))
    selected.value = next
  }
  return { focused, current, selected, move, toggle, focusOn }
}
