// Takes a picture of every page at its sizes, in both languages and themes, into gateway/web/shots (not committed). Needs bin/throughtrain built with the
// app in it, Chromium, and for real words THROUGHTRAIN_DATA.
//
//   node scripts/shots.mjs [part of a page's name]
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const out = fileURLToPath(new URL('../shots', import.meta.url))
const only = process.argv[2] ?? ''
const port = 20000 + Math.floor(Math.random() * 20000)
const url = `http://127.0.0.1:${port}`
const data = await mkdtemp(join(tmpdir(), 'throughtrain-shots-'))
const product = spawn(join(root, 'bin/throughtrain'), ['serve', '--demo', '--data', data, '--city', join(root, 'deploy/config/cities/410900'), '--addr', `127.0.0.1:${port}`], { stdio: 'ignore' })
while (!await fetch(`${url}/healthz`).then(r => r.ok, () => false)) await new Promise(r => setTimeout(r, 100))

const tokens = {}
async function call(persona, method, path, body) {
  tokens[persona] ??= (await (await fetch(`${url}/v1/demo:signIn`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ persona }) })).json()).accessToken
  const r = await fetch(url + path, { method, headers: { Authorization: `Bearer ${tokens[persona]}`, 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }, body: body && JSON.stringify(body) })
  const answer = await r.json()
  if (!r.ok) throw new Error(`${path}: ${JSON.stringify(answer)}`)
  return answer
}

// Words to look at: real ones when there are some, else invented ones of the same lengths.
let words = Array.from({ length: 40 }, (_, i) => `第 ${i + 1} 件：厂区供气压力不足，反应釜升不了温，打了燃气公司三次电话都说在排查。${'请尽快恢复。'.repeat(i * 3)}`)
const corpus = process.env.THROUGHTRAIN_DATA && join(process.env.THROUGHTRAIN_DATA, 'leader_messages.jsonl')
if (corpus && existsSync(corpus)) {
  words = (await readFile(corpus, 'utf8')).split('\n').filter(Boolean).slice(0, 40).map(l => { const m = JSON.parse(l); return m.body ?? m.content ?? m.text ?? Object.values(m).filter(v => typeof v === 'string').sort((a, b) => b.length - a.length)[0] })
}
const filers = ['entrepreneur', 'entrepreneur2', 'entrepreneur3', 'entrepreneur4', 'entrepreneur5']
const tickets = []
for (const [i, body] of words.entries()) tickets.push({ ...await call(filers[i % 5], 'POST', '/v1/cities/410900/tickets', { body: body.slice(0, 5000), category: ['0101', '0203', '0301', ''][i % 4] || undefined }), who: filers[i % 5] })
const mine = tickets.filter(t => t.who === 'entrepreneur')
for (const t of tickets) {
  for (let i = 0; i < 100; i++) { const now = await call(t.who, 'GET', `/v1/${t.name}`); if (now.state !== 'FILED') break; await new Promise(r => setTimeout(r, 30)) }
}
const act = (who, t, verb, body) => call(who, 'POST', `/v1/${t.name}:${verb}`, body).catch(() => undefined)
for (const [i, t] of mine.entries()) {
  if (i > 0) await act('attendant', t, 'sign', {})
  if (i > 1) await act('attendant', t, 'contact', { channel: 'phone', note: '已电话了解情况' })
  if (i === 2) await act('attendant', t, 'ask', { question: '请提供受理编号和最近一次停气的时间。' })
  if (i > 3) await act('attendant', t, 'answer', { outcome: 'SOLVED', text: '燃气公司已于 15:40 恢复供气，压力 0.38 MPa。今后检修提前三天告知。' })
  if (i > 5) await act('entrepreneur', t, 'verify', { contacted: true, solved: true, satisfied: 'SATISFIED', comment: '谢谢' })
}
await act('mayor', mine[1], 'supervise', { text: '三日内报告进展。' })
const answers = { type: 'small-low-risk', land: 'owned', investor: 'domestic', hazards: ['water-soil'], investmentFen: '500000000', floorArea: 2000 }
const enterprise = (await call('entrepreneur', 'GET', '/v1/cities/410900/enterprises')).enterprises[0].name
const kase = await call('entrepreneur', 'POST', '/v1/cities/410900/cases', { title: '年产三万吨面制品扩建项目', enterprise, counties: ['410902'], eligibility: 'MUNICIPAL_APPROVAL', answers })
const id = n => n.split('/').at(-1)

const phone = [390, 844], desk = [1440, 900], wall = [1920, 1080]
const pages = [
  ['sign-in', '/sign-in', '', [phone, desk]],
  ['file', '/file', 'entrepreneur', [phone]], ['my', '/my', 'entrepreneur', [phone]], ['me', '/me', 'entrepreneur', [phone]], ['outbox', '/outbox', 'entrepreneur', [phone]],
  ['receipt', `/receipt/${id(mine[0].name)}`, 'entrepreneur', [phone]],
  ...mine.slice(0, 7).map((t, i) => [`ticket-${i}`, `/tickets/${id(t.name)}`, 'entrepreneur', [phone]]), ['ticket-wide', `/tickets/${id(mine[3].name)}`, 'entrepreneur', [desk]],
  ['verify', `/tickets/${id(mine[4].name)}/verify`, 'entrepreneur', [phone]],
  ['approvals', '/approvals', 'entrepreneur', [phone]], ['approval', `/approvals/${id(kase.name)}`, 'entrepreneur', [phone, desk]],
  ['desk', '/desk', 'attendant', [desk, phone]], ['desk-ticket', `/tickets/${id(mine[3].name)}`, 'attendant', [desk, phone]], ['desk-dispatcher', '/desk', 'dispatcher', [desk]], ['desk-clerk', '/desk', 'clerk', [desk]], ['desk-supervisor', '/desk', 'supervisor', [desk]],
  ['desk-mayor-ticket', `/tickets/${id(mine[1].name)}`, 'mayor', [desk]],
  ['agent', '/agent', 'agent', [desk, phone]], ['case', `/cases/${id(kase.name)}`, 'clerk-tzzx', [desk, phone]],
  ['portal', '/portal', 'entrepreneur', [desk]], ['portal-members', '/portal/members', 'entrepreneur', [desk]],
  ['board', '/board', 'mayor', [desk, phone]], ['board-wall', '/board?wall=1', 'mayor', [wall]], ['board-approvals', '/board/approvals', 'mayor', [desk]],
  ['admin', '/admin', 'admin', [desk]], ['admin-policies', '/admin/policies', 'admin', [desk]], ['admin-calendar', '/admin/calendar/2026', 'admin', [desk]], ['admin-staff', '/admin/staff', 'admin', [desk]], ['admin-catalogue', '/admin/catalogue', 'admin', [desk]], ['admin-files', '/admin/files/policies.yaml', 'admin', [desk]],
].filter(p => p[0].includes(only))
const looks = [['light', 'zh-CN', 'standard'], ['dark', 'zh-CN', 'standard'], ['light', 'en', 'standard'], ['light', 'zh-CN', 'huge']].filter(l => !process.env.LOOK || l.join('-') === process.env.LOOK)

await mkdir(out, { recursive: true })
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
for (const [theme, lang, size] of looks) {
  const states = {}
  for (const [name, path, persona, sizes] of pages) {
    for (const [width, height] of sizes) {
      if (size === 'huge' && width !== 390) continue
      const context = await browser.newContext({ viewport: { width, height }, locale: lang, timezoneId: 'Asia/Shanghai', baseURL: url, storageState: states[persona] })
      await context.addCookies([{ name: 'tt_ui', value: `theme=${theme}&size=${size}&lang=${lang}`, url }])
      if (persona && !states[persona]) {
        await context.request.post('/web/session:demoSignIn', { data: { persona }, headers: { 'X-Requested-With': 'through-train', Origin: url, 'Sec-Fetch-Site': 'same-origin' } })
        states[persona] = await context.storageState()
        states[persona].cookies = states[persona].cookies.filter(c => c.name !== 'tt_ui')
      }
      const page = await context.newPage()
      page.on('pageerror', e => console.log(`${name}: ${e.message}`))
      page.on('console', m => { if (m.type() === 'error' && !/Failed to load resource/.test(m.text())) console.log(`${name}: ${m.text()}`) })
      await page.goto(path)
      await page.waitForSelector('h1', { timeout: 10_000 }).catch(() => console.log(`${name}: no title`))
      await page.waitForFunction(() => !document.querySelector('.skeleton'), undefined, { timeout: 10_000 }).catch(() => console.log(`${name}: still loading`))
      await page.evaluate(() => document.fonts.ready)
      const scroll = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
      if (scroll > 0) console.log(`${name} ${width} ${lang} ${size}: wider than the screen by ${scroll}`)
      await page.screenshot({ path: join(out, `${name}-${width}-${theme}-${lang}-${size}.png`), fullPage: width === 390 })
      await context.close()
    }
  }
}
await browser.close()
product.kill('SIGTERM')
await rm(data, { recursive: true, force: true })
