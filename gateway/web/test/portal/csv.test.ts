import { expect, test } from 'vitest'
import { all, csv, range } from '@/pages/portal/lists'

const columns = [{ head: ['编号', 'No.'] as const, text: (x: { a: string }) => x.a }, { head: ['题', 'Title'] as const, text: (x: { a: string, b?: string }) => x.b ?? '' }]
test('a spreadsheet reads it as it is', () => {
  expect(csv(columns, [{ a: '1', b: '停气，"急"\n两天' } as { a: string }, { a: '2' }])).toBe('\uFEFF编号,题\r\n1,"停气，""急""\n两天"\r\n2,\r\n')
})
test('what a person wrote does not run as a formula, a number stays one', () => {
  expect(csv(columns.slice(0, 1), [{ a: '=HYPERLINK("x")' }, { a: '-3' }, { a: '@x' }, { a: '+86' }])).toBe('\uFEFF编号\r\n"\'=HYPERLINK(""x"")"\r\n-3\r\n\'@x\r\n\'+86\r\n')
})
test('every page is read, and how far it is told', async () => {
  const pages: Record<string, { rows: number[], next?: string }> = { '': { rows: [1, 2], next: 'b' }, b: { rows: [3], next: 'c' }, c: { rows: [] } }
  const told: number[] = []
  expect(await all(token => Promise.resolve(pages[token] ?? { rows: [] }), n => told.push(n))).toEqual([1, 2, 3])
  expect(told).toEqual([2, 3, 3])
})
test('a range has both of its days', () => {
  expect(range('2026-11-01', '2026-12-31')).toEqual(['create_time >= "2026-11-01T00:00:00+08:00"', 'create_time < "2027-01-01T00:00:00+08:00"'])
  expect(range('', '')).toEqual([])
})
