// Takes a picture of every page at its sizes, in both languages and themes, into gateway/web/shots (not committed). Needs bin/throughtrain built with the
// app in it, Chromium, and for real words THROUGHTRAIN_DATA.
//
//   node scripts/shots.mjs [part of a page's name]
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, rmSync } from 'node:fs'
import { mkdir, mkdtemp, readFile } from 'node:fs/promises'
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
// However it ends, nothing of it stays.
process.on('exit', () => { product.kill('SIGKILL'); rmSync(data, { recursive: true, force: true }) })
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
async function filed(who, body, category) {
  const t = { ...await call(who, 'POST', '/v1/cities/410900/tickets', { body, category }), who, body }
  for (let i = 0; i < 100 && (await call(who, 'GET', `/v1/${t.name}`)).state === 'FILED'; i++) await new Promise(r => setTimeout(r, 30))
  return t
}
for (const [i, body] of words.entries()) tickets.push(await filed(filers[i % 5], body.slice(0, 5000), ['0101', '0203', '0301', ''][i % 4] || undefined))
const mine = tickets.filter(t => t.who === 'entrepreneur')
const act = (who, t, verb, body) => call(who, 'POST', `/v1/${t.name}:${verb}`, body).catch(e => { console.log(`${verb}: ${e.message}`) })
const id = n => n.split('/').at(-1)
const city = '/v1/cities/410900'
for (const [i, t] of mine.entries()) {
  if (i > 0) await act('attendant', t, 'sign', {})
  if (i > 1) await act('attendant', t, 'contact', { channel: 'phone', note: '已电话了解情况' })
  if (i === 2) await act('attendant', t, 'ask', { question: '请提供受理编号和最近一次停气的时间。' })
  if (i > 3) await act('attendant', t, 'answer', { outcome: 'SOLVED', text: '燃气公司已于 15:40 恢复供气，压力 0.38 MPa。今后检修提前三天告知。' })
  if (i > 5) await act('entrepreneur', t, 'verify', { contacted: true, solved: i !== 6, satisfied: i === 6 ? 'DISSATISFIED' : 'SATISFIED', comment: i === 6 ? '昨晚又停了两小时。' : '谢谢' })
}
// What the other desks have before them: an order for a unit, a return, an extension, a visit, a member who asks in.
await act('mayor', mine[1], 'supervise', { text: '三日内报告进展。' })
await call('entrepreneur', 'POST', `/v1/${mine[3].name}/messages`, { text: '今天上午又停了一次，从九点到十点。' })
await call('attendant', 'POST', `/v1/${mine[3].name}/messages`, { text: '已请燃气公司到现场，下午三点前回您电话。' })
const { unit } = await call('clerk', 'POST', '/v1/demo:signIn', { persona: 'clerk' })
for (const t of mine.slice(1, 4)) await call('attendant', 'POST', `/v1/${t.name}/workOrders`, { unit, lead: true, text: '请三日内到现场核查供气压力，并书面答复。' }).catch(e => console.log(e.message))
for (const [verb, body] of [['return', { reason: 'not-our-duty', basis: '三定方案第五条', targetUnit: 'cities/410900/units/gaj' }], ['extend', { workdays: 3, reason: '需要专家评审，评审会定在下周三。' }]]) {
  const t = await filed('entrepreneur', `厂区门前道路开挖后一直没有恢复（${verb === 'return' ? '退单' : '延期'}）。`)
  await act('attendant', t, 'sign', {})
  await act('attendant', t, verb, body)
}
const enterprise = (await call('entrepreneur', 'GET', `${city}/enterprises`)).enterprises[0].name
const me = await call('attendant', 'POST', '/v1/demo:signIn', { persona: 'attendant' })
await call('attendant', 'POST', `${city}/visits`, { enterprise, official: me.person, visitTime: new Date(Date.now() + 2 * 86_400_000).toISOString(), purpose: '看供气改造进度' })
await call('entrepreneur2', 'POST', `/v1/${enterprise}:claimMembership`, {}).catch(e => console.log(e.message))
const today = new Date(Date.now() + 8 * 3_600_000) // in the city
const last = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth(), 0)).toISOString().slice(0, 7)
await call('mayor', 'POST', `${city}/board:publish`, { month: last, correction: '' })
const answers = { type: 'small-low-risk', land: 'owned', investor: 'domestic', hazards: ['water-soil'], investmentFen: '500000000', floorArea: 2000 }
let kase = await call('entrepreneur', 'POST', `${city}/cases`, { title: '年产三万吨面制品扩建项目', enterprise, counties: ['410902'], eligibility: 'MUNICIPAL_APPROVAL', answers })
kase = await call('clerk-tzzx', 'POST', `/v1/${kase.name}:offerAgreement`, { expireTime: new Date(Date.now() + 300 * 86_400_000).toISOString() })
const unsigned = await call('entrepreneur', 'POST', `${city}/cases`, { title: '冷库及配套厂房项目', enterprise, counties: ['410902'], eligibility: 'MUNICIPAL_APPROVAL', answers })
await call('clerk-tzzx', 'POST', `/v1/${unsigned.name}:offerAgreement`, { expireTime: new Date(Date.now() + 300 * 86_400_000).toISOString() })
await act('entrepreneur', kase, 'signAgreement', { textSha256: kase.agreements.at(-1).textSha256, signerName: '陈小满' })
await act('clerk-tzzx', kase, 'sealAgreement', {})
const paper = '立项用地规划许可阶段申请表'
const doc = await call('entrepreneur', 'POST', `/v1/${kase.name}/documents`, { fileName: `${paper}.txt`, purpose: 'material', material: 'form-land', size: String(Buffer.byteLength(paper)), sha256: createHash('sha256').update(paper).digest('hex') })
await fetch(`${url}/v1/${doc.name}`, { method: 'PATCH', headers: { Authorization: `Bearer ${tokens.entrepreneur}`, 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': '0' }, body: paper })
for (const [who, verb] of [['entrepreneur', 'submit'], ['clerk-hualong', 'accept'], ['clerk-hualong', 'approve']]) await call(who, 'POST', `/v1/${kase.name}/items/investment-filing:${verb}`, {}).catch(e => console.log(`${verb}: ${e.message}`))

const phone = [390, 844], desk = [1440, 900], wall = [1920, 1080]
const ticket = t => `/tickets/${id(t.name)}`
const part = (who, sizes, parts) => parts.map(p => [`case-${p}`, `/cases/${id(kase.name)}?part=${p}`, who, sizes])
const pages = [
  ['sign-in', '/sign-in', '', [phone, desk]], ['missing', '/nowhere', '', [phone, desk]],
  ...['file', 'my', 'me', 'outbox'].map(p => [p, `/${p}`, 'entrepreneur', [phone]]), ['file-similar', '/file', 'entrepreneur', [phone], typed],
  ['receipt', `/receipt/${id(mine[0].name)}`, 'entrepreneur', [phone]],
  ...mine.slice(0, 8).map((t, i) => [`ticket-${i}`, ticket(t), 'entrepreneur', [phone]]), ['ticket-wide', ticket(mine[3]), 'entrepreneur', [desk]],
  ['verify', `${ticket(mine[4])}/verify`, 'entrepreneur', [phone]],
  ['approvals', '/approvals', 'entrepreneur', [phone]], ['approvals-new', '/approvals/new', 'entrepreneur', [phone]], ['approval', `/approvals/${id(kase.name)}`, 'entrepreneur', [phone, desk]], ['approval-unsigned', `/approvals/${id(unsigned.name)}`, 'entrepreneur', [phone]],
  ['desk', '/desk', 'attendant', [desk, phone]], ['desk-ticket', ticket(mine[3]), 'attendant', [desk, phone]],
  ...['tickets', 'visits', 'leave', 'enterprises'].map(p => [`desk-${p}`, `/desk/${p}`, 'attendant', [desk, phone]]),
  ['desk-dispatcher', '/desk', 'dispatcher', [desk]], ...['returns', 'issues', 'file', 'coverage'].map(p => [`desk-${p}`, `/desk/${p}`, 'dispatcher', [desk, phone]]),
  ['desk-clerk', '/desk', 'clerk', [desk]], ['desk-orders', '/desk/orders', 'clerk', [desk, phone]], ['desk-supervisor', '/desk', 'supervisor', [desk]], ['desk-mayor-ticket', ticket(mine[1]), 'mayor', [desk, phone]],
  ['agent', '/agent', 'agent', [desk, phone]], ['agent-items', '/agent?tab=items', 'clerk-tzzx', [desk, phone]], ['agent-commitments', '/agent?tab=commitments', 'clerk-tzzx', [desk, phone]], ['agent-open', '/agent/open', 'clerk-tzzx', [desk, phone]],
  ...part('clerk-tzzx', [desk, phone], ['progress', 'materials', 'commitments', 'reviews', 'entrustment', 'certificates', 'record']),
  ['portal', '/portal', 'entrepreneur', [desk]], ...['tickets', 'cases', 'projects', 'members', 'files', 'export'].map(p => [`portal-${p}`, `/portal/${p}`, 'entrepreneur', [desk]]),
  ['board', '/board', 'mayor', [desk, phone]], ['board-whole', '/board', 'mayor', [[1440, 2600]]], ['board-wall', '/board?wall=1', 'mayor', [wall], page => page.waitForSelector('.worst li')], ['board-list', '/board/list?list=TICKETS&filter=open%20%3D%20true', 'mayor', [desk, phone]],
  ['board-approvals', '/board/approvals', 'mayor', [desk, phone]], ['board-months', '/board/months', 'mayor', [desk, phone]], ['board-month', `/board/months/${last}`, 'mayor', [desk, phone]],
  ['admin', '/admin', 'admin', [desk]], ['admin-calendar', '/admin/calendar/2026', 'admin', [desk]], ['admin-file', '/admin/files/policies.yaml', 'admin', [desk]],
  ...['policies', 'staff', 'units', 'categories', 'catalogue', 'files', 'apply', 'boards'].map(p => [`admin-${p}`, `/admin/${p}`, 'admin', [desk]]),
].filter(p => p[0].includes(only))
const looks = [['light', 'zh-CN', 'standard'], ['dark', 'zh-CN', 'standard'], ['light', 'en', 'standard'], ['dark', 'en', 'standard'], ['light', 'zh-CN', 'huge']].filter(l => !process.env.LOOK || l.join('-') === process.env.LOOK)

/** typed writes what was filed before, so that the page says so. */
async function typed(page) {
  await page.locator('.two button').click()
  await page.locator('textarea').first().fill(mine[0].body)
  await page.waitForSelector('.similar', { timeout: 8000 }).catch(() => console.log('file-similar: nothing similar'))
}

await mkdir(out, { recursive: true })
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
for (const [theme, lang, size] of looks) {
  const states = {}
  for (const [name, path, persona, sizes, then] of pages) {
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
      await then?.(page)
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
await once(product, 'exit')
