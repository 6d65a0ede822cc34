/** The outbox at work in a page: when it starts, when the network or the person comes back, after a sign-in, and by its own timer. One tab sends at a time. */
import { computed, effectScope, onScopeDispose, reactive, shallowRef, watch } from 'vue'
import { send } from '@/api/client'
import { problemOf } from '@/api/problem'
import { upload } from '@/api/upload'
import { load, session } from '@/session/session'
import { Outbox, owes, type Progress, type Ticket, type Transport } from './outbox'
import { onChange, store, type Item } from './store'

const transport: Transport = {
  async create(city, body, key) {
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': key }
    const response = await send(new Request(`${location.origin}/v1/cities/${city}/tickets`, { method: 'POST', headers, body }))
    if (!response.ok) throw await problemOf(response)
    return await response.json() as Ticket
  },
  async upload(ticket, file, blob, progress) {
    await upload({ parent: ticket as `cities/${string}/tickets/${string}`, fileName: file.name, kind: file.kind }, blob, { key: file.id, progress, patience: 1 })
  },
}

/** What is under way, as this tab or another one says it. */
export const progress = shallowRef<Progress>()
const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('tt.progress')
channel?.addEventListener('message', e => { progress.value = e.data as Progress | undefined })
const outbox = new Outbox(store, transport, () => session.who ?? undefined, p => { progress.value = p; channel?.postMessage(p) })

let timer: ReturnType<typeof setTimeout> | undefined
let running: Promise<void> | undefined
let again = false

/** go sends what is due now; called while it runs, it looks once more afterwards. */
export function go(): Promise<void> {
  again = true
  running ??= (async () => {
    while (again) {
      again = false
      clearTimeout(timer)
      const next = await navigator.locks.request('tt.outbox', () => outbox.pass())
      if (next !== undefined) timer = setTimeout(() => void go(), next + 50)
    }
  })().catch((e: unknown) => { console.error(e); timer = setTimeout(() => void go(), 60_000) }).finally(() => { running = undefined })
  return running
}

/** now forgets how long was to be waited: the network is back, or somebody pressed. */
export async function now(id?: string): Promise<void> {
  for (const i of await store.all()) if (owes(i) && i.next > 0 && (!id || i.id === id)) await store.change(i.id, x => { x.next = 0 })
  await go()
}

/** back is when the network is: a page that began without it finds out first who is here. */
async function back() {
  if (session.unreachable) await load()
  await now()
}

let started = false
/** start is called by every screen that files; once is enough. */
export function start() {
  if (started) { void go(); return }
  started = true
  window.addEventListener('online', () => void back())
  document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') void (session.unreachable ? back() : go()) })
  // It outlives the screen that started it.
  effectScope(true).run(() => watch(() => session.who?.person, who => { if (who) void now() }))
  void tidy().then(() => now())
}

/** What was received a week ago is in 我的诉求 and need not lie here; a draft in which nothing was ever written neither. */
async function tidy() {
  const old = Date.now() - 7 * 24 * 3_600_000
  for (const i of await store.all()) {
    if (i.stage === 'done' && i.touched < old && !i.differs) await store.remove(i.id)
    if (i.stage === 'draft' && !i.text && !i.files.length && i.touched < Date.now() - 60_000) await store.remove(i.id)
  }
}

/** submit hands a draft over. Pressed twice, or in two tabs, it is one. */
export async function submit(id: string): Promise<void> {
  await store.change(id, i => {
    if (i.stage !== 'draft' && i.stage !== 'refused') return false
    i.stage = 'waiting'
    i.person ||= session.who?.person ?? ''
    i.tries = i.next = 0
    i.touched = Date.now()
    delete i.problem
  })
  void navigator.storage?.persist?.()
  void askForSync()
  void go()
}

/** Where a browser can wake the page's worker when the network is back, it may; nothing depends on it. */
async function askForSync() {
  const registration = await navigator.serviceWorker?.getRegistration() as (ServiceWorkerRegistration & { sync?: { register(tag: string): Promise<void> } }) | undefined
  await registration?.sync?.register('tt.outbox').catch(() => undefined)
}
navigator.serviceWorker?.addEventListener('message', e => { if ((e.data as { kind?: string }).kind === 'sync') void now() })

/** takeBack makes a draft of what waits, to be edited: under the same key. */
export async function takeBack(id: string): Promise<void> {
  await store.change(id, i => { if (i.stage === 'waiting' || i.stage === 'refused') i.stage = 'draft'; else return false })
}

/** useItems is everything on the device, as it changes in any tab. */
export function useItems() {
  const state = reactive<{ items: Item[], known: boolean }>({ items: [], known: false })
  const read = async () => { state.items = await store.all(); state.known = true }
  onScopeDispose(onChange(() => void read()))
  void read()
  return {
    state,
    drafts: computed(() => state.items.filter(i => i.stage === 'draft' && (i.text.trim() || i.files.length))),
    waiting: computed(() => state.items.filter(i => owes(i) || i.stage === 'refused')),
    received: computed(() => state.items.filter(i => i.ticket && !owes(i))),
  }
}
