/**
 * Lighthouse on the page that files, as a phone of the middle class on slow 4G meets it. It runs when nothing else does; a machine that is busy all the same
 * slows what is measured and never hastens it, so the best of three counts.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from './product'

interface Report {
  categories: Record<'performance' | 'accessibility' | 'best-practices', { score: number, auditRefs: { id: string }[] }>
  audits: Record<string, { score: number | null, title: string, numericValue?: number }>
}

test('the filing page: performance at least 95, accessibility and best practices 100', async ({ product }) => {
  test.setTimeout(480_000)
  const signed = await fetch(`${product.url}/web/session:demoSignIn`, {
    method: 'POST', headers: { 'Content-Type': 'application/json', 'X-Requested-With': 'through-train', Origin: product.url }, body: JSON.stringify({ persona: 'entrepreneur' }),
  })
  expect(signed.status).toBe(200)
  const cookie = signed.headers.getSetCookie().map(c => c.split(';')[0]).join('; ')
  const dir = await mkdtemp(join(tmpdir(), 'lighthouse-'))
  const best = { 'performance': 0, 'accessibility': 0, 'best-practices': 0 }
  let missed: string[] = []
  try {
    for (let run = 0, taken = 0; taken < 3 && run < 9; run++) {
      const out = join(dir, `${run}.json`)
      const measured = await promisify(execFile)(process.execPath, [join(createRequire(import.meta.url).resolve('lighthouse/package.json'), '../cli/index.js'), `${product.url}/file`,
        '--quiet', '--output=json', `--output-path=${out}`, `--extra-headers=${JSON.stringify({ Cookie: cookie })}`,
        '--only-categories=performance,accessibility,best-practices', '--chrome-flags=--headless=new --no-sandbox --disable-gpu --lang=zh-CN'],
      { env: { ...process.env, CHROME_PATH: process.env.CHROMIUM ?? '/usr/bin/chromium' } }).then(() => true, (failed: Error) => {
        // The browser's trace lacked its beginning: nothing was measured, and Lighthouse asks to be run again; it is none of the three. What was never measured fails below.
        if (!failed.message.includes('NO_NAVSTART')) throw failed
        console.log(`lighthouse ${run + 1}: the trace had no beginning`)
        return false
      })
      if (!measured) continue
      taken++
      const report = JSON.parse(await readFile(out, 'utf8')) as Report
      for (const name of Object.keys(best) as (keyof typeof best)[]) best[name] = Math.max(best[name], report.categories[name].score)
      missed = Object.values(report.audits).filter(a => a.score !== null && a.score < 0.9).map(a => `${a.title} ${Math.round(a.numericValue ?? 0)}`)
      console.log(`lighthouse ${run + 1}: ${Object.values(report.categories).map(c => c.score * 100).join(' / ')}, largest paint ${Math.round(report.audits['largest-contentful-paint']?.numericValue ?? 0)} ms`)
      if (best.performance >= 0.95 && best.accessibility === 1 && best['best-practices'] === 1) return
    }
    expect(best, missed.join('; ')).toMatchObject({ 'accessibility': 1, 'best-practices': 1 })
    expect(best.performance, missed.join('; ')).toBeGreaterThanOrEqual(0.95)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})
