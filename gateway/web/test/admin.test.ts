import { expect, test } from 'vitest'
import { expand, fold, kindOf, turned } from '@/pages/admin/days'

test('ranges go over the end of a month and of February', () => {
  expect([...expand(2026, ['02-27..03-02', '05-01'])]).toEqual(['02-27', '02-28', '03-01', '03-02', '05-01'])
  expect([...expand(2024, ['02-28..03-01'])]).toEqual(['02-28', '02-29', '03-01'])
})

test('what is expanded folds to what it was', () => {
  const ranges = ['01-01..01-03', '02-15..02-23', '06-09', '10-01..10-07']
  expect(fold(2026, expand(2026, ranges))).toEqual(ranges)
})

test('pressing a day twice changes nothing', () => {
  for (const date of ['2026-10-01', '2026-10-10', '2026-11-26', '2026-11-28']) {
    const off = expand(2026, ['10-01..10-07'])
    const makeUp = expand(2026, ['10-10'])
    const before = kindOf(date, off, makeUp)
    const once = turned(date, off, makeUp)
    expect(kindOf(date, once.off, once.makeUp)).not.toBe(before)
    const twice = turned(date, once.off, once.makeUp)
    expect(fold(2026, twice.off)).toEqual(['10-01..10-07'])
    expect(fold(2026, twice.makeUp)).toEqual(['10-10'])
  }
})

test('a make-up Saturday is worked, a Saturday is not', () => {
  const makeUp = expand(2026, ['10-10'])
  expect(kindOf('2026-10-10', new Set(), makeUp)).toBe('make-up')
  expect(kindOf('2026-10-17', new Set(), makeUp)).toBe('weekend')
  expect(kindOf('2026-10-19', new Set(), makeUp)).toBe('workday')
})
