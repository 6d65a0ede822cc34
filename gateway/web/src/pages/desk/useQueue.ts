/** The caller's queue, kept up to date and held still while somebody works in it. It is one for the list and the column beside a ticket. */
import { onScopeDispose, shallowRef, watch } from 'vue'
import { api, ask, type Hotline } from '@/api/client'
import { useLive } from '@/api/live'
import { useLoad } from '@/api/load'
import { city, has, session } from '@/session/session'
import { useFrozen } from './queue'

export type Entry = Hotline<'QueueEntry'>
export const entryKey = (e: Entry) => `${e.kind}:${e.ticket?.name ?? ''}:${e.workOrder?.name ?? ''}:${e.number ?? 0}`

/** The queue as it was read last, for finding a ticket in it from any page. */
export const queueNow = shallowRef<readonly Entry[]>([])

export function useQueue() {
  const load = useLoad(signal => ask(api.GET('/v1/cities/{city}/queue', { params: { path: { city: city.value }, query: { pageSize: 500 } }, signal })))
  const list = useFrozen<Entry>(entryKey)
  watch(load.data, d => { if (d) { queueNow.value = d.entries ?? []; list.take(queueNow.value) } })
  // A storm of changes is one question a second.
  let later: ReturnType<typeof setTimeout> | undefined
  const soon = () => { later ??= setTimeout(() => { later = undefined; void load.again() }, 1000) }
  onScopeDispose(() => clearTimeout(later))
  // Who decides for others sees the city's; who holds, their own desk and unit.
  const address = () => {
    if (!session.who) return ''
    const base = `/v1/cities/${city.value}:watch?`
    if (has('ROLE_DISPATCHER', 'ROLE_SUPERVISOR', 'ROLE_MAYOR_OFFICE')) return `${base}topics=ALL`
    if (has('ROLE_CLERK', 'ROLE_LEADER') && session.who.unit) return `${base}topics=DESK&unit=${encodeURIComponent(session.who.unit)}`
    return `${base}topics=DESK`
  }
  const { line } = useLive(address, { changed: soon, gone: soon, reset: soon })
  return { load, list, line, refresh: soon }
}
