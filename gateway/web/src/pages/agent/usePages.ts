/** A list by pages that may stand under the reader's pointer: what was loaded stays, what changed is read again on a word or when nobody is in it. */
import { ref, shallowRef, watch, type Ref } from 'vue'
import { useLoad } from '@/api/load'

export interface Page<T> { rows: readonly T[], next?: string, total?: number, capped?: boolean }

export function usePages<T>(asks: (token: string, signal?: AbortSignal) => Promise<Page<T>>, when: () => unknown) {
  const rows = shallowRef<readonly T[]>([])
  const token = ref('')
  const total = ref<number>()
  const capped = ref(false)
  const changes = ref(0)
  const load = useLoad(async signal => {
    const p = await asks('', signal)
    rows.value = p.rows
    token.value = p.next ?? ''
    total.value = p.total ?? p.rows.length
    capped.value = !!p.capped
    changes.value = 0
    return p
  })
  watch(when, () => void load.again())
  async function more() {
    if (!token.value) return
    const p = await asks(token.value)
    rows.value = [...rows.value, ...p.rows]
    token.value = p.next ?? ''
  }
  /** heard counts a change; with nobody in the list it is applied at once. */
  function heard(list: Ref<HTMLElement | undefined>) {
    if (list.value?.matches(':hover, :focus-within')) changes.value++
    else void load.again()
  }
  return { rows, token, total, capped, changes, load, more, heard }
}
