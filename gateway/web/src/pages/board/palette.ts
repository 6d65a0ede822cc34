/** The colours of the tokens for what is drawn by a library that knows no CSS. Paper gets the light ones. */
import { onScopeDispose, ref, watch } from 'vue'
import { settings } from '@/style/settings'

const names = ['card', 'ink', 'ink2', 'ink3', 'edge', 'line', 'sunk', 'dai', 'onb', 'soon', 'over', 'paus', 'rung', 'c1', 'c2', 'c3', 'c4'] as const
export type Palette = Record<(typeof names)[number], string> & { sans: string, num: string }

export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement)
  const of = (name: string) => style.getPropertyValue(`--${name}`).trim()
  return { ...Object.fromEntries(names.map(n => [n, of(n)])), sans: of('font-sans'), num: of('font-num') } as Palette
}

/** usePalette follows the theme, the device and the printer. */
export function usePalette() {
  const palette = ref(readPalette())
  const again = () => { palette.value = readPalette() }
  const dark = matchMedia('(prefers-color-scheme: dark)')
  watch(settings, again, { flush: 'post' })
  dark.addEventListener('change', again)
  for (const e of ['beforeprint', 'afterprint']) window.addEventListener(e, again)
  onScopeDispose(() => {
    dark.removeEventListener('change', again)
    for (const e of ['beforeprint', 'afterprint']) window.removeEventListener(e, again)
  })
  return palette
}

/** lightOnPaper prints in light whatever the screen has; to be used above every usePalette. */
export function lightOnPaper() {
  const html = document.documentElement
  let theme = ''
  const before = () => { theme = html.dataset.theme ?? ''; html.dataset.theme = 'light' }
  const after = () => { html.dataset.theme = theme }
  window.addEventListener('beforeprint', before)
  window.addEventListener('afterprint', after)
  onScopeDispose(() => { window.removeEventListener('beforeprint', before); window.removeEventListener('afterprint', after) })
}
