import { effectScope } from 'vue'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { actKeys, bound, fixed, own, places, pressed, table, useKeys } from '@/pages/desk/keys'
import { formOf } from '@/pages/desk/rows'
import type { Entry } from '@/pages/desk/useQueue'
import { changes, rest, useFrozen } from '@/pages/desk/queue'
import { nextAct, ticketVerbs } from '@/pages/desk/verbs'
import schema from '../../../proto/gen/openapi/openapi.json'

beforeEach(() => { own.off = false; own.keys = {}; vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers(); document.body.innerHTML = '' })

const quiet = { ...actKeys(() => false), note() {}, template() {}, explain() {}, link() {}, part1() {}, part2() {}, part3() {}, part4() {}, part5() {} }

function press(key: string, target: EventTarget = window, more: KeyboardEventInit = {}) {
  const e = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more })
  target.dispatchEvent(e)
  return e
}

test('no two actions have the same key, and none takes what the browser or the input method needs', () => {
  const keys = table.map(k => k.key)
  expect(new Set(keys).size).toBe(keys.length)
  for (const k of [...table, ...fixed]) expect(k.key).not.toMatch(/Ctrl\+(Shift|T|W|N)|Alt/)
})

test('keys act, but not in fields, not while composing, not when switched off', () => {
  const scope = effectScope()
  const sign = vi.fn()
  scope.run(() => useKeys('ticket', { ...quiet, sign }))
  press('s')
  expect(sign).toHaveBeenCalledTimes(1)
  const field = document.body.appendChild(document.createElement('textarea'))
  press('s', field)
  press('s', window, { isComposing: true })
  press('s', window, { ctrlKey: true })
  own.off = true
  press('s')
  expect(sign).toHaveBeenCalledTimes(1)
  scope.stop()
})

test('two keys after each other go to a page', () => {
  const scope = effectScope()
  const goQueue = vi.fn()
  const ask = vi.fn()
  scope.run(() => { useKeys('everywhere', { commands() {}, search() {}, help() {}, goQueue, goEnterprises() {}, goVisits() {} }); useKeys('ticket', { ...quiet, ask }) })
  press('g'); press('q')
  expect(goQueue).toHaveBeenCalledTimes(1)
  expect(ask).not.toHaveBeenCalled()
  press('g'); vi.advanceTimersByTime(2000); press('q')
  expect(ask).toHaveBeenCalledTimes(1)
  scope.stop()
})

test('a key that somebody chose is the one that counts', () => {
  own.keys = { sign: 'Y' }
  expect(bound.value.find(k => k.action === 'sign')?.key).toBe('Y')
  expect(pressed(new KeyboardEvent('keydown', { key: 'y' }))).toBe('Y')
})

test('changes counts what enters, leaves and moves, each once', () => {
  expect(changes(['a', 'b', 'c'], ['a', 'b', 'c'])).toBe(0)
  expect(changes(['a', 'b', 'c'], ['x', 'a', 'b', 'c'])).toBe(1)
  expect(changes(['a', 'b', 'c'], ['b', 'c'])).toBe(1)
  expect(changes(['a', 'b', 'c'], ['c', 'a', 'b'])).toBe(1)
})

test('two hundred changes while the pointer is inside move nothing, and are counted', () => {
  const scope = effectScope()
  const list = scope.run(() => useFrozen<{ id: string, v: number }>(r => r.id))!
  list.take([{ id: 'a', v: 0 }, { id: 'b', v: 0 }])
  list.on.pointerenter?.(new Event('pointerenter'))
  for (let i = 1; i <= 200; i++) list.take([{ id: `n${i}`, v: i }, { id: 'b', v: i }, { id: 'a', v: i }])
  expect(list.rows.value.map(r => r.id)).toEqual(['a', 'b'])
  expect(list.rows.value.map(r => r.v)).toEqual([200, 200])
  expect(list.waiting.value).toBe(2) // one came, one moved
  list.apply()
  expect(list.rows.value.map(r => r.id)).toEqual(['n200', 'b', 'a'])
  list.take([{ id: 'b', v: 1 }])
  expect(list.waiting.value).toBe(2)
  vi.advanceTimersByTime(rest + 1)
  expect(list.rows.value.map(r => r.id)).toEqual(['b'])
  scope.stop()
})

test('the primary act is contact before answer', () => {
  expect(nextAct(['answer', 'contact', 'ask'], false)).toBe('contact')
  expect(nextAct(['answer', 'contact', 'ask'], true)).toBe('answer')
  expect(nextAct(['message'], true)).toBeUndefined()
})

test('every verb of a ticket that officials have in the contract has its form or its place in the composer', () => {
  const prefix = '/v1/cities/{city}/tickets/{ticket}:'
  const inContract = Object.entries(schema.paths as Record<string, { post?: unknown }>).filter(([p, m]) => p.startsWith(prefix) && m.post).map(([p]) => p.slice(prefix.length))
  const inPlace = ['revealContact'] // beside the phone
  const filers = ['reply', 'verify', 'reopen', 'withdraw', 'requestDialogue']
  const here = new Set([...ticketVerbs.map(v => v.verb), 'answer', 'ask', ...inPlace, ...filers])
  expect(inContract.filter(v => !here.has(v))).toEqual([])
})

test('every key of the sheet has a place that answers to it, and no place one that is not on the sheet', () => {
  // That each place has a handler for each of its actions is the compiler's to find.
  const answered = new Set<string>(Object.values(places).flat())
  expect([...answered].sort()).toEqual([...table, ...fixed].map(k => k.action as string).sort())
})

test('the order stands while the pointer is inside, also after ten seconds of rest took what was new', () => {
  const scope = effectScope()
  const list = scope.run(() => useFrozen<string>(r => r))!
  list.take(['a', 'b'])
  list.on.pointerenter?.(new Event('pointerenter'))
  list.take(['c', 'a', 'b'])
  vi.advanceTimersByTime(rest + 1)
  expect(list.rows.value).toEqual(['c', 'a', 'b'])
  list.take(['b', 'c', 'a'])
  expect(list.rows.value).toEqual(['c', 'a', 'b'])
  list.on.pointerleave?.(new Event('pointerleave'))
  vi.advanceTimersByTime(rest + 1)
  expect(list.rows.value).toEqual(['b', 'c', 'a'])
  list.take(['a', 'b', 'c'])
  expect(list.rows.value, 'nobody is inside').toEqual(['a', 'b', 'c'])
  scope.stop()
})

test('away from the top nothing moves by itself', () => {
  const scope = effectScope()
  const list = scope.run(() => useFrozen<string>(r => r))!
  list.take(['a'])
  list.on.pointerenter?.(new Event('pointerenter'))
  list.take(['b', 'a'])
  vi.stubGlobal('scrollY', 400)
  vi.advanceTimersByTime(10 * rest)
  expect(list.rows.value).toEqual(['a'])
  vi.stubGlobal('scrollY', 0)
  vi.advanceTimersByTime(rest + 1)
  expect(list.rows.value).toEqual(['b', 'a'])
  vi.unstubAllGlobals()
  scope.stop()
})

test('a row offers at once what the services offer, and leaves to the page what is written there', () => {
  const ticket = { name: 'cities/410900/tickets/t', actions: ['sign', 'answer', 'merge'], etag: '3' }
  expect(formOf({ kind: 'HELD', ticket } as Entry, 'sign')).toMatchObject({ name: ticket.name, etag: '3' })
  expect(formOf({ kind: 'HELD', ticket } as Entry, 'contact')).toBeUndefined()
  expect(formOf({ kind: 'HELD', ticket } as Entry, 'merge')).toBeUndefined()
  const workOrder = { name: 'cities/410900/tickets/t/workOrders/1', actions: ['signOrder'] }
  expect(formOf({ kind: 'ORDER', ticket, workOrder } as unknown as Entry, 'sign')).toMatchObject({ name: workOrder.name, verb: { path: ':sign' } })
})
