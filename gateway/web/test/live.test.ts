import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { effectScope } from 'vue'
import { useLive } from '@/api/live'

/** stream answers as the gateway does to a watch: the events given, and then it stays open. */
function stream(...events: string[]): Response {
  return new Response(new ReadableStream({ start(c) { for (const e of events) c.enqueue(new TextEncoder().encode(e)) } }), { headers: { 'Content-Type': 'text/event-stream' } })
}
const ready = 'event: ready\nid: 7\ndata: {}\n\n'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers(); vi.unstubAllGlobals() })

/** watched counts how often a page is told to read anew, while the gateway gives the answers one after the other. */
async function watched(answers: Response[], until: () => boolean, asked: Request[] = []): Promise<number> {
  vi.stubGlobal('fetch', (request: Request) => { asked.push(request); return Promise.resolve(answers.shift() ?? stream()) })
  let resets = 0
  const scope = effectScope()
  const line = scope.run(() => useLive(() => 'http://city.test/v1/cities/410900:watch', { reset: () => { resets++ } })) as ReturnType<typeof useLive>
  for (let i = 0; i < 100 && !(answers.length === 0 && line.line.value === 'live' && until()); i++) await vi.advanceTimersByTimeAsync(100)
  expect(line.line.value).toBe('live')
  scope.stop()
  return resets
}

test('a stream that is refused at first has missed what made it possible: the page reads anew', async () => {
  const asked: Request[] = []
  expect(await watched([new Response(null, { status: 404 }), stream(ready)], () => asked.length === 2, asked)).toBe(1)
})

test('a stream that begins at once needs nothing read twice', async () => {
  expect(await watched([stream(ready)], () => true)).toBe(0)
})

test('a stream that breaks goes on where it was', async () => {
  const asked: Request[] = []
  const broken = new Response(ready, { headers: { 'Content-Type': 'text/event-stream' } })
  expect(await watched([broken, stream(ready)], () => asked.length === 2, asked)).toBe(0)
  expect(asked[1]?.headers.get('Last-Event-ID')).toBe('7')
})
