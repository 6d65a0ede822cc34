/** The outbox against a city that may lose a call, or an answer, at any step, and a page that may end at any step. */
import 'fake-indexeddb/auto'
import { beforeEach, expect, test } from 'vitest'
import { Problem, unreachable } from '@/api/problem'
import { bodyOf } from '@/filing/body'
import { Outbox, owes, wait, type Transport } from '@/filing/outbox'
import { newItem, onChange, store, type Item } from '@/filing/store'

const me = 'cities/410900/persons/p'

/** A city that answers a key again with what it made of it, and refuses another body under it. */
class City implements Transport {
  tickets = new Map<string, { body: string, name: string, number: string }>()
  files = new Map<string, string>()
  keys: string[] = []
  cities = new Set<string>()
  calls = 0
  fault: (call: number) => 'before' | 'after' | undefined = () => undefined
  refuse?: Problem
  refuseFile?: Problem

  private async step<T>(does: () => T): Promise<T> {
    const how = this.fault(++this.calls)
    await Promise.resolve()
    if (how === 'before') throw unreachable()
    const done = does()
    if (how === 'after') throw unreachable()
    return done
  }
  create(at: string, body: string, key: string) {
    this.keys.push(key)
    this.cities.add(at)
    return this.step(() => {
      if (this.refuse) throw this.refuse
      const had = this.tickets.get(key)
      if (had && had.body !== body) throw new Problem(409, 'REQUEST_ID_REUSED', 'another body')
      if (!had) this.tickets.set(key, { body, name: `cities/410900/tickets/${this.tickets.size}`, number: `2611260000${this.tickets.size}` })
      return this.tickets.get(key) as { name: string, number: string }
    })
  }
  upload(ticket: string, file: { id: string }) {
    return this.step(() => {
      if (this.refuseFile) throw this.refuseFile
      this.files.set(file.id, ticket)
    })
  }
}

let city: City
let time = 0
let who: string | undefined
const signedIn = () => who ? { person: who, city: '410900' } : undefined
const outbox = () => new Outbox(store, city, signedIn, undefined, () => time)
beforeEach(async () => { await store.wipe(); city = new City(); time = 1; who = me })

async function waiting(photos = 0, more: Partial<Item> = {}): Promise<Item> {
  const files = Array.from({ length: photos }, (_, i) => ({ id: crypto.randomUUID(), kind: 'PHOTO' as const, name: `${i}.jpg`, type: 'image/jpeg', size: 3 }))
  const item = newItem({ person: '', city: '410900', text: '停气', stage: 'waiting', files, ...more })
  for (const f of files) await store.putBlob(f.id, new Blob(['abc']))
  await store.add(item)
  return item
}
/** until lets time pass and pages come and go until nothing is owed. */
async function until() {
  for (let i = 0; i < 200; i++) {
    const next = await outbox().pass()
    if (next === undefined) return
    time += next
  }
  throw new Error('it never ends')
}

test('a ticket first, then its files, then nothing is owed and nothing lies about', async () => {
  const item = await waiting(2)
  await until()
  const now = await store.get(item.id)
  expect(now).toMatchObject({ stage: 'done', ticket: { number: '26112600000' }, person: me })
  expect(city.files.size).toBe(2)
  expect(await store.blob(item.files[0]?.id ?? '')).toBeUndefined()
})

for (const how of ['before', 'after'] as const) {
  for (let at = 1; at <= 5; at++) {
    test(`a break ${how} call ${at}: one ticket, all files, one key`, async () => {
      const item = await waiting(3)
      city.fault = n => n === at ? how : undefined
      await until()
      expect(city.tickets.size).toBe(1)
      expect(city.files.size).toBe(3)
      expect(new Set(city.keys)).toEqual(new Set([item.id]))
      expect((await store.get(item.id))?.stage).toBe('done')
    })
  }
}

test('the page ends between the steps: the next one goes on', async () => {
  const item = await waiting(3)
  for (let at = 0; at < 5; at++) {
    let written = 0
    const dying = { ...store, change: (id: string, does: (i: Item) => boolean | void) => written++ < at ? store.change(id, does) : Promise.reject(new Error('the page is gone')) }
    await new Outbox(dying, city, signedIn, undefined, () => time).pass().catch(() => undefined)
    time += 10 * 60_000
  }
  await until()
  expect(city.tickets.size).toBe(1)
  expect(city.files.size).toBe(3)
  expect((await store.get(item.id))?.stage).toBe('done')
})

test('it is not called received before there is a number', async () => {
  const item = await waiting(1)
  city.fault = n => n === 1 ? 'after' : undefined
  const stages: string[] = []
  const stop = onChange(() => void store.get(item.id).then(i => stages.push(`${i?.stage} ${i?.ticket?.number ?? ''}`)))
  await until()
  stop()
  for (const s of stages) if (/received|done/.test(s)) expect(s).toMatch(/ 26/)
})

test('edited after a try whose answer was lost: the earlier wording is the ticket, and the person is told', async () => {
  const item = await waiting()
  city.fault = n => n === 1 ? 'after' : undefined
  await outbox().pass()
  await store.change(item.id, i => { i.text = '停气，更急了'; i.next = 0 })
  await until()
  const now = await store.get(item.id)
  expect(city.tickets.size).toBe(1)
  expect(now).toMatchObject({ stage: 'done', differs: '停气，更急了' })
  expect(JSON.parse(city.tickets.get(item.id)?.body ?? '{}')).toMatchObject({ body: '停气' })
})

test('refused for good: the words stay, nothing more is sent, and mended it goes under the same key', async () => {
  const item = await waiting(1)
  city.refuse = new Problem(400, 'CATEGORY_UNKNOWN', '类别不存在', {}, [{ field: 'category', reason: '', text: '请重选' }])
  await until()
  expect(await store.get(item.id)).toMatchObject({ stage: 'refused', text: '停气', problem: { text: '类别不存在', more: ['请重选'] } })
  const before = city.calls
  await outbox().pass()
  expect(city.calls).toBe(before)
  delete city.refuse
  await store.change(item.id, i => { i.stage = 'waiting'; i.next = 0 })
  await until()
  expect(city.keys.every(k => k === item.id)).toBe(true)
  expect((await store.get(item.id))?.stage).toBe('done')
})

test('a file that is refused does not hold the others, nor the ticket', async () => {
  const item = await waiting(2)
  city.refuseFile = new Problem(400, 'MEDIA_DAMAGED', '照片打不开')
  await until()
  const now = await store.get(item.id)
  expect(now?.stage).toBe('done')
  expect(now?.files.map(f => f.why)).toEqual(['照片打不开', '照片打不开'])
  expect(await store.blob(item.files[0]?.id ?? '')).toBeDefined()
})

test('nobody signed in: it waits; signed in: it goes; another person’s is not sent', async () => {
  who = undefined
  const mine = await waiting()
  const other = await waiting(0, { person: 'cities/410900/persons/q' })
  expect(await outbox().pass()).toBeUndefined()
  expect(city.calls).toBe(0)
  who = me
  await until()
  expect((await store.get(mine.id))?.stage).toBe('done')
  expect((await store.get(other.id))?.stage).toBe('waiting')
})

test('a session that is over keeps it waiting', async () => {
  const item = await waiting()
  city.refuse = new Problem(401, 'TOKEN_EXPIRED', '')
  await outbox().pass()
  expect((await store.get(item.id))?.stage).toBe('waiting')
})

test('one that fails does not make the next one wait for its own turn to fail', async () => {
  await waiting(); await waiting()
  city.fault = () => 'before'
  await outbox().pass()
  expect(city.calls).toBe(1)
})

test('two tabs under one lock make one ticket and each file once', async () => {
  await waiting(3)
  let chain: Promise<unknown> = Promise.resolve()
  const locked = () => { chain = chain.then(() => outbox().pass()); return chain }
  await Promise.all([locked(), locked(), locked()])
  expect(city.calls).toBe(4)
})

test('the waits grow from five seconds to five minutes, and are not the same for all', () => {
  expect(wait(1, 0.5)).toBe(5000)
  expect(wait(3, 0.5)).toBe(20_000)
  expect(wait(50, 1)).toBe(375_000)
  expect(wait(1, 0)).not.toBe(wait(1, 1))
})

test('what is sent: words as they are, and what stands in for them', () => {
  const text = '停气😡\n  <b>三天</b>'
  expect(JSON.parse(bodyOf(newItem({ person: '', city: '410900', text })))).toEqual({ body: text, channel: 'app', urgency: 'NORMAL' })
  const spoken = newItem({ person: '', city: '410900', files: [{ id: 'f', kind: 'VOICE', name: 'v', type: '', size: 1, seconds: 12.2 }], project: 'cities/410900/enterprises/e/projects/p', investment: '1200.5', jobs: '30', county: '410926' })
  expect(JSON.parse(bodyOf(spoken))).toMatchObject({ body: '（录音 12 秒，见附件）', investmentAtRiskFen: '1200500000', jobsAtRisk: 30, county: '410926' })
})

test('a draft survives, changes in one transaction, and goes with its files', async () => {
  const item = await waiting(1, { stage: 'draft' })
  expect(owes(item)).toBe(false)
  await Promise.all([store.change(item.id, i => { i.text += '甲' }), store.change(item.id, i => { i.text += '乙' })])
  expect((await store.get(item.id))?.text).toBe('停气甲乙')
  expect(await store.change(item.id, () => false)).toBeDefined()
  await store.remove(item.id)
  expect(await store.get(item.id)).toBeUndefined()
  expect(await store.blob(item.files[0]?.id ?? '')).toBeUndefined()
})

test('written before the page knew which city is served: it goes to the city of whoever signed in', async () => {
  const item = await waiting(0, { city: '' })
  await outbox().pass()
  expect([...city.cities]).toEqual(['410900'])
  expect(await store.get(item.id)).toMatchObject({ stage: 'done', city: '410900', person: me })
})
