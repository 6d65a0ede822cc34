/** What a case waits for from its enterprise, and how its items stand. */
import { expect, test } from 'vitest'
import type { Case, CaseClock, Item } from '@/pages/approvals/case'
import { promised, standing } from '@/pages/approvals/case'
import { stageMark, waitsFor, wanted } from '@/pages/approvals/wanted'

const item = (code: string, more: Partial<Item> = {}): Item => ({ name: `cities/410900/cases/c/items/${code}`, displayName: code, state: 'PLANNED', unitDisplayName: '住建局', materials: [], after: [], actions: [], ...more })
const paper = (material: string, state: 'MISSING' | 'COMPLETE' | 'AWAITED', principal = true) => ({ material, displayName: material, principal, tolerable: !principal, state })

test('what has a date comes first, and a paper that three ask for is named once, with the earliest date', () => {
  const of: Case = {
    materials: [{ code: 'map', displayName: '地形图' }],
    items: [item('a', { actions: ['submit'], materials: [paper('map', 'MISSING')] }), item('b', { actions: ['submit'], materials: [paper('map', 'COMPLETE')] }), item('c', { actions: ['correct'], state: 'CORRECTION_OPEN', correction: { dueTime: '2026-12-05T10:00:00Z' } })],
    materialRequests: [{ material: 'map', dueTime: '2026-12-03T10:00:00Z' }, { material: 'map', dueTime: '2026-12-01T10:00:00Z' }],
    actions: ['signAgreement'],
  }
  expect(wanted(of).map(w => [w.kind, w.kind === 'supply' ? w.name : '', w.due ?? ''])).toEqual([['supply', '地形图', '2026-12-01T10:00:00Z'], ['correct', '', '2026-12-05T10:00:00Z'], ['sign', '', ''], ['submit', '', '']])
})

test('a paper that comes of an earlier approval, or may come later, is not wanted now', () => {
  expect(wanted({ items: [item('a', { actions: ['submit'], materials: [paper('permit', 'AWAITED'), paper('contract', 'MISSING', false)] })] })).toEqual([])
})

test('an item says whom it waits for', () => {
  const first = item('备案', { state: 'DEPARTMENT_ACCEPTED' })
  const then = item('许可', { after: ['备案'] })
  const of: Case = { items: [first, then] }
  expect(waitsFor(of, first)).toBe('等住建局')
  expect(waitsFor(of, then)).toBe('等前面的事项：备案')
  expect(waitsFor(of, item('x', { actions: ['submit'] }))).toBe('等您提交')
  expect(waitsFor(of, item('x', { state: 'APPROVED' }))).toBe('')
})

test('a stage is met when all of it is decided, and broken when something is overdue', () => {
  expect(stageMark([item('a', { state: 'APPROVED' }), item('b', { state: 'REFUSED' })])).toBe('met')
  expect(stageMark([item('a', { state: 'APPROVED' }), item('b')])).toBe('running')
  expect(stageMark([item('a'), item('b')])).toBe('tocome')
  expect(stageMark([item('a', { state: 'DEPARTMENT_ACCEPTED', overdue: true })])).toBe('over')
})

test('a correction is wanted from its notice on, and what was refused is not wanted again', () => {
  const open = item('a', { state: 'CORRECTION_OPEN', correction: { dueTime: '2026-12-05T10:00:00Z' } }) // the verb opens with the first paper
  const refused = item('b', { state: 'REFUSED', actions: ['submit'], materials: [paper('map', 'MISSING')] })
  expect(wanted({ items: [open, refused] }).map(w => w.kind)).toEqual(['correct'])
  expect(waitsFor({ items: [open] }, open)).toBe('')
  expect(waitsFor({ items: [refused] }, refused)).toBe('可以重新提交')
})

test('a promise that runs is to be reported, and one that is signed leads the item on the way of promises', () => {
  const soil = item('soil', { actions: ['submit'] })
  const commitment = { name: 'cities/410900/cases/c/commitments/1', item: 'soil', kind: 'PROMISE' as const }
  expect(promised({ commitments: [{ ...commitment, state: 'SIGNED' }] }, soil)?.item).toBe('soil')
  const running: Case = { items: [item('soil', { state: 'APPROVED' })], commitments: [{ ...commitment, state: 'RUNNING', actions: ['report'], dueTime: '2026-12-25T10:00:00Z' }] }
  expect(promised(running, soil)).toBeUndefined()
  expect(wanted(running).map(w => [w.kind, w.due])).toEqual([['report', '2026-12-25T10:00:00Z']])
})

test('a clock that stands still waits for the enterprise only while a correction is open', () => {
  const clock: CaseClock = { kind: 'PROMISED', state: 'PAUSED', item: 'a', secondsLeft: '144000', secondsTotal: '144000' }
  const now = new Date('2026-11-27T02:00:00Z')
  expect(standing(clock, now, { items: [item('a', { state: 'PROCEDURE_OPEN' })] }).text).toBe('计时已暂停，还剩 5 个工作日')
  expect(standing(clock, now, { items: [item('a', { state: 'CORRECTION_OPEN' })] }).text).toBe('计时已暂停：等您补充')
})
