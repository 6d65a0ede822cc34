import { describe, expect, test } from 'vitest'
import { ageName, ages, bands, clocks, line, raised, rates, targets, tiles } from '@/pages/board/model'
import { fig, narrowed } from '@/pages/board/numbers'
import { barsOption, dotsOption, funnelOption, trendOption } from '@/pages/board/options'
import type { Palette } from '@/pages/board/palette'
import { sameHour, trend } from '@/pages/board/trend'
import { board, group, sizes } from './boards'

const palette = new Proxy({}, { get: () => 'grey' }) as Palette
const finite = (x: unknown) => expect(JSON.stringify(x, (_, v: unknown) => typeof v === 'number' && !Number.isFinite(v) ? 'NaN!' : v)).not.toContain('NaN')

describe.each(sizes)('a board of %d', n => {
  const b = board(n)
  const all = () => ({ line: line(b.total), clocks: clocks(b.total), rates: rates(b.total), bands: bands(b.units, b.total, 'resolution', true), tiles: tiles(b, [{ code: '410902', name: '华龙区' }, { code: '410922', name: '清丰县' }]), ages: ages(b.total), trend: trend(b) })

  test('has no number that is none', () => {
    finite(all())
    const a = all()
    finite(trendOption(a.trend, palette))
    finite(barsOption(a.clocks.map(c => c.name), [{ name: 'x', color: 'c', values: a.clocks.map(c => c.met.n) }], palette))
    finite(dotsOption([], undefined, palette))
    finite(funnelOption(Object.values(a.bands.rows).flat().map(r => ({ name: r.name, value: r.rate.value ?? 0, n: r.rate.n })), a.bands.reference ?? 0, palette))
  })

  test('its stations add up to what is open', () => {
    expect(line(b.total).reduce((sum, s) => sum + s.open.n, 0)).toBe(n)
    expect(line(b.total)[0]?.open.filter).toBe('open = true AND rung = 0')
    expect(raised(b.total).n + (line(b.total)[0]?.open.n ?? 0)).toBe(n)
  })

  test('its trend ends with what is open now, in at most 400 points', () => {
    const days = trend(b)
    expect(days.at(-1)?.open).toBe(n)
    expect(days.at(-2)?.open).toBe(0)
    expect(days.length).toBeLessThanOrEqual(400)
  })
})

test('few are placed in no band and have no share', () => {
  const b = board(3)
  expect(bands(b.units, b.total, 'resolution', true).rows.few).toHaveLength(1)
  expect(tiles(b, [{ code: '410902', name: '华龙区' }])[0]?.share).toBeUndefined()
})

test('a rate that rests on nothing is not zero', () => {
  for (const r of rates(board(0).total)) { expect(r.value).toBeUndefined(); expect(r.interval).toBeUndefined() }
})

test('the reference is the city’s own rate, or the mean of its units', () => {
  const unit = (key: string, solved: number, valid: number) => group(0, key, { rates: { valid: { value: String(valid) }, solved: { value: String(solved) }, resolution: { hasData: true, basisPoints: solved / valid * 10_000 } } })
  const units = [unit('a', 900, 1000), unit('b', 10, 100)]
  const total = unit('', 910, 1100)
  expect(bands(units, total, 'resolution', true).reference).toBeCloseTo(910 / 1100, 3)
  const plain = bands(units, total, 'resolution', false)
  expect(plain.reference).toBeCloseTo(0.5, 3)
  expect(plain.rows.above.map(r => r.key)).toEqual(['a'])
  expect(plain.rows.below.map(r => r.key)).toEqual(['b'])
})

test('a county with nothing has the list that it would have', () => {
  const tile = tiles(board(3), [{ code: '410922', name: '清丰县' }])[0]
  expect(tile).toMatchObject({ worst: 'none', open: { n: 0, filter: 'open = true AND county = "410922"' } })
})

test('lines become dots where there are too few for a line', () => {
  const series = (n: number) => (trendOption(trend(board(n)), palette).series as { lineStyle: { width: number } }[])[1]
  expect(series(3)?.lineStyle.width).toBe(0)
  expect(series(3_000_000)?.lineStyle.width).toBeGreaterThan(0)
})

test('a count keeps its list, and what is left out is nothing', () => {
  expect(fig(undefined)).toEqual({ n: 0, list: 'TICKETS', filter: '' })
  expect(fig({ value: '7', filter: 'a', list: 'RETURNS' })).toEqual({ n: 7, list: 'RETURNS', filter: 'a' })
  expect(narrowed('', 'b')).toBe('b')
  expect(ages(board(0).total).map(ageName)).toEqual(['0–1 个工作日', '1–3 个工作日', '3–7 个工作日', '7–15 个工作日', '15–30 个工作日', '超过 30 个工作日'])
})

test('a target that the city did not set is no target of nothing', () => {
  expect(targets({ responseTarget: 98, satisfactionTarget: 0 })).toEqual({ response: 0.98, resolution: undefined, satisfaction: undefined })
  expect(targets(undefined)).toEqual({})
})

test('the same hour of last week ends at the minute, and a list of two stretches has none', () => {
  const of = (filter: string) => sameHour({ n: 1, list: 'TICKETS', filter }, new Date('2026-11-27T03:04:59Z'))
  expect(of('create_time >= "2026-11-27T00:00:00+08:00" AND create_time < "2026-11-28T00:00:00+08:00"')).toBe('create_time >= "2026-11-19T16:00:00Z" AND create_time < "2026-11-20T03:04:00Z"')
  expect(of('open = true')).toBeUndefined()
  expect(of('create_time >= "2026-11-27T00:00:00+08:00" AND create_time < "2026-11-28T00:00:00+08:00" AND close_time >= "2026-11-27T00:00:00+08:00"')).toBeUndefined()
})
