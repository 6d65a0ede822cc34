import { deskSize, expect, listen, phone, test } from './product'

const firsts = [['企业家 陈小满', phone, /\/file$/], ['企业家 陈小满', deskSize, /\/portal$/], ['首席服务员', deskSize, /\/desk$/], ['代办员', deskSize, /\/agent$/], ['市长办公室', deskSize, /\/board$/], ['城市管理员', deskSize, /\/admin$/]] as const

for (const [who, size, first] of firsts) {
  test(`${who} signs in and begins where their day begins: ${first.source}`, async ({ browser, product, faults }) => {
    const context = await browser.newContext({ ...size, baseURL: product.url })
    const page = await context.newPage()
    listen(page, faults)
    await page.goto('/')
    await page.getByRole('button', { name: who, exact: true }).click()
    await page.waitForURL(first)
    await expect(page.getByRole('heading', { level: 1 }).or(page.getByRole('button', { name: '说出您的难处' })).first()).toBeVisible()
    await context.close()
  })
}

test('a link that needs somebody signed in leads on to it afterwards', async ({ browser, product, faults }) => {
  const ticket = await product.file('签收后请回电。')
  const context = await browser.newContext({ ...phone, baseURL: product.url })
  const page = await context.newPage()
  listen(page, faults)
  await page.goto(`/tickets/${ticket.name.split('/').at(-1)}`)
  await page.getByRole('button', { name: '企业家 陈小满', exact: true }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('签收后请回电')
  await context.close()
})
