/** What a case waits for from its enterprise, and how each of its items stands: told from what the services say, the most pressing first. */
import { listed, say, type Pair } from '@/text/text'
import { can, codeOf, type Case, type Item } from './case'

export type Wish =
  | { kind: 'sign', due?: string }
  | { kind: 'correct' | 'submit' | 'report', item: Item, due?: string }
  | { kind: 'supply', material: string, name: string, text?: string, due?: string }

const supplied = new Set(['COMPLETE', 'SHARED', 'COMMITTED', 'NOT_NEEDED'])

/** lacks are the materials that an item still waits for before it can be handed in. */
export function lacks(item: Item) { return (item.materials ?? []).filter(m => !supplied.has(m.state ?? '') && (m.principal || !m.tolerable)) }

/** wanted lists it: what has a date first, the earliest first. A material is named once, however many ask for it. */
export function wanted(of: Case): Wish[] {
  const out: Wish[] = []
  if (can(of, 'signAgreement')) out.push({ kind: 'sign' })
  for (const item of of.items ?? []) {
    // The verb opens with the first paper; the wish is there from the notice on.
    if (item.state === 'CORRECTION_OPEN') out.push({ kind: 'correct', item, due: item.correction?.dueTime ?? undefined })
    // What was decided against may be handed in again, but nobody waits for that.
    else if (can(item, 'submit') && !decided(item) && !lacks(item).length) out.push({ kind: 'submit', item })
  }
  for (const c of of.commitments ?? []) {
    const item = can(c, 'report') && of.items?.find(i => codeOf(i) === c.item)
    if (item) out.push({ kind: 'report', item, due: c.dueTime ?? undefined })
  }
  const asked = new Map<string, Wish & { kind: 'supply' }>()
  const ask = (material: string, due?: string | null, text?: string) => {
    const known = asked.get(material)
    if (!known) asked.set(material, { kind: 'supply', material, name: nameOf(of, material), text, due: due ?? undefined })
    else if (due && (!known.due || due < known.due)) known.due = due
  }
  for (const r of of.materialRequests ?? []) if (!r.supplyTime) ask(r.material ?? '', r.dueTime, r.text)
  for (const c of of.commitments ?? []) if (c.state === 'RUNNING' || c.state === 'SIGNED') for (const m of c.missing ?? []) ask(m, c.dueTime)
  for (const item of of.items ?? []) if (can(item, 'submit') && !decided(item)) for (const m of lacks(item)) if (m.state !== 'AWAITED') ask(m.material ?? '')
  out.push(...asked.values())
  const at = (w: Wish) => w.due ? Date.parse(w.due) : Number.MAX_SAFE_INTEGER
  return out.map((w, i) => ({ w, i })).sort((a, b) => at(a.w) - at(b.w) || a.i - b.i).map(x => x.w)
}

export function nameOf(of: Case, material: string): string { return of.materials?.find(m => m.code === material)?.displayName ?? material }

export type Mark = 'met' | 'running' | 'over' | 'paused' | 'tocome' | 'lost' | 'soon'

const states: Record<string, [Mark, Pair]> = {
  PLANNED: ['tocome', ['还没提交', 'Not handed in']], RECEIVED: ['running', ['窗口已收件', 'Received']], WINDOW_ACCEPTED: ['running', ['窗口已受理', 'Accepted at the window']], DEPARTMENT_ACCEPTED: ['running', ['审查中', 'Under review']],
  CORRECTION_OPEN: ['soon', ['等您补正', 'To be corrected by you']], CORRECTED: ['running', ['已补正，待受理', 'Corrected']], PROCEDURE_OPEN: ['paused', ['特别程序，停表', 'Special procedure, clock stopped']], PROCEDURE_ENDED: ['running', ['审查中', 'Under review']],
  APPROVED: ['met', ['已批准', 'Approved']], APPROVED_TOLERANTLY: ['met', ['已容缺批准', 'Approved on a commitment']], REFUSED: ['lost', ['不予批准', 'Refused']], NOT_ACCEPTED: ['lost', ['不予收件', 'Not accepted']], ACCEPTANCE_REFUSED: ['lost', ['不予受理', 'Acceptance refused']],
  WITHDRAWN: ['lost', ['已撤回', 'Withdrawn']], WITHDRAWAL_PENDING: ['paused', ['撤回待确认', 'Withdrawal to be confirmed']], RETRACTED: ['lost', ['已收回', 'Retracted']], REVOKED: ['lost', ['已撤销', 'Revoked']], DROPPED: ['lost', ['不再需要', 'No longer needed']],
}
const whom = {
  yours: ['等您提交', 'Waits for you to hand it in'], before: ['等前面的事项：{what}', 'Waits for: {what}'], unit: ['等{unit}', 'With {unit}'], again: ['可以重新提交', 'You may hand it in again'], lacking: ['等您备齐 {n} 份材料', 'Waits for {n} {n|paper|papers} of yours'],
} satisfies Record<string, Pair>

const over = new Set(['APPROVED', 'APPROVED_TOLERANTLY', 'REFUSED', 'NOT_ACCEPTED', 'ACCEPTANCE_REFUSED', 'WITHDRAWN', 'RETRACTED', 'REVOKED', 'DROPPED'])
/** decided tells whether nothing more happens to an item unless somebody begins anew. */
export function decided(item: Item): boolean { return over.has(item.state ?? '') }
export function mark(item: Item): Mark { return item.overdue && !decided(item) ? 'over' : states[item.state ?? '']?.[0] ?? 'tocome' }
export function stateText(item: Item): string { const s = states[item.state ?? '']; return s ? say(s[1]) : item.state ?? '' }

/** waitsFor says whose turn it is; nothing once it is decided. */
export function waitsFor(of: Case, item: Item): string {
  if (item.state === 'CORRECTION_OPEN') return ''
  if (can(item, 'submit') && decided(item)) return say(whom.again)
  if (can(item, 'submit')) return lacks(item).length ? say(whom.lacking, { n: lacks(item).length }) : say(whom.yours)
  if (decided(item)) return ''
  if (item.state === 'PLANNED') {
    const open = (of.items ?? []).filter(i => item.after?.includes(codeOf(i)) && i.state !== 'APPROVED' && i.state !== 'APPROVED_TOLERANTLY')
    return open.length ? say(whom.before, { what: listed(open.map(i => i.displayName ?? '')) }) : ''
  }
  return say(whom.unit, { unit: item.unitDisplayName ?? '' })
}

/** stageMark is the station of a stage: met when all is decided, running when something was begun, else to come. */
export function stageMark(items: readonly Item[]): Mark {
  if (items.length && items.every(decided)) return 'met'
  if (items.some(i => mark(i) === 'over')) return 'over'
  return items.some(i => i.state !== 'PLANNED' || can(i, 'submit')) ? 'running' : 'tocome'
}
