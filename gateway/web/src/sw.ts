/**
 * The app's worker: what filing and one's own tickets need is on the device before it is needed. It answers with the page it has when the network does not
 * answer in time, never keeps what the services say, and takes over only when the person says so.
 */
declare const self: ServiceWorkerGlobalScope
/** The build's files that are kept from the start, and a name made of them; scripts/build.mjs fills them in. */
declare const __FILES__: string[]
declare const __BUILD__: string

const cacheName = `tt-${__BUILD__}`
const shell = '/file'
const patience = 2500

self.addEventListener('install', e => {
  e.waitUntil((async () => {
    const cache = await caches.open(cacheName)
    await cache.addAll([...__FILES__, shell].map(f => new Request(f, { headers: f === shell ? { Accept: 'text/html' } : {}, cache: f === shell ? 'reload' : 'default' })))
  })())
})

self.addEventListener('activate', e => {
  e.waitUntil((async () => {
    for (const key of await caches.keys()) if (key !== cacheName) await caches.delete(key)
    await self.clients.claim()
  })())
})

self.addEventListener('fetch', e => {
  const url = new URL(e.request.url)
  if (e.request.method !== 'GET' || url.origin !== self.location.origin) return
  if (e.request.mode === 'navigate') {
    if (!/^\/(v1|web|docs|check|openapi\.json)(\/|$)/.test(url.pathname)) e.respondWith(page(e))
  } else if (url.pathname.startsWith('/assets/')) {
    e.respondWith(asset(e.request))
  } else if (__FILES__.includes(url.pathname)) {
    e.respondWith(fetch(e.request).catch(async () => await caches.match(e.request, { ignoreVary: true }) ?? Response.error()))
  }
})

/** How often a look was chosen since the worker woke. */
let choices = 0

/** page is the network's, or after a while the one that is here. */
async function page(e: FetchEvent): Promise<Response> {
  const asked = fetch(e.request)
  const before = choices
  e.waitUntil(asked.then(async answer => {
    const tag = answer.ok ? tagOf(await answer.clone().text()) : undefined
    if (choices === before) await dress(tag) // what was chosen while it was on its way is newer
  }, () => undefined))
  const late = new Promise<undefined>(resolve => setTimeout(() => resolve(undefined), patience))
  try {
    const answer = await Promise.race([asked, late])
    if (answer && answer.status < 500) return answer
  } catch { /* there is no network */ }
  return await caches.match(shell, { ignoreVary: true }) ?? await asked
}

/** asset never changes under its name: once here, it stays. */
async function asset(request: Request): Promise<Response> {
  const had = await caches.match(request, { ignoreVary: true })
  if (had) return had
  const answer = await fetch(request)
  // Wiped by a sign-out, it stays so.
  if (answer.ok && await caches.has(cacheName)) await (await caches.open(cacheName)).put(request, answer.clone())
  return answer
}

self.addEventListener('message', e => {
  const said = e.data as { kind?: string, lang?: string, theme?: string, size?: string }
  if (said.kind === 'take') void self.skipWaiting()
  if (said.kind !== 'settings') return
  choices++
  const word = (v: string | undefined) => (v ?? '').replace(/[^\w-]/g, '')
  e.waitUntil(dress(`<html lang="${word(said.lang)}" data-theme="${word(said.theme)}" data-size="${word(said.size)}">`))
})

/** The tag of our own page, which carries theme, text size and language. */
const tagOf = (page: string) => /<html lang="[\w-]+" data-theme="\w+" data-size="\w+">/.exec(page)?.[0]

let dressing: Promise<void> = Promise.resolve()
/** dress gives the kept page the look that a setting or the network's page has, so that it comes with it and without a flash; one after the other. */
function dress(tag: string | undefined): Promise<void> {
  return dressing = dressing.then(async () => {
    if (!tag || !await caches.has(cacheName)) return
    const cache = await caches.open(cacheName)
    const had = await cache.match(shell, { ignoreVary: true })
    const page = await had?.text()
    const old = page && tagOf(page)
    if (!had || !old || old === tag) return
    const headers = new Headers(had.headers)
    for (const name of ['Content-Length', 'Content-Encoding', 'ETag']) headers.delete(name)
    await cache.put(shell, new Response(page.replace(old, tag), { headers }))
  }).catch(() => undefined)
}

// Where a browser wakes the worker when the network is back, the pages that are open are told; the outbox itself is theirs.
self.addEventListener('sync' as never, (e: ExtendableEvent) => {
  e.waitUntil(self.clients.matchAll().then(all => { for (const c of all) c.postMessage({ kind: 'sync' }) }))
})

export {}
