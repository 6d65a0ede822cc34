/**
 * The city's files while somebody works on them. What is in force is read once; changes are kept apart, in the tab, until they are applied whole or dropped. The
 * services judge: they are asked what the files would change after every pause in the typing, and name file and line of what is wrong.
 */
import { computed, reactive, shallowRef, watch } from 'vue'
import { parseDocument, type Document } from 'yaml'
import { api, ask, asProblem, type Directory } from '@/api/client'
import type { Problem, Violation } from '@/api/problem'
import { city, has } from '@/session/session'

export type Files = Record<string, string>

const decoder = new TextDecoder()
const encoder = new TextEncoder()

export function decode(base64: string): string { return decoder.decode(Uint8Array.from(atob(base64), c => c.charCodeAt(0))) }
export function encode(text: string): string {
  let binary = ''
  for (const b of encoder.encode(text)) binary += String.fromCharCode(b)
  return btoa(binary)
}

export const draft = reactive<{ version: number, base: Files, changes: Record<string, string | null>, summary?: Directory<'CitySummary'>, second?: boolean, problem?: Problem, checking: boolean, loaded: boolean }>(
  { version: 0, base: {}, changes: {}, checking: false, loaded: false })

/** What may be changed by who looks: auditors read. */
export const mayChange = computed(() => has('ROLE_CITY_ADMIN'))

const key = () => `tt.city.${city.value}`
let reading: Promise<void> | undefined

/** unwire is the files as the contract has them, by path. */
export function unwire(all: Directory<'CityFile'>[] | undefined): Files { return Object.fromEntries((all ?? []).map(f => [f.path ?? '', decode(f.content ?? '')])) }

/** filesOf gets the files of a version. */
export async function filesOf(n: number): Promise<Files> {
  return unwire((await ask(api.GET('/v1/cities/{city}/files', { params: { path: { city: city.value }, query: { version: String(n) } } }))).files)
}

/** read gets the files in force, once; changes kept from before are taken up when they were made against the same version. */
export function read(): Promise<void> {
  reading ??= (async () => {
    const got = await ask(api.GET('/v1/cities/{city}/files', { params: { path: { city: city.value } } }))
    draft.base = unwire(got.files)
    draft.version = Number(got.version ?? 0)
    const kept = JSON.parse(sessionStorage.getItem(key()) ?? 'null') as { version: number, changes: Record<string, string | null> } | null
    draft.changes = kept?.version === draft.version ? kept.changes : {}
    draft.loaded = true
  })().catch((e: unknown) => { reading = undefined; throw e })
  return reading
}

export function reread(): Promise<void> { reading = undefined; draft.summary = undefined; draft.problem = undefined; sessionStorage.removeItem(key()); return read() }

/** files is the folder as it would be. */
export const files = computed<Files>(() => {
  const out: Files = { ...draft.base }
  for (const [path, text] of Object.entries(draft.changes)) {
    if (text === null) delete out[path]
    else out[path] = text
  }
  return out
})
export const changed = computed(() => Object.keys(draft.changes))

/** put changes a file; the same text as is in force is no change. */
export function put(path: string, text: string) {
  if (draft.base[path] === text) drop(path)
  else draft.changes = { ...draft.changes, [path]: text }
}

export function drop(path: string) {
  const { [path]: _, ...rest } = draft.changes // eslint-disable-line @typescript-eslint/no-unused-vars
  draft.changes = rest
}

/** wire is the files as the contract wants them. */
export function wire(all: Files): { path: string, content: string }[] { return Object.entries(all).map(([path, text]) => ({ path, content: encode(text) })) }

/** yaml reads a file so that comments and order outlive a change. */
export function yaml(path: string): Document | undefined {
  const text = files.value[path]
  return text === undefined ? undefined : parseDocument(text)
}

/** edit changes one value of a file and leaves the rest as it is written. */
export function edit(path: string, at: (string | number)[], value: unknown) {
  const doc = yaml(path)
  if (!doc) return
  doc.setIn(at, value)
  put(path, doc.toString({ lineWidth: 0, flowCollectionPadding: false }))
}

export const violations = computed<Violation[]>(() => draft.problem?.violations ?? [])
/** of a file: the services name it as path:line. */
export function faultsOf(path: string): Violation[] { return violations.value.filter(v => v.field.startsWith(path)) }

let asked = 0
/** check asks what the files would change, without changing anything. */
export async function check(): Promise<void> {
  const mine = ++asked
  if (!changed.value.length) { draft.summary = undefined; draft.problem = undefined; return }
  draft.checking = true
  try {
    const got = await ask(api.POST('/v1/cities/{city}:apply', { params: { path: { city: city.value } }, body: { files: wire(files.value), validateOnly: true } }))
    if (mine === asked) { draft.summary = got.summary; draft.second = got.secondPerson; draft.problem = undefined }
  } catch (e) {
    if (mine === asked) { draft.summary = undefined; draft.problem = asProblem(e) }
  } finally {
    if (mine === asked) draft.checking = false
  }
}

let later: ReturnType<typeof setTimeout> | undefined
watch(() => draft.changes, changes => {
  if (!draft.loaded) return
  if (Object.keys(changes).length) sessionStorage.setItem(key(), JSON.stringify({ version: draft.version, changes }))
  else sessionStorage.removeItem(key())
  clearTimeout(later)
  later = setTimeout(() => void check(), 400)
})

/** The calendars that were looked at, by year. */
export const calendars = shallowRef<Record<string, Directory<'Calendar'>>>({})
