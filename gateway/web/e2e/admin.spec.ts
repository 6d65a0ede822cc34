import { accessible } from './axe'
import { deskSize, expect, test } from './product'

test('an administrator changes a limit, sees where deadlines fall, says why and applies it', async ({ as, product }) => {
  const page = await as('admin', deskSize)
  await page.goto('/admin/policies')
  const limit = page.getByRole('textbox', { name: /consultation.*答复/ })
  await expect(limit).toHaveValue('3 workdays')
  await page.locator('.preview').getByLabel('诉求类型').selectOption({ label: '咨询' })
  await expect(page.getByText('适用规则：consultation')).toBeVisible()
  await limit.fill('4 workdays')
  await limit.blur()
  await expect(page.locator('.preview tr.differs').filter({ hasText: '个工作日内办结答复' })).toBeVisible()
  await page.getByRole('link', { name: /预演并生效/ }).click()
  await expect(page.getByText('修改 1').first()).toBeVisible()
  await page.getByRole('textbox', { name: '理由' }).fill('按市政府会议纪要调整')
  await page.getByRole('button', { name: '生效' }).click()
  await expect(page.getByText(/第 \d+ 版已生效/)).toBeVisible()
  await page.getByRole('link', { name: '版本' }).click()
  await expect(page.getByText('按市政府会议纪要调整')).toBeVisible()
  expect((await product.call<{ configVersion: string }>('entrepreneur', 'GET', '/v1/cities/410900')).configVersion).not.toBe('1')
})

test('a mistake is named with file and line, and nothing takes effect', async ({ as }) => {
  const page = await as('admin', deskSize)
  await page.goto('/admin/files/policies.yaml')
  const text = page.getByRole('textbox', { name: /policies.yaml/ })
  await text.fill((await text.inputValue()).replace('limit: 2 hours', 'limit: soon'))
  await expect(page.getByText(/policies\.yaml:\d+/).first()).toBeVisible()
  await page.getByRole('link', { name: /预演并生效/ }).click()
  await expect(page.getByRole('button', { name: '生效' })).toHaveAttribute('aria-disabled', 'true')
  await page.getByRole('button', { name: '放弃全部改动' }).click()
  await page.getByRole('button', { name: /再按一次/ }).click()
  await expect(page.getByText('草稿没有改动。')).toBeVisible()
})

test('pressing a day makes a draft of the calendar', async ({ as }) => {
  const page = await as('admin', deskSize)
  await page.goto('/admin/calendar/2027')
  await page.getByRole('button', { name: '2027-10-09 周末' }).click()
  await expect(page.getByRole('button', { name: '2027-10-09 调休上班 已改' })).toBeVisible()
  await page.getByRole('link', { name: /预演并生效/ }).click()
  await expect(page.getByText('2027-10-09')).toBeVisible()
})

test('an auditor reads and changes nothing', async ({ as }) => {
  const page = await as('auditor', deskSize)
  await page.goto('/admin/policies')
  await expect(page.getByText('只读')).toBeVisible()
  await expect(page.getByRole('textbox', { name: /consultation.*答复/ })).toHaveAttribute('readonly', '')
  await expect(page.getByRole('link', { name: /预演并生效/ })).toHaveCount(0)
})

test('the pages of administration are for everybody', async ({ as }) => {
  test.setTimeout(240_000)
  const page = await as('admin', deskSize)
  for (const path of ['/admin', '/admin/policies', '/admin/calendar/2026', '/admin/staff', '/admin/units', '/admin/catalogue', '/admin/files/city.yaml', '/admin/apply', '/admin/boards']) {
    await page.goto(path)
    await accessible(page)
  }
})
