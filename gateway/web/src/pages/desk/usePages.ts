/** A list that grows by pages: the first at once, the next on a word, all anew when its question changes. */
import { ref, watch, type Ref } from 'vue'
import { useLoad, type Load } from '@/api/load'

export interface Pages<T> { load: Load<boolean>, rows: Ref<T[]>, more: Ref<boolean>, next: () => Promise<void> }

export function usePages<T>(asks: (pageToken: string, signal?: AbortSignal) => Promise<{ rows: readonly T[], next?: string }>, when?: () => unknown): Pages<T> {
  const rows = ref([]) as Ref<T[]>
  const token = ref('')
  const more = ref(false)
  const load = useLoad(async signal => {
    const p = await asks('', signal)
    rows.value = [...p.rows]
    token.value = p.next ?? ''
    more.value = !!p.next
    return true
  })
  if (when) watch(when, () => void load.again())
  async function next() {
    const p = await asks(token.value)
    rows.value.push(...p.rows)
    token.value = p.next ?? ''
    more.value = !!p.next
  }
  return { load, rows, more, next }
}
