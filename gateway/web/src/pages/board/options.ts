/** What each picture is, as data for the charting library. Axes begin at zero, there is one y-axis, and a pattern stands beside each colour. */
import type { EChartsCoreOption } from 'echarts/core'
import { say, type Pair } from '@/text/text'
import { figure, percent } from './figures'
import type { Palette } from './palette'
import { limits } from './stats'
import type { Day } from './trend'

export type Option = EChartsCoreOption

const words = {
  filed: ['收', 'Filed'], closed: ['结', 'Closed'], open: ['在办', 'Open'], off: ['休', 'off'], makeUp: ['班', 'make-up'], today: ['今天', 'Today'], n: ['有效评价（件）', 'Valid verifications'],
} satisfies Record<string, Pair>

function base(p: Palette, size: number): Option {
  return {
    animation: false, textStyle: { fontFamily: p.sans, fontSize: size, color: p.ink2 },
    tooltip: { trigger: 'axis', renderMode: 'richText', backgroundColor: p.card, borderColor: p.edge, textStyle: { color: p.ink, fontSize: size }, confine: true },
  }
}
const axis = (p: Palette, size: number) => ({ axisLine: { lineStyle: { color: p.edge } }, axisTick: { show: false }, axisLabel: { color: p.ink2, fontSize: size, hideOverlap: true }, splitLine: { lineStyle: { color: p.line } } })

const short = (date: string) => `${Number(date.slice(5, 7))}-${Number(date.slice(8, 10))}`

/**
 * trendOption draws lines, or dots alone where there are too few for a line to mean anything. What comes and goes and what is there are of other sizes, so
 * each has a picture of its own instead of a second axis.
 */
export function trendOption(days: readonly Day[], p: Palette, size = 13, what: 'flow' | 'stock' = 'flow'): Option {
  const sum = days.reduce((n, d) => n + d.filed.n + d.closed.n, 0)
  const few = sum < 10
  const off = days.flatMap((d, i) => d.kind === 'weekend' || d.kind === 'holiday' ? [[{ xAxis: i - 0.5 }, { xAxis: i + 0.5 }]] : [])
  const marks = [
    ...days.flatMap((d, i) => d.kind === 'make-up' ? [{ xAxis: i, lineStyle: { color: p.paus }, label: { formatter: say(words.makeUp), color: p.paus, fontSize: size } }] : []),
    ...(days.length ? [{ xAxis: days.length - 1, lineStyle: { color: p.edge }, label: { show: false } }] : []),
  ]
  const shading = { markArea: { silent: true, itemStyle: { color: p.line, opacity: 0.45 }, data: off }, markLine: { silent: true, symbol: 'none', lineStyle: { type: 'dashed' }, data: marks } }
  const one = (name: string, values: number[], color: string, more: object) => ({
    name, type: 'line', data: values, symbol: few ? 'circle' : 'none', symbolSize: few ? 7 : 4, itemStyle: { color }, lineStyle: { color, width: few ? 0 : 2.5 },
    labelLayout: { moveOverlap: 'shiftY' }, endLabel: { show: !few, formatter: '{a}', color, fontSize: size, fontWeight: 600 }, ...more,
  })
  return {
    ...base(p, size), grid: { left: size * 4, right: size * 5, top: size * 2, bottom: size * 2.2 },
    xAxis: { type: 'category', data: days.map(d => short(d.date)), boundaryGap: false, ...axis(p, size), splitLine: { show: false } },
    yAxis: { type: 'value', min: 0, minInterval: 1, ...axis(p, size), axisLabel: { color: p.ink2, fontSize: size, formatter: (v: number) => figure(v) } },
    series: what === 'stock' ? [one(say(words.open), days.map(d => d.open), p.ink3, { areaStyle: few ? undefined : { color: p.sunk, opacity: 1 }, ...shading })] : [
      one(say(words.filed), days.map(d => d.filed.n), p.c1, shading),
      one(say(words.closed), days.map(d => d.closed.n), p.c2, { z: 3, lineStyle: { color: p.c2, width: few ? 0 : 2.5, type: 'dashed' } }),
    ],
  }
}

export interface Stack { name: string, color: string, values: number[], decal?: boolean }

/** barsOption draws rows of stacked bars. */
export function barsOption(rows: string[], stacks: Stack[], p: Palette, size = 14): Option {
  return {
    ...base(p, size), aria: { enabled: true, decal: { show: true } },
    grid: { left: 24, right: 48, top: 16, bottom: 24, outerBoundsMode: 'same' },
    xAxis: { type: 'value', min: 0, minInterval: 1, ...axis(p, size) },
    yAxis: { type: 'category', inverse: true, data: rows, ...axis(p, size), axisLabel: { color: p.ink, fontSize: size } },
    series: stacks.map(s => ({ name: s.name, type: 'bar', stack: 'all', data: s.values, itemStyle: { color: s.color }, barMaxWidth: 32, label: { show: true, formatter: (x: { value: number }) => x.value ? `${s.name} ${figure(x.value)}` : '', color: p.ink, textBorderColor: p.card, textBorderWidth: 3, fontSize: size } })),
  }
}

export interface Dot { name: string, value: number, low: number, high: number, label: string, target?: number }

/** dotsOption draws shares as dots with their intervals, and a reference. */
export function dotsOption(dots: Dot[], reference: number | undefined, p: Palette, size = 14): Option {
  return {
    ...base(p, size), grid: { left: 24, right: 160, top: 16, bottom: 24, outerBoundsMode: 'same' },
    xAxis: { type: 'value', min: 0, max: 1, ...axis(p, size), axisLabel: { color: p.ink2, fontSize: size, formatter: (v: number) => `${Math.round(v * 100)}%` } },
    yAxis: { type: 'category', inverse: true, data: dots.map(d => d.name), ...axis(p, size), axisLabel: { color: p.ink, fontSize: size } },
    series: [{ type: 'scatter', silent: true, symbol: 'rect', symbolSize: [3, 24], itemStyle: { color: p.ink }, data: dots.flatMap((d, i) => d.target === undefined ? [] : [[d.target, i]]) }, {
      type: 'scatter', symbolSize: 12, itemStyle: { color: p.c1 }, data: dots.map((d, i) => [d.value, i]), label: { show: true, position: 'right', distance: 12, formatter: (x: { dataIndex: number }) => dots[x.dataIndex]?.label ?? '', color: p.ink, fontSize: size },
      markLine: { silent: true, symbol: 'none', data: [...dots.map((d, i) => [{ coord: [d.low, i], lineStyle: { color: p.c1, width: 3, type: 'solid' } }, { coord: [d.high, i] }]), ...(reference === undefined ? [] : [{ xAxis: reference, lineStyle: { color: p.edge, type: 'dashed' }, label: { formatter: percent(reference), color: p.ink2 } }])] },
    }],
  }
}

/** funnelOption draws each part's share over how many it is of, between the limits of chance. */
export function funnelOption(parts: { name: string, value: number, n: number }[], reference: number, p: Palette, size = 13): Option {
  const widest = Math.max(10, ...parts.map(x => x.n))
  const steps = Array.from({ length: 60 }, (_, i) => 1 + (widest - 1) * (i / 59) ** 2)
  const bound = (pick: (n: number) => number, type: string) => ({ type: 'line', symbol: 'none', silent: true, lineStyle: { color: p.edge, width: 1.5, type }, data: steps.map(n => [n, pick(n)]) })
  return {
    ...base(p, size), tooltip: { ...(base(p, size).tooltip as object), trigger: 'item', formatter: (x: { dataIndex: number, seriesType: string }) => x.seriesType === 'scatter' ? `${parts[x.dataIndex]?.name ?? ''}\n${percent(parts[x.dataIndex]?.value ?? 0)} · ${parts[x.dataIndex]?.n ?? 0}` : '' },
    grid: { left: size * 4, right: size * 2, top: size * 2, bottom: size * 3.6 },
    xAxis: { type: 'value', min: 0, minInterval: 1, name: say(words.n), nameLocation: 'middle', nameGap: size * 2, nameTextStyle: { color: p.ink2 }, ...axis(p, size) },
    yAxis: { type: 'value', min: 0, max: 1, ...axis(p, size), axisLabel: { color: p.ink2, fontSize: size, formatter: (v: number) => `${Math.round(v * 100)}%` } },
    series: [
      bound(n => limits(reference, n).inner.low, 'dashed'), bound(n => limits(reference, n).inner.high, 'dashed'),
      bound(n => limits(reference, n).outer.low, 'solid'), bound(n => limits(reference, n).outer.high, 'solid'),
      { type: 'line', symbol: 'none', silent: true, lineStyle: { color: p.ink3, width: 1.5 }, data: [[0, reference], [widest, reference]] },
      { type: 'scatter', symbolSize: 11, itemStyle: { color: p.c1, borderColor: p.card, borderWidth: 1 }, data: parts.map(x => [x.n, x.value]) },
    ],
  }
}
