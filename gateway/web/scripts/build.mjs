// Builds the app into the folder that the gateway embeds, and lays a brotli and a gzip copy beside every text of it: compressed once, here, as well as
// it can be, instead of at every request. Fails when a page's first load is over its budget.
import { createHash } from 'node:crypto'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'vite'

// An empty folder name would be the root of the sources, which the build empties first.
const out = process.env.THROUGHTRAIN_WEB_OUT || fileURLToPath(new URL('../../internal/webapp/dist', import.meta.url))
await build({ root: fileURLToPath(new URL('..', import.meta.url)), build: { outDir: out, manifest: true }, logLevel: 'warn' })

// The page as it comes at the address where a phone begins, and where nobody has to sign in: it names what it will be made of, so that a browser on a slow
// network asks for that beside the app, and not when the app has come and asks.
const shell = await readFile(join(out, 'index.html'), 'utf8')
const more = (await pagesOf(['src/pages/phone/filing/File.vue'], [])).filter(f => !shell.includes(f))
await writeFile(join(out, 'file.html'), shell.replace('</head>', more.map(f => f.endsWith('.css') ? `  <link rel="stylesheet" crossorigin href="${f}">\n`
  : `  <link rel="modulepreload" crossorigin href="${f}">\n`).join('') + '</head>'))

// The worker comes after the app, for it keeps what the app's first screens are made of.
const kept = (await pagesOf(['src/pages/phone/', 'src/pages/TicketPage', 'src/pages/entry/SignIn'])).sort()
await build({
  configFile: false, publicDir: false, logLevel: 'warn',
  define: { __FILES__: JSON.stringify(kept), __BUILD__: JSON.stringify(createHash('sha256').update(shell).digest('hex').slice(0, 12)) },
  build: { outDir: out, emptyOutDir: false, target: ['chrome87', 'safari14'], rollupOptions: { input: fileURLToPath(new URL('../src/sw.ts', import.meta.url)), output: { format: 'iife', entryFileNames: 'sw.js' } } },
})

/** pagesOf lists the files of the app and of the pages below some folders, with all that they import statically, and some more; styles in the order in
 * which they apply: those of what is imported first. */
async function pagesOf(folders, more = ['/manifest.webmanifest', '/icon.svg', '/icon-192.png']) {
  const manifest = JSON.parse(await readFile(join(out, '.vite/manifest.json'), 'utf8'))
  const files = new Set(more)
  const gather = key => {
    const chunk = manifest[key]
    if (!chunk || files.has(`/${chunk.file}`)) return
    files.add(`/${chunk.file}`)
    for (const i of chunk.imports ?? []) gather(i)
    for (const css of chunk.css ?? []) files.add(`/${css}`)
  }
  gather('index.html')
  for (const key of Object.keys(manifest)) if (folders.some(f => key.startsWith(f))) gather(key)
  return [...files]
}

async function walk(folder) {
  const found = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    found.push(...(entry.isDirectory() ? await walk(path) : [path]))
  }
  return found.sort()
}

for (const path of await walk(out)) {
  // The page itself is rewritten by the server for each reader, and pictures and fonts are compressed already.
  if (!/\.(js|css|svg|webmanifest)$/.test(path)) continue
  const text = await readFile(path)
  if (text.length < 1024) continue
  await writeFile(`${path}.br`, brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: text.length } }))
  await writeFile(`${path}.gz`, gzipSync(text, { level: 9 }))
}
await import('./budget.mjs').then(m => m.check(out))
await rm(join(out, '.vite'), { recursive: true })
