/** One case as its pages share it: read anew whenever the city says that it changed, and how its verbs are sent. */
import { computed, shallowRef, type InjectionKey } from 'vue'
import { api, ask, send, type Agency, type Directory } from '@/api/client'
import { useLive } from '@/api/live'
import { useLoad } from '@/api/load'
import { problemOf } from '@/api/problem'
import { city } from '@/session/session'
import { useCatalogue } from '../useCatalogue'

export function useCase(id: string) {
  const path = { city: city.value, case: id }
  const load = useLoad(async signal => await ask(api.GET('/v1/cities/{city}/cases/{case}', { params: { path }, signal })))
  const plan = useLoad(async signal => await ask(api.GET('/v1/cities/{city}/cases/{case}:plan', { params: { path }, signal })))
  const again = async () => { await Promise.all([load.again(), plan.again()]) }
  /** Counts the changes: what has a reading of its own watches it. */
  const version = computed(() => load.data.value?.etag ?? '')
  const { line } = useLive(() => `/v1/cities/${city.value}/cases:watch?case=cities/${city.value}/cases/${id}`, { changed: () => void again(), reset: () => void again() })
  const { catalogue, stageName } = useCatalogue()
  return { id, load, plan, again, version, line, catalogue, stageName }
}
export type TheCase = ReturnType<typeof useCase>
export const theCase: InjectionKey<TheCase> = Symbol('case')

/** act sends a verb of a resource, once for its key. */
export async function act<T = unknown>(name: string, verb: string, key: string, body: Record<string, unknown>): Promise<T> {
  const response = await send(new Request(`${location.origin}/v1/${name}${verb.startsWith('/') ? verb : `:${verb}`}`, {
    method: 'POST', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key }, body: JSON.stringify(body) }))
  if (!response.ok) throw await problemOf(response)
  return await response.json() as T
}

/** useCalendars reads the years that a plan touches; a year that is not there counts by weekends. */
export function useCalendars() {
  const calendars = shallowRef<Directory<'Calendar'>[]>([])
  const asked = new Set<number>()
  async function need(plan: Agency<'Plan'> | undefined) {
    if (!plan?.originTime) return
    const from = new Date(plan.originTime).getUTCFullYear()
    const to = Math.max(new Date(plan.finishTime ?? plan.originTime).getUTCFullYear(), new Date(plan.statutoryFinishTime ?? plan.originTime).getUTCFullYear())
    for (let year = from; year <= Math.min(to, from + 8); year++) {
      if (asked.has(year)) continue
      asked.add(year)
      const got = await ask(api.GET('/v1/cities/{city}/calendars/{calendar}', { params: { path: { city: city.value, calendar: String(year) } } })).catch(() => undefined)
      if (got) calendars.value = [...calendars.value, got]
    }
  }
  return { calendars, need }
}
