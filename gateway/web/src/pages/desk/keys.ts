/**
 * Single keys for who works the whole day at the desk. One table: from it come the marks on the buttons, the sheet under «?», and what a press does. Keys act only
 * outside fields and never while an input method composes; they can be switched off and changed, and the choice is the person's on every device.
 */
import { computed, onScopeDispose, reactive } from 'vue'
import { api, ask } from '@/api/client'
import { params } from '@/api/names'
import { session } from '@/session/session'
import { say, type Pair } from '@/text/text'

export interface Key { action: string, key: string, label: Pair }

/** Actions that a settings key may be given to, in the order of the sheet. */
export const table = [
  { action: 'next', key: 'J', label: ['下一件', 'Next'] }, { action: 'previous', key: 'K', label: ['上一件', 'Previous'] }, { action: 'open', key: 'Enter', label: ['打开', 'Open'] }, { action: 'back', key: 'Escape', label: ['返回、关闭', 'Back, close'] },
  { action: 'nextTicket', key: ']', label: ['下一件诉求', 'Next ticket'] }, { action: 'previousTicket', key: '[', label: ['上一件诉求', 'Previous ticket'] }, { action: 'select', key: 'Space', label: ['选中', 'Select'] },
  { action: 'sign', key: 'S', label: ['签收', 'Sign'] }, { action: 'contact', key: 'C', label: ['联系', 'Contact'] }, { action: 'ask', key: 'Q', label: ['补问', 'Ask'] }, { action: 'createWorkOrder', key: 'W', label: ['派单', 'Assign'] }, { action: 'extend', key: 'E', label: ['延期', 'Extend'] },
  { action: 'answer', key: 'A', label: ['答复', 'Answer'] }, { action: 'template', key: 'T', label: ['模板', 'Template'] }, { action: 'note', key: 'N', label: ['内部记录', 'Internal note'] }, { action: 'merge', key: 'M', label: ['并单', 'Merge'] }, { action: 'explain', key: 'X', label: ['怎么算的', 'Explain the deadline'] },
  { action: 'link', key: 'L', label: ['复制链接', 'Copy link'] }, { action: 'return', key: 'B', label: ['退单', 'Return'] }, { action: 'search', key: '/', label: ['搜索', 'Search'] }, { action: 'apply', key: 'R', label: ['显示新变化', 'Show changes'] },
  { action: 'goQueue', key: 'G Q', label: ['去待办', 'To the queue'] }, { action: 'goEnterprises', key: 'G E', label: ['去我的企业', 'To my enterprises'] }, { action: 'goVisits', key: 'G V', label: ['去走访', 'To visits'] },
  { action: 'part1', key: '1', label: ['原文', 'Text'] }, { action: 'part2', key: '2', label: ['经过', 'History'] }, { action: 'part3', key: '3', label: ['时限', 'Clocks'] }, { action: 'part4', key: '4', label: ['单位', 'Units'] }, { action: 'part5', key: '5', label: ['企业', 'Enterprise'] },
  { action: 'help', key: '?', label: ['这张表', 'This table'] },
] as const satisfies readonly Key[]

/** What works everywhere, fields included, and cannot be changed. */
export const fixed = [
  { action: 'commands', key: 'Ctrl+K', label: ['命令', 'Commands'] }, { action: 'send', key: 'Ctrl+Enter', label: ['发送', 'Send'] },
] as const satisfies readonly Key[]

export type Action = (typeof table)[number]['action'] | (typeof fixed)[number]['action']

type Settings = Awaited<ReturnType<typeof readSettings>>
const readSettings = () => ask(api.GET('/v1/cities/{city}/persons/{person}/settings', { params: { path: params(session.who?.person ?? '', 'cities', 'persons') } }))

export const own = reactive<{ off: boolean, keys: Record<string, string>, templates: { title: string, text: string }[], settings?: Settings, read: boolean }>({ off: false, keys: {}, templates: [], read: false })

/** loadOwn reads the person's settings once; without them the table stands as it is. */
export async function loadOwn(): Promise<void> {
  if (own.read || !session.who) return
  own.read = true
  try {
    const s = await readSettings()
    own.settings = s
    own.off = !!s.singleKeysOff
    own.keys = { ...s.keys }
    own.templates = (s.templates ?? []).map(x => ({ title: x.title ?? '', text: x.text ?? '' }))
  } catch { own.read = false }
}

/** saveOwn keeps them, whole. */
export async function saveOwn(key: string): Promise<void> {
  const { name: _, etag, ...rest } = own.settings ?? {} // eslint-disable-line @typescript-eslint/no-unused-vars
  own.settings = await ask(api.POST('/v1/cities/{city}/persons/{person}/settings:update', {
    params: { path: params(session.who?.person ?? '', 'cities', 'persons'), header: { 'Idempotency-Key': key } },
    body: { settings: { ...rest, singleKeysOff: own.off, keys: own.keys, templates: own.templates }, etag },
  }))
}

/** bound is the table with the person's own keys. */
export const bound = computed<readonly Key[]>(() => table.map(k => ({ ...k, key: own.keys[k.action] ?? k.key })))

/** keyOf is the mark on a button; nothing when keys are off. */
export function keyOf(action: string): string { return own.off ? '' : shown(bound.value.find(k => k.action === action)?.key ?? '') }
export function shown(key: string): string { return ({ Escape: 'Esc', Space: '␣' } as Record<string, string>)[key] ?? key }
export function nameOf(k: Key): string { return say(k.label) }

function typing(e: KeyboardEvent): boolean {
  const el = e.target as HTMLElement | null
  return !!el?.closest?.('input:not([type="checkbox"], [type="radio"]), textarea, select, [contenteditable="true"]')
}

/** pressed is the word of the table for a press; undefined when it is none of ours. */
export function pressed(e: KeyboardEvent): string | undefined {
  if (e.isComposing || e.keyCode === 229) return undefined
  if ((e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && e.key.toLowerCase() === 'k') return 'Ctrl+K'
  if (e.ctrlKey || e.metaKey || e.altKey) return undefined
  if (typing(e) && e.key !== 'Escape') return undefined
  if (e.key === ' ') return 'Space'
  return e.key.length === 1 ? e.key.toUpperCase() : e.key
}

/** Acts upon a ticket that have a key, in a list for its focused row as well as on the ticket's page. */
export const acts = ['sign', 'contact', 'ask', 'createWorkOrder', 'extend', 'answer', 'return', 'merge'] as const
export type Act = (typeof acts)[number]
/** actKeys gives each of them its handler. */
export function actKeys(does: (act: Act) => void | false): Record<Act, () => void | false> {
  return Object.fromEntries(acts.map(a => [a, () => does(a)])) as Record<Act, () => void | false>
}

/** Which actions a place answers to. The compiler asks it for a handler of each; a test, that none of the sheet's is without a place. */
export const places = {
  everywhere: ['commands', 'search', 'help', 'goQueue', 'goEnterprises', 'goVisits'],
  queue: ['next', 'previous', 'open', 'back', 'select', 'apply', ...acts],
  besideTicket: ['next', 'previous', 'nextTicket', 'previousTicket', 'back', 'apply'],
  ticket: [...acts, 'note', 'template', 'explain', 'link', 'part1', 'part2', 'part3', 'part4', 'part5'],
  composer: ['send'],
} as const satisfies Record<string, readonly Action[]>
type Place = keyof typeof places

/** useKeys runs what belongs to a press. A handler that answers false lets the press be the browser's. */
export function useKeys<P extends Exclude<Place, 'composer'>>(place: P, handlers: Record<(typeof places)[P][number], () => void | false>): void {
  let first = ''
  let timer: ReturnType<typeof setTimeout> | undefined
  function down(e: KeyboardEvent) {
    if (e.defaultPrevented || document.querySelector('dialog[open]')) return
    const key = pressed(e)
    if (!key) return
    let action: string | undefined = fixed.find(k => k.key === key)?.action
    if (!action) {
      if (own.off) return
      const both = first ? `${first} ${key}` : ''
      action = (both && bound.value.find(k => k.key === both)?.action) || bound.value.find(k => k.key === key)?.action
      clearTimeout(timer)
      first = !action && bound.value.some(k => k.key.startsWith(`${key} `)) ? key : ''
      if (first) timer = setTimeout(() => { first = '' }, 1500)
    }
    if (!action) return
    // Enter on a link, Enter and Space on a button are its own.
    const on = (e.target as HTMLElement | null)?.closest?.(key === 'Space' ? 'button, summary, input' : 'a, button, summary')
    if ((key === 'Enter' || key === 'Space') && on) return
    if (!(places[place] as readonly string[]).includes(action)) return
    const does = (handlers as Partial<Record<string, () => void | false>>)[action]
    if (does && does() !== false) { e.preventDefault(); first = '' }
  }
  window.addEventListener('keydown', down)
  onScopeDispose(() => { window.removeEventListener('keydown', down); clearTimeout(timer) })
}
