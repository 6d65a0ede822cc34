import { Blob as NodeBlob } from 'node:buffer'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Problem } from '@/api/problem'
import { upload } from '@/api/upload'

/** A server that keeps what arrives, as the contract says; `break` says what it does with the nth call. */
class Server {
  bytes = new Uint8Array(0)
  size = 0
  announced = new Map<string, string>()
  calls: string[] = []
  refuse = ''
  fault: (call: string, n: number) => 'before' | 'after' | undefined = () => undefined
  fetch = async (request: Request): Promise<Response> => {
    const call = `${request.method} ${new URL(request.url).pathname.replace(/.*\//, '')}`
    if (request.signal.aborted) throw request.signal.reason
    this.calls.push(call)
    const how = this.fault(call, this.calls.length)
    if (how === 'before') throw new TypeError('network')
    const answer = await this.answer(request)
    if (how === 'after') throw new TypeError('network')
    return answer
  }

  private json() {
    const state = this.bytes.length < this.size ? 'UPLOADING' : this.refuse ? 'REFUSED' : 'READY'
    return Response.json({ name: 'cities/410900/tickets/t/attachments/a', state, offset: String(this.bytes.length), size: String(this.size), reason: this.refuse })
  }

  private async answer(request: Request): Promise<Response> {
    if (request.method === 'POST') {
      const said = await request.text()
      const key = request.headers.get('Idempotency-Key') ?? ''
      if ((this.announced.get(key) ?? said) !== said) return problem(409, 'REQUEST_ID_REUSED')
      this.announced.set(key, said)
      this.size = Number((JSON.parse(said) as { size: string }).size)
      return this.json()
    }
    if (request.method === 'HEAD') return new Response(null, { headers: { 'Upload-Offset': String(this.bytes.length) } })
    if (request.method === 'GET') return this.json()
    if (Number(request.headers.get('Upload-Offset')) !== this.bytes.length) return problem(409, 'UPLOAD_OFFSET_MISMATCH')
    const piece = new Uint8Array(await request.arrayBuffer())
    if (piece.length > 1 << 20) return problem(413, 'BODY_TOO_LARGE')
    this.bytes = Uint8Array.from([...this.bytes, ...piece])
    return this.json()
  }
}
function problem(status: number, reason: string) {
  return Response.json({ message: reason, details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason }] }, { status })
}

let server: Server
const file = new NodeBlob([Uint8Array.from({ length: 700_000 }, (_, i) => i * 7 % 251)]) as unknown as Blob // of the same realm as crypto, which jsdom’s is not
const what = { parent: 'cities/410900/tickets/t', fileName: 'a.jpg', kind: 'PHOTO' } as const
beforeEach(() => { server = new Server(); vi.stubGlobal('fetch', server.fetch); vi.stubGlobal('setTimeout', (does: () => void) => { queueMicrotask(does) }) })
afterEach(() => { vi.unstubAllGlobals() })
const same = async () => expect(Buffer.from(server.bytes).equals(Buffer.from(await file.arrayBuffer()))).toBe(true)

test('it arrives whole, and its progress never goes back', async () => {
  const seen: number[] = []
  expect((await upload(what, file, { key: 'k', progress: n => seen.push(n) })).state).toBe('READY')
  await same()
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
  expect(seen.at(-1)).toBe(file.size)
})

for (const how of ['before', 'after'] as const) {
  test(`a break ${how} every single call costs nothing that arrived`, async () => {
    server.fault = (_, n) => n % 3 === 1 ? how : undefined
    expect((await upload(what, file, { key: 'k', patience: 50 })).state).toBe('READY')
    await same()
    expect(server.announced.size).toBe(1)
  })
}

test('who opens it anew under the same key goes on where it was', async () => {
  server.fault = call => call.startsWith('PATCH') && server.bytes.length > 0 ? 'before' : undefined
  await expect(upload(what, file, { key: 'k', patience: 0 })).rejects.toMatchObject({ status: 0 })
  const had = server.bytes.length
  expect(had).toBeGreaterThan(0)
  server.fault = () => undefined
  const seen: number[] = []
  await upload(what, file, { key: 'k', patience: 0, progress: n => seen.push(n) })
  expect(seen[0]).toBe(had)
  await same()
})

test('stopped, it stops; what is refused for good is told and not tried again', async () => {
  const stop = new AbortController()
  await expect(upload(what, file, { key: 'k', signal: stop.signal, progress: n => { if (n) stop.abort() } })).rejects.toThrow()
  expect(server.bytes.length).toBeLessThan(file.size)
  server.refuse = 'MEDIA_DAMAGED'
  const before = server.calls.filter(c => c.startsWith('POST')).length
  await expect(upload(what, file, { key: 'k' })).rejects.toMatchObject({ reason: 'MEDIA_DAMAGED' })
  expect(server.calls.filter(c => c.startsWith('POST')).length).toBe(before + 1)
})

test('another body under the same key is told', async () => {
  await upload(what, file, { key: 'k' })
  await expect(upload({ ...what, fileName: 'b.jpg' }, file, { key: 'k' })).rejects.toBeInstanceOf(Problem)
})
