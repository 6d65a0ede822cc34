// What the first load of each page weighs, gzipped: the entry, the page's chunk and all they import statically, scripts, styles and fonts.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

// In KB; the budgets of the brief. A page is named by its source. A font that the page does not draw with is not loaded, so TT Num counts for the board.
const budgets = JSON.parse(await readFile(new URL('./budgets.json', import.meta.url), 'utf8'))

export async function check(out) {
  const manifest = JSON.parse(await readFile(join(out, '.vite/manifest.json'), 'utf8'))
  const gather = (key, into) => {
    const chunk = manifest[key]
    if (!chunk || into.has(chunk.file)) return into
    into.add(chunk.file)
    for (const css of chunk.css ?? []) into.add(css)
    for (const i of chunk.imports ?? []) gather(i, into)
    return into
  }
  let over = false
  for (const [page, limit] of Object.entries(budgets)) {
    if (!manifest[page]) throw new Error(`budget: there is no page ${page}`)
    const files = gather(page, gather('index.html', new Set()))
    let bytes = 0
    for (const f of files) bytes += gzipSync(await readFile(join(out, f)), { level: 9 }).length
    const kb = bytes / 1024
    console.log(`${kb > limit ? 'OVER ' : ''}${page}: ${kb.toFixed(1)} KB of ${limit}`)
    over ||= kb > limit
  }
  if (over) throw new Error('a page is over its budget')
}
