import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { accessible } from './axe'
import { deskSize, expect, phone, test } from './product'

const id = (name: string) => name.split('/').at(-1) as string

test('sign, contact and answer with the keyboard alone', async ({ as, product }) => {
  const ticket = await product.file('停气 6 小时，反应釜要停。')
  const page = await as('attendant', deskSize)
  await page.goto('/desk')
  await expect(page.getByRole('link', { name: /停气 6 小时/ })).toBeVisible()
  for (let i = 0; i < 50; i++) {
    await page.keyboard.press('j')
    if (await page.evaluate(() => document.activeElement?.textContent?.includes('停气 6 小时'))) break
  }
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { level: 1 })).toContainText('停气 6 小时')
  expect(await page.evaluate(() => document.documentElement.scrollHeight <= innerHeight), 'nothing but the middle scrolls').toBe(true)

  // While an input method composes, and in a field, keys are the person's words.
  for (const key of ['j', 'k', 's']) await page.evaluate(k => { window.dispatchEvent(new KeyboardEvent('keydown', { key: k, isComposing: true, bubbles: true })) }, key)
  await page.keyboard.press('n')
  await expect(page.getByRole('textbox', { name: '内部记录' })).toBeFocused()
  await page.keyboard.type('jks')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(page.getByRole('textbox', { name: '内部记录' })).toHaveValue('jks')
  for (let i = 0; i < 3; i++) await page.keyboard.press('Backspace')
  await page.locator('[data-scrolls]').focus()

  await page.keyboard.press('s')
  await expect(page.getByRole('dialog', { name: '签收' })).toBeVisible()
  await page.keyboard.press('Control+Enter')
  await expect(page.getByText('办理中').first()).toBeVisible()
  await expect(page.getByRole('status').filter({ hasText: '签收已登记' })).toHaveCount(1)

  await page.keyboard.press('c')
  await expect(page.getByRole('dialog', { name: '联系' })).toBeVisible()
  await page.keyboard.press('Tab'); await page.keyboard.press('Tab')
  await page.keyboard.press('Space')
  await page.keyboard.press('Tab')
  await page.keyboard.type('已电话了解')
  await page.keyboard.press('Control+Enter')
  await expect(page.getByRole('dialog')).toHaveCount(0)

  await page.keyboard.press('a')
  await expect(page.getByRole('textbox', { name: '答复企业' })).toBeFocused()
  await page.keyboard.type('已于 15:40 恢复供气，压力 0.38 MPa。')
  for (let i = 0; i < 4 && await page.evaluate(() => document.activeElement?.tagName !== 'SELECT'); i++) await page.keyboard.press('Tab')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Shift+Tab')
  for (let i = 0; i < 3 && await page.evaluate(() => document.activeElement?.tagName !== 'TEXTAREA'); i++) await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Control+Enter')
  await expect(page.getByRole('region', { name: '企业将看到' })).toBeFocused()
  await page.keyboard.press('Control+Enter')
  await expect(page.getByText('已答复，待评价').first()).toBeVisible()
  const { answer } = await product.call<{ answer: { text: string, outcome: string } }>('entrepreneur', 'GET', `/v1/${ticket.name}`)
  expect(answer).toMatchObject({ text: '已于 15:40 恢复供气，压力 0.38 MPa。', outcome: 'SOLVED' })
})

test('rows are acted upon where they stand, and the focus goes on', async ({ as, product }) => {
  for (let i = 0; i < 3; i++) await product.file(`成批签收的第 ${i + 1} 件`)
  const page = await as('attendant', deskSize)
  await page.goto('/desk')
  const row = (n: number) => page.locator('li').filter({ hasText: `成批签收的第 ${n} 件` })
  await expect(row(3)).toBeVisible()
  const at = () => page.evaluate(() => document.activeElement?.closest('.queue a')?.textContent ?? '')
  for (let i = 0; i < 60 && !(await at()).includes('成批签收的第'); i++) await page.keyboard.press('j')
  const first = (await at()).match(/成批签收的第 . 件/)?.[0] ?? ''
  await page.keyboard.press('s')
  await page.keyboard.press('Control+Enter')
  await expect(page.getByRole('status').filter({ hasText: `签收已登记：${first}` })).toHaveCount(1)
  await expect.poll(at).not.toContain(first)

  for (const n of [1, 2, 3].filter(k => first !== `成批签收的第 ${k} 件`)) await row(n).getByRole('checkbox').check()
  await expect(page.getByText('已选 2 件')).toBeVisible()
  await page.keyboard.press('s')
  await page.getByRole('dialog').getByRole('button', { name: '签收 2 件' }).press('Enter')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  for (const n of [1, 2, 3]) await expect(row(n).getByRole('button', { name: '联系' })).toBeVisible()
})

test('single keys can be switched off for good, and the sheet lists every one', async ({ as }) => {
  const page = await as('attendant2', deskSize)
  await page.goto('/desk')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await page.keyboard.press('Shift+?')
  const sheet = page.getByRole('dialog', { name: '键盘' })
  await expect(sheet).toBeVisible()
  const source = readFileSync(new URL('../src/pages/desk/keys.ts', import.meta.url), 'utf8')
  const actions = [...source.matchAll(/\{ action: '(\w+)', key/g)].map(m => m[1])
  expect(await sheet.locator('[data-action]').evaluateAll(all => all.map(e => (e as HTMLElement).dataset.action))).toEqual(actions)
  await sheet.getByRole('checkbox').check()
  await page.keyboard.press('Escape')
  await page.reload()
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(page.getByRole('searchbox', { name: '搜索编号、诉求、企业' })).toBeVisible()
  await expect(page.locator('.keys kbd'), 'the marks are gone too').toHaveText('')
  await page.keyboard.press('Shift+?')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await page.getByRole('button', { name: /键盘/ }).click()
  await page.getByRole('checkbox').uncheck()
})

test('two hundred events do not move the queue under the pointer', async ({ as, product }) => {
  test.setTimeout(120_000)
  for (let i = 0; i < 3; i++) await product.file(`先来的第 ${i + 1} 件`)
  const page = await as('attendant', deskSize)
  await page.goto('/desk')
  const rows = page.locator('.queue li a')
  await expect(rows.filter({ hasText: '先来的第 3 件' })).toBeVisible()
  await page.waitForFunction(() => document.fonts.status === 'loaded')
  await page.evaluate(() => {
    const w = window as unknown as { shifts: number }
    w.shifts = 0
    new PerformanceObserver(l => { for (const e of l.getEntries()) w.shifts += (e as unknown as { value: number }).value }).observe({ type: 'layout-shift' })
  })
  const order = () => rows.locator('b').allInnerTexts()
  await rows.first().hover()
  const before = await order()
  const filed: string[] = []
  for (let i = 0; i < 10; i++) filed.push((await product.file(`后来的第 ${i + 1} 件`)).name)
  for (let i = 0; i < 170; i++) await product.call('entrepreneur', 'POST', `/v1/${filed[i % 10]}/messages`, { text: `第 ${i + 1} 次催问` })
  await rows.first().hover({ position: { x: 200, y: 20 } })
  const pill = page.getByRole('button', { name: /条新变化/ })
  await expect(pill).toContainText('有 10 条新变化')
  expect(await order()).toEqual(before)
  expect(await page.evaluate(() => (window as unknown as { shifts: number }).shifts), 'nothing shifted').toBe(0)
  await page.keyboard.press('r')
  await expect(rows.filter({ hasText: '后来的第 10 件' })).toBeVisible()
  await expect(pill).toHaveCount(0)
})

test('somebody else was faster: the words stay, who acted is said, and nothing is written', async ({ as, product }) => {
  const ticket = await product.file('环评补正三次还没过。')
  await product.call('attendant', 'POST', `/v1/${ticket.name}:sign`, {})
  const page = await as('attendant', deskSize)
  await page.goto(`/tickets/${id(ticket.name)}`)
  await expect(page.getByRole('button', { name: /^联系/ })).toBeVisible()
  await page.keyboard.press('c')
  const dialog = page.getByRole('dialog', { name: '联系' })
  await dialog.getByText('电话', { exact: true }).click()
  await dialog.getByRole('textbox').fill('已说明补正要求。')
  await page.route('**/*:contact', async route => {
    await product.call('mayor', 'POST', `/v1/${ticket.name}:supervise`, { text: '三日内办结。' })
    await route.continue()
  }, { times: 1 })
  await page.keyboard.press('Control+Enter')
  await expect(dialog.getByRole('alert')).toContainText('您写的内容还在。')
  await expect(dialog.getByRole('alert')).toContainText('刚刚有动作：')
  await expect(dialog.getByRole('textbox')).toHaveValue('已说明补正要求。')
  const notes = async () => (await product.call<{ messages: { kind: string }[] }>('attendant', 'GET', `/v1/${ticket.name}/messages`)).messages.filter(m => m.kind === 'CONTACT_NOTE').length
  expect(await notes(), 'nothing was written').toBe(0)
  await dialog.getByRole('button', { name: /按最新情况继续/ }).click()
  await expect(dialog).toBeHidden()
  expect(await notes()).toBe(1)
})

test('a draft outlives the page and is one per ticket', async ({ as, product }) => {
  const [one, two] = [await product.file('草稿第一件。'), await product.file('草稿第二件。')]
  const page = await as('attendant', deskSize)
  await page.goto(`/tickets/${id(one.name)}`)
  await expect(page.getByRole('textbox', { name: '发消息' })).toBeVisible()
  await page.getByRole('textbox', { name: '发消息' }).focus()
  await page.keyboard.type('正在与住建局核实')
  await page.goto(`/tickets/${id(two.name)}`)
  await expect(page.getByRole('textbox', { name: '发消息' })).toHaveValue('')
  await page.goto(`/tickets/${id(one.name)}`)
  await expect(page.getByRole('textbox', { name: '发消息' })).toHaveValue('正在与住建局核实')
})

test('twelve photos lie beside the words', async ({ as, product }) => {
  const ticket = await product.file('围墙外堆土，照片十二张。')
  const photo = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
  const sha256 = createHash('sha256').update(photo).digest('hex')
  const filer = await as('entrepreneur', phone)
  for (let i = 0; i < 12; i++) {
    const { name } = await product.call<{ name: string }>('entrepreneur', 'POST', `/v1/${ticket.name}/attachments`, { fileName: `${i + 1}.png`, kind: 'PHOTO', size: String(photo.length), sha256 }, { 'Idempotency-Key': crypto.randomUUID() })
    const sent = await filer.context().request.fetch(`/v1/${name}`, { method: 'PATCH', data: photo, headers: { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': '0', 'X-Requested-With': 'through-train' } })
    expect(sent.ok(), await sent.text()).toBe(true)
  }
  const page = await as('attendant', deskSize)
  await page.goto(`/tickets/${id(ticket.name)}`)
  await expect(page.getByRole('button', { name: /^照片 \d+$/ })).toHaveCount(12)
  expect(await page.evaluate(() => document.documentElement.scrollHeight <= innerHeight)).toBe(true)
  await page.getByRole('button', { name: '照片 12' }).click()
  await expect(page.getByRole('dialog').getByRole('img')).toBeVisible()
})

test('leave names a deputy and hands over by count, and ends again', async ({ as, product }) => {
  await product.file('请假时在办的一件。')
  const page = await as('attendant', deskSize)
  const { entries } = await product.call<{ entries: { kind: string }[] }>('attendant', 'GET', '/v1/cities/410900/queue?kinds=HELD&pageSize=500')
  await page.goto('/desk/leave')
  await page.getByRole('textbox', { name: '到', exact: true }).fill('2031-01-10T09:00')
  await page.getByRole('textbox', { name: /^从/ }).fill('2031-01-05T09:00')
  await page.getByRole('searchbox', { name: /由谁代/ }).focus()
  await page.locator('.pick li button').first().click()
  await page.getByText('一起移交给副职').click()
  await page.getByRole('button', { name: `请假并移交这 ${entries.length} 件` }).click()
  await expect(page.getByText(/计划 .* 起请假/)).toBeVisible()
  await page.getByRole('button', { name: '销假，我回来了' }).click()
  await expect(page.getByText('在岗', { exact: true })).toBeVisible()
})

test('a unit gets its part, reports, and the holder sees it', async ({ as, product }) => {
  const ticket = await product.file('厂区外道路积水。')
  await product.call('attendant', 'POST', `/v1/${ticket.name}:sign`, {})
  const { unit } = await product.call<{ unit: string }>('clerk', 'POST', '/v1/demo:signIn', { persona: 'clerk' })
  await product.call('attendant', 'POST', `/v1/${ticket.name}/workOrders`, { unit, lead: true, text: '请核查排水。' })
  const page = await as('clerk', phone)
  await page.goto('/desk/orders')
  const row = page.locator('li').filter({ hasText: '厂区外道路积水' })
  await row.getByRole('button', { name: '签收' }).click()
  await page.getByRole('dialog').getByRole('button', { name: /^签收/ }).click()
  await row.getByRole('button', { name: '办结' }).click()
  await page.getByRole('textbox').fill('已疏通排水口，加装水泵。')
  await page.getByRole('dialog').getByRole('button', { name: /^办结/ }).click()
  await expect(row).toBeHidden()
  const holder = await as('attendant', deskSize)
  await holder.goto(`/tickets/${id(ticket.name)}`)
  await expect(holder.getByText('已疏通排水口，加装水泵。').first()).toBeVisible()
})

test('a dispatcher decides a return and files for a caller', async ({ as, product }) => {
  const ticket = await product.file('货车限行进不了园区。')
  await product.call('attendant', 'POST', `/v1/${ticket.name}:sign`, {})
  await product.call('attendant', 'POST', `/v1/${ticket.name}:return`, { reason: 'not-our-duty', basis: '三定方案第五条', targetUnit: 'cities/410900/units/gaj' })
  const page = await as('dispatcher', deskSize)
  await page.goto('/desk/returns')
  const row = page.locator('li.card').filter({ hasText: '货车限行' })
  await expect(row).toContainText('三定方案第五条')
  await row.getByRole('button', { name: '裁定' }).click()
  await page.getByRole('dialog').getByText('不同意', { exact: true }).click()
  await page.getByRole('textbox', { name: '理由' }).fill('属于本单位职责。')
  await page.getByRole('dialog').getByRole('button', { name: /^裁定退单/ }).click()
  await expect(row).toContainText('已驳回')

  await page.goto('/desk/file')
  await page.getByRole('textbox', { name: '来电人手机' }).fill('13900000099')
  await page.getByRole('textbox', { name: /诉求/ }).fill('厂里停水两天了。')
  await page.getByRole('button', { name: '提交', exact: true }).click()
  await expect(page.getByRole('status').filter({ hasText: '编号' })).toBeVisible()
})

test('a supervisor decides an extension from the queue', async ({ as, product }) => {
  const ticket = await product.file('贷款贴息没到账。')
  await product.call('attendant', 'POST', `/v1/${ticket.name}:sign`, {})
  await product.call('attendant', 'POST', `/v1/${ticket.name}:extend`, { workdays: 3, reason: '需要专家评审。' })
  const page = await as('supervisor', deskSize)
  await page.goto('/desk')
  await page.getByRole('link', { name: /贷款贴息/ }).click()
  await page.getByRole('button', { name: '审批延期' }).click()
  await page.getByRole('dialog').getByText('同意', { exact: true }).click()
  await page.getByRole('textbox', { name: '理由' }).fill('理由充分。')
  await page.getByRole('dialog').getByRole('button', { name: /^审批延期/ }).click()
  await expect(page.getByText('延期 +3')).toBeVisible()
  const { extensionRequests } = await product.call<{ extensionRequests: { decision: string }[] }>('supervisor', 'GET', `/v1/${ticket.name}`)
  expect(extensionRequests[0]?.decision).toBe('granted')
})

test('3,222 characters and emoji arrive unchanged', async ({ as, product }) => {
  const text = `${'我们厂的变压器容量不够😀，申请增容半年没有下文。'.repeat(140)}`.slice(0, 3222)
  const ticket = await product.file(text)
  const page = await as('attendant', deskSize)
  await page.goto(`/tickets/${id(ticket.name)}`)
  expect(await page.locator('.original .body').first().evaluate(e => e.textContent)).toBe(text)
})

test('the pages of the desk are for everybody', async ({ as, product }) => {
  test.setTimeout(480_000)
  const ticket = await product.file('招不到熟练焊工。')
  const attendant = await as('attendant', deskSize)
  for (const path of ['/desk', `/tickets/${id(ticket.name)}`, '/desk/tickets', '/desk/enterprises', '/desk/visits', '/desk/leave', '/desk/issues']) {
    await attendant.goto(path)
    await accessible(attendant)
  }
  const dispatcher = await as('dispatcher', deskSize)
  for (const path of ['/desk/orders', '/desk/returns', '/desk/file', '/desk/coverage']) {
    await dispatcher.goto(path)
    await accessible(dispatcher)
  }
})
