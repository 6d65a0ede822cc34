/** Recomputes the contrast of every pair that the app draws: texts at least 4.5 to 1, controls and rings at least 3 to 1, in both themes. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'

const css = readFileSync('src/style/tokens.css', 'utf8')
function theme(selector: string): Record<string, string> {
  const body = css.slice(css.indexOf(selector)).match(/\{([^}]*)\}/)?.[1] ?? ''
  return Object.fromEntries([...body.matchAll(/--([\w-]+): (#[0-9A-Fa-f]{6});/g)].map(m => [m[1], m[2]])) as Record<string, string>
}
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16) / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4) as [number, number, number]
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p) as [number, number]
  return (x + 0.05) / (y + 0.05)
}

const grounds = ['paper', 'card', 'sunk']
const texts = ['ink', 'ink2', 'ink3', 'link', 'dai']
const statuses = ['onb', 'soon', 'over', 'paus', 'rung']

describe.each([['light', ':root {'], ['dark', ':root[data-theme="dark"]'], ['dark by the device', ':root[data-theme="auto"]']])('%s', (_, selector) => {
  const t = theme(selector)
  const of = (name: string) => { const c = t[name]; if (!c) throw new Error(`no token ${name}`); return c }
  test.each(texts.flatMap(x => grounds.map(g => [x, g])))('%s on %s', (x, g) => expect(contrast(of(x as string), of(g as string))).toBeGreaterThanOrEqual(4.5))
  test.each(statuses.flatMap(s => [[s, `${s}-tint`], [s, 'card'], [s, 'paper']]))('%s on %s', (s, g) => expect(contrast(of(s as string), of(g as string))).toBeGreaterThanOrEqual(4.5))
  test.each([['on-dai', 'dai'], ['on-dai', 'dai-hover'], ['on-over', 'over-fill'], ['dai', 'dai-tint'], ['ink', 'dai-tint']])('%s on %s', (x, g) => expect(contrast(of(x), of(g))).toBeGreaterThanOrEqual(4.5))
  test.each(['edge', 'focus'].flatMap(x => grounds.map(g => [x, g])))('%s on %s', (x, g) => expect(contrast(of(x as string), of(g as string))).toBeGreaterThanOrEqual(3))
  test.each(['c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'over-fill'])('%s on card', x => expect(contrast(of(x), of('card'))).toBeGreaterThanOrEqual(3))
})
