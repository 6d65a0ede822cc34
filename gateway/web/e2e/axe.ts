/**
 * Looks at a page with axe: in both languages whole, then what a theme or a text size can change, which are attributes alone. No violation passes, and nothing is wider
 * than the screen.
 */
import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

export async function accessible(page: Page, ready = 'h1'): Promise<void> {
  const url = new URL(page.url())
  for (const lang of ['zh-CN', 'en']) {
    await page.context().addCookies([{ name: 'tt_ui', value: `theme=light&size=standard&lang=${lang}`, url: url.origin }])
    await page.goto(url.pathname + url.search)
    await page.locator(ready).first().waitFor()
    await page.waitForFunction(() => !document.querySelector('.skeleton'))
    await check(page, `${url.pathname} ${lang}`)
    await page.evaluate(() => { document.documentElement.dataset.theme = 'dark' })
    await check(page, `${url.pathname} ${lang} dark`, ['color-contrast', 'link-in-text-block'])
    await page.evaluate(() => { document.documentElement.dataset.theme = 'light'; document.documentElement.dataset.size = 'huge' })
    await check(page, `${url.pathname} ${lang} huge`, ['color-contrast', 'target-size', 'scrollable-region-focusable'])
  }
}

/** asItStands looks at what is open on the page now, a dialog for one, in both themes and in the largest text. */
export async function asItStands(page: Page, what: string): Promise<void> {
  for (const [theme, size] of [['light', 'standard'], ['dark', 'standard'], ['light', 'huge']]) {
    await page.evaluate(([t, s]) => { Object.assign(document.documentElement.dataset, { theme: t, size: s }) }, [theme, size])
    await check(page, `${what} ${theme} ${size}`)
  }
  await page.evaluate(() => { Object.assign(document.documentElement.dataset, { theme: 'light', size: 'standard' }) })
}

async function check(page: Page, what: string, rules?: string[]): Promise<void> {
  // Without frames there is nothing to gather in a page of its own, which takes as long again as looking.
  const axe = new AxeBuilder({ page }).setLegacyMode()
  if (rules) axe.withRules(rules)
  const found = await axe.analyze()
  expect(found.violations.map(v => `${v.id}: ${v.nodes.map(n => `${n.target.join(' ')} ${n.failureSummary}`).join('; ')}`), what).toEqual([])
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), `${what}: wider than the screen`).toBeLessThanOrEqual(0)
}
