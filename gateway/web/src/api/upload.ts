/**
 * A file on its way to a ticket or a case. It is announced with its hash, then sent in pieces, each at its offset; what arrived stays, so after a break it
 * goes on where the server says. Announcing it again under the same key finds the same file, also from a page that was opened anew.
 */
import { send, type Agency, type Hotline } from './client'
import { Problem, problemOf } from './problem'

/** What is sent where: photos, voice and documents of a ticket; papers of a case. */
export type Announcement =
  | { parent: `cities/${string}/tickets/${string}`, fileName: string, kind: 'PHOTO' | 'VOICE' | 'DOCUMENT' }
  | { parent: `cities/${string}/cases/${string}`, fileName: string, purpose: string, material?: string, validUntil?: string }

/** What the services know of it. */
export type Uploaded = Hotline<'Attachment'> & Agency<'Document'>

export interface UploadOptions {
  /** The key that the file was given when it was chosen; the same on every try. */
  key: string
  /** Told whenever more of it has arrived. */
  progress?: (sent: number, size: number) => void
  /** Stops it; what arrived stays and the same key goes on from there. */
  signal?: AbortSignal
  /** How often a break is waited out before it counts as a failure; 0 for who tries again on their own. */
  patience?: number
}

const smallest = 32 << 10
const largest = 1 << 20 // more than this in one piece is refused
/** On a line so slow that a piece takes longer than this, smaller ones; on one faster than a tenth of it, larger ones. */
const aPiece = 15_000

/** upload sends a file and answers when it is accepted. What is refused for good throws a Problem that is not `unreachable`. */
export async function upload(what: Announcement, file: Blob, options: UploadOptions): Promise<Uploaded> {
  const { signal, progress } = options
  let patience = options.patience ?? 5
  let known: Uploaded | undefined
  let piece = 128 << 10
  const { parent, ...rest } = what
  const body = JSON.stringify({ ...rest, size: String(file.size), sha256: await sha256(file) })
  const collection = parent.includes('/tickets/') ? 'attachments' : 'documents'
  for (let tries = 0; ;) {
    try {
      known ??= await announce()
      progress?.(offsetOf(known), file.size)
      for (;;) {
        const settled = judged(known)
        if (settled) return settled
        const begun = Date.now()
        const from = offsetOf(known)
        known = await put(known, piece)
        progress?.(offsetOf(known), file.size)
        if (offsetOf(known) > from) tries = 0
        const took = Date.now() - begun
        if (took > aPiece) piece = Math.max(smallest, piece / 2)
        else if (took < aPiece / 10) piece = Math.min(largest, piece * 2)
      }
    } catch (e) {
      if (signal?.aborted || !passing(e) || patience-- <= 0) throw e
      await pause(Math.min(30_000, 500 * 2 ** tries++) * (0.75 + Math.random() / 2), signal)
      if (known) known = await where(known).catch(() => undefined)
    }
  }

  async function announce(): Promise<Uploaded> {
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': options.key }
    return await answer(new Request(`${location.origin}/v1/${parent}/${collection}`, { method: 'POST', headers, body, signal }))
  }

  /** put sends the next piece; a disagreement about where that begins is settled in favour of the server. */
  async function put(f: Uploaded, length: number): Promise<Uploaded> {
    const from = offsetOf(f)
    const headers = { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': String(from) }
    try {
      return await answer(new Request(address(f), { method: 'PATCH', headers, body: await file.slice(from, from + length).arrayBuffer(), signal }))
    } catch (e) {
      if (!(e instanceof Problem)) throw e
      // Another tab sent it meanwhile, or it was judged: read how it stands now.
      if (e.reason === 'UPLOAD_OVER' || e.reason === 'UPLOAD_OFFSET_MISMATCH') return await answer(new Request(address(f), { signal }))
      if (e.reason === 'BODY_TOO_SLOW') piece = Math.max(smallest, piece / 2)
      throw e
    }
  }

  /** where asks how much arrived. */
  async function where(f: Uploaded): Promise<Uploaded | undefined> {
    const response = await send(new Request(address(f), { method: 'HEAD', signal }))
    const offset = response.headers.get('Upload-Offset')
    return response.ok && offset && Number(offset) < file.size ? { ...f, offset } : undefined // else announcing again tells the rest
  }
}

function address(f: Uploaded): string { return `${location.origin}/v1/${f.name ?? ''}` }
function offsetOf(f: Uploaded): number { return Number(f.offset ?? 0) }

async function answer(request: Request): Promise<Uploaded> {
  const response = await send(request)
  if (!response.ok) throw await problemOf(response)
  return await response.json() as Uploaded
}

/** judged is the file when it is accepted; undefined while more is wanted. */
function judged(f: Uploaded): Uploaded | undefined {
  if (f.state === 'READY') return f
  if (f.state === 'REFUSED') throw new Problem(400, f.reason || 'MEDIA_NOT_ALLOWED', f.reasonText ?? '')
  if (f.state === 'EXPIRED') throw new Problem(410, 'UPLOAD_EXPIRED', f.reasonText ?? '')
  return undefined
}

/** passing tells a failure that may be another answer next time. */
export function passing(e: unknown): boolean {
  return e instanceof Problem && (e.unreachable || e.status === 408 || e.status === 429 || e.status >= 500)
}

/** sha256 of a file, in hexadecimal. */
export async function sha256(file: Blob): Promise<string> {
  const sum = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()))
  return Array.from(sum, b => b.toString(16).padStart(2, '0')).join('')
}

async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => { signal?.removeEventListener('abort', stop); resolve() }, ms)
    const stop = () => { clearTimeout(timer); reject(signal?.reason as Error) }
    signal?.addEventListener('abort', stop, { once: true })
  })
}
