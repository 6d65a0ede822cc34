/** The mayor's board beyond its numbers: a month that is published, an order given in place, a wall that turns by itself, and pictures to keep and to print. */
import { test as shared, deskSize, expect, look, Product, wall } from './product'
import { newerDoor } from './newer'

// The board counts all there is, so it has a product that no other story filed in.
const test = shared.extend<object, { product: Product }>({
  product: [async ({}, use) => { // eslint-disable-line no-empty-pattern
    const product = await Product.start()
    const city = '/v1/cities/410900'
    for (let i = 0; i < 8; i++) await product.file(`第 ${i + 1} 件：厂区供气压力不足。`, i % 2 ? 'entrepreneur2' : 'entrepreneur')
    const { tickets = [] } = await product.call<{ tickets?: { name: string }[] }>('attendant', 'GET', `${city}/tickets?pageSize=50`)
    const first = tickets[0]?.name ?? ''
    await product.call('attendant', 'POST', `/v1/${first}:sign`, {})
    await product.call('attendant', 'POST', `/v1/${first}:contact`, { channel: 'phone', note: '已了解' })
    await product.call('attendant', 'POST', `/v1/${first}:answer`, { outcome: 'SOLVED', text: '已协调燃气公司恢复供气，请您确认。' })
    await product.call('entrepreneur', 'POST', `/v1/${first}:verify`, { contacted: true, solved: true, satisfied: 'SATISFIED' })
    await expect.poll(async () => Number((await product.call<{ total: { closed: { value: string } } }>('mayor', 'GET', `${city}/board?sections=none`)).total.closed.value)).toBe(1)
    await use(product)
    await product.remove()
  }, { scope: 'worker' }],
})

test('a month that is over is published, with its numbers and a digest; again only with a reason; the auditor sees it and publishes nothing', async ({ as }) => {
  const page = await as('mayor', deskSize)
  await page.goto('/board/months')
  const before = page.getByRole('row').filter({ hasText: '第 1 版' })
  await page.getByRole('button', { name: '公布一个月' }).click()
  const form = page.getByRole('dialog', { name: '公布一个月' })
  const [year, number] = (await form.getByLabel('月份').inputValue()).split('-')
  const month = `${year}年${Number(number)}月`
  // What would be published is seen before it is, and is what is published then.
  const preview = form.getByRole('region', { name: `现在公布，${month}就是这些数` }).locator('dd')
  await expect(preview.first()).toBeVisible()
  const foreseen = await preview.allTextContents()
  await look(page, 'c1-publish', false)
  await form.getByRole('button', { name: '公布', exact: true }).click()
  await expect(form).toHaveCount(0)
  await expect(before.getByRole('link', { name: month })).toBeVisible()
  await page.getByRole('button', { name: '公布一个月' }).click()
  // A second time needs its reason; the same words within a second are taken for a double tap.
  await expect(async () => {
    await form.getByRole('button', { name: '公布', exact: true }).click()
    await expect(form.getByRole('alert')).toBeVisible({ timeout: 1000 })
  }).toPass()
  await form.getByLabel('更正理由').fill('补记一件。')
  await form.getByRole('button', { name: '公布', exact: true }).click()
  await expect(form).toHaveCount(0)
  await expect(page.getByRole('row').filter({ hasText: '补记一件。' })).toContainText('第 2 版')
  await look(page, 'c1-months')
  const auditor = await as('auditor', deskSize)
  await auditor.goto('/board/months')
  await expect(auditor.getByRole('button', { name: '公布一个月' })).toHaveCount(0)
  await auditor.getByRole('link', { name: month }).first().click()
  await expect(auditor.getByRole('heading', { level: 1, name: `${month}公布` })).toBeVisible()
  await expect(auditor.getByText(/摘要 /)).toBeVisible()
  await expect(auditor.locator('.grid dd')).toHaveText(foreseen)
  await look(auditor, 'c1-month')
})

test('an order is given in place, and the row says that it was', async ({ as }) => {
  const page = await as('mayor', deskSize)
  await page.goto('/board')
  const row = page.locator('.worst li').first()
  await row.getByRole('button', { name: '督办' }).click()
  await page.getByLabel('写给承办人的话').fill('三日内报告进展。')
  await page.getByRole('button', { name: '看一遍再发出' }).click()
  await look(page, 'c2-preview', false)
  await page.getByRole('button', { name: '确认督办' }).click()
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(page.locator('.worst').getByText('已督办').first()).toBeVisible()
})

test('who has too few verifications is told as a count and not ranked', async ({ as }) => {
  const page = await as('mayor', deskSize)
  await page.goto('/board')
  const units = page.getByRole('region', { name: /^单位：/ })
  await expect(units.getByRole('heading', { name: '样本不足，不排名' })).toBeVisible()
  await expect(units.getByText('1 件中 1 件')).toBeVisible()
  await expect(units.getByText(/100\s?%/)).toHaveCount(0)
  await look(page, 'c3-board')
})

test('a picture is kept as PNG with its title, and the print has no buttons and is light', async ({ as }) => {
  const page = await as('mayor', deskSize)
  await page.goto('/board')
  await expect(page.locator('.chart svg').first()).toBeVisible()
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '存图' }).first().click()])
  expect(file.suggestedFilename()).toMatch(/\.png$/)
  const chunks: Buffer[] = []
  for await (const c of await file.createReadStream()) chunks.push(c as Buffer)
  const png = Buffer.concat(chunks)
  expect(png.subarray(1, 4).toString()).toBe('PNG')
  expect(png.readUInt32BE(16)).toBeGreaterThan(600) // as wide as a report needs
  if (process.env.SHOTS) await file.saveAs(`${process.env.SHOTS}/c4-kept.png`)
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  await expect(page.getByRole('button', { name: '存图' }).first()).toBeHidden()
  const paper = await page.evaluate(() => ({ ink: getComputedStyle(document.querySelector('.picture h2') as Element).color, card: getComputedStyle(document.querySelector('.picture') as Element).backgroundColor }))
  expect(paper).toEqual({ ink: 'rgb(27, 35, 38)', card: 'rgb(255, 255, 255)' })
  await look(page, 'c4-print')
})

test('the wall turns from five to five by itself, and begins anew at four when there is a new build', async ({ as, product }) => {
  const door = await newerDoor(product)
  try {
    const page = await as('mayor', { ...wall, baseURL: door.url }, { url: door.url } as Product)
    await page.clock.install()
    await page.goto('/board?wall=1')
    await expect(page.locator('.worst li')).toHaveCount(5)
    const seen = () => page.locator('.worst li .what').allInnerTexts()
    const first = await seen()
    await look(page, 'c5-first', false)
    await page.clock.runFor(20_000)
    await expect.poll(seen).not.toEqual(first)
    await look(page, 'c5-second', false)
    await page.clock.runFor(20_000)
    await expect.poll(seen).toEqual(first)
    door.release()
    const now = new Date(Date.now() + 8 * 3_600_000)
    const until = ((4 - now.getUTCHours() + 24) % 24 || 24) * 3_600_000 - now.getUTCMinutes() * 60_000
    const again = page.waitForEvent('load', { timeout: 30_000 })
    // The page takes its time from the city, so the city's goes ahead with the browser's.
    door.later(until + 60_000)
    await page.clock.fastForward(until + 60_000)
    await page.clock.runFor(120_000)
    await again
    await expect(page.locator('.worst li').first(), 'five, or the rest of them').toBeVisible()
  } finally { await door.close() }
})
