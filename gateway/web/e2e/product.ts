/**
 * The product as somebody would run it: the built binary, one process, data of its own. Each worker has one; a test that stops or kills it starts its own.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test as base, expect, type Browser, type BrowserContext, type Page } from '@playwright/test'

const root = fileURLToPath(new URL('../../..', import.meta.url))

async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

export class Product {
  url = ''
  private process?: ChildProcess
  private port = 0
  private constructor(readonly data: string) {}

  static async start(): Promise<Product> {
    const product = new Product(await mkdtemp(join(tmpdir(), 'throughtrain-')))
    product.port = await freePort()
    product.url = `http://127.0.0.1:${product.port}`
    await product.again()
    return product
  }

  /** again starts it on the same data and the same port. */
  async again(): Promise<void> {
    const child = spawn(process.env.THROUGHTRAIN_BIN ?? join(root, 'bin/throughtrain'),
      ['serve', '--demo', '--data', this.data, '--city', join(root, 'deploy/config/cities/410900'), '--addr', `127.0.0.1:${this.port}`],
      { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, THROUGHTRAIN_LOG_FORMAT: 'json' } })
    this.process = child
    let said = ''
    child.stderr?.on('data', (d: Buffer) => { said = (said + d.toString()).slice(-4000) })
    const until = Date.now() + 60_000
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the product ended: ${said}`)
      if (await fetch(`${this.url}/healthz`).then(r => r.ok, () => false)) return
      if (Date.now() > until) throw new Error(`the product is not ready: ${said}`)
      await new Promise(r => setTimeout(r, 50))
    }
  }

  /** stop ends it, by default without warning. */
  async stop(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.process
    if (!child || child.exitCode !== null) return
    const ended = new Promise(resolve => child.once('exit', resolve))
    child.kill(signal)
    await ended
  }

  async remove(): Promise<void> {
    await this.stop()
    await rm(this.data, { recursive: true, force: true })
  }

  /** call speaks REST as somebody, for what a test needs to be there before its own story begins. */
  async call<T = Record<string, unknown>>(persona: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
    const response = await fetch(this.url + path, {
      method, headers: { Authorization: `Bearer ${await this.token(persona)}`, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const answer = await response.json() as T
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`)
    return answer
  }

  private tokens = new Map<string, { token: string, until: number }>()
  private async token(persona: string): Promise<string> {
    const known = this.tokens.get(persona)
    if (known && known.until > Date.now()) return known.token
    const response = await fetch(`${this.url}/v1/demo:signIn`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ persona }) })
    const { accessToken } = await response.json() as { accessToken: string }
    this.tokens.set(persona, { token: accessToken, until: Date.now() + 8 * 60_000 })
    return accessToken
  }

  /** file files a ticket as an entrepreneur and waits until it has a holder. */
  async file(body: string, persona = 'entrepreneur', more: Record<string, unknown> = {}): Promise<{ name: string, number: string, state: string }> {
    let ticket = await this.call<{ name: string, number: string, state: string }>(persona, 'POST', '/v1/cities/410900/tickets', { body, ...more }, { 'Idempotency-Key': crypto.randomUUID() })
    const until = Date.now() + 10_000
    while (ticket.state === 'FILED' && Date.now() < until) {
      await new Promise(r => setTimeout(r, 50))
      ticket = await this.call(persona, 'GET', `/v1/${ticket.name}`)
    }
    return ticket
  }
}

export const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }
export const deskSize = { viewport: { width: 1440, height: 900 } }
export const wall = { viewport: { width: 1920, height: 1080 } }

/** Everything that a page says it did wrong: no test passes with any. */
export function listen(page: Page, faults: string[]) {
  page.on('pageerror', e => faults.push(`${page.url()}: ${e.message}`))
  page.on('console', m => { if (m.type() === 'error' && !/Failed to load resource|net::ERR/.test(m.text())) faults.push(`${page.url()}: ${m.text()}`) })
}

interface Fixtures {
  /** as opens a page signed in as one of the cast, at a size. */
  as: (persona: string, size?: Parameters<Browser['newContext']>[0], product?: Product) => Promise<Page>
  faults: string[]
}

export const test = base.extend<Fixtures, { product: Product }>({
  product: [async ({}, use) => { // eslint-disable-line no-empty-pattern
    const product = await Product.start()
    await use(product)
    await product.remove()
  }, { scope: 'worker' }],
  faults: async ({}, use) => { // eslint-disable-line no-empty-pattern
    const faults: string[] = []
    await use(faults)
    expect(faults, 'errors and policy violations on the page').toEqual([])
  },
  as: async ({ browser, product, faults }, use) => {
    const contexts: BrowserContext[] = []
    await use(async (persona, size = phone, at = product) => {
      const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'Asia/Shanghai', baseURL: at.url, ...size })
      contexts.push(context)
      const page = await context.newPage()
      listen(page, faults)
      const answer = await context.request.post('/web/session:demoSignIn', { data: { persona }, headers: { 'X-Requested-With': 'through-train', Origin: at.url, 'Sec-Fetch-Site': 'same-origin' } })
      expect(answer.ok(), await answer.text()).toBe(true)
      return page
    })
    for (const c of contexts) await c.close()
  },
})
export { expect }

/** look keeps a picture of a page where SHOTS names a folder, for a person to look at. */
export async function look(page: Page, name: string, fullPage = true): Promise<void> {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage })
}
