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

test('rules are shown by what things are called: units, leaders, what comes before what; limits in Chinese, too', async ({ as }) => {
  const page = await as('admin', deskSize)
  await page.goto('/admin/policies')
  const rule = page.getByRole('group', { name: 'arrears-complaint' })
  await expect(rule.getByText('30日（遇非工作时间顺延）')).toBeVisible()
  const limit = rule.getByRole('textbox', { name: /答复/ })
  await limit.fill('90 working minutes')
  await expect(rule.getByText('90个工作分钟')).toBeVisible()
  await page.goto('/admin/units')
  await expect(page.getByRole('row').filter({ has: page.getByRole('cell', { name: 'fgw', exact: true }) })).toContainText(/濮阳市人民政府.*部门.*胡秀兰/)
  await page.goto('/admin/categories')
  await expect(page.getByRole('row').filter({ hasText: '施工许可与图审' })).toContainText('濮阳市住房和城乡建设局')
  await page.goto('/admin/catalogue')
  const item = page.getByRole('row').filter({ has: page.getByRole('cell', { name: 'investment-filing', exact: true }) })
  await expect(item.getByRole('cell')).toHaveText(['investment-filing', '企业投资项目备案', '立项用地规划许可', '项目所在县区', '3', '1', '', '2', '', ''])
  // What may come later and what may be promised are papers, too; and a row is found by what it says.
  await page.getByRole('searchbox').fill('濮阳市水利局')
  await expect(page.getByRole('row').filter({ has: page.getByRole('cell', { name: 'soil-plan', exact: true }) }).getByRole('cell')).toHaveText(['soil-plan', '生产建设项目水土保持方案审批', '立项用地规划许可', '濮阳市水利局', '10', '5', '企业投资项目备案、企业投资项目核准、政府投资项目建议书审批', '3', '可', '可'])
  await expect(item).toHaveCount(0)
})

test('what is being typed stays when an answer comes meanwhile', async ({ as }) => {
  const page = await as('admin', deskSize)
  let answer = () => {}
  const held = new Promise<void>(done => { answer = done })
  await page.route('**/deadlines:preview', async route => { await held; await route.continue() })
  await page.goto('/admin/policies')
  const limit = page.getByRole('textbox', { name: /consultation.*答复/ })
  await limit.fill('8 workdays')
  answer()
  await expect(page.locator('.preview tbody tr').first()).toBeVisible()
  await expect(limit).toHaveValue('8 workdays')
  await limit.blur()
  await expect(page.getByRole('link', { name: /预演并生效/ })).toContainText('草稿改动 1 个文件')
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

test('where the city asks for a second person, another administrator applies or declines', async ({ as, product }) => {
  test.setTimeout(120_000)
  type Files = { files: { path: string, content: string }[] }
  const { files } = await product.call<Files>('admin', 'GET', '/v1/cities/410900/files')
  const text = (content: string) => Buffer.from(content, 'base64').toString()
  const rule = (on: boolean) => files.map(f => f.path === 'city.yaml' ? { ...f, content: Buffer.from(text(f.content).replace(/\nsecondPerson: true/, '').replace(/\ndeskUnit: desk/, on ? '\ndeskUnit: desk\nsecondPerson: true' : '\ndeskUnit: desk')).toString('base64') } : f)
  await product.call('admin', 'POST', '/v1/cities/410900:apply', { files: rule(true), reason: '两人复核' })
  const first = await as('admin', deskSize)
  const propose = async (limit: string, reason: string) => {
    await first.goto('/admin/policies')
    const field = first.getByRole('textbox', { name: /consultation.*答复/ })
    await field.fill(limit)
    await field.blur()
    await first.getByRole('link', { name: /预演并生效/ }).click()
    await expect(first.getByText('须由另一位管理员复核后生效')).toBeVisible()
    await first.getByRole('textbox', { name: '理由' }).fill(reason)
    await first.getByRole('button', { name: '提交复核' }).click()
    await expect(first.getByText('已提交。另一位管理员')).toBeVisible()
  }
  await propose('6 workdays', '第一次提出')
  await first.goto('/admin')
  await expect(first.getByText('须由另一位管理员复核。')).toBeVisible()
  await expect(first.getByRole('button', { name: '复核并生效' })).toHaveCount(0)
  const looked = await as('admin2', deskSize) // left in another language and theme
  await looked.goto('/admin')
  const read = looked.getByRole('region', { name: '待复核' })
  await read.getByText('逐行查看改动').click()
  const lines = read.getByRole('region', { name: 'policies.yaml' })
  await expect(lines.getByText('删除 ').first()).toBeAttached()
  await expect(lines.locator('.minus').filter({ hasText: 'consultation' }).or(lines.locator('.plus').filter({ hasText: '6 workdays' })).first()).toBeVisible()
  await expect(read.locator('section')).toHaveCount(1) // the one file that differs
  await accessible(looked)

  const second = await as('admin2', deskSize)
  await second.goto('/admin')
  const waiting = second.getByRole('region', { name: '待复核' })
  await waiting.getByRole('button', { name: '退回', exact: true }).click()
  await waiting.getByRole('button', { name: '退回', exact: true }).click()
  await expect(waiting.getByText('请写明理由')).toBeVisible()
  await waiting.getByRole('textbox', { name: '退回的理由' }).fill('依据不足')
  await waiting.getByRole('button', { name: '退回', exact: true }).click()
  await expect(waiting).toHaveCount(0)

  await propose('7 workdays', '第二次提出')
  await second.reload()
  await waiting.getByRole('button', { name: '复核并生效' }).click()
  await expect(waiting).toHaveCount(0)
  await expect(second.getByText(/赵广明 提出，方若溪 于 .* 复核生效/)).toBeVisible()
  await expect(second.getByText('第二次提出')).toBeVisible()

  // Whoever comes next finds the city without the rule; giving it up takes two as well.
  const { proposal } = await product.call<{ proposal: string }>('admin', 'POST', '/v1/cities/410900:apply', { files: rule(false), reason: '恢复' })
  await product.call('admin2', 'POST', `/v1/${proposal}:apply`, {})
})

test('the pages of administration are for everybody', async ({ as }) => {
  test.setTimeout(480_000)
  const page = await as('admin', deskSize)
  for (const path of ['/admin', '/admin/policies', '/admin/calendar/2026', '/admin/staff', '/admin/units', '/admin/catalogue', '/admin/files/city.yaml', '/admin/apply', '/admin/boards']) {
    await page.goto(path)
    await accessible(page)
  }
})
