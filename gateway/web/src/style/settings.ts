/**
 * Theme, text size and language. They are attributes of <html> that the server sets from a cookie before anything is drawn; here they are read, and
 * changed for this page and the next. A changed setting also goes to the service worker, whose copy of the page carries the attributes too.
 */
import { reactive, watch } from 'vue'
import { lang, type Lang } from '@/text/text'

export type Theme = 'auto' | 'light' | 'dark'
export type Size = 'standard' | 'large' | 'xlarge' | 'huge'

const html = document.documentElement
const themes: Theme[] = ['auto', 'light', 'dark']
const sizes: Size[] = ['standard', 'large', 'xlarge', 'huge']

function one<T extends string>(value: string | null, all: readonly T[], fallback: T): T {
  return all.includes(value as T) ? (value as T) : fallback
}

function cookie(): URLSearchParams {
  const found = document.cookie.split('; ').find(c => c.startsWith('tt_ui='))
  return new URLSearchParams(found?.slice('tt_ui='.length))
}

const stored = cookie()
export const settings = reactive({
  theme: one<Theme>(stored.get('theme') ?? html.dataset.theme ?? null, themes, 'auto'),
  size: one<Size>(stored.get('size') ?? html.dataset.size ?? null, sizes, 'standard'),
  lang: one<Lang>(stored.get('lang') ?? html.lang, ['zh-CN', 'en'], 'zh-CN'),
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
  navigator.serviceWorker?.controller?.postMessage({ kind: 'settings', ...settings })
})
