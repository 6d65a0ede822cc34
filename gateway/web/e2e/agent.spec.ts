/** A case's story from both sides of the counter, and the enterprise's own desk. What the other side does is done through REST. */
import { readFile } from 'node:fs/promises'
import { accessible, asItStands } from './axe'
import type { Page } from '@playwright/test'
import { address, entrust, supply, type Case } from './cases'
import { deskSize, expect, phone, test } from './product'

const shots = process.env.SHOTS
async function shot(page: Page, name: string) { if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true }) }

const row = (page: Page, name: string) => page.getByRole('listitem').getByRole('button', { name })

test('a unit\'s clerk accepts, decides and issues the certificate, on a page that moves by itself', async ({ as, product }) => {
  const c = await entrust(product, '面制品扩建项目')
  await supply(product, 'entrepreneur', c.name, 'material', 'form-land', '立项用地规划许可阶段申请表')
  const page = await as('clerk-hualong', deskSize)
  await page.goto(address(c))
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('面制品扩建项目')
  const filing = row(page, '投资项目备案').first()
  await expect(filing).toContainText('未申报')
  await product.call('entrepreneur', 'POST', `/v1/${c.name}/items/investment-filing:submit`, {})
  await expect(filing).toContainText('已接件') // the page heard of it
  await filing.click()
  const item = page.getByRole('dialog', { name: /备案/ })
  const press = async (verb: string) => {
    await item.getByRole('button', { name: verb, exact: true }).click()
    return page.getByRole('dialog', { name: verb, exact: true })
  }
  const accept = await press('受理')
  await accept.getByRole('button', { name: '受理' }).click()
  await expect(accept).toBeHidden()
  await expect(item.getByText('窗口受理').first()).toBeVisible()
  const approve = await press('通过')
  await approve.getByRole('button', { name: '通过' }).click()
  await expect(item.getByText('办结通过').first()).toBeVisible()
  const issue = await press('发证')
  await issue.getByRole('button', { name: '发证' }).click()
  await expect(issue.getByRole('alert')).toContainText('证照编号') // nothing is sent without what it needs
  await issue.getByLabel('证照编号').fill('备2026-0001')
  await issue.getByLabel('证照文件').setInputFiles({ name: '备案证明.txt', mimeType: 'text/plain', buffer: Buffer.from('企业投资项目备案证明') })
  await issue.getByRole('button', { name: '发证' }).click()
  await expect(issue).toBeHidden()
  await page.keyboard.press('Escape')
  await page.getByRole('navigation', { name: '代办内容' }).getByRole('link', { name: /证照/ }).click()
  await expect(page.getByText('备2026-0001')).toBeVisible()
  await page.getByRole('navigation', { name: '代办内容' }).getByRole('link', { name: '记录' }).click()
  await expect(page.getByText('记录链核验通过')).toBeVisible()
})

test('a correction is asked for document by document, seen before it is sent, and given once', async ({ as, product }) => {
  const c = await entrust(product, '冷链仓库')
  await product.call('entrepreneur', 'POST', `/v1/${c.name}/items/investment-filing:submit`, {})
  const page = await as('clerk-hualong', deskSize)
  await page.goto(`${address(c)}?item=investment-filing`)
  const item = page.getByRole('dialog', { name: /备案/ })
  await item.getByRole('button', { name: '一次性告知补正' }).click()
  const form = page.getByRole('dialog', { name: '一次性告知补正' })
  await form.getByRole('textbox').first().fill('请补盖公章后重新上传。')
  await expect(form.getByRole('region', { name: '企业会看到' })).toContainText('请补盖公章')
  // Somebody else is faster: the words stay, nothing is written.
  await product.call('entrepreneur', 'POST', `/v1/${c.name}/items/investment-filing:withdraw`, {})
  await product.call('entrepreneur', 'POST', `/v1/${c.name}/items/investment-filing:submit`, {})
  await form.getByRole('button', { name: '一次性告知补正' }).click()
  await expect(form.getByRole('alert')).toContainText('您写的内容还在')
  await expect(form.getByRole('textbox').first()).toHaveValue('请补盖公章后重新上传。')
  expect((await product.call<Case>('entrepreneur', 'GET', `/v1/${c.name}`)).items.find(i => i.name.endsWith('/investment-filing'))?.state).toBe('RECEIVED')
  await form.getByRole('button', { name: '按最新情况继续' }).click()
  await form.getByRole('button', { name: '一次性告知补正' }).click()
  await expect(item.getByText('补正告知')).toBeVisible()
  await expect(item.getByRole('button', { name: '一次性告知补正' })).toHaveCount(0)
})

test('the matrix is walked by arrow keys', async ({ as, product }) => {
  const c = await entrust(product, '饲料车间')
  const page = await as('clerk-tzzx', deskSize)
  await page.goto(`${address(c)}?part=materials`)
  const grid = page.getByRole('grid')
  const first = grid.getByRole('gridcell').first()
  await first.focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowRight')
  await expect(grid.locator('[data-at="1-1"]')).toBeFocused()
  await expect(grid.locator('[data-at="1-1"]')).toHaveAttribute('aria-label', /：(齐|缺|容缺|补正|不需要|共享获取|待前序)/)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog')).toBeVisible()
})

test('the portal: a project is registered, members stand there, the export equals the list', async ({ as, product }) => {
  test.setTimeout(60_000) // a page of it is looked at in three looks
  await product.file('厂区门口的路灯坏了半个月，夜班工人不安全。')
  await product.file('=1+1 这样的标题也要原样导出，“引号”,逗号')
  const page = await as('entrepreneur', deskSize)
  await page.goto('/portal')
  await expect(page.getByRole('region', { name: '正在办' }).getByRole('listitem').first()).toBeVisible()
  await page.getByRole('link', { name: '项目', exact: true }).click()
  await page.getByRole('button', { name: '登记项目' }).click()
  const form = page.getByRole('dialog', { name: '登记项目' })
  await form.getByLabel('项目名称').fill('二期厂房')
  await form.getByLabel('县区').selectOption({ index: 1 })
  await form.getByRole('button', { name: '登记项目' }).click()
  await expect(page.getByRole('cell', { name: '二期厂房' })).toBeVisible()
  await page.getByRole('link', { name: '成员', exact: true }).click()
  await expect(page.getByText('（您）')).toBeVisible()
  await page.getByRole('link', { name: '诉求', exact: true }).click()
  await expect(page.getByRole('row')).toHaveCount(3)
  const search = page.getByRole('searchbox', { name: '搜索编号、诉求、企业' })
  await search.fill('路灯')
  await expect(page.getByRole('row')).toHaveCount(2)
  await expect(page.getByRole('cell', { name: /路灯/ })).toBeVisible()
  await page.reload()
  await expect(search).toHaveValue('路灯')
  await expect(page.getByRole('row')).toHaveCount(2)
  await search.fill('没有这样的词')
  await expect(page.getByText('没有找到“没有这样的词”，或不对您开放。')).toBeVisible()
  await asItStands(page, 'a search that finds nothing')
  await search.fill('')
  await expect(page.getByRole('row')).toHaveCount(3)
  const cells = await page.getByRole('table').getByRole('row').evaluateAll(rows => rows.map(r => [...r.querySelectorAll('th,td')].map(c => c.textContent?.trim() ?? '')))
  await page.getByRole('link', { name: '导出', exact: true }).click()
  await page.getByRole('button', { name: '生成' }).click()
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: '保存文件' }).click()])
  const text = await readFile(await download.path(), 'utf8')
  expect(text.startsWith('\uFEFF')).toBe(true)
  const parsed = text.slice(1).trimEnd().split('\r\n').map(line => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].slice(0, 6).map(m => (m[1] ?? '').replace(/^"|"$/g, '').replaceAll('""', '"').replace(/^'/, '').trim()))
  expect(parsed).toEqual(cells)
})

test('the pages of the agency and of the portal are for everybody', async ({ as, product }) => {
  test.setTimeout(480_000) // eighteen pages
  const c = await entrust(product, '检查')
  const look = async (page: Page, path: string, name: string) => {
    await page.goto(path)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    await accessible(page)
    await shot(page, name)
  }
  const clerk = await as('clerk-tzzx', deskSize)
  for (const tab of ['cases', 'items', 'commitments']) await look(clerk, `/agent?tab=${tab}`, `agent-${tab}`)
  await look(clerk, '/agent/open', 'open')
  for (const part of ['progress', 'materials', 'commitments', 'reviews', 'entrustment', 'certificates', 'record']) await look(clerk, `${address(c)}?part=${part}`, `case-${part}`)
  const owner = await as('entrepreneur', deskSize)
  for (const p of ['', '/tickets', '/cases', '/projects', '/members', '/files', '/export']) await look(owner, `/portal${p}`, `portal${p.replace('/', '-')}`)
})

test('on a phone nothing is wider than the screen', async ({ as, product }) => {
  const c = await entrust(product, '手机上看')
  for (const [who, paths] of [['clerk-tzzx', ['/agent?tab=cases', '/agent?tab=items', '/agent?tab=commitments', '/agent/open', ...['progress', 'materials', 'entrustment', 'record'].map(p => `${address(c)}?part=${p}`)]], ['entrepreneur', ['/portal', '/portal/tickets']]] as const) {
    const page = await as(who, phone)
    for (const path of paths) {
      await page.goto(path)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
      await expect(page.locator('.skeleton')).toHaveCount(0)
      expect.soft(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(390)
      await shot(page, `phone${path.replace(/[^a-z]+/g, '-')}`)
    }
  }
})
