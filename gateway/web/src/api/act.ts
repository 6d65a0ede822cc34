/**
 * One intention of a person: pressed once or twice, sent once. The key is born with the intention and stays the same however often it is tried; it is
 * new when the words change after an answer. Nothing is shown as done before the services said so.
 */
import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { asProblem } from './client'
import type { Problem } from './problem'

export interface Act<A extends unknown[], T> {
  /** Does it. Answers undefined when it is running already, or failed; then problem says why. */
  go: (...args: A) => Promise<T | undefined>
  pending: Ref<boolean>
  problem: ShallowRef<Problem | undefined>
}

/** newKey makes an Idempotency-Key. */
export function newKey(): string { return crypto.randomUUID() }

/** useAct wraps what is sent; `does` gets the key first. */
export function useAct<A extends unknown[], T>(does: (key: string, ...args: A) => Promise<T>): Act<A, T> {
  const pending = ref(false)
  const problem = shallowRef<Problem>()
  let key = newKey()
  let said = ''
  let before = ''
  let last = 0
  async function go(...args: A): Promise<T | undefined> {
    const now = Date.now()
    const saying = JSON.stringify(args)
    // The same words within a second are the second half of a double tap; other words are meant.
    if (pending.value || now - last < 1000 && saying === before && !problem.value) return undefined
    last = now
    before = saying
    if (said && saying !== said) key = newKey()
    said = saying
    pending.value = true
    problem.value = undefined
    try {
      const done = await does(key, ...args)
      key = newKey()
      said = ''
      return done
    } catch (e) {
      problem.value = asProblem(e)
      return undefined
    } finally {
      pending.value = false
    }
  }
  return { go, pending, problem }
}
