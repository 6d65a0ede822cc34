/** What a case needs to be there before its story begins, through REST as the tour does it. */
import { createHash } from 'node:crypto'
import { expect, type Product } from './product'

export interface Case {
  name: string
  number: string
  agreements: { textSha256: string }[]
  items: { name: string, state: string, actions?: string[] }[]
  agents?: unknown[]
  commitments: { name: string, state: string, dueTime?: string, firstDueTime?: string, extension?: { workdays: number } }[]
  certificates: { number: string, checkPath: string }[]
  tickets?: { ticket: string, number: string, item?: string }[]
}

/** A small project of low risk: few items, among them one to promise, one with a special procedure, and papers that may come later. */
const answers = { type: 'small-low-risk', land: 'owned', investor: 'domestic', hazards: ['water-soil'], investmentFen: '500000000', floorArea: 2000 }

export const address = (c: { name: string }) => `/cases/${c.name.split('/').at(-1) ?? ''}`
export const onPhone = (c: { name: string }) => `/approvals/${c.name.split('/').at(-1) ?? ''}`
export const stateOf = async (product: Product, c: { name: string }, item: string) => (await product.call<{ state: string }>('entrepreneur', 'GET', `/v1/${c.name}/items/${item}`)).state

export async function open(product: Product, title: string): Promise<Case> {
  const { enterprises } = await product.call<{ enterprises: { name: string }[] }>('entrepreneur', 'GET', '/v1/cities/410900/enterprises')
  return await product.call<Case>('entrepreneur', 'POST', '/v1/cities/410900/cases', { title, enterprise: enterprises[0]?.name, counties: ['410902'], eligibility: 'MUNICIPAL_APPROVAL', answers })
}

export async function offer(product: Product, c: Case): Promise<Case> {
  return await product.call<Case>('clerk-tzzx', 'POST', `/v1/${c.name}:offerAgreement`, { expireTime: new Date(Date.now() + 300 * 86_400_000).toISOString() })
}

/** entrust opens a case and has it sealed, as the tour does. */
export async function entrust(product: Product, title: string): Promise<Case> {
  const worded = await offer(product, await open(product, title))
  await product.call('entrepreneur', 'POST', `/v1/${worded.name}:signAgreement`, { textSha256: worded.agreements.at(-1)?.textSha256, signerName: '陈小满' })
  await product.call('clerk-tzzx', 'POST', `/v1/${worded.name}:sealAgreement`, {})
  return await product.call<Case>('entrepreneur', 'GET', `/v1/${worded.name}`)
}

/** supply sends a file of a case, whole; answers its name. */
export async function supply(product: Product, who: string, name: string, purpose: string, material: string, text: string): Promise<string> {
  const doc = await product.call<{ name: string }>(who, 'POST', `/v1/${name}/documents`, { fileName: `${text}.txt`, purpose, material, size: String(Buffer.byteLength(text)), sha256: createHash('sha256').update(text).digest('hex') })
  const token = await product.call<{ accessToken: string }>(who, 'POST', '/v1/demo:signIn', { persona: who })
  const sent = await fetch(`${product.url}/v1/${doc.name}`, { method: 'PATCH', headers: { Authorization: `Bearer ${token.accessToken}`, 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': '0' }, body: text })
  expect(sent.ok, await sent.text()).toBe(true)
  return doc.name
}

/** on does a verb on an item of a case. */
export async function on(product: Product, who: string, c: { name: string }, item: string, verb: string, body: unknown = {}): Promise<void> {
  await product.call(who, 'POST', `/v1/${c.name}/items/${item}:${verb}`, body)
}

/** filed lets the project be filed: what all its other items come after. */
export async function filed(product: Product, c: Case): Promise<void> {
  await supply(product, 'entrepreneur', c.name, 'material', 'form-land', '立项用地规划许可阶段申请表')
  await on(product, 'entrepreneur', c, 'investment-filing', 'submit')
  await on(product, 'clerk-hualong', c, 'investment-filing', 'accept')
  await on(product, 'clerk-hualong', c, 'investment-filing', 'approve')
}
