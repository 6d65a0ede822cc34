/**
 * Live updates: invitations to read again, over server-sent events. It reads the stream itself instead of using EventSource, because only so is the
 * heartbeat seen (a line that has gone dead looks alive otherwise), and a renewed session can take over. A hidden page closes its stream after five minutes
 * and catches up when it is looked at again.
 */
import { createParser } from 'eventsource-parser'
import { onScopeDispose, ref, watch, type Ref } from 'vue'
import { send } from './client'
import { renew } from '@/session/session'

export interface Changed { name: string, version: string }
export interface Handlers {
  /** Something the viewer may list has a new version. */
  changed?: (change: Changed) => void
  /** It is no longer the viewer's. */
  gone?: (name: string) => void
  /** The board has new numbers. */
  board?: () => void
  /** What was missed cannot be told one by one: read everything anew. */
  reset?: () => void
}

/** How the stream is: live; waiting for the first word; or silent for so long that what is shown may be old. */
export type Line = 'connecting' | 'live' | 'lost'

const silence = 30_000
const hiddenFor = 5 * 60_000

/**
 * useLive watches an address such as /v1/cities/410900:watch?topics=MINE for as long as the scope lives. An address of '' watches nothing. `longest` is how
 * long it waits at most between two tries: a few screens on walls come back sooner than all phones of a city.
 */
export function useLive(address: () => string, handlers: Handlers, longest = 30_000): { line: Ref<Line> } {
  const line = ref<Line>('connecting')
  let over = false
  let last = ''
  let tries = 0
  let stream: AbortController | undefined
  let watchdog: ReturnType<typeof setTimeout> | undefined
  let later: ReturnType<typeof setTimeout> | undefined
  let hidden: ReturnType<typeof setTimeout> | undefined

  function heard() {
    clearTimeout(watchdog)
    watchdog = setTimeout(() => { line.value = 'lost'; stream?.abort() }, silence)
  }

  async function run() {
    const url = address()
    if (over || !url || stream) return
    const mine = stream = new AbortController()
    const anew = !last
    heard()
    try {
      const request = new Request(url, { headers: { Accept: 'text/event-stream', ...(last ? { 'Last-Event-ID': last } : {}) }, signal: mine.signal, cache: 'no-store' })
      const response = await send(request)
      if (!response.ok || !response.body) throw new Error(`stream: ${response.status}`)
      const parser = createParser({
        onComment: heard,
        onEvent: e => {
          heard()
          if (e.id !== undefined) last = e.id
          switch (e.event) {
            case 'ready':
              line.value = 'live'
              // Begun late and from nowhere, it tells nothing of what came before: a ticket just filed becomes its reader's a moment later.
              if (anew && tries) handlers.reset?.()
              tries = 0
              break
            case 'changed': handlers.changed?.(JSON.parse(e.data) as Changed); break
            case 'gone': handlers.gone?.((JSON.parse(e.data) as Changed).name); break
            case 'board': handlers.board?.(); break
            case 'reset': last = ''; handlers.reset?.(); break
            case 'expired': void renew(); break
          }
        },
      })
      const reader = response.body.pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>).getReader()
      for (;;) {
        const { done, value } = await reader.read()
        if (done) break
        heard()
        parser.feed(value)
      }
    } catch { /* comes back below */ } finally {
      if (stream === mine) stream = undefined
      clearTimeout(watchdog)
      if (!over && document.visibilityState === 'visible') comeBack()
    }
  }

  function comeBack() {
    if (line.value === 'live') line.value = 'connecting'
    clearTimeout(later)
    const wait = Math.min(longest, 500 * 2 ** tries++) * (0.75 + Math.random() / 2)
    if (tries > 4) line.value = 'lost'
    later = setTimeout(() => void run(), wait)
  }

  function looked() {
    clearTimeout(hidden)
    if (document.visibilityState === 'visible') {
      if (!stream) { tries = 0; clearTimeout(later); void run() }
    } else {
      hidden = setTimeout(() => stream?.abort(), hiddenFor)
    }
  }

  const online = () => { tries = 0; if (!stream) void run() }
  const offline = () => { line.value = 'lost' }
  document.addEventListener('visibilitychange', looked)
  window.addEventListener('online', online)
  window.addEventListener('offline', offline)
  onScopeDispose(() => {
    over = true
    stream?.abort()
    for (const t of [watchdog, later, hidden]) clearTimeout(t)
    document.removeEventListener('visibilitychange', looked)
    window.removeEventListener('online', online)
    window.removeEventListener('offline', offline)
  })
  // What to watch may be known later than the page: who looks, for one.
  watch(address, () => { if (!stream) { tries = 0; void run() } })
  void run()
  return { line }
}
