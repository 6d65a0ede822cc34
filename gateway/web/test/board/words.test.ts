import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { fold } from '@/pages/board/fold'
import { inWords, parts } from '@/pages/board/filterwords'
import { shortCounty } from '@/pages/board/city'
import { initial, reading, shortName, worst, type Ticket } from '@/pages/board/worst'
import { lang } from '@/text/text'

beforeEach(() => { vi.useFakeTimers(); vi.setSystemTime('2026-11-26T12:00:00+08:00') })
afterEach(() => { lang.value = 'zh-CN'; vi.useRealTimers() })

test('a filter is said in words', () => {
  expect(inWords('')).toBe('全部')
  expect(inWords('open = true AND supervised = true')).toBe('在办，督办中')
  expect(inWords('create_time >= "2026-10-28T00:00:00+08:00" AND create_time < "2026-11-27T00:00:00+08:00" AND restricted = false')).toBe('收到时间：10月28日（周三）0:00至11月27日（周五）0:00，不含保密和回避的')
  expect(inWords('answer.due <= "2026-11-26T20:00:00+08:00"')).toContain('答复还欠着')
  expect(inWords('(unit = "a" OR unit = "b") AND rung >= 1')).toBe('单位：a或单位：b，提级至少 1')
  expect(inWords('extension_time:* AND NOT extension_decision:*')).toBe('有申请延期时间，没有延期审批')
  lang.value = 'en'
  expect(inWords('close_reason = "MERGED"')).toBe('closed as: Merged into another')
})

test('brackets and quotes keep together what they hold', () => {
  expect(parts('a = "x AND y" AND (b = 1 AND c = 2) AND d', ' AND ')).toEqual(['a = "x AND y"', '(b = 1 AND c = 2)', 'd'])
})

test('many invitations are one reading now and one after', async () => {
  const read = vi.fn(() => Promise.resolve())
  const f = fold(read, 500)
  for (let i = 0; i < 100; i++) { f.ask(); await vi.advanceTimersByTimeAsync(20) }
  await vi.advanceTimersByTimeAsync(1000)
  expect(read.mock.calls.length).toBeGreaterThanOrEqual(4)
  expect(read.mock.calls.length).toBeLessThanOrEqual(6)
  f.stop()
})

const ticket = (name: string, due: string, more: Partial<Ticket> = {}): Ticket => ({ name, clocks: [{ kind: 'ANSWER', state: 'RUNNING', startTime: '2026-11-20T09:00:00+08:00', dueTime: due }], ...more })

test('the worst is the longest over as a share of its limit, then what is raised, then what is due', () => {
  const rows = worst([ticket('running', '2026-12-20T09:00:00+08:00'), ticket('today', '2026-11-26T18:00:00+08:00'), ticket('raised', '2026-12-10T18:00:00+08:00', { rung: 2 }), ticket('over', '2026-11-26T11:00:00+08:00'), ticket('long over', '2026-11-22T11:00:00+08:00')], new Date())
  expect(rows.map(r => r.ticket.name)).toEqual(['long over', 'over', 'raised', 'today', 'running'])
})

test('what the filer owes, and what is done, does not press', () => {
  expect(reading({ clocks: [{ kind: 'VERIFY', state: 'RUNNING', dueTime: '2026-11-20T09:00:00+08:00' }, { kind: 'SIGN', state: 'MET', stopTime: '2026-11-20T09:00:00+08:00', dueTime: '2026-11-20T10:00:00+08:00' }] }, new Date()).standing).toBe('running')
})

test('a wall has short names of firms and first characters of people', () => {
  expect(shortName('濮阳市麦浪食品有限公司', '濮阳市')).toBe('麦浪食品')
  expect(shortName('远方物流（筹）')).toBe('远方物流')
  expect(shortName('Weber Fine Chemicals GmbH', '濮阳市')).toBe('Weber Fine Chemicals GmbH')
  expect(initial('李明')).toBe('李＊')
  lang.value = 'en'
  expect(['Hualong District', 'Fan County', 'Puyang County', 'Henan Puyang Industrial Park', 'Puyang Economic and Technological Development Zone'].map(n => shortCounty(n, 'Puyang'))).toEqual(['Hualong', 'Fan County', 'Puyang County', 'Industrial Park', 'Economic Zone'])
  lang.value = 'zh-CN'
  expect(shortCounty('濮阳县', '濮阳市')).toBe('濮阳县')
  expect(shortCounty('河南濮阳工业园区', '濮阳市')).toBe('工业园区')
})
