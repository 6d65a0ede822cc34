/**
 * Who is signed in. The browser holds the session in cookies that no script can read; here is only who it is. Sessions rotate, so one tab renews at a
 * time, under a lock; another tab that was about to finds that it is done.
 */
import { computed, reactive, ref } from 'vue'
import { asProblem, json, onStale } from '@/api/client'

export type Role = 'ROLE_ATTENDANT' | 'ROLE_AGENT' | 'ROLE_CLERK' | 'ROLE_DISPATCHER' | 'ROLE_SUPERVISOR' | 'ROLE_MAYOR_OFFICE' | 'ROLE_LEADER' |
  'ROLE_CITY_ADMIN' | 'ROLE_AUDITOR' | 'ROLE_MEMBER' | 'ROLE_ENTERPRISE_ADMIN'

export interface Who {
  city: string
  person: string
  displayName: string
  roles: Role[]
  /** Of an official: cities/{city}/units/{unit}. */
  unit: string
  unitName: string
  unitNameEn: string
  /** Of which the person is a confirmed member. */
  enterprises: string[]
  /** Those among them that the person administers. */
  adminOf: string[]
  /** As the person's phone is shown: 139****0001; empty for officials. */
  phoneMasked: string
}

export const session = reactive<{ who: Who | null, known: boolean, unreachable: boolean }>({ who: null, known: false, unreachable: false })

/** What is served here: the city that somebody who has not signed in belongs to, and whether it is a demonstration. */
export const served = reactive({ city: '', demo: false })
let asking: Promise<void> | undefined
/** readServed asks once; without an answer the next call asks again. */
export function readServed(): Promise<void> {
  asking ??= json<{ city?: string, demo?: boolean }>('GET', '/web/build').then(b => { served.city = b.city ?? ''; served.demo = !!b.demo }, (e: unknown) => { asking = undefined; throw e })
  return asking
}
export const city = computed(() => session.who?.city ?? served.city)

const officials: Role[] = ['ROLE_ATTENDANT', 'ROLE_AGENT', 'ROLE_CLERK', 'ROLE_DISPATCHER', 'ROLE_SUPERVISOR', 'ROLE_MAYOR_OFFICE', 'ROLE_LEADER', 'ROLE_CITY_ADMIN', 'ROLE_AUDITOR']
export function has(...roles: Role[]): boolean { return roles.some(r => session.who?.roles.includes(r)) }
export const isOfficial = computed(() => has(...officials))

/** Set while the person is asked to sign in again above the page; resolves when they did, or gave up. */
export const signInAgain = ref<{ done: (ok: boolean) => void }>()

const renewedAt = 'tt.renewed'
let renewing: Promise<boolean> | undefined

function took(who: Who | null) {
  if (session.who && who && session.who.person !== who.person) location.reload() // another person's page must not stay
  session.who = who
  session.known = true
  session.unreachable = false
}

/** load finds out who is signed in; the last known answer serves a phone without network. */
export async function load(): Promise<void> {
  try {
    took(await json<Who | null>('GET', '/web/session'))
  } catch (e) {
    const problem = asProblem(e)
    if (problem.status === 401) {
      if (await renewQuietly()) return
      took(null)
    } else {
      session.unreachable = true
      session.known = true
    }
  }
}

/** renewQuietly rotates the session, or answers that it is over. */
async function renewQuietly(): Promise<boolean> {
  const before = localStorage.getItem(renewedAt)
  return await navigator.locks.request('tt.renew', async () => {
    if (localStorage.getItem(renewedAt) !== before) { // another tab did
      try {
        const who = await json<Who | null>('GET', '/web/session')
        took(who)
        return !!who
      } catch { /* then it is for us */ }
    }
    try {
      took(await json<Who>('POST', '/web/session:refresh', {}))
      localStorage.setItem(renewedAt, String(Date.now()))
      return true
    } catch (e) {
      if (asProblem(e).status === 0) session.unreachable = true
      return false
    }
  })
}

/** renew rotates, and when that is not possible keeps the page and asks the person. */
export function renew(): Promise<boolean> {
  renewing ??= (async () => {
    if (await renewQuietly()) return true
    if (session.unreachable || !session.who) return false
    return await new Promise<boolean>(resolve => { signInAgain.value = { done: resolve } }).finally(() => { signInAgain.value = undefined })
  })().finally(() => { renewing = undefined })
  return renewing
}
onStale(renew)

async function open(path: string, body: Record<string, unknown>): Promise<Who> {
  // Under the lock of renewals: a renewal that fails clears the cookies, and must not clear the new ones.
  const who = await navigator.locks.request('tt.renew', () => json<Who>('POST', path, body))
  localStorage.setItem(renewedAt, String(Date.now()))
  took(who)
  signInAgain.value?.done(true)
  return who
}
export const signIn = {
  withCode: (challenge: string, code: string) => open('/web/session:signInWithCode', { city: city.value, challenge, code }),
  withPassword: (login: string, password: string) => open('/web/session:signInWithPassword', { city: city.value, login, password }),
  asPersona: (persona: string) => open('/web/session:demoSignIn', { persona }),
}

/** What has to be wiped when somebody signs out; modules that keep something on the device add to it. */
export const wipes: (() => Promise<void>)[] = []

/** signOut ends the session and leaves nothing of the person on the device. */
export async function signOut(): Promise<void> {
  await json('POST', '/web/session:signOut', {}).catch(() => undefined)
  for (const wipe of wipes) await wipe()
  for (const { name } of await indexedDB.databases?.() ?? []) if (name) indexedDB.deleteDatabase(name)
  for (const key of await caches?.keys() ?? []) await caches.delete(key)
  localStorage.clear()
  took(null)
  // The router notes where the page was scrolled to when it goes, in either of these.
  for (const gone of ['pagehide', 'visibilitychange']) addEventListener(gone, () => sessionStorage.clear())
  location.assign('/sign-in') // and no way round by another page, which would be noted again
}
