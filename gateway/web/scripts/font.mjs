// Makes src/style/tt-num.woff2: Barlow 600 (OFL) with the characters of figures only.
import { readFile, writeFile } from 'node:fs/promises'
import subset from 'subset-font'

const from = await readFile(new URL('../node_modules/@fontsource/barlow/files/barlow-latin-600-normal.woff2', import.meta.url))
const to = await subset(from, '0123456789.,:%+−–-/·×¥~≈<>() ', { targetFormat: 'woff2' })
await writeFile(new URL('../src/style/tt-num.woff2', import.meta.url), to)
console.log(`tt-num.woff2: ${to.length} bytes`)
