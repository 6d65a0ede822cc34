/** A case as its enterprise looks at it: read whole, kept up to date by invitations, acted upon with its version. */
import { computed, type ComputedRef } from 'vue'
import { useAct, type Act } from '@/api/act'
import { api, ask, type Agency } from '@/api/client'
import { useLive } from '@/api/live'
import { useLoad, type Load } from '@/api/load'
import { last } from '@/api/names'
import { city, session } from '@/session/session'
import { left, type Left } from '@/time/left'

export type Case = Agency<'Case'>
export type Item = Agency<'Item'>
export type Material = Agency<'Material'>
export type Commitment = Agency<'Commitment'>
export type CaseClock = Agency<'Clock'>
export type Note = Agency<'Note'>
export type Stage = Agency<'ApprovalCatalogue'>['catalogue'] extends infer C ? NonNullable<C> extends { stages?: readonly (infer S)[] } ? S : never : never

export interface Whole { case: Case, notes: readonly Note[], stages: readonly Stage[] }

export const path = (id: string) => ({ path: { city: city.value, case: id } })
export const keyed = (id: string, key: string) => ({ ...path(id), header: { 'Idempotency-Key': key } })

export interface View extends Load<Whole> {
  case: ComputedRef<Case | undefined>
  line: ReturnType<typeof useLive>['line']
  /** Makes an act that is followed by reading the case anew, also when somebody else was faster. */
  one: <A extends unknown[]>(does: (key: string, etag: string | undefined, ...args: A) => Promise<unknown>) => Act<A, unknown>
}

export function useCase(id: () => string): View {
  const load = useLoad(async signal => {
    const params = path(id())
    const [found, notes, catalogue] = await Promise.all([
      ask(api.GET('/v1/cities/{city}/cases/{case}', { params, signal })), ask(api.GET('/v1/cities/{city}/cases/{case}/notes', { params, signal })),
      ask(api.GET('/v1/cities/{city}/approvalCatalogue', { params: { path: { city: city.value } }, signal })),
    ])
    return { case: found, notes: notes.notes ?? [], stages: (catalogue.catalogue?.stages ?? []) as readonly Stage[] }
  })
  let later: ReturnType<typeof setTimeout> | undefined
  const soon = () => { clearTimeout(later); later = setTimeout(() => void load.again(), 80) }
  const { line } = useLive(() => session.who ? `/v1/cities/${city.value}/cases:watch?case=${encodeURIComponent(`cities/${city.value}/cases/${id()}`)}` : '', { changed: soon, reset: soon, gone: soon })
  const found = computed(() => load.data.value?.case)
  function one<A extends unknown[]>(does: (key: string, etag: string | undefined, ...args: A) => Promise<unknown>): Act<A, unknown> {
    return useAct(async (key: string, ...args: A) => {
      try { return await does(key, found.value?.etag, ...args) } finally { await load.again() }
    })
  }
  return { ...load, case: found, line, one }
}

/** standing says how a clock of a case stands. One that rests waits for the enterprise only while a correction is open: in a special procedure it is not their turn. */
export function standing(clock: CaseClock, now: Date, of: Case): Left {
  return left(clock, now, of.items?.find(i => codeOf(i) === clock.item)?.state === 'CORRECTION_OPEN')
}

/** clockOf is the clock of an item that runs now: the enterprise's own first, then what the unit promised. */
export function clockOf(of: Case, item: string): CaseClock | undefined {
  const order = ['CORRECT', 'PROMISED', 'STATUTORY', 'ACCEPT', 'DELIVER', 'PROCEDURE']
  return (of.clocks ?? []).filter(c => c.item === item && !c.stopTime && order.includes(c.kind ?? '')).sort((a, b) => order.indexOf(a.kind ?? '') - order.indexOf(b.kind ?? ''))[0]
}

/** promiseClock is what runs for a commitment now: the enterprise's own time, or the unit's to check it. */
export function promiseClock(of: Case, commitment: Commitment): CaseClock | undefined {
  const number = Number(last(commitment.name))
  return (of.clocks ?? []).find(c => c.number === number && c.item === commitment.item && !c.stopTime && ['COMMITMENT', 'FULFIL', 'CHECK'].includes(c.kind ?? ''))
}

/** promised is the commitment of an item that was signed and not yet handed in upon: with it the item goes the way of promises. */
export function promised(of: Case, item: Item): Commitment | undefined {
  return (of.commitments ?? []).find(c => c.item === codeOf(item) && c.kind === 'PROMISE' && c.state === 'SIGNED')
}

export function can(of: { actions?: readonly string[] } | undefined, verb: string): boolean { return !!of?.actions?.includes(verb) }
/** codeOf is the code of an item in its name. */
export function codeOf(item: Item): string { return item.name?.split('/').at(-1) ?? '' }
