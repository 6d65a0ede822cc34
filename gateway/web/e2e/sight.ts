/** What is wrong with how a page stands, as an eye would see it: text that is cut, words that lie over each other, and in English what is still Chinese. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'

const src = fileURLToPath(new URL('../src', import.meta.url))

/** The app's own words in Chinese: the first half of every pair in the source. Names that the city or a person gave are data, and stay as they are. */
const own = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(f => /\.(vue|ts)$/.test(f) && !f.endsWith('schema.d.ts'))
  .flatMap(f => [...readFileSync(join(src, f), 'utf8').matchAll(/\['((?:[^'\\]|\\.)*[\u4e00-\u9fff](?:[^'\\]|\\.)*)', ['"]/g)].map(m => m[1] ?? ''))

/** What may be Chinese in English: the name of the other language, the mark, and the post that a city gives an official in its own words. */
const given = new Set(['中文', '市长直通车', '首席服务员', '代办员', '班'])
const whole = [...new Set(own.filter(w => !w.includes('{') && !given.has(w)))]

/** parted lists the faults of the page as it stands; empty when there are none. Words of `data` are not the app's own. */
export async function parted(page: Page, data = ''): Promise<string[]> {
  return await page.evaluate(words => {
    const faults: string[] = []
    const english = document.documentElement.lang === 'en'
    const known = new Set(words)
    const name = (e: Element) => `${e.tagName.toLowerCase()}${typeof e.className === 'string' && e.className ? `.${e.className.trim().replace(/\s+/g, '.')}` : ''} “${(e.textContent ?? '').trim().slice(0, 40)}”`
    const shown = (e: Element) => { const b = e.getBoundingClientRect(); return b.width > 1 && b.height > 1 && !e.closest('.sr, .skip, details:not([open]) > :not(summary)') && e.checkVisibility({ visibilityProperty: true, opacityProperty: true }) }
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth
    if (wide > 0) faults.push(`wider than the screen by ${wide}`)
    for (const e of document.querySelectorAll('body *')) {
      if (!(e instanceof HTMLElement) || !shown(e)) continue
      const style = getComputedStyle(e)
      const text = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent?.trim())
      const control = e.matches('button, a, label, [role="tab"], .chip, th, h1, h2, h3')
      // Cut on purpose is what shows an ellipsis or how many lines it has room for.
      const meant = style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none'
      if ((text || control) && !meant && style.display !== 'inline') {
        if (e.scrollWidth > e.clientWidth + 1 && e.clientWidth && style.overflowX !== 'auto' && style.overflowX !== 'scroll') faults.push(`cut sideways by ${e.scrollWidth - e.clientWidth}: ${name(e)}`)
        if (style.overflowY === 'hidden' && e.scrollHeight > e.clientHeight + 2) faults.push(`cut below by ${e.scrollHeight - e.clientHeight}: ${name(e)}`)
      }
      if (english && text) {
        for (const n of e.childNodes) {
          const said = n.nodeType === 3 ? n.textContent?.trim() ?? '' : ''
          if (!said) continue
          if (known.has(said)) faults.push(`Chinese: ${name(e)}`)
          else if (/[（），。：；！？、“”]/.test(said) && !/[\u4e00-\u9fff]/.test(said) && /[（），。：；！？、]/.test(said)) faults.push(`full-width marks: ${said.slice(0, 60)}`)
        }
      }
      if (english) for (const a of ['aria-label', 'title', 'placeholder']) { const said = e.getAttribute(a); if (said && known.has(said)) faults.push(`Chinese ${a}: ${name(e)}`) }
    }
    // What can be pressed has its own place; what floats above the page by design is left out, and what lies within another.
    const pressed = [...document.querySelectorAll('button, a[href], input, select, textarea')].filter(e => shown(e) && ![...ancestors(e)].some(p => /fixed|sticky|absolute/.test(getComputedStyle(p).position)))
    function* ancestors(e: Element) { for (let p: Element | null = e; p; p = p.parentElement) yield p }
    for (const [i, a] of pressed.entries()) {
      const one = a.getBoundingClientRect()
      for (const b of pressed.slice(i + 1, i + 12)) {
        if (a.contains(b) || b.contains(a)) continue
        const other = b.getBoundingClientRect()
        const across = Math.min(one.right, other.right) - Math.max(one.left, other.left)
        const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top)
        if (across > 2 && down > 2 && getComputedStyle(a).display !== 'inline' && getComputedStyle(b).display !== 'inline') faults.push(`over each other: ${name(a)} and ${name(b)}`)
      }
    }
    return [...new Set(faults)]
  }, whole.filter(w => !data.includes(w)))
}
