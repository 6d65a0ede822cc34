/** How pages look, where a machine can tell: the points of the acceptance list that name a picture. */
import { address, entrust, onPhone } from './cases'
import { deskSize, expect, listen, look, phone, test } from './product'
import { parted } from './sight'
import type { Page } from '@playwright/test'

const id = (name: string) => name.split('/').at(-1) as string
const dress = (page: Page, theme: string, size: string, lang: string) => page.context().addCookies([{ name: 'tt_ui', value: `theme=${theme}&size=${size}&lang=${lang}`, url: new URL(page.url()).origin }])

/** standing gives a page the city's time and a ticket's clocks: the product has no way to move either. */
async function standing(page: Page, name: string, at: string, clocks: (first: Record<string, unknown>[]) => Record<string, unknown>[]) {
  await page.clock.install({ time: new Date(at) })
  await page.route('**/v1/**', async route => {
    if (/:watch/.test(route.request().url())) { await route.abort(); return }
    const response = await route.fetch()
    const headers = { ...response.headers(), date: new Date(await page.evaluate(() => Date.now()).catch(() => Date.parse(at))).toUTCString() }
    const own = new URL(route.request().url()).pathname === `/v1/${name}` && response.ok()
    if (!own) { await route.fulfill({ response, headers }); return }
    const ticket = await response.json() as { clocks: Record<string, unknown>[] }
    await route.fulfill({ response, headers, json: { ...ticket, clocks: clocks(ticket.clocks) } })
  })
}

test('11: the receipt shows the number in groups, the official by name, the date, and a phone that is called by pressing it', async ({ as, product }) => {
  const ticket = await product.file('厂门口的限高杆挡住了消防车。')
  const { holderCard } = await product.call<{ holderCard: { displayName: string, phone: string } }>('entrepreneur', 'GET', `/v1/${ticket.name}`)
  expect(holderCard.phone).toMatch(/\d{7,}/)
  const page = await as('entrepreneur', phone)
  await page.goto('/me')
  for (const [theme, size, lang] of [['light', 'standard', 'zh-CN'], ['dark', 'standard', 'en'], ['light', 'huge', 'zh-CN'], ['dark', 'huge', 'en']] as const) {
    await dress(page, theme, size, lang)
    await page.goto(`/receipt/${id(ticket.name)}`)
    await expect(page.getByText(/^\d{6} \d{3} \d{4}$/)).toHaveText(ticket.number.replace(/^(\d{6})(\d{3})(\d{4})$/, '$1 $2 $3'))
    await expect(page.locator('.official .name')).toHaveText(holderCard.displayName)
    await expect(page.getByText(lang === 'en' ? /You will be contacted by \w{3} \d{1,2} \w{3}, \d{1,2}:\d{2}/ : /\d{1,2}月\d{1,2}日（周.）\d{1,2}:\d{2} 前联系您/)).toBeVisible()
    const call = page.getByRole('link', { name: holderCard.phone })
    await expect(call).toBeVisible()
    await expect(call).toHaveAttribute('href', `tel:${holderCard.phone}`)
    expect(await parted(page), `${theme} ${size} ${lang}`).toEqual([])
    await look(page, `receipt-${theme}-${size}-${lang}`)
  }
  await page.getByRole('link', { name: 'Follow it' }).click()
  await expect(page.getByText('厂门口的限高杆挡住了消防车。').first()).toBeVisible()
})

test('13: the stations of the rail are told apart in a copy without colour, on both themes', async ({ as, product, browser }) => {
  const ticket = await product.file('园区支路积水半米，货进不来。')
  const page = await as('entrepreneur', phone)
  await page.goto('/me')
  const at = '2026-11-25T10:00:00+08:00'
  const clock = (kind: string, more: Record<string, unknown>) => ({ kind, startTime: '2026-11-24T09:00:00+08:00', asOfTime: at, secondsTotal: '28800', workingSpans: [0, 7200, 16_200, 28_800], ...more })
  await standing(page, ticket.name, at, () => [
    clock('SIGN', { state: 'RUNNING', dueTime: '2026-11-25T18:00:00+08:00', secondsLeft: '19800' }),
    clock('CONTACT', { state: 'BREACHED', dueTime: '2026-11-24T18:00:00+08:00', secondsLeft: '-5400', workingSpans: [] }),
    clock('ANSWER', { state: 'PAUSED', dueTime: '2026-11-27T18:00:00+08:00', secondsLeft: '60000' }),
  ])
  const bench = await (await browser.newContext()).newPage() // a page without a policy, to look at pictures in
  for (const theme of ['light', 'dark']) {
    await dress(page, theme, 'standard', 'zh-CN')
    await page.goto(`/tickets/${id(ticket.name)}`)
    const marks = page.getByRole('list', { name: '办理进度' }).locator('li > svg')
    await expect(marks).toHaveCount(5)
    expect(await marks.evaluateAll(all => all.map(m => m.getAttribute('aria-label')))).toEqual(['已完成', '进行中', '已超时', '暂停', '还没到'])
    const pictures: string[] = []
    for (const mark of await marks.all()) pictures.push((await mark.screenshot({ scale: 'css' })).toString('base64'))
    // Of each picture only how light it is: what differs by less than three to one from the page is not there for this eye.
    const seen = await bench.evaluate(async all => Promise.all(all.map(async picture => {
      const image = new Image()
      image.src = `data:image/png;base64,${picture}`
      await image.decode()
      const canvas = Object.assign(document.createElement('canvas'), { width: 28, height: 28 })
      const pen = canvas.getContext('2d') as CanvasRenderingContext2D
      pen.drawImage(image, 0, 0, 28, 28)
      const { data } = pen.getImageData(0, 0, 28, 28)
      const linear = (v: number) => { const c = v / 255; return c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4 }
      const light = Array.from({ length: 28 * 28 }, (_, i) => .2126 * linear(data[4 * i] ?? 0) + .7152 * linear(data[4 * i + 1] ?? 0) + .0722 * linear(data[4 * i + 2] ?? 0))
      const ground = light[0] ?? 0
      return light.map(l => (Math.max(l, ground) + .05) / (Math.min(l, ground) + .05) >= 3)
    })), pictures)
    for (const [i, a] of seen.entries()) {
      const ink = a.filter(Boolean).length
      expect(ink, `${theme}: station ${i} is seen`).toBeGreaterThan(30)
      for (const [j, b] of seen.entries()) if (j > i) expect(a.filter((on, k) => on !== b[k]).length / Math.max(ink, b.filter(Boolean).length), `${theme}: ${i} and ${j} differ in shape`).toBeGreaterThan(.2)
    }
    await look(page, `rail-${theme}`)
  }
  await bench.context().close()
})

test('15: on a Sunday at ten the ring stands still and says when it goes on; on Monday it moves', async ({ as, product }) => {
  const ticket = await product.file('变压器噪声大，夜班没法睡。')
  const page = await as('attendant', deskSize)
  const sunday = '2026-11-29T10:00:00+08:00'
  const opening = 22.5 * 3600 // from then to Monday at half past eight
  await standing(page, ticket.name, sunday, () => [{ kind: 'ANSWER', state: 'RUNNING', startTime: '2026-11-27T14:30:00+08:00', dueTime: '2026-11-30T18:00:00+08:00', asOfTime: sunday, secondsLeft: '25200', secondsTotal: '37800', workingSpans: [opening, opening + 3.5 * 3600, opening + 6 * 3600, opening + 9.5 * 3600], nextOpeningTime: '2026-11-30T08:30:00+08:00' }])
  await page.goto(`/tickets/${id(ticket.name)}`)
  const ring = page.locator('aside.facts').getByRole('img', { name: /^答复 / })
  await expect(ring).toHaveAttribute('aria-label', /现在不计时，明天 8:30 继续/)
  await expect(ring.locator('.dashed')).toHaveCount(1)
  const drawn = () => ring.evaluate(e => e.outerHTML)
  const before = await drawn()
  await page.clock.runFor(5 * 60_000)
  expect(await drawn(), 'five minutes of a Sunday change nothing').toBe(before)
  await page.clock.fastForward(opening * 1000)
  await page.clock.runFor(2 * 60_000)
  await expect(ring).toHaveAttribute('aria-label', /还剩 6 小时 5\d 分/)
  await expect(ring.locator('.dashed')).toHaveCount(0)
  const arc = await ring.locator('.arc').getAttribute('stroke-dasharray')
  await page.clock.runFor(30 * 60_000)
  await expect(ring.locator('.arc')).not.toHaveAttribute('stroke-dasharray', arc ?? '')
})

test('25: the plan hatches days off, marks make-up days and says in words what its marks mean; so does the matrix', async ({ as, product }) => {
  const c = await entrust(product, '看图')
  const page = await as('clerk-tzzx', deskSize)
  // A Saturday within the plan is worked, as notices have it now and then.
  let made = ''
  await page.route('**/calendars/*', async route => {
    const response = await route.fetch()
    const calendar = await response.json() as { days?: { date: string, kind: string }[] }
    const from = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10)
    const worked = made ? undefined : calendar.days?.find(d => d.date > from && d.kind === 'weekend' && new Date(`${d.date}T12:00:00Z`).getUTCDay() === 6)
    if (worked) { made = worked.date; worked.kind = 'make-up' }
    await route.fulfill({ response, json: calendar })
  })
  for (const lang of ['zh-CN', 'en']) {
    made = ''
    await page.goto('/sign-in')
    await dress(page, 'light', 'standard', lang)
    await page.goto(address(c))
    const gantt = page.locator('.gantt')
    await expect(gantt.locator('.makeup').first()).toHaveText(lang === 'en' ? 'work' : '班')
    // Every day off that is drawn is hatched with a pattern that is there.
    const off = await gantt.locator('rect[fill^="url("]').evaluateAll(all => all.map(r => !!document.querySelector((r.getAttribute('fill') ?? '').slice(4, -1).replaceAll('"', ''))))
    expect(off.length).toBeGreaterThan(5)
    expect(off.every(Boolean)).toBe(true)
    await expect(gantt.locator('.keys')).toContainText(lang === 'en' ? /By law.*As promised.*Actual.*Stopped.*Day off.*Make-up workday.*critical/s : /法定时限.*承诺时限.*实际.*停止计时.*休息日.*调休上班.*关键路径/s)
    const names = await gantt.locator('.monthname').allTextContents()
    expect(names.length).toBeGreaterThan(1)
    for (const name of names) expect(name).toMatch(lang === 'en' ? /^(Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)( \d{4})?$/ : /^(\d{4}年)?\d{1,2}月$/)
    const boxes = await gantt.locator('.monthname').evaluateAll(all => all.map(e => { const b = e.getBoundingClientRect(); return [b.left, b.right] as const }))
    for (const [i, box] of boxes.entries()) if (i) expect(box[0], 'no month writes over the one before').toBeGreaterThan(boxes[i - 1]?.[1] ?? 0)
    const scroll = await gantt.locator('.scroll').boundingBox()
    expect((scroll?.y ?? 0) + 200, 'the plan is in sight without a scroll').toBeLessThan(900)
    await look(page, `gantt-${lang}`, false)
    await page.goto(`${address(c)}?part=materials`)
    const cells = page.getByRole('gridcell')
    await expect(cells.first()).toBeVisible()
    const legend = await page.locator('.legend').innerText()
    const told = new Set(await cells.evaluateAll(all => all.map(e => /[:：]\s*([^,，]+)/.exec((e.getAttribute('aria-label') ?? '').split(/(?=[:：][^:：]*$)/).at(-1) ?? '')?.[1] ?? '')))
    for (const word of told) expect(legend, 'what a cell says is in the legend').toContain(word)
    expect(await parted(page), `matrix ${lang}`).toEqual([])
    await look(page, `matrix-${lang}`, false)
  }
})

test('30: every page in dark, in English and in the largest type: nothing cut, laid over another or left in Chinese', async ({ browser, product, faults }) => {
  test.setTimeout(420_000)
  const ticket = await product.file('冷链车进城证被退了两次。')
  const answered = await product.file('停水三天没有通知。')
  await product.call('attendant', 'POST', `/v1/${ticket.name}:sign`, {})
  for (const [verb, body] of [['sign', {}], ['contact', { channel: 'phone', note: '已联系' }], ['answer', { outcome: 'SOLVED', text: '已恢复供水，检修提前三天告知，再有停水直接打给我。' }]] as const) await product.call('attendant', 'POST', `/v1/${answered.name}:${verb}`, body)
  const c = await entrust(product, '三号车间')
  const t = id(ticket.name)
  const pages: Record<string, [string[], boolean][]> = {
    '': [[['/sign-in'], true]],
    entrepreneur: [[['/file', '/my', '/me', '/outbox', `/receipt/${t}`, `/tickets/${t}`, `/tickets/${id(answered.name)}/verify`, '/approvals', onPhone(c)], true], [['/portal', '/portal/tickets', '/portal/cases', '/portal/projects', '/portal/members', '/portal/files', '/portal/export'], false]],
    attendant: [[['/desk', `/tickets/${t}`, '/desk/tickets', '/desk/visits', '/desk/leave', '/desk/enterprises'], true]],
    dispatcher: [[['/desk', '/desk/returns', '/desk/issues', '/desk/file', '/desk/coverage'], true]],
    'clerk-tzzx': [[['/agent', '/agent?tab=items', '/agent?tab=commitments', '/agent/open', ...['progress', 'materials', 'commitments', 'reviews', 'entrustment', 'certificates', 'record'].map(p => `${address(c)}?part=${p}`)], true]],
    mayor: [[['/board', '/board/approvals', '/board/months'], true]],
    admin: [[['/admin', '/admin/policies', '/admin/calendar/2026', '/admin/staff', '/admin/units', '/admin/categories', '/admin/catalogue', '/admin/files', '/admin/boards'], false]],
  }
  const found: string[] = []
  // What the city has written itself is shown to its administrators as it is.
  const { files } = await product.call<{ files: { content: string }[] }>('admin', 'GET', '/v1/cities/410900/files')
  const config = files.map(f => Buffer.from(f.content, 'base64').toString()).join('\n')
  for (const [who, groups] of Object.entries(pages)) {
    for (const [size, as] of [['standard', deskSize], ['huge', phone]] as const) {
      const context = await browser.newContext({ locale: 'en', timezoneId: 'Asia/Shanghai', baseURL: product.url, ...as })
      await context.addCookies([{ name: 'tt_ui', value: `theme=dark&size=${size}&lang=en`, url: product.url }])
      const page = await context.newPage()
      listen(page, faults)
      if (who) await context.request.post('/web/session:demoSignIn', { data: { persona: who }, headers: { 'X-Requested-With': 'through-train', Origin: product.url, 'Sec-Fetch-Site': 'same-origin' } })
      for (const path of groups.filter(g => g[1] || size === 'standard').flatMap(g => g[0])) {
        await page.goto(path)
        await expect(page.getByRole('heading', { level: 1 }).first()).toBeAttached()
        await page.waitForFunction(() => !document.querySelector('.skeleton'))
        await page.evaluate(() => document.fonts.ready)
        found.push(...(await parted(page, who === 'admin' ? config : '')).map(f => `${path} ${size}: ${f}`))
        await look(page, `all-${size}-${who}${path.replace(/[0-9a-f-]{36}/g, '').replace(/[^a-z]+/g, '-')}`)
      }
      await context.close()
    }
  }
  expect(found).toEqual([])
})
