/**
 * What the signed-in person saw last, on their device, for when there is no network: their list and the tickets they opened. It is one person's only: another who
 * signs in does away with it, and signing out wipes it with all the rest.
 */
import { onScopeDispose, watch } from 'vue'
import type { Load } from '@/api/load'
import { session } from '@/session/session'
import { store } from './store'

interface Seen { at: string, value: unknown }
interface Index { person: string, keys: string[] }

const index = 'seen'
/** As many as somebody looks up without a network; the oldest go. */
const most = 30

async function remember(person: string, key: string, value: unknown): Promise<void> {
  const known = await store.kept<Index>(index)
  const mine = known?.person === person ? known.keys.filter(k => k !== key) : []
  const keys = [key, ...mine].slice(0, most)
  for (const k of known?.keys ?? []) if (!keys.includes(k)) await store.drop(`${index} ${k}`)
  await store.keep(`${index} ${key}`, { at: new Date().toISOString(), value } satisfies Seen)
  await store.keep(index, { person, keys } satisfies Index)
}

async function recall(key: string): Promise<Seen | undefined> {
  const known = await store.kept<Index>(index)
  // Without a network nobody says who it is: then it is whoever was signed in last, for signing out would have wiped it.
  if (!known || session.who && session.who.person !== known.person) return undefined
  return await store.kept<Seen>(`${index} ${key}`)
}

let writing: Promise<void> = Promise.resolve()

/** useSeen keeps what a screen shows, and shows what was kept when nothing answers; the screen says of when it is. */
export function useSeen<T>(load: Load<T>, key: () => string): void {
  const online = () => { if (load.problem.value) void load.again() }
  window.addEventListener('online', online)
  onScopeDispose(() => window.removeEventListener('online', online))
  watch(load.data, value => {
    const person = session.who?.person
    if (value === undefined || !person || load.problem.value) return
    const what = key()
    writing = writing.then(() => remember(person, what, value)).catch(() => undefined) // a device without room shows what it has
  })
  watch(load.problem, async problem => {
    if (!problem?.unreachable || load.data.value !== undefined) return
    const was = await recall(key()).catch(() => undefined)
    if (!was || load.data.value !== undefined) return
    load.asOf.value = new Date(was.at)
    load.data.value = was.value as T
  })
}
