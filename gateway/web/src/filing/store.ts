/**
 * What a person is about to tell the city, on their own device: drafts and what waits to be sent, in IndexedDB from the first touch on. A draft's id is the
 * key of its request, born with it. Files lie beside it, so that a word typed does not write twelve photos again.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb'
import { toRaw } from 'vue'
import { wipes } from '@/session/session'

/** A photo or a recording. Its id is the key of its upload. */
export interface Enclosure {
  id: string
  kind: 'PHOTO' | 'VOICE'
  name: string
  type: string
  size: number
  seconds?: number
  /** Not there before the first try: sent, or refused for good and why. */
  sent?: 'yes' | 'refused'
  why?: string
}

/** draft is being written; waiting is on its way; refused needs the person; received has a number; done has its files too. */
export type Stage = 'draft' | 'waiting' | 'refused' | 'received' | 'done'

export interface Item {
  id: string
  stage: Stage
  /** Who writes, once known: nobody else's session sends it. */
  person: string
  city: string
  born: number
  touched: number
  text: string
  enterprise: string
  enterpriseName: string
  county: string
  category: string
  urgent: boolean
  confidential: boolean
  about: { name: string, label: string }[]
  project: string
  investment: string
  jobs: string
  files: Enclosure[]
  /** Every body that was ever tried under the id, oldest first: the city may have any of them. */
  tried: string[]
  tries: number
  /** Not before this is it tried again. */
  next: number
  problem?: { reason: string, text: string, more: string[] }
  ticket?: { name: string, number: string, time: string }
  /** The city has an earlier wording than the last one tried. */
  differs?: string
}

interface Filing extends DBSchema {
  items: { key: string, value: Item, indexes: { born: number } }
  blobs: { key: string, value: Blob }
  kept: { key: string, value: unknown }
}

const name = 'tt.filing'
let opened: Promise<IDBPDatabase<Filing>> | undefined

function db(): Promise<IDBPDatabase<Filing>> {
  opened ??= openDB<Filing>(name, 1, {
    upgrade(d) {
      d.createObjectStore('items', { keyPath: 'id' }).createIndex('born', 'born')
      d.createObjectStore('blobs')
      d.createObjectStore('kept')
    },
    blocking() { void close() },
    terminated() { opened = undefined },
  })
  return opened
}

async function close() {
  const was = opened
  opened = undefined
  await was?.then(d => d.close(), () => undefined)
}

const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('tt.filing')
const listeners = new Set<(id: string) => void>()
channel?.addEventListener('message', e => { for (const l of listeners) l(String(e.data)) })
/** onChange hears of every change, of this tab and of others; answers how to stop. */
export function onChange(listener: (id: string) => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
function changed(id: string) {
  channel?.postMessage(id)
  for (const l of listeners) l(id)
}

export function newItem(of: Pick<Item, 'person' | 'city'> & Partial<Item>): Item {
  const now = Date.now()
  return {
    id: crypto.randomUUID(), stage: 'draft', born: now, touched: now, text: '', enterprise: '', enterpriseName: '', county: '', category: '', urgent: false,
    confidential: false, about: [], project: '', investment: '', jobs: '', files: [], tried: [], tries: 0, next: 0, ...of,
  }
}

export const store = {
  async all(): Promise<Item[]> { return await (await db()).getAllFromIndex('items', 'born') },
  async get(id: string): Promise<Item | undefined> { return await (await db()).get('items', id) },
  /** change reads, changes and writes in one transaction: two tabs never undo each other's work. `does` answers false to leave all as it is. */
  async change(id: string, does: (item: Item) => boolean | void): Promise<Item | undefined> {
    const tx = (await db()).transaction('items', 'readwrite')
    const item = await tx.store.get(id)
    if (item && does(item) !== false) {
      void tx.store.put(item)
      await tx.done
      changed(id)
    }
    return item
  },
  async add(item: Item): Promise<void> {
    await (await db()).put('items', structuredClone(toRaw(item)))
    changed(item.id)
  },
  async remove(id: string): Promise<void> {
    const tx = (await db()).transaction(['items', 'blobs'], 'readwrite')
    const item = await tx.objectStore('items').get(id)
    for (const f of item?.files ?? []) void tx.objectStore('blobs').delete(f.id)
    void tx.objectStore('items').delete(id)
    await tx.done
    changed(id)
  },
  async blob(id: string): Promise<Blob | undefined> { return await (await db()).get('blobs', id) },
  async putBlob(id: string, blob: Blob): Promise<void> { await (await db()).put('blobs', blob, id) },
  async dropBlob(id: string): Promise<void> { await (await db()).delete('blobs', id) },
  /** kept is what the screens showed last, for when there is no network. */
  async kept<T>(key: string): Promise<T | undefined> { return await (await db()).get('kept', key) as T | undefined },
  async keep(key: string, value: unknown): Promise<void> { await (await db()).put('kept', JSON.parse(JSON.stringify(value)) as unknown, key) },
  async drop(key: string): Promise<void> { await (await db()).delete('kept', key) },
  /** wipe leaves nothing. */
  async wipe(): Promise<void> {
    await close()
    await new Promise<void>((resolve, reject) => {
      const asked = indexedDB.deleteDatabase(name)
      asked.onsuccess = () => resolve()
      asked.onerror = () => reject(asked.error ?? new Error(name))
    })
  },
}
wipes.push(() => store.wipe())

/** bytesOf is what an item weighs on the device. */
export function bytesOf(item: Item): number { return item.files.reduce((sum, f) => sum + (f.sent === 'yes' ? 0 : f.size), 0) }
/** As much as is safe on phones that give a page about fifty. */
export const roomBytes = 40 << 20
