/**
 * A list that others change while somebody works in it. As long as the pointer, the focus or a selection is inside, the order stands: rows change in place, and
 * what would enter, leave or move is counted and applied on a word, or by itself after ten seconds of rest at the top.
 */
import { computed, onScopeDispose, ref, shallowRef, type ComputedRef, type Ref } from 'vue'

export interface Frozen<T> {
  /** The rows as they are shown. */
  rows: ComputedRef<readonly T[]>
  /** How many rows would enter, leave or move. */
  waiting: ComputedRef<number>
  /** Takes what is new. */
  take: (fresh: readonly T[]) => void
  apply: () => void
  busy: Ref<boolean>
  /** Listeners for the list's element. */
  on: Record<string, (e: Event) => void>
}

export function changes(shown: readonly string[], fresh: readonly string[]): number {
  const was = new Set(shown)
  const is = new Set(fresh)
  let n = 0
  for (const k of fresh) if (!was.has(k)) n++
  for (const k of shown) if (!is.has(k)) n++
  // Moves: what stays, less the longest part that stands in the same order.
  const at = new Map(shown.map((k, i) => [k, i]))
  const kept = fresh.filter(k => was.has(k)).map(k => at.get(k) as number)
  const tails: number[] = []
  for (const x of kept) {
    let lo = 0
    let hi = tails.length
    while (lo < hi) { const mid = lo + hi >> 1; if ((tails[mid] as number) < x) lo = mid + 1; else hi = mid }
    tails[lo] = x
  }
  return n + kept.length - tails.length
}

export const rest = 10_000

/** useFrozen holds the order; `key` names a row. */
export function useFrozen<T>(key: (row: T) => string): Frozen<T> {
  const order = shallowRef<string[]>([])
  const fresh = shallowRef<readonly T[]>([])
  const kept = shallowRef(new Map<string, T>())
  const busy = ref(false)
  let idle: ReturnType<typeof setTimeout> | undefined
  const keys = computed(() => fresh.value.map(key))
  const waiting = computed(() => changes(order.value, keys.value))
  const rows = computed(() => order.value.map(k => kept.value.get(k)).filter((r): r is T => r !== undefined))
  function apply() {
    order.value = keys.value
    kept.value = new Map(fresh.value.map(r => [key(r), r]))
  }
  function take(next: readonly T[]) {
    fresh.value = next
    if (!busy.value || !order.value.length) { apply(); return }
    // In place: what is shown and still there gets its new values.
    const merged = new Map(kept.value)
    for (const r of next) if (merged.has(key(r))) merged.set(key(r), r)
    kept.value = merged
  }
  let scroller: Element | undefined
  const inside = { pointer: false, focus: false }
  const resting = () => window.scrollY < 8 && (scroller?.scrollTop ?? 0) < 8 && !document.getSelection()?.toString()
  function wait() {
    clearTimeout(idle)
    idle = setTimeout(() => {
      if (resting()) { apply(); busy.value = inside.pointer || inside.focus }
      if (busy.value) wait()
    }, rest)
  }
  function touched(e: Event) {
    if (e.currentTarget instanceof Element) scroller = e.currentTarget
    if (e.type === 'focusin') inside.focus = true
    else if (e.type !== 'keydown') inside.pointer = true
    busy.value = true
    wait()
  }
  function left(e: Event) {
    inside[e.type === 'focusout' ? 'focus' : 'pointer'] = false
    wait()
  }
  onScopeDispose(() => clearTimeout(idle))
  return { rows, waiting, take, apply, busy, on: { pointerenter: touched, pointermove: touched, focusin: touched, keydown: touched, pointerleave: left, focusout: left } }
}
