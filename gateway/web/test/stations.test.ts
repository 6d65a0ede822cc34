/** The rail of a ticket: filled is met, a ring runs, hollow is to come, a square was broken; the last station is the filer's. */
import { expect, test } from 'vitest'
import { stations } from '@/parts/ticket/stations'
import { running, type Clock, type Ticket } from '@/parts/ticket/ticket'

const now = new Date('2026-11-26T10:00:00+08:00')
const due = '2026-11-26T18:00:00+08:00'
const clock = (kind: Clock['kind'], state: Clock['state'], more: Partial<Clock> = {}): Clock => ({ kind, state, startTime: '2026-11-26T09:00:00+08:00', dueTime: due, asOfTime: now.toISOString(), secondsLeft: '19800', workingSecondsLeft: '19800', secondsTotal: '25200', workingSpans: [0, 7200, 16200, 28800], cycle: 1, ...more })
const stopped = { stopTime: '2026-11-26T09:40:00+08:00' }
const ticket = (state: Ticket['state'], clocks: Clock[], more: Partial<Ticket> = {}): Ticket => ({ state, clocks, createTime: '2026-11-26T09:02:00+08:00', holderCard: { displayName: '李明' }, ...more })
const rail = (of: Ticket) => stations(of, now).map(s => [s.key, s.kind])

test('signed: what was kept is filled, what runs is a ring, the filer comes last', () => {
  const of = ticket('IN_PROGRESS', [clock('SIGN', 'MET', stopped), clock('CONTACT', 'RUNNING'), clock('ANSWER', 'RUNNING')])
  expect(rail(of)).toEqual([['filed', 'met'], ['sign', 'met'], ['contact', 'running'], ['answer', 'running'], ['verify', 'tocome']])
  expect(stations(of, now)[1]?.title).toBe('李明已签收')
})

test('a broken promise is a square, and stays one after it was kept late', () => {
  expect(rail(ticket('IN_PROGRESS', [clock('CONTACT', 'BREACHED', { secondsLeft: '-3600', workingSpans: [] })]))).toContainEqual(['contact', 'over'])
  expect(rail(ticket('IN_PROGRESS', [clock('CONTACT', 'BREACHED', { ...stopped, workingSecondsLeft: '-3600' })]))).toContainEqual(['contact', 'overMet'])
})

test('waiting for the filer is the one pause', () => {
  expect(rail(ticket('WAITING', [clock('ANSWER', 'PAUSED', { workingSpans: [] })]))).toContainEqual(['answer', 'paused'])
})

test('another holder begins anew; a work order is no station of the filer', () => {
  const of = ticket('DISPATCHED', [clock('SIGN', 'SUPERSEDED', stopped), clock('SIGN', 'RUNNING'), clock('HANDLE', 'RUNNING', { workOrder: 1 })])
  expect(rail(of).filter(([key]) => key === 'sign')).toEqual([['sign', 'running']])
  expect(rail(of).some(([key]) => key === 'HANDLE')).toBe(false)
})

test('answered, the filer is asked; closed, nothing is still to come', () => {
  expect(rail(ticket('ANSWERED', [clock('ANSWER', 'MET', stopped), clock('VERIFY', 'RUNNING')])).at(-1)).toEqual(['verify', 'running'])
  const closed = stations(ticket('CLOSED', [], { closeReason: 'UNVERIFIED', closeTime: '2026-11-26T09:50:00+08:00' }), now)
  expect(closed.some(s => s.kind === 'tocome')).toBe(false)
  expect(closed.at(-1)?.title).toBe('未评价办结（不算解决）')
})

test('whose list it is decides whose clocks count: a filer is owed the ticket’s, not what units owe each other', () => {
  const of = ticket('IN_PROGRESS', [clock('ANSWER', 'RUNNING'), clock('ORDER_SIGN', 'RUNNING', { workOrder: 1, dueTime: '2026-11-26T11:00:00+08:00' })])
  expect(running(of).map(c => c.kind)).toEqual(['ORDER_SIGN', 'ANSWER'])
  expect(running(of, true).map(c => c.kind)).toEqual(['ANSWER'])
})
