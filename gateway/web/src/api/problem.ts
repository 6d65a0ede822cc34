/** What went wrong, in words for the person and a reason for the program. */
import { say, type Pair } from '@/text/text'

export interface Violation { field: string, reason: string, text: string }

interface Detail {
  '@type'?: string
  reason?: string
  metadata?: Record<string, string>
  locale?: string
  message?: string
  fieldViolations?: { field?: string, description?: string, reason?: string, localizedMessage?: { message?: string } }[]
}

const offline: Pair = ['没有网络，请稍后再试。', 'No network. Try again later.']
const fault: Pair = ['出了问题，不是您的原因。内容已保存，请稍后再试。', 'A fault on our side. Your text is saved; try again later.']
const missing: Pair = ['没有找到，或不对您开放。', 'Not found, or not open to you.']

export class Problem extends Error {
  /**
   * status is HTTP's, 0 when nothing answered; reason is the machine's word such as ETAG_MISMATCH; trace is what support asks for.
   */
  constructor(
    readonly status: number, readonly reason: string, message: string, readonly metadata: Record<string, string> = {},
    readonly violations: Violation[] = [], readonly trace = '', readonly retryAfter = 0) {
    super(message)
    this.name = 'Problem'
  }

  /** Nothing answered: the words are as they were, and trying again is right. */
  get unreachable() { return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504 }
  /** There is no such thing for this person. */
  get notFound() { return this.status === 404 || (this.status === 403 && this.reason === 'ROLE_REQUIRED') }
  /** Somebody else acted meanwhile. */
  get stale() { return this.reason === 'ETAG_MISMATCH' || this.reason === 'STATE_FORBIDS' }
}

export function unreachable(): Problem { return new Problem(0, 'OFFLINE', say(offline)) }

/** problemOf reads the one shape that everything answers with, in the language in use. */
export async function problemOf(response: Response, body?: unknown): Promise<Problem> {
  const trace = response.headers.get('X-Request-Id') ?? ''
  const retry = Number(response.headers.get('Retry-After') ?? 0)
  let status: { message?: string, details?: Detail[] } | undefined
  try {
    status = (body ?? await response.clone().json()) as typeof status
  } catch { /* not ours: a proxy's page */ }
  const details = Array.isArray(status?.details) ? status.details : []
  const info = details.find(d => d.reason !== undefined && d['@type']?.endsWith('ErrorInfo'))
  const violations = (details.find(d => d.fieldViolations)?.fieldViolations ?? []).map(v => ({
    field: v.field ?? '', reason: v.reason ?? '', text: v.localizedMessage?.message || v.description || '',
  }))
  let text = status?.message ?? ''
  if (response.status === 404 || !text) text = say(response.status === 404 ? missing : fault)
  return new Problem(response.status, info?.reason ?? `HTTP_${response.status}`, text, info?.metadata ?? {}, violations, trace, retry)
}
