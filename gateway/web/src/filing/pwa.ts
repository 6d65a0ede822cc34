/** The app on the device: its worker, a new build that waits to be taken, and the offer to install it. */
import { ref, shallowRef } from 'vue'
import { wipes } from '@/session/session'

/** WeChat's own browser installs nothing, and what it stores may go any day. */
export const wechat = /MicroMessenger/i.test(navigator.userAgent)
export const ios = /iPhone|iPad|iPod/.test(navigator.userAgent) || navigator.platform === 'MacIntel' && navigator.maxTouchPoints > 1
export const installed = matchMedia('(display-mode: standalone)').matches || (navigator as { standalone?: boolean }).standalone === true

/** A new build is there, and waits until the person takes it: never in the middle of a form. */
export const newBuild = ref(false)
let registration: ServiceWorkerRegistration | undefined

let started = false
export function startPwa() {
  if (started || !('serviceWorker' in navigator) || import.meta.env.DEV) return
  started = true
  const begin = () => void navigator.serviceWorker.register('/sw.js').then(r => {
    registration = r
    const look = () => { newBuild.value = !!r.waiting && !!navigator.serviceWorker.controller }
    look()
    r.installing?.addEventListener('statechange', look)
    document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') void r.update().catch(() => undefined) })
    r.addEventListener('updatefound', () => r.installing?.addEventListener('statechange', look))
    void r.update().catch(() => undefined) // now, and not when the browser finds the time
  }, () => undefined) // without it all works but the first load without a network
  if (document.readyState === 'complete') begin()
  else window.addEventListener('load', begin, { once: true })
}

export function takeNewBuild() {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  registration?.waiting?.postMessage({ kind: 'take' })
}

// Signed out, the device keeps nothing, the page's copy neither: the next visit begins anew.
wipes.push(async () => {
  for (const r of await navigator.serviceWorker?.getRegistrations() ?? []) {
    const filling = r.installing // which would go on to fill what is being emptied
    if (filling) await new Promise<void>(resolve => filling.addEventListener('statechange', () => resolve(), { once: true }))
    await r.unregister()
  }
})

interface InstallPrompt extends Event { prompt(): Promise<void> }
const prompt = shallowRef<InstallPrompt>()
window.addEventListener('beforeinstallprompt', e => { e.preventDefault(); prompt.value = e as InstallPrompt })

const offeredAt = 'tt.installOffered'
/** offer tells how to install, once in a device's life; undefined when there is nothing to offer. */
export function offer(): 'button' | 'ios' | undefined {
  if (installed || wechat || localStorage.getItem(offeredAt)) return undefined
  return prompt.value ? 'button' : ios ? 'ios' : undefined
}
export function offered() { localStorage.setItem(offeredAt, String(Date.now())) }
export async function install() { offered(); await prompt.value?.prompt() }
