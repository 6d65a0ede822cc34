/**
 * Theme, text size and language. They are attributes of <html> that the server sets from a cookie before anything is drawn; here they are read, and
 * changed for this page and the next. A changed setting also goes to the service workers, whose copies of the page carry the attributes too. The cookie
 * itself is never read: that keeps a page waiting for another process before it draws anything.
 */
import { reactive, watch } from 'vue'
import { lang, type Lang } from '@/text/text'

export type Theme = 'auto' | 'light' | 'dark'
export type Size = 'standard' | 'large' | 'xlarge' | 'huge'

const html = document.documentElement
const themes: Theme[] = ['auto', 'light', 'dark']
const sizes: Size[] = ['standard', 'large', 'xlarge', 'huge']

function one<T extends string>(value: string | undefined, all: readonly T[], fallback: T): T {
  return all.includes(value as T) ? (value as T) : fallback
}

export const settings = reactive({
  theme: one<Theme>(html.dataset.theme, themes, 'auto'),
  size: one<Size>(html.dataset.size, sizes, 'standard'),
  lang: one<Lang>(html.lang, ['zh-CN', 'en'], 'zh-CN'),
})

function apply() {
  html.dataset.theme = settings.theme
  html.dataset.size = settings.size
  html.lang = settings.lang
  lang.value = settings.lang
}
apply()
watch(settings, () => {
  apply()
  const secure = location.protocol === 'https:' ? '; Secure' : ''
  document.cookie = `tt_ui=theme=${settings.theme}&size=${settings.size}&lang=${settings.lang}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`
  void tell({ kind: 'settings', ...settings })
})

/** tell reaches the worker that answers for this page at once, and then any other: one that waits for its turn has a copy of its own. */
async function tell(look: object) {
  const answering = navigator.serviceWorker?.controller
  answering?.postMessage(look)
  const r = await navigator.serviceWorker?.getRegistration().catch(() => undefined)
  for (const other of [r?.installing, r?.waiting, r?.active]) if (other !== answering) other?.postMessage(look)
}
