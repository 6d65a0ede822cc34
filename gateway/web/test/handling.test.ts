/** What officials do with a ticket beside its verbs: notes that stay inside, looks at a phone that are told, and finding one. */
import { createApp, effectScope, h, nextTick, reactive, ref } from 'vue'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import Chat from '@/parts/ticket/Chat.vue'
import Composer from '@/pages/desk/Composer.vue'
import PhoneReveal from '@/pages/desk/PhoneReveal.vue'
import { own } from '@/pages/desk/keys'
import { searchable, useFound } from '@/parts/search'
import { served } from '@/session/session'

let asked: Request[] = []
let answer: unknown = {}
beforeEach(() => {
  asked = []
  answer = {}
  served.city = '410900'
  own.off = false
  own.read = true
  localStorage.clear()
  vi.stubGlobal('fetch', async (r: Request) => { asked.push(r); return new Response(JSON.stringify(answer), { headers: { 'Content-Type': 'application/json' } }) })
})
afterEach(() => { vi.useRealTimers(); vi.unstubAllGlobals(); document.body.innerHTML = '' })

function show(component: Parameters<typeof h>[0], props: Record<string, unknown>) {
  const root = document.body.appendChild(document.createElement('div'))
  const app = createApp({ render: () => h(component as never, props) })
  app.mount(root)
  return { root, app }
}
const button = (root: HTMLElement, text: string) => [...root.querySelectorAll('button')].find(b => b.textContent?.includes(text)) as HTMLButtonElement

test('a note goes to the notes alone, without preview, and is written nowhere else', async () => {
  const done = vi.fn()
  const { root, app } = show(Composer, { id: 't1', ticket: { name: 'cities/410900/tickets/t1', etag: '3', actions: ['answer', 'message', 'note'] }, onDone: done })
  button(root, '内部记录').click()
  await nextTick()
  const field = root.querySelector('textarea') as HTMLTextAreaElement
  expect(field.getAttribute('aria-label')).toBe('内部记录')
  expect(field.maxLength).toBe(2000)
  expect(root.textContent).toContain('企业看不到这里写的话')
  field.value = '先约城管'
  field.dispatchEvent(new Event('input'))
  await nextTick()
  button(root, '记下').click()
  await vi.waitFor(() => expect(done).toHaveBeenCalledWith('note'))
  expect(asked.map(r => `${r.method} ${new URL(r.url, 'http://x').pathname}`)).toEqual(['POST /v1/cities/410900/tickets/t1/internalNotes'])
  expect(await asked[0]?.clone().json()).toEqual({ text: '先约城管' })
  app.unmount()
})

test('who may not note has no such tab', () => {
  const { root, app } = show(Composer, { id: 't1', ticket: { name: 'cities/410900/tickets/t1', actions: ['message'] } })
  expect(root.textContent).not.toContain('内部记录')
  app.unmount()
})

test('a note in the story is told from what was said to the enterprise', () => {
  const message = (kind: string, text: string) => ({ name: text, kind, text, author: 'HOLDER', createTime: '2026-03-02T01:00:00Z' })
  const { root, app } = show(Chat, { desk: true, entries: [], messages: [message('NOTE', '您好'), message('INTERNAL_NOTE', '先约城管')] })
  const bubbles = [...root.querySelectorAll('.bubble')]
  expect(bubbles.map(b => [b.textContent, b.classList.contains('internal')])).toEqual([['您好', false], ['先约城管', true]])
  expect(root.textContent).toContain('内部记录，企业看不到')
  app.unmount()
})

test('a phone is shown for a reason, and masked again when the ticket goes or the page is left', async () => {
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) { this.open = true }
  HTMLDialogElement.prototype.close ??= function (this: HTMLDialogElement) { this.open = false }
  vi.useFakeTimers({ toFake: ['Date'] })
  answer = { contact: { name: '张三', phone: '13800138000' } }
  const props = reactive({ id: 't1', ticket: { contact: { name: '张三', phone: '138****8000' }, actions: ['revealContact'] } })
  const { root, app } = show(PhoneReveal, props)
  const reveal = async () => {
    button(root, '查看电话').click()
    await nextTick()
    const sheet = document.querySelector('dialog') as HTMLElement
    button(sheet, '查看电话').click()
    await nextTick()
    expect(sheet.textContent, 'no reason, no phone').toContain('请选择')
    ;(sheet.querySelector('input[value="call"]') as HTMLInputElement).click()
    await nextTick()
    button(sheet, '查看电话').click()
    await vi.waitFor(() => expect(root.textContent).toContain('13800138000'))
  }
  await reveal()
  expect(asked).toHaveLength(1)
  expect(await asked[0]?.clone().json()).toEqual({ reason: 'call' })
  expect(root.querySelector('a')?.getAttribute('href')).toBe('tel:13800138000')
  expect(document.querySelector('dialog')).toBeNull()
  props.ticket = { ...props.ticket } // read again
  await nextTick()
  expect(root.textContent).toContain('13800138000')
  window.dispatchEvent(new Event('pagehide'))
  await nextTick()
  expect(root.textContent).not.toContain('13800138000')

  vi.setSystemTime(Date.now() + 2000) // a second press within a second is the same press
  await reveal()
  props.ticket = { contact: { name: '张三', phone: '138****8000' }, actions: [] } // handed over
  await nextTick()
  expect(root.textContent).toContain('138****8000')
  expect(root.textContent).not.toContain('13800138000')
  expect(root.querySelector('button')).toBeNull()
  app.unmount()
})

test('two characters or four digits are enough to look for', () => {
  for (const enough of ['供气', ' 供气 ', 'ab', '1234', '12 34', '𠮷野']) expect(searchable(enough), enough).toBe(true)
  for (const little of ['', '气', ' 气 ', '123', '1 2 3', '𠮷']) expect(searchable(little), little).toBe(false)
})

test('what is found belongs to the words in the field: asked once typing rests, an older answer is dropped', async () => {
  vi.useFakeTimers()
  const answers: ((r: Response) => void)[] = []
  vi.stubGlobal('fetch', (r: Request) => { asked.push(r); return new Promise<Response>(resolve => answers.push(resolve)) })
  const reply = (i: number, title: string) => answers[i]?.(new Response(JSON.stringify({ tickets: [{ title }], totalSize: 1 }), { headers: { 'Content-Type': 'application/json' } }))
  const words = ref('供')
  const scope = effectScope()
  const looking = scope.run(() => useFound(() => words.value))!
  await vi.advanceTimersByTimeAsync(500)
  words.value = '供气'
  await nextTick()
  await vi.advanceTimersByTimeAsync(100)
  words.value = '供气压'
  await nextTick()
  expect(asked).toHaveLength(0)
  await vi.advanceTimersByTimeAsync(200)
  expect(asked.map(r => new URL(r.url).searchParams.get('query'))).toEqual(['供气压'])
  words.value = '供气压力'
  await nextTick()
  await vi.advanceTimersByTimeAsync(200)
  reply(1, '新的')
  await vi.waitFor(() => expect(looking.found.value?.rows[0]?.title).toBe('新的'))
  reply(0, '旧的')
  await vi.advanceTimersByTimeAsync(10)
  expect(looking.found.value?.rows[0]?.title).toBe('新的')
  words.value = ''
  await nextTick()
  expect(looking.found.value).toBeUndefined()
  expect(looking.searching.value).toBe(false)
  scope.stop()
})
