/** What a screen on a wall does by itself: dark, awake, a little to the side now and then, new at night when there is a new build. */
import { onScopeDispose, ref } from 'vue'
import { parts } from '@/time/format'
import { serverNow } from '@/time/ticker'

const shiftEvery = 10 * 60_000
const nightly = '04'

/** A walk of two pixels around the middle. */
const steps = [[0, 0], [2, 0], [2, 2], [0, 2]] as const

export function useWall() {
  const html = document.documentElement
  const before = { theme: html.dataset.theme ?? '', size: html.dataset.size ?? '' }
  html.dataset.theme = 'dark'
  html.dataset.size = 'standard'
  html.dataset.wall = ''

  let step = 0
  const shift = ref({ x: 0, y: 0 })
  const shifts = setInterval(() => { const [x, y] = steps[++step % steps.length] ?? [0, 0]; shift.value = { x, y } }, shiftEvery)

  let lock: WakeLockSentinel | undefined
  async function stayAwake() {
    if (document.visibilityState !== 'visible') return
    lock = await navigator.wakeLock?.request('screen').catch(() => undefined)
  }
  document.addEventListener('visibilitychange', stayAwake)
  void stayAwake()

  const build = () => fetch('/web/build', { cache: 'no-store' }).then(async r => r.ok ? (await r.json() as { build: string }).build : '', () => '')
  let mine = ''
  void build().then(b => { mine = b })
  const nights = setInterval(() => {
    if (parts(serverNow()).hour !== nightly) return
    void build().then(b => { if (mine && b && b !== mine) location.reload() })
  }, 60_000)

  onScopeDispose(() => {
    html.dataset.theme = before.theme
    html.dataset.size = before.size
    delete html.dataset.wall
    clearInterval(shifts)
    clearInterval(nights)
    document.removeEventListener('visibilitychange', stayAwake)
    void lock?.release()
  })
  return { shift }
}
