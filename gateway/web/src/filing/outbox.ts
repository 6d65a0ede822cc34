/**
 * The outbox: what was submitted goes to the city, once, whatever happens to the network, the page or the server. The ticket goes first, then each file as an
 * upload of its own. Every try carries the key that the draft was born with, so an answer that got lost is answered again. Only a number means received.
 */
import { Problem } from '@/api/problem'
import { passing } from '@/api/upload'
import { bodyOf } from './body'
import type { Enclosure, Item } from './store'

export interface Ticket { name?: string, number?: string, createTime?: string }

/** Where things are kept; store.ts is it. */
export interface Shelf {
  all(): Promise<Item[]>
  change(id: string, does: (item: Item) => boolean | void): Promise<Item | undefined>
  blob(id: string): Promise<Blob | undefined>
  dropBlob(id: string): Promise<void>
}

/** How things are sent. */
export interface Transport {
  create(city: string, body: string, key: string): Promise<Ticket>
  upload(ticket: string, file: Enclosure, blob: Blob, progress: (sent: number) => void): Promise<void>
}

export interface Progress { id: string, file: string, sent: number, size: number }

const shortest = 5_000
const longest = 5 * 60_000

/** wait is how long until the next try: five seconds, doubled each time up to five minutes, never the same on two phones. */
export function wait(tries: number, random = Math.random()): number {
  return Math.min(longest, shortest * 2 ** Math.max(0, tries - 1)) * (0.75 + random / 2)
}

/** owes tells whether there is something to send. */
export function owes(item: Item): boolean {
  return item.stage === 'waiting' || item.stage === 'received'
}

export class Outbox {
  constructor(
    private readonly shelf: Shelf, private readonly transport: Transport,
    /** Whose session it is; undefined when there is none, and nothing is sent. */
    private readonly who: () => Pick<Item, 'person' | 'city'> | undefined,
    private readonly told: (p: Progress | undefined) => void = () => undefined, private readonly now: () => number = Date.now) {}

  /** pass sends all that is due, and answers when to come again; undefined when nothing is owed. */
  async pass(): Promise<number | undefined> {
    const who = this.who()
    if (!who) return undefined
    for (const item of await this.shelf.all()) {
      if (!owes(item) || item.person && item.person !== who.person || item.next > this.now()) continue
      if (!await this.send(item, who)) break // the line is down: the others would only fail too
    }
    this.told(undefined)
    const due = (await this.shelf.all()).filter(i => owes(i) && (!i.person || i.person === who.person)).map(i => i.next)
    return due.length ? Math.max(0, Math.min(...due) - this.now()) : undefined
  }

  /** send takes one item as far as it goes; false when nothing answers. */
  private async send(item: Item, who: Pick<Item, 'person' | 'city'>): Promise<boolean> {
    try {
      const filed = item.ticket ? item : await this.file(item, who)
      if (!filed?.ticket) return true
      for (const f of filed.files) if (!f.sent) await this.enclose(filed, f)
      const done = await this.shelf.change(item.id, i => { if (i.files.every(f => f.sent)) { i.stage = 'done'; i.tries = 0 } })
      for (const f of done?.files ?? []) if (f.sent === 'yes') await this.shelf.dropBlob(f.id)
      return true
    } catch (e) {
      const problem = e instanceof Problem ? e : new Problem(500, 'PAGE_FAULT', e instanceof Error ? e.message : String(e))
      const again = passing(problem) || problem.status === 401
      await this.shelf.change(item.id, i => {
        i.tries++
        i.next = this.now() + Math.max(wait(i.tries), problem.retryAfter * 1000)
        i.problem = { reason: problem.reason, text: problem.message, more: problem.violations.map(v => v.text) }
        if (!again) i.stage = 'refused' // only for the person to mend; the words stay
      })
      return !again
    }
  }

  /** file makes the ticket. What is about to be sent is written down first: if the answer is lost, the city may have it. */
  private async file(item: Item, who: Pick<Item, 'person' | 'city'>): Promise<Item | undefined> {
    const body = bodyOf(item)
    const noted = await this.shelf.change(item.id, i => {
      if (i.stage !== 'waiting') return false // withdrawn or edited meanwhile
      i.person ||= who.person
      i.city ||= who.city // written before anybody had signed in, or the page knew what is served
      if (i.tried.at(-1) !== body) i.tried.push(body)
    })
    if (noted?.stage !== 'waiting') return undefined
    let ticket: Ticket
    let differs = false
    try {
      ticket = await this.transport.create(noted.city, body, item.id)
    } catch (e) {
      if (!(e instanceof Problem) || e.reason !== 'REQUEST_ID_REUSED') throw e
      const had = await this.earlier(noted, noted.tried.slice(0, -1))
      if (!had) throw e
      ticket = had
      differs = true
    }
    return await this.shelf.change(item.id, i => {
      i.stage = 'received'
      i.tries = i.next = 0
      delete i.problem
      i.ticket = { name: ticket.name ?? '', number: ticket.number ?? '', time: ticket.createTime ?? '' }
      if (differs) i.differs = i.text
    })
  }

  /** earlier finds which of the wordings tried before the city has; nothing new is ever sent under a used key. */
  private async earlier(item: Item, tried: string[]): Promise<Ticket | undefined> {
    for (const body of tried.reverse()) {
      try {
        return await this.transport.create(item.city, body, item.id)
      } catch (e) {
        if (!(e instanceof Problem) || e.reason !== 'REQUEST_ID_REUSED') throw e
      }
    }
    return undefined
  }

  private async enclose(item: Item, f: Enclosure): Promise<void> {
    const blob = await this.shelf.blob(f.id)
    let sent: Enclosure['sent'] = 'yes'
    let why = ''
    try {
      if (!blob) throw new Problem(410, 'FILE_GONE', '')
      await this.transport.upload(item.ticket?.name ?? '', f, blob, n => this.told({ id: item.id, file: f.id, sent: n, size: f.size }))
    } catch (e) {
      if (!(e instanceof Problem) || passing(e) || e.status === 401) throw e
      sent = 'refused'
      why = e.message
    }
    await this.shelf.change(item.id, i => {
      const mine = i.files.find(x => x.id === f.id)
      if (mine) { mine.sent = sent; if (why) mine.why = why }
      i.tries = 0
    })
  }
}
