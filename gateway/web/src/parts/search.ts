/**
 * Searching tickets. The services find by number, words of the text and the enterprise's name, and only what the person may read. At the desk there is one field in the
 * frame of every page, and its results stand where the queue is.
 */
import { computed, ref, shallowRef, watch } from 'vue'
import { api, ask, asProblem, type Hotline } from '@/api/client'
import type { Problem } from '@/api/problem'
import { city } from '@/session/session'

type Ticket = Hotline<'Ticket'>

/** What is in the desk's field. */
export const query = ref('')
/** searchable tells whether there is enough to find anything by: two characters, or the last four digits of a number. */
export function searchable(text: string): boolean {
  const plain = text.trim()
  return /^[\d\s-]+$/.test(plain) ? plain.replace(/\D/g, '').length >= 4 : [...plain].length >= 2
}

export interface Found { rows: readonly Ticket[], total: number, capped: boolean }

export function find(text: string, pageSize: number, signal?: AbortSignal): Promise<Found> {
  return ask(api.GET('/v1/cities/{city}/tickets', { params: { path: { city: city.value }, query: { query: text.trim(), pageSize } }, signal }))
    .then(p => ({ rows: p.tickets ?? [], total: p.totalSize ?? 0, capped: !!p.totalCapped }))
}

/** useFound keeps the results of what is typed, asked for when typing rests; an answer to an older word is thrown away. */
export function useFound(text: () => string, pageSize = 30) {
  const found = shallowRef<Found>()
  const problem = shallowRef<Problem>()
  let later: ReturnType<typeof setTimeout> | undefined
  let asking: AbortController | undefined
  watch(text, (now, _, over) => {
    clearTimeout(later)
    asking?.abort()
    over(() => { clearTimeout(later); asking?.abort() })
    if (!searchable(now)) { found.value = undefined; problem.value = undefined; return }
    later = setTimeout(() => {
      const mine = asking = new AbortController()
      find(now, pageSize, mine.signal).then(f => { if (!mine.signal.aborted) { found.value = f; problem.value = undefined } }, (e: unknown) => { if (!mine.signal.aborted) problem.value = asProblem(e) })
    }, 200)
  }, { immediate: true })
  return { found, problem, searching: computed(() => searchable(text())) }
}
