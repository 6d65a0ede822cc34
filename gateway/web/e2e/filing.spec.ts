/** Filing on the phone, against the product: few taps, no network, twice at once, a server that dies. */
import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, Product, test } from './product'

interface Ticket { name: string, number: string, body: string }
const tickets = async (p: Product, persona = 'entrepreneur') => (await p.call<{ tickets?: Ticket[] }>(persona, 'GET', '/v1/cities/410900/tickets?pageSize=200')).tickets ?? []
const picture = async (page: Page) => Buffer.from(await page.evaluate(async () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 2400, height: 1800 })
  const pen = canvas.getContext('2d') as CanvasRenderingContext2D
  for (let i = 0; i < 4000; i++) { pen.fillStyle = `hsl(${Math.random() * 360} 60% 50%)`; pen.fillRect(Math.random() * 2400, Math.random() * 1800, 60, 60) }
  return canvas.toDataURL('image/jpeg', 0.9).split(',')[1] as string
}), 'base64')
const received = (page: Page) => expect(page.getByRole('heading', { name: '市里已收到' })).toBeVisible()
/** write opens a draft and types; the draft says when it is kept. */
async function write(page: Page, text: string) {
  await page.goto('/file')
  await page.getByRole('button', { name: '打字' }).click()
  await page.getByRole('textbox', { name: '您的难处' }).fill(text)
  await expect(page.getByText('草稿已存')).toBeVisible()
}
const send = (page: Page) => page.getByRole('button', { name: '提交给市里' })
const keys = (page: Page) => {
  const seen: string[] = []
  page.on('request', r => { if (r.method() === 'POST' && /\/tickets$/.test(new URL(r.url()).pathname)) seen.push(r.headers()['idempotency-key'] ?? '') })
  return seen
}

test('by voice in three taps', async ({ as, product }) => {
  const page = await as('entrepreneur')
  await page.goto('/file')
  await page.getByRole('button', { name: '说出您的难处' }).click()
  await expect(page.getByText('正在听，再点一下结束')).toBeVisible()
  await expect(page.getByRole('timer')).not.toHaveText('0:00')
  await page.getByRole('button', { name: '说完了' }).click()
  await send(page).click()
  await received(page)
  const ticket = `cities/410900/tickets/${page.url().split('/').at(-1)}`
  await expect.poll(async () => (await product.call<{ attachments?: { state: string, kind: string }[] }>('entrepreneur', 'GET', `/v1/${ticket}/attachments`)).attachments?.map(a => `${a.kind} ${a.state}`)).toEqual(['VOICE READY'])
})

test('by photo in three taps, smaller and without what the camera wrote', async ({ as, product }) => {
  const page = await as('entrepreneur')
  await page.goto('/file')
  await page.locator('input[accept="image/*"]').setInputFiles({ name: 'IMG_1.jpg', mimeType: 'image/jpeg', buffer: await picture(page) })
  await send(page).click()
  await received(page)
  const ticket = `cities/410900/tickets/${page.url().split('/').at(-1)}`
  await expect.poll(async () => (await product.call<{ attachments?: { state: string }[] }>('entrepreneur', 'GET', `/v1/${ticket}/attachments`)).attachments?.map(a => a.state)).toEqual(['READY'])
})

test('by typing in two taps; 3,222 characters and emoji arrive as they are; back from the receipt is home', async ({ as, product }) => {
  const page = await as('entrepreneur')
  const text = `${'停气😡'.repeat(1073)}\n<b>末</b>`.slice(0, 4300)
  await write(page, text)
  await send(page).click()
  await received(page)
  const id = page.url().split('/').at(-1)
  expect((await product.call<Ticket>('entrepreneur', 'GET', `/v1/cities/410900/tickets/${id}`)).body).toBe(text)
  await expect(page.getByText(/负责答复/)).toBeVisible()
  await page.reload()
  await received(page)
  const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '保存图片' }).click()])
  expect(saved.suggestedFilename()).toMatch(/^\d{13}\.png$/)
  await page.goBack()
  await expect(page.getByRole('button', { name: '说出您的难处' })).toBeVisible()
})

test('without a network: reloaded, back again, sent by itself, one key; nothing is called received before', async ({ as, product }) => {
  const page = await as('entrepreneur')
  const seen = keys(page)
  await page.goto('/file')
  await page.evaluate(async () => { await navigator.serviceWorker.ready })
  const text = `断网 ${crypto.randomUUID()}`
  await write(page, text)
  await page.context().setOffline(true)
  await send(page).click()
  await expect(page.getByText('没有网络。已存在这部手机里，有网自动发出')).toBeVisible()
  await expect(page.getByText('已收到')).toHaveCount(0)
  await page.reload()
  await expect(page.getByText(text)).toBeVisible()
  await expect(page.getByText('已收到')).toHaveCount(0)
  await page.context().setOffline(false)
  await expect(page.getByText('市里已收到')).toBeVisible()
  expect((await tickets(product)).filter(t => (t as Ticket & { title: string }).title.includes(text.slice(0, 20)))).toHaveLength(1)
  expect(new Set(seen).size).toBe(1)
})

test('a double tap, and two tabs, make one ticket', async ({ as, product }) => {
  const page = await as('entrepreneur')
  const before = (await tickets(product)).length
  await write(page, '两次点击')
  const other = await page.context().newPage()
  await other.goto(page.url())
  await expect(send(other)).toBeEnabled()
  // At once in both: whichever tab is second may have been led on to the receipt already, which is right as well.
  const twice = () => { const b = document.querySelector<HTMLElement>('.foot button'); b?.click(); b?.click() }
  await Promise.all([page.evaluate(twice), other.evaluate(twice)])
  await received(page)
  expect((await tickets(product)).length).toBe(before + 1)
})

test('who leaves while it is on its way is not called back, and it is sent all the same', async ({ as, product }) => {
  const page = await as('entrepreneur')
  await page.clock.install()
  const before = (await tickets(product)).length
  let on = () => {}
  const held = new Promise<void>(go => { on = go })
  await page.context().route('**/v1/cities/*/tickets', async route => { await held; await route.continue() })
  await write(page, '提交后就走开')
  await send(page).click()
  await page.getByRole('button', { name: '返回' }).click()
  await expect(page.getByRole('button', { name: '说出您的难处' })).toBeVisible()
  await page.clock.runFor(7000)
  on()
  await expect.poll(async () => (await tickets(product)).length).toBe(before + 1)
  await expect(page).toHaveURL(/\/file$/)
})

test('the server dies in the middle of twelve photos: one ticket, twelve photos', async ({ as }) => {
  test.setTimeout(180_000)
  const mine = await Product.start()
  try {
    const page = await as('entrepreneur', undefined, mine)
    const seen = keys(page)
    await write(page, '十二张照片')
    const buffer = await picture(page)
    await page.getByLabel('加照片').setInputFiles(Array.from({ length: 12 }, (_, i) => ({ name: `${i}.jpg`, mimeType: 'image/jpeg', buffer })))
    await expect(page.getByRole('img', { name: '照片 12' })).toBeVisible({ timeout: 30_000 })
    let pieces = 0
    const fifth = new Promise<void>(resolve => { page.on('request', r => { if (r.method() === 'PATCH' && ++pieces === 5) resolve() }) })
    await send(page).click()
    await fifth
    await mine.stop()
    await mine.again()
    await page.evaluate(() => window.dispatchEvent(new Event('online')))
    await expect.poll(async () => {
      const [ticket] = await tickets(mine)
      const files = ticket ? (await mine.call<{ attachments?: { state: string }[] }>('entrepreneur', 'GET', `/v1/${ticket.name}/attachments`)).attachments ?? [] : []
      return files.filter(f => f.state === 'READY').length
    }, { timeout: 90_000 }).toBe(12)
    expect(await tickets(mine)).toHaveLength(1)
    expect(new Set(seen).size).toBe(1)
  } finally {
    await mine.remove()
  }
})

test('no recorder in the browser: a file can be chosen; nobody signed in: it waits for them', async ({ as, browser, product }) => {
  const page = await as('entrepreneur')
  await page.addInitScript(() => { Reflect.deleteProperty(window, 'MediaRecorder'); Reflect.deleteProperty(window, 'SyncManager') })
  await page.goto('/file')
  await expect(page.locator('input[accept="audio/*"]')).toBeAttached()
  const context = await browser.newContext({ baseURL: product.url, locale: 'zh-CN', viewport: { width: 390, height: 844 } })
  const stranger = await context.newPage()
  await write(stranger, '还没登录')
  await send(stranger).click()
  await expect(stranger.getByText('登录后自动发出')).toBeVisible()
  await stranger.getByRole('link', { name: '登录' }).first().click()
  await stranger.locator('[data-persona="entrepreneur"]').click()
  await expect(stranger.getByText('市里已收到')).toBeVisible()
  await context.close()
})

test('the session ends in the middle of a form: sign in above it, and the same words go once', async ({ as, product }) => {
  const page = await as('entrepreneur')
  const before = (await tickets(product)).length
  await write(page, '写到一半登录过期')
  await page.context().clearCookies()
  await send(page).click()
  await page.getByRole('dialog').locator('[data-persona="entrepreneur"]').click()
  await expect(page.getByText('市里已收到').first()).toBeVisible()
  expect((await tickets(product)).length).toBe(before + 1)
})

test('signing out says what is unsent and leaves nothing', async ({ as }) => {
  const page = await as('entrepreneur')
  await write(page, '没有发出的')
  await page.goto('/me')
  await page.getByRole('button', { name: '退出登录' }).click()
  await expect(page.getByRole('heading', { name: '手机里还有 1 件没有发出' })).toBeVisible()
  await page.getByRole('button', { name: '删掉并退出' }).click()
  await page.waitForURL(/sign-in/)
  // The router of the page that comes notes its own places of scrolling there; of the page that went, nothing may be left.
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  expect(await page.evaluate(async () => ({ db: (await indexedDB.databases()).map(d => d.name), caches: await caches.keys(), local: localStorage.length, session: { ...sessionStorage } })))
    .toEqual({ db: [], caches: [], local: 0, session: { 'vue-router:scroll': '{}' } })
})

for (const theme of ['light', 'dark']) for (const lang of ['zh-CN', 'en']) for (const size of ['standard', 'huge']) {
  test(`nothing for axe to say: ${theme} ${lang} ${size}`, async ({ as, product }) => {
    const page = await as('entrepreneur')
    await page.context().addCookies([{ name: 'tt_ui', value: `theme=${theme}&size=${size}&lang=${lang}`, url: product.url }])
    const look = async (name: string) => {
      const found = await new AxeBuilder({ page }).setLegacyMode().analyze()
      expect(found.violations.map(v => `${name}: ${v.id} ${v.nodes.map(n => n.target.join(' ')).join(', ')}`)).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${name} is wider than the phone`).toBeLessThanOrEqual(0)
      if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}-${theme}-${lang}-${size}.png`, fullPage: true })
    }
    await page.goto('/file')
    await expect(page.getByRole('combobox')).toBeVisible()
    await look('file')
    await page.getByRole('button', { name: lang === 'en' ? 'Type' : '打字' }).click()
    await page.getByRole('textbox').first().fill('厂区燃气压力不足，反应釜要停')
    await expect(page.getByText(lang === 'en' ? 'Is it “Gas supply”?' : '像是“燃气”？')).toBeVisible()
    await look('draft')
    await page.goto('/outbox')
    await expect(page.getByText('厂区燃气压力不足')).toBeVisible()
    await look('outbox')
    await page.goto('/me')
    await expect(page.getByText('濮阳市麦浪食品有限公司')).toBeVisible()
    await look('me')
    const { name } = await product.file('供水管道破裂，车间停产两天')
    await page.goto(`/receipt/${name.split('/').at(-1)}`)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await look('receipt')
  })
}
