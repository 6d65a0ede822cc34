/** What a screen shows, from asking to the answer, with what stands still when the network goes. */
import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { load as whoIsIt, session } from '@/session/session'
import { asProblem } from './client'
import type { Problem } from './problem'

export interface Load<T> {
  data: ShallowRef<T | undefined>
  problem: ShallowRef<Problem | undefined>
  loading: Ref<boolean>
  /** When what is shown was true. */
  asOf: Ref<Date | undefined>
  /** Asks again; what is shown stays until the answer. A newer question drops the older one's answer. */
  again: () => Promise<void>
}

/** useLoad asks at once, and whenever `again` is called. */
export function useLoad<T>(asks: (signal: AbortSignal) => Promise<T>, now = true): Load<T> {
  const data = shallowRef<T>()
  const problem = shallowRef<Problem>()
  const loading = ref(false)
  const asOf = ref<Date>()
  let asking: AbortController | undefined
  async function again() {
    asking?.abort()
    const mine = asking = new AbortController()
    loading.value = true
    try {
      // A page that began without a network does not know yet who looks.
      if (session.unreachable) await whoIsIt()
      const got = await asks(mine.signal)
      if (mine !== asking) return
      data.value = got
      problem.value = undefined
      asOf.value = new Date()
    } catch (e) {
      if (mine === asking && !mine.signal.aborted) problem.value = asProblem(e)
    } finally {
      if (mine === asking) loading.value = false
    }
  }
  onScopeDispose(() => asking?.abort())
  if (now) void again()
  return { data, problem, loading, asOf, again }
}
