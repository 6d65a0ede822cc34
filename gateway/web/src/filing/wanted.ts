/** How many of the person's tickets wait for the person: a question to reply to, or an answer to verify. */
import { ref, watch, type Ref } from 'vue'
import { api, ask } from '@/api/client'
import { city, isOfficial, session } from '@/session/session'
import { store } from './store'

export function wantedFrom(): Ref<number> {
  const n = ref(0)
  void store.kept<number>('wanted').then(v => { if (!n.value) n.value = v ?? 0 }, () => undefined)
  watch(() => session.who?.person, async who => {
    await new Promise(mounted => setTimeout(mounted)) // the button comes first
    if (!who || who !== session.who?.person || isOfficial.value) return
    const filter = `(state = "WAITING" OR state = "ANSWERED") AND filer = "${who}"`
    const page = await ask(api.GET('/v1/cities/{city}/tickets', { params: { path: { city: city.value }, query: { filter, pageSize: 1 } } })).catch(() => undefined)
    if (!page) return
    n.value = page.totalSize ?? 0
    await store.keep('wanted', n.value)
  }, { immediate: true })
  return n
}
