/** The app on the device: a new build, the offer to install, what is still there without a network, and rounds of a ticket that are over. */
import type { Page } from '@playwright/test'
import { asItStands } from './axe'
import { newerDoor, type Door } from './newer'
import { expect, look, phone, test, type Product } from './product'

const id = (name: string) => name.split('/').at(-1) as string
const act = (product: Product, who: string, name: string, verb: string, body: unknown = {}) => product.call(who, 'POST', `/v1/${name}:${verb}`, body)
/** installed waits until the worker has all that it keeps, and answers for this page. */
async function installed(page: Page) {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready
    if (!navigator.serviceWorker.controller) await new Promise(resolve => navigator.serviceWorker.addEventListener('controllerchange', resolve, { once: true }))
  })
}

type As = (persona: string, size: typeof phone & { baseURL: string }, product: Product) => Promise<Page>
/** behind is the first screen of who has one build on the device while the next one waits. */
async function behind(door: Door, as: As): Promise<Page> {
  const page = await as('entrepreneur', { ...phone, baseURL: door.url }, { url: door.url } as Product)
  await page.goto('/file')
  await installed(page)
  door.release()
  await page.reload()
  await expect(page.getByRole('button', { name: '更新' })).toBeVisible()
  return page
}

test('a new build is offered, waits for the word, and takes no form with it', async ({ as, product }) => {
  // Also beside a ticket that waits for the person, which has a place of its own.
  const { name } = await product.file('厂区外的限高杆挡住了货车。')
  await act(product, 'attendant', name, 'sign')
  await act(product, 'attendant', name, 'contact', { channel: 'phone', note: '已了解' })
  await act(product, 'attendant', name, 'ask', { question: '是哪一处限高杆？' })
  const door = await newerDoor(product)
  try {
    const page = await behind(door, as)
    const notice = page.getByRole('button', { name: '更新' })
    await expect(page.getByRole('link', { name: /等您处理/ })).toBeVisible()
    await look(page, 'd1-offered', false)
    await asItStands(page, 'a new build')
    await page.getByRole('button', { name: '打字' }).click()
    await page.getByRole('textbox', { name: '您的难处' }).fill('更新时正在写的话')
    await expect(page.getByText('草稿已存')).toBeVisible()
    await expect(notice).toHaveCount(0) // never in the middle of a form
    await page.goBack()
    await Promise.all([page.waitForEvent('load'), notice.click()])
    await expect(page.getByRole('button', { name: '说出您的难处' })).toBeVisible()
    await expect(notice).toHaveCount(0)
    await page.goto('/outbox')
    await expect(page.getByText('更新时正在写的话')).toBeVisible()
  } finally { await door.close() }
})

test('the look that was chosen is there without a network, of this build and of the one that waits', async ({ as, product }) => {
  const door = await newerDoor(product)
  try {
    const page = await behind(door, as)
    await page.getByRole('button', { name: /^大字/ }).click()
    await page.getByRole('button', { name: 'English' }).click()
    const html = page.locator('html[lang="en"][data-size="large"]')
    await expect(html).toHaveCount(1)
    // Every copy that is kept has it, a moment later.
    const copies = () => page.evaluate(async () => {
      const all = await Promise.all((await caches.keys()).map(async k => await (await (await caches.open(k)).match('/file', { ignoreVary: true }))?.text() ?? ''))
      return all.map(c => /<html [^>]*>/.exec(c)?.[0])
    })
    await expect.poll(copies).toEqual(Array(2).fill('<html lang="en" data-theme="auto" data-size="large">'))
    await page.context().setOffline(true)
    await page.reload()
    await expect(html).toHaveCount(1)
    await expect(page.getByRole('button', { name: 'Tell us what blocks you' })).toBeVisible()
    await page.context().setOffline(false)
    await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: 'Update' }).click()])
    await expect.poll(copies).toHaveLength(1)
    // A copy that nobody told is set right by the page that the network gives.
    await page.context().addCookies([{ name: 'tt_ui', value: 'theme=dark&size=large&lang=en', url: door.url }])
    await page.reload()
    await expect.poll(copies).toEqual(['<html lang="en" data-theme="dark" data-size="large">'])
    await page.context().setOffline(true)
    await page.reload()
    await expect(page.locator('html[lang="en"][data-theme="dark"][data-size="large"]')).toHaveCount(1)
    await expect(page.getByRole('button', { name: 'Tell us what blocks you' })).toBeVisible()
  } finally { await door.close() }
})

test('installing is offered once, after the first receipt', async ({ as, product }) => {
  const { name } = await product.file('门前的路坑坑洼洼。')
  const page = await as('entrepreneur', phone)
  await page.goto(`/receipt/${id(name)}`)
  await expect(page.getByRole('heading', { name: '市里已收到' })).toBeVisible()
  await expect(page.getByText('装到桌面')).toHaveCount(0) // the browser has not said that it could
  await page.evaluate(() => {
    const could = Object.assign(new Event('beforeinstallprompt', { cancelable: true }), { prompt: () => { document.body.dataset.prompted = ''; return Promise.resolve() } })
    window.dispatchEvent(could)
  })
  await expect(page.getByText('装到桌面').first()).toBeVisible()
  await look(page, 'd2-install')
  await asItStands(page, 'the offer to install')
  await page.getByRole('button', { name: '装到桌面' }).click()
  await expect(page.locator('body[data-prompted]')).toHaveCount(1)
  await expect(page.getByText('下次一点就开', { exact: false })).toHaveCount(0)
  await page.reload()
  await expect(page.getByRole('heading', { name: '市里已收到' })).toBeVisible()
  await page.evaluate(() => { window.dispatchEvent(new Event('beforeinstallprompt', { cancelable: true })) })
  await expect(page.getByText('下次一点就开', { exact: false })).toHaveCount(0)
})

test('what was seen last is there after a reload without a network, says of when it is, and goes with who signs out', async ({ as, product }) => {
  const ticket = await product.file('断网也要看得到的一件。')
  const page = await as('entrepreneur', phone)
  await page.goto('/file')
  await installed(page)
  await page.goto(`/tickets/${id(ticket.name)}`)
  await expect(page.getByRole('heading', { level: 1 })).toContainText('断网也要看得到的一件')
  await page.goto('/my')
  await expect(page.getByText('断网也要看得到的一件。')).toBeVisible()
  await expect.poll(() => page.evaluate(async () => {
    const db = await new Promise<IDBDatabase>((resolve, reject) => { const asked = indexedDB.open('tt.filing'); asked.onsuccess = () => resolve(asked.result); asked.onerror = () => reject(new Error('closed')) })
    const keys = await new Promise<unknown[]>(resolve => { const got = db.transaction('kept').objectStore('kept').getAllKeys(); got.onsuccess = () => resolve(got.result) })
    db.close()
    return keys.filter(k => String(k).startsWith('seen ')).length
  })).toBe(2)

  await page.context().setOffline(true)
  await page.reload()
  await expect(page.getByText('断网也要看得到的一件。')).toBeVisible()
  await expect(page.getByText(/数据截至/)).toBeVisible()
  await look(page, 'd3-list')
  await asItStands(page, 'the list without a network')
  await page.getByRole('link', { name: /断网也要看得到的一件/ }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('断网也要看得到的一件')
  await page.reload()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('断网也要看得到的一件')
  await expect(page.getByText(/数据截至/).first()).toBeVisible()
  await look(page, 'd3-ticket')

  await page.context().setOffline(false)
  await act(product, 'attendant', ticket.name, 'sign')
  await expect(page.getByText(/数据截至/)).toHaveCount(0) // by itself
  await expect(page.getByText('已签收', { exact: false }).first()).toBeVisible()
  await page.goto('/me')
  await page.getByRole('button', { name: '退出登录' }).click()
  await page.waitForURL(/sign-in/)
  expect(await page.evaluate(async () => (await indexedDB.databases()).map(d => d.name))).toEqual([])
})

test('another person on the same device sees nothing of the one before', async ({ as, product }) => {
  const ticket = await product.file('前一个人看过的一件。')
  const page = await as('entrepreneur', phone)
  await page.goto('/file')
  await installed(page)
  await page.goto('/my')
  await expect(page.getByText('前一个人看过的一件。')).toBeVisible()
  const other = await page.context().request.post('/web/session:demoSignIn', { data: { persona: 'entrepreneur2' }, headers: { 'X-Requested-With': 'through-train', Origin: product.url, 'Sec-Fetch-Site': 'same-origin' } })
  expect(other.ok()).toBe(true)
  await page.goto('/my')
  await expect(page.getByRole('heading', { level: 1, name: '我的诉求' })).toBeVisible()
  await expect(page.getByText('前一个人看过的一件。')).toHaveCount(0)
  await page.context().setOffline(true)
  await page.goto(`/tickets/${id(ticket.name)}`)
  await expect(page.getByText('没有网络，请稍后再试。')).toBeVisible()
  await expect(page.getByText('前一个人看过的一件。')).toHaveCount(0)
})

test('rounds that are over are folded, and open on a tap', async ({ as, product }) => {
  const ticket = await product.file('反应釜升不了温。')
  await act(product, 'attendant', ticket.name, 'sign')
  await act(product, 'attendant', ticket.name, 'contact', { channel: 'phone', note: '已了解' })
  await act(product, 'attendant', ticket.name, 'answer', { outcome: 'SOLVED', text: '第一次答复：已恢复供气，压力正常。' })
  await act(product, 'entrepreneur', ticket.name, 'verify', { contacted: true, solved: false, satisfied: 'DISSATISFIED', comment: '压力还是不够。' })
  await product.call('attendant', 'POST', `/v1/${ticket.name}/messages`, { text: '第二轮：今天到现场。' })
  const page = await as('entrepreneur', phone)
  await page.goto(`/tickets/${id(ticket.name)}`)
  const history = page.getByRole('region', { name: '经过' })
  await expect(history.getByText('第二轮：今天到现场。')).toBeVisible()
  await expect(history.getByText('压力还是不够。')).toBeVisible() // why there is a second round
  await expect(history.getByText('第一次答复：已恢复供气，压力正常。')).toHaveCount(0)
  await look(page, 'd4-folded')
  const round = history.getByRole('button', { name: '第 1 轮 已结' })
  await expect(round).toHaveAttribute('aria-expanded', 'false')
  await round.click()
  await expect(history.getByText('第一次答复：已恢复供气，压力正常。')).toBeVisible()
  await look(page, 'd4-open')
  await asItStands(page, 'a ticket of two rounds')
  await round.click()
  await expect(history.getByText('第一次答复：已恢复供气，压力正常。')).toHaveCount(0)
})
