import { afterEach, expect, test } from 'vitest'
import { exact, figure, percent, share, working } from '@/pages/board/figures'
import { band, limits, mean, wilson } from '@/pages/board/stats'
import { lang } from '@/text/text'

afterEach(() => { lang.value = 'zh-CN' })

test.each([[3, 3, 44, 100], [27, 30, 74, 97], [900, 1000, 88, 92], [0, 5, 0, 43]])('%d of %d lies between %d and %d in 100', (k, n, low, high) => {
  const i = wilson(k / n, n)
  expect(Math.round((i?.low ?? -1) * 100)).toBe(low)
  expect(Math.round((i?.high ?? -1) * 100)).toBe(high)
})

test('nothing of nothing has no interval', () => {
  expect(wilson(0, 0)).toBeUndefined()
  expect(wilson(NaN, 3)).toBeUndefined()
  expect(mean([])).toBeUndefined()
})

test('who has too few, or nothing to be compared with, is not placed', () => {
  expect(band(1, 9, 0.5)).toBe('few')
  expect(band(1, 900, undefined)).toBe('few')
  expect(band(1, 10, 0.5)).toBe('above')
  expect(band(0.1, 100, 0.5)).toBe('below')
  expect(band(0.55, 20, 0.5)).toBe('same')
})

test('a funnel narrows with the number and stays within 0 and 1', () => {
  const few = limits(0.9, 3).outer
  const many = limits(0.9, 3000).outer
  expect(few.high).toBe(1)
  expect(many.high - many.low).toBeLessThan(few.high - few.low)
})

test('figures are short from a million on, and exact in their title', () => {
  expect(figure(0)).toBe('0')
  expect(figure(999_999)).toBe('999,999')
  expect(figure(3_000_000)).toBe('300 万')
  expect(exact(3_000_000)).toBe('3,000,000')
  expect(exact(999_999)).toBe('')
  lang.value = 'en'
  expect(figure(3_000_000)).toBe('3.00 M')
})

test('a share is a count while there are few, and never all of what is only nearly all', () => {
  expect(share(0, 0)).toBe('暂无有效评价')
  expect(share(3, 3)).toBe('3 件中 3 件')
  expect(share(9, 9)).not.toContain('%')
  expect(share(10, 10)).toBe('100%')
  expect(share(2_999_999, 3_000_000)).toBe('99.9%')
  expect(share(1, 3_000_000)).toBe('0.1%')
  expect(percent(0)).toBe('0%')
})

test('working time is said in hours', () => {
  expect(working(36)).toBe('36 分')
  expect(working(126)).toBe('2.1 小时')
  expect(working(6000)).toBe('100 小时')
})
