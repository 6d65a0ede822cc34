import { accessible } from './axe'
import { expect, phone, test, type Product } from './product'

const city = '/v1/cities/410900'
const answers = { type: 'industrial', land: 'transferred', investor: 'domestic', hazards: [], utilities: [], investmentFen: '12000000000', floorArea: 12000 }

async function open(product: Product, title: string): Promise<string> {
  const { enterprises } = await product.call<{ enterprises: string[] }>('entrepreneur', 'POST', '/v1/demo:signIn', { persona: 'entrepreneur' })
  const made = await product.call<{ name: string }>('entrepreneur', 'POST', `${city}/cases`, { title, enterprise: enterprises[0], counties: ['410902'], eligibility: 'MUNICIPAL_APPROVAL', contactName: '王强', answers })
  return made.name
}

test('an enterprise opens a case, supplies one paper for three approvals, hands one in, and promises what it lacks', async ({ as }) => {
  const page = await as('entrepreneur', phone)
  await page.goto('/approvals/new')
  await page.getByLabel('项目名称').fill('年产三万吨面制品扩建')
  await page.getByRole('button', { name: '看看要办哪些' }).click()
  await expect(page.getByText('请填写').first()).toBeVisible()
  await page.getByLabel('建什么').selectOption('industrial')
  await page.getByLabel('用地怎么来').selectOption('transferred')
  await page.getByLabel('谁来投资').selectOption('domestic')
  await page.getByLabel('主要在哪里').selectOption('410902')
  await page.getByLabel('投资额（万元）').fill('12000')
  await page.getByLabel('建筑面积（平方米）').fill('12000')
  await page.getByRole('button', { name: '看看要办哪些' }).click()
  await expect(page.getByText(/约 \d+ 个工作日/)).toBeVisible()
  await page.getByRole('button', { name: '开始代办' }).click()

  await expect(page.getByRole('heading', { level: 1, name: '年产三万吨面制品扩建' })).toBeVisible()
  const wish = page.getByRole('button', { name: '交材料：立项用地规划许可阶段申请表' })
  await expect(wish).toBeVisible()
  await expect(page.getByText('用于 3 个事项', { exact: true }).first()).toBeVisible()
  await page.getByLabel('上传：立项用地规划许可阶段申请表').setInputFiles({ name: '申请表.txt', mimeType: 'text/plain', buffer: Buffer.from('立项用地规划许可阶段申请表') })
  await expect(page.getByRole('link', { name: '查看第 1 版' })).toBeVisible()
  await expect(page.getByText('已用于 3 个事项').first()).toBeVisible()
  await expect(wish).toHaveCount(0)

  await page.getByRole('button', { name: '可以提交：企业投资项目备案' }).click()
  const sheet = page.getByRole('dialog', { name: '企业投资项目备案' })
  await sheet.getByRole('button', { name: '提交', exact: true }).click()
  await expect(sheet.getByText('窗口已收件')).toBeVisible()
  await sheet.getByRole('button', { name: '关闭' }).click()

  await page.getByRole('button', { name: /城市建筑垃圾处置核准/ }).click()
  await page.getByRole('button', { name: '签承诺' }).click()
  const promise = page.getByRole('dialog', { name: '告知承诺' })
  await expect(promise.getByText('没做到会怎样')).toBeVisible()
  await promise.getByRole('button', { name: '签名' }).click()
  await expect(promise.getByText('请写姓名')).toBeVisible()
  await promise.getByLabel('签名：请写您的姓名').fill('王强')
  await promise.getByRole('button', { name: '签名' }).click()
  await expect(promise).toHaveCount(0)
  await page.getByRole('dialog').getByRole('button', { name: '关闭' }).click()
  await expect(page.getByText('已签，待受理')).toBeVisible()

  await page.goto('/approvals')
  await expect(page.getByRole('link', { name: /年产三万吨面制品扩建/ }).first()).toBeVisible()
})

test('a case that another phone moves on moves here too, and one that is stuck becomes a ticket', async ({ as, product }) => {
  const name = await open(product, '冷链仓库')
  const page = await as('entrepreneur', phone)
  await page.goto(`/approvals/${name.split('/').at(-1)}`)
  await expect(page.getByRole('heading', { level: 1, name: '冷链仓库' })).toBeVisible()
  await product.call('entrepreneur', 'POST', `/v1/${name}/notes`, { text: '请问什么时候能勘界？' })
  await expect(page.getByText('请问什么时候能勘界？')).toBeVisible()
  await page.getByRole('button', { name: /^国有建设用地使用权出让/ }).click()
  await page.getByRole('button', { name: '请市里协调' }).click()
  await page.getByRole('textbox', { name: '卡在哪里' }).fill('出让方案迟迟没有公告。')
  await page.getByRole('button', { name: '提交给市里' }).click()
  await expect(page.getByRole('dialog', { name: '请市里协调' })).toHaveCount(0)
  await page.getByRole('dialog').getByRole('button', { name: '关闭' }).click()
  await expect(page.getByRole('heading', { name: '请市里协调的诉求' })).toBeVisible()
})

test('a case of others is not found', async ({ as, product }) => {
  const name = await open(product, '不是您的')
  const page = await as('entrepreneur2', phone)
  await page.goto(`/approvals/${name.split('/').at(-1)}`)
  await expect(page.getByText('没有找到，或不对您开放。')).toBeVisible()
})

test('the approvals are for everybody', async ({ as, product }) => {
  test.setTimeout(480_000)
  const name = await open(product, '大字也看得清')
  const page = await as('entrepreneur', phone)
  for (const path of ['/approvals', '/approvals/new', `/approvals/${name.split('/').at(-1)}`]) {
    await page.goto(path)
    await accessible(page)
  }
})
