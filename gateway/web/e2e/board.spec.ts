import { accessible } from './axe'
import type { Page } from '@playwright/test'
import { test as shared, deskSize, expect, phone, Product, wall } from './product'

// The board counts all there is, so it has a product that no other story filed in.
const test = shared.extend<object, { product: Product }>({
  product: [async ({}, use) => { // eslint-disable-line no-empty-pattern
    const product = await Product.start()
    await use(product)
    await product.remove()
  }, { scope: 'worker' }],
})

const city = '/v1/cities/410900'
const key = () => ({ 'Idempotency-Key': crypto.randomUUID() })

/** storm files and acts as a city does in a day: most only filed, some signed, contacted, answered, verified, returned and supervised. */
async function storm(product: Product, n: number) {
  const filers = ['entrepreneur', 'entrepreneur2', 'entrepreneur3', 'entrepreneur4', 'entrepreneur5', 'entrepreneur6', 'entrepreneur7', 'entrepreneur8']
  // Everybody files at once, each one after the other.
  const tickets = (await Promise.all(filers.map(async (filer, f) => {
    const own = []
    for (let i = f; i < n; i += filers.length) {
      own.push({ ...await product.file(`第 ${i + 1} 件：厂区供气压力不足，反应釜升不了温。`, filer, { category: ['0101', '0203', '0301'][i % 3], urgency: i % 9 ? 'NORMAL' : 'URGENT' }), filer })
    }
    return own
  }))).flat()
  const act = (who: string, name: string, verb: string, body: unknown) => product.call(who, 'POST', `/v1/${name}:${verb}`, body, key())
  for (const [i, who] of ['attendant', 'attendant2'].entries()) {
    const { tickets: mine = [] } = await product.call<{ tickets?: { name: string }[] }>(who, 'GET', `${city}/tickets?pageSize=200`)
    for (const [j, t] of mine.entries()) {
      if (j % 4 === 3) continue
      await act(who, t.name, 'sign', {})
      if (j === 1 && i === 0) { await act(who, t.name, 'return', { reason: 'not-our-duty', basis: '职责清单第三条', targetUnit: 'cities/410900/units/zrj' }); continue }
      await act(who, t.name, 'contact', { channel: 'phone', note: '已电话了解情况' })
      await act(who, t.name, 'answer', { outcome: 'SOLVED', text: `已协调燃气公司恢复供气，今后检修提前三天告知。第 ${j} 件。` })
    }
  }
  for (const [i, t] of tickets.entries()) {
    const now = await product.call<{ actions?: string[] }>(t.filer, 'GET', `/v1/${t.name}`)
    if (now.actions?.includes('verify')) await act(t.filer, t.name, 'verify', { contacted: true, solved: i % 5 !== 0, satisfied: i % 5 ? 'SATISFIED' : 'DISSATISFIED', comment: '' })
  }
  const { tickets: waiting = [] } = await product.call<{ tickets?: { name: string }[] }>('mayor', 'GET', `${city}/tickets?pageSize=3&filter=${encodeURIComponent('state = "DISPATCHED"')}`)
  for (const t of waiting) await act('mayor', t.name, 'supervise', { text: '三日内报告进展。' })
}

/** settled waits until the board has folded everything there is. */
async function settled(product: Product, filed: number) {
  await expect.poll(async () => Number((await product.call<{ total: { filed: { value: string } } }>('mayor', 'GET', `${city}/board?sections=none`)).total.filed.value)).toBe(filed)
}

/** counted is what the contract's own list counts for a number of the page. */
async function counted(product: Product, list: string, filter: string): Promise<number> {
  const collection = { TICKETS: 'tickets', WORK_ORDERS: 'workOrders', RETURNS: 'returns', COMMON_ISSUES: 'commonIssues', CASES: 'cases', ITEMS: 'items', COMMITMENTS: 'commitments' }[list]
  return (await product.call<{ totalSize?: number }>('mayor', 'GET', `${city}/${collection}?pageSize=1&filter=${encodeURIComponent(filter)}`)).totalSize ?? 0
}

const numbers = (page: Page) => page.locator('a[data-list]').evaluateAll(all => all.map(a => ({ n: Number(a.getAttribute('data-n')), list: a.getAttribute('data-list') ?? '', filter: a.getAttribute('data-filter') ?? '', href: a.getAttribute('href') ?? '' })))

test.describe.serial('the mayor’s board', () => {
  const filed = 60

  test('with nothing says nothing untrue', async ({ as }) => {
    const page = await as('mayor', deskSize)
    await page.goto('/board')
    await expect(page.getByRole('heading', { level: 1, name: '市长看板' })).toBeVisible()
    await expect(page.getByText('暂无有效评价').first()).toBeVisible()
    await expect(page.getByText('没有等着办的诉求')).toBeVisible()
    const text = await page.locator('main').innerText()
    expect(text).not.toMatch(/NaN|undefined|100%|0\.0%/)
    for (const x of await numbers(page)) expect(x.n).toBe(0)
  })

  test('every number opens a list with the same count', async ({ as, product }) => {
    test.setTimeout(300_000)
    await storm(product, filed)
    await settled(product, filed)
    const page = await as('mayor', deskSize)
    await page.goto('/board')
    await expect(page.locator('.tile.open a[data-list]').first()).not.toHaveText('0')
    await expect(page.locator('.tile.open .side')).toContainText(`上周同日此时 0（多 ${filed}）`)
    await expect(page.locator('.tile.over .side')).toContainText('上周同日此时 0（持平）')
    await expect(page.getByText('竖线为目标')).toBeVisible()
    await expect(page.getByText('目标 85%')).toBeVisible()
    const closed = page.getByRole('button', { name: '看数据' })
    for (let left = await closed.count(); left > 0; left--) await closed.first().click()
    const all = await numbers(page)
    expect(all.length).toBeGreaterThan(250)
    const asked = new Map<string, number>()
    const distinct = [...new Map(all.map(x => [`${x.list} ${x.filter}`, x])).entries()]
    for (let i = 0; i < distinct.length; i += 8) {
      await Promise.all(distinct.slice(i, i + 8).map(async ([about, x]) => { asked.set(about, await counted(product, x.list, x.filter)) }))
    }
    for (const x of all) expect(asked.get(`${x.list} ${x.filter}`), `${x.list} ${x.filter}`).toBe(x.n)
    // And the page of the list says so: one of each kind of tile, and all bands.
    const walked = all.filter((x, i) => x.n > 0 && all.findIndex(y => y.href === x.href) === i).slice(0, 12)
    for (const x of walked) {
      await page.goto(x.href)
      await expect(page.locator('[data-total]')).toHaveText(`共 ${x.n} 件`)
    }
  })

  test('a list is searched by words and by number, and says what it found', async ({ as, product }) => {
    await product.file('东门卫门口积水三天没有人来抽。', 'entrepreneur2')
    const page = await as('mayor', deskSize)
    await page.goto('/board/list?list=TICKETS&filter=open%20%3D%20true&title=在办')
    await expect(page.locator('ol > li')).not.toHaveCount(1)
    const search = page.getByRole('searchbox', { name: '搜索编号、诉求、企业' })
    await search.fill('积水')
    await expect(page.locator('[data-total]')).toHaveText('找到 1 件')
    await expect(page.locator('ol > li')).toHaveCount(1)
    const number = await page.locator('ol .no').innerText()
    await page.reload()
    await expect(search).toHaveValue('积水')
    await expect(page.locator('[data-total]')).toHaveText('找到 1 件')
    await search.fill(number)
    await expect(page).toHaveURL(new RegExp(`q=${number.replaceAll(' ', '\\D+')}`))
    await expect(page.getByRole('link', { name: /东门卫门口积水/ })).toBeVisible()
    await search.fill('没有这样的词')
    await expect(page.locator('[data-total]')).toHaveText('找到 0 件')
    await search.fill('')
    await expect(page.locator('[data-total]')).toHaveText(/^共 /)
  })

  test('a row of the worst is supervised in place, once, after a look', async ({ as, product }) => {
    const page = await as('mayor', deskSize)
    await page.goto('/board')
    const row = page.locator('.worst li').first()
    const href = await row.getByRole('link').getAttribute('href') ?? ''
    await row.getByRole('button', { name: '批示' }).click()
    await page.getByRole('button', { name: '看一遍再发出' }).click()
    await expect(page.getByText('请先写明要求。')).toBeVisible()
    await page.getByLabel('写给承办人的话').fill('请市燃气公司明天前恢复供气。')
    await page.getByRole('button', { name: '看一遍再发出' }).click()
    await page.getByRole('button', { name: '确认批示' }).dblclick()
    await expect(page.getByRole('dialog')).toBeHidden()
    const ticket = await product.call<{ directives: { kind: string, text: string }[] }>('mayor', 'GET', `${city}${href}`)
    expect(ticket.directives.filter(d => d.text === '请市燃气公司明天前恢复供气。')).toHaveLength(1)
  })

  test('a wall has no scroll bar, no small text, and nobody’s name', async ({ as }) => {
    const page = await as('mayor', wall)
    await page.goto('/board?wall=1')
    await expect(page.locator('.worst li').first()).toBeVisible()
    await expect(page.locator('.chart svg')).toBeVisible()
    const found = await page.evaluate(() => {
      const small: string[] = []
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const el = node.parentElement as Element
        if (!node.textContent?.trim() || el.closest('.sr, script, noscript') || !(el as HTMLElement).getClientRects().length) continue
        const size = parseFloat(getComputedStyle(el).fontSize)
        if (size < 24) small.push(`${node.textContent.trim()} ${size}`)
      }
      const html = document.documentElement
      const scrolls = [...document.querySelectorAll<HTMLElement>('*')].filter(e => /auto|scroll/.test(getComputedStyle(e).overflowY) && e.scrollHeight > e.clientHeight && e.clientHeight > 0 && e !== html && e !== document.body).length
      return { small, scrolls, wide: html.scrollWidth > html.clientWidth, high: html.scrollHeight > html.clientHeight, theme: html.dataset.theme, cursor: getComputedStyle(document.querySelector('main') as Element).cursor }
    })
    expect(found).toEqual({ small: [], scrolls: 0, wide: false, high: false, theme: 'dark', cursor: 'none' })
    const text = await page.locator('.worst').innerText()
    expect(text).not.toMatch(/有限公司|1\d{2}\*{4}\d{4}/)
    await expect(page.locator('.worst .unit').first()).toContainText('＊')
  })

  test('a leader’s phone has five figures and the worst first', async ({ as }) => {
    const page = await as('mayor', phone)
    await page.goto('/board')
    await expect(page.locator('.tile')).toHaveCount(5)
    await expect(page.locator('.worst li').first()).toBeVisible()
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth)).toBe(true)
  })

  test('is reached by the keyboard, and a number is opened with Enter', async ({ as }) => {
    const page = await as('auditor', deskSize)
    await page.goto('/board')
    const first = page.locator('.tile.open a[data-list]').first()
    await expect(first).toBeVisible()
    for (let i = 0; i < 60 && !await first.evaluate(e => e === document.activeElement); i++) await page.keyboard.press('Tab')
    await expect(first).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(page).toHaveURL(/\/board\/list\?/)
    await expect(page.getByRole('heading', { level: 1, name: '在办' })).toBeVisible()
    await expect(page.getByText('在办', { exact: true }).last()).toBeVisible()
  })

  test('months, approvals and lists open for who may', async ({ as }) => {
    const page = await as('mayor', deskSize)
    await page.goto('/board/months')
    await expect(page.getByText('还没有公布过')).toBeVisible()
    await page.getByRole('button', { name: '与逐件重数核对' }).click()
    await expect(page.getByText(/一致：核对了 [\d,]+ 个数/)).toBeVisible()
    await page.getByRole('button', { name: '公布一个月' }).click()
    await page.getByRole('dialog').getByRole('button', { name: '公布', exact: true }).click()
    await expect(page).toHaveURL(/months/)
    await page.goto('/board/approvals')
    await expect(page.getByRole('heading', { level: 1, name: '审批看板' })).toBeVisible()
    for (const x of await numbers(page)) expect(Number.isFinite(x.n)).toBe(true)
  })

  test('has no barrier', async ({ as }) => {
    test.setTimeout(120_000)
    const page = await as('mayor', deskSize)
    for (const [path, ready] of [['/board', '.worst li'], ['/board/list?list=TICKETS&filter=open%20%3D%20true&title=x', '[data-total]'], ['/board/approvals', '.grid'], ['/board/months', 'h1'], ['/board?wall=1', '.worst li']] as const) {
      await page.goto(path)
      await accessible(page, ready)
    }
  })
})

test('numbers stay when the product dies, and are right again within five seconds of its return', async ({ as }) => {
  test.setTimeout(120_000)
  const mine = await Product.start()
  try {
    await mine.file('停气六小时，反应釜要停。')
    const page = await as('mayor', deskSize, mine)
    await page.goto('/board')
    const open = page.locator('.tile.open .big a')
    await expect(open).toHaveText('1')
    await expect(page.getByText('实时')).toBeVisible()
    await mine.stop()
    await expect(page.getByText(/数据截至 \d\d:\d\d:\d\d，正在重新连接/)).toBeVisible({ timeout: 30_000 })
    await expect(open).toHaveText('1')
    await mine.again()
    await mine.file('又停气了。')
    await expect(open).toHaveText('2', { timeout: 5000 })
    await expect(page.getByText('正在重新连接')).toBeHidden({ timeout: 5000 })
  } finally { await mine.remove() }
})
