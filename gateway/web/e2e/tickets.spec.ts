import { accessible } from './axe'
import { deskSize, expect, phone, test } from './product'

const id = (name: string) => name.split('/').at(-1) as string

test('a filer follows a ticket that moves by itself, replies, is not content, and closes it in the end', async ({ as, product }) => {
  const ticket = await product.file('厂区供气压力不足，反应釜要停。')
  const page = await as('entrepreneur', phone)
  await page.goto(`/tickets/${id(ticket.name)}`)
  await expect(page.getByRole('heading', { level: 1 })).toContainText('厂区供气压力不足')
  await expect(page.getByText('已派单，待签收')).toBeVisible()
  await expect(page.getByText('首席服务员', { exact: false }).first()).toBeVisible()

  const act = (who: string, verb: string, body: unknown) => product.call(who, 'POST', `/v1/${ticket.name}:${verb}`, body)
  await act('attendant', 'sign', {})
  await expect(page.getByText('已签收', { exact: false }).first()).toBeVisible()
  await act('attendant', 'contact', { channel: 'phone', note: '已联系' })
  await expect(page.getByText('已联系您')).toBeVisible()
  await act('attendant', 'ask', { question: '请提供受理编号。' })
  await expect(page.getByText('请提供受理编号。').first()).toBeVisible()

  await page.getByRole('button', { name: '现在补充' }).click()
  await page.getByRole('textbox', { name: '您的补充' }).fill('编号 20260001。')
  await page.getByRole('button', { name: '发送', exact: true }).click()
  await expect(page.getByText('编号 20260001。')).toBeVisible()
  await expect(page.getByText('办理中').first()).toBeVisible()

  await act('attendant', 'answer', { outcome: 'SOLVED', text: '已于 15:40 恢复供气。' })
  await page.getByRole('button', { name: '去评价' }).click()
  await expect(page.getByRole('heading', { name: '请您评价' })).toBeVisible()
  await expect(page.locator('input:checked')).toHaveCount(0) // nothing is chosen beforehand
  expect(await page.evaluate(() => document.documentElement.scrollHeight <= innerHeight)).toBe(true)
  await page.getByRole('button', { name: '提交评价' }).click()
  await expect(page.getByRole('alert')).toContainText('还有没选的')
  await page.getByText('联系过', { exact: true }).click()
  await page.getByText('没解决', { exact: true }).click()
  await page.getByText('不满意', { exact: true }).click()
  await page.getByRole('button', { name: '没解决，重新办理' }).click()
  await expect(page.getByText('第 2 轮')).toBeVisible()

  await act('attendant', 'answer', { outcome: 'SOLVED', text: '压力已到 0.38 MPa，今后检修提前告知。' })
  await page.getByRole('button', { name: '去评价' }).click()
  await page.getByText('联系过', { exact: true }).click()
  await page.getByText('解决了', { exact: true }).click()
  await page.getByText('满意', { exact: true }).click()
  await page.getByRole('button', { name: '提交评价' }).click()
  await expect(page.getByText('已办结').first()).toBeVisible()
  expect((await product.call<{ closeReason: string }>('entrepreneur', 'GET', `/v1/${ticket.name}`)).closeReason).toBe('VERIFIED')
})

test('whoever acts on what has changed keeps the words, and nothing is written', async ({ as, product }) => {
  const ticket = await product.file('施工许可迟迟未批。')
  const page = await as('entrepreneur', phone)
  await page.goto(`/tickets/${id(ticket.name)}`)
  await page.getByRole('button', { name: '更多' }).click()
  await page.getByRole('button', { name: '撤回' }).click()
  const text = page.getByRole('textbox', { name: '为什么撤回' })
  await text.fill('已经解决了')
  // The page is told of changes; one that comes between the press and the answer is what an etag is for.
  await page.route('**/*:withdraw', async route => {
    await product.call('attendant', 'POST', `/v1/${ticket.name}:sign`, {})
    await route.continue()
  }, { times: 1 })
  await page.getByRole('dialog').getByRole('button', { name: '撤回' }).click()
  await expect(page.getByText('您写的内容还在', { exact: false }).first()).toBeVisible()
  await expect(text).toHaveValue('已经解决了')
  expect((await product.call<{ state: string }>('entrepreneur', 'GET', `/v1/${ticket.name}`)).state).toBe('IN_PROGRESS')
  await page.getByRole('dialog').getByRole('button', { name: '撤回' }).click()
  await expect(page.getByText('您已撤回').first()).toBeVisible()
})

test('a complaint about an official is, for them, a ticket that does not exist', async ({ as, product }) => {
  const who = await product.call<{ person: string }>('attendant', 'POST', '/v1/demo:signIn', { persona: 'attendant' })
  const about = await product.call<{ name: string }>('entrepreneur', 'POST', '/v1/cities/410900/tickets', { body: '多次联系不上首席服务员。', conflictOfficials: [who.person] })
  const official = await as('attendant', deskSize)
  const told = async (path: string) => {
    const statuses: string[] = []
    official.on('response', r => { if (r.url().includes('/v1/') && r.url().includes('/tickets/')) statuses.push(`${r.status()}`) })
    await official.goto(path)
    await expect(official.getByText('没有找到，或不对您开放。')).toBeVisible()
    official.removeAllListeners('response')
    return { text: await official.locator('main').innerText(), statuses: [...new Set(statuses)] }
  }
  expect(await told(`/tickets/${id(about.name)}`)).toEqual(await told('/tickets/01900000-0000-7000-8000-000000000000'))
})

test('the pages of the filer are for everybody', async ({ as, product }) => {
  test.setTimeout(180_000)
  const ticket = await product.file('项目用地指标一直没有落实。')
  await product.call('attendant', 'POST', `/v1/${ticket.name}:sign`, {})
  await product.call('attendant', 'POST', `/v1/${ticket.name}:answer`, { outcome: 'EXPLAINED', text: '指标已列入下季度计划，具体安排如下。' })
  const page = await as('entrepreneur', phone)
  for (const path of ['/my', `/tickets/${id(ticket.name)}`, `/tickets/${id(ticket.name)}/verify`]) {
    await page.goto(path)
    await accessible(page)
  }
})
