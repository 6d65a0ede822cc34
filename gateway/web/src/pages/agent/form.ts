/** From what a form holds to what the contract takes. */
import type { Part, Verb } from './verbs'

export type Values = Record<string, unknown>

function empty(v: unknown): boolean {
  return v === undefined || v === null || v === '' || (typeof v === 'string' && !v.trim()) || (Array.isArray(v) && !v.length)
    || (typeof v === 'object' && !(v instanceof File) && !Array.isArray(v) && !Object.values(v as object).some(x => !empty(x)))
}

const always = new Set<Part['kind']>(['choice', 'procedure', 'material', 'deficiencies', 'official', 'centre', 'items', 'units'])

/** lacking names the parts that are needed and not there. */
export function lacking(verb: Verb, values: Values): Part[] {
  return verb.parts.filter(p => (always.has(p.kind) || ('required' in p && p.required)) && empty(values[p.field]))
}

/** body makes the request's fields; files are sent before and named by the caller. */
export function body(verb: Verb, values: Values): Record<string, unknown> {
  const out: Record<string, unknown> = {}
  for (const p of verb.parts) {
    const v = values[p.field]
    if (p.kind === 'file' || empty(v)) continue
    switch (p.kind) {
      case 'days': out[p.field] = Number(v); break
      case 'moment': out[p.field] = new Date(`${String(v)}:00+08:00`).toISOString(); break // the form speaks the city's time
      case 'deficiencies': out[p.field] = Object.entries(v as Record<string, string>).filter(([, text]) => text.trim()).map(([material, text]) => ({ material, text: text.trim() })); break
      default: out[p.field] = typeof v === 'string' ? v.trim() : v
    }
  }
  return out
}
