/** A draft on the screen: every change is on the device a moment later, and at once when the page goes. */
import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import { city, session } from '@/session/session'
import { shrink } from './image'
import { record, stop } from './recorder'
import { newItem, onChange, store, type Item } from './store'

/** begin makes a draft for who is here, with the enterprise chosen last. */
export async function begin(of: Partial<Item> = {}): Promise<Item> {
  const item = newItem({ person: session.who?.person ?? '', city: city.value, ...of })
  await store.add(item)
  return item
}

/** speak records into a draft. */
export function speak(id: string): Promise<boolean> {
  const file = crypto.randomUUID()
  return record(async (blob, seconds) => {
    await store.putBlob(file, blob)
    await store.change(id, i => {
      const name = `voice.${blob.type.includes('mp4') ? 'm4a' : blob.type.includes('ogg') ? 'ogg' : 'webm'}`
      i.files = [...i.files.filter(f => f.kind !== 'VOICE' || f.id === file)]
      const had = i.files.find(f => f.id === file)
      if (had) Object.assign(had, { size: blob.size, seconds })
      else i.files.unshift({ id: file, kind: 'VOICE', name, type: blob.type, size: blob.size, seconds })
    })
  })
}

/** attach puts chosen files into a draft: photos made small, at most twelve; recordings as they are. Answers how many found no place. */
export async function attach(id: string, chosen: Iterable<File>, kind: 'PHOTO' | 'VOICE'): Promise<number> {
  let left = 0
  for (const file of chosen) {
    const blob = kind === 'PHOTO' ? await shrink(file) : file
    const drawn = blob !== file
    const f = { id: crypto.randomUUID(), kind, name: drawn ? 'photo.jpg' : file.name || 'file', type: blob.type, size: blob.size }
    await store.putBlob(f.id, blob)
    let taken = false
    await store.change(id, i => {
      if (kind === 'PHOTO' && i.files.filter(x => x.kind === 'PHOTO').length >= 12) return false
      if (kind === 'VOICE') i.files = i.files.filter(x => x.kind !== 'VOICE')
      i.files.push(f)
      i.touched = Date.now()
      taken = true
    })
    if (!taken) { left++; await store.dropBlob(f.id) }
  }
  return left
}

export async function detach(id: string, file: string): Promise<void> {
  await store.change(id, i => { i.files = i.files.filter(f => f.id !== file) })
}

type Written = Pick<Item, 'text' | 'enterprise' | 'enterpriseName' | 'county' | 'category' | 'urgent' | 'confidential' | 'about' | 'project' | 'investment' | 'jobs'>
const written = ['text', 'enterprise', 'enterpriseName', 'county', 'category', 'urgent', 'confidential', 'about', 'project', 'investment', 'jobs'] as const

/** useDraft is a draft to write into. Files and stage come from the device; what is written goes there. */
export function useDraft(id: string) {
  const item = ref<Item>()
  const missing = ref(false)
  const saved = ref(true)
  const blobs = shallowRef<Record<string, string>>({})
  let timer: ReturnType<typeof setTimeout> | undefined

  async function read() {
    const got = await store.get(id)
    if (!got) { missing.value = true; return }
    if (item.value && !saved.value) Object.assign(got, pick(item.value)) // what is being typed here wins
    item.value = got
    for (const f of got.files) {
      if (blobs.value[f.id]) continue
      const blob = await store.blob(f.id)
      if (blob) blobs.value = { ...blobs.value, [f.id]: URL.createObjectURL(blob) }
    }
  }
  function pick(i: Item): Written { return JSON.parse(JSON.stringify(Object.fromEntries(written.map(k => [k, i[k]])))) as Written }

  async function save() {
    clearTimeout(timer)
    if (saved.value || !item.value) return
    const words = pick(item.value)
    saved.value = true
    await store.change(id, i => { if (i.stage !== 'draft' && i.stage !== 'refused') return false; Object.assign(i, words, { touched: Date.now() }) })
  }
  watch(() => item.value && JSON.stringify(pick(item.value)), (now, before) => {
    if (!now || !before || now === before) return
    saved.value = false
    clearTimeout(timer)
    timer = setTimeout(() => void save(), 250)
  })
  const leaving = () => { if (document.visibilityState === 'hidden') void save() }
  document.addEventListener('visibilitychange', leaving)
  window.addEventListener('pagehide', save)
  const quiet = onChange(changed => { if (changed === id) void read() })
  onScopeDispose(() => {
    document.removeEventListener('visibilitychange', leaving)
    window.removeEventListener('pagehide', save)
    quiet()
    void stop()
    void save()
    for (const url of Object.values(blobs.value)) URL.revokeObjectURL(url)
  })
  void read()
  return { item, missing, saved, blobs, save, read }
}
